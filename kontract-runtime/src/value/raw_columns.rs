//! The values of raw statements and the columns of their rows, as tuples of plain types.

use kontract_schema::Type;

use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::field_value::Value;
use crate::value::row::Reader;
use crate::value::types::{Bytes, Timestamp};

/// A plain type: a type that a field of a table can have and that has its own column type. Enums
/// are sent as text, documents as JSON. `Option<T>` may be NULL, `Vec<T>` is a list.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a value or a column of a statement",
    label = "not a type that a statement takes or gives",
    note = "supported are String, f64, bool, i64, Timestamp, Vec<u8>, Bytes, i8 … u32, f32, Uuid, Decimal, Json, dates of jiff, chrono and time, and Option<T> and Vec<T> of these"
)]
pub trait Plain: Value {
    /// Returns the type in the schema.
    #[doc(hidden)]
    fn ty() -> Type;

    /// Whether the type may be NULL.
    #[doc(hidden)]
    const OPTIONAL: bool = false;
}

macro_rules! plain {
    ($($(#[$meta:meta])* $ty:ty => $word:ident;)*) => { $(
        $(#[$meta])*
        impl Plain for $ty {
            fn ty() -> Type {
                Type::$word
            }
        }
    )* };
}

plain! {
    String => String;
    f64 => Number;
    bool => Boolean;
    i64 => Bigint;
    Timestamp => Date;
    Bytes => Bytes;
    i8 => Int8;
    i16 => Int16;
    i32 => Int32;
    u8 => Uint8;
    u16 => Uint16;
    u32 => Uint32;
    f32 => Float32;
    uuid::Uuid => Uuid;
    serde_json::Value => Json;
    #[cfg(feature = "decimal")] rust_decimal::Decimal => Decimal;
    #[cfg(feature = "jiff")] jiff::Timestamp => Instant;
    #[cfg(feature = "jiff")] jiff::civil::DateTime => DateTime;
    #[cfg(feature = "jiff")] jiff::civil::Date => Day;
    #[cfg(feature = "jiff")] jiff::civil::Time => Time;
    #[cfg(feature = "chrono")] chrono::DateTime<chrono::Utc> => Instant;
    #[cfg(feature = "chrono")] chrono::NaiveDateTime => DateTime;
    #[cfg(feature = "chrono")] chrono::NaiveDate => Day;
    #[cfg(feature = "chrono")] chrono::NaiveTime => Time;
    #[cfg(feature = "time")] time::OffsetDateTime => Instant;
    #[cfg(feature = "time")] time::PrimitiveDateTime => DateTime;
    #[cfg(feature = "time")] time::Date => Day;
    #[cfg(feature = "time")] time::Time => Time;
}

impl<T: Plain> Plain for Option<T> {
    const OPTIONAL: bool = true;
    fn ty() -> Type {
        T::ty()
    }
}

impl<T: Plain> Plain for Vec<T> {
    fn ty() -> Type {
        match T::ty() {
            Type::Uint8 => Type::Bytes,
            element => Type::Array(Box::new(element)),
        }
    }
}

/// A value of a statement: a [`Plain`] type, or a `&str`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a value of a statement",
    label = "neither a plain type nor a `&str`"
)]
pub trait Bind: Send {
    /// Returns the type in the schema, and the value.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) if the database could not return the value unchanged.
    #[doc(hidden)]
    fn datum(&self) -> Result<(Type, Datum<'static>)>;
}

impl<T: Plain + Send> Bind for T {
    fn datum(&self) -> Result<(Type, Datum<'static>)> {
        Ok((T::ty(), self.to_datum()?.into_owned()))
    }
}

impl Bind for &str {
    fn datum(&self) -> Result<(Type, Datum<'static>)> {
        (*self).to_owned().datum()
    }
}

impl Bind for Option<&str> {
    fn datum(&self) -> Result<(Type, Datum<'static>)> {
        self.map(str::to_owned).datum()
    }
}

/// The values of a statement, in the order of `$1`, `$2` …: a tuple, or `()` for no values.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of values",
    label = "write a tuple, of one value `(value,)`, of none `()`"
)]
pub trait Binds: Send {
    /// Returns each value with its type in the schema.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) if the database could not return a value unchanged.
    #[doc(hidden)]
    fn datums(&self) -> Result<Vec<(Type, Datum<'static>)>>;
}

impl Binds for () {
    fn datums(&self) -> Result<Vec<(Type, Datum<'static>)>> {
        Ok(Vec::new())
    }
}

/// A row of a query: a tuple of [`Plain`] types in the order of its columns.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tuple of columns",
    label = "write a tuple, of one column `(String,)`"
)]
pub trait Columns: Sized + Send {
    /// Returns the types of the columns.
    #[doc(hidden)]
    fn types() -> Vec<Type>;

    /// Reads a row into values that borrow nothing.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) if a column has another type.
    #[doc(hidden)]
    fn read(from: &mut dyn Reader) -> Result<Vec<Datum<'static>>>;

    /// Converts these values to the row.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode) if a column has another type, or is NULL and the type
    /// is not an `Option`.
    #[doc(hidden)]
    fn of_row(row: Vec<Datum<'static>>) -> Result<Self>;
}

macro_rules! tuples {
    ($(($($part:ident $index:tt),+);)*) => { $(
        impl<$($part: Bind),+> Binds for ($($part,)+) {
            fn datums(&self) -> Result<Vec<(Type, Datum<'static>)>> {
                Ok(vec![$(self.$index.datum()?),+])
            }
        }

        impl<$($part: Plain + Send),+> Columns for ($($part,)+) {
            fn types() -> Vec<Type> {
                vec![$($part::ty()),+]
            }

            fn read(from: &mut dyn Reader) -> Result<Vec<Datum<'static>>> {
                Ok(vec![$({
                    let _ = $index;
                    from.read()?.into_owned()
                }),+])
            }

            fn of_row(row: Vec<Datum<'static>>) -> Result<Self> {
                let mut columns = row.into_iter();
                Ok(($({
                    let datum = columns.next().unwrap_or(Datum::Null);
                    $part::from_datum(datum).map_err(|error| in_column($index, &error))?
                },)+))
            }
        }
    )* };
}

/// Adds the number of the column to an error, counted from 1 as in `ORDER BY 1`.
fn in_column(index: usize, error: &Error) -> Error {
    Error::decode(format!("column {} of the query: {}", index + 1, error.message()))
}

tuples! {
    (A 0);
    (A 0, B 1);
    (A 0, B 1, C 2);
    (A 0, B 1, C 2, D 3);
    (A 0, B 1, C 2, D 3, E 4);
    (A 0, B 1, C 2, D 3, E 4, F 5);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10);
    (A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11);
}
