//! A table as a queue or stack. Each row has a place, which it gets when it is pushed.
//!
//! Places come from a sequence (on SQLite from a counter in the same transaction), so concurrent
//! pushes get different places. Places follow the order of the pushes, not of the commits, and may
//! have gaps.
//!
//! `pop` and `shift` select and delete a row in one statement, and skip rows that other
//! transactions are taking: they do not wait, and no row is taken twice. While other transactions
//! are taking all rows, they return `None`.

use super::{Table, Timestamp};
use crate::api::operation::{Answer, Operation};
use crate::driver::row_sink::Collected;
use crate::error::Result;
use crate::sql::record::{Insert, Ordered, Record};
use crate::sql::table_statements::Build;
use crate::value::row::{Key, Reader, field};
use crate::value::row_values::TypedRows;

impl<R: Record> Table<R> {
    /// Inserts a row at the end of the queue, and returns it as it is stored. Needs `#[table(ordered)]` or the
    /// layout `document`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.push(Job { id: 7, name: "first".into() }).await?;
    /// jobs.push(Job { id: 3, name: "second".into() }).await?;
    /// assert_eq!(jobs.shift().await?.unwrap().name, "first");
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::insert`].
    pub fn push(&self, row: impl Insert<R>) -> Operation<R>
    where
        R: Ordered,
    {
        self.put("push to", Build::insert, row.into_row(Timestamp::now()))
    }

    /// Removes the last row of the queue and returns it; `None` if the queue is empty. Concurrent callers get
    /// different rows.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.push_many([Job { id: 1, name: "a".into() }, Job { id: 2, name: "b".into() }]).await?;
    /// assert_eq!(jobs.pop().await?.unwrap().name, "b");
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached. A row that was removed does not return if the
    /// caller fails afterwards: to keep it, call `pop` in a transaction.
    pub fn pop(&self) -> Operation<Option<R>>
    where
        R: Ordered,
    {
        self.take_one(true)
    }

    /// Removes the first row of the queue and returns it; `None` if the queue is empty. Concurrent callers get
    /// different rows.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.push_many([Job { id: 1, name: "a".into() }, Job { id: 2, name: "b".into() }]).await?;
    /// assert_eq!(jobs.shift().await?.unwrap().name, "a");
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::pop`].
    pub fn shift(&self) -> Operation<Option<R>>
    where
        R: Ordered,
    {
        self.take_one(false)
    }

    /// Removes up to `rows` rows from the end of the queue and returns them, the last one first.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.push_many((1..=3).map(|id| Job { id, name: String::new() })).await?;
    /// let ids: Vec<i64> = jobs.pop_many(2).await?.iter().map(|job| job.id).collect();
    /// assert_eq!(ids, [3, 2]);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::pop`].
    pub fn pop_many(&self, rows: u32) -> Operation<Vec<R>>
    where
        R: Ordered,
    {
        self.take_many(true, rows)
    }

    /// Removes up to `rows` rows from the beginning of the queue and returns them, the first one
    /// first.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.push_many((1..=3).map(|id| Job { id, name: String::new() })).await?;
    /// let ids: Vec<i64> = jobs.shift_many(2).await?.iter().map(|job| job.id).collect();
    /// assert_eq!(ids, [1, 2]);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::pop`].
    pub fn shift_many(&self, rows: u32) -> Operation<Vec<R>>
    where
        R: Ordered,
    {
        self.take_many(false, rows)
    }

    /// Inserts all rows at the end of the queue, in their order, or none of them if one fails.
    /// Returns them as they are stored.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// let job = |id| Job { id, name: String::new() };
    /// assert_eq!(jobs.push_many([job(1), job(2)]).await?.len(), 2);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::insert`].
    pub fn push_many<I: Insert<R>>(&self, rows: impl IntoIterator<Item = I>) -> Operation<Vec<R>>
    where
        R: Ordered,
    {
        self.add_many(rows)
    }

    fn take_one(&self, last: bool) -> Operation<Option<R>> {
        let on = self.on(verb(last));
        let sql = on.build().take_one(last);
        let rows = Collected::sink(decode_placed::<R>);
        let no_values = Box::new(TypedRows::new([], i64::bind));
        Operation::new(on.run(sql, no_values, Some(rows)), |answer| {
            Ok(answer.into_one::<(R, i64)>()?.map(|(record, _)| record))
        })
    }

    fn take_many(&self, last: bool, rows: u32) -> Operation<Vec<R>> {
        let on = self.on(verb(last));
        let sql = on.build().take_many(last);
        let limit = Box::new(TypedRows::new([i64::from(rows)], i64::bind));
        let running = on.run(sql, limit, Some(Collected::sink(decode_placed::<R>)));
        Operation::new(running, if last { in_falling_order } else { in_rising_order })
    }
}

fn verb(last: bool) -> &'static str {
    if last { "pop from" } else { "shift from" }
}

/// Returns the records in the order of their places: the order of RETURNING is undefined.
fn in_rising_order<R: Record>(answer: Answer) -> Result<Vec<R>> {
    let mut taken = answer.into_rows::<(R, i64)>()?;
    taken.sort_by_key(|(_, place)| *place);
    Ok(taken.into_iter().map(|(record, _)| record).collect())
}

fn in_falling_order<R: Record>(answer: Answer) -> Result<Vec<R>> {
    let mut taken = in_rising_order(answer)?;
    taken.reverse();
    Ok(taken)
}

/// Reads a record and its place.
fn decode_placed<R: Record>(from: &mut dyn Reader) -> Result<(R, i64)> {
    let record = R::decode(from)?;
    Ok((record, field(from)?))
}
