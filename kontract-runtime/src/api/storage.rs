//! The base of a program's storage: the connection, the registry, and handles to tables.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::table::Table;
use super::transaction::run_transaction;
use crate::driver::Backend;
use crate::driver::options::Transaction;
use crate::error::Result;
use crate::migrate;
use crate::migrate::manage::Migrator;
use crate::migrate::registry::Registry;
use crate::sql::record::Record;

/// An open database. The generated `Storage` derefs to it.
#[derive(Clone)]
pub struct Base {
    backend: Arc<Backend>,
    registry: Option<&'static Registry>,
    ahead: Option<u32>,
}

impl Base {
    /// Opens the database at that address and brings it up to date with the registry.
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url), [`Kind::Connection`](crate::Kind::Connection), [`Kind::Denied`](crate::Kind::Denied), [`Kind::NoDatabase`](crate::Kind::NoDatabase) where it cannot
    /// be opened; [`Kind::Migration`](crate::Kind::Migration) where its schema and the program's do not go together.
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
        self.ahead = bring_up_to_date(&self.backend, registry).await?;
        Ok(())
    }

    /// The version of the database where a newer program has brought it further than this one
    /// knows, and this one goes on beside it, because everything since was only added. `None`
    /// where the two are at the same version.
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
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let storage = Base::open("sqlite::memory:").await?;
    /// storage.create::<User>().await?;
    /// assert_eq!(storage.table::<User>().count().await?, 0);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url), [`Kind::Connection`](crate::Kind::Connection), [`Kind::Denied`](crate::Kind::Denied), [`Kind::NoDatabase`](crate::Kind::NoDatabase): check the address.
    pub async fn open(url: &str) -> Result<Base> {
        let backend = Backend::open(url)?;
        Ok(Base { backend: Arc::new(backend), registry: None, ahead: None })
    }

    /// What `Storage::migrator` does.
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url); [`Kind::Migration`](crate::Kind::Migration) where the lock file in the program cannot be read.
    #[doc(hidden)]
    pub fn migrator(url: &str, registry: &'static Registry) -> Result<Migrator> {
        Migrator::of_program(url, registry)
    }

    pub(crate) fn backend(&self) -> &Backend {
        &self.backend
    }

    /// The same on another connection.
    pub(crate) fn on(&self, backend: Backend) -> Base {
        Base { backend: Arc::new(backend), ..self.clone() }
    }

    /// The handle of a table.
    pub fn table<R: Record>(&self) -> Table<R> {
        Table::new(Arc::clone(&self.backend))
    }

    /// Creates the table of a `standalone` struct, and its indexes, unless they are there.
    ///
    /// # Errors
    /// [`Kind::Database`](crate::Kind::Database) where the database refuses.
    pub async fn create<R: Record>(&self) -> Result<()> {
        self.backend.check_apart()?;
        migrate::create_standalone(&self.backend, R::CREATE_POSTGRES, R::CREATE_SQLITE).await
    }

    /// Compares the tables of the database with those of the lock file. Without a registry there is
    /// nothing to compare with.
    ///
    /// # Errors
    /// [`Kind::Migration`](crate::Kind::Migration) that names what is missing or different.
    pub async fn verify(&self) -> Result<()> {
        match self.registry {
            Some(registry) => verify(&self.backend, registry).await,
            None => Ok(()),
        }
    }

    /// Closes all connections. What is under way ends first; later operations fail.
    pub async fn close(&self) {
        close(&self.backend).await;
    }
}

// The body of an `async fn` is compiled where it is polled: boxed here, these are compiled with the
// runtime, and not again in each program.

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
    /// Runs the closure in a transaction. The method of the generated `Storage` has the handles of its tables.
    /// `Ok` commits; `Err`, a panic and a dropped future roll back. In a transaction it is a savepoint.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let storage = database().await?;
    /// let refused = storage
    ///     .transaction(async |tx| {
    ///         tx.table::<Task>().delete(1).await?;
    ///         Err::<(), _>(Error::custom("not this one"))
    ///     })
    ///     .await;
    /// assert_eq!(*refused.unwrap_err().kind(), Kind::Custom);
    /// assert!(storage.table::<Task>().exists(1).await?);
    /// # Ok(()) }
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
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let storage = database().await?;
    /// let (users, tasks) = storage
    ///     .transaction_with(Transaction::new().read_only(), async |tx| {
    ///         Ok((tx.table::<User>().count().await?, tx.table::<Task>().count().await?))
    ///     })
    ///     .await?;
    /// assert_eq!((users, tasks), (3, 3));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Base::transaction`].
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

/// Runs some work in a transaction, with handles that `of` makes of the storage inside of it.
///
/// # Errors
/// That of the work; of beginning and committing.
pub async fn transaction<S, T, F, W>(
    base: &Base,
    options: Transaction,
    of: fn(Base) -> S,
    work: F,
) -> Result<T>
where
    // Not `AsyncFn`: what it returns cannot be shown to be `Send`, so that no task could be spawned
    // with it. An `async` closure is such an `Fn` as long as it borrows what it uses.
    F: Fn(S) -> W,
    W: Future<Output = Result<T>>,
{
    run_transaction(&base.backend, options, |inside| work(of(base.on(inside)))).await
}
