//! Adds to a refusal what only the source shows: the field that has a check, and the `cfg` that
//! disables an item which seems to be removed.

use kontract_schema::change::{Fact, ItemChange};
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::gate::Gate;
use kontract_schema::model::Sql;
use kontract_schema::rules::Judgement;

use super::items::{Disabled, SourceItems, structs_by_table};

/// How to make an item that is disabled known to the lock file.
const HELP: &str =
    "build once with it enabled, so that the lock file has its condition; or remove the condition";

/// Returns the problems of the gate with what the source adds to them.
pub fn add_source_notes(gate: &Gate, items: &SourceItems) -> Diagnostics {
    let mut all = Diagnostics::new();
    for problem in gate.problems.iter() {
        let reported = problem.judgement.as_ref();
        let is_reported = |judgement: &&Judgement| reported == Some(&judgement.id());
        all.push(match gate.judgements.iter().find(is_reported) {
            Some(judgement) => add_notes(problem.clone(), judgement, items),
            None => problem.clone(),
        });
    }
    all
}

fn add_notes(problem: Diagnostic, judgement: &Judgement, items: &SourceItems) -> Diagnostic {
    let table = &judgement.change.table;
    match &judgement.change.fact {
        Fact::Check(ItemChange::Added(_, sql) | ItemChange::Changed(_, _, sql)) => {
            match find_field_with_check(sql, table, items) {
                Some(field) => problem.on(table, Some(field)),
                None => problem,
            }
        }
        Fact::FieldRemoved(field) => {
            let is_field = |disabled: &&Disabled| disabled.matches(table, Some(&field.name));
            add_disabled(problem, items.disabled.iter().filter(is_field))
        }
        Fact::TableRemoved(_) => {
            let is_table = |disabled: &&Disabled| disabled.matches(table, None);
            // The scan does not read disabled modules.
            let may_contain_it = |disabled: &&Disabled| disabled.table.is_none();
            if items.disabled.iter().any(|disabled| is_table(&disabled)) {
                add_disabled(problem, items.disabled.iter().filter(is_table))
            } else {
                add_disabled(problem, items.disabled.iter().filter(may_contain_it))
            }
        }
        _ => problem,
    }
}

/// Finds the field that has a check with this condition.
fn find_field_with_check<'a>(sql: &Sql, table: &str, items: &'a SourceItems) -> Option<&'a str> {
    let raw = &structs_by_table(&items.structs).get(table)?.item.as_ref()?.raw;
    let field =
        raw.fields.iter().find(|field| field.checks.iter().any(|check| check.sql == *sql))?;
    Some(&field.name)
}

fn add_disabled<'a>(
    mut problem: Diagnostic,
    disabled: impl Iterator<Item = &'a Disabled>,
) -> Diagnostic {
    for disabled in disabled {
        problem = problem.note(&disabled.note);
        if !problem.help.iter().any(|help| help == HELP) {
            problem.help.insert(0, HELP.to_owned());
        }
    }
    problem
}
