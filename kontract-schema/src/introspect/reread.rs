//! Reads the written source as the build script reads it.

use syn::{DeriveInput, Item as Syntax};

use crate::model::Schema;
use crate::source::check::{self, Item, Items};
use crate::source::parse;

/// Returns the schema of the text.
///
/// # Errors
/// The messages of the build script.
pub fn reread(package: &str, text: &str) -> Result<Schema, Vec<String>> {
    let file = syn::parse_file(text).map_err(|error| vec![error.to_string()])?;
    let mut items = Items::default();
    let mut problems = Vec::new();
    for syntax in file.items {
        let (input, is_table): (DeriveInput, bool) = match syntax {
            Syntax::Struct(item) => (item.into(), true),
            Syntax::Enum(item) => (item.into(), false),
            _ => continue,
        };
        let found = if is_table {
            parse::parse_table(&input).and_then(|raw| {
                check::check_struct(&raw).or(())?;
                items.tables.push(item(raw));
                Ok(())
            })
        } else {
            parse::parse_enum(&input).map(|raw| items.enums.push(item(raw)))
        };
        if let Err(found) = found {
            problems.extend(found.into_iter().map(|problem| problem.message));
        }
    }
    let (schema, found) = check::check_schema(package, &items, &Schema::default());
    problems.extend(found.into_iter().map(|problem| problem.message));
    if problems.is_empty() { Ok(schema) } else { Err(problems) }
}

fn item<T>(raw: T) -> Item<T> {
    Item { raw, module: Vec::new(), place: String::new() }
}
