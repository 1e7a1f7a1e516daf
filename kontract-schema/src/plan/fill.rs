//! Values for existing rows: of new fields, and of enums whose variants change.

use serde_json::Value;

use crate::change::{Change, Fact};
use crate::dialect::{self, Dialect};
use crate::model::types::Type;
use crate::model::{Field, FieldDefault, Sql, Table};
use crate::sql::ddl::{ColumnKind, Place, SqlExpr, Variants};

/// Returns the value that existing rows get in a new field.
pub fn value_for_old_rows(field: &Field, backfill: Option<&Sql>) -> Option<SqlExpr> {
    filled(field, backfill).or_else(|| declared_value(field))
}

/// Returns the value that rows without one get in a field that becomes required: that of `backfill`. A
/// default is for new rows only; but if the field was kept, the rows without a value are those of
/// programs that do not have the field, and get it.
pub fn value_for_null(old: &Table, field: &Field, backfill: Option<&Sql>) -> SqlExpr {
    let was_kept = old.field(&field.name).is_some_and(|old| old.kept);
    let declared = || declared_value(field).filter(|_| was_kept);
    let unknown = || SqlExpr::Todo(field.name.clone(), field.ty.clone());
    filled(field, backfill).or_else(declared).unwrap_or_else(unknown)
}

/// Returns the backfill of a field that one of the changes adds or makes required.
pub fn find_backfill<'a>(changes: &[&'a Change], field: &Field) -> Option<&'a Sql> {
    changes.iter().find_map(|change| change.backfill(&field.name))
}

fn filled(field: &Field, backfill: Option<&Sql>) -> Option<SqlExpr> {
    let sql = Box::new(backfill?.clone());
    Some(SqlExpr::Given(sql, field.ty.clone(), !field.optional))
}

fn declared_value(field: &Field) -> Option<SqlExpr> {
    if field.identity || field.generated.is_some() {
        return None;
    }
    match (&field.stamp, field.default_value()) {
        (Some(_), _) => Some(SqlExpr::Now(field.ty.clone())),
        (None, Some(FieldDefault::Constant(value))) => {
            Some(match dialect::find_constant_sql(&value, field) {
                Some(sql) => SqlExpr::Given(Box::new(sql), field.ty.clone(), !field.optional),
                None => SqlExpr::Literal(value, field.ty.clone()),
            })
        }
        (None, Some(FieldDefault::Sql(sql))) => {
            let sql = Box::new(dialect::resolve_default(&sql, &field.ty));
            Some(SqlExpr::Given(sql, field.ty.clone(), !field.optional))
        }
        (None, None) if field.optional => None,
        // An absent list is empty.
        (None, None) if matches!(field.ty, Type::Array(_)) => {
            Some(SqlExpr::Literal(Value::Array(Vec::new()), field.ty.clone()))
        }
        (None, None) => Some(SqlExpr::Todo(field.name.clone(), field.ty.clone())),
    }
}

/// Whether existing rows get their value by an UPDATE: one that only the user knows, that of
/// `backfill`, or a default that differs by row, for which PostgreSQL would write the table again
/// and block all other sessions.
pub fn wants_a_value(field: &Field, backfill: Option<&Sql>) -> bool {
    match value_for_old_rows(field, backfill) {
        Some(SqlExpr::Todo(..)) => true,
        Some(SqlExpr::Given(..)) => backfill.is_some() || field.has_own_values(),
        _ => false,
    }
}

/// Returns the variants that an enum loses, and the value that rows with them get: the new variant if
/// exactly one variant is replaced by exactly one.
pub fn replaced_variants(change: &Change) -> Option<(Vec<String>, SqlExpr)> {
    let Fact::TypeChanged { field, from, to } = &change.fact else { return None };
    let (Type::Enum(old), Type::Enum(new)) = (&from.ty, &to.ty) else { return None };
    replaced_names(field, old, new)
}

