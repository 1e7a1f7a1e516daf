//! A shared transaction on SQLite: the connection that writes, or one that only reads.

use std::sync::Arc;

use rusqlite::Connection as Raw;

use super::blocking::blocking;
use super::codec::Parameters;
use super::connection::{Connection, execute};
use super::pool::{Lease, Writer};
use super::statement::run_statement;
use super::writing::{Transaction, advance_counters, advance_places};
use crate::driver::connection_error::closed;
use crate::driver::row_sink::{RowSink, SharedSink, Sink};
use crate::driver::shared_transaction::{SharedConnection, Within};
use crate::driver::statement::{Encode, PreparedStatement};
use crate::error::{Error, Kind, Result};
use crate::value::row::Binder;

/// The connection of a transaction. Dropped, it rolls back.
pub(crate) struct Held {
    on: On,
    read_only: bool,
    /// The number of the transaction, once it has one.
    txid: Option<i64>,
}

enum On {
    Writer(Writer),
    Reader(Box<Lease>),
}

impl Held {
    /// Begins on the connection that writes.
    pub(super) fn writing(writer: Writer, read_only: bool) -> Result<Held> {
        // As a writer from the start: SQLite can refuse a transaction that becomes one later.
        Held::begin(On::Writer(writer), "BEGIN IMMEDIATE", read_only)
    }

    /// Begins on a connection that reads: others write meanwhile.
    pub(super) fn reading(lease: Lease) -> Result<Held> {
        Held::begin(On::Reader(Box::new(lease)), "BEGIN", true)
    }

    fn begin(on: On, statement: &str, read_only: bool) -> Result<Held> {
        let held = Held { on, read_only, txid: None };
        execute(held.raw()?, statement)?;
        Ok(held)
    }

    fn raw(&self) -> Result<&Raw> {
        match &self.on {
            On::Writer(writer) => writer.as_ref().ok_or_else(closed),
            On::Reader(lease) => lease.raw(),
        }
    }

    /// The number of the transaction, and the last of that many new places in the order of rows.
    fn advance_counters(&mut self, places: i64) -> Result<(i64, i64)> {
        let connection = self.raw()?;
        let (txid, place) = match self.txid {
            None => advance_counters(connection, places)?,
            Some(txid) => (txid, advance_places(connection, places)?),
        };
        self.txid = Some(txid);
        Ok((txid, place))
    }

    fn check_writable(&self) -> Result<()> {
        if self.read_only {
            return Err(Error::new(Kind::Denied, "the transaction only reads"));
        }
        Ok(())
    }

    /// Runs one statement.
    fn run(
        &mut self,
        query: &PreparedStatement,
        values: &dyn Fn(&mut dyn Binder) -> Result<()>,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        let (txid, place) = if query.txid.is_some() || query.place.is_some() {
            self.advance_counters(i64::from(query.place.is_some()))?
        } else {
            (0, 0)
        };
        run_statement(self.raw()?, query, values, rows, txid, place)
    }

    /// Runs work in a savepoint: all of it takes effect or nothing.
    fn write<T>(
        &mut self,
        places: i64,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T>,
    ) -> Result<T> {
        execute(self.raw()?, "SAVEPOINT batch")?;
        let (txid, last) = self.advance_counters(places)?;
        let connection = self.raw()?;
        let done = work(&mut Transaction::new(connection, txid, last, places))?;
        execute(connection, "RELEASE SAVEPOINT batch")?;
        Ok(done)
    }

    fn undo_write(&mut self, txid: Option<i64>) {
        if let Ok(connection) = self.raw() {
            // Where this fails, the transaction is gone.
            let _ = execute(connection, "ROLLBACK TO SAVEPOINT batch");
            let _ = execute(connection, "RELEASE SAVEPOINT batch");
        }
        self.txid = txid;
    }
}

impl SharedConnection for Held {
    /// The number of the transaction: a rollback to a savepoint takes back a number that was taken
    /// after it.
    type Mark = Option<i64>;

    fn mark(&self) -> Option<i64> {
        self.txid
    }

