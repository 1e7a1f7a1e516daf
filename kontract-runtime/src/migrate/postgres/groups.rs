//! One group of statements of a migration that is several, and its entry in the history.
//!
//! Statements of a transaction commit together with their entry. One that runs by itself has an
//! entry before it and one after it; where only the first is there, nobody knows what became of it.

use std::time::Instant;

use kontract_schema::lock::Migration;
use kontract_schema::migration::run_mode::{self, Mode};

use super::alone::{self, Alone, NewIndex};
use super::{
    HERE, State, Step, Wanted, clean, failure, is_manual, lock_timeout, take_back, take_over,
    transaction, write,
};
use crate::driver::postgres::Session;
use crate::driver::statement::{PreparedStatement, no_rows};
use crate::error::{Error, Kind, Result};
use crate::migrate::{
    endless, group_failed, pause_after, rust, shown, tracking, unclear, violations,
};
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader, field};
use crate::value::wire::{Scalar, Wire};

/// The migration by its place, how many statements are done, and whether the next was begun.
type Place = (usize, usize, bool);

/// Runs the next group.
pub(super) async fn run(
    session: &mut Session,
    wanted: &Wanted,
    step: &Step,
    (index, done, started): Place,
) -> Result<()> {
    let Some(migration) = wanted.migration(Some(index)) else { return Ok(()) };
    let Some(group) = wanted.group(HERE, index, done)? else {
        return transaction(session, wanted, step).await;
    };
    let title = wanted.title(step);
    if (done, started) == (0, false) {
        violations::on_postgres(session, migration, &title).await?;
    }
    let [statement] = group.statements[..] else {
        return transaction(session, wanted, step).await;
    };
    match group.mode {
        Mode::Together => return transaction(session, wanted, step).await,
        Mode::Alone => {
            if session.is_never_alone() {
                return Err(needs_direct(&title, group.first, statement));
            }
            let kind = alone::read(statement);
            if started && kind == Alone::Other {
                return Err(unclear(&title, group.first, statement));
            }
            mark(session, wanted, migration, State::Started, done).await?;
            let result = match &kind {
                Alone::CreateIndex(index) => {
                    create_index(session, wanted, statement, index, started).await
                }
                Alone::DropIndex { again } => patiently(session, wanted, again).await,
                Alone::Again | Alone::Other => session.execute(statement).await.map(|_| ()),
            };
            if let Err(error) = result {
                // The server says that it failed, so that it may be run again.
                if *error.kind() != Kind::Connection {
                    mark(session, wanted, migration, State::Running, done).await?;
                }
                return Err(broken_off(&title, group.first, statement, error));
            }
        }
        Mode::Repeat => {
            if !alone::counts_its_rows(statement) {
                return Err(endless(&title, group.first, statement));
            }
            mark(session, wanted, migration, State::Running, done).await?;
            loop {
                let since = Instant::now();
                match session.execute(statement).await {
                    Ok(0) => break,
                    Ok(_) => tokio::time::sleep(pause_after(since.elapsed())).await,
                    Err(error) => return Err(broken_off(&title, group.first, statement, error)),
                }
            }
        }
    }
    if is_manual(wanted, step) && !session.is_never_alone() {
        session.send(&format!("{}{}", take_over(session), clean(session))).await?;
    }
    mark(session, wanted, migration, State::Running, group.first).await
}

/// The statements of a group that is a transaction, with its entry; or the end of the migration.
pub(super) async fn inside(
    session: &mut Session,
    wanted: &Wanted,
    step: &Step,
    migration: &Migration,
    (index, done): (usize, usize),
    before: Option<i64>,
) -> Result<()> {
    let Some(group) = wanted.group(HERE, index, done)? else {
        let tables = wanted.tables();
        return write(session, wanted, &wanted.row(migration, State::Done, &tables, HERE)).await;
    };
    for (statement, number) in group.statements.iter().zip(group.first..) {
        if let Some(generated) = run_mode::of_rust_call(HERE, statement) {
            rust::on_postgres(session, wanted, step, generated).await?;
            continue;
        }
        let result = session.execute(statement).await;
        result.map_err(|error| broken_off(&wanted.title(step), number, statement, error))?;
    }
    take_back(session, wanted, step, before).await?;
    mark(session, wanted, migration, State::Running, done + group.statements.len()).await
}

