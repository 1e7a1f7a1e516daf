//! Conversions of values when the type or the layout changes: a column to another type, a key of a
//! document to another type, and between columns and keys.
//!
//! A conversion is correct for every value, or fails at the first value that has no counterpart. If
//! there is no such conversion, it is [`Conversion::Unknown`] and the user writes it.

use super::{Dialect, postgres, sqlite};
use crate::model::types::Type;
use crate::model::widening::{holds_all_of, widens};
use crate::sql::ddl::{ColumnKind, SqlExpr, Statement};

/// How a value is converted.
#[derive(Clone, Debug, PartialEq)]
pub enum Conversion {
    /// The value stays.
    Same,
    /// This expression, which fails for values without counterpart.
    By(String),
    /// This expression. A cast would accept values without counterpart, so it turns them into a text
    /// with the reason, which the column refuses.
    Checked(String),
    /// Only the user knows.
    Unknown,
}

impl Conversion {
    fn is_checked(&self) -> bool {
        matches!(self, Conversion::Checked(_))
    }

    /// Returns the expression for a value; `None` if it is not known.
    pub fn into_text(self, value: &str) -> Option<String> {
        match self {
            Conversion::Same => Some(value.to_owned()),
            Conversion::By(text) | Conversion::Checked(text) => Some(text),
            Conversion::Unknown => None,
        }
    }

    /// Returns the conversion whose expression contains the converted value.
    pub(super) fn wrap(self, value: &str, wrap: impl FnOnce(String) -> String) -> Conversion {
        match self {
            Conversion::Same => Conversion::By(wrap(value.to_owned())),
            Conversion::By(text) => Conversion::By(wrap(text)),
            Conversion::Checked(text) => Conversion::Checked(wrap(text)),
            Conversion::Unknown => Conversion::Unknown,
        }
    }
}

/// Whether a statement contains a [checked](Conversion::Checked) conversion.
pub(crate) fn checks_values(dialect: Dialect, statement: &Statement) -> bool {
    let is_checked = |value: &SqlExpr| match value {
        SqlExpr::Convert(_, from, to) => convert_column(dialect, "value", from, to).is_checked(),
        SqlExpr::ConvertedKey(_, name, types) => {
            convert_key(dialect, name, &types.0, &types.1).is_checked()
        }
        _ => false,
    };
    statement.values().iter().any(|value| value.contains(&is_checked))
}

/// Whether a value contains a placeholder: a value or a conversion that only the user knows.
pub(crate) fn has_placeholder(dialect: Dialect, value: &SqlExpr) -> bool {
    value.contains(&|part| is_placeholder(dialect, part))
}

/// Whether a value, without its parts, is printed as a placeholder.
fn is_placeholder(dialect: Dialect, value: &SqlExpr) -> bool {
    let is_field = |kind: &ColumnKind| matches!(kind, ColumnKind::Field { .. });
    match value {
        SqlExpr::Todo(..) => true,
        SqlExpr::Convert(_, from, to) => {
            is_field(to) && convert_column(dialect, "value", from, to) == Conversion::Unknown
        }
        SqlExpr::ConvertedKey(_, name, types) => {
            convert_key(dialect, name, &types.0, &types.1) == Conversion::Unknown
        }
        SqlExpr::ColumnAsJson(name, ty) => to_json(dialect, name, ty).is_none(),
        SqlExpr::KeyAsColumn(name, to, not_null) => {
            is_field(to) && from_json(dialect, name, to, *not_null).is_none()
        }
        _ => false,
    }
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

/// Converts the value of a key of `data` to a column; `None` for bytes, which documents hold in several
/// forms. A text that is not a time fails.
pub(crate) fn from_json(
    dialect: Dialect,
    key: &str,
    to: &ColumnKind,
    not_null: bool,
) -> Option<String> {
    match to {
        ColumnKind::Field { ty, .. } if has_bytes(ty) => None,
        _ => Some(match dialect {
            Dialect::Postgres => postgres::convert::from_json(key, to, not_null),
            Dialect::Sqlite => sqlite::convert::from_json(key, to, not_null),
        }),
    }
}

fn has_bytes(ty: &Type) -> bool {
    match ty {
        Type::Array(element) => has_bytes(element),
        ty => *ty == Type::Bytes,
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
