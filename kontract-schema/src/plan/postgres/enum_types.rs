//! Enum types: created before everything else, dropped after it, changed once for all columns that have
//! the type.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::{Change, Fact, Shape};
use crate::model::types::Type;
use crate::model::{Field, ForeignKey, Schema, SqlKind, SqlType, Table};
use crate::plan::fill;
use crate::sql::ddl::{
    Alter, ColumnDefault, ColumnDefinition, ColumnKind, Place, SqlExpr, Statement,
};
use crate::sql::enum_types::{
    EnumTypes, enum_columns, enum_type, enum_types, find_namespace, is_part,
};
use crate::sql::table;

/// The statements of enum types around the others.
#[derive(Default)]
pub struct TypeSteps {
    /// What comes first.
    pub first: Vec<Statement>,
    /// What comes last.
    pub last: Vec<Statement>,
    /// The new names of renamed types by the old ones.
    renamed: BTreeMap<String, String>,
}

/// Returns the statements for the changes of `schema`.
pub fn plan_types(changes: &[Change], schema: &Schema) -> TypeSteps {
    let mut now = schema.clone();
    changes.iter().for_each(|change| change.apply(&mut now));
    let (mut types, after) = (enum_types(schema), enum_types(&now));
    let mut steps = TypeSteps::default();
    if types.is_empty() && after.is_empty() {
        return steps;
    }
    let mut now = schema.clone();
    let mut moved: BTreeSet<(String, String)> = BTreeSet::new();
    for change in changes {
        match &change.fact {
            Fact::VariantsRenamed { field, renames } => {
                let field = now.tables.get(&change.table).and_then(|table| table.field(field));
                if let Some((name, _)) = field.and_then(enum_type)
                    && let Some(variants) = types.get_mut(name)
                {
                    for rename in renames {
                        let from = variants.iter_mut().find(|variant| **variant == rename.from);
                        let Some(variant) = from else { continue };
                        variant.clone_from(&rename.to);
                        steps.first.push(Statement::RenameVariant {
                            name: name.to_owned(),
                            from: rename.from.clone(),
                            to: rename.to.clone(),
                        });
                    }
                }
            }
            Fact::TypeChanged { from, to, .. } => {
                if let (Some(from), Some(to)) = (name_of(from), name_of(to))
                    && from != to
                {
                    moved.insert((from.to_owned(), to.to_owned()));
                }
            }
            _ => {}
        }
        change.apply(&mut now);
    }
    steps.rename_types(&mut types, &after, &moved);
    for (name, variants) in &after {
        match types.get(name) {
            None => {
                let namespace = find_namespace(name).map(Statement::CreateNamespace);
                steps.first.extend(namespace);
                let (name, variants) = (name.clone(), variants.clone());
                steps.first.push(Statement::CreateType { name, variants });
            }
            Some(before) if before == variants => {}
            Some(before) if is_part(before, variants) => {
                steps.first.extend(add_variants(name, before, variants));
            }
            Some(before) => {
                let former = steps.renamed.iter().find(|(_, to)| *to == name);
                let former = former.map_or(name, |(from, _)| from);
                steps.first.extend(replace_type(schema, former, name, before, variants));
            }
        }
    }
    let gone = types.into_keys().filter(|name| !after.contains_key(name));
    steps.last.extend(gone.map(|name| Statement::DropType { name, unless_used: true }));
    steps
}

/// The name of the enum type of a column.
fn name_of(shape: &Shape) -> Option<&str> {
    match shape.sql_type.as_ref().filter(|_| shape.native)?.kind().innermost() {
        SqlKind::Named { name, .. } => Some(name),
        _ => None,
    }
}

impl TypeSteps {
    /// Renames types that disappear, and whose columns all get one new type of the same schema.
    fn rename_types(
        &mut self,
        types: &mut EnumTypes,
        after: &EnumTypes,
        moved: &BTreeSet<(String, String)>,
    ) {
        for (from, to) in moved {
            let is_only = moved.iter().all(|(other, target)| (other == from) == (target == to));
            let is_renamed = is_only && !after.contains_key(from) && !types.contains_key(to);
            let ((schema, _), (target, bare)) = (split_schema(from), split_schema(to));
            if is_renamed && schema == target {
                if let Some(variants) = types.remove(from) {
                    types.insert(to.clone(), variants);
                }
                let rename = Statement::RenameType { from: from.clone(), to: bare.to_owned() };
                self.first.push(rename);
                self.renamed.insert(from.clone(), to.clone());
            }
        }
    }

    /// Gives the columns of a table the new names of renamed types.
    pub fn follow_renames(&self, table: &mut Table) {
        for field in &mut table.schema {
            let renamed = enum_type(field).and_then(|(name, _)| self.renamed.get(name));
            if let Some(name) = renamed {
                field.sql_type = Some(typed(name, &field.ty));
            }
        }
    }
}

/// Whether the change of a field is one of its enum type.
pub fn is_change_of_type(change: &Change, schema: &Schema) -> bool {
    match &change.fact {
        Fact::TypeChanged { from, to, .. } => {
            let [from_list, to_list] = [from, to].map(|of| matches!(of.ty, Type::Array(_)));
            name_of(from).is_some_and(|from| name_of(to) == Some(from)) && from_list == to_list
        }
        Fact::VariantsRenamed { field, .. } => {
            let field = schema.tables.get(&change.table).and_then(|table| table.field(field));
            field.and_then(enum_type).is_some()
        }
        _ => false,
    }
}

