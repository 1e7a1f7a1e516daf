//! Typed expressions: what queries compare, select and order by.

mod aggregate;
mod column;
mod json;
mod range;
mod shared_methods;
mod text;

use std::marker::PhantomData;

use kontract_schema::sql::dml::Function;

pub use self::aggregate::{Summable, count};
pub use self::json::{FromPath, HasPaths, List, Member, Path, Step};
pub use self::range::RangeField;
use self::shared_methods::both;
pub use self::text::TextField;
use crate::api::filter::{Column, Filter, Order};
use crate::api::query::{Detached, Query};
use crate::error::Refusal;
use crate::sql::scope::{Has, Inner, Presence, Source};
use crate::sql::tree::node::{Compare, Node};
use crate::value::assign::Assign;
use crate::value::field_value::Value;
use crate::value::raw_columns::Plain;

/// An expression: a value of type `T` for each row of a query with the scope `S`.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let title = Task::title.expr().lower();
/// let titles = tasks.query(title.contains("bread")).select(Task::points.plus(Task::points));
/// assert_eq!(titles.await?, [2]);
/// # Ok(()) })
/// ```
#[must_use = "an expression does nothing until it is given to a query"]
pub struct Expr<S, T> {
    pub(crate) node: Node,
    of: PhantomData<fn() -> (S, T)>,
}

impl<S, T> Clone for Expr<S, T> {
    fn clone(&self) -> Self {
        Expr { node: self.node.clone(), of: PhantomData }
    }
}

/// An operand of a comparison with a value of type `T`: a value, a column or an expression of that
/// type. `K` distinguishes the three, and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compared with a value of type `{T}`",
    label = "not a `{T}`, nor a column or expression of one in this query",
    note = "a column can be used if its table is a part of the query: `.join::<…>(…)` before this adds a table"
)]
pub trait Operand<S, T, K> {
    /// Makes the node. `inside` means that it is compared with a key of a document.
    #[doc(hidden)]
    fn operand(self, inside: bool) -> Operated;
}

/// An operand as a part of an expression.
#[doc(hidden)]
pub struct Operated(pub(crate) Node);

#[doc(hidden)]
pub enum Constant {}
#[doc(hidden)]
pub struct Field<I>(PhantomData<I>);
#[doc(hidden)]
pub enum Computed {}

#[diagnostic::do_not_recommend]
impl<S, T: Value, V: Assign<T>> Operand<S, T, Constant> for V {
    fn operand(self, inside: bool) -> Operated {
        let value = self.assign();
        Operated(Node::value(if inside { value.to_member() } else { value.to_datum() }))
    }
}

#[diagnostic::do_not_recommend]
impl<S, T, U, Q, I> Operand<S, T, Field<I>> for Column<Q, U>
where
    T: Value,
    U: Value<Maybe = T::Maybe>,
    Q: Source,
    S: Has<Q, I>,
{
    fn operand(self, _: bool) -> Operated {
        Operated(self.node::<S, I>())
    }
}

#[diagnostic::do_not_recommend]
impl<S, T: Value, U: Value<Maybe = T::Maybe>> Operand<S, T, Computed> for Expr<S, U> {
    fn operand(self, _: bool) -> Operated {
        Operated(self.node)
    }
}

/// A type that may be NULL: `Option<T>`.
#[diagnostic::on_unimplemented(
    message = "this always has a value",
    label = "`{Self}` is not an `Option`",
    note = "only an `Option` may be NULL, and after an outer join the `.expr()` of a column"
)]
pub trait Nullable: Value {
    /// The type without the `Option`.
    type Some: Value;
}

impl<T: Value> Nullable for Option<T> {
    type Some = T;
}

/// A numeric type, for arithmetic.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a number", label = "not a number")]
pub trait Number: Value {}

macro_rules! numbers {
    ($($ty:ty)*) => { $(
        impl Number for $ty {}
        impl Number for Option<$ty> {}
    )* };
}

numbers!(i8 i16 i32 i64 u8 u16 u32 f32 f64);

impl<S, T: Value> Expr<S, T> {
    pub(crate) fn from_node(node: Node) -> Expr<S, T> {
        Expr { node, of: PhantomData }
    }

    fn compare<K>(self, op: Compare, other: impl Operand<S, T, K>) -> Filter<S> {
        let Operated(right) = other.operand(self.node.is_inside());
        Filter::from_node(self.node.compare(op, right))
    }

