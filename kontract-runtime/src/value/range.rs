//! Ranges of numbers, dates and times: PostgreSQL's range types.

mod bounds;

use std::cmp::Ordering;
use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use kontract_schema::model::RangeOf;
use kontract_schema::stored_text::{EMPTY_RANGE, parse_range, print_range};

use self::bounds::order;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::document::from_json;
use crate::value::field_value::{Value, mismatch};
use crate::value::json;
use crate::value::types::calendar;

/// A range: all values between two bounds, each of which is in the range, not in it, or missing.
/// PostgreSQL's `int4range`, `int8range`, `numrange`, `daterange`, `tsrange` and `tstzrange`.
///
/// Ranges of whole numbers and days have one form: with the lower bound and without the upper one.
///
/// ```
/// # use kontract_runtime::Range;
/// use std::ops::Bound;
/// let range = Range::from(1..=5);
/// assert_eq!(range, Range::from(1..6));
/// assert_eq!(range.upper(), Bound::Excluded(&6));
/// assert!(range.contains(&5) && !range.contains(&6));
/// assert!(Range::from(3..3).is_empty());
/// assert_eq!("[1,5]".parse(), Ok(range));
/// ```
///
/// Ranges are ordered by their lower bounds, then by their upper ones; the empty range is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range<T> {
    /// `None` is the empty range.
    bounds: Option<(Bound<T>, Bound<T>)>,
}

/// What a [`Range`] can be a range of: `i32`, `i64`, `Decimal`, and the days, dates and moments of jiff,
/// chrono and time.
#[diagnostic::on_unimplemented(
    message = "there are no ranges of `{Self}`",
    label = "not a type of which PostgreSQL has ranges",
    note = "supported are i32, i64, Decimal, and the days, dates with time and moments of jiff, chrono and time"
)]
pub trait RangeValue: Value + Ord + Clone {
    /// The range type.
    #[doc(hidden)]
    const OF: RangeOf;

    /// Returns the next value, of a type that has one.
    #[doc(hidden)]
    fn next_value(&self) -> Option<Self>;
}

impl<T: RangeValue> Range<T> {
    /// Creates the range between two bounds. Bounds without a value between them make the empty range.
    ///
    /// A lower bound above the upper one, and a bound behind the last value of its type, are refused when
    /// the range is stored or compared, as PostgreSQL refuses them.
    pub fn new(lower: Bound<T>, upper: Bound<T>) -> Range<T> {
        if is_empty(&lower, &upper) {
            return Range::empty();
        }
        // A bound in reverse stays as it is.
        if !T::OF.is_discrete() || is_reversed(&lower, &upper) {
            return Range { bounds: Some((lower, upper)) };
        }
        let lower = match lower {
            Bound::Excluded(value) => {
                value.next_value().map_or(Bound::Excluded(value), Bound::Included)
            }
            lower => lower,
        };
        let upper = match upper {
            Bound::Included(value) => {
                value.next_value().map_or(Bound::Included(value), Bound::Excluded)
            }
            upper => upper,
        };
        if is_empty(&lower, &upper) {
            return Range::empty();
        }
        Range { bounds: Some((lower, upper)) }
    }

    /// Returns whether a value is in the range.
    pub fn contains(&self, value: &T) -> bool {
        let Some((lower, upper)) = &self.bounds else { return false };
        let is_above = match lower {
            Bound::Included(lower) => lower <= value,
            Bound::Excluded(lower) => lower < value,
            Bound::Unbounded => true,
        };
        is_above
            && match upper {
                Bound::Included(upper) => value <= upper,
                Bound::Excluded(upper) => value < upper,
                Bound::Unbounded => true,
            }
    }

    /// Returns whether some value is in both ranges.
    pub fn overlaps(&self, other: &Range<T>) -> bool {
        let is_before = |upper: &Bound<T>, lower: &Bound<T>| match (upper, lower) {
            (Bound::Included(upper), Bound::Included(lower)) => upper < lower,
            (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
            (
                Bound::Included(upper) | Bound::Excluded(upper),
                Bound::Included(lower) | Bound::Excluded(lower),
            ) => upper <= lower,
        };
        match (&self.bounds, &other.bounds) {
            (Some((lower, upper)), Some((others_lower, others_upper))) => {
                !is_before(upper, others_lower) && !is_before(others_upper, lower)
            }
            _ => false,
        }
    }

    /// Returns PostgreSQL's text of the range: `[1,6)`.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for bounds that PostgreSQL refuses.
    fn to_text(&self) -> Result<String> {
        let Some((lower, upper)) = &self.bounds else { return Ok(EMPTY_RANGE.to_owned()) };
        if is_reversed(lower, upper) {
            return Err(Error::value("the lower bound of the range is above its upper bound"));
        }
        if T::OF.is_discrete()
            && (matches!(lower, Bound::Excluded(_)) || matches!(upper, Bound::Included(_)))
        {
            return Err(Error::value("the range ends behind the last value of its type"));
        }
        Ok(print_range(&print_bound(lower)?, &print_bound(upper)?))
    }
}

impl<T> Range<T> {
    /// The range without values.
    pub const fn empty() -> Range<T> {
        Range { bounds: None }
    }

    /// Returns whether no value is in the range.
    pub fn is_empty(&self) -> bool {
        self.bounds.is_none()
    }

