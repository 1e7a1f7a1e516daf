//! Structs with one unnamed field, in each place that a type can have.

use kontract::prelude::*;

/// A key that the insert makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct MemberId(pub Uuid);

/// A key that the caller gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, Value)]
pub struct RoomNumber(pub i32);

/// A text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Email(pub String);

/// A number that can be added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize, Deserialize, Value)]
pub struct Cents(pub i64);

/// A list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Tags(pub Vec<String>);

/// A time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize, Deserialize, Value)]
pub struct Arrival(pub jiff::Timestamp);

/// JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Value)]
pub struct Extra(pub Json);

/// A newtype of a newtype.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Contact(pub Email);

/// Stored by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
pub enum Level {
    /// Low.
    Low,
    /// High.
    High,
}

/// A newtype of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Clearance(pub Level);

/// Newtypes as columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Member {
    /// UUID.
    #[primkey]
    pub id: MemberId,
    /// TEXT.
    #[unique]
    pub email: Email,
    /// TEXT.
    pub contact: Option<Contact>,
    /// TEXT with a CHECK.
    #[default(Clearance(Level::Low))]
    pub clearance: Clearance,
}

/// Newtypes in a key of several columns, in references and lists.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", primary_key(room, day))]
pub struct Booking {
    /// INTEGER.
    pub room: RoomNumber,
    /// DATE.
    pub day: jiff::civil::Date,
    /// UUID.
    #[references(Member)]
    pub member: MemberId,
    /// UUID.
    #[references(Member)]
    pub payer: Option<MemberId>,
    /// BIGINT.
    #[default(1500)]
    pub price: Cents,
    /// BIGINT.
    #[default(5)]
    pub tip: Option<Cents>,
    /// An array.
    pub tags: Tags,
    /// An array.
    pub guests: Vec<Email>,
    /// An array.
    pub arrivals: Vec<Arrival>,
    /// JSONB.
    pub extra: Extra,
}

/// Newtypes in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
pub struct Note {
    /// The key.
    #[primkey]
    pub id: RoomNumber,
    /// A UUID.
    pub author: MemberId,
    /// A text.
    pub contact: Option<Contact>,
    /// A list of numbers.
    pub prices: Vec<Cents>,
    /// A list of times.
    pub arrivals: Vec<Arrival>,
    /// A list of times without a newtype.
    pub times: Vec<jiff::Timestamp>,
    /// A nested document.
    pub place: Place,
}

/// A nested document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Document)]
pub struct Place {
    /// A number.
    pub room: RoomNumber,
    /// An enum.
    pub clearance: Clearance,
}
