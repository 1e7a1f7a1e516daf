//! A transaction that several handles share. It has one connection; the statements of its handles
//! run one after the other. A transaction inside of it is a savepoint, called a part.
//!
//! Whoever runs a statement takes the connection out and gives it back afterwards. A future that is
//! dropped in between drops the connection with it, and the database rolls back.

mod error;
mod savepoints;
mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use self::error::{failed, inside_another, not_committed, over};
use self::savepoints::{Part, Savepoints, WHOLE, savepoint_name};
pub(crate) use self::task::{check_apart, run_inside};
use crate::error::Result;

/// The connection of a transaction. When it is dropped, the database rolls back.
pub(super) trait SharedConnection: Send + Sized + 'static {
    /// The state of the connection that a rollback to a savepoint restores.
    type Mark: Copy + Send;

    /// The present state.
    fn mark(&self) -> Self::Mark;

    /// Restores an earlier state.
    fn restore(&mut self, mark: Self::Mark);

    /// Runs statements without values or rows.
    fn execute(&mut self, statements: &[String]) -> impl Future<Output = Result<()>> + Send;

    /// Commits.
    fn commit(self) -> impl Future<Output = Result<()>> + Send;

    /// Rolls back, after which the connection can be used for other transactions.
    fn rollback(self) -> impl Future<Output = Result<()>> + Send;
}

/// A transaction, or a part of it, as one handle sees it.
pub(super) struct Within<C: SharedConnection> {
    shared: Arc<Shared<C>>,
    part: Part,
}

struct Shared<C: SharedConnection> {
    slot: Arc<Mutex<Slot<C>>>,
    /// The transaction has ended.
    over: AtomicBool,
    /// The database reported a conflict with another transaction.
    met_another: AtomicBool,
}

/// The connection of a transaction, and what happened in it.
pub(super) struct Slot<C: SharedConnection> {
    /// `None` while a statement runs, and after the end.
    connection: Option<C>,
    /// A statement failed, so that only a rollback is possible.
    failed: bool,
    savepoints: Savepoints<C::Mark>,
}

impl<C: SharedConnection> Slot<C> {
    /// Lets only a rollback be possible, as after a statement that failed.
    pub(super) fn fail(&mut self) {
        self.failed = true;
    }

    /// Runs statements without values, also after a statement that failed. Where they fail, the
    /// connection is dropped.
    async fn execute(&mut self, statements: &[String]) -> Result<()> {
        let mut connection = self.connection.take().ok_or_else(over)?;
        connection.execute(statements).await?;
        self.connection = Some(connection);
        Ok(())
    }

    /// Ends a part and keeps what it did.
    async fn release(&mut self, part: Part) -> Result<()> {
        let (mark, is_innermost) = self.savepoints.take(part)?;
        if self.failed || !is_innermost {
            self.undo(part, mark).await?;
            return Err(if is_innermost { not_committed() } else { inside_another() });
        }
        self.execute(&[format!("RELEASE SAVEPOINT {}", savepoint_name(part))]).await
    }

    /// Ends a part and takes back what it did.
    async fn roll_back_to(&mut self, part: Part) -> Result<()> {
        let (mark, _) = self.savepoints.take(part)?;
        self.undo(part, mark).await
    }

    async fn undo(&mut self, part: Part, mark: C::Mark) -> Result<()> {
        let name = savepoint_name(part);
        let undo = [format!("ROLLBACK TO SAVEPOINT {name}"), format!("RELEASE SAVEPOINT {name}")];
        self.execute(&undo).await?;
        if let Some(connection) = &mut self.connection {
            connection.restore(mark);
        }
        self.failed = false;
        Ok(())
    }
}

impl<C: SharedConnection> Within<C> {
    /// Shares a connection on which a transaction has begun.
    pub(super) fn new(connection: C) -> Arc<Within<C>> {
        let slot =
            Slot { connection: Some(connection), failed: false, savepoints: Savepoints::new() };
        let shared = Shared {
            slot: Arc::new(Mutex::new(slot)),
            over: AtomicBool::new(false),
            met_another: AtomicBool::new(false),
        };
        Arc::new(Within { shared: Arc::new(shared), part: WHOLE })
    }

    /// Begins a part of this part: a savepoint.
    pub(super) async fn begin_part(&self) -> Result<Arc<Within<C>>> {
        let part = self.set_savepoint(&mut *self.lock().await).await?;
        Ok(Arc::new(self.part(part)))
    }

    /// Begins a part during which no other handle can run a statement.
    pub(super) async fn begin_exclusive_part(&self) -> Result<ExclusivePart<C>> {
        let mut slot = Arc::clone(&self.shared.slot).lock_owned().await;
        let part = self.set_savepoint(&mut slot).await?;
        Ok(ExclusivePart { within: self.part(part), slot })
    }

