//! The model: the schema that macros, build script, lock file and runtime share.
//!
//! Everything here has been checked: it comes from [`check`](crate::source::check) (Rust source) or from
//! a lock file with a verified hash. The names of indexes and constraints are part of the model, so that
//! a table keeps them when it is renamed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod constant;
mod deferrable;
mod field;
mod index;
mod partition_by;
mod permission;
mod reference;
mod sql;
pub mod sql_type;
mod table;
mod track;
pub mod types;
pub(crate) mod widening;

pub use self::constant::{is_literal, parse_constant};
pub use self::deferrable::Deferrable;
pub use self::field::{Field, FieldDefault, Fill, Generated, Stamp, has_literals};
pub use self::index::{Index, Method};
pub use self::partition_by::{PartitionBy, PartitionMethod};
pub use self::permission::Perm;
pub use self::reference::{ForeignKey, ReferenceAction};
pub use self::sql::Sql;
pub use self::sql_type::{RangeOf, SqlKind, SqlType};
pub use self::table::{Layout, Table};
pub use self::track::{Track, Tracked};
pub use self::types::{Member, Type};
pub use crate::database::Dialect;

/// All tables of one package, by logical name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schema {
    /// The tables, ordered by logical name.
    pub tables: BTreeMap<String, Table>,
}

impl Schema {
    /// Returns all foreign keys, each with the logical name of its table and its own name.
    pub fn list_references(&self) -> impl Iterator<Item = (&str, &str, &ForeignKey)> {
        self.tables.values().flat_map(|table| {
            let named = table.references.iter();
            named.map(|(name, key)| (table.name.as_str(), name.as_str(), key))
        })
    }
}
