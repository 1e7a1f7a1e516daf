//! The hints of a struct, and the sealed table that they lead to.

use super::{Item, resolve::Resolver};
use crate::intent::{FieldIntent, TableIntent};
use crate::model::{Schema, Table};
use crate::source::raw::RawTable;

/// Returns the hints of a struct and its fields.
pub(super) fn read_hints(item: &Item<RawTable>, resolver: &Resolver<'_>) -> TableIntent {
    let raw = &item.raw;
    let mut table = TableIntent {
        renamed_from: raw.renamed_from.as_ref().map(|(old, _)| old.clone()),
        removed: raw.removed.iter().map(|removed| removed.name.clone()).collect(),
        ..TableIntent::default()
    };
    for field in &raw.fields {
        let hints = FieldIntent {
            renamed_from: field.renamed_from.as_ref().map(|(old, _)| old.clone()),
            backfill: field.backfill.as_ref().map(|(backfill, _)| backfill.clone()),
            renamed_variants: resolver.renamed_variants(&field.ty, item),
        };
        if hints != FieldIntent::default() {
            table.fields.insert(field.name.clone(), hints);
        }
    }
    table
}

/// Returns the sealed table of a struct: the one with its name, or with its former name.
pub(super) fn find_sealed<'a>(raw: &RawTable, sealed: &'a Schema) -> Option<&'a Table> {
    let former = || sealed.tables.get(&raw.renamed_from.as_ref()?.0);
    sealed.tables.get(&raw.table_name()).or_else(former)
}
