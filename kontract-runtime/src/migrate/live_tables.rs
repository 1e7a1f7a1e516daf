//! Compares live tables with what the lock file describes, and says how they differ.

use kontract_schema::catalog::{Catalog, Difference, Foreign, compare, foreign};
use kontract_schema::model::Schema;

use super::failure::failure;
use crate::error::Result;

/// How many differences a message shows.
const SHOWN: usize = 10;

/// The live tables that the schema has.
pub(super) fn only_of(schema: &Schema, mut live: Catalog) -> Catalog {
    live.tables.retain(|ptr, _| schema.tables.values().any(|table| table.ptr == *ptr));
    live
}

/// Refuses tables that differ from the lock file.
///
/// # Errors
/// K0427, which names the differences.
pub(super) fn refuse_differences(differences: &[Difference]) -> Result<()> {
    refuse(
        differences,
        "change the database back by hand, or seal a manual migration that does what was done",
    )
}

/// Refuses to adopt tables that differ from the lock file.
///
/// # Errors
/// K0427, which names the differences.
pub(super) fn refuse_adoption(differences: &[Difference]) -> Result<()> {
    refuse(
        differences,
        "change them by hand, or adopt the version that they are at; nothing was changed",
    )
}

fn refuse(differences: &[Difference], help: &'static str) -> Result<()> {
    if differences.is_empty() {
        return Ok(());
    }
    let what = format!("the database differs from the lock file:{}", list(differences));
    Err(failure("K0427", what).with_help(help))
}

/// The first differences, a line each.
fn list(differences: &[Difference]) -> String {
    let shown = differences.iter().take(SHOWN).map(|difference| format!("\n  - {difference}"));
    let mut lines: Vec<String> = shown.collect();
    if let Some(more @ 1..) = differences.len().checked_sub(SHOWN) {
        lines.push(format!("\n  - and {more} more"));
    }
    lines.concat()
}

/// Checks the tables of a database without a history: those with names of the schema are adopted
/// where they are as the schema describes them.
///
/// # Errors
/// K0431: they differ.
pub(super) fn check_existing(expected: &Catalog, live: Catalog) -> Result<()> {
    let mut existing = expected.clone();
    existing.tables.retain(|name, _| live.tables.contains_key(name));
    let differences = compare(&existing, &live);
    if differences.is_empty() {
        return Ok(());
    }
    let what = format!("the database has different tables of these names:{}", list(&differences));
    let mut help = "connect to another database, or change those tables by hand; `kontract introspect` writes structs for existing tables".to_owned();
    for Foreign { table, tool, .. } in foreign(&live) {
        help += &format!("\n{tool} has migrated this database; its table `{table}` is not changed");
    }
    Err(failure("K0431", what).with_help(help))
}
