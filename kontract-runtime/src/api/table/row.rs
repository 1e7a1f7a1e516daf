//! A row with its bookkeeping columns.

use crate::error::Result;
use crate::sql::record::Record;
use crate::value::row::{Reader, field};
use crate::value::types::Timestamp;

/// A row with its bookkeeping columns. A column that the table does not have reads as `None`; a
/// table with the document layout has all of them but `deleted_at`.
///
/// ```
/// # use kontract_doc_tables::*; queue_example(async |jobs| {
/// jobs.push(Job { id: 1, name: "mail".into() }).await?;
/// let row = jobs.get_row(1).await?.unwrap();
/// assert_eq!((row.record.name.as_str(), row.version), ("mail", Some(1)));
/// assert!(!row.is_deleted());
/// # Ok(()) })
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row<R> {
    /// The record.
    pub record: R,
    /// The version: 1 at insert, incremented by each change.
    pub version: Option<i64>,
    /// The id of the transaction that changed the row last.
    pub txid: Option<i64>,
    /// The owner of the row; `system` if the program itself wrote it.
    pub owner: Option<String>,
    /// The place of the row in the queue, for `push`, `pop` and `shift`.
    pub order: Option<i64>,
    /// The id of the transaction that deleted the row.
    pub deleted: Option<i64>,
    /// When the row was deleted; only with `#[table(deleted_at)]`.
    pub deleted_at: Option<Timestamp>,
}

impl<R> Row<R> {
    /// Returns whether the row is deleted (soft delete).
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.delete(1).await?;
    /// assert!(jobs.list().with_deleted().rows().await?[0].is_deleted());
    /// # Ok(()) })
    /// ```
    pub fn is_deleted(&self) -> bool {
        self.deleted.is_some()
    }
}

/// Reads a record and its bookkeeping columns.
pub(crate) fn decode_row<R: Record>(from: &mut dyn Reader) -> Result<Row<R>> {
    let track = R::meta().track();
    let number = |from: &mut dyn Reader, there: bool| {
        if there { field::<Option<i64>>(from) } else { Ok(None) }
    };
    Ok(Row {
        record: R::decode(from)?,
        version: number(from, track.version)?,
        txid: number(from, track.txid)?,
        owner: if track.owner { field(from)? } else { None },
        order: number(from, track.order)?,
        deleted: number(from, track.soft_delete)?,
        deleted_at: number(from, track.deleted_at)?.map(Timestamp::from_millis),
    })
}
