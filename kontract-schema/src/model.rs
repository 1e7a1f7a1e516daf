//! The one model: what macros, build script, lock file and runtime all speak.
//!
//! Everything here has been checked: it comes from [`check`](crate::source::check) (Rust source) or from a
//! lock file whose hash was verified. Names of indexes and constraints are part of the model, so
//! that a table keeps them when it is renamed.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

mod dialect;
pub mod types;
pub(crate) mod widening;

pub use self::dialect::Dialect;
pub use self::types::{Member, Type};
use crate::serde::{is_default, ordered_map};

/// All tables of one package, by logical name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schema {
    /// The tables, ordered by logical name.
    pub tables: BTreeMap<String, Table>,
}

/// How a table keeps its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One JSON column `data` beside the key and the bookkeeping columns.
    #[default]
    Document,
    /// One typed column for each field.
    Columns,
}

/// One table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The logical name, `users`. Not in the lock file's entry, whose key it is.
    #[serde(skip)]
    pub name: String,
    /// The physical name, `tbl_users_abc123`: fixed when the table is born, survives renames.
    pub ptr: String,
    /// Managed by others: it is there already, and is described to be queried and referred to. No
    /// statement ever creates, changes or drops it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub external: bool,
    /// Document or columns.
    #[serde(default, skip_serializing_if = "is_default")]
    pub layout: Layout,
    /// Permissions of owner handles on the whole table.
    #[serde(default = "Perm::table_default", skip_serializing_if = "Perm::is_table_default")]
    pub perm: Perm,
    /// The bookkeeping columns that a table of the columns layout asks for. What a table has says
    /// [`Table::tracked`].
    #[serde(default, skip_serializing_if = "is_default")]
    pub track: Track,
    /// The fields in the order of the struct. Order has no meaning: [`Table::hash`] ignores it.
    #[serde(with = "crate::serde::ordered_map")]
    pub schema: Vec<Field>,
    /// Names of the key fields in key order: one, or several for a composite key (columns layout).
    /// In the lock file only where there are several; else the field says `primkey`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub primary_key: Vec<String>,
    /// Indexes, unique ones included, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<String, Index>,
    /// CHECK constraints the user wrote, by name: SQL text.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, String>,
    /// Foreign keys, by constraint name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, ForeignKey>,
    /// In a lock file, what [`Table::content_hash`] was when it was written; empty elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
    /// The former logical name, from `#[renamed_from("old")]`. A hint of the source: never in the
    /// lock.
    #[serde(skip)]
    pub renamed_from: Option<String>,
    /// Fields that are gone on purpose, from `#[removed("email")]`. A hint of the source: never in
    /// the lock.
    #[serde(skip)]
    pub removed: Vec<String>,
    /// Fields that the table had before, with their types: from the lock, which has them elsewhere.
    #[serde(skip)]
    pub dropped: BTreeMap<String, Type>,
}

/// One field of a table: a column (columns layout) or a key of the JSON document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The Rust name of the field without `r#`. In the lock file the key of the entry.
    #[serde(skip)]
    pub name: String,
    /// The word for the type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// `Option<T>`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
    /// The single key field.
    #[serde(default, skip_serializing_if = "is_default")]
    pub primkey: bool,
    /// Name of the column or JSON key where it differs from [`Field::name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Permissions of owner handles: bits `0b100` read, `0b010` write, `0b001` execute.
    #[serde(default, skip_serializing_if = "is_default")]
    pub perm: Perm,
    /// The value that a row gets when none is given: `true`, `1`, `1.5` or `"text"`; for an enum
    /// the stored name of the variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// The column type on PostgreSQL where it is not the one of [`Field::ty`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql_type: Option<String>,
    /// Kept by the runtime: the time of insertion, or of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
    /// The struct does not have it any more, and its column or key stays for programs that do: from
    /// `#[removed("email", keep)]`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kept: bool,
    /// What rows get that are there before the field is, or before it has to have a value: from
    /// `#[backfill = "…"]`. A hint of the source: never in the lock.
    #[serde(skip)]
    pub backfill: Option<Sql>,
    /// The former name, from `#[renamed_from("old")]`. A hint of the source: never in the lock.
    #[serde(skip)]
    pub renamed_from: Option<String>,
    /// Variants of enums in the type that had other names, from `#[renamed_from("old")]` on them. A
    /// hint of the source: never in the lock.
    #[serde(skip)]
    pub renamed_variants: Vec<VariantRename>,
}

