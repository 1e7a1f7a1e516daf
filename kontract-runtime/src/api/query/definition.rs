//! The type of queries: parts without types, the decoder of a row, and the database.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::driver::Backend;
use crate::driver::statement::Decode;
use crate::sql::meta::Meta;
use crate::sql::record::Record;
use crate::sql::scope::At;
use crate::sql::tree::{Output, Parts};

/// A query. Awaiting it returns its rows:
/// `table.query(filter).order_by(User::age.desc()).limit(10)`.
///
/// Without `order_by` the order of the rows is undefined. With `limit`, `offset`, `first` or a
/// lock, the rows are ordered by their primary key, after `order_by` if there is one. Groups and
/// distinct rows are not.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let open: Query<Task> = tasks.query(Task::done.eq(false)).limit(10);
/// assert_eq!(open.clone().count().await?, 2);
/// let rows: Vec<Task> = open.await?;
/// # Ok(()) })
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct Query<S, O = S, C = Connected> {
    pub(crate) parts: Parts,
    pub(crate) decode: Decode<O>,
    pub(crate) on: C,
    pub(crate) of: PhantomData<fn() -> S>,
}

/// The query has a database to run on.
#[derive(Clone)]
pub struct Connected {
    pub(crate) backend: Arc<Backend>,
}

/// The query is a subquery of another one: [`from`](crate::from).
#[derive(Clone, Copy, Debug)]
pub struct Detached;

impl<S, O, C: Clone> Clone for Query<S, O, C> {
    fn clone(&self) -> Self {
        Query {
            parts: self.parts.clone(),
            decode: self.decode,
            on: self.on.clone(),
            of: PhantomData,
        }
    }
}

impl<S, R: Record, C> Query<S, R, C> {
    /// Creates a query of the records of a table.
    pub(crate) fn start(meta: &'static Meta, on: C) -> Query<S, R, C> {
        let at = At { level: 0, place: 0 };
        let output = Output::Record { meta, at, optional: false };
        Query { parts: Parts::new(meta, output), decode: R::decode, on, of: PhantomData }
    }
}
