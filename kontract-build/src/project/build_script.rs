//! Reads the paths that a build script passes to the [`Builder`].
//!
//! `Builder::new().root("…").migrations("…").lock("…").compile()` is understood if it is one
//! expression with literals. Anything else is an error, because only running it would show the paths.

use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::builder::Builder;

/// Reads the builder in a build script.
///
/// # Errors
/// The file cannot be read, or its paths cannot be determined.
pub fn read_builder(path: &Path) -> Result<Builder, Box<Diagnostic>> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| refused(path, &format!("it cannot be read: {error}")))?;
    parse_builder(&text).map_err(|why| refused(path, why))
}

fn refused(path: &Path, why: &str) -> Box<Diagnostic> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Box::new(
        Diagnostic::new(
            code::UNREADABLE_SOURCE,
            format!("the paths in {name} cannot be determined: {why}"),
        )
        .help(
            "write it as one expression with literals: \
             `kontract_build::Builder::new().lock(\"db/kontract.lock.json\").compile()`",
        ),
    )
}

fn parse_builder(text: &str) -> Result<Builder, &'static str> {
    if !(text.contains("kontract_build") && text.contains("Builder")) {
        return Ok(Builder::new());
    }
    let tokens: TokenStream = text.parse().map_err(|_| "it is not valid Rust")?;
    let mut found = Vec::new();
    find_chains(tokens, &mut found);
    let mut builders = found.into_iter();
    match (builders.next(), builders.next()) {
        (None, _) => Ok(Builder::new()),
        (Some(builder), None) => builder,
        (Some(_), Some(_)) => Err("it has more than one `Builder`"),
    }
}

/// Collects the method chains that begin with `Builder::new()`.
fn find_chains(tokens: TokenStream, found: &mut Vec<Result<Builder, &'static str>>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        if let TokenTree::Group(group) = token {
            find_chains(group.stream(), found);
        }
        // `Builder :: new ( )`, with the path of Kontract or imported.
        let [_, colon, other, name, arguments, rest @ ..] = &tokens[index..] else { continue };
        let begins = is(token, "Builder")
            && is(colon, ":")
            && is(other, ":")
            && (is(name, "new") || is(name, "default"))
            && parenthesized(arguments).is_some();
        if begins && !is_foreign(&tokens[..index]) {
            found.push(parse_chain(rest));
        }
    }
}

/// Whether the path before `Builder` names another crate.
fn is_foreign(before: &[TokenTree]) -> bool {
    match before {
        [.., krate, colon, other] if is(colon, ":") && is(other, ":") => {
            !is(krate, "kontract_build")
        }
        _ => false,
    }
}

/// Parses `.root("…") … .compile()`.
fn parse_chain(mut rest: &[TokenTree]) -> Result<Builder, &'static str> {
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
            .map_err(|_| "a path in it is not a literal")?
            .value();
        builder = match method.to_string().as_str() {
            "root" => builder.root(path),
            "migrations" => builder.migrations(path),
            "lock" => builder.lock(path),
            _ => return Err("it calls an unknown method"),
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
    fn build_scripts_are_parsed_or_refused() {
        let shown = |text: &str| match parse_builder(text) {
            Ok(builder) => format!(
                "{:?} {:?} {:?}",
                builder.extra_roots(),
                builder.migrations_dir(),
                builder.lock_file()
            ),
            Err(why) => why.to_owned(),
        };
        let usual = "[] \"migrations\" \"kontract.lock.json\"";
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
            "[\"a.rs\", \"b.rs\"] \"m\" \"l\""
        );
        let text = "fn main() { kontract_build::Builder::new().lock(path()).compile(); }";
        assert_eq!(shown(text), "a path in it is not a literal");
        let text = "fn main() { let b = kontract_build::Builder::new(); b.lock(\"l\").compile(); }";
        assert_eq!(
            shown(text),
            "its `Builder` does not end with `.compile()` in the same expression"
        );
    }
}
