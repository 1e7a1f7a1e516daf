//! The build script's verdict on one struct, which its derive reads: a file for each table.
//!
//! A derive sees one struct. The parts of its table that need the whole package (pointers, resolved
//! types, references to other tables) and the errors of its changes come from the build script. The
//! fingerprint proves that both read the same source.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Table;
use crate::serde::is_default;

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
    /// The statements that create them on SQLite.
    pub sqlite: Vec<String>,
    /// Its errors.
    pub errors: Vec<FieldError>,
}

/// An error of a table or of one of its fields, which the derive reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldError {
    /// The Rust name of the field; `None` for the struct.
    #[serde(default, skip_serializing_if = "is_default")]
    pub field: Option<String>,
    /// The whole message, as [`Diagnostic`](crate::diagnostic::Diagnostic) prints it.
    pub message: String,
}

/// The file is not a verdict of this version of Kontract.
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
