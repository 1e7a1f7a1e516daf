//! Questions about token streams that are answered without parsing them.

use proc_macro2::{TokenStream, TokenTree};

/// Deeper nesting than this is refused: it is deeper than any real program, and a recursive parser
/// would overflow its stack.
const DEPTH_LIMIT: usize = 128;

/// Whether the tokens contain one of these identifiers, at any depth.
pub fn mentions(tokens: &TokenStream, words: &[&str]) -> bool {
    let mut open = vec![tokens.clone().into_iter()];
    while let Some(level) = open.last_mut() {
        match level.next() {
            Some(TokenTree::Ident(ident)) if words.iter().any(|word| ident == word) => return true,
            Some(TokenTree::Group(group)) => open.push(group.stream().into_iter()),
            Some(_) => {}
            None => drop(open.pop()),
        }
    }
    false
}

/// Whether the tokens are nested too deeply for a recursive parser.
pub fn is_too_deep(tokens: &TokenStream) -> bool {
    let mut open = vec![(tokens.clone().into_iter(), 0)];
    let mut angles = 0_usize;
    while let Some((level, _)) = open.last_mut() {
        match level.next() {
            Some(TokenTree::Group(group)) => open.push((group.stream().into_iter(), angles)),
            Some(token) if is_punct(&token, '<') || is_punct(&token, '&') => angles += 1,
            Some(token) if is_punct(&token, '>') => angles = angles.saturating_sub(1),
            Some(token) if is_punct(&token, ',') => {
                angles = open.last().map_or(0, |(_, outer)| *outer)
            }
            Some(_) => {}
            None => drop(open.pop()),
        }
        if open.len() + angles > DEPTH_LIMIT {
            return true;
        }
    }
    false
}

/// Whether a token is this punctuation character.
pub fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

/// Whether a token is this identifier or keyword.
pub fn is_ident(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth() {
        let deep = |open: &str, close: &str, n: usize| {
            format!("struct S {{ a: {}u8{} }}", open.repeat(n), close.repeat(n))
        };
        for (open, close) in [("(", ")"), ("Vec<", ">"), ("&", "")] {
            assert!(!is_too_deep(&deep(open, close, 60).parse().expect("tokens")));
            assert!(is_too_deep(&deep(open, close, 100_000).parse().expect("tokens")));
        }
        let wide = format!("struct S {{ {} }}", "a: Vec<u8>, b: &'static str,".repeat(1000));
        assert!(!is_too_deep(&wide.parse().expect("tokens")));
    }
}
