//! The write-ahead log: that it goes back into the database before it is long.
//!
//! SQLite does that by itself after a thousand pages, but begins the file anew only in a moment in
//! which nobody reads it. Where somebody always does, it grows without end. So who is to write next
//! looks at its size, and where it is too long waits for those who read just now; others who begin
//! to read do not use the log any more. <https://www.sqlite.org/wal.html#avoiding_excessively_large_wal_files>

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

/// How long those who read are waited for.
const PATIENCE: Duration = Duration::from_millis(200);

/// How long it is left alone after that was in vain: twice as long each time, because somebody reads
/// for long.
const REST: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(30)];

/// The log of one database.
pub(super) struct Log {
    path: Option<PathBuf>,
    writes: AtomicU32,
    rest: Mutex<Rest>,
}

/// From when on, and for how long.
#[derive(Default)]
struct Rest {
    since: Option<Instant>,
    time: Duration,
}

impl Log {
    /// That of a database in a file; in memory there is none.
    pub(super) fn new(database: Option<&Path>) -> Log {
        let path = database.map(beside);
        Log { path, writes: AtomicU32::new(0), rest: Mutex::default() }
    }

    /// Whether it is time to write it back.
    pub(super) fn is_long(&self) -> bool {
        let Some(path) = &self.path else { return false };
        self.writes.fetch_add(1, Ordering::Relaxed) % WRITES == WRITES - 1
            && std::fs::metadata(path).is_ok_and(|file| file.len() > LONG)
            && {
                let rest = self.rest();
                rest.since.is_none_or(|since| since.elapsed() > rest.time)
            }
    }

    /// Writes it back, and begins it anew, if nobody reads for long. It blocks.
    pub(super) fn write_back(&self, connection: &Raw) -> Result<()> {
        connection.busy_timeout(PATIENCE).map_err(convert)?;
        let busy = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0));
        connection.busy_timeout(Duration::ZERO).map_err(convert)?;
        // What stands in its way now does not later; a write is not to fail for that.
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

/// The log of a database lies beside it.
pub(super) fn beside(database: &Path) -> PathBuf {
    let mut name = database.file_name().unwrap_or_default().to_owned();
    name.push("-wal");
    database.with_file_name(name)
}
