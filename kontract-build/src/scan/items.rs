//! Tokens of a module → its items, as far as a scan needs them.
//!
//! Function bodies and everything else that is no module, struct, enum, union or `use` are passed
//! over as they are, never parsed: that is the larger part of every file, and it cannot declare a
//! table.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

/// An item that matters to the scan.
pub struct Item {
    /// What it is.
    pub kind: Kind,
    /// The tokens of its attributes.
    pub attrs: TokenStream,
    /// The tokens of its visibility.
    pub vis: TokenStream,
    /// Its keyword and what follows, to the end.
    pub rest: TokenStream,
    /// Where its keyword stands.
    pub span: Span,
}

/// The kinds of items that matter.
pub enum Kind {
    /// `mod name;` or `mod name { … }`.
    Module(Ident, Option<Group>),
    /// A struct, enum or union.
    Type,
    /// A `use` declaration.
    Use,
}

/// The items of a module, and the tokens of its own `#![…]` attributes (turned into `#[…]`).
pub fn split(tokens: TokenStream) -> (TokenStream, Vec<Item>) {
    let mut inner = Vec::new();
    let mut items = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while tokens.peek().is_some() {
        let mut attrs = Vec::new();
        while let Some(hash) = tokens.next_if(|token| is_punct(token, '#')) {
            if tokens.next_if(|token| is_punct(token, '!')).is_some() {
                inner.push(hash);
                inner.extend(tokens.next());
            } else {
                attrs.push(hash);
                attrs.extend(tokens.next());
            }
        }
        let mut vis = Vec::new();
        if let Some(public) = tokens.next_if(|token| is_ident(token, "pub")) {
            vis.push(public);
            vis.extend(tokens.next_if(|token| group(token, Delimiter::Parenthesis).is_some()));
        }
        let Some(keyword) = tokens.next() else { break };
        let span = keyword.span();
        let is_type = ["struct", "enum", "union"].iter().any(|word| is_ident(&keyword, word))
            && matches!(tokens.peek(), Some(TokenTree::Ident(_)));
        let is_use = is_ident(&keyword, "use");
        let is_module = is_ident(&keyword, "mod");
        let mut ended = is_end(&keyword);
        let mut rest = vec![keyword];
        while !ended && let Some(token) = tokens.next() {
            // The braces of `use a::{b};` and those in generic arguments do not end an item.
            let inside = is_use || (is_type && angles(&rest) > 0);
            ended = is_punct(&token, ';') || (!inside && is_end(&token));
            rest.push(token);
        }
        let kind = match &rest[..] {
            [_, TokenTree::Ident(name), end] if is_module => {
                Kind::Module(name.clone(), group(end, Delimiter::Brace).cloned())
            }
            _ if is_type => Kind::Type,
            _ if is_use => Kind::Use,
            _ => continue,
        };
        let [attrs, vis, rest] = [attrs, vis, rest].map(TokenStream::from_iter);
        items.push(Item { kind, attrs, vis, rest, span });
    }
    (inner.into_iter().collect(), items)
}

/// Whether one of these words stands somewhere in the tokens.
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

/// Whether the tokens are nested deeper than any sane program, and deeper than a recursive parser
/// can follow.
pub fn too_deep(tokens: &TokenStream) -> bool {
    const LIMIT: usize = 128;
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
        if open.len() + angles > LIMIT {
            return true;
        }
    }
    false
}

/// How many `<` are open, in the head of a struct.
fn angles(tokens: &[TokenTree]) -> i32 {
    let mut open = 0;
    for (i, token) in tokens.iter().enumerate() {
        let arrow = i > 0 && (is_punct(&tokens[i - 1], '-') || is_punct(&tokens[i - 1], '='));
        open += i32::from(is_punct(token, '<')) - i32::from(is_punct(token, '>') && !arrow);
    }
    open
}

fn is_end(token: &TokenTree) -> bool {
    is_punct(token, ';') || group(token, Delimiter::Brace).is_some()
}

fn is_punct(token: &TokenTree, c: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == c)
}

fn is_ident(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == word)
}

fn group(token: &TokenTree, delimiter: Delimiter) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == delimiter => Some(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<String> {
        let (_, items) = split(text.parse().expect("tokens"));
        items.iter().map(|item| item.rest.to_string()).collect()
    }

    #[test]
    fn only_what_matters() {
        let text = "
            #![allow(dead_code)]
            use a::{b, c as d};
            const X: [u8; 3] = { struct Hidden; [1, 2, 3] };
            static Y: fn() = || { };
            fn f<const N: usize>() -> [u8; { 3 }] { struct Hidden { a: u8 } mod no {} }
            impl A<{ N }> for B { }
            macro_rules! m { () => { struct Hidden { a: u8 } } }
            m!(struct Hidden;);
            cfg_if! { mod hidden; }
            pub(crate) struct A<T = [u8; { 3 }], const N: usize = { 4 }> where T: Fn() -> u8 { a: T }
            struct Tuple(u8) where u8: Copy;
            pub mod r#type;
            mod inline { struct C; }
            union U { a: u8 }
            enum E { A, B }
            let union = 3;
        ";
        assert_eq!(
            kinds(text),
            [
                "use a :: { b , c as d } ;",
                "struct A < T = [u8 ; { 3 }] , const N : usize = { 4 } > where T : Fn () -> u8 { a : T }",
                "struct Tuple (u8) where u8 : Copy ;",
                "mod r#type ;",
                "mod inline { struct C ; }",
                "union U { a : u8 }",
                "enum E { A , B }",
            ]
        );
    }

    #[test]
    fn depth() {
        let deep = |open: &str, close: &str, n: usize| {
            format!("struct S {{ a: {}u8{} }}", open.repeat(n), close.repeat(n))
        };
        for (open, close) in [("(", ")"), ("Vec<", ">"), ("&", "")] {
            assert!(!too_deep(&deep(open, close, 60).parse().expect("tokens")));
            assert!(too_deep(&deep(open, close, 100_000).parse().expect("tokens")));
        }
        let wide = format!("struct S {{ {} }}", "a: Vec<u8>, b: &'static str,".repeat(1000));
        assert!(!too_deep(&wide.parse().expect("tokens")));
    }
}
