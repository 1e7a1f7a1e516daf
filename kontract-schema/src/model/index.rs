//! Indexes.

use serde::{Deserialize, Serialize};

use super::Sql;
use crate::serde::is_default;

/// An index or unique index.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The indexed fields, in index order; empty if [`Index::on`] is set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// The fields in descending order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descending: Vec<String>,
    /// Indexed expressions in place of fields: the text in the parentheses of `CREATE INDEX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Sql>,
    /// B-tree, ordered by value: for equality and ranges.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unique: bool,
    /// The index method.
    #[serde(default, skip_serializing_if = "is_default")]
    pub method: Method,
    /// The condition of a partial index; `None` for all rows.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Sql>,
}

/// An index method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Ordered: finds a value and ranges of values.
    #[default]
    Btree,
    /// Inverted: finds the lists and documents that contain an element. PostgreSQL only: no index is
    /// created on SQLite.
    Gin,
}

impl Index {
    /// Whether it is a B-tree on fields with all rows. Only such an index can be the target of a
    /// foreign key, and finds all rows with some values.
    pub fn is_plain(&self) -> bool {
        self.on.is_none() && self.condition.is_none() && self.method == Method::Btree
    }

    /// Returns the SQL texts of the user in the index.
    pub fn texts(&self) -> impl Iterator<Item = &Sql> {
        self.on.iter().chain(&self.condition)
    }
}

impl Method {
    /// Returns its name in the source and in PostgreSQL's `USING`.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Btree => "btree",
            Method::Gin => "gin",
        }
    }
}
