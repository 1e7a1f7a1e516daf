//! Indexes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Deferrable, Sql};
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
    /// The operator classes of fields that do not have the default one, by field. PostgreSQL only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub opclass: BTreeMap<String, String>,
    /// Indexed expressions in place of fields: the text in the parentheses of `CREATE INDEX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Sql>,
    /// Fields that are stored in the index, so that queries need not read the rows. PostgreSQL only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Whether two rows may not have the same values.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unique: bool,
    /// For a unique index: whether rows with NULL count as rows with the same value.
    #[serde(default, skip_serializing_if = "is_default")]
    pub nulls_not_distinct: bool,
    /// For a unique index: when it is checked. SQLite checks it in each statement.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deferrable: Deferrable,
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
    /// Search tree: for ranges, addresses, geometry and texts with an operator class. PostgreSQL only: no
    /// index is created on SQLite.
    Gist,
    /// Partitioned search tree: for prefixes of texts, addresses, ranges. PostgreSQL only: no index is
    /// created on SQLite.
    Spgist,
    /// Summaries of blocks of rows: small, for large tables in the order of the field. An ordinary index
    /// on SQLite.
    Brin,
    /// Hash values: for equality. An ordinary index on SQLite.
    Hash,
}

impl Index {
    /// Whether it is a B-tree on fields with all rows, checked by each statement, in which NULLs are
    /// distinct. Only such an index can be the target of a foreign key, and finds all rows with some
    /// values.
    pub fn is_plain(&self) -> bool {
        self.on.is_none()
            && self.condition.is_none()
            && self.method == Method::Btree
            && !self.nulls_not_distinct
            && self.deferrable == Deferrable::Never
    }

    /// Returns the SQL texts of the user in the index.
    pub fn texts(&self) -> impl Iterator<Item = &Sql> {
        self.on.iter().chain(&self.condition)
    }
}

impl Method {
    /// All methods.
    pub const ALL: [Method; 6] =
        [Method::Btree, Method::Gin, Method::Gist, Method::Spgist, Method::Brin, Method::Hash];

    /// Returns its name in the source and in PostgreSQL's `USING`.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Btree => "btree",
            Method::Gin => "gin",
            Method::Gist => "gist",
            Method::Spgist => "spgist",
            Method::Brin => "brin",
            Method::Hash => "hash",
        }
    }

    /// Returns the method with this name.
    pub fn find(name: &str) -> Option<Method> {
        Method::ALL.into_iter().find(|method| method.as_str() == name)
    }
}
