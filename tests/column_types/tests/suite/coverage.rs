//! Whether the table has every type of the product: the Rust types of the reference page, and the column
//! types of PostgreSQL that have rules of their own.

use std::collections::BTreeSet;

use kontract_schema::model::SqlType;

use super::cells::Table;

/// The page that lists the types of fields.
const PAGE: &str = include_str!("../../../../src/reference/types.rs");
/// The list of column types.
const KINDS: &str = include_str!("../../../../kontract-schema/src/model/sql_type.rs");

/// An alias of `chrono::TimeDelta`.
const ALIASES: [&str; 1] = ["chrono::Duration"];

/// Returns the types that have no row.
pub fn find_missing(table: &Table) -> Vec<String> {
    let types = find_rust_types().into_iter().filter(|ty| !has_type(table, ty));
    let types: Vec<String> = types.map(|ty| format!("the type `{ty}`")).collect();
    let tested = find_tested_kinds(table);
    let kinds = find_kinds().into_iter().filter(|kind| !tested.contains(kind));
    types.into_iter().chain(kinds.map(|kind| format!("the column type `{kind}`"))).collect()
}

/// The Rust types of the page, with the names of its examples.
fn find_rust_types() -> Vec<&'static str> {
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    // The first code begins behind the prefix.
    let codes = cells.flat_map(|cell| cell.split('`').step_by(2));
    let types = codes.filter(|code| !code.starts_with('#') && !code.starts_with("struct"));
    types.filter(|code| !ALIASES.contains(code)).collect()
}

/// Whether a type has a row, or as a list a cell in the row of its elements.
fn has_type(table: &Table, ty: &str) -> bool {
    let is_of = |name: &str| {
        name == format!("`{ty}`")
            || name.starts_with(&format!("`{ty}`, with"))
            || name.starts_with(&format!("`{ty}("))
    };
    let element = ty.strip_prefix("Vec<").and_then(|rest| rest.strip_suffix('>'));
    table.names().any(is_of)
        || element.is_some_and(|element| has_type(table, element) && table.has_lists(element))
}

/// The variants of the list of column types.
fn find_kinds() -> BTreeSet<&'static str> {
    let (_, list) = KINDS.split_once("pub enum SqlKind {").expect("the list");
    let (list, _) = list.split_once("\n}").expect("its end");
    let variants = list.lines().filter_map(|line| line.strip_prefix("    "));
    let names = variants.filter(|line| line.starts_with(char::is_uppercase));
    let names = names.filter_map(|line| line.split(['(', ' ', ',']).next());
    names.filter(|name| *name != "Array").collect()
}

/// The variants that rows have: the type that is named, or that of the page.
fn find_tested_kinds(table: &Table) -> BTreeSet<&'static str> {
    let named = table.names().filter_map(|name| name.split_once("` as ")).map(|(_, ty)| ty);
    let rows = PAGE.lines().filter_map(|line| line.strip_prefix("//! | `"));
    let implied = rows.filter_map(|row| row.split(" | ").nth(2));
    let all = named.chain(implied);
    let kinds = all.map(|ty| SqlType::from_text(ty.trim_matches('`')));
    let debugs = kinds.map(|ty| format!("{:?}", ty.kind().innermost()));
    let debugs: Vec<String> = debugs.collect();
    let is_tested =
        |kind: &&str| debugs.iter().any(|text| text.split(['(', ' ']).next() == Some(kind));
    find_kinds().into_iter().filter(is_tested).collect()
}
