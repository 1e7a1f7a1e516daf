//! Raw SQL statements.
//!
//! The text is a literal, or the caller asserts that it is safe; values are bound, never part of it. The
//! statement runs as it is: bookkeeping columns are not updated, and deleted rows are ordinary rows.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use kontract_schema::Type;
use kontract_schema::sqltext;

use crate::api::storage::Base;
use crate::driver::Backend;
use crate::driver::statement::{Decode, Done, PreparedStatement};
use crate::error::{Error, Kind, Result};
use crate::value::datum::Datum;
use crate::value::raw_columns::{Bind, Columns};
use crate::value::row::Binder;
use crate::value::wire::Wire;

/// The text of a statement without user input: a literal, or [`AssertSafe`].
#[diagnostic::on_unimplemented(
    message = "a `{Self}` may contain user input",
    label = "not a literal",
    note = "write the statement as a literal with `$1`, `$2` … for its values, and give them by `.bind(…)`",
    note = "if the text has to be composed, `AssertSafe(text)` asserts that it contains no user input"
)]
pub trait SafeSql {
    #[doc(hidden)]
    fn text(self) -> Arc<str>;
}

impl SafeSql for &'static str {
    fn text(self) -> Arc<str> {
        self.into()
    }
}

/// A text that the caller asserts to be free of user input: names from a fixed list, numbers, other
/// literals. Values are never part of the text; bind them.
///
/// ```
/// # use kontract_runtime::{AssertSafe, Result, __private::Base};
/// # async fn example(storage: &Base, newest: bool) -> Result<()> {
/// let direction = if newest { "DESC" } else { "ASC" };
/// let sql = AssertSafe(format!("SELECT id FROM users ORDER BY created_at {direction}"));
/// let ids: Vec<(i64,)> = storage.sql(sql).fetch().await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct AssertSafe<T>(pub T);

impl<T: Into<String>> SafeSql for AssertSafe<T> {
    fn text(self) -> Arc<str> {
        self.0.into().into()
    }
}

/// A raw SQL statement and its values: [`Base::sql`].
#[must_use = "a statement does nothing until it is executed or fetched"]
pub struct Raw {
    backend: Backend,
    text: Arc<str>,
    params: Vec<Wire>,
    values: Vec<Datum<'static>>,
    refused: Option<Error>,
}

impl Base {
    /// Returns a raw SQL statement, for what a query cannot express. It is one statement, with its
    /// values as `$1`, `$2` … on both databases. Tables have their names in the database, which
    /// `kontract sql` shows.
    ///
    /// ```
    /// # use kontract_runtime::{Result, __private::Base};
    /// # async fn example() -> Result<()> {
    /// let storage = Base::open("sqlite::memory:").await?;
    /// storage.sql("CREATE TABLE words (word TEXT, seen INTEGER)").execute().await?;
    /// let add = "INSERT INTO words VALUES ($1, $2)";
    /// assert_eq!(storage.sql(add).bind("it's").bind(7i64).execute().await?, 1);
    /// let words: Vec<(String, i64)> =
    ///     storage.sql("SELECT * FROM words WHERE seen > $1").bind(5i64).fetch().await?;
    /// assert_eq!(words, [("it's".to_owned(), 7)]);
    /// # Ok(()) }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
    /// ```
    pub fn sql(&self, text: impl SafeSql) -> Raw {
        let backend = self.backend().clone();
        let (text, params, values) = (text.text(), Vec::new(), Vec::new());
        Raw { backend, text, params, values, refused: None }
    }
}

impl Raw {
    /// Binds the next parameter: the first call is `$1`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// let add = storage.sql("SELECT $1 + $2").bind(40i64).bind(2i64);
    /// assert_eq!(add.fetch::<(i64,)>().await?, [(42,)]);
    /// # Ok(()) })
    /// ```
    pub fn bind(mut self, value: impl Bind) -> Raw {
        match value.datum() {
            Ok((ty, datum)) => {
                self.params.push(Wire::for_type(&ty));
                self.values.push(datum);
            }
            Err(error) => {
                self.refused.get_or_insert(error);
            }
        }
        self
    }

