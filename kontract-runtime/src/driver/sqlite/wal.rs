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
        let Some(path) = &self.path else { return false };
        self.writes.fetch_add(1, Ordering::Relaxed) % WRITES == WRITES - 1
            && std::fs::metadata(path).is_ok_and(|file| file.len() > LONG)
            && {
                let rest = self.rest();
                rest.since.is_none_or(|since| since.elapsed() > rest.time)
            }
    }

    /// Makes a checkpoint and truncates the log, unless reads are in the way for long. Blocks.
    pub(super) fn write_back(&self, connection: &Raw) -> Result<()> {
        connection.busy_timeout(PATIENCE).map_err(convert)?;
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        connection.busy_timeout(Duration::ZERO).map_err(convert)?;
        // A write does not fail because of a checkpoint: the next one can succeed.
        let mut rest = self.rest();
        *rest = if busy.unwrap_or(true) {
            Rest { since: Some(Instant::now()), time: (rest.time * 2).clamp(REST[0], REST[1]) }
        } else {
            Rest::default()
        };
        Ok(())
    }

    fn rest(&self) -> MutexGuard<'_, Rest> {
        // Nothing panics while it is held.
        self.rest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The path of the log: beside the database.
pub(super) fn beside(database: &Path) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push("-wal");
    database.with_file_name(name)
}
