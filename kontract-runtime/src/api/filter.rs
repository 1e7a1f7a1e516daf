//! Typed columns, and the conditions on them.
//!
//! A filter has at least one condition, so it cannot match all rows by accident.

use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

use crate::sql::scope::{Has, Source};
use crate::sql::tree::node::{Field, Node};
use crate::value::field_value::Value;

/// A column: the field of type `T` of the table `Q`, such as `User::age`.
///
/// Texts are compared by the database. An enum is stored as the name of its variant: `gt`, `lt` and
/// orders use that name, not the position of the variant in the enum.
///
/// A column can be used in each query that has its table. The query is the type parameter `S` of
/// the results, such as [`Filter<S>`]: for a query on one table it is that table, and the compiler
/// infers it. `I` and `K` are always inferred.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let name: Column<User, String> = User::name;
/// assert_eq!(users.list().order_by(name.asc()).select(name).await?, ["Ann", "Bob", "Cem"]);
/// # Ok(()) })
/// ```
pub struct Column<Q, T> {
    place: usize,
    of: PhantomData<fn() -> (Q, T)>,
}

impl<Q, T> Clone for Column<Q, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<Q, T> Copy for Column<Q, T> {}

impl<Q, T> std::fmt::Debug for Column<Q, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Column({})", self.place)
    }
}

/// A condition on the rows of a query: `User::age.gt(18.0) & User::name.starts_with("A")`.
///
/// A comparison with NULL is never true, and `not` does not make it true; for `None` see `eq`, `ne`
/// and `is_in`.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let mut filter: Filter<Task> = Task::done.eq(false);
/// filter = filter & (Task::points.gt(2) | Task::title.contains("bread"));
/// assert_eq!(tasks.query(filter).count().await?, 2);
/// # Ok(()) })
/// ```
#[must_use = "a filter does nothing until it is given to a query"]
pub struct Filter<S> {
    pub(crate) node: Node,
    of: PhantomData<fn() -> S>,
}

/// An order of rows: `User::age.desc()`.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let order = if true { Task::points.desc() } else { Task::id.asc() };
/// assert_eq!(tasks.list().order_by(order).first().await?.unwrap().points, 3);
/// # Ok(()) })
/// ```
#[must_use = "an order does nothing until it is given to a query"]
pub struct Order<S> {
    pub(crate) node: Node,
    pub(crate) descending: bool,
    of: PhantomData<fn() -> S>,
}

impl<S> Order<S> {
    pub(crate) fn from_node(node: Node, descending: bool) -> Order<S> {
        Order { node, descending, of: PhantomData }
    }
}

impl<Q, T> Column<Q, T> {
    /// Creates the column at that position.
    pub(crate) const fn at_place(place: usize) -> Column<Q, T> {
        Column { place, of: PhantomData }
    }
}

impl<Q: Source, T: Value> Column<Q, T> {
    /// Creates the column of the field at that position of the struct.
    pub const fn new(place: usize) -> Column<Q, T> {
        Column { place, of: PhantomData }
    }

    /// Returns the same column of an alias of its table, see [`alias!`](crate::alias):
    /// `User::name.of(Manager)`.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// alias!(Other = Task);
    /// # example(async |users, tasks| {
    /// let more = Task::points.of(Other).gt(Task::points);
    /// let query = tasks.list().join::<Other>(more).select((Task::id, Task::id.of(Other)));
    /// assert_eq!(query.order_by(Task::id.asc()).limit(1).await?, [(1, 2)]);
    /// # Ok(()) })
    /// ```
    pub fn of<A: Source<Record = Q::Record>>(self, _: A) -> Column<A, T> {
        Column::new(self.place)
    }

    /// Returns the position of the field in the struct.
    pub(crate) fn place(self) -> usize {
        self.place
    }

    /// Returns the node of the column in a query that has its table.
    pub(crate) fn node<S, I>(self) -> Node
    where
        S: Has<Q, I>,
        T: Value,
    {
        let field = Field::new(S::AT, Q::source(), self.place);
        Node::Column(Field { sorts_in_documents: T::SORTS_IN_DOCUMENTS, ..field })
    }
}

impl<S> Filter<S> {
    pub(crate) fn from_node(node: Node) -> Filter<S> {
        Filter { node, of: PhantomData }
    }

    /// True if both filters are true; the same as `&`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let both = Task::done.eq(false).and(Task::points.gt(1));
    /// assert_eq!(tasks.query(both).count().await?, 1);
    /// # Ok(()) })
    /// ```
    pub fn and(self, other: Filter<S>) -> Filter<S> {
        Filter::from_node(self.node.and(other.node))
    }

    /// True if at least one of the filters is true; the same as `|`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let either = Task::done.eq(true).or(Task::points.gt(2));
    /// assert_eq!(tasks.query(either).count().await?, 2);
    /// # Ok(()) })
    /// ```
    pub fn or(self, other: Filter<S>) -> Filter<S> {
        Filter::from_node(self.node.or(other.node))
    }
}

impl<S> Clone for Filter<S> {
    fn clone(&self) -> Self {
        Filter::from_node(self.node.clone())
    }
}

impl<S> BitAnd for Filter<S> {
    type Output = Filter<S>;
    fn bitand(self, other: Filter<S>) -> Filter<S> {
        self.and(other)
    }
}

impl<S> BitOr for Filter<S> {
    type Output = Filter<S>;
    fn bitor(self, other: Filter<S>) -> Filter<S> {
        self.or(other)
    }
}

impl<S> Not for Filter<S> {
    type Output = Filter<S>;
    fn not(self) -> Filter<S> {
        Filter::from_node(self.node.not())
    }
}
