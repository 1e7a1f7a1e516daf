//! Rows by their keys.

use std::sync::Arc;

use kontract_schema::sql::dml::{RowStatement, Select, SqlExpr};

use super::Build;
use crate::driver::statement::PreparedStatement;
use crate::sql::statement_cache::Op;
use crate::sql::table_columns::VERSION;
use crate::value::wire::{Scalar, Wire};

impl Build {
    /// A row by its key.
    pub(crate) fn get(&self) -> Arc<PreparedStatement> {
        self.once(Op::Get, || self.read_by_key(self.meta.outputs(), self.meta.live()))
    }

    /// A row by its key, deleted or not, with its bookkeeping.
    pub(crate) fn get_row(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetRow, || self.read_by_key(self.meta.row_outputs(), None))
    }

    /// Whether there is a row with the key.
    pub(crate) fn exists(&self) -> Arc<PreparedStatement> {
        self.once(Op::Exists, || {
            self.read_by_key((vec![SqlExpr::Number(1)], Vec::new()), self.meta.live())
        })
    }

    /// A row by its key, followed by its version.
    pub(crate) fn get_with_version(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetWithVersion, || {
            let (mut columns, mut wires) = self.meta.outputs();
            columns.push(SqlExpr::column(VERSION));
            wires.push(Wire::one(Scalar::I32));
            self.read_by_key((columns, wires), self.meta.live())
        })
    }

    /// A row by its key, if it has the version that comes after the key.
    pub(crate) fn get_at_version(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetAtVersion, || {
            let (columns, outputs) = self.meta.outputs();
            let mut params = self.meta.key_wires();
            params.push(Wire::one(Scalar::I64));
            let version = SqlExpr::column(VERSION).eq(SqlExpr::Param(params.len()));
            let own = self.own_rows(&mut params);
            let state = [version].into_iter().chain(self.meta.live()).chain(own);
            let filter = SqlExpr::all([self.is_key(1)].into_iter().chain(state));
            self.own_query(RowStatement::Select(self.select(columns, filter)), params, outputs)
        })
    }

    /// The rows with those keys, each with the number of its key (PostgreSQL).
    pub(crate) fn get_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetMany, || {
            let (columns, wires) = self.meta.outputs();
            let mut params = self.key_lists().collect();
            let own = self.own_rows(&mut params);
            let numbered = Select {
                numbered: Some((self.meta.key_columns(), self.key_types())),
                ..self.select(columns, SqlExpr::all(self.meta.live().into_iter().chain(own)))
            };
            let outputs = [Wire::one(Scalar::I64)].into_iter().chain(wires).collect();
            self.own_query(RowStatement::Select(numbered), params, outputs).long()
        })
    }

    /// Reads these columns of the row with a key, in that state.
    fn read_by_key(
        &self,
        (columns, outputs): (Vec<SqlExpr>, Vec<Wire>),
        state: Option<SqlExpr>,
    ) -> PreparedStatement {
        let (filter, params) = self.by_key(state);
        self.own_query(RowStatement::Select(self.select(columns, filter)), params, outputs)
    }
}
