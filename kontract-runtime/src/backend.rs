//! The databases behind one small interface: statements and their values in, rows out.
//!
//! Below this module, and nowhere else, stand the names of drivers. A statement is printed once
//! and prepared once per connection; rows are read by position.

pub(crate) mod postgres;
mod savepoints;
pub(crate) mod sqlite;
pub(crate) mod stream;

use std::sync::Arc;

use kontract_schema::dialect::{Dialect, dml};
use kontract_schema::sql::dml::Statement;

use crate::error::{Error, Kind, Result};
use crate::record::{Binder, Reader};
use crate::transaction::Transaction;
use crate::wire::Wire;

/// All connections are in use, and stay so.
fn none_free() -> Error {
    Error::new(Kind::Timeout, "no connection became free in time").with_code("K0410")
}

/// A printed statement, and how its values travel.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) text: Arc<str>,
    /// The caller's parameters, in order.
    pub(crate) params: Vec<Wire>,
    /// The columns of the rows.
    pub(crate) outputs: Vec<Wire>,
    /// Whether it changes rows.
    pub(crate) writes: bool,
    /// Whether it may wait for what a transaction has changed or locked.
    pub(crate) waits: bool,
    /// Whether it may return many rows, or look at many.
    pub(crate) long: bool,
    /// Whether it runs once: it is not kept prepared, for a table may change before the same text comes
    /// again.
    pub(crate) once: bool,
    /// SQLite: the numbers of the parameters that the backend supplies.
    txid: Option<usize>,
    place: Option<usize>,
}

impl Query {
    /// Prints a statement.
    pub(crate) fn new(
        dialect: Dialect,
        statement: &Statement,
        params: Vec<Wire>,
        outputs: Vec<Wire>,
    ) -> Query {
        let printed = dml::print(dialect, statement, params.len());
        Query {
            text: printed.text.into(),
            writes: !matches!(statement, Statement::Select(_)),
            waits: !matches!(statement, Statement::Select(select) if select.lock.is_none()),
            long: false,
            once: false,
            params,
            outputs,
            txid: printed.txid,
            place: printed.place,
        }
    }

    /// A statement of the runner, whose text is a constant.
    pub(crate) fn raw(text: &str, params: Vec<Wire>, outputs: Vec<Wire>) -> Query {
        Query {
            text: text.into(),
            params,
            outputs,
            writes: false,
            waits: false,
            long: false,
            once: false,
            txid: None,
            place: None,
        }
    }

    /// The same for a statement that changes rows.
    pub(crate) fn writing(mut self) -> Query {
        self.writes = true;
        self.waits = true;
        self
    }

    /// The same for a statement that waits for no transaction.
    pub(crate) fn never_waiting(mut self) -> Query {
        self.waits = false;
        self
    }

    /// The same for a statement that runs once.
    pub(crate) fn once(mut self) -> Query {
        self.once = true;
        self
    }

    /// Refuses more values than the database takes.
    pub(crate) fn check_values(&self, dialect: Dialect) -> Result<()> {
        let (name, most) = match dialect {
            Dialect::Postgres => ("PostgreSQL", 65_535),
            Dialect::Sqlite => ("SQLite", 32_766),
        };
        let count = self.params.len();
        if count <= most {
            return Ok(());
        }
        let what = format!("the statement has {count} values, and {name} takes {most}");
        let help = "the list of an `is_in` is one value, whatever its length; otherwise send several statements";
        Err(Error::value(what).with_help(help))
    }

    /// The same for a statement that may look at many rows.
    pub(crate) fn long(mut self) -> Query {
        self.long = true;
        self
    }
}

/// Writes the values of a statement.
pub(crate) type Encode<'a> = &'a (dyn Fn(&mut dyn Binder) -> Result<()> + Sync);

/// Reads a row.
pub(crate) type Decode<T> = fn(&mut dyn Reader) -> Result<T>;

