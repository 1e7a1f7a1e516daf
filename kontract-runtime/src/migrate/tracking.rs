//! The table `_kontract_migrations`: what was run in this database, and what its tables looked like
//! afterwards. A migration of more than one transaction has its row from its beginning: `step` says
//! how many of its statements are done. `additive` says whether older programs may run beside it.
//!
//! `shape` is a text that changes when a table, column, index or constraint of the package does. On
//! SQLite it is compared only when `seen`, SQLite's own count of schema changes, has changed.
//! PostgreSQL has no such count: there a start reads only the newest row, except in a program with
//! debug assertions.

use std::sync::Arc;

use kontract_schema::dialect::Dialect;

use super::executor::Executor;
use super::history::{Applied, NewRow, State};
use super::history_sql::HistorySql;
use super::sqlite::counters;
use crate::driver::Backend;
use crate::driver::postgres::Postgres;
use crate::driver::statement::{PreparedStatement, no_rows};
use crate::error::{Error, Result};
use crate::migrate::registry::Registry;
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader, field};
use crate::value::types::Timestamp;
use crate::value::wire::{Scalar, Wire};

/// Returns a row where the table has the column.
pub(super) fn has_column_query(column: &str) -> PreparedStatement {
    let text =
        format!("SELECT 1 FROM pragma_table_info('_kontract_migrations') WHERE name = '{column}'");
    PreparedStatement::raw(&text, Vec::new(), Vec::new())
}

const TEXT: Wire = Wire::one(Scalar::Text);
const I32: Wire = Wire::one(Scalar::I32);
const I64: Wire = Wire::one(Scalar::I64);
const BOOL: Wire = Wire::one(Scalar::Bool);

/// What a start finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The last migration is the program's, and the tables are unchanged since, as far as checked.
    UpToDate,
    /// The last migration is the program's, and a table was changed since.
    Changed,
    /// Another last migration, or none.
    Other,
}

/// The last row of an up-to-date history: version, hash, state.
fn last_row(registry: &Registry, with_draft: bool) -> (i32, &'static str, &'static str) {
    let (version, hash, state) = match registry.draft {
        Some(draft) if with_draft => (registry.version + 1, draft, "draft"),
        _ => (registry.version, registry.head, "done"),
    };
    (i32::try_from(version).unwrap_or(i32::MAX), hash, state)
}

/// Reads the last row, in one statement, and checks it.
pub(super) async fn check_last(
    backend: &Backend,
    registry: &Registry,
    with_draft: bool,
) -> Result<Found> {
    let found = match backend {
        Backend::Sqlite(_) => check_tables(backend, registry, with_draft).await,
        Backend::Postgres(postgres) => match check_row(postgres, registry, with_draft).await {
            Ok(false) if registry.debug => check_tables(backend, registry, with_draft).await,
            Ok(is_last) => Ok(if is_last { Found::UpToDate } else { Found::Other }),
            Err(error) => Err(error),
        },
    };
    match found {
        Err(error) if is_missing_table(&error) || is_missing_column(&error) => Ok(Found::Other),
        // A changed draft is taken back as a whole.
        Ok(Found::Changed) if with_draft => Ok(Found::UpToDate),
        found => found,
    }
}

