//! Drops foreign keys while the columns, key or unique index that they depend on change, and adds them
//! again after the last such change. The references of a new table to what such a change creates are
//! added then, too.

use super::enum_types::is_change_of_type;
use crate::change::{Change, Fact, ItemChange};
use crate::model::{ForeignKey, Schema, Table};
use crate::sql::ddl::{Alter, Statement};
use crate::sql::table;

/// The foreign keys that are dropped at the moment.
#[derive(Default)]
pub struct Detached {
    /// Table and name of each.
    references: Vec<(String, String)>,
    /// Those of new tables, which do not exist yet.
    postponed: Vec<(String, String)>,
    /// Those of tables that later changes remove.
    dropped: Vec<(String, String)>,
    /// The index of the last change for which they must be dropped.
    last: usize,
}

impl Detached {
    /// Drops the foreign keys that this change, or a later one, affects.
    pub fn detach(&mut self, at: usize, changes: &[Change], schema: &Schema) -> Vec<Statement> {
        let rest = &changes[at..];
        if !self.references.is_empty() || !affects_targets(&rest[0], schema) {
            return Vec::new();
        }
        let mut statements = Vec::new();
        for (of, name, key) in schema.list_references() {
            let is_gone = rest.iter().any(|change| removes(change, of, name));
            let mut is_affected = rest.iter().any(|change| affects(change, of, key, schema));
            is_affected &= schema.tables.contains_key(&key.table);
            let place = (of.to_owned(), name.to_owned());
            if is_affected && (!is_gone || rest.iter().any(|change| removes_table(change, of))) {
                if self.dropped.contains(&place) || self.postponed.contains(&place) {
                    continue;
                }
                let list = if is_gone { &mut self.dropped } else { &mut self.references };
                list.push(place);
                statements.push(Statement::Alter {
                    table: schema.tables[of].path(),
                    action: Alter::DropConstraint(name.to_owned()),
                });
            }
        }
        self.last = last_delay(at, changes, schema);
        statements
    }

    /// Drops the foreign keys of a table, and those that refer to it.
    pub fn detach_table(&mut self, at: usize, table: &Table, schema: &Schema) -> Vec<Statement> {
        let mut statements = Vec::new();
        for (of, name, key) in schema.list_references() {
            let place = (of.to_owned(), name.to_owned());
            let lists = [&self.references, &self.postponed, &self.dropped];
            let is_affected = of == table.name || key.table == table.name;
            if is_affected && !lists.iter().any(|list| list.contains(&place)) {
                self.references.push(place);
                statements.push(Statement::Alter {
                    table: schema.tables[of].path(),
                    action: Alter::DropConstraint(name.to_owned()),
                });
            }
        }
        self.last = self.last.max(at);
        statements
    }

    /// Takes the references out of the statements that create tables whose targets do not exist yet.
    /// Changes that follow create them.
    pub fn postpone(
        &mut self,
        at: usize,
        changes: &[Change],
        schema: &Schema,
        mut create: Vec<Statement>,
    ) -> Vec<Statement> {
        let changes_later = |table: &str| {
            let is_later = |change: &Change| !matches!(change.fact, Fact::TableAdded(_));
            changes[at..].iter().any(|change| change.table == table && is_later(change))
        };
        let waits = |of: &Table, name: &str| {
            let key = of.references.get(name);
            key.is_some_and(|key| changes_later(&key.table) && !has_target(of, key, schema))
        };
        for statement in &mut create {
            let Statement::CreateTable(create) = statement else { continue };
            let Some(of) = schema.tables.values().find(|table| table.path() == create.name) else {
                continue;
            };
            create.constraints.retain(|constraint| {
                let waits = waits(of, &constraint.name);
                if waits {
                    self.postponed.push((of.name.clone(), constraint.name.clone()));
                }
                !waits
            });
        }
        if !self.postponed.is_empty() {
            self.last = last_delay(at, changes, schema);
        }
        create
    }

