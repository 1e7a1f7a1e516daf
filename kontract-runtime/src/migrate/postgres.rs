//! The runner on PostgreSQL: one connection of its own, outside of the pool, and a lock.
//!
//! Whatever happens, the connection is closed, and with it the lock is gone. What a manual migration
//! leaves in the session is removed before its transaction ends, and the lock looked after.

mod blockers;
mod groups;
pub(super) mod lock;
mod restart;
pub(super) mod search_path;
mod server;

use std::time::{Duration, Instant};

use kontract_schema::catalog::{compare, expected, renames};
use kontract_schema::dialect::Dialect;
use kontract_schema::migration::run_mode::{self, Mode};

use super::decide::{Applied, State, Step, Wanted};
use super::tracking::{self, NewRow};
use super::{
    alone, catalog, external_tables, failure, only_ours, refuse_differences, rust,
    statement_failed, table_owners, violations,
};
use crate::driver::postgres::{Postgres, Session};
use crate::driver::statement::{PreparedStatement, no_rows};
use crate::error::{Error, Kind, Result};
use crate::value::row::{Binder, field};
use crate::value::wire::{Scalar, Wire};

const HERE: Dialect = Dialect::Postgres;

/// How often a step is tried that does not get its locks on tables.
const TRIES: u32 = 5;

/// What the server does while a session waits for one of its statements: it tells the client every
/// minute that it is there, which what stands between takes for life, and asks every second whether
/// the client is there, so that the lock of one that was killed is free soon. Not every server can.
const ALIVE: &str = "DO $$ DECLARE setting TEXT[]; BEGIN FOREACH setting SLICE 1 IN ARRAY \
    ARRAY[['tcp_keepalives_idle', '60'], ['client_connection_check_interval', '1000']] LOOP BEGIN \
    PERFORM set_config(setting[1], setting[2], false); \
    EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$; ";

pub(super) async fn run(postgres: &Postgres, wanted: &Wanted) -> Result<()> {
    let runner = lock::Runner::new(&wanted.options);
    let mut session = postgres.session().await?;
    loop {
        let done = in_session(postgres, &mut session, wanted, &runner).await;
        session.close().await;
        match done {
            Err(error) if restart::may_be(&error) => {
                session = restart::awaited(postgres, wanted.options.patience, error).await?;
                wanted.forget();
            }
            done => return done,
        }
    }
}

async fn in_session(
    postgres: &Postgres,
    session: &mut Session,
    wanted: &Wanted,
    runner: &lock::Runner,
) -> Result<()> {
    let start = Instant::now();
    let result = loop {
        match prepared(postgres, session, wanted, runner).await {
            // Another runner may have gone on meanwhile.
            Err(error) if is_late(session, &error) && start.elapsed() < wanted.options.patience => {
                session.unfence();
            }
            result => break result,
        }
    };
    lock::give_back(session).await;
    result
}

async fn prepared(
    postgres: &Postgres,
    session: &mut Session,
    wanted: &Wanted,
    runner: &lock::Runner,
) -> Result<()> {
    search_path::check(session).await?;
    let facts = server::look(session).await?;
    let patience = wanted.options.statement_patience;
    session.begin_with(facts.settings("SET LOCAL", patience));
    if !session.is_pooled() {
        session.send(&format!("{ALIVE}{}", facts.settings("SET", patience))).await?;
    }
    lock::take(session, runner).await?;
    // Who may not create is refused even where there is nothing to create.
    let bootstrap = match facts.has_history {
        true => tracking::UPGRADE_POSTGRES.to_owned(),
        false => format!("{}; {}", tracking::CREATE_POSTGRES, tracking::UPGRADE_POSTGRES),
    };
    session.execute(&bootstrap).await?;
    let mut planned = next(session, wanted, true).await?;
    facts.suffice(session, wanted).await?;
    if let (Some(_), Some(schema)) = (&planned, wanted.external()) {
        external_tables::check(HERE, &schema, &catalog::read_postgres(session).await?)?;
    }
    // The session of a pooler is another one by the next transaction.
    let process = (!session.is_pooled()).then_some(facts.process);
    let (mut tries, mut is_ours) = (0, false);
    while let Some(step) = planned {
        // Nobody else migrates meanwhile. What is taken back first is ours already.
        if !is_ours && !matches!(step, Step::Reverse { .. }) {
            table_owners::on_postgres(session, wanted, &step).await?;
            is_ours = true;
        }
        wanted.begins(&step)?;
        let (mut after, work) = (None, do_step(session, wanted, &step));
        let (done, seen) = blockers::watched(postgres, process, patience, work).await;
        match done {
            Ok(at_once) => {
                // Nobody else writes rows of the package: they would not be taken.
                after = at_once;
                wanted.was_done(&step);
                tries = 0;
            }
            Err(error) if is_in_the_way(&error) && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(200) * tries).await;
            }
            Err(error) => {
                let error = wanted.in_file(&step, error);
                return Err(blockers::blocked(&wanted.title(&step), error, seen));
            }
        }
        planned = match after {
            Some(row) => wanted.goes_on(HERE, vec![row], true)?,
            None => next(session, wanted, true).await?,
        };
    }
    Ok(())
}

