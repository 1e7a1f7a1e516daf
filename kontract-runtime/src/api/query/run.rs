//! Running queries.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use kontract_schema::sql::dml::Statement;

use super::{Connected, Query};
use crate::api::table::Row;
use crate::api::table::decode_row;
use crate::driver::statement::{Decode, Done, PreparedStatement, no_rows};
use crate::error::{Error, Kind, Result};
use crate::sql::error_context::explain;
use crate::sql::lower::{Lower, Params};
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
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let largest = tasks.list().order_by(Task::points.desc()).first().await?;
    /// assert_eq!(largest.unwrap().title, "Write a letter");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As of an awaited query.
    pub async fn first(self) -> Result<Option<O>> {
        let limit = self.parts.limit.map_or(1, |limit| limit.min(1));
        Ok(self.limit(limit).all().await?.into_iter().next())
    }

    /// The one row that there has to be. One statement, which asks for two rows at most.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let ann: User = users.query(User::email.eq("ann@example.org")).one().await?;
    /// let of_ann = tasks.query(Task::user_id.eq(ann.id));
    /// let points: Option<i64> = of_ann.aggregate(Task::points.sum()).one().await?;
    /// assert_eq!(points, Some(5));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::NotFound`] where there is none, [`Kind::Several`] where there are more; otherwise as of a
    /// query that is awaited.
    pub async fn one(self) -> Result<O> {
        let explain = explained(&self.parts, "query of");
        let limit = self.parts.limit.map_or(2, |limit| limit.min(2));
        let mut rows = self.limit(limit).all().await?.into_iter();
        match (rows.next(), rows.next()) {
            (Some(row), None) => Ok(row),
            (None, _) => Err(explain(Error::new(Kind::NotFound, "there is no such row"))),
            (Some(_), Some(_)) => {
                let several = Error::new(Kind::Several, "there are several such rows, not one");
                let help = "`first` takes the first of them";
                Err(explain(several.with_help(help)))
            }
        }
    }

    /// Returns the number of rows, without regard to `limit` and `offset`.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// assert_eq!(tasks.query(Task::done.eq(false)).count().await?, 2);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub async fn count(self) -> Result<u64> {
        let parts = Parts { limit: None, offset: None, lock: None, ..self.parts };
        let explain = explained(&parts, "count of");
        let mut lower = Lower::new(self.on.backend.dialect(), Params::default());
        let select = lower.count(parts).map_err(&explain)?;
        let sql = self.on.select(select, &lower.params, vec![Wire::one(Scalar::I64)]);
        let done = self.on.run(sql, &lower.params.values, |from| field::<i64>(from)).await;
        let count = done.map_err(explain)?.rows.into_iter().next().unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Returns whether the query has a row. Reads one row at most.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// assert!(tasks.query(Task::points.gt(2)).exists().await?);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub async fn exists(self) -> Result<bool> {
        let explain = explained(&self.parts, "look-up in");
        let parts = Parts { limit: Some(1), lock: None, ..self.parts.for_existence() };
        let (sql, values, _) = self.on.lowered(parts).map_err(&explain)?;
        let done = self.on.run(sql, &values, no_rows).await;
        Ok(!done.map_err(explain)?.rows.is_empty())
    }

    async fn all(self) -> Result<Vec<O>> {
        let decode = self.decode;
        self.on.rows(self.parts, decode).await
    }

    /// Returns the query plan of the database: the output of `EXPLAIN` (`EXPLAIN QUERY PLAN` on SQLite), one
    /// line for each step. It is text for people, in the form of the database.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let plan = users.query(User::email.eq("ann@example.org")).explain().await?;
    /// assert!(plan.contains("USING INDEX"), "{plan}");
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As of an awaited query.
    pub async fn explain(self) -> Result<String> {
        let explain = explained(&self.parts, "query of");
        let (sql, values, _) = self.on.lowered(self.parts).map_err(&explain)?;
        let (prefix, columns): (&str, Decode<String>) = match self.on.backend.dialect() {
            kontract_schema::dialect::Dialect::Postgres => ("EXPLAIN ", |from| field(from)),
            kontract_schema::dialect::Dialect::Sqlite => ("EXPLAIN QUERY PLAN ", |from| {
                for _ in 0..3 {
                    from.read()?;
                }
                field(from)
            }),
        };
        let text = Wire::one(Scalar::Text);
        let outputs = match prefix {
            "EXPLAIN " => vec![text],
            _ => [[Wire::one(Scalar::I64); 3].to_vec(), vec![text]].concat(),
        };
        let sql = PreparedStatement::raw(&format!("{prefix}{}", sql.text), sql.params, outputs)
            .long()
            .once();
        let lines = self.on.run(sql, &values, columns).await.map_err(explain)?.rows;
        Ok(lines.join("\n"))
    }
}

impl<R: Record> Query<R> {
    /// Returns the rows with their bookkeeping columns: version, transaction, owner, deletion.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let jobs = jobs().await?;
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// let rows = jobs.list().rows().await?;
    /// assert_eq!((rows[0].record.id, rows[0].version), (1, Some(1)));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// As of an awaited query.
    pub async fn rows(mut self) -> Result<Vec<Row<R>>> {
        self.parts.before_union("the bookkeeping");
        let at = crate::sql::scope::At { level: 0, place: 0 };
        self.parts.outputs = vec![Output::Row { meta: R::meta(), at }];
        self.on.rows(self.parts, decode_row::<R>).await
    }
}

impl Connected {
    /// The rows of a query.
    pub(super) async fn rows<T: Send + 'static>(
        &self,
        parts: Parts,
        decode: Decode<T>,
    ) -> Result<Vec<T>> {
        let explain = explained(&parts, "query of");
        let (sql, values, _) = self.lowered(parts).map_err(&explain)?;
        Ok(self.run(sql, &values, decode).await.map_err(explain)?.rows)
    }

    /// The statement of a query and its values.
    #[allow(clippy::type_complexity)]
    pub(super) fn lowered(
        &self,
        parts: Parts,
    ) -> Result<(PreparedStatement, Vec<Datum<'static>>, Vec<Wire>)> {
        let mut lower = Lower::new(self.backend.dialect(), Params::default());
        let (select, outputs) = lower.select(parts)?;
        let sql = self.select(select, &lower.params, outputs.clone());
        Ok((sql, lower.params.values, outputs))
    }

    fn select(
        &self,
        select: kontract_schema::sql::dml::Select,
        params: &Params,
        outputs: Vec<Wire>,
    ) -> PreparedStatement {
        let dialect = self.backend.dialect();
        PreparedStatement::new(dialect, &Statement::Select(select), params.wires.clone(), outputs)
            .long()
    }

    pub(super) async fn run<T: Send + 'static>(
        &self,
        sql: PreparedStatement,
        values: &[Datum<'static>],
        decode: Decode<T>,
    ) -> Result<Done<T>> {
        let bind = |to: &mut dyn Binder| values.iter().try_for_each(|value| to.bind(value.clone()));
        self.backend.run(&Arc::new(sql), &bind, decode).await
    }
}

/// An error with the table that the query began with, and what was done.
pub(super) fn explained(
    parts: &Parts,
    verb: &'static str,
) -> impl Fn(Error) -> Error + Send + Sync + use<> {
    let meta = parts.tables[0].meta;
    move |error| explain(meta, verb, error)
}

/// Awaits the rows.
impl<S: Scope, O: Send + 'static> IntoFuture for Query<S, O> {
    type Output = Result<Vec<O>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Vec<O>>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let Query { parts, decode, on, .. } = self;
        Box::pin(async move { on.rows(parts, decode).await })
    }
}
