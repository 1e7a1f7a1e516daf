//! PostgreSQL's text of a range: `[1,6)`, `("2026-11-21 10:30:00",]`, `empty`.

use std::ops::Bound;

/// The text of the range without values.
pub const EMPTY_RANGE: &str = "empty";

/// A lower and an upper bound, as text; `None` is the empty range.
pub type Bounds = Option<(Bound<String>, Bound<String>)>;

/// Prints two bounds as PostgreSQL does, with quotes where they are necessary.
pub fn print_range(lower: &Bound<String>, upper: &Bound<String>) -> String {
    let (open, lower) = match lower {
        Bound::Included(text) => ('[', print_value(text)),
        Bound::Excluded(text) => ('(', print_value(text)),
        Bound::Unbounded => ('(', String::new()),
    };
    let (close, upper) = match upper {
        Bound::Included(text) => (']', print_value(text)),
        Bound::Excluded(text) => (')', print_value(text)),
        Bound::Unbounded => (')', String::new()),
    };
    format!("{open}{lower},{upper}{close}")
}

fn print_value(text: &str) -> String {
    let is_special = |c: char| c.is_ascii_whitespace() || "()[],\"\\".contains(c);
    if text.is_empty() || text.contains(is_special) {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

/// Reads a range; returns `None` if the text is not one.
pub fn parse_range(text: &str) -> Option<Bounds> {
    let (bounds, rest) = parse_start(text)?;
    rest.trim().is_empty().then_some(bounds)
}

/// Reads the range at the start of a text, and returns what follows it.
pub(super) fn parse_start(text: &str) -> Option<(Bounds, &str)> {
    let text = text.trim_start();
    let head = text.get(..EMPTY_RANGE.len()).filter(|head| head.eq_ignore_ascii_case(EMPTY_RANGE));
    if head.is_some() {
        return Some((None, &text[EMPTY_RANGE.len()..]));
    }
    let (rest, includes_lower) = match text.strip_prefix('[') {
        Some(rest) => (rest, true),
        None => (text.strip_prefix('(')?, false),
    };
    let (lower, rest) = parse_value(rest)?;
    let (upper, rest) = parse_value(rest.strip_prefix(',')?)?;
    let (rest, includes_upper) = match rest.strip_prefix(']') {
        Some(rest) => (rest, true),
        None => (rest.strip_prefix(')')?, false),
    };
    let bound = |value: Option<String>, is_included| match value {
        Some(value) if is_included => Bound::Included(value),
        Some(value) => Bound::Excluded(value),
        None => Bound::Unbounded,
    };
    Some((Some((bound(lower, includes_lower), bound(upper, includes_upper))), rest))
}

/// Reads the text of a bound up to what ends it; `None` if the bound is missing.
fn parse_value(text: &str) -> Option<(Option<String>, &str)> {
    let mut value = String::new();
    let mut is_quoted = false;
    let mut has_value = false;
    let mut letters = text.char_indices().peekable();
    while let Some((place, letter)) = letters.next() {
        match letter {
            ',' | '(' | ')' | '[' | ']' if !is_quoted => {
                return Some((has_value.then_some(value), &text[place..]));
            }
            '\\' => value.push(letters.next()?.1),
            '"' if is_quoted && letters.next_if(|(_, next)| *next == '"').is_some() => {
                value.push('"');
            }
            '"' => is_quoted = !is_quoted,
            letter => value.push(letter),
        }
        has_value = true;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_ranges() {
        let bound = |text: &str| text.to_owned();
        for (text, bounds) in [
            ("empty", None),
            (" Empty ", None),
            ("[1,6)", Some((Bound::Included(bound("1")), Bound::Excluded(bound("6"))))),
            ("(,5]", Some((Bound::Unbounded, Bound::Included(bound("5"))))),
            ("[,]", Some((Bound::Unbounded, Bound::Unbounded))),
            (
                "(\"2026-11-21 10:30:00\",)",
                Some((Bound::Excluded(bound("2026-11-21 10:30:00")), Bound::Unbounded)),
            ),
            (
                "[\"a\"\"b\",\\,)",
                Some((Bound::Included(bound("a\"b")), Bound::Excluded(bound(",")))),
            ),
        ] {
            assert_eq!(parse_range(text), Some(bounds), "{text}");
        }
        for text in ["", "[", "[1,6", "1,6)", "[1;6)", "[1,6)x", "[1,2,3)", "[\"1,6)"] {
            assert_eq!(parse_range(text), None, "{text}");
        }
    }
}
