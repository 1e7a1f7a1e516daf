//! The runner on PostgreSQL: one connection of its own, outside of the pool, and a lock.
//!
//! On every path the connection is closed, which frees the lock.

mod blockers;
mod catalog;
mod concurrent_index;
mod history;
mod interpreter;
mod limits;
mod lock;
mod prerequisites;
mod restart;
mod search_path;
mod server;

use std::sync::Arc;
use std::time::{Duration, Instant};

use kontract_schema::catalog::{Catalog, Prerequisite};
use kontract_schema::code;
use kontract_schema::dialect::Dialect;

use self::interpreter::{KEEP_ALIVE, PostgresInterpreter};
use self::lock::Holder;
use super::action::Action;
use super::decide::decide;
use super::execute::{Checked, execute};
use super::executor::Queries;
use super::history::{Applied, State};
use super::history_sql::{CREATE_POSTGRES, UPGRADE_POSTGRES};
use super::interpreter::{Context, Outcome, run_actions};
use super::plan::Shown;
use super::preview::{self, Outlook, ReadSizes, Size};
use super::progress::Progress;
use super::runner::Runner;
use super::target::Target;
use super::tracking::{self, Found};
use super::{external_tables, reset};
use crate::driver::Backend;
use crate::driver::postgres::{Postgres, Session};
use crate::driver::statement::{BoundStatement, Columns, Done};
use crate::error::{Error, Kind, Result};
use crate::migrate::registry::Registry;

const HERE: Dialect = Dialect::Postgres;

/// The number of attempts of a step that does not get its locks on tables.
const TRIES: u32 = 5;

impl Runner for Postgres {
    async fn run(&self, target: &Arc<Target>) -> Result<Vec<String>> {
        let holder = Holder::new(&target.options);
        let mut progress = Progress::default();
        let mut session = self.session().await?;
        loop {
            let done = run_session(self, &mut session, target, &holder, &mut progress).await;
            session.close().await;
            match done {
                Err(error) if restart::may_restart(&error) => {
                    session = restart::await_restart(self, target.options.patience, error).await?;
                    // The history of the server records what was committed, and it may be another
                    // server.
                    progress.history.clear();
                }
                done => return done.map(|()| progress.titles),
            }
        }
    }

    async fn reset(&self, target: &Target) -> Result<Vec<String>> {
        let mut session = self.session().await?;
        let done = reset_in(&mut session, target).await;
        lock::give_back(&mut session).await;
        session.close().await;
        done
    }

    async fn seed(&self, what: &str, script: &str) -> Result<()> {
        let mut session = self.session().await?;
        let patience = Duration::from_secs(5);
        let mut interpreter = PostgresInterpreter::new(&mut session, "true".to_owned(), patience);
        let done = reset::run_script(&mut interpreter, what, script).await;
        session.close().await;
        done
    }

    async fn create_standalone(&self, statements: &'static [&'static str]) -> Result<()> {
        let mut session = self.session().await?;
        let created = session.in_transaction(statements).await;
        session.close().await;
        created
    }

    async fn check_last(&self, registry: &Registry, with_draft: bool) -> Result<Found> {
        if history::has_last(self, registry, with_draft).await? {
            Ok(Found::UpToDate)
        } else if registry.debug {
            tracking::compare_last(&mut Backend::Postgres(self.clone()), registry, with_draft).await
        } else {
            Ok(Found::Other)
        }
    }

    async fn read_catalog(&self, expected: Option<&Catalog>) -> Result<Catalog> {
        let mut session = self.session().await?;
        session.begin().await?;
        session.send(&catalog::set_form("SET LOCAL")).await?;
        let live = catalog::read_as(&mut session, expected).await;
        // The tables of comparisons are rolled back; after an error, with the connection.
        let _ = session.rollback().await;
        session.close().await;
        live
    }

    async fn read_prerequisites(&self) -> Result<Vec<Prerequisite>> {
        let mut session = self.session().await?;
        session.begin().await?;
        session.send(&catalog::set_form("SET LOCAL")).await?;
        let found = prerequisites::read_prerequisites(&mut session).await;
        let _ = session.rollback().await;
        session.close().await;
        found
    }

    async fn preview(&self, target: &Target, steps: Vec<Shown<'_>>) -> Result<Vec<Outlook>> {
        let mut session = self.session().await?;
        session.begin().await?;
        let millis = target.options.statement_patience.as_millis().max(1);
        let only_reads = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        session.send(&format!("{only_reads}; SET LOCAL lock_timeout = {millis}")).await?;
        // After an error the connection is dropped, which ends the transaction too.
        let seen = preview::preview(&mut session, target, steps).await?;
        let _ = session.rollback().await;
        session.close().await;
        Ok(seen)
    }
}

