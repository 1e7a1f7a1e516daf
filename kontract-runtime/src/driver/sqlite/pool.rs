//! The connections of a database: one writes, several read.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection as Raw;
use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard, OwnedSemaphorePermit, Semaphore};

use super::blocking::blocking;
use super::open::Location;
use super::retry::PATIENCE;
use super::wal::Log;
use crate::driver::connection_error::{closed, none_free};
use crate::driver::shared_transaction::check_apart;
use crate::error::{Error, Kind, Result};

/// How many connections read at most.
const READERS: usize = 8;

/// The connection that writes, taken by one task.
pub(super) type Writer = OwnedMutexGuard<Option<Raw>>;

/// The connections of one database: one writes, several read.
pub(super) struct Pool {
    pub(super) location: Location,
    log: Log,
    /// `None` before the first use and after the end.
    writer: Arc<AsyncMutex<Option<Raw>>>,
    /// The writing connection was opened, so that the file is there and is set up.
    is_there: AtomicBool,
    readers: Mutex<Vec<Raw>>,
    permits: Arc<Semaphore>,
}

/// A connection that reads. When it is dropped, it returns to its pool.
pub(super) struct Lease {
    connection: Option<Raw>,
    pool: Arc<Pool>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.pool.readers().push(connection);
        }
    }
}

impl Lease {
    /// The connection.
    pub(super) fn raw(&self) -> Result<&Raw> {
        self.connection.as_ref().ok_or_else(closed)
    }
}

impl Pool {
    /// A pool that opens its connections when they are needed.
    pub(super) fn new(location: Location) -> Arc<Pool> {
        Arc::new(Pool {
            log: Log::new(location.path()),
            location,
            writer: Arc::default(),
            is_there: AtomicBool::new(false),
            readers: Mutex::default(),
            permits: Arc::new(Semaphore::new(READERS)),
        })
    }

    /// Which database it is, for as long as it is open.
    pub(super) fn identity(&self) -> usize {
        std::ptr::from_ref(self).addr()
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Raw>> {
        // Nothing panics while it is held, and a stack is never half changed.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes all connections.
    pub(super) async fn close(&self) {
        self.permits.close();
        let writer = Arc::clone(&self.writer).lock_owned().await.take();
        let readers = std::mem::take(&mut *self.readers());
        // Closing the last connection writes the log back into the database.
        let _ = blocking(move || {
            drop(readers);
            drop(writer);
            Ok(())
        })
        .await;
    }

    /// The connection that writes. The first call opens it.
    pub(super) async fn writer(self: &Arc<Pool>) -> Result<Writer> {
        let free = Arc::clone(&self.writer).try_lock_owned();
        let mut writer = match free {
            Ok(writer) => writer,
            Err(_) => {
                check_apart(self.identity())?;
                let free = Arc::clone(&self.writer).lock_owned();
                // Boxed, as below, because it is large and rare.
                Box::pin(tokio::time::timeout(PATIENCE, free)).await.map_err(|_| {
                    Error::new(Kind::Timeout, "other transactions of this program took too long")
                        .with_help("keep transactions short: SQLite has one writer")
                })?
            }
        };
        if writer.is_none() {
            if self.permits.is_closed() {
                return Err(closed());
            }
            let location = self.location.clone();
            *writer = Some(blocking(move || location.open()).await?);
            self.is_there.store(true, Ordering::Release);
        }
        if self.log.is_long() {
            let pool = Arc::clone(self);
            writer = blocking(move || {
                writer.as_ref().map_or(Ok(()), |writer| pool.log.write_back(writer))?;
                Ok(writer)
            })
            .await?;
        }
        Ok(writer)
    }

    /// The connection that writes, if it is open and free, and this write does not look at the log.
    pub(super) fn idle_writer(&self) -> Option<Writer> {
        let writer = Arc::clone(&self.writer).try_lock_owned().ok()?;
        (writer.is_some() && self.log.count_write()).then_some(writer)
    }

    /// A connection that reads, if one is idle.
    pub(super) fn idle_reader(self: &Arc<Pool>) -> Option<Lease> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok()?;
        let connection = self.readers().pop()?;
        Some(Lease { connection: Some(connection), pool: Arc::clone(self), _permit: permit })
    }

    /// A connection that reads, new where none is idle.
    pub(super) async fn reader(self: &Arc<Pool>) -> Result<Lease> {
        if let Some(lease) = self.idle_reader() {
            return Ok(lease);
        }
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = match Box::pin(tokio::time::timeout(PATIENCE, permit)).await {
            Ok(permit) => permit.map_err(|_| closed())?,
            Err(_) => return Err(none_free()),
        };
        let idle = self.readers().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                // The writer creates the file; after that, readers do not wait for it.
                if !self.is_there.load(Ordering::Acquire) {
                    drop(self.writer().await?);
                }
                let location = self.location.clone();
                blocking(move || location.open()).await?
            }
        };
        let pool = Arc::clone(self);
        Ok(Lease { connection: Some(connection), pool, _permit: permit })
    }
}
