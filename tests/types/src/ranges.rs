//! Ranges.

use kontract::prelude::*;
use kontract::value::Range;

/// Ranges of each type.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Season {
    /// The key.
    #[primkey]
    pub id: i32,
    /// INT4RANGE.
    #[index]
    pub rooms: Range<i32>,
    /// INT8RANGE.
    #[unique]
    pub numbers: Option<Range<i64>>,
    /// NUMRANGE.
    pub prices: Range<Decimal>,
    /// DATERANGE.
    #[index(method = "gist")]
    pub days: Range<jiff::civil::Date>,
    /// TSRANGE.
    #[default("[2026-01-01 00:00:00,)")]
    pub local: Range<jiff::civil::DateTime>,
    /// TSTZRANGE.
    pub open: Option<Range<jiff::Timestamp>>,
    /// DATERANGE.
    pub holidays: Range<chrono::NaiveDate>,
    /// DATERANGE[].
    pub closed: Vec<Range<jiff::civil::Date>>,
    /// A day to compare with.
    pub day: jiff::civil::Date,
}

/// A range as a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Lot {
    /// INT8RANGE.
    #[primkey]
    pub numbers: Range<i64>,
    /// TEXT.
    pub name: String,
}

/// In a document they are texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
pub struct Plan {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A text.
    pub days: Range<jiff::civil::Date>,
    /// A day.
    pub start: jiff::civil::Date,
}

/// One range of each kind, for random values.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Sample {
    /// The key.
    #[primkey]
    pub id: i64,
    /// INT4RANGE.
    pub small: Range<i32>,
    /// INT8RANGE.
    pub long: Range<i64>,
    /// NUMRANGE.
    pub decimal: Range<Decimal>,
    /// DATERANGE.
    pub day: Range<jiff::civil::Date>,
    /// TSRANGE.
    pub local: Range<chrono::NaiveDateTime>,
    /// TSTZRANGE.
    pub instant: Range<jiff::Timestamp>,
}
