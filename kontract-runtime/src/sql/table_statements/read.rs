//! Rows by their keys.

use std::sync::Arc;

use kontract_schema::sql::dml::{RowStatement, Select, SqlExpr};

use super::Build;
use crate::driver::statement::PreparedStatement;
use crate::sql::statement_cache::Op;
use crate::sql::table_columns::VERSION;
use crate::value::wire::{Scalar, Wire};

impl Build<'_> {
    /// A row by its key.
    pub(crate) fn get(&self) -> Arc<PreparedStatement> {
        self.once(Op::Get, || {
            let (columns, wires) = self.meta.outputs();
            let select = self.select(columns, self.live_key());
            self.query(RowStatement::Select(select), self.meta.key_wires(), wires)
        })
    }

    /// A row by its key, deleted or not, with its bookkeeping.
    pub(crate) fn get_row(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetRow, || {
            let (columns, wires) = self.meta.row_outputs();
            let select = self.select(columns, Some(self.is_key(1)));
            self.query(RowStatement::Select(select), self.meta.key_wires(), wires)
        })
    }

    /// Whether there is a row with the key.
    pub(crate) fn exists(&self) -> Arc<PreparedStatement> {
        self.once(Op::Exists, || {
            let select = self.select(vec![SqlExpr::Number(1)], self.live_key());
            self.query(RowStatement::Select(select), self.meta.key_wires(), Vec::new())
        })
    }

    /// A row by its key, followed by its version.
    pub(crate) fn get_with_version(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetWithVersion, || {
            let (mut columns, mut wires) = self.meta.outputs();
            columns.push(SqlExpr::column(VERSION));
            wires.push(Wire::one(Scalar::I32));
            let select = self.select(columns, self.live_key());
            self.query(RowStatement::Select(select), self.meta.key_wires(), wires)
        })
    }

    /// A row by its key, if it has the version that comes after the key.
    pub(crate) fn get_at_version(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetAtVersion, || {
            let (columns, outputs) = self.meta.outputs();
            let mut params = self.meta.key_wires();
            params.push(Wire::one(Scalar::I64));
            let version = SqlExpr::column(VERSION).eq(SqlExpr::Param(params.len()));
            let filter = SqlExpr::all(self.live_key().into_iter().chain([version]));
            self.query(RowStatement::Select(self.select(columns, filter)), params, outputs)
        })
    }

    /// The rows with those keys, each with the number of its key (PostgreSQL).
    pub(crate) fn get_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetMany, || {
            let (columns, wires) = self.meta.outputs();
            let numbered = Select {
                numbered: Some((self.meta.key_columns(), self.key_types())),
                ..self.select(columns, self.meta.live())
            };
            let outputs = [Wire::one(Scalar::I64)].into_iter().chain(wires).collect();
            self.query(RowStatement::Select(numbered), self.key_lists(), outputs).long()
        })
    }
}
