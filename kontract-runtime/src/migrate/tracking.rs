//! The table `_kontract_migrations`: what was run in this database, and what its tables looked like
//! afterwards. A migration that is not one transaction has its row from its beginning: `step` says
//! how many of its statements are done.
//!
//! `shape` is a text that changes when a table, column, index or constraint of ours does. The one
//! statement of a start computes it anew and compares, so that changes by hand are found without a
//! second one.

use kontract_schema::dialect::Dialect;

use super::next::{Applied, State};
use crate::backend::{Backend, Query, no_rows};
use crate::base::Registry;
use crate::datum::Datum;
use crate::error::Result;
use crate::record::{Binder, Reader, field};
use crate::types::Timestamp;
use crate::wire::{Scalar, Wire};

/// Makes the table on PostgreSQL; under the lock, because `IF NOT EXISTS` alone loses races.
pub(super) const CREATE_POSTGRES: &str = "CREATE TABLE IF NOT EXISTS _kontract_migrations (\
    package TEXT NOT NULL, version INT NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, \
    state TEXT NOT NULL, reverse TEXT, applied_at BIGINT NOT NULL, tables TEXT NOT NULL, \
    shape TEXT NOT NULL, step INT NOT NULL DEFAULT 0, PRIMARY KEY (package, version))";

/// Gives the table of an older version the columns it lacks. `ADD COLUMN IF NOT EXISTS` alone would
/// lock the table at every start.
pub(super) const UPGRADE_POSTGRES: &str = "DO $$ BEGIN \
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attname = 'step' AND NOT attisdropped \
        AND attrelid = '_kontract_migrations'::regclass) THEN \
        ALTER TABLE _kontract_migrations ADD COLUMN step INT NOT NULL DEFAULT 0; \
    END IF; END $$";

/// The same on SQLite.
pub(super) const CREATE_SQLITE: &str = "CREATE TABLE IF NOT EXISTS _kontract_migrations (\
    package TEXT NOT NULL, version INTEGER NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, \
    state TEXT NOT NULL, reverse TEXT, applied_at INTEGER NOT NULL, tables TEXT NOT NULL, \
    shape TEXT NOT NULL, step INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (package, version)) STRICT";

/// Gives a row where the table of an older version lacks columns.
pub(super) const OLD_SQLITE: &str = "SELECT 1 WHERE NOT EXISTS (\
    SELECT 1 FROM pragma_table_info('_kontract_migrations') WHERE name = 'step')";

/// Adds them.
pub(super) const UPGRADE_SQLITE: &str =
    "ALTER TABLE _kontract_migrations ADD COLUMN step INTEGER NOT NULL DEFAULT 0";

/// The shape of the tables that `m.tables` lists as JSON.
fn shape(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => {
            "(WITH ours AS (SELECT c.oid FROM pg_catalog.pg_class c \
              WHERE c.relnamespace = current_schema()::regnamespace \
              AND c.relname IN (SELECT jsonb_array_elements_text(m.tables::jsonb))) \
              SELECT md5(coalesce(string_agg(line, ';' ORDER BY line), '')) FROM (\
              SELECT concat_ws(' ', attrelid, attname, atttypid, atttypmod, attnotnull, atthasdef) AS line \
              FROM pg_catalog.pg_attribute WHERE attrelid IN (SELECT oid FROM ours) AND attnum > 0 AND NOT attisdropped \
              UNION ALL SELECT concat_ws(' ', indrelid, indexrelid, indisvalid) \
              FROM pg_catalog.pg_index WHERE indrelid IN (SELECT oid FROM ours) \
              UNION ALL SELECT concat_ws(' ', conrelid, conname, convalidated) \
              FROM pg_catalog.pg_constraint WHERE conrelid IN (SELECT oid FROM ours)) AS lines)"
        }
        Dialect::Sqlite => {
            "(SELECT coalesce(group_concat(sql, ';'), '') FROM (\
              SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL \
              AND tbl_name IN (SELECT value FROM json_each(m.tables)) ORDER BY type, name))"
        }
    }
}

fn param(dialect: Dialect, number: usize) -> String {
    match dialect {
        Dialect::Postgres => format!("${number}"),
        Dialect::Sqlite => format!("?{number}"),
    }
}

const TEXT: Wire = Wire::one(Scalar::Text);
const I32: Wire = Wire::one(Scalar::I32);
const I64: Wire = Wire::one(Scalar::I64);
const BOOL: Wire = Wire::one(Scalar::Bool);

/// The last row of the history.
pub(super) struct Last {
    pub(super) version: i32,
    hash: String,
    state: String,
    /// Whether the tables look as the last migration left them.
    pub(super) untouched: bool,
    /// Whether transaction ids and places can be given out.
    pub(super) clock_runs: bool,
}

