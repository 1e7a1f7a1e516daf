//! SQL texts that the user wrote.

use serde::{Deserialize, Serialize};

use super::Dialect;

/// SQL that the user wrote, over the columns of a row. In a table of the document layout it names the
/// keys of the document like columns.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "SqlForm", into = "SqlForm")]
pub struct Sql {
    /// For PostgreSQL.
    pub postgres: String,
    /// For SQLite.
    pub sqlite: String,
}

/// The serialized form: one text if it is the same for both databases.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum SqlForm {
    Both(String),
    Each { postgres: String, sqlite: String },
}

impl From<SqlForm> for Sql {
    fn from(form: SqlForm) -> Sql {
        match form {
            SqlForm::Both(text) => Sql { sqlite: text.clone(), postgres: text },
            SqlForm::Each { postgres, sqlite } => Sql { postgres, sqlite },
        }
    }
}

impl From<Sql> for SqlForm {
    fn from(sql: Sql) -> SqlForm {
        if sql.postgres == sql.sqlite {
            SqlForm::Both(sql.postgres)
        } else {
            SqlForm::Each { postgres: sql.postgres, sqlite: sql.sqlite }
        }
    }
}

impl From<&str> for Sql {
    /// One text for both databases.
    fn from(text: &str) -> Sql {
        Sql { postgres: text.to_owned(), sqlite: text.to_owned() }
    }
}

impl Sql {
    /// Returns the text for a database.
    pub fn for_dialect(&self, dialect: Dialect) -> &str {
        dialect.choose(&self.postgres, &self.sqlite)
    }
}