    /// Whether the change renames a dropped foreign key: it is added again under the new name.
    pub fn rename(&mut self, change: &Change) -> bool {
        let Fact::Reference(ItemChange::Renamed(from, to)) = &change.fact else { return false };
        let is_it = |(table, name): &&mut (String, String)| *table == change.table && name == from;
        match self.references.iter_mut().find(is_it) {
            Some((_, name)) => {
                name.clone_from(to);
                true
            }
            None => false,
        }
    }

    /// Adds all of them again after the last change for which they had to be dropped.
    pub fn attach(&mut self, at: usize, schema: &Schema) -> Vec<Statement> {
        if at < self.last {
            return Vec::new();
        }
        let mut detached = std::mem::take(&mut self.references);
        detached.append(&mut self.postponed);
        let add = |(of, name): &(String, String)| {
            let of = schema.tables.get(of)?;
            let constraint = table::reference(of, name, of.references.get(name)?, schema);
            let action = Alter::AddConstraint(constraint);
            Some(Statement::Alter { table: of.path(), action })
        };
        detached.iter().filter_map(add).collect()
    }
}

/// Returns the index of the last change for which references have to wait.
fn last_delay(at: usize, changes: &[Change], schema: &Schema) -> usize {
    let delays = |change: &Change| match &change.fact {
        Fact::Index(ItemChange::Added(..)) => true,
        _ => affects_targets(change, schema),
    };
    changes.iter().rposition(delays).unwrap_or(at).max(at)
}

/// Whether the fields that the reference refers to exist, have its types, and are unique.
fn has_target(of: &Table, key: &ForeignKey, schema: &Schema) -> bool {
    let target = if key.table == of.name { Some(of) } else { schema.tables.get(&key.table) };
    target.is_none_or(|target| {
        let mut pairs = key.fields.iter().zip(&key.to);
        let fits = |(from, to): (&String, &String)| match (of.field(from), target.field(to)) {
            (Some(from), Some(to)) => from.ty == to.ty && from.sql_type == to.sql_type,
            _ => false,
        };
        target.external || (target.is_target(&key.to) && pairs.all(fits))
    })
}

/// Whether the change affects something that foreign keys can depend on.
fn affects_targets(change: &Change, schema: &Schema) -> bool {
    use Fact::*;
    if is_change_of_type(change, schema) {
        return false;
    }
    matches!(
        change.fact,
        TypeChanged { .. }
            | VariantsRenamed { .. }
            | KeyChanged { .. }
            | Index(ItemChange::Removed(..) | ItemChange::Changed(..))
    )
}

/// Whether the change affects this foreign key of a table.
fn affects(change: &Change, of: &str, key: &ForeignKey, schema: &Schema) -> bool {
    let is_target = change.table == key.table;
    match &change.fact {
        _ if is_change_of_type(change, schema) => false,
        Fact::TypeChanged { field, .. } | Fact::VariantsRenamed { field, .. } => {
            (change.table == of && key.fields.contains(field))
                || (is_target && key.to.contains(field))
        }
        Fact::KeyChanged { .. } => is_target,
        Fact::Index(ItemChange::Removed(_, index) | ItemChange::Changed(_, index, _)) => {
            let serves = index.unique && index.is_plain();
            is_target && serves && index.fields.iter().all(|field| key.to.contains(field))
        }
        _ => false,
    }
}

/// Whether the change removes the table.
fn removes_table(change: &Change, table: &str) -> bool {
    change.table == table && matches!(change.fact, Fact::TableRemoved(_))
}

/// Whether the change removes the foreign key or its table.
fn removes(change: &Change, of: &str, name: &str) -> bool {
    change.table == of
        && match &change.fact {
            Fact::Reference(ItemChange::Removed(other, _)) => other == name,
            Fact::TableRemoved(_) | Fact::LayoutChanged { .. } => true,
            _ => false,
        }
}
