//! Lints for statements of manual migrations on SQLite. A statement waits there only for the one
//! writer, so these lints report only data loss: columns and tables that the source does not remove,
//! and rows that are deleted by the reference to another row.

use super::{Found, Words};
use crate::dialect::Dialect;
use crate::model::{Schema, Table};
use crate::plan::Step;
use crate::sqltext;

/// Returns the rule that a statement breaks. `later` are the statements after it in the file.
pub(super) fn rule(step: &Step, old: &Schema, later: &[Step], rebuild: bool) -> Option<Found> {
    let words = Words(sqltext::words(Dialect::Sqlite, &step.sql));
    let (starts, has) = (|sought| words.starts(sought), |sought| words.has(sought));
    let name_of = |table: &Table| Dialect::Sqlite.table_name(&table.path());
    let table = old.tables.values().find(|table| words.names(&name_of(table)))?;
    let name = name_of(table);
    let replaces = starts("replace") || starts("insert or replace");
    if (replaces || starts("update or replace")) && is_referred_to(table, old) {
        return Some(Found {
            rule: "F3",
            what: Some(
                "deletes the existing row, and runs the ON DELETE actions of the references to it",
            ),
            instead: "`INSERT … ON CONFLICT (…) DO UPDATE SET …` keeps the row",
        });
    }
    if starts("drop table") {
        let mut renames = later.iter().flat_map(|step| &step.renames);
        let comes_back = renames.any(|rename| rename.to == name);
        return match (comes_back, rebuild) {
            (false, _) => {
                Some(Found::from_pair(("T3", "remove the struct, so that the migration covers it")))
            }
            (true, false) if is_referred_to(table, old) => Some(Found {
                rule: "T3",
                what: Some(
                    "deletes the rows first, and runs the ON DELETE actions of the references to them",
                ),
                instead: "write `-- kontract: rebuild` at the head of the file: foreign keys are then off while the migration runs and are checked at the end",
            }),
            _ => None,
        };
    }
    // `ALTER TABLE new RENAME TO users` is about another table.
    let is_its = words.0.get(2).and_then(|token| token.name()).is_some_and(|other| other == *name);
    if !starts("alter table") || !is_its {
        return None;
    }
    let after = |word: &str| words.0.get(3).is_some_and(|token| token.is(word));
    Some(Found::from_pair(if after("drop") {
        ("C14", "remove the field, so that the migration covers it")
    } else if after("rename") && has("rename to") {
        (
            "T6",
            "write `#[renamed_from(\"old\")]` on the struct: Kontract then generates the statement",
        )
    } else if after("rename") {
        (
            "C18",
            "write `#[renamed_from(\"old\")]` on the field: Kontract then generates the statement",
        )
    } else if after("add") && has("not null") && !has("default") {
        ("C3", "add a default: without one SQLite refuses the column if the table has rows")
    } else {
        return None;
    }))
}

/// Whether a table, the same one or another, has a reference to this table.
fn is_referred_to(table: &Table, schema: &Schema) -> bool {
    let mut references = schema.tables.values().flat_map(|other| other.references.values());
    references.any(|key| schema.tables.get(&key.table).is_some_and(|to| to.path() == table.path()))
}
