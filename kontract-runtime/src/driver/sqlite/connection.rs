//! A connection while some work has it.

use std::path::Path;

use rusqlite::Connection as Raw;

use super::error::convert;
use super::statement::{Prepared, run_statement};
use crate::driver::row_sink::Collected;
use crate::driver::statement::{BoundStatement, Columns, Done, PreparedStatement};
use crate::error::{DatabaseError, Error, Kind, Result};
use crate::value::raw_columns::{self, Binds};

/// A connection during some work.
pub(crate) struct Connection<'a>(pub(super) &'a Raw);

impl<'c> Connection<'c> {
    /// Prepares a statement that runs several times.
    pub(crate) fn prepare<'q>(&self, query: &'q PreparedStatement) -> Result<Prepared<'c, 'q>> {
        Prepared::new(self.0, query)
    }

    /// Runs the statements of a text, without values or rows.
    pub(crate) fn execute(&self, statement: &str) -> Result<()> {
        self.0.execute_batch(statement).map_err(convert)
    }

    /// Gives a table the name of one that was dropped; returns how many rows changed. References,
    /// triggers and views that name the old table then mean the new one, so SQLite must neither check
    /// nor change them.
    pub(crate) fn execute_replacement(&self, statement: &str) -> Result<u64> {
        self.0.pragma_update(None, "legacy_alter_table", true).map_err(convert)?;
        let done = self.execute_counted(statement);
        self.0.pragma_update(None, "legacy_alter_table", false).map_err(convert)?;
        done
    }

    /// Compiles a statement, and does not run it. Returns the reason where SQLite refuses it.
    pub(crate) fn find_compile_error(&self, statement: &str) -> Option<String> {
        self.0
            .prepare(statement)
            .err()
            .map(|error| DatabaseError::from_error(&convert(error)).message)
    }

    /// Reads the first row of a query. Returns the reason where SQLite fails.
    pub(crate) fn find_query_error(&self, query: &str) -> Option<String> {
        let read = |query: &str| self.0.prepare(query)?.query([])?.next().map(drop);
        read(query).err().map(|error| DatabaseError::from_error(&convert(error)).message)
    }

    /// Whether SQLite checks foreign keys.
    pub(crate) fn has_foreign_keys(&self) -> Result<bool> {
        let is_on = self.0.pragma_query_value(None, "foreign_keys", |row| row.get::<_, bool>(0));
        is_on.map_err(convert)
    }

    /// Runs the statements of a text; returns how many rows they changed.
    pub(crate) fn execute_counted(&self, statement: &str) -> Result<u64> {
        let before = self.0.total_changes();
        self.execute(statement).map(|()| self.0.total_changes() - before)
    }

    /// Runs one statement; returns its rows and how many rows it changed.
    pub(crate) fn run(&self, statement: &BoundStatement) -> Result<Done<Columns>> {
        let before = self.0.total_changes();
        let mut rows = Collected::new(statement.read);
        run_statement(self.0, &statement.sql, &|to| statement.bind(to), &mut rows, 0, 0)?;
        Ok(Done { rows: rows.into_rows(), affected: self.0.total_changes() - before })
    }

    /// Runs a query; returns its rows as tuples.
    pub(crate) fn fetch<R: raw_columns::Columns>(
        &self,
        text: &str,
        values: impl Binds,
    ) -> Result<Vec<R>> {
        let query = BoundStatement::query::<R>(text, values, PreparedStatement::long)?;
        self.run(&query)?.rows.into_iter().map(R::of_row).collect()
    }

    /// The file of the database; `None` in memory.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.0.path().filter(|path| !path.is_empty()).map(Path::new)
    }

    /// Runs work in a transaction: commits where it succeeds, otherwise rolls back.
    pub(crate) fn in_transaction<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        in_transaction(self.0, work)
    }

    /// Runs work that reads in one transaction: all of it sees one state of the database, and the cost
    /// of beginning to read arises once.
    pub(crate) fn read_at_once<T>(&self, work: impl FnOnce() -> Result<T>) -> Result<T> {
        if self.is_in_transaction() {
            return work();
        }
        let transaction = self.0.unchecked_transaction().map_err(convert)?;
        let done = work()?;
        transaction.commit().map(|()| done).map_err(convert)
    }

    /// Whether a transaction is under way.
    pub(crate) fn is_in_transaction(&self) -> bool {
        !self.0.is_autocommit()
    }

    /// Switches foreign keys off for the rebuild of a table, or on again.
    ///
    /// # Errors
    /// `Kind::Database` where the switch had no effect, as inside of a transaction.
    pub(crate) fn set_foreign_keys(&self, on: bool) -> Result<()> {
        self.0.pragma_update(None, "foreign_keys", on).map_err(convert)?;
        if self.has_foreign_keys()? == on {
            Ok(())
        } else {
            Err(Error::new(Kind::Database, "foreign keys could not be switched"))
        }
    }
}

/// Runs one statement without values or rows, which stays prepared.
pub(super) fn execute(connection: &Raw, statement: &str) -> Result<()> {
    let mut statement = connection.prepare_cached(statement).map_err(convert)?;
    statement.execute([]).map(drop).map_err(convert)
}

/// Runs work in a transaction: commits where it succeeds, otherwise rolls back.
pub(super) fn in_transaction<T>(connection: &Raw, work: impl FnOnce() -> Result<T>) -> Result<T> {
    // As a writer from the start: SQLite can refuse a transaction that becomes one later.
    execute(connection, "BEGIN IMMEDIATE")?;
    let committed = work().and_then(|result| execute(connection, "COMMIT").map(|()| result));
    if committed.is_err() && !connection.is_autocommit() {
        // Where this fails too, the first error has ended the transaction already.
        let _ = connection.execute_batch("ROLLBACK");
    }
    committed
}
