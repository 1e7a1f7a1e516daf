//! What both planners share: order of tables, values for existing rows, and the constraints and
//! indexes that follow from fields without being changes of their own.

use serde_json::Value;

use crate::change::{Change, Fact, Names, Shape};
use crate::dialect::{self, Conversion, Dialect, convert_key, create_tables};
use crate::model::types::Type;
use crate::model::{Field, Layout, Schema, Table};
use crate::name;
use crate::sql::ddl::{
    Alter, ColumnKind, Constraint, ConstraintRule, CreateIndex, CreateTable, Place, RowSource,
    SqlExpr, Statement, Tracked, Variants,
};
use crate::sql::table::{self, has_soft_delete};

/// Plans the added tables at the head of the changes, in the order of their references. Returns how
/// many changes it took, and the statements.
pub fn added_tables(
    changes: &[Change],
    schema: &mut Schema,
    dialect: Dialect,
) -> (usize, Vec<Statement>) {
    let is_added = |change: &&Change| matches!(change.fact, Fact::TableAdded(_));
    let run: Vec<&Change> = changes.iter().take_while(is_added).collect();
    run.iter().for_each(|change| change.apply(schema));
    let group = some(schema, &run);
    let (tables, closing) = table::levels(&group);
    (run.len(), create_tables(&tables, &closing, schema, dialect))
}

/// Plans a change of an external table. A table that Kontract manages from now on is created if it
/// does not exist; nothing else is done.
pub fn external(change: &Change, schema: &mut Schema, dialect: Dialect) -> Vec<Statement> {
    change.apply(schema);
    match schema.tables.get(&change.table) {
        Some(table) if !table.external => create_tables(&[table], &[], schema, dialect),
        _ => Vec::new(),
    }
}

/// Takes the removed tables at the head of the changes. Returns how many changes it took, the tables
/// in an order in which each comes before those it refers to, and the references that close a cycle.
pub fn removed_tables(
    changes: &[Change],
    schema: &mut Schema,
) -> (usize, Vec<String>, Vec<(String, String)>) {
    let is_removed = |change: &&Change| matches!(change.fact, Fact::TableRemoved(_));
    let run: Vec<&Change> = changes.iter().take_while(is_removed).collect();
    let group = some(schema, &run);
    let (tables, closing) = table::levels(&group);
    let names = tables.iter().rev().map(|table| table.ptr.clone()).collect();
    let closing =
        closing.into_iter().map(|(table, name)| (table.ptr.clone(), name.to_owned())).collect();
    run.iter().for_each(|change| change.apply(schema));
    (run.len(), names, closing)
}

fn some(schema: &Schema, changes: &[&Change]) -> Schema {
    let names = changes.iter().map(|change| &change.table);
    let tables = names.filter_map(|name| schema.tables.get(name));
    Schema { tables: tables.map(|table| (table.name.clone(), table.clone())).collect() }
}

/// Returns the value that existing rows get in a new field.
pub fn value_for_old_rows(field: &Field) -> Option<SqlExpr> {
    if let Some(backfill) = &field.backfill {
        return Some(SqlExpr::Given(Box::new(backfill.clone()), field.ty.clone(), !field.optional));
    }
    match (&field.stamp, &field.default) {
        (Some(_), _) => Some(SqlExpr::Now(field.ty.clone())),
        (None, Some(value)) => Some(SqlExpr::Literal(value.clone(), field.ty.clone())),
        (None, None) if field.optional => None,
        // An absent list is empty.
        (None, None) if matches!(field.ty, Type::Array(_)) => {
            Some(SqlExpr::Literal(Value::Array(Vec::new()), field.ty.clone()))
        }
        (None, None) => Some(SqlExpr::Todo(field.name.clone(), field.ty.clone())),
    }
}

/// Whether existing rows need a value that only the user knows, or get one from `backfill`.
pub fn wants_a_value(field: &Field) -> bool {
    matches!(value_for_old_rows(field), Some(SqlExpr::Todo(..) | SqlExpr::Given(..)))
}

