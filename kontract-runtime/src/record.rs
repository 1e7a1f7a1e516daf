//! What the derive writes for a struct: [`Record`], and what it uses for it.
//!
//! A record is written to a [`Binder`] and read from a [`Reader`], field by field in the order of
//! the struct; in the document layout it is the key and then the JSON of the whole struct. Each
//! backend implements both, so that no driver's trait appears in derived code.

use crate::datum::Datum;
use crate::derived::AsJson;
use crate::document::Moments;
use crate::error::{Error, Result};
use crate::meta::Meta;
use crate::types::Timestamp;
use crate::value::{Value, from_json};

/// A struct with `#[derive(Table)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    label = "no `#[derive(Table)]`",
    note = "put `#[derive(Table)]` on the struct and `#[primkey]` on its key"
)]
pub trait Record: Sized + Send + Sync + 'static {
    /// The type of the key field; for a composite key a tuple, in key order.
    type Key: Key;
    /// JSON of the table in the model, as in the lock file.
    const SCHEMA: &'static str;
    /// The logical name.
    const NAME: &'static str;
    /// The first 64 bits of the table's content hash.
    const FINGERPRINT: u64;
    /// The statements that create this table alone, indexes included, for PostgreSQL.
    const CREATE_POSTGRES: &'static [&'static str];
    /// The same for SQLite.
    const CREATE_SQLITE: &'static [&'static str];

    /// What the runtime knows of the table, built once.
    fn meta() -> &'static Meta;

    /// The key of this row.
    fn key(&self) -> Self::Key;

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

/// What an insert takes: a record, or its `New…` struct without what is filled in.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted as a `{R}`",
    label = "neither a `{R}` nor its `New…` struct"
)]
pub trait Insert<R: Record>: Send {
    /// The row, with ids, defaults and times filled in.
    fn into_record(self, now: Timestamp) -> R;
}

/// A record is its own row; its times stay as they are.
impl<R: Record> Insert<R> for R {
    fn into_record(self, _: Timestamp) -> R {
        self
    }
}

/// Takes the values of a row, in order.
pub trait Binder {
    /// The next one.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for what the column cannot hold.
    fn bind(&mut self, datum: Datum<'_>) -> Result<()>;
}

/// Gives the columns of a row, in order.
pub trait Reader {
    /// The next one.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) where the column has another type than the schema.
    fn read(&mut self) -> Result<Datum<'_>>;
}

/// The next column as a field.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode).
pub fn field<T: Value>(from: &mut dyn Reader) -> Result<T> {
    T::from_datum(from.read()?)
}

/// The next columns as fields, in one call: every call in derived code is compiled in each
/// application, with what to do where it fails.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode).
pub fn fields<T: FromColumns>(from: &mut dyn Reader) -> Result<T> {
    T::from_columns(from)
}

/// A field, or a tuple of at most eight of them, or of such tuples.
pub trait FromColumns: Sized {
    /// Reads their columns, in order.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode).
    fn from_columns(from: &mut dyn Reader) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Value> FromColumns for T {
    fn from_columns(from: &mut dyn Reader) -> Result<T> {
        field(from)
    }
}

/// References to what [`FromColumns`] reads.
pub trait ToColumns {
    /// Writes their columns, in order.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for what cannot be stored.
    fn to_columns(self, to: &mut dyn Binder) -> Result<()>;
}

#[diagnostic::do_not_recommend]
impl<T: Value> ToColumns for &T {
    fn to_columns(self, to: &mut dyn Binder) -> Result<()> {
        to.bind(self.to_datum()?)
    }
}

macro_rules! columns {
    ($($($part:ident $index:tt),+;)*) => { $(
        impl<$($part: FromColumns),+> FromColumns for ($($part,)+) {
            fn from_columns(from: &mut dyn Reader) -> Result<Self> {
                Ok(($($part::from_columns(from)?,)+))
            }
        }

        impl<$($part: ToColumns),+> ToColumns for ($($part,)+) {
            fn to_columns(self, to: &mut dyn Binder) -> Result<()> {
                $(self.$index.to_columns(to)?;)+
                Ok(())
            }
        }
    )* };
}

columns! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

/// Writes a whole struct as its JSON document.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) where JSON would lose something: NaN, infinities, NUL; and
/// for dates and times that a column could not hold.
pub fn document<R: Record + AsJson>(record: &R, to: &mut dyn Binder) -> Result<()> {
    let moments = Moments { fields: &R::meta().moments, here: false };
    to.bind(Datum::Json(crate::document::with_moments(record, moments)?.into()))
}

/// Reads a whole struct from its JSON document. A list that is absent is empty: rows from before
/// the field was added have none.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode).
pub fn from_document<R: Record + AsJson>(from: &mut dyn Reader) -> Result<R> {
    match from.read()? {
        Datum::Json(text) => serde_json::from_str(&text).or_else(|error| {
            let complete = crate::document::with_lists(&text, &R::meta().table);
            complete
                .and_then(|value| R::deserialize(value).ok())
                .ok_or_else(|| crate::document::unreadable(&text, error))
        }),
        other => Err(crate::value::mismatch("a JSON document", &other)),
    }
}

/// A derived document (`#[derive(Document)]`) as a value.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) where JSON would lose something.
pub fn object_to_datum<T: AsJson>(value: &T) -> Result<Datum<'static>> {
    Ok(Datum::Json(crate::document::to_json(value)?.into()))
}

/// Reads [`object_to_datum`].
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode).
pub fn object_from_datum<T: AsJson>(datum: Datum<'_>) -> Result<T> {
    match datum {
        Datum::Json(text) => from_json(&text),
        other => Err(crate::value::mismatch("a JSON document", &other)),
    }
}

/// A derived enum as a value, by its stored name.
///
/// # Errors
/// None; a `Result` so that it can stand where every value's does.
pub fn variant_to_datum(name: &'static str) -> Result<Datum<'static>> {
    Ok(Datum::Text(name.into()))
}

/// Reads a derived enum: `find` gives the variant of a stored name.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode) for a name that no variant has.
pub fn variant_from_datum<T>(datum: Datum<'_>, find: fn(&str) -> Option<T>) -> Result<T> {
    let name = String::from_datum(datum)?;
    find(&name).ok_or_else(|| Error::decode("the stored name is no variant of the enum"))
}

/// The type of a key: a value, or a tuple of them.
pub trait Key: Send + Sync + 'static {
    /// Writes the key's columns, in key order.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for what cannot be stored.
    fn bind(&self, to: &mut dyn Binder) -> Result<()>;
}

impl<T: Value + Send + Sync + 'static> Key for T {
    fn bind(&self, to: &mut dyn Binder) -> Result<()> {
        to.bind(self.to_datum()?)
    }
}

macro_rules! tuples {
    ($(($($part:ident $index:tt),+);)*) => { $(
        impl<$($part: Value + Send + Sync + 'static),+> Key for ($($part,)+) {
            fn bind(&self, to: &mut dyn Binder) -> Result<()> {
                $(to.bind(self.$index.to_datum()?)?;)+
                Ok(())
            }
        }
    )* };
}

tuples! {
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
}

/// A table whose rows have a place: `push`, `pop`, `shift`.
#[diagnostic::on_unimplemented(
    message = "the rows of `{Self}` have no order",
    label = "`push`, `pop` and `shift` need the `_order` column",
    note = "add `#[table(ordered)]`, or use the document layout"
)]
pub trait Ordered: Record {}

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
