//! Queries that find the rows which stand against a change: double values, missing ones, references
//! to nothing, what a check or a type does not take. They run before anything is done, on the tables
//! as they are, so that a plan that cannot succeed fails at once and says because of which rows.
//!
//! What is new in the same plan has no rows yet, and what a manual migration covers it may mend
//! itself: neither has a query. Of values that a conversion does not take only those are found that
//! are sure to be refused; the rest is left to the conversion itself.

use crate::change::{Change, Fact};
use crate::dialect::{Dialect, Standing, rows_against};
use crate::model::types::Type;
use crate::model::{Field, ForeignKey, Schema, Table};
use crate::plan::Obstacle;
use crate::sql::table::index as index_of;

/// The queries for these changes of `old`.
pub fn obstacles(dialect: Dialect, old: &Schema, changes: &[Change]) -> Vec<Obstacle> {
    let of = |change: &Change| {
        let rows = rows(dialect, old, changes, change)?;
        Some(Obstacle { change: change.id(), rows })
    };
    changes.iter().filter_map(of).collect()
}

fn rows(dialect: Dialect, old: &Schema, changes: &[Change], change: &Change) -> Option<String> {
    // Under other names than the change knows them, tables are not looked at.
    let table = old.tables.get(&change.table).filter(|_| is_settled(changes, &change.table))?;
    let field = |name: &String| table.field(name);
    let fields = |names: &[String]| names.iter().map(field).collect::<Option<Vec<&Field>>>();
    let is_filled = |name: &str| {
        changes.iter().any(|other| match &other.fact {
            Fact::BecameRequired { field, backfill } => {
                other.table == change.table
                    && field == name
                    && (backfill.is_some()
                        || table.field(name).is_some_and(|f| f.default.is_some()))
            }
            _ => false,
        })
    };
    let standing = match &change.fact {
        Fact::IndexAdded { name, index } | Fact::IndexChanged { name, to: index, .. }
            if index.unique =>
        {
            fields(&index.fields)?;
            let brings = || changes.iter().any(|other| touches(other, &change.table));
            if index.texts().next().is_some() && brings() {
                return None;
            }
            Standing::Double(index_of(table, name, index))
        }
        Fact::BecameRequired { field: name, .. } if !is_filled(name) => {
            Standing::Missing(field(name)?)
        }
        Fact::CheckAdded { sql, .. } | Fact::CheckChanged { to: sql, .. }
            if !changes.iter().any(|other| touches(other, &change.table)) =>
        {
            Standing::Breaks(sql)
        }
        Fact::ReferenceAdded { key, .. } | Fact::ReferenceChanged { to: key, .. } => {
            let (own, to, target) = target(old, changes, table, key)?;
            Standing::Nowhere(own, target, to)
        }
        Fact::TypeChanged { field: name, from, to } if from.sql_type == to.sql_type => {
            match (&from.ty, &to.ty) {
                (Type::Enum(before), Type::Enum(names))
                    if before.iter().all(|name| names.contains(name)) =>
                {
                    return None;
                }
                (Type::String | Type::Enum(_), Type::Enum(names)) => {
                    Standing::NoneOf(field(name)?, names)
                }
                (_, to) if from.sql_type.is_none() => Standing::Misfit(field(name)?, to),
                _ => return None,
            }
        }
        _ => return None,
    };
    rows_against(dialect, table, &standing)
}

/// The fields of a reference, those that it refers to, and their table; none where one of them is
/// new.
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

/// Whether nothing about a table has another name or layout afterwards.
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

/// Whether SQL of the user about the table may rest on what the change brings.
fn touches(change: &Change, table: &str) -> bool {
    change.table == table
        && matches!(
            change.fact,
            Fact::FieldAdded(_)
                | Fact::TypeChanged { .. }
                | Fact::VariantsRenamed { .. }
                | Fact::TrackAdded(_)
        )
}
