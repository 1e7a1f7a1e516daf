//! Lists as text: JSON for SQLite and for lists in documents, array literals for PostgreSQL.
//!
//! In JSON a date is ISO 8601 text, bytes are base64, a decimal is a text.

use bytes::BufMut;

use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::field_value::mismatch;
use crate::value::types::{calendar, from_base64, to_base64};
use crate::value::wire::Scalar;

/// Returns the JSON of a value.
pub(crate) fn to_text(datum: &Datum<'_>) -> Result<String> {
    let mut bytes = Vec::new();
    write(datum, &mut bytes)?;
    String::from_utf8(bytes).map_err(|_| Error::value("a text is not UTF-8"))
}

/// Writes the JSON of a value.
pub(crate) fn write(datum: &Datum<'_>, out: &mut impl BufMut) -> Result<()> {
    match datum {
        Datum::Null => out.put_slice(b"null"),
        Datum::Json(text) => out.put_slice(text.as_bytes()),
        Datum::Bool(v) => out.put_slice(v.to_string().as_bytes()),
        Datum::I16(v) => out.put_slice(v.to_string().as_bytes()),
        Datum::I32(v) => out.put_slice(v.to_string().as_bytes()),
        Datum::I64(v) => out.put_slice(v.to_string().as_bytes()),
        Datum::F32(v) => out.put_slice(crate::value::document::to_json(v)?.as_bytes()),
        Datum::F64(v) => out.put_slice(crate::value::document::to_json(v)?.as_bytes()),
        Datum::Array(items) => {
            out.put_u8(b'[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.put_u8(b',');
                }
                write(item, out)?;
            }
            out.put_u8(b']');
        }
        other => out.put_slice(crate::value::document::to_json(&datum_to_text(other)?)?.as_bytes()),
    }
    Ok(())
}

/// Returns a value as the text that SQLite and JSON store.
pub(crate) fn datum_to_text(datum: &Datum<'_>) -> Result<String> {
    let range = || Error::value(calendar::OUT_OF_RANGE);
    Ok(match datum {
        Datum::Text(text) | Datum::Json(text) => text.to_string(),
        Datum::Bytes(bytes) => to_base64(bytes),
        Datum::Uuid(uuid) => uuid.to_string(),
        #[cfg(feature = "decimal")]
        Datum::Decimal(decimal) => decimal.to_string(),
        Datum::Instant(micros) => calendar::format_datetime(*micros).ok_or_else(range)? + "Z",
        Datum::DateTime(micros) => calendar::format_datetime(*micros).ok_or_else(range)?,
        Datum::Day(days) => calendar::format_day(i64::from(*days)).ok_or_else(range)?,
        Datum::Time(micros) => calendar::format_time(*micros).ok_or_else(range)?,
        Datum::Bool(v) => v.to_string(),
        Datum::I16(v) => v.to_string(),
        Datum::I32(v) => v.to_string(),
        Datum::I64(v) => v.to_string(),
        Datum::F32(v) => v.to_string(),
        Datum::F64(v) => v.to_string(),
        Datum::Array(_) => to_text(datum)?,
        Datum::Null => String::new(),
    })
}

/// Reads a text that [`text`] wrote, for the types that SQLite stores as text.
pub(crate) fn from_text<'a>(text: std::borrow::Cow<'a, str>, scalar: Scalar) -> Result<Datum<'a>> {
    let damaged = || Error::decode("the stored text is not what its column should hold");
    Ok(match scalar {
        Scalar::Text | Scalar::Printed(_) => Datum::Text(text),
        Scalar::Stored(form) => Datum::Text(form.load(&text).into()),
        Scalar::Json => Datum::Json(text),
        Scalar::Uuid => Datum::Uuid(uuid::Uuid::try_parse(&text).map_err(|_| damaged())?),
        Scalar::Bytes => Datum::Bytes(from_base64(&text).ok_or_else(damaged)?.into()),
        Scalar::Instant => Datum::Instant(calendar::parse_instant(&text).ok_or_else(damaged)?),
        Scalar::DateTime => Datum::DateTime(calendar::parse_datetime(&text).ok_or_else(damaged)?),
        Scalar::Day => {
            let days = calendar::parse_day(&text).and_then(|days| i32::try_from(days).ok());
            Datum::Day(days.ok_or_else(damaged)?)
        }
        Scalar::Time => Datum::Time(calendar::parse_time(&text).ok_or_else(damaged)?),
        #[cfg(feature = "decimal")]
        Scalar::Decimal => {
            use std::str::FromStr;
            Datum::Decimal(rust_decimal::Decimal::from_str(&text).map_err(|_| damaged())?)
        }
        #[cfg(not(feature = "decimal"))]
        Scalar::Decimal => return Err(Error::decode("decimal columns need the feature `decimal`")),
        Scalar::Bool | Scalar::I16 | Scalar::I32 | Scalar::I64 | Scalar::F32 | Scalar::F64 => {
            return Err(mismatch("a number", &Datum::Text(text)));
        }
    })
}

