//! What has to be done next: history and lock file in, one step out. Touches no database.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use kontract_schema::catalog::{Catalog, Foreign, compare, foreign};
use kontract_schema::dialect::{self, Dialect};
use kontract_schema::group::{self, Group, Mode};
use kontract_schema::lock::{ChangeRecord, LockFile, Manual, Migration};
use kontract_schema::model::Schema;
use serde::{Deserialize, Serialize};

use super::options::Options;
use super::rust::RustMigration;
use super::tracking::NewRow;
use super::{alone, failure};
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

/// A row of the history.
#[derive(Clone, Debug)]
pub(super) struct Applied {
    pub(super) version: u32,
    pub(super) name: String,
    pub(super) hash: String,
    pub(super) state: State,
    /// How many of its statements are done, where it is not one transaction.
    pub(super) step: usize,
    /// Whether older programs may go on beside it.
    pub(super) additive: bool,
    /// The statements that take a draft back, as JSON.
    pub(super) reverse: Option<String>,
    /// Milliseconds since 1970.
    pub(super) applied_at: i64,
}

/// How far a migration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Done.
    Done,
    /// Done, as long as the draft does not change.
    Draft,
    /// So many of its statements are done.
    Running,
    /// The same, and the next statement, which is in no transaction, was begun.
    Started,
}

impl State {
    /// As the database keeps it.
    pub(super) fn word(self) -> &'static str {
        match self {
            State::Done => "done",
            State::Draft => "draft",
            State::Running => "running",
            State::Started => "started",
        }
    }
}

/// How a draft is taken back.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct WayBack {
    /// The statements.
    pub(super) statements: Vec<String>,
    /// Queries that give a row where data would be lost.
    pub(super) loses: Vec<String>,
    /// The statements that they take back, which name what was the draft's own.
    #[serde(default)]
    pub(super) taken: Vec<String>,
    /// The file whose code takes part in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rust: Option<Manual>,
}

