//! The table `_kontract_migrations`: what was run in this database, and what its tables looked like
//! afterwards. A migration of more than one transaction has its row from its beginning: `step` says
//! how many of its statements are done. `additive` says whether older programs may run beside it.
//!
//! `shape` is a text that changes when a table, column, index or constraint of the package does; while
//! a migration is incomplete, it describes the tables before it. On
//! SQLite it is compared only when `seen`, SQLite's own count of schema changes, has changed.
//! PostgreSQL has no such count: there a start reads only the newest row, except in a program with
//! debug assertions.

use super::executor::Queries;
use super::history::{Applied, NewRow, State};
use super::history_sql::HistorySql;
use super::sqlite::counters;
use super::tables_before::TablesBefore;
use crate::driver::Backend;
use crate::driver::statement::{BoundStatement, PreparedStatement};
use crate::error::{Error, Result};
use crate::migrate::registry::Registry;
use crate::value::raw_columns::Columns;
use crate::value::types::Timestamp;

/// What a start finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The last migration is the program's, and the tables are unchanged since, as far as checked.
    UpToDate,
    /// The last migration is the program's, and a table was changed since.
    Changed,
    /// Another last migration, or none.
    Other,
}

/// The last row of an up-to-date history: version, hash, state.
pub(super) fn last_row(registry: &Registry, with_draft: bool) -> (i32, &'static str, &'static str) {
    let (version, hash, state) = match registry.draft {
        Some(draft) if with_draft => (registry.version + 1, draft, "draft"),
        _ => (registry.version, registry.head, "done"),
    };
    (i32::try_from(version).unwrap_or(i32::MAX), hash, state)
}

/// Checks the last row and the shape of the tables; on SQLite also that the counters exist.
pub(super) async fn compare_last(
    backend: &mut Backend,
    registry: &Registry,
    with_draft: bool,
) -> Result<Found> {
    let HistorySql { shape, unchanged: (before, after), .. } =
        HistorySql::for_dialect(backend.dialect());
    let text = format!(
        "SELECT m.version, m.hash, m.state, {before}m.shape = {shape}{after} \
         FROM _kontract_migrations m WHERE m.package = $1 ORDER BY m.version DESC LIMIT 1"
    );
    type Last = (i32, String, String, Option<bool>);
    // The connection that writes is the first that SQLite opens.
    let mark = PreparedStatement::writing;
    let query = BoundStatement::query::<Last>(&text, (registry.package,), mark)?;
    let last = Queries::run(backend, &query).await?.rows.into_iter().next();
    let Some(last) = last else { return Ok(Found::Other) };
    let (version, hash, state, unchanged) = Last::of_row(last)?;
    match unchanged {
        None => Err(counters::are_missing()),
        _ if (version, &*hash, &*state) != last_row(registry, with_draft) => Ok(Found::Other),
        Some(true) => Ok(Found::UpToDate),
        Some(false) => Ok(Found::Changed),
    }
}

/// PostgreSQL has a code for it; SQLite has one code for all mistakes in a statement.
pub(crate) fn is_missing_table(error: &Error) -> bool {
    error.database().is_some_and(|source| {
        source.code == "42P01" || source.message.starts_with("no such table: _kontract_migrations")
    })
}

/// Writes the present shape of the tables into a row.
pub(super) async fn record_shape<Q: Queries>(
    database: &mut Q,
    package: &str,
    version: u32,
) -> Result<()> {
    let HistorySql { shape, record_changes, .. } = HistorySql::for_dialect(database.dialect());
    let text = format!(
        "UPDATE _kontract_migrations AS m SET shape = {shape}{record_changes} \
         WHERE m.package = $1 AND m.version = $2"
    );
    database.change(&text, (package, number(version))).await.map(drop)
}

/// A version or a step, as the table stores it.
fn number(number: impl TryInto<i32>) -> i32 {
    number.try_into().unwrap_or(i32::MAX)
}

/// Reads the rows of a package after a version, oldest first.
///
/// # Errors
/// The errors of the database.
pub(super) async fn read_after<Q: Queries>(
    database: &mut Q,
    package: &str,
    version: u32,
) -> Result<Vec<Applied>> {
    read_columns(database, package, version, "step, additive").await
}

