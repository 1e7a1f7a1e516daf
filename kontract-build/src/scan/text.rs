//! What the text of a file shows without being parsed.

use super::DERIVES;

/// The text without byte order mark and `#!` line; places stay the same.
pub fn body(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => {
            text.find('\n').map_or("", |end| &text[end..])
        }
        _ => text,
    }
}

/// A hash of a text that declares modules or derives one of ours; `None` for any other.
pub fn interest(text: &str) -> Option<u64> {
    let derives = text.contains("derive") && DERIVES.iter().any(|name| text.contains(name));
    (derives || declares_modules(text)).then(|| crate::stamp::quick_hash(text.as_bytes()))
}

/// Whether `mod name;` stands somewhere (in a comment, too: then the file is parsed for nothing).
fn declares_modules(text: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices("mod").any(|(at, word)| {
        let rest = &text[at + word.len()..];
        let name = rest.trim_start();
        let end = name.strip_prefix("r#").unwrap_or(name).trim_start_matches(part_of_word);
        // A comment may stand between the words.
        !text[..at].ends_with(part_of_word)
            && !rest.starts_with(part_of_word)
            && end.trim_start().starts_with([';', '/'])
    })
}
