//! Two branches that both sealed the next migration: their migration stays, and ours is placed after
//! it if the two are independent. If both change the same item, the item is reported and nothing is
//! changed.
//!
//! ```text
//! base ── theirs 5 ── theirs 6            base ── theirs 5 ── theirs 6 ── ours 7
//!    └─── ours 5               becomes
//! ```
//!
//! The input is three lock files: the common ancestor and those of both branches. Our migrations get
//! new numbers, parents and hashes, and the record of the schema before them; their statements stay,
//! unless they rebuild a SQLite table that the other branch changed too: those name every column, and
//! are planned again.

use std::collections::BTreeSet;

use super::flatbuffers_ids;
use crate::change::diff::diff;
use crate::change::{Change, ChangeId, Fact, ItemChange};
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::intent::{Checked, Intent, Target};
use crate::lock::{LockFile, Migration, Origin};
use crate::plan::plan;

/// The result of a rebase.
#[derive(Clone, Debug, PartialEq)]
pub struct Rebased {
    /// The lock file with both histories. It has no draft: the next build writes the draft.
    pub lock: LockFile,
    /// The old and new names of the manual migration files, whose numbers change.
    pub renamed: Vec<(String, String)>,
}

/// Places the migrations that `ours` sealed since `base` after those of `theirs`.
///
/// # Errors
/// Each item that both branches changed, and histories that do not begin with the history of `base`.
pub fn rebase(base: &LockFile, theirs: &LockFile, ours: &LockFile) -> Result<Rebased, Diagnostics> {
    let mut problems = Diagnostics::new();
    let begins = |lock: &LockFile| {
        let hashes = |lock: &LockFile| -> Vec<String> {
            lock.migrations.iter().map(|migration| migration.hash.clone()).collect()
        };
        hashes(lock).starts_with(&hashes(base))
    };
    for (lock, whose) in [(theirs, "their"), (ours, "our")] {
        if !begins(lock) {
            let message = format!("{whose} history does not begin with the common history");
            problems.push(Diagnostic::new(code::REBASE, message).help(
                "the common lock file must come from the commit at which the branches diverge",
            ));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let (before, their_schema) = (base.schema(), theirs.schema());
    let (their_changes, our_changes) =
        (diff(&before, &their_schema), diff(&before, &ours.schema()));
    for change in &our_changes {
        if let Some(other) = their_changes.iter().find(|other| touch(change, other)) {
            let message = format!(
                "both branches change the same item: `{}` here, `{}` in the other branch",
                change.id(),
                other.id()
            );
            let help =
                "undo our migrations and their changes to the structs, merge, and seal them again";
            problems.push(Diagnostic::new(code::REBASE, message).help(help));
        }
    }
    let own = &ours.migrations[base.migrations.len()..];
    let rebuilt = own.iter().any(|migration| migration.sql.sqlite.rebuild)
        && our_changes.iter().any(|change| their_changes.iter().any(|o| o.table == change.table));
    let steps = list_steps(ours, own);
    if rebuilt && !is_planned(own, &our_changes, steps.as_deref()) {
        let message = "our migrations rebuild a SQLite table that the other branch changed too";
        problems.push(Diagnostic::new(code::REBASE, message).help(
            "undo our migrations, merge, and seal them again: their statements name all columns",
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut intent = Intent::default();
    for (table, from, to) in renamed(base, ours) {
        let hints = intent.tables.entry(table).or_default();
        hints.fields.entry(to).or_default().renamed_from = Some(from);
    }
    let mut lock = LockFile { draft: None, ..theirs.clone() };
    lock.conditions.extend(ours.conditions.clone());
    let mut renamed = Vec::new();
    let mut schema = their_schema;
    // Without records, the changes of all migrations are those of the first.
    let steps = steps.unwrap_or_else(|| vec![our_changes]).into_iter();
    for (migration, changes) in own.iter().zip(steps.chain(std::iter::repeat(Vec::new()))) {
        let before = schema.clone();
        changes.iter().for_each(|change| change.apply(&mut schema));
        let mut next = Migration {
            version: lock.version + 1,
            parent: lock.head().to_owned(),
            ..migration.clone()
        };
        if let Some(origin) = &mut next.origin {
            let target = Target { schema: &schema, intent: &origin.hints };
            origin.before = Origin::new(&before, target).before;
        }
        if rebuilt && migration.manual.is_none() {
            next.sql = plan(&before, &changes);
        }
        if let Some(manual) = &mut next.manual {
            let ending = if manual.file.ends_with(".rs") { ".rs" } else { ".sql" };
            let file = format!("{:04}_{}{ending}", next.version, next.name);
            if manual.file != file {
                renamed.push((std::mem::replace(&mut manual.file, file.clone()), file));
            }
        }
        lock.version = next.version;
        lock.migrations.push(next.hashed());
    }
    Ok(Rebased { lock: lock.with_schema(Checked { schema, intent }), renamed })
}

/// Returns the changes of each of our migrations, if the lock file has a record of all.
fn list_steps(ours: &LockFile, own: &[Migration]) -> Option<Vec<Vec<Change>>> {
    let mut after = ours.schema();
    let mut steps = Vec::new();
    for migration in own.iter().rev() {
        let origin = migration.origin.as_ref()?;
        let mut before = after.clone();
        origin.undo(&mut before);
        steps.push(diff(&before, Target { schema: &after, intent: &origin.hints }));
        after = before;
    }
    steps.reverse();
    Some(steps)
}

/// Whether our migrations can be planned again: their changes are known, and no manual one rebuilds a
/// table.
fn is_planned(own: &[Migration], changes: &[Change], steps: Option<&[Vec<Change>]>) -> bool {
    if steps.is_some() {
        return own.iter().all(|one| one.manual.is_none() || !one.sql.sqlite.rebuild);
    }
    // Without a record, those of a single migration without hints and manual statements.
    let [migration] = own else { return false };
    let recorded: BTreeSet<ChangeId> = migration.changes.iter().map(|c| c.change.clone()).collect();
    migration.manual.is_none() && recorded == changes.iter().map(Change::id).collect()
}

/// Whether two changes of the same state affect each other.
fn touch(a: &Change, b: &Change) -> bool {
    let (a, b) = (footprint(a), footprint(b));
    a.iter().any(|(table, part)| {
        let meets = |(other, there): &(String, String)| {
            other == table && (part == there || part == WHOLE || there == WHOLE)
        };
        b.iter().any(meets)
    })
}

/// The part that means the whole table.
const WHOLE: &str = "*";

/// Returns what a change affects: tables and their fields, columns, constraints and indexes.
fn footprint(change: &Change) -> BTreeSet<(String, String)> {
    let here = |part: &str| (change.table.clone(), part.to_owned());
    let mut found = BTreeSet::new();
    match &change.fact {
        Fact::TableRenamed { from } => {
            found.extend([here(WHOLE), (from.clone(), WHOLE.to_owned())]);
        }
        Fact::TableAdded(table) | Fact::TableRemoved(table) => {
            found.insert(here(WHOLE));
            for (name, key) in &table.references {
                found.extend(reference(&change.table, name, key));
            }
        }
        Fact::PointerChanged { .. }
        | Fact::LayoutChanged { .. }
        | Fact::External { .. }
        | Fact::KeyChanged { .. }
        | Fact::PartitionChanged { .. }
        | Fact::BadHint { .. } => drop(found.insert(here(WHOLE))),
        Fact::TablePermChanged { .. } => drop(found.insert(here("perm"))),
        Fact::SharedChanged { .. } => drop(found.insert(here("shared"))),
        Fact::FieldRenamed { from, to } | Fact::ColumnChanged { from, to } => {
            found.extend([&from.name, &to.name].map(|name| here(name)));
            found.extend([from.column(), to.column()].map(here));
        }
        Fact::FieldAdded { field, .. } | Fact::FieldRemoved(field) => {
            found.extend([here(&field.name), here(field.column())]);
        }
        Fact::TypeChanged { field, .. }
        | Fact::VariantsRenamed { field, .. }
        | Fact::BecameOptional { field }
        | Fact::BecameRequired { field, .. }
        | Fact::KeptChanged { field, .. }
        | Fact::DefaultChanged { field, .. }
        | Fact::IdentityChanged { field, .. }
        | Fact::GeneratedChanged { field, .. }
        | Fact::StampChanged { field, .. }
        | Fact::PermChanged { field, .. } => drop(found.insert(here(field))),
        Fact::CommentChanged { field, .. } => {
            found.insert(here(field.as_deref().unwrap_or_default()));
        }
        Fact::Index(ItemChange::Added(name, index) | ItemChange::Removed(name, index)) => {
            found.insert(here(name));
            found.extend(index.fields.iter().map(|field| here(field)));
        }
        Fact::Index(ItemChange::Changed(name, from, to)) => {
            found.insert(here(name));
            found.extend(from.fields.iter().chain(&to.fields).map(|field| here(field)));
        }
        Fact::Index(ItemChange::Renamed(from, to))
        | Fact::Check(ItemChange::Renamed(from, to))
        | Fact::Reference(ItemChange::Renamed(from, to)) => found.extend([here(from), here(to)]),
        // Only the database knows which columns a check names.
        Fact::Check(ItemChange::Added(..) | ItemChange::Removed(..) | ItemChange::Changed(..)) => {
            found.insert(here(WHOLE));
        }
        Fact::Reference(ItemChange::Added(name, key) | ItemChange::Removed(name, key)) => {
            found.extend(reference(&change.table, name, key));
        }
        Fact::Reference(ItemChange::Changed(name, from, to)) => {
            found.extend(reference(&change.table, name, from));
            found.extend(reference(&change.table, name, to));
        }
        Fact::TrackAdded(tracked) | Fact::TrackRemoved(tracked) => {
            found.insert(here(tracked.name()));
        }
    }
    found
}

fn reference<'a>(
    table: &'a str,
    name: &'a str,
    key: &'a crate::model::ForeignKey,
) -> impl Iterator<Item = (String, String)> + 'a {
    let own = key.fields.iter().map(String::as_str).chain([name]);
    let own = own.map(|part| (table.to_owned(), part.to_owned()));
    own.chain(key.to.iter().map(|field| (key.table.clone(), field.clone())))
}

/// Returns the fields that were renamed without a hint that is left, which the FlatBuffers numbers
/// show: the table, the old name and the new name.
fn renamed(before: &LockFile, after: &LockFile) -> Vec<(String, String, String)> {
    let all = |lock: &LockFile| flatbuffers_ids::whole(&lock.ids, &lock.schema());
    let (before, after) = (all(before), all(after));
    let mut found = Vec::new();
    for (table, slots) in before {
        for (old, new) in slots.into_iter().zip(after.get(&table).into_iter().flatten()) {
            if !old.removed && !new.removed && old.name != new.name {
                found.push((table.clone(), old.name, new.name.clone()));
            }
        }
    }
    found
}
