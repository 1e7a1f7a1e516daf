//! Rows of SQLite as they are taken, from a thread that waits in between.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection as Raw;

use super::Sqlite;
use super::blocking::blocking;
use super::codec::{Columns, Values};
use super::error::convert;
use super::retry::Patience;
use crate::driver::stream::Reading;
use crate::error::Result;

impl Sqlite {
    /// Sends the rows. Inside of a transaction, and in memory, where there is one connection for all,
    /// all are read first.
    pub(in crate::driver) async fn stream(&self, reading: Reading) -> Result<()> {
        if self.within.is_some() || self.pool.location.is_memory() {
            let mut rows = reading.sink();
            self.run(&reading.query, &|to| reading.bind(to), &mut rows).await?;
            reading.send(rows).await;
            return Ok(());
        }
        let reading = Arc::new(reading);
        let sent = Arc::new(AtomicBool::new(false));
        let mut patience = Patience::new();
        loop {
            let lease = self.pool.reader().await?;
            let (reading, began) = (Arc::clone(&reading), Arc::clone(&sent));
            let done = blocking(move || pass_on(lease.raw()?, &reading, &began));
            match done.await {
                Err(error) if !sent.load(Ordering::Relaxed) => patience.wait(error).await?,
                done => return done,
            }
        }
    }
}

fn pass_on(connection: &Raw, reading: &Reading, sent: &AtomicBool) -> Result<()> {
    let query = &reading.query;
    let mut statement = connection.prepare_cached(&query.text).map_err(convert)?;
    reading.bind(&mut Values::new(&mut statement, &query.params))?;
    let mut rows = statement.raw_query();
    while let Some(row) = rows.next().map_err(convert)? {
        let mut columns = Columns::new(row, &query.outputs);
        let row = (reading.read)(&mut columns).map_err(|error| match columns.last_name() {
            Some(name) => error.in_column(&name),
            None => error,
        })?;
        sent.store(true, Ordering::Relaxed);
        if reading.to.blocking_send(Ok(row)).is_err() {
            break;
        }
    }
    Ok(())
}
