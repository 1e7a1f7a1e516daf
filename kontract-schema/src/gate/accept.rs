//! Losses: what destroys data takes two words, the migration that does it and somebody who accepts
//! it. Of a field that goes, the source says so, `#[removed("email")]`; everything else is accepted
//! by the hash of the plan, in the migration. A plan that changes has another hash.

use crate::change::Fact;
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::hash;
use crate::lock::{LockFile, Migration, format1};
use crate::model::Schema;
use crate::rules::Judgement;

/// A migration as it would be, whether or not its losses are accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What it is called where somebody accepts it: 16 hexadecimal digits over the history before
    /// it, both schemas, the changes and the statements of both databases.
    pub hash: String,
    /// The migration.
    pub migration: Migration,
    /// What it loses and the source does not say, a sentence each. Where there is any, the manual
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
        let loses = lost(judgements).map(|judgement| judgement.message.clone()).collect();
        Plan { hash, migration, loses }
    }
}

/// What destroys data without a word of the source on it.
fn lost(judgements: &[Judgement]) -> impl Iterator<Item = &Judgement> {
    judgements.iter().filter(|judgement| judgement.loses())
}

/// Reports losses that are not accepted, and a plan that is accepted without need.
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
            let message = format!("migration `{name}` accepts losses, and has none");
            let help = "take the `-- kontract: accept` line out of it";
            problems.push(Diagnostic::new(code::MIGRATION_COVERS, message).help(help));
        }
        return;
    };
    let mut problem = match accepts {
        Some(accepted) if accepted == hash => return,
        Some(accepted) => {
            let message = format!(
                "migration `{name}` loses data, and the plan has changed since that was accepted"
            );
            let note = format!("accepted is the plan {accepted}, and it is {hash} now");
            Diagnostic::new(code::NOT_ACCEPTED, message).note(note)
        }
        None => {
            let message = format!("migration `{name}` loses data, and nobody has accepted that");
            Diagnostic::new(code::NOT_ACCEPTED, message)
        }
    };
    for lost in &plan.loses {
        problem = problem.note(lost.clone());
    }
    for change in lost(judgements).flat_map(Judgement::covers) {
        if let Fact::FieldRemoved(field) = &change.fact {
            problem = problem.help(format!(
                "say it of `{}` on the struct of `{}`: `#[removed(\"{}\")]`",
                field.name, change.table, field.name
            ));
        }
    }
    let or = if problem.help.is_empty() { "" } else { "or " };
    problem = problem.help(format!(
        "{or}look at the plan, `kontract plan`, and accept it, `kontract seal --accept {hash}`: \
         that writes `-- kontract: accept {hash}` into the migration"
    ));
    problems.push(problem.on(&first.change.table, first.field.as_deref()));
}
