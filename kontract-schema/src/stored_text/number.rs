//! Decimal numbers as texts that sort as the numbers do: `p500001:15.` for `1.5`.
//!
//! `n`, `o` or `p` for a negative number, zero or a positive one; the number of digits before the point,
//! plus 500000, in six digits (less than that: zeros behind the point); the digits without zeros at
//! either end, and a `.`. Of a negative number each digit is subtracted from 9, and a `~` is the end.

const OFFSET: i64 = 500_000;

/// Returns the sorting text of a number; `None` if the text is not a number, or too long.
pub(super) fn to_key(text: &str) -> Option<String> {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(text) => (true, text),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, shift) = match text.split_once(['e', 'E']) {
        Some((mantissa, shift)) => (mantissa, i64::from(shift.parse::<i32>().ok()?)),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_end_matches('0');
    let significant = digits.trim_start_matches('0');
    if significant.is_empty() {
        return Some("o".to_owned());
    }
    let zeros = if whole.is_empty() { digits.len() - significant.len() } else { 0 };
    let exponent = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()? + shift + OFFSET;
    if !(0..1_000_000).contains(&exponent) {
        return None;
    }
    let key = format!("{exponent:06}:{significant}");
    Some(if is_negative { format!("n{}~", mirror(&key)) } else { format!("p{key}.") })
}

/// Returns the number of a sorting text, without needless zeros.
pub(super) fn from_key(key: &str) -> Option<String> {
    if key == "o" {
        return Some("0".to_owned());
    }
    let (sign, plain) = match key.strip_prefix('n') {
        Some(rest) => ("-", mirror(rest.strip_suffix('~')?)),
        None => ("", key.strip_prefix('p')?.strip_suffix('.')?.to_owned()),
    };
    let (exponent, digits) = plain.split_once(':')?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let exponent = exponent.parse::<i64>().ok()? - OFFSET;
    let Ok(whole) = usize::try_from(exponent) else {
        let zeros = "0".repeat(usize::try_from(-exponent).ok()?);
        return Some(format!("{sign}0.{zeros}{digits}"));
    };
    Some(match digits.split_at_checked(whole) {
        Some(("", fraction)) => format!("{sign}0.{fraction}"),
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{digits:0<whole$}"),
    })
}

/// Subtracts each digit from 9.
fn mirror(text: &str) -> String {
    let digit = |letter: char| match letter.to_digit(10) {
        Some(digit) => char::from_digit(9 - digit, 10).unwrap_or(letter),
        None => letter,
    };
    text.chars().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_sort_as_numbers_do() {
        let numbers = [
            "-100000000000000000000",
            "-101",
            "-100.5",
            "-100.05",
            "-100",
            "-1",
            "-0.5",
            "-0.051",
            "-0.05",
            "0",
            "0.0001",
            "0.001",
            "0.1",
            "0.15",
            "1",
            "1.05",
            "1.5",
            "9",
            "10",
            "10.000000000000000000001",
            "9223372036854775807",
        ];
        let keys: Vec<String> =
            numbers.iter().map(|number| to_key(number).expect("a number")).collect();
        assert!(keys.is_sorted_by(|a, b| a < b), "{keys:#?}");
        for (number, key) in numbers.iter().zip(&keys) {
            assert_eq!(from_key(key).as_deref(), Some(*number));
        }
        assert_eq!(to_key("1.50"), to_key("01.5"));
        assert_eq!(to_key("-0.00"), to_key("0"));
        assert_eq!(to_key("15e-1"), to_key("1.5"));
        assert_eq!(to_key(".5"), to_key("0.5"));
        for text in ["", "-", ".", "NaN", "x", "1.2.3", "1e", "1e999999999"] {
            assert_eq!(to_key(text), None, "{text}");
        }
    }
}
