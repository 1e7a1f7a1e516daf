//! Tables without a key, and references from and to them.

use kontract::prelude::*;

/// A table with a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Site {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A text.
    pub name: String,
}

/// Without a key; refers to a table with one.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", keyless)]
pub struct Click {
    /// The site; the clicks are deleted with it.
    #[index]
    #[references(Site, on_delete = "cascade")]
    pub site: i64,
    /// The database makes it.
    #[default(sql = "1")]
    pub weight: i64,
}

/// Without a key; others refer to its unique field.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", keyless)]
pub struct Badge {
    /// Unique.
    #[unique]
    pub code: String,
}

/// Refers to a table without a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Holder {
    /// The key.
    #[primkey]
    pub id: i64,
    /// The badge.
    #[index]
    #[references(Badge, field = "code")]
    pub badge: String,
}
