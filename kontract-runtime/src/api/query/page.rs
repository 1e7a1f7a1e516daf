//! Pages that begin where the one before ended, whatever happens to the rows in between.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use kontract_schema::dialect::dml;
use kontract_schema::hash;
use kontract_schema::sql::dml::Statement;
use serde::{Deserialize, Serialize};

use super::run::explained;
use super::{Connected, Query};
use crate::driver::statement::Decode;
use crate::error::{Error, Result};
use crate::sql::lower::{Lower, Params, keyset};
use crate::sql::scope::{At, Scope};
use crate::sql::tree::node::{Field, Node};
use crate::sql::tree::{Among, Output, Parts, Position, Stretch};
use crate::value::datum::Datum;
use crate::value::row::Reader;

/// Some rows of a query, and where the next ones begin.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<O> {
    /// The rows.
    pub rows: Vec<O>,
    /// Where the next page begins; `None` after the last one.
    pub next: Option<Cursor>,
}

/// Where a page begins: a text that means nothing to others, for links and forms.
///
/// It names the last row of a page by what the rows are ordered by, so that rows that come or go in
/// between are neither shown twice nor passed over. It is checked, not secret: it holds values of
/// that row, and whoever forges one sees rows of the same query from another place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether it is one says the query that it is given to.
impl<T: Into<String>> From<T> for Cursor {
    fn from(text: T) -> Cursor {
        Cursor(text.into())
    }
}

/// A page of a query, once it is awaited: [`Query::page`].
#[must_use = "a page does nothing until it is awaited"]
pub struct Pages<O> {
    parts: Parts,
    decode: Decode<O>,
    on: Connected,
    rows: u32,
    after: Option<Cursor>,
}

impl<S: Scope, O: Send + 'static> Query<S, O> {
    /// The first page of the rows, that many; [`Pages::after`] gives the others. One statement, which
    /// begins at the right place by an index where there is one on the order; where rows may have no
    /// value to be ordered by, a second one behind the last that has. Rows that are equal by the order
    /// are in the order of their keys.
    ///
    /// Of groups, unions and distinct rows there are no pages; the order cannot be by a list or JSON.
    ///
    /// ```
    /// # use kontract_doc_tables::*;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<()> {
    /// # let (users, tasks) = demo().await?;
    /// let by_points = || tasks.list().order_by(Task::points.desc());
    /// let page = by_points().page(2).await?;
    /// assert_eq!(page.rows.len(), 2);
    /// let link = page.next.expect("there are three").to_string(); // for an address: `/tasks?after=…`
    ///
    /// let page = by_points().page(2).after(Cursor::from(link)).await?;
    /// assert_eq!((page.rows[0].title.as_str(), page.next), ("Buy bread", None));
    /// # Ok(()) }
    /// ```
    pub fn page(self, rows: u32) -> Pages<O> {
        Pages { parts: self.parts, decode: self.decode, on: self.on, rows, after: None }
    }
}

impl<O> Pages<O> {
    /// The page that begins there: the `next` of the page before. `None` is the first page.
    pub fn after(mut self, cursor: impl Into<Option<Cursor>>) -> Self {
        self.after = cursor.into();
        self
    }
}

impl<O: Send + 'static> Pages<O> {
    async fn run(self) -> Result<Page<O>> {
        let explain = explained(&self.parts, "page of");
        let mut parts = checked(self.parts).map_err(&explain)?;
        for (at, table) in (0..).zip(&parts.tables) {
            let at = At { level: 0, place: at };
            let key =
                table.meta.key.iter().map(|place| Field { at, meta: table.meta, place: *place });
            parts.order.extend(key.map(|field| (Node::Column(field), false)));
        }
        // The order is all there: the key of the first table is not added again.
        parts.counted = true;
        let shape = self.on.shape(&parts).map_err(&explain)?;
        let positions = parts.order.len();
        let after = self.after.map(|cursor| cursor.read(&shape)).transpose().map_err(&explain)?;
        let wanted = self.rows as usize;
        let mut rows = Vec::new();
        for stretch in stretches(parts.begins_with_nullable(), after) {
            // One more, to know whether there is a next page.
            let limit = (u64::from(self.rows) + 1).saturating_sub(rows.len() as u64);
            if limit > 0 {
                let part = Parts { page: Some(stretch), limit: Some(limit), ..parts.clone() };
                rows.append(&mut self.on.rows(part, raw).await?);
            }
        }
        let has_more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = match rows.last() {
            Some(last) if has_more => {
                let position = &last[last.len().saturating_sub(positions)..];
                Some(Cursor::write(&shape, position).map_err(&explain)?)
            }
            _ => None,
        };
        let decode = |row: Vec<Datum<'static>>| (self.decode)(&mut Replayed(row.into_iter()));
        let rows = rows.into_iter().map(decode).collect::<Result<_>>().map_err(explain)?;
        Ok(Page { rows, next })
    }
}

