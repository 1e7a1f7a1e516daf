//! The lock of the runner on PostgreSQL: an advisory lock of its session, or a row.
//!
//! The advisory lock is polled, never waited for: a session that waits in `pg_advisory_lock` holds a
//! snapshot, and an index that another one builds concurrently would wait for it forever. It goes
//! with the session.
//!
//! Through a pooler there is no session to hold it, and some of PostgreSQL's kin have no such locks.
//! There a row says who migrates and until when, by the clock of the database: a lease. Each
//! transaction begins with prolonging it, and fails where it is another's by now; as it then holds
//! the row, nobody takes the lease over before the transaction ends, however long that takes; and it
//! ends with prolonging it once more. Nothing of this needs another connection, which a pooler with
//! few sessions would not give. Who has the one kind of lock looks after the other kind too.

use std::time::{Duration, Instant};

use kontract_schema::dialect::Dialect;

use crate::driver::postgres::{Fence, Session};
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::migrate::failure;
use crate::migrate::options::Options;
use crate::value::row::{Reader, field};
use crate::value::wire::{Scalar, Wire};

/// The first half of the lock's number; the second is the schema's, so that programs in different
/// schemas of one database do not wait for each other.
const NUMBER: i32 = 0x6b6f_6e74;

/// What the two numbers are in SQL.
fn numbers() -> String {
    format!("{NUMBER}, hashtext(current_schema())")
}

/// One row, or none before the first lease.
const CREATE: &str = "CREATE TABLE IF NOT EXISTS _kontract_lease (\
    id INT PRIMARY KEY CHECK (id = 1), holder TEXT NOT NULL, until TIMESTAMPTZ NOT NULL)";

/// One that takes the lock: the same again after it lost a lease, which is still its own then.
pub(in crate::migrate) struct Runner {
    holder: String,
    patience: Duration,
    lease: Duration,
}

impl Runner {
    /// Another than all others.
    pub(in crate::migrate) fn new(options: &Options) -> Runner {
        let holder = Dialect::Postgres.literal(&uuid::Uuid::now_v7().to_string());
        Runner { holder, patience: options.patience, lease: options.lease }
    }
}

/// Takes the lock, whichever there is.
///
/// # Errors
/// K0426 that names who has it.
pub(in crate::migrate) async fn take(session: &mut Session, runner: &Runner) -> Result<()> {
    if session.is_pooled() {
        return lease(session, runner, true).await;
    }
    let patience = runner.patience;
    let start = Instant::now();
    let mut pause = Pause::new();
    loop {
        match try_advisory(session).await {
            Ok(true) if !leased(session).await? => return Ok(()),
            Ok(taken) => {
                if taken {
                    session.send(&format!("SELECT pg_advisory_unlock({})", numbers())).await?;
                }
            }
            Err(error) if has_none(&error) => return lease(session, runner, false).await,
            Err(error) => return Err(error),
        }
        if start.elapsed() > patience {
            return Err(held(session).await);
        }
        pause.wait().await;
    }
}

/// Gives a lease back, so that nobody has to wait for its end. A lock goes with its session.
pub(in crate::migrate) async fn give_back(session: &mut Session) {
    let Some(fence) = session.unfence() else { return };
    // Where that fails, the lease ends by itself.
    let _ = session.execute(&fence.release).await;
}

/// A condition that holds as long as the lock does; with a lease the fence of the session says it.
pub(super) fn is_held(session: &Session) -> String {
    match session.is_never_alone() {
        true => "true".to_owned(),
        false => format!(
            "EXISTS (SELECT FROM pg_catalog.pg_locks WHERE locktype = 'advisory' AND granted \
             AND pid = pg_backend_pid() AND classid = {NUMBER}::oid \
             AND objid = (hashtext(current_schema())::bigint & 4294967295)::oid)"
        ),
    }
}

async fn try_advisory(session: &mut Session) -> Result<bool> {
    let text = format!("SELECT pg_try_advisory_lock({})", numbers());
    let query = PreparedStatement::raw(&text, Vec::new(), vec![Wire::one(Scalar::Bool)]);
    let done = session.run(&query, &|_| Ok(()), |from| field::<bool>(from)).await?;
    Ok(done.rows.first().copied().unwrap_or_default())
}

