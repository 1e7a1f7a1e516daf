//! The steps of a migration for each database, as the lock file has them.

use serde::{Deserialize, Serialize};

use super::Step;
use crate::model::Dialect;
use crate::serde::is_default;

/// The steps for each database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scripts {
    /// For PostgreSQL.
    pub postgres: Script,
    /// For SQLite.
    pub sqlite: Script,
}

/// The steps of a migration on one database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Rebuilds a SQLite table: foreign keys have to be off from before the transaction, and are
    /// checked as a whole before it commits.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rebuild: bool,
    /// Forward.
    pub up: Vec<Step>,
    /// Back; absent where there is no way back. A list of its own: a step forward need not have one
    /// step back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Vec<Step>>,
    /// What has to be empty before it begins: rows that stand against a change. Where a manual
    /// migration covers the change, it mends them itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
    /// Queries that give a row where the way back would lose data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loses: Vec<String>,
}

/// Rows that would stand against a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obstacle {
    /// The change, `users.users_email_key:index_added`.
    pub change: String,
    /// A query for their keys, as text.
    pub rows: String,
}

impl Scripts {
    /// The statements for one dialect.
    pub fn of(&self, dialect: Dialect) -> &Script {
        match dialect {
            Dialect::Postgres => &self.postgres,
            Dialect::Sqlite => &self.sqlite,
        }
    }
}
