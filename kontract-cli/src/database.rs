//! The database that the arguments mean.

use kontract_runtime::inspect::Inspector;

use crate::args::Global;
use crate::failure::Failure;

/// The address of the database.
///
/// # Errors
/// The arguments and the environment name no database.
pub fn url(global: &Global) -> Result<&str, Failure> {
    let url = global.database_url.as_deref().filter(|url| !url.is_empty());
    url.ok_or_else(|| {
        Failure::new("no database is given")
            .help("name it with `--database-url URL` or the variable DATABASE_URL")
            .help("examples: `postgres://user@host/database`, `sqlite:app.db`")
    })
}

/// Runs async work on the current thread.
///
/// # Errors
/// The work fails.
pub fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .map_err(|error| Failure::new(format!("the async runtime cannot be started: {error}")))?
        .block_on(work)
}

/// Reads something from the database, and closes the connection.
///
/// # Errors
/// No database is given, or it cannot be reached or read.
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
