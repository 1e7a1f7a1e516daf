//! Expressions and queries as statement trees, their values as parameters.

mod assign;
pub(crate) mod keyset;
mod owner;
mod recursive;
mod select;
mod value;

use std::sync::Arc;

use kontract_schema::dialect::{Dialect, dml};
use kontract_schema::model::{RangeOf, SqlKind, SqlType};
use kontract_schema::sql::dml::{
    Collation, Compare as Op, Function, Order as By, RangeTest, Select, SqlExpr,
};
use kontract_schema::{Field as Model, Type};

use crate::driver::capabilities::QueryCapabilities;
use crate::error::{Error, Kind, Result};
use crate::sql::own_type;
use crate::sql::owner::Owner;
use crate::sql::scope::At;
use crate::sql::tree::Parts;
use crate::sql::tree::node::{Chain, Compare, Field, Node};
use crate::value::datum::Datum;
use crate::value::wire::{Scalar, Wire};

/// Parameters as they are numbered.
#[derive(Default)]
pub(crate) struct Params {
    pub(crate) wires: Vec<Wire>,
    pub(crate) values: Vec<Datum<'static>>,
}

impl Params {
    /// The number of a new parameter.
    pub(crate) fn push(&mut self, wire: Wire, value: Datum<'static>) -> usize {
        self.wires.push(wire);
        self.values.push(value);
        self.wires.len()
    }
}

/// Lowers one statement.
pub(crate) struct Lower {
    database: &'static QueryCapabilities,
    pub(crate) params: Params,
    /// The queries around what is lowered, the outermost first.
    levels: Vec<Level>,
    /// How many tables have a name so far.
    names: usize,
    /// The owner whose rows the statement sees.
    owner: Option<Arc<Owner>>,
    /// The number of the parameter that the owners of rows are compared with.
    owner_parameter: Option<usize>,
}

/// A query that is being lowered.
struct Level {
    /// The number of its first table.
    first: usize,
    /// Whether columns need the names of their tables.
    named: bool,
    /// Whether its tables may have no row for a row of the query.
    missing: Vec<bool>,
    /// Whether values that are equal have to be so as the database keeps them.
    once: bool,
    /// Whether its values stand beside others: those of other queries, or of other rows that may be equal.
    /// Keys of documents are then read as what they are, not as JSON.
    beside: bool,
}

impl Level {
    /// The level of a statement that changes its one table.
    fn of_change(named: bool) -> Level {
        Level { first: 0, named, missing: vec![false], once: false, beside: false }
    }
}

/// The type of an expression.
struct Given {
    /// The field, where it is one and nothing else.
    field: Option<Field>,
    ty: Type,
    wire: Wire,
    /// The type that the source gives for its column.
    own: Option<&'static SqlType>,
}

impl Lower {
    /// For a statement whose own parameters are those, and that sees the rows of the owner if there is one.
    pub(crate) fn new(dialect: Dialect, params: Params, owner: Option<Arc<Owner>>) -> Lower {
        let database = QueryCapabilities::for_dialect(dialect);
        Lower { database, params, levels: Vec::new(), names: 0, owner, owner_parameter: None }
    }

    /// The name of a table in the statement.
    pub(crate) fn name(number: usize) -> String {
        format!("t{number}")
    }

    /// An order.
    fn order(&mut self, node: Node, descending: bool) -> Result<By> {
        let nullable = self.is_nullable(&node);
        let (by, given) = self.operand(node)?;
        self.check_order(&given)?;
        let by = ranked(self.comparable(by, &given), &given);
        Ok(By { by, descending, nullable })
    }

