//! `#[removed("email", keep)]`: fields that the struct no longer has, whose columns stay. Their
//! definitions come from the sealed schema. Their indexes, references and checks are not kept.

use super::hints::find_sealed;
use crate::model::{Field, Layout, Schema, Table};
use crate::source::raw::{RawField, RawTable};

/// Adds the kept fields to a table. New rows have NULL there, or the column's default.
pub(super) fn keep(table: &mut Table, raw: &RawTable, sealed: &Schema) {
    let Some(before) = find_sealed(raw, sealed) else { return };
    for removed in raw.removed.iter().filter(|removed| removed.keep) {
        let Some(old) = before.field(&removed.name) else { continue };
        let is_taken = |field: &Field| {
            field.name == old.name || field.column().eq_ignore_ascii_case(old.column())
        };
        let is_former = |field: &RawField| {
            field.renamed_from.as_ref().is_some_and(|(former, _)| *former == old.name)
        };
        // A column of the key cannot be kept: new rows would have no value there.
        if before.is_key(&old.name)
            || table.schema.iter().any(is_taken)
            || raw.fields.iter().any(is_former)
        {
            continue;
        }
        let has_default = table.layout == Layout::Columns && old.default.is_some();
        let optional = old.optional || !has_default;
        table.schema.push(Field { kept: true, optional, ..old.clone() });
    }
}
