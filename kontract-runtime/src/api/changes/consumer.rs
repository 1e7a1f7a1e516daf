//! Consumers with names, whose position is in the database; and how far the feed is behind.

use std::time::Duration;

use super::ChangeCursor;
use crate::api::storage::Base;
use crate::driver::Backend;
use crate::error::{Error, Kind, Result};
use crate::sql::feed::{self, CREATE_FEED, FeedSql, FeedState};

/// A reader of changes whose position is in the database, in the table `_kontract_feed`:
/// [`Base::consumer`].
///
/// In a transaction, the effects of the changes and the new position are stored together or not at all: each
/// change takes effect exactly once. On PostgreSQL [`cursor`](Consumer::cursor) locks the position until the
/// transaction ends, so of several processes with the same consumer one at a time handles changes; SQLite has
/// one writer.
///
/// ```
/// # use kontract_doc_tables::*; storage_example(async |storage| {
/// # storage.create::<Job>().await?;
/// storage.table::<Job>().insert(Job { id: 1, name: "mail".into() }).await?;
/// storage.consumer("mailer").await?; // once: creates its table and its position
/// let handled = storage
///     .transaction(async |tx| {
///         let mailer = tx.consumer("mailer").await?;
///         let read = tx.table::<Job>().changes(mailer.cursor().await?).await?;
///         for change in &read.changes {
///             let text = format!("job {} {:?}", change.record.id, change.kind);
///             tx.table().insert(Task { id: 9, user_id: 1, title: text, points: 0, done: false }).await?;
///         }
///         mailer.advance(&read.next).await?;
///         Ok(read.changes.len())
///     })
///     .await?;
/// assert_eq!(handled, 1);
/// # Ok(()) })
/// ```
#[derive(Clone)]
pub struct Consumer {
    backend: Backend,
    name: String,
}

/// How far the change feed is behind: [`Base::change_lag`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangeLag {
    /// How many numbers of transactions there are from the oldest open one on, up to the last one that has
    /// ended: their changes are not delivered yet.
    pub transactions: i64,
    /// How long the oldest transaction that has changed something has been open, in any database of the
    /// server; `None` without such a transaction, if the role may not see it (`pg_read_all_stats`), and on SQLite.
    pub oldest: Option<Duration>,
}

impl Base {
    /// Returns the consumer with that name. A new one begins with all rows that exist. The first call creates
    /// the table `_kontract_feed`; a program whose role may not create tables needs it from an administrator.
    ///
    /// # Errors
    /// [`Kind::Value`] if the name is empty; [`Kind::Database`] if the table cannot be created.
    pub async fn consumer(&self, name: impl Into<String>) -> Result<Consumer> {
        let (backend, name) = (self.backend().clone(), name.into());
        if name.is_empty() {
            return Err(Error::value("the name of a consumer is empty"));
        }
        let add = "INSERT INTO _kontract_feed (name, cursor, txid) VALUES ($1, 'start', -1) \
                   ON CONFLICT (name) DO NOTHING";
        boxed(async move {
            create_table(&backend).await?;
            let known = "SELECT 1 FROM _kontract_feed WHERE name = $1";
            if feed::fetch::<(i32,)>(&backend, known, (&*name,)).await?.is_empty() {
                feed::change(&backend, add, (&*name,)).await?;
            }
            Ok(Consumer { backend, name })
        })
        .await
    }

    /// Returns the number of the transaction up to which all consumers with names have read the changes, or
    /// `None` without consumers. Rows that were deleted later should not be purged yet: a consumer has not seen
    /// their deletion. [`Table::purge_deleted`](crate::Table::purge_deleted) leaves them.
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub async fn read_by_all_consumers(&self) -> Result<Option<i64>> {
        let backend = self.backend().clone();
        boxed(async move { feed::read_by_all_consumers(&backend).await }).await
    }