    /// Refuses an order that is not that of PostgreSQL.
    fn check_order(&self, given: &Given) -> Result<()> {
        if let Some(field) =
            given.field.filter(|field| field.is_inside() && !field.sorts_in_documents)
        {
            let name = &field.meta.table.schema[field.place].name;
            let what = format!(
                "`{name}` is a text of the document, which has another order than its values"
            );
            let help = "a table with the layout `columns` orders it; `eq` and `contains` work in documents, too";
            return Err(Error::new(Kind::Unsupported, what).with_help(help));
        }
        let is_vector = given.own.is_some_and(|own| matches!(own.kind(), SqlKind::Vector(_)));
        if matches!(given.ty, Type::Array(_)) && !is_vector {
            // PostgreSQL compares the elements, SQLite the text of the JSON.
            let what = match given.field {
                Some(field) => {
                    let name = &field.meta.table.schema[field.place].name;
                    format!("`{name}` is a list, and the databases order lists differently")
                }
                None => "the databases order lists differently".to_owned(),
            };
            let help = "order by another field, or test the elements: `has`, `eq`";
            return Err(Error::new(Kind::Unsupported, what).with_help(help));
        }
        let Some(own) = given.own.filter(|_| !self.database.has_decimals_and_dates) else {
            return Ok(());
        };
        if !own_type::sorts_as_text(own, &given.ty) {
            return Ok(());
        }
        let name = self.database.name;
        let what = format!("{name} keeps `{}` as text, which has another order", own.as_str());
        let help = "use a Rust type that sorts, such as `kontract::value::IpNet` for `inet` or `i64` for `bigint`";
        Err(Error::new(Kind::Unsupported, what).with_help(help))
    }

    /// Whether it can be NULL.
    fn is_nullable(&self, node: &Node) -> bool {
        let Node::Column(field) = node else { return true };
        let is_missing = match self.level(field.at) {
            Some(level) => level.missing.get(usize::from(field.at.place)),
            None => None,
        };
        field.meta.table.schema[field.place].optional || is_missing.copied().unwrap_or(true)
    }

    /// The query that a table is of.
    fn level(&self, at: At) -> Option<&Level> {
        let level = self.levels.len().checked_sub(1 + usize::from(at.level))?;
        self.levels.get(level)
    }

    /// A condition.
    fn condition(&mut self, node: Node) -> Result<SqlExpr> {
        match node {
            Node::Refused(why) => Err(why.into_error()),
            Node::IsNull(of) => Ok(self.nullable(*of)?.is_null()),
            Node::Not(inner) => Ok(!self.condition(*inner)?),
            Node::And(all) => Ok(SqlExpr::And(self.nodes(all)?)),
            Node::Or(all) => Ok(SqlExpr::Or(self.nodes(all)?)),
            Node::Compare { op, left, right } => self.compare(op, *left, *right),
            Node::In { of, values } => self.any_of(*of, values),
            Node::InQuery { of, query } => self.in_query(*of, *query),
            Node::Exists(query) => {
                let (select, _) = self.select(query.for_existence())?;
                Ok(SqlExpr::Exists(Box::new(select)))
            }
            Node::Text { of, op, text } => self.text(*of, op, text),
            Node::Has { list, element, json } => self.has(*list, element, json),
            Node::Ranges { test, of, range, other } => self.ranges(test, of, *range, *other),
            value => Ok(self.operand(value)?.0),
        }
    }

    // Conditions nest, and each level needs a frame of `condition`: what an arm computes is in a
    // function of its own.

    fn compare(&mut self, op: Compare, left: Node, right: Node) -> Result<SqlExpr> {
        let op = match op {
            Compare::Eq => Op::Eq,
            Compare::Ne => Op::Distinct,
            Compare::Lt => Op::Lt,
            Compare::Le => Op::Le,
            Compare::Gt => Op::Gt,
            Compare::Ge => Op::Ge,
        };
        let (left, given) = self.operand(left)?;
        if !matches!(op, Op::Eq | Op::Distinct) {
            self.check_order(&given)?;
        }
        let right = self.beside(&given, right)?;
        let (left, right) = alike(self.comparable(left, &given), right);
        let (left, right) = match op {
            Op::Eq | Op::Distinct => (left, right),
            _ => (ranked(left, &given), ranked(right, &given)),
        };
        Ok(SqlExpr::Compare(op, Box::new(left), Box::new(right)))
    }

