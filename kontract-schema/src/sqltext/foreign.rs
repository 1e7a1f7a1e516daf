//! Functions, operators and other parts of an expression that only one of the databases has.

use super::{
    Dialect, Token, TokenKind, find_missing_function, split_at_commas, split_order, words,
};

/// Returns what the text has and the database does not, as in `function \`now\``; `None` if nothing was
/// found. `is_index` says that it is a list of parts of an index.
pub(crate) fn find_foreign(dialect: Dialect, text: &str, is_index: bool) -> Option<String> {
    // One lexer for both: on SQLite `a::int` has the parameter `:int`.
    let words = words(Dialect::Postgres, text);
    let part = |at: usize| match dialect {
        Dialect::Postgres => find_part_of_sqlite(&words, at),
        Dialect::Sqlite => find_part_of_postgres(&words, at),
    };
    let found = (0..words.len()).find_map(part);
    let class = || is_index.then(|| find_operator_class(dialect, text)).flatten();
    let function = find_missing_function(dialect, text).map(|name| format!("function `{name}`"));
    function.or(found).or_else(class)
}

/// The operators of SQLite. <https://www.sqlite.org/lang_expr.html>
const SIGNS_OF_SQLITE: [&str; 30] = [
    "(", ")", "[", "]", ",", ".", "`", "||", "->", "->>", "*", "/", "%", "+", "-", "&", "|", "<<",
    ">>", "<", ">", "<=", ">=", "=", "==", "<>", "!=", ";", ":", "~",
];

/// Keywords that a text can follow; another word before a text is its type: `interval '1 day'`.
const BEFORE_TEXTS: [&str; 29] = [
    "and", "or", "not", "like", "ilike", "glob", "regexp", "match", "to", "escape", "between",
    "in", "when", "then", "else", "from", "is", "case", "select", "where", "by", "on", "collate",
    "having", "limit", "any", "both", "leading", "trailing",
];

fn is_any(token: &Token<'_>, all: &[&str]) -> bool {
    all.iter().any(|one| token.is(one))
}

/// Whether an operator can follow the token.
fn ends_operand(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::Sign => is_any(token, &[")", "]"]),
        TokenKind::Word => {
            let is_keyword = is_any(token, &BEFORE_TEXTS) || is_any(token, &["distinct", "array"]);
            !is_keyword
        }
        kind => kind != TokenKind::Semicolon,
    }
}

