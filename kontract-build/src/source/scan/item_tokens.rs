//! Tokens of a module → its items, as far as a scan needs them.
//!
//! Only modules, structs, enums, unions and `use` declarations are kept. Everything else is skipped
//! without being parsed: function bodies are the larger part of every file and cannot declare a
//! table.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};

use crate::source::tokens::{is_ident, is_punct};

/// An item that matters to the scan.
pub struct ItemTokens {
    /// What it is.
    pub kind: ItemKind,
    /// The tokens of its attributes.
    pub attrs: TokenStream,
    /// The tokens of its visibility.
    pub vis: TokenStream,
    /// Its keyword and what follows, to the end.
    pub rest: TokenStream,
    /// The position of its keyword.
    pub span: Span,
}

/// The kinds of items that matter.
pub enum ItemKind {
    /// `mod name;` or `mod name { … }`.
    Module(Ident, Option<Group>),
    /// A struct, enum or union.
    Type,
    /// A `use` declaration.
    Use,
}

/// Splits the tokens of a module. Returns the tokens of its own `#![…]` attributes, turned into
/// `#[…]`, and its items.
pub fn split_items(tokens: TokenStream) -> (TokenStream, Vec<ItemTokens>) {
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
            let inside = is_use || (is_type && count_open_angles(&rest) > 0);
            ended = is_punct(&token, ';') || (!inside && is_end(&token));
            rest.push(token);
        }
        let kind = match &rest[..] {
            [_, TokenTree::Ident(name), end] if is_module => {
                ItemKind::Module(name.clone(), group(end, Delimiter::Brace).cloned())
            }
            _ if is_type => ItemKind::Type,
            _ if is_use => ItemKind::Use,
            _ => continue,
        };
        let [attrs, vis, rest] = [attrs, vis, rest].map(TokenStream::from_iter);
        items.push(ItemTokens { kind, attrs, vis, rest, span });
    }
    (inner.into_iter().collect(), items)
}

/// Counts the `<` that are open in the head of a struct.
fn count_open_angles(tokens: &[TokenTree]) -> i32 {
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
        let (_, items) = split_items(text.parse().expect("tokens"));
        items.iter().map(|item| item.rest.to_string()).collect()
    }

    #[test]
    fn only_relevant_items_are_kept() {
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
}
