//! The databases behind one small interface: statements and their values in, rows out.
//!
//! Below this module, and nowhere else, stand the names of drivers. A statement is printed once
//! and prepared once per connection; rows are read by position.

pub(crate) mod postgres;
pub(crate) mod sqlite;
pub(crate) mod stream;

use std::sync::Arc;

use kontract_schema::dialect::{Dialect, dml};
use kontract_schema::sql::dml::Statement;

use crate::error::Result;
use crate::record::{Binder, Reader};
use crate::transaction::Transaction;
use crate::wire::Wire;

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
    /// Whether it may return many rows, or look at many.
    pub(crate) long: bool,
    /// Whether it runs once: PostgreSQL does not keep it prepared, for a table may change before the
    /// same text comes again.
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
            long: false,
            once: false,
            txid: None,
            place: None,
        }
    }

    /// The same for a statement that changes rows.
    pub(crate) fn writing(mut self) -> Query {
        self.writes = true;
        self
    }

    /// The same for a statement that runs once.
    pub(crate) fn once(mut self) -> Query {
        self.once = true;
        self
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
        match self {
            Backend::Postgres(postgres) => postgres.run(query, values, decode).await,
            Backend::Sqlite(sqlite) => sqlite.run(query, values, decode).await,
        }
    }

    /// Begins a transaction that several handles share; inside of another one a savepoint of that.
    pub(crate) async fn begin(&self, options: &Transaction) -> Result<(Backend, Ending)> {
        match self {
            Backend::Postgres(postgres) => {
                let (inside, ending) = postgres.begin_shared(options).await?;
                let identity = inside.identity();
                Ok((Backend::Postgres(inside), Ending::Postgres(ending, identity)))
            }
            Backend::Sqlite(sqlite) => {
                let (inside, ending) = sqlite.begin_shared(options).await?;
                let identity = inside.identity();
                Ok((Backend::Sqlite(inside), Ending::Sqlite(ending, identity)))
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
    Postgres(postgres::Ending, usize),
    Sqlite(sqlite::Ending, usize),
}

impl Ending {
    /// Which database the transaction is of.
    pub(crate) fn database(&self) -> usize {
        match self {
            Ending::Postgres(_, identity) | Ending::Sqlite(_, identity) => *identity,
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
