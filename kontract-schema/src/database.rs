//! The databases that a schema is for.

use serde::{Deserialize, Serialize};

/// A database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// PostgreSQL 14 and later.
    Postgres,
    /// SQLite 3.38 and later.
    Sqlite,
}

impl Dialect {
    /// Both databases, in the order in which all lists have them.
    pub const ALL: [Dialect; 2] = [Dialect::Postgres, Dialect::Sqlite];

    /// Returns the value for this database, for what is data of both.
    ///
    /// ```
    /// # use kontract_schema::dialect::Dialect;
    /// assert_eq!(Dialect::Sqlite.choose("bigint", "integer"), "integer");
    /// ```
    pub const fn choose<T: Copy>(self, postgres: T, sqlite: T) -> T {
        match self {
            Dialect::Postgres => postgres,
            Dialect::Sqlite => sqlite,
        }
    }

    /// Returns `postgres` or `sqlite`, as in the lock file and in migration files.
    pub fn name(self) -> &'static str {
        self.choose("postgres", "sqlite")
    }
}
