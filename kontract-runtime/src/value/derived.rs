//! Traits and functions that derived code uses besides [`Record`](crate::Record).

use super::assign::or_constant;
use super::datum::Datum;
use super::document;
use super::document::from_json;
use super::field_value::{Value, mismatch};
use crate::error::{Error, Result};
use crate::value::types::{Timestamp, calendar};

/// A type with `#[derive(Enum)]`, `#[derive(Document)]` or `#[derive(Value)]`.
pub trait Described {
    /// A hash of the item's source. The derive of a table uses it to prove that the type of a field
    /// is the item that the build script resolved.
    const FINGERPRINT: u64;
}

impl<T: Described> Described for Option<T> {
    const FINGERPRINT: u64 = T::FINGERPRINT;
}

impl<T: Described> Described for Vec<T> {
    const FINGERPRINT: u64 = T::FINGERPRINT;
}

/// A type with `#[derive(Value)]`.
pub trait Newtype {
    /// The type of its field.
    type Inner;

    /// Makes one of the value of the field.
    fn wrap(inner: Self::Inner) -> Self;
}

impl<T: Newtype> Newtype for Option<T> {
    type Inner = T::Inner;

    fn wrap(inner: T::Inner) -> Option<T> {
        Some(T::wrap(inner))
    }
}

/// A date or time whose JSON by serde is ISO 8601, the form of constants in the lock file.
#[diagnostic::on_unimplemented(
    message = "the default of a `{Self}` in a document is not known",
    label = "its JSON may have another form than ISO 8601",
    note = "use a type of jiff or chrono, or the layout `columns`"
)]
pub trait IsoJson {}

impl<T: Newtype> IsoJson for T where T::Inner: IsoJson {}
impl<T: IsoJson> IsoJson for Vec<T> {}
impl<T: IsoJson> IsoJson for Option<Vec<T>> {}

#[cfg(any(feature = "jiff", feature = "chrono"))]
macro_rules! iso_json {
    ($($ty:ty),* $(,)?) => { $(
        impl IsoJson for $ty {}
        impl IsoJson for Option<$ty> {}
    )* };
}

#[cfg(feature = "jiff")]
iso_json!(jiff::Timestamp, jiff::civil::DateTime, jiff::civil::Date, jiff::civil::Time);
#[cfg(feature = "chrono")]
iso_json!(
    chrono::DateTime<chrono::Utc>,
    chrono::NaiveDateTime,
    chrono::NaiveDate,
    chrono::NaiveTime,
);

/// As [`or_constant`], of dates and times.
///
/// # Panics
/// As [`or_constant`].
#[doc(hidden)]
pub fn or_moment<T: serde::de::DeserializeOwned + IsoJson>(given: Option<T>, json: &str) -> T {
    or_constant(given, json)
}

