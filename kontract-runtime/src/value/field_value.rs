//! The types that a field can have: [`Value`], and its implementations for the plain types.
//!
//! `#[derive(Enum)]` and `#[derive(Document)]` implement it. Each type reads two forms: its own
//! variant of [`Datum`], and `Datum::Json`, which it has in a list of lists.

use std::borrow::Cow;

use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::document::{JSON_DEPTH, TOO_DEEP, from_json, nul};
use crate::value::types::{Bytes, Timestamp};

/// A type that a field can have. The derives `Enum`, `Document` and `Value` implement it.
///
/// ```
/// # use kontract_doc_tables::*;
/// use kontract::value::Value;
/// assert_eq!(i64::from_datum(5_i64.to_datum()?)?, 5);
///
/// // A datum of another type, or a value that no database can store, is an error.
/// assert_eq!(*String::from_datum(5_i64.to_datum()?).unwrap_err().kind(), Kind::Decode);
/// assert_eq!(*"a\0b".to_owned().to_datum().unwrap_err().kind(), Kind::Value);
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be kept in a field",
    label = "not a type that Kontract knows",
    note = "supported: String, f64, bool, i64, Timestamp, Vec<u8>, Bytes, i8 … u32, f32, Uuid, Decimal, Json, dates of jiff, chrono and time, Option<T>, Vec<T>, #[derive(Enum)], #[derive(Document)]"
)]
pub trait Value: Sized {
    /// The type that may be NULL: `Option<Self>`, or `Self` if it is an `Option`.
    type Maybe: Value<Maybe = Self::Maybe>;

    /// Whether the text that a document has for a value sorts as the values do; it does, too, where both databases
    /// read the text as a value.
    #[doc(hidden)]
    const SORTS_IN_DOCUMENTS: bool = true;

    /// Converts the field to the value that is sent to the database.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) if the database could not return the value unchanged.
    fn to_datum(&self) -> Result<Datum<'_>>;

    /// Converts the value that the database returned to the field.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) if the value is not one of this type.
    fn from_datum(datum: Datum<'_>) -> Result<Self>;

    /// Converts the field to the value that a filter compares with a key of a document.
    ///
    /// # Errors
    /// The errors of [`Value::to_datum`].
    #[doc(hidden)]
    fn to_member(&self) -> Result<Datum<'_>> {
        self.to_datum()
    }

    /// Converts a list to the form in which serde writes its elements, because databases compare
    /// lists by their JSON.
    #[doc(hidden)]
    fn list_to_member(items: &[Self]) -> Result<Datum<'_>> {
        items.iter().map(Value::to_member).collect::<Result<_>>().map(Datum::Array)
    }

    /// Refuses values that a JSON document would lose: NaN, infinities, NUL characters.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for such a value.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Converts a list of the type; a list of `u8` becomes bytes.
    #[doc(hidden)]
    fn list_to_datum(items: &[Self]) -> Result<Datum<'_>> {
        items.iter().map(Value::to_datum).collect::<Result<_>>().map(Datum::Array)
    }

    /// Reads a list that [`Value::list_to_datum`] wrote.
    #[doc(hidden)]
    fn list_from_datum(datum: Datum<'_>) -> Result<Vec<Self>> {
        match datum {
            Datum::Array(items) => items.into_iter().map(Self::from_datum).collect(),
            Datum::Json(text) => {
                let items: Vec<&serde_json::value::RawValue> = from_json(&text)?;
                let items = items.into_iter().map(serde_json::value::RawValue::get);
                items.map(|item| Self::from_datum(json_item(item))).collect()
            }
            other => Err(mismatch("a list", &other)),
        }
    }
}

/// Returns an element of a JSON list; `null` is NULL.
fn json_item(text: &str) -> Datum<'_> {
    match text.trim() {
        "null" => Datum::Null,
        text => Datum::Json(Cow::Borrowed(text)),
    }
}