/// Does a step; gives its row where it is known what that is.
async fn do_step(session: &mut Session, wanted: &Wanted, step: &Step) -> Result<Option<Applied>> {
    match step {
        Step::Continue { index, done, started } => {
            groups::run(session, wanted, step, (*index, *done, *started)).await?;
        }
        Step::Apply { index: Some(index) }
            if !wanted.may_end(step) && wanted.call(step)?.is_none() =>
        {
            match at_once(session, wanted, *index).await {
                Ok(()) => return Ok(wanted.applied(*index)),
                Err(error) if is_of_the_connection(&error) => return Err(error),
                // Once more, statement by statement: to say which one it is.
                Err(_) => transaction(session, wanted, step).await?,
            }
        }
        _ => transaction(session, wanted, step).await?,
    }
    Ok(None)
}

/// Whether a step may succeed a little later: unless somebody cancelled it.
fn is_in_the_way(error: &Error) -> bool {
    error.is_retryable() && error.database().is_none_or(|said| said.code != "57014")
}

/// Whether a lease ended before it was prolonged.
fn is_late(session: &Session, error: &Error) -> bool {
    session.is_never_alone() && error.code() == Some("K0448")
}

/// How long a statement waits for a table.
fn lock_timeout(wanted: &Wanted) -> String {
    format!("SET lock_timeout = {}", wanted.options.statement_patience.as_millis().max(1))
}

/// Compares what is there with what should be, while it can still be rolled back.
async fn check_tables(session: &mut Session, wanted: &Wanted) -> Result<()> {
    let schema = wanted.lock.schema();
    let (wanted, live) = (expected(HERE, &schema), catalog::read_postgres(session).await?);
    let live = catalog::settled(session, &wanted, only_ours(live, &schema)).await?;
    refuse_differences(&compare(&wanted, &live))
}

async fn next(session: &mut Session, wanted: &Wanted, keep: bool) -> Result<Option<Step>> {
    let after = wanted.known();
    let values = |to: &mut dyn Binder| tracking::bind_row(to, &wanted.package, after);
    let history =
        session.run(&tracking::history_query(HERE), &values, tracking::read_applied).await?;
    wanted.goes_on(HERE, history.rows, keep)
}

/// A migration and its row in one round trip: with many of them to go, that is what counts.
async fn at_once(session: &mut Session, wanted: &Wanted, index: usize) -> Result<()> {
    let Some(migration) = wanted.migration(Some(index)) else { return Ok(()) };
    let tables = wanted.tables();
    let row = wanted.row(migration, State::Done, &tables, HERE);
    // The setting ends with the transaction, and without it, or without the lock, the row is refused.
    let mut text = "SET LOCAL kontract.inside = 'yes';\n".to_owned();
    for statement in &migration.sql.of(HERE).up {
        text += &format!("{statement}\n;\n");
    }
    // What Kontract wrote leaves the session as it is. To look after the lock takes longer than most
    // migrations do.
    let (before, is_held, after) = match migration.manual {
        Some(_) => (take_over(session), lock::is_held(session), clean(session)),
        None => (String::new(), "true".to_owned(), String::new()),
    };
    text += &format!("{before}{};\n{after}", tracking::insert_text(&row, &is_held));
    session.send_transaction(&text).await
}

/// What ends the role and the settings of a migration, before the runner goes on in its transaction.
fn take_over(session: &Session) -> String {
    format!("RESET ROLE; SET SESSION AUTHORIZATION DEFAULT; {}", session.opening())
}

