//! Finds mistakes in an expression that the user wrote, which no database accepts.

use super::{Dialect, Token, TokenKind, is_reserved, tokens};

/// How many expressions a text has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expressions {
    /// One.
    One,
    /// One or several, with commas between them.
    List,
    /// One in a statement, which may have subqueries.
    Query,
}

/// Returns why a text is not an expression; `None` if only the database can tell. A text for several
/// databases has to be closed on each of them, and to have its operands on at least one: an operator
/// of one database is several signs on another.
pub fn find_mistake(dialects: &[Dialect], text: &str, expressions: Expressions) -> Option<String> {
    if text.trim().is_empty() {
        return Some("the expression is empty".to_owned());
    }
    if text.contains('\0') {
        return Some("the expression contains the character NUL".to_owned());
    }
    let unclosed = dialects.iter().find_map(|dialect| find_open_end(*dialect, text, expressions));
    let foreign = || match expressions {
        Expressions::Query => None,
        _ => dialects.iter().find_map(|dialect| find_foreign_part(*dialect, text)),
    };
    unclosed.or_else(foreign).or_else(|| {
        let found = dialects.iter().map(|dialect| find_gap(*dialect, text, expressions));
        found.collect::<Option<Vec<String>>>()?.into_iter().next()
    })
}

/// Returns what would change the meaning of the SQL around the text: a bracket, quote or comment that
/// is not closed, or a semicolon.
fn find_open_end(dialect: Dialect, text: &str, expressions: Expressions) -> Option<String> {
    let mut open = Vec::new();
    let mut is_comment = false;
    for token in tokens(dialect, text) {
        is_comment = token.kind == TokenKind::Comment && token.text.starts_with("--");
        let closes = [(")", "("), ("]", "[")].into_iter().find(|(close, _)| token.is(close));
        let is_unopened = closes.is_some_and(|(_, opening)| open.pop() != Some(opening));
        if token.kind == TokenKind::Semicolon {
            return Some("one expression is expected, without `;`".to_owned());
        } else if is_comment && expressions == Expressions::List {
            return Some("a comment `--` is not allowed here".to_owned());
        } else if token.unclosed.is_some() || is_unopened {
            return Some("a bracket or a quote is not closed".to_owned());
        }
        open.extend(["(", "["].into_iter().find(|opening| token.is(opening)));
    }
    if is_comment {
        // The bracket after the text would belong to the comment.
        Some("the expression ends with a comment `--`".to_owned())
    } else if open.is_empty() {
        None
    } else {
        Some("a bracket or a quote is not closed".to_owned())
    }
}

/// Functions of many rows. `min` and `max` are not among them: SQLite has both of several values.
const AGGREGATES: [&str; 11] = [
    "array_agg",
    "avg",
    "bool_and",
    "bool_or",
    "count",
    "group_concat",
    "json_agg",
    "json_group_array",
    "jsonb_agg",
    "string_agg",
    "sum",
];

/// Returns what constraints, defaults, generated columns and indexes cannot have: a subquery, an
/// aggregate, a parameter.
fn find_foreign_part(dialect: Dialect, text: &str) -> Option<String> {
    let words = super::words(dialect, text);
    let is_call = |at: usize| {
        let is_part = at > 0 && words[at - 1].is(".");
        !is_part && words.get(at + 1).is_some_and(|next| next.is("("))
    };
    words.iter().enumerate().find_map(|(at, token)| {
        if token.is("select") {
            Some("a subquery is not allowed here".to_owned())
        } else if AGGREGATES.iter().any(|name| token.is(name)) && is_call(at) {
            Some(format!("`{}` is of many rows, and is not allowed here", token.text))
        } else if token.text.strip_prefix('$').is_some_and(is_number) {
            Some(format!("there is no value for the parameter `{}`", token.text))
        } else {
            None
        }
    })
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Keywords that have an operand before and after them.
const INFIX: [&str; 11] =
    ["and", "or", "in", "is", "ilike", "similar", "between", "collate", "escape", "then", "else"];

/// Keywords that have an operand after them. Some are also the names of functions of SQLite.
const PREFIX: [&str; 9] = ["not", "case", "when", "distinct", "as", "to", "like", "glob", "regexp"];

/// Operators that are not also written before an operand.
const BINARY: [&str; 13] =
    ["=", "<", ">", "<=", ">=", "<>", "!=", "==", "/", "%", "||", "->", "->>"];

/// Returns the place where an operand or an operator is missing.
fn find_gap(dialect: Dialect, text: &str, expressions: Expressions) -> Option<String> {
    let mut before: Option<Token<'_>> = None;
    let mut depth = 0;
    let is_any = |token: &Token<'_>, all: &[&str]| all.iter().any(|one| token.is(one));
    let missing_after = |token: &Token<'_>| format!("an operand is missing after `{}`", token.text);
    let missing_before =
        |token: &Token<'_>| format!("an operand is missing before `{}`", token.text);
    let words = super::words(dialect, text);
    // `a OPERATOR(pg_catalog.=) b`.
    if words.iter().any(|token| token.is("operator")) {
        return None;
    }
    for token in words {
        let ends = is_any(&token, &[")", "]", ","]);
        let is_infix = is_any(&token, &INFIX) || is_any(&token, &BINARY);
        match before {
            Some(last) if wants_operand(&last) && (ends || is_infix && !starts_words(&last)) => {
                return Some(missing_after(&last));
            }
            Some(last) if is_any(&last, &["(", "[", ","]) && (is_infix || token.is(",")) => {
                return Some(missing_before(&token));
            }
            Some(last) if last.is(",") && ends => return Some(missing_after(&last)),
            Some(last) if token.kind == TokenKind::Number && is_operand(&last) => {
                return Some(format!("an operator is missing before `{}`", token.text));
            }
            None if ends || is_infix => return Some(missing_before(&token)),
            _ => {}
        }
        if depth == 0 && token.is(",") && expressions != Expressions::List {
            return Some("one expression is expected, not several with commas".to_owned());
        }
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        before = Some(token);
    }
    let last = before.filter(|last| wants_operand(last) || last.is(","))?;
    Some(missing_after(&last))
}

/// Whether an operand has to follow. `*` also means all rows or columns.
fn wants_operand(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::Sign => {
            ![")", "]", "(", "[", ",", ".", "*", ":", "`"].iter().any(|sign| token.is(sign))
        }
        TokenKind::Word => INFIX.iter().chain(&PREFIX).any(|word| token.is(word)),
        _ => false,
    }
}

