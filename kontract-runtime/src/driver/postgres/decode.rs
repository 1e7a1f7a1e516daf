//! Rows in PostgreSQL's binary format, read by position, by `postgres-protocol` and, where a value
//! can be infinite, `postgres-types`. The schema decides as what a column is read; texts and bytes
//! are borrowed from the row.

use std::borrow::Cow;

use fallible_iterator::FallibleIterator as _;
use postgres_protocol::types;
use postgres_types::{Date, FromSql, Timestamp, Type};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgColumn, PgRow};
use sqlx::{Column as _, Row as _, TypeInfo as _};

use super::convert::convert;
use super::encode::{EPOCH_DAYS, EPOCH_MICROS, JSONB_VERSION};
use super::numeric;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::row::Reader;
use crate::value::wire::{Scalar, Wire};

/// A row, and the next column of it.
pub(super) struct Row<'a> {
    row: &'a PgRow,
    wires: &'a [Wire],
    /// Whether columns may have other types.
    converts: bool,
    next: usize,
}

impl<'a> Row<'a> {
    pub(super) fn new(row: &'a PgRow, wires: &'a [Wire], converts: bool) -> Row<'a> {
        Row { row, wires, converts, next: 0 }
    }

    /// The name of the column that was read last.
    pub(super) fn last_name(&self) -> Option<&str> {
        let place = self.next.checked_sub(1)?;
        self.row.columns().get(place).map(|column| column.name())
    }
}

/// Refuses columns of other types than the schema says: the bytes of a number may well be a text.
pub(super) fn check_types(row: &PgRow, wires: &[Wire]) -> Result<()> {
    for (column, wire) in row.columns().iter().zip(wires) {
        if !has_type(column, *wire) {
            return Err(other_type(column, *wire));
        }
    }
    Ok(())
}

/// Whether the values of a column can be read as they come.
fn has_type(column: &PgColumn, wire: Wire) -> bool {
    let wanted = wire.ty();
    let oid = column.type_info().oid();
    oid.is_some_and(|oid| oid.0 == wanted.oid() || is_alike(oid.0, &wanted))
}

fn other_type(column: &PgColumn, wire: Wire) -> Error {
    let (found, wanted) = (column.type_info(), wire.ty());
    let what = format!("it is of type {}, not {}", found.name().to_lowercase(), wanted.name());
    Error::decode(what)
        .in_column(column.name())
        .with_help("read it as that type, or cast it in the SQL")
}

/// Whether values of a type can be read as the other: they have the same bytes, or are whole numbers or
/// fractions of another width.
fn is_alike(found: u32, wanted: &Type) -> bool {
    let found = Type::from_oid(found);
    match *wanted {
        Type::TEXT => matches!(found, Some(Type::VARCHAR | Type::BPCHAR | Type::NAME)),
        Type::TEXT_ARRAY => matches!(found, Some(Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY)),
        Type::INT2 | Type::INT4 | Type::INT8 => {
            matches!(found, Some(Type::INT2 | Type::INT4 | Type::INT8))
        }
        Type::INT2_ARRAY | Type::INT4_ARRAY | Type::INT8_ARRAY => {
            matches!(found, Some(Type::INT2_ARRAY | Type::INT4_ARRAY | Type::INT8_ARRAY))
        }
        Type::FLOAT4 | Type::FLOAT8 => matches!(found, Some(Type::FLOAT4 | Type::FLOAT8)),
        Type::FLOAT4_ARRAY | Type::FLOAT8_ARRAY => {
            matches!(found, Some(Type::FLOAT4_ARRAY | Type::FLOAT8_ARRAY))
        }
        _ => false,
    }
}

impl Reader for Row<'_> {
    fn read(&mut self) -> Result<Datum<'_>> {
        let place = self.next;
        self.next += 1;
        let wire = *self.wires.get(place).ok_or_else(|| Error::decode("a column too few"))?;
        let raw = self.row.try_get_raw(place).map_err(|_| Error::decode("a column too few"))?;
        let Ok(bytes) = raw.as_bytes() else {
            return Ok(Datum::Null);
        };
        if self.converts
            && let Some(column) = self.row.columns().get(place)
            && !has_type(column, wire)
        {
            let oid = column.type_info().oid().map_or(0, |oid| oid.0);
            let converted = if wire.is_list() {
                None
            } else {
                convert(bytes, oid, wire.scalar).map_err(as_ours)?
            };
            return converted.ok_or_else(|| other_type(column, wire));
        }
        value(bytes, wire)
    }
}

fn value(bytes: &[u8], wire: Wire) -> Result<Datum<'_>> {
    let value = if wire.is_list() { list(bytes, wire.scalar) } else { one(bytes, wire.scalar) };
    value.map_err(as_ours)
}

fn as_ours(error: BoxDynError) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => *ours,
        Err(_) => damaged(),
    }
}

/// A list. What it borrows is the row's.
fn list(bytes: &[u8], scalar: Scalar) -> Result<Datum<'_>, BoxDynError> {
    let array = types::array_from_sql(bytes)?;
    let mut dimensions = array.dimensions();
    let length = dimensions.next()?.map_or(0, |dimension| dimension.len as usize);
    if dimensions.next()?.is_some() {
        return Err(Error::decode("the stored list has more than one dimension").into());
    }
    // An element has four bytes at least: memory is taken for as many as there can be.
    let mut items = Vec::with_capacity(length.min(bytes.len() / 4));
    let mut elements = array.values();
    while let Some(element) = elements.next()? {
        items.push(element.map_or(Ok(Datum::Null), |bytes| one(bytes, scalar))?);
    }
    Ok(Datum::Array(items))
}

