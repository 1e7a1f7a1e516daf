//! SQLite's counters, in the one row of `_kontract_clock`: the last transaction id and the last place
//! in the order of rows. PostgreSQL has sequences for them.

use kontract_schema::dialect::query_greatest_number;

use crate::driver::sqlite::Connection;
use crate::error::{DatabaseError, Error, Kind, Result};
use crate::migrate::history_sql::{CREATE_COUNTERS, START_COUNTERS};

/// The error of a missing row.
pub(crate) fn are_missing() -> Error {
    let source = DatabaseError { code: String::new(), message: MISSING.to_owned() };
    Error::new(Kind::Database, "the counter row in `_kontract_clock` is missing")
        .with_source(source)
}

/// Whether an error means that the counters are missing.
pub(crate) fn is_missing(error: &Error) -> bool {
    error.database().is_some_and(|source| source.message.starts_with(MISSING))
}

const MISSING: &str = "no such table: _kontract_clock";

/// Creates the counters where they are missing. They go on after the greatest numbers of the rows:
/// no transaction id and no place is used twice.
pub(crate) fn create(connection: &Connection<'_>) -> Result<()> {
    connection.execute(CREATE_COUNTERS)?;
    let exists = "SELECT 1 FROM _kontract_clock WHERE id = 1";
    if !connection.fetch::<(i64,)>(exists, ())?.is_empty() {
        return Ok(());
    }
    connection.execute(START_COUNTERS)?;
    let columns: Vec<(String, String)> = connection.fetch(
        "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND c.name IN ('_txid', '_deleted_txid', '_order')",
        (),
    )?;
    for (table, column) in columns {
        let greatest = connection.fetch::<(i64,)>(&query_greatest_number(&table, &column), ())?;
        for (number,) in greatest {
            let (txid, place) = if column == "_order" { (0, number) } else { (number, 0) };
            raise(connection, txid, place)?;
        }
    }
    Ok(())
}

/// Lets the counters go on after rows that another program has written; they never go back.
pub(crate) fn catch_up(connection: &Connection<'_>) -> Result<()> {
    let clock = "SELECT txid, place FROM _kontract_clock WHERE id = 1";
    let before: Vec<(i64, i64)> = connection.fetch(clock, ())?;
    connection.execute("DELETE FROM _kontract_clock")?;
    create(connection)?;
    before.into_iter().try_for_each(|(txid, place)| raise(connection, txid, place))
}

/// Raises the counters to these numbers, unless they are greater.
fn raise(connection: &Connection<'_>, txid: i64, place: i64) -> Result<()> {
    connection.execute(&format!(
        "UPDATE _kontract_clock SET txid = max(txid, {txid}), place = max(place, {place})"
    ))
}