    /// Returns the lower bound; of the empty range it is missing.
    pub fn lower(&self) -> Bound<&T> {
        self.bounds.as_ref().map_or(Bound::Unbounded, |(lower, _)| lower.as_ref())
    }

    /// Returns the upper bound; of the empty range it is missing.
    pub fn upper(&self) -> Bound<&T> {
        self.bounds.as_ref().map_or(Bound::Unbounded, |(_, upper)| upper.as_ref())
    }
}

/// Whether the bounds are one value that is not in the range.
fn is_empty<T: PartialEq>(lower: &Bound<T>, upper: &Bound<T>) -> bool {
    match (lower, upper) {
        (Bound::Included(_), Bound::Included(_)) => false,
        (
            Bound::Included(lower) | Bound::Excluded(lower),
            Bound::Included(upper) | Bound::Excluded(upper),
        ) => lower == upper,
        _ => false,
    }
}

fn is_reversed<T: Ord>(lower: &Bound<T>, upper: &Bound<T>) -> bool {
    match (lower, upper) {
        (
            Bound::Included(lower) | Bound::Excluded(lower),
            Bound::Included(upper) | Bound::Excluded(upper),
        ) => lower > upper,
        _ => false,
    }
}

fn print_bound<T: RangeValue>(bound: &Bound<T>) -> Result<Bound<String>> {
    let print = |value: &T| json::datum_to_text(&value.to_datum()?);
    Ok(match bound {
        Bound::Included(value) => Bound::Included(print(value)?),
        Bound::Excluded(value) => Bound::Excluded(print(value)?),
        Bound::Unbounded => Bound::Unbounded,
    })
}

fn parse_bound<T: RangeValue>(bound: Bound<String>) -> Option<Bound<T>> {
    Some(match bound {
        Bound::Included(text) => Bound::Included(parse_value(&text)?),
        Bound::Excluded(text) => Bound::Excluded(parse_value(&text)?),
        Bound::Unbounded => Bound::Unbounded,
    })
}

/// Reads a bound as PostgreSQL prints it, or as it is stored.
fn parse_value<T: RangeValue>(text: &str) -> Option<T> {
    let datum = match T::OF {
        RangeOf::Integer => Datum::I32(text.parse().ok()?),
        RangeOf::BigInt => Datum::I64(text.parse().ok()?),
        #[cfg(feature = "decimal")]
        RangeOf::Numeric => Datum::Decimal(rust_decimal::Decimal::from_str_exact(text).ok()?),
        #[cfg(not(feature = "decimal"))]
        RangeOf::Numeric => return None,
        RangeOf::Date => Datum::Day(calendar::parse_day(text)?.try_into().ok()?),
        RangeOf::Timestamp => Datum::DateTime(calendar::parse_datetime(text)?),
        RangeOf::TimestampTz => Datum::Instant(calendar::parse_moment(text)?),
    };
    T::from_datum(datum).ok()
}

/// The error for a text that is not a range of the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseRangeError;

impl fmt::Display for ParseRangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a range of the type, like `[1,6)`, `(,5]` or `empty`")
    }
}

impl std::error::Error for ParseRangeError {}

/// Reads PostgreSQL's text of a range.
impl<T: RangeValue> FromStr for Range<T> {
    type Err = ParseRangeError;

    fn from_str(text: &str) -> std::result::Result<Range<T>, ParseRangeError> {
        let bounds = parse_range(text).ok_or(ParseRangeError)?;
        let Some((lower, upper)) = bounds else { return Ok(Range::empty()) };
        let parsed = parse_bound(lower).zip(parse_bound(upper));
        let (lower, upper) = parsed.ok_or(ParseRangeError)?;
        if is_reversed(&lower, &upper) {
            return Err(ParseRangeError);
        }
        Ok(Range::new(lower, upper))
    }
}

impl<T: RangeValue> Value for Range<T> {
    type Maybe = Option<Self>;
    const SORTS_IN_DOCUMENTS: bool = false;

    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::Text(self.to_text()?.into()))
    }

    fn from_datum(datum: Datum<'_>) -> Result<Range<T>> {
        let read = |text: &str| {
            let parsed = text.parse();
            parsed.map_err(|error: ParseRangeError| {
                Error::decode(format!("the stored text is {error}"))
            })
        };
        match datum {
            Datum::Text(text) => read(&text),
            Datum::Json(json) => {
                let text: String = from_json(&json)?;
                read(&text)
            }
            other => Err(mismatch("a range", &other)),
        }
    }

    fn check(&self) -> Result<()> {
        self.to_text().map(|_| ())
    }
}

/// The text of the range.
impl<T: RangeValue> serde::Serialize for Range<T> {
    fn serialize<S: serde::Serializer>(&self, to: S) -> std::result::Result<S::Ok, S::Error> {
        let text = self.to_text().map_err(|error| serde::ser::Error::custom(error.message()))?;
        to.serialize_str(&text)
    }
}

impl<'de, T: RangeValue> serde::Deserialize<'de> for Range<T> {
    fn deserialize<D: serde::Deserializer<'de>>(
        from: D,
    ) -> std::result::Result<Range<T>, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl<T: RangeValue> Ord for Range<T> {
    fn cmp(&self, other: &Range<T>) -> Ordering {
        order(self.bounds.as_ref(), other.bounds.as_ref())
    }
}

impl<T: RangeValue> PartialOrd for Range<T> {
    fn partial_cmp(&self, other: &Range<T>) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
