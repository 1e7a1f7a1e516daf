//! Row locks.

use kontract_schema::sql::dml::{Lock, Wait};

use super::Query;

impl<S, O, C> Query<S, O, C> {
    /// Locks the rows of the first table: until the transaction ends, other transactions cannot change,
    /// delete or lock them. Outside of a transaction the lock ends with the query.
    ///
    /// SQLite has one writer at a time, so there this has no effect.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let next = tasks.query(Task::done.eq(false)).limit(1).for_update().skip_locked().first().await?;
    /// assert_eq!(next.map(|task| task.id), Some(2));
    /// # Ok(()) })
    /// ```
    pub fn for_update(self) -> Self {
        self.locked(|lock| Lock { shared: false, ..lock })
    }

    /// Locks the rows of the first table against changes (`FOR SHARE`). Other transactions may lock
    /// them in this way too.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// let task = storage
    ///     .transaction(async |tx| tx.table::<Task>().query(Task::id.eq(1)).for_share().one().await)
    ///     .await?;
    /// assert_eq!(task.title, "Buy milk"); // no other transaction changed it before the commit
    /// # Ok(()) })
    /// ```
    pub fn for_share(self) -> Self {
        self.locked(|lock| Lock { shared: true, ..lock })
    }

    /// Skips rows that other transactions have locked, and locks the others (`SKIP LOCKED`). Use it
    /// for queues only: the result depends on other transactions.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let free = tasks.query(Task::done.eq(false)).limit(1).for_update().skip_locked();
    /// assert!(free.first().await?.is_some());
    /// # Ok(()) })
    /// ```
    pub fn skip_locked(self) -> Self {
        self.locked(|lock| Lock { wait: Wait::Skip, ..lock })
    }

    /// Fails with [`Kind::Timeout`](crate::Kind::Timeout) if other transactions have locked rows of
    /// the query, instead of waiting (`NOWAIT`).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let task = tasks.query(Task::id.eq(1)).for_update().no_wait().first().await?;
    /// assert!(task.is_some()); // `Kind::Timeout` if another transaction had locked it
    /// # Ok(()) })
    /// ```
    pub fn no_wait(self) -> Self {
        self.locked(|lock| Lock { wait: Wait::Fail, ..lock })
    }

    fn locked(mut self, change: impl FnOnce(Lock) -> Lock) -> Self {
        let lock = self.parts.lock.unwrap_or(Lock { shared: false, wait: Wait::Wait });
        self.parts.lock = Some(change(lock));
        self
    }
}
