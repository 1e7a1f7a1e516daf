//! Watches a transaction that changes tables: compares the file before and after, so that nothing of
//! others is lost or broken unless a statement of the migration does it by name.
//!
//! SQLite drops the triggers and indexes of a table with it, deletes the rows that refer to it, and
//! checks neither views nor triggers. What a rebuild takes along is put back as soon as the new form
//! has the name of the old one; all else that is gone or broken is an error, and the caller rolls
//! back. Rows are counted only in tables of others that refer to the package's.

use std::collections::{BTreeMap, BTreeSet};

use kontract_schema::code;
use kontract_schema::dialect::{Dialect, print_drop_object};
use kontract_schema::lock::Step as Statement;
use kontract_schema::migration::run_mode::Mode;
use kontract_schema::sqltext::split_statements;

use super::broken_objects;
use super::dropped_table::{DroppedTable, is_among, lose_column};
use super::inventory::{Inventory, Object};
use super::references::{
    Reference, TargetState, Violations, count_dependents, count_filled, find_violations,
};
use crate::driver::sqlite::Connection;
use crate::error::{Error, Result};
use crate::migrate::failure::failure;
use crate::migrate::known_objects::KnownObjects;

/// What a transaction found at its start, and what its statements did by name.
pub(super) struct Watch {
    known: KnownObjects,
    before: Inventory,
    /// The rows that violated foreign keys at the start; `None` while SQLite checks them itself.
    violations: Option<Violations>,
    /// Numbers of rows and values in tables of others.
    filled: BTreeMap<String, Vec<i64>>,
    /// The present names of the tables, by their names at the start in lower case; `None` for a dropped
    /// one.
    names: BTreeMap<String, Option<String>>,
    /// Tables that the transaction created, in lower case.
    created: BTreeSet<String>,
    /// Dropped tables, with their names at the start.
    dropped: Vec<(Option<String>, DroppedTable)>,
    rebuilt: BTreeSet<String>,
    /// What was put back after a rebuild.
    restored: Vec<Object>,
    /// Columns, indexes, triggers and views that statements dropped or created by name.
    named: Vec<String>,
}

impl Watch {
    /// Reads the file at the start of a transaction.
    pub(super) fn begin(connection: &Connection<'_>, known: KnownObjects) -> Result<Watch> {
        refuse_without_rowid(connection, &known)?;
        let before = Inventory::read(connection)?;
        let violations = if connection.has_foreign_keys()? {
            None
        } else {
            Some(find_violations(connection, &before.references)?)
        };
        let filled = if known.keeps_rows {
            count_dependents(connection, &before.references, &known.tables)?
        } else {
            BTreeMap::new()
        };
        let same = |name: &String| (name.to_lowercase(), Some(name.clone()));
        let names = before.tables.keys().map(same).collect();
        Ok(Watch {
            known,
            before,
            violations,
            filled,
            names,
            created: BTreeSet::new(),
            dropped: Vec::new(),
            rebuilt: BTreeSet::new(),
            restored: Vec::new(),
            named: Vec::new(),
        })
    }

    /// Runs a statement of the migration, or the statements of a text. Returns how many rows changed.
    pub(super) fn run(
        &mut self,
        connection: &Connection<'_>,
        statement: &Statement,
    ) -> Result<u64> {
        match split_statements(Dialect::Sqlite, &statement.sql) {
            Ok(several) if several.len() > 1 => several.iter().try_fold(0, |changed, one| {
                let one = Statement::read(Dialect::Sqlite, Mode::Together, one.text);
                Ok(changed + self.run_one(connection, &one)?)
            }),
            _ => self.run_one(connection, statement),
        }
    }

    fn run_one(&mut self, connection: &Connection<'_>, statement: &Statement) -> Result<u64> {
        for table in &statement.drops {
            self.leave_table(connection, table, statement)?;
        }
        self.give_way(connection, statement)?;
        let replaced = statement.renames.iter().find_map(|rename| {
            let is_new = self.created.contains(&rename.from.to_lowercase());
            let is_it = |table: &DroppedTable| table.name.eq_ignore_ascii_case(&rename.to);
            self.dropped.iter().position(|(_, table)| is_new && is_it(table))
        });
        let changed = match replaced {
            Some(_) => connection.execute_replacement(&statement.sql)?,
            None => self.execute(connection, statement)?,
        };
        self.created.extend(statement.creates.iter().map(|name| name.to_lowercase()));
        self.named.extend(statement.drops_columns.iter().cloned());
        self.named.extend(statement.named_objects().cloned());
        match replaced {
            Some(at) => self.replace_table(connection, at)?,
            None => statement.renames.iter().for_each(|one| self.rename_table(&one.from, &one.to)),
        }
        Ok(changed)
    }

    /// Runs a statement. Where SQLite refuses to drop a column, because a generated column of others uses
    /// it, the error names that one.
    fn execute(&self, connection: &Connection<'_>, statement: &Statement) -> Result<u64> {
        let done = connection.execute_counted(&statement.sql);
        let Err(error) = done else { return done };
        if statement.drops_columns.is_empty() || !connection.is_in_transaction() {
            return Err(error);
        }
        Err(broken_objects::explain_dropped_column(connection, statement, &self.known, error)?)
    }

