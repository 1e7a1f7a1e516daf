//! The runner on SQLite: the lock is the transaction itself, which begins as a writer.
//!
//! Rebuilding a table drops it, and with foreign keys on that would delete the rows that refer to
//! it. The switch has no effect within a transaction, so it is set before, read back, and set again
//! on every way out; the references are checked as a whole before the commit.
//!
//! A migration that is several transactions needs a lock beside them: that of a file beside the
//! database, which the system takes back when the process ends.

pub(super) mod counters;
mod foreign_objects;
mod groups;

use std::fs::File;
use std::sync::Arc;

use kontract_schema::catalog::{compare, expected};
use kontract_schema::dialect::Dialect;
use kontract_schema::migration::run_mode::{self, Mode};

use self::foreign_objects::Kept;
use super::decide::{State, Step, Wanted};
use super::tracking::{self, NewRow};
use super::{
    alone, catalog, external_tables, failure, only_ours, refuse_differences, rust,
    statement_failed, table_owners, violations,
};
use crate::driver::sqlite::{Connection, Sqlite};
use crate::driver::statement::{PreparedStatement, no_rows};
use crate::error::{Kind, Result};
use crate::value::row::{Binder, Reader, field};
use crate::value::wire::{Scalar, Wire};

const HERE: Dialect = Dialect::Sqlite;

pub(super) async fn run(sqlite: &Sqlite, wanted: &Arc<Wanted>) -> Result<()> {
    let wanted = Arc::clone(wanted);
    let patience = wanted.options.patience;
    let work = move |connection: &Connection<'_>| {
        let mut lock = None;
        connection.in_transaction(|| bootstrap(connection))?;
        while let Some(planned) = next(connection, &wanted, true)? {
            let done = step(connection, &wanted, &planned, &mut lock);
            if !done.map_err(|error| wanted.in_file(&planned, error))? {
                break;
            }
        }
        Ok(())
    };
    sqlite.exclusively(patience, work).await.map_err(|error| match error.kind() {
        Kind::Timeout => error.with_code("K0426"),
        _ => error,
    })
}

/// The tables that the runner and the clock need.
pub(super) const BOOTSTRAP: [&str; 3] =
    [tracking::CREATE_SQLITE, counters::CREATE, counters::START];

/// Creates them.
pub(super) fn bootstrap(connection: &Connection<'_>) -> Result<()> {
    connection.execute(tracking::CREATE_SQLITE)?;
    for (column, add) in tracking::COLUMNS_SQLITE {
        if connection.run(&tracking::has_column_query(column), &|_| Ok(()), no_rows)?.is_empty() {
            connection.execute(add)?;
        }
    }
    counters::create(connection)
}

/// One step; says whether there was one.
fn step(
    connection: &Connection<'_>,
    wanted: &Wanted,
    planned: &Step,
    lock: &mut Option<File>,
) -> Result<bool> {
    wanted.begins(planned)?;
    if let Some(schema) = wanted.external() {
        external_tables::check(HERE, &schema, &catalog::read_sqlite(connection)?)?;
    }
    if let Step::Continue { index, done, started } = *planned {
        if lock.is_none() && connection.path().is_some() {
            *lock = Some(groups::lock(connection, wanted.options.patience)?);
            // Another process may have gone on meanwhile.
            return Ok(true);
        }
        if groups::run(connection, wanted, planned, (index, done, started))? {
            wanted.was_done(planned);
            return Ok(true);
        }
    }
    // Whether foreign keys have to be off must be known before the transaction begins.
    let rebuilds = wanted.rebuilds(planned);
    let run = || {
        let done = connection.in_transaction(|| inside(connection, wanted, planned, rebuilds));
        done.map_err(|error| match error.kind() {
            // Of a statement it would have a code.
            Kind::ForeignKey { .. } if error.code().is_none() => {
                super::commit_failed(&wanted.title(planned), error)
            }
            _ => error,
        })
    };
    if !rebuilds {
        return run();
    }
    connection.set_foreign_keys(false)?;
    let done = run();
    let restored = connection.set_foreign_keys(true);
    let done = done?;
    restored.map(|()| done)
}

fn next(connection: &Connection<'_>, wanted: &Wanted, keep: bool) -> Result<Option<Step>> {
    let after = wanted.known();
    let values = |to: &mut dyn Binder| tracking::bind_row(to, &wanted.package, after);
    let history =
        connection.run(&tracking::history_query(HERE), &values, tracking::read_applied)?;
    wanted.goes_on(HERE, history, keep)
}

