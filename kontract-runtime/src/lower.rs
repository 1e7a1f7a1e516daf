//! Filters and orders of fields as expressions of columns, their values as parameters.

use kontract_schema::dialect::Dialect;
use kontract_schema::model::Type;
use kontract_schema::sql::dml::{Compare as Op, Expr, Order as By, Text as TextOp};

use crate::datum::Datum;
use crate::error::{Error, Result};
use crate::filter::{Compare, Node, Text};
use crate::meta::Meta;
use crate::types::to_base64;
use crate::wire::{Scalar, Wire};

/// Deeper filters are refused: SQLite takes expressions of 1000 levels, and a printer needs stack.
const DEPTH: usize = 200;

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

/// Lowers the filters of one statement.
pub(crate) struct Lower<'a> {
    pub(crate) meta: &'a Meta,
    pub(crate) dialect: Dialect,
    pub(crate) params: Params,
}

impl Lower<'_> {
    /// An order.
    pub(crate) fn order(&self, place: usize, descending: bool) -> By {
        let nullable = self.meta.table.schema[place].optional;
        By { by: self.comparable(place), descending, nullable }
    }

    /// A filter.
    pub(crate) fn filter(&mut self, node: Node) -> Result<Expr> {
        self.node(node, 0)
    }

    fn node(&mut self, node: Node, depth: usize) -> Result<Expr> {
        if depth > DEPTH {
            return Err(Error::value("the filter is nested too deeply"));
        }
        match node {
            Node::Refused(why) => Err(Error::value(why)),
            Node::IsNull { place } => Ok(self.nullable(place).is_null()),
            Node::Not(inner) => Ok(!self.node(*inner, depth + 1)?),
            Node::And(all) => Ok(Expr::And(self.nodes(all, depth)?)),
            Node::Or(all) => Ok(Expr::Or(self.nodes(all, depth)?)),
            Node::Compare { place, op, value } => {
                let op = match op {
                    Compare::Eq => Op::Eq,
                    Compare::Ne => Op::Distinct,
                    Compare::Lt => Op::Lt,
                    Compare::Le => Op::Le,
                    Compare::Gt => Op::Gt,
                    Compare::Ge => Op::Ge,
                };
                let right = self.value(place, value);
                Ok(Expr::Compare(op, Box::new(self.comparable(place)), Box::new(right)))
            }
            Node::In { place, values } => Ok(self.any_of(place, values)),
            Node::Text { place, op, text } => {
                let (op, text) = match (op, self.dialect) {
                    (Text::Contains, _) => (TextOp::Contains, text),
                    (Text::StartsWith, _) => (TextOp::StartsWith, text),
                    (Text::Like, Dialect::Postgres) => (TextOp::Pattern, text),
                    (Text::Like, Dialect::Sqlite) => (TextOp::Pattern, glob(&text)),
                };
                let param = self.params.push(Wire::one(Scalar::Text), Datum::Text(text.into()));
                Ok(Expr::Text(op, Box::new(self.field(place)), Box::new(Expr::Param(param))))
            }
        }
    }

    fn nodes(&mut self, nodes: Vec<Node>, depth: usize) -> Result<Vec<Expr>> {
        nodes.into_iter().map(|node| self.node(node, depth + 1)).collect()
    }

    fn field(&self, place: usize) -> Expr {
        let field = &self.meta.table.schema[place];
        match self.meta.is_inside(place) {
            true => Expr::Json { key: field.column().to_owned(), ty: field.ty.clone() },
            false => Expr::column(field.column()),
        }
    }

    /// The field as something that is NULL where it has no value: in a document as text, because
    /// JSON's `null` is a value as JSON.
    fn nullable(&self, place: usize) -> Expr {
        match self.field(place) {
            Expr::Json { key, .. } => Expr::Json { key, ty: Type::String },
            column => column,
        }
    }

    /// The field as something that compares as its values do.
    fn comparable(&self, place: usize) -> Expr {
        self.as_comparable(place, self.field(place))
    }

    fn as_comparable(&self, place: usize, expr: Expr) -> Expr {
        match self.meta.ty(place) {
            Type::Decimal => Expr::Numeric(Box::new(expr)),
            Type::Instant | Type::DateTime | Type::Time if self.meta.is_inside(place) => {
                Expr::Moment(Box::new(expr))
            }
            _ => expr,
        }
    }

    /// Whether values of the field travel as JSON, so that SQLite reads them as it reads those of
    /// documents: not always as the nearest number.
    fn is_parsed(&self, place: usize) -> bool {
        let is_fraction = matches!(self.meta.ty(place), Type::Number | Type::Float32);
        is_fraction && self.dialect == Dialect::Sqlite && self.meta.is_inside(place)
    }

    /// A value to compare the field with.
    fn value(&mut self, place: usize, value: Datum<'static>) -> Expr {
        let (wire, value) = self.wire(place, value);
        let param = Expr::Param(self.params.push(wire, value));
        if self.is_parsed(place) {
            return Expr::Parsed(Box::new(param));
        }
        let param = match (&self.meta.table.schema[place].sql_type, self.meta.is_inside(place)) {
            (Some(sql_type), false) => {
                let travels = kontract_schema::dialect::dml::travel_type(self.meta.ty(place));
                Expr::As(Box::new(Expr::As(Box::new(param), travels)), sql_type.clone())
            }
            _ => param,
        };
        self.as_comparable(place, param)
    }

    /// How a value of the field travels; in a document bytes are base64 (`Vec<u8>`: a list), and
    /// numbers are of one precision.
    fn wire(&self, place: usize, value: Datum<'static>) -> (Wire, Datum<'static>) {
        if !self.meta.is_inside(place) {
            return (self.meta.wires[place], value);
        }
        if self.is_parsed(place) {
            return (Wire::one(Scalar::Json), endless(value));
        }
        match (self.meta.ty(place), value) {
            (Type::Float32, Datum::F32(number)) => {
                let exact = number.to_string().parse().unwrap_or(f64::from(number));
                (Wire::one(Scalar::F64), Datum::F64(exact))
            }
            (Type::Bytes, Datum::Bytes(bytes)) => {
                (Wire::one(Scalar::Text), Datum::Text(to_base64(&bytes).into()))
            }
            (Type::Bytes, Datum::Array(bytes)) => {
                let list = Datum::Text(list_of_bytes(&bytes, self.dialect).into());
                (Wire::one(Scalar::Text), list)
            }
            (Type::Array(_), value) => (Wire::one(Scalar::Json), value),
            (_, value) => (self.meta.wires[place], value),
        }
    }

    fn any_of(&mut self, place: usize, values: Vec<Datum<'static>>) -> Expr {
        let field = &self.meta.table.schema[place];
        let as_text =
            matches!(field.ty, Type::Decimal | Type::Instant | Type::DateTime | Type::Time);
        let apart = self.meta.wires[place].is_list()
            || (field.sql_type.is_some() && !self.meta.is_inside(place))
            || (as_text && self.dialect == Dialect::Sqlite);
        if apart && values.is_empty() {
            return Expr::Number(0).eq(Expr::Number(1));
        }
        if apart {
            let equal = |value| {
                let right = self.value(place, value);
                self.comparable(place).eq(right)
            };
            return Expr::Or(values.into_iter().map(equal).collect());
        }
        let mut wire = self.meta.wires[place];
        let mut list = Vec::with_capacity(values.len());
        for value in values {
            let (of, value) = self.wire(place, value);
            if value != Datum::Null {
                wire = of;
            }
            list.push(value);
        }
        let param = self.params.push(wire.many(), Datum::Array(list));
        let parsed = self.is_parsed(place);
        Expr::AnyOf { of: Box::new(self.comparable(place)), list: param, parsed }
    }
}

