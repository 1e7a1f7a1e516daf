//! Keys of the JSON document as SQL values. Indexes and filters print them with the same function,
//! so that the planner finds the index.

use super::Dialect;
use crate::model::types::Type;

/// A key of a document column, as a value that compares as its type does.
///
/// | type | PostgreSQL | SQLite |
/// |---|---|---|
/// | text, enums, bytes, `sql` | `data->>'name'` | `data->>'$."name"'` |
/// | whole numbers, `date` | `(data->>'age')::bigint` | `data->>'$."age"'` |
/// | `number`, `float32` | `(data->>'age')::double precision` | `data->>'$."age"'` |
/// | `boolean`, `uuid`, `decimal` | cast to the type | as it stands; `decimal` cast to NUMERIC |
/// | documents, lists, `json` | `data->'tags'` | `data->'$."tags"'` |
/// | `instant`, `datetime`, `day`, `time` | cast to the type | as it stands: text |
///
/// `column` is an identifier that is printed as it is given: quoted and qualified by the caller.
pub fn json_field(dialect: Dialect, column: &str, key: &str, ty: &Type) -> String {
    let text = json_text(dialect, column, key);
    match dialect {
        Dialect::Postgres => match ty {
            Type::Json | Type::Object(_) | Type::Array(_) => {
                format!("({column}->{})", dialect.literal(key))
            }
            Type::String | Type::Enum(_) | Type::Bytes | Type::Sql => format!("({text})"),
            _ => format!("({text})::{}", cast(ty)),
        },
        Dialect::Sqlite => match ty {
            Type::Json | Type::Object(_) | Type::Array(_) => {
                format!("({column}->{})", path(dialect, key))
            }
            Type::Decimal => format!("CAST({text} AS NUMERIC)"),
            _ => format!("({text})"),
        },
    }
}

/// The same for an index. PostgreSQL refuses to index a cast from text to a date or time, because
/// it depends on the session; there the text itself is indexed.
pub(super) fn indexed_field(dialect: Dialect, column: &str, key: &str, ty: &Type) -> String {
    match ty {
        Type::Instant | Type::DateTime | Type::Day | Type::Time => {
            format!("({})", json_text(dialect, column, key))
        }
        _ => json_field(dialect, column, key, ty),
    }
}

/// A key of a document column as text (SQLite: as its own storage class); NULL where it is absent
/// or null.
pub fn json_text(dialect: Dialect, column: &str, key: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("{column}->>{}", dialect.literal(key)),
        Dialect::Sqlite => format!("{column}->>{}", path(dialect, key)),
    }
}

/// SQLite's path to a key of the document, as a literal: `'$."name"'`.
pub fn path(dialect: Dialect, key: &str) -> String {
    let quoted = serde_json::Value::from(key).to_string();
    dialect.literal(&format!("$.{quoted}"))
}

/// PostgreSQL's type that a text from a document is cast to.
pub(super) fn cast(ty: &Type) -> &'static str {
    match ty {
        Type::Number | Type::Float32 => "double precision",
        Type::Boolean => "boolean",
        Type::Bigint
        | Type::Date
        | Type::Int8
        | Type::Int16
        | Type::Int32
        | Type::Uint8
        | Type::Uint16
        | Type::Uint32 => "bigint",
        Type::Uuid => "uuid",
        Type::Decimal => "numeric",
        Type::Instant => "timestamptz",
        Type::DateTime => "timestamp",
        Type::Day => "date",
        Type::Time => "time",
        Type::Json | Type::Object(_) | Type::Array(_) => "jsonb",
        Type::String | Type::Enum(_) | Type::Bytes | Type::Sql => "text",
    }
}