async fn run_session(
    postgres: &Postgres,
    session: &mut Session,
    target: &Target,
    holder: &Holder,
    progress: &mut Progress,
) -> Result<()> {
    let start = Instant::now();
    let done = loop {
        match run_steps(postgres, session, target, holder, progress).await {
            // The lease expired before it was renewed; another runner may have gone on.
            Err(error)
                if session.is_never_alone()
                    && error.code() == Some(code::LOCK_LOST.as_str())
                    && start.elapsed() < target.options.patience =>
            {
                session.unfence();
            }
            done => break done,
        }
    };
    lock::give_back(session).await;
    done
}

async fn run_steps(
    postgres: &Postgres,
    session: &mut Session,
    target: &Target,
    holder: &Holder,
    progress: &mut Progress,
) -> Result<()> {
    search_path::check(session).await?;
    let server = server::read_server(session).await?;
    let patience = target.options.statement_patience;
    session.begin_with(server.settings("SET LOCAL", patience));
    if !session.is_pooled() {
        session.send(&format!("{KEEP_ALIVE}{}", server.settings("SET", patience))).await?;
    }
    let lock_condition = lock::take(session, holder).await?;
    // A role that may not create tables is refused even where no table has to be created.
    let mut bootstrap = UPGRADE_POSTGRES.to_owned();
    if !server.has_history {
        bootstrap = format!("{}; {bootstrap}", CREATE_POSTGRES);
    }
    session.execute(&bootstrap).await?;
    // The next transaction of a pooled connection runs in another session.
    let process = (!session.is_pooled()).then_some(server.process);
    let mut interpreter = PostgresInterpreter::new(session, lock_condition, patience);
    progress.read(&mut interpreter, target).await?;
    let mut planned = decide(target, HERE, progress.history.rows())?;
    planned.iter().try_for_each(|step| progress.check_statements(target, step))?;
    let pending = target.pending(progress.history.rows());
    server.check_tables(target, pending)?;
    server.check_role(interpreter.session, target, pending).await?;
    limits::check_extensions(interpreter.session, pending).await?;
    if let Some(step) = &planned {
        limits::check_locks(interpreter.session, target, step, pending).await?;
    }
    if let (Some(_), Some(schema)) = (&planned, target.external_tables()) {
        external_tables::check(HERE, &schema, &catalog::read_catalog(interpreter.session).await?)?;
    }
    let (mut tries, mut checked, mut holders) = (0, Checked::default(), None);
    while let Some(step) = planned {
        let guarantees = interpreter.guarantees();
        let actions = execute(target, &guarantees, &step, progress.history.rows(), checked)?;
        let title = step.title(target);
        target.announce(&title);
        let will_be_checked = checked.after(&actions);
        let context = Context { package: &target.package, title: &title };
        let work = run_step(&mut interpreter, actions, context);
        let (done, seen) = blockers::watched(postgres, process, patience, work).await;
        // The last attempt may end before the second connection has looked.
        holders = seen.or(holders);
        match done {
            Ok((recorded, renamed)) => {
                (tries, checked, holders) = (0, will_be_checked, None);
                progress.finish(match renamed {
                    0 => title,
                    1 => format!("{title}, which renamed 1 constraint"),
                    more => format!("{title}, which renamed {more} constraints"),
                });
                match recorded {
                    // Only the holder of the lock writes rows, so this is what would be read.
                    Some(row) => progress.history.extend(vec![row], target.is_up()),
                    None => progress.read(&mut interpreter, target).await?,
                }
            }
            Err(error) if is_in_the_way(&error) && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(200) * tries).await;
            }
            Err(error) => {
                let error = step.with_file(target, error);
                return Err(blockers::explain_timeout(&title, error, holders));
            }
        }
        planned = decide(target, HERE, progress.history.rows())?;
    }
    Ok(())
}

