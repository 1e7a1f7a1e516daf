//! Which tables a query can speak of, as a type: the compiler finds a missing join.
//!
//! The scope of a query on one table is the record itself, `Task`. A join makes it
//! `Join<Task, User>`, an outer join `Join<Task, Maybe<User>>`, and the scope of a query inside of
//! another one is `Within<Task, Outer>`. A column of `User` can stand in a scope that [`Has`]
//! `User`; where rows of `User` may be missing, the column is an `Option` there.

use std::marker::PhantomData;

use crate::error::Result;
use crate::sql::meta::Meta;
use crate::sql::record::{Distinct, Record};
use crate::value::field_value::Value;
use crate::value::row::{Reader, field};

/// Where rows come from: a table, or a table under another name; see [`alias!`](crate::alias).
pub trait Source: 'static {
    /// The struct of the rows.
    type Record;
    #[doc(hidden)]
    fn source() -> &'static Meta;
}

impl<R: Record> Source for R {
    type Record = R;
    fn source() -> &'static Meta {
        R::meta()
    }
}

/// The tables of two scopes together.
pub struct Join<L, R>(PhantomData<fn() -> (L, R)>);

/// The tables of a scope, whose rows may be missing.
pub struct Maybe<S>(PhantomData<fn() -> S>);

/// The tables of a query inside of a query with the scope `Outer`.
pub struct Within<S, Outer>(PhantomData<fn() -> (S, Outer)>);

/// The groups of a scope: only what is equal in a group, or aggregated over it, has a value.
pub struct Grouped<S>(PhantomData<fn() -> S>);

/// A scope.
pub trait Scope {
    /// How many tables it has, without those of an outer query.
    #[doc(hidden)]
    const WIDTH: u8;
}

impl<Q: Source> Scope for Q {
    const WIDTH: u8 = 1;
}

impl<L: Scope, R: Scope> Scope for Join<L, R> {
    const WIDTH: u8 = L::WIDTH + R::WIDTH;
}

impl<S: Scope> Scope for Maybe<S> {
    const WIDTH: u8 = S::WIDTH;
}

impl<S: Scope, Outer> Scope for Within<S, Outer> {
    const WIDTH: u8 = S::WIDTH;
}

/// A scope whose rows can be read in pages: each of its tables has values by which its rows differ.
#[diagnostic::on_unimplemented(
    message = "rows of `{Self}` cannot be read in pages: they may be equal",
    label = "groups, the rows of a query, or a table without a key and without a unique field",
    note = "make a field unique that is not optional, `#[unique]`, or use `limit` and `offset`"
)]
pub trait Paged: Scope {}

#[diagnostic::do_not_recommend]
impl<Q: Source<Record: Distinct>> Paged for Q {}

impl<L: Paged, R: Paged> Paged for Join<L, R> {}

impl<S: Paged> Paged for Maybe<S> {}

impl<S: Paged, Outer> Paged for Within<S, Outer> {}

/// Which table of a statement: how many queries further out, and its place there.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    pub(crate) level: u8,
    pub(crate) place: u8,
}

/// Whether rows of a table may be missing in a scope.
pub trait Presence {
    /// What a column of type `T` is there.
    type Of<T: Value>: Value<Maybe = T::Maybe>;
    /// What a record is there.
    type Row<R: Record>: Send + 'static;
    #[doc(hidden)]
    const OPTIONAL: bool;
    #[doc(hidden)]
    fn row<R: Record>(from: &mut dyn Reader) -> Result<Self::Row<R>>;
}

/// Each row of the query has a row of the table.
pub enum Always {}

/// A row of the query may have none: an outer join.
pub enum Sometimes {}

impl Presence for Always {
    type Of<T: Value> = T;
    type Row<R: Record> = R;
    const OPTIONAL: bool = false;
    fn row<R: Record>(from: &mut dyn Reader) -> Result<R> {
        R::decode(from)
    }
}

impl Presence for Sometimes {
    type Of<T: Value> = T::Maybe;
    type Row<R: Record> = Option<R>;
    const OPTIONAL: bool = true;
    fn row<R: Record>(from: &mut dyn Reader) -> Result<Option<R>> {
        if field::<bool>(from)? {
            return R::decode(from).map(Some);
        }
        let columns = if R::meta().is_document() { 1 } else { R::meta().wires.len() };
        (0..columns).try_for_each(|_| from.read().map(drop))?;
        Ok(None)
    }
}