/// Whether the statements for one of the changes of `old` need a value that only the user knows.
pub fn needs_value(old: &Schema, changes: &[Change], change: &Change) -> bool {
    let mut schema = old.clone();
    let earlier = changes.iter().take_while(|other| *other != change);
    earlier.chain([change]).for_each(|other| other.apply(&mut schema));
    let table = schema.tables.get(&change.table);
    table.is_some_and(|table| {
        Dialect::ALL.into_iter().any(|dialect| is_incomplete(dialect, change, table))
    })
}

/// Whether one database needs such a value.
fn is_incomplete(dialect: Dialect, change: &Change, new: &Table) -> bool {
    let is_open = |value: &SqlExpr| dialect::has_placeholder(dialect, value);
    match &change.fact {
        Fact::FieldAdded(Field { name: field, .. }) | Fact::BecameRequired { field, .. } => {
            let value = new.field(field).and_then(value_for_old_rows);
            value.is_some_and(|value| is_open(&value))
        }
        Fact::TypeChanged { field, from, to } => match replaced_variants(change) {
            Some((_, value)) => is_open(&value),
            None if new.layout == Layout::Document => {
                let key = new.field(field).map_or("", Field::column);
                convert_key(dialect, key, &from.ty, &to.ty) == Conversion::Unknown
            }
            None => {
                let kind = |shape: &Shape| ColumnKind::Field {
                    ty: shape.ty.clone(),
                    sql_type: shape.sql_type.clone(),
                };
                let converted = dialect::convert_column(dialect, "value", &kind(from), &kind(to));
                converted == Conversion::Unknown
            }
        },
        Fact::LayoutChanged { from, to } => {
            across_layouts(from, to).iter().any(|(_, value)| is_open(value))
        }
        _ => false,
    }
}

/// An update of the documents of a table: of which rows, and to what value.
pub struct DocumentStep {
    /// The rows that change.
    pub only: SqlExpr,
    /// Returns the new document for the current one.
    pub to: Box<dyn Fn(SqlExpr) -> SqlExpr>,
}

/// Returns how a change updates documents, if it does. Without `ask`, values that only the user knows
/// stay as they are.
pub fn document_step(
    dialect: Dialect,
    change: &Change,
    old: &Table,
    new: &Table,
    ask: bool,
) -> Option<DocumentStep> {
    if new.layout != Layout::Document {
        return None;
    }
    match &change.fact {
        Fact::FieldAdded(field) => {
            let field = new.field(&field.name)?;
            let key = field.column().to_owned();
            let is_empty = field.default.is_none() && field.backfill.is_none();
            let is_list = matches!(field.ty, Type::Array(_)) && is_empty;
            let value = value_for_old_rows(field).filter(|_| !is_list)?;
            Some(DocumentStep { only: SqlExpr::LacksKey(key.clone()), to: with_key(key, value) })
        }
        Fact::BecameRequired { field, .. } => {
            let field = new.field(field)?;
            let key = field.column().to_owned();
            let value = value_for_old_rows(field)?;
            Some(DocumentStep { only: SqlExpr::LacksKey(key.clone()), to: with_key(key, value) })
        }
        Fact::FieldRemoved(field) => {
            let key = field.column().to_owned();
            let only = SqlExpr::HasKey(key.clone());
            let to = Box::new(move |data| SqlExpr::WithoutKey(Box::new(data), key.clone()));
            Some(DocumentStep { only, to })
        }
        Fact::FieldRenamed { from, to } | Fact::ColumnChanged { from, to } => {
            let (from, to) = (from.column().to_owned(), to.column().to_owned());
            let only = SqlExpr::HasKey(from.clone());
            let step = move |data| SqlExpr::RenamedKey(Box::new(data), from.clone(), to.clone());
            names_differ(&change.fact).then(|| DocumentStep { only, to: Box::new(step) })
        }
        Fact::VariantsRenamed { field, .. } => {
            let field = old.field(field)?;
            let key = field.column().to_owned();
            let (only, value) =
                renamed_variants(change, field, Place::Key(key.clone(), field.ty.clone()))?;
            Some(DocumentStep { only, to: with_key(key, value) })
        }
        Fact::TypeChanged { field, .. } if replaced_variants(change).is_some() => {
            let (gone, value) = replaced_variants(change)?;
            let field = new.field(field)?;
            let key = field.column().to_owned();
            let place = Place::Key(key.clone(), field.ty.clone());
            Some(DocumentStep {
                only: SqlExpr::OneOf(Box::new(place), gone),
                to: with_key(key, value),
            })
        }
        Fact::TypeChanged { field, from, to } => {
            let key = old.field(field)?.column().to_owned();
            match convert_key(dialect, &key, &from.ty, &to.ty) {
                Conversion::Same => return None,
                Conversion::Unknown if !ask => return None,
                _ => {}
            }
            let types = Box::new((from.ty.clone(), to.ty.clone()));
            let only = SqlExpr::HasKey(key.clone());
            let step =
                move |data| SqlExpr::ConvertedKey(Box::new(data), key.clone(), types.clone());
            Some(DocumentStep { only, to: Box::new(step) })
        }
        _ => None,
    }
}

