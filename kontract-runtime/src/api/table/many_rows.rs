//! Reads and changes many rows, independent of the type of the table.

use std::any::Any;
use std::collections::HashSet;

use crate::api::operation::{Answer, On, Pick, Running};
use crate::api::patch::Sets;
use crate::driver::many_rows::StoreRows;
use crate::driver::row_sink::{Counted, Sink};
use crate::error::Result;
use crate::value::datum::Datum;
use crate::value::encoded::Encoded;
use crate::value::row::Binder;

impl On {
    /// Reads the row of each key.
    pub(super) fn get_many(self, keys: Encoded, mut rows: Sink) -> Running {
        Box::pin(async move {
            let found = match keys.checked() {
                Ok(keys) => self.find_many(keys, &mut rows).await,
                Err(error) => Err(error),
            };
            match found {
                Ok((keys, places)) => Ok(Answer { keys, places, ..Answer::of_rows(0, rows) }),
                Err(error) => Err(self.explain(error)),
            }
        })
    }

    /// Reads the rows with those keys. Returns how many keys there were, and for each row the place
    /// of its key.
    async fn find_many(&self, keys: Encoded, rows: &mut Sink) -> Result<(usize, Vec<usize>)> {
        let count = keys.rows();
        let places = self.backend.find_rows(self.build().get_rows(), keys, rows).await?;
        Ok((count, places))
    }

    /// Changes the rows with those keys.
    pub(super) fn update_many(self, keys: Encoded, sets: Sets) -> Running {
        Box::pin(async move {
            let done = self.try_update_many(keys, sets).await;
            done.map(answer).map_err(|error| self.explain(error))
        })
    }

    async fn try_update_many(&self, keys: Encoded, sets: Sets) -> Result<u64> {
        let sets = sets.stamped(self.meta)?;
        let keys = each_once(&keys.checked()?)?;
        if sets.is_empty() {
            return Ok(self.find_many(keys, &mut Counted::sink()).await?.1.len() as u64);
        }
        let statement = self.build().update_rows(sets)?;
        self.backend.change_rows(statement, keys).await
    }

    /// Deletes the rows with those keys.
    pub(super) fn delete_many(self, keys: Encoded) -> Running {
        Box::pin(async move {
            let done = self.try_delete_many(keys).await;
            done.map(answer).map_err(|error| self.explain(error))
        })
    }

    async fn try_delete_many(&self, keys: Encoded) -> Result<u64> {
        self.backend.change_rows(self.build().delete_rows(), keys.checked()?).await
    }

    /// Stores rows, and keeps the records for the answer.
    pub(super) fn put_many(
        self,
        statement: Pick,
        values: Encoded,
        records: Box<dyn Any + Send>,
    ) -> Running {
        Box::pin(async move {
            let done = match values.checked() {
                Ok(values) => self.backend.store_rows(self.store(statement, values)).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => Ok(Answer { kept: Some(records), ..Answer::default() }),
                Err(error) => Err(self.explain(error)),
            }
        })
    }

    fn store(&self, statement: Pick, rows: Encoded) -> StoreRows {
        let build = self.build();
        let on = self.clone();
        StoreRows {
            sql: statement(&build),
            rows,
            wires: build.insert_wires(),
            skips_taken_keys: self.meta.has_soft_delete(),
            key_taken: Box::new(move || on.duplicate_key()),
        }
    }
}

fn answer(affected: u64) -> Answer {
    Answer { affected, ..Answer::default() }
}

/// The keys without those that were there before.
fn each_once(keys: &Encoded) -> Result<Encoded> {
    let mut seen = HashSet::new();
    let mut once = Encoded::with_capacity(keys.rows());
    for place in 0..keys.rows() {
        if seen.insert(key_bytes(keys, place)?) {
            keys.replay_row(place, &mut once)?;
            once.end_row(Ok(()));
        }
    }
    Ok(once)
}

/// The key in that row as bytes that differ where keys differ.
pub(super) fn key_bytes(keys: &Encoded, row: usize) -> Result<Vec<u8>> {
    let mut bytes = KeyBytes(Vec::new());
    keys.replay_row(row, &mut bytes)?;
    Ok(bytes.0)
}

/// A key as bytes that differ where keys differ.
struct KeyBytes(Vec<u8>);

impl Binder for KeyBytes {
    fn bind(&mut self, datum: Datum<'_>) -> Result<()> {
        let start = self.0.len();
        self.0.extend([0; 8]);
        crate::value::json::write(&datum, &mut self.0)?;
        let length = (self.0.len() - start) as u64;
        self.0[start..start + 8].copy_from_slice(&length.to_be_bytes());
        Ok(())
    }
}
