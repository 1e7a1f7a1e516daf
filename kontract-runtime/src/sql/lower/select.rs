//! Queries as selects.

use kontract_schema::Type;
use kontract_schema::dialect::dml;
use kontract_schema::sql::dml::{Function, Join, JoinKind, Order as By, Select, SqlExpr, With};

use super::recursive::check_recursive;
use super::{Given, Level, Lower, Params, as_json};
use crate::error::Result;
use crate::sql::meta::Meta;
use crate::sql::scope::At;
use crate::sql::tree::node::{Field, Node};
use crate::sql::tree::{Deleted, Output, Parts};
use crate::value::datum::Datum;
use crate::value::wire::{Scalar, Wire};

impl Lower {
    /// A query and how its columns travel.
    pub(crate) fn select(&mut self, parts: Parts) -> Result<(Select, Vec<Wire>)> {
        let named = parts.needs_names() || !self.levels.is_empty();
        let first = self.names;
        self.names += parts.tables.len();
        let once = parts.once
            || parts.distinct
            || !parts.group.is_empty()
            || parts.union.iter().any(|(apart, _)| !apart);
        let beside = once || parts.united || !parts.union.is_empty();
        self.levels.push(Level { first, named, missing: parts.missing(), once, beside });
        let lowered = self.of_level(parts, first, named);
        self.levels.pop();
        lowered
    }

    fn of_level(
        &mut self,
        mut parts: Parts,
        first: usize,
        named: bool,
    ) -> Result<(Select, Vec<Wire>)> {
        let mut with = Vec::new();
        for (meta, query) in std::mem::take(&mut parts.with) {
            with.push(self.with(meta, query)?);
        }
        let mut select =
            Select { with, distinct: parts.distinct, lock: parts.lock, ..Select::default() };
        let (main, joined) = match parts.tables.split_first() {
            Some((main, joined)) => (main.meta, joined.to_vec()),
            None => return Err(crate::Error::value("a query of no table")),
        };
        parts.check_order()?;
        let is_outer = joined.iter().any(|table| table.kind == JoinKind::Right);
        if parts.lock.is_some() && (is_outer || !parts.is_plain()) {
            let what = "rows of a group, a union, a right join or distinct rows cannot be locked";
            return Err(crate::Error::value(what).with_help("lock them by a query of their own"));
        }
        // A row of the left side that is not there must not be filtered out by what is deleted, or by
        // its owner.
        select.from = main.table.path();
        select.alias = named.then(|| Lower::name(first));
        let own = self.own_rows(main)?;
        if is_outer {
            select.only = SqlExpr::all(main.live().into_iter().chain(own.clone()));
        }
        let implicit = parts.has_implicit_order().then(|| self.key_order(&parts, first, named));
        for (table, number) in joined.into_iter().zip(first + 1..) {
            let on = table.on.map(|on| self.condition(on)).transpose()?;
            select.joins.push(Join {
                kind: table.kind,
                table: table.meta.table.path(),
                alias: Lower::name(number),
                only: self.live_rows(table.meta)?,
                on: on.unwrap_or(SqlExpr::Number(1).eq(SqlExpr::Number(1))),
            });
        }
        if let Some(matched) = parts.matched {
            select.values = Some(self.value_list(matched)?);
        }
        let mut wires = Vec::new();
        for output in parts.outputs {
            match output {
                // A key of a document is grouped by as what it is, not as JSON.
                Output::Value(node) if parts.grouped || parts.typed.is_some() => {
                    let (expr, given) = self.operand(node)?;
                    select.columns.push(given.read(self.output_once(expr, &given)));
                    wires.push(given.wire);
                }
                output => self.output(output, first, named, &mut select.columns, &mut wires)?,
            }
        }
        if let Some(types) = parts.typed {
            for (expr, ty) in select.columns.iter_mut().zip(&types) {
                let inner = std::mem::replace(expr, SqlExpr::Null);
                *expr = SqlExpr::As(Box::new(inner), dml::parameter_type(ty));
            }
        }
        let has_own = || parts.tables.iter().any(|table| table.meta.has_own_types());
        if parts.distinct && !parts.grouped && self.database.casts_list_elements && has_own() {
            // Equal rows are those whose columns are equal, not those that are read as equal.
            select.distinct = false;
            select.group = select.columns.iter().cloned().map(without_cast).collect();
        }
        let filter = parts.filter.map(|filter| self.condition(filter)).transpose()?;
        let state = match parts.deleted {
            _ if is_outer => None,
            Deleted::Without => main.live(),
            Deleted::With => None,
            Deleted::Only => main.live().map(|live| !live),
        };
        let own = own.filter(|_| !is_outer);
        let state = state.into_iter().chain(own).map(|state| qualify(first, named, state));
        select.filter = SqlExpr::all(filter.into_iter().chain(state));
        for by in parts.group {
            let (by, given) = self.operand(by)?;
            select.group.push(self.once(by, &given));
        }
        for (node, descending) in parts.before {
            let (by, given) = self.operand(node.clone())?;
            if !select.group.contains(&self.once(by, &given)) {
                let what = "rows are ordered by what their groups do not have";
                let help = "order the groups: `.group_by(…).order_by(|key| …)`";
                return Err(crate::Error::value(what).with_help(help));
            }
            let by = self.order(node, descending)?;
            select.order.push(by);
        }
        select.having = parts.having.map(|having| self.condition(having)).transpose()?;
        for (apart, other) in parts.union {
            let once = self.levels.last().is_some_and(|level| level.once);
            let (other, _) = self.select(Parts { once, united: true, ..other })?;
            select.union.push((apart, other));
        }
        match parts.page {
            Some(stretch) => self.paged(parts.order, stretch, &mut select, &mut wires)?,
            None => {
                for (node, descending) in parts.order {
                    let by = self.order(node, descending)?;
                    select.order.push(by);
                }
            }
        }
        select.order.extend(implicit.into_iter().flatten());
        select.limit = self.rows(parts.limit);
        select.offset = self.rows(parts.offset);
        Ok((select, wires))
    }

