//! Tables with `UserId`.

use kontract::prelude::*;

use crate::types::UserId;

/// The type of the values.
pub type Of = UserId;

/// The values in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "user_id_rows")]
pub struct Row {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: UserId,
    /// A value or NULL.
    pub maybe: Option<UserId>,
}

/// The values in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(name = "user_id_papers")]
pub struct Paper {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: UserId,
    /// A value or none.
    pub maybe: Option<UserId>,
}

/// The values in lists.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "user_id_lists")]
pub struct Listed {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A list.
    pub list: Vec<UserId>,
}

/// A value as the key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "user_id_keys")]
pub struct ByKey {
    /// The key.
    #[primkey]
    pub key: UserId,
    /// A number.
    pub number: i64,
}

/// A row that refers to a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "user_id_children")]
pub struct Child {
    /// The key.
    #[primkey]
    pub id: i64,
    /// The key of another row.
    pub parent: UserId,
}
