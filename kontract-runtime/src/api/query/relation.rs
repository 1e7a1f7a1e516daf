//! Rows of one table with the rows of another that reference them, in two statements.

use std::collections::HashMap;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use super::Query;
use kontract_schema::Type;

use crate::api::expr::{Expr, count};
use crate::api::filter::{Column, Filter, Order};
use crate::error::{Error, Result};
use crate::sql::meta::Meta;
use crate::sql::record::{Keyed, Record};
use crate::sql::scope::{At, Here};
use crate::sql::tree::node::Node;
use crate::sql::tree::{Matched, Output};
use crate::value::datum::Datum;
use crate::value::field_value::Value;
use crate::value::json;
use crate::value::row::{Reader, field};

/// The type of a column that references rows with a key of type `K`: the same type, or the `Option`
/// of it.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` cannot refer to rows with a key of type `{K}`",
    label = "the key is a `{K}`, this column a `{Self}`"
)]
pub trait RefersTo<K>: Value {
    #[doc(hidden)]
    fn of(key: K) -> Self;
}

impl<K: Value> RefersTo<K> for K {
    fn of(key: K) -> K {
        key
    }
}

impl<K: Value> RefersTo<K> for Option<K> {
    fn of(key: K) -> Option<K> {
        Some(key)
    }
}

/// Rows with the rows that reference them: [`Query::with`]. Awaiting it returns them.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let open = users.query(User::id.eq(1)).with(Task::user_id).filter(Task::done.eq(false));
/// let all: Vec<(User, Vec<Task>)> = open.await?;
/// assert_eq!(all[0].1[0].title, "Write a letter");
/// # Ok(()) })
/// ```
#[must_use = "a query does nothing until it is awaited"]
pub struct With<R: Keyed, C, T> {
    query: Query<R>,
    of: fn(R::Key) -> T,
    children: Query<C, (T, C)>,
    column: Column<C, T>,
}

/// Rows with the number of rows that reference them: [`Query::with_counts`]. Awaiting it returns
/// them.
#[must_use = "a query does nothing until it is awaited"]
pub struct WithCounts<R: Keyed, C, T> {
    query: Query<R>,
    of: fn(R::Key) -> T,
    children: Query<C, C>,
    column: Column<C, T>,
}

impl<R: Keyed> Query<R> {
    /// Returns each row with the rows whose column references its key, in two statements for any
    /// number of rows. [`With::order_by`] orders the referencing rows.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let all: Vec<(User, Vec<Task>)> = users.list().limit(10).with(Task::user_id).await?;
    /// assert_eq!((all[0].1.len(), all[2].1.len()), (2, 0));
    /// # Ok(()) })
    /// ```
    pub fn with<C, T>(self, column: Column<C, T>) -> With<R, C, T>
    where
        C: Record,
        T: RefersTo<R::Key>,
    {
        let mut children: Query<C> = Query::start(C::meta(), self.on.clone());
        let at = At { level: 0, place: 0 };
        let record = Output::Record { meta: C::meta(), at, optional: false };
        children.parts.outputs = vec![Output::Value(column.node::<C, Here>()), record];
        With { query: self, of: T::of, children: children.read_by(referring::<C, T>), column }
    }

    /// Returns each row with the number of rows whose column references its key, in two statements
    /// for any number of rows.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let counts: Vec<(User, u64)> = users.list().with_counts(Task::user_id).await?;
    /// assert_eq!((counts[0].1, counts[2].1), (2, 0));
    /// # Ok(()) })
    /// ```
    pub fn with_counts<C, T>(self, column: Column<C, T>) -> WithCounts<R, C, T>
    where
        C: Record,
        T: RefersTo<R::Key>,
    {
        let children = Query::start(C::meta(), self.on.clone());
        WithCounts { query: self, of: T::of, children, column }
    }
}

impl<R: Keyed, C: Record, T> With<R, C, T> {
    /// Keeps the referencing rows that match the filter. A row without referencing rows stays, with
    /// an empty list.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let open = users.list().with(Task::user_id).filter(Task::done.eq(false)).await?;
    /// assert_eq!(open[0].1.len(), 1);
    /// # Ok(()) })
    /// ```
    pub fn filter(mut self, filter: Filter<C>) -> Self {
        self.children = self.children.filter(filter);
        self
    }

    /// Orders the referencing rows of each row.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let all = users.list().with(Task::user_id).order_by(Task::points.desc()).await?;
    /// assert_eq!(all[0].1[0].title, "Write a letter");
    /// # Ok(()) })
    /// ```
    pub fn order_by(mut self, order: Order<C>) -> Self {
        self.children = self.children.order_by(order);
        self
    }
}

impl<R: Keyed, C: Record, T> WithCounts<R, C, T> {
    /// Counts only the referencing rows that match the filter.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let open = users.list().with_counts(Task::user_id).filter(Task::done.eq(false)).await?;
    /// assert_eq!((open[0].1, open[2].1), (1, 0));
    /// # Ok(()) })
    /// ```
    pub fn filter(mut self, filter: Filter<C>) -> Self {
        self.children = self.children.filter(filter);
        self
    }
}

