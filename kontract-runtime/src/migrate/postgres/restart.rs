//! Waits for a server that restarts during a run, as `pg_ctl restart -m fast` does: its sessions end,
//! and it accepts none until it has started. Where only the session was terminated, the server
//! accepts the next one at once, and the run ends.

use std::time::{Duration, Instant};

use super::lock::Pause;
use crate::driver::postgres::{Postgres, Session};
use crate::error::{Error, Kind, Result};

/// Whether the server reported that it ended the session.
pub(super) fn may_restart(error: &Error) -> bool {
    error.database().is_some_and(|source| matches!(&*source.code, "57P01" | "57P02" | "57P03"))
}

/// Waits for a session of the server after its restart.
///
/// # Errors
/// The error that ended the session: the server does not restart, or takes too long.
pub(super) async fn await_restart(
    postgres: &Postgres,
    patience: Duration,
    ended: Error,
) -> Result<Session> {
    match postgres.session().await {
        Ok(session) => {
            session.close().await;
            return Err(ended);
        }
        Err(error) if *error.kind() != Kind::Connection => return Err(ended),
        Err(_) => {}
    }
    let (start, mut pause) = (Instant::now(), Pause::new());
    while start.elapsed() < patience {
        pause.wait().await;
        if let Ok(session) = postgres.session().await {
            return Ok(session);
        }
    }
    Err(ended)
}
