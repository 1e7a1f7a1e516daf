//! The names of dropped fields, which the lock file remembers: a `removed` hint for such a name stays
//! valid, and a new field that reuses the name is reported.

use std::collections::BTreeMap;

use crate::change::Fact;
use crate::change::diff::diff;
use crate::intent::Target;
use crate::model::Schema;
use crate::model::types::Type;

/// By table and field, the last type of the field.
pub type Dropped = BTreeMap<String, BTreeMap<String, Type>>;

/// Returns the dropped fields after `old` has become `new`.
pub fn after(mut dropped: Dropped, old: &Schema, new: Target<'_>) -> Dropped {
    for change in diff(old, new) {
        let table = &change.table;
        let mut gone = Vec::new();
        match change.fact {
            Fact::TableRenamed { from } => {
                if let Some(fields) = dropped.remove(&from) {
                    dropped.insert(table.clone(), fields);
                }
            }
            Fact::TableRemoved(_) => drop(dropped.remove(table)),
            Fact::FieldRemoved(field) => gone.push(field),
            Fact::LayoutChanged { from, to, .. } => {
                gone.extend(
                    from.schema.into_iter().filter(|field| to.field(&field.name).is_none()),
                );
            }
            _ => {}
        }
        let of_table = dropped.entry(table.clone()).or_default();
        of_table.extend(gone.into_iter().map(|field| (field.name, field.ty)));
    }
    // A field that exists again is not dropped; fields of external tables are not remembered.
    for (table, fields) in &mut dropped {
        fields.retain(|field, _| {
            new.schema.tables.get(table).is_some_and(|t| t.field(field).is_none())
        });
    }
    dropped.retain(|_, fields| !fields.is_empty());
    dropped
}
