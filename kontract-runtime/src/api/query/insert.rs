//! Inserts the rows of a query into another table (`INSERT … SELECT`).

use std::future::IntoFuture;
use std::marker::PhantomData;

use kontract_schema::dialect::dml;
use kontract_schema::sql::dml::{Insert, Returned, RowStatement, Rows, SqlExpr};

use super::{Computes, Connected, Query};
use crate::api::filter::Column;
use crate::api::operation::{Answer, On, Operation, Running};
use crate::api::table::TableHandle;
use crate::driver::row_sink::Counted;
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Kind, Result};
use crate::sql::lower::Params;
use crate::sql::meta::Meta;
use crate::sql::record::Record;
use crate::sql::scope::Scope;
use crate::sql::tree::node::Node;
use crate::sql::tree::{Output, Parts};
use crate::value::assign::Assign;
use crate::value::datum::Datum;
use crate::value::field_value::Value;
use crate::value::types::Timestamp;
use crate::value::wire::{Scalar, Wire};

/// An insert of the rows of a query into the table of `R`: [`Query::insert_into`]. Awaiting it
/// returns the number of new rows.
#[must_use = "nothing is inserted until it is awaited"]
pub struct InsertInto<S, R> {
    rows: NewRows,
    on: Connected,
    of: PhantomData<fn() -> (S, R)>,
}

/// The new rows: the query, and the values of their fields.
struct NewRows {
    parts: Parts,
    computed: Vec<(usize, Node)>,
    values: Vec<(usize, Result<Datum<'static>>)>,
}

impl<S: Scope, O> Query<S, O> {
    /// Inserts a row into the other table for each row of the query, in one statement. Awaiting it
    /// returns the number of new rows. `set` defines the columns of the new rows. The other columns
    /// get their defaults and times.
    ///
    /// The other table must have the columns layout, and must not be `ordered`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let again: u64 = tasks
    ///     .query(Task::done.eq(true))
    ///     .insert_into(&tasks)
    ///     .set(Task::id, Task::id.plus(100))
    ///     .set(Task::user_id, Task::user_id)
    ///     .set(Task::title, Task::title)
    ///     .value(Task::points, 1)
    ///     .value(Task::done, false)
    ///     .await?;
    /// assert_eq!(again, 1);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Table::insert`](crate::Table::insert). Before anything is sent, [`Kind::Value`] if a column has
    /// neither a value nor a default, and [`Kind::Unsupported`] if the other table cannot be filled
    /// in this way.
    pub fn insert_into<T: TableHandle>(self, _: &T) -> InsertInto<S, T::Record> {
        let rows = NewRows { parts: self.parts, computed: Vec::new(), values: Vec::new() };
        InsertInto { rows, on: self.on, of: PhantomData }
    }
}

impl<S, R: Record> InsertInto<S, R> {
    /// Sets a column of the new rows to a column or an expression of the query. The last call for a
    /// column counts; a column without a call gets its default.
    pub fn set<T: Value, I>(mut self, column: Column<R, T>, what: impl Computes<S, T, I>) -> Self {
        self.rows.forget(column.place());
        self.rows.computed.push((column.place(), what.computed().0));
        self
    }

    /// Sets a column of all new rows to that value.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let welcome = users
    ///     .list()
    ///     .insert_into(&tasks)
    ///     .set(Task::id, User::id.plus(100))
    ///     .set(Task::user_id, User::id)
    ///     .value(Task::title, "Say hello")
    ///     .value(Task::points, 1)
    ///     .value(Task::done, false);
    /// assert_eq!(welcome.await?, 3);
    /// # Ok(()) })
    /// ```
    pub fn value<T: Value>(mut self, column: Column<R, T>, value: impl Assign<T>) -> Self {
        self.rows.forget(column.place());
        let value = value.assign().to_datum().map(Datum::into_owned);
        self.rows.values.push((column.place(), value));
        self
    }
}

impl NewRows {
    fn forget(&mut self, place: usize) {
        self.computed.retain(|(other, _)| *other != place);
        self.values.retain(|(other, _)| *other != place);
    }

