//! External tables: before the first step they have to exist, as the structs describe them.

use kontract_schema::catalog::{Catalog, compare, expected};
use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::model::Schema;

use super::failure::failure;
use super::live_tables::with_differences;
use crate::error::Result;

/// Compares external tables with the live ones.
///
/// # Errors
/// K0461, which names each difference.
pub(super) fn check(dialect: Dialect, external: &Schema, live: &Catalog) -> Result<()> {
    let differences = compare(&expected(dialect, external), live);
    if differences.is_empty() {
        return Ok(());
    }
    let error = failure(code::EXTERNAL_DIFFERS, "external tables differ from their structs");
    Err(with_differences(error, &differences).with_help(
        "create them first, or connect to the database that has them; nothing was changed",
    ))
}