/// Whether keywords that are infix elsewhere can follow: `not like`, `is distinct from`.
fn starts_words(token: &Token<'_>) -> bool {
    ["not", "is"].iter().any(|word| token.is(word))
}

/// Whether the token ends an operand, so that no number can follow.
fn is_operand(token: &Token<'_>) -> bool {
    match token.kind {
        TokenKind::Word => !is_reserved(&token.text.to_lowercase()),
        TokenKind::Sign => token.is(")") || token.is("]"),
        TokenKind::QuotedName | TokenKind::Number => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mistake(text: &str, expressions: Expressions) -> Option<String> {
        find_mistake(&Dialect::ALL, text, expressions)
    }

    #[test]
    fn whole_expressions() {
        for text in [
            "lower(a) = 'it''s'",
            "\"a\"\"b\" || ')' = ''",
            "a /* why */ > 0",
            "a > 0 -- why\n AND b > 0",
            "a NOT LIKE 'x' AND b IS NOT NULL",
            "a IS NOT DISTINCT FROM b",
            "NOT a AND -b < +1 AND ~c = - 1",
            "tags @> '{a}' AND data ? 'k' AND a @@ b",
            "CASE WHEN a > 1 THEN b ELSE 2 END",
            "CAST(a AS numeric(10, 2)) = 1",
            "interval(3) '1 day' > a",
            "`a` = [b]",
            "now() > a AND b IN (1, 2)",
            "(a, b) > (1, 2)",
            "a[1] = b[1:2]",
            "a ->> 'k' <> $$it$$",
            "like('x%', a) AND expires > at",
        ] {
            assert_eq!(mistake(text, Expressions::One), None, "{text}");
        }
        assert_eq!(mistake("a, lower(b) DESC, (c + 1)", Expressions::List), None);
        assert_eq!(mistake("(SELECT count(*) FROM other) > 1", Expressions::Query), None);
    }

    #[test]
    fn what_no_database_accepts() {
        for (text, expected) in [
            ("  ", "the expression is empty"),
            ("a > 0; DROP TABLE b", "one expression is expected, without `;`"),
            ("a > 0 -- why", "the expression ends with a comment `--`"),
            // Only PostgreSQL ends a comment at a carriage return.
            ("a > 0 -- why\r AND b", "the expression ends with a comment `--`"),
            ("lower(a", "a bracket or a quote is not closed"),
            ("a)(", "a bracket or a quote is not closed"),
            ("(a[1) ]", "a bracket or a quote is not closed"),
            ("a = 'x", "a bracket or a quote is not closed"),
            ("\"a", "a bracket or a quote is not closed"),
            ("a /*", "a bracket or a quote is not closed"),
            ("price >= ", "an operand is missing after `>=`"),
            ("(price >=)", "an operand is missing after `>=`"),
            ("price > 0 AND", "an operand is missing after `AND`"),
            ("price > AND b", "an operand is missing after `>`"),
            ("price NOT", "an operand is missing after `NOT`"),
            (">= 0", "an operand is missing before `>=`"),
            ("a AND (OR b)", "an operand is missing before `OR`"),
            ("a IN (1,)", "an operand is missing after `,`"),
            ("f(, a)", "an operand is missing before `,`"),
            ("a > 0, b > 0", "one expression is expected, not several with commas"),
            ("price 0", "an operator is missing before `0`"),
            ("lower(a) 5", "an operator is missing before `5`"),
            ("a > (SELECT 1)", "a subquery is not allowed here"),
            ("COUNT(*) > 0", "`COUNT` is of many rows, and is not allowed here"),
            ("a > $1", "there is no value for the parameter `$1`"),
        ] {
            assert_eq!(mistake(text, Expressions::One).as_deref(), Some(expected), "{text}");
        }
        for (text, expected) in [
            ("a, -- why\n b", "a comment `--` is not allowed here"),
            ("a, ", "an operand is missing after `,`"),
        ] {
            assert_eq!(mistake(text, Expressions::List).as_deref(), Some(expected), "{text}");
        }
    }
}
