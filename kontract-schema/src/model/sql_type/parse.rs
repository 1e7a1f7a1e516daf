//! Reads the text of a column type, by the rules of
//! [PostgreSQL](https://www.postgresql.org/docs/current/datatype.html).

use std::fmt;

use super::{RangeOf, SqlKind, SqlType};
use crate::database::Dialect;
use crate::sqltext::{Token, TokenKind, tokens};

/// Why a text is not a column type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlTypeError(String);

impl fmt::Display for SqlTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SqlType {
    /// Reads a column type.
    ///
    /// # Errors
    /// A text that is not one type: no name, brackets that are not closed, arguments that the type does
    /// not take, anything after the type (`NOT NULL`, `DEFAULT …`).
    ///
    /// ```
    /// # use kontract_schema::model::sql_type::SqlType;
    /// let ty = SqlType::parse("VARCHAR( 20 )").unwrap();
    /// assert_eq!(ty, SqlType::parse("character varying(20)").unwrap());
    /// assert_eq!(ty.kind().to_string(), "character varying(20)");
    /// assert!(SqlType::parse("text NOT NULL").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<SqlType, SqlTypeError> {
        let tokens: Vec<_> = tokens(Dialect::Postgres, text).collect();
        if tokens.iter().any(|token| token.kind == TokenKind::Comment) {
            return fail("a comment in a type");
        }
        let tokens: Vec<_> = tokens.into_iter().filter(|token| !token.is_blank()).collect();
        let mut parser = Parser { rest: &tokens };
        let kind = parser.parse_type()?;
        let collation = parser.parse_collation()?;
        match parser.rest.first() {
            None => Ok(SqlType { text: text.trim().to_owned(), kind, collation }),
            Some(token) => fail(format!("`{}` after the type", token.text)),
        }
    }

    /// Reads a column type; a text that is not one is a type of that name.
    pub fn from_text(text: impl Into<String>) -> SqlType {
        let text = text.into();
        SqlType::parse(&text).unwrap_or_else(|_| {
            let name = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
            let kind = SqlKind::Named { name, arguments: Vec::new() };
            SqlType { text, kind, collation: None }
        })
    }
}

fn fail<T>(why: impl Into<String>) -> Result<T, SqlTypeError> {
    Err(SqlTypeError(why.into()))
}

struct Parser<'a, 't> {
    rest: &'a [Token<'t>],
}

