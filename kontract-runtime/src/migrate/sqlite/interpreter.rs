//! Runs the actions that SQLite does in its own way, on the connection that writes.
//!
//! Rebuilding a table drops it, and with foreign keys on that would delete the rows that refer to
//! it. The setting has no effect within a transaction, so it is changed before, read back, and
//! changed back on every path. What belongs to others is compared before the commit ([`Watch`]).

use std::time::{Duration, Instant};

use kontract_schema::catalog::Catalog;
use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;

use super::file_lock::FileLock;
use super::watch::Watch;
use super::{catalog, counters};
use crate::driver::sqlite::Connection;
use crate::driver::statement::{BoundStatement, Columns, Done};
use crate::error::{Error, Kind, Result};
use crate::migrate::action::Action;
use crate::migrate::executor::{Executor, Queries};
use crate::migrate::failure::{ended_transaction, lost_lock};
use crate::migrate::interpreter::Interpreter;
use crate::migrate::known_objects::KnownObjects;

/// The runner's connection.
pub(super) struct SqliteInterpreter<'c> {
    connection: &'c Connection<'c>,
    /// How long other writers are waited for between two transactions of a migration.
    patience: Duration,
    /// The lock of a migration of more than one transaction.
    file_lock: Option<FileLock>,
    transaction: Option<Transaction>,
}

/// An open transaction.
struct Transaction {
    /// Whether foreign keys are off.
    rebuilds: bool,
    /// What is compared at its end.
    watch: Option<Watch>,
}

impl<'c> SqliteInterpreter<'c> {
    /// Runs actions on the connection that writes.
    pub(super) fn new(connection: &'c Connection<'c>, patience: Duration) -> SqliteInterpreter<'c> {
        SqliteInterpreter { connection, patience, file_lock: None, transaction: None }
    }

    /// Locks the file beside the database. Returns whether it was not locked before; a database in
    /// memory has no file, and no other process.
    ///
    /// # Errors
    /// K0426, K0417.
    pub(super) fn lock_file(&mut self) -> Result<bool> {
        match (self.connection.path(), &self.file_lock) {
            (Some(path), None) => {
                self.file_lock = Some(FileLock::take(path, self.patience)?);
                Ok(true)
            }
            _ => Ok(false),
        }
    }

    /// Begins a transaction as a writer.
    fn begin(&mut self, rebuilds: bool) -> Result<()> {
        if rebuilds {
            self.connection.set_foreign_keys(false)?;
        }
        let begun = self.connection.execute("BEGIN IMMEDIATE");
        if begun.is_err() && rebuilds {
            self.connection.set_foreign_keys(true)?;
        }
        begun?;
        self.transaction = Some(Transaction { rebuilds, watch: None });
        Ok(())
    }

    /// Commits it. Where that fails, it can be rolled back.
    fn commit(&mut self) -> Result<()> {
        self.connection.execute("COMMIT")?;
        match self.transaction.take() {
            Some(Transaction { rebuilds: true, .. }) => self.connection.set_foreign_keys(true),
            _ => Ok(()),
        }
    }

    /// Outside a transaction, waits while other processes write.
    fn run_patiently<T>(&self, work: impl Fn() -> Result<T>) -> Result<T> {
        if self.transaction.is_some() {
            return work();
        }
        let start = Instant::now();
        let mut pause = Duration::from_millis(1);
        loop {
            match work() {
                Err(error) if *error.kind() == Kind::Timeout && start.elapsed() < self.patience => {
                    std::thread::sleep(pause);
                    pause = (pause * 2).min(Duration::from_millis(100));
                }
                done => return done,
            }
        }
    }

    /// Drops a table in the open transaction, and commits it.
    fn drop_alone(&mut self, statement: &Statement) -> Result<()> {
        let known = KnownObjects { is_manual: true, ..KnownObjects::default() };
        let mut watch = Watch::begin(self.connection, known)?;
        watch.run(self.connection, statement)?;
        watch.end(self.connection)?;
        self.commit()
    }

    /// Compares the objects with those at the start of the transaction.
    fn compare_objects(&mut self) -> Result<()> {
        let watch = self.transaction.as_mut().and_then(|transaction| transaction.watch.take());
        watch.map_or(Ok(()), |watch| watch.end(self.connection))
    }
}

