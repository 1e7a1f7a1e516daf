//! Checkpoints of the write-ahead log, so that it does not become long.
//!
//! SQLite makes a checkpoint by itself after a thousand pages, but truncates the file only while no
//! connection reads it. Under constant reads it grows without end. So the next writer checks its size
//! and, where it is too long, waits for the present readers; those that begin to read then do not use
//! the log any more. <https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files>

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection as Raw;

use super::error::convert;
use crate::error::Result;

/// How long the log may be, in bytes.
const LONG: u64 = 16 << 20;

/// How many writes there are between two looks at it.
const WRITES: u32 = 16;

/// How long readers are waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// The pause between two tries while another connection runs a checkpoint.
const RETRY: Duration = Duration::from_millis(1);

/// The pause after a checkpoint that failed because of a long read: twice as long each time.
const REST: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(30)];

/// The log of one database.
pub(super) struct Log {
    path: Option<PathBuf>,
    writes: AtomicU32,
    rest: Mutex<Rest>,
}

/// Since when no checkpoint is tried, and for how long.
#[derive(Default)]
struct Rest {
    since: Option<Instant>,
    time: Duration,
}

impl Log {
    /// The log of a database in a file; a database in memory has none.
    pub(super) fn new(database: Option<&Path>) -> Log {
        let path = database.map(beside);
        Log { path, writes: AtomicU32::new(0), rest: Mutex::default() }
    }

    /// Counts a write that does not look at the log. Returns `false`, and counts nothing, for one that
    /// has to: it calls [`is_long`](Log::is_long).
    pub(super) fn count_write(&self) -> bool {
        let looks =
            self.path.is_some() && self.writes.load(Ordering::Relaxed) % WRITES == WRITES - 1;
        if !looks {
            self.writes.fetch_add(1, Ordering::Relaxed);
        }
        !looks
    }

    /// Counts a write, and returns whether a checkpoint is due before it.
    pub(super) fn is_long(&self) -> bool {
        self.writes.fetch_add(1, Ordering::Relaxed) % WRITES == WRITES - 1
            && self.is_over_limit()
            && {
                let rest = self.rest();
                rest.since.is_none_or(|since| since.elapsed() > rest.time)
            }
    }

    /// Makes a checkpoint and truncates the log, unless reads are in the way for long. Blocks.
    pub(super) fn write_back(&self, connection: &Raw) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        connection.busy_timeout(PATIENCE).map_err(convert)?;
        let mut outcome = Outcome::truncate(connection);
        // SQLite does not wait for the checkpoint of another connection. Each commit runs a short one
        // while the log is long, so that with several writing processes most tries would fail.
        while outcome == Outcome::OtherRuns && self.is_over_limit() && Instant::now() < end {
            std::thread::sleep(RETRY);
            outcome = Outcome::truncate(connection);
        }
        connection.busy_timeout(Duration::ZERO).map_err(convert)?;
        let mut rest = self.rest();
        *rest = match outcome {
            Outcome::Truncated | Outcome::OtherRuns => Rest::default(),
            Outcome::Failed => {
                Rest { since: Some(Instant::now()), time: (rest.time * 2).clamp(REST[0], REST[1]) }
            }
        };
        Ok(())
    }

    fn is_over_limit(&self) -> bool {
        self.path.as_ref().is_some_and(|log| std::fs::metadata(log).is_ok_and(|f| f.len() > LONG))
    }

    fn rest(&self) -> MutexGuard<'_, Rest> {
        // Nothing panics while it is held.
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What became of a checkpoint.
#[derive(PartialEq)]
enum Outcome {
    Truncated,
    /// Another connection runs one.
    OtherRuns,
    /// A read lasts longer than [`PATIENCE`], or SQLite returned an error. A write does not fail
    /// because of a checkpoint: the next one can succeed.
    Failed,
}

impl Outcome {
    fn truncate(connection: &Raw) -> Outcome {
        // The columns: whether it was blocked, and the length of the log; -1 if it did not start.
        let row = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
            Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?))
        });
        match row {
            Ok((false, _)) => Outcome::Truncated,
            Ok((true, -1)) => Outcome::OtherRuns,
            _ => Outcome::Failed,
        }
    }
}

/// The path of the log: beside the database.
pub(super) fn beside(database: &Path) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push("-wal");
    database.with_file_name(name)
}
