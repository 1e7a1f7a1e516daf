//! The databases: one for each library, all with the same table.

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use kontract_test_support::{Database, execute, postgres_database, sqlite_database};
use queries_bench_peer::{Failure, Op, Peer, Runner, is_new};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    Postgres,
    Sqlite,
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Dialect::Postgres => "PostgreSQL",
            Dialect::Sqlite => "SQLite",
        })
    }
}

/// How many connections a pool has.
pub const POOL: usize = 10;

/// What Kontract makes of its struct, for those who make no tables.
const POSTGRES: &str = "CREATE TABLE users (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
    email TEXT NOT NULL, age INTEGER NOT NULL, bio TEXT, hair_color TEXT, created BIGINT NOT NULL, \
    version INTEGER NOT NULL DEFAULT 1); \
    CREATE UNIQUE INDEX users_email ON users (email); CREATE INDEX users_age ON users (age)";
const SQLITE: &str = "PRAGMA journal_mode = wal; \
    CREATE TABLE users (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, \
    email TEXT NOT NULL, age INTEGER NOT NULL, bio TEXT, hair_color TEXT, created INTEGER NOT NULL, \
    version INTEGER NOT NULL DEFAULT 1) STRICT; \
    CREATE UNIQUE INDEX users_email ON users (email); CREATE INDEX users_age ON users (age)";

/// What a connection to SQLite begins with: the same durability for all.
pub const PRAGMAS: &str = "PRAGMA synchronous = normal";

/// A database without tables.
pub fn empty(dialect: Dialect) -> Database {
    match dialect {
        Dialect::Postgres => postgres_database(),
        Dialect::Sqlite => sqlite_database(),
    }
}

/// A database with the table `users`.
pub fn with_table(dialect: Dialect) -> Database {
    let database = empty(dialect);
    let statements = if dialect == Dialect::Postgres { POSTGRES } else { SQLITE };
    execute(database.url(), statements);
    database
}

/// The path of a SQLite file.
pub fn path(url: &str) -> &str {
    url.trim_start_matches("sqlite:")
}

/// A library and its database.
pub struct Lane {
    pub name: &'static str,
    pub kind: Kind,
    pub peer: Box<dyn Rounds>,
    table: &'static str,
    database: Database,
}

/// What a line of the report is compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Kontract,
    /// Kontract in its other layout: compared with nothing.
    Documents,
    /// No library, but what libraries are built on.
    Driver,
    Library,
}

impl Lane {
    /// Fills the table.
    pub async fn new<P: Peer + 'static>(
        name: &'static str,
        kind: Kind,
        database: Database,
        peer: P,
    ) -> Result<Lane, Failure> {
        let peer = Runner::new(peer).await.map_err(|error| format!("{name}: {error}"))?;
        let table = if kind == Kind::Documents { "tbl_documents_df7492" } else { "users" };
        let lane = Lane { name, kind, peer: Box::new(peer), table, database };
        lane.remove_new_rows();
        Ok(lane)
    }

    /// One whose rounds run elsewhere, on a table that is filled.
    pub fn elsewhere(name: &'static str, database: Database, peer: Box<dyn Rounds>) -> Lane {
        Lane { name, kind: Kind::Library, peer, table: "users", database }
    }

    /// Leaves the rows that were there at the beginning, and no traces of others.
    pub fn remove_new_rows(&self) {
        let (url, table) = (self.database.url(), self.table);
        execute(url, &format!("DELETE FROM {table} WHERE {}", is_new()));
        if self.database.is_postgres() {
            execute(url, &format!("VACUUM ANALYZE {table}"))
        } else {
            execute(url, "PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE)")
        }
    }
}

/// The time of one round.
pub type Timed<'a> = Pin<Box<dyn Future<Output = Result<Duration, Failure>> + Send + 'a>>;

/// A peer, whichever it is.
pub trait Rounds: Send {
    /// See [`Runner::round`].
    fn round(&mut self, op: Op) -> Timed<'_>;
}

impl<P: Peer> Rounds for Runner<P> {
    fn round(&mut self, op: Op) -> Timed<'_> {
        Box::pin(Runner::round(self, op))
    }
}
