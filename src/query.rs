//! Queries: rows by a condition, joins, groups, pages, subqueries, common table expressions.
//!
//! A query starts at a handle, `storage.tasks.query(Task::done.eq(false))`, and does nothing until it
//! is awaited; its methods are those of [`Query`]. [`from`] starts a subquery, [`record`](fn@record) selects a
//! whole row, [`alias!`] gives a table another name.

pub use kontract_runtime::scope::{self, Paged, Scope, Source};
pub use kontract_runtime::{
    Computes, Connected, Cursor, Detached, GoesOn, Groups, InsertInto, Keys, Order, Outputs, Page,
    Pages, PlainFields, Projection, Query, RefersTo, Rows, RowsOf, SelectAs, Selects, Shape, Whole,
    With, WithCounts, alias, from, record,
};
