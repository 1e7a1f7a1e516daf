//! Places in Rust source.

use std::fmt;

use proc_macro2::Span;

/// A place in the source. All places are equal and print alike, so that two readings of the same
/// source are equal.
#[derive(Clone, Copy)]
pub struct At {
    /// The first token.
    pub start: Span,
    /// The last token.
    pub end: Span,
}

impl At {
    /// From the first to the last of some tokens.
    pub fn tokens(tokens: &impl quote::ToTokens) -> At {
        let mut tokens = tokens.to_token_stream().into_iter();
        let start = tokens.next().map_or_else(Span::call_site, |token| token.span());
        At { start, end: tokens.last().map_or(start, |token| token.span()) }
    }
}

impl From<&At> for At {
    fn from(at: &At) -> At {
        *at
    }
}

impl From<Span> for At {
    fn from(span: Span) -> At {
        At { start: span, end: span }
    }
}

impl PartialEq for At {
    fn eq(&self, _: &At) -> bool {
        true
    }
}

impl fmt::Debug for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}
