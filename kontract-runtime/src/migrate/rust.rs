//! Migrations in Rust: the trait that a file of `migrations/` implements, and its database.
//!
//! ```text
//! runner ──begin──▶ Running { up(&mut MigrationDb) } ──Event::Asks──▶ runner: a statement on its own connection
//!                        ▲                                                │
//!                        └────────────── rows, or how many changed ◀──────┘
//! ```
//!
//! The code never has the connection: it asks the runner, which has a transaction open and runs the
//! statements. So the same code works with a connection that lives on one thread (SQLite) and with
//! one that does not, and its changes commit or roll back together with its row in the history. The
//! lock file records which migrations are Rust, and the statements of
//! [`MigrationDb::update_schema`]; the build script reads the files.

mod running;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;
use kontract_schema::migration::manual;
use kontract_schema::migration::run_mode::Mode;
use kontract_schema::sqltext;
use tokio::sync::{mpsc, oneshot};

pub use crate::value::raw_columns::{Bind, Binds, Columns, Plain};

pub(super) use self::running::{Call, Event};
use super::failure::failure;
use super::statements::{self, Inside};
use crate::driver::statement::{self, BoundStatement, Done, PreparedStatement};
use crate::error::{Error, Kind, Result};

/// A migration that is written in Rust, in a file like `migrations/0006_rename_email.rs`. The build
/// script finds the file; `kontract migrate create --rs NAME` writes it from the pending changes.
///
/// ```
/// //! Addresses are kept in lower case from now on.
/// //!
/// //! kontract: covers users.email:removed
/// use kontract::Result;
/// use kontract::migrate::{Migration, MigrationDb};
///
/// pub struct RenameEmail;
///
/// impl Migration for RenameEmail {
///     async fn up(&self, db: &mut MigrationDb) -> Result<()> {
///         for (id, email) in db.query::<(String, String)>("SELECT id, email FROM users", ()).await? {
///             let mail = email.to_lowercase();
///             db.exec("UPDATE users SET mail = $1 WHERE id = $2", (mail, id)).await?;
///         }
///         db.update_schema().await
///     }
/// }
/// ```
///
/// The file contains one public unit struct that implements this trait, and whatever the struct
/// needs. Its statements and its row in the history are one transaction: an error or a panic rolls
/// back all of it. It should not use structs of the application, because they change, and a sealed
/// migration has to compile as long as its file exists.
pub trait Migration: Send + Sync + 'static {
    /// Applies the migration.
    ///
    /// # Errors
    /// An error ends the run and rolls back the migration.
    fn up(&self, db: &mut MigrationDb) -> impl Future<Output = Result<()>> + Send;

    /// Takes the migration back. A migration without this method cannot be taken back, which the
    /// lock file records.
    ///
    /// # Errors
    /// The errors of [`Migration::up`].
    fn down(&self, db: &mut MigrationDb) -> impl Future<Output = Result<()>> + Send {
        let _ = db;
        async { Err(failure(code::NO_WAY_BACK, "the migration has no `down`")) }
    }
}

impl Error {
    /// Creates the error of a Rust migration that refuses the data. The message is a lower-case
    /// sentence without a full stop.
    ///
    /// ```
    /// # use kontract_runtime::{Error, Result};
    /// fn year(text: &str) -> Result<i32> {
    ///     text.parse().map_err(|_| Error::migration("a year of table `books` is not a number"))
    /// }
    /// assert!(year("MMXX").is_err());
    /// ```
    pub fn migration(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
        Error::new(Kind::Migration, message)
    }
}

/// A Rust migration that is part of a program. Written by the build script.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct RustMigration {
    /// The name of its file.
    pub file: &'static str,
    /// The checksum of its file, as in the lock file.
    pub checksum: &'static str,
    /// The struct in it.
    pub code: &'static dyn Code,
}

impl fmt::Debug for RustMigration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RustMigration({})", self.file)
    }
}

/// The direction of a call.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Forward.
    Up,
    /// Back.
    Down,
}

/// A running call.
type Boxed<'a> = Pin<Box<dyn Future<Output = Result<()>> + Send + 'a>>;

/// A [`Migration`] as a type for trait objects.
#[doc(hidden)]
pub trait Code: Send + Sync {
    /// Calls the migration.
    fn run<'a>(&'a self, way: Way, db: &'a mut MigrationDb) -> Boxed<'a>;
}

impl<T: Migration> Code for T {
    fn run<'a>(&'a self, way: Way, db: &'a mut MigrationDb) -> Boxed<'a> {
        match way {
            Way::Up => Box::pin(self.up(db)),
            Way::Down => Box::pin(self.down(db)),
        }
    }
}

/// The database of a Rust migration, in the transaction of the migration.
///
/// A statement contains its values as `$1`, `$2` …, on both databases. Pass the values as a tuple,
/// or `()` for none.
pub struct MigrationDb {
    dialect: Dialect,
    /// The generated statements, until they have run.
    generated: Option<Vec<Statement>>,
    asks: mpsc::UnboundedSender<Request>,
}

/// A statement that the runner is to run.
pub(super) struct Request {
    pub(super) statement: Arc<Statement>,
    /// `None` if the text has neither values nor rows: then it may be several statements.
    pub(super) query: Option<BoundStatement>,
    reply: oneshot::Sender<Result<Done<statement::Columns>>>,
}

