//! Encoded values of rows, kept until they are bound: later, on another thread, and again if a
//! statement is retried.

use super::datum::Datum;
use super::row::{Binder, Key};
use crate::error::{Error, Result};

/// The values of rows of equal width, one row after the other. Borrowed text is copied into one
/// buffer, so a row costs two allocations whatever its fields are.
#[derive(Default)]
pub(crate) struct Encoded {
    slots: Vec<Slot>,
    text: String,
    rows: usize,
    /// The first error of encoding a value.
    refused: Option<Error>,
}

enum Slot {
    /// A text in the buffer, from the first position to the second.
    Text(usize, usize),
    Other(Datum<'static>),
}

impl Encoded {
    /// Creates an empty buffer with capacity for that many values.
    pub(crate) fn with_capacity(values: usize) -> Encoded {
        let (slots, text) = (Vec::with_capacity(values), String::with_capacity(64));
        Encoded { slots, text, ..Encoded::default() }
    }

    /// Encodes a key as one row.
    pub(crate) fn of_key<K: Key>(key: &K) -> Encoded {
        let mut values = Encoded::with_capacity(1);
        let done = key.bind(&mut values);
        values.end_row(done);
        values
    }

    /// Creates one row of owned values.
    pub(crate) fn of(values: Vec<Datum<'static>>) -> Encoded {
        let slots = values.into_iter().map(Slot::Other).collect();
        Encoded { slots, rows: 1, ..Encoded::default() }
    }

    /// Ends a row. Keeps the error if the values could not be encoded.
    pub(crate) fn end_row(&mut self, done: Result<()>) {
        self.rows += 1;
        if let Err(error) = done {
            self.refused.get_or_insert(error);
        }
    }

    /// Returns the values if all of them could be encoded.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for the first value that cannot be stored.
    pub(crate) fn checked(mut self) -> Result<Encoded> {
        match self.refused.take() {
            Some(error) => Err(error),
            None => Ok(self),
        }
    }

    /// Returns the number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Binds all values.
    ///
    /// # Errors
    /// The errors of the binder.
    pub(crate) fn replay(&self, to: &mut dyn Binder) -> Result<()> {
        self.slots.iter().try_for_each(|slot| self.replay_slot(slot, to))
    }

    /// Binds the values of one row, counted from 0. Binds nothing if the row does not exist.
    ///
    /// # Errors
    /// The errors of the binder.
    pub(crate) fn replay_row(&self, row: usize, to: &mut dyn Binder) -> Result<()> {
        let width = self.slots.len() / self.rows.max(1);
        let slots = self.slots.get(row * width..(row + 1) * width).unwrap_or_default();
        slots.iter().try_for_each(|slot| self.replay_slot(slot, to))
    }

    fn replay_slot(&self, slot: &Slot, to: &mut dyn Binder) -> Result<()> {
        match slot {
            Slot::Text(start, end) => {
                to.bind(Datum::Text(self.text.get(*start..*end).unwrap_or_default().into()))
            }
            Slot::Other(datum) => to.bind(datum.borrowed()),
        }
    }
}

impl Binder for Encoded {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        let slot = match datum {
            Datum::Text(std::borrow::Cow::Borrowed(text)) => {
                let start = self.text.len();
                self.text.push_str(text);
                Slot::Text(start, self.text.len())
            }
            other => Slot::Other(other.into_owned()),
        };
        self.slots.push(slot);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Seen(Vec<Datum<'static>>);

    impl Binder for Seen {
        fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
            self.0.push(datum.into_owned());
            Ok(())
        }
    }

    #[test]
    fn rows_are_bound_as_they_were_encoded() {
        let row = |text: &'static str, number| [Datum::Text(text.into()), Datum::I64(number)];
        let rows = [row("a", 1), row("", 2), row("äö", 3)];
        let mut encoded = Encoded::with_capacity(6);
        for row in &rows {
            row.iter()
                .for_each(|value| Binder::bind(&mut encoded, value.clone()).expect("a value"));
            encoded.end_row(Ok(()));
        }
        assert_eq!(encoded.rows(), 3);
        for (at, row) in rows.iter().enumerate() {
            let mut seen = Seen(Vec::new());
            encoded.replay_row(at, &mut seen).expect("a row");
            assert_eq!(seen.0, row);
        }
        let mut seen = Seen(Vec::new());
        encoded.replay(&mut seen).expect("all rows");
        assert_eq!(seen.0, rows.concat());
    }
}
