//! What a query selects: columns, expressions, whole records, tuples of them.

use std::marker::PhantomData;

use super::definition::{Outputs, Projection};
use crate::api::expr::Expr;
use crate::api::filter::Column;
use crate::error::Result;
use crate::sql::record::Record;
use crate::sql::scope::{Has, Presence, Source};
use crate::sql::tree::Output;
use crate::sql::tree::node::Node;
use crate::value::assign::Assign;
use crate::value::field_value::Value;
use crate::value::row::{Reader, field};

/// A value that the database computes for a field of type `T`: a column or an expression of a query
/// with the scope `S`. `I` is always inferred.
#[diagnostic::on_unimplemented(
    message = "a field of type `{T}` cannot be set to this",
    label = "neither a column nor an expression with values of type `{T}`",
    note = "if it may be NULL, `.or_else(…)` gives it a value"
)]
pub trait Computes<S, T, I> {
    #[doc(hidden)]
    fn computed(self) -> Computed;
}

/// The computed value.
#[doc(hidden)]
pub struct Computed(pub(crate) Node);

#[diagnostic::do_not_recommend]
impl<S, T, I, P> Computes<S, T, I> for P
where
    P: Projection<S, I>,
    P::Output: Assign<T>,
{
    fn computed(self) -> Computed {
        let outputs = Outputs(Outputs::of(self));
        let refused = || Node::Refused("a field is set to one value, not to several".into());
        Computed(outputs.values().pop().unwrap_or_else(refused))
    }
}

impl<S, I, Q, T> Projection<S, I> for Column<Q, T>
where
    S: Has<Q, I>,
    Q: Source,
    T: Value,
    <S::Presence as Presence>::Of<T>: Send + 'static,
{
    type Output = <S::Presence as Presence>::Of<T>;

    fn outputs(self, to: &mut Outputs) {
        to.push(self.node::<S, I>());
    }

    fn decode(from: &mut dyn Reader) -> Result<Self::Output> {
        field(from)
    }
}

#[doc(hidden)]
pub enum ByExpr {}

impl<S, T: Value + Send + 'static> Projection<S, ByExpr> for Expr<S, T> {
    type Output = T;

    fn outputs(self, to: &mut Outputs) {
        to.push(self.node);
    }

    fn decode(from: &mut dyn Reader) -> Result<T> {
        field(from)
    }
}

/// All columns of a table, as [`record`] selects them.
pub struct Whole<Q>(PhantomData<fn() -> Q>);

/// Selects the whole record of a table of the query; an `Option` if its rows may be missing (outer
/// join).
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let pairs: Vec<(User, Option<Task>)> = users
///     .list()
///     .left_join::<Task>(Task::user_id.eq(User::id))
///     .select((record::<User>(), record::<Task>()))
///     .await?;
/// assert_eq!((pairs[3].0.name.as_str(), &pairs[3].1), ("Cem", &None));
/// # Ok(()) })
/// ```
pub fn record<Q: Source>() -> Whole<Q> {
    Whole(PhantomData)
}

impl<S, I, Q> Projection<S, I> for Whole<Q>
where
    S: Has<Q, I>,
    Q: Source,
    Q::Record: Record,
{
    type Output = <S::Presence as Presence>::Row<Q::Record>;

    fn outputs(self, to: &mut Outputs) {
        let optional = <S::Presence as Presence>::OPTIONAL;
        to.0.push(Output::Record { meta: Q::source(), at: S::AT, optional });
    }

    fn decode(from: &mut dyn Reader) -> Result<Self::Output> {
        <S::Presence as Presence>::row(from)
    }
}

macro_rules! tuples {
    ($($($part:ident $index:ident),+;)*) => { $(
        #[allow(non_snake_case)]
        impl<S, $($part, $index),+> Projection<S, ($($index,)+)> for ($($part,)+)
        where
            $($part: Projection<S, $index>,)+
        {
            type Output = ($($part::Output,)+);

            fn outputs(self, to: &mut Outputs) {
                let ($($part,)+) = self;
                $($part.outputs(to);)+
            }

            fn decode(from: &mut dyn Reader) -> Result<Self::Output> {
                Ok(($($part::decode(from)?,)+))
            }
        }
    )* };
}

tuples! {
    A IA;
    A IA, B IB;
    A IA, B IB, C IC;
    A IA, B IB, C IC, D ID;
    A IA, B IB, C IC, D ID, E IE;
    A IA, B IB, C IC, D ID, E IE, F IF;
    A IA, B IB, C IC, D ID, E IE, F IF, G IG;
    A IA, B IB, C IC, D ID, E IE, F IF, G IG, H IH;
    A IA, B IB, C IC, D ID, E IE, F IF, G IG, H IH, J IJ;
    A IA, B IB, C IC, D ID, E IE, F IF, G IG, H IH, J IJ, K IK;
    A IA, B IB, C IC, D ID, E IE, F IF, G IG, H IH, J IJ, K IK, L IL;
    A IA, B IB, C IC, D ID, E IE, F IF, G IG, H IH, J IJ, K IK, L IL, M IM;
}
