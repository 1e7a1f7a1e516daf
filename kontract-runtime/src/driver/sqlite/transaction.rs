//! Transactions that several handles share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection as Raw;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::codec::Parameters;
use super::{Connection, Lease, Transaction, blocking, clock, closed, convert, step};
use crate::driver::row_sink::{RowSink, SharedSink, Sink};
use crate::driver::shared_transaction::{Part, Savepoints, WHOLE, name};
use crate::driver::shared_transaction::{failed, inside_another, not_committed, over};
use crate::driver::statement::{Encode, PreparedStatement};
use crate::error::{Error, Kind, Result};

/// A part of a transaction that several handles share. Its statements run one after the other.
pub(crate) struct Within {
    shared: Arc<Shared>,
    part: Part,
}

struct Shared {
    slot: Mutex<Slot>,
    read_only: bool,
    /// Nothing more is to be done in it.
    over: AtomicBool,
}

#[derive(Default)]
struct Slot {
    /// None while a statement runs, so that one that is dropped ends the transaction; and when all is
    /// over.
    held: Option<Held>,
    /// A statement failed.
    failed: bool,
    /// With the number of the transaction at each: going back takes the number back too.
    savepoints: Savepoints<Option<i64>>,
}

/// The connection of a transaction. Dropped, it rolls back.
struct Held {
    on: On,
    /// The number of the transaction, once it has one.
    txid: Option<i64>,
}

enum On {
    Writer(OwnedMutexGuard<Option<Raw>>),
    Reader(Box<Lease>),
}

impl Held {
    fn raw(&self) -> Result<&Raw> {
        let raw = match &self.on {
            On::Writer(writer) => writer.as_ref(),
            On::Reader(lease) => lease.connection.as_ref(),
        };
        raw.ok_or_else(closed)
    }

    fn execute(&self, statement: &str) -> Result<()> {
        let mut statement = self.raw()?.prepare_cached(statement).map_err(convert)?;
        statement.execute([]).map(drop).map_err(convert)
    }

    /// The number of the transaction and the last of that many new places.
    fn clock(&mut self, places: i64) -> Result<(i64, i64)> {
        let connection = self.raw()?;
        let (txid, place) = match self.txid {
            None => clock(connection, places)?,
            Some(txid) => {
                let mut statement = connection.prepare_cached(PLACES).map_err(convert)?;
                (txid, statement.query_row([places], |row| row.get(0)).map_err(convert)?)
            }
        };
        self.txid = Some(txid);
        Ok((txid, place))
    }

    /// Runs one statement.
    fn run(
        &mut self,
        query: &PreparedStatement,
        values: &dyn Fn(&mut dyn crate::value::row::Binder) -> Result<()>,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        let (txid, place) = match query.txid.is_some() || query.place.is_some() {
            true => self.clock(i64::from(query.place.is_some()))?,
            false => (0, 0),
        };
        step(self.raw()?, query, values, rows, txid, place)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Ok(raw) = self.raw()
            && !raw.is_autocommit()
        {
            // Where even this fails, the transaction is gone with the error that made it fail.
            let _ = raw.execute_batch("ROLLBACK");
        }
    }
}

const PLACES: &str = "UPDATE _kontract_clock SET place = place + ?1 WHERE id = 1 RETURNING place";

impl Within {
    /// Begins on the connection that writes.
    pub(super) fn writing(writer: OwnedMutexGuard<Option<Raw>>, read_only: bool) -> Result<Within> {
        // From the start as a writer: a transaction that only later becomes one can be refused then.
        Within::begin(On::Writer(writer), "BEGIN IMMEDIATE", read_only)
    }

    /// Begins on a connection that reads: others write meanwhile.
    pub(super) fn reading(lease: Lease) -> Result<Within> {
        Within::begin(On::Reader(Box::new(lease)), "BEGIN", true)
    }

    fn begin(on: On, statement: &str, read_only: bool) -> Result<Within> {
        let held = Held { on, txid: None };
        held.execute(statement)?;
        let slot = Slot { held: Some(held), ..Slot::default() };
        let shared = Shared { slot: Mutex::new(slot), read_only, over: AtomicBool::new(false) };
        Ok(Within { shared: Arc::new(shared), part: WHOLE })
    }

    /// Begins a part of this part: a savepoint.
    pub(super) async fn inner(&self) -> Result<Arc<Within>> {
        let mut slot = self.shared.slot.lock().await;
        let held = self.take(&mut slot)?;
        let part = slot.savepoints.set(held.txid);
        let begun = held.execute(&format!("SAVEPOINT {}", name(part)));
        self.give_back(&mut slot, held);
        if let Err(error) = begun {
            slot.savepoints.take(part)?;
            return Err(error);
        }
        Ok(Arc::new(Within { shared: Arc::clone(&self.shared), part }))
    }

    /// Runs one statement.
    pub(super) async fn run(
        &self,
        query: &Arc<PreparedStatement>,
        values: Encode<'_>,
        rows: &mut Sink,
    ) -> Result<u64> {
        if query.writes && self.shared.read_only {
            return Err(Error::new(Kind::Denied, "the transaction only reads"));
        }
        let mut slot = self.shared.slot.lock().await;
        let mut held = self.take(&mut slot)?;
        let (held, done) = if query.long {
            let mut bound = Parameters::new(&query.params);
            if let Err(error) = values(&mut bound) {
                self.give_back(&mut slot, held);
                return Err(error);
            }
            let query = Arc::clone(query);
            let shared = SharedSink::borrow_from(rows);
            let sink = shared.clone();
            let done = blocking(move || {
                let done = sink.fill(|rows| held.run(&query, &|to| bound.replay(to), rows));
                Ok((held, done))
            })
            .await;
            shared.give_back(rows);
            done?
        } else {
            let done = held.run(query, values, &mut **rows);
            (held, done)
        };
        slot.failed = done.as_ref().is_err_and(|error| error.database().is_some());
        self.give_back(&mut slot, held);
        done
    }

