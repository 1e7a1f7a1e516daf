//! Rows that are deleted, and those that are restored.

use std::sync::Arc;

use kontract_schema::sql::dml::{Delete, RowStatement, SqlExpr, Update};

use super::Build;
use crate::driver::statement::PreparedStatement;
use crate::sql::statement_cache::Op;
use crate::sql::table_columns::{DELETED, VERSION};
use crate::value::wire::Wire;

impl Build {
    /// What a deletion sets where deleted rows stay.
    fn deletion(&self) -> Vec<(String, SqlExpr)> {
        let mut set = vec![(DELETED.to_owned(), SqlExpr::Txid)];
        set.extend(self.bump(SqlExpr::column(VERSION)));
        set
    }

    /// The statement that deletes the rows of a filter: marks them, or removes them.
    pub(super) fn deleting(
        &self,
        filter: Option<SqlExpr>,
        alias: Option<String>,
        returning: Vec<SqlExpr>,
    ) -> RowStatement {
        if self.meta.has_soft_delete() {
            let set = self.deletion();
            RowStatement::Update(Update { table: self.ptr(), alias, set, filter, returning })
        } else {
            RowStatement::Delete(Delete { from: self.ptr(), alias, filter, returning })
        }
    }

    /// Deletes the rows of a filter, which has all conditions.
    pub(crate) fn delete_where(
        &self,
        filter: Option<SqlExpr>,
        alias: Option<String>,
        params: Vec<Wire>,
        (returning, outputs): (Vec<SqlExpr>, Vec<Wire>),
    ) -> PreparedStatement {
        self.query(self.deleting(filter, alias, returning), params, outputs).long()
    }

    /// Deletes a row by its key.
    pub(crate) fn delete(&self) -> Arc<PreparedStatement> {
        self.once(Op::Delete, || {
            let (filter, params) = self.by_key(self.meta.live());
            self.own_query(self.deleting(filter, None, Vec::new()), params, Vec::new())
        })
    }

    /// Removes a row by its key, deleted or not.
    pub(crate) fn purge(&self) -> Arc<PreparedStatement> {
        self.once(Op::Purge, || {
            let (filter, params) = self.by_key(None);
            let delete = Delete { from: self.ptr(), alias: None, filter, returning: Vec::new() };
            self.own_query(RowStatement::Delete(delete), params, Vec::new())
        })
    }

    /// Makes a deleted row an ordinary one again.
    pub(crate) fn restore(&self) -> Arc<PreparedStatement> {
        self.once(Op::Restore, || {
            let mut set = vec![(DELETED.to_owned(), SqlExpr::Null)];
            set.extend(self.bump(SqlExpr::column(VERSION)));
            let (filter, params) = self.by_key(self.meta.deleted());
            let update =
                Update { table: self.ptr(), alias: None, set, filter, returning: Vec::new() };
            self.own_query(RowStatement::Update(update), params, Vec::new())
        })
    }

    /// Deletes the rows with those keys (PostgreSQL).
    pub(crate) fn delete_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::DeleteMany, || {
            let mut params = Vec::new();
            let filter = self.keys_in(&mut params);
            self.own_query(self.deleting(filter, None, Vec::new()), params, Vec::new()).long()
        })
    }
}
