//! Tables with `Tags`.

use kontract::prelude::*;

use crate::types::Tags;

/// The type of the values.
pub type Of = Tags;

/// The values in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "tags_rows")]
pub struct Row {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Tags,
    /// A value or NULL.
    pub maybe: Option<Tags>,
}

/// The values in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(name = "tags_papers")]
pub struct Paper {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Tags,
    /// A value or none.
    pub maybe: Option<Tags>,
}
