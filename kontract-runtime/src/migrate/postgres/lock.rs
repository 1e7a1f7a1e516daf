//! The lock of the runner on PostgreSQL: an advisory lock of its session, or a lease.
//!
//! The advisory lock is polled: a session that waits in `pg_advisory_lock` holds a snapshot, and an
//! index that another session builds concurrently would wait for it forever. The lock ends with the
//! session. A statement of a migration can release it (`pg_advisory_unlock_all()`, `DISCARD ALL`), so
//! the runner proves that it holds the lock, by `pg_locks`, before each statement outside a
//! transaction, and in the statement that writes a row of the history.
//!
//! Through a pooler no session holds a lock, and some servers have no advisory locks. There the lock
//! is a lease: a row with the runner and an end, by the clock of the database. Each transaction
//! renews the lease first, and fails where another runner has it. It then holds the row, so the lease
//! cannot change hands before the transaction ends, however long that takes; and it renews the lease
//! once more before its commit. This needs no second connection, which a pooler with few sessions
//! would not give. A runner with one kind of lock respects the other kind.

use std::time::{Duration, Instant};

use kontract_schema::code;
use kontract_schema::dialect::Dialect;

use crate::driver::postgres::{Fence, Session};
use crate::error::{Error, Result};
use crate::migrate::executor::Queries;
use crate::migrate::failure::failure;
use crate::migrate::options::Options;

/// The first half of the lock's number; the second is the schema's, so that programs in different
/// schemas of one database do not wait for each other.
const NUMBER: i32 = 0x6b6f_6e74;

/// The two numbers, as SQL.
fn numbers() -> String {
    format!("{NUMBER}, hashtext(current_schema())")
}

/// One row, or none before the first lease.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS _kontract_lease (\
    id INT PRIMARY KEY CHECK (id = 1), holder TEXT NOT NULL, until TIMESTAMPTZ NOT NULL)";

/// A runner that takes the lock. After it lost a lease it takes the lock under the same name, so an
/// unexpired lease of its own does not stop it.
pub(crate) struct Holder {
    name: String,
    patience: Duration,
    lease: Duration,
}

impl Holder {
    /// A holder with a name that no other runner has.
    pub(crate) fn new(options: &Options) -> Holder {
        let name = Dialect::Postgres.literal(&uuid::Uuid::now_v7().to_string());
        Holder { name, patience: options.patience, lease: options.lease }
    }
}

/// Takes the lock, of whichever kind the session can hold. Returns SQL that is true as long as the
/// session holds it; with a lease that is constant, because the fence of the session proves it.
///
/// # Errors
/// K0426, which names the session that has it.
pub(crate) async fn take(session: &mut Session, holder: &Holder) -> Result<String> {
    if session.is_pooled() {
        return take_lease(session, holder, true).await;
    }
    let start = Instant::now();
    let mut pause = Pause::new();
    loop {
        match try_advisory(session).await {
            Ok(Some(schema)) if !is_leased(session).await? => return Ok(is_held(schema)),
            Ok(Some(_)) => {
                session.send(&format!("SELECT pg_advisory_unlock({})", numbers())).await?;
            }
            Ok(None) => {}
            Err(error) if has_none(&error) => return take_lease(session, holder, false).await,
            Err(error) => return Err(error),
        }
        if start.elapsed() > holder.patience {
            return Err(is_taken(session).await);
        }
        pause.wait().await;
    }
}

/// Ends a lease, so that other runners need not wait until it expires. An advisory lock ends with
/// its session.
pub(crate) async fn give_back(session: &mut Session) {
    let Some(fence) = session.unfence() else { return };
    // Where that fails, the lease expires.
    let _ = session.execute(&fence.release).await;
}

/// Whether the session holds the advisory lock of that schema, as SQL. It names nothing that a
/// migration could change in its session.
fn is_held(schema: i32) -> String {
    let schema = schema.cast_unsigned();
    format!(
        "EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted \
         AND pid = pg_catalog.pg_backend_pid() AND classid = '{NUMBER}'::pg_catalog.oid AND objid = '{schema}'::pg_catalog.oid)"
    )
}

/// Tries to take the advisory lock; returns the number of the schema where it did.
async fn try_advisory(session: &mut Session) -> Result<Option<i32>> {
    let text = format!("SELECT pg_try_advisory_lock({}), hashtext(current_schema())", numbers());
    let taken: Vec<(bool, i32)> = session.fetch(&text, ()).await?;
    Ok(taken.first().and_then(|(is_taken, schema)| is_taken.then_some(*schema)))
}

