//! Creates an index while others write. An interrupted creation leaves an index that is not valid,
//! which `IF NOT EXISTS` would take for the index that is wanted.

use super::interpreter::{PostgresInterpreter, is_of_the_connection};
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Kind, Result};
use crate::migrate::alone::NewIndex;
use crate::migrate::failure::failure;
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader, field};
use crate::value::wire::{Scalar, Wire};

/// Creates an index. An invalid one of an earlier attempt is dropped first. Where an earlier attempt
/// `started`, the server may have finished it since.
///
/// # Errors
/// K0425: rows have the same values, or another index has the name.
pub(super) async fn create(
    interpreter: &mut PostgresInterpreter<'_>,
    statement: &str,
    index: &NewIndex<'_>,
    started: bool,
) -> Result<()> {
    match find(interpreter, index).await? {
        Some(found) if found.is_valid && started => return Ok(()),
        Some(found) if !found.is_valid => drop_index(interpreter, &found.name).await?,
        _ => {}
    }
    let done = interpreter.run_patiently(statement).await;
    if is_of_the_connection(&done) {
        return done;
    }
    let found = find(interpreter, index).await?;
    match done {
        Ok(()) if found.as_ref().is_some_and(|found| found.is_valid) => Ok(()),
        Ok(()) => {
            let (name, table) = (&index.name, index.table);
            let what = format!("the index `{name}` exists, and is not a valid index of `{table}`");
            Err(failure("K0425", what).with_help("drop it, or give the new one another name"))
        }
        Err(error) => {
            if let Some(found) = found.filter(|found| !found.is_valid) {
                drop_index(interpreter, &found.name).await?;
            }
            Err(explain_duplicates(index, error))
        }
    }
}

/// Adds the query that lists the rows with the same values.
fn explain_duplicates(index: &NewIndex<'_>, error: Error) -> Error {
    if !matches!(error.kind(), Kind::Unique { .. }) {
        return error;
    }
    let query = index.duplicates();
    let explained =
        failure("K0425", format!("several rows of `{}` have the same values", index.table))
            .with_help(format!("delete them and run it again; `{query}` lists them"));
    match error.database().cloned() {
        Some(source) => explained.with_source(source),
        None => explained,
    }
}

async fn drop_index(interpreter: &mut PostgresInterpreter<'_>, name: &str) -> Result<()> {
    interpreter.run_patiently(&format!("DROP INDEX CONCURRENTLY IF EXISTS {name}")).await
}

/// An index of the table.
struct Found {
    is_valid: bool,
    /// With its schema.
    name: String,
}

async fn find(
    interpreter: &mut PostgresInterpreter<'_>,
    index: &NewIndex<'_>,
) -> Result<Option<Found>> {
    const TEXT: Wire = Wire::one(Scalar::Text);
    let text = "SELECT i.indisvalid, format('%I.%I', n.nspname, c.relname) \
                FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid \
                JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
                WHERE i.indrelid = to_regclass($1) AND c.relname = $2";
    let query = PreparedStatement::raw(text, vec![TEXT; 2], vec![Wire::one(Scalar::Bool), TEXT]);
    let bind = |to: &mut dyn Binder| {
        to.bind(Datum::Text(index.table.to_owned().into()))?;
        to.bind(Datum::Text(index.name.clone().into()))
    };
    let read = |from: &mut dyn Reader| Ok(Found { is_valid: field(from)?, name: field(from)? });
    Ok(interpreter.session.run(&query, &bind, read).await?.rows.into_iter().next())
}
