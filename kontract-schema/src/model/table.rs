//! Tables and their layouts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Field, ForeignKey, Index, PartitionBy, Perm, Sql, Track, Type};
use crate::serde::{is_default, ordered_map};

/// A table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The logical name, `users`. Not in the lock file's entry, whose key it is.
    #[serde(skip)]
    pub name: String,
    /// The physical name, `tbl_users_abc123`: set when the table is created; a rename of the
    /// struct does not change it.
    pub ptr: String,
    /// The schema of PostgreSQL that has the table; `None` for that of the connection. On SQLite, which has
    /// no schemas, it is part of the table's name: `audit_events`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The comment of the table: its documentation, from `#[table(comments)]`. PostgreSQL only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// How the table is divided into partitions, which belong to the user. PostgreSQL only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition_by: Option<PartitionBy>,
    /// Managed outside of Kontract: it exists already, and is declared to be queried and referred to.
    /// No statement creates, changes or drops it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub external: bool,
    /// Without a primary key: `#[table(keyless)]`. Its rows are found by queries only.
    #[serde(default, skip_serializing_if = "is_default")]
    pub keyless: bool,
    /// Storages of owners see all rows: `#[table(shared)]`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub shared: bool,
    /// Document or columns.
    #[serde(default, skip_serializing_if = "is_default")]
    pub layout: Layout,
    /// Permissions of owner handles on the whole table.
    #[serde(default = "Perm::table_default", skip_serializing_if = "Perm::is_table_default")]
    pub perm: Perm,
    /// The bookkeeping columns that the source of a table of the columns layout asks for. See
    /// [`Table::tracked`] for the effective set.
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
    /// CHECK constraints the user wrote, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub checks: BTreeMap<String, Sql>,
    /// Foreign keys, by constraint name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub references: BTreeMap<String, ForeignKey>,
    /// In a lock file, what [`Table::content_hash`] was when it was written; empty elsewhere.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub hash: String,
    /// Removed fields with their types. The lock file has them outside of the table.
    #[serde(skip)]
    pub dropped: BTreeMap<String, Type>,
}

/// How a table stores its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One JSON column `data` beside the key and the bookkeeping columns.
    #[default]
    Document,
    /// One typed column for each field.
    Columns,
}

impl Table {
    /// Returns the field with a Rust name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.schema.iter().find(|field| field.name == name)
    }

    /// Returns the name by which statement trees and catalogues know the table: its pointer, behind its
    /// namespace and a `/` if it has one. No name contains a `/`.
    pub fn path(&self) -> String {
        self.path_of(&self.ptr)
    }

    /// Returns the path of an index or table in the namespace of this table.
    pub fn path_of(&self, name: &str) -> String {
        match &self.namespace {
            Some(namespace) => format!("{namespace}/{name}"),
            None => name.to_owned(),
        }
    }

    /// Sets namespace and pointer.
    pub fn set_path(&mut self, path: &str) {
        let (namespace, ptr) = match path.split_once('/') {
            Some((namespace, ptr)) => (Some(namespace.to_owned()), ptr),
            None => (None, path),
        };
        (self.namespace, self.ptr) = (namespace, ptr.to_owned());
    }

    /// Returns the names of the key fields, in key order; none of a keyless table.
    pub fn key(&self) -> Vec<&str> {
        if self.primary_key.is_empty() {
            self.schema.iter().filter(|f| f.primkey).map(|f| f.name.as_str()).collect()
        } else {
            self.primary_key.iter().map(String::as_str).collect()
        }
    }

    /// Returns the key fields, in key order.
    pub fn key_fields(&self) -> impl Iterator<Item = &Field> {
        self.key().into_iter().filter_map(|name| self.field(name))
    }

    /// Whether the field is in the primary key.
    pub fn is_key(&self, name: &str) -> bool {
        self.key().contains(&name)
    }

    /// Whether exactly these fields are the primary key.
    pub fn has_key(&self, fields: &[String]) -> bool {
        let key = self.key();
        key.len() == fields.len() && fields.iter().all(|field| key.contains(&field.as_str()))
    }

    /// Returns the names of fields whose values no two rows share: the key, or without a key the fields of
    /// a unique index that cannot be NULL. Empty without either.
    pub fn distinct_fields(&self) -> Vec<&str> {
        if !self.keyless {
            return self.key();
        }
        let find = |name: &String| self.field(name).filter(|field| !field.optional);
        let unique = self.indexes.values().filter(|index| index.unique && index.is_plain());
        let mut fields = unique.filter_map(|index| {
            index.fields.iter().map(|name| Some(find(name)?.name.as_str())).collect()
        });
        fields.next().unwrap_or_default()
    }

    /// Whether a foreign key can refer to exactly these fields: the primary key, or fields with a
    /// unique index.
    pub fn is_target(&self, fields: &[String]) -> bool {
        let is_same = |index: &Index| {
            index.fields.len() == fields.len()
                && index.fields.iter().all(|field| fields.contains(field))
        };
        let is_unique = |index: &Index| index.unique && index.is_plain() && is_same(index);
        self.has_key(fields)
            || (self.layout == Layout::Columns
                && !self.tracked().soft_delete
                && self.indexes.values().any(is_unique))
    }

    /// Returns the table as JSON in the form of the lock file, without its name.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("the types of the model serialize to JSON")
    }

    /// Returns the hash of the table: `sha256:` and 64 hexadecimal digits over its compact JSON in the
    /// form of the lock file, fields ordered by name, without `hash` (since format 1).
    pub fn content_hash(&self) -> String {
        let mut canonical = Table { hash: String::new(), ..self.clone() };
        canonical.schema.sort_by(|a, b| a.name.cmp(&b.name));
        crate::hash::of_json(&canonical)
    }

    /// Returns the bookkeeping columns of the table. The document layout has all of them; `_deleted_at` only
    /// where it is asked for.
    pub fn tracked(&self) -> Track {
        match self.layout {
            Layout::Document => Track { deleted_at: self.track.deleted_at, ..Track::DOCUMENT },
            Layout::Columns => self.track,
        }
    }

    /// Whether rows of the document layout must have the field: true except for the primary key,
    /// optional fields and lists (an absent list is empty).
    pub fn is_required(&self, field: &Field) -> bool {
        !field.optional && !self.is_key(&field.name) && !matches!(field.ty, Type::Array(_))
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
