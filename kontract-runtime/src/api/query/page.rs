//! Keyset pagination: a page begins after the last row of the page before, even if rows are
//! inserted or deleted in between.

use std::fmt;
use std::future::IntoFuture;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64;
use kontract_schema::dialect::dml;
use kontract_schema::hash;
use kontract_schema::sql::dml::RowStatement;
use serde::{Deserialize, Serialize};

use super::{Connected, Query};
use crate::api::operation::{Answer, On, Operation, Running};
use crate::driver::row_sink::{Collected, Sink};
use crate::driver::statement::Decode;
use crate::error::{Error, Result};
use crate::sql::lower::{Params, keyset};
use crate::sql::scope::{At, Paged, Scope};
use crate::sql::tree::node::{Field, Node};
use crate::sql::tree::{Among, Output, Parts, Position, Stretch};
use crate::value::datum::Datum;
use crate::value::row::{Reader, Replayed};

/// A page of a query, and the cursor of the next page.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let page: Page<Task> = tasks.list().page(2).await?;
/// assert_eq!((page.rows.len(), page.next.is_some()), (2, true));
/// # Ok(()) })
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Page<O> {
    /// The rows of the page.
    pub rows: Vec<O>,
    /// The cursor of the next page; `None` after the last page.
    pub next: Option<Cursor>,
}

/// The position where a page begins: an opaque text, for links and forms.
///
/// It contains the values by which the last row of a page is ordered, so inserted or deleted rows
/// do not make rows appear twice or not at all. It is checked, not secret: it contains values of
/// that row, and a forged cursor returns rows of the same query from another position.
///
/// ```
/// # use kontract_doc_tables::*; example(async |users, tasks| {
/// let in_order = || tasks.list().order_by(Task::id.asc());
/// let first = in_order().page(2).await?;
/// let cursor: Cursor = first.next.expect("there is a third task");
/// let second = in_order().page(2).after(cursor).await?;
/// assert_eq!((second.rows.len(), second.next), (1, None));
/// # Ok(()) })
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(String);

impl Cursor {
    /// Returns the text of the cursor.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let page = tasks.list().order_by(Task::id.asc()).page(1).await?;
    /// let link = format!("/tasks?after={}", page.next.unwrap().as_str());
    /// assert!(link.len() > 13);
    /// # Ok(()) })
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Accepts any text. The query that gets the cursor checks it.
impl<T: Into<String>> From<T> for Cursor {
    fn from(text: T) -> Cursor {
        Cursor(text.into())
    }
}

/// A page of a query: [`Query::page`]. Awaiting it returns the rows and the next cursor.
#[must_use = "a page does nothing until it is awaited"]
pub struct Pages<O> {
    part: OnePage,
    decode: Decode<O>,
    on: Connected,
}

/// The rows of a query that a page has.
struct OnePage {
    parts: Parts,
    rows: u32,
    after: Option<Cursor>,
}

impl<S: Scope, O: Send + 'static> Query<S, O> {
    /// Returns the first page, of up to `rows` rows; [`Pages::after`] returns the other pages. One
    /// statement, which begins at the right position by an index if one covers the order. If a
    /// column of the order may be NULL, a second statement may read the rows with NULL, which are
    /// last. Rows that are equal in the order are ordered by their primary key; those of a table without a
    /// key by a unique index without an `Option`; without one it does not compile.
    ///
    /// Groups, unions and distinct rows have no pages, and the order cannot be by a list or JSON.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let by_points = || tasks.list().order_by(Task::points.desc());
    /// let page = by_points().page(2).await?;
    /// assert_eq!(page.rows.len(), 2);
    /// let link = page.next.expect("there are three").to_string(); // for an address: `/tasks?after=…`
    ///
    /// let page = by_points().page(2).after(Cursor::from(link)).await?;
    /// assert_eq!((page.rows[0].title.as_str(), page.next), ("Buy bread", None));
    /// # Ok(()) })
    /// ```
    pub fn page(self, rows: u32) -> Pages<O>
    where
        S: Paged,
    {
        let part = OnePage { parts: self.parts, rows, after: None };
        Pages { part, decode: self.decode, on: self.on }
    }
}

impl<O> Pages<O> {
    /// Returns the page that begins at the cursor, the `next` of the page before. `None` is the
    /// first page.
    ///
    /// ```
    /// # use kontract_doc_tables::*; example(async |users, tasks| {
    /// let (mut after, mut pages) = (None, 0);
    /// loop {
    ///     let page = tasks.list().order_by(Task::id.asc()).page(2).after(after).await?;
    ///     (after, pages) = (page.next, pages + 1);
    ///     if after.is_none() {
    ///         break;
    ///     }
    /// }
    /// assert_eq!(pages, 2);
    /// # Ok(()) })
    /// ```
    pub fn after(mut self, cursor: impl Into<Option<Cursor>>) -> Self {
        self.part.after = cursor.into();
        self
    }
}