    fn restore(&mut self, txid: Option<i64>) {
        self.txid = txid;
    }

    async fn execute(&mut self, statements: &[String]) -> Result<()> {
        let connection = self.raw()?;
        statements.iter().try_for_each(|statement| execute(connection, statement))
    }

    async fn commit(self) -> Result<()> {
        execute(self.raw()?, "COMMIT")
    }

    async fn rollback(self) -> Result<()> {
        drop(self);
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Ok(raw) = self.raw()
            && !raw.is_autocommit()
        {
            // Where this fails too, the first error has ended the transaction already.
            let _ = raw.execute_batch("ROLLBACK");
        }
    }
}

/// Runs one statement of a shared transaction.
pub(super) async fn run_within(
    within: &Within<Held>,
    query: &Arc<PreparedStatement>,
    values: Encode<'_>,
    rows: &mut Sink,
) -> Result<u64> {
    let mut slot = within.lock().await;
    let mut held = within.take(&mut slot)?;
    let bound = bind(&held, query, values);
    let (held, done) = match bound {
        Err(error) => (held, Err(error)),
        Ok(None) => {
            let done = held.run(query, values, &mut **rows);
            (held, done)
        }
        Ok(Some(bound)) => {
            let query = Arc::clone(query);
            let shared = SharedSink::borrow_from(rows);
            let sink = shared.clone();
            let run = move || {
                let done = sink.fill(|rows| held.run(&query, &|to| bound.replay(to), rows));
                Ok((held, done))
            };
            let ran = blocking(run).await;
            shared.give_back(rows);
            ran?
        }
    };
    if done.as_ref().is_err_and(|error| error.database().is_some()) {
        slot.fail();
    }
    within.give_back(&mut slot, held);
    done
}

/// The number of a shared transaction, once it has one.
pub(super) async fn own_id(within: &Within<Held>) -> Option<i64> {
    let mut slot = within.lock().await;
    let held = within.take(&mut slot).ok()?;
    let own = held.txid;
    within.give_back(&mut slot, held);
    own
}

/// The values of a statement that runs on another thread; `None` for one that runs here.
fn bind(held: &Held, query: &PreparedStatement, values: Encode<'_>) -> Result<Option<Parameters>> {
    if query.writes {
        held.check_writable()?;
    }
    if !query.long {
        return Ok(None);
    }
    let mut bound = Parameters::new(&query.params);
    values(&mut bound)?;
    Ok(Some(bound))
}

/// Runs work of a shared transaction that writes: all of it takes effect or nothing.
pub(super) async fn write_within<T: Send + 'static>(
    within: &Within<Held>,
    places: i64,
    work: impl FnOnce(&mut Transaction<'_>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let mut slot = within.lock().await;
    let mut held = within.take(&mut slot)?;
    if let Err(error) = held.check_writable() {
        within.give_back(&mut slot, held);
        return Err(error);
    }
    let run = move || {
        let before = held.txid;
        let done = held.write(places, work);
        if done.is_err() {
            held.undo_write(before);
        }
        Ok((held, done))
    };
    let (held, done) = blocking(run).await?;
    // A value that cannot be stored is refused before the database gets it.
    if done.as_ref().is_err_and(|error| *error.kind() != Kind::Value) {
        slot.fail();
    }
    within.give_back(&mut slot, held);
    done
}

/// Runs work of a shared transaction that only reads.
pub(super) async fn read_within<T: Send + 'static>(
    within: &Within<Held>,
    is_brief: bool,
    work: impl Fn(&Connection<'_>) -> Result<T> + Send + Sync + 'static,
) -> Result<T> {
    let mut slot = within.lock().await;
    let held = within.take(&mut slot)?;
    let run = move || {
        let done = held.raw().and_then(|raw| work(&Connection(raw)));
        Ok((held, done))
    };
    let (held, done) = if is_brief { run()? } else { blocking(run).await? };
    if done.as_ref().is_err_and(|error| error.database().is_some()) {
        slot.fail();
    }
    within.give_back(&mut slot, held);
    done
}
