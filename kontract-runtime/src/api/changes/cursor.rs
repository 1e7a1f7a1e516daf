//! The position of a reader in the changes.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::error::{Error, Kind, Result};
use crate::sql::feed::FeedState;

/// A position in the changes of a database: all changes before it have been read.
///
/// It is an opaque text (`Display`, `FromStr`, serde), to be kept beside what was made of the changes. It names
/// the database and its counter of transactions, so a restored database is noticed: [`Kind::Resync`].
///
/// ```
/// # use kontract_doc_tables::*; queue_example(async |jobs| {
/// let read = jobs.changes(ChangeCursor::start()).await?;
/// let kept = read.next.to_string();
/// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
/// let cursor: ChangeCursor = kept.parse()?;
/// assert_eq!(jobs.changes(cursor).await?.changes[0].record.name, "mail");
/// # Ok(()) })
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ChangeCursor(pub(super) Option<Position>);

/// A position in a database.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct Position {
    #[serde(rename = "e")]
    pub(super) epoch: String,
    /// Rows that were deleted before this transaction are not changes: the reader has never seen them.
    #[serde(rename = "s")]
    pub(super) start: i64,
    /// Whether it is among the rows of another database, which are read first.
    #[serde(rename = "r", default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) restored: bool,
    #[serde(rename = "t")]
    pub(super) txid: i64,
    /// The last row that was read of the transaction; `None` if all were.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(super) row: Option<RowPosition>,
}

/// A row: the physical name of its table, and its key as texts.
pub(super) type RowPosition = (String, Vec<Option<String>>);

impl ChangeCursor {
    /// Returns the position before all rows: the first reading returns every row that exists.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// assert_eq!(jobs.changes(ChangeCursor::start()).await?.changes.len(), 1);
    /// # Ok(()) })
    /// ```
    pub fn start() -> ChangeCursor {
        ChangeCursor(None)
    }

    /// Returns the transaction up to which all changes have been read.
    pub(super) fn read_up_to(&self) -> i64 {
        match &self.0 {
            Some(at) if !at.restored => at.txid - i64::from(at.row.is_some()),
            _ => -1,
        }
    }

    /// Returns the position in a database with that state.
    ///
    /// # Errors
    /// [`Kind::Resync`].
    pub(super) fn position(self, state: &FeedState) -> Result<Position> {
        let Some(position) = self.0 else {
            return Ok(Position {
                epoch: state.epoch.clone(),
                start: state.horizon,
                restored: true,
                txid: -1,
                row: None,
            });
        };
        let is_ahead = !position.restored && position.txid >= state.next && !state.is_replica;
        if position.epoch != state.epoch || is_ahead {
            let what =
                "the cursor is from another state of the database, which was restored or replaced";
            let help = "discard what was derived from the rows, and read all of them: `ChangeCursor::start()`";
            return Err(Error::new(Kind::Resync, what).with_help(help));
        }
        Ok(position)
    }
}

impl fmt::Display for ChangeCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("start"),
            Some(position) => {
                let json = serde_json::to_string(position).map_err(|_| fmt::Error)?;
                f.write_str(&BASE64.encode(json))
            }
        }
    }
}

impl FromStr for ChangeCursor {
    type Err = Error;

    fn from_str(text: &str) -> Result<ChangeCursor> {
        if text == "start" {
            return Ok(ChangeCursor::start());
        }
        let json = BASE64.decode(text).map_err(|_| damaged())?;
        Ok(ChangeCursor(Some(serde_json::from_slice(&json).map_err(|_| damaged())?)))
    }
}

impl Serialize for ChangeCursor {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ChangeCursor {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<ChangeCursor, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| de::Error::custom("not a cursor of changes"))
    }
}

/// The error of a text that is not a cursor.
pub(super) fn damaged() -> Error {
    Error::value("the cursor of changes is damaged")
        .with_help("give back the text of `next`; `ChangeCursor::start()` begins with all rows")
}
