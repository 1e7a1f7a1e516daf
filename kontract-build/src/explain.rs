//! What only the source knows about a verdict: where a check is written, and whether what seems to
//! be gone is switched off by a `cfg`.

use kontract_schema::change::Fact;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::gate::Gate;
use kontract_schema::rules::Judgement;

use crate::gather::{Gathered, Off, by_table};

/// The problems of the gate, with what the source adds.
pub fn problems(gate: &Gate, gathered: &Gathered) -> Diagnostics {
    let mut all = Diagnostics::new();
    for problem in gate.problems.iter() {
        let about = |judgement: &&Judgement| judgement.message == problem.message;
        all.push(match gate.judgements.iter().find(about) {
            Some(judgement) => explain(problem.clone(), judgement, gathered),
            None => problem.clone(),
        });
    }
    all
}

fn explain(problem: Diagnostic, judgement: &Judgement, gathered: &Gathered) -> Diagnostic {
    let table = &judgement.change.table;
    match &judgement.change.fact {
        Fact::CheckAdded { sql, .. } | Fact::CheckChanged { to: sql, .. } => {
            match field_with(sql, table, gathered) {
                Some(field) => problem.on(table, Some(field)),
                None => problem,
            }
        }
        Fact::FieldRemoved(field) => {
            let is_it = |off: &&Off| off.is(table, Some(&field.name));
            switched_off(problem, gathered.off.iter().filter(is_it))
        }
        Fact::TableRemoved(_) => {
            let is_it = |off: &&Off| off.is(table, None);
            // In a module that is off nobody looks.
            let may_hold_it = |off: &&Off| off.table.is_none();
            match gathered.off.iter().any(|off| is_it(&off)) {
                true => switched_off(problem, gathered.off.iter().filter(is_it)),
                false => switched_off(problem, gathered.off.iter().filter(may_hold_it)),
            }
        }
        _ => problem,
    }
}

/// The field that has a check with this condition.
fn field_with<'a>(sql: &str, table: &str, gathered: &'a Gathered) -> Option<&'a str> {
    let raw = &by_table(&gathered.structs).get(table)?.item.as_ref()?.raw;
    let field =
        raw.fields.iter().find(|field| field.checks.iter().any(|check| check.sql == sql))?;
    Some(&field.name)
}

fn switched_off<'a>(mut problem: Diagnostic, off: impl Iterator<Item = &'a Off>) -> Diagnostic {
    for off in off {
        problem = problem.note(&off.fact);
        let help =
            "build once with it on, so that the lock file knows its condition; or take that away"
                .to_owned();
        if !problem.help.contains(&help) {
            problem.help.insert(0, help);
        }
    }
    problem
}
