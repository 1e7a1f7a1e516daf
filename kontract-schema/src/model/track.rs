//! Bookkeeping columns.

use serde::{Deserialize, Serialize};

use crate::serde::is_default;

/// A bookkeeping column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tracked {
    /// `_version`.
    Version,
    /// `_txid`.
    Txid,
    /// `_owner`.
    Owner,
    /// `_deleted_txid`.
    DeletedTxid,
    /// `_deleted_at`.
    DeletedAt,
    /// `_order`.
    Order,
}

impl Tracked {
    /// All bookkeeping columns, in their order in the table.
    pub const ALL: [Tracked; 6] = [
        Tracked::Version,
        Tracked::Txid,
        Tracked::Owner,
        Tracked::DeletedTxid,
        Tracked::DeletedAt,
        Tracked::Order,
    ];

    /// Returns the name of the column.
    pub fn name(self) -> &'static str {
        match self {
            Tracked::Version => "_version",
            Tracked::Txid => "_txid",
            Tracked::Owner => "_owner",
            Tracked::DeletedTxid => "_deleted_txid",
            Tracked::DeletedAt => "_deleted_at",
            Tracked::Order => "_order",
        }
    }
}

/// Which bookkeeping columns a table has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Track {
    /// `_version`: 1 at insert, one more at each change.
    #[serde(skip_serializing_if = "is_default")]
    pub version: bool,
    /// `_txid`: the transaction that changed the row last.
    #[serde(skip_serializing_if = "is_default")]
    pub txid: bool,
    /// `_owner`: the owner of the row.
    #[serde(skip_serializing_if = "is_default")]
    pub owner: bool,
    /// `_deleted_txid`: the transaction that deleted the row; NULL for a live row.
    #[serde(skip_serializing_if = "is_default")]
    pub soft_delete: bool,
    /// `_deleted_at`: when the row was deleted, in milliseconds since 1970; NULL for a live row.
    #[serde(skip_serializing_if = "is_default")]
    pub deleted_at: bool,
    /// `_order`: the position of the row in `push`, `pop` and `shift`.
    #[serde(skip_serializing_if = "is_default")]
    pub order: bool,
}

impl Track {
    /// The columns that every document table has.
    pub const DOCUMENT: Track = Track {
        version: true,
        txid: true,
        owner: true,
        soft_delete: true,
        deleted_at: false,
        order: true,
    };

    /// Whether the table has a column.
    pub fn has(self, column: Tracked) -> bool {
        match column {
            Tracked::Version => self.version,
            Tracked::Txid => self.txid,
            Tracked::Owner => self.owner,
            Tracked::DeletedTxid => self.soft_delete,
            Tracked::DeletedAt => self.deleted_at,
            Tracked::Order => self.order,
        }
    }

    /// Adds or removes a column.
    pub fn set(&mut self, column: Tracked, is_tracked: bool) {
        let flag = match column {
            Tracked::Version => &mut self.version,
            Tracked::Txid => &mut self.txid,
            Tracked::Owner => &mut self.owner,
            Tracked::DeletedTxid => &mut self.soft_delete,
            Tracked::DeletedAt => &mut self.deleted_at,
            Tracked::Order => &mut self.order,
        };
        *flag = is_tracked;
    }
}
