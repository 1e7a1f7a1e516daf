//! The SQL of backfills: its columns and functions.

use super::hints::find_sealed;
use super::local::columns::KnownColumns;
use crate::diagnostic::Diagnostics;
use crate::model::Schema;
use crate::source::raw::{RawField, RawTable};
use crate::sqltext::Expressions;

/// Reports columns and functions that a backfill cannot use. It may use the columns of the sealed
/// table, also those that the struct no longer has. A backfill that has nothing to fill is not looked
/// at, because the columns that it used may be gone.
pub(super) fn check_backfills(raw: &RawTable, sealed: &Schema, problems: &mut Diagnostics) {
    let Some(before) = find_sealed(raw, sealed) else { return };
    let is_filled = |field: &&RawField| {
        let former = || before.field(&field.renamed_from.as_ref()?.0);
        let old = before.field(&field.name).or_else(former);
        old.is_none_or(|old| old.optional && !field.optional)
    };
    let name = raw.table_name();
    let columns = before.schema.iter().map(|field| field.column().to_owned());
    let known = KnownColumns::of_struct(raw).with(columns);
    for field in raw.fields.iter().filter(is_filled) {
        let Some((sql, _)) = &field.backfill else { continue };
        for problem in known.check_expression("backfill", sql, Expressions::Query) {
            problems.push(problem.on(&name, Some(&field.name)));
        }
    }
}
