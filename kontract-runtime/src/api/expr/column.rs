//! Columns as expressions.

use super::{Expr, Nullable};
use crate::api::filter::{Column, Filter};
use crate::sql::scope::{Has, Presence, Source};
use crate::value::field_value::Value;

impl<Q: Source, T: Value> Column<Q, T> {
    /// Returns the column as an expression, with the type that it has in that query: an `Option`
    /// after an outer join.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let doubled = Task::points.expr().plus(Task::points);
    /// assert_eq!(tasks.query(doubled.eq(6)).count().await?, 1);
    /// # Ok(()) })
    /// ```
    pub fn expr<S, I>(self) -> Expr<S, <S::Presence as Presence>::Of<T>>
    where
        S: Has<Q, I>,
    {
        Expr::from_node(self.node::<S, I>())
    }

    /// Returns the column with its type in the struct, also after an outer join; for comparisons.
    pub(crate) fn plain<S, I>(self) -> Expr<S, T>
    where
        S: Has<Q, I>,
    {
        Expr::from_node(self.node::<S, I>())
    }

    /// True if the column is NULL: for an `Option` field, or a column of an outer join.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(users.query(User::born.is_null()).count().await?, 2);
    /// # Ok(()) })
    /// ```
    pub fn is_null<S, I>(self) -> Filter<S>
    where
        S: Has<Q, I>,
        <S::Presence as Presence>::Of<T>: Nullable,
    {
        self.expr().is_null()
    }

    /// True if the column is not NULL: for an `Option` field, or a column of an outer join.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(users.query(User::born.is_not_null()).count().await?, 1);
    /// # Ok(()) })
    /// ```
    pub fn is_not_null<S, I>(self) -> Filter<S>
    where
        S: Has<Q, I>,
        <S::Presence as Presence>::Of<T>: Nullable,
    {
        self.expr().is_not_null()
    }
}
