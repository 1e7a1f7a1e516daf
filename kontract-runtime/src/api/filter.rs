//! Typed columns, and the conditions made of them.
//!
//! A filter has at least one condition: an empty filter, which would match all rows by accident, cannot
//! be written.

use std::marker::PhantomData;
use std::ops::{BitAnd, BitOr, Not};

use crate::sql::scope::{Has, Source};
use crate::sql::tree::node::{Field, Node};
use crate::value::field_value::Value;

/// A field of the table `Q` of type `T`: `User::age`.
///
/// Texts compare as the database compares texts. An enum is such a text, the name of its variant:
/// `gt`, `lt` and orders go by that name, not by the place of the variant in the enum.
///
/// A column can stand in every query that has its table. The query is the type parameter `S` of
/// what is made of a column, [`Filter<S>`]: for a query on one table it is that table, and the
/// compiler finds it by itself. `I` and `K` are always found by itself.
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
/// A comparison with a field that has no value is never true; `not` does not make it true.
#[must_use = "a filter does nothing until it is given to a query"]
pub struct Filter<S> {
    pub(crate) node: Node,
    of: PhantomData<fn() -> S>,
}

/// An order of rows: `User::age.desc()`.
#[must_use = "an order does nothing until it is given to a query"]
pub struct Order<S> {
    pub(crate) node: Node,
    pub(crate) descending: bool,
    of: PhantomData<fn() -> S>,
}

impl<S> Order<S> {
    pub(crate) fn of(node: Node, descending: bool) -> Order<S> {
        Order { node, descending, of: PhantomData }
    }
}

impl<Q, T> Column<Q, T> {
    /// The column at that position.
    pub(crate) const fn at_place(place: usize) -> Column<Q, T> {
        Column { place, of: PhantomData }
    }
}

impl<Q: Source, T: Value> Column<Q, T> {
    /// The field at that position of the struct.
    pub const fn new(place: usize) -> Column<Q, T> {
        Column { place, of: PhantomData }
    }

    /// The same field of a table under another name, see [`alias!`](crate::alias):
    /// `User::name.of(Manager)`.
    pub fn of<A: Source<Record = Q::Record>>(self, _: A) -> Column<A, T> {
        Column::new(self.place)
    }

    /// The position of the field in the struct.
    pub(crate) fn place(self) -> usize {
        self.place
    }

    /// The column in a query that has its table.
    pub(crate) fn node<S, I>(self) -> Node
    where
        S: Has<Q, I>,
    {
        Node::Column(Field { at: S::AT, meta: Q::source(), place: self.place })
    }
}

impl<S> Filter<S> {
    pub(crate) fn of(node: Node) -> Filter<S> {
        Filter { node, of: PhantomData }
    }

    /// Both; the same as `&`.
    pub fn and(self, other: Filter<S>) -> Filter<S> {
        Filter::of(self.node.and(other.node))
    }

    /// At least one of both; the same as `|`.
    pub fn or(self, other: Filter<S>) -> Filter<S> {
        Filter::of(self.node.or(other.node))
    }
}

impl<S> Clone for Filter<S> {
    fn clone(&self) -> Self {
        Filter::of(self.node.clone())
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
        Filter::of(self.node.not())
    }
}
