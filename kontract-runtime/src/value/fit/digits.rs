//! Decimal numbers of any length, as digits.

use std::cmp::Ordering;
use std::fmt;

/// A decimal number.
pub(super) struct Digits {
    is_negative: bool,
    /// The digits, the most significant first, as ASCII.
    digits: Vec<u8>,
    /// How many of the digits are behind the point; less than 0 are zeros before it.
    scale: i64,
}

impl Digits {
    /// Reads `-12.5e3`; returns `None` if the text is not a number.
    pub(super) fn parse(text: &str) -> Option<Digits> {
        let text = text.trim();
        let (sign, text) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
        let scale = fraction.len() as i64 - i64::from(exponent);
        is_number.then_some(Digits { is_negative: sign, digits, scale })
    }

    /// Rounds to so many digits behind the point, half away from zero.
    pub(super) fn round(mut self, scale: i16) -> Digits {
        let drop = self.scale - i64::from(scale);
        let Some(drop) = usize::try_from(drop).ok().filter(|drop| *drop > 0) else { return self };
        self.scale = scale.into();
        let keep = self.digits.len().checked_sub(drop);
        let rounds_up = keep.is_some_and(|keep| self.digits[keep] >= b'5');
        self.digits.truncate(keep.unwrap_or_default());
        if rounds_up {
            self.increment();
        }
        self
    }

    /// Adds one at the last digit.
    fn increment(&mut self) {
        for digit in self.digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return;
            }
            *digit = b'0';
        }
        self.digits.insert(0, b'1');
    }

    /// Returns how many digits a number of that scale needs, without zeros at the start.
    pub(super) fn count(&self, scale: i16) -> usize {
        let digits = self.digits.iter().skip_while(|digit| **digit == b'0').count();
        if digits == 0 {
            return 0;
        }
        let zeros = usize::try_from(i64::from(scale) - self.scale).unwrap_or_default();
        digits.saturating_add(zeros)
    }

    /// Returns whether there are no digits behind the point.
    pub(super) fn is_whole(&self) -> bool {
        self.scale <= 0
    }
}

/// Compares two texts as the decimals that they are, written without an exponent; other texts by their
/// bytes.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    match (Plain::read(left), Plain::read(right)) {
        (Some(left), Some(right)) => left.order(&right),
        _ => left.cmp(right),
    }
}

/// A number without needless zeros.
struct Plain<'a> {
    is_negative: bool,
    whole: &'a str,
    fraction: &'a str,
}

impl<'a> Plain<'a> {
    fn read(text: &'a str) -> Option<Plain<'a>> {
        let (is_negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let is_zero = whole.is_empty() && fraction.is_empty();
        Some(Plain { is_negative: is_negative && !is_zero, whole, fraction })
    }

    fn order(&self, other: &Plain<'_>) -> Ordering {
        let magnitude = self.whole.len().cmp(&other.whole.len());
        let magnitude = magnitude.then(self.whole.cmp(other.whole));
        let magnitude = magnitude.then(self.fraction.cmp(other.fraction));
        match (self.is_negative, other.is_negative) {
            (false, false) => magnitude,
            (true, true) => magnitude.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

impl fmt::Display for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = std::str::from_utf8(&self.digits).unwrap_or_default();
        let zeros = |count: i64| "0".repeat(usize::try_from(count).unwrap_or_default());
        let length = self.digits.len() as i64;
        let padded = zeros(self.scale + 1 - length) + digits + &zeros(-self.scale);
        let scale = usize::try_from(self.scale).unwrap_or_default();
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        let stripped = whole.trim_start_matches('0');
        let whole = if stripped.is_empty() { "0" } else { stripped };
        let is_zero = self.digits.iter().all(|digit| *digit == b'0');
        f.write_str(if self.is_negative && !is_zero { "-" } else { "" })?;
        f.write_str(whole)?;
        if fraction.is_empty() { Ok(()) } else { write!(f, ".{fraction}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_compare_as_the_numbers_that_they_are() {
        let ordered = [
            "-100.5",
            "-100.05",
            "-1",
            "0",
            "0.001",
            "0.1",
            "1",
            "9.5",
            "10",
            "10.000000000000000000001",
        ];
        for (place, left) in ordered.iter().enumerate() {
            for (other, right) in ordered.iter().enumerate() {
                assert_eq!(compare(left, right), place.cmp(&other), "{left} and {right}");
            }
        }
        assert_eq!(compare("1.50", "01.5"), Ordering::Equal);
        assert_eq!(compare("-0.0", "0"), Ordering::Equal);
    }

    #[test]
    fn rounds_half_away_from_zero() {
        for (text, scale, rounded) in [
            ("1.005", 2, "1.01"),
            ("-1.005", 2, "-1.01"),
            ("1.004999", 2, "1.00"),
            ("9.99", 1, "10.0"),
            ("0.4", 0, "0"),
            ("-0.4", 0, "0"),
            ("0.5", 0, "1"),
            ("1", 3, "1"),
            ("1.5e3", 0, "1500"),
            ("1.5e-3", 3, "0.002"),
            ("150", -2, "200"),
            ("149", -2, "100"),
            ("5", -2, "0"),
            ("50", -2, "100"),
            ("0.0001", 2, "0.00"),
            ("00012.50", 1, "12.5"),
            ("1e30", 0, "1000000000000000000000000000000"),
        ] {
            let number = Digits::parse(text).expect("a number");
            assert_eq!(number.round(scale).to_string(), rounded, "{text} to {scale}");
        }
        for text in ["", "-", ".", "1.2.3", "x", "1e", "NaN", "0x1"] {
            assert!(Digits::parse(text).is_none(), "{text}");
        }
    }
}