/// Returns the variants that an enum loses, and the value that rows with them get: the new variant if
/// exactly one variant is replaced by exactly one.
pub fn replaced_variants(change: &Change) -> Option<(Vec<String>, SqlExpr)> {
    let Fact::TypeChanged { field, from, to } = &change.fact else { return None };
    let (Type::Enum(old), Type::Enum(new)) = (&from.ty, &to.ty) else { return None };
    let missing = |from: &[String], to: &[String]| -> Vec<String> {
        from.iter().filter(|name| !to.contains(name)).cloned().collect()
    };
    let (gone, fresh) = (missing(old, new), missing(new, old));
    let value = match (gone.as_slice(), fresh.as_slice()) {
        ([], _) => return None,
        ([_], [name]) => SqlExpr::Literal(name.as_str().into(), to.ty.clone()),
        _ => SqlExpr::Todo(field.clone(), to.ty.clone()),
    };
    Some((gone, value))
}

/// Returns the rows that contain variants under their old names, and their value with the new names.
/// `field` is the field before the change.
pub fn renamed_variants(
    change: &Change,
    field: &Field,
    place: Place,
) -> Option<(SqlExpr, SqlExpr)> {
    let Fact::VariantsRenamed { renames, .. } = &change.fact else { return None };
    let variants =
        Variants { place: place.clone(), ty: field.ty.clone(), renames: renames.clone() };
    let only = match field.ty {
        Type::Enum(_) => SqlExpr::OneOf(
            Box::new(place),
            renames.iter().map(|rename| rename.from.clone()).collect(),
        ),
        _ => SqlExpr::HasVariants(Box::new(variants.clone())),
    };
    Some((only, SqlExpr::Variants(Box::new(variants))))
}

fn with_key(key: String, value: SqlExpr) -> Box<dyn Fn(SqlExpr) -> SqlExpr> {
    Box::new(move |data| SqlExpr::WithKey(Box::new(data), key.clone(), Box::new(value.clone())))
}

/// Whether a rename changes a name in the database.
pub fn names_differ(fact: &Fact) -> bool {
    match fact {
        Fact::FieldRenamed { from, to } | Fact::ColumnChanged { from, to } => {
            Names::column(from) != Names::column(to)
        }
        _ => false,
    }
}

/// Returns the `UPDATE` for a document step.
pub fn fill_document(table: &Table, step: DocumentStep) -> Statement {
    Statement::Fill {
        table: table.ptr.clone(),
        column: table::DATA.to_owned(),
        value: (step.to)(SqlExpr::Column(table::DATA.to_owned())),
        only: Some(step.only),
    }
}

