//! Rows in PostgreSQL's binary format, read by position. [`encode`](super::encode) shows the
//! format.

use std::borrow::Cow;

use sqlx::postgres::PgRow;
use sqlx::{Column as _, Row as _};

use super::encode::{EPOCH_DAYS, EPOCH_MICROS};
use super::numeric;
use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::record::Reader;
use crate::wire::{Scalar, Wire};

/// A row, and the next column of it.
pub(super) struct Row<'a> {
    row: &'a PgRow,
    wires: &'a [Wire],
    next: usize,
}

impl<'a> Row<'a> {
    pub(super) fn new(row: &'a PgRow, wires: &'a [Wire]) -> Row<'a> {
        Row { row, wires, next: 0 }
    }

    /// The name of the column that was read last.
    pub(super) fn last_name(&self) -> Option<&str> {
        let place = self.next.checked_sub(1)?;
        self.row.columns().get(place).map(|column| column.name())
    }
}

impl Reader for Row<'_> {
    fn read(&mut self) -> Result<Datum<'_>> {
        let place = self.next;
        self.next += 1;
        let wire = *self.wires.get(place).ok_or_else(|| Error::decode("a column too few"))?;
        let value = self.row.try_get_raw(place).map_err(|_| Error::decode("a column too few"))?;
        let Ok(bytes) = value.as_bytes() else {
            return Ok(Datum::Null);
        };
        let damaged = || Error::decode("the column has another type than the schema says");
        match wire.is_list() {
            true => list(bytes, wire.scalar).ok_or_else(damaged)?,
            false => scalar(bytes, wire.scalar).ok_or_else(damaged)?,
        }
    }
}

fn scalar(bytes: &[u8], scalar: Scalar) -> Option<Result<Datum<'_>>> {
    let text = || std::str::from_utf8(bytes).ok().map(Cow::Borrowed);
    Some(Ok(match scalar {
        Scalar::Bool => Datum::Bool(<[u8; 1]>::try_from(bytes).ok()?[0] != 0),
        Scalar::I16 => Datum::I16(i16::from_be_bytes(bytes.try_into().ok()?)),
        Scalar::I32 => Datum::I32(i32::from_be_bytes(bytes.try_into().ok()?)),
        Scalar::I64 => Datum::I64(i64::from_be_bytes(bytes.try_into().ok()?)),
        Scalar::F32 => Datum::F32(f32::from_be_bytes(bytes.try_into().ok()?)),
        Scalar::F64 => Datum::F64(f64::from_be_bytes(bytes.try_into().ok()?)),
        Scalar::Text => Datum::Text(text()?),
        Scalar::Bytes => Datum::Bytes(Cow::Borrowed(bytes)),
        Scalar::Uuid => Datum::Uuid(uuid::Uuid::from_bytes(bytes.try_into().ok()?)),
        Scalar::Json => {
            let text = bytes.strip_prefix(&[1])?;
            Datum::Json(Cow::Borrowed(std::str::from_utf8(text).ok()?))
        }
        Scalar::Instant | Scalar::DateTime => {
            let micros = i64::from_be_bytes(bytes.try_into().ok()?);
            match (micros.checked_add(EPOCH_MICROS), scalar) {
                // `infinity` is the greatest number.
                (None, _) | (_, _) if matches!(micros, i64::MIN | i64::MAX) => {
                    return Some(Err(Error::decode("the stored date is infinite")));
                }
                (Some(micros), Scalar::Instant) => Datum::Instant(micros),
                (Some(micros), _) => Datum::DateTime(micros),
                (None, _) => return None,
            }
        }
        Scalar::Day => match i32::from_be_bytes(bytes.try_into().ok()?) {
            i32::MIN | i32::MAX => return Some(Err(Error::decode("the stored date is infinite"))),
            days => Datum::Day(days.checked_add(EPOCH_DAYS)?),
        },
        Scalar::Time => Datum::Time(i64::from_be_bytes(bytes.try_into().ok()?)),
        Scalar::Decimal => return numeric::read(bytes),
    }))
}

fn list(bytes: &[u8], of: Scalar) -> Option<Result<Datum<'_>>> {
    let mut rest = bytes;
    let mut int = || -> Option<i32> {
        let (number, tail) = rest.split_first_chunk()?;
        rest = tail;
        Some(i32::from_be_bytes(*number))
    };
    let (dimensions, _nulls, _oid) = (int()?, int()?, int()?);
    if dimensions == 0 {
        return Some(Ok(Datum::Array(Vec::new())));
    }
    let (length, _lower) = (int()?, int()?);
    if dimensions != 1 {
        return Some(Err(Error::decode("the stored list has more than one dimension")));
    }
    let mut items = Vec::with_capacity(usize::try_from(length).ok()?.min(bytes.len()));
    for _ in 0..length {
        let (size, tail) = rest.split_first_chunk()?;
        rest = tail;
        match usize::try_from(i32::from_be_bytes(*size)) {
            Err(_) => items.push(Datum::Null),
            Ok(size) => {
                let (item, tail) = rest.split_at_checked(size)?;
                rest = tail;
                match scalar(item, of)? {
                    Ok(item) => items.push(item),
                    Err(error) => return Some(Err(error)),
                }
            }
        }
    }
    Some(Ok(Datum::Array(items)))
}
