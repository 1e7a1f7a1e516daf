//! Fields.

mod made;

use serde::{Deserialize, Serialize};

pub use self::made::{FieldDefault, Generated, has_literals};
use super::{Perm, Sql, SqlType, Type};
use crate::serde::{is_default, ordered_map};

/// A field of a table: a column (columns layout) or a key of the JSON document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The Rust name of the field without `r#`. In the lock file the key of the entry.
    #[serde(skip)]
    pub name: String,
    /// The type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Whether the Rust type is `Option<T>`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
    /// Whether it is the only key field.
    #[serde(default, skip_serializing_if = "is_default")]
    pub primkey: bool,
    /// Name of the column or JSON key where it differs from [`Field::name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Permissions of owner handles: bits `0b100` read, `0b010` write, `0b001` execute.
    #[serde(default, skip_serializing_if = "is_default")]
    pub perm: Perm,
    /// The value of new rows that give none: `true`, `1`, `1.5` or `"text"`; for an enum the stored
    /// name of the variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<serde_json::Value>,
    /// The value of new rows that give none, as SQL: `now()`. The database computes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_sql: Option<Sql>,
    /// The database numbers new rows that give no value: an identity column of PostgreSQL, the rowid
    /// of SQLite. Only for a key of one field.
    #[serde(default, skip_serializing_if = "is_default")]
    pub identity: bool,
    /// The database computes the value from other columns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub generated: Option<Generated>,
    /// The column type on PostgreSQL where it is not the one of [`Field::ty`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sql_type: Option<SqlType>,
    /// Whether [`Field::sql_type`] is an enum type of PostgreSQL that the migrations create, or a list of
    /// it: from `#[native]` on the enum. On SQLite it is a CHECK.
    #[serde(default, skip_serializing_if = "is_default")]
    pub native: bool,
    /// Set by the runtime: the time of the insert, or of the last change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stamp: Option<Stamp>,
    /// The comment of the column: the documentation of the field, from `#[table(comments)]`. PostgreSQL only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// The struct no longer has the field, and its column or key stays for programs that do: from
    /// `#[removed("email", keep)]`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kept: bool,
}

/// A time that the runtime sets.
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
    /// The database makes it, unless the caller gives a value.
    Database,
    /// The database computes it: the caller cannot give it.
    Generated,
}

impl Field {
    /// Creates a required field of a type, without attributes.
    pub fn new(name: &str, ty: Type) -> Field {
        Field {
            name: name.to_owned(),
            ty,
            optional: false,
            comment: None,
            primkey: false,
            column: None,
            perm: Perm::default(),
            default: None,
            default_sql: None,
            identity: false,
            generated: None,
            sql_type: None,
            native: false,
            stamp: None,
            kept: false,
        }
    }

    /// The column or JSON key.
    pub fn column(&self) -> &str {
        self.column.as_deref().unwrap_or(&self.name)
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
