//! SQL of a live object as the text of an attribute: one for both databases where both have all of it,
//! otherwise one for each.

use std::ops::Range;

use super::rust;
use crate::dialect::Dialect;
use crate::sqltext::{Token, TokenKind, find_foreign, skip_type, words};

/// SQL for the database that has the object, and for the other one.
pub(super) struct OwnText {
    dialect: Dialect,
    own: String,
    other: Option<String>,
}

impl OwnText {
    /// Returns the text for both databases. `is_index` says that it is a list of parts of an index; `texts`
    /// are the columns that are texts, of which PostgreSQL prints casts.
    pub(super) fn new(dialect: Dialect, text: &str, is_index: bool, texts: &[&str]) -> OwnText {
        let has_foreign = |dialect, text: &str| find_foreign(dialect, text, is_index).is_some();
        let other = dialect.choose(Dialect::Sqlite, Dialect::Postgres);
        let plain =
            if dialect == Dialect::Postgres { make_plain(text, texts) } else { Plain::same(text) };
        let found = (!has_foreign(other, &plain.text)).then_some(plain.text);
        match found {
            Some(both) if plain.keeps_meaning && !has_foreign(dialect, &both) => {
                OwnText { dialect, own: both.clone(), other: Some(both) }
            }
            other => OwnText { dialect, own: text.to_owned(), other },
        }
    }

    /// Sets the text for the database that has the object, as it is there.
    pub(super) fn with_own(self, text: &str) -> OwnText {
        OwnText { own: text.to_owned(), ..self }
    }

    /// Whether the other database has all of the text, or of one with the same meaning there.
    pub(super) fn has_other(&self) -> bool {
        self.other.is_some()
    }

    /// Sets the text for the other database, if that does not have all of this one.
    pub(super) fn or_other(self, text: &str) -> OwnText {
        OwnText { other: self.other.or_else(|| Some(text.to_owned())), ..self }
    }

    /// Returns the arguments of `check`: one text, or `postgres = …` and `sqlite = …`.
    pub(super) fn print_arguments(&self) -> Vec<String> {
        let other = self.other.as_ref().unwrap_or(&self.own);
        if *other == self.own {
            return vec![rust::print_literal(&self.own)];
        }
        let argument = |dialect: Dialect| {
            let text = if dialect == self.dialect { &self.own } else { other };
            format!("{} = {}", dialect.name(), rust::print_literal(text))
        };
        Dialect::ALL.map(argument).to_vec()
    }

    /// Returns the argument with this name: `where = "…"`, or `where(postgres = "…", sqlite = "…")`.
    pub(super) fn print_argument(&self, name: &str) -> String {
        match &self.print_arguments()[..] {
            [one] => format!("{name} = {one}"),
            each => format!("{name}({})", each.join(", ")),
        }
    }
}

/// An expression of PostgreSQL without what only PostgreSQL writes.
struct Plain {
    text: String,
    /// Whether PostgreSQL reads the same in it.
    keeps_meaning: bool,
}

impl Plain {
    fn same(text: &str) -> Plain {
        Plain { text: text.to_owned(), keeps_meaning: true }
    }
}

/// Types to which PostgreSQL casts a literal or text by itself.
const IMPLIED: [&str; 9] = [
    "text",
    "varchar",
    "character",
    "bpchar",
    "numeric",
    "integer",
    "bigint",
    "smallint",
    "double",
];

/// Replaces what PostgreSQL prints in another way than it is written: `a = ANY (ARRAY['x'::text])` becomes
/// `a IN ('x')`, `a ~~ 'x%'` becomes `a LIKE 'x%'`, and casts are removed.
fn make_plain(text: &str, texts: &[&str]) -> Plain {
    let tokens = words(Dialect::Postgres, text);
    let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
    let mut keeps_meaning = true;
    for (at, token) in tokens.iter().enumerate() {
        if token.is("::") {
            let end = skip_type(&tokens, at + 1);
            let ty = tokens.get(at + 1).and_then(Token::name).unwrap_or_default();
            keeps_meaning &= IMPLIED.contains(&&*ty) && is_cast_implied(&tokens[..at], texts);
            edits.push((token.start..tokens[end - 1].end(), ""));
        } else if token.is("~~") || token.is("!~~") {
            let word = if token.is("~~") { "LIKE" } else { "NOT LIKE" };
            edits.push((token.range(), word));
        } else if let Some((word, open, close)) = find_list(&tokens, at) {
            edits.push((token.start..tokens[open].end(), word));
            edits.push((tokens[close].range(), ")"));
            // The brackets around the array.
            let brackets = tokens[at + 2..open].iter().filter(|token| token.is("(")).count();
            let closing = tokens[close + 1..].iter().filter(|token| token.is(")")).take(brackets);
            edits.extend(closing.map(|token| (token.range(), "")));
        }
    }
    edits.sort_by_key(|(range, _)| range.start);
    let (mut plain, mut end) = (String::new(), 0);
    for (range, word) in edits {
        plain.push_str(&text[end..range.start]);
        plain.push_str(word);
        end = range.end;
    }
    plain.push_str(&text[end..]);
    Plain { text: plain, keeps_meaning }
}

