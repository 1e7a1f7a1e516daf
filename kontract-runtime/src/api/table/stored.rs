//! Records as the database stores them: values that are rounded or cut by their columns, and times in
//! microseconds.

use crate::error::Result;
use crate::sql::meta::Meta;
use crate::sql::record::Record;
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader};

/// Returns the record as it is stored. Rows are found by the key and by the fields `unique`, so that
/// their values must not change.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) for a value that its column refuses, with the name of the field.
pub(super) fn as_stored<R: Record>(record: R, unique: &[usize]) -> Result<R> {
    let meta = R::meta();
    if !meta.changes_values {
        return Ok(record);
    }
    let mut to = Fitted { meta, unique, next: 0, values: Vec::with_capacity(meta.wires.len()) };
    record.encode(&mut to)?;
    R::decode(&mut to.into_values())
}

/// Returns the records as they are stored.
///
/// # Errors
/// The errors of [`as_stored`].
pub(super) fn all_as_stored<R: Record>(records: Vec<R>) -> Result<Vec<R>> {
    if !R::meta().changes_values {
        return Ok(records);
    }
    records.into_iter().map(|record| as_stored(record, &[])).collect()
}

/// Takes the values of a record, and makes of each what its column stores.
struct Fitted<'a> {
    meta: &'static Meta,
    unique: &'a [usize],
    next: usize,
    values: Vec<Datum<'static>>,
}

impl Fitted<'_> {
    /// Returns the values that the record is read from.
    fn into_values(self) -> Values {
        let mut values = self.values;
        if self.meta.is_document() {
            // The document has the key, too.
            values.drain(..self.meta.key.len());
        }
        Values(values.into_iter())
    }
}

impl Binder for Fitted<'_> {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        let meta = self.meta;
        let place =
            if meta.is_document() { meta.key.get(self.next).copied() } else { Some(self.next) };
        self.next += 1;
        let datum = match place {
            Some(place) if meta.key.contains(&place) || self.unique.contains(&place) => {
                meta.fit_key(place, datum)?
            }
            Some(place) => meta.fit(place, datum)?,
            None => datum,
        };
        self.values.push(datum.into_owned());
        Ok(())
    }
}

/// The values of a record.
struct Values(std::vec::IntoIter<Datum<'static>>);

impl Reader for Values {
    fn read(&mut self) -> Result<Datum<'_>> {
        Ok(self.0.next().unwrap_or(Datum::Null))
    }
}
