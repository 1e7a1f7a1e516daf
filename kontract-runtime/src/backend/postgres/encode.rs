//! Values in PostgreSQL's [binary format](https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES):
//! as parameters, and as the elements of arrays.
//!
//! | value | bytes |
//! |---|---|
//! | numbers | big-endian |
//! | text, enum, bytes | as they are |
//! | JSONB | a version byte 1, text |
//! | dates with time | microseconds since 2000-01-01 |
//! | days | days since 2000-01-01 |
//! | arrays | dimensions, whether NULL is in it, element type, length, lower bound, elements |

use sqlx::encode::{Encode as SqlxEncode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};
use sqlx::{Arguments, Type};

#[cfg(feature = "decimal")]
use super::numeric;
use crate::backend::{Encode, Query};
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::record::Binder;
use crate::wire::{Scalar, Wire};

/// 2000-01-01 in microseconds, and in days, since 1970-01-01.
pub(super) const EPOCH_MICROS: i64 = 946_684_800_000_000;
pub(super) const EPOCH_DAYS: i32 = 10_957;

impl Scalar {
    /// The [type ids](https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat)
    /// of the type and of its array.
    fn oids(self) -> (u32, u32) {
        match self {
            Scalar::Bool => (16, 1000),
            Scalar::Bytes => (17, 1001),
            Scalar::I64 => (20, 1016),
            Scalar::I16 => (21, 1005),
            Scalar::I32 => (23, 1007),
            Scalar::Text => (25, 1009),
            Scalar::F32 => (700, 1021),
            Scalar::F64 => (701, 1022),
            Scalar::Day => (1082, 1182),
            Scalar::Time => (1083, 1183),
            Scalar::DateTime => (1114, 1115),
            Scalar::Instant => (1184, 1185),
            Scalar::Decimal => (1700, 1231),
            Scalar::Uuid => (2950, 2951),
            Scalar::Json => (3802, 3807),
        }
    }
}

impl Wire {
    pub(super) fn oid(self) -> u32 {
        let (one, list) = self.scalar.oids();
        if self.is_list() { list } else { one }
    }
}

/// The arguments of a query.
pub(super) fn arguments(query: &Query, values: Encode<'_>) -> Result<PgArguments> {
    let mut binder = Parameters { wires: &query.params, arguments: PgArguments::default() };
    binder.arguments.reserve(query.params.len(), query.params.len() * 16);
    values(&mut binder)?;
    Ok(binder.arguments)
}

struct Parameters<'a> {
    wires: &'a [Wire],
    arguments: PgArguments,
}

impl Binder for Parameters<'_> {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        let place = self.arguments.len();
        let wire =
            *self.wires.get(place).ok_or_else(|| Error::value("more values than columns"))?;
        add(&mut self.arguments, Bytes { oid: wire.oid(), write: &|out| put(&datum, wire, out) })
    }
}

fn add(arguments: &mut PgArguments, bytes: Bytes<'_>) -> Result<()> {
    arguments.add(bytes).map_err(|error| match error.downcast::<Error>() {
        Ok(ours) => *ours,
        Err(_) => Error::value("the value is too large"),
    })
}

/// A parameter whose bytes we write.
struct Bytes<'a> {
    oid: u32,
    write: &'a dyn Fn(&mut Vec<u8>) -> Result<bool>,
}

impl Type<sqlx::Postgres> for Bytes<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl SqlxEncode<'_, sqlx::Postgres> for Bytes<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        match (self.write)(buffer)? {
            true => Ok(IsNull::No),
            false => Ok(IsNull::Yes),
        }
    }
    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.oid)))
    }
}

/// Writes a value; gives whether there is one.
fn put(datum: &Datum<'_>, wire: Wire, out: &mut Vec<u8>) -> Result<bool> {
    match (datum, wire.is_list()) {
        (Datum::Null, _) => Ok(false),
        (Datum::Array(items), true) => {
            let mut list = List::new(wire.scalar);
            for item in items {
                list.push(item)?;
            }
            list.write(out);
            Ok(true)
        }
        (Datum::Array(_), false) if wire.scalar == Scalar::Json => {
            out.push(1);
            crate::json::write(datum, out)?;
            Ok(true)
        }
        (datum, false) => put_scalar(datum, wire.scalar, out).map(|()| true),
        (datum, true) => Err(wrong(datum)),
    }
}

fn wrong(datum: &Datum<'_>) -> Error {
    Error::value(format!("the column cannot hold {}", datum.word()))
}