    fn in_query(&mut self, of: Node, query: Parts) -> Result<SqlExpr> {
        let (of, given) = self.operand(of)?;
        // Of both the form that equal values have.
        let (mut select, _) = self.select(Parts { once: true, ..query })?;
        if let Some(own) = given.own.filter(|own| !dml::compares_directly(own, &given.ty)) {
            compare_columns(&mut select, own, &given.ty);
        }
        Ok(SqlExpr::InSelect(Box::new(self.once(of, &given)), Box::new(select)))
    }

    fn ranges(
        &mut self,
        test: RangeTest,
        of: RangeOf,
        range: Node,
        other: Node,
    ) -> Result<SqlExpr> {
        let (range, given) = self.operand(range)?;
        let other = if test == RangeTest::ContainsValue {
            let (other, given) = self.operand(other)?;
            given.read(other)
        } else {
            self.beside(&given, other)?
        };
        Ok(SqlExpr::Ranges { test, of, range: Box::new(range), other: Box::new(other) })
    }

    fn nodes(&mut self, nodes: Chain) -> Result<Vec<SqlExpr>> {
        let mut conditions = Vec::new();
        for node in nodes {
            conditions.push(self.condition(node)?);
        }
        Ok(conditions)
    }

    /// An expression and its type.
    fn operand(&mut self, node: Node) -> Result<(SqlExpr, Given)> {
        match node {
            Node::Column(field) => {
                let given = Given {
                    field: Some(field),
                    ty: field.meta.ty(field.place).clone(),
                    wire: natural_wire(field),
                    own: field.meta.own_type(field.place),
                };
                Ok((self.field(field)?, given))
            }
            Node::Hidden(at, column) => {
                let given = Given::computed(Type::Bigint, Wire::one(Scalar::I64));
                Ok((self.named(at, SqlExpr::column(column))?, given))
            }
            Node::ValueNumber => {
                let given = Given::computed(Type::Bigint, Wire::one(Scalar::I64));
                Ok((SqlExpr::ValueNumber, given))
            }
            Node::Count => {
                Ok((SqlExpr::Count, Given::computed(Type::Bigint, Wire::one(Scalar::I64))))
            }
            Node::Constant { value, ty } => {
                let wire = Wire::for_type(&ty);
                let param = SqlExpr::Param(self.params.push(wire, value));
                let typed = SqlExpr::As(Box::new(param), dml::parameter_type(&ty));
                Ok((typed, Given::computed(ty, wire)))
            }
            Node::Scalar(query) => {
                let (select, wires) = self.select(*query)?;
                let wire = wires.first().copied().unwrap_or(Wire::one(Scalar::Json));
                let given = Given::computed(Type::Sql, wire);
                Ok((SqlExpr::Scalar(Box::new(select)), given))
            }
            Node::Path { of, keys, ty, wire, checked } => {
                let (of, given) = self.operand(*of)?;
                let of = given.read(of);
                let path = SqlExpr::Path { of: Box::new(of), keys, ty: ty.clone(), checked };
                Ok((path, Given::computed(ty, wire)))
            }
            Node::Call { function, args, result } => self.call(function, args, result),
            Node::Value(_) => Err(Error::value("the type of a value is not known here")),
            Node::Refused(why) => Err(why.into_error()),
            condition => {
                let given = Given::computed(Type::Boolean, Wire::one(Scalar::Bool));
                Ok((self.condition(condition)?, given))
            }
        }
    }

    fn call(
        &mut self,
        function: Function,
        args: Vec<Node>,
        result: Option<(Type, Wire)>,
    ) -> Result<(SqlExpr, Given)> {
        let mut args = args.into_iter();
        let Some(first) = args.next() else {
            return Err(Error::value("a function without arguments"));
        };
        let (first, given) = self.operand(first)?;
        if matches!(function, Function::Min | Function::Max)
            && let Some(names) = declared_variants(&given)
        {
            let least = SqlExpr::Call(function, vec![ranked(first, &given)]);
            let least = SqlExpr::Unranked(Box::new(least), names.to_vec());
            return Ok((least, Given { field: None, ..given }));
        }
        let own = if result.is_none() { given.own.filter(|_| keeps_type(function)) } else { None };
        let (function, first) = self.aggregated(function, first, &given)?;
        let mut all = vec![first];
        for arg in args {
            all.push(match arg {
                Node::Value(value) => self.plain(&given, value),
                arg => {
                    let (arg, other) = self.operand(arg)?;
                    given.met_by(arg, &other)
                }
            });
        }
        let (ty, wire) = result.unwrap_or((given.ty, given.wire));
        Ok((SqlExpr::Call(function, all), Given { field: None, ty, wire, own }))
    }

