//! Types, constants, times and keys of documents as text, for statements of all kinds.

use super::{Dialect, json, postgres, sqlite};
use crate::model::types::Type;
use crate::sql::place::{ColumnKind, Place};
use crate::sql::table;

/// The type of a column.
pub(crate) fn kind(dialect: Dialect, kind: &ColumnKind) -> String {
    match dialect {
        Dialect::Postgres => postgres::kind(kind),
        Dialect::Sqlite => sqlite::kind(kind).to_owned(),
    }
}

/// Prints the time of the statement for a type; `None` for types that are not times.
pub(crate) fn now(dialect: Dialect, ty: &Type) -> Option<String> {
    match dialect {
        Dialect::Postgres => postgres::now(ty),
        Dialect::Sqlite => sqlite::now(ty),
    }
    .map(str::to_owned)
}

/// Prints a constant for a column of this type.
pub(crate) fn constant(dialect: Dialect, value: &serde_json::Value, ty: &Type) -> String {
    match dialect {
        Dialect::Postgres => postgres::constant(value, ty),
        Dialect::Sqlite => sqlite::constant(value, ty),
    }
}

/// Prints the condition that a place has one of these names.
pub(super) fn one_of(dialect: Dialect, place: &Place, names: &[String]) -> String {
    let names: Vec<_> = names.iter().map(|name| dialect.literal(name)).collect();
    let place = match place {
        Place::Column(name) => dialect.ident(name),
        Place::Key(key, _) => json::json_text(dialect, table::DATA, key),
    };
    format!("{place} IN ({})", names.join(", "))
}

/// Prints the condition that the document has a key.
pub(super) fn has_key(dialect: Dialect, key: &str) -> String {
    match dialect {
        Dialect::Postgres => format!("data ? {}", dialect.literal(key)),
        Dialect::Sqlite => format!("json_type(data, {}) IS NOT NULL", json::path(dialect, key)),
    }
}
