//! What the derive writes for a struct: [`Record`], and what it uses for it.
//!
//! A record is written to a [`Binder`] and read from a [`Reader`], field by field in the order of
//! the struct; in the document layout it is the key and then the JSON of the whole struct.

use super::meta::Meta;
use crate::error::Result;
use crate::value::datum::Datum;
use crate::value::derived::AsJson;
use crate::value::document::Moments;
use crate::value::row::{Binder, Key, Reader, ToColumns};
use crate::value::types::Timestamp;

/// A struct with `#[derive(Table)]`, which implements it.
///
/// ```
/// # use kontract_doc_tables::*;
/// /// The statement that creates the table on SQLite; the indexes follow it.
/// fn create_table<R: Record>() -> &'static str {
///     R::CREATE_SQLITE[0]
/// }
/// assert_eq!(User::NAME, "users");
/// assert!(create_table::<User>().starts_with("CREATE TABLE IF NOT EXISTS users"));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    label = "no `#[derive(Table)]`",
    note = "put `#[derive(Table)]` on the struct and `#[primkey]` on its key"
)]
pub trait Record: Sized + Send + Sync + 'static {
    /// JSON of the table in the model, as in the lock file.
    const SCHEMA: &'static str;
    /// The logical name.
    const NAME: &'static str;
    /// The first 64 bits of a hash of the struct's source: fields, types and attributes.
    const FINGERPRINT: u64;
    /// The statements that create this table alone, indexes included, for PostgreSQL.
    const CREATE_POSTGRES: &'static [&'static str];
    /// The statements that create this table alone, indexes included, for SQLite.
    const CREATE_SQLITE: &'static [&'static str];

    /// What the runtime knows of the table, built once.
    fn meta() -> &'static Meta;

    /// Writes the row.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for what cannot be stored.
    fn encode(&self, to: &mut dyn Binder) -> Result<()>;

    /// Reads a row.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) where a field's type cannot be what is stored.
    fn decode(from: &mut dyn Reader) -> Result<Self>;

    /// Sets the fields with `#[updated_at]`.
    fn touch(&mut self, now: Timestamp) {
        let _ = now;
    }
}

/// A table with a primary key, by which one row is found: `get`, `set`, `update`, `delete`. A table with
/// `#[table(keyless)]` has none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no primary key",
    label = "its table is `keyless`, or it is not a table",
    note = "a `KeylessTable<{Self}>` inserts rows, and finds, changes and deletes them by queries"
)]
pub trait Keyed: Distinct {
    /// The type of the key field; for a composite key a tuple, in key order.
    type Key: Key;

    /// The key of this row.
    fn key(&self) -> Self::Key;
}

/// A table of which no two rows are equal: it has a primary key, or a unique index on fields that cannot be
/// NULL. Its rows can be read in pages.
pub trait Distinct: Record {}

/// What an insert takes: a record, or its `New…` struct without what is filled in.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted as a `{R}`",
    label = "neither a `{R}` nor its `New…` struct"
)]
pub trait Insert<R: Record>: Send {
    /// The row, with ids, defaults and times filled in.
    fn into_row(self, now: Timestamp) -> NewRow<R>;
}

/// A record is its own row; its times stay as they are.
impl<R: Record> Insert<R> for R {
    fn into_row(self, _: Timestamp) -> NewRow<R> {
        NewRow::Record(self)
    }
}

/// A row that an insert writes.
pub enum NewRow<R> {
    /// A record, which has all values.
    Record(R),
    /// The values that are given, if the database makes the others.
    Given(Result<GivenRow>),
}

impl<R: Record> NewRow<R> {
    /// Returns the record; `None` if the database makes some of its values.
    pub fn into_record(self) -> Option<R> {
        match self {
            NewRow::Record(record) => Some(record),
            NewRow::Given(_) => None,
        }
    }

    /// Sets the fields with `#[updated_at]`.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        match self {
            NewRow::Record(record) => record.touch(now),
            NewRow::Given(Ok(row)) => {
                if let Err(error) = row.touch(R::meta(), now) {
                    *self = NewRow::Given(Err(error));
                }
            }
            NewRow::Given(Err(_)) => {}
        }
    }
}

