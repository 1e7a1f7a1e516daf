//! Short queries on the thread of their caller.
//!
//! How many rows a query looks at is not known in advance. So it begins on the thread of its caller,
//! and SQLite interrupts it after a number of instructions; then it runs again, on a thread for
//! blocking work. Only reads are tried like this: a statement that writes may run only once.

use rusqlite::Connection as Raw;

use super::Sqlite;
use super::error::{self, convert};
use super::statement::run_statement;
use crate::driver::row_sink::RowSink;
use crate::driver::statement::{Encode, PreparedStatement};
use crate::error::Result;

/// How many instructions of SQLite's machine a query has before it is long: about a tenth of a
/// millisecond, which is what a task may take without giving way.
const BRIEF: i32 = 5_000;

/// Interrupts what becomes long on a connection, until it is dropped.
struct Brief<'a>(&'a Raw);

impl<'a> Brief<'a> {
    fn new(connection: &'a Raw) -> Result<Brief<'a>> {
        connection.progress_handler(BRIEF, Some(|| true)).map_err(convert)?;
        Ok(Brief(connection))
    }
}

impl Drop for Brief<'_> {
    fn drop(&mut self) {
        // It fails where the connection is not ours alone, and then `new` failed before.
        let _ = self.0.progress_handler(0, None::<fn() -> bool>);
    }
}

impl Sqlite {
    /// Runs a query. Returns `None` where it is long, or where another process holds the database.
    pub(super) async fn run_inline(
        &self,
        query: &PreparedStatement,
        values: Encode<'_>,
        rows: &mut dyn RowSink,
    ) -> Result<Option<u64>> {
        if query.writes || self.pool.location.is_memory() {
            return Ok(None);
        }
        let lease = self.pool.reader().await?;
        let connection = lease.raw()?;
        let _brief = Brief::new(connection)?;
        match run_statement(connection, query, values, rows, 0, 0) {
            Err(error) if error::is_interrupted(&error) || error::is_busy(&error) => Ok(None),
            done => done.map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::driver::row_sink::{Collected, Sink};
    use crate::value::row::field;
    use crate::value::wire::{Scalar, Wire};

    /// Whole numbers from 1 on.
    fn numbers(count: i64) -> Arc<PreparedStatement> {
        let text = format!(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
             SELECT i FROM n"
        );
        Arc::new(PreparedStatement::raw(&text, Vec::new(), vec![Wire::one(Scalar::I64)]).long())
    }

    async fn check(sqlite: &Sqlite) {
        let (short, long) = (numbers(20), numbers(20_000));
        let mut rows: Sink = Collected::<i64>::sink(|from| field(from));
        // Far more instructions together than one query may have.
        for _ in 0..200 {
            rows.clear();
            let done = sqlite.run_inline(&short, &|_| Ok(()), &mut *rows).await.expect("it runs");
            assert!(done.is_some(), "it is short");
            assert_eq!(rows.count(), 20);
        }
        let tried = sqlite.run_inline(&long, &|_| Ok(()), &mut *rows).await;
        assert!(tried.expect("it is interrupted").is_none());
        sqlite.run(&long, &|_| Ok(()), &mut rows).await.expect("it runs on another thread");
        assert_eq!(Collected::<i64>::take(rows), (1..=20_000).collect::<Vec<i64>>());
    }

    #[test]
    fn a_long_query_is_run_again_and_a_short_one_once() {
        let file = std::env::temp_dir().join(format!("kontract-brief-{}.db", std::process::id()));
        let sqlite = Sqlite::new(&format!("sqlite:{}", file.display())).expect("an address");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be made").block_on(async {
            check(&sqlite).await;
            sqlite.close().await;
        });
        std::fs::remove_file(file).expect("it was made");
    }
}
