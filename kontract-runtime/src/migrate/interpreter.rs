//! Runs the actions of a step that are equal on both databases. Each database has a small
//! interpreter for the others.

mod adopted_history;
mod undo;

use std::time::{Duration, Instant};

use kontract_schema::catalog::{Catalog, compare, expected, renames};
use kontract_schema::lock::Step as Statement;
use kontract_schema::model::Schema;

use super::action::Action;
use super::executor::Executor;
use super::failure::{Scope, commit_failed, statement_failed};
use super::history::{Applied, NewRow, would_lose};
use super::tables_before::TablesBefore;
use super::way_back::LaterLoss;
use super::{live_tables, rust_call, table_owners, tracking, violations};
use crate::error::{Error, Kind, Result};

/// Runs the actions that differ between the databases.
pub(super) trait Interpreter: Executor {
    /// Runs one of the actions that [`run_actions`] leaves to the database: those about
    /// transactions, sessions and foreign objects.
    async fn run_own(&mut self, action: Action<'_>, title: &str) -> Result<()>;

    /// Runs a statement outside a transaction, again where it was `started` before.
    async fn run_alone(&mut self, statement: &Statement, started: bool) -> Result<()>;

    /// Whether the open transaction is the one that was begun: no statement ended it.
    async fn is_same_transaction(&mut self) -> Result<bool>;

    /// Rolls back the transaction, if one is open.
    async fn rollback(&mut self);

    /// Fails where the runner no longer holds its lock, or where a statement ended its transaction.
    /// Called before each action; `number` is that of the statement that ran last.
    async fn prove_lock(
        &mut self,
        next: &Action<'_>,
        title: &str,
        number: Option<usize>,
    ) -> Result<()>;

    /// SQL that is true as long as the runner holds its lock, for the statement that writes a row.
    fn lock_condition(&self) -> &str;

    /// Returns the error if the statement with that condition changed no row.
    fn lost_lock(&self, title: &str) -> Error;

    /// Runs a batch of a repeated statement in a transaction of its own.
    async fn run_batch(&mut self, statement: &str, title: &str, number: usize) -> Result<u64>;

    /// Waits between two batches.
    async fn pause(&mut self, duration: Duration);

    /// Lets the database's counters go on after the rows that a script wrote.
    async fn adopt_written_rows(&mut self) -> Result<()>;

    /// Reads the live tables. With a catalogue to compare with, expressions that the database
    /// considers equal read equal.
    async fn read_catalog(&mut self, expected: Option<&Catalog>) -> Result<Catalog>;
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All actions were run.
    Done {
        /// The number of constraints that got other names.
        renamed: usize,
    },
    /// Another runner was faster: nothing was done, and the next step has to be decided again.
    Outrun,
}

/// The step that runs, and its title for messages.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) package: &'a str,
    pub(super) title: &'a str,
}

/// Runs the actions in their order. After an error it rolls back the open transaction.
///
/// # Errors
/// The errors of the actions; K0448 if the runner lost its lock.
pub(super) async fn run_actions<I: Interpreter>(
    interpreter: &mut I,
    actions: Vec<Action<'_>>,
    context: Context<'_>,
) -> Result<Outcome> {
    let done = run_each(interpreter, actions, context).await;
    if !matches!(done, Ok(Outcome::Done { .. })) {
        interpreter.rollback().await;
    }
    done
}

