//! Previews a run on a database: the steps to the target, the rows that violate them, and the sizes
//! of the tables that they change. It only reads, in one snapshot on PostgreSQL, and takes no lock
//! of the runner.
//!
//! It looks for rows in the tables as they are. If an earlier step changes a table, a change of
//! that table is not checked here; the run checks it before each migration.

use std::collections::BTreeSet;
use std::sync::Arc;

use kontract_schema::change::ChangeKind;
use kontract_schema::dialect::{Dialect, query_row_count};
use kontract_schema::lock::{Migration, Obstacle};

use super::plan::Shown;
use super::target::Target;
use super::violations;
use crate::driver::Backend;
use crate::driver::postgres::Session;
use crate::driver::statement::{Decode, PreparedStatement};
use crate::error::{Error, Result};
use crate::value::row::{Reader, field};
use crate::value::wire::{Scalar, Wire};

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

/// Returns what each step would find.
///
/// # Errors
/// The errors of the connection.
pub(super) async fn preview(
    backend: &Backend,
    target: &Target,
    steps: Vec<Shown<'_>>,
) -> Result<Vec<Outlook>> {
    let mut reading = Reading::begin(backend, target).await?;
    let mut changed = Changed::default();
    let mut all = Vec::new();
    for step in steps {
        let begun = step.migration.filter(|_| step.begins);
        let obstacles = begun.iter().flat_map(|one| &one.sql.of(backend.dialect()).obstacles);
        let (mut standing, mut unseen) = (Vec::new(), Vec::new());
        for obstacle in obstacles {
            if changed.concerns(target, obstacle) {
                unseen.push(obstacle.change.to_string());
            } else {
                standing.extend(reading.against(&step.title, obstacle).await?);
            }
        }
        let names = step.migration.iter().flat_map(|one| changed_tables(one));
        let tables = names.filter_map(|name| Some(target.lock.tables.get(name)?.ptr.as_str()));
        let tables = reading.sizes(&tables.collect()).await?;
        changed.by(&step);
        let Shown { title: what, statements, .. } = step;
        all.push(Outlook { what, statements, standing, unseen, tables });
    }
    reading.end().await;
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

/// A database that is only read.
enum Reading<'a> {
    Postgres(Box<Session>),
    Other(&'a Backend),
}

impl<'a> Reading<'a> {
    async fn begin(backend: &'a Backend, target: &Target) -> Result<Reading<'a>> {
        let Backend::Postgres(postgres) = backend else { return Ok(Reading::Other(backend)) };
        let mut session = postgres.session().await?;
        session.begin().await?;
        let millis = target.options.statement_patience.as_millis().max(1);
        let only_reads = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY";
        session.send(&format!("{only_reads}; SET LOCAL lock_timeout = {millis}")).await?;
        Ok(Reading::Postgres(Box::new(session)))
    }

    /// Ends the transaction. After an error the connection is dropped, which ends it too.
    async fn end(self) {
        if let Reading::Postgres(mut session) = self {
            let _ = session.rollback().await;
            session.close().await;
        }
    }

    async fn ask<T: Send + 'static>(
        &mut self,
        query: PreparedStatement,
        read: Decode<T>,
    ) -> Result<Vec<T>> {
        let done = match self {
            Reading::Postgres(session) => session.run(&query, &|_| Ok(()), read).await?,
            Reading::Other(backend) => {
                backend.run(&Arc::new(query.long()), &|_| Ok(()), read).await?
            }
        };
        Ok(done.rows)
    }

    async fn against(&mut self, title: &str, obstacle: &Obstacle) -> Result<Option<Standing>> {
        let found = self.ask(violations::count(obstacle), |from| field::<i64>(from)).await?;
        let Some(found @ 1..) = found.first().copied() else { return Ok(None) };
        let keys = self.ask(violations::list_first(obstacle), |from| field::<String>(from)).await?;
        let refusal = violations::refuse(title, obstacle, found, &keys);
        let Obstacle { change, rows } = obstacle.clone();
        Ok(Some(Standing { change: change.to_string(), rows, found, keys, refusal }))
    }

    async fn sizes(&mut self, names: &BTreeSet<&str>) -> Result<Vec<Size>> {
        const I64: Wire = Wire::one(Scalar::I64);
        const TEXT: Wire = Wire::one(Scalar::Text);
        let dialect = match self {
            Reading::Postgres(_) => Dialect::Postgres,
            Reading::Other(backend) => backend.dialect(),
        };
        let list: Vec<String> = names.iter().map(|name| dialect.literal(name)).collect();
        let list = list.join(", ");
        if names.is_empty() {
            return Ok(Vec::new());
        }
        if dialect == Dialect::Postgres {
            let text = format!(
                "SELECT relname::text, CASE WHEN reltuples >= 0 THEN reltuples::bigint END, \
                 pg_total_relation_size(oid) FROM pg_catalog.pg_class \
                 WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p') \
                 AND relname IN ({list}) ORDER BY relname"
            );
            let read = |from: &mut dyn Reader| {
                Ok(Size { table: field(from)?, rows: field(from)?, bytes: field(from)? })
            };
            return self
                .ask(PreparedStatement::raw(&text, Vec::new(), vec![TEXT, I64, I64]), read)
                .await;
        }
        let text = format!(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ({list}) ORDER BY name"
        );
        let there = PreparedStatement::raw(&text, Vec::new(), vec![TEXT]);
        let mut sizes = Vec::new();
        for table in self.ask(there, |from| field::<String>(from)).await? {
            let count =
                PreparedStatement::raw(&query_row_count(dialect, &table), Vec::new(), vec![I64]);
            let rows = self.ask(count, |from| field::<i64>(from)).await?.first().copied();
            sizes.push(Size { table, rows, bytes: None });
        }
        Ok(sizes)
    }
}
