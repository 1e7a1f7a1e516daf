//! Reads a live database for the command line.
//!
//! The inspector only reads: it opens a SQLite file for reading and never creates one; on
//! PostgreSQL a role with read access is enough.

use kontract_schema::catalog::{Catalog, Foreign};
use kontract_schema::dialect::{Dialect, query_greatest_text};

use crate::driver::Backend;
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::migrate::catalog;
use crate::value::row::{Reader, field};
use crate::value::wire::{Scalar, Wire};

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
        catalog::read(&self.backend, expected).await
    }

    /// Reads the histories of all packages, oldest first. Empty if no program has run on the
    /// database.
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached.
    pub async fn history(&self) -> Result<Vec<Recorded>> {
        const TEXT: Wire = Wire::one(Scalar::Text);
        let text = "SELECT package, version, name, hash, state, tables \
                    FROM _kontract_migrations ORDER BY package, version";
        let outputs = vec![TEXT, Wire::one(Scalar::I32), TEXT, TEXT, TEXT, TEXT];
        let query = std::sync::Arc::new(PreparedStatement::raw(text, Vec::new(), outputs));
        match self.backend.run(&query, &|_| Ok(()), recorded).await {
            Ok(done) => Ok(done.rows),
            Err(error) if is_missing(&error) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Returns the last entry in the history of another migration tool, or `None` if it cannot be
    /// read.
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached.
    pub async fn last_of(&self, foreign: &Foreign) -> Result<Option<String>> {
        let Some(column) = foreign.column else { return Ok(None) };
        let text = query_greatest_text(self.dialect(), foreign.table, column);
        let query = PreparedStatement::raw(&text, Vec::new(), vec![Wire::one(Scalar::Text)]);
        let query = std::sync::Arc::new(query);
        match self.backend.run(&query, &|_| Ok(()), |from| field::<Option<String>>(from)).await {
            Ok(done) => Ok(done.rows.into_iter().next().flatten()),
            Err(error) if error.database().is_some() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Closes the connections.
    pub async fn close(self) {
        self.backend.close().await;
    }
}

fn recorded(from: &mut dyn Reader) -> Result<Recorded> {
    Ok(Recorded {
        package: field(from)?,
        version: field(from)?,
        name: field(from)?,
        hash: field(from)?,
        state: field(from)?,
        tables: serde_json::from_str(&field::<String>(from)?).unwrap_or_default(),
    })
}

/// Returns whether the table of the history is missing. PostgreSQL has a code for that; SQLite has
/// one code for all errors in a statement.
fn is_missing(error: &Error) -> bool {
    error.database().is_some_and(|error| {
        error.code == "42P01" || error.message.starts_with("no such table: _kontract_migrations")
    })
}
