//! What the change feed reads of the database beside the rows: up to which transaction all have ended, and
//! which life of the database it is.

use kontract_schema::dialect::Dialect;

use crate::driver::Backend;
use crate::driver::statement::{BoundStatement, PreparedStatement};
use crate::error::Result;
use crate::value::raw_columns::{Binds, Columns};

/// Which transactions have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FeedState {
    /// Names the counter of transactions: another one after a restore, a failover, or in another database.
    pub(crate) epoch: String,
    /// All transactions with a smaller number have ended.
    pub(crate) horizon: i64,
    /// No transaction has had this number or a greater one.
    pub(crate) next: i64,
    /// The database is a replica, which may be behind the one that a cursor is from.
    pub(crate) is_replica: bool,
    /// The table of consumers exists.
    pub(crate) has_feed: bool,
}

/// The texts of one database.
pub(crate) struct FeedSql {
    /// The part of the epoch that the server knows, the horizon, the next number, whether it is a replica,
    /// and whether it has the tables `_kontract_feed` and `_kontract_migrations`.
    state: &'static str,
    /// A part of the epoch from the history of migrations, where the server knows none.
    birth: Option<&'static str>,
    /// Milliseconds for which the oldest transaction has held the horizon.
    pub(crate) oldest: Option<&'static str>,
    /// What follows a SELECT of the row that keeps a cursor.
    pub(crate) lock: &'static str,
}

/// The table of consumers. The row without a name has the mark of the epoch.
pub(crate) const CREATE_FEED: &str = "CREATE TABLE IF NOT EXISTS _kontract_feed (\
    name TEXT PRIMARY KEY NOT NULL, cursor TEXT NOT NULL, txid BIGINT NOT NULL)";

const POSTGRES: FeedSql = FeedSql {
    // The timeline of a replica is that of its last checkpoint; a primary knows its own at once.
    state: "SELECT concat_ws('.', (SELECT system_identifier FROM pg_control_system()), \
        CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint()) \
        ELSE ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int END, \
        (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())), \
        txid_snapshot_xmin(s), \
        greatest(txid_snapshot_xmax(s), coalesce(txid_current_if_assigned(), 0) + 1), \
        pg_is_in_recovery(), to_regclass('_kontract_feed') IS NOT NULL, false \
        FROM txid_current_snapshot() s",
    birth: None,
    oldest: Some(
        "SELECT (extract(epoch FROM clock_timestamp() - min(xact_start)) * 1000)::bigint \
         FROM pg_catalog.pg_stat_activity \
         WHERE backend_xid IS NOT NULL AND pid <> pg_backend_pid()",
    ),
    lock: " FOR UPDATE",
};

const SQLITE: FeedSql = FeedSql {
    state: "SELECT '', txid + 1, txid + 1, 0, \
        EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_kontract_feed'), \
        EXISTS (SELECT 1 FROM sqlite_schema WHERE name = '_kontract_migrations') \
        FROM _kontract_clock WHERE id = 1",
    birth: Some("SELECT min(applied_at) FROM _kontract_migrations"),
    oldest: None,
    lock: "",
};

impl FeedSql {
    /// The texts of that database.
    pub(crate) fn for_dialect(dialect: Dialect) -> &'static FeedSql {
        dialect.choose(&POSTGRES, &SQLITE)
    }
}

impl FeedState {
    /// Reads the state of the database.
    ///
    /// # Errors
    /// The errors of the database.
    pub(crate) async fn read(backend: &Backend) -> Result<FeedState> {
        let sql = FeedSql::for_dialect(backend.dialect());
        type State = (String, i64, i64, bool, bool, bool);
        let state: Vec<State> = fetch(backend, sql.state, ()).await?;
        let missing = || crate::Error::new(crate::Kind::Database, "the counter row is missing");
        let (mut epoch, horizon, next, is_replica, has_feed, has_history) =
            state.into_iter().next().ok_or_else(missing)?;
        if let (Some(birth), true) = (sql.birth, has_history) {
            let born: Vec<(Option<i64>,)> = fetch(backend, birth, ()).await?;
            epoch = born.into_iter().find_map(|(born,)| born).unwrap_or(0).to_string();
        }
        if has_feed {
            let text = "SELECT cursor FROM _kontract_feed WHERE name = ''";
            for (mark,) in fetch::<(String,)>(backend, text, ()).await? {
                epoch.push('.');
                epoch.push_str(&mark);
            }
        }
        // SQLite uses the number of a transaction again that is rolled back.
        let horizon = match backend.own_transaction_id().await {
            Some(own) => horizon.min(own),
            None => horizon,
        };
        Ok(FeedState { epoch, horizon, next, is_replica, has_feed })
    }
}

/// Returns the number of the transaction up to which all consumers have read, or `None` without consumers.
///
/// # Errors
/// The errors of the database.
pub(crate) async fn read_by_all_consumers(backend: &Backend) -> Result<Option<i64>> {
    if !FeedState::read(backend).await?.has_feed {
        return Ok(None);
    }
    let text = "SELECT min(txid) FROM _kontract_feed WHERE name <> ''";
    let rows: Vec<(Option<i64>,)> = fetch(backend, text, ()).await?;
    Ok(rows.into_iter().find_map(|(txid,)| txid))
}

/// Runs a short query.
///
/// # Errors
/// The errors of the database.
pub(crate) async fn fetch<R: Columns>(
    backend: &Backend,
    text: &str,
    values: impl Binds,
) -> Result<Vec<R>> {
    run(backend, BoundStatement::query::<R>(text, values, |statement| statement)?).await
}

/// Runs a short query that locks its rows.
///
/// # Errors
/// The errors of the database.
pub(crate) async fn fetch_locked<R: Columns>(
    backend: &Backend,
    text: &str,
    values: impl Binds,
) -> Result<Vec<R>> {
    run(backend, BoundStatement::query::<R>(text, values, PreparedStatement::writing)?).await
}

async fn run<R: Columns>(backend: &Backend, query: BoundStatement) -> Result<Vec<R>> {
    let done = backend.run(&query.sql, &|to| query.bind(to), query.read).await?;
    done.rows.into_iter().map(R::of_row).collect()
}

/// Runs a statement that changes rows of the feed's own table. Returns how many.
///
/// # Errors
/// The errors of the database.
pub(crate) async fn change(backend: &Backend, text: &str, values: impl Binds) -> Result<u64> {
    let change = BoundStatement::change(text, values, PreparedStatement::writing)?;
    Ok(backend.run(&change.sql, &|to| change.bind(to), change.read).await?.affected)
}
