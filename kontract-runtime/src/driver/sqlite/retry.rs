//! Attempts while another process holds the database. The task sleeps in between, not the thread.

use std::time::{Duration, Instant};

use super::error;
use crate::error::{Error, Result};

/// How long another process's lock is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// The pauses between attempts while another process holds the database: each is twice as long.
pub(super) struct Patience {
    /// When the first attempt failed.
    since: Option<Instant>,
    limit: Duration,
    pause: Duration,
}

impl Patience {
    /// Tries again for as long as [`PATIENCE`].
    pub(super) fn new() -> Patience {
        Patience { since: None, limit: PATIENCE, pause: Duration::from_micros(500) }
    }

    /// Tries again for as long as that.
    pub(super) fn limited_to(limit: Duration) -> Patience {
        Patience { limit, ..Patience::new() }
    }

    /// Sleeps where another attempt may help; otherwise returns the error.
    pub(super) async fn wait(&mut self, error: Error) -> Result<()> {
        let since = *self.since.get_or_insert_with(Instant::now);
        if !error::is_busy(&error) || since.elapsed() > self.limit {
            return Err(error);
        }
        tokio::time::sleep(self.pause).await;
        self.pause = (self.pause * 2).min(Duration::from_millis(100));
        Ok(())
    }
}
