//! Reads the written source as the build script reads it.

use std::path::Path;

use syn::{DeriveInput, Item as Syntax};

use super::source_text::{Part, SourceText};
use crate::diagnostic::{Diagnostic, Location};
use crate::model::Schema;
use crate::source::check::{self, Item, Items};
use crate::source::parse;

/// Returns the schema of the source, and the messages of the build script.
pub(super) fn reread(text: &str) -> (Schema, Vec<Diagnostic>) {
    let file = match syn::parse_file(text) {
        Ok(file) => file,
        Err(error) => {
            let problem = Diagnostic::without_code(error.to_string()).at(error.span());
            return (Schema::default(), vec![problem]);
        }
    };
    let mut items = Items::default();
    let mut problems = Vec::new();
    for syntax in file.items {
        let (input, is_table): (DeriveInput, bool) = match syntax {
            Syntax::Struct(item) => (item.into(), true),
            Syntax::Enum(item) => (item.into(), false),
            _ => continue,
        };
        let found = if is_table {
            parse::parse_table(&input).map(|raw| {
                problems.extend(check::check_struct(&raw));
                items.tables.push(item(raw));
            })
        } else {
            parse::parse_enum(&input).map(|raw| items.enums.push(item(raw)))
        };
        problems.extend(found.err().into_iter().flatten());
    }
    let (checked, found) = check::check_schema("introspect", &items, &Schema::default());
    problems.extend(found);
    (checked.schema, problems)
}

fn item<T>(raw: T) -> Item<T> {
    Item { raw, module: Vec::new(), place: String::new() }
}

/// Returns the part of the source that a message is about: its table and the part.
pub(super) fn find_part<'a>(
    source: &'a SourceText,
    problem: &Diagnostic,
) -> Option<(&'a str, &'a Part)> {
    let problem = problem.clone().in_file(Path::new(""));
    match &problem.location {
        Location::Source { range, .. } if range.line > 0 => {
            source.find_part(range.line, range.column)
        }
        Location::Schema { table, field } => source.find_named(table, field.as_deref()),
        _ => None,
    }
}
