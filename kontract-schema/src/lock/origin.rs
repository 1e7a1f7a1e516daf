//! What the statements of a sealed migration were generated from: the schema before it, and hints.
//! With them the statements can be generated again and compared.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::change::diff::diff;
use crate::change::{Change, Fact};
use crate::intent::{FieldIntent, Intent, Target};
use crate::model::{Schema, Sql, Table};
use crate::serde::is_default;

/// The version of Kontract that generates statements.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What the statements of a migration were generated from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The version of Kontract that generated them.
    pub generator: String,
    /// The tables that the migration changes, as they were before it; `None` for a new table.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub before: BTreeMap<String, Option<Table>>,
    /// The hints of the source that its changes follow.
    #[serde(default, skip_serializing_if = "is_default")]
    pub hints: Intent,
}

impl Origin {
    /// Returns the origin of a migration of this version of Kontract between two schemas.
    pub fn new<'a>(old: &Schema, new: impl Into<Target<'a>>) -> Origin {
        let new = new.into();
        let (hash, content) = (Table::content_hash, |table: &Table| Table {
            name: String::new(),
            hash: String::new(),
            dropped: BTreeMap::new(),
            ..table.clone()
        });
        let names = old.tables.keys().chain(new.schema.tables.keys());
        let changed = names.filter(|name| {
            old.tables.get(*name).map(hash) != new.schema.tables.get(*name).map(hash)
        });
        Origin {
            generator: VERSION.to_owned(),
            before: changed.map(|name| (name.clone(), old.tables.get(name).map(content))).collect(),
            hints: list_hints(&diff(old, new)),
        }
    }

    /// Turns the schema after the migration into the schema before it.
    pub fn undo(&self, schema: &mut Schema) {
        for (name, table) in &self.before {
            match table {
                Some(table) => {
                    let table = Table { name: name.clone(), ..table.clone() };
                    schema.tables.insert(name.clone(), table);
                }
                None => drop(schema.tables.remove(name)),
            }
        }
    }
}

/// Returns the hints that the changes follow.
fn list_hints(changes: &[Change]) -> Intent {
    let mut hints = Intent::default();
    for Change { table, fact } in changes {
        let mut add = |field: &str, hint: FieldIntent| {
            let fields = &mut hints.tables.entry(table.clone()).or_default().fields;
            let known = fields.entry(field.to_owned()).or_default();
            known.renamed_from = hint.renamed_from.or(known.renamed_from.take());
            known.backfill = hint.backfill.or(known.backfill.take());
            known.renamed_variants.extend(hint.renamed_variants);
        };
        let filled = |backfill: &Sql| FieldIntent {
            backfill: Some(backfill.clone()),
            ..FieldIntent::default()
        };
        match fact {
            Fact::TableRenamed { from } => {
                hints.tables.entry(table.clone()).or_default().renamed_from = Some(from.clone());
            }
            Fact::FieldRenamed { from, to } => {
                let renamed_from = Some(from.name.clone());
                add(&to.name, FieldIntent { renamed_from, ..FieldIntent::default() });
            }
            Fact::VariantsRenamed { field, renames } => {
                let renamed_variants = renames.clone();
                add(field, FieldIntent { renamed_variants, ..FieldIntent::default() });
            }
            Fact::FieldAdded { field, backfill: Some(backfill) } => {
                add(&field.name, filled(backfill));
            }
            Fact::BecameRequired { field, backfill: Some(backfill) } => {
                add(field, filled(backfill));
            }
            Fact::LayoutChanged { backfills, .. } => {
                backfills.iter().for_each(|(field, backfill)| add(field, filled(backfill)));
            }
            _ => {}
        }
    }
    hints
}
