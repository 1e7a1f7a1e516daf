//! Structs that a query selects: `#[derive(Projection)]`.

use super::{Outputs, Query};
use crate::api::expr::{Expr, Nullable};
use crate::api::filter::Column;
use crate::error::Result;
use crate::sql::record::Record;
use crate::sql::scope::{Always, Has, Presence, Scope, Source};
use crate::sql::tree::Output;
use crate::value::field_value::Value;
use crate::value::row::Reader;

/// A struct with `#[derive(Projection)]`.
pub trait Shape: Sized + Send + 'static {
    /// The types of its fields, in their order.
    type Fields;
    /// The name of the struct.
    const NAME: &'static str;
    /// The names of its fields, in their order.
    const NAMES: &'static [&'static str];

    #[doc(hidden)]
    fn read(from: &mut dyn Reader) -> Result<Self>;
}

/// A [`Shape`] whose fields name their columns: [`select_as`](Selects::select_as).
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say which columns its fields are",
    label = "no `#[projection(Table)]` on it, and no `#[column(…)]` on each field",
    note = "`.select((…)).named::<{Self}>()` names them in the query"
)]
pub trait SelectAs<S, I>: Shape {
    #[doc(hidden)]
    fn outputs(to: &mut Outputs);
}

/// A type of columns that can fill a field of type `F`: the same type, or `F` is the `Option` of
/// it.
#[diagnostic::on_unimplemented(
    message = "a field of type `{F}` cannot hold a column of type `{Self}`",
    label = "the column is a `{Self}`, the field a `{F}`"
)]
pub trait Fills<F> {}
impl<T: Value> Fills<T> for T {}
impl<T: Value> Fills<Option<T>> for T {}

/// Each row of the query has a row of the table `Q`, so that its columns have values.
#[diagnostic::on_unimplemented(
    message = "rows of this query may have no row of `{Q}`",
    label = "`{Q}` is not joined, or only by an outer join",
    note = "`.join::<{Q}>(…)` before this adds it",
    note = "after an outer join each field that is a column of `{Q}` has to be an `Option`"
)]
pub trait HasAlways<Q, I>: Has<Q, I, Presence = Always> {}

#[diagnostic::do_not_recommend]
impl<Q, I, S: Has<Q, I, Presence = Always>> HasAlways<Q, I> for S {}

/// The methods that the derive calls for each field.
impl Outputs {
    #[doc(hidden)]
    pub fn column<S, I, F, Q, T>(&mut self, column: Column<Q, T>)
    where
        S: Has<Q, I>,
        Q: Source,
        T: Value + Fills<F>,
    {
        self.push(column.node::<S, I>());
    }

    #[doc(hidden)]
    pub fn value<S, F: Value>(&mut self, expr: Expr<S, F>) {
        self.push(expr.node);
    }

    #[doc(hidden)]
    pub fn maybe<S, F: Nullable, T: Value<Maybe = F::Maybe>>(&mut self, expr: Expr<S, T>) {
        self.push(expr.node);
    }

    #[doc(hidden)]
    pub fn record<S: Has<Q, I>, I, Q: Source>(&mut self, optional: bool)
    where
        Q::Record: Record,
    {
        self.0.push(Output::Record { meta: Q::source(), at: S::AT, optional });
    }
}

/// Reads the record of a field, as [`Outputs::record`] selects it.
#[doc(hidden)]
pub fn row<P: Presence, R: Record>(from: &mut dyn Reader) -> Result<P::Row<R>> {
    P::row::<R>(from)
}

/// Adds [`select_as`](Self::select_as) to queries; the prelude exports it. A trait, so that callers
/// do not have to write the inferred parameter `I`.
pub trait Selects<S, C, I>: Sized {
    /// Selects a struct with `#[derive(Projection)]`, whose fields name their columns.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// #[derive(Debug, PartialEq, Projection)]
    /// #[projection(Task)]
    /// struct Short {
    ///     title: String,
    ///     #[column(User::name)]
    ///     user: String,
    /// }
    /// # example(async |users, tasks| {
    /// let with_users = tasks.list().join::<User>(User::id.eq(Task::user_id));
    /// let short = with_users.select_as::<Short>().first().await?;
    /// assert_eq!(short, Some(Short { title: "Buy milk".into(), user: "Ann".into() }));
    /// # Ok(()) })
    /// ```
    fn select_as<X: SelectAs<S, I>>(self) -> Query<S, X, C>;
}

impl<S: Scope, O, C, I> Selects<S, C, I> for Query<S, O, C> {
    fn select_as<X: SelectAs<S, I>>(mut self) -> Query<S, X, C> {
        self.parts.before_union("what is selected");
        let mut outputs = Outputs::default();
        X::outputs(&mut outputs);
        self.parts.outputs = outputs.0;
        self.read_by(X::read)
    }
}

impl<S, O, C> Query<S, O, C> {
    /// Returns the same rows as a struct with `#[derive(Projection)]`, whose fields have the types
    /// of the selected columns, in the same order:
    /// `.select((Task::title, User::name)).named::<Title>()`.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// #[derive(Projection)]
    /// struct Born {
    ///     name: String,
    ///     born: Option<i32>,
    /// }
    /// # example(async |users, tasks| {
    /// let query = users.list().select((User::name, User::born)).named::<Born>();
    /// let first: Option<Born> = query.first().await?;
    /// assert_eq!(first.unwrap().name, "Ann");
    /// # Ok(()) })
    /// ```
    pub fn named<X: Shape<Fields = O>>(self) -> Query<S, X, C> {
        self.read_by(X::read)
    }
}
