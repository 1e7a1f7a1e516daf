//! A SQLite file with the tables of a package, and its lock file.

use kontract_runtime::manage::{Migrator, Options};
use kontract_runtime::{Error, Result};
use kontract_schema::change::diff::diff;
use kontract_schema::intent::Checked;
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::plan::plan;
use kontract_test_support::{Database, sqlite_database};
use rusqlite::Connection;

/// A file, and the lock file of its package.
pub struct File {
    database: Database,
    pub lock: LockFile,
}

impl File {
    /// Creates an empty file.
    pub fn new() -> File {
        File { database: sqlite_database(), lock: LockFile::default() }
    }

    /// Copies the file.
    pub fn copy(&self) -> File {
        let database = sqlite_database();
        let path = database.url().trim_start_matches("sqlite:").to_owned();
        self.open().execute("VACUUM INTO ?1", [path]).expect("a free path");
        File { database, lock: self.lock.clone() }
    }

    /// Opens it as another program does.
    pub fn open(&self) -> Connection {
        let path = self.database.url().trim_start_matches("sqlite:");
        let connection = Connection::open(path).expect("the file can be opened");
        connection.execute_batch("PRAGMA foreign_keys = ON").expect("a setting");
        connection
    }

    /// Runs statements of others.
    #[track_caller]
    pub fn run(&self, sql: &str) {
        if let Err(error) = self.open().execute_batch(sql) {
            panic!("`{sql}` failed: {error}");
        }
    }

    /// Returns the first column of all rows, joined by spaces.
    #[track_caller]
    pub fn read(&self, query: &str) -> String {
        read(&self.open(), query).unwrap_or_else(|error| panic!("`{query}` failed: {error}"))
    }

    /// Adds the migration to a schema to the lock file. Returns whether there is one that needs no
    /// value of a user.
    pub fn seal(&mut self, new: &Checked) -> bool {
        let Some(migration) = self.plan(new, "step") else { return false };
        let lock = std::mem::take(&mut self.lock);
        self.lock = lock.with_schema(new.clone());
        self.lock.version = migration.version;
        self.lock.migrations.push(migration);
        true
    }

    /// Makes the changes to a schema the draft, if they can be taken back.
    pub fn draft(&mut self, new: &Checked) -> bool {
        let draft = self.plan(new, "");
        self.lock.draft = draft.filter(|draft| draft.sql.sqlite.down.is_some());
        self.lock.draft.is_some()
    }

    fn plan(&self, new: &Checked, name: &str) -> Option<Migration> {
        let old = self.lock.schema();
        let changes = diff(&old, new);
        let sql = plan(&old, &changes);
        let mut steps = sql.sqlite.up.iter().chain(sql.sqlite.down.iter().flatten());
        if changes.is_empty() || steps.any(|step| step.placeholder) {
            return None;
        }
        let migration = Migration {
            version: self.lock.version + 1,
            name: name.to_owned(),
            parent: self.lock.head().to_owned(),
            hash: String::new(),
            checksum: String::new(),
            changes: Vec::new(),
            additive: false,
            manual: None,
            origin: None,
            sql,
        };
        Some(migration.hashed())
    }

    fn migrator(&self) -> Migrator {
        let lock = LockFile::read(&self.lock.write()).expect("a lock file");
        let options = Options::default();
        Migrator::new(self.database.url(), "tests", lock, options).expect("an address")
    }

    /// Runs the pending migrations.
    pub fn up(&self) -> Result<Vec<String>> {
        kontract_test_support::block_on(async { self.migrator().up(None).await })
    }

    /// Runs the pending migrations and the draft.
    pub fn up_with_draft(&self) -> Result<Vec<String>> {
        kontract_test_support::block_on(async { self.migrator().up_with_draft().await })
    }

    /// Takes the newest migration back.
    pub fn down(&self) -> Result<Vec<String>> {
        self.down_to(self.lock.version.saturating_sub(1))
    }

    /// Takes the draft and the migrations after that version back.
    pub fn down_to(&self, to: u32) -> Result<Vec<String>> {
        kontract_test_support::block_on(async { self.migrator().down(to, true).await })
    }

    /// Drops the tables of the package.
    pub fn reset(&self) -> Result<Vec<String>> {
        kontract_test_support::block_on(async { self.migrator().reset().await })
    }
}

/// Returns the first column of all rows as text, joined by spaces.
pub fn read(connection: &Connection, query: &str) -> rusqlite::Result<String> {
    let mut statement = connection.prepare(query)?;
    let rows = statement.query_map([], |row| {
        let value: rusqlite::types::Value = row.get(0)?;
        Ok(match value {
            rusqlite::types::Value::Null => "NULL".to_owned(),
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Real(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Blob(bytes) => format!("{bytes:?}"),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<Vec<String>>>()?.join(" "))
}

/// The code of a refusal, and its whole text.
#[track_caller]
pub fn refusal(result: Result<Vec<String>>) -> (String, String) {
    let error: Error = result.expect_err("it is refused");
    (error.code().unwrap_or_default().to_owned(), format!("{error:?}"))
}
