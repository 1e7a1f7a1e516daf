//! New rows, and those that replace others.

use std::sync::Arc;

use kontract_schema::dialect::dml;
use kontract_schema::sql::dml::{Conflict, Insert, RowStatement, Rows, SqlExpr};
use kontract_schema::sql::table::DATA;

use super::Build;
use crate::driver::statement::PreparedStatement;
use crate::sql::statement_cache::Op;
use crate::sql::table_columns::{DELETED, ORDER, OWNER, TXID, VERSION};
use crate::value::wire::{Scalar, Wire};

impl Build<'_> {
    /// Names and wires of the columns that a record is written to, and their fields.
    pub(crate) fn written(&self) -> Vec<(String, Wire, Option<usize>)> {
        if self.meta.is_document() {
            let key = |place: &usize| {
                (self.meta.column_name(*place), self.meta.wires[*place], Some(*place))
            };
            let mut columns: Vec<_> = self.meta.key.iter().map(key).collect();
            columns.push((DATA.to_owned(), Wire::one(Scalar::Json), None));
            return columns;
        }
        let places = 0..self.meta.wires.len();
        places
            .map(|place| (self.meta.column_name(place), self.meta.wires[place], Some(place)))
            .collect()
    }

    /// The wires of an insert: the record's, then the owner.
    pub(crate) fn insert_wires(&self) -> Vec<Wire> {
        let mut wires: Vec<Wire> = self.written().into_iter().map(|(_, wire, _)| wire).collect();
        if self.meta.track().owner {
            wires.push(Wire::one(Scalar::Text));
        }
        wires
    }

    /// On a conflict with a deleted row of the same key, that row becomes the new one.
    fn revive(&self) -> Option<Conflict> {
        let filter = !SqlExpr::Present { table: self.ptr(), column: DELETED.to_owned() }.is_null();
        let mut conflict = self.replace();
        for column in [OWNER, ORDER] {
            conflict.set.push((column.to_owned(), SqlExpr::Excluded(column.to_owned())));
        }
        let track = self.meta.track();
        conflict.set.retain(|(column, _)| match column.as_str() {
            OWNER => track.owner,
            ORDER => track.order,
            _ => true,
        });
        conflict.filter = Some(filter);
        self.meta.has_soft_delete().then_some(conflict)
    }

    /// On a conflict with a row of the same key, that row gets the new values.
    fn replace(&self) -> Conflict {
        let key = self.meta.key_columns();
        let columns = self.written().into_iter().map(|(name, ..)| name);
        let values = columns.filter(|name| !key.contains(name));
        let mut set: Vec<(String, SqlExpr)> =
            values.map(|name| (name.clone(), SqlExpr::Excluded(name))).collect();
        let present = SqlExpr::Present { table: self.ptr(), column: VERSION.to_owned() };
        set.extend(self.bump(present));
        if self.meta.has_soft_delete() {
            set.push((DELETED.to_owned(), SqlExpr::Null));
        }
        let target = key.into_iter().map(SqlExpr::column).collect();
        Conflict { target, partial: None, set, filter: None }
    }

    /// An insert of one row, with what happens on a conflict and what it returns.
    pub(crate) fn insert_statement(
        &self,
        conflict: Option<Conflict>,
        (returning, outputs): (Vec<SqlExpr>, Vec<Wire>),
    ) -> PreparedStatement {
        let written = self.written();
        let track = self.meta.track();
        let mut columns = Vec::new();
        let mut values = Vec::new();
        for ((name, _, place), number) in written.into_iter().zip(1..) {
            columns.push(name);
            let param = SqlExpr::Param(number);
            values.push(match place {
                Some(place) => self.meta.assigned(place, param),
                None => param,
            });
        }
        if track.owner {
            columns.push(OWNER.to_owned());
            values.push(SqlExpr::Param(columns.len()));
        }
        for (there, column, value) in
            [(track.txid, TXID, SqlExpr::Txid), (track.order, ORDER, SqlExpr::Place)]
        {
            if there {
                columns.push(column.to_owned());
                values.push(value);
            }
        }
        let insert =
            Insert { into: self.ptr(), columns, rows: Rows::Values(values), conflict, returning };
        self.query(RowStatement::Insert(insert), self.insert_wires(), outputs)
    }

    /// Adds a row.
    pub(crate) fn insert(&self) -> Arc<PreparedStatement> {
        self.once(Op::Insert, || self.insert_statement(self.revive(), Default::default()))
    }

    /// Adds a row or replaces the one with the same key.
    pub(crate) fn set(&self) -> Arc<PreparedStatement> {
        self.once(Op::Set, || self.insert_statement(Some(self.replace()), Default::default()))
    }

    /// Many rows from arrays (PostgreSQL).
    fn insert_arrays(&self, conflict: Option<Conflict>) -> PreparedStatement {
        let mut columns = Vec::new();
        let mut types = Vec::new();
        let mut values = Vec::new();
        for ((name, wire, place), number) in self.written().into_iter().zip(1..) {
            columns.push(name);
            let element = SqlExpr::Element(number);
            let travels =
                place.map_or("jsonb".to_owned(), |at| dml::parameter_type(self.meta.ty(at)));
            let (ty, value) = if wire.is_list() {
                ("text".to_owned(), SqlExpr::As(Box::new(element), travels))
            } else {
                (travels, element)
            };
            types.push(ty);
            values.push(match place {
                Some(place) => self.meta.assigned(place, value),
                None => value,
            });
        }
        let track = self.meta.track();
        if track.owner {
            columns.push(OWNER.to_owned());
            types.push("text".to_owned());
            values.push(SqlExpr::Element(types.len()));
        }
        if track.txid {
            columns.push(TXID.to_owned());
            values.push(SqlExpr::Txid);
        }
        let rows = Rows::Unnest { types, values };
        let insert = Insert { into: self.ptr(), columns, rows, conflict, returning: Vec::new() };
        let wires = self.insert_wires().into_iter().map(Wire::many).collect();
        self.query(RowStatement::Insert(insert), wires, Vec::new())
    }

    /// Adds rows (PostgreSQL).
    pub(crate) fn insert_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::InsertMany, || self.insert_arrays(self.revive()))
    }

    /// Adds or replaces rows (PostgreSQL).
    pub(crate) fn set_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::SetMany, || self.insert_arrays(Some(self.replace())))
    }
}
