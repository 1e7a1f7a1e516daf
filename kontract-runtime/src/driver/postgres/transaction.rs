//! Transactions: that of a batch, and one that several handles share.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::Executor;
use sqlx::postgres::PgArguments;
use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use super::pool::Lease;
use super::{Failure, convert, error};
use crate::driver::options::{self, Isolation};
use crate::driver::row_sink::RowSink;
use crate::driver::shared_transaction::{Part, Savepoints, WHOLE, name};
use crate::driver::shared_transaction::{failed, inside_another, not_committed, over};
use crate::driver::statement::PreparedStatement;
use crate::error::{Kind, Result};

/// A part of a transaction that several handles share. Its statements run one after the other.
pub(crate) struct Within {
    shared: Arc<Shared>,
    part: Part,
}

struct Shared {
    slot: Arc<Mutex<Slot>>,
    /// Nothing more is to be done in it.
    over: AtomicBool,
    /// The database said that it met another one.
    met_another: AtomicBool,
}

/// The connection of a transaction.
#[derive(Default)]
struct Slot {
    /// None while a statement runs, so that one that is dropped takes the connection with it; and
    /// when all is over.
    lease: Option<Lease>,
    /// A statement failed.
    failed: bool,
    savepoints: Savepoints<()>,
}

impl Within {
    /// Begins on that connection.
    pub(super) async fn begin(
        mut lease: Lease,
        options: &options::Transaction,
    ) -> Result<Arc<Within>> {
        let isolation = match options.isolation {
            None => "",
            Some(Isolation::ReadCommitted) => " ISOLATION LEVEL READ COMMITTED",
            Some(Isolation::RepeatableRead) => " ISOLATION LEVEL REPEATABLE READ",
            Some(Isolation::Serializable) => " ISOLATION LEVEL SERIALIZABLE",
        };
        // All statements of one that reads see the same moment.
        let isolation = match (isolation, options.read_only) {
            ("", true) => " ISOLATION LEVEL REPEATABLE READ",
            (isolation, _) => isolation,
        };
        let access = if options.read_only { " READ ONLY" } else { "" };
        let begin = sqlx::AssertSqlSafe(format!("BEGIN{isolation}{access}"));
        lease.connection().execute(begin).await.map_err(convert)?;
        let slot = Slot { lease: Some(lease), ..Slot::default() };
        let shared = Shared {
            slot: Arc::new(Mutex::new(slot)),
            over: AtomicBool::new(false),
            met_another: AtomicBool::new(false),
        };
        Ok(Arc::new(Within { shared: Arc::new(shared), part: WHOLE }))
    }

    /// Begins a part of this part: a savepoint.
    pub(super) async fn inner(&self) -> Result<Arc<Within>> {
        let part = self.begin_part(&mut *self.shared.slot.lock().await).await?;
        Ok(Arc::new(self.part(part)))
    }

    fn part(&self, part: Part) -> Within {
        Within { shared: Arc::clone(&self.shared), part }
    }

    /// Runs one statement.
    pub(super) async fn run(
        &self,
        query: &PreparedStatement,
        arguments: PgArguments,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        let mut slot = self.shared.slot.lock().await;
        self.run_in(&mut slot, query, arguments, rows).await
    }

    async fn run_in(
        &self,
        slot: &mut Slot,
        query: &PreparedStatement,
        arguments: PgArguments,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        let mut lease = self.take(slot)?;
        match lease.run(query, arguments, rows).await {
            Ok(done) => {
                self.give_back(slot, lease);
                Ok(done)
            }
            Err(Failure::Ours(error)) => {
                self.give_back(slot, lease);
                Err(error)
            }
            Err(Failure::Driver(error)) => {
                slot.failed = true;
                // A statement whose table has changed meanwhile is prepared anew on another connection.
                let stale = error::is_stale_plan(&error);
                let usable = !stale && !error::is_broken(&error);
                let error = convert(error);
                if stale || *error.kind() == Kind::Retry {
                    self.shared.met_another.store(true, Ordering::Relaxed);
                }
                if usable {
                    self.give_back(slot, lease);
                }
                Err(error)
            }
        }
    }

    /// Lets nothing more be done but going back, as after a statement that failed.
    pub(super) async fn fail(&self) {
        self.shared.slot.lock().await.failed = true;
    }

    fn take(&self, slot: &mut Slot) -> Result<Lease> {
        if self.shared.over.load(Ordering::Acquire) {
            slot.lease = None;
        }
        if slot.lease.is_some() {
            slot.savepoints.check(self.part)?;
        }
        match slot.lease.take() {
            None => Err(over()),
            Some(lease) if slot.failed => {
                slot.lease = Some(lease);
                Err(failed())
            }
            Some(lease) => Ok(lease),
        }
    }

    /// Unless all was over meanwhile: then the connection is closed, and the server rolls back.
    fn give_back(&self, slot: &mut Slot, lease: Lease) {
        if !self.shared.over.load(Ordering::Acquire) {
            slot.lease = Some(lease);
        }
    }

    /// Runs a statement without values, whatever failed before.
    async fn control(slot: &mut Slot, statement: &str) -> Result<()> {
        let Some(mut lease) = slot.lease.take() else { return Err(over()) };
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        lease.connection().execute(statement).await.map_err(convert)?;
        slot.lease = Some(lease);
        Ok(())
    }

    /// Begins a part.
    async fn begin_part(&self, slot: &mut Slot) -> Result<Part> {
        let lease = self.take(slot)?;
        slot.lease = Some(lease);
        let part = slot.savepoints.set(());
        Within::control(slot, &format!("SAVEPOINT {}", name(part))).await?;
        Ok(part)
    }

