//! The storage of a program: the connection, the registry, and handles to tables.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::access::Access;
use super::table::{KeylessTable, Table};
use super::transaction::{Connection, transaction};
use crate::driver::options::Transaction;
use crate::driver::{Backend, on_driver};
use crate::error::Result;
use crate::migrate;
use crate::migrate::manage::Migrator;
use crate::migrate::registry::Registry;
use crate::migrate::runner::Runner;
use crate::sql::record::{Keyed, Record};

/// An open database. The generated `Storage` dereferences to it.
///
/// ```
/// # use kontract_doc_tables::*; storage_example(async |storage| {
/// let done = storage
///     .transaction(async |tx| tx.table::<Task>().query(Task::done.eq(true)).count().await)
///     .await?;
/// assert_eq!(done, 1);
/// # Ok(()) })
/// ```
#[derive(Clone)]
pub struct Base {
    access: Arc<Access>,
    registry: Option<&'static Registry>,
    ahead: Option<u32>,
}

impl Base {
    /// Opens the database at that address and migrates it to the schema of the registry. The function
    /// `Storage::connect(url)`, which `storage!()` brings in, calls it.
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url), [`Kind::Connection`](crate::Kind::Connection),
    /// [`Kind::Denied`](crate::Kind::Denied), [`Kind::NoDatabase`](crate::Kind::NoDatabase) if it
    /// cannot be opened; [`Kind::Migration`](crate::Kind::Migration) if its schema does not match
    /// the program's, or a migration fails.
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

    /// Does the second part of [`Base::connect`], after [`Base::open`]: migrates the database to
    /// the schema of the registry.
    ///
    /// # Errors
    /// The errors of [`Base::connect`].
    #[doc(hidden)]
    pub async fn bring_up_to_date(&mut self, registry: &'static Registry) -> Result<()> {
        self.registry = Some(registry);
        self.ahead = bring_up_to_date(self.backend(), registry).await?;
        Ok(())
    }

    /// Returns the version of the database if a newer program has migrated it beyond the version
    /// that this program knows. This program keeps running, because the newer migrations only add
    /// to the schema. `None` if both are at the same version.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> kontract::Result<()> {
    /// # let storage = kontract::storage::Base::open("sqlite::memory:").await?;
    /// if let Some(version) = storage.behind() {
    ///     eprintln!("the database is at version {version}: this program will soon be replaced");
    /// }
    /// # Ok(()) }
    /// ```
    pub fn behind(&self) -> Option<u32> {
        self.ahead
    }

    /// Opens the database at that address without migrations, for `standalone` tables. PostgreSQL is reached at
    /// the first statement. A SQLite file is created if it does not exist.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let storage = Base::open("sqlite::memory:").await?;
    /// storage.create::<User>().await?;
    /// assert_eq!(storage.table::<User>().count().await?, 0);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url), [`Kind::Connection`](crate::Kind::Connection), [`Kind::Denied`](crate::Kind::Denied), [`Kind::NoDatabase`](crate::Kind::NoDatabase): check the address.
    pub async fn open(url: &str) -> Result<Base> {
        let backend = Backend::open(url)?;
        Ok(Base { access: Access::unbound(backend), registry: None, ahead: None })
    }

    /// Creates the migrator of a program, for `Storage::migrator`.
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url) if the address is invalid;
    /// [`Kind::Migration`](crate::Kind::Migration) if the lock file in the program cannot be read.
    #[doc(hidden)]
    pub fn migrator(url: &str, registry: &'static Registry) -> Result<Migrator> {
        Migrator::of_program(url, registry)
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.access.backend
    }

    /// Returns the handle of a table.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// let tasks: Table<Task> = storage.table();
    /// assert_eq!(tasks.count().await?, 3);
    /// # Ok(()) })
    /// ```
    pub fn table<R: Keyed>(&self) -> Table<R> {
        Table::new(Arc::clone(&self.access))
    }

    /// Returns the handle of a table without a key.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// # storage.create::<Visit>().await?;
    /// let visits: KeylessTable<Visit> = storage.keyless_table();
    /// assert_eq!(visits.count().await?, 0);
    /// # Ok(()) })
    /// ```
    pub fn keyless_table<R: Record>(&self) -> KeylessTable<R> {
        KeylessTable::new(Arc::clone(&self.access))
    }

    /// Creates the table of a `standalone` struct and its indexes, unless they exist.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |_, _| {
    /// let storage = Base::open("sqlite::memory:").await?;
    /// storage.create::<Job>().await?;
    /// storage.table::<Job>().push(Job { id: 1, name: "mail".into() }).await?;
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Database`](crate::Kind::Database) if the database refuses a statement.
    pub async fn create<R: Record>(&self) -> Result<()> {
        self.backend().check_apart()?;
        let statements = self.backend().dialect().choose(R::CREATE_POSTGRES, R::CREATE_SQLITE);
        on_driver!(self.backend(), driver => driver.create_standalone(statements).await)
    }

    /// Compares the tables of the database with those of the lock file. Does nothing for a storage
    /// without a registry: one that was only opened.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// storage.verify().await?; // for instance in a test, or behind a health check
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Migration`](crate::Kind::Migration), which names what is missing or different.
    pub async fn verify(&self) -> Result<()> {
        match self.registry {
            Some(registry) => verify(self.backend(), registry).await,
            None => Ok(()),
        }
    }

    /// Closes all connections. Running operations end first; later operations fail.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// storage.close().await;
    /// let error = storage.table::<Task>().count().await.unwrap_err();
    /// assert_eq!(*error.kind(), Kind::Connection);
    /// # Ok(()) })
    /// ```
    pub async fn close(&self) {
        close(self.backend()).await;
    }
}