    /// Lets nothing more be done but going back, as after a statement that failed.
    pub(super) async fn fail(&self) {
        self.shared.slot.lock().await.failed = true;
    }

    /// Runs some work: all of it or nothing.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        places: i64,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        if self.shared.read_only {
            return Err(Error::new(Kind::Denied, "the transaction only reads"));
        }
        let mut slot = self.shared.slot.lock().await;
        let mut held = self.take(&mut slot)?;
        let (held, done) = blocking(move || {
            let before = held.txid;
            let run = || {
                held.execute("SAVEPOINT batch")?;
                let (txid, place) = held.clock(places)?;
                let connection = held.raw()?;
                let done = work(&mut Transaction { connection, txid, place: place - places })?;
                held.execute("RELEASE SAVEPOINT batch")?;
                Ok(done)
            };
            let done = run();
            if done.is_err() {
                // Where this fails, the transaction is gone.
                let _ = held.execute("ROLLBACK TO SAVEPOINT batch");
                let _ = held.execute("RELEASE SAVEPOINT batch");
                held.txid = before;
            }
            Ok((held, done))
        })
        .await?;
        slot.failed = done.is_err();
        self.give_back(&mut slot, held);
        done
    }

    /// Runs some work that only reads.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        is_brief: bool,
        work: impl Fn(&Connection<'_>) -> Result<T> + Send + Sync + 'static,
    ) -> Result<T> {
        let mut slot = self.shared.slot.lock().await;
        let held = self.take(&mut slot)?;
        let run = move || {
            let done = held.raw().and_then(|raw| work(&Connection(raw)));
            Ok((held, done))
        };
        let (held, done) = if is_brief { run()? } else { blocking(run).await? };
        slot.failed = done.as_ref().is_err_and(|error| error.database().is_some());
        self.give_back(&mut slot, held);
        done
    }

    fn take(&self, slot: &mut Slot) -> Result<Held> {
        if self.shared.over.load(Ordering::Acquire) {
            slot.held = None;
        }
        if slot.held.is_some() {
            slot.savepoints.check(self.part)?;
        }
        match slot.held.take() {
            None => Err(over()),
            Some(held) if slot.failed => {
                slot.held = Some(held);
                Err(failed())
            }
            Some(held) => Ok(held),
        }
    }

    /// Unless all was over meanwhile: then it is rolled back.
    fn give_back(&self, slot: &mut Slot, held: Held) {
        if !self.shared.over.load(Ordering::Acquire) {
            slot.held = Some(held);
        }
    }
}

/// How a shared transaction, or a savepoint of it, ends. Dropped, it rolls back.
pub(crate) struct Ending {
    within: Arc<Within>,
    ended: bool,
}

impl Ending {
    pub(super) fn of(within: Arc<Within>) -> Ending {
        Ending { within, ended: false }
    }

    /// Commits.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let within = Arc::clone(&self.within);
        let mut slot = within.shared.slot.lock().await;
        self.ended = true;
        if within.part != WHOLE {
            let (txid, is_innermost) = slot.savepoints.take(within.part)?;
            if slot.failed || !is_innermost {
                undo(&mut slot, within.part, txid)?;
                return Err(if is_innermost { not_committed() } else { inside_another() });
            }
            let Some(held) = &slot.held else { return Err(over()) };
            return held.execute(&format!("RELEASE SAVEPOINT {}", name(within.part)));
        }
        within.shared.over.store(true, Ordering::Release);
        let Some(held) = slot.held.take() else { return Err(over()) };
        slot.savepoints.check(WHOLE)?;
        match slot.failed {
            true => Err(not_committed()),
            false => held.execute("COMMIT"),
        }
    }

    /// Rolls back.
    pub(crate) async fn rollback(mut self) {
        let within = Arc::clone(&self.within);
        let mut slot = within.shared.slot.lock().await;
        self.ended = true;
        if within.part == WHOLE {
            within.shared.over.store(true, Ordering::Release);
            slot.held = None;
            return;
        }
        // Where it is not set any more, it went back with the part around it.
        if let Ok((txid, _)) = slot.savepoints.take(within.part)
            && undo(&mut slot, within.part, txid).is_err()
        {
            // What was done in the part cannot be taken back alone.
            within.shared.over.store(true, Ordering::Release);
            slot.held = None;
        }
    }
}

/// Rolls back to a savepoint, after which the transaction goes on.
fn undo(slot: &mut Slot, part: Part, txid: Option<i64>) -> Result<()> {
    let Some(held) = &mut slot.held else { return Err(over()) };
    held.execute(&format!("ROLLBACK TO SAVEPOINT {}", name(part)))?;
    held.execute(&format!("RELEASE SAVEPOINT {}", name(part)))?;
    held.txid = txid;
    slot.failed = false;
    Ok(())
}

impl Drop for Ending {
    /// A panic, or a future that was dropped. Of a savepoint nothing is known any more, so that the
    /// whole is over too.
    fn drop(&mut self) {
        if !self.ended {
            self.within.shared.over.store(true, Ordering::Release);
            // Where a statement runs just now, it rolls back when it is done.
            if let Ok(mut slot) = self.within.shared.slot.try_lock() {
                slot.held = None;
            }
        }
    }
}
