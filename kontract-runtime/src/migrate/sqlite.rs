//! The runner on SQLite: the lock is the transaction itself, which begins as a writer.
//!
//! A migration of more than one transaction needs a lock beside them: that of a file beside the
//! database, which the system frees when the process ends.

pub(super) mod counters;
mod file_lock;
mod foreign_objects;
pub(super) mod interpreter;

use std::sync::{Arc, Mutex, PoisonError};

use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use tokio::runtime::Handle;

use self::interpreter::SqliteInterpreter;
use super::capabilities::Capabilities;
use super::decide::decide;
use super::execute::execute;
use super::history_sql::{COLUMNS_SQLITE, CREATE_SQLITE};
use super::interpreter::{Context, Outcome, run_actions};
use super::progress::Progress;
use super::step::Step;
use super::target::Target;
use super::{catalog, external_tables, reset, tracking};
use crate::driver::sqlite::{Connection, PATIENCE, Sqlite};
use crate::driver::statement::no_rows;
use crate::error::{Kind, Result};

const HERE: Dialect = Dialect::Sqlite;

/// Brings a database to the target. Returns what was done.
///
/// # Errors
/// The errors of deciding and running the steps; what was committed before stays.
pub(super) async fn run(sqlite: &Sqlite, target: &Arc<Target>) -> Result<Vec<String>> {
    let (target, progress) = (Arc::clone(target), Mutex::new(Progress::default()));
    let patience = target.options.patience;
    // Run again while another process holds the database.
    let work = move |connection: &Connection<'_>| {
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        connection.in_transaction(|| bootstrap(connection))?;
        Handle::current().block_on(run_steps(connection, &target, &mut progress))?;
        Ok(std::mem::take(&mut progress.titles))
    };
    sqlite.exclusively(patience, work).await.map_err(|error| match error.kind() {
        Kind::Timeout => error.with_code(code::MIGRATION_LOCKED),
        _ => error,
    })
}

/// Creates the tables that the runner and the counters need.
pub(super) fn bootstrap(connection: &Connection<'_>) -> Result<()> {
    connection.execute(CREATE_SQLITE)?;
    for (column, add) in COLUMNS_SQLITE {
        if connection.run(&tracking::has_column_query(column), &|_| Ok(()), no_rows)?.is_empty() {
            connection.execute(add)?;
        }
    }
    counters::create(connection)
}

async fn run_steps(
    connection: &Connection<'_>,
    target: &Target,
    progress: &mut Progress,
) -> Result<()> {
    let mut interpreter = SqliteInterpreter::new(connection, target.options.patience);
    loop {
        progress.read(&mut interpreter, target).await?;
        let Some(step) = decide(target, HERE, progress.history.rows())? else { return Ok(()) };
        if matches!(step, Step::Continue { .. }) && interpreter.lock_file()? {
            // Another process may have gone on before the file was locked.
            continue;
        }
        let history = progress.history.rows();
        let actions = execute(target, &Capabilities::SQLITE, &step, history, false)?;
        let title = step.title(target);
        target.announce(&title);
        if let Some(schema) = target.external_tables() {
            external_tables::check(HERE, &schema, &catalog::read_sqlite(connection)?)?;
        }
        let context = Context { package: &target.package, title: &title };
        let done = run_actions(&mut interpreter, actions, context).await;
        if done.map_err(|error| step.with_file(target, error))? == Outcome::Done {
            progress.finish(title);
        }
    }
}

/// Drops the tables of a package and its history. Returns the tables.
///
/// # Errors
/// Something that is not Kontract's depends on a table.
pub(super) async fn reset(sqlite: &Sqlite, target: &Target) -> Result<Vec<String>> {
    let (package, patience) = (target.package.clone(), target.options.patience);
    let work = move |connection: &Connection<'_>| {
        let mut interpreter = SqliteInterpreter::new(connection, patience);
        Handle::current().block_on(reset::drop_all(&mut interpreter, &package))
    };
    sqlite.exclusively(patience, work).await
}

/// Runs a script in one transaction.
///
/// # Errors
/// A statement fails, or ends the transaction.
pub(super) async fn seed(sqlite: &Sqlite, what: &str, script: &str) -> Result<()> {
    let (script, what) = (script.to_owned(), what.to_owned());
    let work = move |connection: &Connection<'_>| {
        let mut interpreter = SqliteInterpreter::new(connection, PATIENCE);
        Handle::current().block_on(reset::run_script(&mut interpreter, &what, &script))
    };
    sqlite.exclusively(PATIENCE, work).await
}

/// Restores the counters where another program deleted them.
///
/// # Errors
/// The errors of the database.
pub(super) async fn restore_counters(sqlite: &Sqlite) -> Result<()> {
    let work =
        |connection: &Connection<'_>| connection.in_transaction(|| counters::create(connection));
    sqlite.exclusively(PATIENCE, work).await
}

/// Creates the table of a `standalone` struct.
///
/// # Errors
/// The errors of the database.
pub(super) async fn create_standalone(
    sqlite: &Sqlite,
    statements: &'static [&'static str],
) -> Result<()> {
    let work = move |connection: &Connection<'_>| {
        connection.in_transaction(|| {
            bootstrap(connection)?;
            statements.iter().try_for_each(|statement| connection.execute(statement))
        })
    };
    sqlite.exclusively(PATIENCE, work).await
}
