//! The type of queries: parts without types, how a row is decoded, and what the query runs on.

use std::marker::PhantomData;
use std::sync::Arc;

use crate::driver::Backend;
use crate::driver::statement::Decode;
use crate::sql::meta::Meta;
use crate::sql::record::Record;
use crate::sql::scope::At;
use crate::sql::tree::{Output, Parts};

/// Rows of a query, once it is awaited: `table.query(filter).order_by(User::age.desc()).limit(10)`.
///
/// Without `order_by` rows come as the database finds them. Where only some of them are wanted
/// (`limit`, `offset`, `first`) or rows are locked, they are in the order of their keys, and rows that
/// are equal by `order_by` too; groups and distinct rows are not.
#[must_use = "a query does nothing until it is awaited"]
pub struct Query<S, O = S, C = Connected> {
    pub(crate) parts: Parts,
    pub(crate) decode: Decode<O>,
    pub(crate) on: C,
    pub(crate) of: PhantomData<fn() -> S>,
}

/// The query knows its database.
#[derive(Clone)]
pub struct Connected {
    pub(crate) backend: Arc<Backend>,
}

/// The query is a part of another one: [`from`].
#[derive(Clone, Copy, Debug)]
pub struct Detached;

impl<S, O, C: Clone> Clone for Query<S, O, C> {
    fn clone(&self) -> Self {
        Query {
            parts: self.parts.clone(),
            decode: self.decode,
            on: self.on.clone(),
            of: PhantomData,
        }
    }
}

impl<S, R: Record, C> Query<S, R, C> {
    /// The records of a table.
    pub(crate) fn start(meta: &'static Meta, on: C) -> Query<S, R, C> {
        let at = At { level: 0, place: 0 };
        let output = Output::Record { meta, at, optional: false };
        Query { parts: Parts::new(meta, output), decode: R::decode, on, of: PhantomData }
    }
}