/// The step that is the next one now: another process may have done the planned one.
fn inside(
    connection: &Connection<'_>,
    wanted: &Wanted,
    planned: &Step,
    rebuilds: bool,
) -> Result<bool> {
    let Some(step) = next(connection, wanted, false)? else { return Ok(false) };
    let prepared = match step {
        Step::Continue { .. } => step == *planned,
        _ => rebuilds || !wanted.rebuilds(&step),
    };
    if !prepared {
        return Ok(true);
    }
    table_owners::on_sqlite(connection, wanted, &step)?;
    let tables = wanted.tables_after(HERE, &step);
    let kept = if rebuilds { Some(Kept::read(connection)?) } else { None };
    match &step {
        Step::Create(statements) => {
            let schema = wanted.lock.schema();
            let live = catalog::read_sqlite(connection)?;
            wanted.refuse_unknown(&expected(HERE, &schema), live)?;
            run_all(connection, wanted, &step, statements)?;
            for migration in &wanted.lock.migrations {
                write(connection, wanted, &wanted.row(migration, State::Done, &tables, HERE))?;
            }
        }
        Step::Reverse { version, is_draft, way_back } => {
            for query in &way_back.loses {
                let found = PreparedStatement::raw(query, Vec::new(), Vec::new());
                if !connection.run(&found, &|_| Ok(()), no_rows)?.is_empty() {
                    return Err(super::decide::would_lose(query, *is_draft));
                }
            }
            run_all(connection, wanted, &step, &way_back.statements)?;
            let version = i32::try_from(*version).unwrap_or(i32::MAX);
            let row = |to: &mut dyn Binder| tracking::bind_row(to, &wanted.package, version);
            connection.run(&tracking::delete_query(HERE), &row, no_rows)?;
        }
        Step::Apply { index } => {
            if let Some(migration) = wanted.migration(*index) {
                violations::on_sqlite(connection, migration, &wanted.title(&step))?;
                run_all(connection, wanted, &step, &migration.sql.of(HERE).up)?;
                let state = if index.is_none() { State::Draft } else { State::Done };
                write(connection, wanted, &wanted.row(migration, state, &tables, HERE))?;
            }
        }
        Step::Continue { index, done, .. } => {
            groups::inside(connection, wanted, &step, (*index, *done))?;
        }
        Step::Adopt { from, to } => {
            let schema = wanted.settled(*to);
            let live = only_ours(catalog::read_sqlite(connection)?, &schema);
            super::refuse_adoption(&compare(&expected(HERE, &schema), &live))?;
            for migration in &wanted.lock.migrations[*from..*to] {
                write(connection, wanted, &wanted.row(migration, State::Done, &tables, HERE))?;
            }
        }
        Step::Repair { index, step } => {
            groups::mark(connection, wanted, *index, State::Running, *step)?;
        }
        Step::Seal { index } => {
            if let Some(migration) = wanted.migration(Some(*index)) {
                write(connection, wanted, &wanted.row(migration, State::Done, &tables, HERE))?;
            }
        }
    }
    if let Some(kept) = kept {
        let by_hand = match &step {
            Step::Apply { index } => wanted.migration(*index),
            Step::Continue { index, .. } => wanted.migration(Some(*index)),
            _ => None,
        };
        let by_hand = by_hand.is_some_and(|migration| migration.manual.is_some());
        let restored = kept.restore(connection, &wanted.statements(&step), by_hand);
        let checked = restored.and_then(|()| check_references(connection));
        checked.map_err(|error| error.doing(wanted.title(&step)))?;
    }
    if wanted.is_sealed() && wanted.may_end(&step) && next(connection, wanted, false)?.is_none() {
        check_tables(connection, wanted).map_err(|error| error.doing(wanted.title(&step)))?;
    }
    wanted.was_done(&step);
    Ok(true)
}

/// Compares what is there with what should be, while it can still be rolled back.
fn check_tables(connection: &Connection<'_>, wanted: &Wanted) -> Result<()> {
    let schema = wanted.lock.schema();
    let live = only_ours(catalog::read_sqlite(connection)?, &schema);
    refuse_differences(&compare(&expected(HERE, &schema), &live))
}

/// All statements in one transaction, also those that would rather run by themselves.
fn run_all(
    connection: &Connection<'_>,
    wanted: &Wanted,
    step: &Step,
    statements: &[String],
) -> Result<()> {
    let what = &wanted.title(step);
    for ((mode, statement), number) in alone::together(statements).zip(1..) {
        if let Some(generated) = run_mode::of_rust_call(HERE, &statement) {
            rust::on_sqlite(connection, wanted, step, generated)?;
            continue;
        }
        loop {
            let done = connection.execute_counted(&statement);
            let changed = done.map_err(|error| match error.kind() {
                Kind::Timeout => error.doing(what.to_owned()),
                _ => statement_failed(what, number, &statement, error),
            })?;
            stays_inside(connection, what, number)?;
            if mode != Mode::Repeat || changed == 0 {
                break;
            }
        }
    }
    Ok(())
}

/// No statement ended the transaction.
fn stays_inside(connection: &Connection<'_>, what: &str, number: usize) -> Result<()> {
    match connection.is_in_transaction() {
        true => Ok(()),
        false => {
            let what = format!("{what} ended its transaction at statement {number}");
            Err(failure("K0425", what)
                .with_help("remove COMMIT, ROLLBACK and BEGIN from the migration"))
        }
    }
}

pub(super) fn check_references(connection: &Connection<'_>) -> Result<()> {
    let query = PreparedStatement::raw(
        "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY \"table\", parent",
        Vec::new(),
        vec![Wire::one(Scalar::Text), Wire::one(Scalar::Text), Wire::one(Scalar::I64)],
    );
    let read = |from: &mut dyn Reader| {
        Ok((field::<String>(from)?, field::<String>(from)?, field::<i64>(from)?))
    };
    match connection.run(&query, &|_| Ok(()), read)?.into_iter().next() {
        None => Ok(()),
        Some((table, parent, rows)) => Err(failure(
            "K0428",
            format!("table `{table}` would refer to rows of `{parent}` that are not there ({rows} times)"),
        )
        .with_help("mend them first; nothing was changed")),
    }
}

/// Writes the row of a migration; the newest one with the shape of the tables.
fn write(connection: &Connection<'_>, wanted: &Wanted, row: &NewRow<'_>) -> Result<()> {
    connection.run(&tracking::insert_query(HERE), &|to| row.bind(to), no_rows)?;
    if !wanted.is_newest(row.version) {
        return Ok(());
    }
    let version = i32::try_from(row.version).unwrap_or(i32::MAX);
    let bind = |to: &mut dyn Binder| tracking::bind_row(to, row.package, version);
    connection.run(&tracking::shape_query(HERE), &bind, no_rows).map(|_| ())
}
