//! The runner on PostgreSQL: one connection of its own, outside of the pool, and an advisory lock.
//!
//! The lock is polled, never waited for: a session that waits in `pg_advisory_lock` holds a
//! snapshot, and an index that another one builds concurrently would wait for it forever. Whatever
//! happens, the connection is closed, and with it the lock is gone.

mod groups;

use std::time::{Duration, Instant};

use kontract_schema::catalog::{compare, expected};
use kontract_schema::dialect::Dialect;
use kontract_schema::group::{self, Mode};

use super::next::{State, Step, Wanted};
use super::tracking::{self, NewRow};
use super::{alone, catalog, failure, only_ours, refuse_differences, rust, statement_failed};
use crate::backend::postgres::{Postgres, Session};
use crate::backend::{Query, no_rows};
use crate::error::{Error, Kind, Result};
use crate::record::{Binder, field};
use crate::wire::{Scalar, Wire};

const HERE: Dialect = Dialect::Postgres;

/// How often a step is tried that does not get its locks on tables.
const TRIES: u32 = 5;

/// The first half of the lock's number; the second is the schema's, so that programs in different
/// schemas of one database do not wait for each other.
const LOCK: i32 = 0x6b6f_6e74;

pub(super) async fn run(postgres: &Postgres, wanted: &Wanted) -> Result<()> {
    let mut session = postgres.session().await?;
    let result = locked(&mut session, wanted).await;
    session.close().await;
    result
}

async fn locked(session: &mut Session, wanted: &Wanted) -> Result<()> {
    // An `ALTER TABLE` that waits makes every later reader wait behind it.
    session.execute(&lock_timeout(wanted)).await?;
    session.execute("SET standard_conforming_strings = on").await?;
    lock(session, wanted.options.patience).await?;
    session.execute("SET client_min_messages = warning").await?;
    // One round trip for both.
    let bootstrap = format!("{}; {}", tracking::CREATE_POSTGRES, tracking::UPGRADE_POSTGRES);
    session.execute(&bootstrap).await?;
    let mut tries = 0;
    let mut planned = next(session, wanted, true).await?;
    while let Some(step) = planned {
        wanted.begins(&step)?;
        let mut after = None;
        let done = match &step {
            Step::Continue { index, done, started } => {
                groups::run(session, wanted, &step, (*index, *done, *started)).await
            }
            Step::Apply { index: Some(index) }
                if !wanted.may_end(&step) && wanted.call(&step)?.is_none() =>
            {
                match at_once(session, wanted, *index).await {
                    // Once more, statement by statement: to say which one it is.
                    Err(error) if !is_of_the_connection(&error) => {
                        transaction(session, wanted, &step).await
                    }
                    done => {
                        // Nobody else writes rows of the package: they would not be taken.
                        after = done.is_ok().then(|| wanted.applied(*index));
                        done
                    }
                }
            }
            _ => transaction(session, wanted, &step).await,
        };
        match done {
            Ok(()) => {
                wanted.was_done(&step);
                tries = 0;
            }
            Err(error) if is_in_the_way(&error) && tries < TRIES => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(200) * tries).await;
            }
            Err(error) => return Err(error),
        }
        planned = match after {
            Some(row) => wanted.goes_on(HERE, row.into_iter().collect(), true)?,
            None => next(session, wanted, true).await?,
        };
    }
    Ok(())
}

