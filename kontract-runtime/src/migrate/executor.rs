//! The connection of a runner: statements in, rows and numbers of changed rows out.

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;

use crate::driver::statement::{Decode, Done, Encode, PreparedStatement};
use crate::error::Result;

/// Runs statements on the connection of a runner.
pub(super) trait Executor {
    /// The database.
    fn dialect(&self) -> Dialect;

    /// Runs one statement with values or rows.
    async fn run<T: Send>(
        &mut self,
        query: &PreparedStatement,
        values: Encode<'_>,
        decode: Decode<T>,
    ) -> Result<Done<T>>;

    /// Runs one or more statements without values or rows; returns how many rows they changed.
    async fn execute(&mut self, text: &str) -> Result<u64>;

    /// Runs a statement of a migration; returns how many rows it changed.
    async fn execute_statement(&mut self, statement: &Statement) -> Result<u64> {
        self.execute(&statement.sql).await
    }
}
