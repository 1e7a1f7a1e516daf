//! The type of a column on PostgreSQL, as a value: from `#[column(sql_type = "…")]`, from the
//! catalogue, or of a [`Type`].
//!
//! A [`SqlType`] keeps the text as it was written, for statements and hashes, and compares by meaning:
//! `VARCHAR( 20 )` and `character varying(20)` are equal. Types that are not built in (enums, domains,
//! composites, types of extensions without rules of their own) are [`SqlKind::Named`].

mod parse;
mod print;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::types::Type;

/// A column type of PostgreSQL.
#[derive(Clone, Debug)]
pub struct SqlType {
    /// The text, as written.
    text: String,
    /// The type.
    kind: SqlKind,
    /// The collation after `COLLATE`, without quotes.
    collation: Option<String>,
}

/// What a column type is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SqlKind {
    /// `smallint`.
    SmallInt,
    /// `integer`.
    Integer,
    /// `bigint`.
    BigInt,
    /// `real`.
    Real,
    /// `double precision`.
    Double,
    /// `numeric`, with its precision and scale if they are limited.
    Numeric(Option<(u16, i16)>),
    /// `boolean`.
    Boolean,
    /// `text`.
    Text,
    /// `varchar`, with its greatest length in characters.
    Varchar(Option<u32>),
    /// `char(n)`, filled with spaces to its length; without a limit PostgreSQL calls it `bpchar`.
    Char(Option<u32>),
    /// `citext`, of the extension: text without upper and lower case.
    Citext,
    /// `bytea`.
    Bytea,
    /// `uuid`.
    Uuid,
    /// `json`: text that is valid JSON.
    Json,
    /// `jsonb`.
    Jsonb,
    /// `date`.
    Date,
    /// `time`, with the digits of its seconds.
    Time(Option<u8>),
    /// `time with time zone`.
    TimeTz(Option<u8>),
    /// `timestamp`.
    Timestamp(Option<u8>),
    /// `timestamp with time zone`.
    TimestampTz(Option<u8>),
    /// `interval`, with the digits of its seconds. Restrictions to fields (`interval day to hour`) are
    /// [`SqlKind::Named`].
    Interval(Option<u8>),
    /// `inet`.
    Inet,
    /// `cidr`.
    Cidr,
    /// `macaddr`.
    Macaddr,
    /// `macaddr8`.
    Macaddr8,
    /// `bit(n)`.
    Bit(u32),
    /// `bit varying`, with its greatest length.
    VarBit(Option<u32>),
    /// A range of these: `int8range`.
    Range(RangeOf),
    /// A list of ranges: `int8multirange`.
    Multirange(RangeOf),
    /// `tsvector`.
    TsVector,
    /// `tsquery`.
    TsQuery,
    /// `ltree`, of the extension.
    Ltree,
    /// `hstore`, of the extension.
    Hstore,
    /// `vector`, of pgvector, with its dimensions.
    Vector(Option<u32>),
    /// Any other type: its name in lower case unless it was quoted, with its schema, and its arguments.
    Named {
        /// The name, `mood` or `app.mood`: as PostgreSQL prints it, quoted where it has to be.
        name: String,
        /// The arguments in the brackets, as written.
        arguments: Vec<String>,
    },
    /// An array, of any number of dimensions.
    Array(Box<SqlKind>),
}

/// What a range is a range of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeOf {
    /// `integer`: `int4range`.
    Integer,
    /// `bigint`: `int8range`.
    BigInt,
    /// `numeric`: `numrange`.
    Numeric,
    /// `timestamp`: `tsrange`.
    Timestamp,
    /// `timestamp with time zone`: `tstzrange`.
    TimestampTz,
    /// `date`: `daterange`.
    Date,
}

impl RangeOf {
    /// Returns the type of the values in the range.
    pub fn value_type(self) -> Type {
        match self {
            RangeOf::Integer => Type::Int32,
            RangeOf::BigInt => Type::Bigint,
            RangeOf::Numeric => Type::Decimal,
            RangeOf::Date => Type::Day,
            RangeOf::Timestamp => Type::DateTime,
            RangeOf::TimestampTz => Type::Instant,
        }
    }

