//! Normal forms of types and defaults, which databases spell in different ways.

use std::fmt;

use crate::calendar;
use crate::dialect::Dialect;
use crate::model::SqlType;
use crate::sqltext::expression::{ParsedExpr, parse_expression, strip_brackets};

/// Returns a type of PostgreSQL as `format_type` prints it: `VARCHAR( 20 )` is `character varying(20)`.
pub fn normalize_type(text: &str) -> String {
    SqlType::from_text(text).kind().to_string()
}

/// Returns a SQLite type by the values that it can store: a type of STRICT tables, or the
/// [affinity](https://www.sqlite.org/datatype3.html#determination_of_column_affinity) of any other.
/// Booleans are integers.
pub fn find_affinity(text: &str) -> String {
    let upper = split_collation(text).0.to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|word| upper.contains(word));
    let word = match upper.as_str() {
        _ if has(&["INT", "BOOL"]) => "integer",
        // A date, or JSON, is text that is not a number, which a column with numeric affinity stores
        // unchanged.
        _ if has(&["CHAR", "CLOB", "TEXT", "DATE", "TIME", "JSON"]) => "text",
        "" => "blob",
        _ if has(&["BLOB"]) => "blob",
        _ if has(&["REAL", "FLOA", "DOUB"]) => "real",
        _ => "any",
    };
    word.to_owned()
}

/// Splits `TEXT COLLATE NOCASE`, the type of a column of SQLite, into type and collation.
pub fn split_collation(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(COLLATE) {
        Some((ty, collation)) => (ty, Some(collation)),
        None => (text, None),
    }
}

/// What is between type and collation.
pub const COLLATE: &str = " COLLATE ";

/// Returns a comment as documentation has it: without spaces at the ends of its lines, and without empty
/// lines around it.
pub fn normalize_comment(text: &str) -> String {
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// A default: a constant, compared by value, or an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum NormalDefault {
    /// The value without quotes and casts.
    Constant(String),
    /// Any other expression.
    Expression(String),
}

impl fmt::Display for NormalDefault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (NormalDefault::Constant(text) | NormalDefault::Expression(text)) = self;
        write!(f, "`{text}`")
    }
}

/// Returns the normal form of a default as a database prints it, for a column of this type
/// ([`normalize_type`]): `'it''s'::text` is the constant `it's`.
pub fn normalize_default(dialect: Dialect, text: &str, ty: &str) -> NormalDefault {
    let is_text = ["text", "character", "uuid", "any"].iter().any(|word| ty.starts_with(word));
    // A BLOB literal of SQLite.
    if text.starts_with(['x', 'X']) && text[1..].starts_with('\'') {
        return NormalDefault::Constant(text.to_ascii_lowercase());
    }
    let value = match parse_expression(dialect, text) {
        Some(ParsedExpr::Text(value)) => value,
        Some(ParsedExpr::Number(value)) => value,
        Some(ParsedExpr::Name(name)) if name == "true" => "1".to_owned(),
        Some(ParsedExpr::Name(name)) if name == "false" => "0".to_owned(),
        _ => return NormalDefault::Expression(strip_brackets(dialect, text).to_owned()),
    };
    let is_time = ["timestamp", "time", "date"].iter().any(|word| ty.starts_with(word));
    NormalDefault::Constant(match (is_text, is_time) {
        (true, _) => value,
        (_, true) => time_form(&value),
        _ => value_form(&value),
    })
}

/// Returns a date or time in the form of the lock file; other text unchanged.
fn time_form(value: &str) -> String {
    if calendar::parse_day(value).is_some() {
        return value.to_owned();
    }
    match calendar::parse_moment(value) {
        Some(micros) if value.contains('-') => calendar::format_datetime(micros),
        Some(micros) => calendar::format_time(micros),
        None => None,
    }
    .unwrap_or_else(|| value.to_owned())
}

/// Returns numbers by value, JSON without spaces, and other text unchanged.
fn value_form(value: &str) -> String {
    if let Ok(number) = value.parse::<i128>() {
        return number.to_string();
    }
    if let Ok(number) = value.parse::<f64>()
        && number.is_finite()
    {
        // PostgreSQL has no negative zero in constants.
        let number = if number == 0.0 { 0.0 } else { number };
        return number.to_string();
    }
    if value.starts_with(['{', '['])
        && let Ok(json) = serde_json::from_str::<serde_json::Value>(value)
    {
        return json.to_string();
    }
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_have_one_form() {
        for (a, b, ty) in [
            ("'it''s'::text", "'it''s'", "text"),
            ("'-9223372036854775808'::bigint", "-9223372036854775808", "bigint"),
            ("'-1'::integer", "(-1)", "integer"),
            ("0.10", "'0.1'", "numeric"),
            ("'{\"a\": [1, \"two\"]}'::jsonb", "'{\"a\":[1,\"two\"]}'", "jsonb"),
            ("TRUE", "true", "boolean"),
            ("TRUE", "1", "integer"),
            ("x'0A'", "x'0a'", "blob"),
            ("0.000001", "1e-6", "double precision"),
            ("'1000000000000000000000'::numeric", "1e21", "double precision"),
            ("0.0", "-0.0", "double precision"),
            ("'0.1'::real", "0.1", "real"),
            (
                "'2026-01-31 01:00:00+01'::timestamp with time zone",
                "'2026-01-31T00:00:00.000000Z'",
                "timestamp with time zone",
            ),
            ("'10:30:00'::time without time zone", "'10:30:00.000000'", "time without time zone"),
        ] {
            let form = |text| normalize_default(Dialect::Postgres, text, ty);
            assert_eq!(form(a), form(b), "{a}");
        }
        let form = |text, ty| normalize_default(Dialect::Sqlite, text, ty);
        assert_ne!(form("'a'", "text"), form("'b'", "text"));
        assert_ne!(form("'0.10'", "text"), form("'0.1'", "text"));
        assert_ne!(form("1", "bigint"), form("now()", "bigint"));
    }

    #[test]
    fn types_of_sqlite() {
        for (text, word) in [
            ("VARCHAR(20)", "text"),
            ("BIGINT", "integer"),
            ("boolean", "integer"),
            ("DOUBLE", "real"),
            ("DATETIME", "text"),
            ("DECIMAL(10,2)", "any"),
            ("DECIMAL COLLATE INTL", "any"),
            ("ANY", "any"),
        ] {
            assert_eq!(find_affinity(text), word);
        }
    }
}
