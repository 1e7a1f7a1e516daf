//! Stores and changes one row, independent of the type of the table.

use crate::api::operation::{Answer, On, Pick, Running};
use crate::api::patch::Sets;
use crate::driver::row_sink::{Collected, Counted, Sink};
use crate::error::{Error, Kind, Result};
use crate::sql::error_context::key_name;
use crate::sql::meta::Meta;
use crate::value::datum::Datum;
use crate::value::row::{Binder, field};
use crate::value::row_values::RowValues;

impl On {
    /// Stores a row, and keeps the record for the answer. Fails if the statement skips the row
    /// because its key exists.
    pub(super) fn put(self, statement: Pick, record: Box<dyn RowValues>) -> Running {
        let sql = statement(&self.build());
        Box::pin(async move {
            let bind = |to: &mut dyn Binder| record.bind(0, to);
            match self.backend.run_into(&sql, &bind, &mut Counted::sink()).await {
                Ok(0) if self.meta.has_soft_delete() => {
                    // As on a table without soft delete, where the database refuses the statement.
                    self.backend.fail().await;
                    Err(self.explain(duplicate_key(self.meta)))
                }
                Ok(_) => Ok(Answer { kept: Some(record), ..Answer::default() }),
                Err(error) => Err(self.explain(error)),
            }
        })
    }

    /// Changes a row; with `version`, only if the row has that version.
    pub(super) fn change(
        self,
        key: Box<dyn RowValues>,
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
        key: Box<dyn RowValues>,
        version: Option<i64>,
        sets: Sets,
        rows: &mut Sink,
    ) -> Result<()> {
        let sets = sets.stamped(self.meta)?;
        let build = self.build();
        if sets.is_empty() {
            self.backend.run_into(&build.get(), &|to| key.bind(0, to), rows).await?;
        } else {
            let (sql, sets) = build.update(sets, version.is_some())?;
            let values = |to: &mut dyn Binder| {
                sets.iter().try_for_each(|value| to.bind(value.borrowed()))?;
                key.bind(0, to)?;
                version.map_or(Ok(()), |version| to.bind(Datum::I64(version)))
            };
            self.backend.run_into(&sql, &values, rows).await?;
        }
        match version {
            _ if rows.count() > 0 => Ok(()),
            None => Err(not_found()),
            Some(version) => self.check_version(&*key, version).await,
        }
    }

    /// Returns the error for a row that has another version or does not exist.
    async fn check_version(&self, key: &dyn RowValues, expected: i64) -> Result<()> {
        let mut found = Collected::<i32>::sink(|from| field(from));
        let sql = self.build().version();
        self.backend.run_into(&sql, &|to| key.bind(0, to), &mut found).await?;
        let Some(actual) = Collected::<i32>::take(found).pop().map(i64::from) else {
            return Err(not_found());
        };
        let what = format!("the row has version {actual}, not {expected}");
        let error = Error::new(Kind::Conflict { expected, actual }, what);
        Err(error.with_help("read the row again and repeat the change"))
    }
}

/// Returns the error for a key that exists already.
pub(super) fn duplicate_key(meta: &Meta) -> Error {
    Error::taken(key_name(meta))
}

fn not_found() -> Error {
    Error::new(Kind::NotFound, "no row has that key")
}
