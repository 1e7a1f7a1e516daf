//! Prints the changes of a package and whether each one passes.

use anstyle::{AnsiColor, Style};
use kontract_build::project::Look;
use kontract_schema::change::{Change, ChangeId};
use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::rules::{Judgement, Level, Verdict};
use serde_json::{Value, json};

use super::say;

const PASSED: Style = AnsiColor::Green.on_default();
const COVERED: Style = AnsiColor::Yellow.on_default();
const REFUSED: Style = AnsiColor::Red.on_default().bold();

/// Whether a change passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It needs no manual migration.
    Passes,
    /// The manual migration covers it.
    Covered,
    /// It is refused.
    Refused,
}

impl Fate {
    /// Whether a judged change passes.
    pub fn decide(judgement: &Judgement, look: &Look) -> Fate {
        // A migration file that cannot be read covers nothing yet.
        let refuses = |problem: &Diagnostic| {
            judgement.reports(problem) || problem.code == Some(code::MIGRATION_FORM)
        };
        if judgement.passes {
            Fate::Passes
        } else if look.problems.iter().any(refuses) {
            Fate::Refused
        } else {
            Fate::Covered
        }
    }

    /// The fate in one word.
    pub fn as_str(self) -> &'static str {
        match self {
            Fate::Passes => "passes",
            Fate::Covered => "covered",
            Fate::Refused => "refused",
        }
    }

    fn style(self) -> Style {
        match self {
            Fate::Passes => PASSED,
            Fate::Covered => COVERED,
            Fate::Refused => REFUSED,
        }
    }
}

/// A verdict in one word.
pub fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Safe => "safe",
        Verdict::Backfill => "backfill",
        Verdict::Lock => "lock",
        Verdict::Dangerous => "dangerous",
        Verdict::Loss => "loss",
    }
}

/// Prints the judged changes.
pub fn changes(look: &Look) {
    let Some(gate) = &look.gate else { return };
    let ids = gate.judgements.iter().flat_map(change_ids);
    let width = ids.map(|id| id.to_string().chars().count()).max().unwrap_or_default();
    for judgement in &gate.judgements {
        let fate = Fate::decide(judgement, look);
        let (style, word) = if fate == Fate::Passes && judgement.level == Level::Warn {
            (COVERED, "passes with a warning")
        } else {
            (fate.style(), fate.as_str())
        };
        let (rule, verdict) = (judgement.rule.id, verdict_word(judgement.finding.verdict));
        for (number, id) in change_ids(judgement).iter().enumerate() {
            let id = id.to_string();
            if number == 0 {
                say!("  {id:width$}  {rule:<3}  {style}{word}{style:#}, {verdict}");
            } else {
                say!("  {id:width$}  with it");
            }
        }
        say!("      {}", judgement.finding.message);
        for note in &judgement.finding.notes {
            say!("      note: {note}");
        }
    }
}

/// The ids of the changes of a judgement.
fn change_ids(judgement: &Judgement) -> Vec<ChangeId> {
    judgement.covers().map(Change::id).collect()
}

/// The judged changes as JSON.
pub fn changes_json(look: &Look) -> Value {
    let judgements = look.gate.iter().flat_map(|gate| &gate.judgements);
    let all = judgements.map(|judgement| {
        let with: Vec<ChangeId> = judgement.finding.with.iter().map(Change::id).collect();
        json!({
            "change": judgement.change.id(),
            "with": with,
            "table": judgement.change.table,
            "field": judgement.finding.field,
            "rule": judgement.rule.id,
            "verdict": verdict_word(judgement.finding.verdict),
            "flags": judgement.finding.flags.split_whitespace().collect::<Vec<_>>(),
            "level": judgement.level.as_str(),
            "fate": Fate::decide(judgement, look).as_str(),
            "message": judgement.finding.message,
            "notes": judgement.finding.notes,
        })
    });
    Value::Array(all.collect())
}
