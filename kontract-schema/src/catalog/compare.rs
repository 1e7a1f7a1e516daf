//! Compares a live database with the catalogue that a schema expects.

use super::{Catalog, Difference, LiveColumn, LiveTable, OtherObject, normal};
use crate::dialect::{print_partition_key, print_path};
use crate::model::PartitionBy;

mod column;
mod constraint;
mod index;
mod unmanaged;

#[cfg(feature = "parse")]
pub(crate) use self::index::print_part;
pub use self::unmanaged::{not_compared, unmanaged};

/// Returns what the live database lacks or has differently, by table. Empty if it fits the schema.
pub fn compare(expected: &Catalog, live: &Catalog) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (name, wanted) in &expected.tables {
        let mut push = |text| differences.push(Difference { table: name.clone(), text });
        match live.tables.get(name) {
            Some(found) => Sides { path: name, wanted, found, expected, live }.compare(&mut push),
            None => push(explain_missing(name, live)),
        }
    }
    differences
}

/// Returns what has the name of a table that is missing, so that the table cannot be created: for a
/// sentence that begins with "table `users` …".
pub fn find_in_the_way(name: &str, live: &Catalog) -> Option<String> {
    if let Some(other) = describe_taken(name, live) {
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

/// Returns the object, not a table, that has a path: its kind, its name and its table.
fn describe_taken(path: &str, live: &Catalog) -> Option<String> {
    if let Some(other) = live.others.iter().find(|other| other.name == path) {
        return Some(format!("{} `{}`", other.kind, print_path(path)));
    }
    let is_same = |other: &&String| live.dialect.is_same_name(other, path);
    let (name, found) = live.taken.iter().find(|(other, _)| is_same(other))?;
    let of = found.table.iter().map(|table| format!(" of table `{}`", print_path(table)));
    Some(format!("{} `{}`{}", found.kind, print_path(name), of.collect::<String>()))
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
    /// The name of the table.
    path: &'a str,
    wanted: &'a LiveTable,
    found: &'a LiveTable,
    expected: &'a Catalog,
    live: &'a Catalog,
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
            push(match (&self.found.key[..], &self.wanted.key[..]) {
                ([], _) => format!("has no primary key; it should be ({wants})"),
                (_, []) => format!("has the primary key ({is}); the struct is `keyless`"),
                _ => format!("has the primary key ({is}) instead of ({wants})"),
            });
        }
        if self.wanted.partition_by != self.found.partition_by && !self.has_other_partition_key() {
            let form = |key: &Option<PartitionBy>| match key {
                Some(key) => format!("divided by {}", print_partition_key(self.live.dialect, key)),
                None => "not divided into partitions".to_owned(),
            };
            let (is, wants) = (form(&self.found.partition_by), form(&self.wanted.partition_by));
            push(format!("is {is} instead of {wants}"));
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
            let found = self.found.comments.get(column).map(|text| normal::normalize_comment(text));
            if found.as_ref() != Some(text) {
                push(match column.as_str() {
                    "" => "has not the comment of its struct".to_owned(),
                    column => format!("has not the comment of its field on the column `{column}`"),
                });
            }
        }
    }

    /// Whether structs cannot express the partition key, and the schema has none.
    fn has_other_partition_key(&self) -> bool {
        let is_key = |other: &OtherObject| other.kind == "partition key";
        self.wanted.partition_by.is_none() && self.found.others.iter().any(is_key)
    }

    fn alien_columns(&self) -> impl Iterator<Item = (&String, &LiveColumn)> {
        self.found.columns.iter().filter(|(name, _)| !self.wanted.columns.contains_key(*name))
    }
}

/// Whether every inserted row needs a value for the column.
fn is_demanded(column: &LiveColumn) -> bool {
    column.not_null && column.default.is_none()
}
