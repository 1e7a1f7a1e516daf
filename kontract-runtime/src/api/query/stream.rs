//! Rows as a stream.

use super::Query;
use crate::api::operation::On;
use crate::driver::stream::{Rows, Start};
use crate::error::Result;
use crate::sql::scope::Scope;
use crate::sql::tree::Parts;

impl<S: Scope, O: Send + 'static> Query<S, O> {
    /// Returns the rows one after the other, for results that do not fit into memory. The stream
    /// reads a few rows ahead, and the others when they are polled. It implements
    /// `futures::Stream`, and has a method `next`.
    ///
    /// The stream holds a connection until it ends or is dropped. Inside a transaction, and on a
    /// SQLite database in memory, it reads all rows first.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let mut rows = tasks.list().stream();
    /// let mut points = 0;
    /// while let Some(task) = rows.next().await {
    ///     points += task?.points;
    /// }
    /// assert_eq!(points, 6);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of the awaited query; an error ends the stream.
    pub fn stream(self) -> Rows<O> {
        let on = self.on.on(&self.parts, "query of");
        Rows::new(on.prepare_reading(self.parts), self.decode)
    }
}

impl On {
    /// Prepares reading the rows of the query by a task of its own, outside any transaction of the
    /// caller's task.
    fn prepare_reading(self, parts: Parts) -> Result<Start> {
        let prepared = self.lowered(parts).and_then(|(sql, values)| {
            self.access.backend.check(&sql)?;
            Ok((sql, values))
        });
        match prepared {
            Ok((query, values)) => Ok(Start {
                backend: self.access.backend.clone(),
                query,
                values,
                explain: Box::new(move |error| self.explain(error)),
            }),
            Err(error) => Err(self.explain(error)),
        }
    }
}
