//! Transactions: that of a batch, and one that several handles share.

use std::sync::Arc;

use sqlx::Executor;
use sqlx::postgres::PgArguments;

use super::error::{self, convert};
use super::pool::Lease;
use super::run::Failure;
use crate::driver::options::{self, Isolation};
use crate::driver::row_sink::RowSink;
use crate::driver::shared_transaction::{ExclusivePart, SharedConnection, Slot, Within};
use crate::driver::statement::PreparedStatement;
use crate::error::{Kind, Result};

impl SharedConnection for Lease {
    type Mark = ();

    fn mark(&self) {}

    fn restore(&mut self, (): ()) {}

    async fn execute(&mut self, statements: &[String]) -> Result<()> {
        let statements = sqlx::raw_sql(sqlx::AssertSqlSafe(statements.join("; ")));
        self.connection().execute(statements).await.map(drop).map_err(convert)
    }

    async fn commit(self) -> Result<()> {
        end(self, "COMMIT").await
    }

    async fn rollback(self) -> Result<()> {
        end(self, "ROLLBACK").await
    }
}

/// Ends a transaction and returns the connection to the pool, unless the connection is broken. After
/// an error of COMMIT the server has rolled back.
async fn end(mut lease: Lease, statement: &'static str) -> Result<()> {
    let done = lease.connection().execute(statement).await;
    if !done.as_ref().is_err_and(error::is_broken) {
        lease.give_back();
    }
    done.map(drop).map_err(convert)
}

/// Begins a transaction that several handles share.
pub(super) async fn begin_shared(
    mut lease: Lease,
    options: &options::Transaction,
) -> Result<Arc<Within<Lease>>> {
    let isolation = match options.isolation {
        // All statements of a transaction that only reads see the same state.
        None if options.read_only => " ISOLATION LEVEL REPEATABLE READ",
        None => "",
        Some(Isolation::ReadCommitted) => " ISOLATION LEVEL READ COMMITTED",
        Some(Isolation::RepeatableRead) => " ISOLATION LEVEL REPEATABLE READ",
        Some(Isolation::Serializable) => " ISOLATION LEVEL SERIALIZABLE",
    };
    let access = if options.read_only { " READ ONLY" } else { "" };
    lease.execute(&[format!("BEGIN{isolation}{access}")]).await?;
    Ok(Within::new(lease))
}

/// Runs one statement of a shared transaction.
pub(super) async fn run_within(
    within: &Within<Lease>,
    slot: &mut Slot<Lease>,
    query: &PreparedStatement,
    arguments: PgArguments,
    rows: &mut dyn RowSink,
) -> Result<u64> {
    let mut lease = within.take(slot)?;
    let error = match lease.run(query, arguments, rows).await {
        Ok(done) => {
            within.give_back(slot, lease);
            return Ok(done);
        }
        Err(Failure::Ours(error)) => {
            within.give_back(slot, lease);
            return Err(error);
        }
        Err(Failure::Driver(error)) => error,
    };
    slot.fail();
    // A statement whose table has changed meanwhile is prepared again on another connection.
    let is_stale = error::is_stale_plan(&error);
    let is_usable = !is_stale && !error::is_broken(&error);
    let error = query.name_columns(convert(error));
    if is_stale || *error.kind() == Kind::Retry {
        within.set_met_another();
    }
    if is_usable {
        within.give_back(slot, lease);
    }
    Err(error)
}

/// A transaction, or a part of a shared one. Dropped without [`Transaction::commit`], a transaction
/// closes its connection, upon which the server rolls back.
pub(crate) struct Transaction(Held);

enum Held {
    Own(Lease),
    Part(ExclusivePart<Lease>),
}

impl Transaction {
    /// Begins a transaction on a connection of its own.
    pub(super) async fn begin(mut lease: Lease) -> Result<Transaction> {
        lease.connection().execute("BEGIN").await.map_err(convert)?;
        Ok(Transaction(Held::Own(lease)))
    }

    /// Begins a part of a shared transaction.
    pub(super) async fn begin_part(within: &Within<Lease>) -> Result<Transaction> {
        Ok(Transaction(Held::Part(within.begin_exclusive_part().await?)))
    }

    /// Runs one statement.
    pub(crate) async fn run_with(
        &mut self,
        query: &PreparedStatement,
        arguments: PgArguments,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        match &mut self.0 {
            Held::Own(lease) => {
                let done = lease.run(query, arguments, rows).await;
                done.map_err(|failure| query.name_columns(failure.into_error()))
            }
            Held::Part(part) => {
                run_within(&part.within, &mut part.slot, query, arguments, rows).await
            }
        }
    }

    /// Commits.
    pub(crate) async fn commit(self) -> Result<()> {
        match self.0 {
            Held::Own(lease) => end(lease, "COMMIT").await,
            Held::Part(part) => part.commit().await,
        }
    }

    /// Rolls back and keeps the connection. The transaction around it, if there is one, fails: the
    /// caller returns its error.
    pub(crate) async fn rollback(self) -> Result<()> {
        match self.0 {
            Held::Own(lease) => end(lease, "ROLLBACK").await,
            Held::Part(part) => part.rollback().await,
        }
    }
}
