//! Queries as tables of another query: common table expressions (`WITH`).
//!
//! Such a query selects a struct with `#[derive(Projection)]`. The fields of the struct are its
//! columns, as constants like those of a table: `PerAuthor::books`.

use std::any::TypeId;
use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::{LazyLock, Mutex, PoisonError};

use kontract_schema::Type;
use kontract_schema::sql::dml::JoinKind;

use super::{Query, Shape};
use crate::api::filter::{Column, Filter};
use crate::sql::meta::Meta;
use crate::sql::scope::{At, Join, Maybe, Scope, Source};
use crate::sql::tree::node::{Field, Node};
use crate::sql::tree::{Joined, Output, Parts};
use crate::value::raw_columns::Plain;

/// The rows of a query as a table. `X` is the struct that the query selects.
pub struct RowsOf<X>(PhantomData<fn() -> X>);

impl<X, T> Column<RowsOf<X>, T> {
    /// The column at that position of the rows of a query.
    #[doc(hidden)]
    pub const fn of_rows(place: usize) -> Self {
        Column::at_place(place)
    }
}

/// Types of columns that all have a type in the database.
#[diagnostic::on_unimplemented(
    message = "a query that gives `{Self}` cannot be a part of another one",
    label = "not each of its fields has a plain type",
    note = "records and types with a `Value` of their own have no type in the database"
)]
pub trait PlainFields {
    #[doc(hidden)]
    fn types() -> Vec<(Type, bool)>;
}

macro_rules! tuples {
    ($($($part:ident),+;)*) => { $(
        impl<$($part: Plain),+> PlainFields for ($($part,)+) {
            fn types() -> Vec<(Type, bool)> {
                vec![$(($part::ty(), $part::OPTIONAL)),+]
            }
        }
    )* };
}

tuples! {
    A;
    A, B;
    A, B, C;
    A, B, C, D;
    A, B, C, D, E;
    A, B, C, D, E, F;
    A, B, C, D, E, F, G;
    A, B, C, D, E, F, G, H;
    A, B, C, D, E, F, G, H, I;
    A, B, C, D, E, F, G, H, I, J;
    A, B, C, D, E, F, G, H, I, J, K;
    A, B, C, D, E, F, G, H, I, J, K, L;
}

impl<X: Shape> Source for RowsOf<X>
where
    X::Fields: PlainFields,
{
    type Record = X;
    fn source() -> &'static Meta {
        static KNOWN: LazyLock<Mutex<HashMap<TypeId, &'static Meta>>> =
            LazyLock::new(Mutex::default);
        // No code panics while it holds the lock.
        let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry(TypeId::of::<X>()).or_insert_with(|| {
            // One allocation for each struct, as static as that of a table.
            Box::leak(Box::new(Meta::of_columns(X::NAME, X::NAMES, X::Fields::types())))
        })
    }
}

impl<S: Scope, O, C> Query<S, O, C> {
    /// Joins the rows of another query, as [`Query::join`] joins a table. The other query selects a
    /// struct with `#[derive(Projection)]`, by `select_as` or `named`.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// #[derive(Projection)]
    /// struct PerUser {
    ///     user_id: i64,
    ///     tasks: i64,
    /// }
    ///
    /// # example(async |users, tasks| {
    /// let per_user = tasks.list().group_by(Task::user_id).select(|user| (user, count())).named::<PerUser>();
    /// let busy: Vec<(String, i64)> = users
    ///     .list()
    ///     .join_query(per_user, PerUser::user_id.eq(User::id))
    ///     .filter(PerUser::tasks.gt(1))
    ///     .select((User::name, PerUser::tasks))
    ///     .await?;
    /// assert_eq!(busy, [("Ann".to_owned(), 2)]);
    /// # Ok(()) })
    /// ```
    pub fn join_query<T, X, D>(
        self,
        query: Query<T, X, D>,
        on: Filter<Join<S, RowsOf<X>>>,
    ) -> Query<Join<S, RowsOf<X>>, O, C>
    where
        X: Shape,
        X::Fields: PlainFields,
    {
        self.joined_query(query, JoinKind::Inner, on)
    }

    /// Joins the rows of another query, and keeps the rows without a match (`LEFT JOIN`): columns
    /// of the other query are `Option`s.
    pub fn left_join_query<T, X, D>(
        self,
        query: Query<T, X, D>,
        on: Filter<Join<S, RowsOf<X>>>,
    ) -> Query<Join<S, Maybe<RowsOf<X>>>, O, C>
    where
        X: Shape,
        X::Fields: PlainFields,
    {
        self.joined_query(query, JoinKind::Left, on)
    }

    fn joined_query<T, X, D, U, V>(
        mut self,
        query: Query<T, X, D>,
        kind: JoinKind,
        on: Filter<U>,
    ) -> Query<V, O, C>
    where
        X: Shape,
        X::Fields: PlainFields,
    {
        self.parts.before_union("a join");
        let meta = RowsOf::<X>::source();
        self.parts.with.push((meta, query.parts));
        self.parts.tables.push(Joined { meta, kind, on: Some(on.node) });
        let decode = self.decode;
        self.read_by(decode)
    }
}

impl<S, X, C> Query<S, X, C>
where
    X: Shape,
    X::Fields: PlainFields,
{
    /// Returns a query on the rows of this query (`WITH`), to filter, order or join groups or a
    /// union.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// #[derive(Projection)]
    /// struct PerUser {
    ///     user_id: i64,
    ///     tasks: i64,
    /// }
    ///
    /// # example(async |users, tasks| {
    /// let per_user = tasks.list().group_by(Task::user_id).select(|user| (user, count())).named::<PerUser>();
    /// let mean: Option<f64> = per_user.as_table().aggregate(PerUser::tasks.avg()).one().await?;
    /// assert_eq!(mean, Some(1.5));
    /// # Ok(()) })
    /// ```
    pub fn as_table(self) -> Query<RowsOf<X>, X, C> {
        let mut query = Query::rows_of(self.on);
        query.parts.with.push((RowsOf::<X>::source(), self.parts));
        query
    }
}

impl<X, C> Query<RowsOf<X>, X, C>
where
    X: Shape,
    X::Fields: PlainFields,
{
    /// Selects all columns of the rows of a query, which the `WITH` around it has to define.
    pub(super) fn rows_of(on: C) -> Self {
        let meta = RowsOf::<X>::source();
        let column =
            |place| Output::Value(Node::Column(Field::new(At { level: 0, place: 0 }, meta, place)));
        let mut parts = Parts::new(meta, Output::One);
        parts.outputs = (0..X::NAMES.len()).map(column).collect();
        Query { parts, decode: X::read, on, of: PhantomData }
    }
}
