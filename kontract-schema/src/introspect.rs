//! Writes Rust structs for the tables of a live database.
//!
//! It takes a catalogue and returns source text as rustfmt formats it. What a struct cannot express
//! becomes a comment with the reason, `// not taken over: …`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use self::rust::{Named, Names};
use crate::catalog::normal::{self, Default};
use crate::catalog::{
    ALWAYS, Catalog, Index, LiveColumn, LiveTable, Part, Reference, TRACKING, compare,
};
use crate::dialect::{self, Dialect};
use crate::model::types::Type;
use crate::model::{Action, Method};
use crate::name;
use crate::sqltext::expression::{self, Expr};

#[cfg(feature = "parse")]
mod reread;
mod rust;
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
    let names = Names::new(wanted.iter().map(|(name, _)| name.as_str()));
    let tables: BTreeMap<&str, Written> = wanted
        .iter()
        .map(|(name, table)| (name.as_str(), Written::new(catalog, name, table, &names)))
        .collect();
    source.tables = tables.len();
    let mut body = String::new();
    for (name, reason) in &source.left_out {
        let _ = write!(body, "\n// not taken over: `{name}`, {reason}\n");
    }
    for written in tables.values() {
        written.write(&tables, &mut body);
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

/// A table with its Rust names.
struct Written<'a> {
    dialect: Dialect,
    name: &'a str,
    table: &'a LiveTable,
    names: &'a Named,
    fields: Vec<FieldOf<'a>>,
    /// `owned`, `versioned` …
    tracked: Vec<&'static str>,
    features: BTreeSet<&'static str>,
    /// The reasons that do not depend on other tables.
    reasons: Vec<String>,
}

/// A column as a field.
struct FieldOf<'a> {
    name: &'a str,
    column: &'a LiveColumn,
    /// Its Rust name, without `r#`.
    ident: String,
    ty: types::Mapped,
    /// For an enum: its type name and its variants with the stored names.
    variants: Option<(String, Vec<(String, String)>)>,
    optional: bool,
    note: Option<String>,
}

/// The bookkeeping columns, with their attribute arguments.
const TRACKED: [(&str, &str); 5] = [
    ("_version", "versioned"),
    ("_txid", "track"),
    ("_owner", "owned"),
    ("_deleted_txid", "soft_delete"),
    ("_order", "ordered"),
];