fn find_part_of_postgres(words: &[Token<'_>], at: usize) -> Option<String> {
    let token = &words[at];
    let before = at.checked_sub(1).map(|at| &words[at]);
    let after = words.get(at + 1);
    let follows = |all: &[&str]| after.is_some_and(|after| is_any(after, all));
    let is_after = |all: &[&str]| before.is_some_and(|before| is_any(before, all));
    let is_after_operand = before.is_some_and(ends_operand);
    match token.kind {
        TokenKind::Text if !token.text.starts_with('\'') => Some(format!("text `{}`", token.text)),
        TokenKind::Text => before
            .filter(|before| before.kind == TokenKind::Word && !is_any(before, &BEFORE_TEXTS))
            .filter(|before| !is_any(before, &["x"]))
            .map(|before| format!("value `{} {}`", before.text, token.text)),
        TokenKind::Sign => {
            let is_own = !SIGNS_OF_SQLITE.contains(&token.text)
                || (token.is("~") && is_after_operand)
                || (token.is("[") && (is_after_operand || is_after(&["array"])));
            let what = if token.is("[") { "array with" } else { "operator" };
            is_own.then(|| format!("{what} `{}`", token.text))
        }
        TokenKind::Word => {
            let is_qualified = is_after(&["."]);
            let is_own = match token.text.to_ascii_lowercase().as_str() {
                "ilike" | "overlaps" | "symmetric" => {
                    is_after_operand || is_after(&["not", "between"])
                }
                "similar" => follows(&["to"]),
                "any" | "some" | "all" | "array" | "row" => follows(&["(", "["]),
                "localtimestamp" | "localtime" | "current_user" | "session_user"
                | "current_role" | "current_catalog" | "current_schema" => !follows(&["("]),
                "at" => follows(&["time"]),
                "unknown" | "json" | "document" | "normalized" | "nfc" | "nfd" | "nfkc"
                | "nfkd" => {
                    is_after(&["is"]) || (is_after(&["not"]) && at > 1 && words[at - 2].is("is"))
                }
                // `substring(a FROM 2)`, in an expression without a subquery.
                "from" => !is_after(&["distinct"]) && !words.iter().any(|token| token.is("select")),
                "collate" => follows_other(after, &["nocase", "binary", "rtrim"]),
                _ => false,
            };
            (is_own && !is_qualified).then(|| match token.text.to_ascii_lowercase().as_str() {
                "collate" => format!("collation `{}`", after.map_or("", |after| after.text)),
                _ => format!("`{}`", token.text.to_ascii_uppercase()),
            })
        }
        _ => None,
    }
}

fn find_part_of_sqlite(words: &[Token<'_>], at: usize) -> Option<String> {
    let token = &words[at];
    let before = at.checked_sub(1).map(|at| &words[at]);
    let after = words.get(at + 1);
    let is_after_operand = before.is_some_and(ends_operand);
    let is_after = |all: &[&str]| before.is_some_and(|before| is_any(before, all));
    match token.kind {
        TokenKind::Sign if token.is("==") => Some("operator `==`".to_owned()),
        TokenKind::Sign if token.is("`") => Some("name in backticks".to_owned()),
        TokenKind::Sign
            if token.is("[") && !is_after_operand && !is_after(&["array", "[", ","]) =>
        {
            Some("name in square brackets".to_owned())
        }
        TokenKind::Word if is_any(token, &["glob", "regexp", "match"]) => {
            let is_infix = (is_after_operand || is_after(&["not"]))
                && after.is_some_and(|after| !is_any(after, &["=", ")", ","]));
            is_infix.then(|| format!("`{}`", token.text.to_ascii_uppercase()))
        }
        TokenKind::Word if token.is("is") => {
            let is_not = after.is_some_and(|after| after.is("not"));
            let operand = words.get(at + 1 + usize::from(is_not));
            let is_known = operand.is_none_or(|operand| is_any(operand, &AFTER_IS));
            let not = if is_not { " NOT" } else { "" };
            (!is_known).then(|| format!("`IS{not}` between two values"))
        }
        TokenKind::Word if token.is("collate") => {
            let own = after.filter(|after| {
                let name = after.name().unwrap_or_default().to_lowercase();
                ["nocase", "binary", "rtrim"].contains(&name.as_str())
            });
            own.map(|own| format!("collation `{}`", own.text))
        }
        TokenKind::Word if token.is("null") && is_after(&["not"]) => {
            let is_postfix = at.checked_sub(2).is_some_and(|at| ends_operand(&words[at]));
            is_postfix.then(|| "`NOT NULL` behind a value".to_owned())
        }
        _ => None,
    }
}

/// What can follow IS and IS NOT on PostgreSQL.
const AFTER_IS: [&str; 12] = [
    "null",
    "true",
    "false",
    "unknown",
    "distinct",
    "document",
    "json",
    "normalized",
    "nfc",
    "nfd",
    "nfkc",
    "nfkd",
];

fn follows_other(after: Option<&Token<'_>>, known: &[&str]) -> bool {
    let name = after.and_then(Token::name).unwrap_or_default().to_lowercase();
    !known.contains(&name.as_str())
}

/// Returns the operator class of a part of an index, which SQLite does not have.
fn find_operator_class(dialect: Dialect, text: &str) -> Option<String> {
    let parts = split_at_commas(Dialect::Postgres, text).into_iter();
    let orders = parts.map(|part| split_order(Dialect::Postgres, part).1);
    let words: Vec<String> =
        orders.flat_map(|order| order.split(' ').map(str::to_owned).collect::<Vec<_>>()).collect();
    let known =
        ["", "asc", "desc", "nulls", "first", "last", "collate", "nocase", "binary", "rtrim"];
    let class = words.into_iter().find(|word| !known.contains(&word.as_str()))?;
    (dialect == Dialect::Sqlite).then(|| format!("operator class `{class}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_database_has() {
        let foreign = |text: &str| Dialect::ALL.map(|dialect| find_foreign(dialect, text, false));
        for (text, expected) in [
            ("n::int > 0", "operator `::`"),
            ("email ~ '@'", "operator `~`"),
            ("email !~* '@'", "operator `!~*`"),
            ("email ILIKE 'a%'", "`ILIKE`"),
            ("email NOT ILIKE 'a%'", "`ILIKE`"),
            ("email SIMILAR TO 'a%'", "`SIMILAR`"),
            ("status = ANY (ARRAY['a', 'b'])", "`ANY`"),
            ("status = any('{a}')", "`ANY`"),
            ("tags[1] <> ''", "array with `[`"),
            ("tags @> '{a}'", "operator `@>`"),
            ("data ? 'k'", "operator `?`"),
            ("data #>> '{a}' = 'x'", "operator `#>>`"),
            ("ends > starts + interval '1 day'", "value `interval '1 day'`"),
            ("born > DATE '2000-01-01'", "value `DATE '2000-01-01'`"),
            ("name = E'a\\n'", "text `E'a\\n'`"),
            ("name = $$a$$", "text `$$a$$`"),
            ("a ^ 2 > 4", "operator `^`"),
            ("at AT TIME ZONE 'UTC' > b", "`AT`"),
            ("owner = current_user", "`CURRENT_USER`"),
            ("a IS NOT UNKNOWN", "`UNKNOWN`"),
            ("a IS JSON OBJECT", "`JSON`"),
            ("trim(both ' ' from a) = a", "`FROM`"),
            ("a COLLATE \"C\" > b", "collation `\"C\"`"),
            ("char_length(a) > 1", "function `char_length`"),
            ("regexp_like(a, 'x')", "function `regexp_like`"),
        ] {
            assert_eq!(foreign(text), [None, Some(expected.to_owned())], "{text}");
        }
        for (text, expected) in [
            ("name GLOB 'a*'", "`GLOB`"),
            ("name NOT GLOB 'a*'", "`GLOB`"),
            ("name REGEXP 'a'", "`REGEXP`"),
            ("a == b", "operator `==`"),
            ("`a` > 0", "name in backticks"),
            ("[a] > 0", "name in square brackets"),
            ("a IS b", "`IS` between two values"),
            ("a IS NOT 3", "`IS NOT` between two values"),
            ("a COLLATE NOCASE = b", "collation `NOCASE`"),
            ("a NOT NULL", "`NOT NULL` behind a value"),
            ("json_extract(data, '$.a') > 1", "function `json_extract`"),
            ("typeof(a) = 'text'", "function `typeof`"),
        ] {
            assert_eq!(foreign(text), [Some(expected.to_owned()), None], "{text}");
        }
    }

    #[test]
    fn what_both_have() {
        for text in [
            "a > 0 AND length(b) <= 20 OR NOT c",
            "status IN ('a', 'b') AND name NOT LIKE 'x%' ESCAPE '!'",
            "~c = - 1 AND a BETWEEN 'a' AND 'b'",
            "a IS NOT NULL AND b IS TRUE AND c IS NOT DISTINCT FROM d",
            "CASE WHEN a THEN 'x' ELSE 'y' END <> ''",
            "data ->> 'a' = 'x'",
            "CAST(a AS numeric(10, 2)) > 1.5",
            "like('x%', a)",
            "current_timestamp > at",
            "\"match\" = 'x' AND glob = 1",
            "a ISNULL OR b NOTNULL",
            "(a, b) > (1, 2)",
            "x.current_user = 'a'",
            "(SELECT max(x) FROM other) > a",
        ] {
            for dialect in Dialect::ALL {
                assert_eq!(find_foreign(dialect, text, false), None, "{text}");
            }
        }
        let class = |text| find_foreign(Dialect::Sqlite, text, true);
        assert_eq!(class("lower(a) DESC, b COLLATE nocase"), None);
        assert_eq!(class("lower(a) text_ops").as_deref(), Some("operator class `text_ops`"));
    }
}
