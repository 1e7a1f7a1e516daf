//! What becomes of a value when its type or its place changes: a column of another type, a key of a
//! document with another type, and both ways between the two.
//!
//! A conversion is right for every value, or fails at the first for which it is not; where neither
//! can be had, it is [`Conversion::Unknown`] and the user writes it.

use super::{Dialect, postgres, sqlite};
use crate::model::types::Type;
use crate::model::widening::{holds_all_of, widens};
use crate::sql::ddl::Kind;

/// How a value is converted.
#[derive(Clone, Debug, PartialEq)]
pub enum Conversion {
    /// It stays as it is.
    Same,
    /// By this expression, which fails for values that have no counterpart.
    By(String),
    /// Only the user knows.
    Unknown,
}

impl Conversion {
    /// The expression, given the value; `None` where it is not known.
    pub fn text(self, value: &str) -> Option<String> {
        match self {
            Conversion::Same => Some(value.to_owned()),
            Conversion::By(text) => Some(text),
            Conversion::Unknown => None,
        }
    }
}

/// Whether a statement refuses values: SQLite's CAST takes everything, so that a conversion makes what
/// does not fit a text that says so, which the column does not take.
pub(crate) fn can_refuse(statement: &str) -> bool {
    statement.contains("' is no ")
}

/// The value of a column of one kind for a column of another.
pub(crate) fn column(dialect: Dialect, value: &str, from: &Kind, to: &Kind) -> Conversion {
    match dialect {
        Dialect::Postgres => postgres::convert::column(value, from, to),
        Dialect::Sqlite => sqlite::convert::column(value, from, to),
    }
}

/// A condition for values that no conversion takes, as far as that can be told.
pub(super) fn misfit(dialect: Dialect, value: &str, from: &Type, to: &Type) -> Option<String> {
    match dialect {
        Dialect::Postgres => postgres::misfit::misfit(value, from, to),
        Dialect::Sqlite => sqlite::convert::misfit(value, from, to),
    }
}

/// The value below a key of `data`, as JSON, with another type.
pub(crate) fn key(dialect: Dialect, key: &str, from: &Type, to: &Type) -> Conversion {
    match (from, to) {
        // A constraint names the variants.
        (Type::String | Type::Enum(_), Type::Enum(_)) => Conversion::Same,
        _ if same_json(from, to) => Conversion::Same,
        _ => match dialect {
            Dialect::Postgres => postgres::convert::key(key, from, to),
            Dialect::Sqlite => sqlite::convert::key(key, from, to),
        },
    }
}

/// The value of a column as JSON. Bytes and times have more than one form in JSON, by the Rust
/// type, which the lock file does not tell.
pub(crate) fn to_json(dialect: Dialect, column: &str, ty: &Type) -> Option<String> {
    if has_forms(ty) {
        return None;
    }
    Some(match dialect {
        Dialect::Postgres => postgres::convert::to_json(column, ty),
        Dialect::Sqlite => sqlite::convert::to_json(column, ty),
    })
}

/// The value below a key of `data` as a column.
pub(crate) fn from_json(dialect: Dialect, key: &str, to: &Kind, not_null: bool) -> Option<String> {
    match to {
        Kind::Field { ty, .. } if has_forms(ty) => None,
        _ => Some(match dialect {
            Dialect::Postgres => postgres::convert::from_json(key, to, not_null),
            Dialect::Sqlite => sqlite::convert::from_json(key, to, not_null),
        }),
    }
}

/// Whether JSON has more than one form of it.
pub(super) fn has_forms(ty: &Type) -> bool {
    match ty {
        Type::Bytes | Type::Instant | Type::DateTime | Type::Day | Type::Time => true,
        Type::Array(element) => has_forms(element),
        _ => false,
    }
}

/// Whether a `float32` holds all of its numbers.
pub(super) fn small(ty: &Type) -> bool {
    ty.whole_range().is_some_and(|(least, most)| least >= -(1 << 24) && most <= 1 << 24)
}

/// Whether each JSON value of the old type is one of the new.
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
