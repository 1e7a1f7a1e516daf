//! Queries for rows that violate a change: duplicate values, missing values, references to missing
//! rows, values that a check or a type does not accept. They run on the old tables before the first
//! statement, so that a plan that cannot succeed fails at once and names the rows.
//!
//! A table or field that the same plan adds has no rows yet, and a manual migration can fix the rows
//! of the changes that it covers: neither has a query. For conversions, the query finds only values
//! that are certain to fail; others fail in the conversion itself.

use crate::change::{Change, Fact, ItemChange};
use crate::dialect::{Dialect, Violation, query_violations};
use crate::model::types::Type;
use crate::model::{Field, ForeignKey, Schema, Sql, Table};
use crate::plan::Obstacle;
use crate::sql::table::{index as index_of, mentions};

/// Returns the queries for these changes of `old`.
pub fn obstacles(dialect: Dialect, old: &Schema, changes: &[Change]) -> Vec<Obstacle> {
    let of = |change: &Change| {
        let rows = rows(dialect, old, changes, change)?;
        Some(Obstacle { change: change.id(), rows })
    };
    changes.iter().filter_map(of).collect()
}

fn rows(dialect: Dialect, old: &Schema, changes: &[Change], change: &Change) -> Option<String> {
    // A table that the plan renames is not queried.
    let table = old.tables.get(&change.table).filter(|_| is_settled(changes, &change.table))?;
    let field = |name: &String| table.field(name);
    let fields = |names: &[String]| names.iter().map(field).collect::<Option<Vec<&Field>>>();
    let violation = match &change.fact {
        Fact::Index(ItemChange::Added(name, index) | ItemChange::Changed(name, _, index))
            if index.unique =>
        {
            fields(&index.fields)?;
            let is_touched = |sql: &Sql| changes.iter().any(|other| touches(other, table, sql));
            if index.texts().any(is_touched) {
                return None;
            }
            Violation::Duplicate(index_of(table, name, index))
        }
        Fact::BecameRequired { field: name, backfill: None } => Violation::Missing(field(name)?),
        Fact::Check(ItemChange::Changed(_, from, to))
            if from.for_dialect(dialect) == to.for_dialect(dialect) =>
        {
            return None;
        }
        Fact::Check(ItemChange::Added(_, sql) | ItemChange::Changed(_, _, sql))
            if !changes.iter().any(|other| touches(other, table, sql)) =>
        {
            Violation::Check(sql)
        }
        Fact::Reference(ItemChange::Added(_, key) | ItemChange::Changed(_, _, key)) => {
            let (own, to, target) = target(old, changes, table, key)?;
            Violation::NoTarget(own, target, to)
        }
        Fact::TypeChanged { field: name, from, to } if from.column_type() == to.column_type() => {
            match (&from.ty, &to.ty) {
                (Type::Enum(before), Type::Enum(names))
                    if before.iter().all(|name| names.contains(name)) =>
                {
                    return None;
                }
                (Type::String | Type::Enum(_), Type::Enum(names)) => {
                    Violation::NoVariant(field(name)?, names)
                }
                (_, to) if from.sql_type.is_none() => Violation::Misfit(field(name)?, to),
                _ => return None,
            }
        }
        _ => return None,
    };
    query_violations(dialect, table, &violation)
}

/// Returns the fields of a reference, the fields that it refers to, and their table; `None` if one of
/// them is new.
fn target<'a>(
    old: &'a Schema,
    changes: &[Change],
    table: &'a Table,
    key: &ForeignKey,
) -> Option<(Vec<&'a Field>, Vec<&'a Field>, &'a Table)> {
    let target = old.tables.get(&key.table).filter(|_| is_settled(changes, &key.table))?;
    let all = |of: &'a Table, names: &[String]| -> Option<Vec<&'a Field>> {
        names.iter().map(|name| of.field(name)).collect()
    };
    Some((all(table, &key.fields)?, all(target, &key.to)?, target))
}

/// Whether the table keeps its name and layout.
fn is_settled(changes: &[Change], table: &str) -> bool {
    let moves = |change: &Change| {
        matches!(
            change.fact,
            Fact::TableRenamed { .. }
                | Fact::PointerChanged { .. }
                | Fact::LayoutChanged { .. }
                | Fact::FieldRenamed { .. }
                | Fact::ColumnChanged { .. }
                | Fact::TableAdded(_)
        )
    };
    !changes.iter().any(|change| change.table == table && moves(change))
}

/// Whether SQL that the user wrote for the table depends on the change.
fn touches(change: &Change, table: &Table, sql: &Sql) -> bool {
    let names = |column: &str| mentions(sql, column);
    let names_field =
        |name: &String| names(name) || table.field(name).is_some_and(|field| names(field.column()));
    change.table == table.name
        && match &change.fact {
            Fact::FieldAdded { field, .. } => names(field.column()),
            Fact::TypeChanged { field, .. } | Fact::VariantsRenamed { field, .. } => {
                names_field(field)
            }
            Fact::TrackAdded(column) => names(column.name()),
            _ => false,
        }
}
