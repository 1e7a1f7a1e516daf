//! The tables that a version leaves, as far as the lock file knows them. It has the schema after the
//! newest migration, and of each migration the tables before it. Those of older versions of Kontract have
//! only the names of what they change; that is left out of comparisons.

use std::collections::{BTreeMap, BTreeSet};

use kontract_schema::catalog::{Catalog, LiveTable, expected};
use kontract_schema::change::{ChangeId, ChangeKind};
use kontract_schema::dialect::{Dialect, name_in_path};
use kontract_schema::lock::{Migration, Step as Statement};
use kontract_schema::model::{Layout, Schema, Table};

use super::history::{Applied, State};
use super::statements;
use super::target::Target;

/// The tables at a version.
#[derive(Clone)]
pub(super) struct TablesAt {
    schema: Schema,
    /// The tables of which something is unknown, by logical name.
    doubts: BTreeMap<String, Doubt>,
}

/// What is unknown of a table.
#[derive(Clone)]
enum Doubt {
    /// Everything, also whether it exists.
    Table,
    /// These fields, and all constraints and indexes.
    Fields(BTreeSet<String>),
}

impl TablesAt {
    /// Returns the tables after the newest sealed migration.
    fn newest(target: &Target) -> TablesAt {
        let mut schema = target.lock.schema();
        // Nothing of Kontract's changes an external table, and those are compared on their own.
        schema.tables.retain(|_, table| !table.external);
        TablesAt { schema, doubts: BTreeMap::new() }
    }

    /// Returns the tables after that many sealed migrations.
    pub(super) fn after(target: &Target, dialect: Dialect, count: usize) -> TablesAt {
        let mut tables = TablesAt::newest(target);
        let later = target.lock.migrations.get(count..).unwrap_or_default();
        later.iter().rev().for_each(|migration| tables.undo(dialect, migration));
        tables
    }

    /// Returns the tables after a history, whose last row may be a draft or an incomplete migration: then
    /// without what that one changes.
    pub(super) fn after_history(
        target: &Target,
        dialect: Dialect,
        history: &[Applied],
    ) -> TablesAt {
        let done = history.iter().take_while(|row| row.state == State::Done).count();
        let mut tables = TablesAt::after(target, dialect, done);
        let Some(row) = history.get(done) else { return tables };
        let index = (row.state != State::Draft).then_some(done);
        if let Some(migration) = target.migration(index).filter(|one| one.hash == row.hash) {
            tables.forget_changes(migration);
            tables.forget_named(dialect, &migration.sql.for_dialect(dialect).up);
        } else if let Ok(reversal) = row.reversal(dialect) {
            tables.forget_named(dialect, &reversal.taken);
            tables.forget_named(dialect, &reversal.statements);
        } else {
            let names: Vec<String> = tables.schema.tables.keys().cloned().collect();
            names.into_iter().for_each(|name| tables.forget(name));
        }
        tables
    }

    /// Goes back to before a migration.
    pub(super) fn undo(&mut self, dialect: Dialect, migration: &Migration) {
        if let Some(origin) = &migration.origin {
            origin.undo(&mut self.schema);
            self.schema.tables.retain(|_, table| !table.external);
            origin.before.keys().for_each(|table| drop(self.doubts.remove(table)));
            return;
        }
        let created = statements::created_tables(dialect, [migration]);
        let is_created = |table: &&Table| created.contains(&dialect.table_name(&table.path()));
        let created: Vec<String> = self
            .schema
            .tables
            .values()
            .filter(is_created)
            .map(|table| table.name.clone())
            .collect();
        created.into_iter().for_each(|table| self.forget(table));
        for ChangeId { table, item, kind } in migration.changes.iter().map(|one| &one.change) {
            let concerns_table = match kind {
                ChangeKind::Added | ChangeKind::Removed | ChangeKind::Renamed => item.is_none(),
                ChangeKind::Pointer
                | ChangeKind::Layout
                | ChangeKind::External
                | ChangeKind::Key
                | ChangeKind::Partition
                | ChangeKind::TrackAdded
                | ChangeKind::TrackRemoved => true,
                _ => false,
            };
            let is_document =
                self.schema.tables.get(table).is_none_or(|one| one.layout == Layout::Document);
            if concerns_table || is_document {
                self.forget(table.clone());
            } else if let Doubt::Fields(fields) =
                self.doubts.entry(table.clone()).or_insert_with(|| Doubt::Fields(BTreeSet::new()))
            {
                fields.extend(item.clone());
            }
        }
    }

    /// Returns a table by its logical name.
    pub(super) fn table(&self, name: &str) -> Option<&Table> {
        self.schema
            .tables
            .get(name)
            .filter(|_| !matches!(self.doubts.get(name), Some(Doubt::Table)))
    }

    /// Returns a table by its logical name in the form of a catalogue, if all of it is known.
    pub(super) fn live_table(&self, dialect: Dialect, name: &str) -> Option<LiveTable> {
        if self.doubts.contains_key(name) {
            return None;
        }
        let table = self.schema.tables.get(name)?;
        let referred = table.references.values().map(|key| &key.table).chain([&table.name]);
        let near = referred.filter_map(|name| self.schema.tables.get_key_value(name));
        let near = Schema { tables: near.map(|(name, one)| (name.clone(), one.clone())).collect() };
        expected(dialect, &near).tables.remove(&dialect.table_name(&table.path()))
    }

    /// Returns what the database should have of what is known.
    pub(super) fn catalog(&self, dialect: Dialect) -> Catalog {
        let mut catalog = expected(dialect, &self.schema);
        for (name, doubt) in &self.doubts {
            let Some(table) = self.schema.tables.get(name) else { continue };
            let path = dialect.table_name(&table.path());
            match (doubt, catalog.tables.get_mut(&path)) {
                (Doubt::Table, _) => drop(catalog.tables.remove(&path)),
                (Doubt::Fields(fields), Some(live)) => {
                    let column = |name: &String| table.field(name).map(|one| one.column());
                    for column in fields.iter().filter_map(column) {
                        live.columns.remove(column);
                    }
                    live.external = true;
                }
                (Doubt::Fields(_), None) => {}
            }
        }
        catalog
    }

    /// Forgets the tables that a migration changes.
    fn forget_changes(&mut self, migration: &Migration) {
        let changed = migration.changes.iter().map(|one| one.change.table.clone());
        changed.for_each(|table| self.forget(table));
    }

    /// Forgets the tables that statements name.
    fn forget_named(&mut self, dialect: Dialect, statements: &[Statement]) {
        let is_named = |table: &&Table| {
            let path = dialect.table_name(&table.path());
            statements.iter().any(|one| statements::may_name(one, name_in_path(&path)))
        };
        let tables = self.schema.tables.values().filter(is_named);
        let named: Vec<String> = tables.map(|table| table.name.clone()).collect();
        named.into_iter().for_each(|table| self.forget(table));
    }

    fn forget(&mut self, table: String) {
        self.doubts.insert(table, Doubt::Table);
    }
}