    /// Looks at a table that is about to be dropped.
    fn leave_table(
        &mut self,
        connection: &Connection<'_>,
        table: &str,
        statement: &Statement,
    ) -> Result<()> {
        let Some(dropped) = DroppedTable::read(connection, table, statement)? else {
            return Ok(());
        };
        dropped.refuse_others(&self.known)?;
        // Otherwise SQLite deletes the rows of the table first, and what refers to them with it.
        if self.violations.is_none() {
            for one in Reference::read_all(connection)? {
                let is_other = !one.table.eq_ignore_ascii_case(table);
                let rows =
                    if is_other && one.refers_to(table) { one.count_rows(connection)? } else { 0 };
                if rows > 0 {
                    return Err(refer_to_dropped(&one, rows));
                }
            }
        }
        let first = self.current(&dropped.name);
        if let Some(first) = &first {
            self.names.insert(first.clone(), None);
        }
        self.created.remove(&dropped.name.to_lowercase());
        self.dropped.push((first, dropped));
        Ok(())
    }

    /// Drops what was put back if the migration now creates its own by that name.
    fn give_way(&mut self, connection: &Connection<'_>, statement: &Statement) -> Result<()> {
        let is_created = |object: &Object| is_among(&statement.objects, &object.name);
        for object in self.restored.iter().filter(|object| is_created(object)) {
            connection.execute(&print_drop_object(&object.kind, &object.name))?;
        }
        self.restored.retain(|object| !is_created(object));
        Ok(())
    }

    /// Puts back what the old form of a table had.
    fn replace_table(&mut self, connection: &Connection<'_>, at: usize) -> Result<()> {
        let (first, dropped) = self.dropped.remove(at);
        let name = dropped.name.clone();
        self.restored.extend(dropped.restore(connection, &self.known)?);
        if let Some(first) = first {
            self.names.insert(first.clone(), Some(name));
            self.rebuilt.insert(first);
        }
        Ok(())
    }

    fn rename_table(&mut self, from: &str, to: &str) {
        if self.created.remove(&from.to_lowercase()) {
            self.created.insert(to.to_lowercase());
        } else if let Some(name) = self.current(from) {
            self.names.insert(name, Some(to.to_owned()));
        }
    }

    /// Returns the first name of the table that has this name now.
    fn current(&self, now: &str) -> Option<String> {
        let mut names = self.names.iter();
        let is_it = |present: &Option<String>| {
            present.as_ref().is_some_and(|one| one.eq_ignore_ascii_case(now))
        };
        names.find(|(_, present)| is_it(present)).map(|(first, _)| first.clone())
    }

    /// Compares the file at the end of the transaction.
    ///
    /// # Errors
    /// K0428, K0433, K0464: the first of others that is gone or broken.
    pub(super) fn end(self, connection: &Connection<'_>) -> Result<()> {
        let now = Inventory::read(connection)?;
        self.compare_tables(&now)?;
        self.compare_objects(&now)?;
        self.compare_references(connection, &now)?;
        broken_objects::compare(connection, &self.before, &now, |name| self.present(name))?;
        self.compare_violations(connection, &now)?;
        self.compare_rows(connection, &now)
    }

    /// Returns the present name of a table with this name at the start.
    fn present(&self, name: &str) -> Option<&str> {
        match self.names.get(&name.to_lowercase()) {
            Some(present) => present.as_deref(),
            None => None,
        }
    }

    /// Tables and columns that are gone without a statement that drops them.
    fn compare_tables(&self, now: &Inventory) -> Result<()> {
        for (table, columns) in &self.before.tables {
            let Some(name) = self.present(table) else { continue };
            let mut live = now.tables.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
            let Some((_, live)) = live.next() else {
                return Err(failure(
                    code::FOREIGN_COLUMN,
                    format!("table `{name}` would be gone, and no statement drops it by its name"),
                )
                .with_help("drop it in a statement of its own, `DROP TABLE …`"));
            };
            if self.rebuilt.contains(&table.to_lowercase()) {
                continue;
            }
            let is_lost = |name: &&String| !is_among(live, name) && !is_among(&self.named, name);
            if let Some(column) = columns.iter().find(is_lost) {
                return Err(lose_column(name, column));
            }
        }
        Ok(())
    }

    /// Indexes, triggers and views that are gone although their table is there.
    fn compare_objects(&self, now: &Inventory) -> Result<()> {
        for object in &self.before.objects {
            let is_it = |other: &Object| other.name.eq_ignore_ascii_case(&object.name);
            let is_owned = self.known.objects.contains(&object.name.to_lowercase());
            let is_meant = || is_owned || is_among(&self.named, &object.name);
            let is_view = object.kind == "view" || self.is_view(&object.table);
            let is_left = is_view || self.present(&object.table).is_some();
            if is_left && !now.objects.iter().any(is_it) && !is_meant() {
                let Object { kind, name, table, .. } = object;
                return Err(failure(code::FOREIGN_COLUMN, format!("{kind} `{name}` on `{table}` would be gone, and no statement drops it by its name"))
                    .with_help(format!("drop it in a statement of its own, `{}`", print_drop_object(kind, name))));
            }
        }
        Ok(())
    }

