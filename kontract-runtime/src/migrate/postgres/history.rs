//! The history in messages of PostgreSQL that are sent at once, with their values as text.

use kontract_schema::dialect::Dialect;

use crate::driver::postgres::Postgres;
use crate::error::Result;
use crate::migrate::history::NewRow;
use crate::migrate::history_sql::HistorySql;
use crate::migrate::registry::Registry;
use crate::migrate::tracking::last_row;
use crate::value::types::Timestamp;

fn literal(text: &str) -> String {
    Dialect::Postgres.literal(text)
}

/// Returns whether the last row is the program's, by one message whose answer is a number of rows. In
/// a program with debug assertions, the shape of the tables also has to be the recorded one.
pub(super) async fn has_last(
    postgres: &Postgres,
    registry: &Registry,
    with_draft: bool,
) -> Result<bool> {
    let (version, hash, state) = last_row(registry, with_draft);
    let (package, hash, state) = (literal(registry.package), literal(hash), literal(state));
    let tables = if registry.debug && !with_draft {
        format!("AND m.shape = {}", HistorySql::for_dialect(Dialect::Postgres).shape)
    } else {
        String::new()
    };
    let last = format!(
        "SELECT FROM (SELECT * FROM _kontract_migrations \
         WHERE package = {package} ORDER BY version DESC LIMIT 1) AS m \
         WHERE m.version = {version} AND m.hash = {hash} AND m.state = {state} {tables}"
    );
    Ok(postgres.count(&last).await? > 0)
}

/// Returns the statement that writes the row of a complete migration, in one message with the
/// statements of the migration. It fails outside of their transaction, and where the condition does
/// not hold.
pub(super) fn insert_text(row: &NewRow<'_>, condition: &str) -> String {
    format!(
        "INSERT INTO _kontract_migrations \
         (package, version, name, hash, state, step, reverse, applied_at, tables, additive, shape) \
         VALUES ({}, {}, {}, {}, {}, {}, NULL, {}, {}, {}, \
         CASE WHEN current_setting('kontract.inside', true) = 'yes' AND {condition} THEN '' END)",
        literal(row.package),
        row.version,
        literal(row.name),
        literal(row.hash),
        literal(row.state.as_str()),
        row.step,
        Timestamp::now().as_millis(),
        literal(&row.tables),
        row.additive,
    )
}
