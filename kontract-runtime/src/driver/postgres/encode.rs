//! Values in PostgreSQL's binary format, by `postgres-types`: as parameters, and as the elements of
//! arrays.
//!
//! Its `ToSql` has no implementation for values whose type is known only at run time; here a
//! [`Datum`] is matched with how its column travels, and handed to the implementation for what is
//! in it. JSON is text already, so only the version byte before it is written here. The driver
//! wants its bytes in a buffer of another type than `ToSql` writes to: a statement has one buffer,
//! from which each value is taken over as it is.

use bytes::{BufMut, BytesMut};
use kontract_schema::stored_text::Form;
use postgres_protocol::{IsNull, types};
use postgres_types::{ToSql, Type};
use sqlx::Arguments;
use sqlx::encode::{Encode as SqlxEncode, IsNull as SqlxIsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgArguments, PgTypeInfo};

use crate::driver::statement::{Encode, PreparedStatement};
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::row::Binder;
use crate::value::types::calendar;
use crate::value::wire::{Scalar, Wire};

/// 2000-01-01 in microseconds, and in days, since 1970-01-01.
pub(super) const EPOCH_MICROS: i64 = 946_684_800_000_000;
pub(super) const EPOCH_DAYS: i32 = 10_957;

impl Scalar {
    /// The type, and that of its array.
    #[inline]
    fn types(self) -> (Type, Type) {
        match self {
            Scalar::Bool => (Type::BOOL, Type::BOOL_ARRAY),
            Scalar::I16 => (Type::INT2, Type::INT2_ARRAY),
            Scalar::I32 => (Type::INT4, Type::INT4_ARRAY),
            Scalar::I64 => (Type::INT8, Type::INT8_ARRAY),
            Scalar::F32 => (Type::FLOAT4, Type::FLOAT4_ARRAY),
            Scalar::F64 => (Type::FLOAT8, Type::FLOAT8_ARRAY),
            Scalar::Text | Scalar::Stored(_) | Scalar::Printed(_) => (Type::TEXT, Type::TEXT_ARRAY),
            Scalar::Bytes => (Type::BYTEA, Type::BYTEA_ARRAY),
            Scalar::Uuid => (Type::UUID, Type::UUID_ARRAY),
            Scalar::Json => (Type::JSONB, Type::JSONB_ARRAY),
            Scalar::Decimal => (Type::NUMERIC, Type::NUMERIC_ARRAY),
            Scalar::Instant => (Type::TIMESTAMPTZ, Type::TIMESTAMPTZ_ARRAY),
            Scalar::DateTime => (Type::TIMESTAMP, Type::TIMESTAMP_ARRAY),
            Scalar::Day => (Type::DATE, Type::DATE_ARRAY),
            Scalar::Time => (Type::TIME, Type::TIME_ARRAY),
        }
    }
}

impl Wire {
    /// The type of the column or parameter.
    #[inline]
    pub(super) fn ty(self) -> Type {
        let (one, list) = self.scalar.types();
        if self.is_list() { list } else { one }
    }
}

/// The arguments of a query.
pub(super) fn arguments(query: &PreparedStatement, values: Encode<'_>) -> Result<PgArguments> {
    let mut binder = Parameters::new(query);
    values(&mut binder)?;
    Ok(binder.arguments)
}

struct Parameters<'a> {
    wires: &'a [Wire],
    arguments: PgArguments,
    /// The bytes of one value after the other.
    buffer: BytesMut,
}

impl Parameters<'_> {
    fn new(query: &PreparedStatement) -> Parameters<'_> {
        let mut arguments = PgArguments::default();
        arguments.reserve(query.params.len(), query.params.len() * 16);
        Parameters { wires: &query.params, arguments, buffer: BytesMut::new() }
    }
}

impl Binder for Parameters<'_> {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        let place = self.arguments.len();
        let wire =
            *self.wires.get(place).ok_or_else(|| Error::value("more values than columns"))?;
        self.buffer.clear();
        let bytes = match put(&datum, wire, &mut self.buffer)? {
            IsNull::No => Some(&self.buffer[..]),
            IsNull::Yes => None,
        };
        add(&mut self.arguments, wire.ty(), bytes)
    }
}

/// Adds a value that is encoded already; `None` is NULL.
fn add(arguments: &mut PgArguments, ty: Type, bytes: Option<&[u8]>) -> Result<()> {
    arguments.add(Encoded { ty, bytes }).map_err(refused)
}

/// Why a value could not be encoded: for a reason of ours, or its length does not fit 31 bits.
fn refused(error: BoxDynError) -> Error {
    match error.downcast::<Error>() {
        Ok(ours) => *ours,
        Err(_) => too_large(),
    }
}

