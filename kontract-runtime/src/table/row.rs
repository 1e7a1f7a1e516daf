//! A row with its bookkeeping.

/// A row, and what the table keeps about it. What the table does not keep is `None`; a table with
/// the document layout keeps everything.
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
