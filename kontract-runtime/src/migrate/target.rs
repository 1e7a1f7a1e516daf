//! What a run is to reach: the lock file, the goal, and the code of the program.

use std::collections::BTreeSet;

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::model::Schema;

use super::history::{Applied, NewRow, Reversal, State};
use super::options::Options;
use super::resolution::Resolution;
use super::rust::RustMigration;

/// What a run is to reach.
pub(crate) struct Target {
    pub(super) lock: LockFile,
    pub(super) package: String,
    pub(super) goal: Goal,
    pub(super) options: Options,
    /// The Rust migrations of the program.
    pub(super) rust: &'static [RustMigration],
    /// The versions of Kontract whose sealed statements are taken as they are.
    pub(super) generators: Vec<String>,
    /// Whether tables that were changed by hand are accepted, because they are dropped afterwards.
    pub(super) accepts_differences: bool,
    /// Whose history is adopted.
    pub(super) former: Option<Former>,
}

/// The key of a history that is adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Former {
    pub(super) key: String,
    /// Whether only tables change their owner, because the package was split: the history stays.
    pub(super) only_tables: bool,
}

/// Where a run ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Goal {
    /// At the newest version, or that one.
    Up { until: Option<u32>, drafts: Drafts },
    /// At that version, by taking migrations back.
    Down { to: u32, lose: bool },
    /// At that version, because the tables exist already.
    Adopt { version: u32 },
    /// An interrupted migration is resolved.
    Resolve(Resolution),
    /// The history of another key, or the tables of this schema that another package owns, are the
    /// package's: [`Target::former`].
    AdoptHistory,
}

/// What happens to changes that are not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drafts {
    /// They are applied.
    Apply,
    /// Applied ones stay as long as they are the lock file's.
    Keep,
    /// Applied ones are taken back.
    Revert,
}

impl Target {
    pub(super) fn new(lock: LockFile, package: &str, goal: Goal, options: Options) -> Target {
        Target {
            lock,
            package: package.to_owned(),
            goal,
            options,
            rust: &[],
            generators: Vec::new(),
            accepts_differences: false,
            former: None,
        }
    }

    /// The target with the Rust migrations of a program.
    pub(super) fn with_rust(mut self, rust: &'static [RustMigration]) -> Target {
        self.rust = rust;
        self
    }

    /// The target that takes the sealed statements of these versions of Kontract as they are.
    pub(super) fn with_generators(mut self, generators: Vec<String>) -> Target {
        self.generators = generators;
        self
    }

    /// Tells the listener of the options that a step begins.
    pub(super) fn announce(&self, title: &str) {
        if let Some(listener) = &self.options.listener {
            listener.0(title);
        }
    }

    /// Whether the goal is upwards.
    pub(super) fn is_up(&self) -> bool {
        matches!(self.goal, Goal::Up { .. })
    }

    /// How many sealed migrations the goal needs.
    pub(super) fn end(&self) -> usize {
        let all = self.lock.migrations.len();
        match self.goal {
            Goal::Up { until: Some(until), .. } => all.min(until as usize),
            _ => all,
        }
    }

    /// Whether the goal needs no migration after that version.
    pub(super) fn is_newest(&self, version: u32) -> bool {
        version as usize >= self.end()
    }

    /// Whether the goal is the sealed schema, which the lock file describes table by table.
    pub(super) fn ends_sealed(&self) -> bool {
        self.is_up() && self.end() == self.lock.migrations.len() && self.draft().is_none()
    }

    /// The draft, where the goal needs it.
    pub(super) fn draft(&self) -> Option<&Migration> {
        let applies = Goal::Up { until: None, drafts: Drafts::Apply };
        self.lock.draft.as_ref().filter(|_| self.goal == applies)
    }

    /// A sealed migration by its index, or the draft.
    pub(super) fn migration(&self, index: Option<usize>) -> Option<&Migration> {
        match index {
            Some(index) => self.lock.migrations.get(index),
            None => self.lock.draft.as_ref(),
        }
    }

    /// The migrations that are not complete in that history; none where the goal is not upwards.
    pub(super) fn pending(&self, history: &[Applied]) -> &[Migration] {
        if !self.is_up() {
            return &[];
        }
        let is_incomplete = |row: &Applied| row.state != State::Done;
        let done = history.iter().position(is_incomplete).unwrap_or(history.len());
        self.lock.migrations.get(done..self.end()).unwrap_or_default()
    }

    /// The tables of the lock file that no migration after that version changes.
    pub(super) fn unchanged_after(&self, version: usize) -> Schema {
        let later = self.lock.migrations.iter().skip(version).flat_map(|m| &m.changes);
        let changed: BTreeSet<&str> = later.map(|one| one.change.table.as_str()).collect();
        let mut schema = self.lock.schema();
        schema.tables.retain(|name, _| !changed.contains(name.as_str()));
        schema
    }

    /// The external tables that the goal's schema describes, if any.
    pub(super) fn external_tables(&self) -> Option<Schema> {
        if !self.is_up() {
            return None;
        }
        let mut schema = self.lock.schema();
        schema.tables.retain(|_, table| table.external);
        (!schema.tables.is_empty()).then_some(schema)
    }

    /// The physical names of the package's own tables in the lock file.
    pub(super) fn own_tables(&self, dialect: Dialect) -> BTreeSet<String> {
        let own = self.lock.tables.values().filter(|table| !table.external);
        own.map(|table| dialect.table_name(&table.path())).collect()
    }

    /// The row of a migration, to be written.
    pub(super) fn row<'a>(
        &'a self,
        dialect: Dialect,
        migration: &'a Migration,
        state: State,
        tables: &str,
    ) -> NewRow<'a> {
        let script = migration.sql.for_dialect(dialect);
        let rust = migration.manual.as_ref();
        let reverse = match state {
            State::Done => None,
            State::Draft => Reversal::json(script, rust),
            State::Running | State::Started => Reversal::json_of_begun(script, rust),
        };
        NewRow {
            package: &self.package,
            version: migration.version,
            name: &migration.name,
            hash: &migration.hash,
            state,
            step: 0,
            reverse,
            tables: tables.into(),
            additive: migration.additive,
        }
    }
}
