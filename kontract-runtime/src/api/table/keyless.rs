//! `KeylessTable<R>`: tables without a primary key.

use std::sync::Arc;

use super::Table;
use crate::api::access::Access;
use crate::api::filter::Filter;
use crate::api::operation::Operation;
use crate::api::query::Query;
#[cfg(doc)]
use crate::error::Kind;
use crate::sql::record::{Insert, Keyed, Record};
use crate::sql::table_statements::Build;
use crate::value::types::Timestamp;

/// A handle to the rows of a table without a primary key: `#[table(layout = "columns", keyless)]`.
/// Rows are inserted, and found, changed and deleted by queries; no operation is on one row. Cheap to
/// clone.
///
/// ```
/// # use kontract_doc_tables::*; keyless_example(async |visits| {
/// visits.insert(Visit { page: "/".into(), day: 3, seconds: 12 }).await?;
/// let of_day: Vec<Visit> = visits.query(Visit::day.eq(3)).await?;
/// assert_eq!(of_day[0].seconds, 12);
/// assert_eq!(visits.query(Visit::day.lt(3)).delete().await?, 3);
/// # Ok(()) })
/// ```
pub struct KeylessTable<R> {
    table: Table<R>,
}

impl<R> Clone for KeylessTable<R> {
    fn clone(&self) -> Self {
        KeylessTable { table: self.table.clone() }
    }
}

impl<R: Record> KeylessTable<R> {
    pub(crate) fn new(access: Arc<Access>) -> KeylessTable<R> {
        KeylessTable { table: Table::new(access) }
    }

    /// Inserts a row and returns it as it is stored, as [`Table::insert`]. Two rows may be equal.
    ///
    /// ```
    /// # use kontract_doc_tables::*; keyless_example(async |visits| {
    /// let visit = Visit { page: "/".into(), day: 3, seconds: 12 };
    /// visits.insert(visit.clone()).await?;
    /// assert_eq!(visits.insert(visit.clone()).await?, visit);
    /// assert_eq!(visits.query(Visit::day.eq(3)).count().await?, 2);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Unique`], [`Kind::Check`], [`Kind::ForeignKey`]; [`Kind::Value`] if a value cannot be
    /// stored.
    pub fn insert(&self, row: impl Insert<R>) -> Operation<R> {
        self.table.put("insert into", Build::insert, row.into_row(Timestamp::now()))
    }

    /// Inserts all the rows, or none of them if one fails. Returns them as they are stored, in their
    /// order.
    ///
    /// ```
    /// # use kontract_doc_tables::*; keyless_example(async |visits| {
    /// let visit = |seconds| Visit { page: "/".into(), day: 3, seconds };
    /// assert_eq!(visits.insert_many([visit(5), visit(7)]).await?[1].seconds, 7);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`KeylessTable::insert`].
    pub fn insert_many<I: Insert<R>>(
        &self,
        rows: impl IntoIterator<Item = I>,
    ) -> Operation<Vec<R>> {
        self.table.add_many(rows)
    }

    /// Returns a query of all rows. Without `order_by` their order is not defined.
    ///
    /// ```
    /// # use kontract_doc_tables::*; keyless_example(async |visits| {
    /// let longest = visits.list().order_by(Visit::seconds.desc()).first().await?;
    /// assert_eq!(longest.unwrap().page, "/help");
    /// # Ok(()) })
    /// ```
    pub fn list(&self) -> Query<R> {
        self.table.start_query(None)
    }

    /// Returns a query of the rows that match the filter: to read, change or delete them.
    ///
    /// ```
    /// # use kontract_doc_tables::*; keyless_example(async |visits| {
    /// let help = || visits.query(Visit::page.eq("/help"));
    /// assert_eq!(help().update(Visit::patch().seconds(0)).await?, 2);
    /// assert_eq!(help().limit(1).delete().await?, 1);
    /// assert_eq!(help().count().await?, 1);
    /// # Ok(()) })
    /// ```
    pub fn query(&self, filter: Filter<R>) -> Query<R> {
        self.table.start_query(Some(filter.node))
    }

    /// Returns the number of rows.
    ///
    /// ```
    /// # use kontract_doc_tables::*; keyless_example(async |visits| {
    /// assert_eq!(visits.count().await?, 3);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// [`Kind::Connection`] if the database cannot be reached.
    pub fn count(&self) -> Operation<u64> {
        self.list().count()
    }
}

/// A handle to a table, with a key or without.
pub trait TableHandle {
    /// The struct of the rows.
    type Record: Record;
}

impl<R: Keyed> TableHandle for Table<R> {
    type Record = R;
}

impl<R: Record> TableHandle for KeylessTable<R> {
    type Record = R;
}
