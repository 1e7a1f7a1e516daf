//! Tables with `Email`.

use kontract::prelude::*;

use crate::types::Email;

/// The type of the values.
pub type Of = Email;

/// The values in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "email_rows")]
pub struct Row {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Email,
    /// A value or NULL.
    pub maybe: Option<Email>,
}

/// The values in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(name = "email_papers")]
pub struct Paper {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Email,
    /// A value or none.
    pub maybe: Option<Email>,
}

/// The values in lists.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "email_lists")]
pub struct Listed {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A list.
    pub list: Vec<Email>,
}

/// A value as the key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "email_keys")]
pub struct ByKey {
    /// The key.
    #[primkey]
    pub key: Email,
    /// A number.
    pub number: i64,
}

/// A row that refers to a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "email_children")]
pub struct Child {
    /// The key.
    #[primkey]
    pub id: i64,
    /// The key of another row.
    pub parent: Email,
}
