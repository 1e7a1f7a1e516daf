//! What has to be done next: history and lock file in, one step out. Touches no database.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use kontract_schema::catalog::{Catalog, Foreign, compare, foreign};
use kontract_schema::dialect::{self, Dialect};
use kontract_schema::lock::{ChangeRecord, LockFile, Migration};
use kontract_schema::migration::run_mode::{self, Group, Mode};
use kontract_schema::model::Schema;

use super::failure;
use super::history::broken_off;
pub(super) use super::history::{Applied, State, WayBack, would_lose};
use super::options::Options;
use super::rust::RustMigration;
pub(super) use super::steps::Shown;
use crate::error::{Error, Result};

/// What the program wants.
pub(crate) struct Wanted {
    pub(super) lock: LockFile,
    pub(super) package: String,
    pub(super) goal: Goal,
    pub(super) options: Options,
    /// What was done so far, for whoever asked for it.
    pub(super) done: Mutex<Vec<String>>,
    /// The migrations that are known to be done: nobody takes them back while this one goes on.
    known: Mutex<Vec<Applied>>,
    /// The code of the program.
    pub(super) rust: &'static [RustMigration],
}

/// Where a run is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// The newest version, or that one.
    Up { until: Option<u32>, drafts: Drafts },
    /// That version, by the statements back.
    Down { to: u32, lose: bool },
    /// That version, because the tables are there already.
    Adopt { version: u32 },
    /// A broken off statement counts as done, or as not begun.
    Repair { done: bool },
}

/// What becomes of changes that are not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drafts {
    /// They are made.
    Take,
    /// Those that were made stay as long as they are the lock file's.
    Keep,
    /// Those that were made are taken back.
    Without,
}

/// One transaction, or one group of statements of a migration that is several.
#[derive(Debug, PartialEq)]
pub(super) enum Step {
    /// The current schema at once; the whole history counts as run.
    Create(Vec<String>),
    /// The next migration, or the draft.
    Apply { index: Option<usize> },
    /// The next group of a migration that is not one transaction; its end, where all are done.
    Continue {
        index: usize,
        /// How many statements are done.
        done: usize,
        /// Whether the next one was begun, and nobody knows what became of it.
        started: bool,
    },
    /// Takes the draft back, or the newest migration.
    Reverse { version: u32, is_draft: bool, way_back: WayBack },
    /// The tables are compared with those of the lock file, and the migrations up to that one count
    /// as run.
    Adopt { from: usize, to: usize },
    /// A broken off statement counts as done, or as not begun.
    Repair { index: usize, step: usize },
    /// The draft was sealed as it is: its row becomes the migration's.
    Seal { index: usize },
}

impl Wanted {
    pub(super) fn new(lock: LockFile, package: &str, goal: Goal, options: Options) -> Wanted {
        let (done, known) = (Mutex::default(), Mutex::default());
        Wanted { lock, package: package.to_owned(), goal, options, done, known, rust: &[] }
    }

    /// The same for a program with this code.
    pub(super) fn with_rust(mut self, rust: &'static [RustMigration]) -> Wanted {
        self.rust = rust;
        self
    }

    /// The version after which the history has to be read.
    pub(super) fn known(&self) -> i32 {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.last().map_or(0, |row| i32::try_from(row.version).unwrap_or(i32::MAX))
    }