impl Last {
    /// Whether it is what the program wants.
    pub(super) fn is(&self, registry: &Registry, with_draft: bool) -> bool {
        let (version, hash, state) = match registry.draft {
            Some(draft) if with_draft => (registry.version + 1, draft, "draft"),
            _ => (registry.version, registry.head, "done"),
        };
        i64::from(self.version) == i64::from(version) && self.hash == hash && self.state == state
    }
}

/// Reads the last row; `None` where there is none, or no table yet.
pub(super) async fn read_last(backend: &Backend, package: &str) -> Result<Option<Last>> {
    let dialect = backend.dialect();
    let clock_runs = match dialect {
        Dialect::Postgres => "true",
        Dialect::Sqlite => super::clock::RUNS,
    };
    let text = format!(
        "SELECT m.version, m.hash, m.state, m.shape = {}, {clock_runs} FROM _kontract_migrations m \
         WHERE m.package = {} ORDER BY m.version DESC LIMIT 1",
        shape(dialect),
        param(dialect, 1),
    );
    let query = Query::raw(&text, vec![TEXT], vec![I32, TEXT, TEXT, BOOL, BOOL]);
    let read = |from: &mut dyn Reader| {
        Ok(Last {
            version: field(from)?,
            hash: field(from)?,
            state: field(from)?,
            untouched: field(from)?,
            clock_runs: field(from)?,
        })
    };
    let values = |to: &mut dyn Binder| to.bind(Datum::Text(package.to_owned().into()));
    match backend.run(&std::sync::Arc::new(query), &values, read).await {
        Ok(done) => Ok(done.rows.into_iter().next()),
        Err(error) if is_missing_table(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// PostgreSQL says so by code; SQLite has one code for all mistakes in a statement.
fn is_missing_table(error: &crate::Error) -> bool {
    error.database().is_some_and(|said| {
        said.code == "42P01" || said.message.starts_with("no such table: _kontract_migrations")
    })
}

/// Whether SQLite's clock is not there.
pub(super) fn is_missing_clock(error: &crate::Error) -> bool {
    let said = error.database().map_or("", |said| said.message.as_str());
    said.starts_with("no such table: _kontract_clock")
}

/// Keeps the present shape as the one that is known.
pub(super) async fn keep_shape(
    backend: &Backend,
    package: &'static str,
    version: i32,
) -> Result<()> {
    let query = shape_query(backend.dialect());
    let values = move |to: &mut dyn Binder| bind_row(to, package, version);
    backend.run(&std::sync::Arc::new(query), &values, no_rows).await.map(|_| ())
}

/// Writes the present shape into a row, by package and version.
pub(super) fn shape_query(dialect: Dialect) -> Query {
    let text = format!(
        "UPDATE _kontract_migrations AS m SET shape = {} WHERE m.package = {} AND m.version = {}",
        shape(dialect),
        param(dialect, 1),
        param(dialect, 2),
    );
    Query::raw(&text, vec![TEXT, I32], Vec::new()).writing()
}

/// Binds package and version.
pub(super) fn bind_row(to: &mut dyn Binder, package: &str, version: i32) -> Result<()> {
    to.bind(Datum::Text(package.to_owned().into()))?;
    to.bind(Datum::I32(version))
}

/// The history of a package after a version, oldest first.
pub(super) fn history_query(dialect: Dialect) -> Query {
    history_with(dialect, "step")
}

/// The history as it is, for somebody who may only read: none where there is no table, and as an
/// older version wrote it where that is so.
pub(super) async fn read_history(backend: &Backend, package: &str) -> Result<Vec<Applied>> {
    let values = |to: &mut dyn Binder| bind_row(to, package, 0);
    let read = async |step: &str| {
        let query = std::sync::Arc::new(history_with(backend.dialect(), step));
        backend.run(&query, &values, read_applied).await.map(|done| done.rows)
    };
    match read("step").await {
        Err(error) if is_missing_table(&error) => Ok(Vec::new()),
        Err(error) if is_missing_column(&error) => read("0").await,
        found => found,
    }
}

fn is_missing_column(error: &crate::Error) -> bool {
    error.database().is_some_and(|said| {
        said.code == "42703" || said.message.starts_with("no such column: step")
    })
}

fn history_with(dialect: Dialect, step: &str) -> Query {
    let text = format!(
        "SELECT version, name, hash, state, {step}, reverse, applied_at FROM _kontract_migrations \
         WHERE package = {} AND version > {} ORDER BY version",
        param(dialect, 1),
        param(dialect, 2),
    );
    Query::raw(&text, vec![TEXT, I32], vec![I32, TEXT, TEXT, TEXT, I32, TEXT, I64])
}

/// Reads a row of it.
pub(super) fn read_applied(from: &mut dyn Reader) -> Result<Applied> {
    Ok(Applied {
        version: u32::try_from(field::<i32>(from)?).unwrap_or(0),
        name: field(from)?,
        hash: field(from)?,
        state: match field::<String>(from)?.as_str() {
            "draft" => State::Draft,
            "running" => State::Running,
            "started" => State::Started,
            _ => State::Done,
        },
        step: usize::try_from(field::<i32>(from)?).unwrap_or(0),
        reverse: field(from)?,
        applied_at: field(from)?,
    })
}

/// The statement that writes a row of a migration that is done, with its values: for PostgreSQL,
/// in one message with the statements of the migration.
pub(super) fn insert_text(row: &NewRow<'_>) -> String {
    let text = |text: &str| Dialect::Postgres.literal(text);
    format!(
        "INSERT INTO _kontract_migrations \
         (package, version, name, hash, state, step, reverse, applied_at, tables, shape) \
         VALUES ({}, {}, {}, {}, {}, {}, NULL, {}, {}, \
         CASE current_setting('kontract.inside', true) WHEN 'yes' THEN '' END)",
        text(row.package),
        row.version,
        text(row.name),
        text(row.hash),
        text(row.state.word()),
        row.step,
        Timestamp::now().as_millis(),
        text(row.tables),
    )
}

/// A row of the history that is to be written.
pub(super) struct NewRow<'a> {
    pub(super) package: &'a str,
    pub(super) version: u32,
    pub(super) name: &'a str,
    pub(super) hash: &'a str,
    pub(super) state: State,
    /// How many of its statements are done.
    pub(super) step: usize,
    pub(super) reverse: Option<String>,
    /// JSON of the physical names of the package's tables.
    pub(super) tables: &'a str,
}

/// Writes a row; one of the same version is replaced.
pub(super) fn insert_query(dialect: Dialect) -> Query {
    let values: Vec<String> = (1..=9).map(|number| param(dialect, number)).collect();
    let text = format!(
        "INSERT INTO _kontract_migrations \
         (package, version, name, hash, state, step, reverse, applied_at, tables, shape) \
         VALUES ({}, '') ON CONFLICT (package, version) DO UPDATE SET \
         name = excluded.name, hash = excluded.hash, state = excluded.state, step = excluded.step, \
         reverse = excluded.reverse, applied_at = excluded.applied_at, tables = excluded.tables",
        values.join(", "),
    );
    Query::raw(&text, vec![TEXT, I32, TEXT, TEXT, TEXT, I32, TEXT, I64, TEXT], Vec::new()).writing()
}

impl NewRow<'_> {
    /// Binds the values of [`insert_query`].
    pub(super) fn bind(&self, to: &mut dyn Binder) -> Result<()> {
        let text = |text: &str| Datum::Text(text.to_owned().into());
        to.bind(text(self.package))?;
        to.bind(Datum::I32(i32::try_from(self.version).unwrap_or(i32::MAX)))?;
        to.bind(text(self.name))?;
        to.bind(text(self.hash))?;
        to.bind(text(self.state.word()))?;
        to.bind(Datum::I32(i32::try_from(self.step).unwrap_or(i32::MAX)))?;
        to.bind(self.reverse.as_deref().map_or(Datum::Null, text))?;
        to.bind(Datum::I64(Timestamp::now().as_millis()))?;
        to.bind(text(self.tables))
    }
}

/// Removes a row, by package and version.
pub(super) fn delete_query(dialect: Dialect) -> Query {
    let text = format!(
        "DELETE FROM _kontract_migrations WHERE package = {} AND version = {}",
        param(dialect, 1),
        param(dialect, 2),
    );
    Query::raw(&text, vec![TEXT, I32], Vec::new()).writing()
}

/// The physical names that the newest row of a package lists, as JSON.
pub(super) fn newest_tables_query(dialect: Dialect) -> Query {
    let text = format!(
        "SELECT tables FROM _kontract_migrations WHERE package = {} ORDER BY version DESC LIMIT 1",
        param(dialect, 1),
    );
    Query::raw(&text, vec![TEXT], vec![TEXT])
}

/// Those of all other packages.
pub(super) fn tables_of_others_query(dialect: Dialect) -> Query {
    let text =
        format!("SELECT tables FROM _kontract_migrations WHERE package <> {}", param(dialect, 1),);
    Query::raw(&text, vec![TEXT], vec![TEXT])
}

/// Removes all rows of a package.
pub(super) fn forget_query(dialect: Dialect) -> Query {
    let text = format!("DELETE FROM _kontract_migrations WHERE package = {}", param(dialect, 1));
    Query::raw(&text, vec![TEXT], Vec::new()).writing()
}