/// Reads the history with a role that may only read: empty where its table is missing, also in the
/// form of an older version.
pub(super) async fn read_history(backend: &Backend, package: &str) -> Result<Vec<Applied>> {
    let mut backend = backend.clone();
    let mut history = read_after(&mut backend, package, 0).await;
    for older in ["step, false", "0, false"] {
        match &history {
            Err(error) if is_missing_column(error) => {
                history = read_columns(&mut backend, package, 0, older).await;
            }
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
    match read_after(&mut backend.clone(), package, 0).await {
        Err(error) if is_missing_table(&error) || is_missing_column(&error) => Ok(None),
        done => done.map(Some),
    }
}

pub(super) fn is_missing_column(error: &Error) -> bool {
    let ours = ["step", "additive", "m.seen"];
    error.database().is_some_and(|source| {
        source.code == "42703"
            || ours
                .iter()
                .any(|column| source.message.starts_with(&format!("no such column: {column}")))
    })
}

async fn read_columns<Q: Queries>(
    database: &mut Q,
    package: &str,
    version: u32,
    columns: &str,
) -> Result<Vec<Applied>> {
    let text = format!(
        "SELECT version, name, hash, state, {columns}, reverse, applied_at FROM _kontract_migrations \
         WHERE package = $1 AND version > $2 ORDER BY version"
    );
    type Row = (i32, String, String, String, i32, bool, Option<String>, i64);
    let rows: Vec<Row> = database.fetch(&text, (package, number(version))).await?;
    let applied =
        |(version, name, hash, state, step, additive, reverse, applied_at): Row| Applied {
            version: u32::try_from(version).unwrap_or(0),
            name,
            hash,
            state: State::parse(&state),
            step: usize::try_from(step).unwrap_or(0),
            additive,
            reverse,
            applied_at,
        };
    Ok(rows.into_iter().map(applied).collect())
}

/// Writes a row, where the condition holds; it replaces a row of the same version. Returns the number
/// of rows that it wrote.
pub(super) async fn write_row<Q: Queries>(
    database: &mut Q,
    row: &NewRow<'_>,
    condition: &str,
) -> Result<u64> {
    let text = format!(
        "INSERT INTO _kontract_migrations \
         (package, version, name, hash, state, step, reverse, applied_at, tables, additive, shape) \
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, '' WHERE {condition} ON CONFLICT (package, version) DO UPDATE SET \
         name = excluded.name, hash = excluded.hash, state = excluded.state, step = excluded.step, \
         reverse = excluded.reverse, applied_at = excluded.applied_at, tables = excluded.tables, \
         additive = excluded.additive, \
         shape = CASE WHEN excluded.state IN ('done', 'draft') THEN '' ELSE _kontract_migrations.shape END"
    );
    let values = (
        row.package,
        number(row.version),
        row.name,
        row.hash,
        row.state.as_str(),
        number(row.step),
        row.reverse.as_deref(),
        Timestamp::now().as_millis(),
        &*row.tables,
        row.additive,
    );
    database.change(&text, values).await
}

/// Writes what the tables are before a migration of more than one transaction into its row.
pub(super) async fn record_before<Q: Queries>(
    database: &mut Q,
    package: &str,
    version: u32,
    before: &TablesBefore,
) -> Result<()> {
    let text = "UPDATE _kontract_migrations SET shape = $1 WHERE package = $2 AND version = $3";
    database.change(text, (&*before.to_json(), package, number(version))).await.map(drop)
}

/// Reads what the tables were before an incomplete migration; `None` if its row does not have it.
pub(super) async fn read_before<Q: Queries>(
    database: &mut Q,
    package: &str,
    version: u32,
) -> Result<Option<TablesBefore>> {
    let text = "SELECT shape FROM _kontract_migrations WHERE package = $1 AND version = $2";
    let rows: Vec<(String,)> = database.fetch(text, (package, number(version))).await?;
    Ok(rows.first().and_then(|(json,)| TablesBefore::parse(json)))
}

/// Deletes a row where the condition holds. Returns the number of rows that it deleted.
pub(super) async fn delete_row<Q: Queries>(
    database: &mut Q,
    package: &str,
    version: u32,
    condition: &str,
) -> Result<u64> {
    let text = format!(
        "DELETE FROM _kontract_migrations WHERE package = $1 AND version = $2 AND {condition}"
    );
    database.change(&text, (package, number(version))).await
}

/// A package with the physical names of its tables.
pub(super) type Package = (String, Vec<String>);

/// Reads the tables that the newest row of each package lists.
pub(super) async fn read_packages<Q: Queries>(database: &mut Q) -> Result<Vec<Package>> {
    let text = "SELECT package, tables FROM _kontract_migrations m \
                WHERE version = (SELECT max(version) FROM _kontract_migrations \
                WHERE package = m.package) ORDER BY package";
    let rows: Vec<(String, String)> = database.fetch(text, ()).await?;
    let read = |(package, tables): (String, String)| {
        (package, serde_json::from_str(&tables).unwrap_or_default())
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Moves all rows of a package to another one, where the condition holds. Returns how many there are.
pub(super) async fn move_rows<Q: Queries>(
    database: &mut Q,
    from: &str,
    to: &str,
    condition: &str,
) -> Result<u64> {
    let text =
        format!("UPDATE _kontract_migrations SET package = $1 WHERE package = $2 AND {condition}");
    database.change(&text, (to, from)).await
}

/// Reads the tables that each row of a package lists, by its version.
pub(super) async fn read_tables<Q: Queries>(
    database: &mut Q,
    package: &str,
) -> Result<Vec<(i32, Vec<String>)>> {
    let text =
        "SELECT version, tables FROM _kontract_migrations WHERE package = $1 ORDER BY version";
    let rows: Vec<(i32, String)> = database.fetch(text, (package,)).await?;
    let read = |(version, tables): (i32, String)| {
        (version, serde_json::from_str(&tables).unwrap_or_default())
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Writes the tables that a row lists, where the condition holds. Returns the number of rows that it
/// wrote.
pub(super) async fn write_tables<Q: Queries>(
    database: &mut Q,
    package: &str,
    version: i32,
    tables: &str,
    condition: &str,
) -> Result<u64> {
    let text = format!(
        "UPDATE _kontract_migrations SET tables = $1 WHERE package = $2 AND version = $3 AND {condition}"
    );
    database.change(&text, (tables, package, version)).await
}

/// Deletes all rows of a package.
pub(super) async fn forget<Q: Queries>(database: &mut Q, package: &str) -> Result<()> {
    let text = "DELETE FROM _kontract_migrations WHERE package = $1";
    database.change(text, (package,)).await.map(drop)
}
