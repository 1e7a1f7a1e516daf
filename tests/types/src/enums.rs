//! Enums that are types of PostgreSQL.

use kontract::prelude::*;

/// Ordered as declared, not by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[native]
pub enum Priority {
    /// The least.
    Low,
    /// In between.
    Medium,
    /// The greatest.
    High,
}

/// With a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Enum)]
#[native(name = "ticket_state")]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// New.
    Open,
    /// With a quote in its name.
    #[serde(rename = "in work")]
    InWork,
    /// Old.
    Done,
}

/// A newtype of a native enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Value)]
pub struct Weight(pub Priority);

/// Native enums as columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns")]
pub struct Ticket {
    /// The key.
    #[primkey]
    pub id: i64,
    /// An enum type.
    #[index]
    pub priority: Priority,
    /// An enum type.
    #[default(State::Open)]
    pub state: State,
    /// An enum type.
    pub weight: Option<Weight>,
    /// An array of an enum type.
    pub states: Vec<State>,
    /// An array of an enum type.
    pub weights: Option<Vec<Weight>>,
}

/// In a document it is a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
pub struct Draft {
    /// The key.
    #[primkey]
    pub id: i64,
    /// A text.
    pub priority: Priority,
}
