//! Strings of bits: `bit(n)` and `varbit`.

use std::fmt;
use std::str::FromStr;

/// A string of bits: PostgreSQL's `varbit`, and `bit(n)` with a `sql_type`.
///
/// ```
/// # use kontract_runtime::Bits;
/// let bits: Bits = "101".parse().unwrap();
/// assert_eq!(bits, Bits(vec![true, false, true]));
/// assert_eq!(bits.to_string(), "101");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bits(pub Vec<bool>);

impl fmt::Display for Bits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|bit| f.write_str(if *bit { "1" } else { "0" }))
    }
}

/// The error for a text that does not consist of `0` and `1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParseBitsError;

impl fmt::Display for ParseBitsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a text of `0` and `1`")
    }
}

impl std::error::Error for ParseBitsError {}

impl FromStr for Bits {
    type Err = ParseBitsError;

    fn from_str(text: &str) -> Result<Bits, ParseBitsError> {
        let bit = |letter| match letter {
            '0' => Ok(false),
            '1' => Ok(true),
            _ => Err(ParseBitsError),
        };
        text.chars().map(bit).collect::<Result<_, _>>().map(Bits)
    }
}
