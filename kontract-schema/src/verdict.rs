//! What the build script tells the derive about one struct: a file for each table.
//!
//! A derive sees one struct. Its table as the whole package makes it (pointers, resolved types,
//! references to other tables) and the verdicts on its changes come from the build script. The
//! fingerprint ties the two readings of the source together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Table;

/// The file for one table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verdict {
    /// [`fingerprint`](crate::source::raw::fingerprint) of the struct as the build script read it, 16
    /// hexadecimal digits.
    pub fingerprint: String,
    /// The table as it is now.
    pub table: Table,
    /// For each field of an enum or document, the fingerprint of that item.
    pub types: BTreeMap<String, String>,
    /// The statements that create this table and its indexes on PostgreSQL.
    pub postgres: Vec<String>,
    /// The same on SQLite.
    pub sqlite: Vec<String>,
    /// What is wrong with it.
    pub errors: Vec<Problem>,
}

/// Something wrong with a table, which the derive shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Problem {
    /// The Rust name of the field; none for the struct.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The whole message, as [`Diagnostic`](crate::diagnostic::Diagnostic) prints it.
    pub message: String,
}

/// A verdict file that is not one of this version of Kontract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl Verdict {
    /// The text of the file.
    pub fn write(&self) -> String {
        let json = serde_json::to_string(self);
        json.expect("the types of the model serialize to JSON") + "\n"
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    /// It was not written by this version of Kontract.
    pub fn read(text: &str) -> Result<Verdict, Unreadable> {
        serde_json::from_str(text).map_err(|_| Unreadable)
    }
}