    /// SQLite keeps decimals, and documents keep dates with time, as text, of which its own aggregates
    /// make something else.
    fn aggregated(
        &self,
        function: Function,
        of: SqlExpr,
        given: &Given,
    ) -> Result<(Function, SqlExpr)> {
        let of = if keeps_type(function) { of } else { given.read(of) };
        if matches!(function, Function::Min | Function::Max) {
            self.check_order(given)?;
        }
        if matches!(function, Function::Min | Function::Max) && !has_least(given) {
            let name = match given.field {
                Some(field) => format!("`{}`", field.meta.table.schema[field.place].name),
                None => "an expression".to_owned(),
            };
            let what =
                format!("{name} has a type without a least and a greatest value on every database");
            let help = "order by it, and take the `first` row";
            return Err(Error::new(Kind::Unsupported, what).with_help(help));
        }
        let is_decimal = given.is_number_as_text();
        let is_text =
            is_decimal || matches!(self.comparable(SqlExpr::Null, given), SqlExpr::Moment(_));
        let function = match function {
            Function::CountDistinct => return Ok((function, self.once(of, given))),
            Function::Avg if is_decimal => return Ok((function, SqlExpr::Numeric(Box::new(of)))),
            // A sum of single precision would be one, too.
            Function::Sum if given.wire.scalar == Scalar::F32 => {
                return Ok((
                    function,
                    SqlExpr::As(Box::new(of), dml::parameter_type(&Type::Number)),
                ));
            }
            Function::Sum if is_decimal => Function::SumOfTexts,
            Function::Min if is_text => Function::MinOfTexts,
            Function::Max if is_text => Function::MaxOfTexts,
            function => return Ok((function, of)),
        };
        if self.database.has_decimals_and_dates {
            return Ok((function, of));
        }
        Ok((function, map_json(of, |_| Type::String)))
    }

    /// The other side of a comparison.
    fn beside(&mut self, given: &Given, node: Node) -> Result<SqlExpr> {
        match node {
            Node::Value(value) => Ok(match given.field {
                Some(field) => self.value(field, value),
                None => self.plain(given, value),
            }),
            node => {
                let (expr, other) = self.operand(node)?;
                let expr = given.met_by(expr, &other);
                Ok(self.comparable(expr, &other))
            }
        }
    }

    /// A value beside something computed.
    fn plain(&mut self, given: &Given, value: Datum<'static>) -> SqlExpr {
        let value = match (value, given.wire.scalar) {
            // The types of numbers in documents are wider than those of their fields.
            (Datum::I16(number), Scalar::I64) => Datum::I64(number.into()),
            (Datum::I32(number), Scalar::I64) => Datum::I64(number.into()),
            (Datum::F32(number), Scalar::F64) => Datum::F64(value::as_written(number)),
            (value, _) => value,
        };
        let param = SqlExpr::Param(self.params.push(given.wire, value));
        match given.own {
            Some(own) => own_type::compared(own, &given.ty, param),
            None => param,
        }
    }

    /// A field, with the name of its table where the statement has several.
    fn field(&self, field: Field) -> Result<SqlExpr> {
        self.named(field.at, inside(field))
    }

    /// An expression of a table, with the name of the table where the statement has several.
    fn named(&self, at: At, expr: SqlExpr) -> Result<SqlExpr> {
        let Some(level) = self.level(at) else {
            return Err(Error::value("a column of a query that is not around this one"));
        };
        if !level.named {
            return Ok(expr);
        }
        let table = Lower::name(level.first + usize::from(at.place));
        Ok(SqlExpr::Of(table, Box::new(expr)))
    }

