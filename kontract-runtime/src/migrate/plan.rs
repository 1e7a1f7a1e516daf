//! Returns all steps to the target with their statements, for people. Pure.

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{Migration, Step as Statement};
use kontract_schema::model::Schema;

use super::decide::decide;
use super::history::Applied;
use super::statements;
use super::step::Step;
use super::target::Target;
use crate::error::Result;

/// A step as it is shown.
pub(crate) struct Shown<'a> {
    pub(super) title: String,
    /// The statements, with the lines that describe how they run; without what SQLite needs for a
    /// rebuild.
    pub(super) statements: Vec<String>,
    /// The migration that the step runs or continues.
    pub(super) migration: Option<&'a Migration>,
    /// Whether the migration begins with this step.
    pub(super) begins: bool,
    /// The tables that the step adopts if they exist.
    pub(super) adopts: Option<Schema>,
}

/// Returns all steps to the target.
///
/// # Errors
/// The errors of [`decide`].
pub(super) fn plan(
    target: &Target,
    dialect: Dialect,
    mut history: Vec<Applied>,
) -> Result<Vec<Shown<'_>>> {
    let mut shown = Vec::new();
    while let Some(step) = decide(target, dialect, &history)? {
        let title = step.title(target);
        step.history_after(target, &mut history);
        let (migration, done, begins) = match &step {
            Step::Apply { index } => (target.migration(*index), 0, true),
            Step::Continue { index, done, started } => {
                (target.migration(Some(*index)), *done, (*done, *started) == (0, false))
            }
            _ => (None, 0, false),
        };
        let up = migration.map_or(&[][..], |migration| &migration.sql.for_dialect(dialect).up);
        let adopts = match &step {
            Step::Create(_) => Some(target.lock.schema()),
            Step::Adopt { to, .. } => Some(target.unchanged_after(*to)),
            _ => None,
        };
        let statements = match step {
            Step::Create(statements) => statements.iter().map(Statement::to_text).collect(),
            Step::Reverse { reversal, .. } => statements::show_together(&reversal.statements),
            Step::Undo(undo) => statements::show_together(&undo.statements),
            _ => up.get(done..).unwrap_or_default().iter().map(Statement::to_text).collect(),
        };
        shown.push(Shown { title, statements, migration, begins, adopts });
    }
    Ok(shown)
}
