//! The words of `#[table(…)]`.

use syn::{Attribute, LitStr, Meta, Token};

use super::arguments::{names, raw_check, references, span_text, wrong};
use super::index;
use super::suggestion::suggestion;
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::Layout;
use crate::source::raw::{At, RawTable};

/// The arguments of `#[table(…)]`.
pub const TABLE_ARGUMENTS: [&str; 15] = [
    "name",
    "ptr",
    "layout",
    "standalone",
    "external",
    "primary_key",
    "index",
    "unique",
    "check",
    "references",
    "track",
    "owned",
    "versioned",
    "soft_delete",
    "ordered",
];

/// `#[table(…)]`.
pub fn words(
    attr: &Attribute,
    table: &mut RawTable,
    problems: &mut Diagnostics,
) -> syn::Result<()> {
    if !matches!(attr.meta, Meta::List(_)) {
        return wrong(
            &attr.meta,
            "arguments are missing",
            "table(name = \"…\", layout = \"columns\")",
        );
    }
    let mut errors: Option<syn::Error> = None;
    let mut seen: Vec<String> = Vec::new();
    let mut duplicates = Vec::new();
    let parsed = attr.parse_nested_meta(|meta| {
        let word = span_text(&meta.path);
        let at = At::tokens(&meta.path);
        let repeatable = ["index", "unique", "check", "references"].contains(&word.as_str());
        if !repeatable && seen.contains(&word) {
            duplicates.push((word.clone(), at));
        }
        seen.push(word.clone());
        let mut one = || -> syn::Result<()> {
            match word.as_str() {
                "name" => table.name = Some(value(&meta)?),
                "ptr" => table.ptr = Some(value(&meta)?),
                "layout" => {
                    let (text, at) = value(&meta)?;
                    table.layout = match text.as_str() {
                        "document" => Layout::Document,
                        "columns" => Layout::Columns,
                        _ => {
                            let message = "not a layout\n`document` (the default) or `columns`";
                            return Err(syn::Error::new(at.start, message));
                        }
                    };
                }
                "standalone" => table.standalone = true,
                "external" => table.external = Some(at),
                "primary_key" => {
                    let content;
                    syn::parenthesized!(content in meta.input);
                    table.primary_key = names(&content)?;
                    if table.primary_key.is_empty() {
                        let message = "the fields are missing\nwrite their Rust names: `(a, b)`";
                        return Err(syn::Error::new_spanned(&meta.path, message));
                    }
                }
                "index" | "unique" => {
                    table.indexes.push(index::of_struct(&meta, word == "unique", at)?);
                }
                "references" => table.references.push(references(&meta)?),
                "check" => {
                    let content;
                    syn::parenthesized!(content in meta.input);
                    table.checks.push(raw_check(&content)?);
                }
                "track" | "owned" | "versioned" | "soft_delete" | "ordered" => {
                    table.track_at = table.track_at.or(Some(at));
                    let place = match word.as_str() {
                        "track" => &mut table.track.txid,
                        "owned" => &mut table.track.owner,
                        "versioned" => &mut table.track.version,
                        "soft_delete" => &mut table.track.soft_delete,
                        _ => &mut table.track.order,
                    };
                    *place = true;
                }
                _ => {
                    let mut message = format!("`{word}` is not known here");
                    match suggestion(&word, &TABLE_ARGUMENTS) {
                        Some(meant) => message += &format!("\ndid you mean `{meant}`?"),
                        None => {
                            let [others @ .., last] = &TABLE_ARGUMENTS;
                            message += &format!("\nknown are {} and {last}", others.join(", "));
                        }
                    }
                    return Err(syn::Error::new(at.start, message));
                }
            }
            Ok(())
        };
        let result = one();
        if let Err(error) = result {
            // Read on to the next argument, so that every mistake is reported.
            while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
                meta.input.parse::<proc_macro2::TokenTree>()?;
            }
            match &mut errors {
                Some(all) => all.combine(error),
                None => errors = Some(error),
            }
        }
        Ok(())
    });
    for (word, span) in duplicates {
        problems.push(
            Diagnostic::new(code::DUPLICATE_ATTRIBUTE, format!("`{word}` stands here twice"))
                .at(span)
                .help("remove one of them"),
        );
    }
    // The tables of others have columns, unless they say otherwise.
    if table.external.is_some() && !seen.iter().any(|word| word == "layout") {
        table.layout = Layout::Columns;
    }
    match errors {
        Some(errors) => Err(errors),
        None => parsed,
    }
}

fn value(meta: &syn::meta::ParseNestedMeta<'_>) -> syn::Result<(String, At)> {
    let text: LitStr = meta.value()?.parse()?;
    if text.value().is_empty() || text.value().contains('\0') {
        return Err(syn::Error::new(text.span(), "this cannot be a name"));
    }
    Ok((text.value(), text.span().into()))
}