    fn part(&self, part: Part) -> Within<C> {
        Within { shared: Arc::clone(&self.shared), part }
    }

    async fn set_savepoint(&self, slot: &mut Slot<C>) -> Result<Part> {
        let connection = self.take(slot)?;
        let part = slot.savepoints.set(connection.mark());
        slot.connection = Some(connection);
        slot.execute(&[format!("SAVEPOINT {}", savepoint_name(part))]).await?;
        Ok(part)
    }

    /// Waits until no other statement of the transaction runs.
    pub(super) async fn lock(&self) -> MutexGuard<'_, Slot<C>> {
        self.shared.slot.lock().await
    }

    /// Takes the connection to run a statement.
    ///
    /// # Errors
    /// `Kind::Transaction` where the transaction or the part has ended, another part is the innermost,
    /// or an earlier statement failed.
    pub(super) fn take(&self, slot: &mut Slot<C>) -> Result<C> {
        if self.shared.over.load(Ordering::Acquire) {
            slot.connection = None;
        }
        if slot.connection.is_some() {
            slot.savepoints.check(self.part)?;
            if slot.failed {
                return Err(failed());
            }
        }
        slot.connection.take().ok_or_else(over)
    }

    /// Gives the connection back; where the transaction has ended meanwhile, drops it.
    pub(super) fn give_back(&self, slot: &mut Slot<C>, connection: C) {
        if !self.shared.over.load(Ordering::Acquire) {
            slot.connection = Some(connection);
        }
    }

    /// Remembers that the database reported a conflict with another transaction.
    pub(super) fn set_met_another(&self) {
        self.shared.met_another.store(true, Ordering::Relaxed);
    }

    fn met_another(&self) -> bool {
        self.shared.met_another.load(Ordering::Relaxed)
    }
}

/// A part of a shared transaction that has its connection until it ends. When it is dropped without
/// an end, the transaction fails.
pub(super) struct ExclusivePart<C: SharedConnection> {
    pub(super) within: Within<C>,
    pub(super) slot: OwnedMutexGuard<Slot<C>>,
}

impl<C: SharedConnection> ExclusivePart<C> {
    /// Keeps what the part did.
    pub(super) async fn commit(mut self) -> Result<()> {
        self.slot.release(self.within.part).await
    }

    /// Takes back what the part did. After that, the transaction around it can only be rolled back.
    pub(super) async fn rollback(mut self) -> Result<()> {
        self.slot.roll_back_to(self.within.part).await?;
        self.slot.fail();
        Ok(())
    }
}

/// Ends a shared transaction or a part of it. When it is dropped, the transaction is rolled back.
pub(super) struct Ending<C: SharedConnection> {
    within: Arc<Within<C>>,
    ended: bool,
}

impl<C: SharedConnection> Ending<C> {
    pub(super) fn new(within: Arc<Within<C>>) -> Ending<C> {
        Ending { within, ended: false }
    }

    /// Whether the database reported a conflict with another transaction.
    pub(super) fn met_another(&self) -> bool {
        self.within.met_another()
    }

    /// Commits.
    ///
    /// # Errors
    /// What the database reports; `Kind::Transaction` where a statement failed, or a part has not ended:
    /// then everything is rolled back.
    pub(super) async fn commit(mut self) -> Result<()> {
        let within = Arc::clone(&self.within);
        let mut slot = within.lock().await;
        if within.part != WHOLE {
            let released = slot.release(within.part).await;
            self.ended = true;
            return released;
        }
        let connection = self.end(&mut slot).ok_or_else(over)?;
        slot.savepoints.check(WHOLE)?;
        if !slot.failed {
            return connection.commit().await;
        }
        connection.rollback().await?;
        let error = not_committed();
        Err(if self.met_another() { error.retryable() } else { error })
    }

    /// Rolls back. Where that fails, the connection is closed, and the database rolls back by itself.
    pub(super) async fn rollback(mut self) {
        let within = Arc::clone(&self.within);
        let mut slot = within.lock().await;
        if within.part != WHOLE {
            // A part that is not set any more was rolled back with the part around it.
            let _ = slot.roll_back_to(within.part).await;
            self.ended = true;
            return;
        }
        if let Some(connection) = self.end(&mut slot) {
            let _ = connection.rollback().await;
        }
    }

    fn end(&mut self, slot: &mut Slot<C>) -> Option<C> {
        self.ended = true;
        self.within.shared.over.store(true, Ordering::Release);
        slot.connection.take()
    }
}

impl<C: SharedConnection> Drop for Ending<C> {
    /// After a panic, or when the future was dropped. The state of a savepoint is then unknown, so the
    /// whole transaction ends.
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.within.shared.over.store(true, Ordering::Release);
        // A statement that runs now drops the connection when it is done.
        if let Ok(mut slot) = self.within.shared.slot.try_lock() {
            slot.connection = None;
        }
    }
}
