//! Diagnostics → `compile_error!` at the tokens concerned.

use kontract_schema::diagnostic::{Diagnostic, Location};
use proc_macro2::{Span, TokenStream};

/// The errors, each at its place, or at `otherwise`.
pub fn errors<'a>(
    problems: impl IntoIterator<Item = &'a Diagnostic>,
    otherwise: Span,
) -> TokenStream {
    let error = |problem: &Diagnostic| {
        let span = match problem.location {
            Location::Span(span) => span,
            _ => otherwise,
        };
        error(span, &problem.to_string())
    };
    problems.into_iter().map(error).collect()
}

/// One error.
pub fn error(span: Span, message: &str) -> TokenStream {
    syn::Error::new(span, message).into_compile_error()
}
