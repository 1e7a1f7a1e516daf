//! Conditions on ranges.

use kontract_schema::sql::dml::RangeTest;

use super::shared_methods::both;
use super::{Expr, Operand, Operated};
use crate::api::filter::{Column, Filter};
use crate::sql::scope::{Has, Source};
use crate::sql::tree::node::Node;
use crate::value::field_value::Value;
use crate::value::range::{Range, RangeValue};

/// A field that holds a range: `Range<T>` or `Option<Range<T>>`.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a range", label = "not a range")]
pub trait RangeField: Value {
    /// What it is a range of.
    type Bound: RangeValue;
}

impl<T: RangeValue> RangeField for Range<T> {
    type Bound = T;
}

impl<T: RangeValue> RangeField for Option<Range<T>> {
    type Bound = T;
}

impl<S, T: RangeField> Expr<S, T> {
    fn test(self, test: RangeTest, other: Operated) -> Filter<S> {
        let of = T::Bound::OF;
        let other = match other.0 {
            Node::Refused(why) => return Filter::from_node(Node::Refused(why)),
            Node::Value(value) if test == RangeTest::ContainsValue => {
                Node::Constant { value, ty: of.value_type() }
            }
            other => other,
        };
        let (range, other) = (Box::new(self.node), Box::new(other));
        Filter::from_node(Node::Ranges { test, of, range, other }.bounded())
    }
}

both! {
    impl Expr<S, T>, Column<Q, T> where S: Has<Q, I>; // a table there twice needs an `alias!`

    /// True if the value is in the range. On PostgreSQL an index `#[index(method = "gist")]` supports
    /// it.
    ///
    /// ```
    /// # use kontract_doc_tables::*; room_example(async |rooms| {
    /// let free = rooms.query(Room::nights.contains_value(4)).select(Room::name);
    /// assert_eq!(free.await?, ["Blue"]);
    /// # Ok(()) })
    /// ```
    fn contains_value<K>(
        self,
        value: impl Operand<S, T::Bound, K>
    ) -> Filter<S> where [T: RangeField] {
        self.test(RangeTest::ContainsValue, value.operand(false))
    }

    /// True if all values of another range are in the range; the empty range is in each one.
    ///
    /// ```
    /// # use kontract_doc_tables::*; room_example(async |rooms| {
    /// assert_eq!(rooms.query(Room::nights.contains_range(8..12)).count().await?, 1);
    /// # Ok(()) })
    /// ```
    fn contains_range<K>(
        self,
        other: impl Operand<S, Range<T::Bound>, K>
    ) -> Filter<S> where [T: RangeField] {
        self.test(RangeTest::ContainsRange, other.operand(false))
    }

    /// True if some value is in both ranges. On PostgreSQL an index `#[index(method = "gist")]` supports
    /// it.
    ///
    /// ```
    /// # use kontract_doc_tables::*; room_example(async |rooms| {
    /// assert_eq!(rooms.query(Room::nights.overlaps(4..=6)).count().await?, 2);
    /// # Ok(()) })
    /// ```
    fn overlaps<K>(
        self,
        other: impl Operand<S, Range<T::Bound>, K>
    ) -> Filter<S> where [T: RangeField] {
        self.test(RangeTest::Overlaps, other.operand(false))
    }
}
