//! The judgement on one change: a rule applied to it, at the level of the package.

use super::{Finding, Level, Rule, Verdict};
use crate::change::{Change, Fact};
use crate::code::{self, Code};
use crate::diagnostic::{Diagnostic, JudgementId};

/// The judgement of a rule on a change. A rule judges a change at most once.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The change.
    pub change: Change,
    /// The rule.
    pub rule: &'static Rule,
    /// How serious the change is.
    pub verdict: Verdict,
    /// Letters: `P` existing rows may violate it, `B` breaks the running program, `b` breaks going
    /// back to that program, `R` rewrites the table, `S` scans it, `H` needs a hint in the source, `U`
    /// one of the databases cannot do it in place, `M` changes nothing in the database.
    pub flags: &'static str,
    /// Whether the build continues without a manual migration.
    pub passes: bool,
    /// The level, which decides about `passes` and about warnings.
    pub level: Level,
    /// Whether a manual migration can cover the change. It cannot correct a wrong hint.
    pub coverable: bool,
    /// The number of the message.
    pub code: Code,
    /// What changed.
    pub message: String,
    /// Facts.
    pub notes: Vec<String>,
    /// What the user can do, other than a manual migration.
    pub help: Vec<String>,
    /// Other changes that are part of the same mistake: a migration covers all of them or none.
    pub with: Vec<Change>,
    /// The field of the new schema at which the message is reported.
    pub field: Option<String>,
}

impl Judgement {
    /// The judgement with the default level of the rule. `field` is the field of the change.
    pub(super) fn new(
        rule: &'static Rule,
        change: &Change,
        finding: Finding,
        field: Option<String>,
    ) -> Judgement {
        let level = finding.level.unwrap_or(rule.level.level());
        Judgement {
            change: change.clone(),
            rule,
            verdict: finding.verdict,
            flags: finding.flags,
            passes: level != Level::Deny,
            level,
            coverable: finding.coverable,
            code: finding.code,
            message: finding.message,
            notes: finding.notes,
            help: finding.help,
            with: finding.with,
            field: finding.field.or(field),
        }
    }

    /// The identity of the judgement, which its messages carry.
    pub fn id(&self) -> JudgementId {
        JudgementId { change: self.change.id(), rule: self.rule.id }
    }

    /// Whether a letter is among the flags.
    pub fn has_flag(&self, letter: char) -> bool {
        self.flags.contains(letter)
    }

    /// The changes that a migration for this one covers: the change, and those that belong to it.
    pub fn covers(&self) -> impl Iterator<Item = &Change> {
        std::iter::once(&self.change).chain(&self.with)
    }

    /// Whether the change destroys data and the source does not say so; then the plan has to be
    /// accepted, too.
    pub fn loses(&self) -> bool {
        let removes =
            |change: &Change| matches!(change.fact, Fact::FieldRemoved(_) | Fact::TableRemoved(_));
        let is_loss = self.verdict == Verdict::Loss || self.covers().any(removes);
        let is_stated = self.rule.id == "C15";
        is_loss && !self.passes && self.coverable && !is_stated
    }

    /// The warning about a change that passes.
    pub fn warning(&self) -> Diagnostic {
        let message = format!("{} ({})", self.message, self.rule.id);
        Diagnostic { code: Some(code::PASSED), message, ..self.diagnostic() }
    }

    /// Whether a problem is the message of this judgement.
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
