//! Changing and deleting the rows of a query.

use std::sync::Arc;

use super::run::explained;
use super::{Connected, Query};
use crate::api::patch::Patch;
use crate::api::table::Table;
use crate::driver::statement::{Decode, Done, no_rows};
use crate::error::Result;
use crate::sql::lower::{Lower, Params};
use crate::sql::record::Record;
use crate::sql::table_statements::Build;
use crate::sql::tree::Parts;
use crate::value::datum::Datum;

impl<R: Record> Query<R> {
    /// Changes some fields of all these rows; says of how many.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let open = tasks.query(Task::done.eq(false)).order_by(Task::id.asc());
    /// assert_eq!(open.limit(1).update(Task::patch().done(true)).await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::update`], but no row is no error.
    pub async fn update(self, patch: impl Into<Patch<R>>) -> Result<u64> {
        let patch = patch.into();
        if patch.is_empty() {
            return self.count().await;
        }
        Ok(self.on.update(self.parts, patch, None).await?.affected)
    }

    /// Updates the rows, as [`update`](Query::update), and returns the changed rows. Their order is not
    /// defined.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let more = Task::patch().set(Task::points, Task::points.plus(10));
    /// let changed = tasks.query(Task::done.eq(true)).update_returning(more).await?;
    /// assert_eq!(changed[0].points, 12);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Query::update`].
    pub async fn update_returning(self, patch: impl Into<Patch<R>>) -> Result<Vec<R>> {
        let patch = patch.into();
        if patch.is_empty() {
            return self.await;
        }
        Ok(self.on.update(self.parts, patch, Some(R::decode)).await?.rows)
    }

    /// Deletes the rows of the query in one statement, and returns how many there were. A `limit` applies.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// assert_eq!(tasks.query(Task::done.eq(true)).delete().await?, 1);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::delete`].
    pub async fn delete(self) -> Result<u64> {
        Ok(self.on.delete::<R>(self.parts, None).await?.affected)
    }

    /// Deletes the rows, as [`delete`](Query::delete), and returns them as they were. Their order is not
    /// defined.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let gone = tasks.query(Task::user_id.eq(2)).delete_returning().await?;
    /// assert_eq!(gone[0].title, "Buy bread");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As [`Table::delete`].
    pub async fn delete_returning(self) -> Result<Vec<R>> {
        Ok(self.on.delete(self.parts, Some(R::decode)).await?.rows)
    }
}

impl Connected {
    async fn update<R: Record>(
        &self,
        parts: Parts,
        patch: Patch<R>,
        returning: Option<Decode<R>>,
    ) -> Result<Done<R>> {
        let explain = explained(&parts, "update of");
        let table = Table::<R>::new(Arc::clone(&self.backend));
        let sets = table.stamped(patch).map_err(&explain)?;
        let build = table.build();
        let named = parts.needs_names() || sets.needs_names();
        let (set, lower) = build.sets(sets, named).map_err(&explain)?;
        let (filter, alias, params) = lower.only(parts, named).map_err(&explain)?;
        let outputs = outputs(&build, &returning);
        let sql = build.update_where(set, filter, alias, params.wires, outputs);
        self.changed(sql, &params.values, returning).await.map_err(explain)
    }

    async fn delete<R: Record>(
        &self,
        parts: Parts,
        returning: Option<Decode<R>>,
    ) -> Result<Done<R>> {
        let explain = explained(&parts, "delete from");
        let build = Build { meta: R::meta(), dialect: self.backend.dialect() };
        let lower = Lower::new(build.dialect, Params::default());
        let named = parts.needs_names();
        let (filter, alias, params) = lower.only(parts, named).map_err(&explain)?;
        let outputs = outputs(&build, &returning);
        let sql = build.delete_where(filter, alias, params.wires, outputs).long();
        self.changed(sql, &params.values, returning).await.map_err(explain)
    }

    async fn changed<R: Record>(
        &self,
        sql: crate::driver::statement::PreparedStatement,
        values: &[Datum<'static>],
        returning: Option<Decode<R>>,
    ) -> Result<Done<R>> {
        match returning {
            Some(decode) => self.run(sql, values, decode).await,
            None => {
                let done = self.run(sql, values, no_rows).await?;
                Ok(Done { rows: Vec::new(), affected: done.affected })
            }
        }
    }
}

type Outputs = (Vec<kontract_schema::sql::dml::Expr>, Vec<crate::value::wire::Wire>);

fn outputs<R>(build: &Build<'_>, returning: &Option<Decode<R>>) -> Outputs {
    match returning {
        Some(_) => build.outputs(),
        None => Default::default(),
    }
}
