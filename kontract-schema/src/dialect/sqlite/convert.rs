//! Conversions on SQLite, whose CAST never fails: each value is looked at first. What has no
//! counterpart becomes a text that the column, or `json()`, refuses.

use super::{HERE, column_type, print_column_type, times};
use crate::dialect::conversion::{Conversion, has_forms, same_json};
use crate::dialect::json;
use crate::model::types::Type;
use crate::model::widening::{holds_all_of, widens};
use crate::sql::ddl::ColumnKind;

use Conversion::{By, Checked, Same, Unknown};

/// The value of a column for a column of another kind.
pub fn convert_column(value: &str, from: &ColumnKind, to: &ColumnKind) -> Conversion {
    match (from, to) {
        (ColumnKind::Field { ty: Type::Sql, .. }, _)
        | (_, ColumnKind::Field { ty: Type::Sql, .. }) => Same,
        (ColumnKind::Field { ty: from, .. }, ColumnKind::Field { ty: to, .. }) => {
            convert_value(value, from, to, column_type(to) != "TEXT")
        }
        _ if print_column_type(from) == print_column_type(to) => Same,
        _ => Unknown,
    }
}

/// The same for types that Kontract knows. `strict` says that the column takes no text.
fn convert_value(value: &str, from: &Type, to: &Type, strict: bool) -> Conversion {
    use Type::*;
    let is_float = |ty: &Type| matches!(ty, Number | Float32);
    let is_whole = |ty: &Type| ty.whole_range().is_some();
    // Whatever is not right is refused.
    let only = |condition: std::string::String, then: std::string::String| {
        let refused = format!("{value} || ' is no {to}'");
        let refused = if strict { refused } else { print_failure(&refused) };
        Checked(format!("CASE WHEN {condition} THEN {then} ELSE {refused} END"))
    };
    match (from, to) {
        _ if holds_all_of(to, from) => Same,
        (Array(from), Array(to)) => convert_list(value, from, to),
        (Json, _) | (_, Object(_)) => Unknown,
        (String, Json) => By(format!("json({value})")),
        (Object(_), Json) => Same,
        (from, Json) if has_forms(from) => Unknown,
        (from, Json) => By(format!(
            "CASE WHEN {value} IS NOT NULL THEN json_quote({}) END",
            to_json(value, from)
        )),
        (Array(from), to) => {
            let one = if path_like(from) {
                format!("({value}->'$[0]')")
            } else {
                format!("({value}->>'$[0]')")
            };
            if has_forms(from) {
                Unknown
            } else {
                convert_value(&one, from, to, strict).wrap(&one, |one| one)
            }
        }
        (from, Array(to)) => list_of_one(value, from, to),
        (String | Enum(_), Enum(_)) | (Enum(_), String) => Same,
        (Object(_), _) => Unknown,
        (String, Bytes) => By(format!("CAST({value} AS BLOB)")),
        (Bytes, _) | (_, Bytes) => Unknown,

        (String, to) if is_whole(to) => {
            let number = format!("CAST({value} AS INTEGER)");
            let mut right = format!("CAST({number} AS TEXT) = {value}");
            if !matches!(to, Bigint | Date) {
                right += &format!(" AND {}", print_within(&number, to));
            }
            only(right, number)
        }
        (String, to) if is_float(to) => only(is_number(value), format!("CAST({value} AS REAL)")),
        (String, Decimal) => {
            only(format!("{} AND {value} NOT GLOB '*[eE]*'", is_number(value)), value.to_owned())
        }
        (String, Boolean) => Checked(format!(
            "CASE WHEN lower({value}) IN ('true', 't', 'yes', 'y', 'on', '1') THEN 1 \
             WHEN lower({value}) IN ('false', 'f', 'no', 'n', 'off', '0') THEN 0 \
             ELSE {} END",
            if strict {
                format!("{value} || ' is no boolean'")
            } else {
                print_failure(&format!("{value} || ' is no boolean'"))
            }
        )),
        (String, Uuid) => only(
            format!(
                "{value} LIKE '________-____-____-____-____________' \
                 AND {value} NOT GLOB '*[^0-9a-fA-F-]*' AND length(replace({value}, '-', '')) = 32"
            ),
            format!("lower({value})"),
        ),

        (Boolean, String) => By(format!("CASE {value} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END")),
        (from, String) if is_float(from) => By(print_number_text(value)),
        (from, String | Decimal) if is_whole(from) || *from == Boolean => {
            By(format!("CAST({value} AS TEXT)"))
        }
        (_, String) => Same,

        (Boolean, to) if is_whole(to) || is_float(to) => Same,
        (from, Boolean) if is_whole(from) || is_float(from) => By(format!("({value} <> 0)")),
        (from, to) if widens(to, from) => Same,
        (from, to) if is_whole(from) && is_whole(to) => {
            only(print_within(value, to), value.to_owned())
        }
        (from, to) if is_float(from) && is_whole(to) => {
            let number = format!("CAST({value} AS INTEGER)");
            only(format!("{value} = {number} AND {}", print_within(&number, to)), number)
        }
        (Number, Float32) => Unknown,
        (from, to) if is_float(to) && (is_whole(from) || is_float(from)) => Same,
        (Decimal, to) if is_float(to) => By(format!("CAST({value} AS REAL)")),

        (Date, Instant | DateTime | Day | Time) => {
            let form = match to {
                Instant => "%Y-%m-%dT%H:%M:%f000Z",
                DateTime => "%Y-%m-%dT%H:%M:%f000",
                Day => "%Y-%m-%d",
                _ => "%H:%M:%f000",
            };
            let made = format!("strftime('{form}', {value} / 1000.0, 'unixepoch')");
            only(format!("{made} IS NOT NULL"), made)
        }
        (Instant | DateTime | Day, Date) => {
            By(format!("CAST(round((julianday({value}) - 2440587.5) * 86400000.0) AS INTEGER)"))
        }
        (Instant, DateTime) => By(format!("rtrim({value}, 'Z')")),
        (DateTime, Instant) => By(format!("({value} || 'Z')")),
        (Instant | DateTime, Day) => By(format!("substr({value}, 1, 10)")),
        (Instant | DateTime, Time) => By(format!("substr({value}, 12, 15)")),
        (Day, Instant) => By(format!("({value} || 'T00:00:00.000000Z')")),
        (Day, DateTime) => By(format!("({value} || 'T00:00:00.000000')")),
        _ => Unknown,
    }
}

