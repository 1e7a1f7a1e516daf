//! Rows that stay as they were read until the transaction ends.

use kontract_schema::sql::dml::{Lock, Wait};

use super::Query;

impl<S, O, C> Query<S, O, C> {
    /// Locks the rows of the first table: until the transaction ends, other transactions cannot change,
    /// delete or lock them. Outside of a transaction the lock ends with the query.
    ///
    /// SQLite has one writer at a time, which is the transaction: there this does nothing.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let next = tasks.query(Task::done.eq(false)).limit(1).for_update().skip_locked().first().await?;
    /// assert_eq!(next.map(|task| task.id), Some(2));
    /// # Ok(()) }
    /// ```
    pub fn for_update(self) -> Self {
        self.locked(|lock| Lock { shared: false, ..lock })
    }

    /// Locks the rows of the first table against changes; other transactions may lock them in this way
    /// too.
    pub fn for_share(self) -> Self {
        self.locked(|lock| Lock { shared: true, ..lock })
    }

    /// Passes over rows that others have locked, and locks its own. Good for queues only: which rows
    /// come depends on others.
    pub fn skip_locked(self) -> Self {
        self.locked(|lock| Lock { wait: Wait::Skip, ..lock })
    }

    /// Does not wait for rows that others have locked: [`Kind::Timeout`](crate::Kind::Timeout).
    pub fn no_wait(self) -> Self {
        self.locked(|lock| Lock { wait: Wait::Fail, ..lock })
    }

    fn locked(mut self, change: impl FnOnce(Lock) -> Lock) -> Self {
        let lock = self.parts.lock.unwrap_or(Lock { shared: false, wait: Wait::Wait });
        self.parts.lock = Some(change(lock));
        self
    }
}
