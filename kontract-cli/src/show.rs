//! Results and messages as text and as JSON.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use kontract_build::project::{Look, Problem};
use kontract_schema::change::Change;
use kontract_schema::rules::{Judgement, Level, Verdict};
use serde_json::{Value, json};

use crate::failure::Failure;

const BOLD: Style = Style::new().bold();
const ERROR: Style = AnsiColor::Red.on_default().bold();
const HELP: Style = AnsiColor::Cyan.on_default().bold();
const GOOD: Style = AnsiColor::Green.on_default();
const CARE: Style = AnsiColor::Yellow.on_default();

/// Prints a line of the answer. That nobody reads it is no error: `kontract plan | head`.
macro_rules! say {
    ($($arguments:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(anstream::stdout(), $($arguments)*);
    }};
}

/// Prints a line beside the answer.
macro_rules! tell {
    ($($arguments:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(anstream::stderr(), $($arguments)*);
    }};
}

pub(crate) use {say, tell};

/// Prints the one JSON value of a command.
pub fn json(value: &Value) {
    say!("{value:#}");
}

/// Prints why a command cannot be done.
pub fn failure(failure: &Failure, as_json: bool) {
    if as_json {
        json(&json!({"error": {
            "code": failure.code, "message": failure.message,
            "notes": failure.notes, "help": failure.help,
        }}));
    }
    let code = failure.code.as_deref();
    tell!("{}", message("error", code, &failure.message, None, &failure.notes, &failure.help));
}

/// Prints what stands in the way, beside the answer.
pub fn problems(problems: &[Problem]) {
    problems.iter().for_each(|problem| tell!("{}\n", placed("error", problem)));
}

/// Prints what passes and is worth a look, beside the answer.
pub fn warnings(warnings: &[Problem]) {
    warnings.iter().for_each(|warning| tell!("{}\n", placed("warning", warning)));
}

fn placed(grade: &str, problem: &Problem) -> String {
    let Problem { place, diagnostic } = problem;
    let code = diagnostic.code.to_string();
    let (notes, help) = (&diagnostic.notes, &diagnostic.help);
    message(grade, Some(&code), &diagnostic.message, place.as_deref(), notes, help)
}

/// `error[K0203]: …`, the place, notes and help, each on lines of its own.
fn message(
    grade: &str,
    code: Option<&str>,
    message: &str,
    place: Option<&str>,
    notes: &[String],
    help: &[String],
) -> String {
    let code = code.map(|code| format!("[{code}]")).unwrap_or_default();
    let style = if grade == "warning" { CARE.bold() } else { ERROR };
    let mut text = format!("{style}{grade}{code}{style:#}{BOLD}: {message}{BOLD:#}");
    if let Some(place) = place {
        let _ = write!(text, "\n  {HELP}-->{HELP:#} {place}");
    }
    let lines = |text: &str| text.replace('\n', "\n        ");
    for note in notes {
        let _ = write!(text, "\n  {BOLD}note{BOLD:#}: {}", lines(note));
    }
    for help in help {
        let _ = write!(text, "\n  {HELP}help{HELP:#}: {}", lines(help));
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// What becomes of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It goes through by itself.
    Passes,
    /// The manual migration covers it.
    Covered,
    /// It is refused.
    Refused,
}

impl Fate {
    /// What becomes of a judged change.
    pub fn of(judgement: &Judgement, look: &Look) -> Fate {
        let said = |problem: &Problem| {
            problem.diagnostic.code == judgement.code
                && problem.diagnostic.message == judgement.message
        };
        // A migration file that cannot be read covers nothing yet.
        let unreadable =
            |problem: &Problem| problem.diagnostic.code == kontract_schema::code::MIGRATION_FORM;
        match look.problems.iter().any(|problem| said(problem) || unreadable(problem)) {
            _ if judgement.passes => Fate::Passes,
            true => Fate::Refused,
            false => Fate::Covered,
        }
    }

    /// In one word.
    pub fn word(self) -> &'static str {
        match self {
            Fate::Passes => "passes",
            Fate::Covered => "covered",
            Fate::Refused => "refused",
        }
    }

    fn style(self) -> Style {
        match self {
            Fate::Passes => GOOD,
            Fate::Covered => CARE,
            Fate::Refused => ERROR,
        }
    }
}

/// A verdict in one word.
pub fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Safe => "safe",
        Verdict::Backfill => "backfill",
        Verdict::Lock => "lock",
        Verdict::Dangerous => "dangerous",
        Verdict::Loss => "loss",
    }
}

/// Prints the judged changes, one below the other.
pub fn changes(look: &Look) {
    let Some(gate) = &look.gate else { return };
    let ids = |judgement: &Judgement| judgement.covers().map(Change::id).collect::<Vec<_>>();
    let width = gate.judgements.iter().flat_map(ids).map(|id| id.chars().count()).max();
    let width = width.unwrap_or_default();
    for judgement in &gate.judgements {
        let fate = Fate::of(judgement, look);
        let warns = fate == Fate::Passes && judgement.level == Level::Warn;
        let (style, word) = match warns {
            true => (CARE, "passes with a warning"),
            false => (fate.style(), fate.word()),
        };
        for (id, number) in ids(judgement).iter().zip(0..) {
            let (rule, verdict) = (judgement.rule, verdict(judgement.verdict));
            match number {
                0 => say!("  {id:width$}  {rule:<3}  {style}{word}{style:#}, {verdict}"),
                _ => say!("  {id:width$}  with it"),
            }
        }
        say!("      {}", judgement.message);
        for note in &judgement.notes {
            say!("      note: {note}");
        }
    }
}

/// The judged changes as JSON.
pub fn changes_json(look: &Look) -> Value {
    let judgements = look.gate.iter().flat_map(|gate| &gate.judgements);
    let all = judgements.map(|judgement| {
        let with: Vec<String> = judgement.with.iter().map(Change::id).collect();
        json!({
            "change": judgement.change.id(),
            "with": with,
            "table": judgement.change.table,
            "field": judgement.field,
            "rule": judgement.rule,
            "verdict": verdict(judgement.verdict),
            "flags": judgement.flags.split_whitespace().collect::<Vec<_>>(),
            "level": judgement.level.word(),
            "fate": Fate::of(judgement, look).word(),
            "message": judgement.message,
            "notes": judgement.notes,
        })
    });
    Value::Array(all.collect())
}

/// What stands in the way, as JSON.
pub fn problems_json(problems: &[Problem]) -> Value {
    let all = problems.iter().map(|problem| {
        json!({
            "code": problem.diagnostic.code.to_string(),
            "place": problem.place,
            "message": problem.diagnostic.message,
            "notes": problem.diagnostic.notes,
            "help": problem.diagnostic.help,
        })
    });
    Value::Array(all.collect())
}

/// `1 change`, `2 changes`.
pub fn count(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

/// `2 changes since version 3`, `no changes; nothing is sealed yet`.
pub fn changes_since(number: usize, version: u32) -> String {
    let changes = match number {
        0 => "no changes".to_owned(),
        _ => count(number, "change"),
    };
    match version {
        0 => format!("{changes}; nothing is sealed yet"),
        _ => format!("{changes} since version {version}"),
    }
}
