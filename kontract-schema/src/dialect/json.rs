//! Keys of the JSON document as SQL values. Indexes and filters print them by one function, so that
//! the query planner uses the index.

use super::{Dialect, postgres};
use crate::model::types::Type;

/// Prints a key of a document column as a value that compares like its type.
///
/// | type | PostgreSQL | SQLite |
/// |---|---|---|
/// | text, enums, bytes, `sql` | `data->>'name'` | `data->>'$."name"'` |
/// | whole numbers, `date` | `(data->>'age')::bigint` | `data->>'$."age"'` |
/// | `number`, `float32` | `(data->>'age')::double precision` | `data->>'$."age"'` |
/// | `boolean`, `uuid`, `decimal` | cast to the type | `data->>'$."active"'`; `decimal` cast to NUMERIC |
/// | documents, lists, `json` | `data->'tags'` | `data->'$."tags"'` |
/// | `instant`, `datetime`, `day`, `time` | cast to the type | `data->>'$."at"'`, as text |
///
/// The caller quotes and qualifies `column`.
pub fn print_json_key(dialect: Dialect, column: &str, key: &str, ty: &Type) -> String {
    let text = print_json_text(dialect, column, key);
    match dialect {
        Dialect::Postgres => match ty {
            Type::Json | Type::Object(_) | Type::Array(_) => {
                format!("({column}->{})", dialect.literal(key))
            }
            Type::String | Type::Enum(_) | Type::Bytes | Type::Sql => format!("({text})"),
            _ => format!("({text})::{}", postgres::document_type(ty)),
        },
        Dialect::Sqlite => match ty {
            Type::Json | Type::Object(_) | Type::Array(_) => {
                format!("({column}->{})", json_path(dialect, key))
            }
            Type::Decimal => format!("CAST({text} AS NUMERIC)"),
            _ => format!("({text})"),
        },
    }
}

/// Prints a key of a document column for an index. PostgreSQL refuses to index a cast from text to a
/// date or time, because it depends on the session; the index is on the text itself.
pub(super) fn print_indexed_key(dialect: Dialect, column: &str, key: &str, ty: &Type) -> String {
    match ty {
        Type::Instant | Type::DateTime | Type::Day | Type::Time => {
            format!("({})", print_json_text(dialect, column, key))
        }
        _ => print_json_key(dialect, column, key, ty),
    }
}

/// Prints a key of a document column as text (SQLite: in its storage class); NULL if it is absent or
/// null.
pub fn print_json_text(dialect: Dialect, column: &str, key: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("{column}->>{}", dialect.literal(key)),
        Dialect::Sqlite => format!("{column}->>{}", json_path(dialect, key)),
    }
}

/// Prints SQLite's path to a key of the document, as a literal: `'$."name"'`.
pub fn json_path(dialect: Dialect, key: &str) -> String {
    let quoted = serde_json::Value::from(key).to_string();
    dialect.literal(&format!("$.{quoted}"))
}