    /// Runs the statement and returns its rows as tuples. A column that may be NULL is an `Option`.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// let sql = "SELECT name, born FROM users WHERE id <= $1 ORDER BY id";
    /// let rows: Vec<(String, Option<i32>)> = storage.sql(sql).bind(2i64).fetch().await?;
    /// assert_eq!(rows, [("Ann".to_owned(), Some(1990)), ("Bob".to_owned(), None)]);
    /// # Ok(()) })
    /// ```
    ///
    /// A number is read as each type that holds its value, a text also as a date or a UUID: a literal has another
    /// type on each database.
    ///
    /// # Errors
    /// The error of the database; [`Kind::Decode`](crate::Kind::Decode) if a column does not have the type in
    /// the tuple. The statement runs once: a lost connection is an error.
    pub async fn fetch<R: Columns + 'static>(self) -> Result<Vec<R>> {
        let rows = self.run(R::types(), R::read).await?.rows;
        rows.into_iter().map(R::of_row).collect::<Result<_>>().map_err(doing)
    }

    /// Runs the statement and returns the number of rows that an INSERT, UPDATE or DELETE changed.
    ///
    /// ```
    /// # use kontract_doc_tables::*; storage_example(async |storage| {
    /// assert_eq!(storage.sql("UPDATE tasks SET done = NOT done").execute().await?, 3);
    /// # Ok(()) })
    /// ```
    ///
    /// # Errors
    /// The errors of [`Raw::fetch`].
    pub async fn execute(self) -> Result<u64> {
        Ok(self.run(Vec::new(), |_| Ok(Vec::new())).await?.affected)
    }

    /// Runs the statement. Boxed, so that it is compiled once and not for each type of rows.
    fn run(
        self,
        outputs: Vec<Type>,
        read: Decode<RawRow>,
    ) -> BoxFuture<'static, Result<Done<RawRow>>> {
        Box::pin(self.try_run(outputs, read))
    }

    async fn try_run(self, outputs: Vec<Type>, read: Decode<RawRow>) -> Result<Done<RawRow>> {
        if let Some(error) = self.refused {
            return Err(doing(error));
        }
        let dialect = self.backend.dialect();
        crate::value::field_value::check_text(&self.text).map_err(doing)?;
        if sqltext::first_word(dialect, &self.text).is_none() {
            return Err(doing(Error::value("the text contains no statement")));
        }
        if let Some((what, help)) = sqltext::refused_in_pool(dialect, &self.text) {
            return Err(doing(Error::new(Kind::Denied, what).with_help(help)));
        }
        let (text, last) = sqltext::numbered_parameters(dialect, &self.text);
        if last != self.values.len() {
            return Err(doing(other_count(last, self.values.len())));
        }
        let database = self.backend.capabilities();
        let text = if database.keeps_types_of_values { text + &types(&self.params) } else { text };
        let query = PreparedStatement::raw(
            &text,
            self.params,
            outputs.iter().map(Wire::for_type).collect(),
        )
        .converting();
        // A statement that may write is never run again after a lost connection.
        let query = if !is_select(&text) {
            query.writing()
        } else if !database.select_can_write {
            query.long()
        } else if sqltext::locks_rows(dialect, &text) {
            query.writing()
        } else {
            query.writing().never_waiting()
        };
        let values = self.values;
        let bind = |to: &mut dyn Binder| values.iter().try_for_each(|value| to.bind(value.clone()));
        self.backend.run(&Arc::new(query), &bind, read).await.map_err(doing)
    }
}

/// The values of a row.
type RawRow = Vec<Datum<'static>>;

/// Returns whether the statement is a SELECT.
fn is_select(text: &str) -> bool {
    let word = text.trim_start().get(..6).unwrap_or_default();
    word.eq_ignore_ascii_case("select")
}

/// Returns the types of the values as a comment. The text identifies a prepared statement, and the
/// statement keeps the types of its first values; the comment makes the same text with other types
/// another statement.
fn types(params: &[Wire]) -> String {
    let name = |wire: &Wire| format!("{:?}{}", wire.scalar, if wire.is_list() { "[]" } else { "" });
    match params {
        [] => String::new(),
        params => format!(" /* {} */", params.iter().map(name).collect::<Vec<_>>().join(", ")),
    }
}

/// Returns the error for a wrong number of values. SQLite would use NULL for a missing value;
/// PostgreSQL refuses the statement.
fn other_count(last: usize, bound: usize) -> Error {
    let what = match last {
        0 => format!("the statement takes no values, and {bound} were bound"),
        last => format!("the last value of the statement is `${last}`, and {bound} were bound"),
    };
    Error::value(what).with_help("call `.bind(…)` once for each of `$1`, `$2` …, in their order")
}

fn doing(error: Error) -> Error {
    error.doing("statement as text")
}
