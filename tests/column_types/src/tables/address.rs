//! Tables with `Address`.

use kontract::prelude::*;

use crate::types::Address;

/// The type of the values.
pub type Of = Address;

/// The values in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "address_rows")]
pub struct Row {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Address,
    /// A value or NULL.
    pub maybe: Option<Address>,
}

/// The values in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(name = "address_papers")]
pub struct Paper {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Address,
    /// A value or none.
    pub maybe: Option<Address>,
}

/// The values in lists.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "address_lists")]
pub struct Listed {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A list.
    pub list: Vec<Address>,
}