/// Whether a runner without a session has a lease.
async fn is_leased(session: &mut Session) -> Result<bool> {
    if session.send("SELECT WHERE to_regclass('_kontract_lease') IS NOT NULL").await? == 0 {
        return Ok(false);
    }
    Ok(session.send("SELECT FROM _kontract_lease WHERE until > clock_timestamp()").await? > 0)
}

/// The server has no advisory locks, or the role may not use them.
fn has_none(error: &Error) -> bool {
    error.database().is_some_and(|source| matches!(&*source.code, "0A000" | "42883" | "42501"))
}

/// Takes the lease. With `both`, not while a session has the advisory lock.
async fn take_lease(session: &mut Session, holder: &Holder, both: bool) -> Result<String> {
    session.unfence();
    create(session).await?;
    let (name, millis) = (&holder.name, holder.lease.as_millis());
    let until = format!("clock_timestamp() + interval '{millis} milliseconds'");
    let free =
        if both { format!("pg_try_advisory_xact_lock({})", numbers()) } else { "true".to_owned() };
    // While another lease has not expired, the advisory lock is not touched.
    let take = format!(
        "INSERT INTO _kontract_lease AS l SELECT 1, {name}, {until} WHERE CASE WHEN EXISTS \
         (SELECT FROM _kontract_lease WHERE until > clock_timestamp() AND holder <> {name}) \
         THEN false ELSE {free} END \
         ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, until = excluded.until \
         WHERE l.until < clock_timestamp() OR l.holder = excluded.holder"
    );
    let start = Instant::now();
    let mut pause = Pause::new();
    loop {
        match session.execute(&take).await {
            Ok(0) => {}
            Ok(_) => break,
            // Its holder has a transaction open.
            Err(error) if error.is_retryable() => {}
            Err(error) => return Err(error),
        }
        if start.elapsed() > holder.patience {
            return Err(is_taken(session).await);
        }
        pause.wait().await;
    }
    let renew =
        |until: &str| format!("UPDATE _kontract_lease SET until = {until} WHERE holder = {name}");
    session.fence(Fence {
        begin: format!("{} AND until > clock_timestamp() AND {free}", renew(&until)),
        commit: renew(&until),
        release: renew("clock_timestamp()"),
    });
    Ok("true".to_owned())
}

/// Creates the table. `IF NOT EXISTS` loses races.
async fn create(session: &mut Session) -> Result<()> {
    for _ in 0..5 {
        match session.execute(CREATE).await {
            Err(error) if exists_by_now(&error) => {}
            done => return done.map(drop),
        }
    }
    Ok(())
}

fn exists_by_now(error: &Error) -> bool {
    error.database().is_some_and(|source| matches!(&*source.code, "23505" | "42P07" | "42710"))
}

/// The error that names the session which holds the lock.
async fn is_taken(session: &mut Session) -> Error {
    let text = format!(
        "SELECT l.pid, coalesce(a.application_name, ''), \
         coalesce(extract(epoch FROM clock_timestamp() - a.backend_start)::bigint, 0) FROM pg_locks l \
         LEFT JOIN pg_stat_activity a ON a.pid = l.pid \
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {NUMBER}::oid \
         AND l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid \
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    let holders: Vec<(i32, String, i64)> = session.fetch(&text, ()).await.unwrap_or_default();
    let holder = match holders.first() {
        Some((process, name, seconds)) if name.is_empty() => {
            format!("the session {process} (connected {seconds} s ago)")
        }
        Some((process, name, seconds)) => {
            format!("the session {process} (`{name}`, connected {seconds} s ago)")
        }
        None => "another runner".to_owned(),
    };
    failure(
        code::MIGRATION_LOCKED,
        format!("{holder} is migrating this database and did not finish in time"),
    )
    .with_help("wait for it, or look it up in `pg_stat_activity`")
}

/// Pauses that grow.
pub(super) struct Pause(Duration);

impl Pause {
    pub(super) fn new() -> Pause {
        Pause(Duration::from_millis(20))
    }

    pub(super) async fn wait(&mut self) {
        tokio::time::sleep(self.0).await;
        self.0 = (self.0 * 2).min(Duration::from_millis(500));
    }
}
