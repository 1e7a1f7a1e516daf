//! The runner for the command line: a lock file and a database in, and one of several goals.
//!
//! What changes a database goes the same way as a start of the program: under the lock, one step
//! after the other, each read anew from the history. [`Migrator::status`] and
//! [`Migrator::plan`] take no lock, write nothing and make no file; a role that may read is enough.

use std::sync::{Arc, PoisonError};

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::LockFile;

pub use super::options::Options;
pub use super::preview::{Outlook, Size, Standing};

use super::decide::{Applied, Drafts, Goal, State, Wanted};
use super::rust::RustMigration;
use super::{differences, failure, preview, read_lock, reset, run, tracking};
use crate::driver::Backend;
use crate::driver::postgres::Postgres;
use crate::driver::sqlite::Sqlite;
use crate::error::{Error, Kind, Result};
use crate::migrate::registry::Registry;
use crate::value::types::Timestamp;

/// A package's migrations and the database that they are for.
pub struct Migrator {
    url: String,
    backend: Backend,
    package: String,
    lock: LockFile,
    options: Options,
    /// The migrations that are Rust; none for the command line, which does not have the program.
    rust: &'static [RustMigration],
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The server's name, or the directory of its socket; none for a file.
    pub host: Option<String>,
    /// The name of the database, or of the file.
    pub database: String,
}

/// The direction of a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To that version, or the newest.
    Up(Option<u32>),
    /// Back to that version.
    Down(u32),
}

/// How a statement is repaired of which nobody knows whether it was run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repair {
    /// It was: the migration goes on after it.
    Done,
    /// It was not, or it does no harm twice: it is run again.
    Again,
}

/// Something that a run would do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// ``migration 3 `add_posts` ``.
    pub what: String,
    /// The statements, with the lines that say how they run. What the runner writes into its own
    /// history is not among them.
    pub statements: Vec<String>,
}

/// What a database has of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// All migrations that the lock file or the database knows, by version. A draft is the last.
    pub migrations: Vec<Entry>,
    /// How the tables differ from the lock file's; `None` where the database is at another version,
    /// whose tables the lock file does not describe.
    pub drift: Option<Vec<String>>,
}

/// A migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its version.
    pub version: u32,
    /// Its name; empty for a draft.
    pub name: String,
    /// What the database has of it.
    pub state: EntryState,
    /// When it was run.
    pub applied_at: Option<Timestamp>,
}

/// What a database has of a migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// It was run.
    Applied,
    /// It was not.
    Pending,
    /// It was broken off, or runs just now.
    Running {
        /// How many of its statements are done.
        done: usize,
        /// How many it has.
        of: usize,
        /// The statement outside of a transaction that was begun.
        started: Option<String>,
    },
    /// The database took it in, and it is not sealed.
    Draft,
    /// The lock file has another one of that version.
    Differs,
    /// The lock file has none of that version.
    Unknown,
}

