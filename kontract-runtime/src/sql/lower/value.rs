//! Values beside fields, lists of them, texts and elements: as parameters.

use kontract_schema::Type;
use kontract_schema::dialect::dml;
use kontract_schema::model::{SqlKind, SqlType};
use kontract_schema::sql::dml::{Collation, Each, SqlExpr, TextComparison, ValueList};

use super::{Given, Lower};
use crate::error::{Error, Kind as ErrorKind, Result};
use crate::sql::own_type;
use crate::sql::tree::Matched;
use crate::sql::tree::node::{Field, Node, Text};
use crate::value::datum::Datum;
use crate::value::types::to_base64;
use crate::value::wire::{Scalar, Wire};

impl Lower {
    /// Whether values of the field travel as JSON, so that SQLite reads them as it reads those of
    /// documents: not always as the nearest number.
    fn is_parsed(&self, field: Field) -> bool {
        let is_fraction = matches!(field.meta.ty(field.place), Type::Number | Type::Float32);
        is_fraction && !self.database.reads_json_fractions_exactly && field.is_inside()
    }

    /// A value to compare the field with.
    pub(super) fn value(&mut self, field: Field, value: Datum<'static>) -> SqlExpr {
        let (wire, value) = self.wire(field, value);
        let param = SqlExpr::Param(self.params.push(wire, value));
        if self.is_parsed(field) {
            return SqlExpr::Parsed(Box::new(param));
        }
        let (meta, place) = (field.meta, field.place);
        let param = meta.compared(place, param);
        let own = meta.own_type(place);
        let given = Given { field: Some(field), ty: meta.ty(place).clone(), wire, own };
        self.comparable(param, &given)
    }

    /// How a value of the field travels; in a document bytes are base64 (`Vec<u8>`: a list), and
    /// numbers are of one precision.
    fn wire(&self, field: Field, value: Datum<'static>) -> (Wire, Datum<'static>) {
        let own = field.meta.wires[field.place];
        if !field.is_inside() {
            return (own, self.list_as_stored(field, value));
        }
        if self.is_parsed(field) {
            return (Wire::one(Scalar::Json), endless(value));
        }
        match (field.meta.ty(field.place), value) {
            (Type::Float32, Datum::F32(number)) => {
                (Wire::one(Scalar::F64), Datum::F64(as_written(number)))
            }
            (Type::Bytes, Datum::Bytes(bytes)) => {
                (Wire::one(Scalar::Text), Datum::Text(to_base64(&bytes).into()))
            }
            (Type::Bytes, Datum::Array(bytes)) => {
                let list = Datum::Text(list_of_bytes(&bytes, self.database.json_comma).into());
                (Wire::one(Scalar::Text), list)
            }
            (Type::Array(_), value) => (Wire::one(Scalar::Json), value),
            (_, value) => (own, value),
        }
    }

