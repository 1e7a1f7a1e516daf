//! The items of the source before they are checked: like [`crate::model`], with the place of each
//! part.

use std::fmt;

use proc_macro2::TokenStream;

pub use crate::diagnostic::At;
use crate::model::types::Type;
use crate::model::{
    Deferrable, Generated, Layout, Method, PartitionBy, ReferenceAction, Sql, SqlKind, SqlType,
    Stamp, Track,
};

/// A struct with `#[derive(Table)]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RawTable {
    /// The name of the struct.
    pub ident: String,
    /// Its place.
    pub at: At,
    /// `table(name = "…")`.
    pub name: Option<(String, At)>,
    /// `table(ptr = "…")`.
    pub ptr: Option<(String, At)>,
    /// `table(schema = "…")`.
    pub namespace: Option<(String, At)>,
    /// `table(partition_by = "…")`, with columns in place of fields.
    pub partition_by: Option<(PartitionBy, At)>,
    /// The documentation, if `table(comments)` asks for it.
    pub comment: Option<String>,
    /// `table(comments)`.
    pub comments: bool,
    /// `table(layout = "…")`.
    pub layout: Layout,
    /// `table(standalone)`.
    pub standalone: bool,
    /// `table(external)`, with its place.
    pub external: Option<At>,
    /// `table(keyless)`, with its place.
    pub keyless: Option<At>,
    /// `table(shared)`.
    pub shared: bool,
    /// `table(track, owned, versioned, soft_delete, deleted_at, ordered)`.
    pub track: Track,
    /// The place of the first of these arguments.
    pub track_at: Option<At>,
    /// `table(primary_key(a, b))`.
    pub primary_key: Vec<(String, At)>,
    /// `table(index(…))` and `table(unique(…))`.
    pub indexes: Vec<RawIndex>,
    /// `table(check(…))`.
    pub checks: Vec<RawCheck>,
    /// `table(references(…))`.
    pub references: Vec<RawReference>,
    /// `perm(…)` on the struct.
    pub perm: Option<(u8, At)>,
    /// `renamed_from(…)` on the struct.
    pub renamed_from: Option<(String, At)>,
    /// Each `removed(…)` on the struct.
    pub removed: Vec<RawRemoved>,
    /// The fields.
    pub fields: Vec<RawField>,
}

/// A field that the struct had: `removed("email")`, `removed("email", keep)`.
#[derive(Clone, Debug, PartialEq)]
pub struct RawRemoved {
    /// Its name.
    pub name: String,
    /// The place of the name.
    pub at: At,
    /// Whether its column stays.
    pub keep: bool,
}

/// A field of a table or document.
#[derive(Clone, Debug, PartialEq)]
pub struct RawField {
    /// Its name without `r#`.
    pub name: String,
    /// Its place.
    pub at: At,
    /// The JSON key after serde's attributes.
    pub json: String,
    /// serde accepts JSON without it.
    pub serde_default: bool,
    /// Its type without the `Option`.
    pub ty: RawType,
    /// The place of the type.
    pub ty_at: At,
    /// `Option<T>`.
    pub optional: bool,
    /// The documentation, if `table(comments)` asks for it.
    pub comment: Option<String>,
    /// `primkey`.
    pub primkey: Option<At>,
    /// `primkey(identity)`.
    pub identity: Option<At>,
    /// `perm(…)`.
    pub perm: Option<(u8, At)>,
    /// `default(…)`.
    pub default: Option<(RawDefault, Written)>,
    /// `default(sql = "…")`.
    pub default_sql: Option<(Sql, At)>,
    /// `generated("…")`.
    pub generated: Option<(Generated, At)>,
    /// `unique`, `index`: an index on this field alone.
    pub indexes: Vec<RawIndex>,
    /// `references(…)`.
    pub references: Option<RawReference>,
    /// `check(…)`.
    pub checks: Vec<RawCheck>,
    /// `created_at`, `updated_at`.
    pub stamp: Option<(Stamp, At)>,
    /// `backfill = "…"`.
    pub backfill: Option<(Sql, At)>,
    /// `renamed_from(…)`.
    pub renamed_from: Option<(String, At)>,
    /// `column(name = "…")`.
    pub column: Option<(String, At)>,
    /// `column(sql_type = "…")`.
    pub sql_type: Option<(SqlType, At)>,
}

/// A type as the source writes it.
#[derive(Clone, Debug, PartialEq)]
pub enum RawType {
    /// One of the types of [`crate::model::types`].
    Known(Type),
    /// A type that travels as text and has this column type; in a document it is a text.
    Text(SqlKind),
    /// Some other path: an enum, a document, a newtype, or a mistake.
    Named(String, At),
    /// `Vec<T>`.
    List(Box<RawType>),
}

/// Tokens of the source. Two readings of the same source are equal, so all are equal and print
/// alike, as places do.
#[derive(Clone)]
pub struct Written {
    /// Their place.
    pub at: At,
    /// The tokens.
    pub tokens: TokenStream,
}

impl Written {
    /// These tokens.
    pub fn new(tokens: &impl quote::ToTokens) -> Written {
        Written { at: At::tokens(tokens), tokens: tokens.to_token_stream() }
    }
}

impl PartialEq for Written {
    fn eq(&self, _: &Written) -> bool {
        true
    }
}

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at.fmt(f)
    }
}

