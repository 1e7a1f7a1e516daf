//! Recursive queries (`WITH RECURSIVE`): trees, chains, graphs.

use super::{Detached, PlainFields, Query, RowsOf, Shape};
use crate::sql::scope::{Always, Has};

/// A step of [`Query::recursive`]: each of its rows comes from one row that was found before.
#[diagnostic::on_unimplemented(
    message = "this step does not go on from the rows that were found",
    label = "each row of a step comes from one `{X}` that was found before",
    note = "the step joins other tables to the rows that it is given: no groups, no right join"
)]
pub trait GoesOn<X, I> {}

#[diagnostic::do_not_recommend]
impl<X: 'static, I, S: Has<RowsOf<X>, I, Presence = Always>> GoesOn<X, I> for S {}

impl<S, X, C> Query<S, X, C>
where
    X: Shape,
    X::Fields: PlainFields,
{
    /// Returns the rows of this query, then the rows that the step finds from them, then the rows
    /// that it finds from those, until it finds no more (`WITH RECURSIVE`). The step gets the rows
    /// that were found last, joins the next rows to them, and returns rows of the same struct.
    ///
    /// A row that was found before is not followed again, so a cycle ends. If rows contain their
    /// depth, a cycle gives different rows each time, and a filter of the step has to limit the
    /// depth. Neither the step nor this query can have an order or a limit: apply them to the
    /// result.
    ///
    /// ```
    /// use kontract::prelude::*;
    /// use kontract::expr::value;
    ///
    /// #[derive(Table)]
    /// #[table(layout = "columns", standalone)]
    /// struct Task {
    ///     #[primkey]
    ///     id: i64,
    ///     parent: Option<i64>,
    /// }
    ///
    /// #[derive(Debug, PartialEq, Projection)]
    /// struct Branch {
    ///     id: i64,
    ///     depth: i64,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> kontract::Result<()> {
    /// # let base = kontract::storage::Base::open("sqlite::memory:").await?;
    /// # base.create::<Task>().await?;
    /// # let tasks = base.table::<Task>();
    /// # let task = |id, parent| Task { id, parent };
    /// # tasks.insert_many([task(1, None), task(2, Some(1)), task(3, Some(2))]).await?;
    /// let below: Vec<Branch> = tasks
    ///     .query(Task::id.eq(1))
    ///     .select((Task::id, value(0)))
    ///     .named::<Branch>()
    ///     .recursive(|found| {
    ///         let next = found.join::<Task>(Task::parent.eq(Branch::id));
    ///         next.select((Task::id, Branch::depth.plus(1))).named()
    ///     })
    ///     .filter(Branch::depth.gt(0))
    ///     .order_by(Branch::depth.asc())
    ///     .await?;
    /// assert_eq!(below, [Branch { id: 2, depth: 1 }, Branch { id: 3, depth: 2 }]);
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The errors of the awaited query; [`Kind::Value`](crate::Kind::Value) if the step or this
    /// query is ordered, limited or locked, or if the step has groups, a union or other queries.
    pub fn recursive<T, I>(
        mut self,
        step: impl FnOnce(Query<RowsOf<X>, X, Detached>) -> Query<T, X, Detached>,
    ) -> Query<RowsOf<X>, X, C>
    where
        T: GoesOn<X, I>,
    {
        let step = step(Query::rows_of(Detached));
        self.parts.union.push((false, step.parts));
        self.parts.recursive = true;
        self.as_table()
    }
}
