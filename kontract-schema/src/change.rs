//! Typed facts: what differs between two schemas. No opinion about safety, that is
//! [`rules`](crate::rules); no SQL, that is [`plan`](crate::plan).
//!
//! A change carries everything that [`apply`](Change::apply) needs to turn the old schema into the
//! new one, and its [`inverse`](Change::inverse), where it has one, turns it back.

mod apply;
pub mod diff;

use serde_json::Value;

use crate::model::types::Type;
use crate::model::widening::holds_all_of;
use crate::model::{Field, ForeignKey, Index, Perm, Sql, Stamp, Table, Tracked, VariantRename};

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The logical name of the table in the new schema; of a removed table, its old name.
    pub table: String,
    /// What is different.
    pub fact: Fact,
}

/// What is different about a table. Names of fields are those of the new schema, except for what
/// was removed.
#[derive(Clone, Debug, PartialEq)]
pub enum Fact {
    /// The table is new.
    TableAdded(Box<Table>),
    /// The table is gone.
    TableRemoved(Box<Table>),
    /// The source says that the table had another name.
    TableRenamed {
        /// The old name.
        from: String,
    },
    /// The table has another name in the database.
    PointerChanged {
        /// The old pointer.
        from: String,
        /// The new one.
        to: String,
    },
    /// Document ↔ columns. Everything else about the table comes with it.
    LayoutChanged {
        /// The table as it was.
        from: Box<Table>,
        /// The table as it is.
        to: Box<Table>,
    },
    /// A table that others manage: described, described otherwise, or not any more; or it is managed
    /// from now on, or no longer.
    External {
        /// The table as it was; none where it was not described.
        from: Option<Box<Table>>,
        /// The table as it is; none where it is not described any more.
        to: Option<Box<Table>>,
    },
    /// Other key fields, or another order of them.
    KeyChanged {
        /// The old key.
        from: Vec<String>,
        /// The new one.
        to: Vec<String>,
    },
    /// Other permissions of the table.
    TablePermChanged {
        /// The old ones.
        from: Perm,
        /// The new ones.
        to: Perm,
    },
    /// The field is new.
    FieldAdded(Field),
    /// The field is gone.
    FieldRemoved(Field),
    /// The field had another name: by a hint, or because it has the same column.
    FieldRenamed {
        /// What it was called.
        from: Names,
        /// What it is called.
        to: Names,
    },
    /// The field keeps its name and has another column or JSON key.
    ColumnChanged {
        /// The old names.
        from: Names,
        /// The new ones.
        to: Names,
    },
    /// The source says that variants had other names.
    VariantsRenamed {
        /// The field.
        field: String,
        /// Which, and where in its type.
        renames: Vec<VariantRename>,
    },
    /// Another type, or another type in PostgreSQL.
    TypeChanged {
        /// The field.
        field: String,
        /// What it was.
        from: Shape,
        /// What it is.
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
        /// What rows without a value get.
        backfill: Option<Sql>,
    },
    /// The struct does not have it any more and its column stays, or it has it again.
    KeptChanged {
        /// The field.
        field: String,
        /// Whether it is kept from now on.
        to: bool,
    },
    /// Another default, a new one, or none any more.
    DefaultChanged {
        /// The field.
        field: String,
        /// What it was.
        from: Option<Value>,
        /// What it is.
        to: Option<Value>,
    },
    /// Other permissions of the field.
    PermChanged {
        /// The field.
        field: String,
        /// The old ones.
        from: Perm,
        /// The new ones.
        to: Perm,
    },
    /// `created_at` or `updated_at` was set, removed or exchanged.
    StampChanged {
        /// The field.
        field: String,
        /// What it was.
        from: Option<Stamp>,
        /// What it is.
        to: Option<Stamp>,
    },
    /// The index is new.
    IndexAdded {
        /// Its name.
        name: String,
        /// What it is.
        index: Index,
    },
    /// The index is gone.
    IndexRemoved {
        /// Its name.
        name: String,
        /// What it was.
        index: Index,
    },
    /// The index has the same name and other content.
    IndexChanged {
        /// Its name.
        name: String,
        /// What it was.
        from: Index,
        /// What it is.
        to: Index,
    },
    /// The index has another name and the same content.
    IndexRenamed {
        /// The old name.
        from: String,
        /// The new one.
        to: String,
    },
    /// The check is new.
    CheckAdded {
        /// Its name.
        name: String,
        /// Its SQL.
        sql: String,
    },
    /// The check is gone.
    CheckRemoved {
        /// Its name.
        name: String,
        /// What it was.
        sql: String,
    },
    /// The check has the same name and other SQL.
    CheckChanged {
        /// Its name.
        name: String,
        /// What it was.
        from: String,
        /// What it is.
        to: String,
    },
    /// The foreign key is new.
    ReferenceAdded {
        /// Its name.
        name: String,
        /// What it is.
        key: ForeignKey,
    },
    /// The foreign key is gone.
    ReferenceRemoved {
        /// Its name.
        name: String,
        /// What it was.
        key: ForeignKey,
    },
    /// The foreign key has the same name and other content.
    ReferenceChanged {
        /// Its name.
        name: String,
        /// What it was.
        from: ForeignKey,
        /// What it is.
        to: ForeignKey,
    },
    /// The check has another name and the same SQL.
    CheckRenamed {
        /// The old name.
        from: String,
        /// The new one.
        to: String,
    },
    /// The foreign key has another name and the same content.
    ReferenceRenamed {
        /// The old name.
        from: String,
        /// The new one.
        to: String,
    },
    /// A bookkeeping column is new (columns layout).
    TrackAdded(Tracked),
    /// A bookkeeping column is gone (columns layout).
    TrackRemoved(Tracked),
    /// A `renamed_from` or `removed` that cannot be followed.
    BadHint {
        /// The field that has it; none for the table.
        field: Option<String>,
        /// What it names.
        from: String,
        /// What is wrong with it.
        why: HintError,
    },
}

