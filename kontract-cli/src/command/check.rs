//! `kontract check`: reports what the build would refuse.

use clap::Args;
use serde_json::json;

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::package;
use crate::show::{self, count, say};

/// Report what the build would refuse, without building
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract check              before a commit
  kontract check --sealed     in CI, before a release
  kontract check --json | jq -r '.problems[].message'

The command reads the source as the build script does. Only a build finds what only the compiler
can see, such as a type alias that hides the type of a field.")]
pub struct Check {
    /// Also refuse unsealed changes
    #[arg(long)]
    sealed: bool,
}

impl Check {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let look = project.look()?;
        let changes = look.gate.as_ref().map_or(0, |gate| gate.changes.len());
        let manual = look.gate.as_ref().and_then(|gate| gate.draft.as_ref()?.manual.as_ref());
        // A manual migration is a change of its own. A draft in the lock file may be out of date.
        let is_sealed = changes == 0 && manual.is_none() && look.lock.draft.is_none();
        let is_fine = look.problems.is_empty() && (is_sealed || !self.sealed);
        if global.json {
            show::json(&json!({
                "package": package.name(),
                "version": look.lock.version,
                "ok": is_fine,
                "sealed": look.problems.is_empty() && is_sealed,
                "changes": show::changes_json(&look),
                "stale": look.is_stale,
                "problems": show::problems_json(&look.problems),
                "warnings": show::problems_json(&look.warnings),
            }));
            return Ok(Answer::yes_if(is_fine));
        }
        show::problems(&look.problems);
        show::warnings(&look.warnings);
        if !look.problems.is_empty() {
            say!("{}: {}", package.name(), count(look.problems.len(), "problem"));
            return Ok(Answer::No);
        }
        let tables = count(look.source.schema.tables.len(), "table");
        let version = look.lock.version;
        let name = package.name();
        if is_sealed {
            say!("{name}: {tables}, all sealed at version {version}");
        } else if changes == 0 {
            say!("{name}: {tables}, and an unsealed draft");
        } else {
            say!("{name}: {tables}, {}: passed, not sealed", count(changes, "change"));
        }
        if look.is_stale {
            let lock = project.lock_path().display();
            show::tell!("note: the next build writes {lock}, or fails if it must not write");
        }
        if is_fine {
            return Ok(Answer::Yes);
        }
        let failure = Failure::new("some changes are not sealed");
        let failure = if changes == 0 {
            failure.help("build once: the draft in kontract.lock.json is out of date")
        } else {
            failure
                .note("`kontract diff` lists the changes")
                .help("seal them: `kontract migrate create NAME`")
        };
        show::failure(&failure, false);
        Ok(Answer::No)
    }
}