    /// Whether a view had this name at the start.
    fn is_view(&self, name: &str) -> bool {
        let mut views = self.before.objects.iter().filter(|object| object.kind == "view");
        views.any(|view| view.name.eq_ignore_ascii_case(name))
    }

    /// References that could be followed at the start, and cannot now.
    fn compare_references(&self, connection: &Connection<'_>, now: &Inventory) -> Result<()> {
        for one in now.references.iter().filter(|one| one.target != TargetState::Found) {
            let was_broken = |before: &&Reference| {
                self.present(&before.table)
                    .is_some_and(|name| name.eq_ignore_ascii_case(&one.table))
                    && before.target == one.target
                    && before.refers_to(&one.parent)
                    && before.to.len() == one.to.len()
            };
            let is_new = self.current(&one.table).is_none();
            if is_new || self.before.references.iter().any(|before| was_broken(&before)) {
                continue;
            }
            let rows = one.count_rows(connection)?;
            return Err(match one.target {
                TargetState::NoTable => refer_to_dropped(one, rows),
                _ => refer_to_duplicates(one, rows),
            });
        }
        Ok(())
    }

    /// Rows that violate a foreign key, and did not at the start.
    fn compare_violations(&self, connection: &Connection<'_>, now: &Inventory) -> Result<()> {
        let Some(before) = &self.violations else { return Ok(()) };
        for ((table, parent), rows) in find_violations(connection, &now.references)? {
            let first = self.current(&table).unwrap_or_else(|| table.to_lowercase());
            let known = before.iter().filter(|((of, to), _)| {
                let same_parent = self.present(to).unwrap_or(to).eq_ignore_ascii_case(&parent);
                of.to_lowercase() == first && same_parent
            });
            let known: BTreeSet<_> = known.flat_map(|(_, rows)| rows).collect();
            let new = rows.iter().filter(|row| !known.contains(row)).count();
            if new > 0 {
                let what = format!(
                    "rows of table `{table}` would refer to missing rows of `{parent}` (rows: {new})"
                );
                return Err(failure(code::REFERENCES_BROKEN, what)
                    .with_help("fix them first; nothing was changed"));
            }
        }
        Ok(())
    }

    /// Rows of others that a generated migration deleted or emptied through a reference.
    fn compare_rows(&self, connection: &Connection<'_>, now: &Inventory) -> Result<()> {
        for (table, before) in &self.filled {
            let Some(name) = self.present(table) else { continue };
            let after = count_filled(connection, &now.references, name)?;
            let Some((before, after)) =
                before.iter().zip(&after).find(|(before, after)| after < before)
            else {
                continue;
            };
            let lost = before - after;
            let what = format!(
                "rows of table `{name}` would be deleted or emptied, because they refer to rows that the migration deletes (rows: {lost})"
            );
            return Err(failure(code::REFERENCES_BROKEN, what).with_help(format!(
                "delete these rows, or change what `{name}` refers to; nothing was changed"
            )));
        }
        Ok(())
    }
}

/// Fails where a table that will be rebuilt has no rowids: it was created by others in another form,
/// which the rebuild would drop.
fn refuse_without_rowid(connection: &Connection<'_>, known: &KnownObjects) -> Result<()> {
    if known.rebuilt.is_empty() {
        return Ok(());
    }
    let query = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND wr";
    for (table,) in connection.fetch::<(String,)>(query, ())? {
        if known.rebuilt.iter().any(|name| name.eq_ignore_ascii_case(&table)) {
            return Err(failure(code::FOREIGN_COLUMN, format!("rebuilding table `{table}` would drop WITHOUT ROWID from it"))
                .with_help(format!("give `{table}` the form of Kontract's tables first: a manual migration with the line `-- kontract: rebuild` can copy its rows")));
        }
    }
    Ok(())
}

/// Returns the error for a table that others refer to.
fn refer_to_dropped(reference: &Reference, rows: i64) -> Error {
    let Reference { table, columns, parent, .. } = reference;
    let columns = columns.join(", ");
    failure(code::REFERENCES_BROKEN, format!("table `{table}` refers to `{parent}`, which would no longer exist (column: `{columns}`, rows: {rows})"))
        .with_help(format!("drop `{table}` or its reference to `{parent}` first; a manual migration that rebuilds `{parent}` has the line `-- kontract: rebuild`. Nothing was changed"))
}

/// Returns the error for columns that others refer to and that are no longer unique.
fn refer_to_duplicates(reference: &Reference, rows: i64) -> Error {
    let Reference { table, parent, to, .. } = reference;
    let to = if to.is_empty() { "its key".to_owned() } else { format!("`{}`", to.join(", ")) };
    failure(code::REFERENCES_BROKEN, format!("table `{table}` refers to {to} of `{parent}`, which would no longer be unique, so every statement about both would fail (rows: {rows})"))
        .with_help(format!("drop the reference of `{table}` first. Nothing was changed"))
}
