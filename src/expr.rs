//! Expressions: what the database computes from columns, values and other queries.
//!
//! Conditions and computed values start at a [`Column`](crate::Column): `Task::points.gt(2)` is a
//! [`Filter`](crate::Filter), `Task::title.upper()` an [`Expr`]. The functions here start without one:
//! [`count`] counts rows, [`value`] is a constant, [`exists`] and [`scalar`] take a subquery.

pub use kontract_runtime::{
    Expr, FromPath, HasPaths, List, Member, Nullable, Number, Operand, Path, RangeField, Step,
    Summable, TextField, count, exists, scalar, value,
};
