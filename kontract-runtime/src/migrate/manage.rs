//! The runner for the command line: a lock file, a database, and one of several goals.
//!
//! It changes a database as a start of the program does: under the lock, step by step.
//! [`Migrator::status`] and [`Migrator::plan`] take no lock, write nothing and create no file; a
//! role with read access is enough.

use std::sync::Arc;

use kontract_schema::catalog::{expected, renames};
use kontract_schema::code;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::LockFile;
use kontract_schema::model::Schema;

mod adopt_history;
mod resolve;

pub use self::resolve::{Progress, Unfinished};
pub use super::options::Options;
pub use super::preview::{Outlook, Size, Standing};
pub use super::resolution::Resolution;

use super::failure::failure;
use super::history::{Applied, State};
use super::runner::Runner;
use super::rust::RustMigration;
use super::start::{differences, read_lock};
use super::target::{Drafts, Goal, Target};
use super::{plan, tracking};
use crate::driver::scratch_database::Scratch;
use crate::driver::{Backend, on_driver, place_of_url};
use crate::error::{Error, Kind, Result};
use crate::migrate::registry::Registry;
use crate::value::types::Timestamp;

/// A package's migrations and the database that they are for.
///
/// ```
/// # use kontract_doc_tables::*; migrator_example(async |migrator| {
/// // let migrator = Storage::migrator("sqlite:app.db")?;
/// for step in migrator.up(None).await? {
///     println!("{step}");
/// }
/// let drift = migrator.status().await?.drift.unwrap_or_default();
/// assert!(drift.is_empty(), "{drift:?}");
/// # Ok(()) })
/// ```
pub struct Migrator {
    url: String,
    backend: Backend,
    package: String,
    lock: LockFile,
    options: Options,
    /// The Rust migrations of the program; empty on the command line.
    rust: &'static [RustMigration],
    /// The versions of Kontract whose sealed statements are taken as they are.
    generators: Vec<String>,
}

/// The address of a database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DatabaseAddress {
    /// The name of the server, or the directory of its socket; `None` for a file.
    pub host: Option<String>,
    /// The name of the database, or of the file.
    pub database: String,
}

/// The direction of a plan. A version is the number of a migration, counted from 1; 0 is the empty
/// database.
///
/// ```
/// # use kontract_doc_tables::*; migrator_example(async |migrator| {
/// let up = migrator.plan(Direction::Up(None)).await?;
/// assert!(up[0].statements.iter().any(|sql| sql.contains("CREATE TABLE")));
///
/// migrator.up(None).await?;
/// let down = migrator.plan(Direction::Down(0)).await?;
/// assert!(down[0].statements.iter().any(|sql| sql.contains("DROP TABLE")));
/// # Ok(()) })
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To that version, or to the newest one.
    Up(Option<u32>),
    /// Back to that version.
    Down(u32),
    /// To that version, whose tables exist already: [`Migrator::baseline`].
    Baseline(u32),
}

/// A step that a run would take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// ``migration 3 `add_posts` ``.
    pub what: String,
    /// The statements, with the lines that describe how they run; without the statements that write
    /// the history.
    pub statements: Vec<String>,
}

/// The migrations of a package, and which of them a database has.
///
/// ```
/// # use kontract_doc_tables::*; migrator_example(async |migrator| {
/// migrator.up(None).await?;
/// let status = migrator.status().await?;
/// assert_eq!(status.migrations[0].name, "add_users");
/// assert_eq!(status.drift, Some(vec![])); // the tables are those of the lock file
/// # Ok(()) })
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// All migrations that the lock file or the database knows, by version. A draft is the last.
    pub migrations: Vec<Entry>,
    /// The differences between the tables and the lock file; `None` if the database and the lock
    /// file are at different versions.
    pub drift: Option<Vec<String>>,
}

/// A migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its version.
    pub version: u32,
    /// Its name; empty for a draft.
    pub name: String,
    /// Its state in the database.
    pub state: EntryState,
    /// When it was run.
    pub applied_at: Option<Timestamp>,
}

