//! Writes Rust structs for the tables of a live database.
//!
//! It takes a catalogue and returns source text as rustfmt formats it. What a struct cannot express
//! becomes a comment with the reason, `// not taken over: …`.

use std::collections::{BTreeMap, BTreeSet};

use self::rust::RustNames;
use self::source_text::{Part, Refused, SourceText};
use self::table::TableSource;
use crate::catalog::{Catalog, LiveTable, TRACKING};
use crate::diagnostic::Diagnostic;
use crate::dialect::{name_in_path, print_path};
use crate::model::Schema;
use crate::name;

mod constraint;
mod default;
mod enums;
mod index;
mod portable;
mod prerequisites;
mod reread;
mod rust;
mod source_text;
mod table;
mod types;
mod write;

pub use self::prerequisites::{PrerequisiteFile, write_prerequisites};

/// Rust source.
#[derive(Clone, Debug, Default)]
pub struct GeneratedSource {
    /// The text.
    pub text: String,
    /// The features of Kontract that it uses.
    pub features: BTreeSet<&'static str>,
    /// What was not taken over: table and reason.
    pub left_out: Vec<(String, String)>,
    /// The number of its tables.
    pub tables: usize,
    /// The text of each struct with its enums, by the table's path in the catalogue.
    pub structs: BTreeMap<String, String>,
    /// The text of each field, by table and column.
    pub fields: BTreeMap<(String, String), String>,
    /// The enum types of PostgreSQL that its enums are, which the migrations create.
    pub enum_types: BTreeSet<String>,
    /// Its schema, as the build script reads it.
    pub schema: Schema,
    /// The messages of the build script, if it refuses the source.
    pub problems: Vec<Diagnostic>,
}

impl GeneratedSource {
    fn leave_out(&mut self, table: &str, reason: String) {
        self.left_out.push((print_path(table), reason));
    }
}

/// Returns the source for these tables of a catalogue; for all tables if `only` is empty.
///
/// The source is checked as the build script does. What the check refuses is left out, and then what
/// names it, until the source passes.
pub fn generate_source(catalog: &Catalog, only: &[String]) -> GeneratedSource {
    let mut refused = Refused::new();
    let mut found = loop {
        let (found, text) = write_and_read(catalog, only, &refused);
        let before = refused.len();
        for problem in &found.problems {
            if let Some((table, part)) = reread::find_part(&text, problem) {
                let why = format!("Kontract refuses it: {}", problem.message);
                refused.entry((table.to_owned(), part.clone())).or_insert(why);
            }
        }
        if refused.len() == before {
            break found;
        }
    };
    // A table that is left out may have been the reason why another part was refused.
    let has_table = refused.keys().any(|(_, part)| *part == Part::Table);
    for part in refused.keys().filter(|_| has_table).cloned().collect::<Vec<_>>() {
        let mut fewer = refused.clone();
        fewer.remove(&part);
        let (again, _) = write_and_read(catalog, only, &fewer);
        if again.problems.is_empty() {
            (refused, found) = (fewer, again);
        }
    }
    found
}

/// Writes the source without what was refused, and reads it.
fn write_and_read(
    catalog: &Catalog,
    only: &[String],
    refused: &Refused,
) -> (GeneratedSource, SourceText) {
    let mut found = GeneratedSource::default();
    let text = write_source(catalog, only, refused, &mut found);
    (found.schema, found.problems) = reread::reread(&text.text);
    (found.structs, found.fields) = (text.list_tables(), text.list_fields());
    found.text.clone_from(&text.text);
    (found, text)
}

fn write_source(
    catalog: &Catalog,
    only: &[String],
    refused: &Refused,
    found: &mut GeneratedSource,
) -> SourceText {
    let mut wanted: Vec<(&String, &LiveTable)> = Vec::new();
    for (name, table) in &catalog.tables {
        let chosen = only.is_empty() || only.contains(name);
        if !chosen || name_in_path(name).starts_with("_kontract") {
            continue;
        }
        let tracking = TRACKING.iter().find(|(tracking, _)| *tracking == name_in_path(name));
        let reason = match tracking {
            Some((_, tool)) if only.is_empty() => Some(format!("it is the history of {tool}")),
            _ => cannot_be_a_table(catalog, name, table, refused),
        };
        match reason {
            Some(reason) => found.leave_out(name, format!("the table: {reason}")),
            None => wanted.push((name, table)),
        }
    }
    let names = RustNames::new(wanted.iter().map(|(name, _)| name.as_str()));
    let chosen = wanted.iter().map(|(_, table)| *table);
    let enums = enums::find_enums(catalog, chosen, &names, refused);
    let mut tables: BTreeMap<&str, TableSource> = wanted
        .iter()
        .map(|(name, table)| {
            (name.as_str(), TableSource::new(catalog, name, table, &names, &enums, refused))
        })
        .collect();
    tables.retain(|name, table| {
        let missing = table.find_missing();
        let reason = missing.map(|why| format!("the table: every row needs a value of its {why}"));
        let is_taken = reason.is_none();
        reason.into_iter().for_each(|reason| found.leave_out(name, reason));
        is_taken
    });
    found.tables = tables.len();
    found.enum_types = enums.keys().map(|name| (*name).to_owned()).collect();
    let mut text = SourceText::default();
    text.push_line("use kontract::prelude::*;");
    for (name, reason) in &found.left_out {
        text.text.push('\n');
        text.push_note(0, &format!("`{name}`, {reason}"));
    }
    enums::write_enums(&enums, &mut text);
    for written in tables.values() {
        written.write(&tables, &mut text);
        found.features.extend(&written.features);
        let notes = written.list_notes(&tables);
        notes.into_iter().for_each(|note| found.leave_out(written.name, note));
    }
    text
}

/// Returns why a table cannot be declared as a struct.
fn cannot_be_a_table(
    catalog: &Catalog,
    name: &str,
    table: &LiveTable,
    refused: &Refused,
) -> Option<String> {
    let refusal = |part| refused.get(&(name.to_owned(), part));
    if let Some(why) = refusal(Part::Table) {
        return Some(why.clone());
    }
    let path = name;
    let name = name_in_path(path);
    if name.len() > name::MAX || name.contains(['/', '\\', '"']) || name.contains(char::is_control)
    {
        return Some("its name is not a valid table name".to_owned());
    }
    let lower = name.to_lowercase();
    if ["sqlite_", "pg_"].iter().any(|prefix| lower.starts_with(prefix)) {
        return Some("its name is reserved by the database".to_owned());
    }
    if rust::is_hidden(path, catalog.tables.keys()) {
        return Some("another table has the same name in other capital letters".to_owned());
    }
    for key in &table.key {
        if let Some(why) = refusal(Part::Column(key.clone())) {
            return Some(format!("its key `{key}`: {why}"));
        }
        let column = &table.columns[key];
        let fits = types::map_type(catalog, &column.ty).is_some_and(|ty| ty.is_key);
        if !fits {
            return Some(format!(
                "its key `{key}` is a column {}, which cannot be a key",
                types::print_type_of(&column.ty)
            ));
        }
        if column.expression().is_some() {
            return Some(format!("its key `{key}` is generated from other columns"));
        }
    }
    let takes_none = |key: &&String| table.columns[*key].takes_no_values();
    let second = table.key.iter().filter(takes_none).nth(1)?;
    Some(format!("its key `{second}` takes no values, and one column of a key can be numbered"))
}
