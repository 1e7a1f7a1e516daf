//! Stores and changes one row, independent of the type of the table.

use std::any::Any;

use super::SYSTEM;
use crate::api::operation::{Answer, On, Pick, Running};
use crate::api::patch::Sets;
use crate::driver::row_sink::{Collected, Counted, Sink};
use crate::error::{Error, Kind, Result};
use crate::sql::error_context::key_name;
use crate::value::datum::Datum;
use crate::value::encoded::Encoded;
use crate::value::row::{Binder, field};

impl On {
    /// Ends the row of an insert: appends the owner to the values of the record.
    pub(super) fn end_row(&self, values: &mut Encoded, done: Result<()>) {
        let done = match done {
            Ok(()) if self.meta.track().owner => values.bind(Datum::Text(SYSTEM.into())),
            done => done,
        };
        values.end_row(done);
    }

    /// Stores a row, and keeps the record for the answer. Fails if the statement skips the row
    /// because its key exists.
    pub(super) fn put(
        self,
        statement: Pick,
        values: Encoded,
        record: Box<dyn Any + Send>,
    ) -> Running {
        let sql = statement(&self.build());
        Box::pin(async move {
            let mut rows = Counted::sink();
            let done = match values.checked() {
                Ok(values) => self.backend.run_into(&sql, &|to| values.replay(to), &mut rows).await,
                Err(error) => Err(error),
            };
            match done {
                Ok(0) if self.meta.has_soft_delete() => {
                    // As on a table without soft delete, where the database refuses the statement.
                    self.backend.fail().await;
                    Err(self.explain(self.duplicate_key()))
                }
                Ok(_) => Ok(Answer { kept: Some(record), ..Answer::default() }),
                Err(error) => Err(self.explain(error)),
            }
        })
    }

    /// Changes a row; with `version`, only if the row has that version.
    pub(super) fn change(
        self,
        key: Encoded,
        version: Option<i64>,
        sets: Sets,
        mut rows: Sink,
    ) -> Running {
        Box::pin(async move {
            match self.try_change(key, version, sets, &mut rows).await {
                Ok(()) => Ok(Answer::of_rows(1, rows)),
                Err(error) => Err(self.explain(error)),
            }
        })
    }

    async fn try_change(
        &self,
        key: Encoded,
        version: Option<i64>,
        sets: Sets,
        rows: &mut Sink,
    ) -> Result<()> {
        let (key, sets) = (key.checked()?, sets.stamped(self.meta)?);
        let build = self.build();
        if sets.is_empty() {
            self.backend.run_into(&build.get(), &|to| key.replay(to), rows).await?;
        } else {
            let (sql, sets) = build.update(sets, version.is_some())?;
            let values = |to: &mut dyn Binder| {
                sets.iter().try_for_each(|value| to.bind(value.borrowed()))?;
                key.replay(to)?;
                version.map_or(Ok(()), |version| to.bind(Datum::I64(version)))
            };
            self.backend.run_into(&sql, &values, rows).await?;
        }
        match version {
            _ if rows.count() > 0 => Ok(()),
            None => Err(not_found()),
            Some(version) => self.check_version(&key, version).await,
        }
    }

    /// Returns the error for a row that has another version or does not exist.
    async fn check_version(&self, key: &Encoded, expected: i64) -> Result<()> {
        let mut found = Collected::<i32>::sink(|from| field(from));
        self.backend.run_into(&self.build().version(), &|to| key.replay(to), &mut found).await?;
        let Some(actual) = Collected::<i32>::take(found).pop().map(i64::from) else {
            return Err(not_found());
        };
        let what = format!("the row has version {actual}, not {expected}");
        let error = Error::new(Kind::Conflict { expected, actual }, what);
        Err(error.with_help("read the row again and repeat the change"))
    }

    /// Returns the error for a key that exists already.
    pub(super) fn duplicate_key(&self) -> Error {
        Error::taken(key_name(self.meta))
    }
}

fn not_found() -> Error {
    Error::new(Kind::NotFound, "no row has that key")
}
