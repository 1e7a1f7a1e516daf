//! `jiff::Timestamp` and the civil types. Microseconds: finer parts are refused, not cut.

use jiff::civil;

use super::calendar::{DAY, FINER};
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::document::from_json;
use crate::value::field_type_proof::{self, Is};
use crate::value::field_value::{Value, as_serde_writes, mismatch};

impl Is<field_type_proof::Instant> for jiff::Timestamp {}
impl Is<field_type_proof::DateTime> for civil::DateTime {}
impl Is<field_type_proof::Day> for civil::Date {}
impl Is<field_type_proof::Time> for civil::Time {}

const EPOCH: civil::Date = civil::date(1970, 1, 1);

fn finer() -> Error {
    Error::value(FINER)
}

fn range<E>(_: E) -> Error {
    Error::decode("the stored date is out of the type's range")
}

fn micros_of_day(time: civil::Time) -> Result<i64> {
    if time.nanosecond() != 0 {
        return Err(finer());
    }
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60;
    let seconds = seconds + i64::from(time.second());
    Ok(seconds * 1_000_000 + i64::from(time.subsec_nanosecond() / 1000))
}

fn time_of(micros: i64) -> Result<civil::Time> {
    let (seconds, subsecond) = (micros / 1_000_000, micros % 1_000_000);
    let part = |value: i64| i8::try_from(value).map_err(range);
    civil::Time::new(
        part(seconds / 3600)?,
        part(seconds / 60 % 60)?,
        part(seconds % 60)?,
        i32::try_from(subsecond * 1000).map_err(range)?,
    )
    .map_err(range)
}

fn days_of(date: civil::Date) -> Result<i32> {
    let span = EPOCH.until(date).map_err(|_| Error::value("the date is out of range"))?;
    Ok(span.get_days())
}

fn date_of(days: i64) -> Result<civil::Date> {
    let span = jiff::Span::new().try_days(days).map_err(range)?;
    EPOCH.checked_add(span).map_err(range)
}

impl Value for jiff::Timestamp {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        match self.subsec_nanosecond() % 1000 {
            0 => Ok(Datum::Instant(self.as_microsecond())),
            _ => Err(finer()),
        }
    }
    fn from_datum(datum: Datum<'_>) -> Result<jiff::Timestamp> {
        match datum {
            Datum::Instant(micros) => jiff::Timestamp::from_microsecond(micros).map_err(range),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a date with time", &other)),
        }
    }
    as_serde_writes!();
}

impl Value for civil::DateTime {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        let day = i64::from(days_of(self.date())?) * DAY;
        Ok(Datum::DateTime(day + micros_of_day(self.time())?))
    }
    fn from_datum(datum: Datum<'_>) -> Result<civil::DateTime> {
        match datum {
            Datum::DateTime(micros) => {
                let date = date_of(micros.div_euclid(DAY))?;
                Ok(date.to_datetime(time_of(micros.rem_euclid(DAY))?))
            }
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a date with time", &other)),
        }
    }
    as_serde_writes!();
}

impl Value for civil::Date {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::Day(days_of(*self)?))
    }
    fn from_datum(datum: Datum<'_>) -> Result<civil::Date> {
        match datum {
            Datum::Day(days) => date_of(i64::from(days)),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a day", &other)),
        }
    }
    as_serde_writes!();
}

impl Value for civil::Time {
    type Maybe = Option<Self>;
    fn to_datum(&self) -> Result<Datum<'_>> {
        Ok(Datum::Time(micros_of_day(*self)?))
    }
    fn from_datum(datum: Datum<'_>) -> Result<civil::Time> {
        match datum {
            Datum::Time(micros) => time_of(micros),
            Datum::Json(text) => from_json(&text),
            other => Err(mismatch("a time of day", &other)),
        }
    }
    as_serde_writes!();
}
