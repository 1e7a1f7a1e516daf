//! `hstore`: a JSON object whose keys are in order.

use std::collections::BTreeMap;

/// The pairs of an `hstore`; `None` is NULL.
pub type Pairs = BTreeMap<String, Option<String>>;

/// Prints an `hstore` as PostgreSQL does: `"a"=>"1", "b"=>NULL`.
pub fn print_hstore(pairs: &Pairs) -> String {
    let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let pair = |(key, value): (&String, &Option<String>)| {
        let value = value.as_deref().map_or_else(|| "NULL".to_owned(), quote);
        format!("{}=>{value}", quote(key))
    };
    let pairs: Vec<String> = pairs.iter().map(pair).collect();
    pairs.join(", ")
}

/// Reads an `hstore`; `None` if the text is not one. Of two pairs with one key the first counts.
pub fn parse_hstore(text: &str) -> Option<Pairs> {
    let mut pairs = Pairs::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (key, _, after) = parse_word(rest)?;
        let after = after.trim_start().strip_prefix("=>")?.trim_start();
        let (value, is_quoted, after) = parse_word(after)?;
        let is_null = !is_quoted && value.eq_ignore_ascii_case("null");
        pairs.entry(key).or_insert((!is_null).then_some(value));
        rest = after.trim_start();
        if rest.is_empty() {
            break;
        }
        rest = rest.strip_prefix(',')?.trim_start();
    }
    Some(pairs)
}

/// Reads a word with quotes or without them; returns it, whether it has quotes, and what follows it.
fn parse_word(text: &str) -> Option<(String, bool, &str)> {
    let mut word = String::new();
    let (text, is_quoted) = match text.strip_prefix('"') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let mut letters = text.char_indices();
    while let Some((place, letter)) = letters.next() {
        match letter {
            '\\' => word.push(letters.next()?.1),
            '"' if is_quoted => return Some((word, true, &text[place + 1..])),
            ',' | '=' if !is_quoted => return end_word(word, &text[place..]),
            letter if !is_quoted && letter.is_ascii_whitespace() => {
                return end_word(word, &text[place..]);
            }
            letter => word.push(letter),
        }
    }
    if is_quoted { None } else { end_word(word, "") }
}

fn end_word(word: String, rest: &str) -> Option<(String, bool, &str)> {
    (!word.is_empty()).then_some((word, false, rest))
}

/// Returns the stored text of an `hstore`.
pub(super) fn store(text: &str) -> Option<String> {
    serde_json::to_string(&parse_hstore(text)?).ok()
}

/// Returns the text of a stored `hstore`.
pub(super) fn load(stored: &str) -> Option<String> {
    let pairs: Pairs = serde_json::from_str(stored).ok()?;
    Some(print_hstore(&pairs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_hstore() {
        for (text, printed) in [
            ("", ""),
            ("a=>1", "\"a\"=>\"1\""),
            ("b=>NULL, a => \"NULL\"", "\"a\"=>\"NULL\", \"b\"=>NULL"),
            ("\"x\\\"y\\\\\"=>\"\", a=>1,a=>2", "\"a\"=>\"1\", \"x\\\"y\\\\\"=>\"\""),
        ] {
            let pairs = parse_hstore(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(print_hstore(&pairs), printed, "{text}");
            assert_eq!(store(text).and_then(|stored| load(&stored)).as_deref(), Some(printed));
        }
        for text in ["a", "a=>", "=>1", "a=>1 b=>2", "\"a=>1"] {
            assert_eq!(parse_hstore(text), None, "{text}");
        }
    }
}
