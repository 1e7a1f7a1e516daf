//! What is PostgreSQL's own: types, constants, times, JSON. The shape of the statements is in
//! [`ddl`](super::ddl).

use serde_json::Value;

use super::{Dialect, json};
use crate::sql::ddl::{Kind, Tracked};
use crate::ty::Type;

const HERE: Dialect = Dialect::Postgres;

/// The type of a column.
pub fn kind(kind: &Kind) -> String {
    match kind {
        Kind::Field { sql_type: Some(text), .. } => text.clone(),
        Kind::Field { ty, sql_type: None } => column_type(ty),
        Kind::Data => "JSONB".to_owned(),
        Kind::Tracked(column) => {
            let definition = tracked(*column);
            definition.split(' ').next().unwrap_or(definition).to_owned()
        }
    }
}

/// The type of a field.
fn column_type(ty: &Type) -> String {
    match ty {
        Type::String | Type::Enum(_) | Type::Sql => "TEXT",
        Type::Number => "DOUBLE PRECISION",
        Type::Boolean => "BOOLEAN",
        Type::Bigint | Type::Date | Type::Uint32 => "BIGINT",
        Type::Bytes => "BYTEA",
        Type::Int8 | Type::Int16 | Type::Uint8 => "SMALLINT",
        Type::Int32 | Type::Uint16 => "INTEGER",
        Type::Float32 => "REAL",
        Type::Uuid => "UUID",
        Type::Decimal => "NUMERIC",
        Type::Json | Type::Object(_) => "JSONB",
        Type::Instant => "TIMESTAMPTZ",
        Type::DateTime => "TIMESTAMP",
        Type::Day => "DATE",
        Type::Time => "TIME",
        Type::Array(element) if element.is_scalar() => {
            return format!("{}[]", column_type(element));
        }
        Type::Array(_) => "JSONB",
    }
    .to_owned()
}

/// A bookkeeping column: type, NOT NULL, default.
pub fn tracked(column: Tracked) -> &'static str {
    match column {
        Tracked::Version => "INT NOT NULL DEFAULT 1",
        Tracked::Txid => "BIGINT NOT NULL DEFAULT txid_current()",
        Tracked::Owner => "TEXT NOT NULL",
        Tracked::DeletedTxid => "BIGINT",
        Tracked::Order => "BIGSERIAL",
    }
}

/// What a bookkeeping column gets in rows that were there before it.
pub fn before(column: Tracked) -> &'static str {
    match column {
        Tracked::Version => "1",
        Tracked::Txid => "txid_current()",
        Tracked::Owner => "'system'",
        Tracked::DeletedTxid => "NULL",
        Tracked::Order => "row_number() OVER () - count(*) OVER ()",
    }
}

/// The time of the statement.
pub fn now(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Date => Some("(extract(epoch FROM now()) * 1000)::bigint"),
        Type::Instant => Some("now()"),
        Type::DateTime => Some("(now() AT TIME ZONE 'UTC')"),
        Type::Day => Some("(now() AT TIME ZONE 'UTC')::date"),
        Type::Time => Some("(now() AT TIME ZONE 'UTC')::time"),
        _ => None,
    }
}

/// A constant for a column of this type.
pub fn constant(value: &Value, ty: &Type) -> String {
    match (ty, value) {
        (_, Value::Null) => "NULL".to_owned(),
        (Type::Json | Type::Object(_), value) => HERE.literal(&value.to_string()),
        (Type::Array(element), Value::Array(items)) if element.is_scalar() => {
            let items: Vec<_> = items.iter().map(|item| constant(item, element)).collect();
            format!("ARRAY[{}]::{}", items.join(", "), column_type(ty))
        }
        (Type::Array(_), value) => HERE.literal(&value.to_string()),
        (Type::Bytes, Value::String(text)) => {
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            HERE.literal(&format!("\\x{hex}"))
        }
        (_, Value::String(text)) => HERE.literal(text),
        (Type::String | Type::Enum(_), value) => HERE.literal(&value.to_string()),
        (_, value) => value.to_string(),
    }
}

