//! The changes of all tables of a storage.

use std::future::IntoFuture;
use std::sync::Arc;

use super::read::{RawChange, RawChanges, read_changes};
use super::{
    Change, ChangeCursor, ChangeKind, Changes, HasCursor, LIMIT, Subscription, decode_change,
    kind_of,
};
use crate::api::access::Access;
use crate::api::operation::{Answer, Operation, Running};
use crate::api::transaction::Connection;
use crate::error::Result;
use crate::sql::meta::Meta;
use crate::sql::record::Record;
use crate::value::datum::Datum;
use crate::value::row::{Replayed, field};

/// A changed row of any table: `storage.changes(cursor)`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AnyChange {
    /// The logical name of its table.
    pub table: &'static str,
    /// What happened.
    pub kind: ChangeKind,
    /// Its version, if the table has versions.
    pub version: Option<i64>,
    /// The number of the transaction that changed it.
    pub txid: i64,
    /// Its owner, if rows of the table have owners.
    pub owner: Option<String>,
    /// The position behind this change.
    pub cursor: ChangeCursor,
    columns: Vec<Datum<'static>>,
}

impl AnyChange {
    /// Returns the change with its record, if it is a row of the table of `R`.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) if the row does not fit the struct.
    pub fn change_of<R: Record>(&self) -> Result<Option<Change<R>>> {
        if self.table != R::NAME {
            return Ok(None);
        }
        decode_change(self.columns.clone(), self.cursor.clone()).map(Some)
    }

    /// Reads the bookkeeping of a changed row.
    fn read(meta: &'static Meta, raw: RawChange) -> Result<AnyChange> {
        let track = meta.track();
        let bookkeeping = raw.columns[meta.outputs().0.len()..].to_vec();
        let from = &mut Replayed::new(bookkeeping);
        let version = if track.version { field(from)? } else { None };
        let txid = if track.txid { field(from)? } else { 0 };
        let owner = if track.owner { field(from)? } else { None };
        if track.order {
            field::<Option<i64>>(from)?;
        }
        let deleted: Option<i64> = if track.soft_delete { field(from)? } else { None };
        let (kind, cursor) = (kind_of(deleted, version), raw.cursor);
        let (table, columns) = (meta.name(), raw.columns);
        Ok(AnyChange { table, kind, version, txid, owner, cursor, columns })
    }
}

impl HasCursor for AnyChange {
    fn cursor(&self) -> &ChangeCursor {
        &self.cursor
    }
}

/// A reading of the changes of all tables: `storage.changes(cursor)`. Awaiting it returns them.
#[must_use = "a reading does nothing until it is awaited"]
pub struct ReadAllChanges {
    access: Arc<Access>,
    tables: Arc<[&'static Meta]>,
    after: ChangeCursor,
    limit: usize,
}

/// Returns a reading of the changes of those tables that store them.
pub fn changes_of<S: Connection>(
    storage: &S,
    tables: &[fn() -> &'static Meta],
    after: ChangeCursor,
) -> ReadAllChanges {
    let mut tables: Vec<&'static Meta> = tables.iter().map(|meta| meta()).collect();
    tables.retain(|meta| meta.has_changes());
    tables.sort_by_key(|meta| meta.table.path());
    let access = Arc::new(storage.access().clone());
    ReadAllChanges { access, tables: tables.into(), after, limit: LIMIT }
}

impl ReadAllChanges {
    /// Sets how many changes are returned at most.
    pub fn limit(mut self, changes: usize) -> Self {
        self.limit = changes;
        self
    }

    /// Returns the changes as a stream, which waits for new ones.
    pub fn subscribe(self) -> Subscription<AnyChange> {
        let ReadAllChanges { access, tables, after, limit } = self;
        Subscription::new(after, move |after| {
            let (access, tables) = (Arc::clone(&access), Arc::clone(&tables));
            ReadAllChanges { access, tables, after, limit }.into_future()
        })
    }
}

impl IntoFuture for ReadAllChanges {
    type Output = Result<Changes<AnyChange>>;
    type IntoFuture = Operation<Changes<AnyChange>>;

    fn into_future(self) -> Self::IntoFuture {
        let ReadAllChanges { access, tables, after, limit } = self;
        let running = Running::new(async move {
            let read = read_changes(&access, &tables, after, limit).await;
            let RawChanges { changes, next, has_more } =
                read.map_err(|error| error.doing("changes of all tables"))?;
            let read = |raw: RawChange| AnyChange::read(tables[raw.table], raw);
            let changes = changes.into_iter().map(read).collect::<Result<_>>()?;
            let changes = Changes { changes, next, has_more };
            Ok(Answer { kept: Some(Box::new(changes)), ..Answer::default() })
        });
        Operation::new(running, Answer::into_kept::<Changes<AnyChange>>)
    }
}
