//! Reads and changes many rows, independent of the type of the table.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::api::operation::{Answer, On, PickInsert, Running, duplicate_key};
use crate::api::patch::Sets;
use crate::driver::many_rows::{ForKeys, StoreForm, StoreRows};
use crate::driver::row_sink::{Counted, Sink};
use crate::error::Result;
use crate::sql::meta::Meta;
use crate::value::datum::Datum;
use crate::value::row::Binder;
use crate::value::row_values::{Omitted, RowValues};

impl On {
    /// Reads the row of each key.
    pub(super) fn get_many(self, keys: Box<dyn RowValues>, mut rows: Sink) -> Running {
        Running::new(async move {
            match self.find_many(keys, &mut rows).await {
                Ok((keys, places)) => Ok(Answer { keys, places, ..Answer::of_rows(0, rows) }),
                Err(error) => Err(self.explain(error)),
            }
        })
    }

    /// Reads the rows with those keys. Returns how many keys there were, and for each row the place
    /// of its key.
    async fn find_many(
        &self,
        keys: Box<dyn RowValues>,
        rows: &mut Sink,
    ) -> Result<(usize, Vec<usize>)> {
        let count = keys.count();
        let places = self
            .access
            .backend
            .find_rows(self.for_keys(self.build().get_rows()), keys, rows)
            .await?;
        Ok((count, places))
    }

    /// Adds the values that the owner of the handle gives.
    fn for_keys(&self, statement: ForKeys) -> ForKeys {
        ForKeys { last: self.access.owner_values(&statement.sql), ..statement }
    }

    /// Changes the rows with those keys.
    pub(super) fn update_many(self, keys: Box<dyn RowValues>, sets: Sets) -> Running {
        Running::new(async move {
            let done = self.try_update_many(keys, sets).await;
            done.map(answer).map_err(|error| self.explain(error))
        })
    }

    async fn try_update_many(&self, keys: Box<dyn RowValues>, sets: Sets) -> Result<u64> {
        let sets = sets.stamped(self.meta)?;
        if sets.is_empty() {
            return Ok(self.find_many(keys, &mut Counted::sink()).await?.1.len() as u64);
        }
        let statement = self.build().update_rows(sets)?;
        self.access.backend.change_rows(self.for_keys(statement), keys).await
    }

    /// Deletes the rows with those keys.
    pub(super) fn delete_many(self, keys: Box<dyn RowValues>) -> Running {
        Running::new(async move {
            let done = self.try_delete_many(keys).await;
            done.map(answer).map_err(|error| self.explain(error))
        })
    }

    async fn try_delete_many(&self, keys: Box<dyn RowValues>) -> Result<u64> {
        self.access.backend.change_rows(self.for_keys(self.build().delete_rows()), keys).await
    }

    /// Stores rows. The answer are the rows that the statements return, or without a sink the given
    /// ones.
    pub(super) fn put_many(
        self,
        statement: PickInsert,
        records: Arc<dyn RowValues>,
        stored: Option<Sink>,
    ) -> Running {
        Running::new(async move {
            let done = self.try_put_many(statement, records, stored).await;
            done.map_err(|error| self.explain(error))
        })
    }

    async fn try_put_many(
        &self,
        statement: PickInsert,
        records: Arc<dyn RowValues>,
        stored: Option<Sink>,
    ) -> Result<Answer> {
        let store = self.store(statement, Arc::clone(&records))?;
        let Some(mut stored) = stored else {
            self.access.backend.store_rows(store, None).await?;
            return Ok(Answer { kept: Some(Box::new(records)), ..Answer::default() });
        };
        let keys = records.count();
        let places = self.access.backend.store_rows(store, Some(&mut stored)).await?;
        Ok(Answer { keys, places, ..Answer::of_rows(0, stored) })
    }

    fn store(&self, statement: PickInsert, rows: Arc<dyn RowValues>) -> Result<StoreRows> {
        let (build, meta) = (self.build(), self.meta);
        let form = |omitted: &Omitted, rows| StoreForm {
            sql: statement(&build, omitted),
            wires: build.insert_wires(omitted),
            rows,
        };
        let forms: Vec<StoreForm> = if meta.makes_values {
            let mut rows_of: BTreeMap<Omitted, Vec<usize>> = BTreeMap::new();
            for row in 0..rows.count() {
                rows_of.entry(Omitted::of_row(&*rows, row)?).or_default().push(row);
            }
            rows_of.into_iter().map(|(omitted, rows)| form(&omitted, rows)).collect()
        } else {
            vec![form(&Omitted::default(), (0..rows.count()).collect())]
        };
        let last = forms.first().map_or_else(Vec::new, |form| self.access.owner_values(&form.sql));
        Ok(StoreRows { forms, rows, last, key_taken: Box::new(move || duplicate_key(meta)) })
    }
}

fn answer(affected: u64) -> Answer {
    Answer { affected, ..Answer::default() }
}

/// Binds the key of the row with that number.
type BindKey<'a> = &'a dyn Fn(usize, &mut dyn Binder) -> Result<()>;

/// Returns for each row whether it is the last one with its key.
pub(super) fn is_last_of_key(
    meta: &'static Meta,
    rows: usize,
    bind_key: BindKey<'_>,
) -> Result<Vec<bool>> {
    let mut places: HashMap<Vec<u8>, usize> = HashMap::with_capacity(rows);
    let mut is_last = vec![true; rows];
    for row in 0..rows {
        let mut key = KeyBytes { bytes: Vec::new(), row, meta, places: meta.key.iter() };
        bind_key(row, &mut key)?;
        if let Some(earlier) = places.insert(key.bytes, row) {
            is_last[earlier] = false;
        }
    }
    Ok(is_last)
}

/// Removes the rows that are not the last of their key.
pub(super) fn keep_last<T>(rows: &mut Vec<T>, is_last: Vec<bool>) {
    let mut is_last = is_last.into_iter();
    rows.retain(|_| is_last.next().unwrap_or_default());
}

/// The key of a row as bytes that differ where keys differ.
struct KeyBytes {
    bytes: Vec<u8>,
    row: usize,
    meta: &'static Meta,
    /// The fields of the key that are not yet bound.
    places: std::slice::Iter<'static, usize>,
}

impl Binder for KeyBytes {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        let datum = match self.places.next() {
            Some(place) => self.meta.same(*place, datum),
            None => datum,
        };
        let start = self.bytes.len();
        self.bytes.extend([0; 8]);
        crate::value::json::write(&datum, &mut self.bytes)?;
        let length = (self.bytes.len() - start) as u64;
        self.bytes[start..start + 8].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }

    /// The database makes a new value, which no other row has.
    fn omit(&mut self) {
        self.places.next();
        self.bytes.extend(u64::MAX.to_be_bytes());
        self.bytes.extend((self.row as u64).to_be_bytes());
    }
}