impl Request {
    /// Gives the answer to the code that waits for it.
    pub(super) fn answer(self, answer: Result<Done<statement::Columns>>) {
        // The code may have stopped waiting for the answer.
        let _ = self.reply.send(answer);
    }
}

impl MigrationDb {
    /// Returns which database it is, for statements that differ.
    ///
    /// ```
    /// # use kontract_runtime::{Dialect, MigrationDb, Result};
    /// # async fn up(db: &mut MigrationDb) -> Result<()> {
    /// match db.dialect() {
    ///     Dialect::Postgres => db.exec("ALTER SEQUENCE numbers RESTART", ()).await?,
    ///     Dialect::Sqlite => db.exec("DELETE FROM numbers", ()).await?,
    /// };
    /// # Ok(()) }
    /// ```
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Runs a statement, and returns the number of changed rows. Without values the text may be
    /// several statements, with a semicolon after each.
    ///
    /// # Errors
    /// The error of the database; [`Kind::Migration`] for a statement that a migration must not
    /// contain: `COMMIT`, or a statement that cannot run in a transaction.
    ///
    /// ```
    /// # use kontract_runtime::{MigrationDb, Result};
    /// # async fn up(db: &mut MigrationDb) -> Result<()> {
    /// let changed = db.exec("UPDATE posts SET status = $1 WHERE rating < $2", ("hidden", 1i64)).await?;
    /// db.exec("DELETE FROM tags; DELETE FROM labels", ()).await?;
    /// # let _ = changed; Ok(())
    /// # }
    /// ```
    pub async fn exec(&mut self, sql: &str, values: impl Binds) -> Result<u64> {
        let (text, _) = sqltext::numbered_parameters(self.dialect, sql);
        let statement = BoundStatement::change(&text, values, PreparedStatement::once)?;
        let query = statement.has_values().then_some(statement);
        self.ask(sql, query).await.map(|done| done.affected)
    }

    /// Runs a query, and returns its rows as tuples. A column that may be NULL is an `Option`.
    ///
    /// # Errors
    /// The errors of [`MigrationDb::exec`]; [`Kind::Decode`] if a column has another type
    /// than the tuple.
    ///
    /// ```
    /// # use kontract_runtime::{MigrationDb, Result};
    /// # async fn up(db: &mut MigrationDb) -> Result<()> {
    /// let sql = "SELECT id, email FROM users WHERE age > $1";
    /// for (id, email) in db.query::<(String, Option<String>)>(sql, (18.0,)).await? {
    /// #   let _: (String, Option<String>) = (id, email);
    ///     // …
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn query<R: Columns>(&mut self, sql: &str, values: impl Binds) -> Result<Vec<R>> {
        let (text, _) = sqltext::numbered_parameters(self.dialect, sql);
        let query = BoundStatement::query::<R>(&text, values, PreparedStatement::once)?;
        let done = self.ask(sql, Some(query)).await?;
        done.rows.into_iter().map(R::of_row).collect()
    }

    /// Runs the statements that were generated for the changes that the migration covers: in `up`
    /// the statements that make the changes, in `down` those that take them back. The lock file
    /// contains them, and `kontract plan` shows them. All other changes are made before the migration, or
    /// after it if they depend on it.
    ///
    /// ```
    /// # use kontract_runtime::{MigrationDb, Result};
    /// # async fn up(db: &mut MigrationDb) -> Result<()> {
    /// db.exec("DELETE FROM users WHERE name IS NULL", ()).await?;
    /// db.update_schema().await
    /// # }
    /// ```
    ///
    /// # Errors
    /// The errors of [`MigrationDb::exec`]; [`Kind::Migration`] if it was called before.
    pub async fn update_schema(&mut self) -> Result<()> {
        let Some(generated) = self.generated.take() else {
            return Err(failure(code::MIGRATION_FAILED, "`update_schema` has nothing to run, or was called before")
                .with_help("call it once, in a migration that covers changes; where no statement is generated for this direction, write it with `exec`"));
        };
        for statement in statements::read_together(&generated) {
            let Inside::Sql { statement, repeats } = statement else { continue };
            let statement = Arc::new(statement.into_owned());
            while self.send(Arc::clone(&statement), None).await?.affected > 0 && repeats {}
        }
        Ok(())
    }

    async fn ask(
        &mut self,
        sql: &str,
        query: Option<BoundStatement>,
    ) -> Result<Done<statement::Columns>> {
        if let Some(why) = manual::refused(self.dialect, sql) {
            return Err(failure(code::MIGRATION_FAILED, why)
                .with_help("leave the statement out, or write the migration as a file of SQL"));
        }
        self.send(Arc::new(Statement::read(self.dialect, Mode::Together, sql)), query).await
    }

    async fn send(
        &mut self,
        statement: Arc<Statement>,
        query: Option<BoundStatement>,
    ) -> Result<Done<statement::Columns>> {
        let ended = || failure(code::MIGRATION_FAILED, "the run of the migration has ended");
        let (reply, answer) = oneshot::channel();
        let request = Request { statement, query, reply };
        self.asks.send(request).map_err(|_| ended())?;
        answer.await.map_err(|_| ended())?
    }
}
