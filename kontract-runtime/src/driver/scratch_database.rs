//! A temporary database, for the command line.

use std::path::PathBuf;

use kontract_schema::code;
use kontract_schema::dialect::Dialect;

use super::dialect_of_url;
use super::postgres::Postgres;
use crate::error::{Error, Kind, Result};

/// An empty temporary database. [`Scratch::remove`] removes it.
#[derive(Debug)]
pub struct Scratch {
    url: String,
    target: Target,
}

/// What is removed at the end.
#[derive(Debug)]
enum Target {
    /// The directory of the file.
    Sqlite(PathBuf),
    /// A database beside the one at that address.
    Postgres { server: String, name: String },
}

impl Scratch {
    /// A SQLite file among the temporary files.
    ///
    /// # Errors
    /// The directory for temporary files cannot be written.
    pub fn sqlite() -> Result<Scratch> {
        let dir = std::env::temp_dir().join(name());
        std::fs::create_dir(&dir).map_err(|error| {
            let what = format!("the directory {} cannot be made: {error}", dir.display());
            Error::new(Kind::Database, what)
        })?;
        let url = format!("sqlite:{}", dir.join("scratch.db").display());
        Ok(Scratch { url, target: Target::Sqlite(dir) })
    }

    /// A database on the server of this address, beside the one that it names.
    ///
    /// # Errors
    /// Of the connection; the role may not create databases.
    pub async fn postgres(server: &str) -> Result<Scratch> {
        if dialect_of_url(server)? != Dialect::Postgres {
            let what = "the address is not that of a server of PostgreSQL";
            return Err(Error::new(Kind::Url, what).with_code(code::DATABASE_URL));
        }
        let name = name();
        let made = execute(server, &format!("CREATE DATABASE {name}")).await;
        made.map_err(|error| match error.database().map(|error| error.code.as_str()) {
            Some("42501") => error.with_help("name a role that may create databases"),
            _ => error,
        })?;
        let (server, url) = (server.to_owned(), with_database(server, &name));
        Ok(Scratch { url, target: Target::Postgres { server, name } })
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Removes it.
    ///
    /// # Errors
    /// It is still there.
    pub async fn remove(self) -> Result<()> {
        match self.target {
            Target::Sqlite(dir) => std::fs::remove_dir_all(&dir).map_err(|error| {
                let what = format!("the directory {} cannot be removed: {error}", dir.display());
                Error::new(Kind::Database, what)
            }),
            Target::Postgres { server, name } => {
                execute(&server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await
            }
        }
    }
}

/// A unique name.
fn name() -> String {
    format!("kontract_scratch_{}", uuid::Uuid::now_v7().simple())
}

async fn execute(url: &str, statement: &str) -> Result<()> {
    let mut session = Postgres::new(url)?.session().await?;
    let done = session.send(statement).await;
    session.close().await;
    done.map(|_| ())
}

/// The address with another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (scheme, rest) = address.split_once("://").unwrap_or(("postgres", address));
    let authority = rest.split('/').next().unwrap_or_default();
    let question = if parameters.is_empty() { "" } else { "?" };
    format!("{scheme}://{authority}/{name}{question}{parameters}")
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn another_database_of_the_same_server() {
        for (url, other) in [
            ("postgres://a:b@host:5432/app", "postgres://a:b@host:5432/x"),
            ("postgresql://host", "postgresql://host/x"),
            ("postgres://host/app?sslmode=require", "postgres://host/x?sslmode=require"),
        ] {
            assert_eq!(with_database(url, "x"), other);
        }
    }
}