/// The Rust name of a field and the column it names, if any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// The Rust name.
    pub name: String,
    /// [`Field::column`].
    pub column: Option<String>,
}

/// What a field's column looks like.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Its type.
    pub ty: Type,
    /// Its type in PostgreSQL where the user chose it.
    pub sql_type: Option<String>,
}

/// Why a `renamed_from` or `removed` cannot be followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HintError {
    /// Neither the old name nor the new one is in the lock.
    Stale,
    /// The old name is still in the source.
    StillThere,
    /// Both the old name and the new one are in the lock.
    Both,
    /// Another hint names the same source.
    Twice,
    /// It was never there to be removed.
    NeverThere,
    /// It is not removed.
    NotRemoved,
    /// Of a variant: neither the old name nor the new one is in the lock.
    StaleVariant,
    /// Of a variant: both are.
    BothVariants,
}

impl Names {
    /// The names of a field.
    pub fn from_field(field: &Field) -> Names {
        Names { name: field.name.clone(), column: field.column.clone() }
    }

    /// The column or JSON key.
    pub fn column(&self) -> &str {
        self.column.as_deref().unwrap_or(&self.name)
    }
}

impl Shape {
    /// The shape of a field.
    pub fn from_field(field: &Field) -> Shape {
        Shape { ty: field.ty.clone(), sql_type: field.sql_type.clone() }
    }
}

impl Change {
    /// What the lock file and the `covers` line of a manual migration call it:
    /// `users.email:removed`.
    pub fn id(&self) -> String {
        let (part, what) = self.fact.part_and_word();
        match part {
            Some(part) => format!("{}.{part}:{what}", self.table),
            None => format!("{}:{what}", self.table),
        }
    }

    /// The field of the new schema to which a message about the change belongs; none where there
    /// is none, or where the struct is the better place.
    pub fn field(&self) -> Option<&str> {
        match &self.fact {
            Fact::FieldAdded(field) => Some(&field.name),
            Fact::FieldRenamed { to, .. } | Fact::ColumnChanged { to, .. } => Some(&to.name),
            Fact::TypeChanged { field, .. }
            | Fact::VariantsRenamed { field, .. }
            | Fact::BecameOptional { field }
            | Fact::BecameRequired { field, .. }
            | Fact::KeptChanged { field, .. }
            | Fact::DefaultChanged { field, .. }
            | Fact::PermChanged { field, .. }
            | Fact::StampChanged { field, .. } => Some(field),
            Fact::BadHint { field, .. } => field.as_deref(),
            Fact::IndexAdded { index, .. } | Fact::IndexChanged { to: index, .. } => {
                only(&index.fields)
            }
            Fact::ReferenceAdded { key, .. } | Fact::ReferenceChanged { to: key, .. } => {
                only(&key.fields)
            }
            Fact::KeyChanged { to, .. } => only(to),
            _ => None,
        }
    }

    /// The names of fields, in the new schema, that have to be as the new schema has them before
    /// this change can be made.
    pub fn needs(&self) -> Vec<&str> {
        match &self.fact {
            Fact::IndexAdded { index, .. } | Fact::IndexChanged { to: index, .. } => {
                index.fields.iter().map(String::as_str).collect()
            }
            Fact::ReferenceAdded { key, .. } | Fact::ReferenceChanged { to: key, .. } => {
                key.fields.iter().map(String::as_str).collect()
            }
            Fact::KeyChanged { to, .. } => to.iter().map(String::as_str).collect(),
            Fact::FieldAdded(_) | Fact::BadHint { .. } => Vec::new(),
            _ => self.field().into_iter().collect(),
        }
    }