/// PostgreSQL: in one message whose answer is a number of rows. A program with debug assertions also
/// compares the shape of the tables.
async fn check_row(postgres: &Postgres, registry: &Registry, with_draft: bool) -> Result<bool> {
    let (version, hash, state) = last_row(registry, with_draft);
    let text = |text: &str| Dialect::Postgres.literal(text);
    let (package, hash, state) = (text(registry.package), text(hash), text(state));
    let tables = if registry.debug && !with_draft {
        format!("AND m.shape = {}", HistorySql::of(Dialect::Postgres).shape)
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

/// Checks the last row and the shape of the tables; on SQLite also that the counters exist.
async fn check_tables(backend: &Backend, registry: &Registry, with_draft: bool) -> Result<Found> {
    let HistorySql { shape, unchanged: (before, after), .. } = HistorySql::of(backend.dialect());
    let text = format!(
        "SELECT m.version, m.hash, m.state, {before}m.shape = {shape}{after} \
         FROM _kontract_migrations m WHERE m.package = $1 ORDER BY m.version DESC LIMIT 1"
    );
    // The connection that writes is the first that SQLite opens.
    let query = PreparedStatement::raw(&text, vec![TEXT], vec![I32, TEXT, TEXT, BOOL]).writing();
    let read = |from: &mut dyn Reader| {
        let row = (field::<i32>(from)?, field::<String>(from)?, field::<String>(from)?);
        Ok((row, field::<Option<bool>>(from)?))
    };
    let package = registry.package;
    let values = |to: &mut dyn Binder| to.bind(Datum::Text(package.to_owned().into()));
    let last = backend.run(&Arc::new(query), &values, read).await?.rows.into_iter().next();
    let Some(((version, hash, state), unchanged)) = last else { return Ok(Found::Other) };
    match unchanged {
        None => Err(counters::are_missing()),
        _ if (version, &*hash, &*state) != last_row(registry, with_draft) => Ok(Found::Other),
        Some(true) => Ok(Found::UpToDate),
        Some(false) => Ok(Found::Changed),
    }
}

/// PostgreSQL has a code for it; SQLite has one code for all mistakes in a statement.
fn is_missing_table(error: &Error) -> bool {
    error.database().is_some_and(|source| {
        source.code == "42P01" || source.message.starts_with("no such table: _kontract_migrations")
    })
}

/// Writes the present shape of the tables into the last row.
pub(super) async fn record_shape(backend: &Backend, registry: &Registry) -> Result<()> {
    let query = shape_query(backend.dialect());
    let (package, version) = (registry.package, registry.version);
    let values = move |to: &mut dyn Binder| bind_row(to, package, version);
    backend.run(&Arc::new(query), &values, no_rows).await.map(|_| ())
}

/// Writes the present shape into a row, by package and version.
pub(super) fn shape_query(dialect: Dialect) -> PreparedStatement {
    let HistorySql { shape, record_changes, .. } = HistorySql::of(dialect);
    let text = format!(
        "UPDATE _kontract_migrations AS m SET shape = {shape}{record_changes} \
         WHERE m.package = $1 AND m.version = $2"
    );
    PreparedStatement::raw(&text, vec![TEXT, I32], Vec::new()).writing()
}

/// Binds package and version.
pub(super) fn bind_row(to: &mut dyn Binder, package: &str, version: u32) -> Result<()> {
    to.bind(Datum::Text(package.to_owned().into()))?;
    to.bind(Datum::I32(i32::try_from(version).unwrap_or(i32::MAX)))
}

/// Reads the rows of a package after a version, oldest first.
///
/// # Errors
/// The errors of the database.
pub(super) async fn read_after<E: Executor>(
    executor: &mut E,
    package: &str,
    version: u32,
) -> Result<Vec<Applied>> {
    let query = history_query("step, additive");
    let bind = |to: &mut dyn Binder| bind_row(to, package, version);
    executor.run(&query, &bind, read_applied).await.map(|done| done.rows)
}

/// Reads the history with a role that may only read: empty where its table is missing, also in the
/// form of an older version.
pub(super) async fn read_history(backend: &Backend, package: &str) -> Result<Vec<Applied>> {
    let values = |to: &mut dyn Binder| bind_row(to, package, 0);
    let read = async |columns: &str| {
        let query = Arc::new(history_query(columns));
        backend.run(&query, &values, read_applied).await.map(|done| done.rows)
    };
    let mut history = read("step, additive").await;
    for older in ["step, false", "0, false"] {
        match &history {
            Err(error) if is_missing_column(error) => history = read(older).await,
            _ => break,
        }
    }
    match history {
        Err(error) if is_missing_table(&error) => Ok(Vec::new()),
        history => history,
    }
}

/// Reads the history; `None` where its table is missing, or has to be upgraded.
pub(super) async fn read_current(backend: &Backend, package: &str) -> Result<Option<Vec<Applied>>> {
    let values = |to: &mut dyn Binder| bind_row(to, package, 0);
    let query = Arc::new(history_query("step, additive"));
    match backend.run(&query, &values, read_applied).await {
        Err(error) if is_missing_table(&error) || is_missing_column(&error) => Ok(None),
        done => done.map(|done| Some(done.rows)),
    }
}

fn is_missing_column(error: &Error) -> bool {
    let ours = ["step", "additive", "m.seen"];
    error.database().is_some_and(|source| {
        source.code == "42703"
            || ours
                .iter()
                .any(|column| source.message.starts_with(&format!("no such column: {column}")))
    })
}

/// The rows of a package after a version, oldest first.
fn history_query(columns: &str) -> PreparedStatement {
    let text = format!(
        "SELECT version, name, hash, state, {columns}, reverse, applied_at FROM _kontract_migrations \
         WHERE package = $1 AND version > $2 ORDER BY version"
    );
    PreparedStatement::raw(
        &text,
        vec![TEXT, I32],
        vec![I32, TEXT, TEXT, TEXT, I32, BOOL, TEXT, I64],
    )
}

/// Reads a row of it.
pub(super) fn read_applied(from: &mut dyn Reader) -> Result<Applied> {
    Ok(Applied {
        version: u32::try_from(field::<i32>(from)?).unwrap_or(0),
        name: field(from)?,
        hash: field(from)?,
        state: State::parse(&field::<String>(from)?),
        step: usize::try_from(field::<i32>(from)?).unwrap_or(0),
        additive: field(from)?,
        reverse: field(from)?,
        applied_at: field(from)?,
    })
}

/// The text that writes the row of a complete migration on PostgreSQL, in one message with the
/// statements of the migration. It fails outside of their transaction, and where the condition does
/// not hold.
pub(super) fn insert_text(row: &NewRow<'_>, condition: &str) -> String {
    let text = |text: &str| Dialect::Postgres.literal(text);
    format!(
        "INSERT INTO _kontract_migrations \
         (package, version, name, hash, state, step, reverse, applied_at, tables, additive, shape) \
         VALUES ({}, {}, {}, {}, {}, {}, NULL, {}, {}, {}, \
         CASE WHEN current_setting('kontract.inside', true) = 'yes' AND {condition} THEN '' END)",
        text(row.package),
        row.version,
        text(row.name),
        text(row.hash),
        text(row.state.text()),
        row.step,
        Timestamp::now().as_millis(),
        text(&row.tables),
        row.additive,
    )
}

/// Writes a row, where the condition holds; it replaces a row of the same version.
pub(super) fn insert_query(condition: &str) -> PreparedStatement {
    let text = format!(
        "INSERT INTO _kontract_migrations \
         (package, version, name, hash, state, step, reverse, applied_at, tables, additive, shape) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '' WHERE {condition} ON CONFLICT (package, version) DO UPDATE SET \
         name = excluded.name, hash = excluded.hash, state = excluded.state, step = excluded.step, \
         reverse = excluded.reverse, applied_at = excluded.applied_at, tables = excluded.tables, \
         additive = excluded.additive"
    );
    PreparedStatement::raw(
        &text,
        vec![TEXT, I32, TEXT, TEXT, TEXT, I32, TEXT, I64, TEXT, BOOL],
        Vec::new(),
    )
    .writing()
}

/// Binds the values of [`insert_query`].
pub(super) fn bind_new(to: &mut dyn Binder, row: &NewRow<'_>) -> Result<()> {
    let text = |text: &str| Datum::Text(text.to_owned().into());
    to.bind(text(row.package))?;
    to.bind(Datum::I32(i32::try_from(row.version).unwrap_or(i32::MAX)))?;
    to.bind(text(row.name))?;
    to.bind(text(row.hash))?;
    to.bind(text(row.state.text()))?;
    to.bind(Datum::I32(i32::try_from(row.step).unwrap_or(i32::MAX)))?;
    to.bind(row.reverse.as_deref().map_or(Datum::Null, text))?;
    to.bind(Datum::I64(Timestamp::now().as_millis()))?;
    to.bind(text(&row.tables))?;
    to.bind(Datum::Bool(row.additive))
}

/// Deletes a row, by package and version, where the condition holds.
pub(super) fn delete_query(condition: &str) -> PreparedStatement {
    let text = format!(
        "DELETE FROM _kontract_migrations WHERE package = $1 AND version = $2 AND {condition}"
    );
    PreparedStatement::raw(&text, vec![TEXT, I32], Vec::new()).writing()
}

/// The physical names that the newest row of a package lists, as JSON.
pub(super) fn newest_tables_query() -> PreparedStatement {
    let text = "SELECT tables FROM _kontract_migrations WHERE package = $1 \
                ORDER BY version DESC LIMIT 1";
    PreparedStatement::raw(text, vec![TEXT], vec![TEXT])
}

/// The physical names that the newest rows of all other packages list.
pub(super) fn tables_of_others_query() -> PreparedStatement {
    let text = "SELECT package, tables FROM _kontract_migrations m \
                WHERE package <> $1 AND version = (SELECT max(version) FROM _kontract_migrations \
                WHERE package = m.package) ORDER BY package";
    PreparedStatement::raw(text, vec![TEXT], vec![TEXT, TEXT])
}

/// Deletes all rows of a package.
pub(super) fn forget_query() -> PreparedStatement {
    let text = "DELETE FROM _kontract_migrations WHERE package = $1";
    PreparedStatement::raw(text, vec![TEXT], Vec::new()).writing()
}