/// What removes from the session what a migration has left there. Through a pooler the session will
/// be somebody else's.
fn clean(session: &Session) -> String {
    let settings = session.opening();
    let after = match session.is_pooled() {
        true => format!("SELECT pg_advisory_unlock_all(); {settings}"),
        false => format!("{ALIVE}{}", settings.replace("SET LOCAL ", "SET ")),
    };
    format!("CLOSE ALL; UNLISTEN *; DISCARD TEMP; RESET ALL; {after}")
}

fn is_of_the_connection(error: &Error) -> bool {
    matches!(error.kind(), Kind::Connection) || is_in_the_way(error)
}

/// One step and its row, or nothing.
async fn transaction(session: &mut Session, wanted: &Wanted, step: &Step) -> Result<()> {
    session.begin().await?;
    match inside(session, wanted, step).await {
        Ok(()) => {
            let done = session.commit().await;
            done.map_err(|error| super::commit_failed(&wanted.title(step), error))
        }
        failed => session.end(failed).await,
    }
}

async fn inside(session: &mut Session, wanted: &Wanted, step: &Step) -> Result<()> {
    let before = transaction_id(session).await?;
    let tables = wanted.tables_after(HERE, step);
    let migration = match step {
        Step::Create(_) | Step::Reverse { .. } | Step::Adopt { .. } => None,
        Step::Apply { index } => wanted.migration(*index),
        Step::Seal { index } | Step::Continue { index, .. } | Step::Repair { index, .. } => {
            wanted.migration(Some(*index))
        }
    };
    match step {
        Step::Create(statements) => {
            let renames = refuse_unknown_tables(session, wanted).await?;
            run_all(session, wanted, step, statements).await?;
            for statement in renames {
                session.execute(&statement).await?;
            }
            for migration in &wanted.lock.migrations {
                write(session, wanted, &wanted.row(migration, State::Done, &tables, HERE)).await?;
            }
        }
        Step::Reverse { version, is_draft, way_back } => {
            for query in &way_back.loses {
                let found = PreparedStatement::raw(query, Vec::new(), Vec::new());
                if !session.run(&found, &|_| Ok(()), no_rows).await?.rows.is_empty() {
                    return Err(super::decide::would_lose(query, *is_draft));
                }
            }
            run_all(session, wanted, step, &way_back.statements).await?;
            take_back(session, wanted, step, before).await?;
            let version = i32::try_from(*version).unwrap_or(i32::MAX);
            let row = |to: &mut dyn Binder| tracking::bind_row(to, &wanted.package, version);
            session.run(&tracking::delete_query(HERE), &row, no_rows).await?;
        }
        Step::Apply { index } => {
            if let Some(migration) = migration {
                violations::on_postgres(session, migration, &wanted.title(step)).await?;
                run_all(session, wanted, step, &migration.sql.of(HERE).up).await?;
                take_back(session, wanted, step, before).await?;
                let state = if index.is_none() { State::Draft } else { State::Done };
                write(session, wanted, &wanted.row(migration, state, &tables, HERE)).await?;
            }
        }
        Step::Continue { index, done, .. } => {
            if let Some(migration) = migration {
                groups::inside(session, wanted, step, migration, (*index, *done), before).await?;
            }
        }
        Step::Adopt { from, to } => {
            let schema = wanted.settled(*to);
            let (wants, live) = (expected(HERE, &schema), catalog::read_postgres(session).await?);
            let live = catalog::settled(session, &wants, only_ours(live, &schema)).await?;
            super::refuse_adoption(&compare(&wants, &live))?;
            for statement in renames(&wants, &live) {
                session.execute(&statement).await?;
            }
            for migration in &wanted.lock.migrations[*from..*to] {
                write(session, wanted, &wanted.row(migration, State::Done, &tables, HERE)).await?;
            }
        }
        Step::Repair { step, .. } => {
            if let Some(migration) = migration {
                groups::mark(session, wanted, migration, State::Running, *step).await?;
            }
        }
        Step::Seal { .. } => {
            if let Some(migration) = migration {
                write(session, wanted, &wanted.row(migration, State::Done, &tables, HERE)).await?;
            }
        }
    }
    if wanted.is_sealed() && wanted.may_end(step) && next(session, wanted, false).await?.is_none() {
        let checked = check_tables(session, wanted).await;
        checked.map_err(|error| error.doing(wanted.title(step)))?;
    }
    match is_manual(wanted, step) {
        true => session.send(&clean(session)).await.map(drop),
        false => Ok(()),
    }
}