impl<'a> Written<'a> {
    fn new(
        catalog: &'a Catalog,
        name: &'a str,
        table: &'a LiveTable,
        names: &'a Names,
    ) -> Written<'a> {
        let mut written = Written {
            dialect: catalog.dialect,
            name,
            table,
            names: names.of(name),
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
                    written.leave(format!("column `{column}`: the name is reserved for Kontract"))
                }
                continue;
            }
            written.field(column, &mut idents, names);
        }
        written
    }

    fn leave(&mut self, reason: String) {
        self.reasons.push(reason);
    }

    /// Whether a bookkeeping column, with its index, is as Kontract creates it.
    fn is_tracked(&self, column: &str) -> bool {
        let index = match column {
            "_txid" => "txid",
            "_owner" => "owner",
            "_order" => "order",
            _ => return true,
        };
        self.table.indexes.contains_key(&name::join(&["idx", self.name, index]))
    }

    fn field(&mut self, name: &'a str, idents: &mut BTreeSet<String>, names: &Names) {
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
            return self.leave(reason);
        }
        let (ty, note) = match mapped {
            Some(ty) => (ty, None),
            None => {
                let note = format!("{} has no matching Rust type: choose one", column.ty);
                (types::Mapped::unknown(&column.ty), Some(note))
            }
        };
        self.features.extend(ty.feature);
        let ident = rust::unique(&rust::field(name), idents);
        let variants = (!is_key && ty.ty == Type::String && ty.sql_type.is_none())
            .then(|| self.variants(name))
            .flatten()
            .map(|variants| {
                (
                    names.enumeration(&format!("{}{}", self.names.ident, rust::camel(&ident))),
                    variants,
                )
            });
        let optional = !column.not_null && !is_key;
        self.fields.push(FieldOf { name, column, ident, ty, variants, optional, note });
    }

    /// Returns the values that a CHECK allows, with variant names.
    fn variants(&self, column: &str) -> Option<Vec<(String, String)>> {
        let trees = self
            .table
            .checks
            .iter()
            .filter_map(|check| expression::parse(self.dialect, &check.text));
        let mut found = trees.filter_map(|tree| one_of(&tree, column));
        let values = found.next()?;
        let mut idents = BTreeSet::new();
        let variants: Option<Vec<_>> = values
            .iter()
            .map(|value| {
                let plain = !value.contains([',', '(', ')', '\0']) && !value.is_empty();
                let ident = plain.then(|| rust::variant(value)).flatten()?;
                idents.insert(ident.clone()).then(|| (ident, value.clone()))
            })
            .collect();
        variants
    }

    fn one(&self, column: &str) -> Option<&FieldOf<'a>> {
        self.fields.iter().find(|field| field.name == column)
    }

    fn all(&self, columns: &[String]) -> Option<Vec<&FieldOf<'a>>> {
        columns.iter().map(|column| self.one(column)).collect()
    }

    fn soft_delete(&self) -> bool {
        self.tracked.contains(&"soft_delete")
    }

    /// Returns everything that is not taken over.
    fn left_out(&self, tables: &BTreeMap<&str, Written<'_>>) -> Vec<String> {
        let mut reasons = self.reasons.clone();
        for field in &self.fields {
            reasons.extend(field.note.clone());
            reasons.extend(self.default(field).1);
        }
        for (name, index) in &self.table.indexes {
            reasons.extend(self.index(name, index).err());
        }
        for key in self.references() {
            reasons.extend(self.reference(key, tables).err());
        }
        reasons
    }

    /// Returns the references in a fixed order: SQLite gives none.
    fn references(&self) -> Vec<&'a Reference> {
        let mut all: Vec<&Reference> = self.table.references.iter().collect();
        all.sort_by_key(|key| (&key.columns, &key.table));
        all
    }

    fn write(&self, tables: &BTreeMap<&str, Written<'_>>, to: &mut String) {
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
            words.push(format!("ptr = {}", rust::literal(self.name)));
        }
        if name::table(&self.names.ident) != self.names.table {
            words.insert(0, format!("name = {}", rust::literal(&self.names.table)));
        }
        if self.table.key.len() > 1 {
            let key = self.table.key.iter().filter_map(|column| self.one(column));
            let idents: Vec<String> = key.map(|field| rust::ident(&field.ident)).collect();
            words.push(format!("primary_key({})", idents.join(", ")));
        }
        words.extend(self.tracked.iter().map(|word| (*word).to_owned()));
        let mut attributes: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for (name, index) in &self.table.indexes {
            let Ok(Some(written)) = self.index(name, index) else { continue };
            let (word, options) = (written.word, written.options);
            let begins = |other: &String| other.starts_with(&format!("#[{word}"));
            match written.column {
                Some(column) if !attributes.get(column).is_some_and(|l| l.iter().any(begins)) => {
                    let text = format!("#[{}]", rust::attribute(word, options, 1));
                    attributes.entry(column).or_default().push(text);
                }
                _ => {
                    let list = written.on.into_iter().chain(options).collect();
                    words.push(rust::attribute(word, list, 1));
                }
            }
        }
        for (column, text) in self.checks() {
            match column {
                Some(column) => attributes.entry(column).or_default().push(format!("#[{text}]")),
                None => words.push(text),
            }
        }
        for key in self.references() {
            let Ok(list) = self.reference(key, tables) else { continue };
            let text = rust::attribute("references", list, 1);
            match (&key.columns[..], self.one(&key.columns[0])) {
                ([_], Some(field)) => {
                    attributes.entry(field.name).or_default().insert(0, format!("#[{text}]"));
                }
                _ => words.push(text),
            }
        }
        let _ = writeln!(to, "#[derive(Clone, Debug, PartialEq, Table)]");
        let _ = writeln!(to, "#[{}]", rust::attribute("table", words, 0));
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
            if let Some(text) = self.default(field).0 {
                let _ = writeln!(to, "    #[{text}]");
            }
            let mut column = Vec::new();
            if field.ident != field.name {
                column.push(format!("name = {}", rust::literal(field.name)));
            }
            if let Some(sql_type) = &field.ty.sql_type {
                column.push(format!("sql_type = {}", rust::literal(sql_type)));
            }
            if !column.is_empty() {
                let _ = writeln!(to, "    #[{}]", rust::attribute("column", column, 1));
            }
            let ty = field.variants.as_ref().map_or(field.ty.rust.as_str(), |(ident, _)| ident);
            let ty = if field.optional { format!("Option<{ty}>") } else { ty.to_owned() };
            let _ = writeln!(to, "    pub {}: {ty},", rust::ident(&field.ident));
        }
        let _ = writeln!(to, "}}");
    }

    /// Returns the attribute for the default, or the reason why it cannot be taken over.
    fn default(&self, field: &FieldOf<'_>) -> (Option<String>, Option<String>) {
        let Some(text) = field.column.default.as_deref() else { return (None, None) };
        if text.eq_ignore_ascii_case("null") {
            return (None, None);
        }
        let why = |why: &str| (None, Some(format!("default `{text}` of `{}`: {why}", field.name)));
        if self.table.key.iter().any(|key| key == field.name) {
            return why("a key has no default, the program gives its values");
        }
        let ty = match self.dialect {
            Dialect::Postgres => normal::ty(&field.column.ty),
            Dialect::Sqlite => normal::affinity(&field.column.ty),
        };
        let Default::Constant(value) = normal::default(self.dialect, text, &ty) else {
            let now = dialect::now(self.dialect, &field.ty.ty);
            if !field.optional && now.is_some_and(|now| expression::same(self.dialect, text, &now))
            {
                let word = if field.name.contains("updat") || field.name.contains("modif") {
                    "updated_at"
                } else {
                    "created_at"
                };
                return (Some(word.to_owned()), None);
            }
            return why("it is an expression, and Kontract itself sets every value");
        };
        let literal = match (&field.variants, &field.ty.ty) {
            (Some((ident, variants)), _) => variants
                .iter()
                .find(|(_, stored)| *stored == value)
                .map(|(variant, _)| format!("{ident}::{variant}")),
            (None, Type::String) if field.note.is_none() => Some(rust::literal(&value)),
            (None, Type::Boolean) => match value.as_str() {
                "1" => Some("true".to_owned()),
                "0" => Some("false".to_owned()),
                _ => None,
            },
            (None, Type::Number | Type::Float32) => {
                value.parse::<f64>().ok().filter(|number| number.is_finite()).map(|_| value.clone())
            }
            (None, ty) if ty.whole_range().is_some() => {
                value.parse::<i64>().ok().map(|number| number.to_string())
            }
            _ => None,
        };
        match literal {
            Some(literal) => (Some(format!("default({literal})")), None),
            None => why("a Rust field of this type has no default"),
        }
    }

    /// Returns the attribute for an index; `None` if other attributes imply the index.
    ///
    /// # Errors
    /// The reason why it cannot be taken over.
    fn index<'b>(&self, name: &str, index: &'b Index) -> Result<Option<Attribute<'b>>, String> {
        let left = |why: &str| Err(format!("index `{name}`: {why}"));
        let implied = ["txid", "owner", "order"].map(|word| name::join(&["idx", self.name, word]));
        if implied.iter().any(|implied| implied == name) {
            return Ok(None);
        }
        let Some(method) = [Method::Btree, Method::Gin].iter().find(|m| m.word() == index.method)
        else {
            return left(&format!("its method is {}", index.method));
        };
        if !index.valid {
            return left("it is INVALID");
        }
        let Some(condition) = self.condition(index) else {
            return left("its condition does not exclude deleted rows");
        };
        let word = if index.unique { "unique" } else { "index" };
        let mut list = Vec::new();
        let fields: Option<Vec<(&FieldOf<'_>, &str)>> = index
            .parts
            .iter()
            .map(|part| match (part.bare(), part.order()) {
                (Part::Column(column), order @ ("" | "desc")) => Some((self.one(column)?, order)),
                _ => None,
            })
            .collect();
        let columns: String = match &fields {
            Some(fields) => {
                let columns: Vec<&str> = fields.iter().map(|(field, _)| field.name).collect();
                columns.join("_")
            }
            None => {
                let parts: Vec<String> = index.parts.iter().map(compare::part).collect();
                let sql = parts.join(", ");
                list.push(format!("on = {}", rust::literal(&sql)));
                name::words(&sql)
            }
        };
        for (field, order) in fields.iter().flatten() {
            let is_whole = matches!(field.ty.ty, Type::Array(_) | Type::Json);
            match (&field.ty.ty, method) {
                (Type::Array(_) | Type::Json, Method::Btree) => {
                    return left("values of this type have no order");
                }
                (_, Method::Gin) if !is_whole => return left("its values have no elements"),
                (Type::Number | Type::Float32, _) if index.unique => {
                    return left("a floating-point NaN does not equal itself");
                }
                _ => {}
            }
            let order = if order.is_empty() { String::new() } else { format!(" {order}") };
            list.push(rust::ident(&field.ident) + &order);
        }
        if let (Some([(only, _)]), None) = (fields.as_deref(), condition)
            && self.table.key == [only.name]
        {
            return left("the key has an index already");
        }
        let table = &self.names.table;
        let made = if index.unique {
            name::join(&[table, &columns, "key"])
        } else {
            name::join(&["idx", table, &columns])
        };
        let mut options = Vec::new();
        if *method != Method::Btree {
            options.push(format!("method = {}", rust::literal(method.word())));
        }
        options.extend(condition.map(|rows| format!("where = {}", rust::literal(rows))));
        let of_sqlite = name.starts_with("sqlite_autoindex_");
        options.extend(
            (!of_sqlite && made != name).then(|| format!("name = {}", rust::literal(name))),
        );
        if let ([_], [Part::Column(column)]) = (&list[..], &index.parts[..]) {
            return Ok(Some(Attribute { word, column: Some(column), on: list, options }));
        }
        Ok(Some(Attribute { word, column: None, on: list, options }))
    }

    /// Returns the condition for the attribute, without the condition that rows are not deleted; `None`
    /// if the index lacks the latter.
    #[allow(clippy::option_option)]
    fn condition<'b>(&self, index: &'b Index) -> Option<Option<&'b str>> {
        let implied = index.unique && self.soft_delete();
        let Some(text) = &index.condition else { return (!implied).then_some(None) };
        if !implied {
            return Some(Some(expression::bare(self.dialect, text)));
        }
        if expression::same(self.dialect, text, dialect::LIVE) {
            return Some(None);
        }
        // `(own) AND _deleted_txid IS NULL`, as either database prints it.
        let text = expression::bare(self.dialect, text);
        let own = [format!("({})", dialect::LIVE), dialect::LIVE.to_owned()];
        let own = own.iter().find_map(|live| text.strip_suffix(live.as_str()))?;
        let own = own.trim_end().strip_suffix("AND")?;
        Some(Some(expression::bare(self.dialect, own)))
    }

    /// Returns the attributes for the CHECKs that are not enums.
    fn checks(&self) -> Vec<(Option<&'a str>, String)> {
        let mut found = Vec::new();
        for check in &self.table.checks {
            let tree = expression::parse(self.dialect, &check.text);
            let is_enum = |field: &FieldOf<'_>| {
                let values = tree.as_ref().and_then(|tree| one_of(tree, field.name));
                let Some((_, variants)) = &field.variants else { return false };
                values.is_some_and(|values| {
                    values.iter().eq(variants.iter().map(|(_, stored)| stored))
                })
            };
            if self.fields.iter().any(is_enum) {
                continue;
            }
            let mut names = BTreeSet::new();
            tree.iter().for_each(|tree| expression::columns(tree, &mut names));
            let mut fields =
                self.fields.iter().filter(|field| names.contains(&field.name.to_lowercase()));
            let place = match (fields.next(), fields.next()) {
                (Some(field), None) => Some(field.name),
                _ => None,
            };
            let made = match place {
                Some(column) => name::join(&[&self.names.table, column, "check"]),
                None => name::join(&[&self.names.table, "check"]),
            };
            let named = check.name.as_ref().filter(|name| **name != made);
            let mut list = vec![rust::literal(expression::bare(self.dialect, &check.text))];
            list.extend(named.map(|name| format!("name = {}", rust::literal(name))));
            found.push((place, rust::attribute("check", list, 1)));
        }
        found
    }

    /// Returns the arguments of `references` for a foreign key: for a field if it has one column,
    /// otherwise for the struct.
    ///
    /// # Errors
    /// The reason why it cannot be taken over.
    fn reference(
        &self,
        key: &Reference,
        tables: &BTreeMap<&str, Written<'_>>,
    ) -> Result<Vec<String>, String> {
        let columns = key.columns.join(", ");
        let left = |why: &str| Err(format!("reference from ({columns}) to `{}`: {why}", key.table));
        let Some(from) = self.all(&key.columns) else {
            return left("the column is not taken over");
        };
        let first = self.references().into_iter().find(|other| other.columns == key.columns);
        if first.is_some_and(|first| first != key) {
            return left("the column has another reference already");
        }
        let Some(target) = tables.get(key.table.as_str()) else {
            return left("the table is not taken over");
        };
        let is_key = key.to.iter().all(String::is_empty) || key.to == target.table.key;
        let to = if is_key { &target.table.key } else { &key.to };
        let Some(to) = target.all(to) else {
            return left("the column that it refers to is not taken over");
        };
        if from.len() != to.len() {
            return left("the numbers of columns differ");
        }
        let form = |field: &FieldOf<'_>| (field.ty.ty.clone(), field.ty.sql_type.clone());
        let is_enum = |field: &&FieldOf<'_>| field.variants.is_some();
        if from.iter().zip(&to).any(|(from, to)| form(from) != form(to))
            || from.iter().chain(&to).any(is_enum)
        {
            return left("the columns have different types");
        }
        let unique = |(name, index): (&String, &Index)| {
            let on = |part: &Part| matches!(part, Part::Column(name) if to.iter().any(|to| to.name == *name));
            index.unique
                && index.condition.is_none()
                && index.parts.len() == to.len()
                && index.parts.iter().all(on)
                && matches!(target.index(name, index), Ok(Some(_)))
        };
        if !is_key && (target.soft_delete() || !target.table.indexes.iter().any(unique)) {
            return left("the columns that it refers to are not unique for Kontract");
        }
        let idents = |fields: &[&FieldOf<'_>]| -> String {
            let idents: Vec<String> =
                fields.iter().map(|field| rust::ident(&field.ident)).collect();
            idents.join(", ")
        };
        let mut list = Vec::new();
        match &from[..] {
            [_] => {
                list.push(target.names.ident.clone());
                list.extend((!is_key).then(|| format!("field = {}", rust::literal(&to[0].ident))));
            }
            _ => {
                list.push(format!("fields({})", idents(&from)));
                list.push(if is_key {
                    target.names.ident.clone()
                } else {
                    format!("{}({})", target.names.ident, idents(&to))
                });
            }
        }
        for (word, action) in [("on_delete", key.on_delete), ("on_update", key.on_update)] {
            if action != Action::NoAction {
                list.push(format!("{word} = \"{}\"", words(action)));
            }
        }
        Ok(list)
    }
}

