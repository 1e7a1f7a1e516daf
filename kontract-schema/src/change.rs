//! Typed facts: the differences between two schemas. [`rules`](crate::rules) judges their safety, and
//! [`plan`](crate::plan) makes SQL of them.
//!
//! A change contains everything that [`apply`](Change::apply) needs to turn the old schema into the
//! new one. Its [`inverse`](Change::inverse), if it has one, reverses it.

mod apply;
pub mod diff;
mod id;

pub use self::id::{ChangeId, ChangeKind};

use std::collections::BTreeMap;

use crate::intent::VariantRename;
use crate::model::types::Type;
use crate::model::widening::holds_all_of;
use crate::model::{
    Field, FieldDefault, ForeignKey, Generated, Index, PartitionBy, Perm, Sql, SqlKind, SqlType,
    Stamp, Table, Tracked,
};

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The logical name of the table in the new schema; of a removed table, its old name.
    pub table: String,
    /// The difference.
    pub fact: Fact,
}

/// A difference in a table. Field names are those of the new schema, except for removed fields.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The table was added.
    TableAdded(Box<Table>),
    /// The table was removed.
    TableRemoved(Box<Table>),
    /// The table was renamed, by a hint in the source.
    TableRenamed {
        /// The old name.
        from: String,
    },
    /// The table got another name in the database.
    PointerChanged {
        /// The old pointer.
        from: String,
        /// The new one.
        to: String,
    },
    /// Document ↔ columns. The change includes all other differences of the table.
    LayoutChanged {
        /// The table as it was.
        from: Box<Table>,
        /// The table as it is.
        to: Box<Table>,
        /// The values of existing rows in new fields, by field.
        backfills: BTreeMap<String, Sql>,
    },
    /// An external table was added, changed or removed; or a table became external, or is no longer
    /// external.
    External {
        /// The table before; `None` if it was not declared.
        from: Option<Box<Table>>,
        /// The table after; `None` if it is no longer declared.
        to: Option<Box<Table>>,
    },
    /// The key has other fields, or another order of them.
    KeyChanged {
        /// The old key.
        from: Vec<String>,
        /// The new one.
        to: Vec<String>,
    },
    /// The table is divided into partitions in another way, from now on, or not any more.
    PartitionChanged {
        /// The old partition key.
        from: Option<PartitionBy>,
        /// The new one.
        to: Option<PartitionBy>,
    },
    /// The permissions of the table changed.
    TablePermChanged {
        /// The old ones.
        from: Perm,
        /// The new ones.
        to: Perm,
    },
    /// Whether storages of owners see all rows of the table changed.
    SharedChanged {
        /// Whether they see them now.
        to: bool,
    },
    /// The field was added.
    FieldAdded {
        /// The field.
        field: Field,
        /// The value of existing rows.
        backfill: Option<Sql>,
    },
    /// The field was removed.
    FieldRemoved(Field),
    /// The field was renamed: by a hint, or because it has the same column.
    FieldRenamed {
        /// The old names.
        from: Names,
        /// The new names.
        to: Names,
    },
    /// The field has another column or JSON key, but keeps its name.
    ColumnChanged {
        /// The old names.
        from: Names,
        /// The new ones.
        to: Names,
    },
    /// Variants were renamed, by hints in the source.
    VariantsRenamed {
        /// The field.
        field: String,
        /// The renamed variants, with their place in the type.
        renames: Vec<VariantRename>,
    },
    /// The type changed, or only the type in PostgreSQL.
    TypeChanged {
        /// The field.
        field: String,
        /// The old shape.
        from: Shape,
        /// The new shape.
        to: Shape,
    },
    /// `T` → `Option<T>`.
    BecameOptional {
        /// The field.
        field: String,
    },
    /// `Option<T>` → `T`.
    BecameRequired {
        /// The field.
        field: String,
        /// The value for rows without one.
        backfill: Option<Sql>,
    },
    /// The struct lost the field and its column stays, or the struct has the field again.
    KeptChanged {
        /// The field.
        field: String,
        /// Whether the column is only kept from now on.
        to: bool,
    },
    /// The default changed, was added or was removed.
    DefaultChanged {
        /// The field.
        field: String,
        /// The old default.
        from: Option<FieldDefault>,
        /// The new default.
        to: Option<FieldDefault>,
    },
    /// The database numbers the rows from now on, or does not any more.
    IdentityChanged {
        /// The field.
        field: String,
        /// Whether it does.
        to: bool,
    },
    /// The expression of a generated field changed, a field became generated, or is not any more.
    GeneratedChanged {
        /// The field.
        field: String,
        /// The old expression.
        from: Option<Generated>,
        /// The new expression.
        to: Option<Generated>,
    },
    /// The comment of a table or column changed.
    CommentChanged {
        /// The field; `None` for the comment of the table.
        field: Option<String>,
        /// The old comment.
        from: Option<String>,
        /// The new comment.
        to: Option<String>,
    },
    /// The permissions of the field changed.
    PermChanged {
        /// The field.
        field: String,
        /// The old ones.
        from: Perm,
        /// The new ones.
        to: Perm,
    },
    /// `created_at` or `updated_at` was added, removed or replaced by the other.
    StampChanged {
        /// The field.
        field: String,
        /// The old stamp.
        from: Option<Stamp>,
        /// The new stamp.
        to: Option<Stamp>,
    },
    /// An index was added, removed, changed or renamed.
    Index(ItemChange<Index>),
    /// A check was added, removed, changed or renamed. The item is its SQL.
    Check(ItemChange<Sql>),
    /// A foreign key was added, removed, changed or renamed.
    Reference(ItemChange<ForeignKey>),
    /// A bookkeeping column was added (columns layout).
    TrackAdded(Tracked),
    /// A bookkeeping column was removed (columns layout).
    TrackRemoved(Tracked),
    /// A `renamed_from` or `removed` hint that cannot be applied.
    BadHint {
        /// The field that has the hint; `None` if the table has it.
        field: Option<String>,
        /// The name in the hint.
        from: String,
        /// Why the hint cannot be applied.
        why: HintError,
    },
}

