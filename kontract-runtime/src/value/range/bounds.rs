//! What ranges are of, what they are made of, and how they are ordered.

use std::cmp::Ordering;
use std::ops::Bound;

use kontract_schema::model::RangeOf;

use super::{Range, RangeValue};
use crate::value::assign::Assign;

macro_rules! values {
    ($($(#[$meta:meta])* $ty:ty => $of:ident, |$value:ident| $next:expr;)*) => { $(
        $(#[$meta])*
        impl RangeValue for $ty {
            const OF: RangeOf = RangeOf::$of;
            fn next_value(&self) -> Option<Self> {
                let $value = self;
                $next
            }
        }
    )* };
}

values! {
    i32 => Integer, |number| number.checked_add(1);
    i64 => BigInt, |number| number.checked_add(1);
    #[cfg(feature = "decimal")] rust_decimal::Decimal => Numeric, |_number| None;
    #[cfg(feature = "jiff")] jiff::civil::Date => Date, |day| day.tomorrow().ok();
    #[cfg(feature = "jiff")] jiff::civil::DateTime => Timestamp, |_at| None;
    #[cfg(feature = "jiff")] jiff::Timestamp => TimestampTz, |_at| None;
    #[cfg(feature = "chrono")] chrono::NaiveDate => Date, |day| day.succ_opt();
    #[cfg(feature = "chrono")] chrono::NaiveDateTime => Timestamp, |_at| None;
    #[cfg(feature = "chrono")] chrono::DateTime<chrono::Utc> => TimestampTz, |_at| None;
    #[cfg(feature = "time")] time::Date => Date, |day| day.next_day();
    #[cfg(feature = "time")] time::PrimitiveDateTime => Timestamp, |_at| None;
    #[cfg(feature = "time")] time::OffsetDateTime => TimestampTz, |_at| None;
}

/// Implements the conversion from a range of the standard library, also where a setter, a filter or a
/// key takes the range.
macro_rules! from_std {
    ($($from:ty, |$range:ident| $lower:expr, $upper:expr;)*) => { $(
        impl<T: RangeValue> From<$from> for Range<T> {
            fn from($range: $from) -> Range<T> {
                Range::new($lower, $upper)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: RangeValue> Assign<Range<T>> for $from {
            fn assign(self) -> Range<T> {
                self.into()
            }
        }

        #[diagnostic::do_not_recommend]
        impl<T: RangeValue> Assign<Option<Range<T>>> for $from {
            fn assign(self) -> Option<Range<T>> {
                Some(self.into())
            }
        }
    )* };
}

from_std! {
    std::ops::Range<T>, |range| Bound::Included(range.start), Bound::Excluded(range.end);
    std::ops::RangeInclusive<T>, |range| Bound::Included(range.start().clone()),
        Bound::Included(range.end().clone());
    std::ops::RangeFrom<T>, |range| Bound::Included(range.start), Bound::Unbounded;
    std::ops::RangeTo<T>, |range| Bound::Unbounded, Bound::Excluded(range.end);
    std::ops::RangeToInclusive<T>, |range| Bound::Unbounded, Bound::Included(range.end);
}

/// All values.
impl<T: RangeValue> From<std::ops::RangeFull> for Range<T> {
    fn from(_: std::ops::RangeFull) -> Range<T> {
        Range::new(Bound::Unbounded, Bound::Unbounded)
    }
}

/// Orders ranges as PostgreSQL does: by the lower bounds, then by the upper ones; the empty range is the
/// least.
pub(super) fn order<T: Ord>(
    left: Option<&(Bound<T>, Bound<T>)>,
    right: Option<&(Bound<T>, Bound<T>)>,
) -> Ordering {
    let (Some((lower, upper)), Some((others_lower, others_upper))) = (left, right) else {
        return left.is_some().cmp(&right.is_some());
    };
    Cut::before(lower)
        .cmp(&Cut::before(others_lower))
        .then_with(|| Cut::after(upper).cmp(&Cut::after(others_upper)))
}

/// Where a range begins or ends: between two neighbours of the order.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Cut<'a, T> {
    /// Before all values.
    Least,
    /// At a value: before it, or after it.
    At(&'a T, bool),
    /// After all values.
    Greatest,
}

impl<T> Cut<'_, T> {
    /// Returns where a range with this lower bound begins.
    fn before(lower: &Bound<T>) -> Cut<'_, T> {
        match lower {
            Bound::Included(value) => Cut::At(value, false),
            Bound::Excluded(value) => Cut::At(value, true),
            Bound::Unbounded => Cut::Least,
        }
    }

    /// Returns where a range with this upper bound ends.
    fn after(upper: &Bound<T>) -> Cut<'_, T> {
        match upper {
            Bound::Included(value) => Cut::At(value, true),
            Bound::Excluded(value) => Cut::At(value, false),
            Bound::Unbounded => Cut::Greatest,
        }
    }
}
