//! The build gate: compares the lock file with the schema of the source, and returns the draft or
//! all problems that prevent it.
//!
//! It calls diff → judge → plan. Changes that pass become the draft, a migration of the next version.
//! If any other change is not covered by the manual migration of that version, the gate returns no draft, and
//! each such change is reported with its fix. Data loss also needs approval ([`Plan`]). The build
//! script reads and writes the files.

mod accept;
mod statements;
mod violations;

use crate::change::diff::diff;
use crate::change::{Change, ChangeId, Fact};
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::Dialect;
use crate::intent::{Checked, Target};
use crate::lock::{self, ChangeRecord, LockFile, Migration};
use crate::migration::lint::{Lints, lint};
use crate::migration::{self, manual};
use crate::model::{Field, Schema};
use crate::plan::{Around, KnownTables, Script, Scripts, needs_value, plan_around};
use crate::rules::{Context, Judgement, Levels, additive, judge};
use crate::sql::table;

pub use self::accept::Plan;
pub use self::statements::{
    Compared, Comparison, UNRECORDED, compare_statements, generate_again, generator,
    refuse_statements,
};

/// The manual migration file of the next version.
#[derive(Clone, Copy, Debug)]
pub struct ManualFile<'a> {
    /// Its name without number and extension: `rename_email`.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
    /// Its record in the lock file.
    pub record: &'a lock::Manual,
}

/// The result of the gate.
#[derive(Clone, Debug)]
pub struct Gate {
    /// The changes since the sealed state, in the order in which they are applied.
    pub changes: Vec<Change>,
    /// The judgements of the changes.
    pub judgements: Vec<Judgement>,
    /// The problems. If there are any, the gate returns no draft, and the lock file stays as it is.
    pub problems: Diagnostics,
    /// The migration of all changes, if each change that needs a manual migration is covered.
    pub plan: Option<Plan>,
    /// The warnings about statements of the manual migration. They do not prevent the draft.
    pub lints: Vec<Diagnostic>,
    /// The draft, if there are changes and no problems. Its hash is set.
    pub draft: Option<Migration>,
}

/// Judges the changes from the sealed state of the lock file to the schema of the source, with the
/// default levels.
pub fn gate<'a>(
    lock: &LockFile,
    new: impl Into<Target<'a>>,
    manual: Option<ManualFile<'_>>,
) -> Gate {
    gate_with(&Levels::default(), lock, new, manual)
}

/// Like [`gate`], with the levels of the package.
pub fn gate_with<'a>(
    levels: &Levels,
    lock: &LockFile,
    new: impl Into<Target<'a>>,
    manual: Option<ManualFile<'_>>,
) -> Gate {
    let (old, target) = (lock.schema(), new.into());
    let new = target.schema;
    let changes = diff(&old, target);
    let context = Context::new(&old, target, &changes, lock.version);
    let mut judgements = judge(&context);
    levels.apply(&mut judgements, |judgement| {
        !judgement.covers().any(|change| needs_value(&old, &changes, change))
    });
    let mut problems = Diagnostics::new();
    let parsed = manual.and_then(|file| match migration::parse(&file.record.file, file.text) {
        Ok(parsed) => Some(parsed),
        Err(found) => {
            found.into_iter().for_each(|problem| problems.push(problem));
            None
        }
    });
    // A file that cannot be parsed covers no known change; only its own mistakes are reported.
    let unreadable = manual.is_some() && parsed.is_none();
    let covers = parsed.as_ref().map(|parsed| parsed.covers.as_slice()).unwrap_or_default();
    let needed = needed(&judgements);
    if !unreadable {
        uncovered(&judgements, &needed, covers, lock, &old, manual, &mut problems);
        if let Some(file) = manual {
            superfluous(&needed, covers, &changes, file, &mut problems);
        }
    }
    let is_covered = |change: &Change| covers.contains(&change.id());
    let plan = (problems.is_empty() && !(changes.is_empty() && parsed.is_none())).then(|| {
        let history = (lock.version, lock.head());
        let manual = manual.zip(parsed.as_ref());
        let migration = plan_migration(history, &old, &changes, &judgements, manual, &mut problems);
        Plan::new(lock, new, migration, &judgements)
    });
    if let (Some(plan), Some(file), Some(parsed)) = (&plan, manual, &parsed) {
        accept::check(
            plan,
            parsed.accepts.as_deref(),
            &judgements,
            &file.record.file,
            &mut problems,
        );
    }
    let lints = match (manual, &parsed) {
        (Some(file), Some(parsed)) => {
            let generated = plan_around(&old, &changes, is_covered).manual;
            lint(&file.record.file, parsed, &old, &judgements, &generated)
        }
        _ => Lints::default(),
    };
    lints.stale.into_iter().for_each(|problem| problems.push(problem));
    let lints = lints.warnings;
    let draft = plan.as_ref().filter(|_| problems.is_empty());
    let draft = draft.map(|plan| plan.migration.clone());
    Gate { changes, judgements, problems, plan, lints, draft }
}

