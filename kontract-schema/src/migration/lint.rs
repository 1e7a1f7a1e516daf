//! Lints for the statements of manual migrations: statements that block other sessions on PostgreSQL,
//! or lose data that no covered change removes. They are the rules of generated changes, with their
//! ids, applied to the first words of a statement. Each finding is a warning;
//! `-- kontract: allow(I1) reason` before the statement, or at the head of the file for all
//! statements, allows it. An `allow` line that allows nothing is an error.
//!
//! A rule that already judged a covered change is not reported again; nor are statements on tables
//! that the migration itself creates. The lints look at words only: they skip blocks of PL/pgSQL and
//! function bodies.

use super::manual::{Allow, Manual};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::model::Schema;
use crate::plan::Scripts;
use crate::rules::{self, Judgement};
use crate::sqltext::{Token, words};

mod sqlite;

/// The findings in a file.
#[derive(Debug, Default)]
pub struct Lints {
    /// Statements that have a safer form.
    pub warnings: Vec<Diagnostic>,
    /// `allow` lines that allow nothing.
    pub stale: Vec<Diagnostic>,
}

/// Checks the statements of a file against the sealed schema. A rule in `judgements` whose change the
/// file covers is not reported again, nor are the statements that are generated for these changes.
pub fn lint(
    file: &str,
    manual: &Manual,
    old: &Schema,
    judgements: &[Judgement],
    generated: &Scripts,
) -> Lints {
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
        let script = manual.sql.for_dialect(dialect);
        for (at, (step, line)) in script.up.iter().zip(lines).enumerate() {
            let sql = step.sql.as_str();
            let found = match dialect {
                Dialect::Postgres => rule(sql, old),
                Dialect::Sqlite => sqlite::rule(step, old, &script.up[at + 1..], script.rebuild),
            };
            let Some(Found { rule, what, instead }) = found else { continue };
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
            let is_generated = || generated.for_dialect(dialect).has_statement(dialect, sql);
            if allowed || (what.is_none() && is_judged(rule)) || is_generated() {
                continue;
            }
            let title =
                what.or(rules::find(rule).map(|rule| rule.explanation.title)).unwrap_or_default();
            let start: String = sql.split_whitespace().take(5).collect::<Vec<_>>().join(" ");
            let message = format!("migration `{file}`: `{start} …`: {title} ({rule})");
            let allow = format!(
                "or allow it, in the line before the statement: `-- kontract: allow({rule}) why`"
            );
            warnings.push(Diagnostic::new(code::LINT, message).help(instead).help(allow));
        }
    }
    let stale = manual.allows.iter().zip(used).filter(|(_, used)| !used);
    let stale = stale.map(|(Allow { rule, line, .. }, _)| {
        let message = format!("migration `{file}`, line {line}: `allow({rule})` allows nothing");
        let why = "no statement of `up` that it applies to breaks the rule: before a statement it applies to that statement, at the head of the file to all";
        Diagnostic::new(code::MIGRATION_FORM, message).note(why).help("remove the line")
    });
    Lints { warnings, stale: stale.collect() }
}

/// A finding in a statement.
struct Found {
    rule: &'static str,
    /// What is wrong, if the rule's title does not say it. A finding with it is reported even if the
    /// file covers a change of that rule.
    what: Option<&'static str>,
    /// What to write instead: the help of the warning.
    instead: &'static str,
}

impl Found {
    fn from_pair((rule, instead): (&'static str, &'static str)) -> Found {
        Found { rule, what: None, instead }
    }
}

/// The tokens of a statement.
struct Words<'a>(Vec<Token<'a>>);

impl Words<'_> {
    /// Whether these words follow one another somewhere.
    fn has(&self, words: &str) -> bool {
        (0..self.0.len()).any(|at| begins(&self.0[at..], words))
    }

    /// Whether the statement begins with these words.
    fn starts(&self, words: &str) -> bool {
        begins(&self.0, words)
    }

    fn names(&self, name: &str) -> bool {
        self.0.iter().any(|token| token.name().is_some_and(|it| it == name))
    }
}

fn begins(tokens: &[Token<'_>], words: &str) -> bool {
    let mut tokens = tokens.iter();
    words.split(' ').all(|word| tokens.next().is_some_and(|token| token.is(word)))
}

/// Returns the finding for a statement of PostgreSQL.
fn rule(sql: &str, old: &Schema) -> Option<Found> {
    let words = Words(words(Dialect::Postgres, sql));
    let (starts, has) = (|sought| words.starts(sought), |sought| words.has(sought));
    // A table that this migration creates has no rows and no users yet.
    let on_old = old.tables.values().any(|table| words.names(&table.ptr));
    // PostgreSQL refuses the other forms for a table with partitions.
    let is_divided =
        old.tables.values().filter(|table| table.partition_by.is_some()).any(|table| {
            words.names(&table.ptr) || table.indexes.keys().any(|index| words.names(index))
        });
    let creates = starts("create index") || starts("create unique index");
    let alters = starts("alter table");
    Some(Found::from_pair(if starts("drop index") && !has("concurrently") && !is_divided {
        ("I5", "write `DROP INDEX CONCURRENTLY` after a line `-- kontract: no-transaction`")
    } else if !on_old {
        return None;
    } else if creates && !has("concurrently") && !is_divided {
        ("I1", "write `CREATE INDEX CONCURRENTLY` after a line `-- kontract: no-transaction`")
    } else if starts("drop table") {
        ("T3", "remove the struct, so that the migration covers it")
    } else if alters && has("drop column") {
        ("C14", "remove the field, so that the migration covers it")
    } else if alters && has("set not null") {
        (
            "N2",
            "add a CHECK that is NOT VALID, then VALIDATE CONSTRAINT, then SET NOT NULL, which then scans no rows",
        )
    } else if alters && has("add column") && has("not null") && !has("default") {
        ("C3", "add the column without NOT NULL, fill it, then set NOT NULL")
    } else if alters && has("type") && has("alter column") {
        ("Y12", "add a new column, fill it in batches, and replace the old column with it")
    } else if alters
        && has("add constraint")
        && !has("using index")
        && !has("not valid")
        && !(is_divided && has("foreign key"))
    {
        ("K1", "add it with `NOT VALID`, then run `VALIDATE CONSTRAINT`")
    } else if alters && has("rename column") {
        (
            "C18",
            "write `#[renamed_from(\"old\")]` on the field: Kontract then generates the statement",
        )
    } else {
        return None;
    }))
}

#[cfg(test)]
mod tests;