/// A value of one kind of column as another.
pub fn convert(value: &str, from: &Kind, to: &Kind) -> String {
    let name = kind(to);
    let (Kind::Field { ty: from, sql_type: None }, Kind::Field { ty: to, sql_type: None }) =
        (from, to)
    else {
        return format!("{value}::{name}");
    };
    match (from, to) {
        _ if column_type(from) == name => value.to_owned(),
        (Type::Date, Type::Instant) => format!("to_timestamp({value} / 1000.0)"),
        (Type::Date, Type::DateTime | Type::Day) => {
            format!("(to_timestamp({value} / 1000.0) AT TIME ZONE 'UTC')::{name}")
        }
        (Type::Instant, Type::DateTime) => format!("{value} AT TIME ZONE 'UTC'"),
        (Type::DateTime, Type::Instant) => format!("{value} AT TIME ZONE 'UTC'"),
        (Type::Instant | Type::DateTime | Type::Day, to) if is_integer(to) => {
            format!("(extract(epoch FROM {value}) * 1000)::{name}")
        }
        (Type::Boolean, Type::Number | Type::Float32 | Type::Decimal) => {
            format!("{value}::integer::{name}")
        }
        (Type::Boolean, to) if is_integer(to) => format!("{value}::integer::{name}"),
        (from, Type::Boolean) if is_number(from) => format!("{value} <> 0"),
        (Type::Bytes, Type::String) => format!("convert_from({value}, 'UTF8')"),
        (Type::String, Type::Bytes) => format!("convert_to({value}, 'UTF8')"),
        (Type::Json | Type::Object(_), Type::Json | Type::Object(_)) => value.to_owned(),
        (from, Type::Json | Type::Object(_)) if *from != Type::String => {
            format!("to_jsonb({value})")
        }
        (Type::Array(from), Type::Array(to)) if from.is_scalar() && to.is_scalar() => {
            format!("{value}::TEXT[]::{name}")
        }
        (Type::Array(element), to) if element.is_scalar() && !matches!(to, Type::Array(_)) => {
            convert(&format!("{value}[1]"), &field(element), &field(to))
        }
        (from, Type::Array(element)) if element.is_scalar() && !matches!(from, Type::Array(_)) => {
            format!("ARRAY[{}]", convert(value, &field(from), &field(element)))
        }
        (_, Type::Array(element)) if element.is_scalar() => format!("ARRAY[{value}::TEXT]::{name}"),
        (_, Type::Array(_)) => format!("to_jsonb({value})"),
        (Type::Json | Type::Object(_), to) if *to != Type::String => {
            format!("({value} #>> '{{}}')::{name}")
        }
        _ if casts(from, to) => format!("{value}::{name}"),
        // Everything can be written as text, and read again if it fits.
        _ => format!("{value}::TEXT::{name}"),
    }
}

fn field(ty: &Type) -> Kind {
    Kind::Field { ty: ty.clone(), sql_type: None }
}

/// Whether PostgreSQL has a cast between the two.
fn casts(from: &Type, to: &Type) -> bool {
    let is_text = |ty: &Type| matches!(ty, Type::String | Type::Enum(_) | Type::Sql);
    let is_time = |ty: &Type| matches!(ty, Type::Instant | Type::DateTime | Type::Day);
    is_text(from)
        || is_text(to)
        || (is_number(from) && is_number(to))
        || (is_time(from) && (is_time(to) || (*to == Type::Time && *from != Type::Day)))
}

fn is_integer(ty: &Type) -> bool {
    use Type::*;
    matches!(ty, Bigint | Date | Int8 | Int16 | Int32 | Uint8 | Uint16 | Uint32)
}

fn is_number(ty: &Type) -> bool {
    is_integer(ty) || matches!(ty, Type::Number | Type::Float32 | Type::Decimal)
}

/// The document with `json` below a key.
pub fn with_key(data: &str, key: &str, json: &str) -> String {
    format!("{data} || jsonb_build_object({}, {json})", HERE.literal(key))
}

/// The document without a key.
pub fn without_key(data: &str, key: &str) -> String {
    format!("{data} - {}", HERE.literal(key))
}

/// The value below a key of `data`, converted, as JSON.
pub fn converted_json(key: &str, from: &Type, to: &Type) -> String {
    let value = json::json_field(HERE, "data", key, from);
    match (from, to) {
        (_, Type::Array(_)) => format!("jsonb_build_array(data->{})", HERE.literal(key)),
        (Type::Array(_), _) => format!("data->{}->0", HERE.literal(key)),
        _ => format!("to_jsonb({})", convert(&value, &field(from), &field(to))),
    }
}

/// The value below a key of `data` as a column.
pub fn from_json(key: &str, to: &Kind) -> String {
    let value = format!("(data->>{})", HERE.literal(key));
    match to {
        Kind::Field { ty: Type::Array(element), sql_type: None } if element.is_scalar() => format!(
            "ARRAY(SELECT jsonb_array_elements_text(coalesce(data->{}, '[]')))::{}",
            HERE.literal(key),
            kind(to)
        ),
        Kind::Field { ty: Type::Json | Type::Object(_) | Type::Array(_), .. } => {
            format!("data->{}", HERE.literal(key))
        }
        _ => format!("{value}::{}", kind(to)),
    }
}