fn too_large() -> Error {
    Error::value("the value is too large")
}

/// A value whose bytes are there.
struct Encoded<'a> {
    ty: Type,
    bytes: Option<&'a [u8]>,
}

impl sqlx::Type<sqlx::Postgres> for Encoded<'_> {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl SqlxEncode<'_, sqlx::Postgres> for Encoded<'_> {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<SqlxIsNull, BoxDynError> {
        let Some(bytes) = self.bytes else {
            return Ok(SqlxIsNull::Yes);
        };
        buffer.extend_from_slice(bytes);
        Ok(SqlxIsNull::No)
    }
    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.ty.oid())))
    }
}

/// Writes a value.
fn put(datum: &Datum<'_>, wire: Wire, out: &mut BytesMut) -> Result<IsNull> {
    match (datum, wire.is_list()) {
        (Datum::Null, _) => Ok(IsNull::Yes),
        (Datum::Array(items), true) => {
            let element = |item: &Datum<'_>, out: &mut BytesMut| match item {
                Datum::Null => Ok(IsNull::Yes),
                item => Ok(put_scalar(item, wire.scalar, out).map(|()| IsNull::No)?),
            };
            put_array(wire.scalar, items.len(), items.iter(), element, out).map(|()| IsNull::No)
        }
        (datum, false) => put_scalar(datum, wire.scalar, out).map(|()| IsNull::No),
        (datum, true) => Err(wrong(datum)),
    }
}

fn wrong(datum: &Datum<'_>) -> Error {
    Error::value(format!("the column cannot hold {}", datum.kind_name()))
}

/// Writes a one-dimensional array.
fn put_array<T>(
    of: Scalar,
    length: usize,
    elements: impl Iterator<Item = T>,
    put: impl FnMut(T, &mut BytesMut) -> Result<IsNull, BoxDynError>,
    out: &mut BytesMut,
) -> Result<()> {
    let len = i32::try_from(length).map_err(|error| refused(error.into()))?;
    // An empty array has no dimension.
    let dimension = (len > 0).then_some(types::ArrayDimension { len, lower_bound: 1 });
    types::array_to_sql(dimension, of.types().0.oid(), elements, put, out).map_err(refused)
}

fn put_scalar(datum: &Datum<'_>, scalar: Scalar, out: &mut BytesMut) -> Result<()> {
    // PostgreSQL would take more years than SQLite and JSON do.
    let range = || Error::value(calendar::OUT_OF_RANGE);
    let written = match (datum, scalar) {
        (Datum::Bool(v), Scalar::Bool) => v.to_sql(&Type::BOOL, out),
        (Datum::I16(v), Scalar::I16) => v.to_sql(&Type::INT2, out),
        (Datum::I32(v), Scalar::I32) => v.to_sql(&Type::INT4, out),
        (Datum::I64(v), Scalar::I64) => v.to_sql(&Type::INT8, out),
        (Datum::F32(v), Scalar::F32) => v.to_sql(&Type::FLOAT4, out),
        (Datum::F64(v), Scalar::F64) => v.to_sql(&Type::FLOAT8, out),
        // The server's own error for it has no code of its own.
        (Datum::Text(v), Scalar::Printed(form @ Form::Hstore)) if form.normalize(v).is_none() => {
            return Err(Error::not_of_type(form.name()));
        }
        (Datum::Text(v), Scalar::Text | Scalar::Stored(_) | Scalar::Printed(_)) => {
            v.to_sql(&Type::TEXT, out)
        }
        (Datum::Bytes(v), Scalar::Bytes) => v.to_sql(&Type::BYTEA, out),
        (Datum::Uuid(v), Scalar::Uuid) => v.to_sql(&Type::UUID, out),
        #[cfg(feature = "decimal")]
        (Datum::Decimal(v), Scalar::Decimal) => return super::numeric::put(*v, out),
        // Both count from 2000-01-01. `ToSql` does not exist for a count.
        (Datum::Instant(v), Scalar::Instant) | (Datum::DateTime(v), Scalar::DateTime) => {
            let is_in_range = calendar::is_in_range(v.div_euclid(calendar::DAY));
            let micros = is_in_range.then(|| v - EPOCH_MICROS);
            types::timestamp_to_sql(micros.ok_or_else(range)?, out);
            return Ok(());
        }
        (Datum::Day(v), Scalar::Day) => {
            let days = calendar::is_in_range(i64::from(*v)).then(|| v - EPOCH_DAYS);
            types::date_to_sql(days.ok_or_else(range)?, out);
            return Ok(());
        }
        (Datum::Time(v), Scalar::Time) => {
            types::time_to_sql(*v, out);
            return Ok(());
        }
        (datum, Scalar::Json) => {
            out.put_u8(JSONB_VERSION);
            return crate::value::json::write(datum, out);
        }
        (datum, _) => return Err(wrong(datum)),
    };
    written.map(|_| ()).map_err(refused)
}

