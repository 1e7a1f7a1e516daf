//! Values as SQLite keeps them: dates, UUIDs and decimals as text, lists as JSON, booleans as 0
//! and 1.

use std::borrow::Cow;
use std::rc::Rc;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Row, Statement};

use super::error::convert;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::json;
use crate::value::row::{Binder, Reader};
use crate::value::wire::{Scalar, Shape, Wire};

/// Binds values to a statement as they come.
pub(super) struct Values<'a, 's> {
    statement: &'a mut Statement<'s>,
    wires: &'a [Wire],
    next: usize,
}

impl<'a, 's> Values<'a, 's> {
    pub(super) fn new(statement: &'a mut Statement<'s>, wires: &'a [Wire]) -> Values<'a, 's> {
        Values { statement, wires, next: 0 }
    }
}

impl Binder for Values<'_, '_> {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        let wire = *self.wires.get(self.next).ok_or_else(too_many)?;
        self.next += 1;
        let bound = match (&datum, wire.scalar) {
            // The most common key: its text needs no allocation.
            (Datum::Uuid(uuid), Scalar::Uuid) => {
                let mut text = uuid::Uuid::encode_buffer();
                let text: &str = uuid.hyphenated().encode_lower(&mut text);
                self.statement.raw_bind_parameter(self.next, text)
            }
            _ => self.statement.raw_bind_parameter(self.next, to_sql(&datum, wire)?),
        };
        bound.map_err(convert)
    }
}

/// Values that are kept, for a statement that runs on another thread.
pub(super) struct Parameters {
    wires: Vec<Wire>,
    values: Vec<Datum<'static>>,
}

impl Parameters {
    pub(super) fn new(wires: &[Wire]) -> Parameters {
        Parameters { wires: wires.to_vec(), values: Vec::with_capacity(wires.len()) }
    }

    /// Binds them again elsewhere.
    pub(super) fn replay(&self, to: &mut dyn Binder) -> Result<()> {
        self.values.iter().try_for_each(|value| to.bind(value.clone()))
    }
}

impl Binder for Parameters {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        if self.values.len() == self.wires.len() {
            return Err(too_many());
        }
        self.values.push(datum.into_owned());
        Ok(())
    }
}

fn too_many() -> Error {
    Error::value("more values than columns")
}

fn to_sql<'a>(datum: &'a Datum<'_>, wire: Wire) -> Result<ToSqlOutput<'a>> {
    let integer = |value: i64| Ok(ToSqlOutput::Borrowed(ValueRef::Integer(value)));
    let real = |value: f64| Ok(ToSqlOutput::Borrowed(ValueRef::Real(value)));
    let owned = |text: String| Ok(ToSqlOutput::Owned(Value::Text(text)));
    match (datum, wire.scalar) {
        (Datum::Null, _) => Ok(ToSqlOutput::Borrowed(ValueRef::Null)),
        (Datum::Array(items), _) if wire.shape == Shape::Many => {
            let one = Wire::one(wire.scalar);
            let owned = |item| match to_sql(item, one)? {
                ToSqlOutput::Borrowed(value) => {
                    Value::try_from(value).map_err(|_| Error::value("a text is not UTF-8"))
                }
                ToSqlOutput::Owned(value) => Ok(value),
                _ => Err(Error::value("a list in a list of values")),
            };
            let values: Vec<Value> = items.iter().map(owned).collect::<Result<_>>()?;
            Ok(ToSqlOutput::from_rc(Rc::new(values), c"rarray"))
        }
        (Datum::Array(items), Scalar::Stored(_) | Scalar::Printed(_)) => {
            let item = |item: &Datum<'_>| match item {
                Datum::Text(text) => Ok(Datum::Text(as_kept(text, wire.scalar)?.into())),
                other => Ok(other.clone().into_owned()),
            };
            let items = items.iter().map(item).collect::<Result<_>>()?;
            owned(json::to_text(&Datum::Array(items))?)
        }
        (Datum::Text(text), Scalar::Stored(_) | Scalar::Printed(_)) => {
            owned(as_kept(text, wire.scalar)?)
        }
        (Datum::Array(_), _) => owned(json::to_text(datum)?),
        (datum, Scalar::Json) => match datum {
            Datum::Json(text) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
            datum => owned(json::to_text(datum)?),
        },
        (Datum::Bool(v), _) => integer(i64::from(*v)),
        (Datum::I16(v), _) => integer(i64::from(*v)),
        (Datum::I32(v), _) => integer(i64::from(*v)),
        (Datum::I64(v), _) => integer(*v),
        (Datum::F32(v), _) => real(f64::from(*v)),
        (Datum::F64(v), _) => real(*v),
        (Datum::Text(text), _) => Ok(ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes()))),
        (Datum::Bytes(bytes), _) => Ok(ToSqlOutput::Borrowed(ValueRef::Blob(bytes))),
        (datum, _) => owned(json::datum_to_text(datum)?),
    }
}

/// A text as SQLite keeps it.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) for a text that is not a value of its column's type.
fn as_kept(text: &str, scalar: Scalar) -> Result<String> {
    match scalar {
        Scalar::Stored(form) => form.store(text).ok_or_else(|| Error::not_of_type(form.name())),
        Scalar::Printed(form) => {
            form.normalize(text).ok_or_else(|| Error::not_of_type(form.name()))
        }
        _ => Ok(text.to_owned()),
    }
}

/// A row, and the next column of it.
pub(super) struct Columns<'a, 's> {
    row: &'a Row<'s>,
    wires: &'a [Wire],
    next: usize,
}

impl<'a, 's> Columns<'a, 's> {
    pub(super) fn new(row: &'a Row<'s>, wires: &'a [Wire]) -> Columns<'a, 's> {
        Columns { row, wires, next: 0 }
    }

    /// The name of the column that was read last.
    pub(super) fn last_name(&self) -> Option<String> {
        let place = self.next.checked_sub(1)?;
        let statement: &Statement<'_> = self.row.as_ref();
        statement.column_name(place).ok().map(str::to_owned)
    }
}

impl Reader for Columns<'_, '_> {
    fn read(&mut self) -> Result<Datum<'_>> {
        let place = self.next;
        self.next += 1;
        let wire = *self.wires.get(place).ok_or_else(|| Error::decode("a column too few"))?;
        let value = self.row.get_ref(place).map_err(convert)?;
        let text = |bytes| {
            std::str::from_utf8(bytes).map_err(|_| Error::decode("the stored text is not UTF-8"))
        };
        match value {
            ValueRef::Null => Ok(Datum::Null),
            ValueRef::Integer(number) => json::integer(number, wire.scalar),
            ValueRef::Real(number) => json::fraction(number, wire.scalar),
            ValueRef::Text(bytes) => match wire.shape {
                Shape::One => json::from_text(Cow::Borrowed(text(bytes)?), wire.scalar),
                _ => json::list(text(bytes)?, wire.scalar),
            },
            ValueRef::Blob(bytes) => Ok(Datum::Bytes(Cow::Borrowed(bytes))),
        }
    }
}
