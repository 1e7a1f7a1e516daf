//! Statements of PostgreSQL that create what tables need where it is missing, so that a database that has it
//! stays as it is.

use super::Dialect;

const HERE: Dialect = Dialect::Postgres;

/// Prints the statement that creates a schema.
pub(crate) fn print_missing_schema(name: &str) -> String {
    format!("CREATE SCHEMA IF NOT EXISTS {}", HERE.ident(name))
}

/// Prints the statement that creates an extension, whose name is as SQL writes it, in this schema.
pub(crate) fn print_missing_extension(name: &str, namespace: Option<&str>) -> String {
    let place = namespace.map(|namespace| format!(" WITH SCHEMA {}", HERE.ident(namespace)));
    format!("CREATE EXTENSION IF NOT EXISTS {name}{}", place.unwrap_or_default())
}

/// Prints the statement that creates a function or a type by its definition.
pub(crate) fn print_missing_object(is_function: bool, name: &str, definition: &str) -> String {
    // A function may name tables, which are created later.
    let (find, before) = if is_function {
        ("to_regprocedure", "    SET LOCAL check_function_bodies = off;\n")
    } else {
        ("to_regtype", "")
    };
    let definition = definition.trim();
    let (outer, inner) = (find_tag("create", definition), find_tag("definition", definition));
    format!(
        "DO {outer} BEGIN\n  IF {find}({}) IS NULL THEN\n{before}    EXECUTE {inner}\n{definition}\n{inner};\n  END IF;\n\
         END {outer}",
        HERE.literal(name)
    )
}

/// Returns a tag for a quoted text that the text does not contain.
fn find_tag(word: &str, text: &str) -> String {
    let mut tag = format!("${word}$");
    while text.contains(&tag) {
        tag.insert(tag.len() - 1, '_');
    }
    tag
}
