//! Reading and changing many rows, without the type of the table.
//!
//! On PostgreSQL rows travel as arrays, one for each column, so there is no limit to their number:
//! one statement takes as many as fit into some megabytes, and more go in one transaction; keys
//! always go in one statement. On SQLite the statement for one row runs for each of them in one
//! transaction.

use std::any::Any;
use std::collections::HashSet;
use std::sync::Arc;

use crate::api::operation::{Answer, On, Running};
use crate::api::patch::Sets;
use crate::driver::Backend;
use crate::driver::postgres::{Lists, Postgres};
use crate::driver::row_sink::{Counted, RowSink, SharedSink, Sink};
use crate::driver::sqlite::{Connection, Sqlite, Transaction};
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::encoded::Encoded;
use crate::value::row::{Binder, Reader, field};

/// How many bytes of values one statement takes at most, about.
const CHUNK: usize = 8 << 20;

/// How many keys SQLite looks up on the thread of the caller: about as long as another takes to begin.
const BRIEF: usize = 128;

/// Which statement stores the rows.
#[derive(Clone, Copy)]
pub(super) enum Put {
    Insert,
    Set,
}

impl On {
    pub(super) fn get_many(self, keys: Encoded, mut rows: Sink) -> Running {
        Box::pin(async move {
            let found = match keys.checked() {
                Ok(keys) => self.find_many(Arc::new(keys), &mut rows).await,
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
    async fn find_many(&self, keys: Arc<Encoded>, rows: &mut Sink) -> Result<(usize, Vec<usize>)> {
        let count = keys.rows();
        let places = match &*self.backend {
            Backend::Postgres(postgres) => {
                let sql = self.build().get_many();
                let mut lists = Lists::new(&self.build().meta.key_wires());
                keys.replay(&mut lists)?;
                let sink = std::mem::replace(rows, Counted::sink());
                let mut numbered = Numbered { rows: sink, places: Vec::with_capacity(count) };
                let done = postgres.run_lists(&sql, &[], &lists, &mut numbered).await;
                *rows = numbered.rows;
                done.map(|_| numbered.places)
            }
            Backend::Sqlite(sqlite) => {
                let sql = self.build().get();
                let shared = SharedSink::borrow_from(rows);
                let sink = shared.clone();
                let get = move |reader: &Connection<'_>| {
                    reader.read_at_once(|| sink.fill(|rows| find_each(reader, &sql, &keys, rows)))
                };
                let places = sqlite.read(count <= BRIEF, get).await;
                shared.give_back(rows);
                places
            }
        };
        Ok((count, places?))
    }

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
            return Ok(self.find_many(Arc::new(keys), &mut Counted::sink()).await?.1.len() as u64);
        }
        match &*self.backend {
            Backend::Postgres(postgres) => {
                let (sql, values) = self.build().update_many(sets)?;
                self.by_lists(postgres, &sql, &values, &keys).await
            }
            Backend::Sqlite(sqlite) => {
                let (sql, values) = self.build().update(sets, false)?;
                for_each(sqlite, keys, sql, values).await
            }
        }
    }

    pub(super) fn delete_many(self, keys: Encoded) -> Running {
        Box::pin(async move {
            let done = self.try_delete_many(keys).await;
            done.map(answer).map_err(|error| self.explain(error))
        })
    }

    async fn try_delete_many(&self, keys: Encoded) -> Result<u64> {
        let keys = keys.checked()?;
        match &*self.backend {
            Backend::Postgres(postgres) => {
                self.by_lists(postgres, &self.build().delete_many(), &[], &keys).await
            }
            Backend::Sqlite(sqlite) => {
                for_each(sqlite, keys, self.build().delete(), Vec::new()).await
            }
        }
    }

    /// One statement with those values, and the keys as lists behind them.
    async fn by_lists(
        &self,
        postgres: &Postgres,
        sql: &PreparedStatement,
        values: &[Datum<'static>],
        keys: &Encoded,
    ) -> Result<u64> {
        let mut lists = Lists::new(&self.build().meta.key_wires());
        keys.replay(&mut lists)?;
        postgres.run_lists(sql, values, &lists, &mut Counted::default()).await
    }

    pub(super) fn put_many(
        self,
        put: Put,
        values: Encoded,
        records: Box<dyn Any + Send>,
    ) -> Running {
        Box::pin(async move {
            let done = match values.checked() {
                Ok(values) => self.try_put_many(put, values).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(()) => Ok(Answer { kept: Some(records), ..Answer::default() }),
                Err(error) => Err(self.explain(error)),
            }
        })
    }

    async fn try_put_many(&self, put: Put, values: Encoded) -> Result<()> {
        if values.rows() == 0 {
            return Ok(());
        }
        let build = self.build();
        match &*self.backend {
            Backend::Postgres(postgres) => {
                let sql = match put {
                    Put::Insert => build.insert_many(),
                    Put::Set => build.set_many(),
                };
                self.put_arrays(postgres, &values, &sql).await
            }
            Backend::Sqlite(sqlite) => {
                let sql = match put {
                    Put::Insert => build.insert(),
                    Put::Set => build.set(),
                };
                let places = i64::try_from(values.rows()).unwrap_or(i64::MAX);
                let (has_soft_delete, on) = (self.meta.has_soft_delete(), self.clone());
                let work = move |tx: &mut Transaction<'_>| {
                    let mut sql = tx.prepare(&sql)?;
                    for row in 0..values.rows() {
                        let bind = |to: &mut dyn Binder| values.replay_row(row, to);
                        let affected = tx.run(&mut sql, &bind, &mut Counted::default())?;
                        if affected == 0 && has_soft_delete {
                            return Err(on.duplicate_key());
                        }
                    }
                    Ok(())
                };
                sqlite.write(places, work).await
            }
        }
    }

    /// One statement where all rows fit into it; otherwise, and where the statement passes over
    /// keys that are there, a transaction.
    async fn put_arrays(
        &self,
        postgres: &Postgres,
        values: &Encoded,
        sql: &PreparedStatement,
    ) -> Result<()> {
        let chunks = self.chunks(values)?;
        let mut none = Counted::default();
        if let ([(lists, _)], false) = (&chunks[..], self.meta.has_soft_delete()) {
            let done = postgres.run_lists(sql, &[], lists, &mut none).await;
            return done.map(|_| ()).map_err(|error| self.repeated(error));
        }
        let mut tx = postgres.begin().await?;
        for (lists, rows) in &chunks {
            let done = match lists.arguments(sql, &[]) {
                Ok(arguments) => tx.run_with(sql, arguments, &mut none).await,
                Err(error) => Err(error),
            };
            let refused = match done {
                Ok(affected) if affected == *rows as u64 => continue,
                Ok(_) => self.duplicate_key(),
                Err(error) => self.repeated(error),
            };
            // Where this fails, the server rolls back by itself.
            let _ = tx.rollback().await;
            return Err(refused);
        }
        tx.commit().await
    }

    /// The rows as lists of about [`CHUNK`] bytes, with how many rows each has.
    fn chunks(&self, values: &Encoded) -> Result<Vec<(Lists, usize)>> {
        let wires = self.build().insert_wires();
        let mut chunks = Vec::new();
        let mut lists = Lists::new(&wires);
        let mut start = 0;
        for row in 0..values.rows() {
            values.replay_row(row, &mut lists)?;
            if lists.size() >= CHUNK {
                let full = std::mem::replace(&mut lists, Lists::new(&wires));
                chunks.push((full, row + 1 - start));
                start = row + 1;
            }
        }
        chunks.push((lists, values.rows() - start));
        chunks.retain(|(_, rows)| *rows > 0);
        Ok(chunks)
    }

    /// Two rows of one statement have the same key: PostgreSQL has an error of its own for that,
    /// `cardinality_violation`.
    fn repeated(&self, error: Error) -> Error {
        match error.database() {
            Some(said) if said.code == "21000" => self.duplicate_key(),
            _ => error,
        }
    }
}

fn answer(affected: u64) -> Answer {
    Answer { affected, ..Answer::default() }
}

/// Rows with the number of their key before them.
struct Numbered {
    rows: Sink,
    places: Vec<usize>,
}

impl RowSink for Numbered {
    fn read(&mut self, from: &mut dyn Reader) -> Result<()> {
        let number: i64 = field(from)?;
        self.rows.read(from)?;
        self.places.push(usize::try_from(number - 1).unwrap_or(usize::MAX));
        Ok(())
    }

