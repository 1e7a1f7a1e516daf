//! A row with its bookkeeping.

use crate::error::Result;
use crate::sql::record::Record;
use crate::value::row::{Reader, field};

/// A row with its bookkeeping columns. Columns that the table does not have are `None`; a
/// table with the document layout has all of them.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Row<R> {
    /// The row itself.
    pub record: R,
    /// 1 at insert, one more at each change.
    pub version: Option<i64>,
    /// The transaction that changed it last.
    pub txid: Option<i64>,
    /// To whom it belongs; `system` where the program itself wrote it.
    pub owner: Option<String>,
    /// Its place in `push`, `pop` and `shift`.
    pub order: Option<i64>,
    /// The transaction that deleted it.
    pub deleted: Option<i64>,
}

impl<R> Row<R> {
    /// Whether it is deleted.
    pub fn is_deleted(&self) -> bool {
        self.deleted.is_some()
    }
}

/// Reads a record and its bookkeeping.
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
    })
}