/// A value that is not a list, or an element of one.
fn one(raw: &[u8], scalar: Scalar) -> Result<Datum<'_>, BoxDynError> {
    Ok(match scalar {
        Scalar::Bool => Datum::Bool(types::bool_from_sql(raw)?),
        // Of the width that it has, which the type of the field checks.
        Scalar::I16 | Scalar::I32 | Scalar::I64 => match raw.len() {
            2 => Datum::I16(types::int2_from_sql(raw)?),
            4 => Datum::I32(types::int4_from_sql(raw)?),
            _ => Datum::I64(types::int8_from_sql(raw)?),
        },
        Scalar::F32 | Scalar::F64 => match raw.len() {
            4 => Datum::F32(types::float4_from_sql(raw)?),
            _ => Datum::F64(types::float8_from_sql(raw)?),
        },
        Scalar::Text | Scalar::Stored(_) | Scalar::Printed(_) => {
            Datum::Text(Cow::Borrowed(types::text_from_sql(raw)?))
        }
        Scalar::Bytes => Datum::Bytes(Cow::Borrowed(types::bytea_from_sql(raw))),
        Scalar::Uuid => Datum::Uuid(uuid::Uuid::from_bytes(types::uuid_from_sql(raw)?)),
        Scalar::Instant => Datum::Instant(micros(raw)?),
        Scalar::DateTime => Datum::DateTime(micros(raw)?),
        Scalar::Day => match Date::<i32>::from_sql(&Type::DATE, raw)? {
            Date::Value(days) => Datum::Day(days.checked_add(EPOCH_DAYS).ok_or_else(damaged)?),
            Date::PosInfinity | Date::NegInfinity => return Err(infinite().into()),
        },
        Scalar::Time => Datum::Time(types::time_from_sql(raw)?),
        Scalar::Decimal => numeric::read(raw).ok_or_else(damaged)??,
        // `Json` of `postgres-types` would parse it.
        Scalar::Json => {
            let text = raw.strip_prefix(&[JSONB_VERSION]).ok_or_else(damaged)?;
            Datum::Json(Cow::Borrowed(types::text_from_sql(text)?))
        }
    })
}

/// Microseconds since 1970-01-01.
fn micros(raw: &[u8]) -> Result<i64, BoxDynError> {
    match Timestamp::<i64>::from_sql(&Type::TIMESTAMP, raw)? {
        Timestamp::Value(micros) => Ok(micros.checked_add(EPOCH_MICROS).ok_or_else(damaged)?),
        Timestamp::PosInfinity | Timestamp::NegInfinity => Err(infinite().into()),
    }
}

fn damaged() -> Error {
    Error::decode("the column has another type than the schema says")
}

fn infinite() -> Error {
    Error::decode("the stored date is infinite")
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use postgres_protocol::types::{ArrayDimension, array_to_sql};

    use super::*;
    use crate::value::wire::Shape;

    fn refusal(bytes: &[u8], wire: Wire) -> String {
        value(bytes, wire).expect_err("it is refused").to_string()
    }

    #[test]
    fn refuses_what_no_field_can_hold() {
        let instant = Wire::one(Scalar::Instant);
        assert!(refusal(&i64::MAX.to_be_bytes(), instant).contains("infinite"));
        assert!(refusal(&i64::MIN.to_be_bytes(), instant).contains("infinite"));
        assert!(refusal(&(i64::MAX - 1).to_be_bytes(), instant).contains("another type"));
        assert!(refusal(&i32::MIN.to_be_bytes(), Wire::one(Scalar::Day)).contains("infinite"));
        assert!(refusal(&[0; 3], Wire::one(Scalar::I32)).contains("another type"));
        assert!(refusal(b"{}", Wire::one(Scalar::Json)).contains("another type"));
        assert!(refusal(&[0xff], Wire::one(Scalar::Text)).contains("another type"));
    }

    #[test]
    fn refuses_a_matrix_but_no_damaged_list_as_one() {
        let list = Wire { scalar: Scalar::I32, shape: Shape::List };
        let side = || ArrayDimension { len: 1, lower_bound: 1 };
        let mut matrix = BytesMut::new();
        let none = |_: (), _: &mut BytesMut| Ok(postgres_protocol::IsNull::Yes);
        array_to_sql([side(), side()], Type::INT4.oid(), [()], none, &mut matrix)
            .expect("an array");
        assert!(refusal(&matrix, list).contains("more than one dimension"));

        let mut short = BytesMut::new();
        array_to_sql([side()], Type::INT4.oid(), [()], none, &mut short).expect("an array");
        assert_eq!(value(&short, list).expect("a list"), Datum::Array(vec![Datum::Null]));
        assert!(refusal(&short[..short.len() - 1], list).contains("another type"));
        short[12..16].copy_from_slice(&i32::MAX.to_be_bytes());
        assert!(refusal(&short, list).contains("another type"));
    }
}