/// Converts the fields of a list of newtypes as [`Value::list_to_member`] does.
///
/// # Errors
/// The errors of [`Value::list_to_member`].
pub fn items_to_member<'a, T: Value + 'a>(items: impl Iterator<Item = &'a T>) -> Result<Datum<'a>> {
    let mut members = Vec::new();
    for item in items {
        match T::list_to_member(std::slice::from_ref(item))? {
            Datum::Array(one) => members.extend(one),
            other => members.push(other),
        }
    }
    Ok(Datum::Array(members))
}

/// A type that can store the time of a change.
pub trait Moment {
    /// Converts the time to the type.
    fn moment(now: Timestamp) -> Self;
}

impl Moment for Timestamp {
    fn moment(now: Timestamp) -> Self {
        now
    }
}

/// Returns the given value, or the time of the change.
pub fn or_now<T: Moment>(given: Option<T>, now: Timestamp) -> T {
    given.unwrap_or_else(|| T::moment(now))
}

/// Stored as ISO 8601 in UTC, with milliseconds: `2026-01-15T10:30:00.000Z`.
impl Moment for String {
    fn moment(now: Timestamp) -> Self {
        let micros = now.as_millis().saturating_mul(1000);
        // The clock of a machine is within the years 1 to 9999.
        let text = calendar::format_datetime(micros).unwrap_or_default();
        format!("{}Z", text.strip_suffix("000").unwrap_or(&text))
    }
}

impl<T: Moment> Moment for Option<T> {
    fn moment(now: Timestamp) -> Self {
        Some(T::moment(now))
    }
}

/// Types of other crates are made of the same instant in milliseconds, in UTC.
macro_rules! times {
    ($($feature:literal, $ty:ty, |$now:ident| $from:expr;)*) => { $(
        #[cfg(feature = $feature)]
        impl Moment for $ty {
            fn moment($now: Timestamp) -> Self {
                // The clock of a machine is within the range of each of these types.
                $from
            }
        }
    )* };
}

/// Points in time, to which `Timestamp` can be assigned.
macro_rules! moments {
    ($($feature:literal, $ty:ty, |$millis:ident| $from:expr;)*) => { $(
        times! { $feature, $ty, |now| { let $millis = now.as_millis(); $from }; }

        /// `Timestamp::now()` fits into such a field without loss; a clock with nanoseconds would
        /// not.
        #[cfg(feature = $feature)]
        #[diagnostic::do_not_recommend]
        impl crate::value::assign::Assign<$ty> for Timestamp {
            fn assign(self) -> $ty {
                Moment::moment(self)
            }
        }

        #[cfg(feature = $feature)]
        #[diagnostic::do_not_recommend]
        impl crate::value::assign::Assign<Option<$ty>> for Timestamp {
            fn assign(self) -> Option<$ty> {
                Some(Moment::moment(self))
            }
        }
    )* };
}

moments! {
    "jiff", jiff::Timestamp, |millis| jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    "chrono", chrono::DateTime<chrono::Utc>,
        |millis| chrono::DateTime::from_timestamp_millis(millis).unwrap_or_default();
    "time", time::OffsetDateTime,
        |millis| time::OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(millis);
}

times! {
    "jiff", jiff::civil::DateTime,
        |now| jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::moment(now));
    "jiff", jiff::civil::Date, |now| jiff::civil::DateTime::moment(now).date();
    "jiff", jiff::civil::Time, |now| jiff::civil::DateTime::moment(now).time();
    "chrono", chrono::NaiveDateTime, |now| chrono::DateTime::moment(now).naive_utc();
    "chrono", chrono::NaiveDate, |now| chrono::NaiveDateTime::moment(now).date();
    "chrono", chrono::NaiveTime, |now| chrono::NaiveDateTime::moment(now).time();
    "time", time::PrimitiveDateTime, |now| {
        let now = time::OffsetDateTime::moment(now);
        time::PrimitiveDateTime::new(now.date(), now.time())
    };
    "time", time::Date, |now| time::OffsetDateTime::moment(now).date();
    "time", time::Time, |now| time::OffsetDateTime::moment(now).time();
}

/// A type that is stored as JSON: serde writes and reads it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is kept as JSON, which needs serde's derives",
    label = "add `Serialize, Deserialize` to its derives",
    note = "a table whose fields are columns needs neither: `#[table(layout = \"columns\")]`"
)]
pub trait AsJson: serde::Serialize + serde::de::DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: serde::Serialize + serde::de::DeserializeOwned> AsJson for T {}

/// Returns a derived document (`#[derive(Document)]`) as a value.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) if JSON would lose a part of the value.
pub fn object_to_datum<T: AsJson>(value: &T) -> Result<Datum<'static>> {
    Ok(Datum::Json(document::to_json(value)?.into()))
}

/// Reads a document that [`object_to_datum`] wrote.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode) if the stored value is not a document of that type.
pub fn object_from_datum<T: AsJson>(datum: Datum<'_>) -> Result<T> {
    match datum {
        Datum::Json(text) => from_json(&text),
        other => Err(mismatch("a JSON document", &other)),
    }
}

/// Returns a derived enum as a value: the stored name of the variant.
///
/// # Errors
/// None; it returns a `Result` because the function for each other type does.
pub fn variant_to_datum(name: &'static str) -> Result<Datum<'static>> {
    Ok(Datum::Text(name.into()))
}

/// Reads a derived enum. `find` returns the variant with a stored name.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode) if no variant has the stored name.
pub fn variant_from_datum<T>(datum: Datum<'_>, find: fn(&str) -> Option<T>) -> Result<T> {
    let name = String::from_datum(datum)?;
    find(&name).ok_or_else(|| Error::decode("the stored name is not a variant of the enum"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_text() {
        let text = |millis| String::moment(Timestamp::from_millis(millis));
        assert_eq!(text(1_768_473_000_000), "2026-01-15T10:30:00.000Z");
        assert_eq!(text(1_768_473_000_120), "2026-01-15T10:30:00.120Z");
        assert_eq!(text(-1), "1969-12-31T23:59:59.999Z");
    }
}
