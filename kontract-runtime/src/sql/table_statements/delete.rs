//! Rows that are deleted, and those that are restored.

use std::sync::Arc;

use kontract_schema::sql::dml::{Delete, RowStatement, SqlExpr, Update};

use super::Build;
use crate::driver::statement::PreparedStatement;
use crate::sql::statement_cache::Op;
use crate::sql::table_columns::{DELETED, VERSION};
use crate::value::wire::Wire;

impl Build<'_> {
    /// What a deletion sets where deleted rows stay.
    fn deletion(&self) -> Vec<(String, SqlExpr)> {
        let mut set = vec![(DELETED.to_owned(), SqlExpr::Txid)];
        set.extend(self.bump(SqlExpr::column(VERSION)));
        set
    }

    /// Deletes the rows of a filter: marks them, or removes them.
    pub(crate) fn delete_where(
        &self,
        filter: Option<SqlExpr>,
        alias: Option<String>,
        params: Vec<Wire>,
        (returning, outputs): (Vec<SqlExpr>, Vec<Wire>),
    ) -> PreparedStatement {
        let statement = if self.meta.has_soft_delete() {
            let set = self.deletion();
            RowStatement::Update(Update { table: self.ptr(), alias, set, filter, returning })
        } else {
            RowStatement::Delete(Delete { from: self.ptr(), alias, filter, returning })
        };
        self.query(statement, params, outputs)
    }

    /// Deletes a row by its key.
    pub(crate) fn delete(&self) -> Arc<PreparedStatement> {
        self.once(Op::Delete, || {
            self.delete_where(self.live_key(), None, self.meta.key_wires(), Default::default())
        })
    }

    /// Removes a row by its key, deleted or not.
    pub(crate) fn purge(&self) -> Arc<PreparedStatement> {
        self.once(Op::Purge, || {
            let filter = Some(self.is_key(1));
            let delete = Delete { from: self.ptr(), alias: None, filter, returning: Vec::new() };
            self.query(RowStatement::Delete(delete), self.meta.key_wires(), Vec::new())
        })
    }

    /// Makes a deleted row an ordinary one again.
    pub(crate) fn restore(&self) -> Arc<PreparedStatement> {
        self.once(Op::Restore, || {
            let mut set = vec![(DELETED.to_owned(), SqlExpr::Null)];
            set.extend(self.bump(SqlExpr::column(VERSION)));
            let filter = SqlExpr::all([self.is_key(1)].into_iter().chain(self.meta.deleted()));
            let update =
                Update { table: self.ptr(), alias: None, set, filter, returning: Vec::new() };
            self.query(RowStatement::Update(update), self.meta.key_wires(), Vec::new())
        })
    }

    /// Deletes the rows with those keys (PostgreSQL).
    pub(crate) fn delete_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::DeleteMany, || {
            self.delete_where(self.keys_in(1), None, self.key_lists(), Default::default()).long()
        })
    }
}
