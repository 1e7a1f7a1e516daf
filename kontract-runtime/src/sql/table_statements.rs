//! The statements of a table as trees. Those that depend on the table alone are printed once.

mod delete;
mod insert;
mod many_rows;
mod queue;
mod read;
mod update;

use std::sync::Arc;

use kontract_schema::dialect::Dialect;
use kontract_schema::sql::dml::{RowStatement, Select, SqlExpr};

use crate::driver::statement::PreparedStatement;
use crate::sql::meta::Meta;
use crate::sql::statement_cache::Op;
use crate::sql::table_columns::{TXID, VERSION};
use crate::value::wire::Wire;

/// Builds the statements of a table for a dialect.
#[derive(Clone, Copy)]
pub(crate) struct Build<'a> {
    pub(crate) meta: &'a Meta,
    pub(crate) dialect: Dialect,
}

impl Build<'_> {
    /// The statement, printed where it was not yet.
    fn once(&self, op: Op, build: impl FnOnce() -> PreparedStatement) -> Arc<PreparedStatement> {
        self.meta.statements.get_or_build(self.dialect, op, build)
    }

    /// Prints a statement.
    fn query(
        &self,
        statement: RowStatement,
        params: Vec<Wire>,
        outputs: Vec<Wire>,
    ) -> PreparedStatement {
        PreparedStatement::new(self.dialect, &statement, params, outputs)
    }

    /// The name of the table in the database.
    pub(crate) fn ptr(&self) -> String {
        self.meta.table.path()
    }

    /// `a = $n AND b = $n+1`.
    fn is_key(&self, first: usize) -> SqlExpr {
        let parts = self.meta.key.iter().zip(first..).map(|(place, number)| {
            SqlExpr::column(self.meta.column_name(*place))
                .eq(self.meta.compared(*place, SqlExpr::Param(number)))
        });
        SqlExpr::all(parts).unwrap_or(SqlExpr::Number(0))
    }

    fn live_key(&self) -> Option<SqlExpr> {
        SqlExpr::all([self.is_key(1)].into_iter().chain(self.meta.live()))
    }

    /// What every change of a row sets.
    pub(crate) fn bump(&self, version: SqlExpr) -> Vec<(String, SqlExpr)> {
        let track = self.meta.track();
        let mut set = Vec::new();
        if track.version {
            set.push((VERSION.to_owned(), SqlExpr::Next(Box::new(version))));
        }
        if track.txid {
            set.push((TXID.to_owned(), SqlExpr::Txid));
        }
        set
    }

    fn select(&self, columns: Vec<SqlExpr>, filter: Option<SqlExpr>) -> Select {
        Select { from: self.ptr(), columns, filter, ..Select::default() }
    }

    /// The types through which the elements of lists of keys are cast.
    fn key_types(&self) -> Vec<Vec<String>> {
        self.meta.key.iter().map(|place| self.meta.list_casts(*place)).collect()
    }

    /// The wires of lists of keys.
    fn key_lists(&self) -> Vec<Wire> {
        self.meta.key_wires().into_iter().map(Wire::many).collect()
    }

    /// The rows with keys of lists, which are the parameters from that number on.
    fn keys_in(&self, first: usize) -> Option<SqlExpr> {
        let keys =
            SqlExpr::KeysIn { columns: self.meta.key_columns(), first, types: self.key_types() };
        SqlExpr::all([keys].into_iter().chain(self.meta.live()))
    }
}