    /// An expression that is NULL where the value is missing: JSON of a document as text, because
    /// the `null` of JSON is a value.
    fn nullable(&mut self, node: Node) -> Result<SqlExpr> {
        let (expr, given) = self.operand(node)?;
        Ok(match given.field {
            Some(field) if !field.is_inside() => expr,
            _ => map_json(expr, |ty| match ty {
                Type::Json | Type::Object(_) | Type::Array(_) => Type::String,
                Type::Instant | Type::DateTime | Type::Day | Type::Time => Type::String,
                // As the conditions of indexes have it: they serve only the same expression.
                ty => ty,
            }),
        })
    }

    /// An expression whose values are the same where they are equal: of decimals, which SQLite keeps
    /// as they were written, `1.0` and `1.00`.
    fn once(&self, expr: SqlExpr, given: &Given) -> SqlExpr {
        if given.ty == Type::Decimal && !self.database.has_decimals_and_dates {
            return SqlExpr::Plain(Box::new(map_json(expr, |_| Type::String)));
        }
        self.as_column(expr, given)
    }

    /// A key of a document as a column keeps it: SQLite has the text that serde has written.
    fn as_column(&self, expr: SqlExpr, given: &Given) -> SqlExpr {
        if self.database.has_decimals_and_dates {
            return expr;
        }
        let as_text = |expr| map_json(expr, |_| Type::String);
        match (&given.ty, self.comparable(SqlExpr::Null, given)) {
            (Type::Decimal, _) => as_text(expr),
            (_, SqlExpr::Moment(_)) => SqlExpr::Plain(Box::new(as_text(expr))),
            _ => expr,
        }
    }

    /// An expression that compares as its values do.
    fn comparable(&self, expr: SqlExpr, given: &Given) -> SqlExpr {
        let is_inside = given.field.is_some_and(Field::is_inside);
        if given.field.is_some() && !is_inside && given.is_number_as_text() {
            return SqlExpr::Collated(Box::new(expr), Collation::Decimal);
        }
        let innermost = given.own.map(|own| own.kind().innermost());
        if matches!((&given.ty, innermost), (Type::Array(_), Some(SqlKind::Bit(_)))) {
            // As what a list of bit strings is compared with, which are of any length.
            return SqlExpr::As(Box::new(expr), "varbit[]".to_owned());
        }
        match given.ty {
            Type::Decimal => SqlExpr::Numeric(Box::new(expr)),
            Type::Instant | Type::DateTime | Type::Time if is_inside => {
                SqlExpr::Moment(Box::new(expr))
            }
            _ => expr,
        }
    }
}

impl Given {
    /// Of something that is not a field.
    fn computed(ty: Type, wire: Wire) -> Given {
        Given { field: None, ty, wire, own: None }
    }

    /// Whether SQLite keeps it as the text of a number.
    fn is_number_as_text(&self) -> bool {
        let is_numeric = |own: &SqlType| matches!(own.kind(), SqlKind::Numeric(_));
        self.ty == Type::Decimal
            || (matches!(self.ty, Type::Sql | Type::String) && self.own.is_some_and(is_numeric))
    }

    /// The expression as its Rust type is read.
    fn read(&self, expr: SqlExpr) -> SqlExpr {
        match self.own {
            Some(own) => own_type::read(own, &self.ty, expr),
            None => expr,
        }
    }

    /// Another expression as what this one can be compared with.
    fn met_by(&self, expr: SqlExpr, other: &Given) -> SqlExpr {
        let is_direct =
            |given: &Given| given.own.is_none_or(|own| dml::compares_directly(own, &given.ty));
        match (self.own, other.own) {
            (Some(own), Some(others))
                if own.kind().without_limits() == others.kind().without_limits() =>
            {
                expr
            }
            (Some(own), _) if !is_direct(self) => {
                own_type::compared(own, &self.ty, other.read(expr))
            }
            _ if is_direct(other) => expr,
            _ => other.read(expr),
        }
    }
}

/// Whether the result has the type of the column that it is made of.
fn keeps_type(function: Function) -> bool {
    matches!(
        function,
        Function::Coalesce
            | Function::Min
            | Function::Max
            | Function::Count
            | Function::CountDistinct
    )
}

