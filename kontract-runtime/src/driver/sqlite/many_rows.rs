//! Many rows: the statement for one row runs for each of them, in one transaction.

use super::{Connection, Sqlite, Transaction};
use crate::driver::many_rows::{ForKeys, StoreRows};
use crate::driver::row_sink::{Counted, RowSink, SharedSink, Sink};
use crate::error::Result;
use crate::value::row::Binder;
use crate::value::row_values::RowValues;

/// How many keys are looked up on the thread of the caller: about as long as another takes to begin.
const BRIEF: usize = 128;

impl Sqlite {
    /// Reads the row of each key. Returns for each row the place of its key.
    pub(in crate::driver) async fn find_rows(
        &self,
        statement: ForKeys,
        keys: Box<dyn RowValues>,
        rows: &mut Sink,
    ) -> Result<Vec<usize>> {
        let is_brief = keys.count() <= BRIEF;
        let shared = SharedSink::borrow_from(rows);
        let sink = shared.clone();
        let find = move |connection: &Connection<'_>| {
            connection
                .read_at_once(|| sink.fill(|rows| find_each(connection, &statement, &*keys, rows)))
        };
        let places = self.read(is_brief, find).await;
        shared.give_back(rows);
        places
    }

    /// Changes the row of each key. Returns how many there were.
    pub(in crate::driver) async fn change_rows(
        &self,
        statement: ForKeys,
        keys: Box<dyn RowValues>,
    ) -> Result<u64> {
        let work = move |tx: &mut Transaction<'_>| {
            let mut sql = tx.prepare(&statement.sql)?;
            let mut affected = 0;
            for place in 0..keys.count() {
                let bind = |to: &mut dyn Binder| statement.bind(&*keys, place, to);
                affected += tx.run(&mut sql, &bind, &mut Counted::default())?;
            }
            Ok(affected)
        };
        self.write(0, work).await
    }

    /// Stores each row, in the order of the rows. Returns their numbers.
    pub(in crate::driver) async fn store_rows(
        &self,
        store: StoreRows,
        stored: &mut Sink,
    ) -> Result<Vec<usize>> {
        let count = store.rows.count();
        let mut form_of = vec![0; count];
        for (at, form) in store.forms.iter().enumerate() {
            form.rows.iter().for_each(|row| form_of[*row] = at);
        }
        let shared = SharedSink::borrow_from(stored);
        let sink = shared.clone();
        let work = move |tx: &mut Transaction<'_>| {
            sink.fill(|rows| store_each(tx, &store, &form_of, rows))
        };
        let done = self.write(i64::try_from(count).unwrap_or(i64::MAX), work).await;
        shared.give_back(stored);
        done.map(|()| (0..count).collect())
    }
}

fn store_each(
    tx: &mut Transaction<'_>,
    store: &StoreRows,
    form_of: &[usize],
    rows: &mut dyn RowSink,
) -> Result<()> {
    let mut at = 0;
    while let Some(form) = form_of.get(at) {
        let mut sql = tx.prepare(&store.forms[*form].sql)?;
        while form_of.get(at) == Some(form) {
            let before = rows.count();
            let affected = tx.run(&mut sql, &|to| store.bind(at, to), rows)?;
            if affected == 0 && rows.count() == before && store.forms[*form].sql.skips_taken {
                return Err((store.key_taken)());
            }
            at += 1;
        }
    }
    Ok(())
}

/// Reads the row of each key. Returns the places of the keys that have one.
fn find_each(
    connection: &Connection<'_>,
    statement: &ForKeys,
    keys: &dyn RowValues,
    rows: &mut dyn RowSink,
) -> Result<Vec<usize>> {
    let mut sql = connection.prepare(&statement.sql)?;
    let mut places = Vec::with_capacity(keys.count());
    for place in 0..keys.count() {
        if sql.read_first(&|to| statement.bind(keys, place, to), rows)? {
            places.push(place);
        }
    }
    Ok(places)
}
