//! The statements of a table as trees. Those that depend on the table alone are printed once.

mod changes;
mod delete;
mod insert;
mod many_rows;
mod queue;
mod read;
mod update;

use std::sync::Arc;

use kontract_schema::dialect::Dialect;
use kontract_schema::sql::dml::{RowStatement, Select, SqlExpr};

pub(crate) use self::changes::{After, ChangedRows};
use crate::driver::statement::{OwnerParameters, PreparedStatement};
use crate::sql::meta::Meta;
use crate::sql::owner::{Owner, Seen};
use crate::sql::statement_cache::Op;
use crate::sql::table_columns::{OWNER, TXID, VERSION};
use crate::value::wire::Wire;

/// Builds the statements of a table for a dialect, limited to the rows of an owner if there is one.
pub(crate) struct Build {
    pub(crate) meta: &'static Meta,
    pub(crate) dialect: Dialect,
    /// The owner that the handle is bound to.
    pub(crate) owner: Option<Arc<Owner>>,
}

impl Build {
    /// The statement, printed where it was not yet.
    fn once(&self, op: Op, build: impl FnOnce() -> PreparedStatement) -> Arc<PreparedStatement> {
        self.meta.statements.get_or_build(self.dialect, self.seen(), op, build)
    }

    /// Which rows the statements see.
    fn seen(&self) -> Seen {
        self.meta.seen_by(self.owner.as_deref())
    }

    /// The condition that a row is one of the owner, whose parameter comes behind those.
    fn own_rows(&self, params: &mut Vec<Wire>) -> Option<SqlExpr> {
        let seen = self.seen();
        params.extend(seen.wire());
        seen.condition(SqlExpr::column(OWNER), params.len())
    }

    /// Prints a statement whose last parameter is that of [`own_rows`](Build::own_rows).
    fn own_query(
        &self,
        statement: RowStatement,
        params: Vec<Wire>,
        outputs: Vec<Wire>,
    ) -> PreparedStatement {
        let is_compared = self.seen() != Seen::All;
        let owner = OwnerParameters { is_written: false, is_compared };
        self.query(statement, params, outputs).with_owner(owner)
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

    /// The row with a key, in that state, if the owner sees it; and the parameters.
    fn by_key(&self, state: Option<SqlExpr>) -> (Option<SqlExpr>, Vec<Wire>) {
        let mut params = self.meta.key_wires();
        let own = self.own_rows(&mut params);
        (SqlExpr::all([self.is_key(1)].into_iter().chain(state).chain(own)), params)
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
    fn key_lists(&self) -> impl Iterator<Item = Wire> {
        self.meta.key_wires().into_iter().map(Wire::many)
    }

    /// The rows with keys of lists that the owner sees. The lists are parameters behind those.
    fn keys_in(&self, params: &mut Vec<Wire>) -> Option<SqlExpr> {
        let (columns, first) = (self.meta.key_columns(), params.len() + 1);
        let keys = SqlExpr::KeysIn { columns, first, types: self.key_types() };
        params.extend(self.key_lists());
        let own = self.own_rows(params);
        SqlExpr::all([keys].into_iter().chain(self.meta.live()).chain(own))
    }
}
