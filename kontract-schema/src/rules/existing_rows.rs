//! What existing rows have in new fields, and whether they can violate a check.

use serde_json::Value;

use super::Context;
use crate::change::Change;
use crate::dialect::Dialect;
use crate::model::types::Type;
use crate::model::{Field, Sql};
use crate::sqltext::{Known, cannot_be_false, value_of};

/// Whether existing rows have NULL in the field, if it is new.
pub(super) fn is_empty(field: &Field, backfill: Option<&Sql>) -> bool {
    Dialect::ALL.into_iter().all(|dialect| value_in(dialect, field, backfill) == Known::Null)
}

/// Whether the SQL for existing rows in a new field is NULL on one of the databases.
pub(super) fn is_null(field: &Field, backfill: Option<&Sql>) -> bool {
    let is_null = |sql: &Sql| {
        let value = |dialect: Dialect| value_of(dialect, sql.for_dialect(dialect));
        Dialect::ALL.into_iter().any(|dialect| value(dialect) == Known::Null)
    };
    backfill.or(field.default_sql.as_ref()).is_some_and(is_null)
}

/// Whether no existing row violates the check, because of what it has in new fields.
pub(super) fn cannot_violate(change: &Change, sql: &Sql, context: &Context<'_>) -> bool {
    let Some(table) = context.new_table(change) else { return false };
    Dialect::ALL.into_iter().all(|dialect| {
        let column = |name: &str| {
            let field = table.schema.iter().find(|field| field.column().to_lowercase() == *name);
            match field {
                Some(field) if context.is_new_field(&table.name, &field.name) => {
                    value_in(dialect, field, context.backfill(change, field))
                }
                Some(field) if !field.optional => Known::NotNull,
                _ => Known::Unknown,
            }
        };
        cannot_be_false(dialect, sql.for_dialect(dialect), &column)
    })
}

/// Returns what is known of the value that existing rows get in a new field.
fn value_in(dialect: Dialect, field: &Field, backfill: Option<&Sql>) -> Known {
    let given = backfill.or(field.default_sql.as_ref());
    match (given, &field.default) {
        _ if field.generated.is_some() => Known::Unknown,
        (Some(sql), _) => stored(value_of(dialect, sql.for_dialect(dialect)), field),
        _ if field.stamp.is_some() || field.identity => Known::NotNull,
        (None, Some(value)) => constant(value, field),
        (None, None) if field.optional => Known::Null,
        (None, None) => Known::NotNull,
    }
}

/// Returns what is known of a value when the column has it. Its type may change it.
fn stored(known: Known, field: &Field) -> Known {
    let is_exact = field.sql_type.is_none()
        && match (&known, &field.ty) {
            (Known::Number(number), ty) => {
                number.fract() == 0.0 && (ty.whole_range().is_some() || *ty == Type::Number)
            }
            (Known::Text(_), ty) => matches!(ty, Type::String | Type::Enum(_)),
            (Known::Truth(_), ty) => *ty == Type::Boolean,
            _ => false,
        };
    match known {
        Known::Null | Known::Unknown => known,
        known if is_exact => known,
        _ => Known::NotNull,
    }
}

/// Returns a default as the column has it. A type of its own may change it.
fn constant(value: &Value, field: &Field) -> Known {
    let is_small = |number: &i64| number.unsigned_abs() < 1 << 53;
    match (value, &field.ty) {
        _ if field.sql_type.is_some() => Known::NotNull,
        (Value::Bool(truth), Type::Boolean) => Known::Truth(*truth),
        (Value::String(text), Type::String | Type::Enum(_)) => Known::Text(text.clone()),
        (Value::Number(number), ty) if ty.whole_range().is_some() => {
            let number = number.as_i64().filter(is_small);
            number.map_or(Known::NotNull, |number| Known::Number(number as f64))
        }
        (Value::Number(number), Type::Number) => {
            number.as_f64().map_or(Known::NotNull, Known::Number)
        }
        _ => Known::NotNull,
    }
}
