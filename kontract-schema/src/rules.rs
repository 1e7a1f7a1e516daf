//! What may be done without asking: a verdict on each change, by a table of rules.
//!
//! A change comes in with both schemas; a [`Judgement`] goes out: the rule by its id, how serious
//! it is, whether the build may go on, and what to tell the user. The stricter of the two databases
//! decides. Every row of the specification, also those that nobody can make, is in `docs/rules.md`.
//! Statements are [`plan`](crate::plan)'s; which changes a manual migration covers is
//! [`gate`](crate::gate)'s. Each rule has a case in `tests/breaking`
//! and an explanation in [`explain`].
//!
//! What the user makes of the verdicts is [`Levels`].
//!
//! | rules | about | where |
//! |---|---|---|
//! | T1 T3 T5 T6 T11 T13–T16 M12 | whole tables | `rules/table.rs` |
//! | C1 C2 C3 C4 C14 C15 C17 C18 C19 C20 C21 C22 | fields that come, go or are renamed | `rules/field.rs`, `rules/rename.rs` |
//! | N1 N2 N4 N5 N7 | optional fields and defaults | `rules/null.rs` |
//! | Y1 … Y42, E2 … E9, J1 … J8, P2 | types | `rules/types.rs` |
//! | P1 P5 | primary keys | `rules/key.rs` |
//! | C9 I1 … I6 I10 | indexes | `rules/index.rs` |
//! | C10 C11 C12 F1 F2 F3 F5 I11 K1 … K4 | references and checks | `rules/constraint.rs` |
//! | M1 M2 M4 … M9 C6 I8 | permissions and bookkeeping columns | `rules/meta.rs` |

mod additive;
mod constraint;
pub mod explain;
mod field;
mod index;
mod key;
mod level;
mod meta;
mod null;
mod rename;
mod table;
mod types;

use crate::change::{Change, Fact};
use crate::code::{self, Code};
use crate::diagnostic::{Diagnostic, JudgementId};
use crate::model::{Schema, Table};

pub use additive::additive;
pub use level::{Level, Levels};

/// How serious a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Done at once, and both the old and the new program work with it.
    Safe,
    /// Safe if the source declares a value for rows that are there.
    Backfill,
    /// Nothing can be lost, but other users of the table wait.
    Lock,
    /// Running programs break, or rows may stand against it.
    Dangerous,
    /// Data is gone, or means something else.
    Loss,
}

/// A verdict on one change.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The change.
    pub change: Change,
    /// The id of the rule, as in the specification: `C14`.
    pub rule: &'static str,
    /// How serious it is.
    pub verdict: Verdict,
    /// Letters: `P` rows may stand against it, `B` breaks the program that runs, `b` breaks going
    /// back to it, `R` rewrites the table, `S` scans it, `H` wants a hint, `U` one of the databases
    /// cannot do it in place, `M` changes nothing in the database.
    pub flags: &'static str,
    /// Whether the build may go on without a manual migration.
    pub passes: bool,
    /// The same, and whether it is worth a warning.
    pub level: Level,
    /// Whether a manual migration can make it pass. A wrong hint is wrong whatever runs.
    pub coverable: bool,
    /// The number of the message.
    pub code: Code,
    /// What changed.
    pub message: String,
    /// Facts.
    pub notes: Vec<String>,
    /// Remedies other than a manual migration.
    pub help: Vec<String>,
    /// Other changes that are part of the same mistake: a migration covers all of them or none.
    pub with: Vec<Change>,
    /// The field of the new schema at which the message stands.
    pub field: Option<String>,
}

/// What a rule knows beside the change itself.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The sealed schema.
    pub old: &'a Schema,
    /// The schema of the source.
    pub new: &'a Schema,
    /// All changes between the two.
    pub changes: &'a [Change],
    /// The version of the lock file.
    pub version: u32,
}

