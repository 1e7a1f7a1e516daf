//! Source text in which each part is known by its place, to find the part that a message is about.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use super::rust;

/// A part of the source that can be left out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// The whole table.
    Table,
    /// A column with its attributes.
    Column(String),
    /// The enum for the values of a column; the column is then a text.
    Enum(String),
    /// The enum for a type of PostgreSQL, by its name; of no table.
    EnumType(String),
    /// The default of a column.
    Default(String),
    /// The default of a column, with a text for the database that has it alone.
    OwnDefault(String),
    /// The partition key.
    PartitionKey,
    /// An index, by name.
    Index(String),
    /// A CHECK, by its position.
    Check(usize),
    /// A foreign key, by its position.
    Reference(usize),
}

/// The parts that were refused, by table, with the reason.
pub(super) type Refused = BTreeMap<(String, Part), String>;

/// An argument of an attribute, and the part that it is.
pub(super) struct Argument {
    pub(super) text: String,
    pub(super) part: Option<Part>,
}

impl From<String> for Argument {
    fn from(text: String) -> Argument {
        Argument { text, part: None }
    }
}

/// Whether a comment of Rust can have the character: neither control characters nor those that change the
/// direction of the text.
fn is_plain(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Source text with the places of its parts.
#[derive(Clone, Debug, Default)]
pub(super) struct SourceText {
    pub(super) text: String,
    parts: Vec<(Range<usize>, String, Part)>,
    /// The parts by the logical name of the table and the Rust name of the field.
    names: BTreeMap<(String, Option<String>), (String, Part)>,
}

impl SourceText {
    /// Appends a line.
    pub(super) fn push_line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    /// Notes which part a table or field of the schema is.
    pub(super) fn name_part(
        &mut self,
        logical: &str,
        field: Option<&str>,
        table: &str,
        part: Part,
    ) {
        let name = (logical.to_owned(), field.map(str::to_owned));
        self.names.insert(name, (table.to_owned(), part));
    }

    /// Returns the part that is a table or field of the schema.
    pub(super) fn find_named(&self, logical: &str, field: Option<&str>) -> Option<(&str, &Part)> {
        let name = (logical.to_owned(), field.map(str::to_owned));
        self.names.get(&name).map(|(table, part)| (table.as_str(), part))
    }

    /// Appends a note on something that is not taken over.
    pub(super) fn push_note(&mut self, depth: usize, reason: &str) {
        let indent = "    ".repeat(depth);
        let reason = reason.replace(|c: char| !is_plain(c), " ");
        let _ = writeln!(self.text, "{indent}// not taken over: {reason}");
    }

    /// Appends a comment of the database as documentation.
    pub(super) fn push_documentation(&mut self, depth: usize, text: &str) {
        let indent = "    ".repeat(depth);
        for line in text.lines() {
            let _ = match line {
                "" => writeln!(self.text, "{indent}///"),
                line if line.chars().all(is_plain) => writeln!(self.text, "{indent}/// {line}"),
                line => {
                    writeln!(
                        self.text,
                        "{indent}#[doc = {}]",
                        rust::print_literal(&format!(" {line}"))
                    )
                }
            };
        }
    }

    /// Appends `#[word(arguments)]`.
    pub(super) fn push_attribute(
        &mut self,
        table: &str,
        depth: usize,
        word: &str,
        arguments: &[Argument],
    ) {
        let list = arguments.iter().map(|argument| argument.text.clone()).collect();
        let mut at = self.text.len();
        let indent = "    ".repeat(depth);
        let _ = writeln!(self.text, "{indent}#[{}]", rust::print_attribute(word, list, depth));
        for argument in arguments {
            let Some(found) = self.text[at..].find(&argument.text) else { continue };
            let range = at + found..at + found + argument.text.len();
            at = range.end;
            if let Some(part) = &argument.part {
                self.parts.push((range, table.to_owned(), part.clone()));
            }
        }
    }

    /// Marks what `write` appends as a part of a table.
    pub(super) fn push_part(
        &mut self,
        table: &str,
        part: Part,
        write: impl FnOnce(&mut SourceText),
    ) {
        let start = self.text.len();
        write(self);
        self.parts.push((start..self.text.len(), table.to_owned(), part));
    }

    /// Returns the text of each table, with its enums before it.
    pub(super) fn list_tables(&self) -> BTreeMap<String, String> {
        let mut found: BTreeMap<String, String> = BTreeMap::new();
        for (range, table, part) in &self.parts {
            if matches!(part, Part::Table | Part::Enum(_)) {
                found.entry(table.clone()).or_default().push_str(&self.text[range.clone()]);
            }
        }
        found
    }

    /// Returns the text of each field, by table and column.
    pub(super) fn list_fields(&self) -> BTreeMap<(String, String), String> {
        let fields = self.parts.iter().filter_map(|(range, table, part)| match part {
            Part::Column(column) => {
                Some(((table.clone(), column.clone()), self.text[range.clone()].to_owned()))
            }
            _ => None,
        });
        fields.collect()
    }

    /// Returns the smallest part at a line and column, which count from 1; the column counts characters.
    pub(super) fn find_part(&self, line: usize, column: usize) -> Option<(&str, &Part)> {
        let start: usize = self.text.split_inclusive('\n').take(line - 1).map(str::len).sum();
        let chars = self.text[start..].chars().take(column - 1);
        let at = start + chars.map(char::len_utf8).sum::<usize>();
        let around = self.parts.iter().filter(|(range, ..)| range.contains(&at));
        let smallest = around.min_by_key(|(range, ..)| range.len())?;
        Some((&smallest.1, &smallest.2))
    }
}
