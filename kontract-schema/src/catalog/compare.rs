//! Compares a live database with the catalogue that a schema expects.

use super::normal::{self, NormalDefault};
use super::{
    ALWAYS, BY_DEFAULT, Catalog, Difference, IndexPart, LiveCheck, LiveColumn, LiveIndex,
    LiveReference, LiveTable,
};
use crate::dialect::{Dialect, print_path};
use crate::model::{Deferrable, SqlType};
use crate::sqltext::expression;

/// Returns what the live database lacks or has differently, by table. Empty if it fits the schema.
pub fn compare(expected: &Catalog, live: &Catalog) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (name, wanted) in &expected.tables {
        let mut push = |text| differences.push(Difference { table: name.clone(), text });
        match live.tables.get(name) {
            Some(found) => Sides { wanted, found, expected, live }.compare(&mut push),
            None => push(explain_missing(name, live)),
        }
    }
    differences
}

/// Returns the objects that the schema does not have, in a fixed order, and those that could not be
/// compared.
pub fn unmanaged(expected: &Catalog, live: &Catalog) -> Vec<String> {
    let mut list = Vec::new();
    for (name, found) in &live.tables {
        match expected.tables.get(name) {
            None if name.starts_with("_kontract") => {}
            None => list.push(format!("table `{}`", print_path(name))),
            Some(wanted) => {
                let sides = Sides { wanted, found, expected, live };
                let table = print_path(name);
                sides.besides(&mut |what: String| list.push(format!("{what} of table `{table}`")));
            }
        }
    }
    // A name with a schema is of another one.
    let other = |name: &&String| !expected.enums.contains_key(*name) && !name.contains('.');
    list.extend(live.enums.keys().filter(other).map(|name| format!("enum type `{name}`")));
    list.extend(live.others.iter().map(ToString::to_string));
    list
}

/// Returns the kinds of objects that no comparison looks at, with their numbers: `2 views`.
pub fn not_compared(live: &Catalog) -> Vec<String> {
    let mut counts = live.ignored.clone();
    let of_tables = live.tables.values().flat_map(|table| &table.others);
    for other in live.others.iter().chain(of_tables) {
        *counts.entry(other.kind.clone()).or_default() += 1;
    }
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    let counts = counts.map(|(kind, count)| match (count, kind.strip_suffix('y')) {
        (1, _) => format!("1 {kind}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) if kind.ends_with('x') => format!("{count} {kind}es"),
        (_, None) => format!("{count} {kind}s"),
    });
    counts.collect()
}

/// Returns what has the name of a table that is missing, so that the table cannot be created: for a
/// sentence that begins with "table `users` …".
pub fn find_in_the_way(name: &str, live: &Catalog) -> Option<String> {
    if let Some(other) = live.others.iter().find(|other| other.name == name) {
        return Some(format!("is not a table: the database has the {other}"));
    }
    if live.dialect.capabilities().case_sensitive_names {
        return None;
    }
    let (kind, other) = find_similar(name, live)?;
    Some(match kind {
        "table" => format!(
            "is the table `{other}` in the database, which takes both names for one: \
             write `ptr = \"{other}\"` in `#[table(…)]`"
        ),
        _ => format!("is not a table: the database has the {kind} `{other}`"),
    })
}

/// Returns the object whose name differs from a table's only in case: its kind and name.
fn find_similar<'a>(name: &str, live: &'a Catalog) -> Option<(&'a str, &'a str)> {
    let others = live.others.iter().map(|other| (other.kind.as_str(), other.name.as_str()));
    let tables = live.tables.keys().map(|table| ("table", table.as_str()));
    let lower = name.to_lowercase();
    tables.chain(others).find(|(_, other)| *other != name && other.to_lowercase() == lower)
}

/// Returns why a table is missing.
fn explain_missing(name: &str, live: &Catalog) -> String {
    find_in_the_way(name, live).unwrap_or_else(|| match find_similar(name, live) {
        Some((kind, other)) => format!(
            "does not exist; the database has the {kind} `{other}`, whose name differs in case"
        ),
        None => "does not exist".to_owned(),
    })
}

