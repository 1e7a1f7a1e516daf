//! Reads changes, independent of the types of the tables.

use std::sync::Arc;

use super::cursor::{ChangeCursor, Position, damaged};
use crate::api::access::Access;
use crate::driver::row_sink::{RowSink, Sink};
use crate::error::Result;
use crate::sql::feed::FeedState;
use crate::sql::lower::keyset;
use crate::sql::meta::Meta;
use crate::sql::table_statements::{After, Build, ChangedRows};
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader};

/// A changed row.
pub(super) struct RawChange {
    /// The place of its table among those that were read.
    pub(super) table: usize,
    /// Its columns: those of a record, then the bookkeeping.
    pub(super) columns: Vec<Datum<'static>>,
    /// The position behind it.
    pub(super) cursor: ChangeCursor,
}

/// Changes, and where the next ones begin.
pub(super) struct RawChanges {
    pub(super) changes: Vec<RawChange>,
    pub(super) next: ChangeCursor,
    pub(super) has_more: bool,
}

/// A row as it is found, with what it is ordered by.
struct Found {
    txid: i64,
    table: usize,
    columns: Vec<Datum<'static>>,
    key: Vec<Option<String>>,
}

/// Reads changes of those tables, in the order of their physical names.
pub(super) async fn read_changes(
    access: &Access,
    tables: &[&'static Meta],
    after: ChangeCursor,
    limit: usize,
) -> Result<RawChanges> {
    let state = FeedState::read(&access.backend).await?;
    let reading = Reading { access, tables, state };
    let mut at = after.position(&reading.state)?;
    let mut changes = Vec::new();
    if at.restored {
        let more = reading.read_restored(&at, limit, &mut changes).await?;
        if let Some(next) = more {
            return Ok(RawChanges { changes, next: ChangeCursor(Some(next)), has_more: true });
        }
        at = Position { restored: false, txid: -1, row: None, ..at };
    }
    let rest = limit - changes.len();
    let (found, has_more) = reading.find(&at, rest).await?;
    changes.extend(found.into_iter().map(|found| reading.change(&at, found)));
    let next = match changes.last() {
        Some(last) if has_more => last.cursor.clone(),
        _ if has_more => ChangeCursor(Some(at)),
        _ => {
            let txid = at.txid.max(reading.state.horizon - 1);
            ChangeCursor(Some(Position { txid, row: None, ..at }))
        }
    };
    Ok(RawChanges { changes, next, has_more })
}

/// A reading of changes in a state of the database.
struct Reading<'a> {
    access: &'a Access,
    tables: &'a [&'static Meta],
    state: FeedState,
}

