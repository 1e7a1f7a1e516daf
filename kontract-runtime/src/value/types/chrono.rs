//! `chrono::DateTime<Utc>` and the naive types. Microseconds: finer parts are refused, not cut.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use super::calendar::{FINER, LEAP_SECOND};
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::document::from_json;
use crate::value::field_type_proof::{self, Is};
use crate::value::field_value::{Value, as_serde_writes, mismatch};

impl Is<field_type_proof::Instant> for DateTime<Utc> {}
impl Is<field_type_proof::DateTime> for NaiveDateTime {}
impl Is<field_type_proof::Day> for NaiveDate {}
impl Is<field_type_proof::Time> for NaiveTime {}

/// In a leap second the nanoseconds are 1,000,000,000 or more.
fn check_micros(nanosecond: u32) -> Result<()> {
    match nanosecond {
        1_000_000_000.. => Err(Error::value(LEAP_SECOND)),
        n if n % 1000 != 0 => Err(Error::value(FINER)),
        _ => Ok(()),
    }
}

fn range() -> Error {
    Error::decode("the stored date is out of the type's range")
}

impl Value for DateTime<Utc> {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        check_micros(self.nanosecond())?;
        Ok(Datum::Instant(self.timestamp_micros()))
    }
    fn from_datum(datum: Datum<'_>) -> Result<DateTime<Utc>> {
        match datum {
            Datum::Instant(micros) => DateTime::from_timestamp_micros(micros).ok_or_else(range),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a date with time", &other)),
        }
    }
    as_serde_writes!();
}

impl Value for NaiveDateTime {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        check_micros(self.nanosecond())?;
        Ok(Datum::DateTime(self.and_utc().timestamp_micros()))
    }
    fn from_datum(datum: Datum<'_>) -> Result<NaiveDateTime> {
        match datum {
            Datum::DateTime(micros) => {
                DateTime::from_timestamp_micros(micros).map(|at| at.naive_utc()).ok_or_else(range)
            }
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a date with time", &other)),
        }
    }
    as_serde_writes!();
}

impl Value for NaiveDate {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        let days = self.signed_duration_since(NaiveDate::default()).num_days();
        let out_of_range = |_| Error::value("the date is out of range");
        Ok(Datum::Day(i32::try_from(days).map_err(out_of_range)?))
    }
    fn from_datum(datum: Datum<'_>) -> Result<NaiveDate> {
        match datum {
            Datum::Day(days) => {
                let since = TimeDelta::try_days(i64::from(days)).ok_or_else(range)?;
                NaiveDate::default().checked_add_signed(since).ok_or_else(range)
            }
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a day", &other)),
        }
    }
    as_serde_writes!();
}

impl Value for NaiveTime {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        check_micros(self.nanosecond())?;
        let seconds = i64::from(self.num_seconds_from_midnight());
        Ok(Datum::Time(seconds * 1_000_000 + i64::from(self.nanosecond() / 1000)))
    }
    fn from_datum(datum: Datum<'_>) -> Result<NaiveTime> {
        match datum {
            Datum::Time(micros) => {
                let seconds = u32::try_from(micros / 1_000_000).map_err(|_| range())?;
                let nanos = u32::try_from(micros % 1_000_000 * 1000).map_err(|_| range())?;
                NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos).ok_or_else(range)
            }
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a time of day", &other)),
        }
    }
    as_serde_writes!();
}
