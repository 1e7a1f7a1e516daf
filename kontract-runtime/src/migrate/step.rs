//! A step of a run: what it is called, and what the history is after it.

use kontract_schema::code;
use kontract_schema::lock::Step as Statement;

use super::history::{Applied, Reversal, State};
use super::target::{Former, Target};
use super::undo::Undo;
use crate::error::Error;

/// One transaction, or one group of statements of a migration that is more than one.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// Creates the current schema at once; all migrations count as done.
    Create(Vec<Statement>),
    /// Runs the next migration, or the draft (`None`).
    Apply { index: Option<usize> },
    /// Runs the next group of a migration that is more than one transaction, or marks the migration
    /// as done after the last group.
    Continue {
        index: usize,
        /// How many statements are done.
        done: usize,
        /// Whether the next statement was started, and it is unknown whether it took effect.
        started: bool,
    },
    /// Takes back the draft, or the newest migration.
    Reverse { version: u32, is_draft: bool, reversal: Reversal },
    /// Compares the tables with the lock file's; the migrations in this range then count as done.
    Adopt { from: usize, to: usize },
    /// Sets how many statements of an interrupted migration count as done.
    ResolveStatement { index: usize, done: usize },
    /// Compares the tables with those after an interrupted migration, which then counts as done.
    ResolveApplied { index: usize },
    /// Undoes what an interrupted migration did; it then counts as not run.
    Undo(Undo),
    /// The history of another key becomes the package's; or only its tables do.
    AdoptHistory(Former),
    /// The draft was sealed without changes: its row becomes the migration's.
    Seal { index: usize },
}

impl Step {
    /// The migration of the step by its index; `Some(None)` is the draft.
    pub(super) fn index(&self) -> Option<Option<usize>> {
        match self {
            Step::Create(_) | Step::Adopt { .. } | Step::AdoptHistory(_) => None,
            Step::Reverse { is_draft: true, .. } | Step::Undo(_) => None,
            Step::Reverse { version, .. } => Some((*version as usize).checked_sub(1)),
            Step::Apply { index } => Some(*index),
            Step::Continue { index, .. }
            | Step::ResolveStatement { index, .. }
            | Step::ResolveApplied { index }
            | Step::Seal { index } => Some(Some(*index)),
        }
    }

    /// The step in messages.
    pub(super) fn title(&self, target: &Target) -> String {
        match self {
            Step::Create(_) => return "the creation of the tables".to_owned(),
            Step::Adopt { .. } => return "the adoption of the tables".to_owned(),
            Step::Reverse { is_draft: true, .. } => return "taking the draft back".to_owned(),
            Step::AdoptHistory(Former { key, only_tables: false }) => {
                return format!("the adoption of the history of `{key}`");
            }
            Step::AdoptHistory(Former { key, only_tables: true }) => {
                return format!("the adoption of tables of `{key}`");
            }
            Step::Undo(Undo { version, name, .. }) => {
                return format!("undoing migration {version} `{name}`");
            }
            _ => {}
        }
        let migration = self.index().and_then(|index| target.migration(index));
        let name = match migration {
            Some(migration) if !migration.name.is_empty() => {
                format!("migration {} `{}`", migration.version, migration.name)
            }
            _ => "the draft".to_owned(),
        };
        match self {
            Step::Reverse { .. } => format!("taking {name} back"),
            Step::ResolveStatement { .. } => format!("the interrupted statement of {name}"),
            Step::ResolveApplied { .. } => format!("{name}, recorded as applied"),
            _ => name,
        }
    }

    /// The history after the whole migration of the step is done.
    pub(super) fn history_after(&self, target: &Target, history: &mut Vec<Applied>) {
        let done = |index| target.migration(index).map(|one| Applied::new(one, State::Done));
        match self {
            Step::Create(_) | Step::AdoptHistory(_) => {
                let all = target.lock.migrations.iter();
                *history = all.map(|one| Applied::new(one, State::Done)).collect();
            }
            Step::Apply { index: None } => {
                let draft = target.migration(None);
                history.extend(draft.map(|draft| Applied::new(draft, State::Draft)));
            }
            Step::Apply { index: Some(index) }
            | Step::Continue { index, .. }
            | Step::Seal { index }
            | Step::ResolveApplied { index }
            | Step::ResolveStatement { index, .. } => {
                history.truncate(*index);
                history.extend(done(Some(*index)));
            }
            Step::Reverse { .. } | Step::Undo(_) => drop(history.pop()),
            Step::Adopt { from, to } => {
                history.extend((*from..*to).filter_map(|index| done(Some(index))));
            }
        }
    }

    /// Adds the file of a manual migration to the error of a statement.
    pub(super) fn with_file(&self, target: &Target, error: Error) -> Error {
        let index = match self {
            Step::Apply { index: Some(index) } | Step::Continue { index, .. } => Some(*index),
            _ => None,
        };
        let manual = index.and_then(|index| target.lock.migrations.get(index)?.manual.as_ref());
        // `kontract verify` marks generated migrations as manual ones without a file.
        let manual = manual.filter(|manual| !manual.file.is_empty());
        match manual {
            Some(manual) if error.code() == Some(code::MIGRATION_FAILED.as_str()) => {
                error.with_note(format!("the file is `migrations/{}`", manual.file))
            }
            _ => error,
        }
    }
}
