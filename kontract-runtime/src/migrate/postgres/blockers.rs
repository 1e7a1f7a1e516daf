//! Finds the sessions that a step waits for: on a second connection, while the step waits. After the
//! time limit of the step they can no longer be found.

use std::pin::pin;
use std::time::Duration;

use kontract_schema::code;

use crate::driver::postgres::{Postgres, Session};
use crate::error::{Error, Kind, Result};
use crate::migrate::executor::Queries;

/// Does some work of the session with that process id. Returns its result, and the sessions that it
/// waited for last, if any. Work that is done soon is not watched.
pub(super) async fn watched<T>(
    postgres: &Postgres,
    process: Option<i32>,
    patience: Duration,
    work: impl Future<Output = Result<T>>,
) -> (Result<T>, Option<String>) {
    let Some(process) = process else { return (work.await, None) };
    let mut seen = None;
    let mut work = pin!(work);
    let done = {
        let mut watch = pin!(watch(postgres, process, patience / 2, &mut seen));
        tokio::select! {
            biased;
            done = &mut work => Some(done),
            () = &mut watch => None,
        }
    };
    // The watch ends where it cannot go on.
    let done = match done {
        Some(done) => done,
        None => work.await,
    };
    (done, seen)
}

/// Looks repeatedly. An error here is not an error of the step.
async fn watch(postgres: &Postgres, process: i32, pause: Duration, seen: &mut Option<String>) {
    tokio::time::sleep(pause).await;
    let Ok(mut session) = postgres.session().await else { return };
    while let Ok(found) = holders(&mut session, process).await {
        if found.is_some() {
            *seen = found;
        }
        tokio::time::sleep(pause).await;
    }
}

async fn holders(session: &mut Session, process: i32) -> Result<Option<String>> {
    let text = format!(
        "SELECT string_agg(format('the session %s (`%s`, %s, %s s in its transaction)', a.pid, \
         a.application_name, coalesce(a.state, 'not shown'), \
         coalesce(extract(epoch FROM clock_timestamp() - a.xact_start)::bigint, 0)), ', ' ORDER BY a.pid) \
         FROM unnest(pg_blocking_pids({process})) AS b (pid) \
         JOIN pg_catalog.pg_stat_activity a ON a.pid = b.pid"
    );
    let found: Vec<(Option<String>,)> = session.fetch(&text, ()).await?;
    Ok(found.into_iter().find_map(|(sessions,)| sessions))
}

/// Adds the sessions that hold the locks to the error of a step that did not get them.
pub(super) fn explain_timeout(title: &str, error: Error, seen: Option<String>) -> Error {
    let waited = *error.kind() == Kind::Timeout
        && error.database().is_some_and(|source| source.code == "55P03");
    let Some(source) = error.database().filter(|_| waited).cloned() else { return error };
    let who = seen.unwrap_or_else(|| "another session".to_owned());
    Error::new(Kind::Timeout, format!("{title} waited for a lock that is held by {who}"))
        .with_code(code::TABLE_BLOCKED)
        .with_source(source)
        .with_help("wait for it or end it, `SELECT pg_terminate_backend(…)`; then start again")
}
