//! Rows at an end of the order of a table.

use std::sync::Arc;

use kontract_schema::sql::dml::{Lock, Order, Select, SqlExpr, Wait};

use super::Build;
use crate::driver::statement::PreparedStatement;
use crate::sql::statement_cache::Op;
use crate::sql::table_columns::ORDER;
use crate::value::wire::{Scalar, Wire};

impl Build {
    /// Deletes rows at one end of the order and returns them: one with `=`, several with a limit.
    fn take(&self, last: bool, many: bool) -> PreparedStatement {
        let key = self.meta.key_columns();
        let mut params = if many { vec![Wire::one(Scalar::I64)] } else { Vec::new() };
        let own = self.own_rows(&mut params);
        let live = self.meta.live().into_iter().chain(own.clone());
        let select = Select {
            order: vec![Order { by: SqlExpr::column(ORDER), descending: last, nullable: false }],
            limit: Some(if many { SqlExpr::Param(1) } else { SqlExpr::Number(1) }),
            lock: Some(Lock { shared: false, wait: Wait::Skip }),
            ..self.select(key.iter().map(SqlExpr::column).collect(), SqlExpr::all(live))
        };
        let filter = if many {
            SqlExpr::InRows(key.clone(), Box::new(select.materialize(key)))
        } else {
            SqlExpr::IsRow(key, Box::new(select))
        };
        let (mut columns, mut wires) = self.meta.outputs();
        columns.push(SqlExpr::column(ORDER));
        wires.push(Wire::one(Scalar::I64));
        let filter = SqlExpr::all([filter].into_iter().chain(own));
        let query = self.own_query(self.deleting(filter, None, columns), params, wires);
        if many { query.long() } else { query }
    }

    /// Takes the last or the first row.
    pub(crate) fn take_one(&self, last: bool) -> Arc<PreparedStatement> {
        self.once(if last { Op::Pop } else { Op::Shift }, || self.take(last, false))
    }

    /// Takes the last or the first rows, as many as the parameter says.
    pub(crate) fn take_many(&self, last: bool) -> Arc<PreparedStatement> {
        self.once(if last { Op::PopMany } else { Op::ShiftMany }, || self.take(last, true))
    }
}
