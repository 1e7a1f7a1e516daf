//! What one derive expands to: read as a golden file, and counted, because every line of it is
//! compiled in every application. `UPDATE_GOLDEN=1` rewrites the files.

use std::collections::BTreeSet;

use kontract_schema::source::attributes::Position;
use syn::parse::Parser;
use syn::punctuated::Punctuated;

use super::*;

fn expanded(source: &str) -> String {
    let input: DeriveInput = syn::parse_str(source).expect("a struct");
    let file = syn::parse2(table(&input)).expect("the expansion is a list of items");
    prettyplease::unparse(&file)
}

fn golden(name: &str, text: &str) {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).expect("the golden file can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(expected == text, "{name} differs; UPDATE_GOLDEN=1 rewrites it:\n{text}");
}

#[test]
fn a_document_of_eight_fields() {
    let text = expanded(
        "#[table(standalone)] pub struct User {
            #[primkey] pub id: String, pub name: String, pub email: String, pub age: f64,
            pub tags: Vec<String>, pub bio: Option<String>, pub admin: bool, pub seen: Timestamp,
        }",
    );
    golden("document.rs", &text);
    assert!(text.lines().count() <= 240, "{} lines", text.lines().count());
}

#[test]
fn columns_of_eight_fields() {
    let text = expanded(
        "#[table(standalone, layout = \"columns\")] pub struct Post {
            #[primkey] pub id: Uuid, #[index] pub author: String, pub title: String,
            #[default(0)] pub likes: i32, pub body: Vec<u8>, pub bio: Option<String>,
            #[created_at] pub created: Timestamp, #[updated_at] pub updated: Timestamp,
        }",
    );
    golden("columns.rs", &text);
    assert!(text.lines().count() <= 240, "{} lines", text.lines().count());
}

/// The `attributes(…)` of each derive in `lib.rs`.
fn declared_attributes() -> Vec<(String, BTreeSet<String>)> {
    let file = syn::parse_file(include_str!("../lib.rs")).expect("Rust");
    let mut found = Vec::new();
    for item in file.items {
        let syn::Item::Fn(function) = item else { continue };
        for attr in function.attrs.iter().filter(|a| a.path().is_ident("proc_macro_derive")) {
            let metas =
                attr.parse_args_with(Punctuated::<syn::Meta, syn::Token![,]>::parse_terminated);
            let mut names = BTreeSet::new();
            let mut derive = String::new();
            for meta in metas.expect("a derive") {
                match meta {
                    syn::Meta::List(list) => {
                        let parser = Punctuated::<Ident, syn::Token![,]>::parse_terminated;
                        let idents = parser.parse2(list.tokens).expect("names");
                        names.extend(idents.iter().map(ToString::to_string));
                    }
                    other => derive = other.path().get_ident().expect("a name").to_string(),
                }
            }
            found.push((derive, names));
        }
    }
    found
}

#[test]
fn the_derives_declare_the_attributes_that_are_read() {
    let declared = declared_attributes();
    let expected = [
        ("Table", &[Position::Table, Position::Field][..]),
        ("Enum", &[Position::Enum, Position::Variant]),
        ("Document", &[]),
        ("Projection", &[Position::Projection, Position::ProjectionField]),
    ];
    for (derive, positions) in expected {
        // Aliases are declared so that our error is the only one.
        let attributes = positions.iter().flat_map(|position| position.attributes());
        let names: BTreeSet<String> = attributes
            .flat_map(|known| [known.name].into_iter().chain(known.aliases.iter().copied()))
            .map(str::to_owned)
            .collect();
        let found = declared.iter().find(|(name, _)| name == derive);
        assert_eq!(found.map(|(_, names)| names), Some(&names), "{derive}");
    }
}
