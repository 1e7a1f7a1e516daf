//! Days, times and instants as ISO 8601 text, the form in which SQLite and JSON store them. Text in
//! this form sorts by time.
//!
//! Proleptic Gregorian calendar, microseconds, years 0001 to 9999.

use std::borrow::Cow;

/// Microseconds in a day.
pub const DAY: i64 = 86_400_000_000;

/// 0001-01-01 and 9999-12-31 in days since 1970.
const RANGE: std::ops::RangeInclusive<i64> = -719_162..=2_932_896;

/// Returns `2026-11-21`, or `None` if the year is out of range.
pub fn format_day(days: i64) -> Option<String> {
    if !RANGE.contains(&days) {
        return None;
    }
    let (year, month, day) = civil(days);
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// Returns `10:30:00.000000`, or `None` if it is not a time of day.
pub fn format_time(micros: i64) -> Option<String> {
    if !(0..DAY).contains(&micros) {
        return None;
    }
    let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    Some(format!("{hour:02}:{minute:02}:{second:02}.{micros:06}"))
}

/// Returns `2026-11-21T10:30:00.000000`, or `None` if the year is out of range.
pub fn format_datetime(micros: i64) -> Option<String> {
    let day = format_day(micros.div_euclid(DAY))?;
    Some(day + "T" + &format_time(micros.rem_euclid(DAY))?)
}

/// Reads [`format_day`].
pub fn parse_day(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) =
        (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let days = days(year, month, day);
    (RANGE.contains(&days) && civil(days) == (year, month, day)).then_some(days)
}

/// Reads [`format_time`]; the fraction may have 0 to 6 digits.
pub fn parse_time(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.splitn(3, ':');
    let (hour, minute, second) =
        (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    if hour > 23 || minute > 59 || second > 59 || fraction.len() > 6 {
        return None;
    }
    let micros = match fraction.len() {
        0 => 0,
        length => digits(fraction, length)? * 10i64.pow(6 - length as u32),
    };
    Some(((hour * 60 + minute) * 60 + second) * 1_000_000 + micros)
}

/// Reads [`format_datetime`]; `T` may be a space.
pub fn parse_datetime(text: &str) -> Option<i64> {
    let (day, time) = text.split_once(['T', ' '])?;
    Some(parse_day(day)? * DAY + parse_time(time)?)
}

/// Reads a date and time in UTC: [`format_datetime`] and a `Z`.
pub fn parse_instant(text: &str) -> Option<i64> {
    parse_datetime(text.strip_suffix('Z')?)
}

/// Returns the microseconds of a text that [`format_datetime`] or [`format_time`] wrote, or that
/// serde writes for the dates and times of other crates: with shorter fractions, offsets, spaces.
pub fn parse_moment(text: &str) -> Option<i64> {
    let Some((day, rest)) = text.split_once(['T', ' ']) else {
        return parse_time(text);
    };
    let (time, offset) = match rest.find(['Z', '+', '-']) {
        Some(at) => (rest[..at].trim_end(), parse_offset(&rest[at..])?),
        None => (rest, 0),
    };
    Some(parse_day(day)? * DAY + parse_time(time)? - offset)
}

/// Refuses a date or time, as serde writes it, that a column could not store.
///
/// # Errors
/// The message why it cannot be stored.
pub fn check(text: &str) -> Result<(), &'static str> {
    let text = cut_fractions(text);
    if parse_moment(&text).or_else(|| parse_day(&text)).is_some() {
        return Ok(());
    }
    let is_leap = text.split(['T', ' ']).any(|part| part.get(5..8) == Some(":60"));
    Err(if is_leap { LEAP_SECOND } else { OUT_OF_RANGE })
}

/// Cuts the fractions of all seconds in a text to microseconds.
pub fn cut_fractions(text: &str) -> Cow<'_, str> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut cut = String::new();
    let mut rest = text;
    while let Some((before, fraction)) = rest.split_once('.') {
        let length = digits(fraction);
        cut.push_str(before);
        cut.push('.');
        cut.push_str(&fraction[..length.min(6)]);
        rest = &fraction[length..];
    }
    cut.push_str(rest);
    if cut.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(cut) }
}

