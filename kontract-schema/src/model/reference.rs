//! Foreign keys.

use serde::{Deserialize, Serialize};

use crate::serde::is_default;

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForeignKey {
    /// The fields of this table.
    pub fields: Vec<String>,
    /// The logical name of the table referred to.
    pub table: String,
    /// The fields referred to: the key of that table, or fields with a unique index.
    pub to: Vec<String>,
    /// What happens when the row referred to is deleted.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_delete: Action,
    /// What happens when its key changes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_update: Action,
}

/// What a foreign key does when the row that it refers to is deleted or changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Refuse at the end of the statement (SQL's NO ACTION).
    #[default]
    NoAction,
    /// Refuse during the statement (SQL's RESTRICT).
    Restrict,
    /// Delete or change the referring rows, too.
    Cascade,
    /// Set the referring fields to NULL.
    SetNull,
    /// Set the referring fields to their defaults.
    SetDefault,
}

impl Action {
    const ALL: [Action; 5] =
        [Action::NoAction, Action::Restrict, Action::Cascade, Action::SetNull, Action::SetDefault];

    /// Its SQL: `SET NULL`.
    pub fn sql(self) -> &'static str {
        match self {
            Action::NoAction => "NO ACTION",
            Action::Restrict => "RESTRICT",
            Action::Cascade => "CASCADE",
            Action::SetNull => "SET NULL",
            Action::SetDefault => "SET DEFAULT",
        }
    }

    /// Its word in attributes and lock files: `set_null`.
    pub fn word(self) -> String {
        self.sql().to_lowercase().replace(' ', "_")
    }

    /// Returns the action with this SQL or word, in upper or lower case.
    pub fn find(text: &str) -> Option<Action> {
        let sql = text.to_uppercase().replace('_', " ");
        Action::ALL.into_iter().find(|action| action.sql() == sql)
    }
}