/// Implements [`Value`] for a date or time type: how it becomes the variant of [`Datum`], and how it
/// is read from it. Its JSON differs from its text in a column, so lists are compared as serde
/// writes them.
#[cfg(any(feature = "jiff", feature = "chrono", feature = "time"))]
macro_rules! moment {
    ($ty:ty, $variant:ident, $expected:literal,
     |$value:ident| $to:expr, |$stored:ident| $from:expr $(,)?) => {
        impl Is<field_type_proof::$variant> for $ty {}

        impl Value for $ty {
            type Maybe = Option<Self>;
            fn to_datum(&self) -> Result<Datum<'_>> {
                let $value = self;
                Ok(Datum::$variant($to))
            }
            fn from_datum(datum: Datum<'_>) -> Result<$ty> {
                match datum {
                    Datum::$variant($stored) => $from,
                    Datum::Json(text) => from_json(&text),
                    other => Err(mismatch($expected, &other)),
                }
            }
            fn list_to_member(items: &[Self]) -> Result<Datum<'_>> {
                let item = |item: &Self| {
                    item.to_datum()?;
                    let moments = crate::value::document::Moments { fields: &[], here: true };
                    Ok(Datum::Json(crate::value::document::with_moments(item, moments)?.into()))
                };
                items.iter().map(item).collect::<Result<_>>().map(Datum::Array)
            }
        }
    };
}
#[cfg(any(feature = "jiff", feature = "chrono", feature = "time"))]
pub(crate) use moment;

/// Returns the error for a stored value of another type than expected.
pub(crate) fn mismatch(expected: &str, found: &Datum<'_>) -> Error {
    Error::decode(format!("expected {expected}, found {}", found.kind_name()))
}

/// Refuses texts with NUL characters: PostgreSQL cannot store them, and SQLite cuts them.
pub(crate) fn check_text(text: &str) -> Result<()> {
    if text.as_bytes().contains(&0) { Err(nul()) } else { Ok(()) }
}

macro_rules! integers {
    ($($ty:ty, $variant:ident, $of:ty;)*) => { $(
        impl Value for $ty {
            type Maybe = Option<Self>;
            fn to_datum(&self) -> Result<Datum<'_>> {
                Ok(Datum::$variant(<$of>::from(*self)))
            }
            fn from_datum(datum: Datum<'_>) -> Result<$ty> {
                let found = match datum {
                    Datum::I16(v) => i64::from(v),
                    Datum::I32(v) => i64::from(v),
                    Datum::I64(v) => v,
                    Datum::Json(text) => return from_json(&text),
                    other => return Err(mismatch("an integer", &other)),
                };
                <$ty>::try_from(found).map_err(|_| {
                    Error::decode(concat!("the stored number is out of the range of ", stringify!($ty)))
                })
            }
        }
    )* };
}

integers! {
    i8, I16, i16;
    i16, I16, i16;
    i32, I32, i32;
    i64, I64, i64;
    u16, I32, i32;
    u32, I64, i64;
}

/// A single value is a small integer; a list of them is bytes.
impl Value for u8 {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::I16(i16::from(*self)))
    }
    fn from_datum(datum: Datum<'_>) -> Result<u8> {
        let out_of_range = |_| Error::decode("the stored number is out of the range of u8");
        u8::try_from(i16::from_datum(datum)?).map_err(out_of_range)
    }
    fn list_to_datum(items: &[u8]) -> Result<Datum<'_>> {
        Ok(Datum::Bytes(Cow::Borrowed(items)))
    }
    fn list_from_datum(datum: Datum<'_>) -> Result<Vec<u8>> {
        match datum {
            Datum::Bytes(bytes) => Ok(bytes.into_owned()),
            Datum::Json(text) => from_json::<Bytes>(&text).map(|bytes| bytes.0),
            other => Err(mismatch("bytes", &other)),
        }
    }
}

impl Value for f64 {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        self.check_nan()?;
        Ok(Datum::F64(*self))
    }
    fn from_datum(datum: Datum<'_>) -> Result<f64> {
        match datum {
            Datum::F64(v) => Ok(v),
            Datum::F32(v) => Ok(f64::from(v)),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a number", &other)),
        }
    }
    fn check(&self) -> Result<()> {
        check_finite(self.is_finite())
    }
}

impl Value for f32 {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        f64::from(*self).check_nan()?;
        Ok(Datum::F32(*self))
    }
    fn from_datum(datum: Datum<'_>) -> Result<f32> {
        match datum {
            Datum::F32(v) => Ok(v),
            // A number of a document.
            Datum::F64(v) => Ok(v as f32),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a number", &other)),
        }
    }
    fn check(&self) -> Result<()> {
        check_finite(self.is_finite())
    }
}

trait CheckNan {
    fn check_nan(self) -> Result<()>;
}

impl CheckNan for f64 {
    /// SQLite would store NaN as NULL. Columns can store infinities.
    fn check_nan(self) -> Result<()> {
        if self.is_nan() { Err(Error::value("NaN cannot be stored")) } else { Ok(()) }
    }
}

/// JSON would silently store NaN and infinities as `null`.
fn check_finite(finite: bool) -> Result<()> {
    if finite { Ok(()) } else { Err(Error::value("NaN and infinities cannot be stored in JSON")) }
}

