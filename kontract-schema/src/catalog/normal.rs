//! One form for what databases spell in many ways: types and defaults.

use std::collections::BTreeSet;
use std::fmt;

/// A type in lower case, single spaces, no aliases: `VARCHAR( 20 )` is `character varying(20)`.
pub fn ty(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let joined = words.join(" ").replace(" (", "(").replace("( ", "(").replace(" )", ")");
    let joined = joined.replace(", ", ",");
    let (base, array) = match joined.strip_suffix("[]") {
        Some(base) => (base, "[]"),
        None => (joined.as_str(), ""),
    };
    let (word, arguments) = match base.find('(') {
        Some(at) => base.split_at(at),
        None => (base, ""),
    };
    let word = match word {
        "int" | "int4" | "serial" | "serial4" => "integer",
        "int8" | "bigserial" | "serial8" => "bigint",
        "int2" | "smallserial" => "smallint",
        "float8" | "float" => "double precision",
        "float4" => "real",
        "bool" => "boolean",
        "decimal" => "numeric",
        "varchar" => "character varying",
        "char" => "character",
        // The precision stands within the name.
        "timestamptz" => return format!("timestamp{arguments} with time zone{array}"),
        "timestamp" if !base.ends_with("zone") => {
            return format!("timestamp{arguments} without time zone{array}");
        }
        "timetz" => return format!("time{arguments} with time zone{array}"),
        "time" if !base.ends_with("zone") => {
            return format!("time{arguments} without time zone{array}");
        }
        word => word,
    };
    match (word, arguments) {
        // What is left out is spelled out.
        ("numeric", arguments) if !arguments.is_empty() && !arguments.contains(',') => {
            format!("numeric{},0){array}", arguments.trim_end_matches(')'))
        }
        ("character", "") => format!("character(1){array}"),
        _ => format!("{word}{arguments}{array}"),
    }
}

/// A default: a constant, whose value counts, or an expression, of which databases keep a spelling
/// of their own, so that only its presence counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Default {
    /// The value without quotes and casts.
    Constant(String),
    /// Anything else.
    Expression,
}

impl fmt::Display for Default {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Default::Constant(value) => write!(f, "`{value}`"),
            Default::Expression => f.write_str("of an expression"),
        }
    }
}

/// The form of a default as a database spells it: `'it''s'::text` is the constant `it's`.
pub fn default(text: &str) -> Default {
    let mut text = text.trim();
    while let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        if inner.contains(['(', ')']) {
            break;
        }
        text = inner.trim();
    }
    if let Some(rest) = text.strip_prefix('\'') {
        let mut value = String::new();
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c != '\'' {
                value.push(c);
            } else if chars.next_if(|(_, next)| *next == '\'').is_some() {
                value.push('\'');
            } else {
                let cast = rest[at + 1..].trim();
                let plain = cast.is_empty() || cast.starts_with("::") && !cast.contains('(');
                return if plain || cast.starts_with("::numeric(") {
                    Default::Constant(value_form(&value))
                } else {
                    Default::Expression
                };
            }
        }
        return Default::Expression;
    }
    let bare = match text.split_once("::") {
        Some((bare, cast)) if !cast.contains('(') => bare.trim_matches(['(', ')']),
        _ => text,
    };
    let is_word = ["true", "false"].contains(&bare.to_ascii_lowercase().as_str());
    if is_word || bare.parse::<f64>().is_ok() || bare.starts_with("x'") {
        Default::Constant(value_form(&bare.to_ascii_lowercase()))
    } else {
        Default::Expression
    }
}

/// Numbers by value, JSON without spaces, everything else as it is.
fn value_form(value: &str) -> String {
    if let Ok(number) = value.parse::<i128>() {
        return number.to_string();
    }
    if let Ok(number) = value.parse::<f64>()
        && number.is_finite()
    {
        return number.to_string();
    }
    if value.starts_with(['{', '['])
        && let Ok(json) = serde_json::from_str::<serde_json::Value>(value)
    {
        return json.to_string();
    }
    value.to_owned()
}

/// The names that stand after `CONSTRAINT` in a `CREATE TABLE` of SQLite, which keeps them nowhere
/// else. Primary keys that have a name are among them.
pub fn constraint_names(sql: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut follows = false;
    let mut rest = sql;
    while let Some(c) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
        let end = match c {
            '\'' | '"' | '`' => quoted(rest, c),
            '[' => rest.find(']').map_or(rest.len(), |at| at + 1),
            '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |at| at + 2),
            _ if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => c.len_utf8(),
        };
        let token = &rest[..end];
        if is_word(c) && !follows && token.eq_ignore_ascii_case("constraint") {
            follows = true;
        } else if follows && (is_word(c) || matches!(c, '"' | '`' | '[' | '\'')) {
            names.insert(match c {
                '"' | '`' | '\'' => {
                    let twice = format!("{c}{c}");
                    token[1..end - 1].replace(&twice, &c.to_string())
                }
                '[' => token[1..end - 1].to_owned(),
                _ => token.to_owned(),
            });
            follows = false;
        }
        rest = &rest[end..];
    }
    names
}

/// Where a quoted word ends; its quote doubled is a quote inside.
fn quoted(text: &str, quote: char) -> usize {
    let mut from = 1;
    while let Some(at) = text[from..].find(quote) {
        let end = from + at + 1;
        if !text[end..].starts_with(quote) {
            return end;
        }
        from = end + 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_have_one_form() {
        for (a, b) in [
            ("TIMESTAMPTZ", "timestamp with time zone"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("TIME", "time without time zone"),
            ("VARCHAR( 20 )", "character varying(20)"),
            ("numeric(20, 4)", "numeric(20,4)"),
            ("INT", "integer"),
            ("Double  Precision", "double precision"),
            ("TEXT[]", "text[]"),
        ] {
            assert_eq!(ty(a), ty(b), "{a}");
        }
        assert_ne!(ty("TIME"), ty("TIMETZ"));
    }

    #[test]
    fn defaults_have_one_form() {
        for (a, b) in [
            ("'it''s'::text", "'it''s'"),
            ("'-9223372036854775808'::bigint", "-9223372036854775808"),
            ("'-1'::integer", "(-1)"),
            ("0.10", "'0.10'"),
            ("'{\"a\": [1, \"two\"]}'::jsonb", "'{\"a\":[1,\"two\"]}'"),
            ("TRUE", "true"),
            ("nextval('users__order_seq'::regclass)", "nextval()"),
            ("(extract(epoch FROM now()) * 1000)::bigint", "now()"),
        ] {
            assert_eq!(default(a), default(b), "{a}");
        }
        assert_ne!(default("'a'"), default("'b'"));
        assert_ne!(default("1"), default("now()"));
    }

    #[test]
    fn names_of_constraints() {
        let sql = "CREATE TABLE \"constraint\" (a TEXT CHECK (a <> 'CONSTRAINT no'), \
                   CONSTRAINT one CHECK (a), constraint \"t\"\"wo\" FOREIGN KEY (a) REFERENCES b)";
        assert_eq!(constraint_names(sql), BTreeSet::from(["one".into(), "t\"wo".into()]));
    }
}
