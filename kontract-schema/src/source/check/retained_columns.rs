//! `#[removed("email", keep)]`: fields that the struct no longer has, whose columns stay. Their
//! definitions come from the sealed schema. Their indexes, references and checks are not kept.

use crate::model::{Field, Layout, Schema, Table};
use crate::source::raw::RawTable;

/// Adds the kept fields to a table. New rows have NULL there, or the column's default.
pub(super) fn keep(table: &mut Table, raw: &RawTable, sealed: &Schema) {
    let renamed = table.renamed_from.as_ref().and_then(|old| sealed.tables.get(old));
    let Some(before) = sealed.tables.get(&table.name).or(renamed) else { return };
    for removed in raw.removed.iter().filter(|removed| removed.keep) {
        let Some(old) = before.field(&removed.name) else { continue };
        let is_taken = |field: &Field| {
            field.name == old.name
                || field.column().eq_ignore_ascii_case(old.column())
                || field.renamed_from.as_ref() == Some(&old.name)
        };
        // A column of the key cannot be kept: new rows would have no value there.
        if before.is_key(&old.name) || table.schema.iter().any(is_taken) {
            continue;
        }
        let has_default = table.layout == Layout::Columns && old.default.is_some();
        let optional = old.optional || !has_default;
        table.schema.push(Field { kept: true, optional, ..old.clone() });
    }
}
