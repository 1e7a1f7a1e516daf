//! A document with a constant default of each type.

use std::net::IpAddr;

use kontract::Decimal;
use kontract::prelude::*;
use kontract::value::{Bits, IpNet, MacAddr};

use crate::types::{Address, Cents, Moment, Mood, Status};

/// New rows, and rows from before a field, have the defaults.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(name = "settings")]
pub struct Settings {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A text.
    #[default("it's \"quoted\"")]
    pub text: String,
    /// A boolean.
    #[default(true)]
    pub flag: bool,
    /// A number.
    #[default(1.5)]
    pub number: f64,
    /// A decimal.
    #[default("1.50")]
    pub decimal: Decimal,
    /// A UUID.
    #[default("00000000-0000-0000-0000-00000000000a")]
    pub uuid: Uuid,
    /// JSON.
    #[default("{\"a\": [1]}")]
    pub json: Json,
    /// Milliseconds.
    #[default(1_700_000_000_000)]
    pub millis: Timestamp,
    /// A point in time.
    #[default("2026-01-31T10:30:00Z")]
    pub instant: jiff::Timestamp,
    /// The same of another crate.
    #[default("2026-01-31T10:30:00.5Z")]
    pub utc: Option<chrono::DateTime<chrono::Utc>>,
    /// A date and a time.
    #[default("2026-01-31T10:30:00")]
    pub civil: chrono::NaiveDateTime,
    /// A day.
    #[default("2026-01-31")]
    pub day: jiff::civil::Date,
    /// A time.
    #[default("10:30:00")]
    pub time: jiff::civil::Time,
    /// A newtype of a time.
    #[default("2026-01-31T10:30:00Z")]
    pub moment: Moment,
    /// A newtype of a number.
    #[default(150)]
    pub cents: Cents,
    /// An enum.
    #[default(Status::Published)]
    pub status: Status,
    /// An enum type, in a document a text.
    #[default(Mood::Good)]
    pub mood: Option<Mood>,
    /// An address.
    #[default("10.0.0.1")]
    pub address: IpAddr,
    /// A network.
    #[default("10.0.0.0/8")]
    pub net: IpNet,
    /// An address of a device.
    #[default("08:00:2b:01:02:03")]
    pub mac: MacAddr,
    /// Bits.
    #[default("101")]
    pub bits: Bits,
    /// A nested document.
    #[default("{\"street\": \"Long Street\", \"number\": 7}")]
    pub home: Address,
    /// A list of decimals.
    #[default("[1.5, \"2.50\"]")]
    pub decimals: Vec<Decimal>,
    /// A list of days.
    #[default("[\"2026-01-31\"]")]
    pub days: Vec<jiff::civil::Date>,
    /// A list of an enum.
    #[default("[\"Draft\"]")]
    pub states: Vec<Status>,
    /// A list of newtypes.
    #[default("[1, 2]")]
    pub prices: Vec<Cents>,
}