/// The variants of a column with an enum type, in their order.
fn declared_variants(given: &Given) -> Option<&'static [String]> {
    let field = given.field.filter(|field| !field.is_inside())?;
    match &field.meta.table.schema[field.place] {
        Model { native: true, ty: Type::Enum(names), .. } => Some(names),
        _ => None,
    }
}

/// A value of an enum type by its place in the order of the type.
fn ranked(expr: SqlExpr, given: &Given) -> SqlExpr {
    match declared_variants(given) {
        Some(names) => SqlExpr::Ranked(Box::new(expr), names.to_vec()),
        None => expr,
    }
}

/// Whether PostgreSQL has `min` and `max` of it, and SQLite's mean the same.
fn has_least(given: &Given) -> bool {
    !matches!(
        given.ty,
        Type::Boolean | Type::Uuid | Type::Bytes | Type::Json | Type::Object(_) | Type::Array(_)
    ) && given.own.is_none_or(|own| own_type::has_least(own.kind()))
}

/// The only column of a select, and of those that it is united with, as what a column of that type
/// compares.
fn compare_columns(select: &mut Select, own: &SqlType, ty: &Type) {
    for column in &mut select.columns {
        let inner = std::mem::replace(column, SqlExpr::Null);
        *column = own_type::compared(own, ty, inner);
    }
    for (_, other) in &mut select.union {
        compare_columns(other, own, ty);
    }
}

/// A field, without the name of its table.
fn inside(field: Field) -> SqlExpr {
    let model = &field.meta.table.schema[field.place];
    if field.is_inside() {
        SqlExpr::Json { key: model.column().to_owned(), ty: model.ty.clone() }
    } else {
        SqlExpr::column(model.column())
    }
}

/// A key of a document, or the end of a path, as another type.
fn map_json(expr: SqlExpr, ty: impl Fn(Type) -> Type) -> SqlExpr {
    match expr {
        SqlExpr::Json { key, ty: was } => SqlExpr::Json { key, ty: ty(was) },
        SqlExpr::Path { of, keys, ty: was, checked } => {
            SqlExpr::Path { of, keys, ty: ty(was), checked }
        }
        SqlExpr::Of(table, inner) => SqlExpr::Of(table, Box::new(map_json(*inner, ty))),
        other => other,
    }
}

/// Both as moments where one is: a moment of a document compared with that of a column. The same of
/// decimals, which documents compare as numbers.
fn alike(left: SqlExpr, right: SqlExpr) -> (SqlExpr, SqlExpr) {
    let moment = |expr| match expr {
        SqlExpr::Moment(_) => expr,
        expr => SqlExpr::Moment(Box::new(expr)),
    };
    let number = |expr| match expr {
        SqlExpr::Collated(inner, Collation::Decimal) => SqlExpr::Numeric(inner),
        expr => expr,
    };
    match (&left, &right) {
        (SqlExpr::Moment(_), _) | (_, SqlExpr::Moment(_)) => (moment(left), moment(right)),
        (SqlExpr::Collated(..), SqlExpr::Numeric(_)) => (number(left), right),
        (SqlExpr::Numeric(_), SqlExpr::Collated(..)) => (left, number(right)),
        _ => (left, right),
    }
}

/// A key of a document as JSON; NULL where the key is missing or `null`.
fn as_json(expr: SqlExpr) -> SqlExpr {
    let text = map_json(expr.clone(), |_| Type::String);
    let json = map_json(expr, |_| Type::Json);
    SqlExpr::Case(Box::new(text.is_null()), Box::new(SqlExpr::Null), Box::new(json))
}

/// How a field travels when it is read or computed with: numbers of documents are of the widest
/// type of their kind.
fn natural_wire(field: Field) -> Wire {
    let own = field.meta.wires[field.place];
    if !field.is_inside() {
        return own;
    }
    match own.scalar {
        _ if own.is_list() => Wire::one(Scalar::Json),
        Scalar::I16 | Scalar::I32 => Wire::one(Scalar::I64),
        Scalar::F32 => Wire::one(Scalar::F64),
        Scalar::Bytes => Wire::one(Scalar::Text),
        _ => own,
    }
}