impl<'t> Parser<'_, 't> {
    fn next(&mut self) -> Option<Token<'t>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn take(&mut self, word: &str) -> bool {
        let is_next = self.rest.first().is_some_and(|token| token.is(word));
        if is_next {
            self.next();
        }
        is_next
    }

    /// A type with its arguments and dimensions.
    fn parse_type(&mut self) -> Result<SqlKind, SqlTypeError> {
        let mut kind = self.parse_scalar()?;
        let mut is_array = self.take("array");
        while self.take("[") {
            if self.rest.first().is_some_and(|token| token.kind == TokenKind::Number) {
                self.next();
            }
            if !self.take("]") {
                return fail("`[` is not closed");
            }
            is_array = true;
        }
        // Dimensions are not part of the type: `int[]` and `int[][]` are one type.
        if is_array {
            kind = SqlKind::Array(Box::new(kind));
        }
        Ok(kind)
    }

    fn parse_scalar(&mut self) -> Result<SqlKind, SqlTypeError> {
        let Some(first) = self.next() else { return fail("a type is missing") };
        if let Some(what) = first.unclosed {
            return fail(format!("{what} is not closed"));
        }
        let Some(name) = first.name() else {
            return fail(format!("`{}` is not the name of a type", first.text));
        };
        let mut name = name.into_owned();
        let mut is_quoted = first.kind == TokenKind::QuotedName;
        let mut printed = print_name(&first, &name);
        while self.take(".") {
            let part = self.next().filter(|token| token.name().is_some());
            let Some(part) = part else { return fail("a name is missing after `.`") };
            let unquoted = part.name().unwrap_or_default().into_owned();
            let is_system = name == "pg_catalog";
            let part_printed = print_name(&part, &unquoted);
            (name, printed) = if is_system {
                (unquoted, part_printed)
            } else {
                (format!("{name}.{unquoted}"), format!("{printed}.{part_printed}"))
            };
            is_quoted = !is_system || part.kind == TokenKind::QuotedName;
        }
        if !is_quoted {
            match name.as_str() {
                "double" if self.take("precision") => return Ok(SqlKind::Double),
                "character" | "char" | "national" | "nchar" => {
                    if name == "national" && !self.take("character") && !self.take("char") {
                        return fail("`national` without `character`");
                    }
                    name = if self.take("varying") { "varchar" } else { "char" }.to_owned();
                }
                "bit" if self.take("varying") => name = "varbit".to_owned(),
                _ => {}
            }
        }
        let arguments = self.parse_arguments()?;
        if is_quoted {
            return Ok(SqlKind::Named { name: printed, arguments });
        }
        let is_zoned = self.parse_zone(&name)?;
        let has_fields = name == "interval" && self.rest.first().is_some_and(is_further_word);
        match built_in(&name, &arguments, is_zoned)?.filter(|_| !has_fields) {
            Some(kind) => Ok(kind),
            None => {
                let mut name = printed;
                // `interval day to second`, and other types of several words.
                while let Some(word) = self.rest.first().filter(|token| is_further_word(token)) {
                    if !first.is("interval") {
                        return fail(format!("`{}` after the type", word.text));
                    }
                    name = format!("{name} {}", word.text.to_lowercase());
                    self.next();
                }
                Ok(SqlKind::Named { name, arguments })
            }
        }
    }

    /// `(10, 2)`.
    fn parse_arguments(&mut self) -> Result<Vec<String>, SqlTypeError> {
        let mut arguments = Vec::new();
        if !self.take("(") {
            return Ok(arguments);
        }
        loop {
            let mut argument = String::new();
            loop {
                match self.rest.first() {
                    None => return fail("`(` is not closed"),
                    Some(token) if token.is(",") || token.is(")") => break,
                    Some(token) if token.is("(") || token.is(";") => {
                        return fail(format!("`{}` in the arguments of the type", token.text));
                    }
                    Some(token) => {
                        if let Some(what) = token.unclosed {
                            return fail(format!("{what} is not closed"));
                        }
                        argument += token.text;
                        self.next();
                    }
                }
            }
            if argument.is_empty() {
                return fail("an argument of the type is missing");
            }
            arguments.push(argument);
            if self.take(")") {
                return Ok(arguments);
            }
            self.take(",");
        }
    }

    /// `with time zone`, `without time zone`, or what the name says.
    fn parse_zone(&mut self, name: &str) -> Result<bool, SqlTypeError> {
        if !matches!(name, "time" | "timestamp") {
            return Ok(name.ends_with("tz"));
        }
        let is_zoned = if self.take("with") {
            true
        } else if self.take("without") {
            false
        } else {
            return Ok(false);
        };
        if self.take("time") && self.take("zone") {
            Ok(is_zoned)
        } else {
            fail("`with` or `without` needs `time zone` after it")
        }
    }

    fn parse_collation(&mut self) -> Result<Option<String>, SqlTypeError> {
        if !self.take("collate") {
            return Ok(None);
        }
        let mut name = String::new();
        loop {
            let Some(part) = self.next() else { return fail("a name is missing after COLLATE") };
            let Some(part) = part.name() else { return fail("a name is missing after COLLATE") };
            name += &part;
            if !self.take(".") {
                return Ok(Some(name.strip_prefix("pg_catalog.").unwrap_or(&name).to_owned()));
            }
            name.push('.');
        }
    }
}

/// Whether a word belongs to the name of a type.
fn is_further_word(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Word && !token.is("collate") && !token.is("array")
}

/// Returns a name as PostgreSQL prints it: quoted if it was quoted for a reason.
fn print_name(token: &Token<'_>, name: &str) -> String {
    let plain = |(at, byte): (usize, u8)| {
        byte.is_ascii_lowercase() || byte == b'_' || (at > 0 && byte.is_ascii_digit())
    };
    if token.kind == TokenKind::QuotedName && !name.bytes().enumerate().all(plain) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_owned()
    }
}

