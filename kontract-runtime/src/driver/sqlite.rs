//! SQLite through rusqlite: one connection that writes, several that read.
//!
//! Short statements run on the thread of their caller: they take microseconds, and a hop to another
//! thread would take longer. What may look at many rows runs on tokio's threads for blocking work; a
//! query only when it turns out to be long. Where another process holds the database, the task sleeps,
//! not the thread.

mod aggregates;
mod blocking;
mod codec;
mod confine;
mod connection;
mod error;
mod fit;
mod inline_read;
mod many_rows;
mod open;
mod pool;
mod ranges;
mod retry;
mod statement;
mod stream;
mod transaction;
mod wal;
mod writing;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use self::blocking::blocking;
use self::codec::Parameters;
pub(crate) use self::connection::Connection;
use self::connection::in_transaction;
pub(crate) use self::open::Location;
use self::pool::Pool;
pub(crate) use self::retry::PATIENCE;
use self::retry::Patience;
use self::statement::run_statement;
pub(super) use self::transaction::Held;
pub(crate) use self::writing::Transaction;
use self::writing::{advance_counters, run_writing};
use crate::driver::connection_error::closed;
use crate::driver::options;
use crate::driver::row_sink::{RowSink, SharedSink, Sink};
use crate::driver::shared_transaction::{self, Ending, Within};
use crate::driver::statement::{Encode, PreparedStatement};
use crate::error::Result;

/// One database.
#[derive(Clone)]
pub(crate) struct Sqlite {
    pool: Arc<Pool>,
    /// The transaction that all statements run in.
    within: Option<Arc<Within<Held>>>,
}

impl Sqlite {
    /// Understands the connection string; opens the file at the first use.
    pub(crate) fn new(url: &str) -> Result<Sqlite> {
        Ok(Sqlite::at(Location::parse(url)?))
    }

    /// Opens the file only to read it, and leaves no trace.
    pub(crate) fn untouched(url: &str) -> Result<Sqlite> {
        Ok(Sqlite::at(Location::parse(url)?.untouched()))
    }

    /// Opens the file so that statements cannot reach other files.
    pub(crate) fn confined(url: &str) -> Result<Sqlite> {
        Ok(Sqlite::at(Location::parse(url)?.confined()))
    }

    fn at(location: Location) -> Sqlite {
        Sqlite { pool: Pool::new(location), within: None }
    }

    /// Begins a transaction that several handles share; inside of another one, a savepoint.
    pub(super) async fn begin_shared(
        &self,
        options: &options::Transaction,
    ) -> Result<(Sqlite, Ending<Held>)> {
        if let Some(within) = &self.within {
            return Ok(self.inside(within.begin_part().await?));
        }
        let mut patience = Patience::new();
        let within = loop {
            let begun = if self.begins_as_writer(options) {
                Held::writing(self.pool.writer().await?, options.read_only)
            } else {
                Held::reading(self.pool.reader().await?)
            };
            match begun {
                Err(error) => patience.wait(error).await?,
                Ok(held) => break Within::new(held),
            }
        };
        Ok(self.inside(within))
    }

    /// A handle that works in that transaction, and how this ends.
    fn inside(&self, within: Arc<Within<Held>>) -> (Sqlite, Ending<Held>) {
        let inside = Sqlite { pool: Arc::clone(&self.pool), within: Some(Arc::clone(&within)) };
        (inside, Ending::new(within))
    }

    /// Whether such a transaction takes the connection that writes: a database in memory has only that one.
    pub(crate) fn begins_as_writer(&self, options: &options::Transaction) -> bool {
        !options.read_only || self.pool.location.is_memory()
    }

    /// Fails where the transaction around this task is of another handle: a statement could wait for it.
    pub(crate) fn check_apart(&self) -> Result<()> {
        match self.within {
            Some(_) => Ok(()),
            None => shared_transaction::check_apart(self.identity()),
        }
    }

    /// The number of the transaction of this handle, once it has one.
    pub(crate) async fn own_transaction_id(&self) -> Option<i64> {
        transaction::own_id(self.within.as_ref()?).await
    }

    /// Marks the transaction of this handle as failed, as after a statement that fails.
    pub(crate) async fn fail(&self) {
        if let Some(within) = &self.within {
            within.lock().await.fail();
        }
    }

    /// Which database it is, for as long as it is open.
    pub(crate) fn identity(&self) -> usize {
        self.pool.identity()
    }

    /// Runs one statement. Returns how many rows it changed.
    pub(crate) async fn run(
        &self,
        query: &Arc<PreparedStatement>,
        values: Encode<'_>,
        rows: &mut Sink,
    ) -> Result<u64> {
        if let Some(within) = &self.within {
            return transaction::run_within(within, query, values, rows).await;
        }
        if query.long {
            return match self.run_inline(query, values, &mut **rows).await? {
                Some(affected) => Ok(affected),
                None => Box::pin(self.run_long(query, values, rows)).await,
            };
        }
        let mut patience = Patience::new();
        loop {
            match self.run_short(query, values, &mut **rows).await {
                Err(error) => patience.wait(error).await?,
                done => return done,
            }
            rows.clear();
        }
    }