/// The rows of a page, as they are read, and the position of the next page.
struct PageRows {
    rows: Sink,
    next: Option<Cursor>,
}

impl On {
    fn page(self, page: OnePage, rows: Sink) -> Running {
        Running::new(async move {
            let page = self.try_page(page, rows).await.map_err(|error| self.explain(error))?;
            Ok(Answer { kept: Some(Box::new(page)), ..Answer::default() })
        })
    }

    async fn try_page(&self, page: OnePage, mut sink: Sink) -> Result<PageRows> {
        let mut parts = checked(page.parts)?;
        for (at, table) in (0..).zip(&parts.tables) {
            let at = At { level: 0, place: at };
            let key = table.meta.distinct.iter();
            let key = key.map(|place| Field::new(at, table.meta, *place));
            parts.order.extend(key.map(|field| (Node::Column(field), false)));
        }
        // The order is complete: the key of the first table is not added again.
        parts.counted = true;
        let shape = self.shape(&parts)?;
        let positions = parts.order.len();
        let after = page.after.map(|cursor| cursor.read(&shape)).transpose()?;
        let wanted = page.rows as usize;
        let mut rows: Vec<RawRow> = Vec::new();
        for stretch in stretches(parts.begins_with_nullable(), after) {
            // One row more shows whether there is a next page.
            let limit = (u64::from(page.rows) + 1).saturating_sub(rows.len() as u64);
            if limit > 0 {
                let part = Parts { page: Some(stretch), limit: Some(limit), ..parts.clone() };
                let mut found = Collected::sink(raw);
                self.read(part, &mut found).await?;
                rows.append(&mut Collected::take(found));
            }
        }
        let has_more = rows.len() > wanted;
        rows.truncate(wanted);
        let next = match rows.last() {
            Some(last) if has_more => {
                let position = &last[last.len().saturating_sub(positions)..];
                Some(Cursor::write(&shape, position)?)
            }
            _ => None,
        };
        for row in rows {
            sink.read(&mut Replayed::new(row))?;
        }
        Ok(PageRows { rows: sink, next })
    }
}

fn into_page<O: Send + 'static>(answer: Answer) -> Result<Page<O>> {
    let PageRows { rows, next } = answer.into_kept()?;
    Ok(Page { rows: Collected::take(rows), next })
}

impl<O: Send + 'static> IntoFuture for Pages<O> {
    type Output = Result<Page<O>>;
    type IntoFuture = Operation<Page<O>>;

    fn into_future(self) -> Self::IntoFuture {
        let on = self.on.on(&self.part.parts, "page of");
        Operation::new(on.page(self.part, Collected::sink(self.decode)), into_page)
    }
}

/// Returns the parts of a page. A page that begins after a row with NULL has only such rows.
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

/// Returns the parts of the query, or fails if the query cannot have pages.
fn checked(parts: Parts) -> Result<Parts> {
    if !parts.is_plain() {
        let what = "groups, unions and distinct rows have no pages";
        return Err(Error::value(what).with_help("use `limit` and `offset`"));
    }
    if parts.limit.is_some() || parts.offset.is_some() {
        let what = "a page has neither `limit` nor `offset`";
        return Err(Error::value(what).with_help("`page(20)` is the limit, `after` the offset"));
    }
    Ok(parts)
}

impl On {
    /// Returns what queries of the same shape share: the tables, the conditions without their
    /// values, the order.
    fn shape(&self, parts: &Parts) -> Result<String> {
        let dialect = self.access.backend.dialect();
        let mut lower = self.lower(Params::default());
        let parts = Parts { outputs: vec![Output::One], ..parts.clone() };
        let (select, _) = lower.select(parts)?;
        Ok(dml::print(dialect, &RowStatement::Select(select), lower.params.wires.len()).text)
    }
}

/// The JSON of a cursor: a checksum and the values, each of them a text because JSON has fewer
/// types.
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
        if found == check(shape, &values)? { Ok(values) } else { Err(keyset::unknown()) }
    }
}

fn check(shape: &str, values: &Vec<Option<String>>) -> Result<String> {
    let values = serde_json::to_string(values).map_err(|error| Error::value(error.to_string()))?;
    let mut check = hash::hex(format!("{shape}\n{values}").as_bytes());
    check.truncate(16);
    Ok(check)
}

/// The values of a row.
type RawRow = Vec<Datum<'static>>;

/// Reads a row whose first column is the number of the other columns.
fn raw(from: &mut dyn Reader) -> Result<RawRow> {
    let columns: i64 = crate::value::row::field(from)?;
    (0..columns).map(|_| from.read().map(Datum::into_owned)).collect()
}
