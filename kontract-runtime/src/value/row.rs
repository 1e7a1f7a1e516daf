//! The interface between rows and drivers: a [`Binder`] takes values, a [`Reader`] returns columns.
//!
//! Each driver implements both, so derived code contains no trait of a driver.

use super::datum::Datum;
use super::field_value::Value;
use crate::error::{Error, Result};

/// Takes the values of a row, in their order.
pub trait Binder {
    /// Binds the next value.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) if the column cannot store the value.
    fn bind(&mut self, datum: Datum<'_>) -> Result<()>;

    /// Leaves the next value to the database. The statement has no parameter for it.
    fn omit(&mut self) {}
}

/// Returns the columns of a row, in their order.
pub trait Reader {
    /// Reads the next column.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) if the column has another type than the schema.
    fn read(&mut self) -> Result<Datum<'_>>;
}

/// A row that was read, to be read once more.
pub(crate) struct Replayed(std::vec::IntoIter<Datum<'static>>);

impl Replayed {
    /// With those columns.
    pub(crate) fn new(columns: Vec<Datum<'static>>) -> Replayed {
        Replayed(columns.into_iter())
    }
}

impl Reader for Replayed {
    fn read(&mut self) -> Result<Datum<'_>> {
        self.0.next().ok_or_else(|| Error::decode("a column too few"))
    }
}

/// Reads the next column as a field.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode) if the value does not fit the type of the field.
pub fn field<T: Value>(from: &mut dyn Reader) -> Result<T> {
    T::from_datum(from.read()?)
}

/// Reads the next columns as fields, in one call: each call in derived code is compiled in each
/// application, with its error path.
///
/// # Errors
/// [`Kind::Decode`](crate::Kind::Decode) if a value does not fit the type of its field.
pub fn fields<T: FromColumns>(from: &mut dyn Reader) -> Result<T> {
    T::from_columns(from)
}

/// A field, or a tuple of up to eight fields or such tuples.
pub trait FromColumns: Sized {
    /// Reads the columns, in their order.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) if a value does not fit the type of its field.
    fn from_columns(from: &mut dyn Reader) -> Result<Self>;
}

#[diagnostic::do_not_recommend]
impl<T: Value> FromColumns for T {
    fn from_columns(from: &mut dyn Reader) -> Result<T> {
        field(from)
    }
}

/// References to the types that [`FromColumns`] reads.
pub trait ToColumns {
    /// Writes the columns, in their order.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) if a value cannot be stored.
    fn to_columns(self, to: &mut dyn Binder) -> Result<()>;
}

#[diagnostic::do_not_recommend]
impl<T: Value> ToColumns for &T {
    fn to_columns(self, to: &mut dyn Binder) -> Result<()> {
        to.bind(self.to_datum()?)
    }
}

/// A value that the database makes where none is given.
pub struct Made<'a, T>(pub &'a Option<T>);

impl<T: Value> ToColumns for Made<'_, T> {
    fn to_columns(self, to: &mut dyn Binder) -> Result<()> {
        match self.0 {
            Some(value) => to.bind(value.to_datum()?),
            None => {
                to.omit();
                Ok(())
            }
        }
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

/// The type of a primary key: a value, or a tuple of values.
pub trait Key: Send + Sync + 'static {
    /// Writes the columns of the key, in their order.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) if a value cannot be stored.
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