/// Returns a condition for values that do not fit; `None` if each value fits, or it is not known. The
/// conversion finds the elements of lists.
pub fn print_misfit(value: &str, from: &Type, to: &Type) -> Option<String> {
    let is_one = |ty: &Type| !matches!(ty, Type::Array(_) | Type::Object(_));
    if !is_one(from) || !is_one(to) {
        return None;
    }
    match (from, to, convert_value(value, from, to, true)) {
        (Type::String, Type::Json, _) => Some(format!("NOT json_valid({value})")),
        // The conversion of a refused value is a text with the reason.
        (_, _, Checked(text)) => Some(format!("{text} LIKE '% is no {to}'")),
        _ => None,
    }
}

/// Prints an expression that fails with a text, for a column or a document that would accept it. SQLite
/// has the text in its message, because it is not a path, which begins with `$`.
fn print_failure(text: &str) -> String {
    format!("json_extract('null', 'the value ' || {text})")
}

/// The text of a number with as many digits as it takes; CAST writes 15.
/// <https://www.sqlite.org/lang_corefunc.html#quote>
fn print_number_text(value: &str) -> String {
    format!("CASE WHEN {value} IS NOT NULL THEN quote({value}) END")
}

/// Whether a text is a number as JSON has it.
fn is_number(value: &str) -> String {
    format!("json_valid({value}) AND json_type({value}) IN ('integer', 'real')")
}

fn print_within(value: &str, to: &Type) -> String {
    let (least, most) = to.whole_range().unwrap_or((i64::MIN, i64::MAX));
    format!("{value} BETWEEN {least} AND {most}")
}

/// Whether a value in JSON is read as JSON and not as an SQL value.
fn path_like(ty: &Type) -> bool {
    matches!(ty, Type::Json | Type::Object(_) | Type::Array(_))
}

/// Lists are JSON, in columns and in documents.
fn convert_list(value: &str, from: &Type, to: &Type) -> Conversion {
    if same_json(from, to) {
        return Same;
    }
    if path_like(from) || has_forms(from) || has_forms(to) || matches!(to, Type::Enum(_)) {
        return Unknown;
    }
    convert_value("value", from, to, false).wrap("value", |made| {
        format!(
            "CASE WHEN {value} IS NOT NULL THEN \
             (SELECT json_group_array({}) FROM json_each({value})) END",
            to_json(&made, to)
        )
    })
}

