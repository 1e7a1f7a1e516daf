//! Tables with `Host`.

use kontract::prelude::*;

use crate::types::Host;

/// The type of the values.
pub type Of = Host;

/// The values in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "host_rows")]
pub struct Row {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Host,
    /// A value or NULL.
    pub maybe: Option<Host>,
}

/// The values in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(name = "host_papers")]
pub struct Paper {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Host,
    /// A value or none.
    pub maybe: Option<Host>,
}

/// The values in lists.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "host_lists")]
pub struct Listed {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A list.
    pub list: Vec<Host>,
}

/// A value as the key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "host_keys")]
pub struct ByKey {
    /// The key.
    #[primkey]
    pub key: Host,
    /// A number.
    pub number: i64,
}

/// A row that refers to a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "host_children")]
pub struct Child {
    /// The key.
    #[primkey]
    pub id: i64,
    /// The key of another row.
    pub parent: Host,
}
