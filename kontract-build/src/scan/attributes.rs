//! Attributes of items: which of our derives they name, which path of a module.

use proc_macro2::TokenStream;
use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token, UseTree};

use super::{DERIVES, items};

/// Attributes from their tokens.
pub fn parse_attributes(tokens: TokenStream) -> syn::Result<Vec<Attribute>> {
    Attribute::parse_outer.parse2(tokens)
}

/// The path of `#[path = "…"]`.
pub fn path_attribute(attrs: &[Attribute]) -> Option<String> {
    attrs.iter().find(|attr| attr.path().is_ident("path")).and_then(|attr| match &attr.meta {
        Meta::NameValue(pair) => match &pair.value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    })
}

/// Which of our derives the attributes name; with `anywhere`, also inside `cfg_attr`.
pub fn derives(attrs: &[Attribute], foreign: &[String], anywhere: bool) -> Vec<&'static str> {
    let mut found = Vec::new();
    for attr in attrs {
        if anywhere && attr.path().is_ident("cfg_attr") {
            let words = |name: &&&str| match &attr.meta {
                Meta::List(list) => items::mentions(&list.tokens, &[name]),
                _ => false,
            };
            found.extend(
                DERIVES.iter().filter(words).filter(|name| !foreign.iter().any(|f| f == **name)),
            );
        }
        if !attr.path().is_ident("derive") {
            continue;
        }
        let Ok(paths) = attr.parse_args_with(Punctuated::<syn::Path, Token![,]>::parse_terminated)
        else {
            continue;
        };
        for path in paths {
            let ours = match path.get_ident() {
                Some(name) => !foreign.iter().any(|foreign| name == foreign),
                None => path.segments.first().is_some_and(|first| first.ident == "kontract"),
            };
            let last = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            found.extend(DERIVES.iter().filter(|name| ours && **name == last));
        }
    }
    found
}

/// The names of our derives that a `use` declaration takes from another crate.
pub fn foreign_derives(tree: &UseTree, first: Option<&str>, found: &mut Vec<String>) {
    let name = match tree {
        UseTree::Path(path) => {
            let ident = path.ident.to_string();
            return foreign_derives(&path.tree, first.or(Some(&ident)), found);
        }
        UseTree::Group(group) => {
            return group.items.iter().for_each(|tree| foreign_derives(tree, first, found));
        }
        UseTree::Name(name) => &name.ident,
        UseTree::Rename(rename) => &rename.rename,
        UseTree::Glob(_) => return,
    };
    let ours = matches!(first, None | Some("kontract" | "crate" | "self" | "super"));
    if !ours && DERIVES.iter().any(|derive| name == derive) {
        found.push(name.to_string());
    }
}