/// Awaits the page.
impl<O: Send + 'static> IntoFuture for Pages<O> {
    type Output = Result<Page<O>>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Page<O>>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

/// The parts of a page. Where it begins behind a row without a value, only such rows are left.
fn stretches(is_nullable: bool, after: Option<Position>) -> Vec<Stretch> {
    let is_valueless = after.as_ref().is_some_and(|after| matches!(after.first(), Some(None)));
    match (is_nullable, is_valueless) {
        (false, _) => vec![Stretch { among: Among::All, after }],
        (true, true) => vec![Stretch { among: Among::Valueless, after }],
        (true, false) => vec![
            Stretch { among: Among::Valued, after },
            Stretch { among: Among::Valueless, after: None },
        ],
    }
}

/// A query that has pages.
fn checked(parts: Parts) -> Result<Parts> {
    if !parts.is_plain() {
        let what = "groups, unions and distinct rows have no pages";
        return Err(Error::value(what).with_help("use `limit` and `offset`"));
    }
    if parts.tables.iter().any(|table| table.meta.key.is_empty()) {
        let what = "rows of a query have no key, so that there are no pages of them";
        return Err(Error::value(what).with_help("use `limit` and `offset`"));
    }
    if parts.limit.is_some() || parts.offset.is_some() {
        let what = "a page has neither `limit` nor `offset`";
        return Err(Error::value(what).with_help("`page(20)` is the limit, `after` the offset"));
    }
    Ok(parts)
}

impl Connected {
    /// What queries of the same shape have in common: the tables, the conditions without their
    /// values, the order.
    fn shape(&self, parts: &Parts) -> Result<String> {
        let dialect = self.backend.dialect();
        let mut lower = Lower::new(dialect, Params::default());
        let parts = Parts { outputs: vec![Output::One], ..parts.clone() };
        let (select, _) = lower.select(parts)?;
        Ok(dml::print(dialect, &Statement::Select(select), lower.params.wires.len()).text)
    }
}

/// JSON: a check, and the values; a text each, because JSON has fewer types.
type Form = (String, Position);

impl Cursor {
    fn write(shape: &str, position: &[Datum<'static>]) -> Result<Cursor> {
        let values = position.iter().map(keyset::write).collect::<Result<_>>()?;
        let form: Form = (check(shape, &values)?, values);
        let json = serde_json::to_string(&form).map_err(|error| Error::value(error.to_string()))?;
        Ok(Cursor(BASE64.encode(json)))
    }

    fn read(self, shape: &str) -> Result<Position> {
        let json = BASE64.decode(&self.0).map_err(|_| keyset::unknown())?;
        let (found, values): Form = serde_json::from_slice(&json).map_err(|_| keyset::unknown())?;
        match found == check(shape, &values)? {
            true => Ok(values),
            false => Err(keyset::unknown()),
        }
    }
}

fn check(shape: &str, values: &Vec<Option<String>>) -> Result<String> {
    let values = serde_json::to_string(values).map_err(|error| Error::value(error.to_string()))?;
    let mut check = hash::hex(format!("{shape}\n{values}").as_bytes());
    check.truncate(16);
    Ok(check)
}

/// Reads a row whose first column says how many others there are.
fn raw(from: &mut dyn Reader) -> Result<Vec<Datum<'static>>> {
    let columns: i64 = crate::value::row::field(from)?;
    (0..columns).map(|_| from.read().map(Datum::into_owned)).collect()
}

/// Such a row, to be read once more.
struct Replayed(std::vec::IntoIter<Datum<'static>>);

impl Reader for Replayed {
    fn read(&mut self) -> Result<Datum<'_>> {
        self.0.next().ok_or_else(|| Error::decode("a column too few"))
    }
}
