//! Keys of several fields: enums, bools, times, and a number that the database makes.

use kontract::prelude::*;

/// Stored by name, with a CHECK.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
pub enum Medium {
    /// The greatest by place, the least by name.
    Email,
    /// Another.
    Phone,
}

/// An enum type; ordered as declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[native]
pub enum Weekday {
    /// The least.
    Monday,
    /// In between.
    Friday,
    /// The greatest.
    Saturday,
}

/// A newtype of a bool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Urgent(pub bool);

/// An enum and a bool.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", primary_key(medium, urgent))]
pub struct Channel {
    /// TEXT with a CHECK.
    pub medium: Medium,
    /// BOOLEAN.
    pub urgent: Urgent,
    /// A text.
    pub label: String,
}

/// An enum type and a time of day.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", primary_key(weekday, at))]
pub struct Slot {
    /// An enum type.
    pub weekday: Weekday,
    /// TIME(0).
    #[column(sql_type = "time(0)")]
    pub at: jiff::civil::Time,
    /// A number.
    pub free: i32,
}

/// Refers to both, and is numbered for each weekday.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(
    layout = "columns",
    primary_key(weekday, id),
    references(fields(weekday, at), Slot),
    references(fields(medium, urgent), Channel, on_delete = "set null")
)]
pub struct Appointment {
    /// An enum type.
    pub weekday: Weekday,
    /// A number of the database.
    #[primkey(identity)]
    pub id: i32,
    /// TIME(0).
    #[column(sql_type = "time(0)")]
    pub at: jiff::civil::Time,
    /// TEXT with a CHECK.
    pub medium: Option<Medium>,
    /// BOOLEAN.
    pub urgent: Option<Urgent>,
}

/// One row for each value of a bool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
pub struct Switch {
    /// BOOLEAN, beside the document.
    #[primkey]
    pub on: bool,
    /// A text.
    pub label: String,
}

/// An enum as the key of a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
pub struct Opening {
    /// The enum type, beside the document.
    #[primkey]
    pub weekday: Weekday,
    /// A time.
    pub from: jiff::civil::Time,
}
