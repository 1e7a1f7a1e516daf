//! The change feed: which rows were inserted, changed and deleted since a position.
//!
//! A change is read from the row itself: each row has the number of the transaction that changed it last, and a
//! deleted row stays as long as it is not purged. So a reader gets the last state of a row that changed several
//! times since its last reading, once. Only changes of transactions with a number below the horizon are read,
//! under which all have ended: no transaction that commits late is skipped. Changes come in the order of the
//! numbers, those of one transaction in the order of tables and keys.

mod consumer;
mod cursor;
mod read;
mod storage;
mod subscription;

use std::future::IntoFuture;

pub use self::consumer::{ChangeLag, Consumer};
pub use self::cursor::ChangeCursor;
use self::read::{RawChange, RawChanges, read_changes};
pub use self::storage::{AnyChange, ReadAllChanges, changes_of};
pub use self::subscription::{HasCursor, Subscription};
use crate::api::operation::{Answer, On, Operation, Running};
use crate::api::table::{Table, decode_row};
#[cfg(doc)]
use crate::error::Kind;
use crate::error::Result;
use crate::sql::record::{Record, Tracked};
use crate::value::datum::Datum;
use crate::value::row::Replayed;

/// How many changes one reading returns, unless it sets another limit.
const LIMIT: usize = 1000;

/// What happened to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It is new: its version is 1.
    Inserted,
    /// It was changed. It is new for the reader if it was inserted since the last reading, or restored; and it
    /// may be new if the table has no versions.
    Updated,
    /// It was deleted. The record is the last one.
    Deleted,
}

/// A changed row, in its last state.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Change<R> {
    /// What happened.
    pub kind: ChangeKind,
    /// The row; if it was deleted, as it was before.
    pub record: R,
    /// Its version, if the table has versions.
    pub version: Option<i64>,
    /// The number of the transaction that changed it.
    pub txid: i64,
    /// Its owner, if rows of the table have owners.
    pub owner: Option<String>,
    /// The position behind this change.
    pub cursor: ChangeCursor,
}

impl<R> HasCursor for Change<R> {
    fn cursor(&self) -> &ChangeCursor {
        &self.cursor
    }
}

/// Changes of a table, and the position behind them: [`Table::changes`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Changes<C> {
    /// The changes, in the order of their transactions.
    pub changes: Vec<C>,
    /// Where the next reading begins.
    pub next: ChangeCursor,
    /// Whether there are more changes already.
    pub has_more: bool,
}

/// A reading of changes: [`Table::changes`]. Awaiting it returns them.
#[must_use = "a reading does nothing until it is awaited"]
pub struct ReadChanges<R> {
    on: On,
    after: ChangeCursor,
    limit: usize,
    /// A function, so that the compile error of an untracked table is about `changes` alone.
    finish: fn(Answer) -> Result<Changes<Change<R>>>,
}

impl<R> Table<R> {
    /// Returns the rows that were inserted, changed or deleted since the cursor, in the order of their
    /// transactions; from [`ChangeCursor::start`] all rows. Up to 1000 of them, or as many as
    /// [`ReadChanges::limit`] says.
    ///
    /// A row that changed several times since then is returned once, in its last state. A change is returned
    /// when all transactions with smaller numbers have ended: an open transaction delays the changes that come
    /// after it, on PostgreSQL in any database of the server. What raw SQL changes without a new `_txid` is
    /// not a change. The handle of an owner returns the rows of the owner; a row that was given to another
    /// owner is no longer among them, and its transfer is not reported.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// let read = jobs.changes(ChangeCursor::start()).await?;
    /// assert_eq!(read.changes[0].kind, ChangeKind::Inserted);
    ///
    /// jobs.delete(1).await?;
    /// let read = jobs.changes(read.next).await?;
    /// assert_eq!((read.changes.len(), read.changes[0].kind), (1, ChangeKind::Deleted));
    /// assert!(jobs.changes(read.next).await?.changes.is_empty());
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Resync`] if the database was restored or replaced since: read all rows again, from
    /// [`ChangeCursor::start`]. [`Kind::Value`] if the cursor is damaged.
    pub fn changes(&self, after: ChangeCursor) -> ReadChanges<R>
    where
        R: Tracked,
    {
        let on = self.on("changes of");
        ReadChanges { on, after, limit: LIMIT, finish: into_changes::<R> }
    }

    /// Returns the changes since the cursor as a stream, which waits for new ones; see [`Table::changes`].
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// let mut changes = jobs.subscribe(ChangeCursor::start());
    /// assert_eq!(changes.next().await.unwrap()?.record.name, "mail");
    /// # Ok(()) })
    /// ```
    pub fn subscribe(&self, after: ChangeCursor) -> Subscription<Change<R>>
    where
        R: Tracked,
    {
        let table = self.clone();
        Subscription::new(after, move |after| table.changes(after).into_future())
    }
}

impl<R> ReadChanges<R> {
    /// Sets how many changes are returned at most.
    pub fn limit(mut self, changes: usize) -> Self {
        self.limit = changes;
        self
    }
}

impl<R> IntoFuture for ReadChanges<R> {
    type Output = Result<Changes<Change<R>>>;
    type IntoFuture = Operation<Changes<Change<R>>>;

    fn into_future(self) -> Self::IntoFuture {
        Operation::new(self.on.changes(self.after, self.limit), self.finish)
    }
}

impl On {
    fn changes(self, after: ChangeCursor, limit: usize) -> Running {
        Running::new(async move {
            let tables = [self.meta];
            let read = read_changes(&self.access, &tables, after, limit).await;
            let read = read.map_err(|error| self.explain(error))?;
            Ok(Answer { kept: Some(Box::new(read)), ..Answer::default() })
        })
    }
}

fn into_changes<R: Record>(answer: Answer) -> Result<Changes<Change<R>>> {
    let RawChanges { changes, next, has_more } = answer.into_kept()?;
    let change = |raw: RawChange| decode_change(raw.columns, raw.cursor);
    let changes = changes.into_iter().map(change).collect::<Result<_>>()?;
    Ok(Changes { changes, next, has_more })
}

/// Reads a changed row.
fn decode_change<R: Record>(
    columns: Vec<Datum<'static>>,
    cursor: ChangeCursor,
) -> Result<Change<R>> {
    let row = decode_row::<R>(&mut Replayed::new(columns))?;
    let kind = kind_of(row.deleted, row.version);
    let txid = row.txid.unwrap_or_default();
    Ok(Change { kind, record: row.record, version: row.version, txid, owner: row.owner, cursor })
}

/// Returns what happened to a row.
fn kind_of(deleted: Option<i64>, version: Option<i64>) -> ChangeKind {
    match (deleted, version) {
        (Some(_), _) => ChangeKind::Deleted,
        (None, Some(1)) => ChangeKind::Inserted,
        (None, _) => ChangeKind::Updated,
    }
}
