//! The type of queries: parts without types, the decoder of a row, and the database; and what they
//! can select.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::api::access::Access;
use crate::driver::statement::Decode;
use crate::error::Result;
use crate::sql::meta::Meta;
use crate::sql::record::Record;
use crate::sql::scope::{At, Scope};
use crate::sql::tree::node::Node;
use crate::sql::tree::{Output, Parts};
use crate::value::row::Reader;

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
    pub(crate) access: Arc<Access>,
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

impl<S: Scope, O, C> Query<S, O, C> {
    /// Selects what each row becomes: a column, an expression, [`record`](crate::record()), or a tuple of them.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let names: Vec<(String, Option<i32>)> = users.list().select((User::name, User::born)).await?;
    /// assert_eq!(names[0], ("Ann".to_owned(), Some(1990)));
    /// # Ok(()) })
    /// ```
    pub fn select<P: Projection<S, I>, I>(mut self, what: P) -> Query<S, P::Output, C> {
        self.parts.before_union("what is selected");
        self.parts.outputs = Outputs::of(what);
        self.read_by(P::decode)
    }
}

impl<S, O, C> Query<S, O, C> {
    /// Returns the query with another decoder of its rows, in a scope with the same tables.
    pub(super) fn read_by<T, P>(self, decode: Decode<P>) -> Query<T, P, C> {
        Query { parts: self.parts, decode, on: self.on, of: PhantomData }
    }
}

/// What a query can select: a column, an expression, [`record`](crate::record()), a tuple of up to twelve of them, or
/// a struct with `#[derive(Projection)]` by [`select_as`](crate::Selects::select_as).
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let doubled = tasks.list().order_by(Task::id.asc()).select((Task::title, Task::points.times(2)));
/// let rows: Vec<(String, i32)> = doubled.await?;
/// assert_eq!(rows[0], ("Buy milk".to_owned(), 4));
/// # Ok(()) })
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be selected from this query",
    label = "not a column or expression of its tables"
)]
pub trait Projection<S, I> {
    /// The type of a selected row.
    type Output: Send + 'static;

    #[doc(hidden)]
    fn outputs(self, to: &mut Outputs);

    #[doc(hidden)]
    fn decode(from: &mut dyn Reader) -> Result<Self::Output>;
}

/// The outputs of a query.
#[derive(Default)]
pub struct Outputs(pub(crate) Vec<Output>);

impl Outputs {
    /// Returns the outputs of a selection.
    pub(super) fn of<S, I, P: Projection<S, I>>(what: P) -> Vec<Output> {
        let mut outputs = Outputs::default();
        what.outputs(&mut outputs);
        outputs.0
    }

    pub(super) fn push(&mut self, node: Node) {
        self.0.push(Output::Value(node));
    }

    /// Returns the outputs that are expressions.
    pub(super) fn values(self) -> Vec<Node> {
        let value = |output| match output {
            Output::Value(node) => Some(node),
            _ => None,
        };
        self.0.into_iter().filter_map(value).collect()
    }
}