/// A variant under a new name, somewhere in the type of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariantRename {
    /// The keys of the documents that lead to the enum; empty where the field itself, or an element
    /// of its list, is of the enum.
    pub path: Vec<String>,
    /// The old stored name.
    pub from: String,
    /// The new one.
    pub to: String,
}

/// A time that the runtime keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stamp {
    /// Set at insert.
    CreatedAt,
    /// Set at insert and at every update.
    UpdatedAt,
}

/// Where a field of a new row has its value from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fill {
    /// The caller gives it.
    Caller,
    /// `None` or an empty list, unless the caller gives a value.
    Empty,
    /// A new UUID, unless the caller gives one.
    NewId,
    /// The time of the insert, unless the caller gives one.
    Now,
    /// [`Field::default`], unless the caller gives a value.
    Default,
}

/// Bookkeeping columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Track {
    /// `_version`: 1 at insert, one more at each change.
    #[serde(skip_serializing_if = "is_default")]
    pub version: bool,
    /// `_txid`: the transaction that changed the row last.
    #[serde(skip_serializing_if = "is_default")]
    pub txid: bool,
    /// `_owner`: to whom the row belongs.
    #[serde(skip_serializing_if = "is_default")]
    pub owner: bool,
    /// `_deleted_txid`: the transaction that deleted the row; NULL for a live row.
    #[serde(skip_serializing_if = "is_default")]
    pub soft_delete: bool,
    /// `_order`: the place of the row in `push`, `pop` and `shift`.
    #[serde(skip_serializing_if = "is_default")]
    pub order: bool,
}

impl Track {
    /// Every bookkeeping column.
    pub const ALL: Track =
        Track { version: true, txid: true, owner: true, soft_delete: true, order: true };
}

/// An index or unique index.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The indexed fields, in index order; none where [`Index::on`] says what is indexed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Those of them that stand in descending order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descending: Vec<String>,
    /// What is indexed in place of fields: what stands in the brackets of `CREATE INDEX`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Sql>,
    /// No two rows may have the same values. On a table with soft delete: no two live rows.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unique: bool,
    /// How it is built.
    #[serde(default, skip_serializing_if = "is_default")]
    pub method: Method,
    /// The rows that are in it; all of them without.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Sql>,
}

/// How an index is built.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// In the order of the values: finds one of them, and those between two.
    #[default]
    Btree,
    /// By the elements of the values: finds the lists and documents that contain something.
    /// PostgreSQL only: SQLite has nothing like it, and there none is made.
    Gin,
}

/// SQL that the user wrote, over the columns of a row. In a table of the document layout, the keys
/// of the document stand in it as columns do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "SqlForm", into = "SqlForm")]
pub struct Sql {
    /// For PostgreSQL.
    pub postgres: String,
    /// For SQLite.
    pub sqlite: String,
}

/// One text where both databases have the same.
#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum SqlForm {
    Both(String),
    Each { postgres: String, sqlite: String },
}

impl From<SqlForm> for Sql {
    fn from(form: SqlForm) -> Sql {
        match form {
            SqlForm::Both(text) => Sql { sqlite: text.clone(), postgres: text },
            SqlForm::Each { postgres, sqlite } => Sql { postgres, sqlite },
        }
    }
}

impl From<Sql> for SqlForm {
    fn from(sql: Sql) -> SqlForm {
        match sql.postgres == sql.sqlite {
            true => SqlForm::Both(sql.postgres),
            false => SqlForm::Each { postgres: sql.postgres, sqlite: sql.sqlite },
        }
    }
}

impl Sql {
    /// The text for a database.
    pub fn of(&self, dialect: Dialect) -> &str {
        match dialect {
            Dialect::Postgres => &self.postgres,
            Dialect::Sqlite => &self.sqlite,
        }
    }
}

impl Index {
    /// Whether it is on fields and has all rows in it: only then a reference can rest on it, and
    /// only such a one finds all rows with some values.
    pub fn is_plain(&self) -> bool {
        self.on.is_none() && self.condition.is_none() && self.method == Method::Btree
    }

