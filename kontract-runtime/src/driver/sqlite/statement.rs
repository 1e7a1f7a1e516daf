//! One statement on a connection: its values in, its rows out.

use rusqlite::{CachedStatement, Connection as Raw, OptionalExtension, StatementStatus};

use super::codec::{Columns, Values};
use super::error::convert;
use crate::driver::row_sink::RowSink;
use crate::driver::statement::PreparedStatement;
use crate::error::Result;
use crate::value::row::Binder;

/// Runs a statement and returns how many rows it changed. The numbers of the transaction and of the row are bound where it has them.
pub(super) fn run_statement(
    connection: &Raw,
    query: &PreparedStatement,
    values: &dyn Fn(&mut dyn Binder) -> Result<()>,
    rows: &mut dyn RowSink,
    txid: i64,
    place: i64,
) -> Result<u64> {
    if query.once {
        // For EXPLAIN, SQLite does not check whether the tables have changed since it read the schema; for
        // any other query it does.
        let look = connection.query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()));
        look.optional().map_err(convert)?;
    }
    let mut prepared = Prepared::new(connection, query)?;
    let done = prepared.run(values, rows, txid, place);
    if query.once {
        prepared.statement.discard();
    }
    done.map_err(|error| query.name_columns(error))
}

/// A prepared statement, from the cache of the connection or new.
pub(crate) struct Prepared<'c, 'q> {
    connection: &'c Raw,
    statement: CachedStatement<'c>,
    pub(super) query: &'q PreparedStatement,
}

impl<'c, 'q> Prepared<'c, 'q> {
    /// Takes it from the cache or prepares it.
    pub(super) fn new(
        connection: &'c Raw,
        query: &'q PreparedStatement,
    ) -> Result<Prepared<'c, 'q>> {
        let statement = connection.prepare_cached(&query.text).map_err(convert)?;
        Ok(Prepared { connection, statement, query })
    }

    /// Runs it. Returns how many rows it changed.
    pub(super) fn run(
        &mut self,
        values: &dyn Fn(&mut dyn Binder) -> Result<()>,
        rows: &mut dyn RowSink,
        txid: i64,
        place: i64,
    ) -> Result<u64> {
        self.bind(values, txid, place)?;
        self.read(usize::MAX, rows)?;
        Ok(if self.query.writes { self.connection.changes() } else { 0 })
    }

    /// Reads the first row of what it finds with these values. Returns whether there is one.
    pub(crate) fn read_first(
        &mut self,
        values: &dyn Fn(&mut dyn Binder) -> Result<()>,
        rows: &mut dyn RowSink,
    ) -> Result<bool> {
        self.bind(values, 0, 0)?;
        Ok(self.read(1, rows)? > 0)
    }

    fn bind(
        &mut self,
        values: &dyn Fn(&mut dyn Binder) -> Result<()>,
        txid: i64,
        place: i64,
    ) -> Result<()> {
        values(&mut Values::new(&mut self.statement, &self.query.params))?;
        if self.query.long {
            // Otherwise the instructions of earlier runs would count towards `BRIEF`.
            self.statement.reset_status(StatementStatus::VmStep);
        }
        for (number, value) in [(self.query.txid, txid), (self.query.place, place)] {
            if let Some(number) = number {
                self.statement.raw_bind_parameter(number, value).map_err(convert)?;
            }
        }
        Ok(())
    }

    /// Reads at most that many rows. Returns how many there were.
    fn read(&mut self, most: usize, sink: &mut dyn RowSink) -> Result<usize> {
        let mut rows = self.statement.raw_query();
        let mut count = 0;
        while count < most
            && let Some(row) = rows.next().map_err(convert)?
        {
            let mut columns = Columns::new(row, &self.query.outputs);
            sink.read(&mut columns).map_err(|error| match columns.last_name() {
                Some(name) => error.in_column(&name),
                None => error,
            })?;
            count += 1;
        }
        Ok(count)
    }
}
