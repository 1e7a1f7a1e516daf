//! `Operation<T>`: what the methods of a table and of a query return.
//!
//! The code that runs operations has no type parameter of a table, so it is compiled once: it binds
//! values through a trait object, and a sink decodes the rows. Only the code that takes the result out of the
//! [`Answer`] is compiled for each table.

mod one_statement;

use std::any::Any;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_util::future::BoxFuture;
use tokio::task::coop::poll_proceed;

pub(crate) use self::one_statement::{
    CurrentRow, ExpectedVersion, Gives, OneStatement, StatementValues, duplicate_key,
};
use crate::api::access::Access;
use crate::driver::row_sink::{Collected, Counted, RowSink, Sink};
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Kind, Result};
use crate::sql::error_context::explain;
use crate::sql::lower::{Lower, Params};
use crate::sql::meta::Meta;
use crate::sql::table_statements::Build;
use crate::value::row_values::{Omitted, RowValues, TypedRows};

/// An operation on the database: a future of its result. It does nothing until it is awaited. It
/// borrows nothing, so it can be passed to `tokio::spawn`.
#[must_use = "an operation does nothing until it is awaited"]
pub struct Operation<T> {
    running: Running,
    finish: fn(Answer) -> Result<T>,
}

/// An operation, without the types of a table.
pub(crate) enum Running {
    /// A statement that is not started. SQLite runs it at the first poll, if nothing has to be awaited.
    Statement(OneStatement),
    Future(BoxFuture<'static, Result<Answer>>),
    /// The statement has run.
    Ended,
}

impl Running {
    /// Creates an operation from a future.
    pub(crate) fn new(work: impl Future<Output = Result<Answer>> + Send + 'static) -> Running {
        Running::Future(Box::pin(work))
    }

    /// Creates an operation that only fails with this error.
    pub(crate) fn failed(error: Error) -> Running {
        Running::new(async { Err(error) })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Answer>> {
        // A task whose statements are always ready lets the other tasks of its thread run in between.
        let budget = ready!(poll_proceed(context));
        let done = self.poll_now(context);
        if done.is_ready() {
            budget.made_progress();
        }
        done
    }

    fn poll_now(&mut self, context: &mut Context<'_>) -> Poll<Result<Answer>> {
        if let Running::Statement(_) = self
            && let Running::Statement(statement) = std::mem::replace(self, Running::Ended)
        {
            match statement.start() {
                Ok(done) => return Poll::Ready(done),
                Err(future) => *self = Running::Future(future),
            }
        }
        match self {
            Running::Future(future) => future.as_mut().poll(context),
            _ => Poll::Ready(Err(no_row())),
        }
    }
}

/// The result of an operation, without its type.
#[derive(Default)]
pub(crate) struct Answer {
    /// The number of rows that the operation changed.
    pub(crate) affected: u64,
    /// The rows that the operation read, or the value that it was given to keep.
    pub(crate) kept: Option<Box<dyn Any>>,
    /// For rows by several keys: the number of keys, and the indexes of the keys that have a row.
    pub(crate) keys: usize,
    pub(crate) places: Vec<usize>,
}

impl<T> Operation<T> {
    pub(crate) fn new(running: Running, finish: fn(Answer) -> Result<T>) -> Operation<T> {
        Operation { running, finish }
    }

    /// Creates an operation that fails with this error.
    pub(crate) fn failed(error: Error) -> Operation<T> {
        Operation::new(Running::failed(error), |_| Err(no_row()))
    }
}

impl<T> Future for Operation<T> {
    type Output = Result<T>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<T>> {
        let this = self.get_mut();
        this.running.poll(context).map(|done| done.and_then(this.finish))
    }
}

impl<T> std::fmt::Debug for Operation<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Operation").finish_non_exhaustive()
    }
}

impl Answer {
    /// Creates an answer with the rows of a sink.
    pub(crate) fn of_rows(affected: u64, rows: Sink) -> Answer {
        Answer { affected, kept: Some(rows), ..Answer::default() }
    }

