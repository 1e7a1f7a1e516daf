//! The tables that statements leave, as far as they show it.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::leaves_others;
use super::read::{Action, Words};
use super::{Rename, Step};
use crate::dialect::Dialect;
use crate::sqltext::{counts_changed_rows, list_names, split_at_commas, words};

/// Tables with their columns and indexes, as far as statements give them. They show what a rebuild
/// drops on purpose.
#[derive(Clone, Debug, Default)]
pub struct KnownTables(BTreeMap<String, KnownTable>);

#[derive(Clone, Debug, Default)]
struct KnownTable {
    columns: Vec<String>,
    indexes: BTreeSet<String>,
}

impl KnownTables {
    /// Adds a table with its columns and indexes.
    pub fn insert(&mut self, table: &str, columns: Vec<String>, indexes: Vec<String>) {
        let indexes = indexes.into_iter().collect();
        self.0.insert(table.to_owned(), KnownTable { columns, indexes });
    }

    /// Follows steps that were parsed from text, and sets which tables they rebuild, and which columns
    /// and indexes they drop with a table. In steps that a user wrote (`by_hand`), the names in the
    /// statements that copy the rows count as well, and what goes with a dropped table is the user's
    /// choice.
    pub fn follow(&mut self, dialect: Dialect, steps: &mut [Step], by_hand: bool) {
        for at in 0..steps.len() {
            if let Some(generated) = &mut steps[at].rust {
                self.follow(dialect, generated, false);
                continue;
            }
            for table in steps[at].drops.clone() {
                let known = self.0.remove(&table);
                let is_known = known.is_some();
                let KnownTable { columns: old, indexes } = known.unwrap_or_default();
                if !by_hand && is_known && leaves_others(dialect) {
                    steps[at].own_indexes = Some(indexes.into_iter().collect());
                }
                let renames = steps[at..].iter().flat_map(|step| &step.renames);
                let new = renames
                    .filter(|rename| rename.to == table)
                    .find_map(|rename| Some(self.0.get(&rename.from)?.columns.clone()));
                let Some(new) = new else {
                    if steps[at].own_indexes.is_some() {
                        steps[at].drops_columns = old;
                    }
                    continue;
                };
                let named: Vec<String> = steps[..at]
                    .iter()
                    .filter(|step| by_hand && counts_changed_rows(dialect, &step.sql))
                    .flat_map(|step| list_names(dialect, &step.sql))
                    .map(|(name, _)| name)
                    .filter(|name| !self.0.contains_key(name) && *name != table)
                    .collect();
                let step = &mut steps[at];
                step.rebuilds = Some(table);
                for column in old.into_iter().chain(named) {
                    if !new.contains(&column) && !step.drops_columns.contains(&column) {
                        step.drops_columns.push(column);
                    }
                }
            }
            self.follow_step(dialect, &steps[at]);
        }
    }

    /// Updates the tables after a step.
    fn follow_step(&mut self, dialect: Dialect, step: &Step) {
        let mut words = Words::new(dialect, &step.sql);
        for Rename { from, to } in &step.renames {
            if let Some(table) = self.0.remove(from) {
                self.0.insert(to.clone(), table);
            }
        }
        if let Some(index) = &step.drops_index {
            for table in self.0.values_mut() {
                table.indexes.remove(index);
            }
        }
        if let Some((index, table)) = words.clone().created_index() {
            self.0.entry(table).or_default().indexes.insert(index);
            return;
        }
        if let [table] = &step.creates[..] {
            while words.tokens.get(words.at).is_some_and(|token| !token.is("(")) {
                words.at += 1;
            }
            let list = words.bracket().unwrap_or_default();
            let new = || KnownTable { columns: columns(dialect, list), ..KnownTable::default() };
            self.0.entry(table.clone()).or_insert_with(new);
        } else if words.eat(&["ALTER"])
            && let Some((table, action)) = words.altered()
        {
            let columns = &mut self.0.entry(table).or_default().columns;
            match action {
                Action::Add(name) => columns.push(name),
                Action::Drop(name) => columns.retain(|other| *other != name),
                Action::RenameColumn { from, to } => {
                    columns.retain(|other| *other != from);
                    columns.push(to);
                }
                Action::Rename | Action::Move | Action::Validate => {}
            }
        }
    }
}

/// Returns the names of the columns in the brackets of `CREATE TABLE`.
fn columns(dialect: Dialect, list: &str) -> Vec<String> {
    let constraints = ["CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "EXCLUDE", "LIKE"];
    let parts = split_at_commas(dialect, list).into_iter();
    let first = parts.filter_map(|part| words(dialect, part).into_iter().next());
    let columns = first.filter(|token| !constraints.iter().any(|word| token.is(word)));
    columns.filter_map(|token| Some(token.name()?.into_owned())).collect()
}
