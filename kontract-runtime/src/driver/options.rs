//! How a transaction runs.

/// How transactions of a storage keep apart from each other. SQLite's are always serializable.
/// <https://www.postgresql.org/docs/current/transaction-iso.html>
///
/// ```
/// # use kontract_doc_tables::*; storage_example(async |storage| {
/// let options = Transaction::new().isolation(Isolation::RepeatableRead);
/// let open = storage
///     .transaction_with(options, async |tx| tx.table::<Task>().query(Task::done.eq(false)).count().await)
///     .await?;
/// assert_eq!(open, 2);
/// # Ok(()) })
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isolation {
    /// Each statement sees what was committed before it: PostgreSQL's default.
    ReadCommitted,
    /// All statements see what was committed before the first of them.
    RepeatableRead,
    /// As if transactions ran one after the other; where they could not have, one of them is run
    /// again.
    Serializable,
}

/// How a transaction runs.
///
/// ```
/// # use kontract_runtime::{Isolation, Transaction};
/// let careful = Transaction::new().isolation(Isolation::Serializable).attempts(10);
/// # let _ = careful;
/// ```
#[derive(Clone, Debug)]
#[must_use = "options do nothing until a transaction is given them"]
pub struct Transaction {
    pub(crate) isolation: Option<Isolation>,
    pub(crate) read_only: bool,
    pub(crate) attempts: u32,
}

impl Default for Transaction {
    fn default() -> Self {
        Transaction::new()
    }
}

impl Transaction {
    /// With the isolation that the database has by default, up to five attempts.
    pub const fn new() -> Transaction {
        Transaction { isolation: None, read_only: false, attempts: 5 }
    }

    /// With that isolation. Default: that of the database, on PostgreSQL mostly
    /// [`Isolation::ReadCommitted`].
    pub const fn isolation(self, isolation: Isolation) -> Transaction {
        Transaction { isolation: Some(isolation), ..self }
    }

    /// All statements see the same moment, and none of them can change anything. On SQLite others can
    /// write meanwhile.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// let options = Transaction::new().read_only();
    /// let refused = storage
    ///     .transaction_with(options, async |tx| tx.table::<Task>().delete(1).await.map(drop))
    ///     .await;
    /// assert!(refused.is_err());
    /// # Ok(()) })
    /// ```
    pub const fn read_only(self) -> Transaction {
        Transaction { read_only: true, ..self }
    }

    /// How often it is begun at most where the database says that it met another one
    /// ([`Kind::Retry`](crate::Kind::Retry)); with `1` that is an error at once. Default: 5.
    pub const fn attempts(self, attempts: u32) -> Transaction {
        Transaction { attempts, ..self }
    }
}
