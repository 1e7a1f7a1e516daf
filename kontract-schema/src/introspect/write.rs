//! Writes a table as a struct with its enums.

use std::collections::BTreeMap;

use super::enums::write_enum;
use super::rust;
use super::source_text::{Argument, Part, SourceText};
use super::table::{FieldSource, TableSource};
use crate::catalog::{IndexPart, LiveCheck, LiveIndex, compare, normal};
use crate::dialect::{name_in_path, print_partition_key, print_path};

/// What is written of a table beside its fields.
#[derive(Default)]
struct Attributes {
    /// The arguments of `#[table(…)]`.
    table: Vec<Argument>,
    /// The attributes of the fields, by column: their word and arguments.
    fields: BTreeMap<String, Vec<FieldAttribute>>,
    /// The notes on what is not taken over, by column; an empty name for those of the struct.
    notes: BTreeMap<String, Vec<String>>,
}

struct FieldAttribute {
    word: &'static str,
    arguments: Vec<String>,
    part: Part,
}

impl Attributes {
    /// Adds a note at its place.
    fn add_note(&mut self, column: Option<&str>, note: String) {
        self.notes.entry(column.unwrap_or_default().to_owned()).or_default().push(note);
    }

    /// Adds an attribute to a field or, for several fields, to the struct.
    fn add(
        &mut self,
        column: Option<&str>,
        word: &'static str,
        part: Part,
        arguments: Vec<String>,
    ) {
        match column {
            Some(column) => {
                let attribute = FieldAttribute { word, arguments, part };
                self.fields.entry(column.to_owned()).or_default().push(attribute);
            }
            None => {
                let text = rust::print_attribute(word, arguments, 1);
                self.table.push(Argument { text, part: Some(part) });
            }
        }
    }

    /// Whether a field has an attribute with this word already.
    fn has(&self, column: &str, word: &str) -> bool {
        self.fields.get(column).is_some_and(|list| list.iter().any(|one| one.word == word))
    }
}

impl<'a> TableSource<'a> {
    /// Returns everything that is not taken over, in the order of the source.
    pub(super) fn list_notes(&self, tables: &BTreeMap<&str, TableSource<'_>>) -> Vec<String> {
        let mut attributes = self.attributes(tables);
        let mut notes = attributes.notes.remove("").unwrap_or_default();
        for column in &self.table.order {
            notes.extend(self.left.get(column.as_str()).cloned());
            notes.extend(attributes.notes.remove(column).unwrap_or_default());
        }
        notes
    }

    /// Appends the struct and its enums.
    pub(super) fn write(&self, tables: &BTreeMap<&str, TableSource<'_>>, to: &mut SourceText) {
        for field in &self.fields {
            if let Some(variants) = &field.variants {
                let part = Part::Enum(field.name.to_owned());
                to.push_part(self.name, part, |to| write_enum(variants, None, to));
            }
        }
        to.text.push('\n');
        let attributes = self.attributes(tables);
        let logical = &self.names.table;
        to.name_part(logical, None, self.name, Part::Table);
        for field in &self.fields {
            let part = Part::Column(field.name.to_owned());
            to.name_part(logical, Some(&field.ident), self.name, part);
        }
        to.push_part(self.name, Part::Table, |to| self.write_struct(attributes, to));
    }

    fn write_struct(&self, mut attributes: Attributes, to: &mut SourceText) {
        for note in attributes.notes.remove("").unwrap_or_default() {
            to.push_note(0, &note);
        }
        self.push_comment("", 0, to);
        to.push_line("#[derive(Clone, Debug, PartialEq, Table)]");
        to.push_attribute(self.name, 0, "table", &attributes.table);
        to.push_line(&format!("pub struct {} {{", self.names.ident));
        for column in &self.table.order {
            if let Some(reason) = self.left.get(column.as_str()) {
                to.push_note(1, reason);
            }
            for note in attributes.notes.remove(column).unwrap_or_default() {
                to.push_note(1, &note);
            }
            let Some(field) = self.find_field(column) else { continue };
            let of_field = attributes.fields.remove(column).unwrap_or_default();
            let part = Part::Column(column.clone());
            to.push_part(self.name, part, |to| self.write_field(field, of_field, to));
        }
        to.push_line("}");
    }

