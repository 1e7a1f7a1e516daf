//! Removes rows that were deleted long ago.

use std::time::Duration;

use crate::api::operation::{Answer, On, Running};
use crate::driver::row_sink::Counted;
use crate::error::Result;
use crate::sql::feed::read_by_all_consumers;
use crate::value::datum::Datum;
use crate::value::row::Binder;

/// How many rows a statement removes.
const BATCH: u64 = 1000;

impl On {
    /// Removes the rows that were deleted at least that long ago, in batches.
    pub(super) fn purge_deleted(self, older_than: Duration) -> Running {
        Running::new(async move {
            let removed = self.purge_in_batches(older_than).await;
            let affected = removed.map_err(|error| self.explain(error))?;
            Ok(Answer { affected, ..Answer::default() })
        })
    }

    async fn purge_in_batches(&self, older_than: Duration) -> Result<u64> {
        let age = i64::try_from(older_than.as_millis()).unwrap_or(i64::MAX / 2).min(i64::MAX / 2);
        let build = self.build();
        let mut none = Counted::sink();
        let date = build.date_deleted();
        let bind = |to: &mut dyn Binder| self.access.bind_owner(&date, to);
        self.access.backend.run_into(&date, &bind, &mut none).await?;
        let read_up_to = if self.meta.track().txid {
            read_by_all_consumers(&self.access.backend).await?
        } else {
            None
        };
        let (sql, mut removed) = (build.purge_deleted(), 0);
        loop {
            let bind = |to: &mut dyn Binder| {
                to.bind(Datum::I64(age))?;
                to.bind(Datum::I64(read_up_to.unwrap_or(i64::MAX)))?;
                to.bind(Datum::I64(BATCH as i64))?;
                self.access.bind_owner(&sql, to)
            };
            let batch = self.access.backend.run_into(&sql, &bind, &mut none).await?;
            removed += batch;
            if batch < BATCH {
                return Ok(removed);
            }
        }
    }
}
