//! Losses: a change that destroys data needs a manual migration and an acceptance. The source accepts
//! the removal of a field, `#[removed("email")]`; the migration accepts everything else, by the hash of
//! the plan. A plan that changes has another hash.

use crate::change::Fact;
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::hash;
use crate::lock::{LockFile, Migration, file::format1};
use crate::model::Schema;
use crate::rules::Judgement;

/// The migration of all changes, also if its losses are not accepted yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The hash by which the user accepts the plan: 16 hexadecimal digits over the history, both
    /// schemas, the changes and the statements of both databases.
    pub hash: String,
    /// The migration.
    pub migration: Migration,
    /// The losses that the source does not state, a sentence each. If there are any, the manual
    /// migration has to accept the plan.
    pub loses: Vec<String>,
}

impl Plan {
    pub(super) fn new(
        lock: &LockFile,
        new: &Schema,
        migration: Migration,
        judgements: &[Judgement],
    ) -> Plan {
        let hashes = |schema: &Schema| -> Vec<String> {
            schema.tables.values().map(|table| table.name.clone() + &table.content_hash()).collect()
        };
        let (old, new) = (hashes(&lock.schema()), hashes(new));
        let whole = hash::of_json(&(
            lock.head(),
            old,
            new,
            &migration.changes,
            format1::scripts(&migration.sql),
        ));
        let hash = whole.trim_start_matches("sha256:").chars().take(16).collect();
        let loses = lost(judgements).map(|judgement| judgement.finding.message.clone()).collect();
        Plan { hash, migration, loses }
    }
}

/// Returns the changes that destroy data without a statement of the source.
fn lost(judgements: &[Judgement]) -> impl Iterator<Item = &Judgement> {
    judgements.iter().filter(|judgement| judgement.loses())
}

/// Reports losses that are not accepted, and an acceptance without losses.
pub(super) fn check(
    plan: &Plan,
    accepts: Option<&str>,
    judgements: &[Judgement],
    file: &str,
    problems: &mut Diagnostics,
) {
    let (name, hash) = (file, &plan.hash);
    let Some(first) = lost(judgements).next() else {
        if accepts.is_some() {
            let message = format!("migration `{name}` accepts losses, and does not lose data");
            let help = "remove the `-- kontract: accept` line";
            problems.push(Diagnostic::new(code::MIGRATION_COVERS, message).help(help));
        }
        return;
    };
    let mut problem = match accepts {
        Some(accepted) if accepted == hash => return,
        Some(accepted) => {
            let message = format!(
                "migration `{name}` loses data, and its plan has changed since it was accepted"
            );
            let note = format!("the accepted plan is {accepted}, the plan is now {hash}");
            Diagnostic::new(code::NOT_ACCEPTED, message).note(note)
        }
        None => {
            let message = format!("migration `{name}` loses data, and its plan is not accepted");
            Diagnostic::new(code::NOT_ACCEPTED, message)
        }
    };
    for lost in &plan.loses {
        problem = problem.note(lost.clone());
    }
    for change in lost(judgements).flat_map(Judgement::covers) {
        if let Fact::FieldRemoved(field) = &change.fact {
            problem = problem.help(format!(
                "state the removal of `{}` on the struct of `{}`: `#[removed(\"{}\")]`",
                field.name, change.table, field.name
            ));
        }
    }
    let or = if problem.help.is_empty() { "" } else { "or " };
    problem = problem.help(format!(
        "{or}check the plan, `kontract plan`, and accept it, `kontract seal --accept {hash}`: \
         that writes `-- kontract: accept {hash}` into the migration"
    ));
    problems.push(problem.on(&first.change.table, first.finding.field.as_deref()));
}