/// The scope has the table `Q`. `I` says where, and is always inferred.
#[diagnostic::on_unimplemented(
    message = "a column of `{Q}` cannot stand here",
    label = "`{Q}` is not part of this query",
    note = "the query has the tables of `{Self}`; `.join::<{Q}>(…)` before this adds it"
)]
pub trait Has<Q, I> {
    /// Whether its rows may be missing.
    type Presence: Presence;
    #[doc(hidden)]
    const AT: At;
}

#[doc(hidden)]
pub enum Here {}
#[doc(hidden)]
pub struct OnLeft<I>(PhantomData<I>);
#[doc(hidden)]
pub struct OnRight<I>(PhantomData<I>);
#[doc(hidden)]
pub struct OfInnerQuery<I>(PhantomData<I>);
#[doc(hidden)]
pub struct OfOuterQuery<I>(PhantomData<I>);

impl<Q: Source> Has<Q, Here> for Q {
    type Presence = Always;
    const AT: At = At { level: 0, place: 0 };
}

#[diagnostic::do_not_recommend]
impl<L: Has<Q, I>, R, Q, I> Has<Q, OnLeft<I>> for Join<L, R> {
    type Presence = L::Presence;
    const AT: At = L::AT;
}

#[diagnostic::do_not_recommend]
impl<L: Scope, R: Has<Q, I>, Q, I> Has<Q, OnRight<I>> for Join<L, R> {
    type Presence = R::Presence;
    const AT: At = At { place: L::WIDTH + R::AT.place, level: R::AT.level };
}

#[diagnostic::do_not_recommend]
impl<S: Has<Q, I>, Q, I> Has<Q, OnLeft<I>> for Maybe<S> {
    type Presence = Sometimes;
    const AT: At = S::AT;
}

#[diagnostic::do_not_recommend]
impl<S: Has<Q, I>, Outer, Q, I> Has<Q, OfInnerQuery<I>> for Within<S, Outer> {
    type Presence = S::Presence;
    const AT: At = S::AT;
}

#[diagnostic::do_not_recommend]
impl<S, Outer: Has<Q, I>, Q, I> Has<Q, OfOuterQuery<I>> for Within<S, Outer> {
    type Presence = Outer::Presence;
    const AT: At = At { place: Outer::AT.place, level: Outer::AT.level + 1 };
}

/// A column of `Q` has one value in each group, which none has: keys come as what the closures get.
#[diagnostic::on_unimplemented(
    message = "a column of `{Q}` has no one value in a group",
    label = "neither a key of the group nor aggregated",
    note = "aggregate it: `.max()`, `.sum()`, `.count()`",
    note = "or make it a key by `group_by`, and use it as the closure gets it: `.select(|key| (key, count()))`"
)]
#[doc(hidden)]
pub trait OneInGroup<Q> {}

#[doc(hidden)]
pub enum InGroup {}

impl<S, Q> Has<Q, InGroup> for Grouped<S>
where
    Grouped<S>: OneInGroup<Q>,
{
    type Presence = Always;
    const AT: At = At { level: 0, place: 0 };
}

/// The scope of a query inside of another one.
pub trait Inner: Scope {
    /// The scope of the other one.
    type Outer;
}

impl<S: Scope, Outer> Inner for Within<S, Outer> {
    type Outer = Outer;
}

impl<L: Inner, R: Scope> Inner for Join<L, R> {
    type Outer = L::Outer;
}

impl<S: Inner> Inner for Maybe<S> {
    type Outer = S::Outer;
}

impl<S: Inner> Inner for Grouped<S> {
    type Outer = S::Outer;
}

impl<S: Scope> Scope for Grouped<S> {
    const WIDTH: u8 = S::WIDTH;
}

/// A second name for a table, for queries that have it twice.
///
/// ```
/// # use kontract_doc_tables::*;
/// alias!(Other = Task);
///
/// # example(async |users, tasks| {
/// let pairs: Vec<(String, String)> = tasks
///     .list()
///     .join::<Other>(Task::user_id.of(Other).eq(Task::user_id) & Task::id.of(Other).gt(Task::id))
///     .select((Task::title, Task::title.of(Other)))
///     .await?;
/// assert_eq!(pairs, [("Buy milk".to_owned(), "Write a letter".to_owned())]);
/// # Ok(()) })
/// ```
#[macro_export]
macro_rules! alias {
    ($(#[$meta:meta])* $vis:vis $name:ident = $of:ty) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        $vis struct $name;
        impl $crate::Source for $name {
            type Record = $of;
            fn source() -> &'static $crate::__private::Meta {
                <$of as $crate::Record>::meta()
            }
        }
    };
}
