//! What one derive expands to: read as a golden file, and counted, because every line of it is
//! compiled in every application. `UPDATE_GOLDEN=1` rewrites the files.

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
    assert!(expected == text, "{name} differs; UPDATE_GOLDEN=1 writes it anew:\n{text}");
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