/// Returns the migration of all changes, after the version and the hash of `history`. Mistakes in the
/// manual file are added to `problems`.
fn plan_migration(
    history: (u32, &str),
    old: &Schema,
    changes: &[Change],
    judgements: &[Judgement],
    manual: Option<(ManualFile<'_>, &manual::Manual)>,
    problems: &mut Diagnostics,
) -> Migration {
    let covers = manual.map(|(_, parsed)| parsed.covers.as_slice()).unwrap_or_default();
    let is_covered = |change: &Change| covers.contains(&change.id());
    let around = plan_around(old, changes, is_covered);
    let own = manual.map(|(file, parsed)| {
        let mut own = parsed.scripts(&file.record.file, &around.manual).unwrap_or_else(|problem| {
            problems.push(*problem);
            Scripts::default()
        });
        violations::add_queries(&mut own, &around.manual, old, changes, is_covered);
        own
    });
    let runs_first = manual.is_some_and(|(_, parsed)| parsed.before);
    let mut sql = with_manual(old, around, own, runs_first);
    only_doubtful(&mut sql, judgements);
    let (version, parent) = history;
    let migration = Migration {
        version: version + 1,
        name: manual.map(|(file, _)| file.name.to_owned()).unwrap_or_default(),
        parent: parent.to_owned(),
        hash: String::new(),
        checksum: String::new(),
        changes: records(changes, judgements),
        additive: manual.is_none() && additive(old, changes),
        manual: manual.map(|(file, _)| file.record.clone()),
        origin: None,
        sql,
    };
    migration.hashed()
}

impl Gate {
    /// Reports the hints of the source that have no effect any more.
    pub fn idle_hints(&self, new: &Checked) -> Vec<Diagnostic> {
        let follows = |table: &str, name: &str| {
            self.changes.iter().any(|change| match &change.fact {
                Fact::TableAdded(_) | Fact::LayoutChanged { .. } => change.table == table,
                Fact::FieldAdded { field: Field { name: field, .. }, .. }
                | Fact::BecameRequired { field, .. } => change.table == table && field == name,
                _ => false,
            })
        };
        let mut found = Vec::new();
        for table in new.schema.tables.values() {
            let hints = new.intent.table(&table.name);
            for field in &table.schema {
                let is_filled = hints.field(&field.name).backfill.is_some();
                if is_filled && !follows(&table.name, &field.name) {
                    let message = format!(
                        "`backfill` of field `{}` of table `{}` has nothing to fill",
                        field.name, table.name
                    );
                    let idle = Diagnostic::new(code::IDLE_HINT, message).help("remove it");
                    found.push(idle.on(&table.name, Some(&field.name)));
                }
            }
        }
        found
    }

    /// Returns the template of a migration in Rust with this name, for all changes that need one; if
    /// there are none, for a migration that only moves data. `old` is the sealed schema.
    #[cfg(feature = "parse")]
    pub fn rust_text(&self, old: &Schema, name: &str) -> String {
        let needed = needed(&self.judgements);
        migration::rust::template(name, &needed, &generated_for(&needed, old, &self.judgements))
    }

    /// Returns the template of one manual migration for all changes that need one; `None` if no
    /// change does. `old` is the sealed schema.
    pub fn manual_text(&self, old: &Schema) -> Option<String> {
        let needed = needed(&self.judgements);
        let text = || template_for(&needed, old, &self.judgements) + "\n";
        (!needed.is_empty()).then(text)
    }
}

/// Returns the changes that need a manual migration, in their order.
fn needed(judgements: &[Judgement]) -> Vec<&Change> {
    let refused =
        judgements.iter().filter(|judgement| !judgement.passes && judgement.finding.coverable);
    let mut needed: Vec<&Change> = Vec::new();
    for change in refused.flat_map(Judgement::covers) {
        // A change can have several judgements.
        if !needed.contains(&change) {
            needed.push(change);
        }
    }
    needed
}

fn records(changes: &[Change], judgements: &[Judgement]) -> Vec<ChangeRecord> {
    let rule = |change: &Change| {
        let of = |judgement: &&Judgement| judgement.covers().any(|other| other == change);
        judgements.iter().find(of).map_or("", |judgement| judgement.rule.id).to_owned()
    };
    changes.iter().map(|change| ChangeRecord { change: change.id(), rule: rule(change) }).collect()
}

/// Reports each refused change that the file does not cover. The first problem has the template of
/// the whole file; the others name the changes that the file also has to cover.
fn uncovered(
    judgements: &[Judgement],
    needed: &[&Change],
    covers: &[ChangeId],
    lock: &LockFile,
    old: &Schema,
    manual: Option<ManualFile<'_>>,
    problems: &mut Diagnostics,
) {
    let version = lock.version + 1;
    let mut shown: Option<(String, String)> = None;
    for judgement in judgements.iter().filter(|judgement| !judgement.passes) {
        let missing: Vec<ChangeId> =
            judgement.covers().map(Change::id).filter(|id| !covers.contains(id)).collect();
        if missing.is_empty() && judgement.finding.coverable {
            continue;
        }
        let mut diagnostic = judgement.diagnostic();
        let ids = missing.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        match (&shown, manual) {
            _ if !judgement.finding.coverable => {}
            (_, Some(file)) => {
                let part: Vec<&Change> = judgement.covers().collect();
                let text = template_for(&part, old, judgements);
                diagnostic = diagnostic.help(format!(
                    "or let `migrations/{}` cover {ids}; `kontract explain {}` shows the statements",
                    file.record.file,
                    judgement.change.id(),
                ));
                diagnostic.migration = Some(text);
            }
            (None, None) => {
                let name = manual::name_for(needed);
                let file = format!("migrations/{version:04}_{name}.sql");
                let text = template_for(needed, old, judgements);
                diagnostic = diagnostic.help(format!(
                    "or run `kontract migrate create {name}`, which writes `{file}`; \
                     `kontract explain {}` shows it",
                    judgement.change.id(),
                ));
                diagnostic.migration = Some(text);
                shown = Some((name, file));
            }
            (Some((name, file)), None) => {
                diagnostic = diagnostic.help(format!(
                    "or run `kontract migrate create {name}`: `{file}` covers {ids}, too"
                ));
            }
        }
        problems.push(diagnostic);
    }
}

/// Returns the template of a migration for some changes; all other changes are planned around it.
fn template_for(covered: &[&Change], old: &Schema, judgements: &[Judgement]) -> String {
    manual::template(covered, &generated_for(covered, old, judgements)).trim_end().to_owned()
}

/// Returns the generated statements for such a migration.
fn generated_for(covered: &[&Change], old: &Schema, judgements: &[Judgement]) -> Scripts {
    let mut changes: Vec<Change> = Vec::new();
    for change in judgements.iter().flat_map(Judgement::covers) {
        // A change can have several judgements.
        if !changes.contains(change) {
            changes.push(change.clone());
        }
    }
    plan_around(old, &split_order(changes), |change| covered.contains(&change)).manual
}

/// Sorts changes in the order of [`diff`]; a judgement can combine several changes.
fn split_order(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by_key(|change| crate::change::diff::phase(&change.fact));
    changes
}

/// Reports changes that the file covers although they need no manual migration.
fn superfluous(
    needed: &[&Change],
    covers: &[ChangeId],
    changes: &[Change],
    file: ManualFile<'_>,
    problems: &mut Diagnostics,
) {
    let needed: Vec<ChangeId> = needed.iter().map(|change| change.id()).collect();
    for id in covers.iter().filter(|id| !needed.contains(id)) {
        let is_change = changes.iter().any(|change| change.id() == *id);
        let message = format!(
            "migration `{}` covers `{id}`, {}",
            file.record.file,
            if is_change {
                "which does not need a manual migration"
            } else {
                "which is not among the changes"
            }
        );
        let mut problem = Diagnostic::new(code::MIGRATION_COVERS, message)
            .help("remove it from the `-- kontract: covers` line");
        if !needed.is_empty() {
            let needed = manual::join_ids(&needed, ", ");
            problem = problem.note(format!("changes that need a manual migration: {needed}"));
        }
        problems.push(problem);
    }
}

/// Removes the queries for violating rows of changes that rows cannot violate.
fn only_doubtful(sql: &mut Scripts, judgements: &[Judgement]) {
    let is_doubtful = |id: &ChangeId| {
        let of = |judgement: &&Judgement| judgement.covers().any(|change| change.id() == *id);
        judgements.iter().find(of).is_some_and(|judgement| judgement.has_flag('P'))
    };
    for script in [&mut sql.postgres, &mut sql.sqlite] {
        script.obstacles.retain(|obstacle| is_doubtful(&obstacle.change));
    }
}

/// Returns the statements of the draft: those planned before the manual migration, its own, and those
/// planned after it. With `runs_first` its own are the first. The draft can be reversed if each of the
/// parts can.
fn with_manual(old: &Schema, around: Around, own: Option<Scripts>, runs_first: bool) -> Scripts {
    let empty = || Scripts::for_each(|_| Script { down: Some(Vec::new()), ..Script::default() });
    let own = own.unwrap_or_else(empty);
    let joined = |dialect: Dialect, mut before: Script, mut own: Script, mut after: Script| {
        let mut known = KnownTables::default();
        for table in old.tables.values() {
            let of_table = table::columns(table).into_iter().map(|column| column.name);
            let indexes = table::index_names(table, dialect);
            known.insert(&dialect.table_name(&table.path()), of_table.collect(), indexes);
        }
        known.follow(dialect, &mut before.up, runs_first);
        known.follow(dialect, &mut own.up, !runs_first);
        known.follow(dialect, &mut after.up, false);
        let back = [(&mut after, false), (&mut own, !runs_first), (&mut before, runs_first)];
        for (script, by_hand) in back {
            known.follow(dialect, script.down.as_deref_mut().unwrap_or_default(), by_hand);
        }
        Script {
            rebuild: before.rebuild || own.rebuild || after.rebuild,
            // The queries of `after` would run too early.
            obstacles: [before.obstacles, own.obstacles].concat(),
            up: [before.up, own.up, after.up].concat(),
            down: match (after.down, own.down, before.down) {
                (Some(after), Some(own), Some(before)) => Some([after, own, before].concat()),
                _ => None,
            },
            loses: [after.loses, own.loses, before.loses].concat(),
        }
    };
    let Around { before, after, .. } = around;
    let (before, own) = if runs_first { (own, before) } else { (before, own) };
    Scripts {
        postgres: joined(Dialect::Postgres, before.postgres, own.postgres, after.postgres),
        sqlite: joined(Dialect::Sqlite, before.sqlite, own.sqlite, after.sqlite),
    }
}

#[cfg(test)]
mod tests;
