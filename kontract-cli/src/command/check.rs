//! `kontract check`: reports what the build would refuse.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::args::Global;
use crate::command::Answer;
use crate::failure::Failure;
use crate::package;
use crate::show::{self, count, say};
use review::Review;

mod review;

/// Report what the build would refuse, without building
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  kontract check              before a commit
  kontract check --sealed     in CI, before a release
  kontract check --against origin/main --format markdown     as a comment on a pull request
  kontract check --json | jq -r '.problems[].message'

With `--against` it also lists the migrations and statements that the branch adds since it left that
commit, with the verdict of each change, which are manual, and which differ from what their changes
generate. Status 1 if one differs, or cannot be compared, or if a migration of that commit is
missing or was changed; 3 if git does not have the commit.

The command reads the source as the build script does. Only a build finds what only the compiler
can see, such as a type alias that hides the type of a field.")]
pub struct Check {
    /// Also refuse unsealed changes
    #[arg(long)]
    sealed: bool,
    /// Also list what is new since this commit, for a reviewer
    #[arg(long, value_name = "COMMIT")]
    against: Option<String>,
    /// The form of that list
    #[arg(long, value_name = "FORMAT", value_enum, requires = "against", default_value = "text")]
    format: Format,
}

/// The form of the list for a reviewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For a comment on a pull request
    Markdown,
}

impl Check {
    pub fn run(&self, global: &Global) -> Result<Answer, Failure> {
        let (package, project) = package::open(global)?;
        let look = project.look()?;
        let changes = look.gate.as_ref().map_or(0, |gate| gate.changes.len());
        let manual = look.gate.as_ref().and_then(|gate| gate.draft.as_ref()?.manual.as_ref());
        // A manual migration is a change of its own. A draft in the lock file may be out of date.
        let is_sealed = changes == 0 && manual.is_none() && look.lock.draft.is_none();
        let review = self
            .against
            .as_ref()
            .map(|commit| Review::new(&project, &package.dir(), &look, commit));
        let review = review.transpose()?;
        let is_reviewed = review.as_ref().is_none_or(Review::is_fine);
        let is_fine = look.problems.is_empty() && (is_sealed || !self.sealed) && is_reviewed;
        if global.json {
            let mut value = json!({
                "package": package.name(),
                "version": look.lock.version,
                "ok": is_fine,
                "sealed": look.problems.is_empty() && is_sealed,
                "changes": show::changes_json(&look),
                "stale": look.is_stale,
                "problems": show::problems_json(&look.problems),
                "warnings": show::problems_json(&look.warnings),
            });
            if let Some(review) = &review {
                value["review"] = review.to_json();
            }
            show::json(&value);
            return Ok(Answer::yes_if(is_fine));
        }
        if let Some(review) = &review {
            if self.format == Format::Markdown {
                review.print_markdown(package.name(), &look);
                return Ok(Answer::yes_if(is_fine));
            }
            review.print(package.name());
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
        if !is_reviewed {
            let failure = Failure::new("some statements of the new migrations are not explained");
            show::failure(&failure.help("review them in the list above"), false);
            return Ok(Answer::No);
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
