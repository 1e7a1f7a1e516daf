//! The text that is particular to SQLite: types, constants, times, JSON. [`ddl`](super::ddl) has the
//! statements.
//!
//! Tables are [STRICT](https://www.sqlite.org/stricttables.html), which allows only its six types.

use serde_json::Value;

use super::{Dialect, json};
use crate::model::types::Type;
use crate::model::{SqlKind, Tracked};
use crate::sql::ddl::{ColumnDefinition, ColumnKind};

pub mod convert;
mod times;

const HERE: Dialect = Dialect::Sqlite;

/// The type of a column.
pub fn print_column_type(kind: &ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Field { ty: Type::Sql, sql_type } => {
            sql_type.as_ref().map_or("ANY", |ty| storage_of(ty.kind()))
        }
        ColumnKind::Field { ty, .. } => column_type(ty),
        ColumnKind::Data => "TEXT",
        ColumnKind::Tracked(Tracked::Owner) => "TEXT",
        ColumnKind::Tracked(_) => "INTEGER",
    }
}

/// The names of the hidden key of a table. <https://www.sqlite.org/lang_createtable.html#rowid>
pub const ROWID_NAMES: [&str; 3] = ["rowid", "_rowid_", "oid"];

/// Whether a column is the hidden key itself: an integer that is the whole primary key.
pub fn is_rowid(column: &ColumnDefinition) -> bool {
    column.primary_key && print_column_type(&column.kind) == "INTEGER"
}

/// The collation of a column: `citext` has one in which upper and lower case of ASCII letters are equal,
/// for equality, order and uniqueness.
pub fn print_collation(kind: &ColumnKind) -> Option<&'static str> {
    match kind {
        ColumnKind::Field { ty: Type::String | Type::Sql, sql_type: Some(own) } => {
            (*own.kind() == SqlKind::Citext).then_some("NOCASE")
        }
        _ => None,
    }
}

/// The type of a field.
fn column_type(ty: &Type) -> &'static str {
    match ty {
        Type::Bigint
        | Type::Date
        | Type::Boolean
        | Type::Int8
        | Type::Int16
        | Type::Int32
        | Type::Uint8
        | Type::Uint16
        | Type::Uint32 => "INTEGER",
        Type::Number | Type::Float32 => "REAL",
        Type::Bytes => "BLOB",
        Type::Sql => "ANY",
        Type::String
        | Type::Enum(_)
        | Type::Uuid
        | Type::Decimal
        | Type::Json
        | Type::Instant
        | Type::DateTime
        | Type::Day
        | Type::Time
        | Type::Object(_)
        | Type::Array(_) => "TEXT",
    }
}

/// The type in which SQLite stores the values of a type of PostgreSQL that Kontract's types do not
/// imply; of an unknown name, by SQLite's
/// [rules of affinity](https://www.sqlite.org/datatype3.html#determination_of_column_affinity).
fn storage_of(kind: &SqlKind) -> &'static str {
    match kind {
        SqlKind::SmallInt | SqlKind::Integer | SqlKind::BigInt | SqlKind::Boolean => "INTEGER",
        SqlKind::Real | SqlKind::Double => "REAL",
        SqlKind::Bytea => "BLOB",
        SqlKind::Text | SqlKind::Varchar(_) | SqlKind::Char(_) | SqlKind::Citext => "TEXT",
        SqlKind::Named { name, .. } => {
            let name = name.to_ascii_uppercase();
            let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
            if has(&["INT"]) {
                "INTEGER"
            } else if has(&["CHAR", "CLOB", "TEXT"]) {
                "TEXT"
            } else if has(&["BLOB"]) {
                "BLOB"
            } else if has(&["REAL", "FLOA", "DOUB"]) {
                "REAL"
            } else {
                "ANY"
            }
        }
        _ => "ANY",
    }
}

/// A bookkeeping column: type, NOT NULL, default. The runtime supplies `_txid` and `_order`.
pub fn print_tracked(column: Tracked) -> &'static str {
    match column {
        Tracked::Version => "INTEGER NOT NULL DEFAULT 1",
        Tracked::Txid => "INTEGER NOT NULL",
        Tracked::Owner => "TEXT NOT NULL",
        Tracked::DeletedTxid | Tracked::DeletedAt => "INTEGER",
        Tracked::Order => "INTEGER NOT NULL",
    }
}

/// The value of a new bookkeeping column in existing rows: a transaction id and an order that are less
/// than those of the runtime.
pub fn print_before(column: Tracked) -> &'static str {
    match column {
        Tracked::Version => "1",
        Tracked::Txid => "0",
        Tracked::Owner => "'system'",
        Tracked::DeletedTxid | Tracked::DeletedAt => "NULL",
        Tracked::Order => "row_number() OVER (ORDER BY rowid) - count(*) OVER ()",
    }
}

/// The time of the statement.
pub fn print_now(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Date => Some("(CAST(round((julianday('now') - 2440587.5) * 86400000.0) AS INTEGER))"),
        Type::Instant => Some("(strftime('%Y-%m-%dT%H:%M:%f000Z', 'now'))"),
        Type::String => Some("(strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"),
        Type::DateTime => Some("(strftime('%Y-%m-%dT%H:%M:%f000', 'now'))"),
        Type::Day => Some("(strftime('%Y-%m-%d', 'now'))"),
        Type::Time => Some("(strftime('%H:%M:%f000', 'now'))"),
        _ => None,
    }
}

/// A random UUID (version 4) as text.
pub const RANDOM_UUID: &str = "(lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || \
    substr(hex(randomblob(2)), 2) || '-' || substr('89AB', 1 + abs(random() % 4), 1) || \
    substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))))";

/// A constant for a column of this type.
pub fn print_constant(value: &Value, ty: &Type) -> String {
    match (ty, value) {
        (_, Value::Null) => "NULL".to_owned(),
        (Type::Json | Type::Object(_) | Type::Array(_), value) => HERE.literal(&value.to_string()),
        (_, Value::Bool(value)) if column_type(ty) != "TEXT" => i32::from(*value).to_string(),
        (Type::Bytes, Value::String(text)) => {
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            format!("x'{hex}'")
        }
        (_, Value::String(text)) => HERE.literal(text),
        (_, value) if column_type(ty) == "TEXT" => HERE.literal(&value.to_string()),
        (_, value) => value.to_string(),
    }
}

/// The document with `json` below a key.
pub fn print_with_key(data: &str, key: &str, json: &str) -> String {
    format!("json_set({data}, {}, {json})", json::json_path(HERE, key))
}

/// The document without a key.
pub fn print_without_key(data: &str, key: &str) -> String {
    format!("json_remove({data}, {})", json::json_path(HERE, key))
}

/// A value of JSON as a type, NULL if it is of another one: of the expression for its type, and of that
/// for its value.
pub fn print_of_json_type(found: &str, value: &str, ty: &Type) -> String {
    let is_number = format!("{found} IN ('integer', 'real')");
    match ty {
        Type::Boolean => format!("CASE {found} WHEN 'true' THEN 1 WHEN 'false' THEN 0 END"),
        Type::Number => format!(
            "CASE WHEN {is_number} AND abs({value}) <= 1.7976931348623157e308 THEN CAST({value} AS REAL) END"
        ),
        ty if ty.whole_range().is_some() => format!(
            "CASE WHEN {is_number} AND {value} = CAST({value} AS INTEGER) THEN CAST({value} AS INTEGER) END"
        ),
        _ => format!("CASE {found} WHEN 'text' THEN {value} END"),
    }
}