/// What a statement did: its rows, and how many rows it changed.
pub(crate) struct Done<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) affected: u64,
}

/// A database.
#[derive(Clone)]
pub(crate) enum Backend {
    Postgres(postgres::Postgres),
    Sqlite(sqlite::Sqlite),
}

impl Backend {
    /// Which one it is.
    pub(crate) fn dialect(&self) -> Dialect {
        match self {
            Backend::Postgres(_) => Dialect::Postgres,
            Backend::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Runs one statement in a transaction of its own: one round trip.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        query: &Arc<Query>,
        values: Encode<'_>,
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        self.check(query)?;
        match self {
            Backend::Postgres(postgres) => postgres.run(query, values, decode).await,
            Backend::Sqlite(sqlite) => sqlite.run(query, values, decode).await,
        }
    }

    /// Refuses a statement that cannot be run, or not here.
    pub(crate) fn check(&self, query: &Query) -> Result<()> {
        query.check_values(self.dialect())?;
        if query.waits { self.check_apart() } else { Ok(()) }
    }

    /// Refuses what could wait for the transaction around this task, which waits for it.
    pub(crate) fn check_apart(&self) -> Result<()> {
        match self {
            Backend::Postgres(postgres) => postgres.check_apart(),
            Backend::Sqlite(sqlite) => sqlite.check_apart(),
        }
    }

    /// Ends the transaction that all statements run in, if there is one, as a statement that fails
    /// would.
    pub(crate) async fn fail(&self) {
        match self {
            Backend::Postgres(postgres) => postgres.fail().await,
            Backend::Sqlite(sqlite) => sqlite.fail().await,
        }
    }

    /// Begins a transaction that several handles share; inside of another one a savepoint of that.
    pub(crate) async fn begin(&self, options: &Transaction) -> Result<(Backend, Ending)> {
        match self {
            Backend::Postgres(postgres) => {
                let (inside, ending) = postgres.begin_shared(options).await?;
                let holds = (!options.read_only).then(|| inside.identity());
                Ok((Backend::Postgres(inside), Ending::Postgres(ending, holds)))
            }
            Backend::Sqlite(sqlite) => {
                let (inside, ending) = sqlite.begin_shared(options).await?;
                let holds = sqlite.begins_as_writer(options).then(|| inside.identity());
                Ok((Backend::Sqlite(inside), Ending::Sqlite(ending, holds)))
            }
        }
    }

    /// Closes all connections. What is under way ends first.
    pub(crate) async fn close(&self) {
        match self {
            Backend::Postgres(postgres) => postgres.close().await,
            Backend::Sqlite(sqlite) => sqlite.close().await,
        }
    }
}

/// How a shared transaction ends. Dropped, it rolls back.
pub(crate) enum Ending {
    Postgres(postgres::Ending, Option<usize>),
    Sqlite(sqlite::Ending, Option<usize>),
}

impl Ending {
    /// The database in which others may have to wait for the transaction.
    pub(crate) fn holds(&self) -> Option<usize> {
        match self {
            Ending::Postgres(_, holds) | Ending::Sqlite(_, holds) => *holds,
        }
    }

    /// Whether the database said that the transaction met another one.
    pub(crate) fn met_another(&self) -> bool {
        match self {
            Ending::Postgres(ending, _) => ending.met_another(),
            // There is one writer at a time.
            Ending::Sqlite(..) => false,
        }
    }

    pub(crate) async fn commit(self) -> Result<()> {
        match self {
            Ending::Postgres(ending, _) => ending.commit().await,
            Ending::Sqlite(ending, _) => ending.commit().await,
        }
    }

    pub(crate) async fn rollback(self) {
        match self {
            Ending::Postgres(ending, _) => ending.rollback().await,
            Ending::Sqlite(ending, _) => ending.rollback().await,
        }
    }
}

/// For statements without rows.
pub(crate) fn no_rows(_: &mut dyn Reader) -> Result<()> {
    Ok(())
}
