//! Hints of the source about the way from the sealed schema to the new one: former names, removed
//! fields, values for existing rows. They are beside the [`Schema`], which has facts only. Of them the
//! lock file has those that a sealed migration followed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Schema, Sql};
use crate::serde::is_default;

/// The hints of all tables of one package, by logical name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intent {
    /// The tables that have hints.
    #[serde(default, skip_serializing_if = "is_default")]
    pub tables: BTreeMap<String, TableIntent>,
}

/// The hints of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableIntent {
    /// The former logical name, from `#[renamed_from("old")]`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub renamed_from: Option<String>,
    /// Fields that the source states to be removed, from `#[removed("email")]`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub removed: Vec<String>,
    /// The fields that have hints, by Rust name.
    #[serde(default, skip_serializing_if = "is_default")]
    pub fields: BTreeMap<String, FieldIntent>,
}

/// The hints of a field.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldIntent {
    /// The former name, from `#[renamed_from("old")]`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub renamed_from: Option<String>,
    /// The value of existing rows when the field is added or becomes required: from
    /// `#[backfill = "…"]`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub backfill: Option<Sql>,
    /// Renamed variants of enums in its type, from `#[renamed_from("old")]` on them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub renamed_variants: Vec<VariantRename>,
}

/// A renamed variant of an enum in the type of a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VariantRename {
    /// The keys of the documents that lead to the enum; empty if the field, or an element of its
    /// list, has the enum as type.
    #[serde(default, skip_serializing_if = "is_default")]
    pub path: Vec<String>,
    /// The old stored name.
    pub from: String,
    /// The new one.
    pub to: String,
}

/// A schema of the source with its hints.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// The facts.
    pub schema: Schema,
    /// The hints.
    pub intent: Intent,
}

/// The schema that the sealed one becomes, borrowed: a [`Checked`], or a [`Schema`] without hints.
#[derive(Clone, Copy, Debug)]
pub struct Target<'a> {
    /// The facts.
    pub schema: &'a Schema,
    /// The hints.
    pub intent: &'a Intent,
}

static NO_HINTS: Intent = Intent { tables: BTreeMap::new() };
static NO_TABLE_HINTS: TableIntent =
    TableIntent { renamed_from: None, removed: Vec::new(), fields: BTreeMap::new() };
static NO_FIELD_HINTS: FieldIntent =
    FieldIntent { renamed_from: None, backfill: None, renamed_variants: Vec::new() };

impl Intent {
    /// Returns the hints of a table; without any, empty ones.
    pub fn table(&self, name: &str) -> &TableIntent {
        self.tables.get(name).unwrap_or(&NO_TABLE_HINTS)
    }

    /// Returns the hints of a field; without any, empty ones.
    pub fn field(&self, table: &str, field: &str) -> &FieldIntent {
        self.table(table).field(field)
    }
}

impl TableIntent {
    /// Returns the hints of a field; without any, empty ones.
    pub fn field(&self, name: &str) -> &FieldIntent {
        self.fields.get(name).unwrap_or(&NO_FIELD_HINTS)
    }
}

impl From<Schema> for Checked {
    fn from(schema: Schema) -> Checked {
        Checked { schema, intent: Intent::default() }
    }
}

impl<'a> From<&'a Checked> for Target<'a> {
    fn from(checked: &'a Checked) -> Target<'a> {
        Target { schema: &checked.schema, intent: &checked.intent }
    }
}

impl<'a> From<&'a Schema> for Target<'a> {
    fn from(schema: &'a Schema) -> Target<'a> {
        Target { schema, intent: &NO_HINTS }
    }
}
