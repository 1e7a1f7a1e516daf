//! Brings a database to the schema of the program.
//!
//! ```text
//! one statement ── up to date? ──yes──▶ done
//!        └─ no ─▶ lock ─▶ history ─▶ next step ─▶ one transaction ─┐
//!                           ▲                                      │ until there is none
//!                           └──────────────────────────────────────┘
//! ```
//!
//! The table `_kontract_migrations` keeps what was run, one row for each migration, written in the
//! migration's own transaction. The history is read anew before each step, under a lock, so that of
//! many programs that start at once each finds what the others did.
//!
//! A migration with statements that run outside of a transaction, or again and again, is a step for
//! each group of statements. Its row says how many of them are done, and is written with them; so a
//! migration that was broken off goes on after the last group. Only of a statement outside of a
//! transaction nobody knows whether it was run: it is looked up, run again where that does no harm
//! ([`alone`]), and otherwise left to somebody who can look.
//!
//! The history is the beginning of the lock file's chain, in which each migration names the hash of
//! the one before. So none can be run before an older one: two branches that made the same number
//! are told apart before either runs.

mod alone;
pub(crate) mod catalog;
mod decide;
mod external_tables;
mod history;
pub mod manage;
pub mod options;
mod postgres;
mod preview;
pub mod registry;
mod reset;
pub mod rust;
pub mod script;
mod sqlite;
mod steps;
mod table_owners;
mod tracking;
mod violations;

use std::sync::Arc;
use std::time::Duration;

use kontract_schema::catalog::{Difference, compare, expected};
use kontract_schema::lock::LockFile;
use kontract_schema::model::Schema;

use self::tracking::Found;
use crate::driver::Backend;
use crate::driver::sqlite::{Connection, PATIENCE};
use crate::error::{DatabaseError, Error, Kind, Result};
use crate::migrate::registry::Registry;

pub(crate) use self::decide::Wanted;
use self::decide::{Drafts, Goal};
use self::options::Options;

/// Does what is needed; nothing but one statement where the database is up to date. Says which
/// version the database is at where a newer program has brought it further than this one knows.
pub(crate) async fn bring_up_to_date(
    backend: &Backend,
    registry: &'static Registry,
) -> Result<Option<u32>> {
    let with_draft = takes_draft(backend, registry)?;
    let found = look(backend, registry, with_draft).await?;
    match found {
        // A program without tables. That the database can be reached is known by now.
        _ if registry.version == 0 && !with_draft => return Ok(None),
        Found::Wanted => return Ok(None),
        Found::Touched => {
            // Somebody changed a table by hand. Whether it still serves is another question.
            verify(backend, registry).await?;
            return match tracking::keep_shape(backend, registry).await {
                // Who may only read, or reads from a standby, looks again the next time.
                Err(error) if *error.kind() != Kind::Denied => Err(error),
                _ => Ok(None),
            };
        }
        Found::Other => {}
    }
    let drafts = if with_draft { Drafts::Take } else { Drafts::Without };
    let goal = Goal::Up { until: None, drafts };
    let wanted = Wanted::new(read_lock(registry)?, registry.package, goal, Options::from_env()?);
    let wanted = wanted.with_rust(registry.migrations);
    // Who only looks takes no lock.
    if let Some(history) = tracking::history(backend, registry.package).await?
        && wanted.next(backend.dialect(), &history)?.is_none()
    {
        let last = history.last().map(|row| row.version);
        return Ok(last.filter(|version| *version > wanted.lock.version && !with_draft));
    }
    run(backend, &Arc::new(wanted)).await.map(|()| None)
}

async fn run(backend: &Backend, wanted: &Arc<Wanted>) -> Result<()> {
    match backend {
        Backend::Postgres(postgres) => postgres::run(postgres, wanted).await,
        Backend::Sqlite(sqlite) => sqlite::run(sqlite, wanted).await,
    }
}

/// Looks at the last row of the history. A clock that somebody removed is set again first.
async fn look(backend: &Backend, registry: &Registry, with_draft: bool) -> Result<Found> {
    let found = tracking::look(backend, registry, with_draft).await;
    match (backend, &found) {
        (Backend::Sqlite(sqlite), Err(error)) if sqlite::counters::is_missing(error) => {
            let restore = |connection: &Connection<'_>| {
                connection.in_transaction(|| sqlite::counters::create(connection))
            };
            sqlite.exclusively(PATIENCE, restore).await?;
            tracking::look(backend, registry, with_draft).await
        }
        _ => found,
    }
}

/// Whether this program takes the draft into this database.
fn takes_draft(backend: &Backend, registry: &Registry) -> Result<bool> {
    if registry.draft.is_none() {
        return Ok(false);
    }
    let development = std::env::var("KONTRACT_ENV").is_ok_and(|value| value == "development");
    match (registry.debug, backend) {
        (true, Backend::Sqlite(_)) => Ok(true),
        (true, Backend::Postgres(_)) if development => Ok(true),
        (debug, _) => {
            let help = match debug {
                true => {
                    "seal it with `KONTRACT_SEAL=name cargo build`; on a development server set `KONTRACT_ENV=development`"
                }
                false => "seal it with `KONTRACT_SEAL=name cargo build`",
            };
            let what =
                "the schema has changes that are not sealed, which this database does not take";
            Err(failure("K0423", what).with_help(help))
        }
    }
}

fn read_lock(registry: &Registry) -> Result<LockFile> {
    LockFile::read(registry.lock).map_err(|error| {
        failure("K0429", format!("the lock file in the program cannot be read: {error:?}"))
            .with_help("build the program again")
    })
}

