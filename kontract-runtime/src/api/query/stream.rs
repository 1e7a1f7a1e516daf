//! Rows as a stream.

use super::Query;
use super::run::explained;
use crate::driver::stream::Rows;
use crate::sql::scope::Scope;

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
    /// As of a query that is awaited; after an error there are no more rows.
    pub fn stream(self) -> Rows<O> {
        let explain = explained(&self.parts, "query of");
        match self.on.lowered(self.parts) {
            // A stream is read by a task of its own, which knows of no transaction around this one.
            Ok((sql, values, _)) => match self.on.backend.check(&sql) {
                Err(error) => Rows::failed(explain(error)),
                Ok(()) => Rows::new((*self.on.backend).clone(), sql, values, self.decode, explain),
            },
            Err(error) => Rows::failed(explain(error)),
        }
    }
}