/// The byte before the text of a JSONB value.
pub(super) const JSONB_VERSION: u8 = 1;

/// An array that grows. Its bytes are at all times those it travels in: the head, then each element
/// after its size.
struct List {
    scalar: Scalar,
    bytes: BytesMut,
    length: i32,
}

/// The numbers that an array's head has, in this order. An empty array has no dimension, and ends
/// after its type.
enum Head {
    Dimensions,
    HasNull,
    Type,
    Length,
    LowerBound,
}

/// How many bytes a number has.
const NUMBER: usize = size_of::<i32>();

impl List {
    fn new(scalar: Scalar) -> List {
        let mut bytes = BytesMut::zeroed(Head::Type as usize * NUMBER);
        bytes.put_u32(scalar.types().0.oid());
        List { scalar, bytes, length: 0 }
    }

    fn push(&mut self, datum: &Datum<'_>) -> Result<()> {
        if self.length == 0 {
            self.bytes.put_bytes(0, 2 * NUMBER);
            self.put(Head::Dimensions as usize * NUMBER, 1);
            self.put(Head::LowerBound as usize * NUMBER, 1);
        }
        self.length = self.length.checked_add(1).ok_or_else(too_large)?;
        self.put(Head::Length as usize * NUMBER, self.length);
        self.bytes.put_i32(-1);
        if *datum == Datum::Null {
            self.put(Head::HasNull as usize * NUMBER, 1);
            return Ok(());
        }
        let start = self.bytes.len();
        put_scalar(datum, self.scalar, &mut self.bytes)?;
        let size = i32::try_from(self.bytes.len() - start).map_err(|_| too_large())?;
        self.put(start - NUMBER, size);
        Ok(())
    }

    fn put(&mut self, place: usize, number: i32) {
        self.bytes[place..place + NUMBER].copy_from_slice(&number.to_be_bytes());
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
        self.lists.iter().map(|list| list.bytes.len()).sum()
    }
}

/// The arguments of a statement with lists: single values, one array for each column, single values.
#[derive(Clone, Copy)]
pub(crate) struct ListArguments<'a> {
    pub(crate) first: &'a [Datum<'static>],
    pub(crate) lists: &'a Lists,
    pub(crate) last: &'a [Datum<'static>],
}

impl ListArguments<'_> {
    /// Encodes them.
    pub(crate) fn arguments(self, query: &PreparedStatement) -> Result<PgArguments> {
        let mut binder = Parameters::new(query);
        let lists = self.lists;
        binder.arguments.reserve(lists.lists.len(), lists.size());
        self.first.iter().try_for_each(|value| binder.bind(value.borrowed()))?;
        for list in &lists.lists {
            add(&mut binder.arguments, list.scalar.types().1, Some(&list.bytes))?;
        }
        self.last.iter().try_for_each(|value| binder.bind(value.borrowed()))?;
        Ok(binder.arguments)
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
                list.push(&Datum::Text(crate::value::json::array_literal(items)?.into()))
            }
            (Datum::Array(_), false) if wire.scalar == Scalar::Json => {
                list.push(&Datum::Json(crate::value::json::to_text(&datum)?.into()))
            }
            _ => list.push(&datum),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::wire::Shape;

    #[test]
    fn a_list_is_the_same_at_once_and_bit_by_bit() {
        let texts = |texts: &[Option<&'static str>]| {
            let datum = |text: &Option<&'static str>| match text {
                Some(text) => Datum::Text((*text).into()),
                None => Datum::Null,
            };
            texts.iter().map(datum).collect::<Vec<_>>()
        };
        for items in [texts(&[]), texts(&[Some("a"), None, Some(""), Some("long")])] {
            let mut list = List::new(Scalar::Text);
            for item in &items {
                list.push(item).expect("a text");
            }
            let mut whole = BytesMut::new();
            let wire = Wire { scalar: Scalar::Text, shape: Shape::List };
            put(&Datum::Array(items), wire, &mut whole).expect("a list");
            assert_eq!(list.bytes, whole);
        }
    }

    #[test]
    fn an_element_of_another_type_is_refused_as_such() {
        let wire = Wire { scalar: Scalar::I32, shape: Shape::List };
        let items = Datum::Array(vec![Datum::I32(1), Datum::Bool(true)]);
        let error = put(&items, wire, &mut BytesMut::new()).err().expect("it is refused");
        assert!(error.to_string().contains("the column cannot hold a boolean"), "{error}");
    }
}
