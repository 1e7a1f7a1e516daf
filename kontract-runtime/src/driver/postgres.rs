//! PostgreSQL through sqlx: connections and the protocol are sqlx's; the bytes of values, the pool
//! and the reading of rows are ours.
//!
//! # When a connection is dead
//! Connections are not tested before each use, which would cost a round trip. A statement that only
//! reads is run again on another connection. One that writes is run again where the server reported
//! that it had ended the session (57P01 to 57P03, which roll back) or where nothing could be
//! sent; in all other cases it is not known whether it took effect, as the error says. So that
//! this is rare, a connection that was idle for a second is tested before it is written to.
//!
//! # Through a pooler
//! A pooler like PgBouncer may have each transaction of a connection run by another session of the
//! server. Statements that were prepared in one are unknown in the next, or belong to another
//! client. So each statement is a transaction there, and nothing stays prepared after it. Whether there
//! is one, the pool finds out with its first connection (`pool.rs`).

mod convert;
mod decode;
mod encode;
mod error;
mod many_rows;
mod numeric;
mod pool;
mod run;
mod session;
mod stream;
mod transaction;

use std::str::FromStr;
use std::sync::Arc;

use kontract_schema::code;
use sqlx::postgres::{PgArguments, PgConnectOptions};

use self::encode::ListArguments;
pub(crate) use self::error::convert;
pub(super) use self::pool::Lease;
use self::pool::Pool;
use self::run::Failure;
pub(crate) use self::session::{Fence, Session};
pub(crate) use self::transaction::Transaction;
use crate::driver::row_sink::RowSink;
use crate::driver::shared_transaction::{self, Ending, Within};
use crate::driver::statement::{Encode, PreparedStatement};
use crate::error::{Error, Kind, Result};

/// A pool of connections to one database.
#[derive(Clone)]
pub(crate) struct Postgres {
    pool: Arc<Pool>,
    /// The transaction that all statements run in.
    within: Option<Arc<Within<Lease>>>,
}

impl Postgres {
    /// Understands the connection string; connects at the first use.
    pub(crate) fn new(url: &str) -> Result<Postgres> {
        use sqlx::ConnectOptions;
        let options = options(url)?.disable_statement_logging();
        let pool = Pool::new(options, names_pooler(url), pool::SIZE);
        Ok(Postgres { pool: Arc::new(pool), within: None })
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
        let (connection, is_pooled) = self.pool.connect().await?;
        Ok(Session::new(connection, is_pooled))
    }

    /// Runs one statement. Returns how many rows it changed.
    pub(crate) async fn run(
        &self,
        query: &PreparedStatement,
        values: Encode<'_>,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        self.heal(query, &|| encode::arguments(query, values), rows).await
    }

    /// Runs statements without values in one message; says how many rows the last of them gave.
    pub(crate) async fn count(&self, statements: &str) -> Result<u64> {
        self.pool.count(statements).await
    }

    /// Runs one statement whose parameters are those values, then lists.
    async fn run_lists(
        &self,
        query: &PreparedStatement,
        lists: ListArguments<'_>,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        if query.waits {
            self.check_apart()?;
        }
        self.heal(query, &|| lists.arguments(query), rows).await
    }

    /// Runs one statement, again where a connection turns out to be dead; see the module.
    async fn heal(
        &self,
        query: &PreparedStatement,
        arguments: &(dyn Fn() -> Result<PgArguments> + Sync),
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        if let Some(within) = &self.within {
            let arguments = arguments()?;
            let mut slot = within.lock().await;
            return transaction::run_within(within, &mut slot, query, arguments, rows).await;
        }
        let mut tries = 0;
        loop {
            let arguments = arguments()?;
            let mut lease = self.pool.take(query.writes).await?;
            let reused = lease.reused;
            rows.clear();
            let done = if lease.is_pooled {
                Box::pin(lease.run_in_transaction(query, arguments, rows)).await
            } else {
                lease.run(query, arguments, rows).await
            };
            match done {
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
                    let again = if broken {
                        reused && (!query.writes || error::was_not_run(&error))
                    } else {
                        stale
                    };
                    tries += 1;
                    if !again || tries > pool::SIZE {
                        return Err(query.name_columns(convert(error)));
                    }
                }
            }
        }
    }

    /// Begins a transaction; inside of another one it is a part of that.
    pub(crate) async fn begin(&self) -> Result<Transaction> {
        self.check_apart()?;
        match &self.within {
            Some(within) => Transaction::begin_part(within).await,
            None => Transaction::begin(self.pool.take(true).await?).await,
        }
    }

    /// Begins a transaction that several handles share; inside of another one, a savepoint.
    pub(super) async fn begin_shared(
        &self,
        options: &crate::driver::options::Transaction,
    ) -> Result<(Postgres, Ending<Lease>)> {
        if let Some(within) = &self.within {
            return Ok(self.inside(within.begin_part().await?));
        }
        if !options.read_only {
            self.check_apart()?;
        }
        let within = transaction::begin_shared(self.pool.take(true).await?, options).await?;
        Ok(self.inside(within))
    }

    /// A handle that works in that transaction, and how this ends.
    fn inside(&self, within: Arc<Within<Lease>>) -> (Postgres, Ending<Lease>) {
        let inside = Postgres { pool: Arc::clone(&self.pool), within: Some(Arc::clone(&within)) };
        (inside, Ending::new(within))
    }

    /// Which database it is, for as long as it is open.
    pub(crate) fn identity(&self) -> usize {
        Arc::as_ptr(&self.pool).addr()
    }

    /// Fails where the transaction around this task is of another handle: a statement could wait for it.
    pub(crate) fn check_apart(&self) -> Result<()> {
        match self.within {
            Some(_) => Ok(()),
            None => shared_transaction::check_apart(self.identity()),
        }
    }

    /// Marks the transaction of this handle as failed, as after a statement that fails.
    pub(crate) async fn fail(&self) {
        if let Some(within) = &self.within {
            within.lock().await.fail();
        }
    }

    /// Closes the pool.
    pub(crate) async fn close(&self) {
        if self.within.is_some() {
            return;
        }
        self.pool.close().await;
    }
}

/// Whether the connection string says, as sqlx has it, that nothing may stay prepared.
fn names_pooler(url: &str) -> bool {
    let (_, parameters) = url.split_once('?').unwrap_or_default();
    parameters.split('&').any(|parameter| parameter == "statement-cache-capacity=0")
}

/// The option of a connection string that is a misspelt `sslmode`. sqlx ignores unknown options, and
/// would connect without TLS.
fn misspelt_sslmode(url: &str) -> Option<&str> {
    let (_, parameters) = url.split_once('?')?;
    let names = parameters.split('&').filter_map(|parameter| parameter.split('=').next());
    names
        .filter(|name| !["sslmode", "ssl-mode"].contains(name))
        .find(|name| name.replace(['_', '-'], "").to_lowercase().starts_with("sslmo"))
}

fn options(url: &str) -> Result<PgConnectOptions> {
    if let Some(name) = misspelt_sslmode(url) {
        let what = format!("the option `{name}` of the connection string does not exist");
        return Err(Error::new(Kind::Url, what)
            .with_code(code::DATABASE_URL)
            .with_help("did you mean `sslmode`?"));
    }
    PgConnectOptions::from_str(url).map_err(|_| {
        Error::new(Kind::Url, "the connection string is not one of PostgreSQL")
            .with_code(code::DATABASE_URL)
            .with_help("the form is `postgres://user:password@host:5432/database`")
    })
}
