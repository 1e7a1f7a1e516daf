//! What the tables are before a migration of more than one transaction, as its row stores it.

use std::collections::BTreeSet;

use kontract_schema::catalog::{Catalog, describe};
use serde::{Deserialize, Serialize};

/// Tables as they were before a migration, in lines of text.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TablesBefore {
    /// The tables that are compared.
    tables: BTreeSet<String>,
    lines: BTreeSet<String>,
}

impl TablesBefore {
    /// Describes those tables of a catalogue.
    pub(super) fn new(live: &Catalog, tables: BTreeSet<String>) -> TablesBefore {
        TablesBefore { lines: describe(live, &tables), tables }
    }

    /// The text in the history.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the text in the history.
    pub(super) fn parse(json: &str) -> Option<TablesBefore> {
        serde_json::from_str(json).ok()
    }

    /// Returns what is different in the live tables.
    pub(super) fn compare(&self, live: &Catalog) -> Vec<String> {
        let live = describe(live, &self.tables);
        let new = live.difference(&self.lines).map(|line| format!("new: {line}"));
        let gone = self.lines.difference(&live).map(|line| format!("gone: {line}"));
        new.chain(gone).collect()
    }
}