    fn write_field(
        &self,
        field: &FieldSource<'_>,
        attributes: Vec<FieldAttribute>,
        to: &mut SourceText,
    ) {
        self.push_comment(field.name, 1, to);
        if self.is_identity(field) {
            to.push_line("    #[primkey(identity)]");
        } else if self.table.key == [field.name] {
            to.push_line("    #[primkey]");
        }
        for attribute in attributes {
            let arguments: Vec<Argument> =
                attribute.arguments.into_iter().map(Argument::from).collect();
            to.push_part(self.name, attribute.part, |to| {
                to.push_attribute(self.name, 1, attribute.word, &arguments);
            });
        }
        let mut column = Vec::new();
        if field.ident != field.name {
            column.push(format!("name = {}", rust::print_literal(field.name)).into());
        }
        if let Some(sql_type) = &field.ty.sql_type {
            column.push(format!("sql_type = {}", rust::print_literal(sql_type)).into());
        }
        if !column.is_empty() {
            to.push_attribute(self.name, 1, "column", &column);
        }
        let ty = field.variants.as_ref().map_or(field.ty.rust.as_str(), |(ident, _)| ident);
        let ty = if field.optional { format!("Option<{ty}>") } else { ty.to_owned() };
        to.push_line(&format!("    pub {}: {ty},", rust::print_ident(&field.ident)));
    }

    /// Appends the comment of a column, or that of the table under an empty name.
    fn push_comment(&self, column: &str, depth: usize, to: &mut SourceText) {
        if let Some(text) = self.table.comments.get(column) {
            to.push_documentation(depth, &normal::normalize_comment(text));
        }
    }

    /// Whether the table, or a column that is taken over, has a comment.
    fn has_comments(&self) -> bool {
        self.table
            .comments
            .keys()
            .any(|column| column.is_empty() || self.find_field(column).is_some())
    }

    /// Returns the attributes of the struct and its fields, and the notes.
    fn attributes(&self, tables: &BTreeMap<&str, TableSource<'_>>) -> Attributes {
        let mut found = Attributes::default();
        let mut words = vec!["layout = \"columns\"".to_owned()];
        let name = name_in_path(self.name);
        if let Some(namespace) = self.name.strip_suffix(name).filter(|before| !before.is_empty()) {
            let namespace = namespace.trim_end_matches('/');
            words.push(format!("schema = {}", rust::print_literal(namespace)));
        }
        if self.names.table != name {
            words.push(format!("ptr = {}", rust::print_literal(name)));
        }
        if crate::name::table(&self.names.ident) != self.names.table {
            words.insert(0, format!("name = {}", rust::print_literal(&self.names.table)));
        }
        if self.table.key.is_empty() {
            words.push("keyless".to_owned());
        } else if self.table.key.len() > 1 {
            let key = self.table.key.iter().filter_map(|column| self.find_field(column));
            let idents: Vec<String> = key.map(|field| rust::print_ident(&field.ident)).collect();
            words.push(format!("primary_key({})", idents.join(", ")));
        }
        words.extend(self.has_comments().then(|| "comments".to_owned()));
        words.extend(self.tracked.iter().map(|word| (*word).to_owned()));
        found.table.extend(words.into_iter().map(Argument::from));
        self.add_partition_key(&mut found);
        for other in &self.table.others {
            found.add_note(None, format!("{other}: structs cannot express it"));
        }
        self.add_references(tables, &mut found);
        self.add_indexes(&mut found);
        self.add_checks(&mut found);
        for field in &self.fields {
            if let Some(collation) = field.left_collation(self.dialect) {
                let note = format!("collation {collation} of `{}`", field.name);
                found.add_note(Some(field.name), format!("{note}: structs cannot express it"));
            }
            let mut part = Part::Default(field.name.to_owned());
            let mut written = self.default_attribute(field);
            if self.refusal(part.clone()).is_some() {
                // One text for both databases is refused.
                part = Part::OwnDefault(field.name.to_owned());
                written = written.map(|default| default.map(|found| self.own_default(found)));
            }
            let refused = self.refusal(part.clone());
            match written {
                Ok(Some((word, arguments))) if refused.is_none() => {
                    found.add(Some(field.name), word, part, arguments);
                }
                Ok(None) => {}
                Ok(Some(_)) => {
                    let default = field.column.default.as_deref().unwrap_or_default();
                    let why = refused.unwrap_or_default();
                    let note = format!("default `{default}` of `{}`: {why}", field.name);
                    found.add_note(Some(field.name), note);
                }
                Err(note) => found.add_note(Some(field.name), note),
            }
        }
        found
    }

