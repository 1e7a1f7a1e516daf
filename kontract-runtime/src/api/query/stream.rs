//! Rows as a stream.

use super::Query;
use crate::api::operation::On;
use crate::driver::stream::{Rows, Start};
use crate::error::Result;
use crate::sql::scope::Scope;
use crate::sql::tree::Parts;

impl<S: Scope, O: Send + 'static> Query<S, O> {
    /// The rows one after the other: for more of them than fit into memory. A few lie ready; the
    /// others are read when they are wanted. The stream is one of `futures`, and has `next` itself.
    ///
    /// It holds a connection until it ends or is dropped. Inside of a transaction, and of a SQLite
    /// database in memory, all rows are read first.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let mut rows = tasks.list().stream();
    /// let mut points = 0;
    /// while let Some(task) = rows.next().await {
    ///     points += task?.points;
    /// }
    /// assert_eq!(points, 6);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As of a query that is awaited; an error ends the rows.
    pub fn stream(self) -> Rows<O> {
        let on = self.on.on(&self.parts, "query of");
        Rows::new(on.prepare_reading(self.parts), self.decode)
    }
}

impl On {
    /// The reading of a query's rows: by a task of its own, which knows of no transaction around
    /// this one.
    fn prepare_reading(self, parts: Parts) -> Result<Start> {
        let prepared = self.lowered(parts).and_then(|(sql, values, _)| {
            self.backend.check(&sql)?;
            Ok((sql, values))
        });
        match prepared {
            Ok((query, values)) => Ok(Start {
                backend: (*self.backend).clone(),
                query,
                values,
                explain: Box::new(move |error| self.explain(error)),
            }),
            Err(error) => Err(self.explain(error)),
        }
    }
}