/// Returns the built-in type, or one of a known extension, of a name; `None` if it is another one.
fn built_in(
    name: &str,
    arguments: &[String],
    is_zoned: bool,
) -> Result<Option<SqlKind>, SqlTypeError> {
    use SqlKind::*;
    let kind = match name {
        "smallint" | "int2" | "smallserial" | "serial2" => SmallInt,
        "integer" | "int" | "int4" | "serial" | "serial4" => Integer,
        "bigint" | "int8" | "bigserial" | "serial8" => BigInt,
        "real" | "float4" => Real,
        "float8" => Double,
        "float" => match at_most_one(name, arguments, 1, 53)? {
            Some(digits) if digits <= 24 => return Ok(Some(Real)),
            _ => return Ok(Some(Double)),
        },
        "numeric" | "decimal" | "dec" => return parse_numeric(arguments).map(Some),
        "boolean" | "bool" => Boolean,
        "text" => Text,
        "varchar" => return Ok(Some(Varchar(at_most_one(name, arguments, 1, 10_485_760)?))),
        "char" => {
            let length = at_most_one(name, arguments, 1, 10_485_760)?;
            return Ok(Some(Char(length.or(Some(1)))));
        }
        "bpchar" => return Ok(Some(Char(at_most_one(name, arguments, 1, 10_485_760)?))),
        "citext" => Citext,
        "bytea" => Bytea,
        "uuid" => Uuid,
        "json" => Json,
        "jsonb" => Jsonb,
        "date" => Date,
        "time" | "timetz" => {
            let digits = digits(name, arguments)?;
            return Ok(Some(if is_zoned { TimeTz(digits) } else { Time(digits) }));
        }
        "timestamp" | "timestamptz" => {
            let digits = digits(name, arguments)?;
            return Ok(Some(if is_zoned { TimestampTz(digits) } else { Timestamp(digits) }));
        }
        "interval" => return Ok(Some(Interval(digits(name, arguments)?))),
        "inet" => Inet,
        "cidr" => Cidr,
        "macaddr" => Macaddr,
        "macaddr8" => Macaddr8,
        "bit" => {
            let length = at_most_one(name, arguments, 1, 83_886_080)?;
            return Ok(Some(Bit(length.unwrap_or(1))));
        }
        "varbit" => return Ok(Some(VarBit(at_most_one(name, arguments, 1, 83_886_080)?))),
        "tsvector" => TsVector,
        "tsquery" => TsQuery,
        "ltree" => Ltree,
        "hstore" => Hstore,
        "vector" => return Ok(Some(Vector(at_most_one(name, arguments, 1, 16_000)?))),
        _ => match parse_range(name) {
            Some(kind) => kind,
            None => return Ok(None),
        },
    };
    if arguments.is_empty() { Ok(Some(kind)) } else { fail(format!("`{name}` takes no arguments")) }
}

fn parse_range(name: &str) -> Option<SqlKind> {
    let (stem, is_list) = match name.strip_suffix("multirange") {
        Some(stem) => (stem, true),
        None => (name.strip_suffix("range")?, false),
    };
    let of = match stem {
        "int4" => RangeOf::Integer,
        "int8" => RangeOf::BigInt,
        "num" => RangeOf::Numeric,
        "ts" => RangeOf::Timestamp,
        "tstz" => RangeOf::TimestampTz,
        "date" => RangeOf::Date,
        _ => return None,
    };
    Some(if is_list { SqlKind::Multirange(of) } else { SqlKind::Range(of) })
}

/// `(p)` or `(p, s)`.
fn parse_numeric(arguments: &[String]) -> Result<SqlKind, SqlTypeError> {
    let precision = |text: &str| text.parse().ok().filter(|p| (1..=1000).contains(p));
    let scale = |text: &str| text.parse().ok().filter(|s| (-1000..=1000).contains(s));
    let limit = match arguments {
        [] => return Ok(SqlKind::Numeric(None)),
        [p] => precision(p).map(|p| (p, 0)),
        [p, s] => precision(p).zip(scale(s)),
        _ => None,
    };
    match limit {
        Some(limit) => Ok(SqlKind::Numeric(Some(limit))),
        None => fail("`numeric` takes a precision from 1 to 1000 and a scale from -1000 to 1000"),
    }
}

fn at_most_one(
    name: &str,
    arguments: &[String],
    least: u32,
    most: u32,
) -> Result<Option<u32>, SqlTypeError> {
    match arguments {
        [] => Ok(None),
        [only] => match only.parse().ok().filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => fail(format!("`{name}` takes a number from {least} to {most}")),
        },
        _ => fail(format!("`{name}` takes one argument")),
    }
}

/// The digits of the seconds; 6 is the same as no limit.
fn digits(name: &str, arguments: &[String]) -> Result<Option<u8>, SqlTypeError> {
    let digits = at_most_one(name, arguments, 0, 6)?;
    Ok(digits.and_then(|digits| u8::try_from(digits).ok()).filter(|digits| *digits < 6))
}
