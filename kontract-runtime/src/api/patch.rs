//! Patches: the fields that an update changes.

use std::marker::PhantomData;

use serde::Serialize;

use crate::api::filter::Column;
use crate::api::query::Computes;
use crate::error::{Refusal, Result};
use crate::sql::meta::{Meta, is_moment};
use crate::sql::record::Record;
use crate::sql::tree::Changes;
use crate::sql::tree::node::Node;
use crate::value::assign::Assign;
use crate::value::datum::Datum;
use crate::value::document::{Moments, with_moments};
use crate::value::field_value::Value;
use crate::value::types::Timestamp;

/// New values for some fields of an `R`. The derive generates its methods:
/// `User::patch().name("Al")`.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let patch = Task::patch().done(true).points(5);
/// assert_eq!(tasks.update(3, patch).await?.points, 5);
/// # Ok(()) })
/// ```
#[must_use = "a patch does nothing until it is given to an update"]
pub struct Patch<R> {
    sets: Sets,
    of: PhantomData<fn() -> R>,
}

impl<R: Record> Patch<R> {
    /// Creates a patch that sets no field.
    pub const fn new() -> Patch<R> {
        Patch { sets: Sets::new(), of: PhantomData }
    }

    /// Sets the field at that position of the struct (columns layout).
    pub fn with<T: Value>(mut self, place: usize, value: impl Assign<T>) -> Patch<R> {
        self.sets.put_value(place, &value.assign());
        self
    }

    /// Sets the field at that position of the struct (document layout).
    pub fn with_member<T: Serialize>(mut self, place: usize, value: impl Assign<T>) -> Patch<R> {
        self.sets.put_member(place, R::meta(), &value.assign());
        self
    }

    /// Returns whether the patch sets no field.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// use kontract::table::Patch;
    /// let unchanged: Patch<User> = User::patch().into();
    /// assert!(unchanged.is_empty());
    /// let renamed: Patch<User> = User::patch().name("Anna").into();
    /// assert!(!renamed.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty()
    }

    /// Sets a field to a value that the database computes from the row before the update.
    pub fn compute<T: Value, I>(&mut self, column: Column<R, T>, what: impl Computes<R, T, I>) {
        self.sets.compute(R::meta(), column.place(), what.computed().0);
    }

    /// Returns the changes without the type of the table.
    pub(crate) fn into_sets(self) -> Sets {
        self.sets
    }
}

/// The changes of a patch, without the type of the table.
#[derive(Clone, Default)]
pub(crate) struct Sets {
    values: Vec<(usize, Datum<'static>)>,
    computed: Vec<(usize, Node)>,
    refused: Option<Refusal>,
}

impl Sets {
    const fn new() -> Sets {
        Sets { values: Vec::new(), computed: Vec::new(), refused: None }
    }

    /// Returns whether no field is set.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.computed.is_empty() && self.refused.is_none()
    }

    fn put_value<T: Value>(&mut self, place: usize, value: &T) {
        self.put(place, value.to_datum().map(Datum::into_owned));
    }

    fn put_member<T: Serialize>(&mut self, place: usize, meta: &Meta, value: &T) {
        let here = is_moment(meta.ty(place));
        let json = with_moments(value, Moments { fields: &[], here });
        self.put(place, json.map(|json| Datum::Json(json.into())));
    }

    /// Sets a field. The fields stay in the order of the struct, so that the same fields give the
    /// same statement.
    fn put(&mut self, place: usize, value: Result<Datum<'static>>) {
        self.computed.retain(|(other, _)| *other != place);
        match value {
            Ok(value) => match self.values.binary_search_by_key(&place, |(place, _)| *place) {
                Ok(found) => self.values[found].1 = value,
                Err(free) => self.values.insert(free, (place, value)),
            },
            Err(error) => self.refused = Some(Refusal::from_error(&error)),
        }
    }

    fn compute(&mut self, meta: &Meta, place: usize, what: Node) {
        let field = &meta.table.schema[place];
        if meta.key.contains(&place) || field.stamp.is_some() || field.generated.is_some() {
            let what = format!(
                "`{}` cannot be set: it is a part of the key, generated, or a time that the runtime sets",
                field.name
            );
            self.refused = Some(what.into());
        }
        self.values.retain(|(other, _)| *other != place);
        self.computed.retain(|(other, _)| *other != place);
        self.computed.push((place, what));
        self.computed.sort_by_key(|(place, _)| *place);
    }

    /// Returns the changes, with the times of change; no changes if the patch is empty.
    ///
    /// # Errors
    /// [`Kind::Value`](crate::Kind::Value) for the first value that cannot be stored.
    pub(crate) fn stamped(mut self, meta: &Meta) -> Result<Changes> {
        if self.is_empty() {
            return Ok(Changes::default());
        }
        let now = Timestamp::now();
        for place in meta.updated_at() {
            self.put(place, meta.stamp(place, now));
        }
        if let Some(refusal) = self.refused {
            return Err(refusal.into_error());
        }
        let fit = |(place, value)| Ok((place, meta.fit(place, value)?));
        let values = self.values.into_iter().map(fit).collect::<Result<_>>()?;
        Ok(Changes { values, computed: self.computed })
    }
}

impl<R: Record> Default for Patch<R> {
    fn default() -> Self {
        Patch::new()
    }
}

impl<R> Clone for Patch<R> {
    fn clone(&self) -> Self {
        Patch { sets: self.sets.clone(), of: PhantomData }
    }
}
