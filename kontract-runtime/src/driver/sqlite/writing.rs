//! Transactions that write: their number, and the places of new rows in the order of a table.

use rusqlite::Connection as Raw;

use super::connection::in_transaction;
use super::error::convert;
use super::statement::{Prepared, run_statement};
use crate::driver::row_sink::RowSink;
use crate::driver::statement::{Encode, PreparedStatement};
use crate::error::Result;
use crate::value::row::Binder;

/// Advances the number of transactions by one, and the places in the order of rows by that many.
const ADVANCE: &str = "UPDATE _kontract_clock SET txid = txid + 1, place = place + ?1 WHERE id = 1 \
                     RETURNING txid, place";

/// Advances the places only.
const PLACES: &str = "UPDATE _kontract_clock SET place = place + ?1 WHERE id = 1 RETURNING place";

/// The number of a new transaction, and the last of that many new places in the order of rows.
pub(super) fn advance_counters(connection: &Raw, places: i64) -> Result<(i64, i64)> {
    let mut statement = connection.prepare_cached(ADVANCE).map_err(convert)?;
    statement.query_row([places], |row| Ok((row.get(0)?, row.get(1)?))).map_err(convert)
}

/// The last of that many new places in the order of rows, in a transaction that has its number.
pub(super) fn advance_places(connection: &Raw, places: i64) -> Result<i64> {
    let mut statement = connection.prepare_cached(PLACES).map_err(convert)?;
    statement.query_row([places], |row| row.get(0)).map_err(convert)
}

/// A transaction that writes, while some work has it.
pub(crate) struct Transaction<'a> {
    connection: &'a Raw,
    txid: i64,
    /// The last place in the order of rows that was given out.
    place: i64,
}

impl<'c> Transaction<'c> {
    /// With its number, and the last of the places that were reserved for it.
    pub(super) fn new(connection: &'c Raw, txid: i64, last: i64, places: i64) -> Transaction<'c> {
        Transaction { connection, txid, place: last - places }
    }

    /// Prepares a statement that runs several times.
    pub(crate) fn prepare<'q>(&self, query: &'q PreparedStatement) -> Result<Prepared<'c, 'q>> {
        Prepared::new(self.connection, query)
    }

    /// Runs a statement. Returns how many rows it changed.
    pub(crate) fn run(
        &mut self,
        statement: &mut Prepared<'c, '_>,
        values: &dyn Fn(&mut dyn Binder) -> Result<()>,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        if statement.query.place.is_some() {
            self.place += 1;
        }
        statement.run(values, rows, self.txid, self.place)
    }
}

/// Runs a statement on the connection that writes: in a transaction where it needs its number.
pub(super) fn run_writing(
    connection: &Raw,
    query: &PreparedStatement,
    values: Encode<'_>,
    rows: &mut dyn RowSink,
) -> Result<u64> {
    if query.txid.is_none() && query.place.is_none() {
        return run_statement(connection, query, values, rows, 0, 0);
    }
    in_transaction(connection, || {
        let (txid, place) = advance_counters(connection, i64::from(query.place.is_some()))?;
        run_statement(connection, query, values, rows, txid, place)
    })
}
