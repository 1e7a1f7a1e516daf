//! Where the rows of a statement go. Drivers read rows into a [`RowSink`] and do not know what they
//! become, so that their code is compiled once and not again for each table.

use std::any::Any;
use std::sync::{Arc, Mutex, PoisonError};

use super::statement::Decode;
use crate::error::Result;
use crate::value::row::Reader;

/// Takes the rows of a statement, one after the other: what drivers know of the type that rows
/// become.
pub(crate) trait RowSink: Send {
    /// Reads a row and keeps it.
    ///
    /// # Errors
    /// [`Kind::Decode`](crate::Kind::Decode).
    fn read(&mut self, from: &mut dyn Reader) -> Result<()>;

    /// How many rows it has.
    fn count(&self) -> usize;

    /// Forgets all rows: the statement is run again.
    fn clear(&mut self);
}

/// A sink that borrows nothing, so that a statement on another thread can take it along.
pub(crate) trait OwnedSink: RowSink + Any {}

impl<S: RowSink + Any> OwnedSink for S {}

/// Such a sink of any type.
pub(crate) type Sink = Box<dyn OwnedSink>;

/// Rows of one type, and how they are read.
pub(crate) struct Collected<T> {
    decode: Decode<T>,
    rows: Vec<T>,
}

impl<T: Send + 'static> Collected<T> {
    /// A sink without rows.
    pub(crate) fn sink(decode: Decode<T>) -> Sink {
        Box::new(Collected::new(decode))
    }

    /// The rows of a sink of this type; none of another one.
    pub(crate) fn take(sink: Sink) -> Vec<T> {
        let sink: Box<dyn Any> = sink;
        sink.downcast::<Collected<T>>().map(|sink| sink.rows).unwrap_or_default()
    }

    /// The rows, for tests to add some.
    #[cfg(test)]
    pub(crate) fn rows_mut(&mut self) -> &mut Vec<T> {
        &mut self.rows
    }
}

impl<T> Collected<T> {
    /// No rows yet.
    pub(crate) fn new(decode: Decode<T>) -> Collected<T> {
        Collected { decode, rows: Vec::new() }
    }

    /// The rows.
    pub(crate) fn into_rows(self) -> Vec<T> {
        self.rows
    }
}

impl<T: Send> RowSink for Collected<T> {
    fn read(&mut self, from: &mut dyn Reader) -> Result<()> {
        self.rows.push((self.decode)(from)?);
        Ok(())
    }

    fn count(&self) -> usize {
        self.rows.len()
    }

    fn clear(&mut self) {
        self.rows.clear();
    }
}

/// A sink for statements whose rows do not matter: counts them.
#[derive(Default)]
pub(crate) struct Counted(usize);

impl Counted {
    /// A sink without rows.
    pub(crate) fn sink() -> Sink {
        Box::new(Counted(0))
    }
}

impl RowSink for Counted {
    fn read(&mut self, _: &mut dyn Reader) -> Result<()> {
        self.0 += 1;
        Ok(())
    }

    fn count(&self) -> usize {
        self.0
    }

    fn clear(&mut self) {
        self.0 = 0;
    }
}

/// A sink that several threads can reach, for work that runs on another thread and may be repeated.
#[derive(Clone)]
pub(crate) struct SharedSink(Arc<Mutex<Sink>>);

impl SharedSink {
    /// Takes the rows out of their place, to which [`SharedSink::give_back`] returns them.
    pub(crate) fn borrow_from(place: &mut Sink) -> SharedSink {
        SharedSink(Arc::new(Mutex::new(std::mem::replace(place, Counted::sink()))))
    }

    /// Runs some work with the sink, emptied.
    pub(crate) fn fill<T>(&self, work: impl FnOnce(&mut dyn RowSink) -> T) -> T {
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sink.clear();
        work(&mut **sink)
    }

    /// Puts the sink back into its place.
    pub(crate) fn give_back(&self, place: &mut Sink) {
        let mut sink = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *place = std::mem::replace(&mut *sink, Counted::sink());
    }
}
