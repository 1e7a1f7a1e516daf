//! The steps of a migration for each database, as the lock file has them.

use serde::{Deserialize, Serialize};

use super::Step;
use crate::change::ChangeId;
use crate::model::Dialect;
use crate::serde::is_default;
use crate::sqltext::words;

/// The steps for each database. In lock files of format 1, `T` is the text of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scripts<T = Step> {
    /// For PostgreSQL.
    pub postgres: Script<T>,
    /// For SQLite.
    pub sqlite: Script<T>,
}

/// The steps of a migration on one database.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound(deserialize = "T: Deserialize<'de>"))]
pub struct Script<T = Step> {
    /// Whether it rebuilds a SQLite table: foreign keys must then be off before the transaction
    /// begins, and are checked before it commits.
    #[serde(default, skip_serializing_if = "is_default")]
    pub rebuild: bool,
    /// The steps forward.
    pub up: Vec<T>,
    /// The steps of the reverse direction; `None` if the migration cannot be reversed. It is a list of
    /// its own, because a step forward need not have exactly one reverse step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Vec<T>>,
    /// Queries for rows that violate a change; the migration starts only if they return nothing. A
    /// manual migration has none if its statements may correct the rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
    /// Queries that return a row if the reverse direction would lose data.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub loses: Vec<String>,
}

/// A query for rows that violate a change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Obstacle {
    /// The change, `users.users_email_key:index_added`.
    pub change: ChangeId,
    /// A query that returns the keys of these rows as text.
    pub rows: String,
}

impl<T> Scripts<T> {
    /// Returns the steps that a function has for each database.
    pub fn for_each(mut script: impl FnMut(Dialect) -> Script<T>) -> Scripts<T> {
        Scripts { postgres: script(Dialect::Postgres), sqlite: script(Dialect::Sqlite) }
    }

    /// Returns the steps for a database.
    pub fn for_dialect(&self, dialect: Dialect) -> &Script<T> {
        dialect.choose(&self.postgres, &self.sqlite)
    }
}

impl Script {
    /// Whether a statement forward has the same tokens.
    pub fn has_statement(&self, dialect: Dialect, sql: &str) -> bool {
        let texts = |sql: &'_ str| -> Vec<String> {
            words(dialect, sql).iter().map(|token| token.text.to_owned()).collect()
        };
        let sought = texts(sql);
        self.up.iter().any(|step| texts(&step.sql) == sought)
    }
}

impl<T> Script<T> {
    /// Returns the script with other steps, which a function makes of the steps of each direction.
    pub(crate) fn map<U>(&self, mut steps: impl FnMut(&[T], bool) -> Vec<U>) -> Script<U> {
        let up = steps(&self.up, true);
        Script {
            rebuild: self.rebuild,
            up,
            down: self.down.as_deref().map(|down| steps(down, false)),
            obstacles: self.obstacles.clone(),
            loses: self.loses.clone(),
        }
    }
}
