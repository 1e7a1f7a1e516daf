//! The database that the arguments mean.

use kontract_runtime::inspect::Inspector;

use crate::args::Global;
use crate::failure::Failure;

/// Its address.
///
/// # Errors
/// Nobody says which it is.
pub fn url(global: &Global) -> Result<&str, Failure> {
    let url = global.database_url.as_deref().filter(|url| !url.is_empty());
    url.ok_or_else(|| {
        Failure::new("no database is named")
            .help("say which: `--database-url URL`, or the variable DATABASE_URL")
            .help("examples: `postgres://user@host/database`, `sqlite:app.db`")
    })
}

/// Runs what talks to a database.
///
/// # Errors
/// Those of the work.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .map_err(|error| Failure::new(format!("no thread can be started: {error}")))?
        .block_on(work)
}

/// Asks the database something, and closes it.
///
/// # Errors
/// Nobody says which it is, it cannot be reached, or it does not answer.
pub fn inspect<T>(
    global: &Global,
    ask: impl AsyncFnOnce(&Inspector) -> kontract_runtime::Result<T>,
) -> Result<T, Failure> {
    let url = url(global)?;
    block_on(async {
        let inspector = Inspector::open(url)?;
        let answer = ask(&inspector).await;
        inspector.close().await;
        Ok(answer?)
    })
}
