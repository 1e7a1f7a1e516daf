//! A pool of connections: a stack of idle ones, and as many permits as there may be connections.
//!
//! sqlx's own pool tests a connection when it is given back, which is a round trip for every
//! statement even when the test before use is off. Here a connection that was left in the middle of
//! something, by an error or because its future was dropped, is closed, and all others go straight
//! back on the stack. The one used last is used next: it is the warmest and the least likely dead.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use futures_util::TryStreamExt;
use kontract_schema::code;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Either, Executor, PgConnection};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, TryAcquireError};
use tokio::time::timeout;

use super::error;
use crate::driver::connection_error::{closed, none_free};
use crate::error::{Error, Kind, Result};

/// How long a caller waits for a new connection or a free one.
const PATIENCE: Duration = Duration::from_secs(30);

/// How many connections there are at most.
pub(super) const SIZE: u32 = 10;

/// After this long a connection is tested before it is written to.
const FRESH: Duration = Duration::from_secs(1);

/// A setting of ours that the first connection asks for when it begins. A server takes it; a pooler
/// refuses it or does not pass it on, because a session of the server is not the connection's.
const MARK: (&str, &str) = ("kontract.direct", "on");

/// Gives a row where it is there.
const IS_MARKED: &str = "SELECT WHERE current_setting('kontract.direct', true) = 'on'";

/// How many statements stay prepared on a connection.
const PREPARED: usize = 1024;

pub(super) struct Pool {
    options: PgConnectOptions,
    /// Whether there is a pooler between, once that is known.
    is_pooled: OnceLock<bool>,
    idle: Mutex<Vec<Idle>>,
    permits: Arc<Semaphore>,
}

struct Idle {
    connection: PgConnection,
    since: Instant,
}

/// A connection that is taken out of the pool.
pub(crate) struct Lease {
    connection: Option<PgConnection>,
    pool: Option<Arc<Pool>>,
    /// Whether each transaction may be run by another session of the server.
    pub(super) is_pooled: bool,
    /// Whether it had been used before.
    pub(super) reused: bool,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(super) fn new(options: PgConnectOptions, is_pooled: bool, size: u32) -> Pool {
        Pool {
            // PgBouncer refuses this one, and values travel in binary.
            options: options.extra_float_digits(None),
            is_pooled: if is_pooled { OnceLock::from(true) } else { OnceLock::new() },
            idle: Mutex::new(Vec::new()),
            permits: Arc::new(Semaphore::new(size as usize)),
        }
    }

    /// A new connection outside of the pool, and whether there is a pooler between.
    pub(super) async fn connect(&self) -> Result<(PgConnection, bool)> {
        in_time(&self.options, self.find_out()).await
    }

    async fn find_out(&self) -> sqlx::Result<(PgConnection, bool)> {
        if let Some(mut connection) = self.marked().await? {
            let found = connection.execute(sqlx::raw_sql(IS_MARKED)).await?.rows_affected();
            let is_pooled = *self.is_pooled.get_or_init(|| found == 0);
            if !is_pooled {
                return Ok((connection, false));
            }
        }
        let is_pooled = *self.is_pooled.get_or_init(|| true);
        let prepared = if is_pooled { 0 } else { PREPARED };
        let options = self.options.clone().statement_cache_capacity(prepared);
        Ok((options.connect().await?, is_pooled))
    }

    /// A connection that asks for the mark; none where that is refused, or the answer known.
    async fn marked(&self) -> sqlx::Result<Option<PgConnection>> {
        if self.is_pooled.get().is_some() {
            return Ok(None);
        }
        let marked = self.options.clone().options([MARK]).statement_cache_capacity(PREPARED);
        match marked.connect().await {
            Ok(connection) => Ok(Some(connection)),
            Err(error) if error::is_refused_parameter(&error) => {
                let _ = self.is_pooled.set(true);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Runs statements in one message; says how many rows the last of them gave. The first of all
    /// connections finds out with the same message whether there is a pooler.
    pub(super) async fn count(self: &Arc<Pool>, statements: &str) -> Result<u64> {
        let Some(connection) = in_time(&self.options, self.marked()).await? else {
            let mut lease = self.take(false).await?;
            let mut counts = Vec::new();
            let done = count(lease.connection(), statements, &mut counts).await;
            if !done.as_ref().is_err_and(error::is_broken) {
                lease.give_back();
            }
            done.map_err(error::convert)?;
            return Ok(counts.last().copied().unwrap_or_default());
        };
        let mut connection = connection;
        let mut counts = Vec::new();
        let text = format!("{IS_MARKED}; {statements}");
        let done = count(&mut connection, &text, &mut counts).await;
        let found = counts.first().copied();
        let is_pooled = found.map(|found| *self.is_pooled.get_or_init(|| found == 0));
        if is_pooled == Some(false) && !done.as_ref().is_err_and(error::is_broken) {
            self.idle().push(Idle { connection, since: Instant::now() });
        }
        done.map_err(error::convert)?;
        Ok(counts.last().copied().unwrap_or_default())
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Idle>> {
        // Nothing panics while it is held, and a stack is never half changed.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection. One that was idle for long is tested where `sure` asks for it.
    pub(super) async fn take(self: &Arc<Pool>, sure: bool) -> Result<Lease> {
        let permit = match Arc::clone(&self.permits).try_acquire_owned() {
            Ok(permit) => permit,
            Err(TryAcquireError::Closed) => return Err(closed()),
            Err(TryAcquireError::NoPermits) => {
                let permit = Arc::clone(&self.permits).acquire_owned();
                let permit = Box::pin(timeout(PATIENCE, permit)).await.map_err(|_| none_free())?;
                permit.map_err(|_| closed())?
            }
        };
        let lease = |connection, is_pooled, reused| Lease {
            connection: Some(connection),
            pool: Some(Arc::clone(self)),
            is_pooled,
            reused,
            _permit: permit,
        };
        loop {
            let Some(mut idle) = self.idle().pop() else {
                // Boxed, as the ping below, because it is large and rare.
                let (connection, is_pooled) = Box::pin(self.connect()).await?;
                return Ok(lease(connection, is_pooled, false));
            };
            if !sure
                || idle.since.elapsed() < FRESH
                || Box::pin(idle.connection.ping()).await.is_ok()
            {
                let is_pooled = self.is_pooled.get().copied().unwrap_or_default();
                return Ok(lease(idle.connection, is_pooled, true));
            }
        }
    }

    /// Gives out no more connections, waits for those in use, closes all.
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

/// Runs statements in one message; keeps how many rows each gave, as far as they went.
async fn count(
    connection: &mut PgConnection,
    statements: &str,
    counts: &mut Vec<u64>,
) -> sqlx::Result<()> {
    let mut results = connection.fetch_many(sqlx::raw_sql(AssertSqlSafe(statements.to_owned())));
    while let Some(result) = results.try_next().await? {
        if let Either::Left(done) = result {
            counts.push(done.rows_affected());
        }
    }
    Ok(())
}

/// Connects, and does not wait for ever.
async fn in_time<T>(
    options: &PgConnectOptions,
    connecting: impl Future<Output = sqlx::Result<T>>,
) -> Result<T> {
    match timeout(PATIENCE, connecting).await {
        Ok(connected) => connected.map_err(|error| error::connect(error, options)),
        Err(_) => Err(Error::new(Kind::Timeout, "the database did not answer in time")
            .with_code(code::UNREACHABLE)),
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
