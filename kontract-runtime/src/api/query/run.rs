//! Running queries.

use std::future::IntoFuture;
use std::sync::Arc;

use kontract_schema::sql::dml::RowStatement;

use super::{Connected, Query};
use crate::api::operation::{Answer, On, Operation, Running};
use crate::api::table::{Row, decode_row};
use crate::driver::row_sink::{Collected, Counted, Sink};
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Kind, Result};
use crate::sql::lower::Params;
use crate::sql::record::Record;
use crate::sql::scope::Scope;
use crate::sql::tree::{Output, Parts};
use crate::value::datum::Datum;
use crate::value::row::{Binder, field};
use crate::value::wire::{Scalar, Wire};

impl<S: Scope, O: Send + 'static> Query<S, O> {
    /// Returns the first row, or `None`. Without `order_by` it is the row with the smallest key.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let largest = tasks.list().order_by(Task::points.desc()).first().await?;
    /// assert_eq!(largest.unwrap().title, "Write a letter");
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of the awaited query.
    pub fn first(self) -> Operation<Option<O>> {
        let limit = self.parts.limit.map_or(1, |limit| limit.min(1));
        let (on, parts, rows) = self.limit(limit).into_running_parts("query of");
        Operation::new(on.query(parts, rows), Answer::into_one)
    }

    /// Returns the only row. One statement, which reads two rows at most.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let ann: User = users.query(User::email.eq("ann@example.org")).one().await?;
    /// let of_ann = tasks.query(Task::user_id.eq(ann.id));
    /// let points: Option<i64> = of_ann.aggregate(Task::points.sum()).one().await?;
    /// assert_eq!(points, Some(5));
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::NotFound`] without a row, [`Kind::Several`] for more than one row; otherwise the
    /// errors of the awaited query.
    pub fn one(self) -> Operation<O> {
        let limit = self.parts.limit.map_or(2, |limit| limit.min(2));
        let (on, parts, rows) = self.limit(limit).into_running_parts("query of");
        Operation::new(on.query_one(parts, rows), Answer::into_the_one)
    }

    /// Returns the number of rows, without regard to `limit` and `offset`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::done.eq(false)).count().await?, 2);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub fn count(self) -> Operation<u64> {
        let parts = Parts { limit: None, offset: None, lock: None, ..self.parts };
        Operation::new(self.on.on(&parts, "count of").count(parts), Answer::into_affected)
    }

    /// Returns whether the query has a row. Reads one row at most.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert!(tasks.query(Task::points.gt(2)).exists().await?);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub fn exists(self) -> Operation<bool> {
        let on = self.on.on(&self.parts, "look-up in");
        let parts = Parts { limit: Some(1), lock: None, ..self.parts.for_existence() };
        Operation::new(on.query(parts, Counted::sink()), Answer::has_rows)
    }

    /// Returns the query plan of the database: the output of `EXPLAIN` (`EXPLAIN QUERY PLAN` on SQLite), one
    /// line for each step. It is text for people, in the form of the database.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let plan = users.query(User::email.eq("ann@example.org")).explain().await?;
    /// assert!(plan.contains("USING INDEX"), "{plan}");
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of the awaited query.
    pub fn explain(self) -> Operation<String> {
        let on = self.on.on(&self.parts, "query of");
        Operation::new(on.explain_query(self.parts), Answer::into_kept)
    }

    /// Returns what the query runs on, its parts, and a sink for its rows.
    fn into_running_parts(self, verb: &'static str) -> (On, Parts, Sink) {
        (self.on.on(&self.parts, verb), self.parts, Collected::sink(self.decode))
    }
}

impl<R: Record> Query<R> {
    /// Returns the rows with their bookkeeping columns: version, transaction, owner, deletion.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// let rows = jobs.list().rows().await?;
    /// assert_eq!((rows[0].record.id, rows[0].version), (1, Some(1)));
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of the awaited query.
    pub fn rows(mut self) -> Operation<Vec<Row<R>>> {
        self.parts.before_union("the bookkeeping");
        let at = crate::sql::scope::At { level: 0, place: 0 };
        self.parts.outputs = vec![Output::Row { meta: R::meta(), at }];
        let on = self.on.on(&self.parts, "query of");
        let running = on.query(self.parts, Collected::sink(decode_row::<R>));
        Operation::new(running, Answer::into_rows)
    }
}

impl Connected {
    /// Returns what the operation works on. Errors name the first table of the query.
    pub(super) fn on(&self, parts: &Parts, verb: &'static str) -> On {
        On { access: Arc::clone(&self.access), meta: parts.tables[0].meta, verb }
    }
}

impl On {
    /// Runs the query and returns its rows.
    pub(super) fn query(self, parts: Parts, mut rows: Sink) -> Running {
        Running::new(async move {
            match self.read(parts, &mut rows).await {
                Ok(()) => Ok(Answer::of_rows(0, rows)),
                Err(error) => Err(self.explain(error)),
            }
        })
    }

    /// Runs the query and returns its only row.
    fn query_one(self, parts: Parts, mut rows: Sink) -> Running {
        Running::new(async move {
            let read = self.read(parts, &mut rows).await;
            match read.and_then(|()| check_one(rows.count())) {
                Ok(()) => Ok(Answer::of_rows(0, rows)),
                Err(error) => Err(self.explain(error)),
            }
        })
    }

    /// Runs the query and returns the number of its rows.
    fn count(self, parts: Parts) -> Running {
        Running::new(async move {
            let affected = self.try_count(parts).await.map_err(|error| self.explain(error))?;
            Ok(Answer { affected, ..Answer::default() })
        })
    }

    async fn try_count(&self, parts: Parts) -> Result<u64> {
        let mut lower = self.lower(Params::default());
        let select = lower.count(parts)?;
        let Params { wires, values } = lower.params;
        let sql = self.select(select, wires, vec![Wire::one(Scalar::I64)]);
        let mut rows = Collected::<i64>::sink(|from| field(from));
        self.run_query(sql, &values, &mut rows).await?;
        let count = Collected::<i64>::take(rows).pop().unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    }

    fn explain_query(self, parts: Parts) -> Running {
        Running::new(async move {
            let lines = self.try_explain(parts).await.map_err(|error| self.explain(error))?;
            Ok(Answer { kept: Some(Box::new(lines)), ..Answer::default() })
        })
    }

    async fn try_explain(&self, parts: Parts) -> Result<String> {
        let (sql, values) = self.lowered(parts)?;
        let plan = &self.access.backend.capabilities().plan;
        let text = format!("{}{}", plan.prefix, sql.text);
        let sql = PreparedStatement::raw(&text, sql.params, plan.outputs.to_vec()).long().once();
        let mut rows = Collected::sink(plan.read);
        self.run_query(sql, &values, &mut rows).await?;
        Ok(Collected::<String>::take(rows).join("\n"))
    }

    /// Reads the rows of a query.
    pub(super) async fn read(&self, parts: Parts, rows: &mut Sink) -> Result<()> {
        let (sql, values) = self.lowered(parts)?;
        self.run_query(sql, &values, rows).await.map(drop)
    }

    /// Returns the statement of the query and its values.
    pub(super) fn lowered(&self, parts: Parts) -> Result<(PreparedStatement, Vec<Datum<'static>>)> {
        let mut lower = self.lower(Params::default());
        let (select, outputs) = lower.select(parts)?;
        let Params { wires, values } = lower.params;
        Ok((self.select(select, wires, outputs), values))
    }

    fn select(
        &self,
        select: kontract_schema::sql::dml::Select,
        params: Vec<Wire>,
        outputs: Vec<Wire>,
    ) -> PreparedStatement {
        let dialect = self.access.backend.dialect();
        PreparedStatement::new(dialect, &RowStatement::Select(select), params, outputs).long()
    }

    /// Runs a statement of the query. Returns the number of changed rows.
    pub(super) async fn run_query(
        &self,
        sql: PreparedStatement,
        values: &[Datum<'static>],
        rows: &mut Sink,
    ) -> Result<u64> {
        let bind =
            |to: &mut dyn Binder| values.iter().try_for_each(|value| to.bind(value.borrowed()));
        self.access.backend.run_into(&Arc::new(sql), &bind, rows).await
    }
}

/// Fails unless the query has exactly one row.
fn check_one(rows: usize) -> Result<()> {
    match rows {
        1 => Ok(()),
        0 => Err(Error::new(Kind::NotFound, "there is no such row")),
        _ => {
            let several = Error::new(Kind::Several, "there are several such rows, not one");
            Err(several.with_help("`first` takes the first of them"))
        }
    }
}

/// Awaits the rows.
impl<S: Scope, O: Send + 'static> IntoFuture for Query<S, O> {
    type Output = Result<Vec<O>>;
    type IntoFuture = Operation<Vec<O>>;

    fn into_future(self) -> Self::IntoFuture {
        let (on, parts, rows) = self.into_running_parts("query of");
        Operation::new(on.query(parts, rows), Answer::into_rows)
    }
}