    /// The texts of the user in it.
    pub fn texts(&self) -> impl Iterator<Item = &Sql> {
        self.on.iter().chain(&self.condition)
    }
}

impl Method {
    /// Its word in both places: the source and PostgreSQL's `USING`.
    pub fn word(self) -> &'static str {
        match self {
            Method::Btree => "btree",
            Method::Gin => "gin",
        }
    }
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
    pub on_delete: Action,
    /// What happens when its key changes.
    #[serde(default, skip_serializing_if = "is_default")]
    pub on_update: Action,
}

/// What a foreign key does when the row it refers to goes or changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Refuse at the end of the statement (SQL's NO ACTION).
    #[default]
    NoAction,
    /// Refuse at once.
    Restrict,
    /// Delete or change the referring rows too.
    Cascade,
    /// Set the referring fields to NULL.
    SetNull,
    /// Set the referring fields to their defaults.
    SetDefault,
}

/// Permission bits: `0b100` read, `0b010` write, `0b001` execute.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Perm(pub u8);

impl Perm {
    /// May be read.
    pub const R: u8 = 0b100;
    /// May be written.
    pub const W: u8 = 0b010;
    /// Rows may be deleted and statements executed. Only tables have it.
    pub const X: u8 = 0b001;

    /// `RWX`, the default of tables.
    pub fn table_default() -> Perm {
        Perm(Perm::R | Perm::W | Perm::X)
    }

    /// Whether this is [`Perm::table_default`].
    pub fn is_table_default(&self) -> bool {
        *self == Perm::table_default()
    }
}

impl Default for Perm {
    /// `RW_`, the default of fields.
    fn default() -> Self {
        Perm(Perm::R | Perm::W)
    }
}

impl fmt::Display for Perm {
    /// `R__`, `RW_`, `RWX` …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (bit, letter) in [(Perm::R, 'R'), (Perm::W, 'W'), (Perm::X, 'X')] {
            fmt::Write::write_char(f, if self.0 & bit == 0 { '_' } else { letter })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Perm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Field {
    /// The column or JSON key.
    pub fn column(&self) -> &str {
        self.column.as_deref().unwrap_or(&self.name)
    }
}

impl Table {
    /// The field of that Rust name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.schema.iter().find(|field| field.name == name)
    }

    /// The names of the key fields, in key order.
    pub fn key(&self) -> Vec<&str> {
        if self.primary_key.is_empty() {
            self.schema.iter().filter(|f| f.primkey).map(|f| f.name.as_str()).collect()
        } else {
            self.primary_key.iter().map(String::as_str).collect()
        }
    }

    /// The key fields themselves, in key order.
    pub fn key_fields(&self) -> impl Iterator<Item = &Field> {
        self.key().into_iter().filter_map(|name| self.field(name))
    }

    /// Whether the field is (part of) the primary key.
    pub fn is_key(&self, name: &str) -> bool {
        self.key().contains(&name)
    }

    /// The table as JSON in the shape of the lock file, without its name.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("the types of the model serialize to JSON")
    }

    /// `sha256:` and 64 hexadecimal digits over the canonical bytes: the table as compact JSON in
    /// the shape of the lock file, fields ordered by name, without `hash` (since format 1).
    pub fn content_hash(&self) -> String {
        let mut canonical = Table { hash: String::new(), ..self.clone() };
        canonical.schema.sort_by(|a, b| a.name.cmp(&b.name));
        crate::hash::of_json(&canonical)
    }

    /// The bookkeeping columns that the table has: the document layout always has all of them.
    pub fn tracked(&self) -> Track {
        match self.layout {
            Layout::Document => Track::ALL,
            Layout::Columns => self.track,
        }
    }

    /// Whether rows of the document layout must have this key: not the primary key, optional
    /// fields or lists (an absent list is empty).
    pub fn is_required(&self, field: &Field) -> bool {
        !field.optional && !self.is_key(&field.name) && !matches!(field.ty, Type::Array(_))
    }
}

impl ordered_map::Named for Field {
    fn name(&self) -> &str {
        &self.name
    }
    fn set_name(&mut self, name: String) {
        self.name = name;
    }
}

impl ordered_map::Named for Table {
    fn name(&self) -> &str {
        &self.name
    }
    fn set_name(&mut self, name: String) {
        self.name = name;
    }
}
