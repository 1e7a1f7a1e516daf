//! Whether the older program still works after some changes.
//!
//! Changes are additive if everything that the older program does still works and means the same: it
//! reads and writes its own columns by name, and columns that it does not name get a value without it.
//! In doubt a change is not additive; neither is a manual migration, whose statements are not analysed.

use crate::change::{Change, Fact, ItemChange};
use crate::model::{Field, ForeignKey, Layout, ReferenceAction, Schema, Stamp, Table};

/// Whether a program with the old schema still works after the changes.
///
/// ```
/// # use kontract_schema::{model::Schema, rules::additive};
/// assert!(additive(&Schema::default(), &[]));
/// ```
pub fn additive(old: &Schema, changes: &[Change]) -> bool {
    changes.iter().all(|change| match &change.fact {
        Fact::TableAdded(table) => {
            table.references.values().all(|key| restricts_nothing_in(table, key, old))
        }
        Fact::FieldAdded { field, .. } => {
            old.tables.get(&change.table).is_some_and(|table| accepts_rows_without(table, field))
        }
        // The column stays. If it also became optional, that is another change.
        Fact::KeptChanged { to: true, .. } => true,
        Fact::Index(ItemChange::Added(_, index) | ItemChange::Removed(_, index)) => !index.unique,
        Fact::Index(ItemChange::Changed(_, from, to)) => !from.unique && !to.unique,
        // Programs do not name indexes and constraints, and each program has its own permissions.
        Fact::Index(ItemChange::Renamed(..))
        | Fact::Check(ItemChange::Renamed(..))
        | Fact::Reference(ItemChange::Renamed(..))
        | Fact::PartitionChanged { .. }
        | Fact::TablePermChanged { .. }
        | Fact::SharedChanged { .. }
        | Fact::CommentChanged { .. }
        | Fact::PermChanged { .. } => true,
        Fact::External { to, .. } => to.as_ref().is_none_or(|table| table.external),
        _ => false,
    })
}

/// Whether rows that the older program inserts without the field are valid. A program that writes whole
/// documents would remove the key.
fn accepts_rows_without(table: &Table, field: &Field) -> bool {
    // Updates of the older program would not set `updated_at`.
    table.layout == Layout::Columns
        && field.may_be_omitted()
        && field.stamp != Some(Stamp::UpdatedAt)
}

/// Whether the rows of the new table never prevent the older program from deleting or changing the rows
/// that they refer to. Keys do not change.
fn restricts_nothing_in(table: &Table, key: &ForeignKey, old: &Schema) -> bool {
    let refuses = |action| matches!(action, ReferenceAction::NoAction | ReferenceAction::Restrict);
    match old.tables.get(&key.table).filter(|_| key.table != table.name) {
        None => true,
        Some(other) => {
            !refuses(key.on_delete) && (!refuses(key.on_update) || other.key() == key.to)
        }
    }
}
