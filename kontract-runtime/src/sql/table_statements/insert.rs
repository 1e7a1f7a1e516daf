//! New rows, and those that replace others.

use std::sync::Arc;

use kontract_schema::dialect::dml;
use kontract_schema::sql::dml::{Conflict, Insert, Returned, RowStatement, Rows, SqlExpr};
use kontract_schema::sql::table::DATA;

use super::Build;
use crate::driver::statement::{OwnerParameters, PreparedStatement};
use crate::sql::statement_cache::{InsertForm, Op};
use crate::sql::table_columns::{DELETED, ORDER, OWNER, TXID, VERSION};
use crate::value::row_values::Omitted;
use crate::value::wire::{Scalar, Wire};

impl Build {
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
        let places = self.meta.written_places();
        places
            .map(|place| (self.meta.column_name(place), self.meta.wires[place], Some(place)))
            .collect()
    }

    /// The columns of [`written`](Build::written) without those that a row omits.
    fn given(&self, omitted: &Omitted) -> Vec<(String, Wire, Option<usize>)> {
        let written = self.written().into_iter().enumerate();
        written.filter(|(at, _)| !omitted.has(*at)).map(|(_, column)| column).collect()
    }

    /// The wires of the values that a record gives.
    pub(crate) fn insert_wires(&self, omitted: &Omitted) -> Vec<Wire> {
        self.given(omitted).into_iter().map(|(_, wire, _)| wire).collect()
    }

    /// Adds the parameters of an insert that the owner of the handle gives: to whom new rows belong, and
    /// on a conflict, whose rows are seen. Returns the number of the first.
    fn add_owner(
        &self,
        conflict: &mut Option<Conflict>,
        wires: &mut Vec<Wire>,
    ) -> (Option<usize>, OwnerParameters) {
        let is_written = self.meta.track().owner;
        let writer = is_written.then(|| {
            wires.push(Wire::one(Scalar::Text));
            wires.len()
        });
        let mut is_compared = false;
        if let Some(conflict) = conflict
            && let Some(wire) = self.seen().wire()
        {
            is_compared = true;
            wires.push(wire);
            let present = SqlExpr::Present { table: self.ptr(), column: OWNER.to_owned() };
            let own = self.seen().condition(present, wires.len());
            conflict.filter = SqlExpr::all(conflict.filter.take().into_iter().chain(own));
        }
        (writer, OwnerParameters { is_written, is_compared })
    }

    /// Whether the row gives a key that the database would number.
    fn is_overriding(&self, given: &[(String, Wire, Option<usize>)]) -> bool {
        let schema = &self.meta.table.schema;
        given.iter().any(|(.., place)| place.is_some_and(|place| schema[place].identity))
    }

    /// What an insert returns: the row, if what is stored may differ from what is given.
    fn returned_row(&self) -> (Vec<SqlExpr>, Vec<Wire>) {
        if self.meta.returns_rows { self.meta.outputs() } else { Default::default() }
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
        set.extend(self.meta.no_deletion_marks());
        let target = key.into_iter().map(SqlExpr::column).collect();
        Conflict { target, equal_nulls: Vec::new(), partial: None, set, filter: None }
    }

    /// An insert of one row, with what happens on a conflict and what it returns.
    pub(crate) fn insert_statement(
        &self,
        omitted: &Omitted,
        mut conflict: Option<Conflict>,
        (returning, outputs): (Vec<SqlExpr>, Vec<Wire>),
    ) -> PreparedStatement {
        let mut wires = self.insert_wires(omitted);
        let (writer, owner) = self.add_owner(&mut conflict, &mut wires);
        let given = self.given(omitted);
        let overriding = self.is_overriding(&given);
        let track = self.meta.track();
        let mut columns = Vec::new();
        let mut values = Vec::new();
        for ((name, _, place), number) in given.into_iter().zip(1..) {
            columns.push(name);
            let param = SqlExpr::Param(number);
            values.push(match place {
                Some(place) => self.meta.assigned(place, param),
                None => param,
            });
        }
        if let Some(writer) = writer {
            columns.push(OWNER.to_owned());
            values.push(SqlExpr::Param(writer));
        }
        if let Some((column, value)) = self.meta.next_number(self.dialect, &columns, false) {
            columns.push(column);
            values.push(value);
        }
        for (there, column, value) in
            [(track.txid, TXID, SqlExpr::Txid), (track.order, ORDER, SqlExpr::Place)]
        {
            if there {
                columns.push(column.to_owned());
                values.push(value);
            }
        }
        let insert = Insert {
            into: self.ptr(),
            columns,
            overriding,
            rows: Rows::Values(values),
            conflict,
            returning,
            returned: Returned::Unordered,
        };
        self.query(RowStatement::Insert(insert), wires, outputs).with_owner(owner)
    }

    /// The statement for rows that omit these columns, printed where it was not yet.
    fn once_for(
        &self,
        op: Op,
        omitted: &Omitted,
        build: impl FnOnce() -> PreparedStatement,
    ) -> Arc<PreparedStatement> {
        if omitted.is_empty() {
            return self.once(op, build);
        }
        let form =
            InsertForm { dialect: self.dialect, seen: self.seen(), op, omitted: omitted.clone() };
        self.meta.statements.get_or_build_insert(form, build)
    }

    /// Adds a row.
    pub(crate) fn insert(&self, omitted: &Omitted) -> Arc<PreparedStatement> {
        self.once_for(Op::Insert, omitted, || {
            self.insert_statement(omitted, self.revive(), self.returned_row())
        })
    }

    /// Adds a row or replaces the one with the same key.
    pub(crate) fn set(&self, omitted: &Omitted) -> Arc<PreparedStatement> {
        self.once_for(Op::Set, omitted, || {
            self.insert_statement(omitted, Some(self.replace()), self.returned_row())
        })
    }

    /// Many rows from arrays (PostgreSQL).
    fn insert_arrays(
        &self,
        omitted: &Omitted,
        mut conflict: Option<Conflict>,
    ) -> PreparedStatement {
        let given = self.given(omitted);
        let overriding = self.is_overriding(&given);
        let mut columns = Vec::new();
        let mut types = Vec::new();
        let mut values = Vec::new();
        let mut places = Vec::new();
        for ((name, wire, place), number) in given.into_iter().zip(1..) {
            columns.push(name);
            places.push(place);
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
        let (returning, outputs) = self.returned_row();
        let returned = if returning.is_empty() {
            Returned::Unordered
        } else {
            self.order_returned(&mut columns, &mut values, &mut places)
        };
        let track = self.meta.track();
        if track.txid {
            columns.push(TXID.to_owned());
            values.push(SqlExpr::Txid);
        }
        let mut wires: Vec<Wire> = self.insert_wires(omitted).into_iter().map(Wire::many).collect();
        if wires.is_empty() {
            // The rows give no value: an array of numbers has as many elements.
            types.push("int8".to_owned());
            wires.push(Wire::one(Scalar::I64).many());
        }
        let (writer, owner) = self.add_owner(&mut conflict, &mut wires);
        if let Some(writer) = writer {
            columns.push(OWNER.to_owned());
            values.push(SqlExpr::As(Box::new(SqlExpr::Param(writer)), "text".to_owned()));
        }
        let rows = Rows::Unnest { types, values };
        let into = self.ptr();
        let insert = Insert { into, columns, overriding, rows, conflict, returning, returned };
        self.query(RowStatement::Insert(insert), wires, outputs).with_owner(owner)
    }

    /// Decides how the rows come back in the order in which they were given. A key that the rows omit
    /// is computed together with their values, so that it is known; numbers count up.
    fn order_returned(
        &self,
        columns: &mut Vec<String>,
        values: &mut Vec<SqlExpr>,
        places: &mut Vec<Option<usize>>,
    ) -> Returned {
        let schema = &self.meta.table.schema;
        let mut key = Vec::new();
        for place in &self.meta.key {
            let field = &schema[*place];
            let given = places.iter().position(|other| *other == Some(*place));
            if given.is_none() && field.identity {
                return Returned::ByNumber(field.column().to_owned());
            }
            let at = given.unwrap_or_else(|| {
                columns.push(field.column().to_owned());
                values.push(SqlExpr::Default(Box::new(field.clone())));
                places.push(Some(*place));
                columns.len() - 1
            });
            // As the column stores it, so that it is found again.
            if let Some(sql_type) = field.sql_type.as_ref().filter(|_| field.stored_may_differ()) {
                let value = std::mem::replace(&mut values[at], SqlExpr::Null);
                values[at] = SqlExpr::As(Box::new(value), sql_type.as_str().to_owned());
            }
            key.push(at);
        }
        if key.is_empty() { Returned::AsInserted } else { Returned::ByKey(key) }
    }

    /// Adds rows (PostgreSQL).
    pub(crate) fn insert_many(&self, omitted: &Omitted) -> Arc<PreparedStatement> {
        self.once_for(Op::InsertMany, omitted, || self.insert_arrays(omitted, self.revive()))
    }

    /// Adds or replaces rows (PostgreSQL).
    pub(crate) fn set_many(&self, omitted: &Omitted) -> Arc<PreparedStatement> {
        self.once_for(Op::SetMany, omitted, || self.insert_arrays(omitted, Some(self.replace())))
    }
}
