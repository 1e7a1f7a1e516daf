//! SQLite through rusqlite: one connection that writes, several that read.
//!
//! Short statements run where they are called: they take microseconds, and a hop to another thread
//! would take longer. What may look at many rows runs on tokio's threads for blocking work; a query
//! only when it turns out to be long. Where another process holds the database, the task sleeps, not
//! the thread.

mod aggregates;
mod codec;
mod error;
mod inline_read;
mod open;
mod stream;
mod transaction;
mod wal;

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{CachedStatement, Connection as Raw, OptionalExtension, StatementStatus};
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use self::codec::{Columns, Parameters, Values};
pub(crate) use self::error::convert;
pub(crate) use self::open::Location;
pub(crate) use self::transaction::Ending;
use self::transaction::Within;
use self::wal::Log;
use crate::driver::none_free;
use crate::driver::row_sink::{Collected, RowSink, SharedSink, Sink};
use crate::driver::statement::{Decode, Done, Encode, PreparedStatement};
use crate::error::{Error, Kind, Result};
use crate::value::row::Binder;

/// How many connections read at most.
const READERS: usize = 8;

/// How long another process's lock is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// One database.
#[derive(Clone)]
pub(crate) struct Sqlite {
    inner: Arc<Inner>,
    /// The transaction that all statements run in.
    within: Option<Arc<Within>>,
}

struct Inner {
    location: Location,
    log: Log,
    /// `None` before the first use and after the end.
    writer: Arc<AsyncMutex<Option<Raw>>>,
    /// The writing connection was opened, so that the file is there and is set up.
    is_there: AtomicBool,
    readers: Mutex<Vec<Raw>>,
    permits: Arc<Semaphore>,
}

/// A connection that reads, taken out of its pool, and put back when it is dropped.
struct Lease {
    connection: Option<Raw>,
    inner: Arc<Inner>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.inner.readers().push(connection);
        }
    }
}

impl Inner {
    fn readers(&self) -> MutexGuard<'_, Vec<Raw>> {
        // Nothing panics while it is held, and a stack is never half changed.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection.
pub(crate) struct Connection<'a>(&'a Raw);

impl<'c> Connection<'c> {
    /// Prepares a statement that runs several times.
    pub(crate) fn prepare<'q>(&self, query: &'q PreparedStatement) -> Result<Prepared<'c, 'q>> {
        Prepared::new(self.0, query)
    }

    /// Runs one statement without values or rows, several where the text has several.
    pub(crate) fn execute(&self, statement: &str) -> Result<()> {
        let run = || self.0.execute_batch(statement).map_err(convert);
        if !self.takes_references_along(statement)? {
            return run();
        }
        self.0.pragma_update(None, "legacy_alter_table", false).map_err(convert)?;
        let done = run();
        self.0.pragma_update(None, "legacy_alter_table", true).map_err(convert)?;
        done
    }

    /// Whether a statement of a rebuild gives another name to a table that others refer to. Names
    /// are not looked at in a rebuild, because the new form of a table takes the place of the old;
    /// here they have to be.
    fn takes_references_along(&self, statement: &str) -> Result<bool> {
        let renamed = statement.trim().strip_prefix("ALTER TABLE ");
        let renamed = renamed.and_then(|rest| rest.split_once(" RENAME TO "));
        let Some((name, _)) = renamed else { return Ok(false) };
        let name = match name.strip_prefix('"').and_then(|name| name.strip_suffix('"')) {
            Some(quoted) => quoted.replace("\"\"", "\""),
            None => name.to_owned(),
        };
        self.0
            .query_row(
                "SELECT (SELECT legacy_alter_table FROM pragma_legacy_alter_table) AND EXISTS (\
                 SELECT 1 FROM sqlite_schema t, pragma_foreign_key_list(t.name) k \
                 WHERE t.type = 'table' AND k.\"table\" = ?1 COLLATE NOCASE)",
                [name],
                |row| row.get(0),
            )
            .map_err(convert)
    }

    /// The same; says how many rows it changed.
    pub(crate) fn execute_counted(&self, statement: &str) -> Result<u64> {
        let before = self.0.total_changes();
        self.execute(statement).map(|()| self.0.total_changes() - before)
    }

    /// Runs one statement; says how many rows it changed.
    pub(crate) fn run_counted<T: Send>(
        &self,
        query: &PreparedStatement,
        values: &dyn Fn(&mut dyn Binder) -> Result<()>,
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        let before = self.0.total_changes();
        let rows = self.run(query, values, decode)?;
        Ok(Done { rows, affected: self.0.total_changes() - before })
    }

    /// The file; none in memory.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.path().filter(|path| !path.is_empty()).map(Path::new)
    }

    /// Commits what succeeds and rolls back what does not.
    pub(crate) fn in_transaction<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        in_transaction(self.0, work)
    }

    /// Runs some work that reads, all of it from one state of the database. To begin reading takes
    /// longer than to find a row; this way it is done once.
    pub(crate) fn at_once<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.is_in_transaction() {
            return work();
        }
        let transaction = self.0.unchecked_transaction().map_err(convert)?;
        let done = work()?;
        transaction.commit().map(|()| done).map_err(convert)
    }

    /// Whether a transaction is under way.
    pub(crate) fn is_in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }

    /// Prepares for the rebuild of a table, or for normal work again: foreign keys off or on, read
    /// back whether that took effect, and names in views and references not looked at, or looked at.
    pub(crate) fn set_foreign_keys(&self, on: bool) -> Result<()> {
        self.0.pragma_update(None, "legacy_alter_table", !on).map_err(convert)?;
        self.0.pragma_update(None, "foreign_keys", on).map_err(convert)?;
        let is_on = self.0.pragma_query_value(None, "foreign_keys", |row| row.get::<_, bool>(0));
        match is_on.map_err(convert)? == on {
            true => Ok(()),
            false => Err(Error::new(Kind::Database, "foreign keys could not be switched")),
        }
    }

    /// Runs one statement.
    pub(crate) fn run<T: Send>(
        &self,
        query: &PreparedStatement,
        values: &dyn Fn(&mut dyn Binder) -> Result<()>,
        decode: Decode<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Collected::new(decode);
        step(self.0, query, values, &mut rows, 0, 0)?;
        Ok(rows.into_rows())
    }
}