/// Whether a step may succeed a little later: unless somebody cancelled it.
fn is_in_the_way(error: &Error) -> bool {
    error.is_retryable() && error.database().is_none_or(|said| said.code != "57014")
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

pub(super) async fn lock(session: &mut Session, patience: Duration) -> Result<()> {
    let text = format!("SELECT pg_try_advisory_lock({LOCK}, hashtext(current_schema()))");
    let query = Query::raw(&text, Vec::new(), vec![Wire::one(Scalar::Bool)]);
    let start = Instant::now();
    let mut pause = Duration::from_millis(20);
    loop {
        let done = session.run(&query, &|_| Ok(()), |from| field::<Option<bool>>(from)).await?;
        match done.rows.first().copied().flatten() {
            Some(true) => return Ok(()),
            None => {
                return Err(failure("K0430", "the connection has no schema to create tables in")
                    .with_help("create the schema of the user's `search_path`"));
            }
            Some(false) if start.elapsed() > patience => return Err(held(session).await),
            Some(false) => {
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(Duration::from_millis(500));
            }
        }
    }
}

/// Who holds the lock.
async fn held(session: &mut Session) -> Error {
    let text = format!(
        "SELECT l.pid, coalesce(a.application_name, '') FROM pg_locks l \
         LEFT JOIN pg_stat_activity a ON a.pid = l.pid \
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {LOCK}::oid \
         AND l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid \
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    let outputs = vec![Wire::one(Scalar::I32), Wire::one(Scalar::Text)];
    let query = Query::raw(&text, Vec::new(), outputs);
    let read =
        |from: &mut dyn crate::record::Reader| Ok((field::<i32>(from)?, field::<String>(from)?));
    let holder = session.run(&query, &|_| Ok(()), read).await.ok();
    let holder = holder.and_then(|done| done.rows.into_iter().next());
    let holder = match holder {
        Some((process, name)) => format!("the session {process} (`{name}`)"),
        None => "another session".to_owned(),
    };
    failure("K0426", format!("{holder} is migrating this database and did not end in time"))
        .with_help("wait for it, or look what it does in `pg_stat_activity`")
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
    // The setting ends with the transaction, and without it the row is refused.
    let mut text = "BEGIN; SET LOCAL kontract.inside = 'yes';\n".to_owned();
    for statement in &migration.sql.of(HERE).up {
        text += &format!("{statement}\n;\n");
    }
    text += &format!("{};\nCOMMIT", tracking::insert_text(&row));
    let done = session.execute(&text).await;
    if done.is_err() {
        let _ = session.execute("ROLLBACK").await;
    }
    done.map(drop)
}

fn is_of_the_connection(error: &Error) -> bool {
    matches!(error.kind(), Kind::Connection) || is_in_the_way(error)
}

/// One step and its row, or nothing.
async fn transaction(session: &mut Session, wanted: &Wanted, step: &Step) -> Result<()> {
    session.execute("BEGIN").await?;
    let done = match inside(session, wanted, step).await {
        Ok(()) => session.execute("COMMIT").await.map(|_| ()),
        Err(error) => Err(error),
    };
    if done.is_err() {
        // Where the connection is gone, so is the transaction.
        let _ = session.execute("ROLLBACK").await;
    }
    done
}

async fn inside(session: &mut Session, wanted: &Wanted, step: &Step) -> Result<()> {
    let before = transaction_id(session).await?;
    let tables = wanted.tables();
    let migration = match step {
        Step::Create(_) | Step::Reverse { .. } | Step::Adopt { .. } => None,
        Step::Apply { index } => wanted.migration(*index),
        Step::Seal { index } | Step::Continue { index, .. } | Step::Repair { index, .. } => {
            wanted.migration(Some(*index))
        }
    };
    match step {
        Step::Create(statements) => {
            refuse_unknown_tables(session, wanted).await?;
            run_all(session, wanted, step, statements).await?;
            for migration in &wanted.lock.migrations {
                write(session, wanted, &wanted.row(migration, State::Done, &tables, HERE)).await?;
            }
        }
        Step::Reverse { version, is_draft, way_back } => {
            for query in &way_back.loses {
                let found = Query::raw(query, Vec::new(), Vec::new());
                if !session.run(&found, &|_| Ok(()), no_rows).await?.rows.is_empty() {
                    return Err(super::next::would_lose(query, *is_draft));
                }
            }
            run_all(session, wanted, step, &way_back.statements).await?;
            let version = i32::try_from(*version).unwrap_or(i32::MAX);
            let row = |to: &mut dyn Binder| tracking::bind_row(to, &wanted.package, version);
            session.run(&tracking::delete_query(HERE), &row, no_rows).await?;
        }
        Step::Apply { index } => {
            if let Some(migration) = migration {
                run_all(session, wanted, step, &migration.sql.of(HERE).up).await?;
                let state = if index.is_none() { State::Draft } else { State::Done };
                write(session, wanted, &wanted.row(migration, state, &tables, HERE)).await?;
            }
        }
        Step::Continue { index, done, .. } => {
            if let Some(migration) = migration {
                groups::inside(session, wanted, step, migration, (*index, *done)).await?;
            }
        }
        Step::Adopt { from, to } => {
            let schema = wanted.settled(*to);
            let (wants, live) = (expected(HERE, &schema), catalog::read_postgres(session).await?);
            let live = catalog::settled(session, &wants, only_ours(live, &schema)).await?;
            super::refuse_adoption(&compare(&wants, &live))?;
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
    if transaction_id(session).await? != before {
        return Err(failure("K0425", "a statement of the migration ended its transaction")
            .with_help("remove COMMIT, ROLLBACK and BEGIN from the migration"));
    }
    if wanted.is_sealed() && wanted.may_end(step) && next(session, wanted, false).await?.is_none() {
        let checked = check_tables(session, wanted).await;
        return checked.map_err(|error| error.doing(wanted.title(step)));
    }
    Ok(())
}

/// A `COMMIT` among the statements would tear the row of the history off.
pub(super) async fn transaction_id(session: &mut Session) -> Result<Option<i64>> {
    let query = Query::raw("SELECT txid_current()", Vec::new(), vec![Wire::one(Scalar::I64)]);
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
        if let Some(generated) = group::of_rust_call(HERE, &statement) {
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
/// the schema wants.
async fn refuse_unknown_tables(session: &mut Session, wanted: &Wanted) -> Result<()> {
    let schema = wanted.lock.schema();
    let (wants, live) = (expected(HERE, &schema), catalog::read_postgres(session).await?);
    let live = catalog::settled(session, &wants, live).await?;
    wanted.refuse_unknown(&wants, live)
}