/// A table in both catalogues.
#[derive(Clone, Copy)]
struct Sides<'a> {
    wanted: &'a LiveTable,
    found: &'a LiveTable,
    expected: &'a Catalog,
    live: &'a Catalog,
}

/// The result of comparing a default.
enum DefaultDifference {
    None,
    /// The text differs; the meaning may be the same.
    Unsure,
    Is(String),
    /// The live column has a default that the schema does not have and that changes nothing.
    Besides,
}

impl Sides<'_> {
    fn compare(&self, push: &mut impl FnMut(String)) {
        for (name, column) in &self.wanted.columns {
            match self.found.columns.get(name) {
                Some(other) => self.compare_column(name, column, other, push),
                None => push(format!("has no column `{name}`")),
            }
        }
        if self.wanted.external {
            return;
        }
        for (name, _) in self.alien_columns().filter(|(_, column)| is_demanded(column)) {
            push(format!("has another column `{name}` that is NOT NULL and has no default"));
        }
        if self.wanted.key != self.found.key {
            let (is, wants) = (self.found.key.join(", "), self.wanted.key.join(", "));
            push(format!("has the primary key ({is}) instead of ({wants})"));
        }
        for (name, index) in &self.wanted.indexes {
            self.compare_index(name, index, push);
        }
        for check in &self.wanted.checks {
            self.compare_check(check, push);
        }
        for key in &self.wanted.references {
            self.compare_reference(key, push);
        }
        for (column, text) in &self.wanted.comments {
            if self.found.comments.get(column) != Some(text) {
                push(match column.as_str() {
                    "" => "has not the comment of its struct".to_owned(),
                    column => format!("has not the comment of its field on the column `{column}`"),
                });
            }
        }
    }

    fn compare_column(
        &self,
        name: &str,
        wanted: &LiveColumn,
        found: &LiveColumn,
        push: &mut impl FnMut(String),
    ) {
        let (is, wants) = (self.type_word(&found.ty), self.type_word(&wanted.ty));
        if is != wants {
            let is = match self.live.dialect {
                Dialect::Sqlite if is == "any" => found.ty.to_ascii_lowercase(),
                _ => is,
            };
            push(format!("has the column `{name}` of type {is} instead of {wants}"));
        } else if let (is, Some(wants)) = self.collations(wanted, found)
            && is.as_ref() != Some(&wants)
        {
            let is = is.map_or_else(|| "that of its type".to_owned(), |is| format!("`{is}`"));
            push(format!("has the column `{name}` with the collation {is} instead of `{wants}`"));
        }
        self.compare_enum(name, found, push);
        if self.wanted.external {
            return;
        }
        match (found.not_null, wanted.not_null) {
            (true, false) => push(format!("has the column `{name}`, which refuses NULL")),
            // Tables of old SQLite versions allow NULL in a key; Kontract never writes a NULL key.
            (false, true) if self.is_loose_key(name) => {}
            (false, true) => push(format!("has the column `{name}`, which allows NULL")),
            _ => {}
        }
        if let DefaultDifference::Is(text) = self.compare_default(name, wanted, found) {
            push(text);
        }
    }

    fn is_loose_key(&self, name: &str) -> bool {
        self.live.dialect == Dialect::Sqlite && self.found.key.iter().any(|key| key == name)
    }

    /// Returns the collations of both columns, found and wanted, if they are not those of the types.
    fn collations(
        &self,
        wanted: &LiveColumn,
        found: &LiveColumn,
    ) -> (Option<String>, Option<String>) {
        let collation = |column: &LiveColumn| match self.live.dialect {
            Dialect::Postgres => SqlType::from_text(&column.ty).collation().map(str::to_owned),
            Dialect::Sqlite => None,
        };
        (collation(found), collation(wanted))
    }

    fn type_word(&self, text: &str) -> String {
        match self.live.dialect {
            Dialect::Postgres => normal::normalize_type(text),
            Dialect::Sqlite => normal::find_affinity(text),
        }
    }

    fn compare_default(
        &self,
        name: &str,
        wanted: &LiveColumn,
        found: &LiveColumn,
    ) -> DefaultDifference {
        use DefaultDifference::{Besides, Is, Unsure};
        let ty = self.type_word(&wanted.ty);
        let starts = |prefix: &str| found.default.as_ref().is_some_and(|d| d.starts_with(prefix));
        if found.expression().is_some() || wanted.expression().is_some() {
            return self.compare_expression(name, wanted, found);
        }
        match (wanted.is_numbered(), found.is_numbered() || self.is_row_number(name, found)) {
            (true, true) => return DefaultDifference::None,
            (true, false) => {
                return Is(format!("has the column `{name}`, which the database does not number"));
            }
            (false, true) if starts(ALWAYS) => {
                return Is(format!(
                    "has the column `{name}`, which takes no values: it is an identity"
                ));
            }
            _ => {}
        }
        let form = |column: &LiveColumn| {
            let is_null = |text: &&str| {
                expression::strip_brackets(self.live.dialect, text).eq_ignore_ascii_case("null")
            };
            let text = column.default.as_deref().filter(|text| !is_null(text));
            text.map(|text| normal::normalize_default(self.live.dialect, text, &ty))
        };
        match (form(found), form(wanted)) {
            (None, None) => DefaultDifference::None,
            // The program gives the values of a key, so a default makes no difference.
            (Some(_), None) if self.wanted.key.iter().any(|key| key == name) => Besides,
            (Some(_), None) if starts(BY_DEFAULT) => Besides,
            (Some(NormalDefault::Expression(_)), None) => Besides,
            (Some(NormalDefault::Constant(_)), None) if !takes_default(&ty) => Besides,
            (Some(actual), None) => {
                Is(format!("has the column `{name}` with the default {actual}"))
            }
            (None, Some(_)) => Is(format!("has the column `{name}` without its default")),
            (Some(is), Some(wants)) if is == wants => DefaultDifference::None,
            (Some(is), Some(wants)) => match (&is, &wants) {
                (NormalDefault::Expression(a), NormalDefault::Expression(b))
                    if same_expression(self.live.dialect, a, b) =>
                {
                    DefaultDifference::None
                }
                (NormalDefault::Expression(_), NormalDefault::Expression(_))
                    if self.live.unsure =>
                {
                    Unsure
                }
                _ => {
                    Is(format!("has the column `{name}` with the default {is} instead of {wants}"))
                }
            },
        }
    }

    /// Whether a column is SQLite's number of the row: the only key column, of the type INTEGER.
    fn is_row_number(&self, name: &str, found: &LiveColumn) -> bool {
        self.live.dialect == Dialect::Sqlite
            && self.found.key == [name]
            && found.ty.eq_ignore_ascii_case("integer")
    }

    /// Compares the expressions of generated columns, of which one may be a plain column.
    fn compare_expression(
        &self,
        name: &str,
        wanted: &LiveColumn,
        found: &LiveColumn,
    ) -> DefaultDifference {
        use DefaultDifference::{Is, Unsure};
        let (wants, is) = match (wanted.expression(), found.expression()) {
            (Some(wants), Some(is)) => (wants, is),
            (None, _) => {
                let text = "which takes no values: it is generated";
                return Is(format!("has the column `{name}`, {text}"));
            }
            (_, None) => return Is(format!("has the column `{name}`, which is not generated")),
        };
        if wants.1 != is.1 {
            let word = |stored| if stored { "stored" } else { "virtual" };
            let (is, wants) = (word(is.1), word(wants.1));
            return Is(format!("has the generated column `{name}`, which is {is}, not {wants}"));
        }
        if expression::have_same_meaning(self.live.dialect, is.0, wants.0) {
            DefaultDifference::None
        } else if self.live.unsure {
            Unsure
        } else {
            let (is, wants) = (is.0, wants.0);
            Is(format!("has the column `{name}` generated as `{is}` instead of `{wants}`"))
        }
    }

    /// Returns the table that has an index of this name.
    fn find_owner(&self, index: &str) -> Option<&str> {
        let ignores_case = !self.live.dialect.capabilities().case_sensitive_names;
        let is_same =
            |other: &String| other == index || (ignores_case && other.eq_ignore_ascii_case(index));
        let mut tables = self.live.tables.iter();
        tables.find(|(_, table)| table.indexes.keys().any(is_same)).map(|(name, _)| name.as_str())
    }

    fn compare_index(&self, name: &str, wanted: &LiveIndex, push: &mut impl FnMut(String)) {
        let Some(found) = self.found.indexes.get(name) else {
            let mut others = self.found.indexes.iter();
            let other = others
                .find(|(_, other)| same_index(self.live.dialect, other, wanted) && other.valid);
            return match other {
                // SQLite itself names the index of a UNIQUE in CREATE TABLE.
                Some((other, _)) if other.starts_with("sqlite_autoindex_") => {}
                Some((other, _)) => {
                    push(format!(
                        "has no index `{name}`; `{other}` is the same under another name"
                    ));
                }
                None => push(match self.find_owner(name) {
                    Some(owner) => format!(
                        "has no index `{name}`: the table `{}` has an index of that name, and names of indexes are unique in a database",
                        print_path(owner)
                    ),
                    None => format!("has no index `{name}`"),
                }),
            };
        };
        if !found.valid {
            return push(format!("has the index `{name}`, which is INVALID: building it failed"));
        }
        if found.unique != wanted.unique {
            let is = if found.unique { "is unique" } else { "is not unique" };
            return push(format!("has the index `{name}`, which {is}"));
        }
        if found.method != wanted.method {
            let (is, wants) = (&found.method, &wanted.method);
            return push(format!("has the index `{name}` of the kind {is} instead of {wants}"));
        }
        let unsure = self.live.unsure && has_expression(wanted);
        if !unsure && !same_parts(self.live.dialect, found, wanted) {
            let (is, wants) = (list_parts(found), list_parts(wanted));
            return push(format!("has the index `{name}` on ({is}) instead of ({wants})"));
        }
        if let Some(text) = option_difference(found, wanted) {
            return push(format!("has the index `{name}` {text}"));
        }
        if !same_condition(self.live.dialect, found, wanted) && !self.live.unsure {
            let text = |index: &LiveIndex| match &index.condition {
                Some(text) => format!("where {text}"),
                None => "of all rows".to_owned(),
            };
            let (is, wants) = (text(found), text(wanted));
            push(format!("has the index `{name}` {is} instead of {wants}"));
        }
    }

    fn compare_check(&self, wanted: &LiveCheck, push: &mut impl FnMut(String)) {
        let name = wanted.name.as_deref().unwrap_or_default();
        let named = self.found.checks.iter().find(|check| check.name == wanted.name);
        let same = |check: &&LiveCheck| {
            expression::have_same_meaning(self.live.dialect, &check.text, &wanted.text)
        };
        let Some(found) = named.filter(same).or(self.found.checks.iter().find(same)) else {
            return match named {
                None => push(format!("has no constraint `{name}`")),
                Some(_) if self.live.unsure => {}
                Some(found) => push(format!(
                    "has the constraint `{name}` with the condition {} instead of {}",
                    found.text, wanted.text
                )),
            };
        };
        if !found.valid {
            let name = found.name.as_deref().unwrap_or(name);
            push(format!("has the constraint `{name}`, which is NOT VALID: old rows may break it"));
        }
    }

    /// Compares the values of the enum type of a column.
    fn compare_enum(&self, name: &str, found: &LiveColumn, push: &mut impl FnMut(String)) {
        let ty = found.ty.strip_suffix("[]").unwrap_or(&found.ty);
        if let (Some(wanted), Some(is)) = (self.expected.enums.get(ty), self.live.enums.get(ty))
            && wanted != is
        {
            let (is, wants) = (is.join(", "), wanted.join(", "));
            push(format!(
                "has the column `{name}` of the enum type `{ty}` with the values ({is}) instead of ({wants})"
            ));
        }
    }

    fn compare_reference(&self, wanted: &LiveReference, push: &mut impl FnMut(String)) {
        let name = wanted.name.as_deref().unwrap_or_default();
        let on = |key: &&LiveReference| {
            key.columns == wanted.columns
                && key.table == wanted.table
                && (key.to == wanted.to || self.is_key_of(key, &wanted.to))
        };
        let same = |key: &&LiveReference| {
            let rules = |key: &LiveReference| (key.on_delete, key.on_update, key.deferrable);
            on(key) && rules(key) == rules(wanted)
        };
        let columns = wanted.columns.join(", ");
        match self.found.references.iter().find(same) {
            Some(found) if !found.valid => {
                let name = found.name.as_deref().unwrap_or(name);
                push(format!(
                    "has the reference `{name}`, which is NOT VALID: old rows may break it"
                ));
            }
            Some(_) => {}
            None => match self.found.references.iter().find(on) {
                Some(other) => push(format!(
                    "has the reference from ({columns}) to `{}` with{} instead of{}",
                    wanted.table,
                    print_actions(other),
                    print_actions(wanted)
                )),
                None => push(format!(
                    "has no reference `{name}` from ({columns}) to `{}` ({})",
                    wanted.table,
                    wanted.to.join(", ")
                )),
            },
        }
    }

    /// SQLite omits the columns that a reference refers to if they are the primary key.
    fn is_key_of(&self, key: &LiveReference, to: &[String]) -> bool {
        let named = key.to.iter().any(|name| !name.is_empty());
        !named && self.live.tables.get(&key.table).is_some_and(|table| table.key == to)
    }

    fn alien_columns(&self) -> impl Iterator<Item = (&String, &LiveColumn)> {
        self.found.columns.iter().filter(|(name, _)| !self.wanted.columns.contains_key(*name))
    }

    /// Reports the objects of the table that the schema does not have.
    fn besides(&self, push: &mut impl FnMut(String)) {
        for (name, _) in self.alien_columns().filter(|(_, column)| !is_demanded(column)) {
            push(format!("column `{name}`"));
        }
        for (name, wanted) in &self.wanted.columns {
            let Some(found) = self.found.columns.get(name) else { continue };
            if let (Some(collation), None) = self.collations(wanted, found) {
                push(format!("collation `{collation}` of the column `{name}`"));
            }
            let text = found.default.as_deref().unwrap_or_default();
            match self.compare_default(name, wanted, found) {
                DefaultDifference::Besides => {
                    push(format!("default `{text}` of the column `{name}`"));
                }
                DefaultDifference::Unsure => push(format!(
                    "(not compared, the database does not let this role ask: default `{text}` of the column `{name}`)"
                )),
                _ => {}
            }
        }
        for (name, index) in &self.found.indexes {
            let serves = |wanted: &LiveIndex| {
                name.starts_with("sqlite_autoindex_")
                    && same_index(self.live.dialect, index, wanted)
            };
            let known = self.wanted.indexes.contains_key(name);
            if !known && !self.wanted.indexes.values().any(serves) {
                push(format!("index `{name}`"));
            }
        }
        for check in &self.found.checks {
            let serves = |wanted: &&LiveCheck| {
                expression::have_same_meaning(self.live.dialect, &wanted.text, &check.text)
            };
            if self.wanted.checks.iter().any(|wanted| serves(&wanted)) {
                continue;
            }
            let known = check.name.is_some()
                && self.wanted.checks.iter().any(|wanted| wanted.name == check.name);
            match &check.name {
                Some(name) if known && self.live.unsure => push(format!(
                    "(not compared, the database does not let this role ask: constraint `{name}`)"
                )),
                _ if known => {}
                Some(name) => push(format!("constraint `{name}`")),
                None => push(format!("constraint CHECK ({})", check.text)),
            }
        }
        for key in &self.found.references {
            let serves =
                |wanted: &LiveReference| wanted.columns == key.columns && wanted.table == key.table;
            if !self.wanted.references.iter().any(serves) {
                let columns = key.columns.join(", ");
                push(format!("reference from ({columns}) to `{}`", key.table));
            }
        }
        self.found.others.iter().for_each(|other| push(other.to_string()));
    }
}