/// A transaction that writes.
pub(crate) struct Transaction<'a> {
    connection: &'a Raw,
    txid: i64,
    place: i64,
}

/// The number of the transaction, and that many new places in the order of rows. The last of the
/// places comes back.
const CLOCK: &str = "UPDATE _kontract_clock SET txid = txid + 1, place = place + ?1 WHERE id = 1 \
                     RETURNING txid, place";

impl Sqlite {
    /// Understands the connection string; opens the file at the first use.
    pub(crate) fn new(url: &str) -> Result<Sqlite> {
        Ok(Sqlite::at(Location::parse(url)?))
    }

    /// The same, to be read without a trace.
    pub(crate) fn untouched(url: &str) -> Result<Sqlite> {
        Ok(Sqlite::at(Location::parse(url)?.untouched()))
    }

    fn at(location: Location) -> Sqlite {
        Sqlite {
            inner: Arc::new(Inner {
                log: Log::new(location.path()),
                location,
                writer: Arc::default(),
                is_there: AtomicBool::new(false),
                readers: Mutex::default(),
                permits: Arc::new(Semaphore::new(READERS)),
            }),
            within: None,
        }
    }

    /// Begins a transaction that several handles share; inside of another one a savepoint of that.
    pub(crate) async fn begin_shared(
        &self,
        options: &crate::driver::options::Transaction,
    ) -> Result<(Sqlite, Ending)> {
        if let Some(within) = &self.within {
            return Ok(self.inside(within.inner().await?));
        }
        let mut patience = Patience::new();
        let within = loop {
            let begun = match self.begins_as_writer(options) {
                true => Within::writing(self.writer().await?, options.read_only),
                false => Within::reading(self.reader().await?),
            };
            match begun {
                Err(error) => patience.wait(error).await?,
                Ok(within) => break Arc::new(within),
            }
        };
        Ok(self.inside(within))
    }

    /// A handle that works in that transaction, and how this ends.
    fn inside(&self, within: Arc<Within>) -> (Sqlite, Ending) {
        let inside = Sqlite { inner: Arc::clone(&self.inner), within: Some(Arc::clone(&within)) };
        (inside, Ending::of(within))
    }

    /// Whether such a transaction takes the connection that writes: in memory there is no other.
    pub(crate) fn begins_as_writer(&self, options: &crate::driver::options::Transaction) -> bool {
        !options.read_only || self.inner.location.is_memory()
    }

