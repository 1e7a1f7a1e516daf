//! Queries: rows of one or several tables, under conditions, as records, columns or groups.
//!
//! A query is built by value and does nothing until it is awaited. Its type says which tables it
//! has (`S`, see [`Has`](crate::sql::scope::Has)) and what each of its rows becomes (`O`).

mod change;
mod cte;
mod definition;
mod group;
mod insert;
mod join;
mod lock;
mod page;
mod project;
mod recursive;
mod relation;
mod run;
mod shape;
mod stream;

pub use self::cte::{PlainFields, RowsOf};
pub use self::definition::{Connected, Detached, Outputs, Projection, Query};
pub use self::group::{Groups, Keys};
pub use self::insert::InsertInto;
pub use self::page::{Cursor, Page, Pages};
pub use self::project::{Computes, Whole, record};
pub use self::recursive::GoesOn;
pub use self::relation::{RefersTo, With, WithCounts};
pub use self::shape::{HasAlways, SelectAs, Selects, Shape, row};
use crate::api::filter::{Filter, Order};
use crate::sql::record::{Record, SoftDelete};
use crate::sql::scope::{Scope, Source, Within};
use crate::sql::tree::Deleted;

/// Returns a subquery, for [`exists`](crate::exists), [`scalar`](crate::scalar) and `is_in_query`.
/// Its conditions may use columns of the outer query.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let busy = exists(from::<Task, _>().filter(Task::user_id.eq(User::id)));
/// assert_eq!(users.query(!busy).await?[0].name, "Cem");
/// # Ok(()) })
/// ```
pub fn from<Q, Outer>() -> Query<Within<Q, Outer>, Q::Record, Detached>
where
    Q: Source,
    Q::Record: Record,
{
    Query::start(Q::source(), Detached)
}

impl<S: Scope, O, C> Query<S, O, C> {
    /// Keeps the rows that also match this filter: several calls are combined with AND.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let open = tasks.list().filter(Task::done.eq(false));
    /// assert_eq!(open.filter(Task::points.gt(1)).count().await?, 1);
    /// # Ok(()) })
    /// ```
    pub fn filter(mut self, filter: Filter<S>) -> Self {
        self.parts.before_union("a filter");
        self.parts.filter = Some(match self.parts.filter.take() {
            Some(before) => Filter::<S>::from_node(before).and(filter).node,
            None => filter.node,
        });
        self
    }

    /// Orders the rows. A second call orders the rows that are equal in the first order. NULL is last in both
    /// directions.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let query = users.list().order_by(User::born.desc()).order_by(User::name.desc());
    /// let names: Vec<String> = query.select(User::name).await?;
    /// assert_eq!(names, ["Ann", "Cem", "Bob"]);
    /// # Ok(()) })
    /// ```
    pub fn order_by(mut self, order: Order<S>) -> Self {
        self.parts.order.push((order.node, order.descending));
        self
    }

    /// Returns at most that many rows. Without `order_by` they are ordered by the key.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.list().limit(2).await?.len(), 2);
    /// # Ok(()) })
    /// ```
    pub fn limit(mut self, rows: u64) -> Self {
        self.parts.limit = Some(rows);
        self
    }

    /// Skips that many rows. The database reads the skipped rows; [`page`](Query::page) does not.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let third = tasks.list().order_by(Task::id.asc()).offset(2).first().await?;
    /// assert_eq!(third.unwrap().title, "Buy bread");
    /// # Ok(()) })
    /// ```
    pub fn offset(mut self, rows: u64) -> Self {
        self.parts.offset = Some(rows);
        self
    }

    /// Returns equal rows once. `order_by` may use selected columns only.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let done: Vec<bool> = tasks.list().select(Task::done).distinct().order_by(Task::done.asc()).await?;
    /// assert_eq!(done, [false, true]);
    /// # Ok(()) })
    /// ```
    ///
    /// Values are compared, not their notation: `1.0` and `1.00` are the same decimal, and a point in time is
    /// the same in every time zone. Nested documents, JSON and lists are compared as JSON. Whole records
    /// include their key, so they are always distinct.
    pub fn distinct(mut self) -> Self {
        self.parts.before_union("`distinct`");
        self.parts.distinct = true;
        self
    }
}

impl<S: Scope, O: 'static, C> Query<S, O, C> {
    /// Adds the rows of another query of the same type (`UNION`); equal rows are returned once, compared as by
    /// [`distinct`](Query::distinct).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let titles = tasks.query(Task::points.eq(1)).select(Task::title);
    /// let mut words: Vec<String> = users.list().select(User::name).union(titles).await?;
    /// words.sort();
    /// assert_eq!(words, ["Ann", "Bob", "Buy bread", "Cem"]);
    /// # Ok(()) })
    /// ```
    ///
    /// `order_by` and `limit` of this query apply to all rows and may use selected columns only. Other parts
    /// (`filter`, `select`) come before `union`, in each query, or after `.named::<…>().as_table()`.
    pub fn union<T: Scope, D>(mut self, other: Query<T, O, D>) -> Self {
        self.parts.union.push((false, other.parts));
        self
    }

    /// Adds the rows of another query of the same type (`UNION ALL`), and keeps equal rows.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let names = || users.list().select(User::name);
    /// assert_eq!(names().union_all(names()).await?.len(), 6);
    /// # Ok(()) })
    /// ```
    pub fn union_all<T: Scope, D>(mut self, other: Query<T, O, D>) -> Self {
        self.parts.union.push((true, other.parts));
        self
    }
}

impl<R: SoftDelete, O, C> Query<R, O, C> {
    /// Includes deleted rows (soft delete).
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert(Job { id: 1, name: "mail".into() }).await?;
    /// jobs.delete(1).await?;
    /// assert_eq!(jobs.list().count().await?, 0);
    /// assert_eq!(jobs.list().with_deleted().count().await?, 1);
    /// # Ok(()) })
    /// ```
    pub fn with_deleted(mut self) -> Self {
        self.parts.before_union("`with_deleted`");
        self.parts.deleted = Deleted::With;
        self
    }

    /// Returns deleted rows (soft delete) only.
    ///
    /// ```
    /// # use kontract_doc_tables::*; queue_example(async |jobs| {
    /// jobs.insert_many([Job { id: 1, name: "a".into() }, Job { id: 2, name: "b".into() }]).await?;
    /// jobs.delete(1).await?;
    /// assert_eq!(jobs.list().only_deleted().one().await?.name, "a");
    /// # Ok(()) })
    /// ```
    pub fn only_deleted(mut self) -> Self {
        self.parts.before_union("`only_deleted`");
        self.parts.deleted = Deleted::Only;
        self
    }
}