    /// The change that takes this one back; none where data is gone for good. Where `force`, also
    /// those that restore the form and not every value: types converted back.
    pub fn inverse(&self, force: bool) -> Option<Change> {
        use Fact::*;
        let mut table = self.table.clone();
        let fact = match self.fact.clone() {
            TableAdded(added) => TableRemoved(added),
            TableRemoved(_) | FieldRemoved(_) | TrackRemoved(_) | BadHint { .. } => return None,
            LayoutChanged { from, to } if force => LayoutChanged { from: to, to: from },
            LayoutChanged { .. } => return None,
            External { from, to } => External { from: to, to: from },
            TableRenamed { from } => TableRenamed { from: std::mem::replace(&mut table, from) },
            PointerChanged { from, to } => PointerChanged { from: to, to: from },
            KeyChanged { from, to } => KeyChanged { from: to, to: from },
            TablePermChanged { from, to } => TablePermChanged { from: to, to: from },
            FieldAdded(field) => FieldRemoved(field),
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
            PermChanged { field, from, to } => PermChanged { field, from: to, to: from },
            StampChanged { field, from, to } => StampChanged { field, from: to, to: from },
            IndexAdded { name, index } => IndexRemoved { name, index },
            IndexRemoved { name, index } => IndexAdded { name, index },
            IndexChanged { name, from, to } => IndexChanged { name, from: to, to: from },
            IndexRenamed { from, to } => IndexRenamed { from: to, to: from },
            CheckAdded { name, sql } => CheckRemoved { name, sql },
            CheckRemoved { name, sql } => CheckAdded { name, sql },
            CheckChanged { name, from, to } => CheckChanged { name, from: to, to: from },
            ReferenceAdded { name, key } => ReferenceRemoved { name, key },
            ReferenceRemoved { name, key } => ReferenceAdded { name, key },
            ReferenceChanged { name, from, to } => ReferenceChanged { name, from: to, to: from },
            CheckRenamed { from, to } => CheckRenamed { from: to, to: from },
            ReferenceRenamed { from, to } => ReferenceRenamed { from: to, to: from },
            TrackAdded(tracked) => TrackRemoved(tracked),
        };
        Some(Change { table, fact })
    }
}

fn only(fields: &[String]) -> Option<&str> {
    match fields {
        [field] => Some(field),
        _ => None,
    }
}

fn is_wider(from: &Shape, to: &Shape) -> bool {
    from.sql_type == to.sql_type && holds_all_of(&to.ty, &from.ty)
}

impl Fact {
    /// What the change is about within the table, and the word for what happened.
    fn part_and_word(&self) -> (Option<&str>, &'static str) {
        match self {
            Fact::TableAdded(_) => (None, "added"),
            Fact::TableRemoved(_) => (None, "removed"),
            Fact::TableRenamed { .. } => (None, "renamed"),
            Fact::PointerChanged { .. } => (None, "pointer"),
            Fact::LayoutChanged { .. } => (None, "layout"),
            Fact::External { .. } => (None, "external"),
            Fact::KeyChanged { .. } => (None, "key"),
            Fact::TablePermChanged { .. } => (None, "perm"),
            Fact::FieldAdded(field) => (Some(&field.name), "added"),
            Fact::FieldRemoved(field) => (Some(&field.name), "removed"),
            Fact::FieldRenamed { to, .. } => (Some(&to.name), "renamed"),
            Fact::ColumnChanged { to, .. } => (Some(&to.name), "column"),
            Fact::TypeChanged { field, .. } => (Some(field), "type"),
            Fact::VariantsRenamed { field, .. } => (Some(field), "variants_renamed"),
            Fact::BecameOptional { field } => (Some(field), "optional"),
            Fact::BecameRequired { field, .. } => (Some(field), "required"),
            Fact::KeptChanged { field, to: true } => (Some(field), "kept"),
            Fact::KeptChanged { field, .. } => (Some(field), "back"),
            Fact::DefaultChanged { field, .. } => (Some(field), "default"),
            Fact::PermChanged { field, .. } => (Some(field), "perm"),
            Fact::StampChanged { field, .. } => (Some(field), "stamp"),
            Fact::IndexAdded { name, .. } => (Some(name), "index_added"),
            Fact::IndexRemoved { name, .. } => (Some(name), "index_removed"),
            Fact::IndexChanged { name, .. } => (Some(name), "index_changed"),
            Fact::IndexRenamed { to, .. } => (Some(to), "index_renamed"),
            Fact::CheckAdded { name, .. } => (Some(name), "check_added"),
            Fact::CheckRemoved { name, .. } => (Some(name), "check_removed"),
            Fact::CheckChanged { name, .. } => (Some(name), "check_changed"),
            Fact::ReferenceAdded { name, .. } => (Some(name), "reference_added"),
            Fact::ReferenceRemoved { name, .. } => (Some(name), "reference_removed"),
            Fact::ReferenceChanged { name, .. } => (Some(name), "reference_changed"),
            Fact::CheckRenamed { to, .. } => (Some(to), "check_renamed"),
            Fact::ReferenceRenamed { to, .. } => (Some(to), "reference_renamed"),
            Fact::TrackAdded(tracked) => (Some(tracked.name()), "track_added"),
            Fact::TrackRemoved(tracked) => (Some(tracked.name()), "track_removed"),
            Fact::BadHint { field, .. } => (field.as_deref(), "hint"),
        }
    }
}