/// Whether every inserted row needs a value for the column.
fn is_demanded(column: &LiveColumn) -> bool {
    column.not_null && column.default.is_none()
}

/// Whether a field of this type can have a default in the source.
fn takes_default(ty: &str) -> bool {
    let words = ["text", "character", "smallint", "integer", "bigint", "real", "double", "boolean"];
    words.iter().any(|word| ty.starts_with(word)) && !ty.ends_with("[]")
}

/// Compares two defaults that are expressions. The name of a sequence is chosen by the database.
fn same_expression(dialect: Dialect, a: &str, b: &str) -> bool {
    let counts = |text: &str| text.starts_with("nextval(");
    expression::have_same_meaning(dialect, a, b) || counts(a) && counts(b)
}

fn same_index(dialect: Dialect, a: &LiveIndex, b: &LiveIndex) -> bool {
    a.unique == b.unique
        && a.method == b.method
        && option_difference(a, b).is_none()
        && same_parts(dialect, a, b)
        && same_condition(dialect, a, b)
}

fn same_parts(dialect: Dialect, a: &LiveIndex, b: &LiveIndex) -> bool {
    let same = |(at, (one, other)): (usize, (&IndexPart, &IndexPart))| {
        let bare = match (one.bare(), other.bare()) {
            (IndexPart::Column(one), IndexPart::Column(other)) => one == other,
            // The column of an index that SQLite made for a constraint, with the column's collation.
            (IndexPart::Expression(one), IndexPart::Column(other)) => {
                split_collation(one).is_some_and(|(column, _)| column == other)
            }
            (IndexPart::Expression(one), IndexPart::Expression(other)) => {
                expression::have_same_meaning(dialect, one, other)
            }
            _ => false,
        };
        // A catalogue does not name the operator class of a part that has the default one.
        let without_class = |part: &IndexPart, of: &LiveIndex| {
            let class = of.classes.get(at).map_or("", String::as_str);
            part.order().strip_prefix(class).unwrap_or(part.order()).trim_start().to_owned()
        };
        let order = one.order() == other.order()
            || one.order() == without_class(other, a)
            || other.order() == without_class(one, b);
        bare && order
    };
    a.parts.len() == b.parts.len() && a.parts.iter().zip(&b.parts).enumerate().all(same)
}