    /// Knows of no migration any more that it is done: another server may have taken over.
    pub(super) fn forget(&self) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The next step, by the rows after those that are known. With `keep` they are known from now
    /// on: not within a transaction, which may be rolled back.
    ///
    /// # Errors
    /// Those of [`Wanted::next`].
    pub(super) fn goes_on(
        &self,
        dialect: Dialect,
        rows: Vec<Applied>,
        keep: bool,
    ) -> Result<Option<Step>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let before = known.len();
        known.extend(rows);
        let next = self.next(dialect, &known);
        match (keep, self.goal) {
            (true, Goal::Up { .. }) => {
                let done = known.iter().position(|row| row.state != State::Done);
                known.truncate(done.unwrap_or(usize::MAX));
            }
            _ => known.truncate(before),
        }
        next
    }

    /// Whether the goal may be reached with this step.
    pub(super) fn may_end(&self, step: &Step) -> bool {
        match step {
            Step::Apply { index: Some(index) } => index + 1 >= self.end(),
            _ => true,
        }
    }

    /// Tells whoever listens that a step begins.
    ///
    /// # Errors
    /// The step calls code that this program does not have.
    pub(super) fn begins(&self, step: &Step) -> Result<()> {
        self.call(step)?;
        if let Some(listener) = &self.options.listener {
            listener.0(&self.title(step));
        }
        Ok(())
    }

    /// Keeps what was done; of a migration of several steps once.
    pub(super) fn was_done(&self, step: &Step) {
        let title = self.title(step);
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        if done.last() != Some(&title) {
            done.push(title);
        }
    }

    /// The migrations after those that are known to be done; none where the goal is another.
    pub(super) fn pending(&self) -> &[Migration] {
        let Goal::Up { .. } = self.goal else { return &[] };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).len();
        self.lock.migrations.get(known..self.end()).unwrap_or_default()
    }

    /// The migration of a step.
    pub(super) fn migration(&self, index: Option<usize>) -> Option<&Migration> {
        match index {
            Some(index) => self.lock.migrations.get(index),
            None => self.lock.draft.as_ref(),
        }
    }

    /// The next step, if any.
    ///
    /// # Errors
    /// The history is not one that this program can continue.
    pub(super) fn next(&self, dialect: Dialect, history: &[Applied]) -> Result<Option<Step>> {
        if let Some(before) = self.before_newer(history) {
            return self.check(before).map(|()| None);
        }
        let (last, sealed) = match history.split_last() {
            Some((last, rest)) if last.state != State::Done => (Some(last), rest),
            _ => (None, history),
        };
        self.check(sealed)?;
        match self.goal {
            Goal::Up { .. } => {}
            Goal::Down { to, lose } => return self.back(dialect, sealed, last, to, lose),
            Goal::Adopt { version } => return self.adopt(sealed, last, version),
            Goal::Repair { done } => return self.repair(sealed, last, done),
        }
        match last {
            Some(draft) if draft.state == State::Draft => {
                return self.after_draft(draft, sealed.len());
            }
            Some(running) => return self.resume(running, sealed.len()).map(Some),
            None => {}
        }
        if history.is_empty() && self.lock.version > 0 && self.end() == self.lock.migrations.len() {
            let carries_data = self.lock.migrations.iter().any(|m| m.manual.is_some());
            if !carries_data {
                let schema = self.lock.schema();
                return Ok(Some(Step::Create(dialect::create_schema(dialect, &schema))));
            }
        }
        if sealed.len() < self.end() {
            let index = sealed.len();
            let script = self.lock.migrations[index].sql.of(dialect);
            let together = run_mode::groups(&script.up).iter().all(|g| g.mode == Mode::Together);
            return Ok(Some(match together {
                true => Step::Apply { index: Some(index) },
                false => Step::Continue { index, done: 0, started: false },
            }));
        }
        Ok(self.draft().map(|_| Step::Apply { index: None }))
    }

    /// The history without the migrations of a newer program, where this one may start beside them.
    /// It never migrates then.
    fn before_newer<'a>(&self, history: &'a [Applied]) -> Option<&'a [Applied]> {
        let starts = match self.goal {
            Goal::Up { until: None, drafts: Drafts::Take } => self.lock.draft.is_none(),
            Goal::Up { until: None, drafts: Drafts::Without } => true,
            _ => false,
        };
        let (before, newer) = history.split_at_checked(self.lock.migrations.len())?;
        let harmless = newer.iter().all(|row| row.additive && row.state != State::Draft);
        (starts && !newer.is_empty() && harmless).then_some(before)
    }

    /// Whether no migration after it is wanted.
    pub(super) fn is_newest(&self, version: u32) -> bool {
        version as usize >= self.end()
    }

    /// How many migrations are wanted.
    fn end(&self) -> usize {
        let all = self.lock.migrations.len();
        match self.goal {
            Goal::Up { until: Some(until), .. } => all.min(until as usize),
            _ => all,
        }
    }

    /// The draft, where it is wanted.
    pub(super) fn draft(&self) -> Option<&Migration> {
        self.lock.draft.as_ref().filter(|_| self.takes_draft())
    }

    fn takes_draft(&self) -> bool {
        matches!(self.goal, Goal::Up { until: None, drafts: Drafts::Take })
    }

    /// The newest migration is taken back, or the draft that is newer still.
    fn back(
        &self,
        dialect: Dialect,
        sealed: &[Applied],
        last: Option<&Applied>,
        to: u32,
        lose: bool,
    ) -> Result<Option<Step>> {
        let is_draft = last.is_some_and(|row| row.state == State::Draft);
        if let Some(running) = last.filter(|_| !is_draft) {
            return Err(broken_off(running));
        }
        let (version, mut way_back) = match (last, sealed.last()) {
            (Some(draft), _) => (draft.version, draft.way_back()?),
            (None, Some(row)) if row.version > to => {
                let script = self.lock.migrations[sealed.len() - 1].sql.of(dialect);
                let Some(statements) = script.down.clone() else {
                    let (version, name) = (row.version, &row.name);
                    return Err(failure("K0443", format!("migration {version} `{name}` says no way back"))
                        .with_help("a new migration can undo what it did; a manual one may have a section `-- down`, one that is Rust a `down`"));
                };
                let (loses, taken) = (script.loses.clone(), script.up.clone());
                (row.version, WayBack { statements, loses, taken, rust: None })
            }
            _ => return Ok(None),
        };
        if lose {
            way_back.loses.clear();
        }
        Ok(Some(Step::Reverse { version, is_draft, way_back }))
    }

    /// The tables are there, and the history is not.
    fn adopt(
        &self,
        sealed: &[Applied],
        last: Option<&Applied>,
        version: u32,
    ) -> Result<Option<Step>> {
        if let Some(row) = last {
            return Err(broken_off(row));
        }
        let to = self.lock.migrations.len().min(version as usize);
        Ok((sealed.len() < to).then_some(Step::Adopt { from: sealed.len(), to }))
    }

    /// A statement of which nobody knew, and somebody looked.
    fn repair(
        &self,
        sealed: &[Applied],
        last: Option<&Applied>,
        done: bool,
    ) -> Result<Option<Step>> {
        let Some(row) = last.filter(|row| row.state == State::Started) else { return Ok(None) };
        self.resume(row, sealed.len())?;
        let step = row.step + usize::from(done);
        Ok(Some(Step::Repair { index: sealed.len(), step }))
    }

    /// The tables that no migration after that one changes.
    pub(super) fn settled(&self, version: usize) -> Schema {
        let later = self.lock.migrations.iter().skip(version).flat_map(|m| &m.changes);
        let table = |change: &ChangeRecord| {
            let end = change.change.find(['.', ':']).unwrap_or(change.change.len());
            change.change[..end].to_owned()
        };
        let changed: BTreeSet<String> = later.map(table).collect();
        let mut schema = self.lock.schema();
        schema.tables.retain(|name, _| !changed.contains(name));
        schema
    }

    /// A migration that was broken off goes on where it was.
    fn resume(&self, row: &Applied, index: usize) -> Result<Step> {
        let Some(migration) = self.lock.migrations.get(index) else {
            return Err(self.too_new(row.version));
        };
        if row.version != migration.version || row.hash != migration.hash {
            let (version, name, step) = (row.version, &row.name, row.step);
            return Err(failure(
                "K0440",
                format!("migration {version} `{name}` was broken off after statement {step}, and is another one in this program"),
            )
            .with_help("let the program that has begun it end it; or undo by hand what its statements did and delete its row of `_kontract_migrations`"));
        }
        Ok(Step::Continue { index, done: row.step, started: row.state == State::Started })
    }

    fn too_new(&self, version: u32) -> Error {
        let known = self.lock.version;
        failure(
            "K0420",
            format!(
                "the database is at version {version}, this program knows up to version {known}"
            ),
        )
        .with_help("run the newer program that brought the database there")
    }

    /// The group of statements that comes next in a migration that is several; `None` at its end.
    pub(super) fn group(
        &self,
        dialect: Dialect,
        index: usize,
        done: usize,
    ) -> Result<Option<Group<'_>>> {
        let Some(migration) = self.lock.migrations.get(index) else { return Ok(None) };
        let up = &migration.sql.of(dialect).up;
        let next = run_mode::groups(up).into_iter().find(|group| group.first > done);
        let first = next.as_ref().map_or(up.len() + 1, |group| group.first);
        match first == done + 1 {
            true => Ok(next),
            false => Err(failure(
                "K0422",
                format!("no part of migration {} ends at statement {done}", migration.version),
            )
            .with_help("its row of `_kontract_migrations` was changed; restore it")),
        }
    }

    /// The draft is in the database.
    fn after_draft(&self, row: &Applied, sealed: usize) -> Result<Option<Step>> {
        let stays =
            matches!(self.goal, Goal::Up { until: None, drafts: Drafts::Take | Drafts::Keep });
        let wanted = self.lock.draft.as_ref().filter(|_| stays);
        if sealed == self.lock.migrations.len() && wanted.is_some_and(|d| d.hash == row.hash) {
            return Ok(None);
        }
        if self.lock.migrations.get(sealed).is_some_and(|migration| is_twin(migration, &row.hash)) {
            return Ok(Some(Step::Seal { index: sealed }));
        }
        let way_back = row.way_back()?;
        Ok(Some(Step::Reverse { version: row.version, is_draft: true, way_back }))
    }

    /// Whether the end is the sealed schema, which the lock file describes table by table.
    pub(super) fn is_sealed(&self) -> bool {
        let to_the_end =
            matches!(self.goal, Goal::Up { .. }) && self.end() == self.lock.migrations.len();
        to_the_end && self.draft().is_none()
    }

    /// A database without a history may have tables of our names: they are taken over where they
    /// are what the schema wants, and otherwise nothing is touched.
    pub(super) fn refuse_unknown(&self, expected: &Catalog, live: Catalog) -> Result<()> {
        let mut there = expected.clone();
        there.tables.retain(|name, _| live.tables.contains_key(name));
        let differences = compare(&there, &live);
        if differences.is_empty() {
            return Ok(());
        }
        let shown: Vec<String> =
            differences.iter().take(10).map(|d| format!("\n  - {d}")).collect();
        let what =
            format!("the database has tables of these names that are different:{}", shown.concat());
        let mut help =
            "connect to another database, or change those tables by hand to what is wanted; `kontract introspect` writes structs for those that are there"
                .to_owned();
        for Foreign { table, tool, .. } in foreign(&live) {
            help +=
                &format!("\n{tool} has migrated this database; its table `{table}` is left alone");
        }
        Err(failure("K0431", what).with_help(help))
    }

    /// The history is the beginning of the lock file's.
    fn check(&self, sealed: &[Applied]) -> Result<()> {
        for (row, version) in sealed.iter().zip(1..) {
            if row.version != version || row.state != State::Done {
                return Err(failure(
                    "K0422",
                    format!("the history in the database has no migration {version}"),
                )
                .with_help(
                    "rows of `_kontract_migrations` were removed or changed; restore them",
                ));
            }
            let Some(migration) = self.lock.migrations.get(version as usize - 1) else {
                return Err(self.too_new(sealed.len() as u32));
            };
            if migration.hash != row.hash {
                return Err(failure(
                    "K0421",
                    format!(
                        "migration {version} of the database, `{}`, is not migration {version} of this program, `{}`",
                        row.name, migration.name
                    ),
                )
                .with_help("two branches sealed different migrations of one number: the database belongs to the other one"));
            }
        }
        Ok(())
    }
}

/// Whether a migration is the draft of that hash, sealed: it got a name, and nothing else changed.
fn is_twin(migration: &Migration, draft: &str) -> bool {
    let unnamed = Migration { name: String::new(), ..migration.clone() };
    unnamed.content_hash() == draft || migration.hash == draft
}
