//! Types of fields that Kontract provides.
//!
//! [`Timestamp`] and [`Bytes`] are its own; UUIDs, JSON values and decimals are those of the usual
//! crates. The features `jiff`, `chrono` and `time` add the dates and times of those crates.

mod base64;
mod bits;
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "decimal")]
mod decimal;
mod interval;
#[cfg(feature = "jiff")]
mod jiff;
mod network;
#[cfg(feature = "time")]
mod time;
mod timestamp;

pub(crate) use kontract_schema::calendar;

pub(crate) use self::base64::{decode as from_base64, encode as to_base64};
pub use self::bits::{Bits, ParseBitsError};
pub use self::bytes::Bytes;
pub use self::interval::{Interval, ParseIntervalError};
pub use self::network::{IpNet, MacAddr, ParseAddressError};
pub use self::timestamp::Timestamp;
