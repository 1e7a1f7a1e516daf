//! Reads a live database for the command line.
//!
//! The inspector only reads: it opens a SQLite file for reading and never creates one; on
//! PostgreSQL a role with read access is enough.

use kontract_schema::catalog::{Catalog, Foreign, Prerequisite};
use kontract_schema::dialect::{Dialect, query_greatest_text};

use crate::driver::{Backend, on_driver};
use crate::error::Result;
use crate::migrate::executor::Queries;
use crate::migrate::runner::Runner;
use crate::migrate::tracking::is_missing_table;

/// A database that is only read.
pub struct Inspector {
    backend: Backend,
}

/// A row of the migration history of any package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The package that the migration belongs to.
    pub package: String,
    /// The version of the migration.
    pub version: i32,
    /// The name of the migration.
    pub name: String,
    /// The hash of the migration in the lock file.
    pub hash: String,
    /// The state: `done`, `draft`, or another state that the runner writes.
    pub state: String,
    /// The physical names of the package's tables.
    pub tables: Vec<String>,
}

impl Inspector {
    /// Opens the database at that address for reading. The first query connects to it.
    ///
    /// ```
    /// # use kontract_runtime::inspect::Inspector;
    /// assert!(Inspector::open("postgres://localhost/app").is_ok());
    /// assert!(Inspector::open("mysql://localhost/app").is_err());
    /// ```
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url) if the address is invalid.
    pub fn open(url: &str) -> Result<Inspector> {
        Ok(Inspector { backend: Backend::open_to_read(url)? })
    }

    /// Returns which database it is.
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// Reads the definitions of all tables; on PostgreSQL those of the current schema. With an
    /// expected catalogue, an expression that PostgreSQL considers equal to the expected one reads
    /// like it. That check creates a temporary table and rolls it back.
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached.
    pub async fn catalog(&self, expected: Option<&Catalog>) -> Result<Catalog> {
        on_driver!(&self.backend, driver => driver.read_catalog(expected).await)
    }

    /// Reads the objects that tables of PostgreSQL need and that no struct creates: extensions, functions,
    /// domains and other types.
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached.
    pub async fn prerequisites(&self) -> Result<Vec<Prerequisite>> {
        on_driver!(&self.backend, driver => driver.read_prerequisites().await)
    }

    /// Reads the histories of all packages, oldest first. Empty if no program has run on the
    /// database.
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached.
    pub async fn history(&self) -> Result<Vec<Recorded>> {
        let text = "SELECT package, version, name, hash, state, tables \
                    FROM _kontract_migrations ORDER BY package, version";
        type Row = (String, i32, String, String, String, String);
        let rows: Vec<Row> = match self.backend.clone().fetch(text, ()).await {
            Err(error) if is_missing_table(&error) => Vec::new(),
            rows => rows?,
        };
        let recorded = |(package, version, name, hash, state, tables): Row| {
            let tables = serde_json::from_str(&tables).unwrap_or_default();
            Recorded { package, version, name, hash, state, tables }
        };
        Ok(rows.into_iter().map(recorded).collect())
    }

    /// Returns the last entry in the history of another migration tool, or `None` if it cannot be
    /// read.
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached.
    pub async fn last_of(&self, foreign: &Foreign) -> Result<Option<String>> {
        let Some(column) = foreign.column else { return Ok(None) };
        let text = query_greatest_text(self.dialect(), foreign.table, column);
        match self.backend.clone().fetch::<(Option<String>,)>(&text, ()).await {
            Ok(rows) => Ok(rows.into_iter().find_map(|(last,)| last)),
            Err(error) if error.database().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Closes the connections.
    pub async fn close(self) {
        self.backend.close().await;
    }
}