/// An infinite number as JSON, which has none: too large to be another.
fn endless(number: Datum<'static>) -> Datum<'static> {
    let of = match number {
        Datum::F64(number) => number,
        Datum::F32(number) => f64::from(number),
        _ => return number,
    };
    match of {
        f64::INFINITY => Datum::Json("9e999".into()),
        f64::NEG_INFINITY => Datum::Json("-9e999".into()),
        _ => number,
    }
}

/// A list of numbers as `->>` gives it: PostgreSQL writes a space behind each comma.
fn list_of_bytes(bytes: &[Datum<'_>], dialect: Dialect) -> String {
    let comma = match dialect {
        Dialect::Postgres => ", ",
        Dialect::Sqlite => ",",
    };
    let number = |byte: &Datum<'_>| match byte {
        Datum::I16(number) => number.to_string(),
        _ => String::new(),
    };
    let numbers: Vec<String> = bytes.iter().map(number).collect();
    format!("[{}]", numbers.join(comma))
}

/// A LIKE pattern as a GLOB pattern, which minds upper and lower case on SQLite.
fn glob(like: &str) -> String {
    let mut glob = String::with_capacity(like.len());
    let mut letters = like.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '%' => glob.push('*'),
            '_' => glob.push('?'),
            letter => {
                let letter = if letter == '\\' { letters.next().unwrap_or('\\') } else { letter };
                match letter {
                    '*' | '?' | '[' => glob.extend(['[', letter, ']']),
                    letter => glob.push(letter),
                }
            }
        }
    }
    glob
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn patterns() {
        assert_eq!(glob("a%b_c"), "a*b?c");
        assert_eq!(glob(r"100\%*[x]?"), "100%[*][[]x][?]");
    }
}
