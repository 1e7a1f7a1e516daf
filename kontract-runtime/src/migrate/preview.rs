//! Previews a run on a database: the steps to the target, the rows that violate them, and the sizes
//! of the tables that they change. It only reads, in one snapshot on PostgreSQL, and takes no lock
//! of the runner.
//!
//! It looks for rows in the tables as they are. If an earlier step changes a table, a change of
//! that table is not checked here; the run checks it before each migration.

use std::collections::BTreeSet;

use kontract_schema::change::ChangeKind;
use kontract_schema::lock::{Migration, Obstacle};

use super::executor::Queries;
use super::plan::Shown;
use super::target::Target;
use super::violations;
use crate::error::{Error, Result};

/// A step, and what it would find in the database.
#[derive(Debug)]
pub struct Outlook {
    /// ``migration 3 `add_posts` ``.
    pub what: String,
    /// Its statements, with the lines that say how they run.
    pub statements: Vec<String>,
    /// Rows that violate its changes.
    pub standing: Vec<Standing>,
    /// Changes that can only be checked after the steps before.
    pub unseen: Vec<String>,
    /// The existing tables that it changes.
    pub tables: Vec<Size>,
}

/// The rows that violate a change.
#[derive(Debug)]
pub struct Standing {
    /// `users.email:required`.
    pub change: String,
    /// A query for the keys of all of them.
    pub rows: String,
    /// The number of those rows.
    pub found: i64,
    /// The keys of the first, as text.
    pub keys: Vec<String>,
    /// The error that a run would return: K0462.
    pub refusal: Error,
}

/// The size of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    /// Its name in the database.
    pub table: String,
    /// Its rows: the server's estimate on PostgreSQL, if there is one; counted on SQLite.
    pub rows: Option<i64>,
    /// Its bytes on the disk with its indexes; only on PostgreSQL.
    pub bytes: Option<i64>,
}

/// Reads how large tables are.
pub(super) trait ReadSizes: Queries {
    /// Returns the sizes of those tables that exist, by name. `tables` is a list of SQL literals.
    async fn read_sizes(&mut self, tables: &str) -> Result<Vec<Size>>;
}

/// Returns what each step would find.
///
/// # Errors
/// The errors of the connection.
pub(super) async fn preview<D: ReadSizes>(
    database: &mut D,
    target: &Target,
    steps: Vec<Shown<'_>>,
) -> Result<Vec<Outlook>> {
    let dialect = database.dialect();
    let mut changed = Changed::default();
    let mut all = Vec::new();
    for step in steps {
        let begun = step.migration.filter(|_| step.begins);
        let obstacles = begun.iter().flat_map(|one| &one.sql.for_dialect(dialect).obstacles);
        let (mut standing, mut unseen) = (Vec::new(), Vec::new());
        for obstacle in obstacles {
            if changed.concerns(target, obstacle) {
                unseen.push(obstacle.change.to_string());
            } else if let Some((found, keys)) = violations::find(database, obstacle).await? {
                let refusal = violations::refuse(&step.title, obstacle, found, &keys);
                let (change, rows) = (obstacle.change.to_string(), obstacle.rows.clone());
                standing.push(Standing { change, rows, found, keys, refusal });
            }
        }
        let names = step.migration.iter().flat_map(|one| changed_tables(one));
        let tables: BTreeSet<String> = names
            .filter_map(|name| Some(dialect.table_literal(&target.lock.tables.get(name)?.path())))
            .collect();
        let tables = if tables.is_empty() {
            Vec::new()
        } else {
            database.read_sizes(&Vec::from_iter(tables).join(", ")).await?
        };
        changed.by(&step);
        let Shown { title: what, statements, .. } = step;
        all.push(Outlook { what, statements, standing, unseen, tables });
    }
    Ok(all)
}

/// The logical names of the tables that a migration changes.
fn changed_tables(migration: &Migration) -> impl Iterator<Item = &str> {
    migration.changes.iter().map(|one| one.change.table.as_str())
}

/// What the steps so far have changed.
#[derive(Default)]
struct Changed<'a> {
    all: bool,
    tables: BTreeSet<&'a str>,
}

impl<'a> Changed<'a> {
    fn by(&mut self, step: &Shown<'a>) {
        match step.migration {
            Some(migration) if migration.manual.is_none() => {
                self.tables.extend(changed_tables(migration));
            }
            // A manual migration may change any table.
            _ => self.all |= !step.statements.is_empty(),
        }
    }

    /// Whether the query of an obstacle reads a table that the steps so far have changed.
    fn concerns(&self, target: &Target, Obstacle { change, .. }: &Obstacle) -> bool {
        let referred = || {
            let table = target.lock.tables.get(&change.table)?;
            table.references.get(change.item.as_deref()?).map(|key| key.table.as_str())
        };
        let reads_referred = || match change.kind {
            // In doubt a change counts as affected.
            ChangeKind::ReferenceAdded | ChangeKind::ReferenceChanged => {
                referred().map_or(!self.tables.is_empty(), |table| self.tables.contains(table))
            }
            _ => false,
        };
        self.all || self.tables.contains(change.table.as_str()) || reads_referred()
    }
}
