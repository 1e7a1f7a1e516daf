//! Diagnostics → `compile_error!` at their tokens.

use kontract_schema::diagnostic::{Diagnostic, Location};
use kontract_schema::source::raw::At;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};

/// The errors, each at its place; at `otherwise` if it has none.
pub fn errors<'a>(
    problems: impl IntoIterator<Item = &'a Diagnostic>,
    otherwise: Span,
) -> TokenStream {
    let error = |problem: &Diagnostic| {
        let at = match problem.location {
            Location::Tokens(at) => at,
            _ => otherwise.into(),
        };
        error(at, &problem.to_string())
    };
    problems.into_iter().map(error).collect()
}

/// One error.
pub fn error(at: impl Into<At>, message: &str) -> TokenStream {
    let at = at.into();
    // syn marks from the first to the last token that it is given.
    let ends = [Ident::new("_start", at.start), Ident::new("_end", at.end)];
    syn::Error::new_spanned(TokenStream::from_iter(ends.map(TokenTree::from)), message)
        .into_compile_error()
}