/// Whether a default is a value of this type. Between two changes of a field its type can be new and
/// its default old; such a default is not set.
pub fn fits(value: &Value, ty: &Type) -> bool {
    let is_date = |text: &str| {
        let shape = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        text.len() >= 10 && text.bytes().take(10).enumerate().all(shape)
    };
    let is_hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    match (ty, value) {
        (Type::Json, _) | (Type::Array(_), Value::Array(_)) => true,
        (Type::Object(_), Value::Object(_)) | (Type::Boolean, Value::Bool(_)) => true,
        (Type::String | Type::Bytes | Type::Sql, Value::String(_)) => true,
        (Type::Number | Type::Float32 | Type::Decimal, Value::Number(_)) => true,
        (Type::Enum(names), Value::String(name)) => names.contains(name),
        (Type::Uuid, Value::String(text)) => text.len() == 36 && text.bytes().all(is_hex),
        (Type::Decimal, Value::String(text)) => text.parse::<f64>().is_ok(),
        (Type::Day, Value::String(text)) => text.len() == 10 && is_date(text),
        (Type::Instant | Type::DateTime, Value::String(text)) => text.len() > 10 && is_date(text),
        (Type::Time, Value::String(text)) => text.contains(':') && !is_date(text),
        (Type::Int8, Value::Number(number)) => within(number, i8::MIN, i8::MAX),
        (Type::Int16, Value::Number(number)) => within(number, i16::MIN, i16::MAX),
        (Type::Int32, Value::Number(number)) => within(number, i32::MIN, i32::MAX),
        (Type::Uint8, Value::Number(number)) => within(number, u8::MIN, u8::MAX),
        (Type::Uint16, Value::Number(number)) => within(number, u16::MIN, u16::MAX),
        (Type::Uint32, Value::Number(number)) => within(number, u32::MIN, u32::MAX),
        (Type::Bigint | Type::Date, Value::Number(number)) => number.is_i64(),
        _ => false,
    }
}

fn within(number: &serde_json::Number, least: impl Into<i64>, most: impl Into<i64>) -> bool {
    number.as_i64().is_some_and(|number| (least.into()..=most.into()).contains(&number))
}

/// Returns the constraints that follow from fields: required keys and enums.
fn implied(table: &Table) -> Vec<Constraint> {
    let required = table.schema.iter().filter_map(|field| table::required(table, field));
    let one_of = table.schema.iter().filter_map(|field| table::one_of(table, field));
    required.chain(one_of).collect()
}

/// Whether two rules have the same condition: the order of enum names has no meaning.
fn same_rule(one: &ConstraintRule, other: &ConstraintRule) -> bool {
    match (one, other) {
        (ConstraintRule::OneOf(place, names), ConstraintRule::OneOf(other, others)) => {
            let all = |a: &[String], b: &[String]| a.iter().all(|name| b.contains(name));
            same_place(place, other) && all(names, others) && all(others, names)
        }
        _ => one == other,
    }
}

/// Whether two places are the same, apart from the variants of their types.
pub fn same_place(one: &Place, other: &Place) -> bool {
    match (one, other) {
        (Place::Key(key, _), Place::Key(other, _)) => key == other,
        _ => one == other,
    }
}

/// How the implied constraints change: first drops and renames, at the end additions.
#[derive(Default)]
pub struct Implied {
    pub first: Vec<Alter>,
    pub last: Vec<Alter>,
}

impl Implied {
    /// Returns the difference between two states of a table.
    pub fn between(old: &Table, new: &Table) -> Implied {
        let (mut before, after) = (implied(old), implied(new));
        let mut found = Implied::default();
        let mut fresh = Vec::new();
        for constraint in after {
            let same = |other: &Constraint| {
                other.name == constraint.name && same_rule(&other.rule, &constraint.rule)
            };
            if let Some(same) = before.iter().position(same) {
                before.remove(same);
            } else if let Some(same) =
                before.iter().position(|other| same_rule(&other.rule, &constraint.rule))
            {
                let from = before.remove(same).name;
                found.first.push(Alter::RenameConstraint { from, to: constraint.name });
            } else {
                fresh.push(Alter::AddConstraint(constraint));
            }
        }
        let drops = before.into_iter().map(|constraint| Alter::DropConstraint(constraint.name));
        found.first.splice(0..0, drops);
        found.last = fresh;
        found
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty() && self.last.is_empty()
    }
}

