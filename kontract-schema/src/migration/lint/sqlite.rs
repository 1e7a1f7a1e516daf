//! What is said to statements of SQLite. Nobody waits longer there than for the one writer, so that
//! only what loses something is told: columns and tables that go without a word in the source, and
//! rows that go with the row that they refer to.

use super::{Found, Words};
use crate::dialect::Dialect;
use crate::model::{Schema, Table};
use crate::plan::Step;
use crate::sqltext;

/// The rule that speaks of a statement, given those after it in the file.
pub(super) fn rule(step: &Step, old: &Schema, later: &[Step], rebuild: bool) -> Option<Found> {
    let words = Words(sqltext::words(Dialect::Sqlite, &step.sql));
    let (starts, has) = (|list: &[&str]| words.starts(list), |list: &[&str]| words.has(list));
    let table = old.tables.values().find(|table| words.names(&table.ptr))?;
    let replaces = starts(&["replace"]) || starts(&["insert", "or", "replace"]);
    if (replaces || starts(&["update", "or", "replace"])) && is_referred_to(table, old) {
        return Some(Found {
            rule: "F3",
            what: Some(
                "deletes the row that is there, and does to those that refer to it what their reference says",
            ),
            mend: "`INSERT … ON CONFLICT (…) DO UPDATE SET …` keeps the row",
        });
    }
    if starts(&["drop", "table"]) {
        let mut renames = later.iter().flat_map(|step| &step.renames);
        let comes_back = renames.any(|rename| rename.to == table.ptr);
        return match (comes_back, rebuild) {
            (false, _) => {
                Some(Found::of(("T3", "remove the struct, so that the migration covers it")))
            }
            (true, false) if is_referred_to(table, old) => Some(Found {
                rule: "T3",
                what: Some(
                    "deletes the rows first, and does to those that refer to them what their reference says",
                ),
                mend: "a line `-- kontract: rebuild` at the head of the file: references are off meanwhile, and checked at the end",
            }),
            _ => None,
        };
    }
    // `ALTER TABLE new RENAME TO users` is about another table.
    let is_its =
        words.0.get(2).and_then(|token| token.name()).is_some_and(|name| name == table.ptr);
    if !starts(&["alter", "table"]) || !is_its {
        return None;
    }
    let after = |word: &str| words.0.get(3).is_some_and(|token| token.is(word));
    Some(Found::of(match () {
        () if after("drop") => ("C14", "remove the field, so that the migration covers it"),
        () if after("rename") && has(&["rename", "to"]) => {
            ("T6", "`#[renamed_from(\"old\")]` on the struct makes the statement")
        }
        () if after("rename") => {
            ("C18", "`#[renamed_from(\"old\")]` on the field makes the statement")
        }
        () if after("add") && has(&["not", "null"]) && !has(&["default"]) => {
            ("C3", "a default: without one SQLite refuses it where the table has rows")
        }
        () => return None,
    }))
}

/// Whether rows of other tables, or of its own, refer to rows of this one.
fn is_referred_to(table: &Table, schema: &Schema) -> bool {
    let mut references = schema.tables.values().flat_map(|other| other.references.values());
    references.any(|key| schema.tables.get(&key.table).is_some_and(|to| to.ptr == table.ptr))
}
