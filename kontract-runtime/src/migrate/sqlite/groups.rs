//! One group of statements of a migration that is several, and its entry in the history.

use std::fs::{File, OpenOptions, TryLockError};
use std::time::{Duration, Instant};

use kontract_schema::migration::run_mode::{self, Mode};

use super::alone::{self, Alone};
use super::{HERE, State, Step, Wanted, failure, stays_inside, write};
use crate::driver::sqlite::Connection;
use crate::driver::statement::no_rows;
use crate::error::{Error, Kind, Result};
use crate::migrate::{endless, group_failed, pause_after, rust, tracking, unclear, violations};

/// The migration by its place, how many statements are done, and whether the next was begun.
type Place = (usize, usize, bool);

/// Runs the next group, unless it is a transaction like others.
pub(super) fn run(
    connection: &Connection<'_>,
    wanted: &Wanted,
    step: &Step,
    (index, done, started): Place,
) -> Result<bool> {
    let Some(group) = wanted.group(HERE, index, done)? else { return Ok(false) };
    let title = wanted.title(step);
    if let Some(migration) = wanted.migration(Some(index)).filter(|_| (done, started) == (0, false))
    {
        violations::on_sqlite(connection, migration, &title)?;
    }
    let [statement] = group.statements[..] else { return Ok(false) };
    let explain = |error: Error| match error.kind() {
        Kind::Timeout | Kind::Migration => error.doing(title.clone()),
        _ => group_failed(&title, group.first, statement, error),
    };
    match group.mode {
        Mode::Together => return Ok(false),
        Mode::Alone => {
            if started && alone::read(statement) == Alone::Other {
                return Err(unclear(&title, group.first, statement));
            }
            let mark_here =
                |state, step| patiently(wanted, || mark(connection, wanted, index, state, step));
            mark_here(State::Started, done)?;
            if let Err(error) = patiently(wanted, || connection.execute(statement)) {
                // It says that it failed, so that it may be run again.
                mark_here(State::Running, done)?;
                return Err(explain(error));
            }
            mark_here(State::Running, group.first)?;
        }
        Mode::Repeat => {
            if !alone::counts_its_rows(statement) {
                return Err(endless(&title, group.first, statement));
            }
            patiently(wanted, || mark(connection, wanted, index, State::Running, done))?;
            loop {
                let since = Instant::now();
                let batch = || {
                    connection.in_transaction(|| {
                        let changed = connection.execute_counted(statement)?;
                        stays_inside(connection, &title, group.first)?;
                        Ok(changed)
                    })
                };
                if patiently(wanted, batch).map_err(explain)? == 0 {
                    break;
                }
                std::thread::sleep(pause_after(since.elapsed()));
            }
            patiently(wanted, || mark(connection, wanted, index, State::Running, group.first))?;
        }
    }
    Ok(true)
}

/// The statements of a group that is a transaction, with its entry; or the end of the migration.
pub(super) fn inside(
    connection: &Connection<'_>,
    wanted: &Wanted,
    step: &Step,
    (index, done): (usize, usize),
) -> Result<()> {
    let Some(group) = wanted.group(HERE, index, done)? else {
        let Some(migration) = wanted.migration(Some(index)) else { return Ok(()) };
        let tables = wanted.tables();
        return write(connection, wanted, &wanted.row(migration, State::Done, &tables, HERE));
    };
    let title = wanted.title(step);
    for (statement, number) in group.statements.iter().zip(group.first..) {
        if let Some(generated) = run_mode::of_rust_call(HERE, statement) {
            rust::on_sqlite(connection, wanted, step, generated)?;
            continue;
        }
        connection.execute(statement).map_err(|error| match error.kind() {
            Kind::Timeout => error.doing(title.clone()),
            _ => group_failed(&title, number, statement, error),
        })?;
        stays_inside(connection, &title, number)?;
    }
    mark(connection, wanted, index, State::Running, done + group.statements.len())
}

/// Writes how far the migration is.
pub(super) fn mark(
    connection: &Connection<'_>,
    wanted: &Wanted,
    index: usize,
    state: State,
    step: usize,
) -> Result<()> {
    let Some(migration) = wanted.migration(Some(index)) else { return Ok(()) };
    let tables = wanted.tables();
    let row = tracking::NewRow { step, ..wanted.row(migration, state, &tables, HERE) };
    connection.run(&tracking::insert_query(HERE), &|to| row.bind(to), no_rows).map(|_| ())
}

/// Runs some work again while others write: each part of a long migration is waited for anew.
fn patiently<T>(wanted: &Wanted, work: impl Fn() -> Result<T>) -> Result<T> {
    let since = Instant::now();
    let mut pause = Duration::from_millis(1);
    loop {
        match work() {
            Err(error)
                if *error.kind() == Kind::Timeout && since.elapsed() < wanted.options.patience =>
            {
                std::thread::sleep(pause);
                pause = (pause * 2).min(Duration::from_millis(100));
            }
            done => return done,
        }
    }
}

/// The lock of those that run a migration of several transactions.
pub(super) fn lock(connection: &Connection<'_>, patience: Duration) -> Result<File> {
    let Some(database) = connection.path() else {
        return Err(failure("K0426", "a database in memory has no file to lock"));
    };
    let mut path = database.as_os_str().to_owned();
    path.push("-migrate");
    let refused = |error: std::io::Error| {
        let what = format!("the file `{}` cannot be locked", path.display());
        failure("K0417", what).with_source(error)
    };
    let file = OpenOptions::new().create(true).append(true).open(&path).map_err(refused)?;
    let since = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(refused(error)),
            Err(TryLockError::WouldBlock) if since.elapsed() > patience => {
                return Err(failure(
                    "K0426",
                    "another process is migrating this database and did not end in time",
                )
                .with_help(format!(
                    "wait for it, or look who holds `{}`: `fuser` names the process",
                    path.display()
                )));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
        }
    }
}