/// Returns indexes whose name stays and whose definition follows a change of a field or a bookkeeping
/// column. The database itself adapts indexes on columns to renames, but not those on document keys.
pub fn changed_indexes(
    dialect: Dialect,
    change: &Change,
    old: &Table,
    new: &Table,
) -> Vec<CreateIndex> {
    if matches!(change.fact, Fact::IndexChanged { .. } | Fact::PointerChanged { .. }) {
        return Vec::new(); // the change itself sees to them
    }
    let in_document = new.layout == Layout::Document;
    let before = table::indexes(old, dialect);
    let differs = |now: &CreateIndex, then: &CreateIndex| {
        let parts = |index: &CreateIndex| (index.on.clone(), index.condition.clone());
        now.live_only != then.live_only || (in_document && parts(now) != parts(then))
    };
    table::indexes(new, dialect)
        .into_iter()
        .filter(|now| before.iter().any(|then| then.name == now.name && differs(now, then)))
        .collect()
}

/// Returns the statement that deletes the rows marked as deleted, before the mark is dropped: without
/// the mark they would be live rows again.
pub fn purge(table: &Table, gone: Tracked) -> Option<Statement> {
    let (table, only) = (table.ptr.clone(), !SqlExpr::is_live());
    (gone == Tracked::DeletedTxid).then_some(Statement::Delete { table, only })
}

/// Returns the name of a table while it is built beside the table that it replaces.
pub fn temporary(table: &Table) -> String {
    name::join(&["_kontract_new", &table.ptr])
}

/// Builds the new form of the table beside the old one, copies the rows, replaces the old table, and
/// creates the indexes again.
pub fn rebuild(
    old: &Table,
    new: &Table,
    schema: &Schema,
    from: RowSource,
    values: Vec<(String, SqlExpr)>,
) -> Vec<Statement> {
    let create =
        CreateTable { name: temporary(new), if_not_exists: false, ..table::create(new, schema) };
    // Without the mark, deleted rows are not copied.
    let only = (has_soft_delete(old) && !has_soft_delete(new)).then(SqlExpr::is_live);
    let kept: Vec<&String> = create.columns.iter().map(|column| &column.name).collect();
    let old_columns = table::columns(old).into_iter().map(|column| column.name);
    let gone = old_columns.filter(|name| !kept.contains(&name)).collect();
    let mut statements = vec![
        Statement::CreateTable(create),
        Statement::Copy { from, to: temporary(new), columns: values, only },
        Statement::ReplaceTable { table: old.ptr.clone(), gone },
        Statement::RenameTable { from: temporary(new), to: old.ptr.clone() },
    ];
    if old.ptr != new.ptr {
        // A separate step, which the references of other tables follow.
        let (from, to) = (old.ptr.clone(), new.ptr.clone());
        statements.push(Statement::RenameTable { from, to });
    }
    let indexes = table::indexes(new, Dialect::Sqlite).into_iter();
    statements.extend(indexes.map(Statement::CreateIndex));
    statements
}

/// Returns the values of a table's columns when its layout changes.
pub fn across_layouts(old: &Table, new: &Table) -> Vec<(String, SqlExpr)> {
    let old_columns = table::columns(old);
    let value = |name: &str, kind: &ColumnKind| match kind {
        ColumnKind::Data => {
            let keys = new.schema.iter().filter_map(|field| {
                let from = old.field(&field.name)?;
                let value = SqlExpr::ColumnAsJson(from.column().to_owned(), from.ty.clone());
                Some((field.column().to_owned(), value))
            });
            SqlExpr::Document(keys.collect())
        }
        ColumnKind::Tracked(tracked) if old_columns.iter().any(|column| column.name == name) => {
            SqlExpr::Column(tracked.name().to_owned())
        }
        ColumnKind::Tracked(tracked) => SqlExpr::Before(*tracked),
        ColumnKind::Field { .. } => {
            let field = new.schema.iter().find(|field| field.column() == name);
            let from = field.and_then(|field| old.field(&field.name));
            match (field, from) {
                (_, Some(from)) if old.is_key(&from.name) || old.layout == Layout::Columns => {
                    SqlExpr::Column(from.column().to_owned())
                }
                (Some(field), Some(from)) => SqlExpr::KeyAsColumn(
                    from.column().to_owned(),
                    Box::new(kind.clone()),
                    !field.optional,
                ),
                (Some(field), None) => value_for_old_rows(field).unwrap_or(SqlExpr::Null),
                (None, _) => SqlExpr::Null,
            }
        }
    };
    let columns = table::columns(new).into_iter();
    columns.map(|column| (column.name.clone(), value(&column.name, &column.kind))).collect()
}

