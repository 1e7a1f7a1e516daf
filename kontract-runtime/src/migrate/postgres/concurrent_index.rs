//! Creates an index while others write. An interrupted creation leaves an index that is not valid,
//! which `IF NOT EXISTS` would take for the index that is wanted.

use std::time::Duration;

use kontract_schema::code;
use kontract_schema::lock::NewIndex;

use crate::driver::postgres::Session;
use crate::error::{DatabaseError, Error, Kind, Result};
use crate::migrate::executor::Queries;
use crate::migrate::failure::failure;

/// Creates an index. An invalid one of an earlier attempt is dropped first. Where an earlier attempt
/// `started`, the server may have finished it since.
///
/// # Errors
/// K0425: rows have the same values, or another index has the name.
pub(super) async fn create(
    session: &mut Session,
    statement: &str,
    index: &NewIndex,
    started: bool,
    patience: Duration,
) -> Result<()> {
    match find(session, index).await? {
        Some(found) if found.is_valid && started => return Ok(()),
        Some(found) if !found.is_valid => drop_index(session, &found.name, patience).await?,
        _ => {}
    }
    let done = run_patiently(session, statement, patience).await;
    if is_of_the_connection(&done) {
        return done;
    }
    let found = find(session, index).await?;
    match done {
        Ok(()) if found.as_ref().is_some_and(|found| found.is_valid) => Ok(()),
        Ok(()) => {
            let (name, table) = (&index.name, &index.table);
            let holder = describe_holder(session, index).await?;
            let what =
                format!("`{table}` cannot have the index `{name}`: the database has the {holder}");
            Err(failure(code::MIGRATION_FAILED, what)
                .with_help("rename or drop it, or give the new index another name"))
        }
        Err(error) => {
            if let Some(found) = found.filter(|found| !found.is_valid) {
                drop_index(session, &found.name, patience).await?;
            }
            Err(explain_duplicates(index, error))
        }
    }
}

/// Adds the query that lists the rows with the same values.
fn explain_duplicates(index: &NewIndex, error: Error) -> Error {
    if !matches!(error.kind(), Kind::Unique { .. }) {
        return error;
    }
    let query = index.duplicates();
    let what = format!("several rows of `{}` have the same values", index.table);
    failure(code::MIGRATION_FAILED, what)
        .with_help(format!(
            "change or delete all but one of each and run it again; `{query}` lists them"
        ))
        .with_source(DatabaseError::from_error(&error))
}

async fn drop_index(session: &mut Session, name: &str, patience: Duration) -> Result<()> {
    let statement = format!("DROP INDEX CONCURRENTLY IF EXISTS {name}");
    run_patiently(session, &statement, patience).await
}

/// Runs a statement that waits for older transactions, but makes no other session wait: a time limit
/// would only leave half an index. Afterwards the limit is `patience` again.
pub(super) async fn run_patiently(
    session: &mut Session,
    statement: &str,
    patience: Duration,
) -> Result<()> {
    session.execute("SET lock_timeout = 0").await?;
    let done = session.execute(statement).await.map(drop);
    if !is_of_the_connection(&done) {
        let millis = patience.as_millis().max(1);
        session.execute(&format!("SET lock_timeout = {millis}")).await?;
    }
    done
}

/// Whether the connection failed, not the statement.
pub(super) fn is_of_the_connection<T>(done: &Result<T>) -> bool {
    done.as_ref().is_err_and(|error| *error.kind() == Kind::Connection)
}

/// An index of the table.
struct Found {
    is_valid: bool,
    /// With its schema.
    name: String,
}

async fn find(session: &mut Session, index: &NewIndex) -> Result<Option<Found>> {
    let text = "SELECT i.indisvalid, format('%I.%I', n.nspname, c.relname) \
                FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                WHERE i.indrelid = to_regclass($1) AND c.relname = $2";
    let found = session.fetch(text, (&*index.table, &*index.name)).await?.into_iter().next();
    Ok(found.map(|(is_valid, name)| Found { is_valid, name }))
}

/// Returns what has the name of an index: its kind, its name, and the table of another index.
async fn describe_holder(session: &mut Session, index: &NewIndex) -> Result<String> {
    let text = "SELECT CASE WHEN c.relkind IN ('r', 'p') THEN 'table' WHEN c.relkind = 'v' THEN 'view' \
                WHEN c.relkind = 'm' THEN 'materialized view' WHEN c.relkind = 'S' THEN 'sequence' \
                WHEN c.relkind = 'f' THEN 'foreign table' WHEN c.relkind = 'c' THEN 'composite type' \
                WHEN i.indisvalid THEN 'index' ELSE 'invalid index' END, t.relname::text \
                FROM pg_catalog.pg_class c \
                LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid \
                LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid \
                WHERE c.relname = $2 AND c.relnamespace = \
                (SELECT o.relnamespace FROM pg_catalog.pg_class o WHERE o.oid = to_regclass($1))";
    let name = &*index.name;
    let found: Option<(String, Option<String>)> =
        session.fetch(text, (&*index.table, name)).await?.into_iter().next();
    let (kind, table) = found.unwrap_or_else(|| ("index".to_owned(), None));
    let of = table.map(|table| format!(" of table `{table}`"));
    Ok(format!("{kind} `{name}`{}", of.unwrap_or_default()))
}
