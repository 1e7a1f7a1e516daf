//! The types.

use std::net::IpAddr;

use kontract::prelude::*;

/// An enum with a CHECK constraint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
pub enum Status {
    /// The least by name.
    Draft,
    /// In between.
    Published,
    /// The greatest by name.
    Withdrawn,
}

/// An enum type, ordered as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[native]
pub enum Mood {
    /// The least.
    Sad,
    /// In between.
    Good,
    /// The greatest.
    Best,
}

/// A newtype of an enum type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Weather(pub Mood);

/// A newtype of a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct UserId(pub Uuid);

/// A newtype of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Email(pub String);

/// A newtype of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize, Deserialize, Value)]
pub struct Cents(pub i64);

/// A newtype of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Serialize, Deserialize, Value)]
pub struct Moment(pub jiff::Timestamp);

/// A newtype of an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Host(pub IpAddr);

/// A newtype of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Tags(pub Vec<String>);

/// A nested document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Document)]
pub struct Address {
    /// A text.
    pub street: String,
    /// A number that may be missing.
    pub number: Option<i32>,
}