/// The same for the variants of an enum.
pub fn replaced_names(
    field: &str,
    old: &[String],
    new: &[String],
) -> Option<(Vec<String>, SqlExpr)> {
    let ty = Type::Enum(new.to_vec());
    let missing = |from: &[String], to: &[String]| -> Vec<String> {
        from.iter().filter(|name| !to.contains(name)).cloned().collect()
    };
    let (gone, fresh) = (missing(old, new), missing(new, old));
    let value = match (gone.as_slice(), fresh.as_slice()) {
        ([], _) => return None,
        ([_], [name]) => SqlExpr::Literal(name.as_str().into(), ty),
        _ => SqlExpr::Todo(field.to_owned(), ty),
    };
    Some((gone, value))
}

/// Returns the rows that contain variants under their old names, and their value with the new names.
/// `field` is the field before the change.
pub fn renamed_variants(
    change: &Change,
    field: &Field,
    place: Place,
) -> Option<(SqlExpr, SqlExpr)> {
    let Fact::VariantsRenamed { renames, .. } = &change.fact else { return None };
    let variants =
        Variants { place: place.clone(), ty: field.ty.clone(), renames: renames.clone() };
    let only = match field.ty {
        Type::Enum(_) => SqlExpr::OneOf(
            Box::new(place),
            renames.iter().map(|rename| rename.from.clone()).collect(),
        ),
        _ => SqlExpr::HasVariants(Box::new(variants.clone())),
    };
    Some((only, SqlExpr::Variants(Box::new(variants))))
}

/// Whether a default is a value of this type. Between two changes of a field its type can be new and
/// its default old; such a default is not set.
pub fn fits(value: &Value, ty: &Type) -> bool {
    let is_date = |text: &str| {
        let shape = |(at, byte): (usize, u8)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        };
        text.len() >= 10 && text.bytes().take(10).enumerate().all(shape)
    };
    let is_hex = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
    match (ty, value) {
        (Type::Json, _) | (Type::Array(_), Value::Array(_)) => true,
        (Type::Object(_), Value::Object(_)) | (Type::Boolean, Value::Bool(_)) => true,
        (Type::String | Type::Bytes | Type::Sql, Value::String(_)) => true,
        (Type::Number | Type::Float32 | Type::Decimal, Value::Number(_)) => true,
        (Type::Enum(names), Value::String(name)) => names.contains(name),
        (Type::Uuid, Value::String(text)) => text.len() == 36 && text.bytes().all(is_hex),
        (Type::Decimal, Value::String(text)) => text.parse::<f64>().is_ok(),
        (Type::Day, Value::String(text)) => text.len() == 10 && is_date(text),
        (Type::Instant | Type::DateTime, Value::String(text)) => text.len() > 10 && is_date(text),
        (Type::Time, Value::String(text)) => text.contains(':') && !is_date(text),
        (Type::Int8, Value::Number(number)) => within(number, i8::MIN, i8::MAX),
        (Type::Int16, Value::Number(number)) => within(number, i16::MIN, i16::MAX),
        (Type::Int32, Value::Number(number)) => within(number, i32::MIN, i32::MAX),
        (Type::Uint8, Value::Number(number)) => within(number, u8::MIN, u8::MAX),
        (Type::Uint16, Value::Number(number)) => within(number, u16::MIN, u16::MAX),
        (Type::Uint32, Value::Number(number)) => within(number, u32::MIN, u32::MAX),
        (Type::Bigint | Type::Date, Value::Number(number)) => number.is_i64(),
        _ => false,
    }
}

fn within(number: &serde_json::Number, least: impl Into<i64>, most: impl Into<i64>) -> bool {
    number.as_i64().is_some_and(|number| (least.into()..=most.into()).contains(&number))
}

/// Whether two kinds of columns are the same in the database.
pub fn same_kind(dialect: Dialect, from: &ColumnKind, to: &ColumnKind) -> bool {
    dialect::print_column_type(dialect, from) == dialect::print_column_type(dialect, to)
        && dialect::print_collation(dialect, from) == dialect::print_collation(dialect, to)
}
