//! The columns of a table: those of its key, those that a record is read from, and the bookkeeping.

use kontract_schema::model::types::Type;
use kontract_schema::sql::dml::SqlExpr;
use kontract_schema::sql::table::DATA;

use crate::sql::meta::Meta;
use crate::sql::own_type;
use crate::value::wire::{Scalar, Wire};

pub(crate) const VERSION: &str = "_version";
pub(crate) const TXID: &str = "_txid";
pub(crate) const OWNER: &str = "_owner";
pub(crate) const DELETED: &str = "_deleted_txid";
pub(crate) const DELETED_AT: &str = "_deleted_at";
pub(crate) const ORDER: &str = "_order";

impl Meta {
    /// The name of a field's column, or of its key in the document.
    pub(crate) fn column_name(&self, place: usize) -> String {
        self.table.schema[place].column().to_owned()
    }

    /// The columns of the key.
    pub(crate) fn key_columns(&self) -> Vec<String> {
        self.key.iter().map(|place| self.column_name(*place)).collect()
    }

    /// How the columns of the key travel.
    pub(crate) fn key_wires(&self) -> Vec<Wire> {
        self.key.iter().map(|place| self.wires[*place]).collect()
    }

    /// Not deleted, where rows can be deleted and stay.
    pub(crate) fn live(&self) -> Option<SqlExpr> {
        self.has_soft_delete().then(|| SqlExpr::column(DELETED).is_null())
    }

    /// Deleted.
    pub(crate) fn deleted(&self) -> Option<SqlExpr> {
        self.has_soft_delete().then(|| !SqlExpr::column(DELETED).is_null())
    }

    /// What a deletion sets where deleted rows stay.
    pub(crate) fn deletion_marks(&self) -> Vec<(String, SqlExpr)> {
        self.set_marks(SqlExpr::Txid, SqlExpr::Now(Type::Date))
    }

    /// What makes a deleted row a live one.
    pub(crate) fn no_deletion_marks(&self) -> Vec<(String, SqlExpr)> {
        self.set_marks(SqlExpr::Null, SqlExpr::Null)
    }

    fn set_marks(&self, txid: SqlExpr, time: SqlExpr) -> Vec<(String, SqlExpr)> {
        let track = self.track();
        let marks = [(track.soft_delete, DELETED, txid), (track.deleted_at, DELETED_AT, time)];
        let there = marks.into_iter().filter(|(there, ..)| *there);
        there.map(|(_, column, value)| (column.to_owned(), value)).collect()
    }

    /// The columns that a record is read from.
    pub(crate) fn outputs(&self) -> (Vec<SqlExpr>, Vec<Wire>) {
        if self.is_document() {
            return (vec![SqlExpr::column(DATA)], vec![Wire::one(Scalar::Json)]);
        }
        let columns = self.table.schema.iter().map(|field| {
            let column = SqlExpr::column(field.column());
            match &field.sql_type {
                Some(own) => own_type::read(own, &field.ty, column),
                None => column,
            }
        });
        (columns.collect(), self.wires.clone())
    }

    /// The columns of a record and the bookkeeping columns, in the order in which a `Row` is read.
    pub(crate) fn row_outputs(&self) -> (Vec<SqlExpr>, Vec<Wire>) {
        let (mut columns, mut wires) = self.outputs();
        let track = self.track();
        for (there, column, scalar) in [
            (track.version, VERSION, Scalar::I32),
            (track.txid, TXID, Scalar::I64),
            (track.owner, OWNER, Scalar::Text),
            (track.order, ORDER, Scalar::I64),
            (track.soft_delete, DELETED, Scalar::I64),
            (track.deleted_at, DELETED_AT, Scalar::I64),
        ] {
            if there {
                columns.push(SqlExpr::column(column));
                wires.push(Wire::one(scalar));
            }
        }
        (columns, wires)
    }
}
