//! Rows by a filter.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::Arc;

use kontract_schema::sql::dml::{Expr, Order as By, Select};

use crate::backend::{Decode, Done, Query as Sql, no_rows};
use crate::datum::Datum;
use crate::error::Result;
use crate::filter::{Filter, Order};
use crate::lower::{Lower, Params};
use crate::patch::Patch;
use crate::record::{Record, SoftDelete, field};
use crate::table::{Row, Table, decode_row};
use crate::wire::{Scalar, Wire};

/// Rows of a table, once it is awaited: `table.query(filter).order_by(User::age.desc()).limit(10)`.
///
/// Without an order of its own the rows are in the order of their keys.
#[must_use = "a query does nothing until it is awaited"]
pub struct Query<R> {
    table: Table<R>,
    filter: Option<Filter<R>>,
    order: Vec<(usize, bool)>,
    limit: Option<u64>,
    offset: Option<u64>,
    deleted: Deleted,
}

/// Which rows count.
#[derive(Clone, Copy, PartialEq)]
enum Deleted {
    Without,
    With,
    Only,
}

impl<R: Record> Query<R> {
    pub(crate) fn new(table: Table<R>, filter: Option<Filter<R>>) -> Query<R> {
        Query {
            table,
            filter,
            order: Vec::new(),
            limit: None,
            offset: None,
            deleted: Deleted::Without,
        }
    }

    /// Orders the rows; a second call orders those that are equal by the first.
    pub fn order_by(mut self, order: Order<R>) -> Self {
        self.order.push((order.place, order.descending));
        self
    }

    /// At most that many rows.
    pub fn limit(mut self, rows: u64) -> Self {
        self.limit = Some(rows);
        self
    }

    /// Without the first that many rows.
    pub fn offset(mut self, rows: u64) -> Self {
        self.offset = Some(rows);
        self
    }

    /// Deleted rows too.
    pub fn with_deleted(mut self) -> Self
    where
        R: SoftDelete,
    {
        self.deleted = Deleted::With;
        self
    }

    /// Deleted rows only.
    pub fn only_deleted(mut self) -> Self
    where
        R: SoftDelete,
    {
        self.deleted = Deleted::Only;
        self
    }

    /// The first row.
    ///
    /// # Errors
    /// As of a query that is awaited.
    pub async fn first(self) -> Result<Option<R>> {
        Ok(self.limit(1).rows_as(false, R::decode).await?.into_iter().next())
    }

    /// The rows with their bookkeeping.
    ///
    /// # Errors
    /// As of a query that is awaited.
    pub async fn rows(self) -> Result<Vec<Row<R>>> {
        self.rows_as(true, decode_row::<R>).await
    }