/// Compares the live tables with those of the lock file.
pub(crate) async fn verify(backend: &Backend, registry: &'static Registry) -> Result<()> {
    refuse_differences(&differences(backend, &read_lock(registry)?.schema()).await?)
}

/// How the live tables differ from those of a schema.
async fn differences(backend: &Backend, schema: &Schema) -> Result<Vec<Difference>> {
    let wanted = expected(backend.dialect(), schema);
    let live = catalog::read(backend, Some(&wanted)).await?;
    Ok(compare(&wanted, &only_ours(live, schema)))
}

/// Without the tables that the schema does not have.
fn only_ours(
    mut live: kontract_schema::catalog::Catalog,
    schema: &Schema,
) -> kontract_schema::catalog::Catalog {
    live.tables.retain(|ptr, _| schema.tables.values().any(|table| table.ptr == *ptr));
    live
}

fn refuse_differences(differences: &[Difference]) -> Result<()> {
    refuse(
        differences,
        "change the database back by hand, or seal a manual migration that does what was done",
    )
}

/// The tables are not those that the migrations would have made.
fn refuse_adoption(differences: &[Difference]) -> Result<()> {
    refuse(
        differences,
        "change them by hand, or take over a version that they are at; nothing was changed",
    )
}

fn refuse(differences: &[Difference], help: &'static str) -> Result<()> {
    /// How many are shown.
    const SHOWN: usize = 10;
    if differences.is_empty() {
        return Ok(());
    }
    let mut lines: Vec<String> =
        differences.iter().take(SHOWN).map(|difference| format!("\n  - {difference}")).collect();
    if let Some(more @ 1..) = differences.len().checked_sub(SHOWN) {
        lines.push(format!("\n  - and {more} more"));
    }
    let what = format!("the database is not as the lock file says:{}", lines.concat());
    Err(failure("K0427", what).with_help(help))
}

/// Creates a table that no registry knows.
pub(crate) async fn create_alone(
    backend: &Backend,
    postgres: &'static [&'static str],
    sqlite: &'static [&'static str],
) -> Result<()> {
    match backend {
        Backend::Postgres(pool) => {
            let mut session = pool.session().await?;
            let created = session.in_transaction(postgres).await;
            session.close().await;
            created
        }
        Backend::Sqlite(pool) => {
            pool.exclusively(PATIENCE, move |connection| {
                connection.in_transaction(|| {
                    sqlite::bootstrap(connection)?;
                    sqlite.iter().try_for_each(|statement| connection.execute(statement))
                })
            })
            .await
        }
    }
}

/// An error between the schemas of a program and a database.
fn failure(code: &'static str, message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Kind::Migration, message).with_code(code)
}

/// A statement of a migration failed.
fn statement_failed(what: &str, number: usize, statement: &str, error: Error) -> Error {
    failed_with(
        format!("{what} failed at statement {number}, nothing of it was done"),
        statement,
        error,
    )
}

/// A statement of a migration failed that is several groups.
fn group_failed(what: &str, number: usize, statement: &str, error: Error) -> Error {
    let what = match number {
        1 => format!("{what} failed at its first statement"),
        _ => format!(
            "{what} failed at statement {number}; the groups of statements before it are done, and the next start goes on after them"
        ),
    };
    failed_with(what, statement, error)
}

/// The statements of a migration did not fail, but their commit did: a deferred constraint.
fn commit_failed(what: &str, error: Error) -> Error {
    match error.kind() {
        Kind::Timeout | Kind::Retry | Kind::Connection | Kind::Migration => {
            error.doing(what.to_owned())
        }
        _ => failed_with(
            format!("{what} failed at its end, nothing of it was done"),
            "COMMIT",
            error,
        ),
    }
}

fn failed_with(what: String, statement: &str, error: Error) -> Error {
    let source = error.database().cloned().unwrap_or_else(|| DatabaseError::of(&error));
    let why = error.message();
    // SQLite's CAST takes everything, so that the planned conversions make what does not fit a text
    // that says so.
    let of_a_value = source.code.starts_with("22") || statement.contains("' is no ");
    let mend = match &*source.code {
        "53100" | "13" => "\nmake room where the database keeps its data, and start again",
        _ if of_a_value => {
            "\na row may hold a value that has no place there: mend such rows, or say in the migration what becomes of them"
        }
        _ => "",
    };
    failure("K0425", format!("{what}: {why}"))
        .with_source(source)
        .with_help(format!("the statement is `{}`{mend}", shown(statement)))
}

/// As much of a statement as a message shows.
fn shown(statement: &str) -> String {
    statement.chars().take(300).collect()
}

/// Nobody knows what became of a statement.
fn unclear(what: &str, number: usize, statement: &str) -> Error {
    let shown = shown(statement);
    failure("K0441", format!("{what} was broken off in statement {number}, which runs outside of a transaction; whether it took effect is not known: `{shown}`"))
        .with_help("look whether it did; then `kontract migrate repair --done` goes on after it, and `kontract migrate repair --again` runs it again")
}

/// A statement that is to run until it changes no row does not say how many it changed.
fn endless(what: &str, number: usize, statement: &str) -> Error {
    let shown = shown(statement);
    failure("K0425", format!("statement {number} of {what} is to be repeated until it changes no row, but does not change rows: `{shown}`"))
        .with_help("repeat an INSERT, UPDATE or DELETE of the next rows: `… WHERE id IN (SELECT id FROM … LIMIT 1000)`")
}

/// The pause between two batches: as long as the batch took, so that others get as much of the
/// database, and not so long that nothing happens.
fn pause_after(batch: Duration) -> Duration {
    batch.min(Duration::from_secs(1))
}