/// Without a session there is no lock while a statement runs by itself.
fn needs_direct(what: &str, number: usize, statement: &str) -> Error {
    let shown = shown(statement);
    failure("K0449", format!("statement {number} of {what} cannot run in a transaction, and through this pooler nothing else is safe: `{shown}`"))
        .with_help("run the migrations on a direct connection to the server, or one in session mode: `kontract migrate up --database-url …`")
}

/// Writes how far the migration is.
pub(super) async fn mark(
    session: &mut Session,
    wanted: &Wanted,
    migration: &Migration,
    state: State,
    step: usize,
) -> Result<()> {
    let tables = wanted.tables();
    let row = tracking::NewRow { step, ..wanted.row(migration, state, &tables, HERE) };
    session.run(&tracking::insert_query(HERE), &|to| row.bind(to), no_rows).await.map(|_| ())
}

/// What was done before stays done.
fn broken_off(what: &str, number: usize, statement: &str, error: Error) -> Error {
    match error.kind() {
        Kind::Timeout | Kind::Retry | Kind::Connection => error.doing(what.to_owned()),
        Kind::Migration => error.doing(what.to_owned()),
        _ => group_failed(what, number, statement, error),
    }
}

/// Makes an index while others write. One that broke off is there and is not valid; `IF NOT EXISTS`
/// would take it for the one that is wanted.
async fn create_index(
    session: &mut Session,
    wanted: &Wanted,
    statement: &str,
    index: &NewIndex<'_>,
    started: bool,
) -> Result<()> {
    match find(session, index).await? {
        // The server ended what a program had begun that did not live to see it.
        Some((true, _)) if started => return Ok(()),
        Some((false, name)) => drop_index(session, wanted, &name).await?,
        _ => {}
    }
    let result = patiently(session, wanted, statement).await;
    if matches!(&result, Err(error) if *error.kind() == Kind::Connection) {
        return result;
    }
    match (find(session, index).await?, result) {
        (Some((true, _)), Ok(())) => Ok(()),
        (Some((false, name)), Err(error)) => {
            drop_index(session, wanted, &name).await?;
            Err(duplicates(index, error))
        }
        (_, Err(error)) => Err(duplicates(index, error)),
        (_, Ok(())) => {
            let (name, table) = (&index.name, index.table);
            Err(failure(
                "K0425",
                format!("there is an index `{name}` already, but not a valid one of `{table}`"),
            )
            .with_help("drop it, or give the new one another name"))
        }
    }
}

/// Says how rows are found that have the same values.
fn duplicates(index: &NewIndex<'_>, error: Error) -> Error {
    match error.kind() {
        Kind::Unique { .. } => {
            let what = format!("several rows of `{}` have the same values", index.table);
            let source = error.database().cloned();
            let error = failure("K0425", what).with_help(format!(
                "remove them and run it again; `{}` lists them",
                index.duplicates()
            ));
            match source {
                Some(source) => error.with_source(source),
                None => error,
            }
        }
        _ => error,
    }
}

/// An index that is concurrently made or dropped waits for all older transactions, and nobody waits
/// behind it: a time limit would only leave half an index.
async fn patiently(session: &mut Session, wanted: &Wanted, statement: &str) -> Result<()> {
    session.execute("SET lock_timeout = 0").await?;
    let result = session.execute(statement).await.map(|_| ());
    if !matches!(&result, Err(error) if *error.kind() == Kind::Connection) {
        session.execute(&lock_timeout(wanted)).await?;
    }
    result
}

async fn drop_index(session: &mut Session, wanted: &Wanted, name: &str) -> Result<()> {
    patiently(session, wanted, &format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")).await
}

/// Whether the index is there and valid, and its name with its schema.
async fn find(session: &mut Session, index: &NewIndex<'_>) -> Result<Option<(bool, String)>> {
    const TEXT: Wire = Wire::one(Scalar::Text);
    let text = "SELECT i.indisvalid, format('%I.%I', n.nspname, c.relname) \
                FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                WHERE i.indrelid = to_regclass($1) AND c.relname = $2";
    let query = PreparedStatement::raw(text, vec![TEXT; 2], vec![Wire::one(Scalar::Bool), TEXT]);
    let values = |to: &mut dyn Binder| {
        to.bind(Datum::Text(index.table.to_owned().into()))?;
        to.bind(Datum::Text(index.name.clone().into()))
    };
    let read = |from: &mut dyn Reader| Ok((field::<bool>(from)?, field::<String>(from)?));
    Ok(session.run(&query, &values, read).await?.rows.into_iter().next())
}