fn put_scalar(datum: &Datum<'_>, scalar: Scalar, out: &mut Vec<u8>) -> Result<()> {
    let range = || Error::value("the date is out of PostgreSQL's range");
    match (datum, scalar) {
        (Datum::Bool(v), Scalar::Bool) => out.push(u8::from(*v)),
        (Datum::I16(v), Scalar::I16) => out.extend(v.to_be_bytes()),
        (Datum::I32(v), Scalar::I32) => out.extend(v.to_be_bytes()),
        (Datum::I64(v), Scalar::I64) => out.extend(v.to_be_bytes()),
        (Datum::F32(v), Scalar::F32) => out.extend(v.to_be_bytes()),
        (Datum::F64(v), Scalar::F64) => out.extend(v.to_be_bytes()),
        (Datum::Text(v), Scalar::Text) => out.extend(v.as_bytes()),
        (Datum::Bytes(v), Scalar::Bytes) => out.extend(v.iter()),
        (Datum::Uuid(v), Scalar::Uuid) => out.extend(v.as_bytes()),
        (Datum::Json(v), Scalar::Json) => {
            out.push(1);
            out.extend(v.as_bytes());
        }
        (Datum::Instant(v), Scalar::Instant) | (Datum::DateTime(v), Scalar::DateTime) => {
            out.extend(v.checked_sub(EPOCH_MICROS).ok_or_else(range)?.to_be_bytes());
        }
        (Datum::Day(v), Scalar::Day) => {
            out.extend(v.checked_sub(EPOCH_DAYS).ok_or_else(range)?.to_be_bytes());
        }
        (Datum::Time(v), Scalar::Time) => out.extend(v.to_be_bytes()),
        #[cfg(feature = "decimal")]
        (Datum::Decimal(v), Scalar::Decimal) => numeric::put(*v, out),
        (datum, Scalar::Json) => {
            out.push(1);
            crate::json::write(datum, out)?;
        }
        (datum, _) => return Err(wrong(datum)),
    }
    Ok(())
}

/// A one-dimensional array that grows.
struct List {
    scalar: Scalar,
    length: i32,
    nulls: bool,
    elements: Vec<u8>,
}

impl List {
    fn new(scalar: Scalar) -> List {
        List { scalar, length: 0, nulls: false, elements: Vec::new() }
    }

    fn push(&mut self, datum: &Datum<'_>) -> Result<()> {
        let start = self.elements.len();
        self.elements.extend((-1i32).to_be_bytes());
        if *datum == Datum::Null {
            self.nulls = true;
        } else {
            put_scalar(datum, self.scalar, &mut self.elements)?;
            let length = i32::try_from(self.elements.len() - start - 4)
                .map_err(|_| Error::value("the value is too large"))?;
            self.elements[start..start + 4].copy_from_slice(&length.to_be_bytes());
        }
        self.length += 1;
        Ok(())
    }

    fn write(&self, out: &mut Vec<u8>) {
        // An empty array has no dimension.
        let dimensions = i32::from(self.length > 0);
        out.extend(dimensions.to_be_bytes());
        out.extend(i32::from(self.nulls).to_be_bytes());
        out.extend(self.scalar.oids().0.to_be_bytes());
        if self.length > 0 {
            out.extend(self.length.to_be_bytes());
            out.extend(1i32.to_be_bytes());
        }
        out.extend(&self.elements);
    }
}

/// Rows turned into columns: each column becomes an array. A column that is a list itself travels
/// as its text, because an array of arrays would be a matrix.
pub(crate) struct Lists {
    wires: Vec<Wire>,
    lists: Vec<List>,
    next: usize,
}

impl Lists {
    /// For rows of those columns.
    pub(crate) fn new(wires: &[Wire]) -> Lists {
        let scalar = |wire: &Wire| if wire.is_list() { Scalar::Text } else { wire.scalar };
        let lists = wires.iter().map(|wire| List::new(scalar(wire))).collect();
        Lists { wires: wires.to_vec(), lists, next: 0 }
    }

    /// How large it is, in bytes.
    pub(crate) fn size(&self) -> usize {
        self.lists.iter().map(|list| list.elements.len()).sum()
    }

    /// The arguments: one array for each column.
    pub(crate) fn arguments(&self) -> Result<PgArguments> {
        let mut arguments = PgArguments::default();
        for list in &self.lists {
            let write = |out: &mut Vec<u8>| {
                list.write(out);
                Ok(true)
            };
            add(&mut arguments, Bytes { oid: list.scalar.oids().1, write: &write })?;
        }
        Ok(arguments)
    }
}

/// Takes the values row by row.
impl Binder for Lists {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        let place = self.next;
        let (Some(wire), Some(list)) = (self.wires.get(place), self.lists.get_mut(place)) else {
            return Err(Error::value("a table without columns"));
        };
        self.next = (place + 1) % self.wires.len();
        match (&datum, wire.is_list()) {
            (Datum::Array(items), true) => {
                list.push(&Datum::Text(crate::json::array_literal(items)?.into()))
            }
            (Datum::Array(_), false) if wire.scalar == Scalar::Json => {
                list.push(&Datum::Json(crate::json::to_text(&datum)?.into()))
            }
            _ => list.push(&datum),
        }
    }
}
