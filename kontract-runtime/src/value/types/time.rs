//! `time::OffsetDateTime` and the types without an offset. Microseconds: finer parts are refused,
//! not cut. An offset is not kept: what comes back is in UTC.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

use super::calendar::FINER;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::document::from_json;
use crate::value::field_type_proof::{self, Is};
use crate::value::field_value::{Value, as_serde_writes, mismatch};

impl Is<field_type_proof::Instant> for OffsetDateTime {}
impl Is<field_type_proof::DateTime> for PrimitiveDateTime {}
impl Is<field_type_proof::Day> for Date {}
impl Is<field_type_proof::Time> for Time {}

fn range<E>(_: E) -> Error {
    Error::decode("the stored date is out of the type's range")
}

fn epoch() -> Result<Date> {
    Date::from_calendar_date(1970, Month::January, 1).map_err(range)
}

fn micros(nanos: i128) -> Result<i64> {
    if nanos % 1000 != 0 {
        return Err(Error::value(FINER));
    }
    i64::try_from(nanos / 1000).map_err(|_| Error::value("the date is out of range"))
}

impl Value for OffsetDateTime {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::Instant(micros(self.unix_timestamp_nanos())?))
    }
    fn from_datum(datum: Datum<'_>) -> Result<OffsetDateTime> {
        match datum {
            Datum::Instant(micros) => {
                OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).map_err(range)
            }
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a date with time", &other)),
        }
    }
    as_serde_writes!();
}

impl Value for PrimitiveDateTime {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::DateTime(micros(self.assume_utc().unix_timestamp_nanos())?))
    }
    fn from_datum(datum: Datum<'_>) -> Result<PrimitiveDateTime> {
        match datum {
            Datum::DateTime(micros) => {
                let nanos = i128::from(micros) * 1000;
                let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).map_err(range)?;
                Ok(PrimitiveDateTime::new(at.date(), at.time()))
            }
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a date with time", &other)),
        }
    }
    as_serde_writes!();
}

impl Value for Date {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::Day(self.to_julian_day() - epoch()?.to_julian_day()))
    }
    fn from_datum(datum: Datum<'_>) -> Result<Date> {
        match datum {
            Datum::Day(days) => {
                let day = epoch()?.to_julian_day().checked_add(days);
                day.and_then(|day| Date::from_julian_day(day).ok()).ok_or_else(|| range(()))
            }
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a day", &other)),
        }
    }
    as_serde_writes!();
}

impl Value for Time {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        let since = *self - Time::MIDNIGHT;
        Ok(Datum::Time(micros(since.whole_nanoseconds())?))
    }
    fn from_datum(datum: Datum<'_>) -> Result<Time> {
        match datum {
            Datum::Time(micros @ 0..super::calendar::DAY) => {
                Ok(Time::MIDNIGHT + Duration::microseconds(micros))
            }
            Datum::Time(_) => Err(range(())),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a time of day", &other)),
        }
    }
    as_serde_writes!();
}
