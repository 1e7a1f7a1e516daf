//! Whether a program that does not know of some changes can go on beside them.
//!
//! The old schema and the changes in, yes or no out. Yes is said where everything that the older
//! program does still works and means the same: it reads and writes its own columns by name, and
//! what it does not know gets a value without it. What is not sure is no. What the statements of a
//! manual migration do is not looked at: such a migration is never additive.

use crate::change::{Change, Fact};
use crate::model::{Action, Field, ForeignKey, Layout, Schema, Stamp, Table};

/// Whether all of the changes only add what a program of the old schema need not know.
///
/// ```
/// # use kontract_schema::{model::Schema, rules::additive};
/// assert!(additive(&Schema::default(), &[]));
/// ```
pub fn additive(old: &Schema, changes: &[Change]) -> bool {
    changes.iter().all(|change| match &change.fact {
        Fact::TableAdded(table) => {
            table.references.values().all(|key| leaves_alone(table, key, old))
        }
        Fact::FieldAdded(field) => {
            old.tables.get(&change.table).is_some_and(|table| adds(table, field))
        }
        // What it reads is there; where rows may be without it, that is a change of its own.
        Fact::KeptChanged { to: true, .. } => true,
        Fact::IndexAdded { index, .. } | Fact::IndexRemoved { index, .. } => !index.unique,
        Fact::IndexChanged { from, to, .. } => !from.unique && !to.unique,
        // No program names an index or a constraint, and each has its own permissions.
        Fact::IndexRenamed { .. }
        | Fact::CheckRenamed { .. }
        | Fact::ReferenceRenamed { .. }
        | Fact::TablePermChanged { .. }
        | Fact::PermChanged { .. } => true,
        Fact::External { to, .. } => to.as_ref().is_none_or(|table| table.external),
        _ => false,
    })
}

/// An older program inserts rows without the column. One that writes a whole document would remove
/// the key.
fn adds(table: &Table, field: &Field) -> bool {
    let filled = field.optional || field.default.is_some() || field.stamp == Some(Stamp::CreatedAt);
    // The time of the last change would be that of the last change by a newer program.
    table.layout == Layout::Columns && filled && field.stamp != Some(Stamp::UpdatedAt)
}

/// Rows of the new table do not keep an older program from deleting its own, or from changing what
/// they refer to; keys do not change.
fn leaves_alone(table: &Table, key: &ForeignKey, old: &Schema) -> bool {
    let refuses = |action| matches!(action, Action::NoAction | Action::Restrict);
    match old.tables.get(&key.table).filter(|_| key.table != table.name) {
        None => true,
        Some(other) => {
            !refuses(key.on_delete) && (!refuses(key.on_update) || other.key() == key.to)
        }
    }
}