    /// Refuses what would wait for the transaction around this task, which waits for it.
    pub(crate) fn check_apart(&self) -> Result<()> {
        match self.within {
            Some(_) => Ok(()),
            None => crate::driver::shared_transaction::check_apart(self.identity()),
        }
    }

    /// Ends the transaction that all statements run in, as a statement that fails would.
    pub(crate) async fn fail(&self) {
        if let Some(within) = &self.within {
            within.fail().await;
        }
    }

    /// Which database it is, for as long as it is open.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.inner).addr()
    }

    /// Runs one statement. Returns how many rows it changed.
    pub(crate) async fn run(
        &self,
        query: &Arc<PreparedStatement>,
        values: Encode<'_>,
        rows: &mut Sink,
    ) -> Result<u64> {
        if let Some(within) = &self.within {
            return within.run(query, values, rows).await;
        }
        if query.long {
            return match self.run_briefly(query, values, &mut **rows).await? {
                Some(affected) => Ok(affected),
                None => self.run_long(query, values, rows).await,
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
                sink.fill(|rows| step(connection.0, &query, &|to| bound.replay(to), rows, 0, 0))
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
        if query.writes || self.inner.location.is_memory() {
            let writer = self.writer().await?;
            let connection = writer.as_ref().ok_or_else(closed)?;
            return short_write(connection, query, values, rows);
        }
        let lease = self.reader().await?;
        step(lease.connection.as_ref().ok_or_else(closed)?, query, values, rows, 0, 0)
    }

    /// Runs some work in one transaction on a thread for blocking work. It is run again where
    /// another process holds the database.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        places: i64,
        mut work: impl FnMut(&mut Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if let Some(within) = &self.within {
            return within.write(places, move |tx| work(tx)).await;
        }
        let work = Arc::new(Mutex::new(work));
        let mut patience = Patience::new();
        loop {
            let writer = self.writer().await?;
            let work = Arc::clone(&work);
            let done = blocking(move || {
                let connection = writer.as_ref().ok_or_else(closed)?;
                let mut work = work.lock().unwrap_or_else(PoisonError::into_inner);
                in_transaction(connection, || {
                    let (txid, place) = clock(connection, places)?;
                    work(&mut Transaction { connection, txid, place: place - places })
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
            return within.read(is_brief, work).await;
        }
        if self.inner.location.is_memory() {
            return self.exclusively(PATIENCE, work).await;
        }
        let work = Arc::new(work);
        let mut patience = Patience::new();
        loop {
            let lease = self.reader().await?;
            let work = Arc::clone(&work);
            let run = move || work(&Connection(lease.connection.as_ref().ok_or_else(closed)?));
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
        let mut patience = Patience { limit: patience, ..Patience::new() };
        loop {
            let writer = self.writer().await?;
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
        self.inner.permits.close();
        let writer = Arc::clone(&self.inner.writer).lock_owned().await.take();
        let readers = std::mem::take(&mut *self.inner.readers());
        // Closing the last connection writes the log back into the database.
        let _ = blocking(move || {
            drop(readers);
            drop(writer);
            Ok(())
        })
        .await;
    }

    /// The connection that writes, opened where it was not yet.
    async fn writer(&self) -> Result<OwnedMutexGuard<Option<Raw>>> {
        let free = Arc::clone(&self.inner.writer).try_lock_owned();
        let mut writer = match free {
            Ok(writer) => writer,
            Err(_) => {
                crate::driver::shared_transaction::check_apart(self.identity())?;
                let free = Arc::clone(&self.inner.writer).lock_owned();
                tokio::time::timeout(PATIENCE, free).await.map_err(|_| {
                    Error::new(Kind::Timeout, "other transactions of this program took too long")
                        .with_help("keep transactions short: SQLite has one writer")
                })?
            }
        };
        if writer.is_none() {
            if self.inner.permits.is_closed() {
                return Err(closed());
            }
            let location = self.inner.location.clone();
            *writer = Some(blocking(move || location.open()).await?);
            self.inner.is_there.store(true, Ordering::Release);
        }
        if self.inner.log.is_long() {
            let inner = Arc::clone(&self.inner);
            writer = blocking(move || {
                writer.as_ref().map_or(Ok(()), |writer| inner.log.write_back(writer))?;
                Ok(writer)
            })
            .await?;
        }
        Ok(writer)
    }

    async fn reader(&self) -> Result<Lease> {
        let permit = Arc::clone(&self.inner.permits).acquire_owned();
        let permit = match tokio::time::timeout(PATIENCE, permit).await {
            Ok(permit) => permit.map_err(|_| closed())?,
            Err(_) => return Err(none_free()),
        };
        let idle = self.inner.readers().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                // The writer creates the file; after that nobody who reads waits for it.
                if !self.inner.is_there.load(Ordering::Acquire) {
                    drop(self.writer().await?);
                }
                let location = self.inner.location.clone();
                blocking(move || location.open()).await?
            }
        };
        let inner = Arc::clone(&self.inner);
        Ok(Lease { connection: Some(connection), inner, _permit: permit })
    }
}

/// Pauses that grow, while another process holds the database.
struct Patience {
    since: Instant,
    limit: Duration,
    pause: Duration,
}

impl Patience {
    fn new() -> Patience {
        Patience { since: Instant::now(), limit: PATIENCE, pause: Duration::from_micros(500) }
    }

    /// Sleeps where trying again may help; otherwise the error is final.
    async fn wait(&mut self, error: Error) -> Result<()> {
        if !error::is_busy(&error) || self.since.elapsed() > self.limit {
            return Err(error);
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Duration::from_millis(100));
        Ok(())
    }
}

impl<'c> Transaction<'c> {
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

fn closed() -> Error {
    Error::new(Kind::Connection, "the storage was closed")
}

/// Work on a thread that may block.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Error::new(Kind::Connection, "the tokio runtime is shutting down")),
    }
}

/// Commits what succeeds and rolls back what does not.
fn in_transaction<T>(connection: &Raw, work: impl FnOnce() -> Result<T>) -> Result<T> {
    // From the start as a writer: a transaction that only later becomes one can be refused then.
    connection
        .prepare_cached("BEGIN IMMEDIATE")
        .and_then(|mut s| s.execute([]))
        .map_err(convert)?;
    let committed = work().and_then(|result| {
        let commit = connection.prepare_cached("COMMIT").and_then(|mut s| s.execute([]));
        commit.map(|_| result).map_err(convert)
    });
    if committed.is_err() && !connection.is_autocommit() {
        // Where even this fails, the transaction is gone with the error that made it fail.
        let _ = connection.execute_batch("ROLLBACK");
    }
    committed
}

fn clock(connection: &Raw, places: i64) -> Result<(i64, i64)> {
    let mut statement = connection.prepare_cached(CLOCK).map_err(convert)?;
    statement.query_row([places], |row| Ok((row.get(0)?, row.get(1)?))).map_err(convert)
}

fn short_write(
    connection: &Raw,
    query: &PreparedStatement,
    values: Encode<'_>,
    rows: &mut dyn RowSink,
) -> Result<u64> {
    if query.txid.is_none() && query.place.is_none() {
        return step(connection, query, values, rows, 0, 0);
    }
    in_transaction(connection, || {
        let (txid, place) = clock(connection, i64::from(query.place.is_some()))?;
        step(connection, query, values, rows, txid, place)
    })
}

/// Binds, runs, reads. Returns how many rows it changed.
fn step(
    connection: &Raw,
    query: &PreparedStatement,
    values: &dyn Fn(&mut dyn Binder) -> Result<()>,
    rows: &mut dyn RowSink,
    txid: i64,
    place: i64,
) -> Result<u64> {
    if query.once {
        // Of EXPLAIN, which it does not run, SQLite does not look whether what it knows of the tables is
        // still so; of any other query it does.
        let look = connection.query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()));
        look.optional().map_err(convert)?;
    }
    let mut prepared = Prepared::new(connection, query)?;
    let done = prepared.run(values, rows, txid, place);
    if query.once {
        prepared.statement.discard();
    }
    done
}

/// A statement that was looked up among those that stay prepared, or was prepared now.
pub(crate) struct Prepared<'c, 'q> {
    connection: &'c Raw,
    statement: CachedStatement<'c>,
    query: &'q PreparedStatement,
}

impl<'c, 'q> Prepared<'c, 'q> {
    fn new(connection: &'c Raw, query: &'q PreparedStatement) -> Result<Prepared<'c, 'q>> {
        let statement = connection.prepare_cached(&query.text).map_err(convert)?;
        Ok(Prepared { connection, statement, query })
    }

    fn run(
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