    /// A query whose rows are those of a table.
    fn with(&mut self, meta: &'static Meta, query: Parts) -> Result<With> {
        let recursive = query.recursive;
        if recursive {
            check_recursive(&query)?;
        }
        // It cannot speak of the queries around it.
        let around = std::mem::take(&mut self.levels);
        let lowered = self.select(query.typed_as(meta)?);
        self.levels = around;
        let column = |field: &kontract_schema::Field| field.column().to_owned();
        Ok(With {
            name: meta.table.path(),
            columns: meta.table.schema.iter().map(column).collect(),
            select: lowered?.0,
            recursive,
        })
    }

    fn rows(&mut self, rows: Option<u64>) -> Option<SqlExpr> {
        let rows = i64::try_from(rows?).unwrap_or(i64::MAX);
        Some(SqlExpr::Param(self.params.push(Wire::one(Scalar::I64), Datum::I64(rows))))
    }

    /// The key of the table whose rows are all there makes every order whole, so that pages do not
    /// overlap. Without a key it is a unique index, and without both rows have no order.
    fn key_order(&self, parts: &Parts, first: usize, named: bool) -> Vec<By> {
        let kept = parts.tables.iter().rposition(|table| table.kind == JoinKind::Right);
        let kept = kept.unwrap_or(0);
        let key = |column| By {
            by: qualify(first + kept, named, SqlExpr::column(column)),
            descending: false,
            nullable: false,
        };
        let meta = parts.tables[kept].meta;
        meta.distinct.iter().map(|place| key(meta.column_name(*place))).collect()
    }

    fn output(
        &mut self,
        output: Output,
        first: usize,
        named: bool,
        columns: &mut Vec<SqlExpr>,
        wires: &mut Vec<Wire>,
    ) -> Result<()> {
        let record = |meta: &Meta, at: At, row: bool| {
            let (exprs, wires) = if row { meta.row_outputs() } else { meta.outputs() };
            let number = first + usize::from(at.place);
            (exprs.into_iter().map(move |expr| qualify(number, named, expr)), wires)
        };
        match output {
            Output::Record { meta, at, optional } => {
                if optional {
                    columns.push(!self.always_valued(at, meta)?.is_null());
                    wires.push(Wire::one(Scalar::Bool));
                }
                let (exprs, of) = record(meta, at, false);
                columns.extend(exprs);
                wires.extend(of);
            }
            Output::Row { meta, at } => {
                let (exprs, of) = record(meta, at, true);
                columns.extend(exprs);
                wires.extend(of);
            }
            Output::One => columns.push(SqlExpr::Number(1)),
            Output::Value(node) => {
                let (expr, wire) = self.given(node)?;
                columns.push(expr);
                wires.push(wire);
            }
        }
        Ok(())
    }

