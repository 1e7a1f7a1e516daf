//! Constants that the source writes as text, because Rust has no literals of their type.

use serde_json::Value;

use super::field::has_literals;
use super::types::Type;
use crate::calendar;

/// Returns the value of a text as the lock file has it, with times in the form in which SQLite stores
/// them; `None` if the text is not a value of the type.
///
/// ```
/// # use kontract_schema::model::{Type, parse_constant};
/// let day = parse_constant(&Type::Instant, "2026-01-15T10:30:00Z");
/// assert_eq!(day, Some("2026-01-15T10:30:00.000000Z".into()));
/// assert_eq!(parse_constant(&Type::Uuid, "7"), None);
/// ```
pub fn parse_constant(ty: &Type, text: &str) -> Option<Value> {
    if text.contains('\0') {
        return None;
    }
    match ty {
        Type::Uuid => parse_uuid(text).map(Value::from),
        Type::Decimal => is_decimal(text).then(|| text.into()),
        Type::Bytes | Type::Sql => Some(text.into()),
        Type::Instant => format_time(calendar::parse_instant(text)?, "Z"),
        Type::DateTime => format_time(calendar::parse_datetime(text)?, ""),
        Type::Day => calendar::format_day(calendar::parse_day(text)?).map(Value::from),
        Type::Time => calendar::format_time(calendar::parse_time(text)?).map(Value::from),
        Type::Json => serde_json::from_str(text).ok().filter(|value: &Value| !value.is_null()),
        Type::Object(_) => {
            let value: Value = serde_json::from_str(text).ok()?;
            is_member(&value, ty).then_some(value)
        }
        Type::Array(element) => {
            let Ok(Value::Array(items)) = serde_json::from_str(text) else { return None };
            let items = items.into_iter().map(|item| parse_element(element, item));
            items.collect::<Option<Vec<Value>>>().map(Value::Array)
        }
        _ => None,
    }
}

/// Whether a JSON value is one of a type with literals.
pub fn is_literal(value: &Value, ty: &Type) -> bool {
    if let Some((least, most)) = ty.whole_range() {
        return value.as_i64().is_some_and(|number| (least..=most).contains(&number));
    }
    match ty {
        Type::String => value.as_str().is_some_and(|text| !text.contains('\0')),
        Type::Boolean => value.is_boolean(),
        Type::Number | Type::Float32 => value.is_number(),
        _ => false,
    }
}

/// An element of a list.
fn parse_element(ty: &Type, value: Value) -> Option<Value> {
    match (ty, &value) {
        (Type::Enum(names), Value::String(name)) => names.contains(name).then_some(value),
        (Type::Json, _) => Some(value),
        (Type::Decimal, Value::Number(number)) => Some(number.to_string().into()),
        (Type::Object(_) | Type::Array(_), _) => is_member(&value, ty).then_some(value),
        _ if has_literals(ty) => is_literal(&value, ty).then_some(value),
        (_, Value::String(text)) => parse_constant(ty, text),
        _ => None,
    }
}

/// Whether a JSON value can be read as a type, in a document.
fn is_member(value: &Value, ty: &Type) -> bool {
    match (ty, value) {
        (Type::Object(members), Value::Object(map)) => {
            let fits = |(key, value): (&String, &Value)| {
                let member = members.iter().find(|member| member.name == *key);
                member.is_some_and(|member| {
                    (member.optional && value.is_null()) || is_member(value, &member.ty)
                })
            };
            members.iter().all(|member| {
                let may_be_absent = member.optional || matches!(member.ty, Type::Array(_));
                may_be_absent || map.contains_key(&member.name)
            }) && map.iter().all(fits)
        }
        (Type::Array(element), Value::Array(items)) => {
            items.iter().all(|item| is_member(item, element))
        }
        (Type::Object(_) | Type::Array(_), _) => false,
        _ => parse_element(ty, value.clone()).is_some(),
    }
}

fn format_time(micros: i64, zone: &str) -> Option<Value> {
    calendar::format_datetime(micros).map(|text| (text + zone).into())
}

/// A UUID in its usual form, in lower case.
fn parse_uuid(text: &str) -> Option<String> {
    let is_fit = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let is_whole = text.len() == 36 && text.bytes().enumerate().all(is_fit);
    is_whole.then(|| text.to_ascii_lowercase())
}

/// Whether a text is digits, with a sign and a point or without.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits =
        |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole) && all_digits(fraction) && whole.len() + fraction.len() <= 28
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Member;
    use serde_json::json;

    #[test]
    fn texts_are_values_of_their_type() {
        let list = |ty| Type::Array(Box::new(ty));
        for (ty, text, value) in [
            (
                Type::Uuid,
                "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11",
                json!("a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"),
            ),
            (Type::Decimal, "-1.50", json!("-1.50")),
            (Type::DateTime, "2026-01-15 10:30:00", json!("2026-01-15T10:30:00.000000")),
            (Type::Day, "2026-01-15", json!("2026-01-15")),
            (Type::Time, "10:30:00.5", json!("10:30:00.500000")),
            (Type::Json, "{}", json!({})),
            (list(Type::String), "[]", json!([])),
            (list(Type::Int16), "[1, 2]", json!([1, 2])),
            (list(Type::Day), "[\"2026-01-15\"]", json!(["2026-01-15"])),
        ] {
            assert_eq!(parse_constant(&ty, text), Some(value), "{text}");
        }
    }

    #[test]
    fn other_texts_are_not() {
        let list = |ty| Type::Array(Box::new(ty));
        let member = Member { name: "zip".into(), ty: Type::Int32, optional: false };
        for (ty, text) in [
            (Type::Uuid, "a0eebc99"),
            (Type::Decimal, "1e3"),
            (Type::Instant, "2026-01-15T10:30:00"),
            (Type::Day, "2026-02-30"),
            (Type::Json, "null"),
            (Type::Json, "{"),
            (list(Type::Int16), "[40000]"),
            (list(Type::String), "{}"),
            (Type::Object(vec![member.clone()]), "{}"),
            (Type::Object(vec![member]), "{\"zip\": \"x\"}"),
        ] {
            assert_eq!(parse_constant(&ty, text), None, "{text}");
        }
    }
}
