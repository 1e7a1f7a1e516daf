//! Statements of a manual migration that hold others up on PostgreSQL, or lose what the changes do
//! not say: the rules of generated changes, by their ids, as far as the first words of a statement
//! tell. A warning each; `-- kontract: allow(I1) reason` before the statement, or at the head of the
//! file for all, says that it is meant. One that allows nothing is an error.
//!
//! What a rule has judged already, because the file covers the change, is not told again, nor what
//! is done to tables that the migration itself makes. Statements are not understood beyond their
//! words: blocks of PL/pgSQL and functions are passed over.

use super::manual::{Allow, Manual};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::model::Schema;
use crate::rules::{self, Judgement};
use crate::sqltext::{Token, words};

mod sqlite;

/// What is to be said of a file.
#[derive(Debug, Default)]
pub struct Lints {
    /// Statements that are better done in another way.
    pub warnings: Vec<Diagnostic>,
    /// Lines that allow what no statement does.
    pub stale: Vec<Diagnostic>,
}

/// What is to be said to the statements of a file, given the sealed schema and the verdicts on the
/// changes.
pub fn lint(file: &str, manual: &Manual, old: &Schema, judgements: &[Judgement]) -> Lints {
    let is_judged = |rule: &str| {
        let family = |judged: &str| match rule {
            "Y12" => judged.starts_with(['Y', 'E', 'J', 'P']),
            "C14" => ["C15", "C16", "C17", "M5", "M7"].contains(&judged),
            "T3" => ["T5", "T11"].contains(&judged),
            "K1" => judged.starts_with(['K', 'E', 'F', 'C', 'N']),
            "N2" => judged.starts_with(['C', 'N', 'P', 'Y']),
            "I5" => judged.starts_with(['I', 'C', 'P']),
            _ => false,
        };
        judgements.iter().any(|judgement| judgement.rule.id == rule || family(judgement.rule.id))
    };
    let mut used = vec![false; manual.allows.len()];
    let mut warnings = Vec::new();
    for (dialect, lines) in Dialect::ALL.into_iter().zip(&manual.lines) {
        let script = manual.sql.of(dialect);
        for (at, (step, line)) in script.up.iter().zip(lines).enumerate() {
            let sql = step.sql.as_str();
            let found = match dialect {
                Dialect::Postgres => rule(sql, old),
                Dialect::Sqlite => sqlite::rule(step, old, &script.up[at + 1..], script.rebuild),
            };
            let Some(Found { rule, what, mend }) = found else { continue };
            let first_after = |allow: &Allow| lines.iter().find(|line| **line > allow.line);
            let is_for = |allow: &Allow| {
                allow.rule == rule
                    && allow
                        .until
                        .is_none_or(|until| *line < until && first_after(allow) == Some(line))
            };
            let mut allowed = false;
            for (allow, used) in manual.allows.iter().zip(&mut used).filter(|(one, _)| is_for(one))
            {
                (*used, allowed) = (true, allow.rule == rule);
            }
            if allowed || (what.is_none() && is_judged(rule)) {
                continue;
            }
            let title =
                what.or(rules::find(rule).map(|rule| rule.explanation.title)).unwrap_or_default();
            let start: String = sql.split_whitespace().take(5).collect::<Vec<_>>().join(" ");
            let message = format!("migration `{file}`: `{start} …`: {title} ({rule})");
            let allow = format!(
                "or say that it is meant, in the line before it: `-- kontract: allow({rule}) why`"
            );
            warnings.push(Diagnostic::new(code::LINT, message).help(mend).help(allow));
        }
    }
    let stale = manual.allows.iter().zip(used).filter(|(_, used)| !used);
    let stale = stale.map(|(Allow { rule, line, .. }, _)| {
        let message = format!("migration `{file}`, line {line}: `allow({rule})` allows nothing");
        let why = "no statement that it stands for breaks the rule, on the way forward: in the line before a statement it is for that one, at the head of the file for all";
        Diagnostic::new(code::MIGRATION_FORM, message).note(why).help("remove the line")
    });
    Lints { warnings, stale: stale.collect() }
}

/// What is found in a statement.
struct Found {
    rule: &'static str,
    /// What is wrong, where the rule's title does not say it; then it is told although a change of
    /// that rule is covered.
    what: Option<&'static str>,
    /// What to write instead.
    mend: &'static str,
}

impl Found {
    fn of((rule, mend): (&'static str, &'static str)) -> Found {
        Found { rule, what: None, mend }
    }
}

/// The words of a statement.
struct Words<'a>(Vec<Token<'a>>);

impl Words<'_> {
    fn has(&self, words: &[&str]) -> bool {
        let mut windows = self.0.windows(words.len());
        windows.any(|window| window.iter().zip(words).all(|(token, word)| token.is(word)))
    }

    fn starts(&self, words: &[&str]) -> bool {
        let Words(tokens) = self;
        tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.is(word))
    }

    fn names(&self, name: &str) -> bool {
        self.0.iter().any(|token| token.name().is_some_and(|it| it == name))
    }
}

/// The rule that speaks of a statement of PostgreSQL.
fn rule(sql: &str, old: &Schema) -> Option<Found> {
    rule_of(sql, old).map(Found::of)
}

/// The rule that speaks of a statement, and what to write instead.
fn rule_of(sql: &str, old: &Schema) -> Option<(&'static str, &'static str)> {
    let words = Words(words(Dialect::Postgres, sql));
    let has = |sought: &[&str]| words.has(sought);
    let starts = |sought: &[&str]| words.starts(sought);
    // What is made here has no rows and no users.
    let on_old = old.tables.values().any(|table| words.names(&table.ptr));
    if starts(&["drop", "index"]) && !has(&["concurrently"]) {
        return Some((
            "I5",
            "`DROP INDEX CONCURRENTLY`, after a line `-- kontract: no-transaction`",
        ));
    }
    if !on_old {
        return None;
    }
    let creates = starts(&["create", "index"]) || starts(&["create", "unique", "index"]);
    if creates && !has(&["concurrently"]) {
        let mend = "`CREATE INDEX CONCURRENTLY`, after a line `-- kontract: no-transaction`";
        return Some(("I1", mend));
    }
    if starts(&["drop", "table"]) {
        return Some(("T3", "remove the struct, so that the migration covers it"));
    }
    if !starts(&["alter", "table"]) {
        return None;
    }
    let adds = has(&["add", "constraint"]) && !has(&["using", "index"]);
    match () {
        () if has(&["drop", "column"]) => {
            Some(("C14", "remove the field, so that the migration covers it"))
        }
        () if has(&["set", "not", "null"]) => Some((
            "N2",
            "a CHECK that is NOT VALID, then VALIDATE CONSTRAINT, then SET NOT NULL, which scans no more",
        )),
        () if has(&["add", "column"]) && has(&["not", "null"]) && !has(&["default"]) => {
            Some(("C3", "add the column without NOT NULL, fill it, and set NOT NULL then"))
        }
        () if has(&["type"]) && has(&["alter", "column"]) => {
            Some(("Y12", "a new column, filled in batches, that takes the place of the old one"))
        }
        () if adds && !has(&["not", "valid"]) => {
            Some(("K1", "`… NOT VALID`, and `VALIDATE CONSTRAINT` afterwards"))
        }
        () if has(&["rename", "column"]) => {
            Some(("C18", "`#[renamed_from(\"old\")]` on the field makes the statement"))
        }
        () => None,
    }
}

#[cfg(test)]
mod tests;