/// The attribute for an index.
struct Attribute<'a> {
    word: &'static str,
    /// The column, if the index is on one column in ascending order.
    column: Option<&'a str>,
    /// The indexed fields or expressions.
    on: Vec<String>,
    /// The other arguments.
    options: Vec<String>,
}

fn words(action: Action) -> &'static str {
    match action {
        Action::NoAction => "no_action",
        Action::Restrict => "restrict",
        Action::Cascade => "cascade",
        Action::SetNull => "set_null",
        Action::SetDefault => "set_default",
    }
}

/// Returns the strings of `column IN ('a', 'b')`.
fn one_of(tree: &Expr, column: &str) -> Option<Vec<String>> {
    let Expr::Call(word, parts) = tree else { return None };
    let [Expr::Name(name), values @ ..] = &parts[..] else { return None };
    if word != "in" || *name != column.to_lowercase() {
        return None;
    }
    let text = |value: &Expr| match value {
        Expr::Text(text) => Some(text.clone()),
        _ => None,
    };
    values.iter().map(text).collect()
}

fn write_enum(ident: &str, variants: &[(String, String)], to: &mut String) {
    let _ = writeln!(
        to,
        "\n#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]"
    );
    let snake = variants.iter().all(|(variant, stored)| rust::snake_of(variant) == *stored);
    if snake {
        let _ = writeln!(to, "#[serde(rename_all = \"snake_case\")]");
    }
    let _ = writeln!(to, "pub enum {ident} {{");
    for (variant, stored) in variants {
        if !snake && variant != stored {
            let _ = writeln!(to, "    #[serde(rename = {})]", rust::literal(stored));
        }
        let _ = writeln!(to, "    {variant},");
    }
    let _ = writeln!(to, "}}");
}