impl Reading<'_> {
    /// Reads rows that come from another database: their transactions have numbers that this database has
    /// not reached. Returns where the next ones begin, if there may be more.
    async fn read_restored(
        &self,
        at: &Position,
        limit: usize,
        changes: &mut Vec<RawChange>,
    ) -> Result<Option<Position>> {
        let (found, has_more) = self.find(at, limit).await?;
        if found.is_empty() {
            return Ok(None);
        }
        // Transactions that ended since the state was read look the same, and are read in their turn.
        let next = FeedState::read(&self.access.backend).await?.next;
        let last = found.last().map(|last| self.position_of(at, last));
        let restored = found.into_iter().filter(|found| found.txid >= next);
        changes.extend(restored.map(|found| self.change(at, found)));
        Ok(last.filter(|_| has_more))
    }

    /// Finds rows behind a position, and whether there are more.
    async fn find(&self, at: &Position, limit: usize) -> Result<(Vec<Found>, bool)> {
        let mut found = Vec::new();
        for (place, meta) in self.tables.iter().enumerate() {
            self.find_in(at, place, meta, limit.saturating_add(1), &mut found).await?;
        }
        // The rows of a table are in the order of their keys, which only the database knows.
        found.sort_by_key(|found| (found.txid, found.table));
        let has_more = found.len() > limit;
        found.truncate(limit);
        Ok((found, has_more))
    }

    async fn find_in(
        &self,
        at: &Position,
        table: usize,
        meta: &'static Meta,
        limit: usize,
        found: &mut Vec<Found>,
    ) -> Result<()> {
        let path = meta.table.path();
        let (after, key) = match &at.row {
            None => (After::Transaction, None),
            Some((last, key)) if *last == path => (After::Key, Some(key)),
            Some((last, _)) if path < *last => (After::Transaction, None),
            Some(_) => (After::Before, None),
        };
        let skips_deleted = at.restored || at.txid < at.start;
        let rows = ChangedRows { after, is_restored: at.restored, skips_deleted, limit };
        let (dialect, owner) = (self.access.backend.dialect(), self.access.owner.clone());
        let sql = Arc::new(Build { meta, dialect, owner }.changes(rows));
        let bound = if at.restored { self.state.next } else { self.state.horizon };
        let start = if at.restored { i64::MAX } else { at.start };
        let mut values = vec![Datum::I64(at.txid), Datum::I64(bound)];
        values.extend(skips_deleted.then_some(Datum::I64(start)));
        if let Some(key) = key {
            values.extend(parse_key(meta, key)?);
        }
        values.extend(self.access.owner_values(&sql));
        let bind =
            |to: &mut dyn Binder| values.iter().try_for_each(|value| to.bind(value.borrowed()));
        let mut sink: Sink = Box::new(RawRows { columns: sql.outputs.len(), rows: Vec::new() });
        self.access.backend.run_into(&sql, &bind, &mut sink).await?;
        let sink: Box<dyn std::any::Any> = sink;
        let rows = sink.downcast::<RawRows>().map(|sink| sink.rows).unwrap_or_default();
        for mut columns in rows {
            let key = columns.split_off(columns.len().saturating_sub(meta.key.len()));
            let key = key.iter().map(keyset::write).collect::<Result<_>>()?;
            let txid = txid_of(meta, &columns);
            found.push(Found { txid, table, columns, key });
        }
        Ok(())
    }

    fn position_of(&self, at: &Position, found: &Found) -> Position {
        let row = (self.tables[found.table].table.path(), found.key.clone());
        Position { txid: found.txid, row: Some(row), ..at.clone() }
    }

    fn change(&self, at: &Position, found: Found) -> RawChange {
        let cursor = ChangeCursor(Some(self.position_of(at, &found)));
        RawChange { table: found.table, columns: found.columns, cursor }
    }
}

/// Returns the transaction of a row.
fn txid_of(meta: &Meta, columns: &[Datum<'static>]) -> i64 {
    let place = meta.outputs().0.len() + usize::from(meta.track().version);
    match columns.get(place) {
        Some(Datum::I64(txid)) => *txid,
        _ => 0,
    }
}

/// Reads the key of a cursor.
fn parse_key(meta: &Meta, key: &[Option<String>]) -> Result<Vec<Datum<'static>>> {
    let wires = meta.key_wires();
    if wires.len() != key.len() {
        return Err(damaged());
    }
    let parse = |(text, scalar): (&Option<String>, _)| {
        text.as_ref().and_then(|text| keyset::parse_datum(text, scalar)).ok_or_else(damaged)
    };
    key.iter().zip(wires.into_iter().map(|wire| wire.scalar)).map(parse).collect()
}

/// Rows as their columns.
struct RawRows {
    columns: usize,
    rows: Vec<Vec<Datum<'static>>>,
}

impl RowSink for RawRows {
    fn read(&mut self, from: &mut dyn Reader) -> Result<()> {
        let columns = (0..self.columns).map(|_| from.read().map(Datum::into_owned));
        self.rows.push(columns.collect::<Result<_>>()?);
        Ok(())
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn clear(&mut self) {
        self.rows.clear();
    }
}
