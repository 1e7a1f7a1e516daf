//! The storage of an owner.

use std::sync::Arc;

use super::access::Access;
use super::storage::Base;
use super::table::{KeylessTable, Table};
use super::transaction::{Connection, transaction};
use crate::driver::options::Transaction;
use crate::error::Result;
use crate::sql::owner::Owner;
use crate::sql::record::{Keyed, OwnerTable};

/// An open database, bound to an owner. Raw SQL, the migrator, and tables that are neither owned nor
/// shared cannot be reached from it.
///
/// ```
/// # use kontract_doc_tables::*; owner_example(async |storage| {
/// let ann = storage.as_owner("ann")?;
/// let letter = Letter { id: 1, text: "Dear Bob".into() };
/// let row = ann
///     .transaction(async |tx| {
///         tx.table().insert(letter.clone()).await?;
///         tx.table::<Letter>().get_row(1).await
///     })
///     .await?;
/// assert_eq!(row.unwrap().owner.as_deref(), Some("ann"));
/// # Ok(()) })
/// ```
#[derive(Clone)]
pub struct OwnerBase {
    access: Arc<Access>,
}

impl Base {
    /// Returns the storage of an owner: its handles see and change the rows of the owner only, and rows that
    /// they insert belong to the owner. The method of the generated `Storage` returns one with handles of
    /// the tables that are owned or shared.
    ///
    /// ```
    /// # use kontract_doc_tables::*; owner_example(async |storage| {
    /// let (ann, bob) = (storage.as_owner("ann")?, storage.as_owner("bob")?);
    /// ann.table::<Letter>().insert(Letter { id: 1, text: "Dear Bob".into() }).await?;
    /// assert_eq!(bob.table::<Letter>().count().await?, 0);
    /// assert!(!bob.table::<Letter>().delete(1).await?);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) if a name is empty, contains a NUL character, or is `system`, to
    /// which the rows belong that the program itself writes.
    pub fn as_owner(&self, id: impl Into<Owner>) -> Result<OwnerBase> {
        let owner = id.into().checked()?;
        let access = Access { backend: self.backend().clone(), owner: Some(Arc::new(owner)) };
        Ok(OwnerBase { access: Arc::new(access) })
    }
}

impl OwnerBase {
    /// Returns the handle of a table.
    ///
    /// ```
    /// # use kontract_doc_tables::*; owner_example(async |storage| {
    /// let letters: Table<Letter> = storage.as_owner("ann")?.table();
    /// assert_eq!(letters.count().await?, 0);
    /// # Ok(()) })
    /// ```
    pub fn table<R: Keyed + OwnerTable>(&self) -> Table<R> {
        Table::new(Arc::clone(&self.access))
    }

    /// Returns the handle of a table without a key.
    pub fn keyless_table<R: OwnerTable>(&self) -> KeylessTable<R> {
        KeylessTable::new(Arc::clone(&self.access))
    }

    /// Runs the closure in a transaction, with a storage of the same owner; see
    /// [`Base::transaction`].
    ///
    /// # Errors
    /// The errors of [`Base::transaction`].
    pub async fn transaction<T, W>(&self, work: impl Fn(OwnerBase) -> W) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        transaction(self, Transaction::new(), |base| base, work).await
    }

    /// Runs the closure in a transaction with options.
    ///
    /// # Errors
    /// The errors of [`Base::transaction`].
    pub async fn transaction_with<T, W>(
        &self,
        options: Transaction,
        work: impl Fn(OwnerBase) -> W,
    ) -> Result<T>
    where
        W: Future<Output = Result<T>>,
    {
        transaction(self, options, |base| base, work).await
    }
}

impl Connection for OwnerBase {
    fn access(&self) -> &Access {
        &self.access
    }

    fn on(&self, access: Arc<Access>) -> OwnerBase {
        OwnerBase { access }
    }
}
