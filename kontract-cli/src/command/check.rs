//! `kontract check`: what the build would refuse.

use serde_json::json;

use crate::Answer;
use crate::args::{Check, Global};
use crate::failure::Failure;
use crate::package;
use crate::show::{self, count, say};

pub fn run(global: &Global, options: &Check) -> Result<Answer, Failure> {
    let (package, project) = package::open(global)?;
    let look = project.look()?;
    let changes = look.gate.as_ref().map_or(0, |gate| gate.changes.len());
    let manual = look.gate.as_ref().and_then(|gate| gate.draft.as_ref()?.manual.as_ref());
    // A manual migration is a change of its own; a lock file that is not written yet hides some.
    let is_sealed = changes == 0 && manual.is_none() && look.lock.draft.is_none();
    let is_fine = look.problems.is_empty() && (is_sealed || !options.sealed);
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
        return Ok(if is_fine { Answer::Yes } else { Answer::No });
    }
    show::problems(&look.problems);
    show::warnings(&look.warnings);
    if !look.problems.is_empty() {
        say!("{}: {}", package.name(), count(look.problems.len(), "problem"));
        return Ok(Answer::No);
    }
    let tables = count(look.schema.tables.len(), "table");
    let version = look.lock.version;
    match (is_sealed, changes) {
        (true, _) => say!("{}: {tables}, all sealed at version {version}", package.name()),
        (false, 0) => say!("{}: {tables}, and a draft that is not sealed", package.name()),
        (false, _) => say!(
            "{}: {tables}, {} that may pass and {} not sealed",
            package.name(),
            count(changes, "change"),
            if changes == 1 { "is" } else { "are" }
        ),
    }
    if look.is_stale {
        let lock = project.lock_path().display();
        show::tell!("note: the next build writes {lock}; where it must not, it fails");
    }
    if is_fine {
        return Ok(Answer::Yes);
    }
    let failure = Failure::new("not everything is sealed");
    show::failure(
        &match changes {
            0 => failure.help("build once: the draft in kontract.lock.json is out of date"),
            _ => failure
                .note("`kontract diff` lists the changes")
                .help("seal them: `kontract migrate create NAME`"),
        },
        false,
    );
    Ok(Answer::No)
}
