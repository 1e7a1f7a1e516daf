//! Structs as JSON text. Values that JSON would lose are refused.
//!
//! serde_json writes NaN, infinities and `Some` of a null as `null` without an error, PostgreSQL
//! refuses `\u0000`, and serde_json does not read back deeply nested values. Dates and times that a
//! column would refuse are refused in a document too, because a filter would not find them.

mod storable;
mod unreadable;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;

use kontract_schema::model::{Table, Type};
use serde::{Deserialize, Serialize};
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};
use serde_json::value::RawValue;

pub(crate) use self::storable::{JSON_DEPTH, Moments, TOO_DEEP};
pub(crate) use self::unreadable::unreadable;
use crate::error::{Error, Result};
use crate::value::types::calendar::cut_fractions;

/// Returns the compact JSON of a value.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) for NaN, infinities, NUL characters, maps whose keys are not
/// texts, and nesting deeper than 120.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    with_moments(value, Moments::default())
}

/// Returns the compact JSON of a value that is a date or time, or has fields that are. Times are cut to
/// microseconds, as in a column.
///
/// # Errors
/// The errors of [`to_json`] and of [`calendar::check`](crate::value::types::calendar::check).
pub(crate) fn with_moments<T: Serialize + ?Sized>(
    value: &T,
    moments: Moments<'_>,
) -> Result<String> {
    storable::check(value, moments)?;
    let mut bytes = Vec::with_capacity(128);
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, NoNul);
    match value.serialize(&mut serializer) {
        Ok(()) => {
            let text = String::from_utf8(bytes)
                .map_err(|_| Error::value("a text that is not UTF-8 cannot be stored"))?;
            cut_moments(text, moments)
        }
        Err(error) if error.is_io() => Err(nul()),
        Err(error) => Err(Error::value(format!("cannot be stored as JSON: {error}"))),
    }
}

/// Cuts times that are finer than a microsecond.
fn cut_moments(text: String, moments: Moments<'_>) -> Result<String> {
    if moments.here {
        return Ok(cut_fractions(&text).into_owned());
    }
    if moments.fields.is_empty() || matches!(cut_fractions(&text), Cow::Borrowed(_)) {
        return Ok(text);
    }
    let mut fields: BTreeMap<String, Box<RawValue>> = from_json(&text)?;
    for name in moments.fields {
        if let Some(field) = fields.get_mut(name)
            && let Cow::Owned(cut) = cut_fractions(field.get())
        {
            *field = from_json(&cut)?;
        }
    }
    serde_json::to_string(&fields)
        .map_err(|error| Error::value(format!("cannot be stored as JSON: {error}")))
}

/// Reads JSON text.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode) if the text is not JSON of that type.
pub(crate) fn from_json<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| unreadable(text, error))
}

/// Returns the error for a text with a NUL character.
pub(crate) fn nul() -> Error {
    Error::value("a text with a NUL character cannot be stored")
}

/// Returns a stored document with its missing lists as empty lists, or `None` if no list is
/// missing.
pub(crate) fn with_lists(text: &str, table: &Table) -> Option<serde_json::Value> {
    let mut document: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(text).ok()?;
    let lists = table.schema.iter().filter(|f| !f.optional && matches!(f.ty, Type::Array(_)));
    let before = document.len();
    for list in lists {
        document.entry(list.column()).or_insert_with(|| serde_json::Value::Array(Vec::new()));
    }
    (document.len() > before).then(|| document.into())
}

/// Writes compact JSON, and refuses NUL characters.
struct NoNul;

impl Formatter for NoNul {
    fn write_char_escape<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::AsciiControl(0) => Err(io::Error::other("NUL")),
            escape => CompactFormatter.write_char_escape(writer, escape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_json_loses() {
        assert_eq!(
            to_json(&("a", Some(1.5), [-0.0, 5e-324])).ok().as_deref(),
            Some("[\"a\",1.5,[-0.0,5e-324]]")
        );
        for lost in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(to_json(&Some(vec![lost])).is_err());
        }
        assert!(to_json(&f32::NAN).is_err());
        assert!(to_json(&Some(serde_json::Value::Null)).is_err());
        assert!(to_json(&Some([serde_json::Value::Null])).is_ok());
        assert!(to_json("a\0b").is_err());
        assert!(to_json(&std::collections::BTreeMap::from([("\0", 1)])).is_err());
    }

    #[test]
    fn refuses_what_is_nested_too_deeply() {
        let nested = |depth| {
            (0..depth)
                .fold(serde_json::Value::Null, |inner, _| serde_json::Value::Array(vec![inner]))
        };
        let text = to_json(&nested(119)).expect("shallow enough");
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
        assert!(to_json(&nested(121)).is_err());
    }
}
