//! Where the code matches on the database. What a database can do is data, and what runners and drivers
//! do in their own ways is in files of their own; so a match on the database is only there.

use std::fs;
use std::path::Path;
use std::str::FromStr;

use proc_macro2::{Spacing, TokenStream, TokenTree};

use crate::files;
use crate::graph::{after_item, is_punct, is_test};

/// The crates that are checked.
const CRATES: [&str; 5] =
    ["kontract-schema", "kontract-macros", "kontract-build", "kontract-runtime", "kontract-cli"];

/// The files that may match on the database, by the beginning of their paths.
const ALLOWED: &[&str] = &[
    "kontract-runtime/src/driver",
    "kontract-runtime/src/migrate/postgres",
    "kontract-runtime/src/migrate/sqlite",
    "kontract-schema/src/dialect",
    "kontract-schema/src/database.rs",
    // The lexer and the guards know the rules of both databases.
    "kontract-schema/src/sqltext",
    // They give SQL that users wrote, or a database, to the one that its form belongs to.
    "kontract-schema/src/catalog",
    "kontract-schema/src/introspect",
    "kontract-schema/src/migration",
    "kontract-schema/src/plan.rs",
];

#[test]
fn only_the_dialects_and_drivers_match_on_the_database() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for path in CRATES.iter().flat_map(|name| files::below(&format!("{name}/src"))) {
        let shown =
            path.strip_prefix(root).expect("a file of the repository").display().to_string();
        let is_source = shown.ends_with(".rs") && !shown.ends_with("tests.rs");
        if is_source && !ALLOWED.iter().any(|allowed| shown.starts_with(allowed)) {
            let text = fs::read_to_string(&path).expect("a source file");
            let places = lines(&text);
            found.extend(places.iter().map(|line| format!("\n{shown}:{line}")));
        }
    }
    assert!(found.is_empty(), "matches on the database:{}", found.concat());
}

/// The lines with a match on the database.
fn lines(source: &str) -> Vec<usize> {
    let mut lines = Vec::new();
    let tokens = TokenStream::from_str(source).expect("a source file of the workspace");
    collect(tokens, false, &mut lines);
    lines
}

/// Collects the lines of patterns and comparisons with a database. `is_pattern` means that all of the
/// tokens are a pattern.
fn collect(tokens: TokenStream, is_pattern: bool, lines: &mut Vec<usize>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if is_punct(token, '#') && is_test(tokens.get(at + 1)) {
            at = after_item(&tokens, at + 2);
            continue;
        }
        if let TokenTree::Group(group) = token {
            let is_of_matches = at > 1 && is_word(&tokens[at - 2], &["matches"]);
            let is_pattern = is_pattern || is_of_matches || begins_arm(&tokens[at + 1..]);
            collect(group.stream(), is_pattern, lines);
        }
        let is_database = is_word(token, &["Postgres", "Sqlite"])
            && at > 2
            && is_punct(&tokens[at - 1], ':')
            && is_word(&tokens[at - 3], &["Dialect", "Backend"]);
        let after = at + 1 + usize::from(matches!(tokens.get(at + 1), Some(TokenTree::Group(_))));
        if is_database
            && (is_pattern
                || begins_arm(&tokens[after..])
                || is_compared(&tokens[..at - 3])
                || tokens.get(after).is_some_and(|next| is_compared_before(next, &tokens[after..])))
        {
            lines.push(token.span().start().line);
        }
        at += 1;
    }
}

fn is_word(token: &TokenTree, words: &[&str]) -> bool {
    matches!(token, TokenTree::Ident(word) if words.iter().any(|known| word == known))
}

/// Whether an arm of a match goes on after a pattern: `=>`, `|` or `if`.
fn begins_arm(rest: &[TokenTree]) -> bool {
    let is_alternative = |punct: &TokenTree| matches!(punct, TokenTree::Punct(punct) if punct.as_char() == '|' && punct.spacing() == Spacing::Alone);
    match rest {
        [first, second, ..] if is_punct(first, '=') && is_punct(second, '>') => true,
        [first, ..] => is_alternative(first) || is_word(first, &["if"]),
        [] => false,
    }
}

/// Whether tokens end with `==`, `!=`, or the `let` of a pattern.
fn is_compared(before: &[TokenTree]) -> bool {
    match before {
        [.., first, second] if is_punct(second, '=') => {
            is_punct(first, '=') || is_punct(first, '!')
        }
        [.., last] => is_word(last, &["let"]),
        [] => false,
    }
}

/// Whether tokens begin with `==` or `!=`.
fn is_compared_before(first: &TokenTree, rest: &[TokenTree]) -> bool {
    (is_punct(first, '=') || is_punct(first, '!'))
        && rest.get(1).is_some_and(|next| is_punct(next, '='))
}

#[test]
fn a_match_is_found() {
    for (source, count) in [
        ("fn f() { match d { Dialect::Postgres => 1, Dialect::Sqlite => 2 } }", 2),
        ("fn f() { match d { (true, Dialect::Sqlite) | (_, Dialect::Postgres) if a => 1 } }", 2),
        ("fn f() { matches!(d, Backend::Sqlite(_)) || Dialect::Postgres == d }", 2),
        ("fn f() { let Backend::Postgres(one) = d else { return d != Dialect::Sqlite }; }", 2),
        ("const HERE: Dialect = Dialect::Postgres; fn f() { g(Dialect::Sqlite, 1) }", 0),
        ("#[cfg(test)] mod tests { fn f() { d == Dialect::Sqlite } }", 0),
    ] {
        assert_eq!(lines(source).len(), count, "{source}");
    }
}
