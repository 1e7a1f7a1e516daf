//! The arguments of `#[table(…)]`.

use syn::{Attribute, LitStr, Meta, Token};

use super::arguments::{name_of, parse_check_arguments, parse_names, wrong};
use super::reference::parse_struct_reference;
use super::{given_twice, index, unknown_argument};
use crate::diagnostic::Diagnostics;
use crate::model::{Layout, PartitionBy};
use crate::source::attributes::Position;
use crate::source::raw::{At, RawTable};

/// Reads `#[table(…)]` into the table. Every wrong argument is reported.
pub fn read_table_arguments(
    attr: &Attribute,
    form: &str,
    table: &mut RawTable,
    problems: &mut Diagnostics,
) -> syn::Result<()> {
    if !matches!(attr.meta, Meta::List(_)) {
        return wrong(&attr.meta, "arguments are missing", form);
    }
    let mut errors: Option<syn::Error> = None;
    let mut seen: Vec<String> = Vec::new();
    let parsed = attr.parse_nested_meta(|meta| {
        let word = name_of(&meta.path);
        let at = At::tokens(&meta.path);
        let known = Position::TableArgument.find_attribute(&word);
        if seen.contains(&word) && known.is_some_and(|known| !known.repeats) {
            problems.push(given_twice(&word, at));
        }
        seen.push(word.clone());
        let mut read = || -> syn::Result<()> {
            match word.as_str() {
                "name" => table.name = Some(value(&meta)?),
                "ptr" => table.ptr = Some(value(&meta)?),
                "comments" => table.comments = true,
                "partition_by" => {
                    let (text, at) = value(&meta)?;
                    let form = known.map_or(form, |known| known.form);
                    let key = PartitionBy::parse(&text).map_err(|why| {
                        syn::Error::new(at.start, format!("{why}\nwrite `#[{form}]`"))
                    })?;
                    table.partition_by = Some((key, at));
                }
                "schema" => table.namespace = Some(value(&meta)?),
                "layout" => {
                    let (text, at) = value(&meta)?;
                    table.layout = match text.as_str() {
                        "document" => Layout::Document,
                        "columns" => Layout::Columns,
                        _ => {
                            let message = format!(
                                "`{text}` is not a layout\nwrite `document` (the default) or `columns`"
                            );
                            return Err(syn::Error::new(at.start, message));
                        }
                    };
                }
                "standalone" => table.standalone = true,
                "external" => table.external = Some(at),
                "keyless" => table.keyless = Some(at),
                "shared" => table.shared = true,
                "primary_key" => {
                    let content;
                    syn::parenthesized!(content in meta.input);
                    table.primary_key = parse_names(&content)?;
                    if table.primary_key.is_empty() {
                        let message = "the fields are missing\nwrite their Rust names: `(a, b)`";
                        return Err(syn::Error::new_spanned(&meta.path, message));
                    }
                }
                "index" | "unique" => {
                    table.indexes.push(index::read_struct_index(&meta, word == "unique", at)?);
                }
                "references" => {
                    let form = known.map_or(form, |known| known.form);
                    table.references.push(parse_struct_reference(&meta, form)?);
                }
                "check" => {
                    let content;
                    syn::parenthesized!(content in meta.input);
                    let form = known.map_or(form, |known| known.form);
                    table.checks.push(parse_check_arguments(&content, form)?);
                }
                "track" | "owned" | "versioned" | "soft_delete" | "deleted_at" | "ordered" => {
                    table.track_at = table.track_at.or(Some(at));
                    let is_chosen = match word.as_str() {
                        "track" => &mut table.track.txid,
                        "owned" => &mut table.track.owner,
                        "versioned" => &mut table.track.version,
                        "soft_delete" => &mut table.track.soft_delete,
                        "deleted_at" => &mut table.track.deleted_at,
                        _ => &mut table.track.order,
                    };
                    *is_chosen = true;
                }
                _ => {
                    let position = Position::TableArgument;
                    return Err(unknown_argument(&meta.path, &word, "table", position));
                }
            }
            Ok(())
        };
        if let Err(error) = read() {
            // Skip to the next argument, so that every error is reported.
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
    // The default layout of an external table is `columns`.
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
