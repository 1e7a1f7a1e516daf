//! Types of fields that Kontract provides.
//!
//! [`Timestamp`] and [`Bytes`] are its own; UUIDs, JSON values and decimals are those of the usual
//! crates. The features `jiff`, `chrono` and `time` add the dates and times of those crates.

mod base64;
mod bytes;
#[cfg(feature = "chrono")]
mod chrono;
#[cfg(feature = "decimal")]
mod decimal;
#[cfg(feature = "jiff")]
mod jiff;
#[cfg(feature = "time")]
mod time;
mod timestamp;

pub(crate) use kontract_schema::calendar;

pub(crate) use self::base64::{decode as from_base64, encode as to_base64};
pub use self::bytes::Bytes;
pub use self::timestamp::Timestamp;
