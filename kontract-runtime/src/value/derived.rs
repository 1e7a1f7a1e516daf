//! Small traits that derived code needs besides [`Record`](crate::Record).

use super::datum::Datum;
use super::document;
use super::document::from_json;
use super::field_value::{Value, mismatch};
use crate::error::{Error, Result};
use crate::value::types::{Timestamp, calendar};

/// An enum or document that was derived.
pub trait Described {
    /// What its source says, as a number. The derive of a table proves with it that the type of a
    /// field is the item that the build script resolved.
    const FINGERPRINT: u64;
}

impl<T: Described> Described for Option<T> {
    const FINGERPRINT: u64 = T::FINGERPRINT;
}

impl<T: Described> Described for Vec<T> {
    const FINGERPRINT: u64 = T::FINGERPRINT;
}

/// A type that can keep the time of a change.
pub trait Moment {
    /// That time.
    fn moment(now: Timestamp) -> Self;
}

impl Moment for Timestamp {
    fn moment(now: Timestamp) -> Self {
        now
    }
}

/// What was given, or the time of the change.
pub fn or_now<T: Moment>(given: Option<T>, now: Timestamp) -> T {
    given.unwrap_or_else(|| T::moment(now))
}

/// ISO 8601 in UTC, with milliseconds: `2026-01-15T10:30:00.000Z`.
impl Moment for String {
    fn moment(now: Timestamp) -> Self {
        let micros = now.as_millis().saturating_mul(1000);
        // The clock of a machine is within the years that text can hold.
        let text = calendar::format_datetime(micros).unwrap_or_default();
        format!("{}Z", text.strip_suffix("000").unwrap_or(&text))
    }
}

/// What is not a moment of Kontract's own type comes from the same instant in milliseconds.
macro_rules! moments {
    ($($feature:literal, $ty:ty, |$millis:ident| $from:expr;)*) => { $(
        #[cfg(feature = $feature)]
        impl Moment for $ty {
            fn moment(now: Timestamp) -> Self {
                let $millis = now.as_millis();
                // The clock of a machine is within the years that each of them holds.
                $from
            }
        }

        /// `Timestamp::now()` fits into such a field as it is; a clock with nanoseconds would not.
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

/// What is kept as JSON: serde writes and reads it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is kept as JSON, which needs serde's derives",
    label = "add `Serialize, Deserialize` to its derives",
    note = "a table whose fields are columns needs neither: `#[table(layout = \"columns\")]`"
)]
pub trait AsJson: serde::Serialize + serde::de::DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: serde::Serialize + serde::de::DeserializeOwned> AsJson for T {}

/// A derived document (`#[derive(Document)]`) as a value.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) where JSON would lose something.
pub fn object_to_datum<T: AsJson>(value: &T) -> Result<Datum<'static>> {
    Ok(Datum::Json(document::to_json(value)?.into()))
}

/// Reads [`object_to_datum`].
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode).
pub fn object_from_datum<T: AsJson>(datum: Datum<'_>) -> Result<T> {
    match datum {
        Datum::Json(text) => from_json(&text),
        other => Err(mismatch("a JSON document", &other)),
    }
}

/// A derived enum as a value, by its stored name.
///
/// # Errors
/// None; a `Result` so that it can stand where every value's does.
pub fn variant_to_datum(name: &'static str) -> Result<Datum<'static>> {
    Ok(Datum::Text(name.into()))
}

/// Reads a derived enum: `find` gives the variant of a stored name.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode) for a name that no variant has.
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
