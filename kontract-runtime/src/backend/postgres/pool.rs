//! A pool of connections: a stack of idle ones, and as many permits as there may be connections.
//!
//! sqlx's own pool tests a connection when it is given back, which is a round trip for every
//! statement even when the test before use is off. Here a connection that was left in the middle of
//! something, by an error or because its future was dropped, is closed, and all others go straight
//! back on the stack. The one used last is used next: it is the warmest and the least likely dead.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use super::{PATIENCE, error};
use crate::error::{Error, Kind, Result};

/// How many connections there are at most.
pub(super) const SIZE: u32 = 10;

/// After this long a connection is tested before it is written to.
const FRESH: Duration = Duration::from_secs(1);

pub(super) struct Pool {
    options: PgConnectOptions,
    idle: Mutex<Vec<Idle>>,
    permits: Arc<Semaphore>,
}

struct Idle {
    connection: PgConnection,
    since: Instant,
}

/// A connection that is taken out of the pool.
pub(super) struct Lease {
    connection: Option<PgConnection>,
    pool: Option<Arc<Pool>>,
    /// Whether it had been used before.
    pub(super) reused: bool,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, size: u32) -> Pool {
        Pool {
            options,
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(size as usize)),
        }
    }

    /// A new connection outside of the pool.
    pub(super) async fn connect(&self) -> Result<PgConnection> {
        match timeout(PATIENCE, self.options.connect()).await {
            Ok(connected) => connected.map_err(error::connect),
            Err(_) => {
                Err(Error::new(Kind::Timeout, "the database did not answer in time")
                    .with_code("K0410"))
            }
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // Nothing panics while it is held, and a stack is never half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection. One that was idle for long is tested where `sure` asks for it.
    pub(super) async fn take(self: &Arc<Pool>, sure: bool) -> Result<Lease> {
        let permit = match timeout(PATIENCE, Arc::clone(&self.permits).acquire_owned()).await {
            Ok(Ok(permit)) => permit,
            Ok(Err(_)) => return Err(Error::new(Kind::Connection, "the storage was closed")),
            Err(_) => {
                return Err(Error::new(Kind::Timeout, "no connection became free in time")
                    .with_code("K0410"));
            }
        };
        let lease = |connection, reused| Lease {
            connection: Some(connection),
            pool: Some(Arc::clone(self)),
            reused,
            _permit: permit,
        };
        loop {
            let Some(mut idle) = self.idle().pop() else {
                return Ok(lease(self.connect().await?, false));
            };
            if !sure || idle.since.elapsed() < FRESH || idle.connection.ping().await.is_ok() {
                return Ok(lease(idle.connection, true));
            }
        }
    }

    /// Lets nobody take a connection any more, waits for those that are out, closes all.
    pub(super) async fn close(&self) {
        let all = timeout(PATIENCE, self.permits.acquire_many(SIZE)).await;
        self.permits.close();
        drop(all);
        let idle = std::mem::take(&mut *self.idle());
        for idle in idle {
            // The server notices a connection that cannot be closed politely as well.
            let _ = timeout(FRESH, idle.connection.close()).await;
        }
    }
}

impl Lease {
    pub(super) fn connection(&mut self) -> &mut PgConnection {
        self.connection.as_mut().expect("it is taken out in `give_back` only, which ends the lease")
    }

    /// Puts a connection back that is in no transaction and has nothing under way. A lease that is
    /// only dropped closes its connection.
    pub(super) fn give_back(mut self) {
        if let (Some(connection), Some(pool)) = (self.connection.take(), self.pool.take()) {
            pool.idle().push(Idle { connection, since: Instant::now() });
        }
    }
}
