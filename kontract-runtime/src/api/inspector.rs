//! A live database as the command line reads it.
//!
//! It only reads: a SQLite file is opened for reading and never created; on PostgreSQL a role that may
//! read is enough.

use kontract_schema::catalog::{Catalog, Foreign};
use kontract_schema::dialect::{Dialect, greatest_text};

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

/// A row of the history that the runner keeps, of any package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The package that the migration belongs to.
    pub package: String,
    /// Its version.
    pub version: i32,
    /// Its name.
    pub name: String,
    /// Its hash in the lock file.
    pub hash: String,
    /// `done` or `draft`, and what else a runner writes.
    pub state: String,
    /// The physical names of the package's tables.
    pub tables: Vec<String>,
}

impl Inspector {
    /// Opens the database at that address for reading.
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url) where the address cannot be understood. The database is
    /// reached at the first question.
    pub fn open(url: &str) -> Result<Inspector> {
        Ok(Inspector { backend: Backend::open_to_read(url)? })
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// Everything that is in its tables' definitions: of the current schema on PostgreSQL. With a
    /// catalogue to compare with, an expression that PostgreSQL prints alike reads alike; that is
    /// asked on a temporary table, which is taken back.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn catalog(&self, expected: Option<&Catalog>) -> Result<Catalog> {
        catalog::read(&self.backend, expected).await
    }

    /// The histories of all packages, oldest first; empty where no program ever ran.
    ///
    /// # Errors
    /// Of the connection.
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

    /// The last entry in the history of another tool; `None` where it cannot be read.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn last_of(&self, foreign: &Foreign) -> Result<Option<String>> {
        let Some(column) = foreign.column else { return Ok(None) };
        let text = greatest_text(self.dialect(), foreign.table, column);
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

/// Whether the table of the history is missing: PostgreSQL has a code for that, SQLite one code for
/// all mistakes.
fn is_missing(error: &Error) -> bool {
    error.database().is_some_and(|error| {
        error.code == "42P01" || error.message.starts_with("no such table: _kontract_migrations")
    })
}
