//! The judgement on one change: a rule applied to it, at the level of the package.

use super::{Finding, Level, Rule, Verdict};
use crate::change::{Change, Fact};
use crate::code;
use crate::diagnostic::{Diagnostic, JudgementId};

/// The judgement of a rule on a change. A rule judges a change at most once.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The change.
    pub change: Change,
    /// The rule.
    pub rule: &'static Rule,
    /// What the rule found: how serious the change is, and the message.
    pub finding: Finding,
    /// Whether the build continues without a manual migration.
    pub passes: bool,
    /// The level, which decides about `passes` and about warnings.
    pub level: Level,
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
        let finding = Finding { field: finding.field.or(field), ..finding };
        Judgement { change: change.clone(), rule, finding, passes: level != Level::Deny, level }
    }

    /// The identity of the judgement, which its messages carry.
    pub fn id(&self) -> JudgementId {
        JudgementId { change: self.change.id(), rule: self.rule.id }
    }

    /// Whether a letter is among the flags.
    pub fn has_flag(&self, letter: char) -> bool {
        self.finding.flags.contains(letter)
    }

    /// The changes that a migration for this one covers: the change, and those that belong to it.
    pub fn covers(&self) -> impl Iterator<Item = &Change> {
        std::iter::once(&self.change).chain(&self.finding.with)
    }

    /// Whether the change destroys data and the source does not say so; then the plan has to be
    /// accepted, too.
    pub fn loses(&self) -> bool {
        let removes =
            |change: &Change| matches!(change.fact, Fact::FieldRemoved(_) | Fact::TableRemoved(_));
        let is_loss = self.finding.verdict == Verdict::Loss || self.covers().any(removes);
        let is_stated = self.rule.id == "C15";
        is_loss && !self.passes && self.finding.coverable && !is_stated
    }

    /// The warning about a change that passes.
    pub fn warning(&self) -> Diagnostic {
        let message = format!("{} ({})", self.finding.message, self.rule.id);
        Diagnostic { code: Some(code::PASSED), message, ..self.diagnostic() }
    }

    /// Whether a problem is the message of this judgement.
    pub fn reports(&self, problem: &Diagnostic) -> bool {
        problem.judgement.as_ref() == Some(&self.id())
    }

    /// The message, at the field or the struct, without the manual migration.
    pub fn diagnostic(&self) -> Diagnostic {
        let mut diagnostic = Diagnostic::new(self.finding.code, self.finding.message.clone())
            .on(&self.change.table, self.finding.field.as_deref());
        diagnostic.notes.clone_from(&self.finding.notes);
        diagnostic.help.clone_from(&self.finding.help);
        diagnostic.judgement = Some(self.id());
        diagnostic
    }
}
