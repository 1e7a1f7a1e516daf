//! A table of the database as a struct: its fields, and the attributes that they and the struct get.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::rust::{self, Named, RustNames};
use super::types;
use crate::catalog::{ALWAYS, Catalog, LiveColumn, LiveTable};
use crate::dialect::Dialect;
use crate::model::types::Type;
use crate::name;

/// A table with its Rust names.
pub(super) struct TableSource<'a> {
    pub(super) dialect: Dialect,
    pub(super) name: &'a str,
    pub(super) table: &'a LiveTable,
    pub(super) names: &'a Named,
    pub(super) fields: Vec<FieldSource<'a>>,
    /// `owned`, `versioned` …
    pub(super) tracked: Vec<&'static str>,
    pub(super) features: BTreeSet<&'static str>,
    /// The reasons that do not depend on other tables.
    pub(super) reasons: Vec<String>,
}

/// A column as a field.
pub(super) struct FieldSource<'a> {
    pub(super) name: &'a str,
    pub(super) column: &'a LiveColumn,
    /// Its Rust name, without `r#`.
    pub(super) ident: String,
    pub(super) ty: types::Mapped,
    /// For an enum: its type name and its variants with the stored names.
    pub(super) variants: Option<(String, Vec<(String, String)>)>,
    pub(super) optional: bool,
    pub(super) note: Option<String>,
}

/// The bookkeeping columns, with their attribute arguments.
const TRACKED: [(&str, &str); 5] = [
    ("_version", "versioned"),
    ("_txid", "track"),
    ("_owner", "owned"),
    ("_deleted_txid", "soft_delete"),
    ("_order", "ordered"),
];

/// The attribute for an index.
pub(super) struct IndexAttribute<'a> {
    pub(super) word: &'static str,
    /// The column, if the index is on one column in ascending order.
    pub(super) column: Option<&'a str>,
    /// The indexed fields or expressions.
    pub(super) on: Vec<String>,
    /// The other arguments.
    pub(super) options: Vec<String>,
}