    /// Returns whether each value has a next one, so that a range has one form: `[1,5]` is `[1,6)`.
    pub fn is_discrete(self) -> bool {
        matches!(self, RangeOf::Integer | RangeOf::BigInt | RangeOf::Date)
    }
}

impl SqlType {
    /// Creates the type with its canonical text.
    pub fn new(kind: SqlKind) -> SqlType {
        SqlType { text: kind.to_string(), kind, collation: None }
    }

    /// Returns the text, as written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns what it is.
    pub fn kind(&self) -> &SqlKind {
        &self.kind
    }

    /// Returns the collation after `COLLATE`, without quotes.
    pub fn collation(&self) -> Option<&str> {
        self.collation.as_deref()
    }

    /// Returns the type as text for a cast of values that are compared with the column, or assigned to
    /// it: without limits of length and precision. An explicit cast to `varchar(5)` would truncate;
    /// the assignment to the column refuses the value.
    pub fn cast_target(&self) -> String {
        self.kind.without_limits().to_string()
    }
}

impl SqlKind {
    /// Returns the type of the column that a type has on PostgreSQL if the source does not give one.
    pub fn for_type(ty: &Type) -> SqlKind {
        match ty {
            Type::Boolean => SqlKind::Boolean,
            Type::Int8 | Type::Int16 | Type::Uint8 => SqlKind::SmallInt,
            Type::Int32 | Type::Uint16 => SqlKind::Integer,
            Type::Bigint | Type::Date | Type::Uint32 => SqlKind::BigInt,
            Type::Float32 => SqlKind::Real,
            Type::Number => SqlKind::Double,
            Type::String | Type::Enum(_) | Type::Sql => SqlKind::Text,
            Type::Bytes => SqlKind::Bytea,
            Type::Uuid => SqlKind::Uuid,
            Type::Decimal => SqlKind::Numeric(None),
            Type::Instant => SqlKind::TimestampTz(None),
            Type::DateTime => SqlKind::Timestamp(None),
            Type::Day => SqlKind::Date,
            Type::Time => SqlKind::Time(None),
            Type::Array(element) if element.is_scalar() => {
                SqlKind::Array(Box::new(SqlKind::for_type(element)))
            }
            Type::Json | Type::Object(_) | Type::Array(_) => SqlKind::Jsonb,
        }
    }

    /// Returns the type without limits of length, precision and scale.
    pub fn without_limits(&self) -> SqlKind {
        match self {
            SqlKind::Numeric(_) => SqlKind::Numeric(None),
            SqlKind::Varchar(_) => SqlKind::Varchar(None),
            SqlKind::Char(_) => SqlKind::Char(None),
            SqlKind::Time(_) => SqlKind::Time(None),
            SqlKind::TimeTz(_) => SqlKind::TimeTz(None),
            SqlKind::Timestamp(_) => SqlKind::Timestamp(None),
            SqlKind::TimestampTz(_) => SqlKind::TimestampTz(None),
            SqlKind::Interval(_) => SqlKind::Interval(None),
            SqlKind::Bit(_) | SqlKind::VarBit(_) => SqlKind::VarBit(None),
            SqlKind::Vector(_) => SqlKind::Vector(None),
            SqlKind::Named { name, .. } => {
                SqlKind::Named { name: name.clone(), arguments: Vec::new() }
            }
            SqlKind::Array(element) => SqlKind::Array(Box::new(element.without_limits())),
            other => other.clone(),
        }
    }

    /// Returns the type of the innermost elements of an array; of any other type, the type.
    pub fn innermost(&self) -> &SqlKind {
        match self {
            SqlKind::Array(element) => element.innermost(),
            kind => kind,
        }
    }
}

/// By meaning: the text does not matter.
impl PartialEq for SqlType {
    fn eq(&self, other: &SqlType) -> bool {
        self.kind == other.kind && self.collation == other.collation
    }
}

impl Eq for SqlType {}

/// The text, as written.
impl Serialize for SqlType {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

/// Reads any text: lock files of former versions have types that are not checked. A text that is not a
/// type is [`SqlKind::Named`].
impl<'de> Deserialize<'de> for SqlType {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<SqlType, D::Error> {
        String::deserialize(from).map(SqlType::from_text)
    }
}
