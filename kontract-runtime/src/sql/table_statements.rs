//! The statements of a table as trees. Those that depend on the table alone are printed once.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use kontract_schema::dialect::{Dialect, dml};
use kontract_schema::sql::dml::{
    Compare, Conflict, Delete, Expr, Insert, Lock, Order, Rows, Select, Statement, Update, Wait,
};
use kontract_schema::sql::table::DATA;

use crate::driver::statement::PreparedStatement;
use crate::error::Result;
use crate::sql::lower::{Lower, Params};
use crate::sql::meta::Meta;
use crate::sql::tree::Changes;
use crate::value::datum::Datum;
use crate::value::wire::{Scalar, Wire};

pub(crate) const VERSION: &str = "_version";
const TXID: &str = "_txid";
const OWNER: &str = "_owner";
pub(crate) const DELETED: &str = "_deleted_txid";
const ORDER: &str = "_order";

/// The statements that are printed once.
pub(crate) struct Statements {
    /// For each dialect.
    fixed: [OnceLock<Arc<PreparedStatement>>; 2 * COUNT],
    updates: RwLock<BTreeMap<Updated, Arc<PreparedStatement>>>,
}

/// How many forms of updates of a table are kept.
const UPDATES: usize = 128;

/// What the text of an update depends on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Updated {
    dialect: Dialect,
    /// A bit for each field that is set.
    fields: u128,
    versioned: bool,
}

impl Default for Statements {
    fn default() -> Self {
        let fixed = [const { OnceLock::new() }; 2 * COUNT];
        Statements { fixed, updates: RwLock::default() }
    }
}

/// Which one of them.
#[derive(Clone, Copy)]
enum Op {
    Get,
    GetRow,
    Exists,
    Version,
    Insert,
    Set,
    Delete,
    Purge,
    Restore,
    Pop,
    Shift,
    PopMany,
    ShiftMany,
    InsertMany,
    SetMany,
    GetMany,
    DeleteMany,
}

const COUNT: usize = Op::DeleteMany as usize + 1;

/// Builds the statements of a table for a dialect.
#[derive(Clone, Copy)]
pub(crate) struct Build<'a> {
    pub(crate) meta: &'a Meta,
    pub(crate) dialect: Dialect,
}

