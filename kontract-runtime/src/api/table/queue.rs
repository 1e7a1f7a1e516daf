//! A table as a queue or stack: rows have a place, given when they are pushed.
//!
//! Places come from a sequence (on SQLite from a counter in the same transaction), so two pushes at
//! once never get the same one. A place says who asked first, not who committed first, and numbers
//! may be missing.
//!
//! `pop` and `shift` pick and take a row in one statement, and pass over rows that others are
//! taking at that moment: nobody waits and no row is taken twice. While all rows are being taken by
//! others, they return `None`.

use super::{Table, Timestamp};
use crate::error::Result;
use crate::sql::record::{Insert, Ordered, Record};
use crate::value::datum::Datum;
use crate::value::row::{Reader, field};

impl<R: Record> Table<R> {
    /// Inserts a row at the end of the queue, and returns it as it is stored. Needs `#[table(ordered)]` or the
    /// layout `document`.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let jobs = jobs().await?;
    /// jobs.push(Job { id: 7, name: "first".into() }).await?;
    /// jobs.push(Job { id: 3, name: "second".into() }).await?;
    /// assert_eq!(jobs.shift().await?.unwrap().name, "first");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::insert`].
    pub async fn push(&self, row: impl Insert<R>) -> Result<R>
    where
        R: Ordered,
    {
        let record = row.into_record(Timestamp::now());
        self.put(&self.build().insert(), &record).await.map_err(self.explain("push to"))?;
        Ok(record)
    }

    /// Removes the last row of the queue and returns it; `None` if the queue is empty. Concurrent callers get
    /// different rows.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let jobs = jobs().await?;
    /// jobs.push_many([Job { id: 1, name: "a".into() }, Job { id: 2, name: "b".into() }]).await?;
    /// assert_eq!(jobs.pop().await?.unwrap().name, "b");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached. A row that was removed does not return if the
    /// caller fails afterwards: to keep it, call `pop` in a transaction.
    pub async fn pop(&self) -> Result<Option<R>>
    where
        R: Ordered,
    {
        self.take_one(true).await
    }

    /// Removes the first row of the queue and returns it; `None` if the queue is empty. Concurrent callers get
    /// different rows.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let jobs = jobs().await?;
    /// jobs.push_many([Job { id: 1, name: "a".into() }, Job { id: 2, name: "b".into() }]).await?;
    /// assert_eq!(jobs.shift().await?.unwrap().name, "a");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::pop`].
    pub async fn shift(&self) -> Result<Option<R>>
    where
        R: Ordered,
    {
        self.take_one(false).await
    }

    /// Takes up to that many rows off the end, the last one first.
    ///
    /// # Errors
    /// As [`Table::pop`].
    pub async fn pop_many(&self, rows: u32) -> Result<Vec<R>>
    where
        R: Ordered,
    {
        self.take_many(true, rows).await
    }

    /// Takes up to that many rows off the beginning, the first one first.
    ///
    /// # Errors
    /// As [`Table::pop`].
    pub async fn shift_many(&self, rows: u32) -> Result<Vec<R>>
    where
        R: Ordered,
    {
        self.take_many(false, rows).await
    }

    /// Adds all the rows at the end, in their order: all of them or none.
    ///
    /// # Errors
    /// As [`Table::insert`].
    pub async fn push_many<I: Insert<R>>(&self, rows: impl IntoIterator<Item = I>) -> Result<Vec<R>>
    where
        R: Ordered,
    {
        self.insert_many(rows).await
    }

    async fn take_one(&self, last: bool) -> Result<Option<R>> {
        let sql = self.build().take_one(last);
        let taken = self.backend.run(&sql, &|_| Ok(()), decode_placed::<R>).await;
        let verb = if last { "pop from" } else { "shift from" };
        Ok(taken.map_err(self.explain(verb))?.rows.into_iter().next().map(|(record, _)| record))
    }

    async fn take_many(&self, last: bool, rows: u32) -> Result<Vec<R>> {
        let sql = self.build().take_many(last);
        let limit = Datum::I64(i64::from(rows));
        let values = |to: &mut dyn crate::value::row::Binder| to.bind(limit.clone());
        let taken = self.backend.run(&sql, &values, decode_placed::<R>).await;
        let verb = if last { "pop from" } else { "shift from" };
        let mut taken = taken.map_err(self.explain(verb))?.rows;
        // RETURNING has no order of its own.
        taken.sort_by_key(|(_, place)| if last { -*place } else { *place });
        Ok(taken.into_iter().map(|(record, _)| record).collect())
    }
}

/// Reads a record and its place.
fn decode_placed<R: Record>(from: &mut dyn Reader) -> Result<(R, i64)> {
    let record = R::decode(from)?;
    Ok((record, field(from)?))
}