// The body of an `async fn` is compiled where it is polled. These futures are boxed, so they are
// compiled with the runtime and not in each program.

fn bring_up_to_date<'a>(
    backend: &'a Backend,
    registry: &'static Registry,
) -> BoxFuture<'a, Result<Option<u32>>> {
    Box::pin(migrate::bring_up_to_date(backend, registry))
}

fn verify<'a>(backend: &'a Backend, registry: &'static Registry) -> BoxFuture<'a, Result<()>> {
    Box::pin(migrate::verify(backend, registry))
}

fn close(backend: &Backend) -> BoxFuture<'_, ()> {
    Box::pin(backend.close())
}

impl Base {
    /// Runs the closure in a transaction. The closure gets a storage inside of the transaction; the
    /// method of the generated `Storage` gives one with the handles of its tables. `Ok` commits;
    /// `Err`, a panic and a dropped future roll back. Within a transaction it is a savepoint.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// let refused = storage
    ///     .transaction(async |tx| {
    ///         tx.table::<Task>().delete(1).await?;
    ///         Err::<(), _>(Error::custom("not this one"))
    ///     })
    ///     .await;
    /// assert_eq!(*refused.unwrap_err().kind(), Kind::Custom);
    /// assert!(storage.table::<Task>().exists(1).await?);
    /// # Ok(()) })
    /// ```
    ///
    /// After a serialization failure or a deadlock the closure runs again, up to five times: keep other side
    /// effects out of it.
    ///
    /// # Errors
    /// The error of the closure; [`Kind::Transaction`](crate::Kind::Transaction) if a statement failed and the closure returned `Ok`
    /// (run a statement that may fail in a nested transaction); [`Kind::Retry`](crate::Kind::Retry) after the last attempt.
    pub async fn transaction<T, W>(&self, work: impl Fn(Base) -> W) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        transaction(self, Transaction::new(), |base| base, work).await
    }

    /// Runs the closure in a transaction with options: isolation level, read only, attempts.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// let (users, tasks) = storage
    ///     .transaction_with(Transaction::new().read_only(), async |tx| {
    ///         Ok((tx.table::<User>().count().await?, tx.table::<Task>().count().await?))
    ///     })
    ///     .await?;
    /// assert_eq!((users, tasks), (3, 3));
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Base::transaction`].
    pub async fn transaction_with<T, W>(
        &self,
        options: Transaction,
        work: impl Fn(Base) -> W,
    ) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        transaction(self, options, |base| base, work).await
    }
}

impl Connection for Base {
    fn access(&self) -> &Access {
        &self.access
    }

    fn on(&self, access: Arc<Access>) -> Base {
        Base { access, ..self.clone() }
    }
}