impl<'a> TableSource<'a> {
    pub(super) fn new(
        catalog: &'a Catalog,
        name: &'a str,
        table: &'a LiveTable,
        names: &'a RustNames,
    ) -> TableSource<'a> {
        let mut written = TableSource {
            dialect: catalog.dialect,
            name,
            table,
            names: names.table(name),
            fields: Vec::new(),
            tracked: Vec::new(),
            features: BTreeSet::new(),
            reasons: Vec::new(),
        };
        let mut idents = BTreeSet::new();
        for column in &table.order {
            if let Some((_, word)) = TRACKED.iter().find(|(tracked, _)| tracked == column) {
                if written.is_tracked(column) {
                    written.tracked.push(word)
                } else {
                    written
                        .leave_out(format!("column `{column}`: the name is reserved for Kontract"))
                }
                continue;
            }
            written.add_field(column, &mut idents, names);
        }
        written
    }

    pub(super) fn leave_out(&mut self, reason: String) {
        self.reasons.push(reason);
    }

    /// Whether a bookkeeping column, with its index, is as Kontract creates it.
    pub(super) fn is_tracked(&self, column: &str) -> bool {
        let index = match column {
            "_txid" => "txid",
            "_owner" => "owner",
            "_order" => "order",
            _ => return true,
        };
        self.table.indexes.contains_key(&name::join(&["idx", self.name, index]))
    }

    pub(super) fn add_field(
        &mut self,
        name: &'a str,
        idents: &mut BTreeSet<String>,
        names: &RustNames,
    ) {
        let column = &self.table.columns[name];
        let left = |why: &str| Some(format!("column `{name}` of the type {}: {why}", column.ty));
        let demanded = column.not_null && column.default.is_none();
        let is_key = self.table.key.iter().any(|key| key == name);
        let mapped = types::map_type(self.dialect, &column.ty);
        let lower = name.to_lowercase();
        let reason = match &mapped {
            _ if column.default.as_ref().is_some_and(|text| text.starts_with(ALWAYS)) => {
                left("its values are generated")
            }
            _ if rust::RESERVED_COLUMNS.contains(&lower.as_str()) => left("the name is reserved"),
            _ if self
                .table
                .columns
                .keys()
                .any(|other| other != name && other.to_lowercase() == lower) =>
            {
                left("another column has the same name in other capital letters")
            }
            None if demanded && self.dialect == Dialect::Postgres => None,
            None if demanded => {
                left("it has no matching Rust type, and every row needs a value for it")
            }
            None => left("it has no matching Rust type"),
            Some(_) => None,
        };
        if let Some(reason) = reason {
            return self.leave_out(reason);
        }
        let (ty, note) = match mapped {
            Some(ty) => (ty, None),
            None => {
                let note = format!("{} has no matching Rust type: choose one", column.ty);
                (types::Mapped::unknown(&column.ty), Some(note))
            }
        };
        self.features.extend(ty.feature);
        let ident = rust::choose_unique(&rust::field_name(name), idents);
        let variants = (!is_key && ty.ty == Type::String && ty.sql_type.is_none())
            .then(|| self.check_values(name))
            .flatten()
            .map(|variants| {
                (
                    names.enumeration(&format!("{}{}", self.names.ident, rust::camel_case(&ident))),
                    variants,
                )
            });
        let optional = !column.not_null && !is_key;
        self.fields.push(FieldSource { name, column, ident, ty, variants, optional, note });
    }

    pub(super) fn find_field(&self, column: &str) -> Option<&FieldSource<'a>> {
        self.fields.iter().find(|field| field.name == column)
    }

    pub(super) fn find_fields(&self, columns: &[String]) -> Option<Vec<&FieldSource<'a>>> {
        columns.iter().map(|column| self.find_field(column)).collect()
    }

    pub(super) fn has_soft_delete(&self) -> bool {
        self.tracked.contains(&"soft_delete")
    }

    /// Returns everything that is not taken over.
    pub(super) fn left_out(&self, tables: &BTreeMap<&str, TableSource<'_>>) -> Vec<String> {
        let mut reasons = self.reasons.clone();
        for field in &self.fields {
            reasons.extend(field.note.clone());
            reasons.extend(self.default_attribute(field).1);
        }
        for (name, index) in &self.table.indexes {
            reasons.extend(self.index_attribute(name, index).err());
        }
        for key in self.sorted_references() {
            reasons.extend(self.reference_attribute(key, tables).err());
        }
        reasons
    }

    pub(super) fn write_struct(&self, tables: &BTreeMap<&str, TableSource<'_>>, to: &mut String) {
        for field in &self.fields {
            if let Some((ident, variants)) = &field.variants {
                write_enum(ident, variants, to);
            }
        }
        to.push('\n');
        let notes: Vec<&String> = self.fields.iter().filter_map(|f| f.note.as_ref()).collect();
        for reason in self.left_out(tables).iter().filter(|reason| !notes.contains(reason)) {
            let _ = writeln!(to, "// not taken over: {}", reason.replace('\n', " "));
        }
        let mut words = vec!["layout = \"columns\"".to_owned()];
        if self.names.table != *self.name {
            words.push(format!("ptr = {}", rust::print_literal(self.name)));
        }
        if name::table(&self.names.ident) != self.names.table {
            words.insert(0, format!("name = {}", rust::print_literal(&self.names.table)));
        }
        if self.table.key.len() > 1 {
            let key = self.table.key.iter().filter_map(|column| self.find_field(column));
            let idents: Vec<String> = key.map(|field| rust::print_ident(&field.ident)).collect();
            words.push(format!("primary_key({})", idents.join(", ")));
        }
        words.extend(self.tracked.iter().map(|word| (*word).to_owned()));
        let mut attributes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, index) in &self.table.indexes {
            let Ok(Some(written)) = self.index_attribute(name, index) else { continue };
            let (word, options) = (written.word, written.options);
            let begins = |other: &String| other.starts_with(&format!("#[{word}"));
            match written.column {
                Some(column) if !attributes.get(column).is_some_and(|l| l.iter().any(begins)) => {
                    let text = format!("#[{}]", rust::print_attribute(word, options, 1));
                    attributes.entry(column).or_default().push(text);
                }
                _ => {
                    let list = written.on.into_iter().chain(options).collect();
                    words.push(rust::print_attribute(word, list, 1));
                }
            }
        }
        for (column, text) in self.check_attributes() {
            match column {
                Some(column) => attributes.entry(column).or_default().push(format!("#[{text}]")),
                None => words.push(text),
            }
        }
        for key in self.sorted_references() {
            let Ok(list) = self.reference_attribute(key, tables) else { continue };
            let text = rust::print_attribute("references", list, 1);
            match (&key.columns[..], self.find_field(&key.columns[0])) {
                ([_], Some(field)) => {
                    attributes.entry(field.name).or_default().insert(0, format!("#[{text}]"));
                }
                _ => words.push(text),
            }
        }
        let _ = writeln!(to, "#[derive(Clone, Debug, PartialEq, Table)]");
        let _ = writeln!(to, "#[{}]", rust::print_attribute("table", words, 0));
        let _ = writeln!(to, "pub struct {} {{", self.names.ident);
        for field in &self.fields {
            if let Some(note) = &field.note {
                let _ = writeln!(to, "    // {note}");
            }
            if self.table.key == [field.name] {
                let _ = writeln!(to, "    #[primkey]");
            }
            for attribute in attributes.remove(field.name).unwrap_or_default() {
                let _ = writeln!(to, "    {attribute}");
            }
            if let Some(text) = self.default_attribute(field).0 {
                let _ = writeln!(to, "    #[{text}]");
            }
            let mut column = Vec::new();
            if field.ident != field.name {
                column.push(format!("name = {}", rust::print_literal(field.name)));
            }
            if let Some(sql_type) = &field.ty.sql_type {
                column.push(format!("sql_type = {}", rust::print_literal(sql_type)));
            }
            if !column.is_empty() {
                let _ = writeln!(to, "    #[{}]", rust::print_attribute("column", column, 1));
            }
            let ty = field.variants.as_ref().map_or(field.ty.rust.as_str(), |(ident, _)| ident);
            let ty = if field.optional { format!("Option<{ty}>") } else { ty.to_owned() };
            let _ = writeln!(to, "    pub {}: {ty},", rust::print_ident(&field.ident));
        }
        let _ = writeln!(to, "}}");
    }
}

fn write_enum(ident: &str, variants: &[(String, String)], to: &mut String) {
    let _ = writeln!(
        to,
        "\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]"
    );
    let snake = variants.iter().all(|(variant, stored)| rust::snake_case(variant) == *stored);
    if snake {
        let _ = writeln!(to, "#[serde(rename_all = \"snake_case\")]");
    }
    let _ = writeln!(to, "pub enum {ident} {{");
    for (variant, stored) in variants {
        if !snake && variant != stored {
            let _ = writeln!(to, "    #[serde(rename = {})]", rust::print_literal(stored));
        }
        let _ = writeln!(to, "    {variant},");
    }
    let _ = writeln!(to, "}}");
}
