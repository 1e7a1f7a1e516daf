//! Where the database has a value, and what for.

use crate::intent::VariantRename;
use crate::model::types::Type;
use crate::model::{SqlType, Tracked};

/// Where a value is stored.
#[derive(Clone, Debug, PartialEq)]
pub enum Place {
    /// In a column of its own.
    Column(String),
    /// In the document, below this key, with this type.
    Key(String, Type),
}

/// What a column is for.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnKind {
    /// A field.
    Field {
        /// Its type.
        ty: Type,
        /// The type the user wrote for PostgreSQL.
        sql_type: Option<SqlType>,
    },
    /// The JSON document.
    Data,
    /// A bookkeeping column: type, NOT NULL and default are the dialect's.
    Tracked(Tracked),
}

/// A value in which variants have new names.
#[derive(Clone, Debug, PartialEq)]
pub struct Variants {
    /// The column or key that has it.
    pub place: Place,
    /// Its type, with the old names.
    pub ty: Type,
    /// The names.
    pub renames: Vec<VariantRename>,
}