impl Value for bool {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::Bool(*self))
    }
    fn from_datum(datum: Datum<'_>) -> Result<bool> {
        match datum {
            Datum::Bool(v) => Ok(v),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a boolean", &other)),
        }
    }
}

impl Value for String {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        check_text(self)?;
        Ok(Datum::Text(Cow::Borrowed(self)))
    }
    fn from_datum(datum: Datum<'_>) -> Result<String> {
        match datum {
            Datum::Text(text) => Ok(text.into_owned()),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a text", &other)),
        }
    }
    fn check(&self) -> Result<()> {
        check_text(self)
    }
}

impl Value for Bytes {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        u8::list_to_datum(&self.0)
    }
    fn from_datum(datum: Datum<'_>) -> Result<Bytes> {
        u8::list_from_datum(datum).map(Bytes)
    }
}

impl Value for Timestamp {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::I64(self.as_millis()))
    }
    fn from_datum(datum: Datum<'_>) -> Result<Timestamp> {
        i64::from_datum(datum).map(Timestamp::from_millis)
    }
}

impl Value for uuid::Uuid {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::Uuid(*self))
    }
    fn from_datum(datum: Datum<'_>) -> Result<uuid::Uuid> {
        match datum {
            Datum::Uuid(v) => Ok(v),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a UUID", &other)),
        }
    }
}

impl Value for serde_json::Value {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        self.check()?;
        Ok(Datum::Json(Cow::Owned(self.to_string())))
    }
    fn from_datum(datum: Datum<'_>) -> Result<serde_json::Value> {
        match datum {
            Datum::Json(text) => from_json(&text),
            Datum::Null => Ok(serde_json::Value::Null),
            other => Err(mismatch("JSON", &other)),
        }
    }
    fn check(&self) -> Result<()> {
        check_json(self, JSON_DEPTH)
    }
}

fn check_json(json: &serde_json::Value, levels: u8) -> Result<()> {
    let inside = |json| match levels.checked_sub(1) {
        Some(levels) => check_json(json, levels),
        None => Err(Error::value(TOO_DEEP)),
    };
    match json {
        serde_json::Value::String(text) => check_text(text),
        serde_json::Value::Array(items) => items.iter().try_for_each(inside),
        serde_json::Value::Object(members) => members.iter().try_for_each(|(key, value)| {
            check_text(key)?;
            inside(value)
        }),
        _ => Ok(()),
    }
}

impl<T: Value> Value for Option<T> {
    type Maybe = Option<T>;
    const SORTS_IN_DOCUMENTS: bool = T::SORTS_IN_DOCUMENTS;
    fn to_datum(&self) -> Result<Datum<'_>> {
        self.as_ref().map_or(Ok(Datum::Null), T::to_datum)
    }
    fn to_member(&self) -> Result<Datum<'_>> {
        self.as_ref().map_or(Ok(Datum::Null), T::to_member)
    }
    fn from_datum(datum: Datum<'_>) -> Result<Option<T>> {
        match datum {
            Datum::Null => Ok(None),
            datum => T::from_datum(datum).map(Some),
        }
    }
    fn check(&self) -> Result<()> {
        self.as_ref().map_or(Ok(()), T::check)
    }
}

impl<T: Value> Value for Vec<T> {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        T::list_to_datum(self)
    }
    fn to_member(&self) -> Result<Datum<'_>> {
        T::list_to_member(self)
    }
    fn from_datum(datum: Datum<'_>) -> Result<Vec<T>> {
        T::list_from_datum(datum)
    }
    fn check(&self) -> Result<()> {
        self.iter().try_for_each(T::check)
    }
}

/// Types that are wider than each column type: only with `#[column(sql_type = "numeric(20)")]` and
/// the like, where they are sent as text.
macro_rules! wide {
    ($($ty:ty)*) => { $(
        impl Value for $ty {
            type Maybe = Option<Self>;
            fn to_datum(&self) -> Result<Datum<'_>> {
                Ok(Datum::Text(Cow::Owned(self.to_string())))
            }
            fn from_datum(datum: Datum<'_>) -> Result<$ty> {
                match datum {
                    Datum::Text(text) => text.parse().map_err(|_| {
                        Error::decode(concat!("the stored text is not a ", stringify!($ty)))
                    }),
                    Datum::Json(text) => from_json(&text),
                    other => Err(mismatch("a number as text", &other)),
                }
            }
        }
    )* };
}

wide!(u64 u128 i128 usize isize);
