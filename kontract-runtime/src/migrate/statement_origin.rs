//! Refuses pending migrations whose statements are not those that their changes generate.

use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::gate::compare_statements;

use super::failure::failure;
use super::history::Applied;
use super::target::Target;
use crate::error::{Error, Result};

/// Compares the migrations that are not complete in the history with what their changes generate.
/// Of manual migrations, only the build script and the command line have the files.
///
/// # Errors
/// K0409.
pub(super) fn check(target: &Target, history: &[Applied]) -> Result<()> {
    let pending = target.pending(history);
    let (Some(first), Some(last)) = (pending.first(), pending.last()) else { return Ok(()) };
    let compared = compare_statements(&target.lock, first.version.saturating_sub(1), |_| None);
    let until = compared.iter().filter(|one| one.migration.version <= last.version);
    match until.filter_map(|one| one.problem(&target.generators)).next() {
        Some(problem) => Err(to_error(problem)),
        None => Ok(()),
    }
}

fn to_error(problem: Diagnostic) -> Error {
    let Diagnostic { message, notes, help, .. } = problem;
    let error = failure(kontract_schema::code::STATEMENTS_DIFFER, message);
    let error = notes.into_iter().fold(error, Error::with_note);
    help.into_iter().fold(error, Error::with_help)
}
