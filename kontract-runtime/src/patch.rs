//! What an update sets.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::Serialize;

use crate::assign::Assign;
use crate::datum::Datum;
use crate::document::{Moments, with_moments};
use crate::error::{Error, Result};
use crate::filter::Column;
use crate::meta::is_moment;
use crate::node::Node;
use crate::query::Computes;
use crate::record::Record;
use crate::value::Value;

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

/// What a patch sets, by the positions of the fields.
#[derive(Clone, Default)]
pub(crate) struct Changes {
    pub(crate) values: Vec<(usize, Datum<'static>)>,
    pub(crate) computed: Vec<(usize, Node)>,
}

impl Changes {
    /// Whether nothing is set.
    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty() && self.computed.is_empty()
    }

    /// A bit for each field, where all of them get values: then they alone decide the statement.
    pub(crate) fn fields(&self) -> Option<u128> {
        let bit = |place: usize| 1_u128.checked_shl(u32::try_from(place).ok()?);
        let bits = self.values.iter().map(|(place, _)| bit(*place));
        let fields = bits.sum::<Option<u128>>()?;
        self.computed.is_empty().then_some(fields)
    }

    /// Whether a query stands in what is computed, so that columns need the name of their table.
    pub(crate) fn needs_names(&self) -> bool {
        self.computed.iter().any(|(_, node)| node.has_query())
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
