//! Prints results and messages, as text or as JSON.

use std::sync::atomic::{AtomicBool, Ordering};

use kontract_schema::code::Code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use serde_json::{Value, json};

use crate::failure::Failure;

mod changes;
mod message;

pub use changes::{Fate, changes, changes_json, verdict_word};
use message::{Grade, render};

/// Prints a line of the answer. A closed output is not an error: `kontract plan | head`.
macro_rules! say {
    ($($arguments:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(anstream::stdout(), $($arguments)*);
    }};
}

/// Prints a line to standard error.
macro_rules! tell {
    ($($arguments:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(anstream::stderr(), $($arguments)*);
    }};
}

pub(crate) use {say, tell};

/// Whether messages are printed in full.
static IS_VERBOSE: AtomicBool = AtomicBool::new(false);

/// Sets whether messages are printed in full.
pub fn set_verbose(verbose: bool) {
    IS_VERBOSE.store(verbose, Ordering::Relaxed);
}

/// Prints the one JSON value of a command.
pub fn json(value: &Value) {
    say!("{value:#}");
}

/// Prints why a command failed, with `as_json` also as the JSON value of the command.
pub fn failure(failure: &Failure, as_json: bool) {
    if as_json {
        let Diagnostic { code, message, notes, help, .. } = &*failure.diagnostic;
        let code = code.map(Code::as_str);
        json(&json!({"error": {"code": code, "message": message, "notes": notes, "help": help}}));
    }
    tell!("{}", render(Grade::Error, &failure.diagnostic, is_verbose()));
}

/// Prints what is refused, to standard error.
pub fn problems(problems: &Diagnostics) {
    problems.iter().for_each(|problem| print(Grade::Error, problem));
}

/// Prints what is refused, with `as_json` also as the JSON value of the command.
pub fn refusal(package: &str, refused: &Diagnostics, as_json: bool) {
    if as_json {
        json(&json!({"package": package, "problems": problems_json(refused)}));
    }
    problems(refused);
}

/// Prints warnings, to standard error.
pub fn warnings(warnings: &Diagnostics) {
    warnings.iter().for_each(|warning| print(Grade::Warning, warning));
}

/// Prints a message with an empty line after it.
fn print(grade: Grade, diagnostic: &Diagnostic) {
    tell!("{}\n", render(grade, diagnostic, is_verbose()));
}

fn is_verbose() -> bool {
    IS_VERBOSE.load(Ordering::Relaxed)
}

/// Problems as JSON.
pub fn problems_json(problems: &Diagnostics) -> Value {
    let all = problems.iter().map(|problem| {
        json!({
            "code": problem.code.map(Code::as_str),
            "place": problem.source_range().map(ToString::to_string),
            "message": problem.message,
            "notes": problem.notes,
            "help": problem.help,
            "migration": problem.migration,
        })
    });
    Value::Array(all.collect())
}

/// `1 change`, `2 changes`.
pub fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// `2 changes since version 3`, `no changes; nothing is sealed yet`.
pub fn changes_since(number: usize, version: u32) -> String {
    let changes = if number == 0 { "no changes".to_owned() } else { count(number, "change") };
    if version == 0 {
        format!("{changes}; nothing is sealed yet")
    } else {
        format!("{changes} since version {version}")
    }
}
