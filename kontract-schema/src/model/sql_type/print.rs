//! The text of a column type, as PostgreSQL's `format_type` prints it.

use std::fmt;

use super::{RangeOf, SqlKind};

impl fmt::Display for SqlKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let with = |f: &mut fmt::Formatter<'_>, name: &str, length: &Option<u32>| match length {
            Some(length) => write!(f, "{name}({length})"),
            None => f.write_str(name),
        };
        let timed = |f: &mut fmt::Formatter<'_>, name: &str, digits: &Option<u8>, zone: &str| {
            match digits {
                Some(digits) => write!(f, "{name}({digits}){zone}"),
                None => write!(f, "{name}{zone}"),
            }
        };
        match self {
            SqlKind::Numeric(Some((precision, scale))) => write!(f, "numeric({precision},{scale})"),
            SqlKind::Varchar(length) => with(f, "character varying", length),
            SqlKind::Char(Some(length)) => write!(f, "character({length})"),
            SqlKind::Time(digits) => timed(f, "time", digits, " without time zone"),
            SqlKind::TimeTz(digits) => timed(f, "time", digits, " with time zone"),
            SqlKind::Timestamp(digits) => timed(f, "timestamp", digits, " without time zone"),
            SqlKind::TimestampTz(digits) => timed(f, "timestamp", digits, " with time zone"),
            SqlKind::Interval(digits) => timed(f, "interval", digits, ""),
            SqlKind::Bit(length) => write!(f, "bit({length})"),
            SqlKind::VarBit(length) => with(f, "bit varying", length),
            SqlKind::Range(of) => write!(f, "{}range", of.stem()),
            SqlKind::Multirange(of) => write!(f, "{}multirange", of.stem()),
            SqlKind::Vector(length) => with(f, "vector", length),
            SqlKind::Named { name, arguments } if arguments.is_empty() => f.write_str(name),
            SqlKind::Named { name, arguments } => write!(f, "{name}({})", arguments.join(",")),
            SqlKind::Array(element) => write!(f, "{element}[]"),
            plain => f.write_str(plain.name()),
        }
    }
}

impl SqlKind {
    /// Returns the name of a type without arguments.
    fn name(&self) -> &'static str {
        match self {
            SqlKind::SmallInt => "smallint",
            SqlKind::Integer => "integer",
            SqlKind::BigInt => "bigint",
            SqlKind::Real => "real",
            SqlKind::Double => "double precision",
            SqlKind::Numeric(_) => "numeric",
            SqlKind::Boolean => "boolean",
            SqlKind::Text => "text",
            SqlKind::Char(_) => "bpchar",
            SqlKind::Citext => "citext",
            SqlKind::Bytea => "bytea",
            SqlKind::Uuid => "uuid",
            SqlKind::Json => "json",
            SqlKind::Jsonb => "jsonb",
            SqlKind::Date => "date",
            SqlKind::Inet => "inet",
            SqlKind::Cidr => "cidr",
            SqlKind::Macaddr => "macaddr",
            SqlKind::Macaddr8 => "macaddr8",
            SqlKind::TsVector => "tsvector",
            SqlKind::TsQuery => "tsquery",
            SqlKind::Ltree => "ltree",
            SqlKind::Hstore => "hstore",
            _ => "",
        }
    }
}

impl RangeOf {
    fn stem(self) -> &'static str {
        match self {
            RangeOf::Integer => "int4",
            RangeOf::BigInt => "int8",
            RangeOf::Numeric => "num",
            RangeOf::Timestamp => "ts",
            RangeOf::TimestampTz => "tstz",
            RangeOf::Date => "date",
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::model::sql_type::SqlType;

    /// The texts of `format_type`, and other spellings of the same types.
    #[test]
    fn each_type_has_one_text() {
        for (written, printed) in [
            ("TIMESTAMPTZ", "timestamp with time zone"),
            ("timestamptz(3)", "timestamp(3) with time zone"),
            ("timestamp (3) with time zone", "timestamp(3) with time zone"),
            ("timestamp(6)", "timestamp without time zone"),
            ("TIME", "time without time zone"),
            ("timetz", "time with time zone"),
            ("VARCHAR( 20 )", "character varying(20)"),
            ("national character varying(3)", "character varying(3)"),
            ("char", "character(1)"),
            ("bpchar", "bpchar"),
            ("numeric(20, 4)", "numeric(20,4)"),
            ("DECIMAL(5)", "numeric(5,0)"),
            ("numeric(3,-2)", "numeric(3,-2)"),
            ("INT", "integer"),
            ("float(24)", "real"),
            ("float", "double precision"),
            ("Double  Precision", "double precision"),
            ("TEXT[]", "text[]"),
            ("int[3][3]", "integer[]"),
            ("integer ARRAY", "integer[]"),
            ("varchar(3)[]", "character varying(3)[]"),
            ("bit varying (5)", "bit varying(5)"),
            ("bit", "bit(1)"),
            ("INTERVAL", "interval"),
            ("interval(2)", "interval(2)"),
            ("INTERVAL DAY TO SECOND", "interval day to second"),
            ("int8range", "int8range"),
            ("tstzmultirange", "tstzmultirange"),
            ("vector(3)", "vector(3)"),
            ("pg_catalog.int4", "integer"),
            ("Mood", "mood"),
            ("\"Mood\"", "\"Mood\""),
            ("\"mood\"", "mood"),
            ("app.mood[]", "app.mood[]"),
            ("geometry(Point, 4326)", "geometry(Point,4326)"),
        ] {
            let ty = SqlType::parse(written).unwrap();
            assert_eq!(ty.kind().to_string(), printed, "{written}");
            assert_eq!(SqlType::parse(printed).unwrap(), ty, "{printed}");
            assert_eq!(ty.as_str(), written);
        }
        let ty = SqlType::parse("text COLLATE \"de-x-icu\"").unwrap();
        assert_eq!(ty.collation(), Some("de-x-icu"));
        assert_ne!(ty, SqlType::parse("text").unwrap());
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, why) in [
            ("", "a type is missing"),
            ("text NOT NULL", "`NOT` after the type"),
            ("varchar(0)", "`varchar` takes a number from 1 to 10485760"),
            ("varchar(1, 2)", "`varchar` takes one argument"),
            ("varchar(5", "`(` is not closed"),
            ("numeric(1001)", "`numeric` takes a precision"),
            ("timestamp(7)", "`timestamp` takes a number from 0 to 6"),
            ("uuid(3)", "`uuid` takes no arguments"),
            ("text; drop table users", "`;` after the type"),
            ("text -- why", "a comment in a type"),
            ("'text'", "`'text'` is not the name of a type"),
            ("\"text", "is not closed"),
            ("int[", "`[` is not closed"),
        ] {
            match SqlType::parse(text) {
                Err(error) => assert!(error.to_string().contains(why), "{text}: {error}"),
                Ok(_) => panic!("{text} was accepted"),
            }
        }
    }

    #[test]
    fn casts_have_no_limits() {
        for (written, cast) in [
            ("varchar(5)", "character varying"),
            ("char(3)", "bpchar"),
            ("numeric(10,2)", "numeric"),
            ("timestamptz(0)", "timestamp with time zone"),
            ("varchar(3)[]", "character varying[]"),
            ("bit(4)", "bit varying"),
            ("citext", "citext"),
            ("geometry(Point, 4326)", "geometry"),
            ("text COLLATE \"C\"", "text"),
        ] {
            assert_eq!(SqlType::parse(written).unwrap().cast_target(), cast);
        }
    }
}
