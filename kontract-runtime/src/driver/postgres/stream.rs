//! Rows of PostgreSQL as they are taken: the others stay on the line, and the server waits.

use std::sync::Arc;

use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Either, Executor};

use super::pool::Lease;
use super::run::{Failure, read};
use super::{Postgres, decode, encode, error, pool};
use crate::driver::stream::Reading;
use crate::error::Result;

/// How a reading went on.
enum Went {
    /// All rows were sent, and the connection is as before.
    Through,
    /// The receiver is gone; the connection is in the middle of the rows.
    Unheard,
}

impl Postgres {
    /// Sends the rows. Inside of a transaction, whose connection others use meanwhile, all are read
    /// first.
    pub(in crate::driver) async fn stream(&self, reading: Reading) -> Result<()> {
        if self.within.is_some() {
            let mut rows = reading.sink();
            self.run(&reading.query, &|to| reading.bind(to), &mut *rows).await?;
            reading.send(rows).await;
            return Ok(());
        }
        let mut tries = 0;
        loop {
            let mut lease = self.pool.take(false).await?;
            let reused = lease.reused;
            let mut sent = false;
            match pass_on(&mut lease, &reading, &mut sent).await {
                Ok(Went::Through) => {
                    lease.give_back();
                    return Ok(());
                }
                // Dropped in the middle, the connection is closed, and the server ends the query.
                Ok(Went::Unheard) => return Ok(()),
                Err(Failure::Ours(error)) => return Err(error),
                Err(Failure::Driver(error)) => {
                    let again = error::is_stale_plan(&error) || reused && error::is_broken(&error);
                    tries += 1;
                    if sent || !again || tries > pool::SIZE {
                        return Err(error::convert(error));
                    }
                }
            }
        }
    }
}

async fn pass_on(lease: &mut Lease, reading: &Reading, sent: &mut bool) -> Result<Went, Failure> {
    let query = &reading.query;
    let arguments = encode::arguments(query, &|to| reading.bind(to)).map_err(Failure::Ours)?;
    let is_pooled = lease.is_pooled;
    if is_pooled {
        lease.connection().execute("BEGIN").await.map_err(Failure::Driver)?;
    }
    let sql = sqlx::query_with(AssertSqlSafe(Arc::clone(&query.text)), arguments);
    let mut results = lease.connection().fetch_many(sql.persistent(!is_pooled));
    loop {
        let result = tokio::select! {
            biased;
            () = reading.to.closed() => return Ok(Went::Unheard),
            result = results.try_next() => result.map_err(Failure::Driver)?,
        };
        let row = match result {
            Some(Either::Right(row)) => row,
            Some(Either::Left(_)) => continue,
            None => break,
        };
        if !*sent && !query.converts {
            decode::check_types(&row, &query.outputs).map_err(Failure::Ours)?;
        }
        let row = read(query, &row, |from| (reading.read)(from)).map_err(Failure::Ours)?;
        *sent = true;
        if reading.to.send(Ok(row)).await.is_err() {
            return Ok(Went::Unheard);
        }
    }
    drop(results);
    if is_pooled {
        lease.connection().execute("COMMIT").await.map_err(Failure::Driver)?;
    }
    Ok(Went::Through)
}