/// Removes the placeholders from the statements. Rows that lack a value then violate the constraint
/// that needs it.
pub fn without_placeholders(dialect: Dialect, statements: Vec<Statement>) -> Vec<Statement> {
    let filled = |value| filled(dialect, value);
    statements
        .into_iter()
        .filter_map(|statement| match statement {
            Statement::Fill { value, .. } if has_placeholder(&value) => None,
            Statement::Copy { from, to, columns, only } => {
                let columns = columns.into_iter().map(|(name, value)| (name, filled(value)));
                let (from, columns) = (filled_source(dialect, from), columns.collect());
                Some(Statement::Copy { from, to, columns, only })
            }
            Statement::Alter { table, action: Alter::SetType { column, using } } => {
                let action = Alter::SetType { column, using: filled(using) };
                Some(Statement::Alter { table, action })
            }
            other => Some(other),
        })
        .collect()
}

fn filled_source(dialect: Dialect, from: RowSource) -> RowSource {
    match from {
        RowSource::Table(name) => RowSource::Table(name),
        RowSource::Select(columns, from) => {
            let columns = columns.into_iter().map(|(name, value)| (name, filled(dialect, value)));
            RowSource::Select(columns.collect(), Box::new(filled_source(dialect, *from)))
        }
    }
}

/// Whether the value contains a placeholder, which the user has to replace.
pub fn has_placeholder(value: &SqlExpr) -> bool {
    match value {
        SqlExpr::Todo(..) => true,
        SqlExpr::WithKey(_, _, value) => has_placeholder(value),
        SqlExpr::Call(_, args) => args.iter().any(has_placeholder),
        _ => false,
    }
}

/// Returns a value for the new form of the table without placeholders.
fn filled(dialect: Dialect, value: SqlExpr) -> SqlExpr {
    let inner = |value: SqlExpr| Box::new(filled(dialect, value));
    match value {
        SqlExpr::Todo(..) => SqlExpr::Null,
        SqlExpr::Call(function, args) => {
            let known = args.into_iter().filter(|arg| !has_placeholder(arg));
            let mut known: Vec<SqlExpr> = known.map(|arg| filled(dialect, arg)).collect();
            if known.len() == 1 { known.remove(0) } else { SqlExpr::Call(function, known) }
        }
        SqlExpr::Convert(value, from, to) => {
            match dialect::convert_column(dialect, "value", &from, &to) {
                Conversion::Unknown if !same_kind(dialect, &from, &to) => SqlExpr::Null,
                Conversion::Unknown => filled(dialect, *value),
                _ => SqlExpr::Convert(inner(*value), from, to),
            }
        }
        SqlExpr::Case(_, then, data) if has_placeholder(&then) => filled(dialect, *data),
        SqlExpr::Case(only, then, data) => SqlExpr::Case(only, inner(*then), inner(*data)),
        SqlExpr::WithKey(data, key, value) => SqlExpr::WithKey(inner(*data), key, value),
        SqlExpr::WithoutKey(data, key) => SqlExpr::WithoutKey(inner(*data), key),
        SqlExpr::RenamedKey(data, from, to) => SqlExpr::RenamedKey(inner(*data), from, to),
        SqlExpr::ConvertedKey(data, key, types) => SqlExpr::ConvertedKey(inner(*data), key, types),
        SqlExpr::Document(keys) => {
            let keys = keys.into_iter().map(|(key, value)| (key, filled(dialect, value)));
            SqlExpr::Document(keys.collect())
        }
        SqlExpr::ColumnAsJson(column, ty) if dialect::to_json(dialect, &column, &ty).is_none() => {
            SqlExpr::Null
        }
        SqlExpr::KeyAsColumn(key, kind, not_null)
            if dialect::from_json(dialect, &key, &kind, not_null).is_none() =>
        {
            SqlExpr::Null
        }
        other => other,
    }
}

/// Whether two kinds of columns are the same in the database.
pub fn same_kind(dialect: Dialect, from: &ColumnKind, to: &ColumnKind) -> bool {
    dialect::print_column_type(dialect, from) == dialect::print_column_type(dialect, to)
}
