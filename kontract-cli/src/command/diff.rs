//! `kontract diff`: the changes since the last sealed migration.

use clap::Args;
use kontract_schema::code;
use serde_json::json;

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::package;
use crate::show::{self, Fate, say};

/// List the changes since the last sealed migration, and whether each one passes
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract diff
  kontract diff --exit-code   status 1 if there are changes, as with `git diff`
  kontract explain C14        the rule that decided about a change")]
pub struct Diff {
    /// End with status 1 if there are changes
    #[arg(long)]
    exit_code: bool,
}

impl Diff {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let look = project.look()?;
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
                show::tell!("the changes are unknown until these errors are fixed");
            }
            return Ok(Answer::No);
        };
        if !global.json {
            let changes = show::changes_since(gate.changes.len(), look.lock.version);
            say!("{}: {changes}", package.name());
            show::changes(&look);
            // The list of changes has the warnings about changes.
            let idle = look.warnings.iter().filter(|warning| warning.code == Some(code::IDLE_HINT));
            show::warnings(&idle.cloned().collect());
            let fates = gate.judgements.iter().map(|judgement| Fate::decide(judgement, &look));
            if fates.into_iter().any(|fate| fate == Fate::Refused) {
                show::tell!("\n`kontract check` shows how to make the refused changes pass");
            }
        }
        Ok(Answer::yes_if(!self.exit_code || gate.changes.is_empty()))
    }
}
