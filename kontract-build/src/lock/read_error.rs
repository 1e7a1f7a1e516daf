//! The messages for a text that is not a valid lock file.

use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::lock::{FORMAT, ReadError};

/// The message for a damaged lock file.
pub fn damaged(path: &Path, why: &str) -> Box<Diagnostic> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Box::new(
        Diagnostic::new(code::LOCK_CORRUPT, format!("{name} is damaged: {why}"))
            .help(format!("restore the last good version: `git checkout {name}`")),
    )
}

/// The message for a text that is not a valid lock file.
pub fn explain_read_error(path: &Path, error: ReadError) -> Box<Diagnostic> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let back = format!("restore the last good version: `git checkout {name}`");
    Box::new(match error {
        ReadError::Corrupt { line, column, why } => {
            // The position is already at the front of the message.
            let why = why.split(" at line ").next().unwrap_or_default();
            Diagnostic::new(code::LOCK_CORRUPT, format!("{name}:{line}:{column}: {why}")).help(back)
        }
        ReadError::Conflict { line, ours, theirs } => {
            let message = format!("{name}:{line}: unresolved merge conflict");
            let mut problem = Diagnostic::new(code::LOCK_CONFLICT, message);
            for (side, names) in [("ours", ours), ("theirs", theirs)] {
                if !names.is_empty() {
                    problem = problem.note(format!("{side} has `{}`", names.join("`, `")));
                }
            }
            problem.help(
                "resolve the conflicts in the source, then run `kontract rebase`: it puts the migrations of one side on top of those of the other",
            )
        }
        ReadError::Newer { format } => {
            let ours = FORMAT;
            let message =
                format!("{name} has format {format}; this version of Kontract reads up to {ours}");
            Diagnostic::new(code::LOCK_NEWER, message)
                .help("update `kontract` and `kontract-build`: `cargo update -p kontract -p kontract-build`")
        }
        ReadError::TableHash { table } => {
            let message =
                format!("table `{table}` in {name} was edited by hand: its hash does not match");
            Diagnostic::new(code::LOCK_TABLE_EDITED, message)
                .help(back)
                .help("change the struct instead; the build writes the lock file")
        }
        ReadError::Ids { table } => {
            let message = format!(
                "`ids` of table `{table}` in {name} do not match its fields: they were changed by a merge or by hand"
            );
            Diagnostic::new(code::LOCK_IDS, message)
                .help(back)
                .help("after a merge, take one side whole, build, and seal the other changes again")
        }
        ReadError::MigrationHash { version } => {
            let message = format!(
                "migration {version} in {name} was edited by hand: its hash does not match"
            );
            Diagnostic::new(code::LOCK_MIGRATION_EDITED, message)
                .help(back)
                .help("databases may have run the original; write a new migration instead")
        }
        ReadError::Twins { version, names: [one, other] } => {
            let message = format!(
                "the history in {name} has two migrations {version}: `{one}` and `{other}`"
            );
            Diagnostic::new(code::LOCK_CHAIN, message)
                .note("two branches sealed one each, and a merge kept both")
                .help(format!(
                    "take the side whose migration databases have run, `git checkout --ours {name}` or `--theirs`, and build: \
                     the changes of the other side become a draft on top of it"
                ))
        }
        ReadError::Chain { version, expected } => {
            let why = if version == expected {
                format!("migration {version} does not follow from the one before it")
            } else {
                format!("it has migration {version} where {expected} is expected")
            };
            let message = format!("the history in {name} is broken: {why}");
            Diagnostic::new(code::LOCK_CHAIN, message).help(back).help(
                "after a merge of two sealed migrations, take one side whole, build, and seal the other changes again",
            )
        }
    })
}