    /// True if the value is NULL (`IS NULL`).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(users.query(User::born.expr().is_null()).count().await?, 2);
    /// # Ok(()) })
    /// ```
    pub fn is_null(self) -> Filter<S>
    where
        T: Nullable,
    {
        Filter::from_node(Node::IsNull(Box::new(self.node)))
    }

    /// True if the value is not NULL (`IS NOT NULL`).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(users.query(User::born.expr().is_not_null()).count().await?, 1);
    /// # Ok(()) })
    /// ```
    pub fn is_not_null(self) -> Filter<S>
    where
        T: Nullable,
    {
        !self.is_null()
    }

    /// Applies a function to this and another operand. The result has the type of this one.
    fn with<U: Value>(
        self,
        function: Function,
        other: impl FnOnce(bool) -> Operated,
    ) -> Expr<S, U> {
        let Operated(other) = other(self.node.is_inside());
        Expr::from_node(match other {
            Node::Refused(why) => Node::Refused(why),
            other => Node::Call { function, args: vec![self.node, other], result: None }.bounded(),
        })
    }
}

both! {
    impl Expr<S, T>, Column<Q, T> where S: Has<Q, I>; // a table there twice needs an `alias!`

    /// Equal to a value, column or expression. `eq(None)` is `IS NULL`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(users.query(User::name.eq("Ann")).count().await?, 1);
    /// assert_eq!(users.query(User::born.eq(None::<i32>)).count().await?, 2);
    /// # Ok(()) })
    /// ```
    fn eq<K>(self, other: impl Operand<S, T, K>) -> Filter<S> {
        self.compare(Compare::Eq, other)
    }

    /// Not equal to a value, column or expression (`IS DISTINCT FROM`): NULL is not equal to any
    /// value.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let others = users.query(User::born.ne(1990)).select(User::name);
    /// assert_eq!(others.await?, ["Bob", "Cem"]); // they have no year
    /// # Ok(()) })
    /// ```
    fn ne<K>(self, other: impl Operand<S, T, K>) -> Filter<S> {
        self.compare(Compare::Ne, other)
    }

    /// Greater than a value, column or expression.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::points.gt(2)).count().await?, 1);
    /// # Ok(()) })
    /// ```
    fn gt<K>(self, other: impl Operand<S, T, K>) -> Filter<S> {
        self.compare(Compare::Gt, other)
    }

    /// Greater than or equal to a value, column or expression.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::points.ge(2)).count().await?, 2);
    /// # Ok(()) })
    /// ```
    fn ge<K>(self, other: impl Operand<S, T, K>) -> Filter<S> {
        self.compare(Compare::Ge, other)
    }

    /// Less than a value, column or expression.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::points.lt(2)).count().await?, 1);
    /// # Ok(()) })
    /// ```
    fn lt<K>(self, other: impl Operand<S, T, K>) -> Filter<S> {
        self.compare(Compare::Lt, other)
    }

    /// Less than or equal to a value, column or expression.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::points.le(2)).count().await?, 2);
    /// # Ok(()) })
    /// ```
    fn le<K>(self, other: impl Operand<S, T, K>) -> Filter<S> {
        self.compare(Compare::Le, other)
    }

    /// At least `low` and at most `high` (`BETWEEN`).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.query(Task::points.between(2, 3)).count().await?, 2);
    /// # Ok(()) })
    /// ```
    fn between<K, L>(self, low: impl Operand<S, T, K>, high: impl Operand<S, T, L>) -> Filter<S> {
        self.clone().ge(low) & self.le(high)
    }

    /// Equal to one of the values (`IN`); `None` among them matches NULL. Never true for an empty
    /// list.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(users.query(User::name.is_in(["Ann", "Bob"])).count().await?, 2);
    /// # Ok(()) })
    /// ```
    fn is_in<V: Assign<T>>(self, values: impl IntoIterator<Item = V>) -> Filter<S> {
        let inside = self.node.is_inside();
        let owned = |value: V| {
            let value = value.assign();
            let datum = if inside { value.to_member() } else { value.to_datum() };
            datum.map(crate::value::datum::Datum::into_owned)
        };
        let values: crate::Result<Vec<_>> = values.into_iter().map(owned).collect();
        let mut values = match values {
            Ok(values) => values,
            Err(error) => return Filter::from_node(Node::Refused(Refusal::from_error(&error))),
        };
        let all = values.len();
        values.retain(|value| *value != crate::value::datum::Datum::Null);
        let has_none = values.len() < all;
        let valued = Filter::from_node(Node::In { of: Box::new(self.node.clone()), values });
        if has_none { valued | Filter::from_node(Node::IsNull(Box::new(self.node))) } else { valued }
    }

    /// Equal to one of the values of a subquery (`IN (SELECT …)`), which selects one column.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let open = from::<Task, _>().filter(Task::done.eq(false)).select(Task::user_id);
    /// assert_eq!(users.query(User::id.is_in_query(open)).count().await?, 2);
    /// # Ok(()) })
    /// ```
    fn is_in_query<X: Inner<Outer = S>, U: Value<Maybe = T::Maybe>>(
        self,
        query: Query<X, U, Detached>
    ) -> Filter<S> {
        Filter::from_node(Node::InQuery { of: Box::new(self.node), query: Box::new(query.parts) })
    }

    /// The value, or the other value if it is NULL (`COALESCE`).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let born: Vec<i32> = users.list().order_by(User::id.asc()).select(User::born.or_else(0)).await?;
    /// assert_eq!(born, [1990, 0, 0]);
    /// # Ok(()) })
    /// ```
    fn or_else<K, U: Value>(self, other: impl Operand<S, U, K>) -> Expr<S, U>
    where [T: Nullable<Some = U>] {
        self.with(Function::Coalesce, |inside| other.operand(inside))
    }

    /// Ascending order; NULL is last.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let first = tasks.list().order_by(Task::points.asc()).first().await?;
    /// assert_eq!(first.unwrap().title, "Buy bread");
    /// # Ok(()) })
    /// ```
    fn asc(self) -> Order<S> {
        Order::from_node(self.node, false)
    }

    /// Descending order; NULL is last.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let first = tasks.list().order_by(Task::points.desc()).first().await?;
    /// assert_eq!(first.unwrap().title, "Write a letter");
    /// # Ok(()) })
    /// ```
    fn desc(self) -> Order<S> {
        Order::from_node(self.node, true)
    }

    /// The sum of both operands.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let more = tasks.query(Task::id.eq(1)).select(Task::points.plus(10));
    /// assert_eq!(more.await?, [12]);
    /// # Ok(()) })
    /// ```
    fn plus<K>(self, other: impl Operand<S, T, K>) -> Self where [T: Number] {
        self.with(Function::Add, |inside| other.operand(inside))
    }

    /// The difference of both operands.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let less = tasks.query(Task::id.eq(1)).select(Task::points.minus(1));
    /// assert_eq!(less.await?, [1]);
    /// # Ok(()) })
    /// ```
    fn minus<K>(self, other: impl Operand<S, T, K>) -> Self where [T: Number] {
        self.with(Function::Subtract, |inside| other.operand(inside))
    }

    /// The product of both operands.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let square = tasks.query(Task::id.eq(2)).select(Task::points.times(Task::points));
    /// assert_eq!(square.await?, [9]);
    /// # Ok(()) })
    /// ```
    fn times<K>(self, other: impl Operand<S, T, K>) -> Self where [T: Number] {
        self.with(Function::Multiply, |inside| other.operand(inside))
    }
}

