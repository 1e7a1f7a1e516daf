//! Tables with `Cents`.

use kontract::prelude::*;

use crate::types::Cents;

/// The type of the values.
pub type Of = Cents;

/// The values in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "cents_rows")]
pub struct Row {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Cents,
    /// A value or NULL.
    pub maybe: Option<Cents>,
}

/// The values in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(name = "cents_papers")]
pub struct Paper {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Cents,
    /// A value or none.
    pub maybe: Option<Cents>,
}

/// The values in lists.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "cents_lists")]
pub struct Listed {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A list.
    pub list: Vec<Cents>,
}

/// A value as the key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "cents_keys")]
pub struct ByKey {
    /// The key.
    #[primkey]
    pub key: Cents,
    /// A number.
    pub number: i64,
}

/// A row that refers to a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "cents_children")]
pub struct Child {
    /// The key.
    #[primkey]
    pub id: i64,
    /// The key of another row.
    pub parent: Cents,
}
