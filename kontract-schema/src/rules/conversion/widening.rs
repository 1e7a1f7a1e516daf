//! Types that hold every value of the old one, whose changes are refused by default: what the databases and
//! running programs do, and how they pass.

use super::{Converted, RULES, classify, converted};
use crate::change::Change;
use crate::model::Layout;
use crate::rules::{Context, DefaultLevel, Finding, Verdict};

use Verdict::{Lock, Safe};

/// A rule whose changes lose no value.
struct Widening {
    rule: &'static str,
    /// What programs of the former version do that are still running.
    former: &'static str,
    /// Whether SQLite has nothing to do, and those programs go on.
    is_free_on_sqlite: bool,
}

const GOES_ON: &str = "programs of the former version that are running go on reading and writing";

const WIDENINGS: [Widening; 6] = [
    Widening {
        rule: "Y1",
        former: "programs of the former version that are running go on reading and writing; a number that only the new type holds is an error for them",
        is_free_on_sqlite: true,
    },
    Widening {
        rule: "Y3",
        former: "programs of the former version that are running go on reading and writing; they read new values rounded to 32 bits",
        is_free_on_sqlite: true,
    },
    Widening {
        rule: "Y7",
        former: "programs of the former version cannot read it: stop them first",
        is_free_on_sqlite: false,
    },
    Widening { rule: "Y9", former: GOES_ON, is_free_on_sqlite: true },
    Widening { rule: "Y15", former: GOES_ON, is_free_on_sqlite: true },
    Widening {
        rule: "E9",
        former: "programs of the former version cannot read texts that are not variants",
        is_free_on_sqlite: false,
    },
];

/// Whether SQLite has nothing to do for a change of a type, and running programs go on.
pub(in crate::rules) fn is_free_on_sqlite(change: &Change) -> bool {
    let Some(converted) = converted(change) else { return false };
    let (rule, verdict, _) = classify(converted.from, converted.to);
    let is_free = |widening: &Widening| widening.rule == rule && widening.is_free_on_sqlite;
    is_widening(rule, verdict) && WIDENINGS.iter().any(is_free)
}

/// Adds to the finding on a type that holds every value of the old one what the databases and running
/// programs do, and how the change passes.
pub(in crate::rules) fn describe_widening(
    found: Finding,
    rule: &str,
    change: &Change,
    context: &Context<'_>,
) -> Finding {
    let layout = context.new_table(change).map(|table| table.layout);
    let found = match (found.verdict, layout) {
        (_, Some(Layout::Document)) if ["Y1", "Y3"].contains(&rule) => {
            found.note("no row changes: both are a number of JSON")
        }
        (Lock, _) => found.note(REWRITE_WAITS),
        _ => found,
    };
    let widening = WIDENINGS.iter().find(|widening| widening.rule == rule);
    let found = match widening {
        Some(widening) => found.note(widening.former),
        None => found,
    };
    found
        .flags("B b R U")
        .help("or let such changes pass: `allow_widening = true` in kontract.toml")
}

const REWRITE_WAITS: &str = "PostgreSQL writes the table and its indexes again under an ACCESS EXCLUSIVE lock: reads and writes wait meanwhile";

/// Whether every value of the old type is one of the new, and the change is refused by default.
pub(super) fn is_widening(rule: &str, verdict: Verdict) -> bool {
    matches!(verdict, Safe | Lock)
        && RULES.iter().any(|row| row.id == rule && row.level == DefaultLevel::Deny)
}

/// Returns what the change of a key is if all its values fit into the new type.
pub(in crate::rules) fn widened_key(
    converted: &Converted<'_>,
) -> Option<(&'static str, &'static str)> {
    let (rule, verdict, why) = classify(converted.from, converted.to);
    is_widening(rule, verdict).then_some((rule, why))
}