impl Migrator {
    /// For the database at that address, which is reached at the first use.
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url) where the address cannot be understood.
    pub fn new(url: &str, package: &str, lock: LockFile, options: Options) -> Result<Migrator> {
        let backend = Backend::open(url)?;
        let (url, package) = (url.to_owned(), package.to_owned());
        Ok(Migrator { url, backend, package, lock, options, rust: &[] })
    }

    /// The same for a program, which also has its migrations that are Rust.
    ///
    /// # Errors
    /// As [`Migrator::new`]; [`Kind::Migration`](crate::Kind::Migration) where the lock file in the
    /// program cannot be read.
    pub(crate) fn of_program(url: &str, registry: &'static Registry) -> Result<Migrator> {
        let lock = read_lock(registry)?;
        let migrator = Migrator::new(url, registry.package, lock, Options::from_env()?)?;
        Ok(Migrator { rust: registry.migrations, ..migrator })
    }

    /// Which database it is.
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// Runs what is pending, up to that version where one is named. A draft that the database has
    /// taken in stays as long as the lock file has the same one.
    ///
    /// # Errors
    /// As at the start of a program; [`Kind::Migration`](crate::Kind::Migration) where the lock file
    /// has no such version. What was done before an error stays done.
    pub async fn up(&self, to: Option<u32>) -> Result<Vec<String>> {
        self.know(to.unwrap_or(0))?;
        self.reach(Goal::Up { until: to, drafts: Drafts::Keep }).await
    }

    /// The same, and the draft, as a start of the program does on a database for development.
    ///
    /// # Errors
    /// As [`Migrator::up`].
    pub async fn up_with_draft(&self) -> Result<Vec<String>> {
        self.reach(Goal::Up { until: None, drafts: Drafts::Take }).await
    }

    /// Drops the tables that the package's history lists, and the history: the database has nothing
    /// of the package any more. Says which tables it dropped. Those of other packages stay.
    ///
    /// # Errors
    /// Something that is not ours depends on a table; then nothing was dropped.
    pub async fn reset(&self) -> Result<Vec<String>> {
        let history = self.history().await?;
        if history.last().is_some_and(|row| row.state == State::Draft) {
            // Only its way back names what it has made.
            let sealed = history.len().saturating_sub(1);
            let to = u32::try_from(sealed).unwrap_or(u32::MAX);
            self.reach(Goal::Down { to, lose: true }).await?;
        }
        match history.is_empty() {
            true => Ok(Vec::new()),
            false => reset::reset(&self.backend, &self.package, &self.options).await,
        }
    }

    /// Runs a script of SQL in one transaction: rows to develop with. `what` names it in messages.
    ///
    /// # Errors
    /// A statement fails; then nothing of the script was done. The package has no tables yet.
    pub async fn seed(&self, what: &str, script: &str) -> Result<()> {
        if self.history().await?.is_empty() {
            return Err(Error::new(
                Kind::Migration,
                "the database has no tables of this package yet, so that there is nothing to seed",
            )
            .with_help("make them: `kontract migrate up`"));
        }
        reset::seed(&self.backend, what, script).await
    }

    /// Where the database is.
    ///
    /// # Errors
    /// The address cannot be understood.
    pub fn place(&self) -> Result<Place> {
        Ok(match self.dialect() {
            Dialect::Postgres => {
                let (host, database) = Postgres::place(&self.url)?;
                Place { host: Some(host), database }
            }
            Dialect::Sqlite => {
                let path = self.url.strip_prefix("sqlite:").unwrap_or(&self.url);
                let path = path.split('?').next().unwrap_or_default();
                let name = path.rsplit('/').next().unwrap_or_default();
                Place { host: None, database: name.to_owned() }
            }
        })
    }

    /// Takes back what is newer than that version, newest first, a draft before all.
    ///
    /// # Errors
    /// A migration says no way back, or the way back would lose data and `lose` does not accept it.
    pub async fn down(&self, to: u32, lose: bool) -> Result<Vec<String>> {
        self.know(to)?;
        self.reach(Goal::Down { to, lose }).await
    }

    /// Takes the newest migration back and runs it again.
    ///
    /// # Errors
    /// As [`Migrator::down`] and [`Migrator::up`].
    pub async fn redo(&self, lose: bool) -> Result<Vec<String>> {
        let history = self.history().await?;
        let sealed = |row: &&Applied| row.state == State::Done;
        let Some(newest) = history.iter().rfind(sealed).map(|row| row.version) else {
            return Ok(Vec::new());
        };
        let mut done = self.down(newest.saturating_sub(1), lose).await?;
        done.extend(self.up(Some(newest)).await?);
        Ok(done)
    }

    /// Counts the migrations up to that version as run, because the tables are there already. They
    /// are compared first; those that later migrations change cannot be.
    ///
    /// # Errors
    /// [`Kind::Migration`](crate::Kind::Migration) that names each difference.
    pub async fn baseline(&self, version: u32) -> Result<Vec<String>> {
        self.know(version)?;
        self.reach(Goal::Adopt { version }).await
    }

    /// Decides about a statement of which nobody knows whether it was run. The migration goes on at
    /// the next [`Migrator::up`] or start.
    ///
    /// # Errors
    /// There is no such statement.
    pub async fn repair(&self, how: Repair) -> Result<Vec<String>> {
        let history = self.history().await?;
        if history.last().is_none_or(|row| row.state != State::Started) {
            return Err(failure(
                "K0445",
                "no statement was broken off of which nobody knows what became of it",
            )
            .with_help("`kontract migrate status` shows what there is"));
        }
        self.reach(Goal::Repair { done: how == Repair::Done }).await
    }

    /// What [`Migrator::up`] or [`Migrator::down`] would do. Looks at nothing but the history.
    ///
    /// # Errors
    /// As theirs, as far as the history shows them.
    pub async fn plan(&self, direction: Direction) -> Result<Vec<Planned>> {
        let goal = match direction {
            Direction::Up(until) => Goal::Up { until, drafts: Drafts::Keep },
            Direction::Down(to) => Goal::Down { to, lose: true },
        };
        match direction {
            Direction::Up(to) => self.know(to.unwrap_or(0))?,
            Direction::Down(to) => self.know(to)?,
        }
        let wanted = self.wanted(goal);
        let planned = wanted.plan(self.dialect(), self.history().await?)?.into_iter();
        Ok(planned.map(|step| Planned { what: step.title, statements: step.statements }).collect())
    }

    /// What [`Migrator::up_with_draft`] would do, and what it would meet: rows that stand against
    /// it, and the sizes of the tables. It reads those tables, and changes nothing.
    ///
    /// # Errors
    /// As [`Migrator::plan`], and of the connection.
    pub async fn preview(&self) -> Result<Vec<Outlook>> {
        let wanted = self.wanted(Goal::Up { until: None, drafts: Drafts::Take });
        let steps = wanted.plan(self.dialect(), self.history().await?)?;
        let reading = self.reading()?;
        let seen = preview::look(&reading, &wanted, steps).await;
        reading.close().await;
        seen
    }

    /// What the database has.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn status(&self) -> Result<Status> {
        let history = self.history().await?;
        let versions = self.lock.migrations.iter().map(|migration| migration.version);
        let mut versions: Vec<u32> =
            versions.chain(history.iter().map(|row| row.version)).collect();
        versions.sort_unstable();
        versions.dedup();
        let row = |version: u32| history.iter().find(|row| row.version == version);
        let migrations: Vec<Entry> =
            versions.into_iter().map(|version| self.entry(version, row(version))).collect();
        let done = |entry: &Entry| entry.state == EntryState::Applied;
        let drift = match !migrations.is_empty() && migrations.iter().all(done) {
            false => None,
            true => {
                let reading = self.reading()?;
                let found = differences(&reading, &self.lock.schema()).await;
                reading.close().await;
                Some(found?.iter().map(ToString::to_string).collect())
            }
        };
        Ok(Status { migrations, drift })
    }

    /// Closes the connections.
    pub async fn close(self) {
        self.backend.close().await;
    }

    fn entry(&self, version: u32, row: Option<&Applied>) -> Entry {
        let known = self.lock.migrations.iter().find(|migration| migration.version == version);
        let name = row.map(|row| &row.name).or(known.map(|migration| &migration.name));
        let state = match (row, known) {
            (None, _) => EntryState::Pending,
            (Some(row), _) if row.state == State::Draft => EntryState::Draft,
            (Some(_), None) => EntryState::Unknown,
            (Some(row), Some(known)) if row.hash != known.hash => EntryState::Differs,
            (Some(row), Some(_)) if row.state == State::Done => EntryState::Applied,
            (Some(row), Some(known)) => {
                let up = &known.sql.of(self.dialect()).up;
                let started = up.get(row.step).filter(|_| row.state == State::Started).cloned();
                EntryState::Running { done: row.step, of: up.len(), started }
            }
        };
        Entry {
            version,
            name: name.cloned().unwrap_or_default(),
            state,
            applied_at: row.map(|row| Timestamp::from_millis(row.applied_at)),
        }
    }

    /// The lock file has that version; 0 is before the first.
    fn know(&self, version: u32) -> Result<()> {
        match version <= self.lock.version {
            true => Ok(()),
            false => {
                let newest = self.lock.version;
                Err(failure(
                    "K0446",
                    format!("there is no version {version}, the newest is {newest}"),
                )
                .with_help("`kontract migrate status` lists them"))
            }
        }
    }

    fn wanted(&self, goal: Goal) -> Wanted {
        let options = self.options.clone();
        Wanted::new(self.lock.clone(), &self.package, goal, options).with_rust(self.rust)
    }

    async fn reach(&self, goal: Goal) -> Result<Vec<String>> {
        let wanted = Arc::new(self.wanted(goal));
        run(&self.backend, &wanted).await?;
        let done = wanted.done.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(done.clone())
    }

    /// The history, without a trace.
    async fn history(&self) -> Result<Vec<Applied>> {
        let reading = self.reading()?;
        let history = tracking::read_history(&reading, &self.package).await;
        reading.close().await;
        history
    }

    fn reading(&self) -> Result<Backend> {
        Ok(match self.dialect() {
            Dialect::Postgres => Backend::Postgres(Postgres::new(&self.url)?),
            Dialect::Sqlite => Backend::Sqlite(Sqlite::untouched(&self.url)?),
        })
    }
}