/// What somebody has put data into is not taken back.
pub(super) fn would_lose(query: &str, is_draft: bool) -> Error {
    if !is_draft {
        let what = format!("taking it back would lose data: `{query}` finds some");
        return failure("K0444", what).with_help(
            "save what is needed; then `kontract migrate down --accept-data-loss` takes it back",
        );
    }
    failure(
        "K0432",
        format!("the draft that this database has taken in has changed, and taking it back would lose data: `{query}` finds some"),
    )
    .with_help("to keep it, undo the last edits and seal the draft with `KONTRACT_SEAL=name cargo build`; otherwise make the database anew with `kontract refresh`, or delete it by hand")
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
            let together = group::groups(&script.up).iter().all(|g| g.mode == Mode::Together);
            return Ok(Some(match together {
                true => Step::Apply { index: Some(index) },
                false => Step::Continue { index, done: 0, started: false },
            }));
        }
        Ok((self.takes_draft() && self.lock.draft.is_some()).then_some(Step::Apply { index: None }))
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

    /// The row of a migration that is done, as if it was read.
    pub(super) fn applied(&self, index: usize) -> Option<Applied> {
        self.migration(Some(index)).map(|migration| Applied::of(migration, State::Done))
    }

    /// All steps to the goal, with their statements.
    pub(super) fn plan(
        &self,
        dialect: Dialect,
        mut history: Vec<Applied>,
    ) -> Result<Vec<(String, Vec<String>)>> {
        let up = |index: Option<usize>| {
            self.migration(index).map_or(&[][..], |m| m.sql.of(dialect).up.as_slice())
        };
        let mut found = Vec::new();
        while let Some(step) = self.next(dialect, &history)? {
            let title = self.title(&step);
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
            found.push((title, statements));
        }
        Ok(found)
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
        let next = group::groups(up).into_iter().find(|group| group.first > done);
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

    /// JSON of the physical names of the tables.
    pub(super) fn tables(&self) -> String {
        let ours = self.lock.tables.values().filter(|table| !table.external);
        let names = ours.map(|table| table.ptr.as_str());
        serde_json::Value::from_iter(names).to_string()
    }

    /// The row of a migration.
    pub(super) fn row<'a>(
        &'a self,
        migration: &'a Migration,
        state: State,
        tables: &'a str,
        dialect: Dialect,
    ) -> NewRow<'a> {
        let script = migration.sql.of(dialect);
        let way_back = script.down.clone().filter(|_| state == State::Draft);
        let way_back = way_back.map(|statements| WayBack {
            statements,
            loses: script.loses.clone(),
            taken: script.up.clone(),
            rust: migration.manual.clone(),
        });
        NewRow {
            package: &self.package,
            version: migration.version,
            name: &migration.name,
            hash: &migration.hash,
            state,
            step: 0,
            reverse: way_back.and_then(|way_back| serde_json::to_string(&way_back).ok()),
            tables,
            additive: migration.additive,
        }
    }

    /// Whether the end is the sealed schema, which the lock file describes table by table.
    pub(super) fn is_sealed(&self) -> bool {
        let to_the_end =
            matches!(self.goal, Goal::Up { .. }) && self.end() == self.lock.migrations.len();
        to_the_end && !(self.takes_draft() && self.lock.draft.is_some())
    }

    /// A step in messages.
    pub(super) fn title(&self, step: &Step) -> String {
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

    /// The statements that name what is Kontract's own on SQLite: of the history, and of a draft
    /// that is taken back.
    pub(super) fn statements<'a>(&'a self, step: &'a Step) -> Vec<&'a str> {
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
    pub(super) fn rebuilds(&self, step: &Step) -> bool {
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

/// What was broken off has to be ended first.
fn broken_off(row: &Applied) -> Error {
    let (version, name) = (row.version, &row.name);
    let (what, help) = match row.state {
        State::Draft => (
            "the database has changes that are not sealed".to_owned(),
            "take them back first: `kontract migrate down`",
        ),
        _ => (
            format!("migration {version} `{name}` was broken off"),
            "end it first: `kontract migrate up`",
        ),
    };
    failure("K0442", what).with_help(help)
}

impl Applied {
    /// The row of a migration, as it will be.
    fn of(migration: &Migration, state: State) -> Applied {
        Applied {
            version: migration.version,
            name: migration.name.clone(),
            hash: migration.hash.clone(),
            state,
            step: 0,
            additive: migration.additive,
            reverse: None,
            applied_at: 0,
        }
    }

    /// How the draft of this row is taken back.
    fn way_back(&self) -> Result<WayBack> {
        let way_back = self.reverse.as_deref().and_then(|json| serde_json::from_str(json).ok());
        way_back.ok_or_else(|| {
            failure(
                "K0424",
                "the draft that this database has taken in has changed, and there is no way back",
            )
            .with_help("make the database anew with `kontract refresh`, or delete it by hand: it was only for development")
        })
    }
}

/// Whether a migration is the draft of that hash, sealed: it got a name, and nothing else changed.
fn is_twin(migration: &Migration, draft: &str) -> bool {
    let unnamed = Migration { name: String::new(), ..migration.clone() };
    unnamed.content_hash() == draft || migration.hash == draft
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontract_schema::lock::{Script, Scripts};

    fn migration(version: u32, name: &str, parent: &str) -> Migration {
        let script = Script { up: vec![format!("-- {version}")], ..Script::default() };
        Migration {
            version,
            name: name.into(),
            parent: parent.into(),
            hash: String::new(),
            changes: Vec::new(),
            additive: false,
            manual: None,
            sql: Scripts { postgres: script.clone(), sqlite: script },
        }
        .hashed()
    }

    fn wanted(sealed: u32, draft: bool) -> Wanted {
        let mut lock = LockFile { version: sealed, ..LockFile::default() };
        for version in 1..=sealed {
            let parent = lock.head().to_owned();
            lock.migrations.push(migration(version, &format!("m{version}"), &parent));
        }
        if draft {
            lock.draft = Some(migration(sealed + 1, "", lock.head()));
        }
        let drafts = if draft { Drafts::Take } else { Drafts::Without };
        Wanted::new(lock, "app", Goal::Up { until: None, drafts }, Options::default())
    }

    fn row(migration: &Migration, is_draft: bool) -> Applied {
        Applied {
            version: migration.version,
            name: migration.name.clone(),
            hash: migration.hash.clone(),
            state: if is_draft { State::Draft } else { State::Done },
            step: 0,
            additive: false,
            reverse: is_draft.then(|| "{\"statements\":[\"back\"],\"loses\":[]}".into()),
            applied_at: 0,
        }
    }

    fn code(result: Result<Option<Step>>) -> &'static str {
        result.expect_err("refused").code().expect("it has a code")
    }

    const HERE: Dialect = Dialect::Sqlite;

    #[test]
    fn goes_step_by_step_to_the_end() {
        let wanted = wanted(3, true);
        let rows: Vec<Applied> = wanted.lock.migrations.iter().map(|m| row(m, false)).collect();
        let draft = wanted.lock.draft.clone().expect("a draft");
        assert_eq!(wanted.next(HERE, &[]).ok().flatten(), Some(Step::Create(vec![])));
        assert_eq!(
            wanted.next(HERE, &rows[..2]).ok().flatten(),
            Some(Step::Apply { index: Some(2) })
        );
        assert_eq!(wanted.next(HERE, &rows).ok().flatten(), Some(Step::Apply { index: None }));
        let with_draft: Vec<_> = rows.iter().cloned().chain([row(&draft, true)]).collect();
        assert_eq!(wanted.next(HERE, &with_draft).ok(), Some(None));
    }

    #[test]
    fn a_draft_that_changed_is_taken_back_and_a_sealed_one_stays() {
        let before = wanted(1, true);
        let draft = row(before.lock.draft.as_ref().expect("a draft"), true);
        let history = [row(&before.lock.migrations[0], false), draft];
        let sealed = wanted(2, false);
        assert_eq!(sealed.next(HERE, &history).ok().flatten(), Some(Step::Seal { index: 1 }));
        let none = wanted(1, false);
        let way_back = WayBack {
            statements: vec!["back".into()],
            loses: Vec::new(),
            taken: Vec::new(),
            rust: None,
        };
        let back = Step::Reverse { version: 2, is_draft: true, way_back };
        assert_eq!(none.next(HERE, &history).ok().flatten(), Some(back));
        let stuck = [history[0].clone(), Applied { reverse: None, ..history[1].clone() }];
        assert_eq!(code(none.next(HERE, &stuck)), "K0424");
    }

    #[test]
    fn refuses_histories_of_others() {
        let wanted = wanted(2, false);
        let rows: Vec<Applied> = wanted.lock.migrations.iter().map(|m| row(m, false)).collect();
        let newer = Applied { version: 3, ..rows[1].clone() };
        assert_eq!(code(wanted.next(HERE, &[&rows[..], &[newer]].concat())), "K0420");
        let other = Applied { hash: "sha256:0".into(), ..rows[0].clone() };
        assert_eq!(code(wanted.next(HERE, &[other])), "K0421");
        assert_eq!(code(wanted.next(HERE, &rows[1..])), "K0422");
    }
}
