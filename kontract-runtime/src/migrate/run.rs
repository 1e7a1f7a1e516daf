//! The entry to the two databases.

use std::sync::Arc;

use super::target::Target;
use super::{postgres, sqlite};
use crate::driver::Backend;
use crate::error::Result;

/// Brings a database to the target. Returns the titles of the steps that were done.
///
/// # Errors
/// The errors of deciding and running the steps.
pub(super) async fn run(backend: &Backend, target: &Arc<Target>) -> Result<Vec<String>> {
    match backend {
        Backend::Postgres(postgres) => postgres::run(postgres, target).await,
        Backend::Sqlite(sqlite) => sqlite::run(sqlite, target).await,
    }
}

/// Drops the tables of a package, and its history. Returns the tables.
///
/// # Errors
/// Something that is not Kontract's depends on a table.
pub(super) async fn reset(backend: &Backend, target: &Target) -> Result<Vec<String>> {
    match backend {
        Backend::Postgres(postgres) => postgres::reset(postgres, target).await,
        Backend::Sqlite(sqlite) => sqlite::reset(sqlite, target).await,
    }
}

/// Runs a script in one transaction. `what` names it in messages.
///
/// # Errors
/// A statement fails, or ends the transaction.
pub(super) async fn seed(backend: &Backend, what: &str, script: &str) -> Result<()> {
    match backend {
        Backend::Postgres(postgres) => postgres::seed(postgres, what, script).await,
        Backend::Sqlite(sqlite) => sqlite::seed(sqlite, what, script).await,
    }
}

/// Restores the counters of a SQLite database; PostgreSQL has sequences.
///
/// # Errors
/// The errors of the database.
pub(super) async fn restore_counters(backend: &Backend) -> Result<()> {
    match backend {
        Backend::Postgres(_) => Ok(()),
        Backend::Sqlite(sqlite) => sqlite::restore_counters(sqlite).await,
    }
}

/// Creates the table of a `standalone` struct, which no registry lists.
///
/// # Errors
/// The errors of the database.
pub(crate) async fn create_standalone(
    backend: &Backend,
    postgres: &'static [&'static str],
    sqlite: &'static [&'static str],
) -> Result<()> {
    match backend {
        Backend::Postgres(pool) => {
            let mut session = pool.session().await?;
            let created = session.in_transaction(postgres).await;
            session.close().await;
            created
        }
        Backend::Sqlite(pool) => sqlite::create_standalone(pool, sqlite).await,
    }
}
