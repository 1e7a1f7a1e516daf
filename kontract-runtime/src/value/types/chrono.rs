//! `chrono::DateTime<Utc>` and the naive types. Microseconds: finer parts are cut.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike, Utc};

use super::calendar::LEAP_SECOND;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::document::from_json;
use crate::value::field_type_proof::{self, Is};
use crate::value::field_value::{Value, mismatch, moment};

/// In a leap second the nanoseconds are 1,000,000,000 or more.
fn check_leap(nanosecond: u32) -> Result<()> {
    if nanosecond >= 1_000_000_000 { Err(Error::value(LEAP_SECOND)) } else { Ok(()) }
}

fn range() -> Error {
    Error::decode("the stored date is out of the type's range")
}

fn micros_of_day(time: NaiveTime) -> i64 {
    let seconds = i64::from(time.num_seconds_from_midnight());
    seconds * 1_000_000 + i64::from(time.nanosecond() / 1000)
}

fn time_of(micros: i64) -> Result<NaiveTime> {
    let seconds = u32::try_from(micros / 1_000_000).map_err(|_| range())?;
    let nanos = u32::try_from(micros % 1_000_000 * 1000).map_err(|_| range())?;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, nanos).ok_or_else(range)
}

fn days_of(date: NaiveDate) -> Result<i32> {
    let days = date.signed_duration_since(NaiveDate::default()).num_days();
    i32::try_from(days).map_err(|_| Error::value("the date is out of range"))
}

fn date_of(days: i32) -> Result<NaiveDate> {
    let since = TimeDelta::try_days(i64::from(days)).ok_or_else(range)?;
    NaiveDate::default().checked_add_signed(since).ok_or_else(range)
}

moment!(
    DateTime<Utc>,
    Instant,
    "a date with time",
    |at| check_leap(at.nanosecond()).map(|()| at.timestamp_micros())?,
    |micros| DateTime::from_timestamp_micros(micros).ok_or_else(range),
);
moment!(
    NaiveDateTime,
    DateTime,
    "a date with time",
    |at| check_leap(at.nanosecond()).map(|()| at.and_utc().timestamp_micros())?,
    |micros| DateTime::from_timestamp_micros(micros).map(|at| at.naive_utc()).ok_or_else(range),
);
moment!(NaiveDate, Day, "a day", |date| days_of(*date)?, |days| date_of(days));
moment!(
    NaiveTime,
    Time,
    "a time of day",
    |time| check_leap(time.nanosecond()).map(|()| micros_of_day(*time))?,
    |micros| time_of(micros),
);
