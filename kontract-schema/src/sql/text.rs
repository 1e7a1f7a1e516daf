//! SQL that the user wrote: the names in it, its parts. Only words are looked at; whether the whole
//! means something, the database says.

use crate::catalog::{Token, placed};
use crate::sqltext::is_reserved;

/// Whether all brackets and quotes are closed.
pub fn is_whole(text: &str) -> bool {
    let mut depth = 0;
    let mut closes_early = false;
    for (token, start, end) in placed(text) {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        closes_early |= depth < 0;
        let quote = match &token {
            Token::Text(_) => '\'',
            Token::Quoted(_) => text[start..].chars().next().unwrap_or('"'),
            _ => continue,
        };
        let inner = &text[start..end];
        let is_closed = inner.ends_with(quote) && inner.matches(quote).count() % 2 == 0;
        closes_early |= !is_closed;
    }
    depth == 0 && !closes_early
}

/// The names of columns that stand in it, from where to where: words that are no functions, types,
/// collations or words of SQL, as they are written but for quotes.
pub fn names(text: &str) -> Vec<(String, usize, usize)> {
    let tokens = placed(text);
    let is = |at: Option<usize>, what: &str| {
        at.and_then(|at| tokens.get(at)).is_some_and(|(token, ..)| token.is(what))
    };
    let named = tokens.iter().enumerate().filter_map(|(at, (token, start, end))| {
        let before = at.checked_sub(1);
        let is_other = [".", "::", "collate", "as"].iter().any(|sign| is(before, sign))
            || ["(", "."].iter().any(|sign| is(Some(at + 1), sign));
        let name = match token {
            _ if is_other => return None,
            Token::Word(word) if is_reserved(word) => return None,
            Token::Word(_) => &text[*start..*end],
            Token::Quoted(name) => name,
            _ => return None,
        };
        Some((name.to_owned(), *start, *end))
    });
    named.collect()
}

/// The text with something else in place of some names.
pub fn replaced(text: &str, other: impl Fn(&str) -> Option<String>) -> String {
    let mut found = String::new();
    let mut rest = 0;
    for (name, start, end) in names(text) {
        if let Some(other) = other(&name) {
            found += &text[rest..start];
            found += &other;
            rest = end;
        }
    }
    found + &text[rest..]
}

/// What stands between the commas that are in no bracket.
pub fn parts(text: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0, 0);
    let mut found = Vec::new();
    for (token, at, after) in placed(text) {
        depth += i32::from(token.is("(")) - i32::from(token.is(")"));
        if depth == 0 && token.is(",") {
            found.push(text[start..at].trim());
            start = after;
        }
    }
    found.push(text[start..].trim());
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_and_not() {
        for text in ["lower(a)", "a = 'it''s'", "\"a\"\"b\"", "a || ')'", "(a), b"] {
            assert!(is_whole(text), "{text}");
        }
        for text in ["lower(a", "a)(", "a = 'x", "\"a", "a = ''''' "] {
            assert!(!is_whole(text), "{text}");
        }
    }

    #[test]
    fn names_are_columns() {
        let sql =
            "lower(Email) || cast(b AS text) = 'email' AND \"it's\"::text > t.c COLLATE nocase";
        let found: Vec<String> = names(sql).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(found, ["Email", "b", "it's"]);
        let replace = |name: &str| (name == "Email").then(|| "(data->>'email')".to_owned());
        assert_eq!(
            replaced("lower(Email) <> 'Email'", replace),
            "lower((data->>'email')) <> 'Email'"
        );
    }

    #[test]
    fn parts_between_commas() {
        assert_eq!(parts("a, coalesce(b, ','), c desc"), ["a", "coalesce(b, ',')", "c desc"]);
    }
}
