//! A connection for the runner alone: statements in, how many rows they changed out.
//!
//! Through a pooler, or where the runner's lock is a row, each statement is in a
//! transaction that begins with the settings of the session, because the next one may be run by
//! another session of the server, and with the proof that the lock is still ours. Which settings and
//! what proof, the runner says.

use std::time::Duration;

use kontract_schema::code;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

use super::encode;
use super::error::convert;
use super::run::{Failure, run_on};
use crate::driver::row_sink::Collected;
use crate::driver::statement::{BoundStatement, Columns, Done};
use crate::error::{Error, Kind, Result};

/// A connection of its own. Dropped it is closed, and what it holds is freed.
pub(crate) struct Session {
    connection: PgConnection,
    is_pooled: bool,
    is_inside: bool,
    opening: String,
    fence: Option<Fence>,
}

/// Statements that each change one row as long as this session has the runner's lock.
#[derive(Clone)]
pub(crate) struct Fence {
    /// Each transaction begins with it.
    pub(crate) begin: String,
    /// Each transaction ends with it, however long it took: it has the row since it began.
    pub(crate) commit: String,
    /// Gives the lock back.
    pub(crate) release: String,
}

impl Session {
    pub(super) fn new(connection: PgConnection, is_pooled: bool) -> Session {
        Session { connection, is_pooled, is_inside: false, opening: String::new(), fence: None }
    }

    /// Whether there is a pooler between, for which a session lasts as long as a transaction.
    pub(crate) fn is_pooled(&self) -> bool {
        self.is_pooled
    }

    /// Statements that each transaction begins with where no session lasts longer than one, each with
    /// its semicolon.
    pub(crate) fn begin_with(&mut self, opening: String) {
        self.opening = opening;
    }

    /// Those statements.
    pub(crate) fn opening(&self) -> &str {
        &self.opening
    }

    /// Begins and ends each transaction with these statements. None is begun any more, and none
    /// committed, where they change no row.
    pub(crate) fn fence(&mut self, fence: Fence) {
        self.fence = Some(fence);
    }

    /// Does so no longer.
    pub(crate) fn unfence(&mut self) -> Option<Fence> {
        self.fence.take()
    }

    /// Whether each statement is run in a transaction.
    pub(crate) fn is_never_alone(&self) -> bool {
        self.is_pooled || self.fence.is_some()
    }

    /// Sends a text of one or more statements as it is; says how many rows they gave or changed.
    pub(crate) async fn send(&mut self, text: &str) -> Result<u64> {
        let text = AssertSqlSafe(text.to_owned());
        let done = self.connection.execute(sqlx::raw_sql(text)).await;
        done.map(|done| done.rows_affected()).map_err(convert)
    }

    /// What a transaction has to begin with.
    fn needed(&self) -> &str {
        if self.is_never_alone() { &self.opening } else { "" }
    }

    /// Begins a transaction.
    ///
    /// # Errors
    /// K0448 where the runner's lock is not held any more.
    pub(crate) async fn begin(&mut self) -> Result<()> {
        let begin = format!("BEGIN; {}", self.needed());
        self.send(&begin).await?;
        self.is_inside = true;
        match self.fence.as_ref().map(|fence| fence.begin.clone()) {
            Some(begin) => self.is_ours(&begin).await,
            None => Ok(()),
        }
    }

    /// Commits it.
    ///
    /// # Errors
    /// K0448 where the runner's lock is not held any more: then it is rolled back.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        if let Some(commit) = self.fence.as_ref().map(|fence| fence.commit.clone()) {
            self.is_ours(&commit).await?;
        }
        self.is_inside = false;
        self.send("COMMIT").await.map(drop)
    }

    /// Rolls back unless the statement of the fence changes its row.
    async fn is_ours(&mut self, statement: &str) -> Result<()> {
        let failed = match self.send(statement).await {
            Ok(1..) => return Ok(()),
            Ok(0) => lost(),
            Err(error) => error,
        };
        self.rollback().await?;
        Err(failed)
    }

    /// Rolls it back.
    pub(crate) async fn rollback(&mut self) -> Result<()> {
        self.is_inside = false;
        self.send("ROLLBACK").await.map(drop)
    }

    /// Ends a transaction as what was done in it says.
    pub(crate) async fn end<T>(&mut self, done: Result<T>) -> Result<T> {
        match done {
            Ok(done) => self.commit().await.map(|()| done),
            Err(error) => {
                // Where the connection is gone, so is the transaction.
                let _ = self.rollback().await;
                Err(error)
            }
        }
    }

    /// Runs statements as one transaction, in one message where that is possible.
    pub(crate) async fn send_transaction(&mut self, text: &str) -> Result<()> {
        if self.fence.is_some() {
            self.begin().await?;
            let done = self.send(text).await;
            return self.end(done).await.map(drop);
        }
        let whole = format!("BEGIN; {}{text}\nCOMMIT", self.needed());
        let done = self.send(&whole).await;
        if done.is_err() {
            let _ = self.rollback().await;
        }
        done.map(drop)
    }

    /// Runs a statement without values or rows; says how many rows it changed.
    pub(crate) async fn execute(&mut self, statement: &str) -> Result<u64> {
        if self.is_inside || !self.is_never_alone() {
            return self.send(statement).await;
        }
        self.begin().await?;
        let done = self.send(statement).await;
        self.end(done).await
    }

    /// Runs a statement.
    pub(crate) async fn run(&mut self, statement: &BoundStatement) -> Result<Done<Columns>> {
        if self.is_inside || !self.is_never_alone() {
            return self.run_here(statement).await;
        }
        self.begin().await?;
        let done = self.run_here(statement).await;
        self.end(done).await
    }

    async fn run_here(&mut self, statement: &BoundStatement) -> Result<Done<Columns>> {
        let arguments = encode::arguments(&statement.sql, &|to| statement.bind(to))?;
        let stays = !self.is_pooled;
        let mut rows = Collected::new(statement.read);
        let done = run_on(&mut self.connection, stays, &statement.sql, arguments, &mut rows).await;
        let affected = done.map_err(Failure::into_error)?;
        Ok(Done { rows: rows.into_rows(), affected })
    }

    /// Runs statements in one transaction.
    pub(crate) async fn in_transaction(&mut self, statements: &[&str]) -> Result<()> {
        self.begin().await?;
        for statement in statements {
            // After an error the caller closes the connection.
            self.send(statement).await?;
        }
        self.commit().await
    }

    /// Closes it; the server notices as well where that fails.
    pub(crate) async fn close(self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.connection.close()).await;
    }
}

/// Another runner has the lock by now, or whoever took it away.
pub(crate) fn lost() -> Error {
    Error::new(Kind::Migration, "the lock of the migrations was lost")
        .with_code(code::LOCK_LOST)
        .with_help("what was committed before stays; start again")
}
