//! Foreign keys.

use serde::{Deserialize, Serialize};

use super::Deferrable;
use crate::serde::is_default;

/// A foreign key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
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
    pub on_delete: ReferenceAction,
    /// What happens when its key changes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_update: ReferenceAction,
    /// When it is checked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub deferrable: Deferrable,
}

/// What a foreign key does when the row that it refers to is deleted or changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceAction {
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

impl ReferenceAction {
    const ALL: [ReferenceAction; 5] = [
        ReferenceAction::NoAction,
        ReferenceAction::Restrict,
        ReferenceAction::Cascade,
        ReferenceAction::SetNull,
        ReferenceAction::SetDefault,
    ];

    /// Its SQL: `SET NULL`.
    pub fn sql(self) -> &'static str {
        match self {
            ReferenceAction::NoAction => "NO ACTION",
            ReferenceAction::Restrict => "RESTRICT",
            ReferenceAction::Cascade => "CASCADE",
            ReferenceAction::SetNull => "SET NULL",
            ReferenceAction::SetDefault => "SET DEFAULT",
        }
    }

    /// Its word in attributes and lock files: `set_null`.
    pub fn to_keywords(self) -> String {
        self.sql().to_lowercase().replace(' ', "_")
    }

    /// Returns the action with this SQL or word, in upper or lower case.
    pub fn find(text: &str) -> Option<ReferenceAction> {
        let sql = text.to_uppercase().replace('_', " ");
        ReferenceAction::ALL.into_iter().find(|action| action.sql() == sql)
    }
}
