//! Lengths of time: PostgreSQL's `interval`, and those of jiff and chrono.

use std::fmt;
use std::str::FromStr;

use kontract_schema::stored_text::{parse_interval, print_interval};

use crate::error::{Error, Result};

/// A length of time in months, days and microseconds, as PostgreSQL's `interval` keeps it. A month has no
/// fixed number of days, and a day no fixed number of hours.
///
/// ```
/// # use kontract_runtime::Interval;
/// let interval: Interval = "1 year 2 mons -3 days +04:05:06.5".parse().unwrap();
/// assert_eq!((interval.months, interval.days), (14, -3));
/// assert_eq!(interval.micros, 14_706_500_000);
/// assert_eq!(interval.to_string(), "14 mons -3 days 04:05:06.500000");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Interval {
    /// The months; a year has twelve.
    pub months: i32,
    /// The days; a week has seven.
    pub days: i32,
    /// The time in microseconds, which may be longer than a day.
    pub micros: i64,
}

impl Interval {
    /// Creates the length of a time without months and days.
    pub const fn from_micros(micros: i64) -> Interval {
        Interval { months: 0, days: 0, micros }
    }

    /// Returns the time in microseconds.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) if there are months or days: they have no fixed length.
    pub fn into_micros(self) -> Result<i64> {
        if self.months != 0 || self.days != 0 {
            return Err(Error::decode("the stored interval has months or days")
                .with_help("read it as `kontract::value::Interval`"));
        }
        Ok(self.micros)
    }
}

/// The years and months of a span are months, its weeks and days are days, the rest is microseconds: finer parts
/// are cut.
#[cfg(feature = "jiff")]
impl TryFrom<jiff::Span> for Interval {
    type Error = Error;

    fn try_from(span: jiff::Span) -> Result<Interval> {
        let range = || Error::value("the span is longer than an interval can be");
        let months = i32::from(span.get_years()) * 12 + span.get_months();
        let days =
            span.get_weeks().checked_mul(7).and_then(|days| days.checked_add(span.get_days()));
        let seconds = (i128::from(span.get_hours()) * 60 + i128::from(span.get_minutes())) * 60
            + i128::from(span.get_seconds());
        let micros = (seconds * 1000 + i128::from(span.get_milliseconds())) * 1000
            + i128::from(span.get_microseconds())
            + i128::from(span.get_nanoseconds() / 1000);
        let micros = i64::try_from(micros).map_err(|_| range())?;
        Ok(Interval { months, days: days.ok_or_else(range)?, micros })
    }
}

/// Months become years and months, microseconds hours, minutes, seconds and their parts.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode) if parts of the interval have different signs, or are longer than those
/// of a span.
#[cfg(feature = "jiff")]
impl TryFrom<Interval> for jiff::Span {
    type Error = Error;

    fn try_from(interval: Interval) -> Result<jiff::Span> {
        let Interval { months, days, micros } = interval;
        let signs = [i64::from(months.signum()), i64::from(days.signum()), micros.signum()];
        if signs.contains(&1) && signs.contains(&-1) {
            return Err(Error::decode("the stored interval has parts with different signs")
                .with_help("read it as `kontract::value::Interval`"));
        }
        let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
        let span = jiff::Span::new()
            .try_years(months / 12)
            .and_then(|span| span.try_months(months % 12))
            .and_then(|span| span.try_days(days))
            .and_then(|span| span.try_hours(seconds / 3600))
            .and_then(|span| span.try_minutes(seconds / 60 % 60))
            .and_then(|span| span.try_seconds(seconds % 60))
            .and_then(|span| span.try_milliseconds(rest / 1000))
            .and_then(|span| span.try_microseconds(rest % 1000));
        span.map_err(|_| Error::decode("the stored interval is longer than a span can be"))
    }
}

/// `14 mons -3 days 04:05:06.500000`.
impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Interval { months, days, micros } = self;
        f.write_str(&print_interval(*months, *days, *micros))
    }
}

/// The error for a text that is not an interval in PostgreSQL's own style.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseIntervalError;

impl fmt::Display for ParseIntervalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not an interval like `1 mon 2 days 03:04:05.5`")
    }
}

impl std::error::Error for ParseIntervalError {}

/// Reads the style `postgres`: `1 year 2 mons -3 days +04:05:06.5`.
impl FromStr for Interval {
    type Err = ParseIntervalError;

    fn from_str(text: &str) -> std::result::Result<Interval, ParseIntervalError> {
        let (months, days, micros) = parse_interval(text).ok_or(ParseIntervalError)?;
        Ok(Interval { months, days, micros })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_the_style() {
        for (text, months, days, micros) in [
            ("00:00:00", 0, 0, 0),
            ("-00:00:00.000001", 0, 0, -1),
            ("1 mon", 1, 0, 0),
            ("-1 years -2 mons +3 days -04:05:06", -14, 3, -14_706_000_000),
            ("2562047788:00:54.775807", 0, 0, i64::MAX),
            ("-2562047788:00:54.775808", 0, 0, i64::MIN),
        ] {
            let read: Interval = text.parse().unwrap_or_else(|_| panic!("{text}"));
            assert_eq!(read, Interval { months, days, micros }, "{text}");
            assert_eq!(read.to_string().parse(), Ok(read));
        }
        for text in ["", "1", "1 hour", "PT1S", "1:2", "a:b:c", "1:2:3.1234567", "1 mon 2"] {
            assert_eq!(text.parse::<Interval>(), Err(ParseIntervalError), "{text}");
        }
    }
}
