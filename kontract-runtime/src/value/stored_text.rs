//! The texts in which SQLite keeps values of PostgreSQL's types, so that it compares and sorts them as
//! PostgreSQL does: first what they are ordered by, in a fixed width.
//!
//! | type | stored | example |
//! |---|---|---|
//! | `inet`, `cidr` | family, network, prefix and address, in hexadecimal digits | `4 0a000000 08 0a000001` for `10.0.0.1/8` |
//! | `interval` | microseconds, months counted as 30 days, and the interval | `00…0 1 mons 0 days 00:00:00.000000` |
//!
//! PostgreSQL compares intervals with months of 30 days and days of 24 hours. On SQLite two intervals
//! that are equal by that rule have adjacent places in the order, and are not equal.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::types::{Interval, IpNet};
use crate::error::{Error, Result};

/// The types whose texts do not sort as their values do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Inet,
    Interval,
}

/// Makes every number of microseconds positive.
const OFFSET: i128 = 10_000_000_000_000_000_000_000;
const DAY: i128 = 86_400_000_000;

impl Form {
    /// Returns the stored text of a value.
    pub(crate) fn store(self, text: &str) -> Result<String> {
        let misfit = || Error::value("the text is not a value of its column's type");
        Ok(match self {
            Form::Inet => store_net(text.parse().map_err(|_| misfit())?),
            Form::Interval => {
                let interval: Interval = text.parse().map_err(|_| misfit())?;
                let days = i128::from(interval.months) * 30 + i128::from(interval.days);
                let micros = OFFSET + days * DAY + i128::from(interval.micros);
                format!("{micros:023} {interval}")
            }
        })
    }

    /// Returns the text of a stored value. A text in another form, from another program, is the value.
    pub(crate) fn load(self, stored: &str) -> String {
        let found = match self {
            Form::Inet => load_net(stored).map(|net| net.to_string()),
            Form::Interval => stored
                .split_at_checked(23)
                .filter(|(key, _)| key.bytes().all(|byte| byte.is_ascii_digit()))
                .map(|(_, interval)| interval.trim_start().to_owned()),
        };
        found.unwrap_or_else(|| stored.to_owned())
    }
}

fn store_net(net: IpNet) -> String {
    match net.address {
        IpAddr::V4(address) => {
            let bits = address.to_bits();
            let mask = u32::MAX.checked_shl(32 - u32::from(net.prefix)).unwrap_or(0);
            format!("4 {:08x} {:02x} {bits:08x}", bits & mask, net.prefix)
        }
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            let mask = u128::MAX.checked_shl(128 - u32::from(net.prefix)).unwrap_or(0);
            format!("6 {:032x} {:02x} {bits:032x}", bits & mask, net.prefix)
        }
    }
}

fn load_net(stored: &str) -> Option<IpNet> {
    let mut parts = stored.split(' ');
    let (family, _, prefix, address) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let address: IpAddr = match family {
        "4" => Ipv4Addr::from_bits(u32::from_str_radix(address, 16).ok()?).into(),
        "6" => Ipv6Addr::from_bits(u128::from_str_radix(address, 16).ok()?).into(),
        _ => return None,
    };
    let prefix = u8::from_str_radix(prefix, 16).ok()?;
    parts.next().is_none().then_some(IpNet { address, prefix })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each is less than the next one for PostgreSQL, too.
    fn assert_sorted(form: Form, texts: &[&str]) {
        let stored: Vec<String> =
            texts.iter().map(|text| form.store(text).expect("a value")).collect();
        assert!(stored.is_sorted_by(|a, b| a < b), "{stored:#?}");
        for (text, stored) in texts.iter().zip(&stored) {
            assert_eq!(form.store(&form.load(stored)).expect("a value"), *stored, "{text}");
        }
    }

    #[test]
    fn stored_texts_sort_as_values_do() {
        assert_sorted(
            Form::Inet,
            &[
                "0.0.0.0/0",
                "10.0.0.0/8",
                "10.0.0.1/8",
                "10.0.0.0/9",
                "10.0.0.0",
                "10.0.0.1",
                "192.168.0.1",
                "::/0",
                "::1",
                "2001:db8::/32",
                "2001:db8::1",
            ],
        );
        assert_sorted(
            Form::Interval,
            &[
                "-178956970 years",
                "-1 mon",
                "-00:00:01",
                "00:00:00",
                "00:00:00.000001",
                "23:59:59",
                "1 day 00:00:01",
                "29 days 23:00:00",
                "1 mon 00:00:01",
                "1 year",
            ],
        );
        assert_eq!(Form::Inet.load("of another program"), "of another program");
        assert_eq!(Form::Interval.load("1 day"), "1 day");
    }
}