impl Build<'_> {
    fn once(&self, op: Op, build: impl FnOnce() -> PreparedStatement) -> Arc<PreparedStatement> {
        let cells = match self.dialect {
            Dialect::Postgres => 0,
            Dialect::Sqlite => COUNT,
        };
        let cell = &self.meta.statements.fixed[cells + op as usize];
        Arc::clone(cell.get_or_init(|| Arc::new(build())))
    }

    fn query(
        &self,
        statement: Statement,
        params: Vec<Wire>,
        outputs: Vec<Wire>,
    ) -> PreparedStatement {
        PreparedStatement::new(self.dialect, &statement, params, outputs)
    }

    pub(crate) fn ptr(&self) -> String {
        self.meta.table.ptr.clone()
    }

    /// The columns of the key.
    pub(crate) fn key_columns(&self) -> Vec<String> {
        self.meta.key.iter().map(|place| self.column_name(*place)).collect()
    }

    pub(crate) fn key_wires(&self) -> Vec<Wire> {
        self.meta.key.iter().map(|place| self.meta.wires[*place]).collect()
    }

    pub(crate) fn column_name(&self, place: usize) -> String {
        self.meta.table.schema[place].column().to_owned()
    }

    /// A parameter as the type of its column.
    fn cast(&self, place: usize, value: Expr) -> Expr {
        match &self.meta.table.schema[place].sql_type {
            None => value,
            Some(sql_type) => {
                let travels = dml::travel_type(self.meta.ty(place));
                Expr::As(Box::new(Expr::As(Box::new(value), travels)), sql_type.clone())
            }
        }
    }

    /// `a = $n AND b = $n+1`.
    fn is_key(&self, first: usize) -> Expr {
        let parts = self.meta.key.iter().zip(first..).map(|(place, number)| {
            Expr::column(self.column_name(*place)).eq(self.cast(*place, Expr::Param(number)))
        });
        Expr::all(parts).unwrap_or(Expr::Number(0))
    }

    /// Not deleted, where rows can be deleted and stay.
    pub(crate) fn live(&self) -> Option<Expr> {
        self.meta.has_soft_delete().then(|| Expr::column(DELETED).is_null())
    }

    /// Deleted.
    pub(crate) fn deleted(&self) -> Option<Expr> {
        self.meta.has_soft_delete().then(|| !Expr::column(DELETED).is_null())
    }

    fn live_key(&self) -> Option<Expr> {
        Expr::all([self.is_key(1)].into_iter().chain(self.live()))
    }

    /// The columns that a record is read from.
    pub(crate) fn outputs(&self) -> (Vec<Expr>, Vec<Wire>) {
        if self.meta.is_document() {
            return (vec![Expr::column(DATA)], vec![Wire::one(Scalar::Json)]);
        }
        let columns = self.meta.table.schema.iter().map(|field| {
            let column = Expr::column(field.column());
            match field.sql_type {
                Some(_) => Expr::As(Box::new(column), dml::travel_type(&field.ty)),
                None => column,
            }
        });
        (columns.collect(), self.meta.wires.clone())
    }

    /// The same and the bookkeeping, in the order of [`decode_row`].
    pub(crate) fn row_outputs(&self) -> (Vec<Expr>, Vec<Wire>) {
        let (mut columns, mut wires) = self.outputs();
        let track = self.meta.track();
        for (there, column, scalar) in [
            (track.version, VERSION, Scalar::I32),
            (track.txid, TXID, Scalar::I64),
            (track.owner, OWNER, Scalar::Text),
            (track.order, ORDER, Scalar::I64),
            (track.soft_delete, DELETED, Scalar::I64),
        ] {
            if there {
                columns.push(Expr::column(column));
                wires.push(Wire::one(scalar));
            }
        }
        (columns, wires)
    }

    fn select(&self, columns: Vec<Expr>, filter: Option<Expr>) -> Select {
        Select { from: self.ptr(), columns, filter, ..Select::default() }
    }

    /// A row by its key.
    pub(crate) fn get(&self) -> Arc<PreparedStatement> {
        self.once(Op::Get, || {
            let (columns, wires) = self.outputs();
            let select = self.select(columns, self.live_key());
            self.query(Statement::Select(select), self.key_wires(), wires)
        })
    }

    /// A row by its key, deleted or not, with its bookkeeping.
    pub(crate) fn get_row(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetRow, || {
            let (columns, wires) = self.row_outputs();
            let select = self.select(columns, Some(self.is_key(1)));
            self.query(Statement::Select(select), self.key_wires(), wires)
        })
    }

    pub(crate) fn exists(&self) -> Arc<PreparedStatement> {
        self.once(Op::Exists, || {
            let select = self.select(vec![Expr::Number(1)], self.live_key());
            self.query(Statement::Select(select), self.key_wires(), Vec::new())
        })
    }

    pub(crate) fn version(&self) -> Arc<PreparedStatement> {
        self.once(Op::Version, || {
            let select = self.select(vec![Expr::column(VERSION)], self.live_key());
            let wires = vec![Wire::one(Scalar::I32)];
            self.query(Statement::Select(select), self.key_wires(), wires)
        })
    }

    /// Names and wires of the columns that a record is written to, and their fields.
    pub(crate) fn written(&self) -> Vec<(String, Wire, Option<usize>)> {
        if self.meta.is_document() {
            let key =
                |place: &usize| (self.column_name(*place), self.meta.wires[*place], Some(*place));
            let mut columns: Vec<_> = self.meta.key.iter().map(key).collect();
            columns.push((DATA.to_owned(), Wire::one(Scalar::Json), None));
            return columns;
        }
        let places = 0..self.meta.wires.len();
        places.map(|place| (self.column_name(place), self.meta.wires[place], Some(place))).collect()
    }

    /// The wires of an insert: the record's, then the owner.
    pub(crate) fn insert_wires(&self) -> Vec<Wire> {
        let mut wires: Vec<Wire> = self.written().into_iter().map(|(_, wire, _)| wire).collect();
        if self.meta.track().owner {
            wires.push(Wire::one(Scalar::Text));
        }
        wires
    }

    /// Where a deleted row has the same key, it becomes the new one.
    fn revive(&self) -> Option<Conflict> {
        let filter = !Expr::Present { table: self.ptr(), column: DELETED.to_owned() }.is_null();
        let mut conflict = self.replace();
        for column in [OWNER, ORDER] {
            conflict.set.push((column.to_owned(), Expr::Excluded(column.to_owned())));
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

    /// Where a row has the same key, it gets the new values.
    fn replace(&self) -> Conflict {
        let key = self.key_columns();
        let columns = self.written().into_iter().map(|(name, ..)| name);
        let values = columns.filter(|name| !key.contains(name));
        let mut set: Vec<(String, Expr)> =
            values.map(|name| (name.clone(), Expr::Excluded(name))).collect();
        let present = Expr::Present { table: self.ptr(), column: VERSION.to_owned() };
        set.extend(self.bump(present));
        if self.meta.has_soft_delete() {
            set.push((DELETED.to_owned(), Expr::Null));
        }
        let target = key.into_iter().map(Expr::column).collect();
        Conflict { target, partial: None, set, filter: None }
    }

    /// What every change of a row sets.
    pub(crate) fn bump(&self, version: Expr) -> Vec<(String, Expr)> {
        let track = self.meta.track();
        let mut set = Vec::new();
        if track.version {
            set.push((VERSION.to_owned(), Expr::Next(Box::new(version))));
        }
        if track.txid {
            set.push((TXID.to_owned(), Expr::Txid));
        }
        set
    }

    pub(crate) fn insert_statement(
        &self,
        conflict: Option<Conflict>,
        (returning, outputs): (Vec<Expr>, Vec<Wire>),
    ) -> PreparedStatement {
        let written = self.written();
        let track = self.meta.track();
        let mut columns = Vec::new();
        let mut values = Vec::new();
        for ((name, _, place), number) in written.into_iter().zip(1..) {
            columns.push(name);
            let param = Expr::Param(number);
            values.push(place.map_or(param.clone(), |place| self.cast(place, param)));
        }
        if track.owner {
            columns.push(OWNER.to_owned());
            values.push(Expr::Param(columns.len()));
        }
        for (there, column, value) in
            [(track.txid, TXID, Expr::Txid), (track.order, ORDER, Expr::Place)]
        {
            if there {
                columns.push(column.to_owned());
                values.push(value);
            }
        }
        let insert =
            Insert { into: self.ptr(), columns, rows: Rows::Values(values), conflict, returning };
        self.query(Statement::Insert(insert), self.insert_wires(), outputs)
    }

    pub(crate) fn insert(&self) -> Arc<PreparedStatement> {
        self.once(Op::Insert, || self.insert_statement(self.revive(), Default::default()))
    }

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
            let element = Expr::Element(number);
            let travels = place.map_or("jsonb".to_owned(), |at| dml::travel_type(self.meta.ty(at)));
            let (ty, value) = match wire.is_list() {
                true => ("text".to_owned(), Expr::As(Box::new(element), travels)),
                false => (travels, element),
            };
            let sql_type = place.and_then(|at| self.meta.table.schema[at].sql_type.clone());
            types.push(ty);
            values.push(match sql_type {
                Some(sql_type) => Expr::As(Box::new(value), sql_type),
                None => value,
            });
        }
        let track = self.meta.track();
        if track.owner {
            columns.push(OWNER.to_owned());
            types.push("text".to_owned());
            values.push(Expr::Element(types.len()));
        }
        if track.txid {
            columns.push(TXID.to_owned());
            values.push(Expr::Txid);
        }
        let rows = Rows::Unnest { types, values };
        let insert = Insert { into: self.ptr(), columns, rows, conflict, returning: Vec::new() };
        let wires = self.insert_wires().into_iter().map(Wire::many).collect();
        self.query(Statement::Insert(insert), wires, Vec::new())
    }

    pub(crate) fn insert_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::InsertMany, || self.insert_arrays(self.revive()))
    }

    pub(crate) fn set_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::SetMany, || self.insert_arrays(Some(self.replace())))
    }

    /// What marks a row as deleted.
    fn deletion(&self) -> Vec<(String, Expr)> {
        let mut set = vec![(DELETED.to_owned(), Expr::Txid)];
        set.extend(self.bump(Expr::column(VERSION)));
        set
    }

    /// Deletes what the filter says: marks it, or removes it.
    pub(crate) fn delete_where(
        &self,
        filter: Option<Expr>,
        alias: Option<String>,
        params: Vec<Wire>,
        (returning, outputs): (Vec<Expr>, Vec<Wire>),
    ) -> PreparedStatement {
        let statement = match self.meta.has_soft_delete() {
            true => {
                let set = self.deletion();
                Statement::Update(Update { table: self.ptr(), alias, set, filter, returning })
            }
            false => Statement::Delete(Delete { from: self.ptr(), alias, filter, returning }),
        };
        self.query(statement, params, outputs)
    }

    pub(crate) fn delete(&self) -> Arc<PreparedStatement> {
        self.once(Op::Delete, || {
            self.delete_where(self.live_key(), None, self.key_wires(), Default::default())
        })
    }

    pub(crate) fn purge(&self) -> Arc<PreparedStatement> {
        self.once(Op::Purge, || {
            let filter = Some(self.is_key(1));
            let delete = Delete { from: self.ptr(), alias: None, filter, returning: Vec::new() };
            self.query(Statement::Delete(delete), self.key_wires(), Vec::new())
        })
    }

    pub(crate) fn restore(&self) -> Arc<PreparedStatement> {
        self.once(Op::Restore, || {
            let mut set = vec![(DELETED.to_owned(), Expr::Null)];
            set.extend(self.bump(Expr::column(VERSION)));
            let filter = Expr::all([self.is_key(1)].into_iter().chain(self.deleted()));
            let update =
                Update { table: self.ptr(), alias: None, set, filter, returning: Vec::new() };
            self.query(Statement::Update(update), self.key_wires(), Vec::new())
        })
    }

    /// The SET of a patch, and what goes on behind its parameters. `named`: columns need the name of
    /// their table.
    pub(crate) fn sets(&self, sets: Changes, named: bool) -> Result<(Vec<(String, Expr)>, Lower)> {
        let (set, wires) = match sets.values.is_empty() {
            true => (self.bump(Expr::column(VERSION)), Vec::new()),
            false => self.assignments(&sets.values),
        };
        let mut lower = Lower::new(self.dialect, Params { wires, values: self.bound(sets.values) });
        let set = lower.assign(self.meta, set, sets.computed, named)?;
        Ok((set, lower))
    }

    /// The SET of values, and its parameters from 1 on.
    fn assignments(&self, sets: &[(usize, Datum<'static>)]) -> (Vec<(String, Expr)>, Vec<Wire>) {
        let bump = self.bump(Expr::column(VERSION));
        if !self.meta.is_document() {
            let set = sets.iter().zip(1..).map(|((place, _), number)| {
                (self.column_name(*place), self.cast(*place, Expr::Param(number)))
            });
            let wires = sets.iter().map(|(place, _)| self.meta.wires[*place]).collect();
            return (set.chain(bump).collect(), wires);
        }
        // PostgreSQL takes all keys as one object.
        let params = match self.dialect {
            Dialect::Sqlite => sets.len(),
            Dialect::Postgres => 1,
        };
        let key = |(at, (place, _)): (usize, &(usize, _))| {
            (self.column_name(*place), at.min(params - 1) + 1)
        };
        let keys = sets.iter().enumerate().map(key).collect();
        let merge = Expr::Merge { column: DATA.to_owned(), keys };
        let set = [(DATA.to_owned(), merge)].into_iter().chain(bump).collect();
        (set, vec![Wire::one(Scalar::Json); params])
    }

    /// The values of those parameters.
    fn bound(&self, sets: Vec<(usize, Datum<'static>)>) -> Vec<Datum<'static>> {
        match self.dialect {
            Dialect::Postgres if self.meta.is_document() && !sets.is_empty() => {
                let names = sets.iter().map(|(place, _)| self.column_name(*place));
                vec![object(&names.collect::<Vec<_>>(), &sets)]
            }
            _ => sets.into_iter().map(|(_, value)| value).collect(),
        }
    }

    /// Changes one row, if it has the version that comes after the key.
    pub(crate) fn update(
        &self,
        sets: Changes,
        versioned: bool,
    ) -> Result<(Arc<PreparedStatement>, Vec<Datum<'static>>)> {
        let Some(fields) = sets.fields() else { return self.print_update(sets, versioned) };
        let form = Updated { dialect: self.dialect, fields, versioned };
        // Nothing panics while it is held, and a map is never half changed.
        let updates = self.meta.statements.updates.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(query) = updates.get(&form) {
            return Ok((Arc::clone(query), self.bound(sets.values)));
        }
        drop(updates);
        let (query, values) = self.print_update(sets, versioned)?;
        let updates = self.meta.statements.updates.write();
        let mut updates = updates.unwrap_or_else(PoisonError::into_inner);
        if updates.len() < UPDATES {
            updates.insert(form, Arc::clone(&query));
        }
        Ok((query, values))
    }

    fn print_update(
        &self,
        sets: Changes,
        versioned: bool,
    ) -> Result<(Arc<PreparedStatement>, Vec<Datum<'static>>)> {
        let named = sets.needs_names();
        let (set, lower) = self.sets(sets, named)?;
        let Params { wires: mut params, values } = lower.params;
        let alias = named.then(|| Lower::name(0));
        let key = self.is_key(params.len() + 1);
        params.extend(self.key_wires());
        let version = versioned.then(|| {
            params.push(Wire::one(Scalar::I64));
            let version = Box::new(Expr::column(VERSION));
            Expr::Compare(Compare::Eq, version, Box::new(Expr::Param(params.len())))
        });
        let filter = Expr::all([key].into_iter().chain(version).chain(self.live()));
        let (returning, outputs) = self.outputs();
        let update = Update { table: self.ptr(), alias, set, filter, returning };
        Ok((Arc::new(self.query(Statement::Update(update), params, outputs)), values))
    }

    /// Changes the rows that the filter says, whose parameters come after those of the SET.
    pub(crate) fn update_where(
        &self,
        set: Vec<(String, Expr)>,
        filter: Option<Expr>,
        alias: Option<String>,
        params: Vec<Wire>,
        (returning, outputs): (Vec<Expr>, Vec<Wire>),
    ) -> PreparedStatement {
        let update = Update { table: self.ptr(), alias, set, filter, returning };
        self.query(Statement::Update(update), params, outputs).long()
    }

    /// Takes rows off one end: one with `=`, several with a limit.
    fn take(&self, last: bool, many: bool) -> PreparedStatement {
        let key = self.key_columns();
        let select = Select {
            order: vec![Order { by: Expr::column(ORDER), descending: last, nullable: false }],
            limit: Some(if many { Expr::Param(1) } else { Expr::Number(1) }),
            lock: Some(Lock { shared: false, wait: Wait::Skip }),
            ..self.select(key.iter().map(Expr::column).collect(), self.live())
        };
        let filter = match many {
            true => Expr::InRows(key.clone(), Box::new(select.at_once(key))),
            false => Expr::IsRow(key, Box::new(select)),
        };
        let (mut columns, mut wires) = self.outputs();
        columns.push(Expr::column(ORDER));
        wires.push(Wire::one(Scalar::I64));
        let params = if many { vec![Wire::one(Scalar::I64)] } else { Vec::new() };
        let query = self.delete_where(Some(filter), None, params, (columns, wires));
        if many { query.long() } else { query }
    }

    pub(crate) fn take_one(&self, last: bool) -> Arc<PreparedStatement> {
        self.once(if last { Op::Pop } else { Op::Shift }, || self.take(last, false))
    }

    pub(crate) fn take_many(&self, last: bool) -> Arc<PreparedStatement> {
        self.once(if last { Op::PopMany } else { Op::ShiftMany }, || self.take(last, true))
    }

    /// The types of the lists that keys travel in.
    fn key_types(&self) -> Vec<String> {
        self.meta.key.iter().map(|place| dml::travel_type(self.meta.ty(*place))).collect()
    }

    /// The wires of lists of keys.
    fn key_lists(&self) -> Vec<Wire> {
        self.key_wires().into_iter().map(Wire::many).collect()
    }

    /// The rows with keys of lists, which are the parameters from that number on.
    fn keys_in(&self, first: usize) -> Option<Expr> {
        let keys = Expr::KeysIn { columns: self.key_columns(), first, types: self.key_types() };
        Expr::all([keys].into_iter().chain(self.live()))
    }

    /// The rows with those keys, each with the number of its key (PostgreSQL).
    pub(crate) fn get_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::GetMany, || {
            let (columns, wires) = self.outputs();
            let numbered = Select {
                numbered: Some((self.key_columns(), self.key_types())),
                ..self.select(columns, self.live())
            };
            let outputs = [Wire::one(Scalar::I64)].into_iter().chain(wires).collect();
            self.query(Statement::Select(numbered), self.key_lists(), outputs).long()
        })
    }

    /// Changes the rows with those keys (PostgreSQL), whose lists come after the parameters of the SET.
    pub(crate) fn update_many(
        &self,
        sets: Changes,
    ) -> Result<(PreparedStatement, Vec<Datum<'static>>)> {
        let named = sets.needs_names();
        let (set, lower) = self.sets(sets, named)?;
        let Params { mut wires, values } = lower.params;
        let alias = named.then(|| Lower::name(0));
        let filter = self.keys_in(wires.len() + 1);
        wires.extend(self.key_lists());
        Ok((self.update_where(set, filter, alias, wires, Default::default()), values))
    }

    /// Deletes the rows with those keys (PostgreSQL).
    pub(crate) fn delete_many(&self) -> Arc<PreparedStatement> {
        self.once(Op::DeleteMany, || {
            self.delete_where(self.keys_in(1), None, self.key_lists(), Default::default()).long()
        })
    }
}

/// One JSON object of all the values of a patch.
fn object(names: &[String], sets: &[(usize, Datum<'static>)]) -> Datum<'static> {
    let mut text = String::from("{");
    for (place, (name, (_, value))) in names.iter().zip(sets).enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&serde_json::Value::from(name.as_str()).to_string());
        text.push(':');
        match value {
            Datum::Json(json) => text.push_str(json),
            _ => text.push_str("null"),
        }
    }
    text.push('}');
    Datum::Json(text.into())
}