impl<R, C, T> With<R, C, T>
where
    R: Keyed,
    C: Record,
    T: Value + Send + 'static,
{
    async fn run(self) -> Result<Vec<(R, Vec<C>)>> {
        let parents = parents(self.query).await?;
        let keys = parents.iter().map(|parent| (self.of)(parent.key()));
        if compares_by_rules(C::meta(), self.column.place()) {
            let mut children = self.children;
            children.parts.matched = Some(matched(self.column, keys)?);
            children.parts.outputs[0] = Output::Value(Node::ValueNumber);
            let mut of: Vec<Vec<C>> = parents.iter().map(|_| Vec::new()).collect();
            if !parents.is_empty() {
                for (number, child) in children.read_by::<C, (i64, C)>(referring::<C, i64>).await? {
                    place_of(&mut of, number)?.push(child);
                }
            }
            return Ok(parents.into_iter().zip(of).collect());
        }
        let mut of: HashMap<String, Vec<C>> = HashMap::new();
        if !parents.is_empty() {
            let children = self.children.filter(self.column.is_in::<C, Here, T>(keys));
            for (key, child) in children.await? {
                of.entry(text(&key)?).or_default().push(child);
            }
        }
        let with = |parent: R| {
            let children = of.remove(&text(&(self.of)(parent.key()))?);
            Ok((parent, children.unwrap_or_default()))
        };
        parents.into_iter().map(with).collect()
    }
}

impl<R, C, T> WithCounts<R, C, T>
where
    R: Keyed,
    C: Record,
    T: Value + Send + 'static,
{
    async fn run(self) -> Result<Vec<(R, u64)>> {
        let parents = parents(self.query).await?;
        let keys = parents.iter().map(|parent| (self.of)(parent.key()));
        if compares_by_rules(C::meta(), self.column.place()) {
            let mut children = self.children;
            children.parts.matched = Some(matched(self.column, keys)?);
            let mut of = vec![0; parents.len()];
            if !parents.is_empty() {
                let number: Expr<C, i64> = Expr::from_node(Node::ValueNumber);
                let counts = children.group_by(number).select(|number| (number, count()));
                for (number, count) in counts.await? {
                    *place_of(&mut of, number)? = u64::try_from(count).unwrap_or_default();
                }
            }
            return Ok(parents.into_iter().zip(of).collect());
        }
        let mut of: HashMap<String, u64> = HashMap::new();
        if !parents.is_empty() {
            let children = self.children.filter(self.column.is_in::<C, Here, T>(keys));
            let counts = children.group_by::<_, Here>(self.column).select(|key| (key, count()));
            for (key, count) in counts.await? {
                of.insert(text::<T>(&key)?, u64::try_from(count).unwrap_or_default());
            }
        }
        let with = |parent: R| {
            let count = of.get(&text(&(self.of)(parent.key()))?).copied();
            Ok((parent, count.unwrap_or_default()))
        };
        parents.into_iter().map(with).collect()
    }
}

/// Awaits the rows.
impl<R, C, T> IntoFuture for With<R, C, T>
where
    R: Keyed,
    C: Record,
    T: Value + Send + 'static,
{
    type Output = Result<Vec<(R, Vec<C>)>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// Awaits the rows.
impl<R, C, T> IntoFuture for WithCounts<R, C, T>
where
    R: Keyed,
    C: Record,
    T: Value + Send + 'static,
{
    type Output = Result<Vec<(R, u64)>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

async fn parents<R: Record>(query: Query<R>) -> Result<Vec<R>> {
    if !query.parts.union.is_empty() {
        let what = "a union cannot be combined with `with` or `with_counts`";
        return Err(Error::value(what).with_help("run each query of the union separately"));
    }
    query.await
}

/// Returns whether values of the field may be equal without having equal texts, so that only the
/// database can say which rows belong together.
fn compares_by_rules(meta: &Meta, place: usize) -> bool {
    meta.own_type(place).is_some() || *meta.ty(place) == Type::Decimal
}

/// Returns the keys as values that the column has to match.
fn matched<C: Record, T: Value>(
    column: Column<C, T>,
    keys: impl Iterator<Item = T>,
) -> Result<Matched> {
    let of = column.node::<C, Here>();
    let is_inside = of.is_inside();
    let values = keys.map(|key| {
        let datum = if is_inside { key.to_member() } else { key.to_datum() };
        datum.map(Datum::into_owned)
    });
    Ok(Matched { of, values: values.collect::<Result<_>>()? })
}

/// Returns the place of the key with that number.
fn place_of<T>(places: &mut [T], number: i64) -> Result<&mut T> {
    let place = usize::try_from(number - 1).ok().and_then(|place| places.get_mut(place));
    place.ok_or_else(|| Error::decode("a row without a key"))
}

/// Reads the value of the column, and the record.
fn referring<C: Record, T: Value>(from: &mut dyn Reader) -> Result<(T, C)> {
    Ok((field(from)?, C::decode(from)?))
}

/// Returns the text of a key, for comparisons: equal keys of one type have equal texts.
fn text<T: Value>(key: &T) -> Result<String> {
    json::datum_to_text(&key.to_datum()?)
}
