//! Stores and changes one row, independent of the type of the table.

use std::sync::Arc;

use crate::api::operation::{
    ExpectedVersion, Gives, On, OneStatement, PickInsert, Running, StatementValues,
};
use crate::api::patch::Sets;
use crate::driver::row_sink::Sink;
use crate::driver::statement::PreparedStatement;
use crate::error::Result;
use crate::value::row_values::{Omitted, RowValues};

impl On {
    /// Stores a row. The answer is the row that the statement returns, or without a sink the given
    /// one. Fails if the statement skips the row because its key exists.
    pub(super) fn put(
        self,
        statement: PickInsert,
        record: Box<dyn RowValues>,
        rows: Option<Sink>,
    ) -> Running {
        let omitted = match self.find_omitted(&*record) {
            Ok(omitted) => omitted,
            Err(error) => return Running::failed(self.explain(error)),
        };
        let sql = statement(&self.build(), &omitted);
        let values = StatementValues { set: Vec::new(), row: record, version: None };
        let gives = Gives::Record(None);
        Running::Statement(OneStatement { on: self, sql, values, rows, gives })
    }

    /// Returns what the first row leaves to the database.
    pub(super) fn find_omitted(&self, row: &dyn RowValues) -> Result<Omitted> {
        if self.meta.makes_values { Omitted::of_row(row, 0) } else { Ok(Omitted::default()) }
    }

    /// Changes a row; with `expected`, only if the row has that version.
    pub(super) fn change(
        self,
        key: Box<dyn RowValues>,
        expected: Option<ExpectedVersion>,
        sets: Sets,
        rows: Sink,
    ) -> Running {
        match self.prepare_change(key, expected.map(|expected| expected.version), sets) {
            Ok((sql, values)) => {
                let (rows, gives) = (Some(rows), Gives::Changed(expected));
                Running::Statement(OneStatement { on: self, sql, values, rows, gives })
            }
            Err(error) => Running::failed(self.explain(error)),
        }
    }

    /// Returns the statement of a change, and its values. Without changes it reads the row.
    fn prepare_change(
        &self,
        row: Box<dyn RowValues>,
        version: Option<i64>,
        sets: Sets,
    ) -> Result<(Arc<PreparedStatement>, StatementValues)> {
        let sets = sets.stamped(self.meta)?;
        if sets.is_empty() {
            let build = self.build();
            let sql = if version.is_some() { build.get_at_version() } else { build.get() };
            return Ok((sql, StatementValues { set: Vec::new(), row, version }));
        }
        let (sql, set) = self.build().update(sets, version.is_some())?;
        Ok((sql, StatementValues { set, row, version }))
    }
}
