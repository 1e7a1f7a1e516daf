//! When constraints are checked.

use serde::{Deserialize, Serialize};

/// Whether a transaction may violate a constraint until it commits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deferrable {
    /// The constraint is checked by each statement.
    #[default]
    Never,
    /// The constraint is checked by each statement, unless the transaction defers it:
    /// `SET CONSTRAINTS … DEFERRED` of PostgreSQL, `PRAGMA defer_foreign_keys` of SQLite.
    Immediate,
    /// The constraint is checked at the end of the transaction.
    Deferred,
}

impl Deferrable {
    /// Returns its SQL behind a constraint, with a space before it; empty for [`Deferrable::Never`].
    pub fn sql(self) -> &'static str {
        match self {
            Deferrable::Never => "",
            Deferrable::Immediate => " DEFERRABLE",
            Deferrable::Deferred => " DEFERRABLE INITIALLY DEFERRED",
        }
    }

    /// Returns the value for what a catalogue has of a constraint.
    pub fn from_flags(deferrable: bool, deferred: bool) -> Deferrable {
        match (deferrable, deferred) {
            (false, _) => Deferrable::Never,
            (true, false) => Deferrable::Immediate,
            (true, true) => Deferrable::Deferred,
        }
    }

    /// Returns its word in attributes, if it has one: `deferred`.
    pub fn keyword(self) -> Option<&'static str> {
        match self {
            Deferrable::Never => None,
            Deferrable::Immediate => Some("immediate"),
            Deferrable::Deferred => Some("deferred"),
        }
    }
}
