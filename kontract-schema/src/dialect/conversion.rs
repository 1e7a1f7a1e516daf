//! Conversions of values when the type or the layout changes: a column to another type, a key of a
//! document to another type, and between columns and keys.
//!
//! A conversion is correct for every value, or fails at the first value that has no counterpart. If
//! there is no such conversion, it is [`Conversion::Unknown`] and the user writes it.

use super::{Dialect, postgres, sqlite};
use crate::model::types::Type;
use crate::model::widening::{holds_all_of, widens};
use crate::sql::ddl::ColumnKind;

/// How a value is converted.
#[derive(Clone, Debug, PartialEq)]
pub enum Conversion {
    /// The value stays.
    Same,
    /// This expression, which fails for values without counterpart.
    By(String),
    /// Only the user knows.
    Unknown,
}

impl Conversion {
    /// Returns the expression for a value; `None` if it is not known.
    pub fn into_text(self, value: &str) -> Option<String> {
        match self {
            Conversion::Same => Some(value.to_owned()),
            Conversion::By(text) => Some(text),
            Conversion::Unknown => None,
        }
    }
}

/// Whether a statement can refuse values. SQLite's CAST accepts every value, so that a conversion turns
/// a value that does not fit into a text with the reason, which the column refuses.
pub(crate) fn can_refuse(statement: &str) -> bool {
    statement.contains("' is no ")
}

/// Converts the value of a column to the kind of another column.
pub(crate) fn convert_column(
    dialect: Dialect,
    value: &str,
    from: &ColumnKind,
    to: &ColumnKind,
) -> Conversion {
    match dialect {
        Dialect::Postgres => postgres::convert::convert_column(value, from, to),
        Dialect::Sqlite => sqlite::convert::convert_column(value, from, to),
    }
}

/// Returns a condition for values that a conversion refuses, as far as a query can find them.
pub(super) fn print_misfit(
    dialect: Dialect,
    value: &str,
    from: &Type,
    to: &Type,
) -> Option<String> {
    match dialect {
        Dialect::Postgres => postgres::misfit::print_misfit(value, from, to),
        Dialect::Sqlite => sqlite::convert::print_misfit(value, from, to),
    }
}

/// Converts the value of a key of `data` to another type, as JSON.
pub(crate) fn convert_key(dialect: Dialect, key: &str, from: &Type, to: &Type) -> Conversion {
    match (from, to) {
        // A constraint names the variants.
        (Type::String | Type::Enum(_), Type::Enum(_)) => Conversion::Same,
        _ if same_json(from, to) => Conversion::Same,
        _ => match dialect {
            Dialect::Postgres => postgres::convert::convert_key(key, from, to),
            Dialect::Sqlite => sqlite::convert::convert_key(key, from, to),
        },
    }
}

/// Converts the value of a column to JSON; `None` for bytes and times, whose form in JSON depends on the
/// Rust type, which the lock file does not have.
pub(crate) fn to_json(dialect: Dialect, column: &str, ty: &Type) -> Option<String> {
    if has_forms(ty) {
        return None;
    }
    Some(match dialect {
        Dialect::Postgres => postgres::convert::to_json(column, ty),
        Dialect::Sqlite => sqlite::convert::to_json(column, ty),
    })
}

/// Converts the value of a key of `data` to a column.
pub(crate) fn from_json(
    dialect: Dialect,
    key: &str,
    to: &ColumnKind,
    not_null: bool,
) -> Option<String> {
    match to {
        ColumnKind::Field { ty, .. } if has_forms(ty) => None,
        _ => Some(match dialect {
            Dialect::Postgres => postgres::convert::from_json(key, to, not_null),
            Dialect::Sqlite => sqlite::convert::from_json(key, to, not_null),
        }),
    }
}

/// Whether the type has more than one form in JSON.
pub(super) fn has_forms(ty: &Type) -> bool {
    match ty {
        Type::Bytes | Type::Instant | Type::DateTime | Type::Day | Type::Time => true,
        Type::Array(element) => has_forms(element),
        _ => false,
    }
}

/// Whether a `float32` has all numbers of the type.
pub(super) fn small(ty: &Type) -> bool {
    ty.whole_range().is_some_and(|(least, most)| least >= -(1 << 24) && most <= 1 << 24)
}

/// Whether each JSON value of the old type is a value of the new type.
pub(super) fn same_json(from: &Type, to: &Type) -> bool {
    match (from, to) {
        _ if holds_all_of(to, from) => true,
        (_, Type::Json) | (Type::Enum(_) | Type::Uuid, Type::String) => true,
        (Type::Array(from), Type::Array(to)) => same_json(from, to),
        (Type::Float32, Type::Number) => true,
        (from, Type::Number) => from.whole_range().is_some(),
        (from, Type::Float32) => small(from),
        _ => widens(to, from),
    }
}