    /// Makes all cursors invalid: each reader gets [`Kind::Resync`] and reads all rows again. Call it after
    /// rows were changed without Kontract, by raw SQL or a bulk load, and after a copy of a SQLite file was put
    /// into its place.
    ///
    /// # Errors
    /// [`Kind::Database`] if the table `_kontract_feed` cannot be created.
    pub async fn restart_changes(&self) -> Result<()> {
        let backend = self.backend().clone();
        boxed(async move {
            create_table(&backend).await?;
            let text = "INSERT INTO _kontract_feed (name, cursor, txid) VALUES ('', $1, -1) \
                        ON CONFLICT (name) DO UPDATE SET cursor = excluded.cursor";
            feed::change(&backend, text, (&*uuid::Uuid::now_v7().to_string(),)).await.map(drop)
        })
        .await
    }

    /// Returns how far the feed is behind. A transaction that stays open delays all later changes; on PostgreSQL
    /// set `idle_in_transaction_session_timeout`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// assert_eq!(storage.change_lag().await?.transactions, 0);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub async fn change_lag(&self) -> Result<ChangeLag> {
        let backend = self.backend().clone();
        boxed(async move {
            let state = FeedState::read(&backend).await?;
            let sql = FeedSql::for_dialect(backend.dialect());
            let millis = match sql.oldest {
                Some(text) => feed::fetch::<(Option<i64>,)>(&backend, text, ()).await?,
                None => Vec::new(),
            };
            let millis = millis.into_iter().find_map(|(millis,)| millis);
            let oldest = millis.and_then(|millis| u64::try_from(millis).ok());
            let oldest = oldest.map(Duration::from_millis);
            Ok(ChangeLag { transactions: state.next - state.horizon, oldest })
        })
        .await
    }
}

impl Consumer {
    /// Returns its position; in a transaction on PostgreSQL it is locked until the transaction ends.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if the consumer was removed.
    pub async fn cursor(&self) -> Result<ChangeCursor> {
        let Consumer { backend, name } = self.clone();
        boxed(async move {
            let lock = FeedSql::for_dialect(backend.dialect()).lock;
            let text = format!("SELECT cursor FROM _kontract_feed WHERE name = $1{lock}");
            let rows: Vec<(String,)> = feed::fetch_locked(&backend, &text, (&*name,)).await?;
            let (cursor,) = rows.into_iter().next().ok_or_else(|| removed(&name))?;
            cursor.parse()
        })
        .await
    }

    /// Stores the position up to which it has handled the changes.
    ///
    /// # Errors
    /// [`Kind::NotFound`] if the consumer was removed.
    pub async fn advance(&self, to: &ChangeCursor) -> Result<()> {
        let Consumer { backend, name } = self.clone();
        let (cursor, txid) = (to.to_string(), to.read_up_to());
        boxed(async move {
            let text = "UPDATE _kontract_feed SET cursor = $1, txid = $2 WHERE name = $3";
            match feed::change(&backend, text, (&*cursor, txid, &*name)).await? {
                0 => Err(removed(&name)),
                _ => Ok(()),
            }
        })
        .await
    }

    /// Removes the consumer and its position. Returns whether it was there.
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub async fn remove(self) -> Result<bool> {
        let text = "DELETE FROM _kontract_feed WHERE name = $1";
        let Consumer { backend, name } = self;
        boxed(async move { Ok(feed::change(&backend, text, (&*name,)).await? > 0) }).await
    }
}

/// Creates the table of consumers, unless it exists: the check needs no right to create tables.
async fn create_table(backend: &Backend) -> Result<()> {
    if FeedState::read(backend).await?.has_feed {
        return Ok(());
    }
    match feed::change(backend, CREATE_FEED, ()).await {
        // Another process has created it at the same time.
        Err(_) if FeedState::read(backend).await.is_ok_and(|state| state.has_feed) => Ok(()),
        done => done.map(drop),
    }
}

fn removed(name: &str) -> Error {
    let what = format!("the consumer `{name}` does not exist");
    Error::new(Kind::NotFound, what).with_help("`storage.consumer(…)` creates it")
}

/// Boxed, so that it is compiled with the runtime and not in each program.
fn boxed<'a, T>(
    work: impl Future<Output = Result<T>> + Send + 'a,
) -> futures_util::future::BoxFuture<'a, Result<T>> {
    Box::pin(work)
}