impl Queries for SqliteInterpreter<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    async fn run(&mut self, statement: &BoundStatement) -> Result<Done<Columns>> {
        self.run_patiently(|| self.connection.run(statement))
    }
}

impl Executor for SqliteInterpreter<'_> {
    async fn execute(&mut self, text: &str) -> Result<u64> {
        self.run_patiently(|| self.connection.execute_counted(text))
    }

    async fn execute_statement(&mut self, statement: &Statement) -> Result<u64> {
        let watch = self.transaction.as_mut().and_then(|transaction| transaction.watch.as_mut());
        match watch {
            Some(watch) => watch.run(self.connection, statement),
            None => self.execute(&statement.sql).await,
        }
    }
}

impl Interpreter for SqliteInterpreter<'_> {
    async fn run_own(&mut self, action: Action<'_>, _title: &str) -> Result<()> {
        match action {
            Action::BeginTransaction { rebuilds } => self.begin(rebuilds),
            Action::Commit => self.commit(),
            Action::WatchObjects(known) => {
                let watch = Watch::begin(self.connection, known)?;
                if let Some(transaction) = &mut self.transaction {
                    transaction.watch = Some(watch);
                }
                Ok(())
            }
            Action::CompareObjects => self.compare_objects(),
            _ => Ok(()),
        }
    }

    async fn run_alone(&mut self, statement: &Statement, _started: bool) -> Result<()> {
        if statement.drops.is_empty() {
            return self.execute(&statement.sql).await.map(drop);
        }
        // A dropped table can be compared only within a transaction.
        self.begin(false)?;
        let done = self.drop_alone(statement);
        if done.is_err() {
            self.rollback().await;
        }
        done
    }

    async fn is_same_transaction(&mut self) -> Result<bool> {
        Ok(self.connection.is_in_transaction())
    }

    async fn rollback(&mut self) {
        let Some(transaction) = self.transaction.take() else { return };
        if self.connection.is_in_transaction() {
            // Where even this fails, the transaction is gone with the error that made it fail.
            let _ = self.connection.execute("ROLLBACK");
        }
        if transaction.rebuilds {
            let _ = self.connection.set_foreign_keys(true);
        }
    }

    async fn prove_lock(
        &mut self,
        _next: &Action<'_>,
        title: &str,
        number: Option<usize>,
    ) -> Result<()> {
        if self.transaction.is_some() && !self.connection.is_in_transaction() {
            return Err(ended_transaction(title, number));
        }
        match &self.file_lock {
            Some(lock) if !lock.is_held() => Err(self.lost_lock(title)),
            _ => Ok(()),
        }
    }

    fn lock_condition(&self) -> &str {
        "true"
    }

    fn lost_lock(&self, title: &str) -> Error {
        lost_lock(title, self.transaction.is_some())
    }

    async fn run_batch(&mut self, statement: &str, title: &str, number: usize) -> Result<u64> {
        self.prove_lock(&Action::Commit, title, None).await?;
        self.run_patiently(|| {
            self.connection.in_transaction(|| {
                let changed = self.connection.execute_counted(statement)?;
                if self.connection.is_in_transaction() {
                    Ok(changed)
                } else {
                    Err(ended_transaction(title, Some(number)))
                }
            })
        })
    }

    async fn pause(&mut self, duration: Duration) {
        // The thread is one for blocking work.
        std::thread::sleep(duration);
    }

    async fn adopt_written_rows(&mut self) -> Result<()> {
        counters::catch_up(self.connection)
    }

    async fn read_catalog(&mut self, _expected: Option<&Catalog>) -> Result<Catalog> {
        catalog::read_catalog(self.connection)
    }
}
