//! The text of a build script → the places that it names.
//!
//! `Builder::new().root("…").migrations("…").lock("…").compile()` is followed where it stands in one
//! expression with literals. Anything else would have to be run to be known, and is refused.

use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::Builder;

/// The builder that the build script makes.
///
/// # Errors
/// It cannot be read or followed.
pub fn builder(path: &Path) -> Result<Builder, Box<Diagnostic>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| refused(path, &format!("it cannot be read: {error}")))?;
    of_text(&text).map_err(|why| refused(path, why))
}

fn refused(path: &Path, why: &str) -> Box<Diagnostic> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Box::new(
        Diagnostic::new(
            code::UNREADABLE_SOURCE,
            format!("{name} does not say which files are Kontract's: {why}"),
        )
        .help(
            "write it as one expression with literals: \
             `kontract_build::Builder::new().lock(\"db/kontract.lock.json\").compile()`",
        ),
    )
}

fn of_text(text: &str) -> Result<Builder, &'static str> {
    if !(text.contains("kontract_build") && text.contains("Builder")) {
        return Ok(Builder::new());
    }
    let tokens: TokenStream = text.parse().map_err(|_| "it is not Rust")?;
    let mut found = Vec::new();
    walk(tokens, &mut found);
    let mut builders = found.into_iter();
    match (builders.next(), builders.next()) {
        (None, _) => Ok(Builder::new()),
        (Some(builder), None) => builder,
        (Some(_), Some(_)) => Err("it has more than one `Builder`"),
    }
}

/// Collects the chains that begin with `Builder::new()`.
fn walk(tokens: TokenStream, found: &mut Vec<Result<Builder, &'static str>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            walk(group.stream(), found);
        }
        // `Builder :: new ( )`, of ours or imported.
        let [_, colon, other, name, arguments, rest @ ..] = &tokens[index..] else { continue };
        let begins = is(token, "Builder")
            && is(colon, ":")
            && is(other, ":")
            && (is(name, "new") || is(name, "default"))
            && parenthesized(arguments).is_some();
        if begins && !is_foreign(&tokens[..index]) {
            found.push(chain(rest));
        }
    }
}

/// Whether a path before `Builder` leads elsewhere.
fn is_foreign(before: &[TokenTree]) -> bool {
    match before {
        [.., krate, colon, other] if is(colon, ":") && is(other, ":") => {
            !is(krate, "kontract_build")
        }
        _ => false,
    }
}

/// `.root("…") … .compile()`
fn chain(mut rest: &[TokenTree]) -> Result<Builder, &'static str> {
    const NOT_ENDED: &str = "its `Builder` does not end with `.compile()` in the same expression";
    let mut builder = Builder::new();
    loop {
        let [dot, method, arguments, after @ ..] = rest else { return Err(NOT_ENDED) };
        let Some(arguments) = parenthesized(arguments).filter(|_| is(dot, ".")) else {
            return Err(NOT_ENDED);
        };
        if is(method, "compile") {
            return Ok(builder);
        }
        let path = syn::parse2::<syn::LitStr>(arguments.stream())
            .map_err(|_| "a path in it is no literal")?
            .value();
        builder = match method.to_string().as_str() {
            "root" => builder.root(path),
            "migrations" => builder.migrations(path),
            "lock" => builder.lock(path),
            _ => return Err("it calls a method that is not known"),
        };
        rest = after;
    }
}

fn is(token: &TokenTree, text: &str) -> bool {
    token.to_string() == text
}

fn parenthesized(token: &TokenTree) -> Option<&Group> {
    match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis => Some(group),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn followed_or_refused() {
        let shown = |text: &str| match of_text(text) {
            Ok(Builder { roots, migrations, lock }) => {
                format!("{roots:?} {migrations:?} {lock:?}")
            }
            Err(why) => why.to_owned(),
        };
        let usual = "[] None None";
        assert_eq!(shown("fn main() { kontract_build::compile(); }"), usual);
        assert_eq!(
            shown("fn main() { tonic_build::Builder::new().root(x); kontract_build::compile(); }"),
            usual
        );
        assert_eq!(
            shown(
                "use kontract_build::Builder; fn main() { if true { \
                 Builder::new().root(\"a.rs\").root(\"b.rs\").migrations(\"m\").lock(\"l\").compile() } }"
            ),
            "[\"a.rs\", \"b.rs\"] Some(\"m\") Some(\"l\")"
        );
        let text = "fn main() { kontract_build::Builder::new().lock(path()).compile(); }";
        assert_eq!(shown(text), "a path in it is no literal");
        let text = "fn main() { let b = kontract_build::Builder::new(); b.lock(\"l\").compile(); }";
        assert_eq!(
            shown(text),
            "its `Builder` does not end with `.compile()` in the same expression"
        );
    }
}