    /// How many rows there are; the limit and the offset do not count.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn count(self) -> Result<u64> {
        let explain = self.table.explain("count of");
        let (table, filter, params) = self.lower().map_err(&explain)?;
        let select = Select { columns: vec![Expr::Count], filter, ..Select::default() };
        let sql = table.build().find(select, params.wires, vec![Wire::one(Scalar::I64)]);
        let done = run(&table, sql, &params.values, |from| field::<i64>(from)).await;
        let count = done.map_err(explain)?.rows.into_iter().next().unwrap_or_default();
        Ok(u64::try_from(count).unwrap_or_default())
    }

    /// Whether there is a row.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn exists(self) -> Result<bool> {
        let explain = self.table.explain("look-up in");
        let (table, filter, params) = self.lower().map_err(&explain)?;
        let limit = Some(Expr::Number(1));
        let select = Select { columns: vec![Expr::Number(1)], filter, limit, ..Select::default() };
        let sql = table.build().find(select, params.wires, Vec::new());
        let done = run(&table, sql, &params.values, no_rows).await;
        Ok(!done.map_err(explain)?.rows.is_empty())
    }

    /// Changes some fields of all these rows; says of how many. Order, limit and offset do not
    /// count.
    ///
    /// # Errors
    /// As [`Table::update`], but no row is no error.
    pub async fn update(self, patch: impl Into<Patch<R>>) -> Result<u64> {
        let explain = self.table.explain("update of");
        let sets = self.table.stamped(patch.into()).map_err(&explain)?;
        if sets.is_empty() {
            return self.count().await;
        }
        let (set, wires, values) = self.table.build().sets(sets);
        let start = Params { wires, values };
        let (table, filter, params) = self.lower_after(start).map_err(&explain)?;
        let sql = table.build().update_where(set, filter, params.wires);
        Ok(run(&table, sql, &params.values, no_rows).await.map_err(explain)?.affected)
    }

    /// Deletes all these rows; says how many. Order, limit and offset do not count.
    ///
    /// # Errors
    /// As [`Table::delete`].
    pub async fn delete(self) -> Result<u64> {
        let explain = self.table.explain("delete from");
        let (table, filter, params) = self.lower().map_err(&explain)?;
        let sql = table.build().delete_where(filter, params.wires, Default::default()).long();
        Ok(run(&table, sql, &params.values, no_rows).await.map_err(explain)?.affected)
    }

    async fn rows_as<T: Send + 'static>(self, rows: bool, decode: Decode<T>) -> Result<Vec<T>> {
        let explain = self.table.explain("query of");
        let build = self.table.build();
        let (columns, outputs) = if rows { build.row_outputs() } else { build.outputs() };
        let (order, limits) = (self.order.clone(), (self.limit, self.offset));
        let (table, filter, mut params) = self.lower().map_err(&explain)?;
        let lower = Lower { meta: R::meta(), dialect: build.dialect, params: Params::default() };
        let mut order: Vec<By> =
            order.into_iter().map(|(place, descending)| lower.order(place, descending)).collect();
        // The key makes every order whole, so that pages do not overlap.
        let key = |column| By { by: Expr::column(column), descending: false, nullable: false };
        order.extend(build.key_columns().into_iter().map(key));
        let mut number = |rows: Option<u64>| {
            let rows = i64::try_from(rows?).unwrap_or(i64::MAX);
            Some(Expr::Param(params.push(Wire::one(Scalar::I64), Datum::I64(rows))))
        };
        let (limit, offset) = (number(limits.0), number(limits.1));
        let select = Select { columns, filter, order, limit, offset, ..Select::default() };
        let sql = build.find(select, params.wires, outputs);
        Ok(run(&table, sql, &params.values, decode).await.map_err(explain)?.rows)
    }

    fn lower(self) -> Result<(Table<R>, Option<Expr>, Params)> {
        self.lower_after(Params::default())
    }

    /// The filter, whose parameters come after those that are there.
    fn lower_after(self, params: Params) -> Result<(Table<R>, Option<Expr>, Params)> {
        let build = self.table.build();
        let mut lower = Lower { meta: build.meta, dialect: build.dialect, params };
        let filter = self.filter.map(|filter| lower.filter(filter.node)).transpose()?;
        let state = match self.deleted {
            Deleted::Without => build.live(),
            Deleted::With => None,
            Deleted::Only => build.deleted(),
        };
        Ok((self.table, Expr::all(filter.into_iter().chain(state)), lower.params))
    }
}

async fn run<R: Record, T: Send + 'static>(
    table: &Table<R>,
    sql: Sql,
    values: &[Datum<'static>],
    decode: Decode<T>,
) -> Result<Done<T>> {
    let bind = |to: &mut dyn crate::record::Binder| {
        values.iter().try_for_each(|value| to.bind(value.clone()))
    };
    table.shared.backend.run(&Arc::new(sql), &bind, decode).await
}

/// Awaits the rows.
impl<R: Record> IntoFuture for Query<R> {
    type Output = Result<Vec<R>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Vec<R>>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.rows_as(false, R::decode))
    }
}
