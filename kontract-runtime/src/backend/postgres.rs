//! PostgreSQL through sqlx: connections and the protocol are sqlx's; the bytes of values, the pool
//! and the reading of rows are ours.
//!
//! # When a connection is dead
//! Connections are not tested before each use, which would cost a round trip. A statement that only
//! reads is run again on another connection. One that writes is run again where the server said
//! that it ended the session before (57P01 to 57P03, which roll back) or where nothing could be
//! sent; in all other cases nobody knows whether it took effect, and the error says so. So that
//! this is rare, a connection that was idle for a second is tested before it is written to.

mod decode;
mod encode;
mod error;
mod numeric;
mod pool;

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgRow};
use sqlx::{AssertSqlSafe, Either, Executor, PgConnection};

pub(crate) use self::encode::Lists;
pub(crate) use self::error::convert;
use self::pool::{Lease, Pool};
use crate::backend::{Decode, Done, Encode, Query};
use crate::error::{Error, Kind, Result};

/// A pool of connections to one database.
#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Arc<Pool>,
}

/// A transaction. Dropped without [`Transaction::commit`] it closes its connection, upon which the
/// server rolls back.
pub(crate) struct Transaction {
    lease: Lease,
}

impl Postgres {
    /// Understands the connection string; connects at the first use.
    pub(crate) fn new(url: &str) -> Result<Postgres> {
        use sqlx::ConnectOptions;
        let options = options(url)?.disable_statement_logging().statement_cache_capacity(1024);
        Ok(Postgres { pool: Arc::new(Pool::new(options, pool::SIZE)) })
    }

    /// The host and the database of a connection string, with what the environment and the defaults
    /// of PostgreSQL add to it.
    pub(crate) fn place(url: &str) -> Result<(String, String)> {
        let options = options(url)?;
        let host = match options.get_socket() {
            Some(path) => path.display().to_string(),
            None => options.get_host().to_owned(),
        };
        let database = options.get_database().unwrap_or(options.get_username());
        Ok((host, database.to_owned()))
    }

    /// A connection of its own, which the pool never sees.
    pub(crate) async fn session(&self) -> Result<Session> {
        Ok(Session { connection: self.pool.connect().await? })
    }

    /// Runs one statement.
    pub(crate) async fn run<T>(
        &self,
        query: &Query,
        values: Encode<'_>,
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        self.heal(query, &|| encode::arguments(query, values), decode).await
    }

    /// Runs statements without values in one message; says how many rows they gave or changed.
    pub(crate) async fn count(&self, statements: &str) -> Result<u64> {
        let mut lease = self.pool.take(false).await?;
        let done = lease.connection().execute(sqlx::raw_sql(AssertSqlSafe(statements))).await;
        match done {
            Ok(done) => {
                lease.give_back();
                Ok(done.rows_affected())
            }
            Err(error) => {
                if !error::is_broken(&error) {
                    lease.give_back();
                }
                Err(convert(error))
            }
        }
    }

    /// Runs one statement whose parameters are lists.
    pub(crate) async fn run_lists<T>(
        &self,
        query: &Query,
        lists: &Lists,
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        self.heal(query, &|| lists.arguments(), decode).await
    }

    /// Runs one statement, again where a connection turns out to be dead; see the module.
    async fn heal<T>(
        &self,
        query: &Query,
        arguments: &(dyn Fn() -> Result<PgArguments> + Sync),
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        let mut tries = 0;
        loop {
            let arguments = arguments()?;
            let mut lease = self.pool.take(query.writes).await?;
            let reused = lease.reused;
            match lease.run(query, arguments, decode).await {
                Ok(done) => {
                    lease.give_back();
                    return Ok(done);
                }
                Err(Failure::Ours(error)) => {
                    lease.give_back();
                    return Err(error);
                }
                Err(Failure::Driver(error)) => {
                    let broken = error::is_broken(&error);
                    let stale = error::is_stale_plan(&error);
                    if !broken && !stale {
                        lease.give_back();
                    }
                    let again = match (broken, stale) {
                        (true, _) => reused && (!query.writes || error::was_not_run(&error)),
                        (_, stale) => stale,
                    };
                    tries += 1;
                    if !again || tries > pool::SIZE {
                        return Err(convert(error));
                    }
                }
            }
        }
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        let mut lease = self.pool.take(true).await?;
        lease.connection().execute("BEGIN").await.map_err(convert)?;
        Ok(Transaction { lease })
    }

    /// Closes the pool.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

impl Transaction {
    /// Runs one statement.
    pub(crate) async fn run<T>(
        &mut self,
        query: &Query,
        values: Encode<'_>,
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        let arguments = encode::arguments(query, values)?;
        self.run_with(query, arguments, decode).await
    }

