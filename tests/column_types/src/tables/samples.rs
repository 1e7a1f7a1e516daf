//! A table with random values of the types of the application.

use kontract::prelude::*;

use crate::types::{Address, Cents, Email, Host, Moment, Mood, Status, Tags, UserId, Weather};

/// A column of each type: alone, optional, in a list.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Sample {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A text with a CHECK.
    pub status: Status,
    /// A text with a CHECK, or NULL.
    pub former: Option<Status>,
    /// A list of texts.
    pub states: Vec<Status>,
    /// An enum type.
    pub mood: Mood,
    /// An enum type, or NULL.
    pub maybe: Option<Mood>,
    /// A list of an enum type.
    pub moods: Vec<Mood>,
    /// A newtype of an enum type.
    pub weather: Weather,
    /// A UUID.
    pub user: UserId,
    /// UUIDs.
    pub users: Vec<UserId>,
    /// A text.
    pub email: Email,
    /// A text of eight letters at most.
    #[column(sql_type = "varchar(8)")]
    pub short: Email,
    /// A number.
    pub cents: Cents,
    /// A number of another type in the database.
    #[column(sql_type = "smallint")]
    pub few: Cents,
    /// An address.
    pub host: Host,
    /// A time, cut to microseconds.
    pub moment: Moment,
    /// A time, rounded to seconds.
    #[column(sql_type = "timestamptz(0)")]
    pub second: Option<Moment>,
    /// A list of texts.
    pub tags: Tags,
    /// A document.
    pub address: Address,
}
