//! The runner on SQLite: the lock is the transaction itself, which begins as a writer.
//!
//! A migration of more than one transaction needs a lock beside them: that of a file beside the
//! database, which the system frees when the process ends.

mod broken_objects;
mod catalog;
pub(super) mod counters;
mod dropped_table;
mod file_lock;
mod interpreter;
mod inventory;
mod references;
mod watch;

use std::sync::{Arc, Mutex, PoisonError};

use kontract_schema::catalog::{Catalog, Prerequisite};
use kontract_schema::code;
use kontract_schema::dialect::{Dialect, query_row_count};
use tokio::runtime::Handle;

use self::interpreter::SqliteInterpreter;
use super::decide::decide;
use super::execute::{Checked, execute};
use super::executor::Queries;
use super::guarantees::Guarantees;
use super::history_sql::{COLUMNS_SQLITE, CREATE_SQLITE};
use super::interpreter::{Context, Outcome, run_actions};
use super::plan::Shown;
use super::preview::{self, Outlook, ReadSizes, Size};
use super::progress::Progress;
use super::runner::Runner;
use super::step::Step;
use super::target::Target;
use super::tracking::{self, Found};
use super::{external_tables, reset};
use crate::driver::Backend;
use crate::driver::sqlite::{Connection, PATIENCE, Sqlite};
use crate::error::{Kind, Result};
use crate::migrate::registry::Registry;

const HERE: Dialect = Dialect::Sqlite;

impl Runner for Sqlite {
    async fn run(&self, target: &Arc<Target>) -> Result<Vec<String>> {
        let (target, progress) = (Arc::clone(target), Mutex::new(Progress::default()));
        let patience = target.options.patience;
        // Run again while another process holds the database.
        let work = move |connection: &Connection<'_>| {
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            connection.in_transaction(|| bootstrap(connection))?;
            Handle::current().block_on(run_steps(connection, &target, &mut progress))?;
            Ok(std::mem::take(&mut progress.titles))
        };
        self.exclusively(patience, work).await.map_err(|error| match error.kind() {
            Kind::Timeout => error
                .with_code(code::MIGRATION_LOCKED)
                .with_help("wait until that process has finished, and start again"),
            _ => error,
        })
    }

    async fn reset(&self, target: &Target) -> Result<Vec<String>> {
        let (package, patience) = (target.package.clone(), target.options.patience);
        let work = move |connection: &Connection<'_>| {
            let mut interpreter = SqliteInterpreter::new(connection, patience);
            Handle::current().block_on(reset::drop_all(&mut interpreter, &package))
        };
        self.exclusively(patience, work).await
    }

    async fn seed(&self, what: &str, script: &str) -> Result<()> {
        let (script, what) = (script.to_owned(), what.to_owned());
        let work = move |connection: &Connection<'_>| {
            let mut interpreter = SqliteInterpreter::new(connection, PATIENCE);
            Handle::current().block_on(reset::run_script(&mut interpreter, &what, &script))
        };
        self.exclusively(PATIENCE, work).await
    }

    async fn create_standalone(&self, statements: &'static [&'static str]) -> Result<()> {
        let work = move |connection: &Connection<'_>| {
            connection.in_transaction(|| {
                bootstrap(connection)?;
                statements.iter().try_for_each(|statement| connection.execute(statement))
            })
        };
        self.exclusively(PATIENCE, work).await
    }

    /// Restores the counters first where another program deleted them.
    async fn check_last(&self, registry: &Registry, with_draft: bool) -> Result<Found> {
        let mut backend = Backend::Sqlite(self.clone());
        let found = tracking::compare_last(&mut backend, registry, with_draft).await;
        if !found.as_ref().is_err_and(counters::is_missing) {
            return found;
        }
        let restore = |connection: &Connection<'_>| {
            connection.in_transaction(|| counters::create(connection))
        };
        self.exclusively(PATIENCE, restore).await?;
        tracking::compare_last(&mut backend, registry, with_draft).await
    }

    async fn read_catalog(&self, _: Option<&Catalog>) -> Result<Catalog> {
        self.read(false, catalog::read_catalog).await
    }

    async fn read_prerequisites(&self) -> Result<Vec<Prerequisite>> {
        Ok(Vec::new())
    }

    async fn preview(&self, target: &Target, steps: Vec<Shown<'_>>) -> Result<Vec<Outlook>> {
        preview::preview(&mut Backend::Sqlite(self.clone()), target, steps).await
    }
}

impl ReadSizes for Backend {
    async fn read_sizes(&mut self, tables: &str) -> Result<Vec<Size>> {
        let text = format!(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ({tables}) ORDER BY name"
        );
        let mut sizes = Vec::new();
        for (table,) in self.fetch::<(String,)>(&text, ()).await? {
            let rows: Vec<(i64,)> = self.fetch(&query_row_count(HERE, &table), ()).await?;
            let rows = rows.first().map(|(rows,)| *rows);
            sizes.push(Size { table, rows, bytes: None });
        }
        Ok(sizes)
    }
}

/// Creates the tables that the runner and the counters need.
fn bootstrap(connection: &Connection<'_>) -> Result<()> {
    connection.execute(CREATE_SQLITE)?;
    for (column, add) in COLUMNS_SQLITE {
        let query = "SELECT 1 FROM pragma_table_info('_kontract_migrations') WHERE name = $1";
        if connection.fetch::<(i64,)>(query, (column,))?.is_empty() {
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
    let mut checked = Checked::default();
    loop {
        progress.read(&mut interpreter, target).await?;
        let Some(step) = decide(target, HERE, progress.history.rows())? else { return Ok(()) };
        progress.check_statements(target, &step)?;
        let is_of_several = matches!(
            step,
            Step::Continue { .. }
                | Step::ResolveStatement { .. }
                | Step::ResolveApplied { .. }
                | Step::AdoptHistory(_)
                | Step::Undo(_)
        );
        if is_of_several && interpreter.lock_file()? {
            // Another process may have gone on before the file was locked.
            continue;
        }
        let history = progress.history.rows();
        let actions = execute(target, &Guarantees::SQLITE, &step, history, checked)?;
        let will_be_checked = checked.after(&actions);
        let title = step.title(target);
        target.announce(&title);
        if let Some(schema) = target.external_tables() {
            external_tables::check(HERE, &schema, &catalog::read_catalog(connection)?)?;
        }
        let context = Context { package: &target.package, title: &title };
        let done = run_actions(&mut interpreter, actions, context).await;
        if done.map_err(|error| step.with_file(target, error))? != Outcome::Outrun {
            checked.tables = will_be_checked.tables;
            progress.finish(title);
        }
    }
}