/// Whether a change of the field is made by those of its enum type.
pub fn is_of_type(old: &Table, new: &Table, field: &str) -> bool {
    let name = |table: &Table| {
        let field = table.field(field)?;
        enum_type(field).map(|(name, _)| (name.to_owned(), matches!(field.ty, Type::Array(_))))
    };
    name(old).is_some_and(|old| name(new) == Some(old))
}

/// The column type of a field with this enum type.
fn typed(name: &str, ty: &Type) -> SqlType {
    let kind = SqlKind::Named { name: name.to_owned(), arguments: Vec::new() };
    SqlType::new(match ty {
        Type::Array(_) => SqlKind::Array(Box::new(kind)),
        _ => kind,
    })
}

/// The schema of a name with the point, and the name without it.
fn split_schema(name: &str) -> (&str, &str) {
    let mut quoted = false;
    let point = name.char_indices().filter(|(_, letter)| {
        quoted ^= *letter == '"';
        *letter == '.' && !quoted
    });
    match point.last() {
        Some((at, _)) => name.split_at(at + 1),
        None => ("", name),
    }
}

fn add_variants(name: &str, before: &[String], after: &[String]) -> Vec<Statement> {
    let fresh = after.iter().enumerate().filter(|(_, variant)| !before.contains(variant));
    let add = |(at, variant): (usize, &String)| Statement::AddVariant {
        name: name.to_owned(),
        variant: variant.clone(),
        before: after[at..].iter().find(|other| before.contains(other)).cloned(),
    };
    fresh.map(add).collect()
}

/// Replaces a type by one with other variants. Meanwhile its columns are texts, and references of such
/// columns are dropped. `former` is the name that the type has in `schema`.
fn replace_type(
    schema: &Schema,
    former: &str,
    name: &str,
    before: &[String],
    after: &[String],
) -> Vec<Statement> {
    let columns: Vec<(&Table, &Field)> = enum_columns(schema)
        .filter(|(_, field)| enum_type(field).is_some_and(|(other, _)| other == former))
        .collect();
    let alter = |table: &Table, action| Statement::Alter { table: table.path(), action };
    let has_type = |table: &str, name: &String| {
        columns.iter().any(|(of, field)| of.name == table && field.name == *name)
    };
    let references = schema.list_references().filter(|(of, _, key)| {
        key.fields.iter().any(|field| has_type(of, field))
            || key.to.iter().any(|field| has_type(&key.table, field))
    });
    let references: Vec<_> = references.collect();
    let drop = |(of, name, _): &(&str, &str, &ForeignKey)| {
        alter(&schema.tables[*of], Alter::DropConstraint((*name).to_owned()))
    };
    let mut statements: Vec<Statement> = references.iter().map(drop).collect();
    let mut back = Vec::new();
    for (table, field) in columns {
        let column = table::column(table, field);
        let kind =
            ColumnKind::Field { ty: field.ty.clone(), sql_type: Some(typed(name, &field.ty)) };
        let text = ColumnKind::Field { ty: as_text(&field.ty), sql_type: None };
        let set_type = |from: &ColumnKind, to: &ColumnKind| {
            let value = Box::new(SqlExpr::Column(column.name.clone()));
            let using = SqlExpr::Convert(value, Box::new(from.clone()), Box::new(to.clone()));
            let column = ColumnDefinition { kind: to.clone(), ..column.clone() };
            alter(table, Alter::SetType { column, using })
        };
        if column.default.is_some() {
            statements.push(alter(table, Alter::DropDefault(column.name.clone())));
        }
        statements.push(set_type(&kind, &text));
        if let (Some((gone, value)), Type::Enum(_)) =
            (fill::replaced_names(&field.name, before, after), &field.ty)
        {
            statements.push(Statement::Fill {
                table: table.path(),
                column: column.name.clone(),
                value,
                only: Some(SqlExpr::OneOf(Box::new(Place::Column(column.name.clone())), gone)),
            });
        }
        back.push(set_type(&text, &kind));
        let fits = match &column.default {
            Some(ColumnDefault::Value(value)) => {
                after.iter().any(|variant| value == variant.as_str())
            }
            _ => false,
        };
        if fits {
            let column = ColumnDefinition { kind, ..column.clone() };
            back.push(alter(table, Alter::SetDefault(column)));
        }
    }
    statements.push(Statement::DropType { name: name.to_owned(), unless_used: false });
    statements.push(Statement::CreateType { name: name.to_owned(), variants: after.to_vec() });
    statements.extend(back);
    statements.extend(references.into_iter().map(|(of, name, key)| {
        let of = &schema.tables[of];
        alter(of, Alter::AddConstraint(table::reference(of, name, key, schema)))
    }));
    statements
}

fn as_text(ty: &Type) -> Type {
    match ty {
        Type::Array(_) => Type::Array(Box::new(Type::String)),
        _ => Type::String,
    }
}