/// The verdict on each change, in their order; beside it what else is to be said to it.
pub fn judge(context: &Context<'_>) -> Vec<Judgement> {
    let judge = |change| {
        let beside = constraint::unindexed(change, context);
        std::iter::once(judge_one(change, context)).chain(beside)
    };
    let mut judgements: Vec<Judgement> = context.changes.iter().flat_map(judge).collect();
    // One mistake, one message: what is part of another refused change, or stands at a wrong hint,
    // is not reported by itself.
    let taken: Vec<Change> = judgements
        .iter()
        .filter(|judgement| !judgement.passes)
        .flat_map(|judgement| judgement.with.clone())
        .collect();
    judgements.retain(|judgement| !taken.contains(&judgement.change));
    judgements
}

fn judge_one(change: &Change, context: &Context<'_>) -> Judgement {
    let found = match &change.fact {
        Fact::TableAdded(added) => table::added(change, added, context),
        Fact::TableRemoved(removed) => table::removed(change, removed, context),
        Fact::TableRenamed { from } => table::renamed(change, from),
        Fact::PointerChanged { from, to } => table::pointer(change, from, to, context),
        Fact::LayoutChanged { .. } => table::layout(change),
        Fact::External { from, to } => table::external(change, from.as_deref(), to.as_deref()),
        Fact::KeyChanged { from, to } => key::changed(change, from, to),
        Fact::TablePermChanged { from, to } => meta::perm(change, None, *from, *to),
        Fact::FieldAdded(field) => field::added(change, field, context),
        Fact::FieldRemoved(field) => field::removed(change, field, context),
        Fact::FieldRenamed { from, to } => field::renamed(change, from, to),
        Fact::ColumnChanged { from, to } => field::column(change, from, to),
        Fact::VariantsRenamed { field, renames } => types::variants_renamed(change, field, renames),
        Fact::TypeChanged { field, from, to } => types::changed(change, field, from, to, context),
        Fact::KeptChanged { field, to } => field::kept(change, field, *to, context),
        Fact::BecameOptional { field } => null::optional(change, field, context),
        Fact::BecameRequired { field, .. } => null::required(change, field, context),
        Fact::DefaultChanged { field, from, to } => {
            null::default(change, field, from.is_some(), to.is_some(), context)
        }
        Fact::StampChanged { field, from, to } => {
            null::default(change, field, from.is_some(), to.is_some(), context)
        }
        Fact::PermChanged { field, from, to } => meta::perm(change, Some(field), *from, *to),
        Fact::IndexAdded { name, index } => index::added(change, name, index, context),
        Fact::IndexRemoved { name, index } => index::removed(change, name, index, context),
        Fact::IndexChanged { name, from, to } => index::changed(change, name, from, to, context),
        Fact::IndexRenamed { from, to } => index::renamed(change, "index", from, to),
        Fact::CheckAdded { name, sql } => constraint::check_added(change, name, sql, context),
        Fact::CheckRemoved { name, .. } => constraint::check_removed(change, name),
        Fact::CheckChanged { name, from, to } => constraint::check_changed(change, name, from, to),
        Fact::CheckRenamed { from, to } => index::renamed(change, "check", from, to),
        Fact::ReferenceAdded { name, key } => {
            constraint::reference_added(change, name, key, context)
        }
        Fact::ReferenceRemoved { name, .. } => constraint::reference_removed(change, name),
        Fact::ReferenceChanged { name, from, to } => {
            constraint::reference_changed(change, name, from, to)
        }
        Fact::ReferenceRenamed { from, to } => index::renamed(change, "reference", from, to),
        Fact::TrackAdded(tracked) => meta::track_added(change, *tracked, context),
        Fact::TrackRemoved(tracked) => meta::track_removed(change, *tracked),
        Fact::BadHint { field, from, why } => rename::bad_hint(change, field, from, *why, context),
    };
    Judgement { field: found.field.clone().or_else(|| own_field(change, context)), ..found }
}

/// The field at which a message about the change stands, if the new schema has it.
fn own_field(change: &Change, context: &Context<'_>) -> Option<String> {
    let field = change.field()?;
    let table = context.new.tables.get(&change.table)?;
    table.field(field).filter(|field| !field.kept).map(|field| field.name.clone())
}

