//! Every type that a field can have, and its columns on both databases.
//!
//! In the layout `columns` a field has the column of this table; in the layout `document` it is a key
//! of the JSON column, with the JSON that serde writes. The third column is the word for the type in
//! `kontract.lock.json`.
//!
//! | Rust | lock file | PostgreSQL | SQLite |
//! |---|---|---|---|
//! | `String` | `string` | TEXT | TEXT |
//! | `bool` | `boolean` | BOOLEAN | INTEGER |
//! | `i8` | `int8` | SMALLINT | INTEGER |
//! | `i16` | `int16` | SMALLINT | INTEGER |
//! | `i32` | `int32` | INTEGER | INTEGER |
//! | `i64` | `bigint` | BIGINT | INTEGER |
//! | `u8` | `uint8` | SMALLINT | INTEGER |
//! | `u16` | `uint16` | INTEGER | INTEGER |
//! | `u32` | `uint32` | BIGINT | INTEGER |
//! | `f32` | `float32` | REAL | REAL |
//! | `f64` | `number` | DOUBLE PRECISION | REAL |
//! | `Timestamp` | `date` | BIGINT | INTEGER |
//! | `Vec<u8>`, `Bytes` | `bytes` | BYTEA | BLOB |
//! | `Uuid` | `uuid` | UUID | TEXT |
//! | `Decimal` | `decimal` | NUMERIC | TEXT |
//! | `Json` | `json` | JSONB | TEXT |
//! | `jiff::Timestamp`, `chrono::DateTime<Utc>`, `time::OffsetDateTime` | `instant` | TIMESTAMPTZ | TEXT |
//! | `jiff::civil::DateTime`, `chrono::NaiveDateTime`, `time::PrimitiveDateTime` | `datetime` | TIMESTAMP | TEXT |
//! | `jiff::civil::Date`, `chrono::NaiveDate`, `time::Date` | `day` | DATE | TEXT |
//! | `jiff::civil::Time`, `chrono::NaiveTime`, `time::Time` | `time` | TIME | TEXT |
//! | `std::net::IpAddr`, `kontract::value::IpNet` | `sql` | inet | ANY |
//! | `kontract::value::MacAddr` | `sql` | macaddr | ANY |
//! | `kontract::value::Bits` | `sql` | bit varying | ANY |
//! | `kontract::value::Interval`, `jiff::Span`, `jiff::SignedDuration`, `chrono::TimeDelta`, `chrono::Duration` | `sql` | interval | ANY |
//! | `kontract::value::Range<i32>` | `sql` | int4range | ANY |
//! | `kontract::value::Range<i64>` | `sql` | int8range | ANY |
//! | `kontract::value::Range<Decimal>` | `sql` | numrange | ANY |
//! | `kontract::value::Range<jiff::civil::Date>`, `kontract::value::Range<chrono::NaiveDate>` | `sql` | daterange | ANY |
//! | `kontract::value::Range<jiff::civil::DateTime>`, `kontract::value::Range<chrono::NaiveDateTime>` | `sql` | tsrange | ANY |
//! | `kontract::value::Range<jiff::Timestamp>`, `kontract::value::Range<chrono::DateTime<Utc>>` | `sql` | tstzrange | ANY |
//! | `Status`, with `#[derive(Enum)]` | `enum(Draft, Published)` | TEXT | TEXT |
//! | `Mood`, with `#[derive(Enum)]` and `#[native]` | `enum(Good, Bad)` | mood | TEXT |
//! | `Address`, with `#[derive(Document)]` | `object` | JSONB | TEXT |
//! | `UserId`, with `#[derive(Value)]` on `struct UserId(Uuid)` | `uuid` | UUID | TEXT |
//! | `Vec<String>` | `string[]` | TEXT[] | TEXT |
//! | `Vec<Uuid>` | `uuid[]` | UUID[] | TEXT |
//! | `Vec<std::net::IpAddr>` | `sql[]` | inet[] | TEXT |
//! | `Vec<Status>` | `enum(Draft, Published)[]` | TEXT[] | TEXT |
//! | `Vec<Mood>` | `enum(Good, Bad)[]` | mood[] | TEXT |
//! | `Vec<Address>` | `object[]` | JSONB | TEXT |
//! | `Vec<Json>` | `json[]` | JSONB | TEXT |
//! | `Vec<Vec<i32>>` | `int32[][]` | JSONB | TEXT |
//!
//! - `Option<T>` is a column that may be NULL; every other column is NOT NULL.
//! - A `Vec<T>` of a scalar or an enum is an array on PostgreSQL, any other list JSON. On SQLite every list
//!   is JSON.
//! - `Timestamp` is Unix time in milliseconds. The types of jiff, chrono and time have microseconds; on
//!   SQLite they are text that sorts by time: `2026-11-21T10:30:00.000000Z`, `2026-11-21T10:30:00.000000`,
//!   `2026-11-21`, `10:30:00.000000`.
//! - `Uuid` on SQLite is text with hyphens; `Decimal` is text there, so that no digit is lost.
//! - Addresses, bits, intervals and ranges travel as text; in a document they are texts. The texts of addresses,
//!   intervals and ranges are not in the order of the values: to compare them with `lt`, or to order rows by them,
//!   is an error in documents. On SQLite an address is
//!   `4 0a000000 08 0a000001` for `10.0.0.1/8` (family, network, prefix and address in hexadecimal digits),
//!   an interval its microseconds in 23 digits, months counted as 30 days, and then the interval: both are
//!   equal and ordered as on PostgreSQL, except that a month does not equal 30 days, nor a day 24 hours.
//!   A duration of jiff or chrono is read from an interval without months and days, a `jiff::Span` from one
//!   whose parts have one sign.
//! - A [`Range`](crate::value::Range) travels as text too; `5..1` and a bound behind the last value of the
//!   type are refused. On SQLite it is the places where it begins and ends, `p500001:1.< p500001:6.<` for
//!   `[1,6)`: a value that sorts as text, and `<` before the value or `>` after it; `-` is before all values,
//!   `~` after all, and `!` the empty range. A number is `n`, `o` or `p` for its sign, 500000 and the number
//!   of its digits before the point, and its digits (below zero, each subtracted from 9).
//! - `BTreeMap<String, Option<String>>` with `sql_type = "hstore"` is an `hstore` on PostgreSQL and JSON on
//!   SQLite; it has no order there. `Vec<f32>` with `sql_type = "vector(3)"` is a vector of pgvector; SQLite
//!   keeps a list. A vector with another number of dimensions is refused on both. Extensions are created by
//!   a migration file of your own.
//! - A `String` with a `sql_type` whose values are not texts, such as `inet`, `interval` or
//!   `int4range`, is kept on SQLite as PostgreSQL prints the value, and is equal to other spellings of it, also in
//!   a list. A text that is not a value of `bit`, `cidr`, `hstore`, `inet`, `interval`, `macaddr`, `uuid` or a range
//!   is refused. To
//!   order rows by it, or to compare it with `lt`, is an error on SQLite: the Rust type of the value sorts.
//! - A `sql_type` needs a cast from and to the column that the Rust type implies; `Vec<T>` has one to an
//!   array of such a type.
//! - A `sql_type` that is a domain, a composite type or another type of the database is read and written as
//!   the Rust type: `String` for a composite type, `json`, `tsvector` and the like, whose text it is, and the
//!   type under it for a domain. Migrations do not create such types.
//! - An enum has a CHECK constraint with its variants, or the one of the field that allows exactly these:
//!   `#[check("status IN ('Draft', 'Published')", name = "known_status")]`. One with `#[native]` has an enum
//!   type on PostgreSQL.
//! - `Decimal` needs the feature `decimal`; the dates and times need `jiff`, `chrono` or `time`.
//! - Paths may be written in full or by their last segment, except `jiff::Timestamp`, which without its
//!   crate is Kontract's. Type aliases are not followed.
//! - Any other type takes `#[column(sql_type = "…")]` and an implementation of
//!   [`Value`](crate::value::Value); the layout is `columns`.
//!
//! Not supported, and what to use instead: `u64` and `usize` (`i64`, `u32`), `u128` and `i128` (`Decimal`,
//! `Uuid`), `char` and `PathBuf` (`String`), maps (`Json`, a document, `hstore`), sets (`Vec<T>`), `SystemTime`
//! (`Timestamp`), `std::time::Duration` (`jiff::SignedDuration`, or `i64` with the unit in its name).
