//! Tables that others manage: before the first step they have to be there, as the structs say.

use kontract_schema::catalog::{Catalog, compare, expected};
use kontract_schema::dialect::Dialect;
use kontract_schema::model::Schema;

use super::decide::{Goal, Wanted};
use super::failure;
use crate::error::Result;

impl Wanted {
    /// The tables of others that the end of the run describes; none where there is nothing to look
    /// for.
    pub(super) fn external(&self) -> Option<Schema> {
        let Goal::Up { .. } = self.goal else { return None };
        let mut schema = self.lock.schema();
        schema.tables.retain(|_, table| table.external);
        (!schema.tables.is_empty()).then_some(schema)
    }
}

/// Refuses a database in which they are not, or are different.
///
/// # Errors
/// K0461, which names each difference.
pub(super) fn check(dialect: Dialect, external: &Schema, live: &Catalog) -> Result<()> {
    let differences = compare(&expected(dialect, external), live);
    if differences.is_empty() {
        return Ok(());
    }
    let lines: Vec<String> = differences.iter().map(|found| format!("\n  - {found}")).collect();
    let what = format!("tables that others manage are not as the structs say:{}", lines.concat());
    Err(failure("K0461", what).with_help(
        "create them first, or connect to the database that has them; nothing was changed",
    ))
}
