//! Aggregate functions: counts, sums, minima and maxima.

use kontract_schema::Type;
use kontract_schema::sql::dml::Function;

use super::Expr;
use super::shared_methods::both;
use crate::api::filter::Column;
use crate::sql::scope::{Grouped, Has, Source};
use crate::sql::tree::node::Node;
use crate::value::field_value::Value;
use crate::value::wire::{Scalar, Wire};

/// The number of rows of a group, or of all rows in [`aggregate`](crate::Query::aggregate).
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let query = tasks.list().group_by(Task::user_id).order_by(|_| count().desc());
/// assert_eq!(query.select(|user| (user, count())).await?, [(1, 2), (2, 1)]);
/// # Ok(()) })
/// ```
pub fn count<S>() -> Expr<Grouped<S>, i64> {
    Expr::from_node(Node::Count)
}

/// A number that can be summed. The sum of integers is an `i64`, the sum of decimals a decimal; the
/// query fails if the sum is out of range. The sum of other numbers is an `f64`.
#[diagnostic::on_unimplemented(
    message = "values of type `{Self}` cannot be added up",
    label = "not a number"
)]
pub trait Summable: Value {
    /// The type of the sum.
    type Sum: Value;
    #[doc(hidden)]
    const BY: Function;
    #[doc(hidden)]
    const TYPE: Type;
}

macro_rules! summable {
    ($($(#[$meta:meta])* $ty:ty => $sum:ty, $by:ident, $type:ident;)*) => { $(
        $(#[$meta])*
        impl Summable for $ty {
            type Sum = $sum;
            const BY: Function = Function::$by;
            const TYPE: Type = Type::$type;
        }
    )* };
}

impl<T: Summable> Summable for Option<T> {
    type Sum = T::Sum;
    const BY: Function = T::BY;
    const TYPE: Type = T::TYPE;
}

summable! {
    i8 => i64, SumInteger, Bigint;
    i16 => i64, SumInteger, Bigint;
    i32 => i64, SumInteger, Bigint;
    i64 => i64, SumInteger, Bigint;
    u8 => i64, SumInteger, Bigint;
    u16 => i64, SumInteger, Bigint;
    u32 => i64, SumInteger, Bigint;
    f32 => f64, Sum, Number;
    f64 => f64, Sum, Number;
    #[cfg(feature = "decimal")]
    rust_decimal::Decimal => rust_decimal::Decimal, Sum, Decimal;
}

fn aggregate<S, T: Value>(
    function: Function,
    of: Node,
    result: Option<(Type, Wire)>,
) -> Expr<Grouped<S>, T> {
    Expr::from_node(Node::Call { function, args: vec![of], result })
}

const INTEGER: (Type, Wire) = (Type::Bigint, Wire::one(Scalar::I64));
const NUMBER: (Type, Wire) = (Type::Number, Wire::one(Scalar::F64));

both! {
    impl Expr<S, T>, Column<Q, T> where S: Has<Q, I>; // a table there twice needs an `alias!`

    /// The number of values that are not NULL (`COUNT`).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(users.list().aggregate(User::born.count()).one().await?, 1);
    /// # Ok(()) })
    /// ```
    fn count(self) -> Expr<Grouped<S>, i64> {
        aggregate(Function::Count, self.node, Some(INTEGER))
    }

    /// The number of different values that are not NULL (`COUNT(DISTINCT)`).
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.list().aggregate(Task::user_id.count_distinct()).one().await?, 2);
    /// # Ok(()) })
    /// ```
    fn count_distinct(self) -> Expr<Grouped<S>, i64> {
        aggregate(Function::CountDistinct, self.node, Some(INTEGER))
    }

    /// The sum; exact for decimals. `None` if all values are NULL.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.list().aggregate(Task::points.sum()).one().await?, Some(6));
    /// # Ok(()) })
    /// ```
    fn sum<U: Value>(self) -> Expr<Grouped<S>, Option<U>> where [T: Summable<Sum = U>] {
        aggregate(T::BY, self.node, Some((T::TYPE, Wire::for_type(&T::TYPE))))
    }

    /// The average; `None` if all values are NULL. For an exact average of decimals, divide their
    /// sum by their count.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.list().aggregate(Task::points.avg()).one().await?, Some(2.0));
    /// # Ok(()) })
    /// ```
    fn avg(self) -> Expr<Grouped<S>, Option<f64>> where [T: Summable] {
        aggregate(Function::Avg, self.node, Some(NUMBER))
    }

    /// The smallest value; `None` if all values are NULL.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.list().aggregate(Task::points.min()).one().await?, Some(1));
    /// # Ok(()) })
    /// ```
    fn min(self) -> Expr<Grouped<S>, T::Maybe> {
        aggregate(Function::Min, self.node, None)
    }

    /// The greatest value; `None` if all values are NULL.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// assert_eq!(tasks.list().aggregate(Task::points.max()).one().await?, Some(3));
    /// # Ok(()) })
    /// ```
    fn max(self) -> Expr<Grouped<S>, T::Maybe> {
        aggregate(Function::Max, self.node, None)
    }
}
