//! Changing and deleting the rows of a query.

use std::future::IntoFuture;

use kontract_schema::sql::dml::SqlExpr;

use super::Query;
use crate::api::operation::{Answer, On, Operation, Running};
use crate::api::patch::{Patch, Sets};
use crate::driver::row_sink::{Collected, Counted, Sink};
use crate::driver::statement::PreparedStatement;
use crate::error::Result;
use crate::sql::lower::Params;
use crate::sql::record::{Record, SoftDelete};
use crate::sql::table_statements::Build;
use crate::sql::tree::{Deleted, Parts};
use crate::value::datum::Datum;
use crate::value::wire::Wire;

impl<R: Record> Query<R> {
    /// Changes some fields of all rows of the query, and returns the number of rows.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let open = tasks.query(Task::done.eq(false)).order_by(Task::id.asc());
    /// assert_eq!(open.limit(1).update(Task::patch().done(true)).await?, 1);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::update`](crate::Table::update), but finding no row is not an error.
    pub fn update(self, patch: impl Into<Patch<R>>) -> Operation<u64> {
        let sets = patch.into().into_sets();
        if sets.is_empty() {
            return self.count();
        }
        let on = self.on.on(&self.parts, "update of");
        Operation::new(on.update(self.parts, sets, None), Answer::into_affected)
    }

    /// Updates the rows, as [`update`](Query::update), and returns the changed rows. Their order is not
    /// defined.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let more = Task::patch().set(Task::points, Task::points.plus(10));
    /// let changed = tasks.query(Task::done.eq(true)).update_returning(more).await?;
    /// assert_eq!(changed[0].points, 12);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Query::update`].
    pub fn update_returning(self, patch: impl Into<Patch<R>>) -> Operation<Vec<R>> {
        let sets = patch.into().into_sets();
        if sets.is_empty() {
            return self.into_future();
        }
        let on = self.on.on(&self.parts, "update of");
        let rows = Some(Collected::sink(R::decode));
        Operation::new(on.update(self.parts, sets, rows), Answer::into_rows)
    }

    /// Deletes the rows of the query in one statement, and returns how many there were. A `limit` applies.
    /// Rows that are deleted already (soft delete) stay as they are: [`purge`](Query::purge) removes them.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::done.eq(true)).delete().await?, 1);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::delete`](crate::Table::delete).
    pub fn delete(self) -> Operation<u64> {
        let on = self.on.on(&self.parts, "delete from");
        Operation::new(on.delete(self.parts, None), Answer::into_affected)
    }

    /// Deletes the rows, as [`delete`](Query::delete), and returns them as they were. Their order is not
    /// defined.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let gone = tasks.query(Task::user_id.eq(2)).delete_returning().await?;
    /// assert_eq!(gone[0].title, "Buy bread");
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::delete`](crate::Table::delete).
    pub fn delete_returning(self) -> Operation<Vec<R>> {
        let on = self.on.on(&self.parts, "delete from");
        let rows = Some(Collected::sink(R::decode));
        Operation::new(on.delete(self.parts, rows), Answer::into_rows)
    }
}

impl<R: SoftDelete> Query<R> {
    /// Restores the deleted rows of the query (soft delete) in one statement, and returns how many there
    /// were.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert_many([Job { id: 1, name: "a".into() }, Job { id: 2, name: "b".into() }]).await?;
    /// jobs.list().delete().await?;
    /// assert_eq!(jobs.query(Job::name.eq("a")).restore().await?, 1);
    /// assert_eq!(jobs.count().await?, 1);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::restore`](crate::Table::restore); then no row is restored.
    pub fn restore(mut self) -> Operation<u64> {
        self.parts.deleted = Deleted::Only;
        let on = self.on.on(&self.parts, "restore in");
        Operation::new(on.change_rows(self.parts, Build::restore_where), Answer::into_affected)
    }

    /// Removes the rows of the query permanently, in one statement, and returns how many there were: with
    /// [`only_deleted`](Query::only_deleted) those that are deleted (soft delete).
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert_many([Job { id: 1, name: "a".into() }, Job { id: 2, name: "b".into() }]).await?;
    /// jobs.delete(1).await?;
    /// assert_eq!(jobs.list().only_deleted().purge().await?, 1);
    /// assert_eq!(jobs.list().with_deleted().count().await?, 1);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::purge`](crate::Table::purge); then no row is removed.
    pub fn purge(self) -> Operation<u64> {
        let on = self.on.on(&self.parts, "purge of");
        Operation::new(on.change_rows(self.parts, Build::purge_where), Answer::into_affected)
    }
}

impl On {
    fn update(self, parts: Parts, sets: Sets, rows: Option<Sink>) -> Running {
        Running::new(async move {
            let done = self.try_update(parts, sets, rows).await;
            done.map_err(|error| self.explain(error))
        })
    }

    async fn try_update(&self, parts: Parts, sets: Sets, rows: Option<Sink>) -> Result<Answer> {
        let sets = sets.stamped(self.meta)?;
        let build = self.build();
        let named = parts.needs_names() || sets.needs_names();
        let (set, lower) = build.sets(sets, named)?;
        let (filter, alias, params) = lower.only(parts, named)?;
        let outputs = outputs(&build, &rows);
        let sql = build.update_where(set, filter, alias, params.wires, outputs);
        self.run_change(sql, &params.values, rows).await
    }

    fn delete(self, parts: Parts, rows: Option<Sink>) -> Running {
        Running::new(async move {
            self.try_delete(parts, rows).await.map_err(|error| self.explain(error))
        })
    }

    async fn try_delete(&self, mut parts: Parts, rows: Option<Sink>) -> Result<Answer> {
        // The mark of a deleted row stays.
        if self.meta.has_soft_delete() && parts.deleted == Deleted::Only {
            return Ok(Answer::of_rows(0, rows.unwrap_or_else(Counted::sink)));
        }
        parts.deleted = Deleted::Without;
        let build = self.build();
        let lower = self.lower(Params::default());
        let named = parts.needs_names();
        let (filter, alias, params) = lower.only(parts, named)?;
        let outputs = outputs(&build, &rows);
        let sql = build.delete_where(filter, alias, params.wires, outputs);
        self.run_change(sql, &params.values, rows).await
    }

    /// Runs a statement on the rows of a query.
    fn change_rows(
        self,
        parts: Parts,
        statement: fn(&Build, Option<SqlExpr>, Option<String>, Vec<Wire>) -> PreparedStatement,
    ) -> Running {
        Running::new(async move {
            let build = self.build();
            let lower = self.lower(Params::default());
            let named = parts.needs_names();
            let changed = async {
                let (filter, alias, params) = lower.only(parts, named)?;
                let sql = statement(&build, filter, alias, params.wires);
                self.run_change(sql, &params.values, None).await
            };
            changed.await.map_err(|error| self.explain(error))
        })
    }

    /// Runs the statement. Returns its rows if a sink is given.
    async fn run_change(
        &self,
        sql: PreparedStatement,
        values: &[Datum<'static>],
        rows: Option<Sink>,
    ) -> Result<Answer> {
        let mut rows = rows.unwrap_or_else(Counted::sink);
        let affected = self.run_query(sql, values, &mut rows).await?;
        Ok(Answer::of_rows(affected, rows))
    }
}

type Outputs = (Vec<SqlExpr>, Vec<Wire>);

/// Returns the columns that the statement returns.
fn outputs(build: &Build, rows: &Option<Sink>) -> Outputs {
    match rows {
        Some(_) => build.meta.outputs(),
        None => Default::default(),
    }
}
