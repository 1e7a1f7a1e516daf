//! Types, constants, times and keys of documents as text, for statements of all kinds.

use super::{Dialect, json, postgres, sqlite};
use crate::model::types::Type;
use crate::sql::place::{ColumnKind, Place};
use crate::sql::table;

/// The type of a column.
pub(crate) fn print_column_type(dialect: Dialect, kind: &ColumnKind) -> String {
    match dialect {
        Dialect::Postgres => postgres::print_column_type(kind),
        Dialect::Sqlite => sqlite::print_column_type(kind).to_owned(),
    }
}

/// The collation of a column, where it is not part of its type.
pub(crate) fn print_collation(dialect: Dialect, kind: &ColumnKind) -> Option<&'static str> {
    match dialect {
        Dialect::Postgres => None,
        Dialect::Sqlite => sqlite::print_collation(kind),
    }
}

/// Prints the time of the statement for a type; `None` for types that are not times.
pub(crate) fn print_now(dialect: Dialect, ty: &Type) -> Option<String> {
    match dialect {
        Dialect::Postgres => postgres::print_now(ty),
        Dialect::Sqlite => sqlite::print_now(ty),
    }
    .map(str::to_owned)
}

/// Prints a constant for a column of this type.
pub(crate) fn print_constant(dialect: Dialect, value: &serde_json::Value, ty: &Type) -> String {
    match dialect {
        Dialect::Postgres => postgres::print_constant(value, ty),
        Dialect::Sqlite => sqlite::print_constant(value, ty),
    }
}

/// Prints the condition that a place has one of these names.
pub(super) fn print_one_of(dialect: Dialect, place: &Place, names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| dialect.literal(name)).collect();
    let place = match place {
        Place::Column(name) => dialect.ident(name),
        Place::Key(key, _) => json::print_json_text(dialect, table::DATA, key),
    };
    format!("{place} IN ({})", names.join(", "))
}

/// Prints the condition that the document has a key.
pub(super) fn print_has_key(dialect: Dialect, key: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("data ? {}", dialect.literal(key)),
        Dialect::Sqlite => {
            format!("json_type(data, {}) IS NOT NULL", json::json_path(dialect, key))
        }
    }
}
