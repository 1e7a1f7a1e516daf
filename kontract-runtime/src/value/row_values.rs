//! The values of records and keys for a driver, which does not know their type. They are bound when
//! the statement runs, and again if it is retried.

use std::any::Any;

use super::datum::Datum;
use super::row::Binder;
use crate::error::Result;

/// Records to store, or keys to look up.
pub(crate) trait RowValues: Any + Send + Sync {
    /// Returns the number of rows.
    fn count(&self) -> usize;

    /// Binds the values of one row, counted from 0. Binds nothing if the row does not exist.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for a value that cannot be stored.
    fn bind(&self, row: usize, to: &mut dyn Binder) -> Result<()>;
}

/// The values that a row leaves to the database, by their places among those that a row writes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Omitted(Vec<usize>);

impl Omitted {
    /// Returns what a row omits.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for a value that cannot be stored.
    pub(crate) fn of_row(rows: &dyn RowValues, row: usize) -> Result<Omitted> {
        let mut counter = Counter { next: 0, omitted: Vec::new() };
        rows.bind(row, &mut counter)?;
        Ok(Omitted(counter.omitted))
    }

    /// Whether it is nothing.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the row omits the value at a place.
    pub(crate) fn has(&self, place: usize) -> bool {
        self.0.contains(&place)
    }
}

/// Counts the values of a row.
struct Counter {
    next: usize,
    omitted: Vec<usize>,
}

impl Binder for Counter {
    fn bind(&mut self, _: Datum<'_>) -> Result<()> {
        self.next += 1;
        Ok(())
    }

    fn omit(&mut self) {
        self.omitted.push(self.next);
        self.next += 1;
    }
}

/// Writes the values of one row.
pub(crate) type BindRow<T> = fn(&T, &mut dyn Binder) -> Result<()>;

/// Rows of the type `T`, in an array or a list.
pub(crate) struct TypedRows<C, T> {
    rows: C,
    bind: BindRow<T>,
}

impl<C, T> TypedRows<C, T> {
    /// Creates the values from the rows, and from the function that binds one of them.
    pub(crate) fn new(rows: C, bind: BindRow<T>) -> TypedRows<C, T> {
        TypedRows { rows, bind }
    }

    /// Returns the rows.
    pub(crate) fn into_rows(self) -> C {
        self.rows
    }
}

impl<C, T> RowValues for TypedRows<C, T>
where
    C: AsRef<[T]> + Send + Sync + 'static,
    T: 'static,
{
    fn count(&self) -> usize {
        self.rows.as_ref().len()
    }

    fn bind(&self, row: usize, to: &mut dyn Binder) -> Result<()> {
        self.rows.as_ref().get(row).map_or(Ok(()), |row| (self.bind)(row, to))
    }
}
