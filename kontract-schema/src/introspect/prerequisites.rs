//! The migration that creates what the tables need before them, for an empty database.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::GeneratedSource;
use crate::catalog::{Prerequisite, PrerequisiteKind, order_prerequisites};
use crate::dialect::{print_missing_extension, print_missing_object, print_missing_schema};

/// A migration file for what tables need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrerequisiteFile {
    /// Its text.
    pub text: String,
    /// What it creates: ``extension `hstore` ``.
    pub creates: Vec<String>,
    /// What no statement can create: an operator class of the user.
    pub left_out: Vec<String>,
}

/// Returns the migration that creates, of these, what the tables of the source need; `None` if they need
/// nothing.
pub fn write_prerequisites(
    all: &[Prerequisite],
    source: &GeneratedSource,
) -> Option<PrerequisiteFile> {
    let tables: Vec<&str> = source.structs.keys().map(String::as_str).collect();
    let natives: Vec<&str> = source.enum_types.iter().map(String::as_str).collect();
    let (mut creates, mut left_out) = (Vec::new(), Vec::new());
    let (mut statements, mut schemas) = (Vec::new(), BTreeSet::new());
    for one in order_prerequisites(all, &tables, &natives) {
        let namespace = one.namespace.as_deref();
        let (word, statement) = match one.kind {
            PrerequisiteKind::Extension => {
                ("extension", Some(print_missing_extension(&one.name, namespace)))
            }
            PrerequisiteKind::Function => ("function", print_object(one)),
            PrerequisiteKind::Type | PrerequisiteKind::Enum => ("type", print_object(one)),
            PrerequisiteKind::Other => ("object", None),
        };
        let name = format!("{word} `{}`", one.name);
        let Some(statement) = statement else {
            left_out.push(name);
            continue;
        };
        if let Some(namespace) = namespace.filter(|name| schemas.insert(*name)) {
            statements.push(print_missing_schema(namespace));
        }
        statements.push(statement);
        creates.push(name);
    }
    if creates.is_empty() && left_out.is_empty() {
        return None;
    }
    let mut text = String::from(
        "-- What the tables need, for an empty database. A database that has it stays as it is.\n\
         -- kontract: before\n\n-- up postgres\n",
    );
    for name in &left_out {
        let _ = writeln!(text, "-- not taken over: {name}: create it here",);
    }
    for statement in statements {
        let _ = writeln!(text, "{statement};");
    }
    // Other objects of the database may use them.
    text.push_str("\n-- up sqlite\n\n-- down postgres\n\n-- down sqlite\n");
    Some(PrerequisiteFile { text, creates, left_out })
}

fn print_object(one: &Prerequisite) -> Option<String> {
    let is_function = one.kind == PrerequisiteKind::Function;
    let definition = one.definition.as_ref()?;
    Some(print_missing_object(is_function, &one.name, definition))
}
