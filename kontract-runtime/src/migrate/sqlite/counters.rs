//! SQLite's counters, in the one row of `_kontract_clock`: the last transaction id and the last place
//! in the order of rows. PostgreSQL has sequences for them.

use kontract_schema::dialect::query_greatest_number;

use crate::driver::sqlite::Connection;
use crate::driver::statement::{PreparedStatement, no_rows};
use crate::error::{DatabaseError, Error, Kind, Result};
use crate::migrate::history_sql::{CREATE_COUNTERS, START_COUNTERS};
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader, field};
use crate::value::wire::{Scalar, Wire};

const TEXT: Wire = Wire::one(Scalar::Text);
const I64: Wire = Wire::one(Scalar::I64);

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
    let exists = PreparedStatement::raw(
        "SELECT 1 FROM _kontract_clock WHERE id = 1",
        Vec::new(),
        Vec::new(),
    );
    if !connection.run(&exists, &|_| Ok(()), no_rows)?.is_empty() {
        return Ok(());
    }
    let columns = PreparedStatement::raw(
        "SELECT t.name, c.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND c.name IN ('_txid', '_deleted_txid', '_order')",
        Vec::new(),
        vec![TEXT; 2],
    );
    let read = |from: &mut dyn Reader| Ok((field::<String>(from)?, field::<String>(from)?));
    let (mut txid, mut place) = (0, 0);
    for (table, column) in connection.run(&columns, &|_| Ok(()), read)? {
        let greatest =
            PreparedStatement::raw(&query_greatest_number(&table, &column), Vec::new(), vec![I64]);
        for number in connection.run(&greatest, &|_| Ok(()), |from| field::<i64>(from))? {
            let last = if column == "_order" { &mut place } else { &mut txid };
            *last = number.max(*last);
        }
    }
    connection.execute(START_COUNTERS)?;
    let text = "UPDATE _kontract_clock SET txid = ?1, place = ?2";
    let set = PreparedStatement::raw(text, vec![I64; 2], Vec::new()).writing();
    let values = |to: &mut dyn Binder| {
        to.bind(Datum::I64(txid))?;
        to.bind(Datum::I64(place))
    };
    connection.run(&set, &values, no_rows).map(|_| ())
}

/// Lets the counters go on after rows that another program has written; they never go back.
pub(crate) fn catch_up(connection: &Connection<'_>) -> Result<()> {
    let clock = "SELECT txid, place FROM _kontract_clock WHERE id = 1";
    let clock = PreparedStatement::raw(clock, Vec::new(), vec![I64; 2]);
    let read = |from: &mut dyn Reader| Ok((field::<i64>(from)?, field::<i64>(from)?));
    let before = connection.run(&clock, &|_| Ok(()), read)?;
    connection.execute("DELETE FROM _kontract_clock")?;
    create(connection)?;
    let text = "UPDATE _kontract_clock SET txid = max(txid, ?1), place = max(place, ?2)";
    let later = PreparedStatement::raw(text, vec![I64; 2], Vec::new()).writing();
    for (txid, place) in before {
        let values = |to: &mut dyn Binder| {
            to.bind(Datum::I64(txid))?;
            to.bind(Datum::I64(place))
        };
        connection.run(&later, &values, no_rows)?;
    }
    Ok(())
}