/// A difference between two maps of items that have a name in the database.
#[derive(Clone, Debug, PartialEq)]
pub enum ItemChange<T> {
    /// The item with this name was added.
    Added(String, T),
    /// The item with this name was removed.
    Removed(String, T),
    /// The item with this name changed: the old one and the new one.
    Changed(String, T, T),
    /// The item was renamed, from the first name to the second, and is otherwise unchanged.
    Renamed(String, String),
}

/// The Rust name of a field and its column name, if it has one of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The Rust name.
    pub name: String,
    /// [`Field::column`].
    pub column: Option<String>,
}

/// The type of a field and of its column.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Its type.
    pub ty: Type,
    /// Its type in PostgreSQL, if the user gave one.
    pub sql_type: Option<SqlType>,
    /// Whether that is an enum type that the migrations create.
    pub native: bool,
}

/// Why a `renamed_from` or `removed` hint cannot be applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintError {
    /// The lock file has neither the old name nor the new one.
    Stale,
    /// The old name is still in the source.
    StillThere,
    /// The lock file has both the old name and the new one.
    Both,
    /// Another hint has the same old name.
    Twice,
    /// The lock file never had the removed name.
    NeverThere,
    /// The source still has the removed name.
    NotRemoved,
    /// For a variant: the lock file has neither the old name nor the new one.
    StaleVariant,
    /// For a variant: the lock file has both names.
    BothVariants,
}

impl Names {
    /// Returns the names of a field.
    pub fn from_field(field: &Field) -> Names {
        Names { name: field.name.clone(), column: field.column.clone() }
    }

    /// Returns the column or JSON key.
    pub fn column(&self) -> &str {
        self.column.as_deref().unwrap_or(&self.name)
    }
}

impl Shape {
    /// Returns what its column is on PostgreSQL.
    pub fn column_kind(&self) -> SqlKind {
        self.sql_type.as_ref().map_or_else(|| SqlKind::for_type(&self.ty), |ty| ty.kind().clone())
    }

    /// Returns the type that the user gave, and whether the migrations create it.
    pub fn column_type(&self) -> (Option<&SqlType>, bool) {
        (self.sql_type.as_ref(), self.native)
    }

    /// Returns the shape of a field.
    pub fn from_field(field: &Field) -> Shape {
        Shape { ty: field.ty.clone(), sql_type: field.sql_type.clone(), native: field.native }
    }
}

impl Change {
    /// Returns the field of the new schema to which a message about the change belongs; `None` if the
    /// message belongs to the struct.
    pub fn field(&self) -> Option<&str> {
        match &self.fact {
            Fact::FieldAdded { field, .. } => Some(&field.name),
            Fact::FieldRenamed { to, .. } | Fact::ColumnChanged { to, .. } => Some(&to.name),
            Fact::TypeChanged { field, .. }
            | Fact::VariantsRenamed { field, .. }
            | Fact::BecameOptional { field }
            | Fact::BecameRequired { field, .. }
            | Fact::KeptChanged { field, .. }
            | Fact::DefaultChanged { field, .. }
            | Fact::IdentityChanged { field, .. }
            | Fact::GeneratedChanged { field, .. }
            | Fact::PermChanged { field, .. }
            | Fact::StampChanged { field, .. } => Some(field),
            Fact::BadHint { field, .. } | Fact::CommentChanged { field, .. } => field.as_deref(),
            Fact::Index(ItemChange::Added(_, index) | ItemChange::Changed(_, _, index)) => {
                only(&index.fields)
            }
            Fact::Reference(ItemChange::Added(_, key) | ItemChange::Changed(_, _, key)) => {
                only(&key.fields)
            }
            Fact::KeyChanged { to, .. } => only(to),
            _ => None,
        }
    }