    /// A list as its column stores it, where lists are compared as their JSON; unchanged if the column
    /// cannot store it.
    fn list_as_stored(&self, field: Field, value: Datum<'static>) -> Datum<'static> {
        if self.database.has_arrays || !matches!(value, Datum::Array(_)) {
            return value;
        }
        match field.meta.fit_key(field.place, value.borrowed()) {
            Ok(stored) => stored.into_owned(),
            Err(_) => value,
        }
    }

    pub(super) fn any_of(&mut self, of: Node, values: Vec<Datum<'static>>) -> Result<SqlExpr> {
        let (expr, given) = self.operand(of)?;
        let each = self.each(&given);
        let expr = self.comparable(expr, &given);
        if let Some(field) = given.field
            && field.meta.wires[field.place].is_list()
        {
            // A list of lists would be a matrix.
            let equal = |value| expr.clone().eq(self.value(field, value));
            return Ok(if values.is_empty() {
                SqlExpr::Number(0).eq(SqlExpr::Number(1))
            } else {
                SqlExpr::Or(values.into_iter().map(equal).collect())
            });
        }
        let list = self.list(&given, values);
        Ok(SqlExpr::AnyOf { of: Box::new(expr), list, each })
    }

    /// Values that rows match, and that have numbers.
    pub(super) fn value_list(&mut self, matched: Matched) -> Result<ValueList> {
        let (of, given) = self.operand(matched.of)?;
        let each = self.each(&given);
        let of = self.comparable(of, &given);
        Ok(ValueList { of, list: self.list(&given, matched.values), each })
    }

    /// Values as one parameter: its number.
    fn list(&mut self, given: &Given, values: Vec<Datum<'static>>) -> usize {
        let Some(field) = given.field else {
            return self.params.push(given.wire.many(), Datum::Array(values));
        };
        let mut wire = field.meta.wires[field.place];
        let mut list = Vec::with_capacity(values.len());
        for value in values {
            let (of, value) = self.wire(field, value);
            if value != Datum::Null {
                wire = of;
            }
            list.push(value);
        }
        self.params.push(wire.many(), Datum::Array(list))
    }

    /// As what the elements of a list have to be, to be compared with it.
    fn each(&self, given: &Given) -> Each {
        if given.field.is_some_and(|field| self.is_parsed(field)) {
            return Each::Parsed;
        }
        if given.field.is_some_and(|field| !field.is_inside()) && given.is_number_as_text() {
            // The collation of the other side compares them on SQLite.
            return given
                .own
                .map_or(Each::Itself, |own| Each::As(dml::casts_to_compare(own, &given.ty)));
        }
        let casts = self.database.casts_list_elements;
        if let Some(each) = given.own.and_then(|own| own_type::each(own, &given.ty, casts)) {
            return each;
        }
        match self.comparable(SqlExpr::Null, given) {
            SqlExpr::Numeric(_) => Each::Numeric,
            SqlExpr::Moment(_) => Each::Moment,
            _ => Each::Itself,
        }
    }

    pub(super) fn text(&mut self, of: Node, op: Text, text: String) -> Result<SqlExpr> {
        let (of, given) = self.operand(of)?;
        let is_text = given.own.is_none_or(|own| dml::compares_directly(own, &given.ty));
        // Other types compare texts by rules of their own, `citext` without upper and lower case.
        let of = match given.own.map(SqlType::kind) {
            Some(SqlKind::Char(_)) => given.read(of),
            _ if is_text => of,
            _ => given.read(of),
        };
        if op == Text::Matches && !self.database.has_text_search {
            let what = format!("{} has no full text search on ordinary tables", self.database.name);
            let help = "use `contains`, or PostgreSQL";
            return Err(Error::new(ErrorKind::Unsupported, what).with_help(help));
        }
        let is_glob = op == Text::Like && !self.database.has_case_sensitive_like;
        let text = if is_glob { glob(&text) } else { text };
        let param =
            SqlExpr::Param(self.params.push(Wire::one(Scalar::Text), Datum::Text(text.into())));
        let (of, param) = (Box::new(of), Box::new(param));
        Ok(match op {
            Text::Like => SqlExpr::Text(TextComparison::Pattern, of, param),
            Text::Contains => SqlExpr::Text(TextComparison::Contains, of, param),
            Text::StartsWith => SqlExpr::Text(TextComparison::StartsWith, of, param),
            Text::Matches => SqlExpr::Matches(of, param),
        })
    }

    pub(super) fn has(
        &mut self,
        list: Node,
        element: Datum<'static>,
        json: String,
    ) -> Result<SqlExpr> {
        let (list, given) = self.operand(list)?;
        let list = match given.own.map(|own| own.kind().innermost()) {
            // A cast to `bit(n)` would cut the element.
            Some(SqlKind::Bit(_)) => SqlExpr::As(Box::new(list), "varbit[]".to_owned()),
            _ => list,
        };
        let is_json = given.wire == Wire::one(Scalar::Json);
        let wire = match &given.ty {
            Type::Array(_) if given.wire.is_list() => Wire::one(given.wire.scalar),
            Type::Array(element) => Wire::for_type(element),
            _ => Wire::one(Scalar::Json),
        };
        // In a JSON list, bytes are base64.
        let (wire, element) = match element {
            Datum::Bytes(bytes) if !self.database.has_arrays => {
                (Wire::one(Scalar::Text), Datum::Text(to_base64(&bytes).into()))
            }
            element => (wire, element),
        };
        let is_fraction = matches!(element, Datum::F32(_) | Datum::F64(_));
        let nested = is_json && json.starts_with(['[', '{']);
        let by_json = if self.database.has_arrays {
            is_json
        } else {
            let is_parsed = is_fraction && !self.database.reads_json_fractions_exactly;
            is_parsed || matches!(element, Datum::Json(_))
        };
        let element = if by_json {
            let json = self.params.push(Wire::one(Scalar::Json), Datum::Json(json.into()));
            SqlExpr::Parsed(Box::new(SqlExpr::Param(json)))
        } else {
            let param = SqlExpr::Param(self.params.push(wire, element));
            match (given.own, &given.ty) {
                (Some(own), Type::Array(of)) => own_type::element(own, of, param),
                (None, Type::Array(of)) if **of == Type::Decimal => {
                    SqlExpr::Collated(Box::new(param), Collation::Decimal)
                }
                _ => param,
            }
        };
        Ok(SqlExpr::HasElement {
            list: Box::new(list),
            json: is_json,
            nested,
            element: Box::new(element),
        })
    }
}

/// The number that JSON has for one of single precision: of the fewest digits.
pub(super) fn as_written(number: f32) -> f64 {
    number.to_string().parse().unwrap_or(f64::from(number))
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

/// A list of numbers as `->>` returns it.
fn list_of_bytes(bytes: &[Datum<'_>], comma: &str) -> String {
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
