//! Rows that are changed.

use std::sync::Arc;

use kontract_schema::sql::dml::{Compare, RowStatement, SqlExpr, Update};
use kontract_schema::sql::table::DATA;

use super::Build;
use crate::driver::capabilities::QueryCapabilities;
use crate::driver::statement::PreparedStatement;
use crate::error::Result;
use crate::sql::lower::{Lower, Params};
use crate::sql::statement_cache::{Op, UpdateForm};
use crate::sql::table_columns::{OWNER, VERSION};
use crate::sql::tree::Changes;
use crate::value::datum::Datum;
use crate::value::wire::{Scalar, Wire};

impl Build {
    /// The SET of a patch, and what goes on behind its parameters. `named`: columns need the name of
    /// their table.
    pub(crate) fn sets(
        &self,
        sets: Changes,
        named: bool,
    ) -> Result<(Vec<(String, SqlExpr)>, Lower)> {
        let (set, wires) = if sets.values.is_empty() {
            (self.bump(SqlExpr::column(VERSION)), Vec::new())
        } else {
            self.assignments(&sets.values)
        };
        let params = Params { wires, values: self.bound(sets.values) };
        let mut lower = Lower::new(self.dialect, params, self.owner.clone());
        let set = lower.assign(self.meta, set, sets.computed, named)?;
        Ok((set, lower))
    }

    /// The SET of values, and its parameters from 1 on.
    fn assignments(&self, sets: &[(usize, Datum<'static>)]) -> (Vec<(String, SqlExpr)>, Vec<Wire>) {
        let bump = self.bump(SqlExpr::column(VERSION));
        if !self.meta.is_document() {
            let set = sets.iter().zip(1..).map(|((place, _), number)| {
                (self.meta.column_name(*place), self.meta.assigned(*place, SqlExpr::Param(number)))
            });
            let wires = sets.iter().map(|(place, _)| self.meta.wires[*place]).collect();
            return (set.chain(bump).collect(), wires);
        }
        let params = if self.merges_objects() { 1 } else { sets.len() };
        let key = |(at, (place, _)): (usize, &(usize, _))| {
            (self.meta.column_name(*place), at.min(params - 1) + 1)
        };
        let keys = sets.iter().enumerate().map(key).collect();
        let merge = SqlExpr::Merge { column: DATA.to_owned(), keys };
        let set = [(DATA.to_owned(), merge)].into_iter().chain(bump).collect();
        (set, vec![Wire::one(Scalar::Json); params])
    }

    /// The values of those parameters.
    fn bound(&self, sets: Vec<(usize, Datum<'static>)>) -> Vec<Datum<'static>> {
        if self.meta.is_document() && self.merges_objects() && !sets.is_empty() {
            let names = sets.iter().map(|(place, _)| self.meta.column_name(*place));
            return vec![object(&names.collect::<Vec<_>>(), &sets)];
        }
        sets.into_iter().map(|(_, value)| value).collect()
    }

    /// Whether one object as a parameter sets all keys of a document.
    fn merges_objects(&self) -> bool {
        QueryCapabilities::for_dialect(self.dialect).merges_objects
    }

    /// Changes one row, if it has the version that comes after the key.
    pub(crate) fn update(
        &self,
        sets: Changes,
        versioned: bool,
    ) -> Result<(Arc<PreparedStatement>, Vec<Datum<'static>>)> {
        let Some(fields) = sets.fields() else { return self.print_update(sets, versioned) };
        let form = UpdateForm { dialect: self.dialect, seen: self.seen(), fields, versioned };
        if let Some(query) = self.meta.statements.update(form) {
            return Ok((query, self.bound(sets.values)));
        }
        let (query, values) = self.print_update(sets, versioned)?;
        self.meta.statements.keep_update(form, &query);
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
        params.extend(self.meta.key_wires());
        let version = versioned.then(|| {
            params.push(Wire::one(Scalar::I64));
            let version = Box::new(SqlExpr::column(VERSION));
            SqlExpr::Compare(Compare::Eq, version, Box::new(SqlExpr::Param(params.len())))
        });
        let own = self.own_rows(&mut params);
        let state = version.into_iter().chain(self.meta.live()).chain(own);
        let filter = SqlExpr::all([key].into_iter().chain(state));
        let (returning, outputs) = self.meta.outputs();
        let update = Update { table: self.ptr(), alias, set, filter, returning };
        Ok((Arc::new(self.own_query(RowStatement::Update(update), params, outputs)), values))
    }

    /// Gives one row to the owner that is the first parameter.
    pub(crate) fn transfer(&self) -> Arc<PreparedStatement> {
        self.once(Op::Transfer, || {
            let mut set = vec![(OWNER.to_owned(), SqlExpr::Param(1))];
            set.extend(self.bump(SqlExpr::column(VERSION)));
            let mut params = vec![Wire::one(Scalar::Text)];
            params.extend(self.meta.key_wires());
            let own = self.own_rows(&mut params);
            let state = self.meta.live().into_iter().chain(own);
            let filter = SqlExpr::all([self.is_key(2)].into_iter().chain(state));
            let (returning, outputs) = self.meta.outputs();
            let update = Update { table: self.ptr(), alias: None, set, filter, returning };
            self.own_query(RowStatement::Update(update), params, outputs)
        })
    }

    /// Changes the rows of a filter, which has all conditions, and whose parameters come after those of the SET.
    pub(crate) fn update_where(
        &self,
        set: Vec<(String, SqlExpr)>,
        filter: Option<SqlExpr>,
        alias: Option<String>,
        params: Vec<Wire>,
        (returning, outputs): (Vec<SqlExpr>, Vec<Wire>),
    ) -> PreparedStatement {
        let update = Update { table: self.ptr(), alias, set, filter, returning };
        self.query(RowStatement::Update(update), params, outputs).long()
    }

    /// Changes the rows with those keys (PostgreSQL), whose lists come after the parameters of the SET.
    pub(crate) fn update_many(
        &self,
        sets: Changes,
    ) -> Result<(Arc<PreparedStatement>, Vec<Datum<'static>>)> {
        let named = sets.needs_names();
        let (set, lower) = self.sets(sets, named)?;
        let Params { mut wires, values } = lower.params;
        let alias = named.then(|| Lower::name(0));
        let filter = self.keys_in(&mut wires);
        let update = Update { table: self.ptr(), alias, set, filter, returning: Vec::new() };
        let sql = self.own_query(RowStatement::Update(update), wires, Vec::new()).long();
        Ok((Arc::new(sql), values))
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
