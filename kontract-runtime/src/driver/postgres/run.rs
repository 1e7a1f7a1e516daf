//! One statement on a connection: its values in, its rows out.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{AssertSqlSafe, Either, Executor, PgConnection};

use super::decode;
use super::error::convert;
use super::pool::Lease;
use crate::driver::row_sink::RowSink;
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::value::row::Reader;

/// Why a statement failed: a value could not be encoded or decoded, after which the connection is
/// fine, or the driver reported an error.
pub(super) enum Failure {
    Ours(Error),
    Driver(sqlx::Error),
}

impl Failure {
    /// The error for the caller.
    pub(super) fn into_error(self) -> Error {
        match self {
            Failure::Ours(error) => error,
            Failure::Driver(error) => convert(error),
        }
    }
}

impl Lease {
    /// Runs a statement in a transaction of its own, as behind a pooler.
    pub(super) async fn run_in_transaction(
        &mut self,
        query: &PreparedStatement,
        arguments: PgArguments,
        rows: &mut dyn RowSink,
    ) -> Result<u64, Failure> {
        self.connection().execute("BEGIN").await.map_err(Failure::Driver)?;
        let done = self.run(query, arguments, rows).await;
        let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
        let ended = self.connection().execute(end).await;
        let done = done?;
        ended.map(|_| done).map_err(Failure::Driver)
    }

    pub(super) fn run(
        &mut self,
        query: &PreparedStatement,
        arguments: PgArguments,
        rows: &mut dyn RowSink,
    ) -> impl Future<Output = Result<u64, Failure>> + Send {
        let stays = !self.is_pooled;
        run_on(self.connection(), stays, query, arguments, rows)
    }
}

/// Runs a statement. It stays prepared on the connection where `stays` is set.
pub(super) fn run_on(
    connection: &mut PgConnection,
    stays: bool,
    query: &PreparedStatement,
    arguments: PgArguments,
    rows: &mut dyn RowSink,
) -> impl Future<Output = Result<u64, Failure>> + Send {
    // Not an `async fn`: its future would also have room for the arguments.
    let sql = sqlx::query_with(AssertSqlSafe(Arc::clone(&query.text)), arguments);
    let sql = sql.persistent(stays && !query.once);
    let mut results = connection.fetch_many(sql);
    async move {
        let mut affected = 0;
        let mut refused = None;
        while let Some(result) = results.try_next().await.map_err(Failure::Driver)? {
            match result {
                Either::Left(result) => affected += result.rows_affected(),
                // After a row that cannot be read the others are still taken off the line.
                Either::Right(row) if refused.is_none() => {
                    // All rows of a statement have the same types.
                    let checked = if rows.count() == 0 && !query.converts {
                        decode::check_types(&row, &query.outputs)
                    } else {
                        Ok(())
                    };
                    let read = checked.and_then(|()| read(query, &row, |from| rows.read(from)));
                    refused = read.err();
                }
                Either::Right(_) => {}
            }
        }
        match refused {
            Some(error) => Err(Failure::Ours(error)),
            None => Ok(affected),
        }
    }
}

pub(super) fn read<T>(
    query: &PreparedStatement,
    row: &PgRow,
    decode: impl FnOnce(&mut dyn Reader) -> Result<T>,
) -> Result<T> {
    let mut columns = decode::Row::new(row, &query.outputs, query.converts);
    decode(&mut columns).map_err(|error| match columns.last_name() {
        Some(name) => error.in_column(name),
        None => error,
    })
}