    fn count(&self) -> usize {
        self.rows.count()
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.places.clear();
    }
}

/// Reads the row of each key. Returns the places of the keys that have one.
fn find_each(
    reader: &Connection<'_>,
    sql: &PreparedStatement,
    keys: &Encoded,
    rows: &mut dyn RowSink,
) -> Result<Vec<usize>> {
    let mut get = reader.prepare(sql)?;
    let mut places = Vec::with_capacity(keys.rows());
    for place in 0..keys.rows() {
        if get.read_first(&|to| keys.replay_row(place, to), rows)? {
            places.push(place);
        }
    }
    Ok(places)
}

/// The same statement for each key in one transaction, after the same values.
async fn for_each(
    sqlite: &Sqlite,
    keys: Encoded,
    sql: Arc<PreparedStatement>,
    values: Vec<Datum<'static>>,
) -> Result<u64> {
    let work = move |tx: &mut Transaction<'_>| {
        let mut sql = tx.prepare(&sql)?;
        let mut affected = 0;
        for place in 0..keys.rows() {
            let bind = |to: &mut dyn Binder| {
                values.iter().try_for_each(|value| to.bind(value.borrowed()))?;
                keys.replay_row(place, to)
            };
            affected += tx.run(&mut sql, &bind, &mut Counted::default())?;
        }
        Ok(affected)
    };
    sqlite.write(0, work).await
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
