//! The databases behind one small interface: statements and their values in, rows out.
//!
//! Types of the drivers' crates are named below this module and nowhere else. A statement is printed once
//! and prepared once per connection; rows are read by position.

pub(crate) mod capabilities;
mod connection_error;
pub(crate) mod many_rows;
pub(crate) mod options;
pub(crate) mod postgres;
pub(crate) mod row_sink;
pub mod scratch_database;
pub(crate) mod shared_transaction;
pub(crate) mod sqlite;
pub(crate) mod statement;
pub(crate) mod stream;

use std::sync::Arc;

use kontract_schema::code;
use kontract_schema::dialect::Dialect;

use self::capabilities::QueryCapabilities;
use self::options::Transaction;
use self::postgres::Postgres;
use self::row_sink::{Collected, RowSink, Sink};
use self::sqlite::Sqlite;
use self::statement::{Decode, Done, Encode, PreparedStatement};
use crate::error::{Error, Kind, Result};

/// The dialect of the database at an address.
///
/// # Errors
/// [`Kind::Url`] where the scheme is neither of PostgreSQL nor of SQLite.
pub(crate) fn dialect_of_url(url: &str) -> Result<Dialect> {
    match url.split_once(':').map_or("", |(scheme, _)| scheme) {
        "postgres" | "postgresql" => Ok(Dialect::Postgres),
        "sqlite" => Ok(Dialect::Sqlite),
        _ => Err(Error::new(
            Kind::Url,
            "the connection string begins neither with `postgres:` nor with `sqlite:`",
        )
        .with_code(code::DATABASE_URL)
        .with_help("examples: `postgres://user@host/database`, `sqlite:app.db`")),
    }
}

/// The host and the name of the database at an address; without a host it is a file.
///
/// # Errors
/// [`Kind::Url`].
pub(crate) fn place_of_url(url: &str) -> Result<(Option<String>, String)> {
    match dialect_of_url(url)? {
        Dialect::Postgres => Postgres::place(url).map(|(host, database)| (Some(host), database)),
        Dialect::Sqlite => {
            let path = url.strip_prefix("sqlite:").unwrap_or(url);
            let path = path.split('?').next().unwrap_or_default();
            Ok((None, path.rsplit('/').next().unwrap_or_default().to_owned()))
        }
    }
}

/// Runs the same code on the driver of a database, whichever it is.
macro_rules! on_driver {
    ($backend:expr, $driver:ident => $work:expr) => {
        match $backend {
            $crate::driver::Backend::Postgres($driver) => $work,
            $crate::driver::Backend::Sqlite($driver) => $work,
        }
    };
}
pub(crate) use on_driver;

/// A database.
#[derive(Clone)]
pub(crate) enum Backend {
    Postgres(Postgres),
    Sqlite(Sqlite),
}

impl Backend {
    /// The database at that address. PostgreSQL is reached at the first statement.
    ///
    /// # Errors
    /// [`Kind::Url`]; what opening a SQLite file may fail with.
    pub(crate) fn open(url: &str) -> Result<Backend> {
        Ok(match dialect_of_url(url)? {
            Dialect::Postgres => Backend::Postgres(Postgres::new(url)?),
            Dialect::Sqlite => Backend::Sqlite(Sqlite::new(url)?),
        })
    }

    /// The database at that address, only to be read: a SQLite file is left without a trace.
    ///
    /// # Errors
    /// [`Kind::Url`].
    pub(crate) fn open_to_read(url: &str) -> Result<Backend> {
        Ok(match dialect_of_url(url)? {
            Dialect::Postgres => Backend::Postgres(Postgres::new(url)?),
            Dialect::Sqlite => Backend::Sqlite(Sqlite::untouched(url)?),
        })
    }

    /// The database at that address for SQL of other people: SQLite cannot reach other files. On
    /// PostgreSQL the role decides what it may do.
    ///
    /// # Errors
    /// [`Kind::Url`].
    pub(crate) fn open_confined(url: &str) -> Result<Backend> {
        Ok(match dialect_of_url(url)? {
            Dialect::Postgres => Backend::Postgres(Postgres::new(url)?),
            Dialect::Sqlite => Backend::Sqlite(Sqlite::confined(url)?),
        })
    }

