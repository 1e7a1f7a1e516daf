//! What a program's storage stands on: the connection, the registry, and handles to tables.

use std::sync::Arc;

use kontract_schema::dialect::Dialect;

use crate::backend::{Backend, postgres::Postgres, sqlite::Sqlite};
use crate::error::{Error, Kind, Result};
use crate::migrate;
use crate::migrate::manage::Migrator;
use crate::migrate::rust::RustMigration;
use crate::record::Record;
use crate::table::{Shared, Table};

/// What a program expects of its database. Written by the build script.
pub struct Registry {
    /// The package, under which the database keeps the history.
    pub package: &'static str,
    /// The version of the newest sealed migration.
    pub version: u32,
    /// Its hash; empty before the first.
    pub head: &'static str,
    /// The hash of the draft, where there is one.
    pub draft: Option<&'static str>,
    /// The text of the lock file.
    pub lock: &'static str,
    /// Whether the program was built with debug assertions.
    pub debug: bool,
    /// The migrations that are Rust.
    pub migrations: &'static [RustMigration],
}

/// A storage with a registry.
pub trait HasRegistry {
    /// What it expects of its database.
    const REGISTRY: &'static Registry;
}

/// An open database. The generated `Storage` derefs to it.
#[derive(Clone)]
pub struct Base {
    shared: Arc<Shared>,
    registry: Option<&'static Registry>,
    ahead: Option<u32>,
}

/// Which database an address is of.
pub(crate) fn scheme(url: &str) -> Result<Dialect> {
    match url.split_once(':').map_or("", |(scheme, _)| scheme) {
        "postgres" | "postgresql" => Ok(Dialect::Postgres),
        "sqlite" => Ok(Dialect::Sqlite),
        _ => Err(Error::new(
            Kind::Url,
            "the connection string begins neither with `postgres:` nor with `sqlite:`",
        )
        .with_code("K0411")
        .with_help("examples: `postgres://user@host/database`, `sqlite:app.db`")),
    }
}

impl Base {
    /// Opens the database at that address and brings it up to date with the registry.
    ///
    /// # Errors
    /// [`Kind::Url`], [`Kind::Connection`], [`Kind::Denied`], [`Kind::NoDatabase`] where it cannot
    /// be opened; [`Kind::Migration`] where its schema and the program's do not go together.
    pub async fn connect(url: &str, registry: &'static Registry) -> Result<Base> {
        let mut base = Base::open(url).await?;
        match base.bring_up_to_date(registry).await {
            Ok(()) => Ok(base),
            Err(error) => {
                base.close().await;
                Err(error)
            }
        }
    }

    /// What [`Base::connect`] does beside [`Base::open`].
    ///
    /// # Errors
    /// As [`Base::connect`].
    #[doc(hidden)]
    pub async fn bring_up_to_date(&mut self, registry: &'static Registry) -> Result<()> {
        self.registry = Some(registry);
        self.ahead = migrate::bring_up_to_date(&self.shared.backend, registry).await?;
        Ok(())
    }

    /// The version of the database where a newer program has brought it further than this one
    /// knows, and this one goes on beside it, because everything since was only added. `None`
    /// where the two are at the same version.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> kontract::Result<()> {
    /// # let storage = kontract::Base::open("sqlite::memory:").await?;
    /// if let Some(version) = storage.behind() {
    ///     eprintln!("the database is at version {version}: this program will soon be replaced");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn behind(&self) -> Option<u32> {
        self.ahead
    }

    /// Opens the database at that address as it is: for tables that are `standalone`.
    ///
    /// # Errors
    /// As [`Base::connect`], except of the schema. PostgreSQL is reached at the first statement.
    pub async fn open(url: &str) -> Result<Base> {
        let backend = match scheme(url)? {
            Dialect::Postgres => Backend::Postgres(Postgres::new(url)?),
            Dialect::Sqlite => Backend::Sqlite(Sqlite::new(url)?),
        };
        Ok(Base { shared: Arc::new(Shared { backend }), registry: None, ahead: None })
    }

    /// What `Storage::migrator` does.
    ///
    /// # Errors
    /// [`Kind::Url`]; [`Kind::Migration`] where the lock file in the program cannot be read.
    #[doc(hidden)]
    pub fn migrator(url: &str, registry: &'static Registry) -> Result<Migrator> {
        Migrator::of_program(url, registry)
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.shared.backend
    }

    /// The same on another connection.
    pub(crate) fn on(&self, backend: Backend) -> Base {
        Base { shared: Arc::new(Shared { backend }), ..self.clone() }
    }

    /// The handle of a table.
    pub fn table<R: Record>(&self) -> Table<R> {
        Table::new(Arc::clone(&self.shared))
    }

    /// Creates the table of a `standalone` struct, and its indexes, unless they are there.
    ///
    /// # Errors
    /// [`Kind::Database`] where the database refuses.
    pub async fn create<R: Record>(&self) -> Result<()> {
        self.shared.backend.check_apart()?;
        migrate::create_alone(&self.shared.backend, R::CREATE_POSTGRES, R::CREATE_SQLITE).await
    }

    /// Compares the tables of the database with those of the lock file. Without a registry there is
    /// nothing to compare with.
    ///
    /// # Errors
    /// [`Kind::Migration`] that names what is missing or different.
    pub async fn verify(&self) -> Result<()> {
        match self.registry {
            Some(registry) => migrate::verify(&self.shared.backend, registry).await,
            None => Ok(()),
        }
    }

    /// Closes all connections. What is under way ends first; later operations fail.
    pub async fn close(&self) {
        self.shared.backend.close().await;
    }
}