    /// A column that each row of the table has a value in.
    fn always_valued(&self, at: At, meta: &'static Meta) -> Result<SqlExpr> {
        let required = || meta.table.schema.iter().position(|field| !field.optional);
        match meta.key.first().copied().or_else(required) {
            Some(place) => self.field(Field::new(at, meta, place)),
            None => self.named(at, SqlExpr::column(self.database.row_id[0])),
        }
    }

    /// What a query gives, in the form that equal values have, where that is asked of the query.
    fn output_once(&self, expr: SqlExpr, given: &Given) -> SqlExpr {
        if self.levels.last().is_some_and(|level| level.once) {
            self.once(expr, given)
        } else {
            self.as_column(expr, given)
        }
    }

    /// A value as it is read: keys of documents as JSON, as which every type reads them.
    fn given(&mut self, node: Node) -> Result<(SqlExpr, Wire)> {
        let is_column = matches!(node, Node::Column(_));
        let (expr, given) = self.operand(node)?;
        let is_key = is_column && given.field.is_some_and(Field::is_inside);
        let is_plain = given.ty == Type::Decimal
            || (is_key && given.ty.is_scalar() && given.ty != Type::Bytes);
        if is_plain && self.levels.last().is_some_and(|level| level.beside) {
            // As JSON, `"1.0"` and `"1.00"` would be two texts, and no column has that type.
            return Ok((given.read(self.output_once(expr, &given)), given.wire));
        }
        Ok(match given.field {
            Some(field) if is_column && field.is_inside() => {
                (as_json(expr), Wire::one(Scalar::Json))
            }
            None if matches!(expr, SqlExpr::Path { ty: Type::Json, .. }) => {
                (as_json(expr), given.wire)
            }
            _ => (given.read(expr), given.wire),
        })
    }

    /// The condition of an UPDATE or DELETE, and the name that the table needs in it.
    pub(crate) fn only(
        mut self,
        parts: Parts,
        named: bool,
    ) -> Result<(Option<SqlExpr>, Option<String>, Params)> {
        self.names = 1;
        let meta = parts.tables[0].meta;
        let own = self.own_rows(meta)?.map(|own| qualify(0, named, own));
        if !parts.is_by_filter() {
            let mut key = meta.key_columns();
            if key.is_empty() {
                key.extend(self.database.row_id.iter().map(|&column| column.to_owned()));
            }
            let (select, _) = self.select(parts.keys(self.database.row_id))?;
            let rows = Box::new(select.materialize(key.clone()));
            let alias = named.then(|| Lower::name(0));
            // The owner of a row may change while the statement runs: it is compared again.
            let filter = SqlExpr::all([SqlExpr::InRows(key, rows)].into_iter().chain(own));
            return Ok((filter, alias, self.params));
        }
        self.levels.push(Level::of_change(named));
        let filter = parts.filter.map(|filter| self.condition(filter)).transpose()?;
        let state = match parts.deleted {
            Deleted::Without => meta.live(),
            Deleted::With => None,
            Deleted::Only => meta.live().map(|live| !live),
        };
        let state = state.map(|state| qualify(0, named, state));
        let filter = SqlExpr::all(filter.into_iter().chain(state).chain(own));
        Ok((filter, named.then(|| Lower::name(0)), self.params))
    }

    /// How many rows a query has.
    pub(crate) fn count(&mut self, parts: Parts) -> Result<Select> {
        if parts.is_plain() {
            let outputs = vec![Output::Value(Node::Count)];
            return Ok(self
                .select(Parts { outputs, order: Vec::new(), counted: true, ..parts })?
                .0);
        }
        let (select, _) = self.select(parts)?;
        let columns = (0..select.columns.len()).map(|number| format!("c{number}")).collect();
        Ok(Select { columns: vec![SqlExpr::Count], ..select.materialize(columns) })
    }
}

/// A column as it is, not as it is read.
fn without_cast(expr: SqlExpr) -> SqlExpr {
    match expr {
        SqlExpr::As(inner, _) => without_cast(*inner),
        SqlExpr::Call(Function::AddressText, mut of) if of.len() == 1 => without_cast(of.remove(0)),
        SqlExpr::Of(table, inner) => SqlExpr::Of(table, Box::new(without_cast(*inner))),
        expr => expr,
    }
}

/// An expression of the table with that number, with its name where it is needed.
fn qualify(number: usize, named: bool, expr: SqlExpr) -> SqlExpr {
    if named { SqlExpr::Of(Lower::name(number), Box::new(expr)) } else { expr }
}
