//! Databases to develop with: dropping what is ours, and rows from scripts. Whether a database is
//! one to develop with, the caller has to know.

use std::collections::BTreeSet;

use kontract_schema::catalog::Catalog;
use kontract_schema::dialect::{Dialect, drop_tables};

use super::options::Options;
use super::sqlite::counters;
use super::{catalog, postgres, sqlite, table_owners, tracking};
use crate::driver::Backend;
use crate::driver::postgres::Session;
use crate::driver::sqlite::{Connection, PATIENCE};
use crate::driver::statement::no_rows;
use crate::error::{DatabaseError, Error, Kind, Result};
use crate::value::row::{Binder, Reader, field};

/// Drops the tables of a package, and its history.
pub(super) async fn reset(
    backend: &Backend,
    package: &str,
    options: &Options,
) -> Result<Vec<String>> {
    match backend {
        Backend::Postgres(pool) => {
            let mut session = pool.session().await?;
            let done = on_postgres(&mut session, package, options).await;
            if done.is_err() {
                // Without an answer there is no connection either.
                let _ = session.rollback().await;
            }
            postgres::lock::give_back(&mut session).await;
            session.close().await;
            done
        }
        Backend::Sqlite(pool) => {
            let package = package.to_owned();
            let work = move |connection: &Connection<'_>| {
                connection.set_foreign_keys(false)?;
                let done = connection.in_transaction(|| on_sqlite(connection, &package));
                let restored = connection.set_foreign_keys(true);
                let done = done?;
                restored.map(|()| done)
            };
            pool.exclusively(options.patience, work).await
        }
    }
}

async fn on_postgres(
    session: &mut Session,
    package: &str,
    options: &Options,
) -> Result<Vec<String>> {
    let here = Dialect::Postgres;
    postgres::search_path::check(session).await?;
    postgres::lock::take(session, &postgres::lock::Runner::new(options)).await?;
    session.begin().await?;
    let bind = |to: &mut dyn Binder| table_owners::bind(to, package);
    let own = session.run(&tracking::newest_tables_query(here), &bind, read_names).await?;
    let others =
        session.run(&tracking::tables_of_others_query(here), &bind, table_owners::read).await?;
    let live = catalog::read_postgres(session).await?;
    let tables = ours(&own.rows, &others.rows, &live);
    for statement in drop_tables(here, &tables) {
        session.execute(&statement).await.map_err(depends)?;
    }
    session.run(&tracking::forget_query(here), &bind, no_rows).await?;
    session.commit().await?;
    Ok(tables)
}

fn on_sqlite(connection: &Connection<'_>, package: &str) -> Result<Vec<String>> {
    let here = Dialect::Sqlite;
    let bind = |to: &mut dyn Binder| table_owners::bind(to, package);
    let own = connection.run(&tracking::newest_tables_query(here), &bind, read_names)?;
    let others =
        connection.run(&tracking::tables_of_others_query(here), &bind, table_owners::read)?;
    let tables = ours(&own, &others, &catalog::read_sqlite(connection)?);
    for statement in drop_tables(here, &tables) {
        connection.execute(&statement).map_err(depends)?;
    }
    sqlite::check_references(connection).map_err(depends)?;
    connection.run(&tracking::forget_query(here), &bind, no_rows)?;
    Ok(tables)
}

fn read_names(from: &mut dyn Reader) -> Result<Vec<String>> {
    Ok(serde_json::from_str(&field::<String>(from)?).unwrap_or_default())
}

/// What is there of the package's tables, without those that another one has.
fn ours(own: &[Vec<String>], others: &[table_owners::Package], live: &Catalog) -> Vec<String> {
    let others: BTreeSet<&String> = others.iter().flat_map(|(_, tables)| tables).collect();
    let own: BTreeSet<&String> = own.iter().flatten().collect();
    own.difference(&others)
        .filter(|name| live.tables.contains_key(**name))
        .map(|name| (*name).clone())
        .collect()
}

fn depends(error: Error) -> Error {
    failed("the tables cannot be dropped, nothing was changed", error)
        .with_help("drop first what depends on them and is not managed by Kontract")
}

/// A statement was refused; that the database cannot be reached stays what it is.
fn failed(what: &str, error: Error) -> Error {
    match error.kind() {
        Kind::Connection | Kind::Timeout | Kind::Retry | Kind::Migration => error,
        _ => {
            let source = error.database().cloned().unwrap_or_else(|| DatabaseError::of(&error));
            Error::new(Kind::Migration, format!("{what}: {}", error.message())).with_source(source)
        }
    }
}

/// A `COMMIT` among the statements leaves half of a script behind where the rest fails.
fn ended(what: &str) -> Error {
    Error::new(Kind::Migration, format!("{what} ends its transaction"))
        .with_help("remove BEGIN, COMMIT and ROLLBACK: a script is one transaction")
}

/// Runs a script in one transaction.
pub(super) async fn seed(backend: &Backend, what: &str, script: &str) -> Result<()> {
    let wrong = |error: Error| failed(&format!("{what} failed, nothing of it was done"), error);
    match backend {
        Backend::Postgres(pool) => {
            let mut session = pool.session().await?;
            let done = script_on_postgres(&mut session, what, script).await;
            session.close().await;
            done.map_err(wrong)
        }
        Backend::Sqlite(pool) => {
            let (script, what) = (script.to_owned(), what.to_owned());
            let work = move |connection: &Connection<'_>| {
                connection.in_transaction(|| {
                    connection.execute(&script)?;
                    if !connection.is_in_transaction() {
                        return Err(ended(&what));
                    }
                    // The rows may have transaction ids and places of their own.
                    counters::catch_up(connection)
                })
            };
            pool.exclusively(PATIENCE, work).await.map_err(wrong)
        }
    }
}

async fn script_on_postgres(session: &mut Session, what: &str, script: &str) -> Result<()> {
    session.begin().await?;
    let before = postgres::transaction_id(session).await?;
    session.execute(script).await?;
    if postgres::transaction_id(session).await? != before {
        return Err(ended(what));
    }
    session.commit().await
}
