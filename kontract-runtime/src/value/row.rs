//! Rows on their way to a driver and back: [`Binder`] takes values, [`Reader`] gives columns.
//!
//! Each driver implements both, so that no driver's trait appears in derived code.

use super::datum::Datum;
use super::field_value::Value;
use crate::error::Result;

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