    /// Returns the rows.
    pub(crate) fn into_rows<R: Send + 'static>(self) -> Result<Vec<R>> {
        Ok(self.take::<Collected<R>>()?.into_rows())
    }

    /// Returns the only row, or `None` without a row.
    pub(crate) fn into_one<R: Send + 'static>(self) -> Result<Option<R>> {
        Ok(self.into_rows()?.pop())
    }

    /// Returns the only row.
    pub(crate) fn into_the_one<R: Send + 'static>(self) -> Result<R> {
        self.into_rows()?.pop().ok_or_else(no_row)
    }

    /// Returns the row of each key, or `None` for a key without a row.
    pub(crate) fn into_places<R: Send + 'static>(mut self) -> Result<Vec<Option<R>>> {
        let swaps = self.sort_places();
        if self.places.len() == self.keys && swaps.is_empty() {
            return Ok(self.into_rows()?.into_iter().map(Some).collect());
        }
        let has_row = self.has_row();
        let mut rows = self.into_rows()?;
        for (one, other) in swaps {
            rows.swap(one, other);
        }
        let mut rows = rows.into_iter();
        let mut found = Vec::with_capacity(has_row.len());
        for has_row in has_row {
            found.push(if has_row { rows.next() } else { None });
        }
        Ok(found)
    }

    /// Sorts the indexes. Returns the pairs of rows to swap, in order.
    fn sort_places(&mut self) -> Vec<(usize, usize)> {
        let mut swaps = Vec::new();
        if self.places.is_sorted() {
            return swaps;
        }
        let mut order: Vec<usize> = (0..self.places.len()).collect();
        order.sort_by_key(|row| self.places[*row]);
        for at in 0..order.len() {
            // An earlier swap may have moved the row that belongs here.
            let mut row = order[at];
            while row < at {
                row = order[row];
            }
            if row != at {
                swaps.push((at, row));
            }
        }
        self.places.sort_unstable();
        swaps
    }

    /// Returns for each key whether it has a row.
    fn has_row(&self) -> Vec<bool> {
        let mut has_row = vec![false; self.keys];
        for place in &self.places {
            if let Some(has_row) = has_row.get_mut(*place) {
                *has_row = true;
            }
        }
        has_row
    }

    /// Returns the stored row of each row that was given.
    pub(crate) fn into_all<R: Send + 'static>(self) -> Result<Vec<R>> {
        let rows = self.into_places()?.into_iter();
        rows.map(|row| row.ok_or_else(no_row)).collect()
    }

    /// Returns the value that was given to keep.
    pub(crate) fn into_kept<K: 'static>(self) -> Result<K> {
        Ok(*self.take::<K>()?)
    }

    /// Returns the record that was stored.
    pub(crate) fn into_record<R: 'static>(self) -> Result<R> {
        let [record] = self.take::<TypedRows<[R; 1], R>>()?.into_rows();
        Ok(record)
    }

    /// Returns the records that were stored.
    pub(crate) fn into_records<R: Send + Sync + 'static>(self) -> Result<Vec<R>> {
        let records: Arc<dyn Any + Send + Sync> = *self.take::<Arc<dyn RowValues>>()?;
        let records = records.downcast::<TypedRows<Vec<R>, R>>().ok().and_then(Arc::into_inner);
        records.map(TypedRows::into_rows).ok_or_else(no_row)
    }

    fn take<K: 'static>(self) -> Result<Box<K>> {
        match self.into_any()?.downcast() {
            Ok(kept) => Ok(kept),
            Err(_) => Err(no_row()),
        }
    }

    fn into_any(self) -> Result<Box<dyn Any>> {
        self.kept.ok_or_else(no_row)
    }

    /// Returns the number of changed rows.
    pub(crate) fn into_affected(self) -> Result<u64> {
        Ok(self.affected)
    }

    /// Returns whether a row was found.
    pub(crate) fn has_rows(self) -> Result<bool> {
        Ok(self.take::<Counted>()?.count() > 0)
    }

    /// Returns whether a row was changed.
    pub(crate) fn has_affected(self) -> Result<bool> {
        Ok(self.affected > 0)
    }
}

/// Returns the error for an answer without the expected result, which no operation gives.
fn no_row() -> Error {
    Error::new(Kind::Database, "the operation has no result")
}

/// A statement of a table: `Build::get`.
pub(crate) type Pick = fn(&Build) -> Arc<PreparedStatement>;

/// A statement of a table for rows that omit some values: `Build::insert`.
pub(crate) type PickInsert = fn(&Build, &Omitted) -> Arc<PreparedStatement>;

/// What an operation works on: the database, the table, and a verb for messages.
#[derive(Clone)]
pub(crate) struct On {
    pub(crate) access: Arc<Access>,
    pub(crate) meta: &'static Meta,
    /// The verb for messages: `insert into`.
    pub(crate) verb: &'static str,
}

impl On {
    /// Runs one statement with those values. Without a sink its rows are only counted.
    pub(crate) fn run(
        self,
        sql: Arc<PreparedStatement>,
        values: Box<dyn RowValues>,
        rows: Option<Sink>,
    ) -> Running {
        let values = StatementValues { set: Vec::new(), row: values, version: None };
        Running::Statement(OneStatement { on: self, sql, values, rows, gives: Gives::Rows })
    }

    /// Runs a statement of the table for the row with that key.
    pub(crate) fn by_key(
        self,
        statement: Pick,
        key: Box<dyn RowValues>,
        rows: Option<Sink>,
    ) -> Running {
        let sql = statement(&self.build());
        self.run(sql, key, rows)
    }

    /// Returns the statements of the table.
    pub(crate) fn build(&self) -> Build {
        let dialect = self.access.backend.dialect();
        Build { meta: self.meta, dialect, owner: self.access.owner.clone() }
    }

    /// Creates what lowers a statement, behind those parameters.
    pub(crate) fn lower(&self, params: Params) -> Lower {
        Lower::new(self.access.backend.dialect(), params, self.access.owner.clone())
    }

    /// Adds the verb and the table to an error.
    pub(crate) fn explain(&self, error: Error) -> Error {
        explain(self.meta, self.verb, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_to_the_places_of_their_keys_in_whatever_order_they_were_read() {
        // The rows of the keys 0, 2, 3 and 5 of six, in all orders.
        let places = [0_usize, 2, 3, 5];
        for shuffle in 0..24 {
            let mut left = places.to_vec();
            let order = [shuffle / 6, shuffle / 2 % 3, shuffle % 2, 0].map(|at| left.remove(at));
            let mut rows: Sink = Collected::<usize>::sink(|_| Err(no_row()));
            let any: &mut dyn Any = &mut *rows;
            let collected = any.downcast_mut::<Collected<usize>>().expect("numbers");
            collected.rows_mut().extend(order);
            let answer = Answer { keys: 6, places: order.to_vec(), ..Answer::of_rows(0, rows) };
            let found = answer.into_places::<usize>().expect("rows");
            assert_eq!(found, [Some(0), None, Some(2), Some(3), None, Some(5)], "{order:?}");
        }
    }
}
