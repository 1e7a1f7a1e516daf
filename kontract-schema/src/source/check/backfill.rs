//! The SQL of backfills: its columns and functions.

use super::hints::find_sealed;
use super::local::columns::KnownColumns;
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::Dialect;
use crate::model::Schema;
use crate::source::raw::{RawField, RawTable};
use crate::sqltext::{Expressions, find_missing_function};

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
        for problem in known.find_unknown(sql, Expressions::One) {
            problems.push(problem.on(&name, Some(&field.name)));
        }
        let missing = Dialect::ALL.into_iter().find_map(|dialect| {
            Some((dialect, find_missing_function(dialect, sql.for_dialect(dialect))?))
        });
        if let Some((dialect, function)) = missing {
            let message =
                format!("{} has no function `{function}`", dialect.choose("PostgreSQL", "SQLite"));
            let problem = Diagnostic::new(code::UNKNOWN_FUNCTION, message).help(
                "write one text for each database: `#[backfill(postgres = \"…\", sqlite = \"…\")]`",
            );
            problems.push(problem.on(&name, Some(&field.name)));
        }
    }
}