    /// The same with arguments that are there already.
    pub(crate) async fn run_with<T>(
        &mut self,
        query: &Query,
        arguments: PgArguments,
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        match self.lease.run(query, arguments, decode).await {
            Ok(done) => Ok(done),
            Err(Failure::Ours(error)) => Err(error),
            Err(Failure::Driver(error)) => Err(convert(error)),
        }
    }

    /// Commits.
    pub(crate) async fn commit(mut self) -> Result<()> {
        self.lease.connection().execute("COMMIT").await.map_err(convert)?;
        self.lease.give_back();
        Ok(())
    }

    /// Rolls back and keeps the connection.
    pub(crate) async fn rollback(mut self) -> Result<()> {
        self.lease.connection().execute("ROLLBACK").await.map_err(convert)?;
        self.lease.give_back();
        Ok(())
    }
}

fn options(url: &str) -> Result<PgConnectOptions> {
    PgConnectOptions::from_str(url).map_err(|_| {
        Error::new(Kind::Url, "the connection string is not one of PostgreSQL")
            .with_code("K0411")
            .with_help("the form is `postgres://user:password@host:5432/database`")
    })
}

/// A connection that is nobody else's, for the runner. Dropped it is closed, and what it holds is
/// freed.
pub(crate) struct Session {
    connection: PgConnection,
}

impl Session {
    /// Runs a statement without values or rows; says how many rows it changed.
    pub(crate) async fn execute(&mut self, statement: &str) -> Result<u64> {
        let statement = AssertSqlSafe(statement.to_owned());
        let done = self.connection.execute(sqlx::raw_sql(statement)).await;
        done.map(|done| done.rows_affected()).map_err(convert)
    }

    /// Runs a statement.
    pub(crate) async fn run<T>(
        &mut self,
        query: &Query,
        values: Encode<'_>,
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        let arguments = encode::arguments(query, values)?;
        match run_on(&mut self.connection, query, arguments, decode).await {
            Ok(done) => Ok(done),
            Err(Failure::Ours(error)) => Err(error),
            Err(Failure::Driver(error)) => Err(convert(error)),
        }
    }

    /// Runs statements in one transaction.
    pub(crate) async fn in_transaction(&mut self, statements: &[&str]) -> Result<()> {
        self.execute("BEGIN").await?;
        for statement in statements {
            // After an error the caller closes the connection.
            self.execute(statement).await?;
        }
        self.execute("COMMIT").await.map(|_| ())
    }

    /// Closes it; the server notices as well where that fails.
    pub(crate) async fn close(self) {
        use sqlx::Connection;
        let _ = tokio::time::timeout(Duration::from_secs(1), self.connection.close()).await;
    }
}

/// Why a statement failed: for a reason of ours, after which the connection is fine, or the
/// driver's.
enum Failure {
    Ours(Error),
    Driver(sqlx::Error),
}

impl Lease {
    async fn run<T>(
        &mut self,
        query: &Query,
        arguments: PgArguments,
        decode: Decode<T>,
    ) -> Result<Done<T>, Failure> {
        run_on(self.connection(), query, arguments, decode).await
    }
}

async fn run_on<T>(
    connection: &mut PgConnection,
    query: &Query,
    arguments: PgArguments,
    decode: Decode<T>,
) -> Result<Done<T>, Failure> {
    use futures_util::TryStreamExt;
    let sql = sqlx::query_with(AssertSqlSafe(Arc::clone(&query.text)), arguments);
    let mut done = Done { rows: Vec::new(), affected: 0 };
    let mut refused = None;
    let mut results = connection.fetch_many(sql);
    while let Some(result) = results.try_next().await.map_err(Failure::Driver)? {
        match result {
            Either::Left(result) => done.affected += result.rows_affected(),
            // After a row that cannot be read the others are still taken off the line.
            Either::Right(row) if refused.is_none() => {
                // All rows of a statement have the same types.
                let checked = match done.rows.is_empty() {
                    true => decode::check_types(&row, &query.outputs),
                    false => Ok(()),
                };
                match checked.and_then(|()| read(query, &row, decode)) {
                    Ok(row) => done.rows.push(row),
                    Err(error) => refused = Some(error),
                }
            }
            Either::Right(_) => {}
        }
    }
    match refused {
        Some(error) => Err(Failure::Ours(error)),
        None => Ok(done),
    }
}

fn read<T>(query: &Query, row: &PgRow, decode: Decode<T>) -> Result<T> {
    let mut columns = decode::Row::new(row, &query.outputs);
    decode(&mut columns).map_err(|error| match columns.last_name() {
        Some(name) => error.in_column(name),
        None => error,
    })
}

/// How long a connection or a free place in the pool is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
