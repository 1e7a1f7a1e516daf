//! What an update sets.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Serialize;

use crate::datum::Datum;
use crate::document::{Moments, with_moments};
use crate::error::{Error, Result};
use crate::meta::is_moment;
use crate::record::Record;
use crate::value::Value;

/// New values for some fields of an `R`. Made by the derive: `User::patch().name("Al")`.
#[must_use = "a patch does nothing until it is given to an update"]
pub struct Patch<R> {
    pub(crate) sets: Vec<(usize, Datum<'static>)>,
    refused: Option<Cow<'static, str>>,
    of: PhantomData<fn() -> R>,
}

impl<R: Record> Patch<R> {
    /// Sets nothing yet.
    pub const fn new() -> Patch<R> {
        Patch { sets: Vec::new(), refused: None, of: PhantomData }
    }

    /// Sets the field at that position of the struct (columns layout).
    pub fn set<T: Value>(&mut self, place: usize, value: &T) {
        self.put(place, value.to_datum().map(Datum::into_owned));
    }

    /// Sets the field at that position of the struct (document layout).
    pub fn set_document<T: Serialize>(&mut self, place: usize, value: &T) {
        let here = is_moment(R::meta().ty(place));
        let json = with_moments(value, Moments { fields: &[], here });
        self.put(place, json.map(|json| Datum::Json(json.into())));
    }

    /// Whether it sets nothing.
    pub fn is_empty(&self) -> bool {
        self.sets.is_empty() && self.refused.is_none()
    }

    /// Sets it, in the order of the struct, so that the same fields give the same statement.
    pub(crate) fn put(&mut self, place: usize, value: Result<Datum<'static>>) {
        match value {
            Ok(value) => match self.sets.binary_search_by_key(&place, |(place, _)| *place) {
                Ok(found) => self.sets[found].1 = value,
                Err(free) => self.sets.insert(free, (place, value)),
            },
            Err(error) => self.refused = Some(error.to_string().into()),
        }
    }

    /// The first value that cannot be stored.
    pub(crate) fn checked(self) -> Result<Vec<(usize, Datum<'static>)>> {
        match self.refused {
            Some(why) => Err(Error::value(why)),
            None => Ok(self.sets),
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
        Patch { sets: self.sets.clone(), refused: self.refused.clone(), of: PhantomData }
    }
}
