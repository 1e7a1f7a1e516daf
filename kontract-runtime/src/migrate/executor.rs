//! The connection of a runner: statements in, rows and numbers of changed rows out.

use kontract_schema::dialect::Dialect;
use kontract_schema::lock::Step as Statement;

use crate::driver::Backend;
use crate::driver::statement::{BoundStatement, Columns, Done, PreparedStatement};
use crate::error::Result;
use crate::value::raw_columns::{self, Binds};

/// Runs statements with values or rows.
pub(crate) trait Queries {
    /// The database.
    fn dialect(&self) -> Dialect;

    /// Runs one statement.
    async fn run(&mut self, statement: &BoundStatement) -> Result<Done<Columns>>;

    /// Runs a query; returns its rows as tuples.
    async fn fetch<R: raw_columns::Columns>(
        &mut self,
        text: &str,
        values: impl Binds,
    ) -> Result<Vec<R>> {
        let query = BoundStatement::query::<R>(text, values, PreparedStatement::long)?;
        self.run(&query).await?.rows.into_iter().map(R::of_row).collect()
    }

    /// Runs a query; returns whether it has a row.
    async fn exists(&mut self, text: &str) -> Result<bool> {
        let query = BoundStatement::change(text, (), PreparedStatement::long)?;
        self.run(&query).await.map(|done| !done.rows.is_empty())
    }

    /// Runs a statement that changes rows; returns how many.
    async fn change(&mut self, text: &str, values: impl Binds) -> Result<u64> {
        let change = BoundStatement::change(text, values, PreparedStatement::writing)?;
        self.run(&change).await.map(|done| done.affected)
    }
}

impl Queries for Backend {
    fn dialect(&self) -> Dialect {
        Backend::dialect(self)
    }

    async fn run(&mut self, statement: &BoundStatement) -> Result<Done<Columns>> {
        Backend::run(self, &statement.sql, &|to| statement.bind(to), statement.read).await
    }
}

/// Runs statements on the connection of a runner.
pub(super) trait Executor: Queries {
    /// Runs one or more statements without values or rows; returns how many rows they changed.
    async fn execute(&mut self, text: &str) -> Result<u64>;

    /// Runs a statement of a migration; returns how many rows it changed.
    async fn execute_statement(&mut self, statement: &Statement) -> Result<u64> {
        self.execute(&statement.sql).await
    }
}