    /// Sets the times of the new rows. Fails if a column has no value.
    fn complete(&mut self, meta: &'static Meta) -> Result<()> {
        let refused = |what: &str| {
            let what = format!("rows of a query cannot become rows of `{}`: {what}", meta.name());
            let help = "read the rows, and give them to `insert_many`";
            Err(Error::new(Kind::Unsupported, what).with_help(help))
        };
        if meta.is_document() {
            return refused("they are documents");
        }
        if meta.track().order {
            return refused("each has a place of its own");
        }
        if !self.parts.is_plain() {
            return refused("they are groups, a union or distinct rows");
        }
        let now = Timestamp::now();
        for (place, field) in meta.table.schema.iter().enumerate() {
            let is_set = self.computed.iter().any(|(other, _)| *other == place)
                || self.values.iter().any(|(other, _)| *other == place);
            if is_set && field.generated.is_some() {
                let what = format!("`{}` is generated: the database computes it", field.name);
                return Err(
                    Error::value(what).with_help("set the columns that it is computed from")
                );
            }
            if is_set || (field.may_be_omitted() && field.stamp.is_none()) {
                continue;
            }
            if field.stamp.is_none() {
                let what = format!("`{}` has neither a value nor a default", field.name);
                let help =
                    format!("say what it is: `.set({0}, …)` or `.value({0}, …)`", field.name);
                return Err(Error::value(what).with_help(help));
            }
            self.values.push((place, meta.stamp(place, now)));
        }
        Ok(())
    }

    fn lowered(
        &mut self,
        meta: &'static Meta,
        on: &On,
    ) -> Result<(PreparedStatement, Vec<Datum<'static>>)> {
        let dialect = on.access.backend.dialect();
        let mut lower = on.lower(Params::default());
        lower.check_seen(meta)?;
        let (places, nodes): (Vec<usize>, Vec<Node>) = self.computed.drain(..).unzip();
        for (place, node) in places.iter().zip(&nodes) {
            node.check_stored_as(meta, *place)?;
        }
        let outputs = nodes.into_iter().map(Output::Value).collect();
        // As in groups, keys of documents are read with their types, not as JSON.
        let parts = Parts { outputs, grouped: true, ..self.parts.clone() };
        let (mut select, _) = lower.select(parts)?;
        let mut columns = places;
        for (place, value) in self.values.drain(..) {
            let value = meta.fit(place, value?)?;
            let param = SqlExpr::Param(lower.params.push(meta.wires[place], value));
            select.columns.push(SqlExpr::As(Box::new(param), dml::parameter_type(meta.ty(place))));
            columns.push(place);
        }
        for (expr, place) in select.columns.iter_mut().zip(&columns) {
            *expr = meta.computed(*place, std::mem::replace(expr, SqlExpr::Null));
        }
        let name = |place: usize| meta.table.schema[place].column().to_owned();
        let overriding = columns.iter().any(|place| meta.table.schema[*place].identity);
        let mut columns: Vec<String> = columns.into_iter().map(name).collect();
        if let Some((column, value)) = meta.next_number(dialect, &columns, true) {
            columns.push(column);
            select.columns.push(value);
        }
        if meta.track().owner {
            columns.push("_owner".to_owned());
            let owner = lower
                .params
                .push(Wire::one(Scalar::Text), Datum::Text(on.access.writer().to_owned().into()));
            select.columns.push(SqlExpr::As(Box::new(SqlExpr::Param(owner)), "text".to_owned()));
        }
        if meta.track().txid {
            columns.push("_txid".to_owned());
            select.columns.push(SqlExpr::Txid);
        }
        let insert = Insert {
            into: meta.table.path(),
            columns,
            overriding,
            rows: Rows::Select(Box::new(select)),
            conflict: None,
            returning: Vec::new(),
            returned: Returned::Unordered,
        };
        let Params { wires, values } = lower.params;
        Ok((
            PreparedStatement::new(dialect, &RowStatement::Insert(insert), wires, Vec::new())
                .long(),
            values,
        ))
    }
}

impl On {
    fn insert_rows(self, mut rows: NewRows) -> Running {
        Running::new(async move {
            let done = self.try_insert_rows(&mut rows).await;
            let affected = done.map_err(|error| self.explain(error))?;
            Ok(Answer { affected, ..Answer::default() })
        })
    }

    async fn try_insert_rows(&self, rows: &mut NewRows) -> Result<u64> {
        rows.complete(self.meta)?;
        let (sql, values) = rows.lowered(self.meta, self)?;
        self.run_query(sql, &values, &mut Counted::sink()).await
    }
}

impl<S: Scope + 'static, R: Record> IntoFuture for InsertInto<S, R> {
    type Output = Result<u64>;
    type IntoFuture = Operation<u64>;

    fn into_future(self) -> Self::IntoFuture {
        let on = On { access: self.on.access, meta: R::meta(), verb: "insert into" };
        Operation::new(on.insert_rows(self.rows), Answer::into_affected)
    }
}