    fn add_partition_key(&self, to: &mut Attributes) {
        let Some(key) = &self.table.partition_by else { return };
        let text = print_partition_key(self.dialect, key);
        let left = key.fields.iter().find(|column| self.find_field(column).is_none());
        let left = left.map(|column| format!("it has the column `{column}`"));
        match left.as_deref().or(self.refusal(Part::PartitionKey)) {
            Some(why) => to.add_note(None, format!("partition key `{text}`: {why}")),
            None => {
                let (method, columns) = text.split_once(' ').unwrap_or((&text, ""));
                let text = format!("{}{columns}", method.to_lowercase());
                let text = format!("partition_by = {}", rust::print_literal(&text));
                to.table.push(Argument { text, part: Some(Part::PartitionKey) });
            }
        }
    }

    fn add_references(&self, tables: &BTreeMap<&str, TableSource<'_>>, to: &mut Attributes) {
        for (at, key) in self.sorted_references().into_iter().enumerate() {
            let column = match &key.columns[..] {
                [one] => Some(one.as_str()),
                _ => None,
            };
            let part = Part::Reference(at);
            let written = match self.refusal(part.clone()) {
                Some(why) => {
                    let columns = key.columns.join(", ");
                    let target = print_path(&key.table);
                    Err(format!("reference from ({columns}) to `{target}`: {why}"))
                }
                None => self.reference_attribute(key, tables),
            };
            match written {
                Ok(list) => to.add(column, "references", part, list),
                Err(note) => to.add_note(column, note),
            }
        }
    }

    fn add_indexes(&self, to: &mut Attributes) {
        // SQLite gives names to some, so that the order does not depend on names.
        let mut indexes: Vec<(&String, &LiveIndex)> = self.table.indexes.iter().collect();
        indexes.sort_by_cached_key(|(name, index)| {
            let parts: Vec<String> = index.parts.iter().map(compare::print_part).collect();
            (parts, !index.unique, index.condition.clone(), (*name).clone())
        });
        for (name, index) in indexes {
            let part = Part::Index(name.clone());
            let written = match self.refusal(part.clone()) {
                Some(why) => Err(format!("index `{name}`: {why}")),
                None => self.index_attribute(name, index),
            };
            let only = match &index.parts[..] {
                [one] => match one.bare() {
                    IndexPart::Column(column) => Some(column.as_str()),
                    _ => None,
                },
                _ => None,
            };
            match written {
                Ok(None) => {}
                Ok(Some(index)) => match index.column {
                    Some(column) if !to.has(column, index.word) => {
                        to.add(Some(column), index.word, part, index.options);
                    }
                    _ => {
                        let list = index.on.into_iter().chain(index.options).collect();
                        to.add(None, index.word, part, list);
                    }
                },
                Err(note) => to.add_note(only, note),
            }
        }
    }

    fn add_checks(&self, to: &mut Attributes) {
        for (at, check) in self.table.checks.iter().enumerate() {
            let part = Part::Check(at);
            match self.check_attribute(check) {
                None => {}
                Some((column, Ok(list))) => match self.refusal(part.clone()) {
                    None => to.add(column, "check", part, list),
                    Some(why) => to.add_note(column, format!("{}: {why}", print_check(check))),
                },
                Some((column, Err(why))) => {
                    to.add_note(column, format!("{}: {why}", print_check(check)));
                }
            }
        }
    }
}

/// Returns a CHECK as notes call it.
fn print_check(check: &LiveCheck) -> String {
    match &check.name {
        Some(name) => format!("check `{name}`"),
        None => format!("check ({})", check.text),
    }
}
