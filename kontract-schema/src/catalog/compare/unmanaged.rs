//! Lists what a schema does not have, and what no comparison looks at.

use super::column::DefaultDifference;
use super::index::same_index;
use super::{Sides, is_demanded};
use crate::catalog::{Catalog, LiveCheck, LiveIndex, LiveReference};
use crate::dialect::print_path;
use crate::sqltext::expression;

/// Returns the objects that the schema does not have, in a fixed order, and those that could not be
/// compared.
pub fn unmanaged(expected: &Catalog, live: &Catalog) -> Vec<String> {
    let mut list = Vec::new();
    for (name, found) in &live.tables {
        match expected.tables.get(name) {
            None if name.starts_with("_kontract") => {}
            None => list.push(format!("table `{}`", print_path(name))),
            Some(wanted) => {
                let sides = Sides { path: name, wanted, found, expected, live };
                let table = print_path(name);
                sides.besides(&mut |what: String| list.push(format!("{what} of table `{table}`")));
            }
        }
    }
    // A name with a schema is of another one.
    let other = |name: &&String| !expected.enums.contains_key(*name) && !name.contains('.');
    list.extend(live.enums.keys().filter(other).map(|name| format!("enum type `{name}`")));
    let others = live.others.iter();
    list.extend(others.map(|other| format!("{} `{}`", other.kind, print_path(&other.name))));
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
        (_, Some(stem)) if !stem.ends_with('e') => format!("{count} {stem}ies"),
        _ if kind.ends_with('x') => format!("{count} {kind}es"),
        _ => format!("{count} {kind}s"),
    });
    counts.collect()
}

impl Sides<'_> {
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
                push(format!("reference from ({columns}) to `{}`", print_path(&key.table)));
            }
        }
        let has_comments = !self.wanted.comments.is_empty();
        for column in self.found.comments.keys().filter(|_| has_comments) {
            match column.as_str() {
                _ if self.wanted.comments.contains_key(column) => {}
                "" => push("comment".to_owned()),
                column => push(format!("comment of the column `{column}`")),
            }
        }
        self.found.others.iter().for_each(|other| push(other.to_string()));
    }
}
