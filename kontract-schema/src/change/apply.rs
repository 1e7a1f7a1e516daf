//! Applies a change to a schema.

use std::collections::BTreeMap;

use super::{Change, Fact, ItemChange, Names};
use crate::dialect::Dialect;
use crate::intent::VariantRename;
use crate::model::types::Type;
use crate::model::{Field, Schema, Sql, Table};
use crate::sqltext::{TokenKind, tokens};

impl Change {
    /// Applies the change to the schema. Items that the schema does not have are left alone.
    pub fn apply(&self, schema: &mut Schema) {
        match &self.fact {
            Fact::TableAdded(table) => {
                schema.tables.insert(self.table.clone(), Table::clone(table));
            }
            Fact::TableRemoved(_) => {
                schema.tables.remove(&self.table);
            }
            Fact::TableRenamed { from } => self.rename_table(from, schema),
            Fact::LayoutChanged { to, .. } | Fact::External { to: Some(to), .. } => {
                schema.tables.insert(self.table.clone(), Table::clone(to));
            }
            Fact::External { to: None, .. } => drop(schema.tables.remove(&self.table)),
            Fact::FieldRenamed { from, to } | Fact::ColumnChanged { from, to } => {
                self.rename_field(from, to, schema);
            }
            fact => {
                if let Some(table) = schema.tables.get_mut(&self.table) {
                    apply_to_table(fact, table);
                }
            }
        }
    }

    fn rename_table(&self, from: &str, schema: &mut Schema) {
        let Some(mut table) = schema.tables.remove(from) else { return };
        table.name.clone_from(&self.table);
        schema.tables.insert(self.table.clone(), table);
        for key in schema.tables.values_mut().flat_map(|table| table.references.values_mut()) {
            if key.table == from {
                key.table.clone_from(&self.table);
            }
        }
    }

    fn rename_field(&self, from: &Names, to: &Names, schema: &mut Schema) {
        let rename = |names: &mut Vec<String>| {
            for name in names.iter_mut().filter(|name| **name == from.name) {
                name.clone_from(&to.name);
            }
        };
        for table in schema.tables.values_mut() {
            let own = table.name == self.table;
            for key in table.references.values_mut() {
                if own {
                    rename(&mut key.fields);
                }
                if key.table == self.table {
                    rename(&mut key.to);
                }
            }
            if !own {
                continue;
            }
            for field in table.schema.iter_mut().filter(|field| field.name == from.name) {
                field.name.clone_from(&to.name);
                field.column.clone_from(&to.column);
            }
            rename(&mut table.primary_key);
            table.partition_by.iter_mut().for_each(|key| rename(&mut key.fields));
            let rename_in = |dialect, sql: &mut String| {
                *sql = rename_in_sql(dialect, sql, from.column(), to.column());
            };
            let in_sql = |sql: &mut Sql| {
                rename_in(Dialect::Postgres, &mut sql.postgres);
                rename_in(Dialect::Sqlite, &mut sql.sqlite);
            };
            for index in table.indexes.values_mut() {
                rename(&mut index.fields);
                rename(&mut index.descending);
                rename(&mut index.include);
                if let Some(class) = index.opclass.remove(&from.name) {
                    index.opclass.insert(to.name.clone(), class);
                }
                index.on.iter_mut().chain(&mut index.condition).for_each(in_sql);
            }
            table.checks.values_mut().for_each(in_sql);
            for generated in table.schema.iter_mut().filter_map(|field| field.generated.as_mut()) {
                in_sql(&mut generated.sql);
            }
        }
    }
}