/// Returns how the included columns and the rules of an index differ, for a sentence about it.
fn option_difference(found: &LiveIndex, wanted: &LiveIndex) -> Option<String> {
    let include = |index: &LiveIndex| match &index.include[..] {
        [] => "without included columns".to_owned(),
        columns => format!("including ({})", columns.join(", ")),
    };
    let nulls = |index: &LiveIndex| {
        let word = if index.nulls_not_distinct { "equal" } else { "distinct" };
        format!("with {word} NULLs")
    };
    let when = |index: &LiveIndex| match index.deferrable {
        Deferrable::Never => "that is not deferrable".to_owned(),
        deferrable => format!("that is{}", deferrable.sql()),
    };
    let of: [&dyn Fn(&LiveIndex) -> String; 3] = [&include, &nulls, &when];
    let differs = of.iter().find(|of| of(found) != of(wanted))?;
    Some(format!("{} instead of one {}", differs(found), differs(wanted)))
}

/// Splits `name COLLATE NOCASE`, as the catalogue of SQLite has it.
fn split_collation(text: &str) -> Option<(&str, &str)> {
    text.split_once(" COLLATE ").filter(|(column, _)| !column.contains(['(', ' ']))
}

fn same_condition(dialect: Dialect, a: &LiveIndex, b: &LiveIndex) -> bool {
    match (&a.condition, &b.condition) {
        (Some(a), Some(b)) => expression::have_same_meaning(dialect, a, b),
        (None, None) => true,
        _ => false,
    }
}

fn has_expression(index: &LiveIndex) -> bool {
    index.parts.iter().any(|part| matches!(part.bare(), IndexPart::Expression(_)))
}

fn list_parts(index: &LiveIndex) -> String {
    index.parts.iter().map(print_part).collect::<Vec<_>>().join(", ")
}

/// Returns a part of an index as messages print it.
pub(crate) fn print_part(part: &IndexPart) -> String {
    match part.order() {
        "" => part.as_str().to_owned(),
        order => format!("{} {}", part.as_str(), order.to_uppercase()),
    }
}

/// Returns the actions as SQL, ` ON DELETE CASCADE ON UPDATE NO ACTION`, and when it is checked.
fn print_actions(key: &LiveReference) -> String {
    let (on_delete, on_update) = (key.on_delete.sql(), key.on_update.sql());
    format!(" ON DELETE {on_delete} ON UPDATE {on_update}{}", key.deferrable.sql())
}
