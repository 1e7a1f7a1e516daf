//! Kontract's derives in attributes and `use` declarations.

use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Path, Token, UseTree};

use super::tokens::mentions;

/// Kontract's derives that declare tables and types for their fields.
pub const DERIVES: [&str; 4] = ["Table", "Enum", "Document", "Value"];

/// Finds the derives of Kontract in attributes. Names in `foreign` were imported from another crate.
/// With `inside_cfg_attr`, also those that a `cfg_attr` may add.
pub fn find_derives(
    attrs: &[Attribute],
    foreign: &[String],
    inside_cfg_attr: bool,
) -> Vec<&'static str> {
    let is_foreign = |name: &str| foreign.iter().any(|foreign| foreign == name);
    let mut found = Vec::new();
    for attr in attrs {
        if inside_cfg_attr
            && attr.path().is_ident("cfg_attr")
            && let Meta::List(list) = &attr.meta
        {
            found.extend(
                DERIVES.iter().filter(|name| mentions(&list.tokens, &[name]) && !is_foreign(name)),
            );
        }
        if !attr.path().is_ident("derive") {
            continue;
        }
        let Ok(paths) = attr.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
        else {
            continue;
        };
        for path in paths {
            let is_ours = match path.get_ident() {
                Some(name) => !is_foreign(&name.to_string()),
                None => path.segments.first().is_some_and(|first| first.ident == "kontract"),
            };
            let last = path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
            found.extend(DERIVES.iter().filter(|name| is_ours && **name == last));
        }
    }
    found
}

/// Adds the names of derives that a `use` declaration imports from another crate. `first` is the
/// first segment of the path so far.
pub fn find_foreign_derives(tree: &UseTree, first: Option<&str>, found: &mut Vec<String>) {
    let name = match tree {
        UseTree::Path(path) => {
            let ident = path.ident.to_string();
            return find_foreign_derives(&path.tree, first.or(Some(&ident)), found);
        }
        UseTree::Group(group) => {
            return group.items.iter().for_each(|tree| find_foreign_derives(tree, first, found));
        }
        UseTree::Name(name) => &name.ident,
        UseTree::Rename(rename) => &rename.rename,
        UseTree::Glob(_) => return,
    };
    let is_ours = matches!(first, None | Some("kontract" | "crate" | "self" | "super"));
    // Other crates have types, not derives, of the name `Value`.
    if !is_ours && name != "Value" && DERIVES.iter().any(|derive| name == derive) {
        found.push(name.to_string());
    }
}