/// Whether somebody without a session migrates.
async fn leased(session: &mut Session) -> Result<bool> {
    if session.send("SELECT WHERE to_regclass('_kontract_lease') IS NOT NULL").await? == 0 {
        return Ok(false);
    }
    Ok(session.send("SELECT FROM _kontract_lease WHERE until > clock_timestamp()").await? > 0)
}

/// The server has no advisory locks, or does not let us use them.
fn has_none(error: &Error) -> bool {
    error.database().is_some_and(|said| matches!(&*said.code, "0A000" | "42883" | "42501"))
}

/// Takes the lease. With `both`, not while a session has the advisory lock.
async fn lease(session: &mut Session, runner: &Runner, both: bool) -> Result<()> {
    session.unfence();
    create(session).await?;
    let (holder, millis) = (&runner.holder, runner.lease.as_millis());
    let until = format!("clock_timestamp() + interval '{millis} milliseconds'");
    let free = match both {
        true => format!("pg_try_advisory_xact_lock({})", numbers()),
        false => "true".to_owned(),
    };
    // Whoever only looks whether a lease has ended does not touch the advisory lock meanwhile.
    let take = format!(
        "INSERT INTO _kontract_lease AS l SELECT 1, {holder}, {until} WHERE CASE WHEN EXISTS          (SELECT FROM _kontract_lease WHERE until > clock_timestamp() AND holder <> {holder})          THEN false ELSE {free} END \
         ON CONFLICT (id) DO UPDATE SET holder = excluded.holder, until = excluded.until          WHERE l.until < clock_timestamp() OR l.holder = excluded.holder"
    );
    let start = Instant::now();
    let mut pause = Pause::new();
    loop {
        match session.execute(&take).await {
            Ok(0) => {}
            Ok(_) => break,
            // Its holder is in the middle of a transaction.
            Err(error) if error.is_retryable() => {}
            Err(error) => return Err(error),
        }
        if start.elapsed() > runner.patience {
            return Err(held(session).await);
        }
        pause.wait().await;
    }
    let prolong =
        |until: &str| format!("UPDATE _kontract_lease SET until = {until} WHERE holder = {holder}");
    session.fence(Fence {
        begin: format!("{} AND until > clock_timestamp() AND {free}", prolong(&until)),
        commit: prolong(&until),
        release: prolong("clock_timestamp()"),
    });
    Ok(())
}

/// Makes the table. `IF NOT EXISTS` loses races.
async fn create(session: &mut Session) -> Result<()> {
    for _ in 0..5 {
        match session.execute(CREATE).await {
            Err(error) if is_there_by_now(&error) => {}
            done => return done.map(drop),
        }
    }
    Ok(())
}

fn is_there_by_now(error: &Error) -> bool {
    error.database().is_some_and(|said| matches!(&*said.code, "23505" | "42P07" | "42710"))
}

/// Who holds the lock.
async fn held(session: &mut Session) -> Error {
    let text = format!(
        "SELECT l.pid, coalesce(a.application_name, ''), \
         coalesce(extract(epoch FROM clock_timestamp() - a.backend_start)::bigint, 0) FROM pg_locks l \
         LEFT JOIN pg_stat_activity a ON a.pid = l.pid \
         WHERE l.locktype = 'advisory' AND l.granted AND l.classid = {NUMBER}::oid \
         AND l.objid = (hashtext(current_schema())::bigint & 4294967295)::oid \
         AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    );
    let outputs = vec![Wire::one(Scalar::I32), Wire::one(Scalar::Text), Wire::one(Scalar::I64)];
    let query = PreparedStatement::raw(&text, Vec::new(), outputs);
    let read = |from: &mut dyn Reader| {
        Ok((field::<i32>(from)?, field::<String>(from)?, field::<i64>(from)?))
    };
    let holder = session.run(&query, &|_| Ok(()), read).await.ok();
    let holder = holder.and_then(|done| done.rows.into_iter().next());
    let holder = match holder {
        Some((process, name, seconds)) => {
            format!("the session {process} (`{name}`, which began {seconds} s ago)")
        }
        None => "another runner".to_owned(),
    };
    failure("K0426", format!("{holder} is migrating this database and did not end in time"))
        .with_help("wait for it, or look what it does in `pg_stat_activity`")
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