/// The state of a migration in a database.
///
/// ```
/// # use kontract_doc_tables::*; migrator_example(async |migrator| {
/// assert_eq!(migrator.status().await?.migrations[0].state, EntryState::Pending);
/// migrator.up(None).await?;
/// let migration = &migrator.status().await?.migrations[0];
/// assert_eq!(migration.state, EntryState::Applied);
/// assert!(migration.applied_at.is_some());
/// # Ok(()) })
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntryState {
    /// The migration was run.
    Applied,
    /// The migration was not run.
    Pending,
    /// The migration was interrupted, or is running.
    Running {
        /// The number of statements that are done.
        done: usize,
        /// The number of statements of the migration.
        of: usize,
        /// The statement outside a transaction that was started, if it is unknown whether it took effect.
        started: Option<String>,
    },
    /// The migration is in the database, and is not sealed.
    Draft,
    /// The lock file has another migration of that version.
    Differs,
    /// The lock file has no migration of that version.
    Unknown,
}

impl Migrator {
    /// Creates a migrator for the database at that address. It connects at the first use.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # use kontract_schema::lock::LockFile;
    /// let lock = LockFile::default(); // no migrations
    /// assert!(Migrator::new("sqlite:app.db", "app", lock.clone(), Options::default()).is_ok());
    ///
    /// let error = Migrator::new("mysql://localhost/app", "app", lock, Options::default()).err();
    /// assert!(error.is_some_and(|error| *error.kind() == Kind::Url));
    /// ```
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url) if the address is invalid.
    pub fn new(url: &str, package: &str, lock: LockFile, options: Options) -> Result<Migrator> {
        let backend = Backend::open(url)?;
        let (url, package) = (url.to_owned(), package.to_owned());
        Ok(Migrator { url, backend, package, lock, options, rust: &[], generators: Vec::new() })
    }

    /// Creates a migrator for a scratch database, in which the statements of the lock file cannot reach
    /// other files, other databases or programs.
    ///
    /// # Errors
    /// The errors of [`Migrator::new`].
    pub fn in_scratch(
        scratch: &Scratch,
        package: &str,
        lock: LockFile,
        options: Options,
    ) -> Result<Migrator> {
        let backend = Backend::open_confined(scratch.url())?;
        Ok(Migrator { backend, ..Migrator::new(scratch.url(), package, lock, options)? })
    }

    /// Creates a migrator for a program, with its Rust migrations.
    ///
    /// # Errors
    /// The errors of [`Migrator::new`]; [`Kind::Migration`](crate::Kind::Migration): the lock file in the program
    /// cannot be read.
    pub(crate) fn of_program(url: &str, registry: &'static Registry) -> Result<Migrator> {
        let lock = read_lock(registry)?;
        let migrator = Migrator::new(url, registry.package, lock, Options::from_env()?)?;
        let migrator = migrator.with_generators(registry.list_generators());
        Ok(Migrator { rust: registry.migrations, ..migrator })
    }

    /// Takes the sealed statements of these versions of Kontract as they are, as `generators` of
    /// `kontract.toml` does.
    pub fn with_generators(mut self, generators: Vec<String>) -> Migrator {
        self.generators = generators;
        self
    }

    /// Returns the kind of database.
    pub fn dialect(&self) -> Dialect {
        self.backend.dialect()
    }

    /// Runs the pending migrations, up to a version if one is named. A draft in the database stays as
    /// long as the lock file has the same one. Returns the titles of the steps.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// // The database is empty, so all migrations are one step.
    /// assert_eq!(migrator.up(None).await?, ["the creation of the tables"]);
    /// assert!(migrator.up(None).await?.is_empty());
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of a start of the program; [`Kind::Migration`](crate::Kind::Migration): the lock file has no
    /// such version. Migrations that are complete before an error stay.
    pub async fn up(&self, to: Option<u32>) -> Result<Vec<String>> {
        self.check_version(to.unwrap_or(0))?;
        self.reach(Goal::Up { until: to, drafts: Drafts::Keep }).await
    }

    /// Runs the pending migrations and the draft, as a start of the program does on a development
    /// database. Returns the titles of the steps.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// // This lock file has no draft: the sealed migrations are run.
    /// assert_eq!(migrator.up_with_draft().await?, ["the creation of the tables"]);
    /// assert!(migrator.up_with_draft().await?.is_empty());
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Migrator::up`].
    pub async fn up_with_draft(&self) -> Result<Vec<String>> {
        self.reach(Goal::Up { until: None, drafts: Drafts::Apply }).await
    }

    /// Drops the tables that the package's history lists, and the history. Tables of other packages
    /// stay. Returns the dropped tables.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// migrator.up(None).await?;
    /// assert_eq!(migrator.reset().await?, ["users"]);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// Something that is not Kontract's depends on a table; then nothing was dropped.
    pub async fn reset(&self) -> Result<Vec<String>> {
        let history = self.history().await?;
        if history.last().is_some_and(|row| row.state == State::Draft) {
            // Only its reversal names what it created.
            let sealed = history.len().saturating_sub(1);
            let to = u32::try_from(sealed).unwrap_or(u32::MAX);
            let mut target = self.target(Goal::Down { to, lose: true });
            target.accepts_differences = true;
            self.run(target).await?;
        }
        if history.is_empty() {
            return Ok(Vec::new());
        }
        let target = self.target(Goal::Down { to: 0, lose: true });
        on_driver!(&self.backend, driver => driver.reset(&target).await)
    }

    /// Runs a SQL script in one transaction, for development rows. `what` names it in messages.
    ///
    /// # Errors
    /// A statement fails; then the script was rolled back. The package has no tables yet.
    pub async fn seed(&self, what: &str, script: &str) -> Result<()> {
        if self.history().await?.is_empty() {
            return Err(Error::new(
                Kind::Migration,
                "the database has no tables of this package yet",
            )
            .with_help("create them: `kontract migrate up`"));
        }
        on_driver!(&self.backend, driver => driver.seed(what, script).await)
    }

    /// Returns the address of the database.
    ///
    /// # Errors
    /// [`Kind::Url`](crate::Kind::Url) if the address is invalid.
    pub fn place(&self) -> Result<DatabaseAddress> {
        let (host, database) = place_of_url(&self.url)?;
        Ok(DatabaseAddress { host, database })
    }

    /// Takes back the migrations after that version, newest first; a draft before all. Returns the
    /// titles of the steps.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// migrator.up(None).await?;
    /// let accept_data_loss = false;
    /// migrator.down(0, accept_data_loss).await?; // the table has no rows, so nothing is lost
    /// assert_eq!(migrator.status().await?.migrations[0].state, EntryState::Pending);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// A migration has no way back, or would lose data and `lose` is false.
    pub async fn down(&self, to: u32, lose: bool) -> Result<Vec<String>> {
        self.check_version(to)?;
        self.reach(Goal::Down { to, lose }).await
    }

    /// Takes the newest migration back and runs it again: while one writes it.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// migrator.up(None).await?;
    /// let accept_data_loss = false;
    /// assert_eq!(migrator.redo(accept_data_loss).await?.len(), 2);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Migrator::down`] and [`Migrator::up`].
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

    /// Records the migrations up to that version as done, because the tables exist already. The tables
    /// are compared first, except those that later migrations change.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// let error = migrator.baseline(1).await.unwrap_err(); // the database has no table `users`
    /// assert_eq!(*error.kind(), Kind::Migration);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Migration`](crate::Kind::Migration), which names each difference.
    pub async fn baseline(&self, version: u32) -> Result<Vec<String>> {
        self.check_version(version)?;
        self.reach(Goal::Adopt { version }).await
    }

    /// Returns the steps of [`Migrator::up`], [`Migrator::down`] or [`Migrator::baseline`]. Reads the
    /// history, and for an adoption the tables; changes nothing.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// let steps = migrator.plan(Direction::Up(None)).await?;
    /// assert_eq!(steps[0].what, "the creation of the tables");
    /// assert!(steps[0].statements[0].starts_with("CREATE TABLE"));
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of the history, and [`Kind::Connection`](crate::Kind::Connection).
    pub async fn plan(&self, direction: Direction) -> Result<Vec<Planned>> {
        let goal = match direction {
            Direction::Up(until) => Goal::Up { until, drafts: Drafts::Keep },
            Direction::Down(to) => Goal::Down { to, lose: true },
            Direction::Baseline(version) => Goal::Adopt { version },
        };
        match direction {
            Direction::Up(to) => self.check_version(to.unwrap_or(0))?,
            Direction::Down(to) | Direction::Baseline(to) => self.check_version(to)?,
        }
        let target = self.target(goal);
        let mut planned = Vec::new();
        for step in plan::plan(&target, self.dialect(), self.history().await?)? {
            let mut statements = self.plan_adoption(step.adopts).await?;
            statements.extend(step.statements);
            planned.push(Planned { what: step.title, statements });
        }
        Ok(planned)
    }

    /// Returns the statements that give the constraints of existing tables their names in the lock
    /// file.
    async fn plan_adoption(&self, schema: Option<Schema>) -> Result<Vec<String>> {
        let Some(schema) = schema else { return Ok(Vec::new()) };
        if !self.dialect().capabilities().alter_constraints {
            return Ok(Vec::new());
        }
        let wanted = expected(self.dialect(), &schema);
        let reading = self.reading()?;
        let live = on_driver!(&reading, driver => driver.read_catalog(Some(&wanted)).await);
        reading.close().await;
        Ok(renames(&wanted, &live?))
    }

    /// Returns the steps of [`Migrator::up_with_draft`], with the rows that violate them and the
    /// sizes of their tables. Reads those tables, and changes nothing.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// assert_eq!(migrator.preview().await?.len(), 1); // one step, and it was not run:
    /// assert_eq!(migrator.up(None).await?.len(), 1);
    /// assert!(migrator.preview().await?.is_empty());
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Migrator::plan`], and those of the connection.
    pub async fn preview(&self) -> Result<Vec<Outlook>> {
        let target = self.target(Goal::Up { until: None, drafts: Drafts::Apply });
        let steps = plan::plan(&target, self.dialect(), self.history().await?)?;
        let reading = self.reading()?;
        let seen = on_driver!(&reading, driver => driver.preview(&target, steps).await);
        reading.close().await;
        seen
    }

    /// Returns the state of all migrations, and the drift.
    ///
    /// ```
    /// # use kontract_doc_tables::*; migrator_example(async |migrator| {
    /// let status = migrator.status().await?;
    /// let pending = status.migrations.iter().filter(|entry| entry.state == EntryState::Pending);
    /// assert_eq!(pending.count(), 1);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached.
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
        let mut drift = None;
        if !migrations.is_empty() && migrations.iter().all(done) {
            let reading = self.reading()?;
            let found = differences(&reading, &self.lock.schema()).await;
            reading.close().await;
            drift = Some(found?.iter().map(ToString::to_string).collect());
        }
        Ok(Status { migrations, drift })
    }

    /// Returns the hashes of the sealed migrations that the database has run or begun.
    ///
    /// # Errors
    /// [`Kind::Connection`](crate::Kind::Connection) if the database cannot be reached.
    pub async fn applied_hashes(&self) -> Result<Vec<String>> {
        let history = self.history().await?;
        let sealed = history.into_iter().filter(|row| row.state != State::Draft);
        Ok(sealed.map(|row| row.hash).collect())
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
                let up = &known.sql.for_dialect(self.dialect()).up;
                let started = up.get(row.step).filter(|_| row.state == State::Started);
                let unclear = started.filter(|statement| statement.is_unclear_if_interrupted());
                let started = unclear.map(|statement| statement.to_text());
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

    /// Fails if the lock file has no such version; 0 is the empty database.
    fn check_version(&self, version: u32) -> Result<()> {
        let newest = self.lock.version;
        if version <= newest {
            return Ok(());
        }
        let what = format!("version {version} does not exist; the newest is {newest}");
        Err(failure(code::NO_SUCH_VERSION, what).with_help("`kontract migrate status` lists them"))
    }

    fn target(&self, goal: Goal) -> Target {
        let options = self.options.clone();
        let target = Target::new(self.lock.clone(), &self.package, goal, options);
        target.with_rust(self.rust).with_generators(self.generators.clone())
    }

    async fn reach(&self, goal: Goal) -> Result<Vec<String>> {
        self.run(self.target(goal)).await
    }

    async fn run(&self, target: Target) -> Result<Vec<String>> {
        let target = Arc::new(target);
        on_driver!(&self.backend, driver => Runner::run(driver, &target).await)
    }

    /// Reads the history, and changes nothing.
    async fn history(&self) -> Result<Vec<Applied>> {
        let reading = self.reading()?;
        let history = tracking::read_history(&reading, &self.package).await;
        reading.close().await;
        history
    }

    fn reading(&self) -> Result<Backend> {
        Backend::open_to_read(&self.url)
    }
}