async fn run_each<I: Interpreter>(
    interpreter: &mut I,
    actions: Vec<Action<'_>>,
    context: Context<'_>,
) -> Result<Outcome> {
    let (title, dialect) = (context.title, interpreter.dialect());
    let (mut constraint_names, mut renamed) = (Vec::new(), 0);
    let mut last = None;
    for action in actions {
        interpreter.prove_lock(&action, title, last).await?;
        match action {
            Action::CheckHistory { last } => {
                if !is_last(interpreter, context.package, last.as_ref()).await? {
                    return Ok(Outcome::Outrun);
                }
            }
            Action::CheckOwners(tables) => {
                table_owners::check(interpreter, context.package, &tables).await?;
            }
            Action::CheckLeftTables(left) => {
                let wanted = left.expected();
                let mut live = interpreter.read_catalog(Some(&wanted)).await?;
                live_tables::allow_constants(&wanted, &mut live);
                live_tables::refuse_left_tables(left.version, &left.compare(&live))?;
            }
            Action::CheckExistingTables(schema) => {
                let wanted = expected(dialect, &schema);
                let live = interpreter.read_catalog(Some(&wanted)).await?;
                constraint_names = renames(&wanted, &live);
                live_tables::check_existing(&wanted, &live)?;
                live_tables::refuse_null_keys(interpreter, &schema, &live).await?;
            }
            Action::CheckAdoptedTables { schema, help } => {
                let (wanted, live) = read_tables(interpreter, &schema).await?;
                live_tables::refuse_adoption(&compare(&wanted, &live), help)?;
                live_tables::refuse_null_keys(interpreter, &schema, &live).await?;
                constraint_names = renames(&wanted, &live);
            }
            Action::RenameConstraints => {
                for statement in std::mem::take(&mut constraint_names) {
                    interpreter.execute(&statement).await?;
                    renamed += 1;
                }
            }
            Action::CompareTables { wanted, is_back } => {
                let mut live = interpreter.read_catalog(Some(&wanted)).await?;
                if is_back {
                    live_tables::allow_constants(&wanted, &mut live);
                }
                let compared = live_tables::refuse_result(&compare(&wanted, &live));
                compared.map_err(|error| error.doing(title.to_owned()))?;
            }
            Action::CheckViolations(changes) => {
                violations::check(interpreter, changes, title).await?;
            }
            Action::CheckLoss { query, draft } => {
                if interpreter.exists(query).await? {
                    return Err(would_lose(title, query, draft));
                }
            }
            Action::CheckLaterLoss(LaterLoss { title, query }) => {
                if interpreter.exists(query).await? {
                    return Err(would_lose(&title, query, None));
                }
            }
            Action::Run { statement, number, scope, repeats } => {
                last = Some(number);
                let done = run_statement(interpreter, &statement, repeats).await;
                done.map_err(|error| statement_failed(title, scope, number, &statement, error))?;
            }
            Action::CallRust { call, generated } => {
                rust_call::run(interpreter, call, generated, title).await?;
            }
            Action::RunAlone { statement, number, started, failed } => {
                let done = interpreter.run_alone(statement, started).await;
                // The database reported the error, so the statement may be run again.
                if done.as_ref().is_err_and(|error| *error.kind() != Kind::Connection) {
                    write_row(interpreter, &failed, false, title).await?;
                }
                done.map_err(|error| {
                    statement_failed(title, Scope::alone(number), number, statement, error)
                })?;
            }
            Action::Repeat { statement, number } => {
                let done = repeat(interpreter, statement, title, number).await;
                done.map_err(|error| {
                    statement_failed(title, Scope::alone(number), number, statement, error)
                })?;
            }
            Action::MoveHistory { from } => {
                adopted_history::move_history(interpreter, from, context).await?;
            }
            Action::MoveTables { from, tables } => {
                adopted_history::move_tables(interpreter, from, &tables, context).await?;
            }
            Action::Undo(undo) => {
                undo::run(interpreter, undo, context).await?;
            }
            Action::RecordBeginning { row, tables } => {
                let before = TablesBefore::new(&interpreter.read_catalog(None).await?, tables);
                write_row(interpreter, &row, false, title).await?;
                tracking::record_before(interpreter, row.package, row.version, &before).await?;
            }
            Action::RecordRow { row, is_newest } => {
                write_row(interpreter, &row, is_newest, title).await?;
            }
            Action::DeleteRow { version } => {
                let condition = interpreter.lock_condition().to_owned();
                let deleted =
                    tracking::delete_row(interpreter, context.package, version, &condition);
                if deleted.await? == 0 {
                    return Err(interpreter.lost_lock(title));
                }
            }
            Action::Commit => {
                let done = interpreter.run_own(Action::Commit, title).await;
                done.map_err(|error| commit_failed(title, error))?;
            }
            Action::CompareObjects => {
                let done = interpreter.run_own(action, title).await;
                done.map_err(|error| error.doing(title.to_owned()))?;
            }
            action => interpreter.run_own(action, title).await?,
        }
    }
    Ok(Outcome::Done { renamed })
}

/// Returns whether the history still ends with that row.
async fn is_last<E: Executor>(
    executor: &mut E,
    package: &str,
    last: Option<&Applied>,
) -> Result<bool> {
    let before = last.map_or(0, |row| row.version.saturating_sub(1));
    let rows = tracking::read_after(executor, package, before).await?;
    Ok(match (last, rows.as_slice()) {
        (None, []) => true,
        (Some(last), [row]) => last.is_same(row),
        _ => false,
    })
}

/// Returns the tables of a schema as expected, and all tables of the database as they are.
async fn read_tables<I: Interpreter>(
    interpreter: &mut I,
    schema: &Schema,
) -> Result<(Catalog, Catalog)> {
    let wanted = expected(interpreter.dialect(), schema);
    let live = interpreter.read_catalog(Some(&wanted)).await?;
    Ok((wanted, live))
}

async fn run_statement<E: Executor>(
    executor: &mut E,
    statement: &Statement,
    repeats: bool,
) -> Result<()> {
    loop {
        let changed = executor.execute_statement(statement).await?;
        if !repeats || changed == 0 {
            return Ok(());
        }
    }
}

/// Runs a statement until it changes no row. The pause between two batches is as long as the batch
/// took, at most a second, so that other sessions get their share of the database.
async fn repeat<I: Interpreter>(
    interpreter: &mut I,
    statement: &Statement,
    title: &str,
    number: usize,
) -> Result<()> {
    loop {
        let start = Instant::now();
        if interpreter.run_batch(&statement.sql, title, number).await? == 0 {
            return Ok(());
        }
        interpreter.pause(start.elapsed().min(Duration::from_secs(1))).await;
    }
}

/// Writes the row of a migration, which proves the lock. With `is_newest`, also what the tables
/// look like.
async fn write_row<I: Interpreter>(
    interpreter: &mut I,
    row: &NewRow<'_>,
    is_newest: bool,
    title: &str,
) -> Result<()> {
    let condition = interpreter.lock_condition().to_owned();
    if tracking::write_row(interpreter, row, &condition).await? == 0 {
        return Err(interpreter.lost_lock(title));
    }
    if is_newest {
        tracking::record_shape(interpreter, row.package, row.version).await?;
    }
    Ok(())
}
