//! An operation that is one statement: its values, and what its result means.

use std::any::Any;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::{Answer, On};
use crate::driver::row_sink::{Counted, RowSink, Sink};
use crate::driver::statement::PreparedStatement;
use crate::error::{Error, Kind, Result};
use crate::sql::error_context::key_name;
use crate::sql::meta::Meta;
use crate::value::datum::Datum;
use crate::value::row::{Binder, Reader, field};
use crate::value::row_values::RowValues;

/// A statement that is not started.
pub(crate) struct OneStatement {
    pub(crate) on: On,
    pub(crate) sql: Arc<PreparedStatement>,
    pub(crate) values: StatementValues,
    /// The sink for its rows; `None` if they are only counted.
    pub(crate) rows: Option<Sink>,
    pub(crate) gives: Gives,
}

/// The values of a statement, in their order.
pub(crate) struct StatementValues {
    pub(crate) set: Vec<Datum<'static>>,
    pub(crate) row: Box<dyn RowValues>,
    pub(crate) version: Option<i64>,
}

/// What a statement gives.
#[derive(Clone, Copy)]
pub(crate) enum Gives {
    /// The rows that it reads, or the number of rows that it changes.
    Rows,
    /// The row that it stores: the one that it returns, or without rows the given one. If it stores
    /// none, another row has the values of this unique index, or without one the key.
    Record(Option<&'static str>),
    /// The row that it changes. It fails without one; the row may have another version than this.
    Changed(Option<ExpectedVersion>),
}

/// The version that a row must have to be changed.
#[derive(Clone, Copy)]
pub(crate) struct ExpectedVersion {
    pub(crate) version: i64,
    /// Takes the row with another version out of the sink, for the error.
    pub(crate) take_row: fn(Sink) -> Option<CurrentRow>,
}

/// A record of any table.
pub(crate) type CurrentRow = Box<dyn Any + Send + Sync>;

/// Reads rows with their version as the last column.
struct VersionedRows {
    rows: Sink,
    version: Option<i32>,
}

impl RowSink for VersionedRows {
    fn read(&mut self, from: &mut dyn Reader) -> Result<()> {
        self.rows.read(from)?;
        self.version = field(from)?;
        Ok(())
    }

    fn count(&self) -> usize {
        self.rows.count()
    }

    fn clear(&mut self) {
        self.rows.clear();
        self.version = None;
    }
}

impl StatementValues {
    fn bind(&self, to: &mut dyn Binder) -> Result<()> {
        self.set.iter().try_for_each(|value| to.bind(value.borrowed()))?;
        self.row.bind(0, to)?;
        self.version.map_or(Ok(()), |version| to.bind(Datum::I64(version)))
    }
}

/// Binds the values of a statement, then those that the owner of the handle gives.
fn bind(
    on: &On,
    sql: &PreparedStatement,
    values: &StatementValues,
    to: &mut dyn Binder,
) -> Result<()> {
    values.bind(to)?;
    on.access.bind_owner(sql, to)
}

impl OneStatement {
    /// Runs the statement if nothing has to be awaited; otherwise returns the future that does it.
    pub(super) fn start(mut self) -> Result<Result<Answer>, BoxFuture<'static, Result<Answer>>> {
        let bind = |to: &mut dyn Binder| bind(&self.on, &self.sql, &self.values, to);
        let done = match &mut self.rows {
            Some(rows) => self.on.access.backend.run_at_once(&self.sql, &bind, &mut **rows),
            None => self.on.access.backend.run_at_once(&self.sql, &bind, &mut Counted::default()),
        };
        match done {
            Some(Ok(affected)) if !self.lacks_row(affected) => Ok(Ok(self.into_answer(affected))),
            Some(Err(error)) => Ok(Err(self.on.explain(error))),
            done => Err(self.finish(done)),
        }
    }

    /// Runs the statement unless it is done, and finds out why it lacks a row.
    fn finish(mut self, done: Option<Result<u64>>) -> BoxFuture<'static, Result<Answer>> {
        // A block: the future of an `async fn` keeps its arguments twice.
        Box::pin(async move {
            let ran = match done {
                Some(ran) => ran,
                None => {
                    let (on, sql, values) = (&self.on, &self.sql, &self.values);
                    let mut none = Counted::sink();
                    let rows = self.rows.as_mut().unwrap_or(&mut none);
                    on.access.backend.run_into(sql, &|to| bind(on, sql, values, to), rows).await
                }
            };
            let on = &self.on;
            let affected = ran.map_err(|error| on.explain(error))?;
            if !self.lacks_row(affected) {
                return Ok(self.into_answer(affected));
            }
            let error = match self.gives {
                Gives::Changed(Some(expected)) => {
                    let rows = self.rows.take().unwrap_or_else(Counted::sink);
                    on.explain_version(&*self.values.row, expected, rows).await
                }
                Gives::Changed(None) | Gives::Rows => not_found(),
                Gives::Record(constraint) => {
                    // As where the database refuses the statement.
                    on.access.backend.fail().await;
                    constraint.map_or_else(
                        || duplicate_key(on.meta),
                        |name| Error::taken(name.to_owned()),
                    )
                }
            };
            Err(on.explain(error))
        })
    }

    /// Whether the statement changed no row although it should. An insert may skip a row if its key
    /// exists.
    fn lacks_row(&self, affected: u64) -> bool {
        match self.gives {
            Gives::Rows => false,
            Gives::Record(_) => {
                let stored = self.rows.as_ref().map_or(affected, |rows| rows.count() as u64);
                stored == 0 && self.sql.skips_taken
            }
            Gives::Changed(_) => self.rows.as_ref().is_none_or(|rows| rows.count() == 0),
        }
    }

    fn into_answer(self, affected: u64) -> Answer {
        match (self.gives, self.rows) {
            (Gives::Record(_), None) => Answer { kept: Some(self.values.row), ..Answer::default() },
            (_, Some(rows)) => Answer::of_rows(affected, rows),
            (_, None) => Answer { affected, ..Answer::default() },
        }
    }
}

impl On {
    /// Returns the error for a row that has another version or does not exist. `rows` reads the row.
    async fn explain_version(
        &self,
        key: &dyn RowValues,
        expected: ExpectedVersion,
        rows: Sink,
    ) -> Error {
        let mut found: Sink = Box::new(VersionedRows { rows, version: None });
        let sql = self.build().get_with_version();
        let bind = |to: &mut dyn Binder| {
            key.bind(0, to)?;
            self.access.bind_owner(&sql, to)
        };
        if let Err(error) = self.access.backend.run_into(&sql, &bind, &mut found).await {
            return error;
        }
        let found: Box<dyn Any> = found;
        let Some((rows, actual)) = found
            .downcast::<VersionedRows>()
            .ok()
            .and_then(|found| Some((found.rows, i64::from(found.version?))))
        else {
            return not_found();
        };
        let ExpectedVersion { version: expected, take_row } = expected;
        let what = format!("the row has version {actual}, not {expected}");
        let error = Error::new(Kind::Conflict { expected, actual }, what).with_help(
            "repeat the change on the row as it is now: `Error::current_row` returns it",
        );
        match take_row(rows) {
            Some(row) => error.with_current_row(row),
            None => error,
        }
    }
}

/// Returns the error for a key that exists already.
pub(crate) fn duplicate_key(meta: &Meta) -> Error {
    Error::taken(key_name(meta))
}

fn not_found() -> Error {
    Error::new(Kind::NotFound, "no row has that key")
}
