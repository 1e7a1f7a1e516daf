//! Many rows by one statement: they travel as arrays, one for each column. Their number has
//! no limit: a statement takes as many as fit into some megabytes, and more go in one
//! transaction; keys always go in one statement.

use super::Postgres;
use super::encode::Lists;
use crate::driver::many_rows::{ForKeys, StoreRows};
use crate::driver::row_sink::{Counted, RowSink, Sink};
use crate::error::{Error, Result};
use crate::value::row::{Reader, field};
use crate::value::row_values::RowValues;

/// How many bytes of values one statement takes at most, about.
const CHUNK: usize = 8 << 20;

impl Postgres {
    /// Reads the rows with those keys. Returns for each row the place of its key.
    pub(in crate::driver) async fn find_rows(
        &self,
        statement: &ForKeys,
        keys: &dyn RowValues,
        rows: &mut Sink,
    ) -> Result<Vec<usize>> {
        let places = Vec::with_capacity(keys.count());
        let sink = std::mem::replace(rows, Counted::sink());
        let mut numbered = Numbered { rows: sink, places };
        let done = self.run_for_keys(statement, keys, &mut numbered).await;
        *rows = numbered.rows;
        done.map(|_| numbered.places)
    }

    /// Changes the rows with those keys. Returns how many there were.
    pub(in crate::driver) async fn change_rows(
        &self,
        statement: &ForKeys,
        keys: &dyn RowValues,
    ) -> Result<u64> {
        self.run_for_keys(statement, keys, &mut Counted::default()).await
    }

    async fn run_for_keys(
        &self,
        statement: &ForKeys,
        keys: &dyn RowValues,
        rows: &mut dyn RowSink,
    ) -> Result<u64> {
        let mut lists = Lists::new(&statement.wires);
        (0..keys.count()).try_for_each(|row| keys.bind(row, &mut lists))?;
        self.run_lists(&statement.sql, &statement.values, &lists, rows).await
    }

    /// Stores rows: by one statement where all rows fit into it; otherwise, and where the statement
    /// skips keys that are taken, in a transaction.
    pub(in crate::driver) async fn store_rows(&self, store: &StoreRows) -> Result<()> {
        let sql = &store.sql;
        let chunks = chunks(store)?;
        let mut none = Counted::default();
        if let ([(lists, _)], false) = (&chunks[..], store.skips_taken_keys) {
            let done = self.run_lists(sql, &[], lists, &mut none).await;
            return done.map(drop).map_err(|error| repeated(store, error));
        }
        let mut tx = self.begin().await?;
        for (lists, rows) in &chunks {
            let done = match lists.arguments(sql, &[]) {
                Ok(arguments) => tx.run_with(sql, arguments, &mut none).await,
                Err(error) => Err(error),
            };
            let refused = match done {
                Ok(affected) if affected == *rows as u64 => continue,
                Ok(_) => (store.key_taken)(),
                Err(error) => repeated(store, error),
            };
            // Where this fails, the server rolls back by itself.
            let _ = tx.rollback().await;
            return Err(refused);
        }
        tx.commit().await
    }
}

/// The rows as lists of about [`CHUNK`] bytes, with how many rows each has.
fn chunks(store: &StoreRows) -> Result<Vec<(Lists, usize)>> {
    let count = store.rows.count();
    let mut chunks = Vec::new();
    let mut lists = Lists::new(&store.wires);
    let mut start = 0;
    for row in 0..count {
        store.rows.bind(row, &mut lists)?;
        if lists.size() >= CHUNK {
            let full = std::mem::replace(&mut lists, Lists::new(&store.wires));
            chunks.push((full, row + 1 - start));
            start = row + 1;
        }
    }
    chunks.push((lists, count - start));
    chunks.retain(|(_, rows)| *rows > 0);
    Ok(chunks)
}

/// Two rows of one statement have the same key: PostgreSQL has an error of its own for that,
/// `cardinality_violation`.
fn repeated(store: &StoreRows, error: Error) -> Error {
    match error.database() {
        Some(reported) if reported.code == "21000" => (store.key_taken)(),
        _ => error,
    }
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
