//! The columns that an expression names.

use std::collections::BTreeSet;

use super::{Dialect, ParsedExpr, Token, TokenKind, is_reserved, parse_expression, words};

/// Returns the columns that an expression names, in lower case, also qualified ones (`users.age`) and
/// keywords without operands (`current_date`). In an expression that [`parse_expression`] does not
/// support they are found by their place between operators, and those of a subquery not at all.
pub(crate) fn find_columns(dialects: &[Dialect], text: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match dialects.iter().find_map(|dialect| parse_expression(*dialect, text)) {
        Some(tree) => collect_columns(&tree, &mut names),
        None => names.extend(dialects.first().map(|d| list_operands(*d, text)).unwrap_or_default()),
    }
    names
}

/// Adds the columns in a tree to `names`, in lower case.
fn collect_columns(tree: &ParsedExpr, names: &mut BTreeSet<String>) {
    match tree {
        ParsedExpr::Name(name) => drop(names.insert(name.clone())),
        // The second operand is the name of a collation.
        ParsedExpr::Call(word, parts) if word == "collate" => collect_columns(&parts[0], names),
        // The second operand is the form: NFC.
        ParsedExpr::Call(word, parts) if word == "normalize" => {
            parts.iter().take(1).for_each(|part| collect_columns(part, names));
        }
        // The first operand is the part of a date, or the name of an argument.
        ParsedExpr::Call(word, parts) if ["extract", "=>", ":="].contains(&word.as_str()) => {
            parts.iter().skip(1).for_each(|part| collect_columns(part, names));
        }
        ParsedExpr::Call(_, parts) => parts.iter().for_each(|part| collect_columns(part, names)),
        ParsedExpr::Text(_) | ParsedExpr::Number(_) => {}
    }
}

/// Returns the names between operators, brackets and keywords.
fn list_operands(dialect: Dialect, text: &str) -> Vec<String> {
    let words = words(dialect, text);
    if words.iter().any(|token| token.is("select")) {
        return Vec::new();
    }
    let is_name = |at: usize, token: &Token<'_>| {
        let before = at.checked_sub(1).and_then(|at| words.get(at));
        let after = words.get(at + 1);
        let is_keyword = |token: &Token<'_>| {
            token.kind == TokenKind::Word && is_reserved(&token.text.to_lowercase())
        };
        let follows = before.is_none_or(|token| {
            let takes_a_word = ["is", "as", "collate", "time", "with", "without", "cast"];
            let is_sign = token.kind == TokenKind::Sign && !is_any(token, &[")", "]", ".", "::"]);
            is_sign || is_keyword(token) && !is_any(token, &takes_a_word)
        });
        let is_followed = after.is_none_or(|token| {
            let is_sign = token.kind == TokenKind::Sign && !is_any(token, &["(", ".", "=>", ":="]);
            is_sign || is_keyword(token) && !token.is("from")
        });
        let is_written = match token.kind {
            TokenKind::Word => !is_any(token, &UNITS_AND_FORMS),
            kind => kind == TokenKind::QuotedName,
        };
        is_written && !is_keyword(token) && follows && is_followed
    };
    let found = words.iter().enumerate().filter(|(at, token)| is_name(*at, token));
    found.filter_map(|(_, token)| Some(token.name()?.to_lowercase())).collect()
}

/// Words that have the place of a column: `interval '2-1' year to month`, `normalize(a, NFD)`,
/// `PASSING BY VALUE`.
const UNITS_AND_FORMS: [&str; 12] = [
    "year", "month", "day", "hour", "minute", "second", "nfc", "nfd", "nfkc", "nfkd", "value",
    "ref",
];

fn is_any(token: &Token<'_>, all: &[&str]) -> bool {
    all.iter().any(|one| token.is(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_expressions() {
        for (text, expected) in [
            ("lower(a) = 'x' AND \"B\" > 1", "a b"),
            // Not supported by the parser.
            ("a SIMILAR TO 'x%' AND b > 0", "a b"),
            ("born OVERLAPS other", "born other"),
            ("a IS NFC NORMALIZED", "a"),
            ("a IS JSON OBJECT", "a"),
            ("trim(both ' ' from a) = b", "a b"),
            ("a LIKE 'x' ESCAPE '!' OR (b) > - c", "a b c"),
            ("extract(year FROM a) > 1 AND b SIMILAR TO 'x'", "a b"),
            ("(SELECT max(x) FROM other) > a", ""),
        ] {
            let found = find_columns(&Dialect::ALL, text);
            let found: Vec<&str> = found.iter().map(String::as_str).collect();
            assert_eq!(found.join(" "), expected, "{text}");
        }
    }
}
