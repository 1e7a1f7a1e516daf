//! Records as the database stores them: values that are rounded or cut by their columns, and times in
//! microseconds.

use super::many_rows::{is_last_of_key, keep_last};
use crate::error::Result;
use crate::sql::meta::Meta;
use crate::sql::record::{GivenRow, Keyed, NewRow, Record};
use crate::value::datum::Datum;
use crate::value::row::{Binder, Key, Reader};
use crate::value::row_values::RowValues;

/// Returns the record as it is stored. Rows are found by the key and by the fields `unique`, so that
/// their values must not change.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) for a value that its column refuses, with the name of the field.
fn as_stored<R: Record>(record: R, unique: &[usize]) -> Result<R> {
    let meta = R::meta();
    if !meta.changes_values {
        return Ok(record);
    }
    let mut to = Fitted { meta, unique, next: 0, values: Vec::with_capacity(meta.wires.len()) };
    record.encode(&mut to)?;
    R::decode(&mut to.into_values())
}

/// What is stored: typed records, which are the answer, or values, if the statement returns what is
/// stored.
pub(super) enum Stored<T> {
    Records(T),
    Values(GivenRows),
}

/// Returns a row as it is stored. Rows are found by the key and by the fields `unique`, so that their
/// values must not change.
///
/// # Errors
/// [`Kind::Value`](crate::Kind::Value) for a value that cannot be stored, with the name of the field.
pub(super) fn prepare_one<R: Record>(row: NewRow<R>, unique: &[usize]) -> Result<Stored<R>> {
    let meta = R::meta();
    match row {
        NewRow::Record(record) if !meta.returns_rows => {
            as_stored(record, unique).map(Stored::Records)
        }
        row => {
            let rows = vec![fit_row(meta, given(row)?, unique)?];
            Ok(Stored::Values(GivenRows { rows, meta }))
        }
    }
}

/// Returns rows as they are stored.
///
/// # Errors
/// The errors of [`prepare_one`].
pub(super) fn prepare_all<R: Record>(
    rows: impl Iterator<Item = NewRow<R>>,
) -> Result<Stored<Vec<R>>> {
    let meta = R::meta();
    if meta.returns_rows {
        return fit_rows(meta, rows).map(Stored::Values);
    }
    fit_records(into_records(rows)).map(Stored::Records)
}

/// Returns rows as they are stored, without those whose key a later row has.
///
/// # Errors
/// The errors of [`prepare_one`].
pub(super) fn prepare_last<R: Keyed>(
    rows: impl Iterator<Item = NewRow<R>>,
) -> Result<Stored<Vec<R>>> {
    let meta = R::meta();
    if meta.returns_rows {
        let mut rows = fit_rows(meta, rows)?;
        let is_last = is_last_of_key(meta, rows.count(), &|row, to| rows.bind_key(row, to))?;
        keep_last(&mut rows.rows, is_last);
        return Ok(Stored::Values(rows));
    }
    let mut records = into_records(rows);
    let bind = |row: usize, to: &mut dyn Binder| records[row].key().bind(to);
    let is_last = is_last_of_key(meta, records.len(), &bind)?;
    keep_last(&mut records, is_last);
    fit_records(records).map(Stored::Records)
}

/// Returns the values of rows of which the statement returns what is stored.
fn fit_rows<R: Record>(
    meta: &'static Meta,
    rows: impl Iterator<Item = NewRow<R>>,
) -> Result<GivenRows> {
    let rows = rows.map(|row| fit_row(meta, given(row)?, &[]));
    Ok(GivenRows { rows: rows.collect::<Result<_>>()?, meta })
}

/// Returns the records: all rows of a table that returns none are records.
fn into_records<R: Record>(rows: impl Iterator<Item = NewRow<R>>) -> Vec<R> {
    let mut records: Vec<R> = Vec::with_capacity(rows.size_hint().0);
    records.extend(rows.filter_map(NewRow::into_record));
    records
}

fn fit_records<R: Record>(records: Vec<R>) -> Result<Vec<R>> {
    if !R::meta().changes_values {
        return Ok(records);
    }
    records.into_iter().map(|record| as_stored(record, &[])).collect()
}

/// Returns the values of a row.
fn given<R: Record>(row: NewRow<R>) -> Result<GivenRow> {
    match row {
        NewRow::Given(row) => row,
        NewRow::Record(record) => {
            let mut row = GivenRow::default();
            record.encode(&mut row).map(|()| row)
        }
    }
}

fn fit_row(meta: &'static Meta, row: GivenRow, unique: &[usize]) -> Result<GivenRow> {
    let fit = |(place, value): (usize, Option<Datum<'static>>)| {
        let Some(datum) = value else { return Ok(None) };
        let is_key = meta.key.contains(&place) || unique.contains(&place);
        let datum = if is_key { meta.fit_key(place, datum) } else { meta.fit(place, datum) };
        datum.map(|datum| Some(datum.into_owned()))
    };
    meta.written_places().zip(row.0).map(fit).collect::<Result<_>>().map(GivenRow)
}

/// The values of rows of a table, without those that the database makes.
pub(super) struct GivenRows {
    pub(super) rows: Vec<GivenRow>,
    meta: &'static Meta,
}

impl GivenRows {
    /// Binds the key of a row.
    pub(super) fn bind_key(&self, row: usize, to: &mut dyn Binder) -> Result<()> {
        let places: Vec<usize> = self.meta.written_places().collect();
        for key in &self.meta.key {
            let at = places.iter().position(|place| place == key);
            match at.and_then(|at| self.rows[row].0[at].as_ref()) {
                Some(value) => to.bind(value.borrowed())?,
                None => to.omit(),
            }
        }
        Ok(())
    }
}

impl RowValues for GivenRows {
    fn count(&self) -> usize {
        self.rows.len()
    }

    fn bind(&self, row: usize, to: &mut dyn Binder) -> Result<()> {
        let Some(GivenRow(values)) = self.rows.get(row) else { return Ok(()) };
        for value in values {
            match value {
                Some(value) => to.bind(value.borrowed())?,
                None => to.omit(),
            }
        }
        Ok(())
    }
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