fn apply_to_table(fact: &Fact, table: &mut Table) {
    match fact {
        Fact::PointerChanged { to, .. } => table.set_path(to),
        Fact::CommentChanged { field: None, to, .. } => table.comment.clone_from(to),
        Fact::CommentChanged { field: Some(name), to, .. } => {
            if let Some(field) = table.schema.iter_mut().find(|field| field.name == *name) {
                field.comment.clone_from(to);
            }
        }
        Fact::KeyChanged { to, .. } => {
            let composite = to.len() > 1;
            for field in &mut table.schema {
                field.primkey = !composite && to.contains(&field.name);
            }
            table.primary_key = if composite { to.clone() } else { Vec::new() };
            table.keyless = to.is_empty();
        }
        Fact::PartitionChanged { to, .. } => table.partition_by.clone_from(to),
        Fact::TablePermChanged { to, .. } => table.perm = *to,
        Fact::SharedChanged { to } => table.shared = *to,
        Fact::FieldAdded { field, .. } => {
            // `KeyChanged` adds the field to the key.
            table.schema.push(Field { primkey: false, ..field.clone() });
        }
        Fact::FieldRemoved(field) => table.schema.retain(|other| other.name != field.name),
        Fact::Index(change) => apply_to_items(change, &mut table.indexes),
        Fact::Check(change) => apply_to_items(change, &mut table.checks),
        Fact::Reference(change) => apply_to_items(change, &mut table.references),
        Fact::TrackAdded(tracked) => table.track.set(*tracked, true),
        Fact::TrackRemoved(tracked) => table.track.set(*tracked, false),
        Fact::TypeChanged { field, .. }
        | Fact::VariantsRenamed { field, .. }
        | Fact::BecameOptional { field }
        | Fact::BecameRequired { field, .. }
        | Fact::KeptChanged { field, .. }
        | Fact::DefaultChanged { field, .. }
        | Fact::IdentityChanged { field, .. }
        | Fact::GeneratedChanged { field, .. }
        | Fact::PermChanged { field, .. }
        | Fact::StampChanged { field, .. } => {
            if let Some(field) = table.schema.iter_mut().find(|other| other.name == *field) {
                apply_to_field(fact, field);
            }
        }
        Fact::TableAdded(_)
        | Fact::TableRemoved(_)
        | Fact::TableRenamed { .. }
        | Fact::LayoutChanged { .. }
        | Fact::External { .. }
        | Fact::FieldRenamed { .. }
        | Fact::ColumnChanged { .. } => unreachable!("these concern more than one table"),
        Fact::BadHint { .. } => {}
    }
}

fn apply_to_items<T: Clone>(change: &ItemChange<T>, items: &mut BTreeMap<String, T>) {
    match change {
        ItemChange::Added(name, item) | ItemChange::Changed(name, _, item) => {
            items.insert(name.clone(), item.clone());
        }
        ItemChange::Removed(name, _) => drop(items.remove(name)),
        ItemChange::Renamed(from, to) => {
            if let Some(item) = items.remove(from) {
                items.insert(to.clone(), item);
            }
        }
    }
}

fn apply_to_field(fact: &Fact, field: &mut Field) {
    match fact {
        Fact::VariantsRenamed { renames, .. } => {
            for VariantRename { path, from, to } in renames {
                rename_variant(&mut field.ty, path, from, to);
                if path.is_empty() && field.default.as_ref().is_some_and(|value| value == from) {
                    field.default = Some(to.as_str().into());
                }
            }
        }
        Fact::TypeChanged { to, .. } => {
            field.ty.clone_from(&to.ty);
            field.sql_type.clone_from(&to.sql_type);
            field.native = to.native;
        }
        Fact::BecameOptional { .. } => field.optional = true,
        Fact::BecameRequired { .. } => field.optional = false,
        Fact::KeptChanged { to, .. } => field.kept = *to,
        Fact::DefaultChanged { to, .. } => field.set_default(to.clone()),
        Fact::IdentityChanged { to, .. } => field.identity = *to,
        Fact::GeneratedChanged { to, .. } => field.generated.clone_from(to),
        Fact::PermChanged { to, .. } => field.perm = *to,
        Fact::StampChanged { to, .. } => field.stamp = *to,
        _ => {}
    }
}

fn rename_variant(ty: &mut Type, path: &[String], from: &str, to: &str) {
    match (ty, path.split_first()) {
        (Type::Array(element), _) => rename_variant(element, path, from, to),
        (Type::Enum(names), None) => {
            names.iter_mut().filter(|name| **name == from).for_each(|name| to.clone_into(name));
        }
        (Type::Object(members), Some((first, rest))) => {
            for member in members.iter_mut().filter(|member| member.name == *first) {
                rename_variant(&mut member.ty, rest, from, to);
            }
        }
        _ => {}
    }
}

/// Returns the text with each name `from` replaced, bare or in quotes, like both databases do with
/// their stored text when a column is renamed.
fn rename_in_sql(dialect: Dialect, sql: &str, from: &str, to: &str) -> String {
    let mut found = String::new();
    for token in tokens(dialect, sql) {
        match token.kind {
            TokenKind::Word if token.text == from => found += to,
            TokenKind::QuotedName if token.written_name().is_some_and(|name| name == from) => {
                found += &format!("\"{}\"", to.replace('"', "\"\""));
            }
            _ => found += token.text,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_checks_follow() {
        let sql = "age > 0 AND stage <> 'age' AND \"age\" < 9";
        assert_eq!(
            rename_in_sql(Dialect::Postgres, sql, "age", "years"),
            "years > 0 AND stage <> 'age' AND \"years\" < 9"
        );
    }
}
