//! The SQL of backfills: its columns and functions.

use super::local::columns::KnownColumns;
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::Dialect;
use crate::model::{Field, Schema, Table};
use crate::source::raw::RawTable;
use crate::sqltext::{Expressions, find_missing_function};

/// Reports columns and functions that a backfill cannot use. It may use the columns of the sealed
/// table, also those that the struct no longer has. A backfill that has nothing to fill is not looked
/// at, because the columns that it used may be gone.
pub(super) fn check_backfills(
    raw: &RawTable,
    table: &Table,
    sealed: &Schema,
    problems: &mut Diagnostics,
) {
    let former = table.renamed_from.as_ref().and_then(|old| sealed.tables.get(old));
    let Some(before) = sealed.tables.get(&table.name).or(former) else { return };
    let is_filled = |field: &&Field| {
        let name = field.renamed_from.as_ref().filter(|_| before.field(&field.name).is_none());
        before.field(name.unwrap_or(&field.name)).is_none_or(|old| old.optional && !field.optional)
    };
    let columns = before.schema.iter().map(|field| field.column().to_owned());
    let known = KnownColumns::of_struct(raw).with(columns);
    for field in table.schema.iter().filter(is_filled) {
        let Some(sql) = &field.backfill else { continue };
        for problem in known.find_unknown(sql, Expressions::One) {
            problems.push(problem.on(&table.name, Some(&field.name)));
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
            problems.push(problem.on(&table.name, Some(&field.name)));
        }
    }
}
