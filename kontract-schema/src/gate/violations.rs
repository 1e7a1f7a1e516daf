//! Rows that violate what a manual migration covers. They are counted before it starts, as those of a
//! generated migration are, unless its statements may correct rows.

use crate::change::Change;
use crate::dialect::Dialect;
use crate::model::Schema;
use crate::plan::{Script, Scripts, find_violations};
use crate::sqltext::{Token, words};

/// Adds the queries for rows that violate the changes that a migration covers. `generated` are the
/// statements for these changes, which the ready-made file has.
pub(super) fn add_queries(
    own: &mut Scripts,
    generated: &Scripts,
    old: &Schema,
    changes: &[Change],
    is_covered: impl Fn(&Change) -> bool,
) {
    let covered: Vec<_> = changes.iter().filter(|change| is_covered(change)).collect();
    for (dialect, script) in Dialect::ALL.into_iter().zip([&mut own.postgres, &mut own.sqlite]) {
        let generated = generated.for_dialect(dialect);
        if keeps_rows(dialect, script, generated) {
            let mut found = find_violations(dialect, old, changes);
            found.retain(|obstacle| covered.iter().any(|change| change.id() == obstacle.change));
            script.obstacles = found;
        }
    }
}

/// Whether no statement changes rows so that they could meet a constraint, or lets them violate it.
fn keeps_rows(dialect: Dialect, own: &Script, generated: &Script) -> bool {
    // A constraint that stays NOT VALID is one that existing rows may violate.
    let count = |text: &str| own.up.iter().filter(|step| has(dialect, &step.sql, text)).count();
    count("not valid") <= count("validate constraint")
        && own.up.iter().all(|step| {
            generated.has_statement(dialect, &step.sql) || only_adds_constraints(dialect, &step.sql)
        })
}

/// Whether a statement adds or removes indexes and constraints, and leaves all values.
fn only_adds_constraints(dialect: Dialect, sql: &str) -> bool {
    let tokens = words(dialect, sql);
    let starts = |text: &str| is_at(&tokens, text);
    let has = |text: &str| has(dialect, sql, text);
    let of_indexes =
        ["create index", "create unique index", "drop index", "alter index", "comment on"];
    let of_table = [
        "add constraint",
        "add check",
        "add foreign key",
        "add unique",
        "validate constraint",
        "drop constraint",
        "set not null",
        "rename constraint",
    ];
    let changes_values = has("type") || has("drop column");
    of_indexes.iter().any(|start| starts(start))
        || (starts("alter table") && of_table.iter().any(|action| has(action)) && !changes_values)
}

/// Whether these words follow one another in a statement.
fn has(dialect: Dialect, sql: &str, text: &str) -> bool {
    let tokens = words(dialect, sql);
    (0..tokens.len()).any(|at| is_at(&tokens[at..], text))
}

fn is_at(words: &[Token<'_>], text: &str) -> bool {
    let mut words = words.iter();
    text.split(' ').all(|word| words.next().is_some_and(|token| token.is(word)))
}
