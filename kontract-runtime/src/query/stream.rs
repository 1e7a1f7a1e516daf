//! Rows as a stream.

use super::Query;
use super::run::explained;
use crate::backend::stream::Rows;
use crate::scope::Scope;

impl<S: Scope, O: Send + 'static> Query<S, O> {
    /// The rows one after the other: for more of them than fit into memory. A few lie ready; the
    /// others are read when they are wanted. The stream is one of `futures`, and has `next` itself.
    ///
    /// It holds a connection until it ends or is dropped. Inside of a transaction, and of a SQLite
    /// database in memory, all rows are read first.
    ///
    /// ```no_run
    /// # use kontract_runtime::{Record, Result, Table};
    /// # async fn example<User: Record>(users: Table<User>) -> Result<()> {
    /// let mut rows = users.list().stream();
    /// while let Some(user) = rows.next().await {
    ///     let user: User = user?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As of a query that is awaited; after an error there are no more rows.
    pub fn stream(self) -> Rows<O> {
        let explain = explained(&self.parts, "query of");
        match self.on.lowered(self.parts) {
            Ok((sql, values, _)) => {
                Rows::new(self.on.shared.backend.clone(), sql, values, self.decode, explain)
            }
            Err(error) => Rows::failed(explain(error)),
        }
    }
}
