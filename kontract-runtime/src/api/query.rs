//! Queries: rows of one or several tables, under conditions, as records, columns or groups.
//!
//! A query is built by value and does nothing until it is awaited. Its type says which tables it
//! has (`S`, see [`Has`](crate::sql::scope::Has)) and what each of its rows becomes (`O`).

mod change;
mod cte;
mod group;
mod insert;
mod join;
mod lock;
mod page;
mod project;
mod recursive;
mod relation;
mod run;
mod shape;
mod stream;

use std::marker::PhantomData;
use std::sync::Arc;

pub use self::cte::{PlainFields, RowsOf};
pub use self::group::{Groups, Keys};
pub use self::insert::InsertInto;
pub use self::page::{Cursor, Page, Pages};
pub use self::project::{Computes, Outputs, Projection, Whole, record};
pub use self::recursive::GoesOn;
pub use self::relation::{RefersTo, With, WithCounts};
pub use self::shape::{HasAlways, SelectAs, Selects, Shape, row};
use crate::api::filter::{Filter, Order};
use crate::api::table::Table;
use crate::driver::Backend;
use crate::driver::statement::Decode;
use crate::sql::record::{Record, SoftDelete};
use crate::sql::scope::{At, Scope, Source, Within};
use crate::sql::tree::{Deleted, Output, Parts};

/// Rows of a query, once it is awaited: `table.query(filter).order_by(User::age.desc()).limit(10)`.
///
/// Without `order_by` rows come as the database finds them. Where only some of them are wanted
/// (`limit`, `offset`, `first`) or rows are locked, they are in the order of their keys, and rows that
/// are equal by `order_by` too; groups and distinct rows are not.
#[must_use = "a query does nothing until it is awaited"]
pub struct Query<S, O = S, C = Connected> {
    pub(crate) parts: Parts,
    pub(crate) decode: Decode<O>,
    pub(crate) on: C,
    pub(crate) of: PhantomData<fn() -> S>,
}

/// The query knows its database.
#[derive(Clone)]
pub struct Connected {
    pub(crate) backend: Arc<Backend>,
}

/// The query is a part of another one: [`from`].
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

/// A query inside of another one, for [`exists`](crate::exists), [`scalar`](crate::scalar) and
/// `is_in_query`: its conditions may speak of the tables of the other one.
///
/// ```
/// # use kontract_doc_tables::*;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// # let (users, tasks) = demo().await?;
/// let busy = exists(from::<Task, _>().filter(Task::user_id.eq(User::id)));
/// assert_eq!(users.query(!busy).await?[0].name, "Cem");
/// # Ok(()) }
/// ```
pub fn from<Q, Outer>() -> Query<Within<Q, Outer>, Q::Record, Detached>
where
    Q: Source,
    Q::Record: Record,
{
    Query::start(Q::source(), Detached)
}

impl<S, R: Record, C> Query<S, R, C> {
    pub(crate) fn start(meta: &'static crate::sql::meta::Meta, on: C) -> Query<S, R, C> {
        let at = At { level: 0, place: 0 };
        let output = Output::Record { meta, at, optional: false };
        Query { parts: Parts::new(meta, output), decode: R::decode, on, of: PhantomData }
    }
}

impl<R: Record> Query<R> {
    pub(crate) fn new(table: Table<R>, filter: Option<Filter<R>>) -> Query<R> {
        let mut query = Query::start(R::meta(), Connected { backend: table.backend });
        query.parts.filter = filter.map(|filter| filter.node);
        query
    }
}

impl<S: Scope, O, C> Query<S, O, C> {
    /// Only the rows for which this is true as well.
    pub fn filter(mut self, filter: Filter<S>) -> Self {
        self.parts.before_union("a filter");
        self.parts.filter = Some(match self.parts.filter.take() {
            Some(before) => Filter::<S>::of(before).and(filter).node,
            None => filter.node,
        });
        self
    }

    /// Orders the rows; a second call orders those that are equal by the first.
    pub fn order_by(mut self, order: Order<S>) -> Self {
        self.parts.order.push((order.node, order.descending));
        self
    }

    /// At most that many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.parts.limit = Some(rows);
        self
    }

    /// Without the first that many rows.
    pub fn offset(mut self, rows: u64) -> Self {
        self.parts.offset = Some(rows);
        self
    }

    /// Equal rows once. They are in no order but that of `order_by`, which may name selected columns
    /// only.
    ///
    /// Values are compared, not how they are written: `1.0` and `1.00` are one decimal, noon in Rome and
    /// at that moment in London one moment. Nested documents, JSON and lists are compared as the JSON that
    /// they are; whole records have their keys, so that only the same row is equal to itself.
    pub fn distinct(mut self) -> Self {
        self.parts.before_union("`distinct`");
        self.parts.distinct = true;
        self
    }

    /// What each row becomes: a column or an expression, [`record`], a tuple of them.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let names: Vec<(String, Option<i32>)> = users.list().select((User::name, User::born)).await?;
    /// assert_eq!(names[0], ("Ann".to_owned(), Some(1990)));
    /// # Ok(()) }
    /// ```
    pub fn select<P: Projection<S, I>, I>(mut self, what: P) -> Query<S, P::Output, C> {
        self.parts.before_union("what is selected");
        let mut outputs = Outputs::default();
        what.outputs(&mut outputs);
        let parts = Parts { outputs: outputs.0, ..self.parts };
        Query { parts, decode: P::decode, on: self.on, of: PhantomData }
    }
}

impl<S: Scope, O: 'static, C> Query<S, O, C> {
    /// The rows of the other query too; equal rows once, as [`distinct`](Query::distinct) compares them.
    /// Both are in the order of this one's `order_by` and limit, which may name selected columns only.
    /// Whatever else is said of the rows stands before, in each of the queries; or behind
    /// `.named::<…>().as_table()`.
    pub fn union<T: Scope, D>(mut self, other: Query<T, O, D>) -> Self {
        self.parts.union.push((false, other.parts));
        self
    }

    /// The rows of the other query too.
    pub fn union_all<T: Scope, D>(mut self, other: Query<T, O, D>) -> Self {
        self.parts.union.push((true, other.parts));
        self
    }
}

impl<R: SoftDelete, O, C> Query<R, O, C> {
    /// Deleted rows too.
    pub fn with_deleted(mut self) -> Self {
        self.parts.before_union("`with_deleted`");
        self.parts.deleted = Deleted::With;
        self
    }

    /// Deleted rows only.
    pub fn only_deleted(mut self) -> Self {
        self.parts.before_union("`only_deleted`");
        self.parts.deleted = Deleted::Only;
        self
    }
}
