//! Groups of rows: their keys and their aggregates.

use std::marker::PhantomData;

use super::{Outputs, Projection, Query};
use crate::api::expr::Expr;
use crate::api::filter::{Column, Filter, Order};
use crate::sql::scope::{Grouped, Has, Presence, Scope, Source};
use crate::sql::tree::Parts;
use crate::value::field_value::Value;

/// A grouped query; `select` defines what each group becomes. The closures get the keys of the
/// group.
#[must_use = "groups do nothing until something is selected of them"]
pub struct Groups<S, K, C> {
    parts: Parts,
    keys: K,
    on: C,
    of: PhantomData<fn() -> S>,
}

/// The keys of a grouping: a column, an expression, or a tuple of them.
#[diagnostic::on_unimplemented(
    message = "rows of this query cannot be grouped by `{Self}`",
    label = "not a column or expression of its tables"
)]
pub trait Keys<S, I> {
    /// The keys as expressions on the group.
    type Keys: Clone;

    #[doc(hidden)]
    fn keys(self, to: &mut Outputs) -> Self::Keys;
}

impl<S, I, Q, T> Keys<S, I> for Column<Q, T>
where
    S: Has<Q, I>,
    Q: Source,
    T: Value,
{
    type Keys = Expr<Grouped<S>, <S::Presence as Presence>::Of<T>>;

    fn keys(self, to: &mut Outputs) -> Self::Keys {
        let node = self.node::<S, I>();
        to.push(node.clone());
        Expr::from_node(node)
    }
}

#[doc(hidden)]
pub enum Computed {}

impl<S, T: Value> Keys<S, Computed> for Expr<S, T> {
    type Keys = Expr<Grouped<S>, T>;

    fn keys(self, to: &mut Outputs) -> Self::Keys {
        to.push(self.node.clone());
        Expr::from_node(self.node)
    }
}

macro_rules! tuples {
    ($($($part:ident $index:ident),+;)*) => { $(
        #[allow(non_snake_case)]
        impl<S, $($part: Keys<S, $index>, $index),+> Keys<S, ($($index,)+)> for ($($part,)+) {
            type Keys = ($($part::Keys,)+);

            fn keys(self, to: &mut Outputs) -> Self::Keys {
                let ($($part,)+) = self;
                ($($part.keys(to),)+)
            }
        }
    )* };
}

tuples! {
    A IA, B IB;
    A IA, B IB, C IC;
    A IA, B IB, C IC, D ID;
    A IA, B IB, C IC, D ID, E IE;
    A IA, B IB, C IC, D ID, E IE, F IF;
}

impl<S: Scope, O, C> Query<S, O, C> {
    /// Groups the rows, one group for each value of the keys (`GROUP BY`). An order of the rows by
    /// the keys stays. If the rows are limited, or ordered by anything else, the query fails with
    /// [`Kind::Value`](crate::Kind::Value) when it is awaited.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let busy: Vec<(i64, i64, Option<i64>)> = tasks
    ///     .list()
    ///     .group_by(Task::user_id)
    ///     .having(|_| count().gt(1))
    ///     .order_by(|_| count().desc())
    ///     .select(|user| (user, count(), Task::points.sum()))
    ///     .await?;
    /// assert_eq!(busy, [(1, 2, Some(5))]);
    /// # Ok(()) })
    /// ```
    pub fn group_by<K: Keys<S, I>, I>(mut self, keys: K) -> Groups<S, K::Keys, C> {
        self.parts.before_union("a group");
        self.parts.grouped = true;
        self.parts.before = std::mem::take(&mut self.parts.order);
        self.refuse_limit();
        let mut nodes = Outputs::default();
        let keys = keys.keys(&mut nodes);
        self.parts.group = nodes.values();
        Groups { parts: self.parts, keys, on: self.on, of: PhantomData }
    }

    /// Aggregates all rows into one row.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let all = tasks.list().aggregate((count(), Task::points.sum(), Task::points.max())).one().await?;
    /// assert_eq!(all, (3, Some(6), Some(3)));
    /// # Ok(()) })
    /// ```
    pub fn aggregate<P: Projection<Grouped<S>, I>, I>(
        mut self,
        what: P,
    ) -> Query<Grouped<S>, P::Output, C> {
        self.parts.before_union("an aggregate");
        self.parts.grouped = true;
        // One row needs no order.
        self.parts.order.clear();
        self.refuse_limit();
        self.parts.outputs = Outputs::of(what);
        self.read_by(P::decode)
    }

    /// Refuses `limit` and `offset` before the grouping: in SQL they would apply to the groups.
    fn refuse_limit(&mut self) {
        if self.parts.limit.is_some() || self.parts.offset.is_some() {
            let why = "rows are limited before they are put into groups or aggregated: limit the \
                       groups, behind `select`, or begin with `.named::<…>().as_table()`";
            self.parts.refuse(why);
        }
    }
}

impl<S: Scope, K: Clone, C> Groups<S, K, C> {
    /// Keeps the groups that match this filter. The closure gets the key of the group.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let groups = tasks.list().group_by(Task::user_id).having(|_| count().gt(1));
    /// assert_eq!(groups.select(|user| (user, count())).await?, [(1, 2)]);
    /// # Ok(()) })
    /// ```
    pub fn having(mut self, filter: impl FnOnce(K) -> Filter<Grouped<S>>) -> Self {
        let filter = filter(self.keys.clone());
        self.parts.having = Some(match self.parts.having.take() {
            Some(before) => Filter::<Grouped<S>>::from_node(before).and(filter).node,
            None => filter.node,
        });
        self
    }

    /// Orders the groups. A second call orders the groups that are equal in the first order.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let groups = tasks.list().group_by(Task::user_id).order_by(|user| user.desc());
    /// assert_eq!(groups.select(|user| user).await?, [2, 1]);
    /// # Ok(()) })
    /// ```
    pub fn order_by(mut self, order: impl FnOnce(K) -> Order<Grouped<S>>) -> Self {
        let order = order(self.keys.clone());
        self.parts.order.push((order.node, order.descending));
        self
    }

    /// Selects what each group becomes.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let groups = tasks.list().group_by(Task::done).order_by(|done| done.asc());
    /// let rows: Vec<(bool, i64)> = groups.select(|done| (done, count())).await?;
    /// assert_eq!(rows, [(false, 2), (true, 1)]);
    /// # Ok(()) })
    /// ```
    pub fn select<P, I>(self, what: impl FnOnce(K) -> P) -> Query<Grouped<S>, P::Output, C>
    where
        P: Projection<Grouped<S>, I>,
    {
        let parts = Parts { outputs: Outputs::of(what(self.keys)), ..self.parts };
        Query { parts, decode: P::decode, on: self.on, of: PhantomData }
    }
}