/// Returns whether PostgreSQL casts what these tokens end with by itself: a literal, a list of literals, a
/// column that is a text. Any other value is another one after the cast.
fn is_cast_implied(before: &[Token<'_>], texts: &[&str]) -> bool {
    let Some(last) = before.last() else { return false };
    let is_literal = |token: &Token<'_>| matches!(token.kind, TokenKind::Text | TokenKind::Number);
    let is_text = |token: &Token<'_>| token.name().is_some_and(|name| texts.contains(&&*name));
    if !last.is(")") {
        // The end of a list, whose values have casts of their own.
        return is_literal(last) || is_text(last) || last.is("]");
    }
    let mut depth = 0;
    let open = before.iter().rposition(|token| {
        depth += i32::from(token.is(")")) - i32::from(token.is("("));
        depth == 0
    });
    let Some(open) = open else { return false };
    match &before[open + 1..before.len() - 1] {
        [one] => is_literal(one) || is_text(one),
        [sign, number] if sign.is("-") => is_literal(number),
        [array, ..] => array.is("array"),
        [] => false,
    }
}

/// Returns the beginning of the list that a comparison with an array is, and the positions of the array's
/// square brackets; `None` if it is another token.
fn find_list(tokens: &[Token<'_>], at: usize) -> Option<(&'static str, usize, usize)> {
    let is = |at: usize, what: &str| tokens.get(at).is_some_and(|token| token.is(what));
    let word = if is(at, "=") && is(at + 1, "any") {
        "IN ("
    } else if is(at, "<>") && is(at + 1, "all") {
        "NOT IN ("
    } else {
        return None;
    };
    let array = (at + 2..tokens.len()).find(|at| !is(*at, "("))?;
    (array > at + 2 && is(array, "array") && is(array + 1, "[")).then_some(())?;
    let mut depth = 0;
    let close = (array + 1..tokens.len()).find(|at| {
        depth += i32::from(is(*at, "[")) - i32::from(is(*at, "]"));
        depth == 0
    })?;
    Some((word, array + 1, close))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_for_both_databases() {
        let printed = |text| {
            OwnText::new(Dialect::Postgres, text, false, &["name", "status"]).or_other("true")
        };
        for (text, expected) in [
            ("price > (0)::numeric", "\"price > (0)\""),
            ("(name)::text <> ''::text", "\"(name) <> ''\""),
            ("name ~~ 'x%'::text", "\"name LIKE 'x%'\""),
            (
                "length((state)::text) < 9",
                "postgres = \"length((state)::text) < 9\", sqlite = \"length((state)) < 9\"",
            ),
            ("status = ANY (ARRAY['a'::text, 'b'::text])", "\"status IN ('a', 'b')\""),
            (
                "(status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])",
                "\"(status) IN ('a', 'b')\"",
            ),
            ("n <> ALL (ARRAY[1, 2])", "\"n NOT IN (1, 2)\""),
            (
                "born > '2000-01-01'::date",
                "postgres = \"born > '2000-01-01'::date\", sqlite = \"born > '2000-01-01'\"",
            ),
            ("email ~ '@'::text", "postgres = \"email ~ '@'::text\", sqlite = \"true\""),
        ] {
            assert_eq!(printed(text).print_arguments().join(", "), expected, "{text}");
        }
        let of_sqlite =
            OwnText::new(Dialect::Sqlite, "name GLOB 'a*'", false, &[]).or_other("true");
        assert_eq!(
            of_sqlite.print_argument("where"),
            "where(postgres = \"true\", sqlite = \"name GLOB 'a*'\")"
        );
    }
}
