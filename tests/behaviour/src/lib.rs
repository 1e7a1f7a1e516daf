//! An application with a table of each kind. The tests in `tests/suite` use its storage.

use kontract::prelude::*;

/// A document with the common types of fields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
pub struct User {
    /// The key.
    #[primkey]
    pub id: String,
    /// A text, indexed.
    #[index]
    pub name: String,
    /// A unique text.
    #[unique]
    pub email: String,
    /// A number.
    pub age: f64,
    /// A list.
    pub tags: Vec<String>,
    /// A list of lists.
    pub grid: Vec<Vec<i32>>,
    /// An enum.
    pub mood: Mood,
    /// A nested document.
    pub home: Option<Address>,
    /// Bytes.
    pub avatar: Bytes,
    /// Set at insert.
    #[created_at]
    pub created_at: Timestamp,
    /// Set at each change.
    #[updated_at]
    pub updated_at: Timestamp,
}

/// Stored by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
pub enum Mood {
    /// Good.
    Good,
    /// Bad.
    Bad,
}

/// A nested document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Document)]
pub struct Address {
    /// The street.
    pub street: String,
    /// The number in it.
    pub number: Option<u32>,
}

/// A queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
pub struct Job {
    /// The key.
    #[primkey]
    pub id: Uuid,
    /// What to do.
    pub task: i64,
}

/// Columns of every type.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Everything {
    /// The key.
    #[primkey]
    pub id: Uuid,
    /// TEXT.
    pub text: String,
    /// DOUBLE PRECISION.
    pub number: f64,
    /// BOOLEAN.
    pub flag: bool,
    /// BIGINT.
    pub long: i64,
    /// BIGINT, Unix milliseconds.
    pub moment: Timestamp,
    /// BYTEA.
    pub bytes: Vec<u8>,
    /// SMALLINT.
    pub i8: i8,
    /// SMALLINT.
    pub i16: i16,
    /// INTEGER.
    pub i32: i32,
    /// SMALLINT.
    pub u8: u8,
    /// INTEGER.
    pub u16: u16,
    /// BIGINT.
    pub u32: u32,
    /// REAL.
    pub f32: f32,
    /// NUMERIC.
    pub decimal: Decimal,
    /// JSONB.
    pub json: Json,
    /// TIMESTAMPTZ.
    pub instant: jiff::Timestamp,
    /// TIMESTAMP.
    pub datetime: chrono::NaiveDateTime,
    /// DATE.
    pub day: time::Date,
    /// TIME.
    pub time: jiff::civil::Time,
    /// TEXT with a CHECK.
    pub mood: Mood,
    /// JSONB.
    pub address: Address,
    /// An array.
    pub texts: Vec<String>,
    /// An array.
    pub numbers: Vec<f64>,
    /// An array.
    pub ids: Vec<Uuid>,
    /// An array.
    pub days: Vec<jiff::civil::Date>,
    /// JSONB.
    pub addresses: Vec<Address>,
    /// NULL.
    pub maybe_text: Option<String>,
    /// NULL.
    pub maybe_number: Option<i32>,
    /// NULL.
    pub maybe_texts: Option<Vec<String>>,
    /// NULL.
    pub maybe_address: Option<Address>,
}

/// Columns with rules and references.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", versioned, track, unique(author, title))]
pub struct Post {
    /// The key.
    #[primkey]
    pub id: Uuid,
    /// References a user.
    #[references(User, on_delete = "cascade")]
    pub author: String,
    /// Not empty.
    #[check("title <> ''")]
    pub title: String,
    /// Has a default.
    #[default(0)]
    pub likes: i64,
    /// A keyword of SQL.
    #[column(name = "order")]
    pub place: Option<i32>,
}

/// A key of two columns, and no bookkeeping.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", primary_key(space, name))]
pub struct Setting {
    /// First part of the key.
    pub space: String,
    /// Second part.
    pub name: i64,
    /// The value.
    pub value: String,
}

/// References settings by both fields of their key, with each action.
#[derive(Clone, Debug, PartialEq, Table)]
#[allow(clippy::duplicated_attributes, reason = "three references to one table are three")]
#[table(
    layout = "columns",
    references(fields(space, name), Setting, on_delete = "cascade"),
    references(fields(last_space, last_name), Setting, on_delete = "set_null"),
    references(fields(kept_space, kept_name), Setting),
    index(space, name),
    index(last_space, last_name),
    index(kept_space, kept_name)
)]
pub struct Use {
    /// The key.
    #[primkey]
    pub id: i64,
    /// The space of a setting; the row is deleted with it.
    pub space: String,
    /// The same.
    pub name: i64,
    /// The space of a setting; set to NULL when it is deleted.
    pub last_space: Option<String>,
    /// The same.
    pub last_name: Option<i64>,
    /// The space of a setting; it cannot be deleted while this row exists.
    pub kept_space: Option<String>,
    /// The same.
    pub kept_name: Option<i64>,
}

/// A document with values that JSON has no types for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
pub struct Reading {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A timestamp.
    pub at: jiff::Timestamp,
    /// A timestamp of another crate.
    pub seen: Option<chrono::DateTime<chrono::Utc>>,
    /// A date and a time of day.
    pub local: jiff::civil::DateTime,
    /// A date.
    pub day: time::Date,
    /// A time of day.
    pub time: chrono::NaiveTime,
    /// Unix milliseconds.
    pub moment: Timestamp,
    /// A decimal.
    pub price: Decimal,
    /// A UUID.
    pub sensor: Uuid,
    /// A boolean.
    pub ok: bool,
    /// Single precision.
    pub level: f32,
    /// A 32-bit integer.
    pub count: u8,
    /// A 64-bit integer.
    pub long: i64,
    /// Bytes.
    pub raw: Bytes,
    /// A nested document.
    pub place: Address,
    /// Any JSON.
    pub extra: Json,
}

/// Columns whose types are not Kontract's own.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Custom {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A shorter text.
    #[column(sql_type = "VARCHAR(20)")]
    pub code: String,
    /// More than 63 bits.
    #[column(sql_type = "NUMERIC(20)")]
    pub big: u64,
    /// An optional address.
    #[column(sql_type = "VARCHAR(40)")]
    pub maybe: Option<String>,
}

kontract::storage!();
