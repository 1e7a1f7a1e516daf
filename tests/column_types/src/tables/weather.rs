//! Tables with `Weather`.

use kontract::prelude::*;

use crate::types::Weather;

/// The type of the values.
pub type Of = Weather;

/// The values in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "weather_rows")]
pub struct Row {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Weather,
    /// A value or NULL.
    pub maybe: Option<Weather>,
}

/// The values in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(name = "weather_papers")]
pub struct Paper {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A value.
    pub value: Weather,
    /// A value or none.
    pub maybe: Option<Weather>,
}

/// The values in lists.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "weather_lists")]
pub struct Listed {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A list.
    pub list: Vec<Weather>,
}

/// A value as the key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "weather_keys")]
pub struct ByKey {
    /// The key.
    #[primkey]
    pub key: Weather,
    /// A number.
    pub number: i64,
}

/// A row that refers to a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", name = "weather_children")]
pub struct Child {
    /// The key.
    #[primkey]
    pub id: i64,
    /// The key of another row.
    pub parent: Weather,
}
