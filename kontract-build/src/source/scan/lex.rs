//! A file's text → tokens, also if the text has a mistake from which rustc recovers.
//!
//! After an unknown escape or a character that is not a token, rustc continues and expands the
//! derives of the file. The scan does so too: it replaces the invalid token by blanks, so that the
//! tables of the file keep their verdicts and rustc's own error is the only one.

use std::borrow::Cow;

use proc_macro2::{Span, TokenStream};

/// The scan gives up after this many mistakes.
const MAX_MISTAKES: usize = 20;

/// Splits a text into tokens. Returns `None` instead of tokens if a mistake ends the file for rustc
/// too, and the position of the first mistake.
pub fn lex_text(text: &str) -> (Option<TokenStream>, Option<Span>) {
    let mut first = None;
    let mut text = Cow::Borrowed(text);
    for _ in 0..MAX_MISTAKES {
        let error = match text.parse::<TokenStream>() {
            Ok(tokens) => return (Some(tokens), first),
            Err(error) => error.span(),
        };
        first = first.or(Some(error));
        // The position is given in lines and characters.
        let start = error.start();
        let line: usize = text.split_inclusive('\n').take(start.line - 1).map(str::len).sum();
        let column = text[line..].chars().take(start.column).map(char::len_utf8).sum::<usize>();
        let Some(end) = invalid_token_len(&text[line + column..]) else { return (None, first) };
        let range = line + column..line + column + end;
        let blank: String =
            text[range.clone()].chars().map(|c| if c == '\n' { c } else { ' ' }).collect();
        text.to_mut().replace_range(range, &blank);
    }
    (None, first)
}

/// Returns the length of the invalid token at the beginning; `None` if rustc does not recover from it.
fn invalid_token_len(text: &str) -> Option<usize> {
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
    fn mistakes_with_recovery() {
        for text in [
            "let a = \"\\q\";",
            "let a = \"é\\\" \\q\"; let b = '\\q';",
            "let ä = ¤; a ` b; a \\ b; “x” 🦀",
            "\"line\n\\q\" 'ab' b\"é\" b'é' c\"\\q\"",
            "0x; 1e; 0b12; \"\\u{110000}\" 0o",
        ] {
            let (tokens, mistake) =
                lex_text(&format!("#[x] struct A; {text}\nstruct B {{ a: u8 }}"));
            let tokens = tokens.expect(text).to_string();
            assert!(tokens.starts_with("# [x] struct A ;"), "{tokens}");
            assert!(tokens.ends_with("struct B { a : u8 }"), "{tokens}");
            assert_eq!(mistake.expect(text).start().line, 1);
        }
        assert!(lex_text("struct A;").1.is_none());
    }

    #[test]
    fn mistakes_without_recovery() {
        for text in ["struct A {", "struct A )", "/* x", "\"x", "r#\"x", &"¤".repeat(1000)] {
            assert!(lex_text(text).0.is_none(), "{text}");
        }
    }
}
