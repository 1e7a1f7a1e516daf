//! Steps for people: what they are called, and all of them to the goal with their statements. What a
//! step needs of SQLite, its statements say as well.

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Migration;

use super::decide::{Applied, State, Step, Wanted};
use crate::error::{Error, Result};
use crate::migrate::alone;

/// A step as it is shown.
pub(in crate::migrate) struct Shown<'a> {
    pub(in crate::migrate) title: String,
    /// With the lines that say how they run.
    pub(in crate::migrate) statements: Vec<String>,
    /// The one migration that it is, or goes on with.
    pub(in crate::migrate) migration: Option<&'a Migration>,
    /// Whether that begins with it.
    pub(in crate::migrate) begins: bool,
}

impl Wanted {
    /// All steps to the goal, with their statements.
    pub(in crate::migrate) fn plan(
        &self,
        dialect: Dialect,
        mut history: Vec<Applied>,
    ) -> Result<Vec<Shown<'_>>> {
        let up = |index: Option<usize>| {
            self.migration(index).map_or(&[][..], |m| m.sql.of(dialect).up.as_slice())
        };
        let mut found = Vec::new();
        while let Some(step) = self.next(dialect, &history)? {
            let title = self.title(&step);
            let (migration, begins) = match &step {
                Step::Apply { index } => (self.migration(*index), true),
                Step::Continue { index, done, started } => {
                    (self.migration(Some(*index)), (*done, *started) == (0, false))
                }
                _ => (None, false),
            };
            let statements = match step {
                Step::Create(statements) => {
                    history =
                        self.lock.migrations.iter().map(|m| Applied::of(m, State::Done)).collect();
                    statements
                }
                Step::Apply { index } => {
                    let state = if index.is_none() { State::Draft } else { State::Done };
                    history.extend(self.migration(index).map(|m| Applied::of(m, state)));
                    up(index).to_vec()
                }
                Step::Continue { index, done, .. } => {
                    history.truncate(index);
                    history
                        .extend(self.migration(Some(index)).map(|m| Applied::of(m, State::Done)));
                    up(Some(index)).get(done..).unwrap_or_default().to_vec()
                }
                Step::Reverse { way_back, .. } => {
                    history.pop();
                    let statements = alone::together(&way_back.statements);
                    statements.map(|(mode, statement)| mode.mark(&statement)).collect()
                }
                Step::Seal { index } | Step::Repair { index, .. } => {
                    history.truncate(index);
                    history
                        .extend(self.migration(Some(index)).map(|m| Applied::of(m, State::Done)));
                    Vec::new()
                }
                Step::Adopt { from, to } => {
                    let adopted = &self.lock.migrations[from..to];
                    history.extend(adopted.iter().map(|m| Applied::of(m, State::Done)));
                    Vec::new()
                }
            };
            found.push(Shown { title, statements, migration, begins });
        }
        Ok(found)
    }

    /// A step in messages.
    pub(in crate::migrate) fn title(&self, step: &Step) -> String {
        let index = match step {
            Step::Create(_) => return "the creation of the tables".to_owned(),
            Step::Reverse { is_draft: true, .. } => return "taking the draft back".to_owned(),
            Step::Reverse { version, .. } => {
                let index = (*version as usize).wrapping_sub(1);
                let name = self.lock.migrations.get(index).map_or("", |m| m.name.as_str());
                return format!("taking migration {version} `{name}` back");
            }
            Step::Adopt { .. } => return "taking the tables over".to_owned(),
            Step::Repair { index, .. } => Some(*index),
            Step::Apply { index } => *index,
            Step::Seal { index } | Step::Continue { index, .. } => Some(*index),
        };
        match self.migration(index) {
            Some(migration) if !migration.name.is_empty() => {
                format!("migration {} `{}`", migration.version, migration.name)
            }
            _ => "the draft".to_owned(),
        }
    }

    /// What a step failed with, and the file that somebody wrote it in.
    pub(in crate::migrate) fn in_file(&self, step: &Step, error: Error) -> Error {
        let index = match step {
            Step::Apply { index: Some(index) } | Step::Continue { index, .. } => Some(*index),
            _ => None,
        };
        let manual = index.and_then(|index| self.lock.migrations.get(index)?.manual.as_ref());
        match (manual, error.help(), error.code()) {
            (Some(manual), Some(help), Some("K0425")) => {
                let help = format!("{help}\nthe file is `migrations/{}`", manual.file);
                error.with_help(help)
            }
            _ => error,
        }
    }

    /// The statements that name what is Kontract's own on SQLite: of the history, and of a draft
    /// that is taken back.
    pub(in crate::migrate) fn statements<'a>(&'a self, step: &'a Step) -> Vec<&'a str> {
        let script = |migration: &'a Migration| &migration.sql.sqlite;
        let scripts = self.lock.migrations.iter().chain(&self.lock.draft).map(script);
        let known = scripts.flat_map(|script| script.up.iter().chain(script.down.iter().flatten()));
        let taken = match step {
            Step::Reverse { way_back, .. } => way_back.taken.as_slice(),
            _ => &[],
        };
        known.chain(taken).map(String::as_str).collect()
    }

    /// Whether the step may drop a table that others refer to (SQLite).
    pub(in crate::migrate) fn rebuilds(&self, step: &Step) -> bool {
        match step {
            Step::Reverse { .. } => true,
            Step::Apply { index } => {
                self.migration(*index).is_some_and(|migration| migration.sql.sqlite.rebuild)
            }
            Step::Continue { index, .. } => {
                self.migration(Some(*index)).is_some_and(|migration| migration.sql.sqlite.rebuild)
            }
            Step::Create(_) | Step::Seal { .. } | Step::Adopt { .. } | Step::Repair { .. } => false,
        }
    }
}