/// A default as the source writes it.
#[derive(Clone, Debug, PartialEq)]
pub enum RawDefault {
    /// A literal.
    Value(serde_json::Value),
    /// A path; its last segment is the variant of an enum.
    Variant(String),
}

/// An index of a field or table.
#[derive(Clone, Debug, PartialEq)]
pub struct RawIndex {
    /// `name = "…"`.
    pub name: Option<String>,
    /// Rust names of the fields.
    pub fields: Vec<(String, At)>,
    /// Those of them with `desc`.
    pub descending: Vec<String>,
    /// `opclass = "…"`, `opclass(a = "…")`: fields with their operator classes.
    pub opclass: Vec<(String, String, At)>,
    /// `include(a, b)`.
    pub include: Vec<(String, At)>,
    /// `nulls_not_distinct`.
    pub nulls_not_distinct: Option<At>,
    /// `deferrable`, `deferrable = "deferred"`, with its place.
    pub deferrable: Option<(Deferrable, At)>,
    /// `on = "…"`: SQL in place of fields.
    pub on: Option<(Sql, At)>,
    /// Unique or not.
    pub unique: bool,
    /// `method = "…"`, with the place of the index.
    pub method: (Method, At),
    /// `where = "…"`.
    pub condition: Option<(Sql, At)>,
    /// Its place.
    pub at: At,
}

/// A check of a field or table.
#[derive(Clone, Debug, PartialEq)]
pub struct RawCheck {
    /// `name = "…"`.
    pub name: Option<String>,
    /// The SQL condition.
    pub sql: Sql,
    /// Its place.
    pub at: At,
}

/// A reference to another table.
#[derive(Clone, Debug, PartialEq)]
pub struct RawReference {
    /// Rust names of the fields that refer.
    pub fields: Vec<(String, At)>,
    /// The path of the struct.
    pub table: String,
    /// Rust names of the fields referred to; none means the key.
    pub to: Vec<String>,
    /// `name = "…"`.
    pub name: Option<String>,
    /// `on_delete = "…"`.
    pub on_delete: ReferenceAction,
    /// `on_update = "…"`.
    pub on_update: ReferenceAction,
    /// `deferrable`, `deferrable = "deferred"`.
    pub deferrable: Deferrable,
    /// Its place.
    pub at: At,
}

/// An enum with `#[derive(Enum)]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RawEnum {
    /// The name of the enum.
    pub ident: String,
    /// Rust name and stored name of each variant.
    pub variants: Vec<(String, String)>,
    /// The old and the new stored name of variants with `#[renamed_from("old")]`.
    pub renamed: Vec<(String, String)>,
    /// `native`: the enum type of PostgreSQL.
    pub native: Option<SqlType>,
}

/// A struct with `#[derive(Value)]`: one unnamed field.
#[derive(Clone, Debug, PartialEq)]
pub struct RawNewtype {
    /// The name of the struct.
    pub ident: String,
    /// The type of its field.
    pub ty: RawType,
    /// The place of the type.
    pub ty_at: At,
}

/// A struct with `#[derive(Document)]`.
#[derive(Clone, Debug, PartialEq)]
pub struct RawDocument {
    /// The name of the struct.
    pub ident: String,
    /// Its fields.
    pub fields: Vec<RawField>,
}

/// A struct with `#[derive(Projection)]`.
#[derive(Clone, Debug)]
pub struct RawProjection {
    /// The name of the struct.
    pub ident: String,
    /// `projection(Task)`: the table.
    pub table: Option<TokenStream>,
    /// Its fields.
    pub fields: Vec<RawProjectionField>,
}

/// A field of a projection.
#[derive(Clone, Debug)]
pub struct RawProjectionField {
    /// Its name.
    pub ident: proc_macro2::Ident,
    /// The place of the field, with its attributes.
    pub at: At,
    /// `Option<T>`.
    pub optional: bool,
    /// `column(…)`.
    pub column: Option<RawSelection>,
}

/// What a field of a projection selects.
#[derive(Clone, Debug)]
pub enum RawSelection {
    /// `Task::title`, or `Task::title.of(Other)` with the table `Other`.
    Column {
        /// The expression.
        tokens: TokenStream,
        /// The path of the table.
        table: TokenStream,
    },
    /// `Task::title.lower()`.
    Expression {
        /// The expression.
        tokens: TokenStream,
        /// The paths of the tables whose columns it has.
        tables: Vec<TokenStream>,
    },
    /// `record::<Task>()`.
    Record {
        /// The path of the table.
        table: TokenStream,
    },
}

/// A hash of a table, enum or document as the source writes it. Two readings of the same source have
/// the same hash. It may change with the version of this crate.
pub fn fingerprint(item: &impl std::fmt::Debug) -> u64 {
    let hex = crate::hash::hex(format!("{item:?}").as_bytes());
    u64::from_str_radix(&hex[..16], 16).expect("a hash is hexadecimal")
}

impl RawTable {
    /// Whether the storages of owners have the table: it is owned or shared.
    pub fn is_for_owners(&self) -> bool {
        self.shared || self.layout == Layout::Document || self.track.owner
    }

    /// The logical name of the table.
    pub fn table_name(&self) -> String {
        match &self.name {
            Some((name, _)) => name.clone(),
            None => crate::name::table(&self.ident),
        }
    }
}