    async fn release(slot: &mut Slot, part: Part) -> Result<()> {
        let ((), is_innermost) = slot.savepoints.take(part)?;
        if slot.failed || !is_innermost {
            Within::undo(slot, part).await?;
            return Err(if is_innermost { not_committed() } else { inside_another() });
        }
        Within::control(slot, &format!("RELEASE SAVEPOINT {}", name(part))).await
    }

    async fn back_to(slot: &mut Slot, part: Part) -> Result<()> {
        slot.savepoints.take(part)?;
        Within::undo(slot, part).await
    }

    async fn undo(slot: &mut Slot, part: Part) -> Result<()> {
        let back = format!("ROLLBACK TO SAVEPOINT {0}; RELEASE SAVEPOINT {0}", name(part));
        let Some(mut lease) = slot.lease.take() else { return Err(over()) };
        let back = sqlx::raw_sql(sqlx::AssertSqlSafe(back));
        lease.connection().execute(back).await.map_err(convert)?;
        slot.lease = Some(lease);
        slot.failed = false;
        Ok(())
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

    /// Whether the database said that the transaction met another one.
    pub(crate) fn met_another(&self) -> bool {
        self.within.shared.met_another.load(Ordering::Relaxed)
    }

    /// Commits.
    pub(crate) async fn commit(mut self) -> Result<()> {
        let within = Arc::clone(&self.within);
        let mut slot = within.shared.slot.lock().await;
        if within.part != WHOLE {
            let released = Within::release(&mut slot, within.part).await;
            self.ended = true;
            return released;
        }
        let lease = self.end(&mut slot);
        let failed = slot.failed;
        let Some(mut lease) = lease else { return Err(over()) };
        // Dropped, the connection is closed, and the server rolls back.
        slot.savepoints.check(WHOLE)?;
        // After an error COMMIT would roll back, and say nothing of it.
        let statement = if failed { "ROLLBACK" } else { "COMMIT" };
        let done = lease.connection().execute(statement).await;
        match done {
            Ok(_) => lease.give_back(),
            Err(error) => {
                let usable = !error::is_broken(&error);
                let error = convert(error);
                if usable {
                    // The server has rolled back.
                    lease.give_back();
                }
                return Err(error);
            }
        }
        match (failed, self.met_another()) {
            (false, _) => Ok(()),
            (true, true) => Err(not_committed().retryable()),
            (true, false) => Err(not_committed()),
        }
    }

    /// Rolls back. Where that fails, the connection is closed, and the server rolls back by itself.
    pub(crate) async fn rollback(mut self) {
        let within = Arc::clone(&self.within);
        let mut slot = within.shared.slot.lock().await;
        if within.part != WHOLE {
            let _ = Within::back_to(&mut slot, within.part).await;
            self.ended = true;
            return;
        }
        if let Some(mut lease) = self.end(&mut slot)
            && lease.connection().execute("ROLLBACK").await.is_ok()
        {
            lease.give_back();
        }
    }

    fn end(&mut self, slot: &mut MutexGuard<'_, Slot>) -> Option<Lease> {
        self.ended = true;
        self.within.shared.over.store(true, Ordering::Release);
        slot.lease.take()
    }
}

impl Drop for Ending {
    /// A panic, or a future that was dropped. Of a savepoint nothing is known any more, so that the
    /// whole is over too.
    fn drop(&mut self) {
        if !self.ended {
            self.within.shared.over.store(true, Ordering::Release);
            // Where a statement runs just now, it closes the connection when it is done.
            if let Ok(mut slot) = self.within.shared.slot.try_lock() {
                slot.lease = None;
            }
        }
    }
}

/// A transaction, or a part of a shared one. Dropped without [`Transaction::commit`] it closes its
/// connection, upon which the server rolls back.
pub(crate) struct Transaction(Held);

enum Held {
    Own(Lease),
    Part { within: Within, slot: OwnedMutexGuard<Slot> },
}

impl Transaction {
    pub(super) async fn own(mut lease: Lease) -> Result<Transaction> {
        lease.connection().execute("BEGIN").await.map_err(convert)?;
        Ok(Transaction(Held::Own(lease)))
    }

    pub(super) async fn part(within: Arc<Within>) -> Result<Transaction> {
        let mut slot = Arc::clone(&within.shared.slot).lock_owned().await;
        let part = within.begin_part(&mut slot).await?;
        Ok(Transaction(Held::Part { within: within.part(part), slot }))
    }

    /// Runs one statement. Returns how many rows it changed.
    pub(crate) async fn run_with(
        &mut self,
        query: &PreparedStatement,
        arguments: PgArguments,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        match &mut self.0 {
            Held::Own(lease) => match lease.run(query, arguments, rows).await {
                Ok(done) => Ok(done),
                Err(Failure::Ours(error)) => Err(error),
                Err(Failure::Driver(error)) => Err(convert(error)),
            },
            Held::Part { within, slot } => within.run_in(slot, query, arguments, rows).await,
        }
    }

    /// Commits.
    pub(crate) async fn commit(self) -> Result<()> {
        match self.0 {
            Held::Own(mut lease) => {
                lease.connection().execute("COMMIT").await.map_err(convert)?;
                lease.give_back();
                Ok(())
            }
            Held::Part { within, mut slot } => Within::release(&mut slot, within.part).await,
        }
    }

    /// Rolls back and keeps the connection.
    pub(crate) async fn rollback(self) -> Result<()> {
        match self.0 {
            Held::Own(mut lease) => {
                lease.connection().execute("ROLLBACK").await.map_err(convert)?;
                lease.give_back();
                Ok(())
            }
            // The error is that of the whole transaction: the caller returns it.
            Held::Part { within, mut slot } => {
                Within::back_to(&mut slot, within.part).await?;
                slot.failed = true;
                Ok(())
            }
        }
    }
}
