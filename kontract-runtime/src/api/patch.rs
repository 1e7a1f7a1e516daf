//! What an update sets.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Serialize;

use crate::api::filter::Column;
use crate::api::query::Computes;
use crate::error::{Error, Result};
use crate::sql::meta::is_moment;
use crate::sql::record::Record;
use crate::sql::tree::Changes;
use crate::sql::tree::node::Node;
use crate::value::assign::Assign;
use crate::value::datum::Datum;
use crate::value::document::{Moments, with_moments};
use crate::value::field_value::Value;

/// New values for some fields of an `R`. Made by the derive: `User::patch().name("Al")`.
#[must_use = "a patch does nothing until it is given to an update"]
pub struct Patch<R> {
    sets: Vec<(usize, Datum<'static>)>,
    computed: Vec<(usize, Node)>,
    refused: Option<Cow<'static, str>>,
    of: PhantomData<fn() -> R>,
}

impl<R: Record> Patch<R> {
    /// Sets nothing yet.
    pub const fn new() -> Patch<R> {
        Patch { sets: Vec::new(), computed: Vec::new(), refused: None, of: PhantomData }
    }

    /// With a value for the field at that position of the struct (columns layout).
    pub fn with<T: Value>(mut self, place: usize, value: impl Assign<T>) -> Patch<R> {
        self.put(place, value.assign().to_datum().map(Datum::into_owned));
        self
    }

    /// With a value for the field at that position of the struct (document layout).
    pub fn with_member<T: Serialize>(mut self, place: usize, value: impl Assign<T>) -> Patch<R> {
        let here = is_moment(R::meta().ty(place));
        let json = with_moments(&value.assign(), Moments { fields: &[], here });
        self.put(place, json.map(|json| Datum::Json(json.into())));
        self
    }

    /// Whether it sets nothing.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.computed.is_empty() && self.refused.is_none()
    }

    /// Sets it, in the order of the struct, so that the same fields give the same statement.
    pub(crate) fn put(&mut self, place: usize, value: Result<Datum<'static>>) {
        self.computed.retain(|(other, _)| *other != place);
        match value {
            Ok(value) => match self.sets.binary_search_by_key(&place, |(place, _)| *place) {
                Ok(found) => self.sets[found].1 = value,
                Err(free) => self.sets.insert(free, (place, value)),
            },
            Err(error) => self.refused = Some(error.to_string().into()),
        }
    }

    /// Sets a field to what the database computes of the row as it was.
    pub fn compute<T: Value, I>(&mut self, column: Column<R, T>, what: impl Computes<R, T, I>) {
        let (meta, place) = (R::meta(), column.place());
        let field = &meta.table.schema[place];
        if meta.key.contains(&place) || field.stamp.is_some() {
            let what = format!(
                "`{}` cannot be set: it is a part of the key, or a time that is kept",
                field.name
            );
            self.refused = Some(what.into());
        }
        self.sets.retain(|(other, _)| *other != place);
        self.computed.retain(|(other, _)| *other != place);
        self.computed.push((place, what.computed().0));
        self.computed.sort_by_key(|(place, _)| *place);
    }

    /// What it sets, or the first value that cannot be stored.
    pub(crate) fn checked(self) -> Result<Changes> {
        match self.refused {
            Some(why) => Err(Error::value(why)),
            None => Ok(Changes { values: self.sets, computed: self.computed }),
        }
    }
}

impl<R: Record> Default for Patch<R> {
    fn default() -> Self {
        Patch::new()
    }
}

impl<R> Clone for Patch<R> {
    fn clone(&self) -> Self {
        let (sets, computed) = (self.sets.clone(), self.computed.clone());
        Patch { sets, computed, refused: self.refused.clone(), of: PhantomData }
    }
}