/// The values of a row in the order of its columns; `None` for those that the database makes.
#[derive(Default)]
pub struct GivenRow(pub(crate) Vec<Option<Datum<'static>>>);

impl GivenRow {
    fn touch(&mut self, meta: &Meta, now: Timestamp) -> Result<()> {
        for (at, place) in meta.written_places().enumerate() {
            if meta.updated_at().any(|stamped| stamped == place) {
                self.0[at] = Some(meta.stamp(place, now)?);
            }
        }
        Ok(())
    }
}

impl Binder for GivenRow {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        self.0.push(Some(datum.into_owned()));
        Ok(())
    }

    fn omit(&mut self) {
        self.0.push(None);
    }
}

/// Returns a row of these values.
pub fn given<R>(values: impl ToColumns) -> NewRow<R> {
    let mut row = GivenRow::default();
    NewRow::Given(values.to_columns(&mut row).map(|()| row))
}

/// Writes the key, as a tuple of its fields, and the whole struct as its JSON document.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) where JSON would lose something: NaN, infinities, NUL; and
/// for dates and times that a column could not hold.
pub fn document<R: Record + AsJson>(
    key: impl ToColumns,
    record: &R,
    to: &mut dyn Binder,
) -> Result<()> {
    key.to_columns(to)?;
    let moments = Moments { fields: &R::meta().moments, here: false };
    to.bind(Datum::Json(crate::value::document::with_moments(record, moments)?.into()))
}

/// Reads a whole struct from its JSON document. A list that is absent is empty: rows from before
/// the field was added have none.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode).
pub fn from_document<R: Record + AsJson>(from: &mut dyn Reader) -> Result<R> {
    match from.read()? {
        Datum::Json(text) => serde_json::from_str(&text).or_else(|error| {
            let complete = crate::value::document::with_lists(&text, &R::meta().table);
            complete
                .and_then(|value| R::deserialize(value).ok())
                .ok_or_else(|| crate::value::document::unreadable(&text, error))
        }),
        other => Err(crate::value::field_value::mismatch("a JSON document", &other)),
    }
}

/// A table whose rows have a place: `push`, `pop`, `shift`.
#[diagnostic::on_unimplemented(
    message = "the rows of `{Self}` have no order",
    label = "`push`, `pop` and `shift` need the `_order` column",
    note = "add `#[table(ordered)]`, or use the document layout"
)]
pub trait Ordered: Record {}

/// A table whose rows have an owner: `transfer`.
#[diagnostic::on_unimplemented(
    message = "the rows of `{Self}` have no owner",
    label = "`transfer` needs the `_owner` column",
    note = "add `#[table(owned)]`, or use the document layout"
)]
pub trait Owned: Record {}

/// A table that the storage of an owner has: its rows have owners, or it is shared.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither owned nor shared",
    label = "the storage of an owner does not have this table",
    note = "add `#[table(owned)]` if each row has an owner, or `#[table(shared)]` if all owners see all rows"
)]
pub trait OwnerTable: Record {}

/// A table whose rows have a version: `update_if`.
#[diagnostic::on_unimplemented(
    message = "the rows of `{Self}` have no version",
    label = "`update_if` needs the `_version` column",
    note = "add `#[table(versioned)]`, or use the document layout"
)]
pub trait Versioned: Record {}

/// A table whose deleted rows stay: `restore`, `with_deleted`.
#[diagnostic::on_unimplemented(
    message = "deleted rows of `{Self}` are gone",
    label = "this needs the `_deleted_txid` column",
    note = "add `#[table(soft_delete)]`, or use the document layout"
)]
pub trait SoftDelete: Record {}

/// A table that knows when its rows were deleted: `purge_deleted`.
#[diagnostic::on_unimplemented(
    message = "the table of `{Self}` does not know when rows were deleted",
    label = "this needs the `_deleted_at` column",
    note = "add `#[table(deleted_at)]`"
)]
pub trait DeletedAt: SoftDelete {}

/// A table whose changes can be read: `changes`, `subscribe`. Each change of a row stores its transaction, and
/// deleted rows stay, so that a deletion is a change, too.
#[diagnostic::on_unimplemented(
    message = "the changes of `{Self}` cannot be read",
    label = "this needs the `_txid` and `_deleted_txid` columns, and a primary key",
    note = "add `#[table(track, soft_delete)]`, or use the document layout"
)]
pub trait Tracked: Keyed + SoftDelete {}
