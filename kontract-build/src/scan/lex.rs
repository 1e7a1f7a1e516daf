//! A file's text → tokens, also where the text has a mistake that rustc survives.
//!
//! After an escape that is none, or a character that means nothing, rustc goes on and expands the
//! derives of the file. The scan goes on likewise: what cannot be read is blanked, so that the
//! tables of the file keep their verdicts and rustc's own error is the only one.

use std::borrow::Cow;

use proc_macro2::{Span, TokenStream};

/// More mistakes than these are not worth the time.
const MISTAKES: usize = 20;

/// The tokens, as far as they can be read, and where the first mistake is.
pub fn lex(text: &str) -> (Option<TokenStream>, Option<Span>) {
    let mut first = None;
    let mut text = Cow::Borrowed(text);
    for _ in 0..MISTAKES {
        let error = match text.parse::<TokenStream>() {
            Ok(tokens) => return (Some(tokens), first),
            Err(error) => error.span(),
        };
        first = first.or(Some(error));
        // The place is told in lines and characters.
        let start = error.start();
        let line: usize = text.split_inclusive('\n').take(start.line - 1).map(str::len).sum();
        let column = text[line..].chars().take(start.column).map(char::len_utf8).sum::<usize>();
        let Some(end) = mistake(&text[line + column..]) else { return (None, first) };
        let range = line + column..line + column + end;
        let blank: String =
            text[range.clone()].chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
        text.to_mut().replace_range(range, &blank);
    }
    (None, first)
}

/// The length of the token at the beginning that is a mistake; none where rustc ends there, too.
fn mistake(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let literal = text.trim_start_matches(['b', 'c']);
    let prefix = text.len() - literal.len();
    match literal.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let mut escaped = false;
            let end = literal[1..].find(|c| {
                let ends = c == quote && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            end.map(|end| prefix + 1 + end + 1)
        }
        _ if first.is_ascii_digit() => {
            text.find(|c: char| !c.is_alphanumeric() && c != '_').or(Some(text.len()))
        }
        _ if "(){}[]/".contains(first) => None,
        _ => Some(first.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_that_rustc_survives() {
        for text in [
            "let a = \"\\q\";",
            "let a = \"é\\\" \\q\"; let b = '\\q';",
            "let ä = ¤; a ` b; a \\ b; “x” 🦀",
            "\"line\n\\q\" 'ab' b\"é\" b'é' c\"\\q\"",
            "0x; 1e; 0b12; \"\\u{110000}\" 0o",
        ] {
            let (tokens, mistake) = lex(&format!("#[x] struct A; {text}\nstruct B {{ a: u8 }}"));
            let tokens = tokens.expect(text).to_string();
            assert!(tokens.starts_with("# [x] struct A ;"), "{tokens}");
            assert!(tokens.ends_with("struct B { a : u8 }"), "{tokens}");
            assert_eq!(mistake.expect(text).start().line, 1);
        }
        assert!(lex("struct A;").1.is_none());
    }

    #[test]
    fn mistakes_that_end_it() {
        for text in ["struct A {", "struct A )", "/* x", "\"x", "r#\"x", &"¤".repeat(1000)] {
            assert!(lex(text).0.is_none(), "{text}");
        }
    }
}