    /// Returns the fields, by their names in the new schema, that must be as in the new schema before
    /// this change can be made.
    pub fn needs(&self) -> Vec<&str> {
        match &self.fact {
            Fact::Index(ItemChange::Added(_, index) | ItemChange::Changed(_, _, index)) => {
                index.fields.iter().map(String::as_str).collect()
            }
            Fact::Reference(ItemChange::Added(_, key) | ItemChange::Changed(_, _, key)) => {
                key.fields.iter().map(String::as_str).collect()
            }
            Fact::KeyChanged { to, .. } => to.iter().map(String::as_str).collect(),
            Fact::FieldAdded { .. } | Fact::BadHint { .. } => Vec::new(),
            _ => self.field().into_iter().collect(),
        }
    }

    /// Returns the value of existing rows that the source gives for a field that this change adds or
    /// makes required.
    pub fn backfill(&self, name: &str) -> Option<&Sql> {
        match &self.fact {
            Fact::FieldAdded { field, backfill } if field.name == name => backfill.as_ref(),
            Fact::BecameRequired { field, backfill } if field == name => backfill.as_ref(),
            Fact::LayoutChanged { backfills, .. } => backfills.get(name),
            _ => None,
        }
    }

    /// Returns the change that reverses this one; `None` if data is lost for good. With `force`, also
    /// returns changes that restore the form but not every value: types converted back.
    pub fn inverse(&self, force: bool) -> Option<Change> {
        use Fact::*;
        let mut table = self.table.clone();
        let fact = match self.fact.clone() {
            TableAdded(added) => TableRemoved(added),
            TableRemoved(_) | FieldRemoved(_) | TrackRemoved(_) | BadHint { .. } => return None,
            LayoutChanged { from, to, .. } if force => {
                LayoutChanged { from: to, to: from, backfills: BTreeMap::new() }
            }
            LayoutChanged { .. } => return None,
            External { from, to } => External { from: to, to: from },
            TableRenamed { from } => TableRenamed { from: std::mem::replace(&mut table, from) },
            PointerChanged { from, to } => PointerChanged { from: to, to: from },
            KeyChanged { from, to } => KeyChanged { from: to, to: from },
            PartitionChanged { from, to } => PartitionChanged { from: to, to: from },
            TablePermChanged { from, to } => TablePermChanged { from: to, to: from },
            SharedChanged { to } => SharedChanged { to: !to },
            FieldAdded { field, .. } => FieldRemoved(field),
            FieldRenamed { from, to } => FieldRenamed { from: to, to: from },
            ColumnChanged { from, to } => ColumnChanged { from: to, to: from },
            VariantsRenamed { field, renames } => {
                let back =
                    |VariantRename { path, from, to }| VariantRename { path, from: to, to: from };
                VariantsRenamed { field, renames: renames.into_iter().map(back).collect() }
            }
            TypeChanged { field, from, to } if force || is_wider(&from, &to) => {
                TypeChanged { field, from: to, to: from }
            }
            TypeChanged { .. } => return None,
            BecameOptional { field } => BecameRequired { field, backfill: None },
            BecameRequired { field, .. } => BecameOptional { field },
            KeptChanged { field, to } => KeptChanged { field, to: !to },
            DefaultChanged { field, from, to } => DefaultChanged { field, from: to, to: from },
            IdentityChanged { field, to } => IdentityChanged { field, to: !to },
            // The values that it replaced are lost.
            GeneratedChanged { from: None, .. } => return None,
            GeneratedChanged { field, from, to } => GeneratedChanged { field, from: to, to: from },
            CommentChanged { field, from, to } => CommentChanged { field, from: to, to: from },
            PermChanged { field, from, to } => PermChanged { field, from: to, to: from },
            StampChanged { field, from, to } => StampChanged { field, from: to, to: from },
            Index(change) => Index(change.inverse()),
            Check(change) => Check(change.inverse()),
            Reference(change) => Reference(change.inverse()),
            TrackAdded(tracked) => TrackRemoved(tracked),
        };
        Some(Change { table, fact })
    }
}

impl<T> ItemChange<T> {
    fn inverse(self) -> ItemChange<T> {
        match self {
            ItemChange::Added(name, item) => ItemChange::Removed(name, item),
            ItemChange::Removed(name, item) => ItemChange::Added(name, item),
            ItemChange::Changed(name, from, to) => ItemChange::Changed(name, to, from),
            ItemChange::Renamed(from, to) => ItemChange::Renamed(to, from),
        }
    }
}

fn only(fields: &[String]) -> Option<&str> {
    match fields {
        [field] => Some(field),
        _ => None,
    }
}

fn is_wider(from: &Shape, to: &Shape) -> bool {
    let keeps_storage = from.native && to.native || from.column_type() == to.column_type();
    keeps_storage && holds_all_of(&to.ty, &from.ty)
}
