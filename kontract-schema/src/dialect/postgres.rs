//! The text that is particular to PostgreSQL: types, constants, times, JSON. [`ddl`](super::ddl) has
//! the statements.

use serde_json::Value;

use super::Dialect;
use crate::model::Tracked;
use crate::model::types::Type;
use crate::sql::ddl::ColumnKind;

mod casts;
pub mod convert;
mod known_casts;
pub mod misfit;
mod type_names;

pub use casts::{casts_to_assign, casts_to_compare, compares_directly};
#[cfg(feature = "parse")]
pub use known_casts::can_store;
pub use type_names::{column_type, document_type, parameter_type};

const HERE: Dialect = Dialect::Postgres;

/// The type of a column.
pub fn print_column_type(kind: &ColumnKind) -> String {
    match kind {
        ColumnKind::Field { sql_type: Some(ty), .. } => ty.as_str().to_owned(),
        ColumnKind::Field { ty, sql_type: None } => column_type(ty),
        ColumnKind::Data => "JSONB".to_owned(),
        ColumnKind::Tracked(column) => {
            let definition = print_tracked(*column);
            definition.split(' ').next().unwrap_or(definition).to_owned()
        }
    }
}

/// A bookkeeping column: type, NOT NULL, default.
pub fn print_tracked(column: Tracked) -> &'static str {
    match column {
        Tracked::Version => "INT NOT NULL DEFAULT 1",
        Tracked::Txid => "BIGINT NOT NULL DEFAULT txid_current()",
        Tracked::Owner => "TEXT NOT NULL",
        Tracked::DeletedTxid | Tracked::DeletedAt => "BIGINT",
        Tracked::Order => "BIGSERIAL",
    }
}

/// The value of a new bookkeeping column in existing rows.
pub fn print_before(column: Tracked) -> &'static str {
    match column {
        Tracked::Version => "1",
        Tracked::Txid => "txid_current()",
        Tracked::Owner => "'system'",
        Tracked::DeletedTxid | Tracked::DeletedAt => "NULL",
        Tracked::Order => "row_number() OVER () - count(*) OVER ()",
    }
}

/// The time of the statement.
pub fn print_now(ty: &Type) -> Option<&'static str> {
    match ty {
        Type::Date => Some("(extract(epoch FROM now()) * 1000)::bigint"),
        Type::Instant => Some("now()"),
        Type::String => {
            Some("to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')")
        }
        Type::DateTime => Some("(now() AT TIME ZONE 'UTC')"),
        Type::Day => Some("(now() AT TIME ZONE 'UTC')::date"),
        Type::Time => Some("(now() AT TIME ZONE 'UTC')::time"),
        _ => None,
    }
}

/// A constant for a column of this type.
pub fn print_constant(value: &Value, ty: &Type) -> String {
    match (ty, value) {
        (_, Value::Null) => "NULL".to_owned(),
        (Type::Json | Type::Object(_), value) => HERE.literal(&value.to_string()),
        // The type of the elements may be one of the database.
        (Type::Array(element), Value::Array(items))
            if items.is_empty() && matches!(**element, Type::Enum(_)) =>
        {
            "'{}'".to_owned()
        }
        (Type::Array(element), Value::Array(items)) if element.is_scalar() => {
            let items: Vec<_> = items.iter().map(|item| print_constant(item, element)).collect();
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

/// A list as the text of an array, as PostgreSQL itself prints it: `{a,"b c"}`.
pub fn print_array_text(items: &[Value], element: &Type) -> String {
    let item = |value: &Value| match value {
        Value::String(text) if *element != Type::Bytes => quote_element(text),
        Value::String(text) => {
            let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
            format!("\"\\\\x{hex}\"")
        }
        Value::Bool(value) => (if *value { "t" } else { "f" }).to_owned(),
        value => value.to_string(),
    };
    format!("{{{}}}", items.iter().map(item).collect::<Vec<_>>().join(","))
}

/// An element of an array, in quotes where it needs them.
fn quote_element(text: &str) -> String {
    let is_special = |c: char| c.is_whitespace() || "{},\"\\".contains(c);
    if text.is_empty() || text.contains(is_special) || text.eq_ignore_ascii_case("null") {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text.to_owned()
    }
}

/// The document with `json` below a key.
pub fn print_with_key(data: &str, key: &str, json: &str) -> String {
    format!("{data} || jsonb_build_object({}, {json})", HERE.literal(key))
}

/// The document without a key.
pub fn print_without_key(data: &str, key: &str) -> String {
    format!("{data} - {}", HERE.literal(key))
}

/// A value of JSON as a type, NULL if it is of another one: of the expression for its type, and of that
/// for its text.
pub fn print_of_json_type(found: &str, text: &str, ty: &Type) -> String {
    let number = format!("{text}::numeric");
    match ty {
        Type::Boolean => format!("CASE {found} WHEN 'boolean' THEN {text}::boolean END"),
        Type::Number => format!(
            "CASE {found} WHEN 'number' THEN CASE WHEN {number} = 0 OR abs({number}) BETWEEN 5e-324 AND \
             1.7976931348623157e308 THEN {text}::double precision END END"
        ),
        ty if ty.whole_range().is_some() => format!(
            "CASE {found} WHEN 'number' THEN CASE WHEN {number} = trunc({number}) AND {number} BETWEEN \
             -9223372036854775808 AND 9223372036854775807 THEN {number}::bigint END END"
        ),
        _ => format!("CASE {found} WHEN 'string' THEN {text} END"),
    }
}