/// The message for a leap second.
pub const LEAP_SECOND: &str = "a leap second cannot be stored";
/// The message for a date out of range.
pub const OUT_OF_RANGE: &str = "the date is not between the years 1 and 9999";

/// Returns whether a number of days since 1970 is within the years 1 to 9999.
pub fn is_in_range(days: i64) -> bool {
    RANGE.contains(&days)
}

/// Reads `Z`, `+02:00` and `+02:00:00`.
fn parse_offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let mut seconds = 0;
    let mut unit = 3600;
    for part in text[1..].splitn(3, ':') {
        seconds += digits(part, 2)? * unit;
        unit /= 60;
    }
    Some(sign * seconds * 1_000_000)
}

fn digits(text: &str, length: usize) -> Option<i64> {
    let all_digits = text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.parse().ok())?
}

/// Returns the days from 1970-01-01 to a civil date. Counts in eras of 400 years that begin in
/// March, so the leap day is the last day of its year.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days`].
fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_comes_back() {
        let mut last = String::new();
        for day in RANGE.step_by(13).chain([*RANGE.end(), 0, -1, 59, 11_016]) {
            let text = format_day(day).expect("in range");
            assert_eq!(parse_day(&text), Some(day));
            assert_ne!(text, last);
            last = text;
        }
        assert_eq!(format_day(0).as_deref(), Some("1970-01-01"));
        assert_eq!(format_day(11_016).as_deref(), Some("2000-02-29"));
        assert_eq!(
            [parse_day("2023-02-29"), parse_day("0000-01-01"), parse_day("1-1-1")],
            [None; 3]
        );
    }

    #[test]
    fn refuses_what_no_column_holds() {
        for fine in
            ["2026-11-21", "10:30:00", "9999-12-31T23:59:59.999999Z", "0001-01-01 00:00:00.0"]
        {
            assert_eq!(check(fine), Ok(()), "{fine}");
        }
        assert_eq!(check("2026-11-21T10:30:00.1234567Z"), Ok(()));
        assert_eq!(check("10:30:00.000000001"), Ok(()));
        assert_eq!(
            cut_fractions("[\"10:30:00.1234567Z\",\"1:0:0.5\"]"),
            "[\"10:30:00.123456Z\",\"1:0:0.5\"]"
        );
        assert_eq!(check("2016-12-31T23:59:60Z"), Err(LEAP_SECOND));
        assert_eq!(check("23:59:60.5"), Err(LEAP_SECOND));
        for far in ["-009999-01-01", "+10000-01-01T00:00:00Z", "0000-12-31"] {
            assert_eq!(check(far), Err(OUT_OF_RANGE), "{far}");
        }
    }

    #[test]
    fn times() {
        assert_eq!(format_datetime(-1).as_deref(), Some("1969-12-31T23:59:59.999999"));
        assert_eq!(parse_instant("1969-12-31T23:59:59.999999Z"), Some(-1));
        assert_eq!(parse_time("10:30:00.5"), Some(37_800_500_000));
        assert_eq!(parse_moment("1970-01-01 01:00:00.0 +01:00:00"), Some(0));
        assert_eq!(parse_moment("1969-12-31T23:00:00.25-01:00"), Some(250_000));
        assert_eq!(parse_moment("1970-01-01T00:00:01"), parse_moment("00:00:01.000"));
        assert_eq!([parse_moment("1970-01-01"), parse_moment("1970-01-01T00:00:00+1")], [None; 2]);
        assert_eq!([parse_time("24:00:00"), parse_time("10:30"), parse_time("1:2:3")], [None; 3]);
    }
}
