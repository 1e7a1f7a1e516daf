//! `jiff::Timestamp` and the civil types. Microseconds: finer parts are cut.

use jiff::civil;

use super::calendar::DAY;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::document::from_json;
use crate::value::field_type_proof::{self, Is};
use crate::value::field_value::{Value, mismatch, moment};

const EPOCH: civil::Date = civil::date(1970, 1, 1);

fn range<E>(_: E) -> Error {
    Error::decode("the stored date is out of the type's range")
}

fn micros_of_day(time: civil::Time) -> i64 {
    let seconds = (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60;
    let seconds = seconds + i64::from(time.second());
    seconds * 1_000_000 + i64::from(time.subsec_nanosecond() / 1000)
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

fn micros_of(at: jiff::Timestamp) -> Result<i64> {
    let micros = at.as_nanosecond().div_euclid(1000);
    i64::try_from(micros).map_err(|_| Error::value("the date is out of range"))
}

fn datetime_of(micros: i64) -> Result<civil::DateTime> {
    Ok(date_of(micros.div_euclid(DAY))?.to_datetime(time_of(micros.rem_euclid(DAY))?))
}

moment!(jiff::Timestamp, Instant, "a date with time", |at| micros_of(*at)?, |micros| {
    jiff::Timestamp::from_microsecond(micros).map_err(range)
},);
moment!(
    civil::DateTime,
    DateTime,
    "a date with time",
    |at| i64::from(days_of(at.date())?) * DAY + micros_of_day(at.time()),
    |micros| datetime_of(micros),
);
moment!(civil::Date, Day, "a day", |date| days_of(*date)?, |days| date_of(i64::from(days)));
moment!(civil::Time, Time, "a time of day", |time| micros_of_day(*time), |micros| time_of(micros));
