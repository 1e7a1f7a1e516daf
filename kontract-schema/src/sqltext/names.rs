//! Column names in SQL that the user wrote in an attribute.

use std::ops::Range;

use super::{Dialect, Token, TokenKind, is_reserved, words};

/// Returns 1 for an opening bracket, -1 for a closing one.
fn change_of_depth(token: &Token<'_>) -> i32 {
    i32::from(token.is("(")) - i32::from(token.is(")"))
}

/// Lists the column names in a text, with their positions: words that are not functions, types,
/// collations or keywords, as written but without quotes.
pub fn list_names(dialect: Dialect, text: &str) -> Vec<(String, Range<usize>)> {
    let words = words(dialect, text);
    let is = |at: Option<usize>, what: &str| {
        at.and_then(|at| words.get(at)).is_some_and(|token| token.is(what))
    };
    let named = words.iter().enumerate().filter_map(|(at, token)| {
        let before = at.checked_sub(1);
        let is_other = [".", "::", "collate", "as"].iter().any(|sign| is(before, sign))
            || ["(", "."].iter().any(|sign| is(Some(at + 1), sign));
        let is_keyword = token.kind == TokenKind::Word && is_reserved(&token.text.to_lowercase());
        if is_other || is_keyword {
            return None;
        }
        Some((token.written_name()?.into_owned(), token.range()))
    });
    named.collect()
}

/// Returns the text with some names replaced.
pub fn replace_names(
    dialect: Dialect,
    text: &str,
    other: impl Fn(&str) -> Option<String>,
) -> String {
    let mut found = String::new();
    let mut rest = 0;
    for (name, place) in list_names(dialect, text) {
        if let Some(other) = other(&name) {
            found += &text[rest..place.start];
            found += &other;
            rest = place.end;
        }
    }
    found + &text[rest..]
}

/// Splits a text at the commas that are outside of brackets.
pub fn split_at_commas(dialect: Dialect, text: &str) -> Vec<&str> {
    let (mut depth, mut start) = (0, 0);
    let mut found = Vec::new();
    for token in words(dialect, text) {
        depth += change_of_depth(&token);
        if depth == 0 && token.is(",") {
            found.push(text[start..token.start].trim());
            start = token.end();
        }
    }
    found.push(text[start..].trim());
    found
}
