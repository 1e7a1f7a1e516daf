//! Intervals: their length in microseconds, months counted as 30 days, and the interval.

const DAY: i128 = 86_400_000_000;

/// Makes every number of microseconds positive.
const OFFSET: i128 = 10_000_000_000_000_000_000_000;

/// Returns the stored text of an interval.
pub(super) fn store(text: &str) -> Option<String> {
    let (months, days, micros) = parse_interval(text)?;
    let whole_days = i128::from(months) * 30 + i128::from(days);
    let length = OFFSET + whole_days * DAY + i128::from(micros);
    Some(format!("{length:023} {}", print_interval(months, days, micros)))
}

/// Returns the text of a stored interval, as PostgreSQL prints it.
pub(super) fn load(stored: &str) -> Option<String> {
    let (length, interval) = stored.split_at_checked(23)?;
    if !length.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (months, days, micros) = parse_interval(interval)?;
    Some(print_as_postgres(months, days, micros))
}

/// Prints in PostgreSQL's own style: `1 year 2 mons -3 days +04:05:06.5`.
fn print_as_postgres(months: i32, days: i32, micros: i64) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut is_after_negative = false;
    for (number, name) in [(months / 12, "year"), (months % 12, "mon"), (days, "day")] {
        if number != 0 {
            let sign = if is_after_negative && number > 0 { "+" } else { "" };
            let plural = if number == 1 { "" } else { "s" };
            parts.push(format!("{sign}{number} {name}{plural}"));
            is_after_negative = number < 0;
        }
    }
    if micros == i64::MIN {
        // PostgreSQL prints it in hours, and does not read that.
        parts.push(format!("{micros} microseconds"));
    } else if micros != 0 || parts.is_empty() {
        let sign = match (micros < 0, is_after_negative) {
            (true, _) => "-",
            (false, true) => "+",
            (false, false) => "",
        };
        let time = print_time(micros);
        let time = time.strip_suffix(".000000").unwrap_or(time.trim_end_matches('0'));
        parts.push(format!("{sign}{time}"));
    }
    parts.join(" ")
}

/// Prints months, days and microseconds: `14 mons -3 days 04:05:06.500000`.
pub fn print_interval(months: i32, days: i32, micros: i64) -> String {
    if micros == i64::MIN {
        // PostgreSQL prints the least time in hours, and does not read it.
        return format!("{months} mons {days} days {micros} microseconds");
    }
    let sign = if micros < 0 { "-" } else { "" };
    format!("{months} mons {days} days {sign}{}", print_time(micros))
}

/// Prints `04:05:06.500000`, without a sign.
fn print_time(micros: i64) -> String {
    let micros = micros.unsigned_abs();
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{rest:06}")
}

/// Reads months, days and microseconds of an interval in PostgreSQL's own style,
/// `1 year 2 mons -3 days +04:05:06.5`; `None` if the text is not one.
pub fn parse_interval(text: &str) -> Option<(i32, i32, i64)> {
    let (mut months, mut days, mut micros) = (0_i32, 0_i32, 0_i64);
    let mut words = text.split_ascii_whitespace().peekable();
    words.peek()?;
    while let Some(word) = words.next() {
        if word.contains(':') {
            micros = micros.checked_add(parse_time(word)?)?;
            continue;
        }
        let unit = words.next()?.trim_end_matches('s');
        if unit == "microsecond" {
            micros = micros.checked_add(word.parse().ok()?)?;
            continue;
        }
        let number: i32 = word.parse().ok()?;
        let (field, factor) = match unit {
            "year" => (&mut months, 12),
            "mon" => (&mut months, 1),
            "day" => (&mut days, 1),
            _ => return None,
        };
        *field = field.checked_add(number.checked_mul(factor)?)?;
    }
    Some((months, days, micros))
}

/// Reads `-04:05:06.5` as microseconds.
fn parse_time(text: &str) -> Option<i64> {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    let (whole, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse::<i128>().ok()).flatten()
    };
    if parts.next().is_some() || fraction.len() > 6 {
        return None;
    }
    let fraction = number(&format!("{fraction:0<6}"))?;
    let seconds = (number(hours)? * 60 + number(minutes)?) * 60 + number(whole)?;
    let micros = seconds * 1_000_000 + fraction;
    i64::try_from(if is_negative { -micros } else { micros }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The texts of PostgreSQL's `SELECT make_interval(…)`.
    #[test]
    fn prints_as_postgres() {
        for (months, days, micros, text) in [
            (0, 0, 0, "00:00:00"),
            (14, -3, 14_706_500_000, "1 year 2 mons -3 days +04:05:06.5"),
            (-14, 3, -14_706_000_000, "-1 years -2 mons +3 days -04:05:06"),
            (1, 0, 0, "1 mon"),
            (0, 1, 600_000_000, "1 day 00:10:00"),
            (0, 0, -1, "-00:00:00.000001"),
            (0, 0, 360_000_000_000_000, "100000:00:00"),
        ] {
            assert_eq!(print_as_postgres(months, days, micros), text);
            assert_eq!(parse_interval(text), Some((months, days, micros)));
        }
    }
}