/// Runs a step, in one message where that is possible. Returns the row of the history where it is
/// known without reading it, and the number of renamed constraints.
async fn run_step(
    interpreter: &mut PostgresInterpreter<'_>,
    mut actions: Vec<Action<'_>>,
    context: Context<'_>,
) -> Result<(Option<Applied>, usize)> {
    let rest = actions.split_off(count_checks(&actions));
    run_actions(interpreter, actions, context).await?;
    let actions = rest;
    match interpreter.send_at_once(&actions).await {
        Ok(true) => return Ok((actions.iter().find_map(recorded), 0)),
        Err(error) if *error.kind() == Kind::Connection || is_in_the_way(&error) => {
            return Err(error);
        }
        // One by one: to name the statement that fails.
        Ok(false) | Err(_) => {}
    }
    Ok(match run_actions(interpreter, actions, context).await? {
        Outcome::Done { renamed } => (None, renamed),
        Outcome::Outrun => (None, 0),
    })
}

/// Returns how many actions at the beginning of a step only check, in transactions of their own.
fn count_checks(actions: &[Action<'_>]) -> usize {
    let is_left = |action: &Action<'_>| matches!(action, Action::CheckLeftTables(_));
    match actions.iter().position(is_left) {
        // With the commit.
        Some(at) => at + 2,
        None => usize::from(matches!(actions.first(), Some(Action::CheckOwners(_)))),
    }
}

/// The row that an action writes, as it will be read.
fn recorded(action: &Action<'_>) -> Option<Applied> {
    match action {
        Action::RecordRow { row, .. } => Some(Applied {
            version: row.version,
            name: row.name.to_owned(),
            hash: row.hash.to_owned(),
            state: State::Done,
            step: 0,
            additive: row.additive,
            reverse: None,
            applied_at: 0,
        }),
        _ => None,
    }
}

/// Returns whether a step may succeed a little later; not if a user cancelled it.
fn is_in_the_way(error: &Error) -> bool {
    error.is_retryable() && error.database().is_none_or(|source| source.code != "57014")
}

async fn reset_in(session: &mut Session, target: &Target) -> Result<Vec<String>> {
    search_path::check(session).await?;
    let lock_condition = lock::take(session, &Holder::new(&target.options)).await?;
    let patience = target.options.statement_patience;
    let mut interpreter = PostgresInterpreter::new(session, lock_condition, patience);
    reset::drop_all(&mut interpreter, &target.package).await
}

impl Queries for Session {
    fn dialect(&self) -> Dialect {
        HERE
    }

    async fn run(&mut self, statement: &BoundStatement) -> Result<Done<Columns>> {
        Session::run(self, statement).await
    }
}

impl ReadSizes for Session {
    async fn read_sizes(&mut self, tables: &str) -> Result<Vec<Size>> {
        let query = format!(
            "SELECT relname::text, CASE WHEN reltuples >= 0 THEN reltuples::bigint END, \
             pg_total_relation_size(oid) FROM pg_catalog.pg_class \
             WHERE relkind IN ('r', 'p') \
             AND oid IN (SELECT to_regclass(name) FROM unnest(ARRAY[{tables}]) AS n (name)) \
             ORDER BY relname"
        );
        let sizes = self.fetch(&query, ()).await?.into_iter();
        Ok(sizes.map(|(table, rows, bytes)| Size { table, rows, bytes }).collect())
    }
}
