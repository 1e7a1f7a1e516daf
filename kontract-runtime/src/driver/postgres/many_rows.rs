//! Many rows by one statement: they travel as arrays, one for each column. Their number has
//! no limit: a statement takes as many as fit into some megabytes, and more go in one
//! transaction; keys always go in one statement.

use super::Postgres;
use super::encode::{ListArguments, Lists};
use crate::driver::many_rows::{ForKeys, StoreForm, StoreRows};
use crate::driver::row_sink::{Counted, RowSink, Sink};
use crate::error::{Error, Result};
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader, field};
use crate::value::row_values::RowValues;
use crate::value::wire::{Scalar, Wire};

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
        let lists =
            ListArguments { first: &statement.values, lists: &lists, last: &statement.last };
        self.run_lists(&statement.sql, lists, rows).await
    }

    /// Stores rows: by one statement where all rows fit into it; otherwise, and where the statement
    /// skips keys that are taken, in a transaction. Returns the numbers of the rows in the order in
    /// which the statements return them.
    pub(in crate::driver) async fn store_rows(
        &self,
        store: &StoreRows,
        stored: &mut Sink,
    ) -> Result<Vec<usize>> {
        let chunks = chunks(store)?;
        let places = || store.forms.iter().flat_map(|form| &form.rows).copied().collect();
        if let [Chunk { form, lists, .. }] = &chunks[..]
            && !form.sql.skips_taken
        {
            let lists = ListArguments { first: &[], lists, last: &store.last };
            let done = self.run_lists(&form.sql, lists, &mut **stored).await;
            return done.map(|_| places()).map_err(|error| repeated(store, error));
        }
        let mut tx = self.begin().await?;
        for Chunk { form, lists, rows } in &chunks {
            let lists = ListArguments { first: &[], lists, last: &store.last };
            let done = match lists.arguments(&form.sql) {
                Ok(arguments) => tx.run_with(&form.sql, arguments, &mut **stored).await,
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
        tx.commit().await?;
        Ok(places())
    }
}

/// Rows of one statement, as lists of about [`CHUNK`] bytes.
struct Chunk<'a> {
    form: &'a StoreForm,
    lists: Lists,
    /// How many rows it has.
    rows: usize,
}

fn chunks(store: &StoreRows) -> Result<Vec<Chunk<'_>>> {
    let mut chunks = Vec::new();
    for form in &store.forms {
        // Rows without values are counted by an array of numbers.
        let has_values = !form.wires.is_empty();
        let numbers = [Wire::one(Scalar::I64)];
        let wires = if has_values { &form.wires[..] } else { &numbers };
        let mut chunk = Chunk { form, lists: Lists::new(wires), rows: 0 };
        for row in &form.rows {
            if !has_values {
                chunk.lists.bind(Datum::I64(0))?;
            } else {
                store.rows.bind(*row, &mut chunk.lists)?;
            }
            chunk.rows += 1;
            if chunk.lists.size() >= CHUNK {
                let next = Chunk { form, lists: Lists::new(wires), rows: 0 };
                chunks.push(std::mem::replace(&mut chunk, next));
            }
        }
        chunks.push(chunk);
    }
    chunks.retain(|chunk| chunk.rows > 0);
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