impl Context<'_> {
    /// The table of a change as it was; for one under a new name, under its old.
    fn old_table(&self, change: &Change) -> Option<&Table> {
        let renamed = self.changes.iter().find_map(|other| match &other.fact {
            Fact::TableRenamed { from } if other.table == change.table => Some(from),
            _ => None,
        });
        self.old.tables.get(renamed.unwrap_or(&change.table))
    }

    /// The table of a change as it is.
    fn new_table(&self, change: &Change) -> Option<&Table> {
        self.new.tables.get(&change.table)
    }

    /// Whether these changes add the field.
    fn is_new_field(&self, table: &str, name: &str) -> bool {
        self.changes.iter().any(|change| match &change.fact {
            Fact::FieldAdded(field) => change.table == table && field.name == name,
            _ => false,
        })
    }

    /// The note that says what the lock file has.
    fn present(&self, what: &str) -> String {
        match self.version {
            0 => format!("present in kontract.lock.json {what}"),
            version => format!("present in kontract.lock.json, version {version}, {what}"),
        }
    }
}

impl Judgement {
    /// The build goes on.
    fn pass(
        change: &Change,
        rule: &'static str,
        verdict: Verdict,
        message: impl Into<String>,
    ) -> Judgement {
        Judgement {
            change: change.clone(),
            rule,
            verdict,
            flags: "",
            passes: true,
            level: level::of_passing(rule),
            coverable: true,
            code: Code(200),
            message: message.into(),
            notes: Vec::new(),
            help: Vec::new(),
            with: Vec::new(),
            field: None,
        }
    }

    /// The build stops here, unless a manual migration covers the change.
    fn refuse(
        change: &Change,
        rule: &'static str,
        verdict: Verdict,
        code: Code,
        message: impl Into<String>,
    ) -> Judgement {
        let level = Level::Deny;
        Judgement { passes: false, level, code, ..Judgement::pass(change, rule, verdict, message) }
    }

    fn flags(mut self, flags: &'static str) -> Judgement {
        self.flags = flags;
        self
    }

    fn note(mut self, note: impl Into<String>) -> Judgement {
        self.notes.push(note.into());
        self
    }

    fn help(mut self, help: impl Into<String>) -> Judgement {
        self.help.push(help.into());
        self
    }

    /// The changes that a migration for this one covers: itself, and what belongs to it.
    pub fn covers(&self) -> impl Iterator<Item = &Change> {
        std::iter::once(&self.change).chain(&self.with)
    }

    /// The identity of the judgement, which its messages carry.
    pub fn id(&self) -> JudgementId {
        JudgementId { change: self.change.id(), rule: self.rule }
    }

    /// Whether it destroys data without a word of the source on it, so that beside the migration
    /// somebody has to accept that.
    pub fn loses(&self) -> bool {
        let removes =
            |change: &Change| matches!(change.fact, Fact::FieldRemoved(_) | Fact::TableRemoved(_));
        let is_loss = self.verdict == Verdict::Loss || self.covers().any(removes);
        is_loss && !self.passes && self.coverable && self.rule != "C15"
    }

    /// The warning that the change passes.
    pub fn warning(&self) -> Diagnostic {
        let message = format!("{} ({})", self.message, self.rule);
        Diagnostic { code: code::PASSED, message, ..self.diagnostic() }
    }

    /// Whether the problem is the message of this judgement.
    pub fn reports(&self, problem: &Diagnostic) -> bool {
        problem.judgement.as_ref() == Some(&self.id())
    }

    /// The message, at the field or the struct, without the manual migration.
    pub fn diagnostic(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(self.code, self.message.clone())
            .on(&self.change.table, self.field.as_deref());
        diagnostic.notes.clone_from(&self.notes);
        diagnostic.help.clone_from(&self.help);
        diagnostic.judgement = Some(self.id());
        diagnostic
    }
}
