//! Statements for many rows, in the form that the database takes.

use std::sync::Arc;

use super::Build;
use crate::driver::capabilities::QueryCapabilities;
use crate::driver::many_rows::ForKeys;
use crate::driver::statement::PreparedStatement;
use crate::error::Result;
use crate::sql::tree::Changes;
use crate::value::datum::Datum;
use crate::value::row_values::Omitted;

impl Build {
    /// Whether one statement takes many rows as arrays; otherwise it runs for each row.
    fn takes_arrays(&self) -> bool {
        QueryCapabilities::for_dialect(self.dialect).takes_arrays
    }

    /// Reads rows by their keys.
    pub(crate) fn get_rows(&self) -> ForKeys {
        self.for_keys(if self.takes_arrays() { self.get_many() } else { self.get() }, Vec::new())
    }

    /// Changes rows by their keys.
    pub(crate) fn update_rows(&self, sets: Changes) -> Result<ForKeys> {
        let (sql, values) =
            if self.takes_arrays() { self.update_many(sets)? } else { self.update(sets, false)? };
        Ok(self.for_keys(sql, values))
    }

    /// Deletes rows by their keys.
    pub(crate) fn delete_rows(&self) -> ForKeys {
        let sql = if self.takes_arrays() { self.delete_many() } else { self.delete() };
        self.for_keys(sql, Vec::new())
    }

    /// Adds rows.
    pub(crate) fn insert_rows(&self, omitted: &Omitted) -> Arc<PreparedStatement> {
        if self.takes_arrays() { self.insert_many(omitted) } else { self.insert(omitted) }
    }

    /// Adds or replaces rows.
    pub(crate) fn set_rows(&self, omitted: &Omitted) -> Arc<PreparedStatement> {
        if self.takes_arrays() { self.set_many(omitted) } else { self.set(omitted) }
    }

    fn for_keys(&self, sql: Arc<PreparedStatement>, values: Vec<Datum<'static>>) -> ForKeys {
        ForKeys { sql, values, wires: self.meta.key_wires(), last: Vec::new() }
    }
}
