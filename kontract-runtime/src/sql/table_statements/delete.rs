//! Rows that are deleted, and those that are restored.

use std::sync::Arc;

use kontract_schema::model::types::Type;
use kontract_schema::sql::dml::{
    Compare, Delete, Function, Lock, RowStatement, Select, SqlExpr, Update, Wait,
};

use super::Build;
use crate::driver::statement::PreparedStatement;
use crate::sql::statement_cache::Op;
use crate::sql::table_columns::{DELETED, DELETED_AT, VERSION};
use crate::value::wire::{Scalar, Wire};

impl Build {
    /// The statement that deletes the rows of a filter: marks them, or removes them.
    pub(super) fn deleting(
        &self,
        filter: Option<SqlExpr>,
        alias: Option<String>,
        returning: Vec<SqlExpr>,
    ) -> RowStatement {
        if self.meta.has_soft_delete() {
            let mut set = self.meta.deletion_marks();
            set.extend(self.bump(SqlExpr::column(VERSION)));
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

    /// The statement that removes the rows of a filter, deleted or not.
    fn purging(&self, filter: Option<SqlExpr>, alias: Option<String>) -> RowStatement {
        RowStatement::Delete(Delete { from: self.ptr(), alias, filter, returning: Vec::new() })
    }

    /// Removes the rows of a filter, which has all conditions, deleted or not.
    pub(crate) fn purge_where(
        &self,
        filter: Option<SqlExpr>,
        alias: Option<String>,
        params: Vec<Wire>,
    ) -> PreparedStatement {
        self.query(self.purging(filter, alias), params, Vec::new()).long()
    }

    /// Removes a row by its key, deleted or not.
    pub(crate) fn purge(&self) -> Arc<PreparedStatement> {
        self.once(Op::Purge, || {
            let (filter, params) = self.by_key(None);
            self.own_query(self.purging(filter, None), params, Vec::new())
        })
    }

    /// Removes rows that were deleted at least as many milliseconds ago as the first parameter says, by a
    /// transaction up to the one that the second parameter names: at most as many as the third one says.
    pub(crate) fn purge_deleted(&self) -> Arc<PreparedStatement> {
        self.once(Op::PurgeDeleted, || {
            let now = SqlExpr::Now(Type::Date);
            let latest = SqlExpr::Call(Function::Subtract, vec![now, SqlExpr::Param(1)]);
            let deleted_at = Box::new(SqlExpr::column(DELETED_AT));
            let is_old = SqlExpr::Compare(Compare::Le, deleted_at, Box::new(latest));
            let by = Box::new(SqlExpr::column(DELETED));
            let is_read = SqlExpr::Compare(Compare::Le, by, Box::new(SqlExpr::Param(2)));
            let mut params = vec![Wire::one(Scalar::I64); 3];
            let own = self.own_rows(&mut params);
            let filter = SqlExpr::all([is_old, is_read].into_iter().chain(own));
            let key = self.meta.key_columns();
            let select = Select {
                limit: Some(SqlExpr::Param(3)),
                lock: Some(Lock { shared: false, wait: Wait::Skip }),
                ..self.select(key.iter().map(SqlExpr::column).collect(), filter)
            };
            let rows = SqlExpr::InRows(key.clone(), Box::new(select.materialize(key)));
            self.own_query(self.purging(Some(rows), None), params, Vec::new()).long()
        })
    }

    /// Sets the time of the deletion, now, where it is not known.
    pub(crate) fn date_deleted(&self) -> Arc<PreparedStatement> {
        self.once(Op::DateDeleted, || {
            let undated = SqlExpr::column(DELETED_AT).is_null();
            let mut params = Vec::new();
            let own = self.own_rows(&mut params);
            let update = Update {
                table: self.ptr(),
                alias: None,
                set: vec![(DELETED_AT.to_owned(), SqlExpr::Now(Type::Date))],
                filter: SqlExpr::all(self.meta.deleted().into_iter().chain([undated]).chain(own)),
                returning: Vec::new(),
            };
            self.own_query(RowStatement::Update(update), params, Vec::new()).long()
        })
    }

    /// The statement that makes the deleted rows of a filter ordinary ones again.
    fn restoring(&self, filter: Option<SqlExpr>, alias: Option<String>) -> RowStatement {
        let mut set = self.meta.no_deletion_marks();
        set.extend(self.bump(SqlExpr::column(VERSION)));
        let returning = Vec::new();
        RowStatement::Update(Update { table: self.ptr(), alias, set, filter, returning })
    }

    /// Makes the deleted rows of a filter, which has all conditions, ordinary ones again.
    pub(crate) fn restore_where(
        &self,
        filter: Option<SqlExpr>,
        alias: Option<String>,
        params: Vec<Wire>,
    ) -> PreparedStatement {
        self.query(self.restoring(filter, alias), params, Vec::new()).long()
    }

    /// Makes a deleted row an ordinary one again.
    pub(crate) fn restore(&self) -> Arc<PreparedStatement> {
        self.once(Op::Restore, || {
            let (filter, params) = self.by_key(self.meta.deleted());
            self.own_query(self.restoring(filter, None), params, Vec::new())
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
