//! A value between a Rust type and a database driver.
//!
//! [`Value`](crate::value::field_value::Value) turns a field into a [`Datum`] and back; a driver
//! binds it and reads it. The schema type of a field alone decides which variant it has, on both
//! databases: SQLite stores a UUID as text, but its driver returns `Datum::Uuid`.
//!
//! | type in the schema | variant |
//! |---|---|
//! | `boolean` | `Bool` |
//! | `int8` `int16` `uint8` | `I16` |
//! | `int32` `uint16` | `I32` |
//! | `bigint` `date` `uint32` | `I64` |
//! | `float32`, `number` | `F32`, `F64` |
//! | `string` `enum(…)` `sql` | `Text` |
//! | `json` `object`, lists of those | `Json` |
//! | `T[]` of a scalar | `Array` |
//! | the others | of the same name |

use std::borrow::Cow;

/// A value between a Rust type and a driver; the table above lists the variant of each type. Text
/// and bytes are borrowed if possible.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Datum<'a> {
    /// NULL.
    Null,
    /// A boolean.
    Bool(bool),
    /// A 16-bit integer.
    I16(i16),
    /// A 32-bit integer.
    I32(i32),
    /// A 64-bit integer.
    I64(i64),
    /// A single-precision number.
    F32(f32),
    /// A double-precision number.
    F64(f64),
    /// Text without NUL characters.
    Text(Cow<'a, str>),
    /// Bytes.
    Bytes(Cow<'a, [u8]>),
    /// A UUID.
    Uuid(uuid::Uuid),
    /// The text of a JSON value.
    Json(Cow<'a, str>),
    /// A decimal number.
    #[cfg(feature = "decimal")]
    Decimal(rust_decimal::Decimal),
    /// Microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
    /// Microseconds since 1970-01-01T00:00:00, without a zone.
    DateTime(i64),
    /// Days since 1970-01-01.
    Day(i32),
    /// Microseconds since midnight.
    Time(i64),
    /// A list.
    Array(Vec<Datum<'a>>),
}

impl Datum<'_> {
    /// Returns the value as one that borrows nothing.
    pub fn into_owned(self) -> Datum<'static> {
        match self {
            Datum::Null => Datum::Null,
            Datum::Bool(v) => Datum::Bool(v),
            Datum::I16(v) => Datum::I16(v),
            Datum::I32(v) => Datum::I32(v),
            Datum::I64(v) => Datum::I64(v),
            Datum::F32(v) => Datum::F32(v),
            Datum::F64(v) => Datum::F64(v),
            Datum::Text(v) => Datum::Text(Cow::Owned(v.into_owned())),
            Datum::Bytes(v) => Datum::Bytes(Cow::Owned(v.into_owned())),
            Datum::Uuid(v) => Datum::Uuid(v),
            Datum::Json(v) => Datum::Json(Cow::Owned(v.into_owned())),
            #[cfg(feature = "decimal")]
            Datum::Decimal(v) => Datum::Decimal(v),
            Datum::Instant(v) => Datum::Instant(v),
            Datum::DateTime(v) => Datum::DateTime(v),
            Datum::Day(v) => Datum::Day(v),
            Datum::Time(v) => Datum::Time(v),
            Datum::Array(items) => Datum::Array(items.into_iter().map(Datum::into_owned).collect()),
        }
    }

    /// Returns the value with text, bytes and JSON borrowed from this one.
    pub(crate) fn borrowed(&self) -> Datum<'_> {
        match self {
            Datum::Text(v) => Datum::Text(Cow::Borrowed(v)),
            Datum::Bytes(v) => Datum::Bytes(Cow::Borrowed(v)),
            Datum::Json(v) => Datum::Json(Cow::Borrowed(v)),
            Datum::Array(items) => Datum::Array(items.iter().map(Datum::borrowed).collect()),
            other => other.clone(),
        }
    }

    /// Returns the name of the type for messages, never the value.
    pub(crate) fn kind_name(&self) -> &'static str {
        match self {
            Datum::Null => "NULL",
            Datum::Bool(_) => "a boolean",
            Datum::I16(_) | Datum::I32(_) | Datum::I64(_) => "an integer",
            Datum::F32(_) | Datum::F64(_) => "a number",
            Datum::Text(_) => "a text",
            Datum::Bytes(_) => "bytes",
            Datum::Uuid(_) => "a UUID",
            Datum::Json(_) => "JSON",
            #[cfg(feature = "decimal")]
            Datum::Decimal(_) => "a decimal number",
            Datum::Instant(_) | Datum::DateTime(_) => "a date with time",
            Datum::Day(_) => "a day",
            Datum::Time(_) => "a time of day",
            Datum::Array(_) => "a list",
        }
    }
}
