//! Columns of raw statements as other types than PostgreSQL gives them: a literal `1` is an `integer`, `1.5`
//! a `numeric`, NULL a `text`. The same values are read on SQLite, whose literals have other types.

use std::borrow::Cow;

use postgres_protocol::types;
use postgres_types::Type;
use sqlx::error::BoxDynError;

use super::numeric;
use crate::error::Result;
use crate::value::datum::Datum;
use crate::value::json;
use crate::value::wire::Scalar;

/// Reads a value of another type than the wanted one; `None` if there is no such conversion.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode) if this value is not one of the wanted type.
pub(super) fn convert<'a>(
    raw: &'a [u8],
    found: u32,
    wanted: Scalar,
) -> Result<Option<Datum<'a>>, BoxDynError> {
    let Some(found) = Type::from_oid(found) else { return Ok(None) };
    let is_number = matches!(
        wanted,
        Scalar::I16 | Scalar::I32 | Scalar::I64 | Scalar::F32 | Scalar::F64 | Scalar::Decimal
    );
    let takes_whole = is_number || matches!(wanted, Scalar::Text | Scalar::Bool);
    Ok(match found {
        Type::BOOL if is_number => Some(json::integer(types::bool_from_sql(raw)?.into(), wanted)?),
        Type::INT2 if takes_whole => {
            Some(json::integer(types::int2_from_sql(raw)?.into(), wanted)?)
        }
        Type::INT4 if takes_whole => {
            Some(json::integer(types::int4_from_sql(raw)?.into(), wanted)?)
        }
        Type::INT8 if takes_whole => Some(json::integer(types::int8_from_sql(raw)?, wanted)?),
        Type::FLOAT4 if is_number || wanted == Scalar::Text => {
            let number = types::float4_from_sql(raw)?.to_string();
            Some(json::fraction(number.parse()?, wanted)?)
        }
        Type::FLOAT8 if is_number || wanted == Scalar::Text => {
            Some(json::fraction(types::float8_from_sql(raw)?, wanted)?)
        }
        Type::NUMERIC if is_number || wanted == Scalar::Text => {
            let Some(number) = numeric::read(raw) else { return Ok(None) };
            let text = json::datum_to_text(&number?)?;
            match (wanted, text.parse()) {
                (Scalar::Text, _) => Some(Datum::Text(text.into())),
                (wanted, Ok(number)) => Some(json::integer(number, wanted)?),
                (wanted, Err(_)) => Some(json::fraction(text.parse()?, wanted)?),
            }
        }
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => match wanted {
            Scalar::Uuid
            | Scalar::Json
            | Scalar::Decimal
            | Scalar::Instant
            | Scalar::DateTime
            | Scalar::Day
            | Scalar::Time => {
                Some(json::from_text(Cow::Borrowed(types::text_from_sql(raw)?), wanted)?)
            }
            _ => None,
        },
        Type::JSON if wanted == Scalar::Json => {
            Some(Datum::Json(Cow::Borrowed(types::text_from_sql(raw)?)))
        }
        _ => None,
    })
}
