//! `kontract diff`: the changes since the last sealed migration.

use kontract_schema::code;
use serde_json::json;

use crate::Answer;
use crate::args::{Diff, Global};
use crate::failure::Failure;
use crate::package;
use crate::show::{self, say};

pub fn run(global: &Global, options: &Diff) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let look = project.look()?;
    let answer = |changes: usize| match options.exit_code && changes > 0 {
        true => Answer::No,
        false => Answer::Yes,
    };
    if global.json {
        show::json(&json!({
            "package": package.name(),
            "version": look.lock.version,
            "changes": look.gate.as_ref().map(|_| show::changes_json(&look)),
            "problems": show::problems_json(&look.problems),
            "warnings": show::problems_json(&look.warnings),
        }));
    }
    let Some(gate) = &look.gate else {
        if !global.json {
            show::problems(&look.problems);
            show::tell!("the changes are not known before that is mended");
        }
        return Ok(Answer::No);
    };
    if !global.json {
        let changes = show::changes_since(gate.changes.len(), look.lock.version);
        say!("{}: {changes}", package.name());
        show::changes(&look);
        // Those of changes stand at the changes.
        let idle =
            look.warnings.iter().filter(|warning| warning.diagnostic.code == code::IDLE_HINT);
        show::warnings(&idle.cloned().collect::<Vec<_>>());
        let refused = gate
            .judgements
            .iter()
            .any(|judgement| show::Fate::of(judgement, &look) == show::Fate::Refused);
        if refused {
            show::tell!("\n`kontract check` says what lets the refused ones pass");
        }
    }
    Ok(answer(gate.changes.len()))
}
