//! Placeholders for values that only the user knows: which changes need one, and statements without
//! them.

use super::fill::{replaced_variants, same_kind, value_for_null, value_for_old_rows};
use super::rebuild::across_layouts;
use crate::change::{Change, Fact, Shape};
use crate::dialect::{self, Conversion, Dialect, convert_key};
use crate::model::{Field, Layout, Schema, Table};
use crate::sql::ddl::{Alter, ColumnKind, RowSource, SqlExpr, Statement};

/// Whether the statements for one of the changes of `old` need a value that only the user knows.
pub fn needs_value(old: &Schema, changes: &[Change], change: &Change) -> bool {
    let mut schema = old.clone();
    let earlier = changes.iter().take_while(|other| *other != change);
    earlier.for_each(|other| other.apply(&mut schema));
    let before = schema.tables.get(&change.table).cloned();
    change.apply(&mut schema);
    let table = schema.tables.get(&change.table);
    table.is_some_and(|table| {
        let before = before.as_ref().unwrap_or(table);
        Dialect::ALL.into_iter().any(|dialect| is_incomplete(dialect, change, before, table))
    })
}

/// Whether one database needs such a value.
fn is_incomplete(dialect: Dialect, change: &Change, old: &Table, new: &Table) -> bool {
    let is_open = |value: &SqlExpr| dialect::has_placeholder(dialect, value);
    match &change.fact {
        Fact::FieldAdded { field, backfill } => {
            let value = |field| value_for_old_rows(field, backfill.as_ref());
            new.field(&field.name).and_then(value).is_some_and(|value| is_open(&value))
        }
        Fact::BecameRequired { field, backfill } => {
            let value = |field| value_for_null(old, field, backfill.as_ref());
            new.field(field).is_some_and(|field| is_open(&value(field)))
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
        Fact::LayoutChanged { from, to, .. } => {
            across_layouts(&[change], from, to).iter().any(|(_, value)| is_open(value))
        }
        _ => false,
    }
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

/// Returns a value for the new form of the table without placeholders.
fn filled(dialect: Dialect, value: SqlExpr) -> SqlExpr {
    let inner = |value: SqlExpr| Box::new(filled(dialect, value));
    match value {
        SqlExpr::Todo(..) => SqlExpr::Null,
        SqlExpr::Call(function, args) => {
            let known = args.into_iter().filter_map(|arg| {
                let is_open = has_placeholder(&arg);
                let value = filled(dialect, arg);
                (!is_open || value != SqlExpr::Null).then_some(value)
            });
            let mut known: Vec<SqlExpr> = known.collect();
            match known.len() {
                0 => SqlExpr::Null,
                1 => known.remove(0),
                _ => SqlExpr::Call(function, known),
            }
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

/// Whether the value contains a placeholder, which the user has to replace.
pub fn has_placeholder(value: &SqlExpr) -> bool {
    value.contains(&|part| matches!(part, SqlExpr::Todo(..)))
}