    /// Runs a short statement without waiting. Returns `None` where it has to wait: for a connection, for
    /// another process, or for the statements of a transaction.
    pub(crate) fn run_at_once(
        &self,
        query: &PreparedStatement,
        values: Encode<'_>,
        rows: &mut dyn RowSink,
    ) -> Option<Result<u64>> {
        if self.within.is_some() || query.long {
            return None;
        }
        let done = if self.needs_writer(query) {
            run_writing(self.pool.idle_writer()?.as_ref()?, query, values, rows)
        } else {
            run_statement(self.pool.idle_reader()?.raw().ok()?, query, values, rows, 0, 0)
        };
        if done.as_ref().is_err_and(error::is_busy) {
            rows.clear();
            return None;
        }
        Some(done)
    }

    /// Whether a statement needs the connection that writes: a database in memory has only that one.
    fn needs_writer(&self, query: &PreparedStatement) -> bool {
        query.writes || self.pool.location.is_memory()
    }

    /// Runs one statement on a thread for blocking work.
    async fn run_long(
        &self,
        query: &Arc<PreparedStatement>,
        values: Encode<'_>,
        rows: &mut Sink,
    ) -> Result<u64> {
        let mut bound = Parameters::new(&query.params);
        values(&mut bound)?;
        let query = Arc::clone(query);
        let shared = SharedSink::borrow_from(rows);
        let sink = shared.clone();
        let done = if query.writes {
            let places = i64::from(query.place.is_some());
            let work = move |tx: &mut Transaction<'_>| {
                let mut statement = tx.prepare(&query)?;
                sink.fill(|rows| tx.run(&mut statement, &|to| bound.replay(to), rows))
            };
            self.write(places, work).await
        } else {
            let work = move |connection: &Connection<'_>| {
                sink.fill(|rows| {
                    run_statement(connection.0, &query, &|to| bound.replay(to), rows, 0, 0)
                })
            };
            self.read(false, work).await
        };
        shared.give_back(rows);
        done
    }

    /// Runs one statement where it is called.
    async fn run_short(
        &self,
        query: &PreparedStatement,
        values: Encode<'_>,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        if self.needs_writer(query) {
            let writer = self.pool.writer().await?;
            let connection = writer.as_ref().ok_or_else(closed)?;
            return run_writing(connection, query, values, rows);
        }
        run_statement(self.pool.reader().await?.raw()?, query, values, rows, 0, 0)
    }

    /// Runs some work in one transaction on a thread for blocking work. It is run again where
    /// another process holds the database.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        places: i64,
        mut work: impl FnMut(&mut Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if let Some(within) = &self.within {
            return transaction::write_within(within, places, move |tx| work(tx)).await;
        }
        let work = Arc::new(Mutex::new(work));
        let mut patience = Patience::new();
        loop {
            let writer = self.pool.writer().await?;
            let work = Arc::clone(&work);
            let done = blocking(move || {
                let connection = writer.as_ref().ok_or_else(closed)?;
                let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
                in_transaction(connection, || {
                    let (txid, last) = advance_counters(connection, places)?;
                    work(&mut Transaction::new(connection, txid, last, places))
                })
            });
            match done.await {
                Err(error) => patience.wait(error).await?,
                done => return done,
            }
        }
    }

    /// Runs some work that only reads, on a thread for blocking work unless it is brief.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        is_brief: bool,
        work: impl Fn(&Connection<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        if let Some(within) = &self.within {
            return transaction::read_within(within, is_brief, work).await;
        }
        if self.pool.location.is_memory() {
            return self.exclusively(PATIENCE, work).await;
        }
        let work = Arc::new(work);
        let mut patience = Patience::new();
        loop {
            let lease = self.pool.reader().await?;
            let work = Arc::clone(&work);
            let run = move || work(&Connection(lease.raw()?));
            match if is_brief { run() } else { blocking(run).await } {
                Err(error) => patience.wait(error).await?,
                done => return done,
            }
        }
    }

    /// Runs some work on the writing connection, in no transaction: for the migrator.
    pub(crate) async fn exclusively<T: Send + 'static>(
        &self,
        patience: Duration,
        work: impl Fn(&Connection<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let work = Arc::new(work);
        let mut patience = Patience::limited_to(patience);
        loop {
            let writer = self.pool.writer().await?;
            let work = Arc::clone(&work);
            let done = blocking(move || work(&Connection(writer.as_ref().ok_or_else(closed)?)));
            match done.await {
                Err(error) => patience.wait(error).await?,
                done => return done,
            }
        }
    }

    /// Closes all connections.
    pub(crate) async fn close(&self) {
        if self.within.is_some() {
            return;
        }
        self.pool.close().await;
    }
}