/// A filter that is true if the subquery has a row. The subquery may use columns of the outer query.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let busy = exists(from::<Task, _>().filter(Task::user_id.eq(User::id)));
/// let idle: Vec<String> = users.query(!busy).select(User::name).await?;
/// assert_eq!(idle, ["Cem"]);
/// # Ok(()) })
/// ```
pub fn exists<X: Inner, O>(query: Query<X, O, Detached>) -> Filter<X::Outer> {
    Filter::from_node(Node::Exists(Box::new(query.parts)))
}

/// The value of a subquery with one column and at most one row; NULL without a row.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let tasks = scalar(from::<Task, _>().filter(Task::user_id.eq(User::id)).aggregate(count()));
/// let rows = users.list().order_by(User::id.asc()).select((User::name, tasks)).await?;
/// assert_eq!(rows[0], ("Ann".to_owned(), Some(2)));
/// # Ok(()) })
/// ```
pub fn scalar<X: Inner, T: Value>(query: Query<X, T, Detached>) -> Expr<X::Outer, T::Maybe> {
    Expr::from_node(Node::Scalar(Box::new(query.parts)))
}

/// A constant: the same value for each row.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let rows = users.query(User::id.eq(1)).select((User::name, value(0))).await?;
/// assert_eq!(rows, [("Ann".to_owned(), 0)]);
/// # Ok(()) })
/// ```
pub fn value<S, T: Plain>(value: T) -> Expr<S, T> {
    Expr::from_node(match value.to_datum() {
        Ok(value) => Node::Constant { value: value.into_owned(), ty: T::ty() },
        Err(error) => Node::Refused(Refusal::from_error(&error)),
    })
}
