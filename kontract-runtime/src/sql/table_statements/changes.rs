//! The rows that changed, in the order of the transactions that changed them.

use kontract_schema::sql::dml::{Compare, Order, RowStatement, Select, SqlExpr};

use super::Build;
use crate::driver::statement::PreparedStatement;
use crate::sql::meta::Meta;
use crate::sql::own_type;
use crate::sql::table_columns::{DELETED, TXID};
use crate::value::wire::{Scalar, Wire};

/// Which rows of a table a reading of changes returns. The transaction of its position is `$1`, its bound
/// `$2`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChangedRows {
    /// Where they begin.
    pub(crate) after: After,
    /// The bound is not where they end, but the least number that no transaction of this database has had:
    /// rows from there on come from another database.
    pub(crate) is_restored: bool,
    /// Without rows that were deleted before the transaction `$3`.
    pub(crate) skips_deleted: bool,
    /// At most that many.
    pub(crate) limit: usize,
}

/// Where the rows begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum After {
    /// With those of the transaction.
    Before,
    /// Behind the key, which is the last parameters, among those of the transaction.
    Key,
    /// Behind all rows of the transaction.
    Transaction,
}

impl Build {
    /// The rows that changed, each with its key as the last columns.
    pub(crate) fn changes(&self, rows: ChangedRows) -> PreparedStatement {
        let mut params = vec![Wire::one(Scalar::I64); if rows.skips_deleted { 3 } else { 2 }];
        let txid = || SqlExpr::column(TXID);
        let bound = if rows.is_restored { Compare::Ge } else { Compare::Lt };
        let mut filter = vec![compare(bound, txid(), SqlExpr::Param(2))];
        if rows.skips_deleted {
            let is_new = compare(Compare::Ge, txid(), SqlExpr::Param(3));
            filter.push(SqlExpr::Or(vec![SqlExpr::column(DELETED).is_null(), is_new]));
        }
        let after = if rows.after == After::Transaction { Compare::Gt } else { Compare::Ge };
        filter.push(compare(after, txid(), SqlExpr::Param(1)));
        if rows.after == After::Key {
            let later = compare(Compare::Gt, txid(), SqlExpr::Param(1));
            filter.push(SqlExpr::Or(vec![later, self.behind_key(params.len() + 1)]));
            params.extend(self.meta.key_wires());
        }
        filter.extend(self.own_rows(&mut params));
        let (columns, outputs) = self.meta.change_outputs();
        let order = [TXID.to_owned()].into_iter().chain(self.meta.key_columns());
        let select = Select {
            order: order
                .map(|column| Order {
                    by: SqlExpr::column(column),
                    descending: false,
                    nullable: false,
                })
                .collect(),
            limit: Some(SqlExpr::Number(i64::try_from(rows.limit).unwrap_or(i64::MAX))),
            ..self.select(columns, SqlExpr::all(filter))
        };
        self.own_query(RowStatement::Select(select), params, outputs).long()
    }

    /// `a > $n OR a = $n AND (b > $n+1 OR …)`.
    fn behind_key(&self, first: usize) -> SqlExpr {
        let parts = self.meta.key.iter().enumerate().rev();
        let behind = parts.fold(None, |rest: Option<SqlExpr>, (at, place)| {
            let column = || SqlExpr::column(self.meta.column_name(*place));
            let value = || self.meta.compared(*place, SqlExpr::Param(first + at));
            let greater = compare(Compare::Gt, column(), value());
            Some(match rest {
                Some(rest) => {
                    let equal = SqlExpr::And(vec![column().eq(value()), rest]);
                    SqlExpr::Or(vec![greater, equal])
                }
                None => greater,
            })
        });
        behind.unwrap_or(SqlExpr::Number(0))
    }
}

impl Meta {
    /// The columns of a changed row: those of [`row_outputs`](Meta::row_outputs), then the key.
    fn change_outputs(&self) -> (Vec<SqlExpr>, Vec<Wire>) {
        let (mut columns, mut wires) = self.row_outputs();
        for place in &self.key {
            let field = &self.table.schema[*place];
            let column = SqlExpr::column(field.column());
            columns.push(match &field.sql_type {
                Some(own) => own_type::read(own, &field.ty, column),
                None => column,
            });
            wires.push(self.wires[*place]);
        }
        (columns, wires)
    }

    /// Whether the changes of the table can be read: each change stores its transaction, and deleted rows
    /// stay.
    pub(crate) fn has_changes(&self) -> bool {
        self.track().txid && self.track().soft_delete && !self.key.is_empty()
    }
}

fn compare(op: Compare, left: SqlExpr, right: SqlExpr) -> SqlExpr {
    SqlExpr::Compare(op, Box::new(left), Box::new(right))
}
