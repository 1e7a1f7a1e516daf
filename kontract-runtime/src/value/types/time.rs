//! `time::OffsetDateTime` and the types without an offset. Microseconds: finer parts are cut. An offset is not kept: what comes back is in UTC.

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time};

use super::calendar::DAY;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::document::from_json;
use crate::value::field_type_proof::{self, Is};
use crate::value::field_value::{Value, mismatch, moment};

fn range<E>(_: E) -> Error {
    Error::decode("the stored date is out of the type's range")
}

fn epoch() -> Result<Date> {
    Date::from_calendar_date(1970, Month::January, 1).map_err(range)
}

fn micros(nanos: i128) -> Result<i64> {
    i64::try_from(nanos.div_euclid(1000)).map_err(|_| Error::value("the date is out of range"))
}

fn instant_of(micros: i64) -> Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).map_err(range)
}

fn date_of(days: i32) -> Result<Date> {
    let day = epoch()?.to_julian_day().checked_add(days);
    day.and_then(|day| Date::from_julian_day(day).ok()).ok_or_else(|| range(()))
}

fn time_of(micros: i64) -> Result<Time> {
    let is_in_day = (0..DAY).contains(&micros);
    is_in_day.then(|| Time::MIDNIGHT + Duration::microseconds(micros)).ok_or_else(|| range(()))
}

moment!(
    OffsetDateTime,
    Instant,
    "a date with time",
    |at| micros(at.unix_timestamp_nanos())?,
    |micros| instant_of(micros),
);
moment!(
    PrimitiveDateTime,
    DateTime,
    "a date with time",
    |at| micros(at.assume_utc().unix_timestamp_nanos())?,
    |micros| instant_of(micros).map(|at| PrimitiveDateTime::new(at.date(), at.time())),
);
moment!(
    Date,
    Day,
    "a day",
    |date| date.to_julian_day() - epoch()?.to_julian_day(),
    |days| date_of(days),
);
moment!(
    Time,
    Time,
    "a time of day",
    |time| micros((*time - Time::MIDNIGHT).whole_nanoseconds())?,
    |micros| time_of(micros),
);