/// Whether somebody wrote the statements of a step.
fn is_manual(wanted: &Wanted, step: &Step) -> bool {
    let manual = |index| wanted.migration(index).is_some_and(|one| one.manual.is_some());
    match step {
        Step::Reverse { .. } => true,
        Step::Apply { index } => manual(*index),
        Step::Continue { index, .. } => manual(Some(*index)),
        _ => false,
    }
}

/// After the statements of a step: they are still in the transaction that the runner began, with its
/// role and its settings again, and the lock is ours.
async fn take_back(
    session: &mut Session,
    wanted: &Wanted,
    step: &Step,
    before: Option<i64>,
) -> Result<()> {
    if transaction_id(session).await? != before {
        return Err(failure("K0425", format!("{} ended its transaction", wanted.title(step)))
            .with_help("remove COMMIT, ROLLBACK and BEGIN from the migration"));
    }
    if !is_manual(wanted, step) {
        return Ok(());
    }
    session.send(&take_over(session)).await?;
    match session.send(&format!("SELECT WHERE {}", lock::is_held(session))).await? {
        0 => {
            let what = format!("{} gave up the lock of the runner", wanted.title(step));
            Err(failure("K0448", what).with_help(
                "remove `pg_advisory_unlock_all()` and the like from it; nothing of it was done",
            ))
        }
        _ => Ok(()),
    }
}

/// A `COMMIT` among the statements would tear the row of the history off.
pub(super) async fn transaction_id(session: &mut Session) -> Result<Option<i64>> {
    let query =
        PreparedStatement::raw("SELECT txid_current()", Vec::new(), vec![Wire::one(Scalar::I64)]);
    let done = session.run(&query, &|_| Ok(()), |from| field::<i64>(from)).await?;
    Ok(done.rows.into_iter().next())
}

/// All statements in one transaction, also those that would rather run by themselves.
async fn run_all(
    session: &mut Session,
    wanted: &Wanted,
    step: &Step,
    statements: &[String],
) -> Result<()> {
    let what = &wanted.title(step);
    for ((mode, statement), number) in alone::together(statements).zip(1..) {
        if let Some(generated) = run_mode::of_rust_call(HERE, &statement) {
            rust::on_postgres(session, wanted, step, generated).await?;
            continue;
        }
        loop {
            let done = session.execute(&statement).await;
            let changed = done.map_err(|error| explain(what, number, &statement, error))?;
            if mode != Mode::Repeat || changed == 0 || !alone::counts_its_rows(&statement) {
                break;
            }
        }
    }
    Ok(())
}

/// What a statement of a transaction failed with.
fn explain(what: &str, number: usize, statement: &str, error: Error) -> Error {
    match error.kind() {
        Kind::Timeout | Kind::Retry | Kind::Connection => error.doing(what.to_owned()),
        _ => statement_failed(what, number, statement, error),
    }
}

/// Writes the row of a migration; the newest one with the shape of the tables.
async fn write(session: &mut Session, wanted: &Wanted, row: &NewRow<'_>) -> Result<()> {
    session.run(&tracking::insert_query(HERE), &|to| row.bind(to), no_rows).await?;
    if !wanted.is_newest(row.version) {
        return Ok(());
    }
    let version = i32::try_from(row.version).unwrap_or(i32::MAX);
    let bind = |to: &mut dyn Binder| tracking::bind_row(to, row.package, version);
    session.run(&tracking::shape_query(HERE), &bind, no_rows).await.map(|_| ())
}

/// Tables of our names in a database without a history: they are taken over where they are what
/// the schema wants, and what gives their constraints its names is returned.
async fn refuse_unknown_tables(session: &mut Session, wanted: &Wanted) -> Result<Vec<String>> {
    let schema = wanted.lock.schema();
    let (wants, live) = (expected(HERE, &schema), catalog::read_postgres(session).await?);
    let live = catalog::settled(session, &wants, live).await?;
    let renames = renames(&wants, &live);
    wanted.refuse_unknown(&wants, live).map(|()| renames)
}