    /// What it can do.
    pub(crate) fn capabilities(&self) -> &'static QueryCapabilities {
        QueryCapabilities::for_dialect(self.dialect())
    }

    /// Which one it is.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Backend::Postgres(_) => Dialect::Postgres,
            Backend::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Runs one statement in a transaction of its own: one round trip. Its rows replace those of the
    /// sink. Returns how many rows it changed.
    pub(crate) async fn run_into(
        &self,
        query: &Arc<PreparedStatement>,
        values: Encode<'_>,
        rows: &mut Sink,
    ) -> Result<u64> {
        self.check(query)?;
        match self {
            Backend::Postgres(postgres) => postgres.run(query, values, &mut **rows).await,
            Backend::Sqlite(sqlite) => sqlite.run(query, values, rows).await,
        }
    }

    /// Runs one statement as [`Backend::run_into`] does, if that takes no waiting; otherwise returns `None`.
    pub(crate) fn run_at_once(
        &self,
        query: &PreparedStatement,
        values: Encode<'_>,
        rows: &mut dyn RowSink,
    ) -> Option<Result<u64>> {
        match self {
            Backend::Postgres(_) => None,
            Backend::Sqlite(sqlite) => match self.check(query) {
                Ok(()) => sqlite.run_at_once(query, values, rows),
                Err(error) => Some(Err(error)),
            },
        }
    }

    /// Runs one statement as [`Backend::run_into`] does, for rows of a type known here.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        query: &Arc<PreparedStatement>,
        values: Encode<'_>,
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        let mut rows = Collected::sink(decode);
        let affected = self.run_into(query, values, &mut rows).await?;
        Ok(Done { rows: Collected::take(rows), affected })
    }

    /// Refuses a statement that cannot be run, or not here.
    pub(crate) fn check(&self, query: &PreparedStatement) -> Result<()> {
        query.check_values(self.dialect())?;
        if query.waits { self.check_apart() } else { Ok(()) }
    }

    /// Fails where the transaction around this task is of another handle: a statement could wait for it.
    pub(crate) fn check_apart(&self) -> Result<()> {
        on_driver!(self, driver => driver.check_apart())
    }

    /// Marks the transaction of this handle as failed, as after a statement that fails.
    pub(crate) async fn fail(&self) {
        on_driver!(self, driver => driver.fail().await)
    }

    /// The number that the transaction of this handle has, where a number is used again after a rollback.
    pub(crate) async fn own_transaction_id(&self) -> Option<i64> {
        match self {
            Backend::Postgres(_) => None,
            Backend::Sqlite(sqlite) => sqlite.own_transaction_id().await,
        }
    }

    /// Begins a transaction that several handles share; inside of another one, a savepoint.
    pub(crate) async fn begin(&self, options: &Transaction) -> Result<(Backend, Ending)> {
        match self {
            Backend::Postgres(postgres) => {
                let (inside, ending) = postgres.begin_shared(options).await?;
                let holds = (!options.read_only).then(|| inside.identity());
                let ending = Ending { holds, driver: DriverEnding::Postgres(ending) };
                Ok((Backend::Postgres(inside), ending))
            }
            Backend::Sqlite(sqlite) => {
                let (inside, ending) = sqlite.begin_shared(options).await?;
                let holds = sqlite.begins_as_writer(options).then(|| inside.identity());
                let ending = Ending { holds, driver: DriverEnding::Sqlite(ending) };
                Ok((Backend::Sqlite(inside), ending))
            }
        }
    }

    /// Closes all connections. What is under way ends first.
    pub(crate) async fn close(&self) {
        on_driver!(self, driver => driver.close().await)
    }
}

/// Ends a shared transaction or a savepoint of it. When it is dropped, the transaction is rolled back.
pub(crate) struct Ending {
    holds: Option<usize>,
    driver: DriverEnding,
}

enum DriverEnding {
    Postgres(shared_transaction::Ending<postgres::Lease>),
    Sqlite(shared_transaction::Ending<sqlite::Held>),
}

impl Ending {
    /// The database in which others may have to wait for the transaction.
    pub(crate) fn holds(&self) -> Option<usize> {
        self.holds
    }

    /// Whether the database reported a conflict with another transaction. SQLite has none: it has one
    /// writer at a time.
    pub(crate) fn met_another(&self) -> bool {
        match &self.driver {
            DriverEnding::Postgres(ending) => ending.met_another(),
            DriverEnding::Sqlite(ending) => ending.met_another(),
        }
    }

    /// Commits.
    pub(crate) async fn commit(self) -> Result<()> {
        match self.driver {
            DriverEnding::Postgres(ending) => ending.commit().await,
            DriverEnding::Sqlite(ending) => ending.commit().await,
        }
    }

    /// Rolls back.
    pub(crate) async fn rollback(self) {
        match self.driver {
            DriverEnding::Postgres(ending) => ending.rollback().await,
            DriverEnding::Sqlite(ending) => ending.rollback().await,
        }
    }
}
