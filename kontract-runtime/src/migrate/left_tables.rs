//! What the version before has left, compared with the database before the first step of a run: tables
//! that differ, and objects of others with the names of what pending migrations create.

mod created;

use kontract_schema::catalog::{Catalog, Difference, compare};
use kontract_schema::dialect::{Dialect, name_in_path};
use kontract_schema::lock::{Migration, Step as Statement};

use self::created::{Created, list_created};
use super::history::{Applied, State};
use super::statements;
use super::tables_at::TablesAt;
use super::target::Target;

/// What the database should have before the first step.
pub(super) struct LeftTables {
    /// The version of the database.
    pub(super) version: usize,
    /// The tables after it.
    left: Catalog,
    /// What pending migrations create.
    created: Vec<Created>,
}

impl LeftTables {
    /// Returns what the lock file knows about a database with this history.
    pub(super) fn new(target: &Target, dialect: Dialect, history: &[Applied]) -> LeftTables {
        let left = TablesAt::after_history(target, dialect, history);
        let version = history.iter().take_while(|row| row.state == State::Done).count();
        // Of an incomplete migration, a part exists.
        let is_begun = history.get(version).is_some_and(|row| row.state != State::Draft);
        let pending = target.pending(history).get(usize::from(is_begun)..).unwrap_or_default();
        let draft = target.draft().filter(|_| history.len() == version);
        let created = list_created(target, dialect, &left, pending, draft);
        let mut left = left.catalog(dialect);
        let written = pending.iter().chain(draft).filter(|one| one.manual.is_some());
        let looking: Vec<&Statement> = written.flat_map(|one| list_looking(dialect, one)).collect();
        let looks_at =
            |path: &str| looking.iter().any(|one| statements::may_name(one, name_in_path(path)));
        left.tables.retain(|path, _| !looks_at(path));
        LeftTables { version, left, created }
    }

    /// Whether nothing is known that could be compared.
    pub(super) fn is_empty(&self) -> bool {
        self.left.tables.is_empty() && self.created.is_empty()
    }

    /// Returns the catalogue to read the live one with.
    pub(super) fn expected(&self) -> Catalog {
        let mut expected = self.left.clone();
        for (path, table) in self.created.iter().filter_map(Created::expected_table) {
            expected.tables.entry(path.clone()).or_insert_with(|| table.clone());
        }
        expected
    }

    /// Returns how the live tables differ from what should be left.
    pub(super) fn compare(&self, live: &Catalog) -> Vec<Difference> {
        let mut differences = compare(&self.left, live);
        differences.extend(self.created.iter().flat_map(|one| one.find_in_the_way(live)));
        differences
    }
}

/// Returns the statements of a manual migration that look for what exists (`IF NOT EXISTS`): they may be
/// there because a table was changed by hand.
fn list_looking(dialect: Dialect, migration: &Migration) -> impl Iterator<Item = &Statement> {
    let up = migration.sql.for_dialect(dialect).up.iter();
    up.filter(|statement| statements::looks_for_objects(statement))
}