/// Reads a JSON list whose elements have one type.
pub(crate) fn list(text: &str, scalar: Scalar) -> Result<Datum<'static>> {
    let items: Vec<serde_json::Value> = crate::value::document::from_json(text)?;
    items.into_iter().map(|item| element(item, scalar)).collect::<Result<_>>().map(Datum::Array)
}

fn element(item: serde_json::Value, scalar: Scalar) -> Result<Datum<'static>> {
    use serde_json::Value;
    let damaged = || Error::decode("the stored list has an element of another type");
    Ok(match (item, scalar) {
        (Value::Null, _) => Datum::Null,
        (Value::Bool(v), Scalar::Bool) => Datum::Bool(v),
        (Value::String(text), scalar) => from_text(text.into(), scalar)?,
        (Value::Number(number), Scalar::F64) => Datum::F64(number.as_f64().ok_or_else(damaged)?),
        (Value::Number(number), Scalar::F32) => {
            Datum::F32(number.as_f64().ok_or_else(damaged)? as f32)
        }
        (Value::Number(number), scalar) => integer(number.as_i64().ok_or_else(damaged)?, scalar)?,
        _ => return Err(damaged()),
    })
}

/// Returns an integer as the variant of its column.
pub(crate) fn integer(number: i64, scalar: Scalar) -> Result<Datum<'static>> {
    let range = || Error::decode("the stored number is out of the column's range");
    Ok(match scalar {
        Scalar::Bool => Datum::Bool(match number {
            0 => false,
            1 => true,
            _ => return Err(range()),
        }),
        Scalar::I16 => Datum::I16(i16::try_from(number).map_err(|_| range())?),
        Scalar::I32 => Datum::I32(i32::try_from(number).map_err(|_| range())?),
        Scalar::I64 => Datum::I64(number),
        Scalar::F64 => Datum::F64(number as f64),
        Scalar::F32 => Datum::F32(number as f32),
        Scalar::Text => Datum::Text(number.to_string().into()),
        #[cfg(feature = "decimal")]
        Scalar::Decimal => Datum::Decimal(number.into()),
        _ => return Err(mismatch("a text", &Datum::I64(number))),
    })
}

/// Returns a number as the variant of its column.
pub(crate) fn fraction(number: f64, scalar: Scalar) -> Result<Datum<'static>> {
    let wrong = || Error::decode("expected a whole number, found a fraction");
    Ok(match scalar {
        Scalar::F64 => Datum::F64(number),
        Scalar::F32 => Datum::F32(number as f32),
        Scalar::Text => Datum::Text(number.to_string().into()),
        #[cfg(feature = "decimal")]
        Scalar::Decimal => {
            let range = |_| Error::decode("the stored number is out of the range of Decimal");
            let digits = rust_decimal::Decimal::from_str_exact(&number.to_string());
            Datum::Decimal(digits.map_err(range)?)
        }
        // From 2^63 on there are numbers that are not of 64 bits.
        scalar if number.fract() == 0.0 && number.abs() < 9_223_372_036_854_775_808.0 => {
            integer(number as i64, scalar)?
        }
        _ => return Err(wrong()),
    })
}

/// Returns PostgreSQL's text of an array: `{"a","b",NULL}`.
pub(crate) fn array_literal(items: &[Datum<'_>]) -> Result<String> {
    let mut out = String::from("{");
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(',');
        }
        let text = match item {
            Datum::Null => {
                out.push_str("NULL");
                continue;
            }
            Datum::Bytes(bytes) => {
                let hex = bytes.iter().map(|byte| format!("{byte:02x}"));
                format!("\\x{}", hex.collect::<String>())
            }
            item => datum_to_text(item)?,
        };
        out.push('"');
        for letter in text.chars() {
            if matches!(letter, '"' | '\\') {
                out.push('\\');
            }
            out.push(letter);
        }
        out.push('"');
    }
    out.push('}');
    Ok(out)
}