fn list_of_one(value: &str, from: &Type, to: &Type) -> Conversion {
    if has_forms(from) || has_forms(to) || (matches!(to, Type::Enum(_)) && from != to) {
        return Unknown;
    }
    convert_value(value, from, to, false).wrap(value, |made| {
        format!("CASE WHEN {value} IS NOT NULL THEN json_array({}) END", to_json(&made, to))
    })
}

/// The value below a key of `data`, converted, as JSON.
pub fn convert_key(key: &str, from: &Type, to: &Type) -> Conversion {
    if has_forms(from) || has_forms(to) || matches!(from, Type::Json | Type::Object(_)) {
        return match (from, to) {
            (from, Type::Array(to)) if same_json(from, to) => {
                let json = format!("json(data->{})", json::json_path(HERE, key));
                By(format!("json_array({json})"))
            }
            _ => Unknown,
        };
    }
    let value = if path_like(from) {
        format!("(data->{})", json::json_path(HERE, key))
    } else {
        format!("({})", json::print_json_text(HERE, "data", key))
    };
    convert_value(&value, from, to, false).wrap(&value, |made| to_json(&made, to))
}

/// The value of a column as JSON.
pub fn to_json(value: &str, ty: &Type) -> String {
    match ty {
        Type::Boolean => {
            format!("json(CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' END)")
        }
        Type::Number | Type::Float32 => {
            format!("json({})", print_number_text(value))
        }
        Type::Json | Type::Object(_) | Type::Array(_) => format!("json({value})"),
        _ => value.to_owned(),
    }
}

/// A value that the user gives for a key, as JSON.
pub fn print_given(value: &str, ty: &Type) -> String {
    match ty {
        Type::Boolean => format!("json(iif({value}, 'true', 'false'))"),
        Type::Bytes | Type::Json | Type::Object(_) | Type::Array(_) => format!("json({value})"),
        _ => value.to_owned(),
    }
}

fn innermost(ty: &Type) -> &Type {
    match ty {
        Type::Array(element) => innermost(element),
        ty => ty,
    }
}

/// Prints a time of a document, or a list of times, as a column has it. It fails at a text that is not
/// one.
fn print_times(json: &str, text: &str, ty: &Type, not_null: bool) -> String {
    let one = |text: &str, ty: &Type| {
        let refused = print_failure(&format!("{text} || ' is not of the type {ty}'"));
        let made = times::print_time(text, ty).unwrap_or_else(|| text.to_owned());
        format!("CASE WHEN {text} IS NOT NULL THEN coalesce({made}, {refused}) END")
    };
    match ty {
        Type::Array(element) if path_like(element) => {
            let otherwise = if not_null { "'[]'" } else { "NULL" };
            format!("coalesce(nullif({json}, 'null'), {otherwise})")
        }
        Type::Array(element) => {
            let otherwise = if not_null { " ELSE '[]'" } else { "" };
            format!(
                "CASE WHEN json_type({json}) = 'array' THEN \
                 (SELECT json_group_array({}) FROM json_each({json})){otherwise} END",
                one("value", element)
            )
        }
        ty => one(&format!("({text})"), ty),
    }
}

/// The value below a key of `data` as a column. An absent list is empty.
pub fn from_json(key: &str, to: &ColumnKind, not_null: bool) -> String {
    let json = format!("data->{}", json::json_path(HERE, key));
    match to {
        ColumnKind::Field { ty, .. } if times::print_time("", innermost(ty)).is_some() => {
            print_times(&json, &json::print_json_text(HERE, "data", key), ty, not_null)
        }
        ColumnKind::Field { ty: Type::Array(_), .. } if not_null => {
            format!("coalesce(nullif({json}, 'null'), '[]')")
        }
        ColumnKind::Field { ty: Type::Json, .. } if not_null => json,
        ColumnKind::Field { ty: Type::Json | Type::Object(_) | Type::Array(_), .. } => {
            format!("nullif({json}, 'null')")
        }
        _ => json::print_json_text(HERE, "data", key),
    }
}
