//! Writes Rust structs for the tables of a live database.
//!
//! It takes a catalogue and returns source text as rustfmt formats it. What a struct cannot express
//! becomes a comment with the reason, `// not taken over: …`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use self::rust::RustNames;
use self::table::TableSource;
use crate::catalog::{ALWAYS, Catalog, LiveTable, TRACKING};
use crate::name;

mod constraint;
mod default;
mod index;
#[cfg(feature = "parse")]
mod reread;
mod rust;
mod table;
mod types;

#[cfg(feature = "parse")]
pub use reread::reread;

/// Rust source.
#[derive(Clone, Debug, Default)]
pub struct GeneratedSource {
    /// The text.
    pub text: String,
    /// The features of Kontract that it uses.
    pub features: BTreeSet<&'static str>,
    /// The items that were not taken over: table and reason.
    pub left_out: Vec<(String, String)>,
    /// The number of its tables.
    pub tables: usize,
}

/// Returns the source for these tables of a catalogue; for all tables if `only` is empty.
pub fn generate_source(catalog: &Catalog, only: &[String]) -> GeneratedSource {
    let mut source = GeneratedSource::default();
    let mut wanted: Vec<(&String, &LiveTable)> = Vec::new();
    for (name, table) in &catalog.tables {
        let chosen = only.is_empty() || only.contains(name);
        if !chosen || name.starts_with("_kontract") {
            continue;
        }
        let tracking = TRACKING.iter().find(|(tracking, _)| tracking == name);
        let reason = match tracking {
            Some((_, tool)) if only.is_empty() => Some(format!("it is the history of {tool}")),
            _ => cannot_be_a_table(catalog, name, table),
        };
        match reason {
            Some(reason) => source.left_out.push((name.clone(), format!("the table: {reason}"))),
            None => wanted.push((name, table)),
        }
    }
    let names = RustNames::new(wanted.iter().map(|(name, _)| name.as_str()));
    let tables: BTreeMap<&str, TableSource> = wanted
        .iter()
        .map(|(name, table)| (name.as_str(), TableSource::new(catalog, name, table, &names)))
        .collect();
    source.tables = tables.len();
    let mut body = String::new();
    for (name, reason) in &source.left_out {
        let _ = write!(body, "\n// not taken over: `{name}`, {reason}\n");
    }
    for written in tables.values() {
        written.write_struct(&tables, &mut body);
        source.features.extend(&written.features);
        let reasons = written.left_out(&tables);
        source.left_out.extend(reasons.into_iter().map(|why| (written.name.to_owned(), why)));
    }
    source.text = format!("use kontract::prelude::*;\n{body}");
    source
}

/// Returns why a table cannot be declared as a struct.
fn cannot_be_a_table(catalog: &Catalog, name: &str, table: &LiveTable) -> Option<String> {
    if table.key.is_empty() {
        return Some("it has no primary key".to_owned());
    }
    if name.len() > name::MAX || name.contains(['/', '\\', '"']) || name.contains(char::is_control)
    {
        return Some("its name is not a valid table name".to_owned());
    }
    let lower = name.to_lowercase();
    if ["sqlite_", "pg_"].iter().any(|prefix| lower.starts_with(prefix)) {
        return Some("its name is reserved by the database".to_owned());
    }
    if catalog.tables.keys().any(|other| other != name && other.to_lowercase() == lower) {
        return Some("another table has the same name in other capital letters".to_owned());
    }
    for key in &table.key {
        let column = &table.columns[key];
        let fits = types::map_type(catalog.dialect, &column.ty).is_some_and(|ty| ty.is_key);
        if !fits {
            return Some(format!(
                "its key `{key}` has the type {}, which cannot be a key",
                column.ty
            ));
        }
        if column.default.as_ref().is_some_and(|default| default.starts_with(ALWAYS)) {
            return Some(format!("its key `{key}` accepts no values: it is {ALWAYS}"));
        }
    }
    None
}
