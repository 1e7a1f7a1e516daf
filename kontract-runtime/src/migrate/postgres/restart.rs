//! A server that restarts in the middle of a run, as `pg_ctl restart -m fast` does: its sessions end,
//! and until it is there again it takes none. A session that somebody ended by itself is another
//! thing: then the server takes the next one at once, and the run is over.

use std::time::{Duration, Instant};

use super::lock::Pause;
use crate::driver::postgres::{Postgres, Session};
use crate::error::{Error, Kind, Result};

/// Whether the server said that it ended the session.
pub(super) fn may_be(error: &Error) -> bool {
    error.database().is_some_and(|said| matches!(&*said.code, "57P01" | "57P02" | "57P03"))
}

/// A session of the server after its restart. What was committed by then is in its history.
///
/// # Errors
/// What ended the session: the server does not restart, or takes too long.
pub(super) async fn awaited(
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
