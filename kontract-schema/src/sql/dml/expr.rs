//! The one type of expressions, in statements of all kinds. [`dialect::dml`](crate::dialect::dml)
//! prints them.
//!
//! In statements on rows the values of the caller are parameters. The last group of variants is of
//! migrations: they have no parameters, and compute a value or a document from the row that is there.

use serde_json::Value;

use super::Select;
use crate::model::types::Type;
use crate::model::{Field, RangeOf, Sql, SqlKind, Tracked};
use crate::sql::place::{ColumnKind, Place, Variants};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum SqlExpr {
    /// A column.
    Column(String),
    /// The columns and keys in it are those of the table with that name.
    Of(String, Box<SqlExpr>),
    /// A column of the row that is there, in [`Conflict`](super::Conflict).
    Present {
        /// The physical name of the table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column of the row that was to be inserted, in [`Conflict`](super::Conflict).
    Excluded(String),
    /// A key of the document, as a value of its type.
    Json {
        /// The key.
        key: String,
        /// The type.
        ty: Type,
    },
    /// The parameter of that number, from 1.
    Param(usize),
    /// The element of the array of that number, from 1, in [`Rows::Unnest`](super::Rows::Unnest).
    Element(usize),
    /// The expression as that type (PostgreSQL; nothing on SQLite).
    As(Box<SqlExpr>, String),
    /// The expression as a number, where a dialect keeps numbers as text (SQLite's decimals).
    Numeric(Box<SqlExpr>),
    /// A text that compares by a collation, where a dialect has no type for it (SQLite).
    Collated(Box<SqlExpr>, Collation),
    /// A decimal, or a date with time in a document, in the form that all that are equal have (SQLite,
    /// where they are texts).
    Plain(Box<SqlExpr>),
    /// A date with time in a document, as a number, where a dialect compares such texts as texts
    /// (SQLite, by the function [`MICROS`](crate::dialect::dml::MICROS)).
    Moment(Box<SqlExpr>),
    /// The place of a variant among these, for enums that are ordered as they are declared (SQLite, where
    /// they are texts).
    Ranked(Box<SqlExpr>, Vec<String>),
    /// The variant at a place among these: the reverse of [`SqlExpr::Ranked`].
    Unranked(Box<SqlExpr>, Vec<String>),
    /// A number that is given as JSON, read as numbers in a document are (SQLite: not always as
    /// the nearest one, so that only equal texts are sure to be equal numbers).
    Parsed(Box<SqlExpr>),
    /// A text as a column `char(n)` compares it: without the spaces at its end, where a dialect has no
    /// such type (SQLite).
    Trimmed(Box<SqlExpr>),
    /// A value as the column stores it, by the rules of PostgreSQL's assignment (SQLite, by the function
    /// [`FIT`](crate::dialect::dml::FIT); PostgreSQL's assignment does it by itself).
    Stored {
        /// The value.
        value: Box<SqlExpr>,
        /// The type of the column.
        kind: SqlKind,
        /// The column, for the message.
        column: String,
    },
    /// NULL.
    Null,
    /// A whole number.
    Number(i64),
    /// The id of this transaction.
    Txid,
    /// A new place in the order of rows, greater than every one before.
    Place,
    /// One more than the expression.
    Next(Box<SqlExpr>),
    /// One more than the greatest number in the column, at least 1: the number of a new row where the
    /// database does not give one (SQLite).
    NextNumber {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Whether the rows of a query get it, each its own.
        each: bool,
    },
    /// A document with some of its keys replaced.
    Merge {
        /// The document's column.
        column: String,
        /// Keys, and the numbers of the parameters that hold their JSON. On PostgreSQL there is one
        /// parameter, the object of all keys, whose number each key has.
        keys: Vec<(String, usize)>,
    },
    /// The document that was to be inserted, with these keys as they are in the row that is there, in
    /// [`Conflict`](super::Conflict).
    Keep {
        /// The physical name of the table.
        table: String,
        /// The document's column.
        column: String,
        /// The keys.
        keys: Vec<String>,
    },
    /// A document with some of its keys computed.
    WithKeys {
        /// The document.
        document: Box<SqlExpr>,
        /// Keys and their values.
        keys: Vec<(String, SqlExpr)>,
    },
    /// JSON that becomes a part of a document (SQLite: otherwise it would be a text in it).
    Embedded(Box<SqlExpr>),
    /// A whole number that the type can hold; otherwise the statement fails.
    Fit(Box<SqlExpr>, Type),
    /// A constant, written for a column of this type.
    Literal(Value, Type),
    /// The default of a field.
    Default(Box<Field>),
    /// A comparison; NULL where a side is.
    Compare(Compare, Box<SqlExpr>, Box<SqlExpr>),
    /// A comparison of texts in which upper and lower case differ.
    Text(TextComparison, Box<SqlExpr>, Box<SqlExpr>),
    /// Whether it is NULL.
    IsNull(Box<SqlExpr>),
    /// Equal to an element of a list.
    AnyOf {
        /// The expression.
        of: Box<SqlExpr>,
        /// The number of the parameter that is the list.
        list: usize,
        /// As what its elements compare.
        each: Each,
    },
    /// The columns are a row of the lists that are the parameters from that number on, one list
    /// for each column (PostgreSQL).
    KeysIn {
        /// The columns.
        columns: Vec<String>,
        /// The number of the first list.
        first: usize,
        /// The SQL types through which the elements of each list are cast.
        types: Vec<Vec<String>>,
    },
    /// The columns are the one row of the select.
    IsRow(Vec<String>, Box<Select>),
    /// The columns are one of the rows of the select.
    InRows(Vec<String>, Box<Select>),
    /// All of them; there is at least one.
    And(Vec<SqlExpr>),
    /// One of them; there is at least one.
    Or(Vec<SqlExpr>),
    /// Not.
    Not(Box<SqlExpr>),
    /// The number of rows, in the output.
    Count,
    /// The number of the value in the list that the select is joined with; see
    /// [`ValueList`](super::ValueList).
    ValueNumber,
    /// A function.
    Call(Function, Vec<SqlExpr>),
    /// Whether there is a row.
    Exists(Box<Select>),
    /// The only value of the only row; NULL without rows.
    Scalar(Box<Select>),
    /// Whether it is a value of the rows, which have one column.
    InSelect(Box<SqlExpr>, Box<Select>),
    /// Whether the list that the column or key is has the element.
    HasElement {
        /// The list.
        list: Box<SqlExpr>,
        /// Whether it is JSON; otherwise, on PostgreSQL, an array.
        json: bool,
        /// Whether the element is a list or an object.
        nested: bool,
        /// The element; as JSON where the list is.
        element: Box<SqlExpr>,
    },
    /// Whether a range and a value, or two ranges, belong together.
    Ranges {
        /// How.
        test: RangeTest,
        /// What they are ranges of.
        of: RangeOf,
        /// The range.
        range: Box<SqlExpr>,
        /// The value, or the other range.
        other: Box<SqlExpr>,
    },
    /// What is at the end of a path into JSON.
    Path {
        /// The JSON.
        of: Box<SqlExpr>,
        /// The keys, from the outside in.
        keys: Vec<PathKey>,
        /// As JSON, or as text or number.
        ty: Type,
        /// Whether there may be a value of another type, which is NULL then.
        checked: bool,
    },
    /// Whether a text has all the words, as full text search sees words (PostgreSQL).
    Matches(Box<SqlExpr>, Box<SqlExpr>),
    /// What a condition decides: the first where it is true, otherwise the second.
    Case(Box<SqlExpr>, Box<SqlExpr>, Box<SqlExpr>),

    // What migrations add.
    /// The time of the statement, in this type.
    Now(Type),
    /// What only the user knows, a value of this type: printed as a placeholder that names the
    /// field, and refused in a migration file until it is replaced.
    Todo(String, Type),
    /// What the source gives, a value of this type; whether there has to be one.
    Given(Box<Sql>, Type, bool),
    /// A value of one kind of column, converted to another.
    Convert(Box<SqlExpr>, Box<ColumnKind>, Box<ColumnKind>),
    /// A bookkeeping value for rows that were there before the column.
    Before(Tracked),
    /// The document with a value below a key: a constant, a time, or what the user has to fill in.
    WithKey(Box<SqlExpr>, String, Box<SqlExpr>),
    /// The document without a key.
    WithoutKey(Box<SqlExpr>, String),
    /// The document with a key renamed.
    RenamedKey(Box<SqlExpr>, String, String),
    /// The document with the value below a key converted.
    ConvertedKey(Box<SqlExpr>, String, Box<(Type, Type)>),
    /// A whole row as a document: keys and their values.
    Document(Vec<(String, SqlExpr)>),
    /// The value of a column as JSON.
    ColumnAsJson(String, Type),
    /// A key of the document as a column of this kind, NOT NULL or not.
    KeyAsColumn(String, Box<ColumnKind>, bool),
    /// A value with variants under new names; of a key, as JSON.
    Variants(Box<Variants>),
    /// Whether a variant has an old name.
    HasVariants(Box<Variants>),
    /// Whether the document has the key.
    HasKey(String),
    /// Whether the document lacks the key or has null there.
    LacksKey(String),
    /// Whether the column or key has one of these names.
    OneOf(Box<Place>, Vec<String>),
}

/// How texts compare that are of another type on PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collation {
    /// As decimals, digit by digit: [`DECIMAL`](crate::dialect::dml::DECIMAL).
    Decimal,
    /// Without upper and lower case of ASCII letters.
    NoCase,
}

/// As what the elements of a list compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Each {
    /// As what they are.
    Itself,
    /// As numbers that are given as JSON; see [`SqlExpr::Parsed`].
    Parsed,
    /// See [`SqlExpr::Numeric`].
    Numeric,
    /// See [`SqlExpr::Moment`].
    Moment,
    /// Cast through these types of PostgreSQL; see [`SqlExpr::As`].
    As(Vec<String>),
    /// See [`SqlExpr::Trimmed`].
    Trimmed,
}

impl Each {
    /// The types of PostgreSQL through which an element is cast.
    pub fn casts(&self) -> &[String] {
        match self {
            Each::As(casts) => casts,
            _ => &[],
        }
    }
}

/// A step of a path into JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PathKey {
    /// A key of an object.
    Key(String),
    /// An element of a list, from 0.
    Index(u32),
}

/// A function that both databases have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// Both texts behind each other.
    Concat,
    /// A text in lower case.
    Lower,
    /// A text in upper case.
    Upper,
    /// The number of characters.
    Length,
    /// The number without its sign.
    Abs,
    /// The first that is not NULL.
    Coalesce,
    /// How many are not NULL.
    Count,
    /// How many different ones are not NULL.
    CountDistinct,
    /// The sum of whole numbers, as one; NULL of none.
    SumInteger,
    /// The sum of numbers; NULL of none.
    Sum,
    /// The mean; NULL of none.
    Avg,
    /// The smallest; NULL of none.
    Min,
    /// The greatest; NULL of none.
    Max,
    /// The sum of decimals, which SQLite keeps as text; NULL of none.
    SumOfTexts,
    /// The smallest of decimals or moments, where SQLite keeps them as text; NULL of none.
    MinOfTexts,
    /// The greatest of them; NULL of none.
    MaxOfTexts,
    /// The text of an address of a network, as PostgreSQL shows it.
    AddressText,
}

/// How a range belongs to a value or to another range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RangeTest {
    /// The value is in the range.
    ContainsValue,
    /// All values of the other range are in the range.
    ContainsRange,
    /// Some value is in both ranges.
    Overlaps,
}

impl RangeTest {
    /// Returns the word by which the function of SQLite knows it.
    pub fn word(self) -> &'static str {
        match self {
            RangeTest::ContainsValue => "contains value",
            RangeTest::ContainsRange => "contains range",
            RangeTest::Overlaps => "overlaps",
        }
    }
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `=`
    Eq,
    /// `IS DISTINCT FROM`: two NULLs are equal.
    Distinct,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
}

/// A comparison of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextComparison {
    /// Matches a pattern: of LIKE with `\` on PostgreSQL, of GLOB on SQLite.
    Pattern,
    /// Contains a text.
    Contains,
    /// Begins with a text.
    StartsWith,
}

impl SqlExpr {
    /// A column.
    pub fn column(name: impl Into<String>) -> SqlExpr {
        SqlExpr::Column(name.into())
    }

    /// Equal.
    pub fn eq(self, other: SqlExpr) -> SqlExpr {
        SqlExpr::Compare(Compare::Eq, Box::new(self), Box::new(other))
    }

    /// The expression, cast through these types (PostgreSQL; nothing on SQLite).
    pub fn cast(self, types: impl IntoIterator<Item = String>) -> SqlExpr {
        types.into_iter().fold(self, |inner, ty| SqlExpr::As(Box::new(inner), ty))
    }

    /// Returns whether the expression is this column through a cast. PostgreSQL names such an output as
    /// the column.
    pub fn is_cast_of(&self, column: &SqlExpr) -> bool {
        match (self, column) {
            (SqlExpr::As(inner, _), SqlExpr::Column(_)) => {
                **inner == *column || inner.is_cast_of(column)
            }
            _ => false,
        }
    }

    /// A constant text.
    pub fn text_literal(text: &str) -> SqlExpr {
        SqlExpr::Literal(text.into(), Type::String)
    }

    /// Whether the row is not marked as deleted.
    pub fn is_live() -> SqlExpr {
        SqlExpr::column(Tracked::DeletedTxid.name()).is_null()
    }

    /// The expression; the other one where it is NULL.
    pub fn or_else(self, other: SqlExpr) -> SqlExpr {
        SqlExpr::Call(Function::Coalesce, vec![self, other])
    }

    /// Whether it is NULL.
    pub fn is_null(self) -> SqlExpr {
        SqlExpr::IsNull(Box::new(self))
    }

    /// All of them; `None` where there are none.
    pub fn all(exprs: impl IntoIterator<Item = SqlExpr>) -> Option<SqlExpr> {
        let mut exprs: Vec<SqlExpr> = exprs.into_iter().collect();
        match exprs.len() {
            0 | 1 => exprs.pop(),
            _ => Some(SqlExpr::And(exprs)),
        }
    }

    /// Whether its value is one that the program gives, not one that the database computes.
    pub fn is_given(&self) -> bool {
        use SqlExpr::*;
        match self {
            Param(_)
            | Element(_)
            | Null
            | Number(_)
            | Literal(..)
            | Default(_)
            | Merge { .. }
            | Keep { .. }
            | Txid
            | Place
            | Next(_)
            | NextNumber { .. } => true,
            As(value, _) | Embedded(value) | Stored { value, .. } => value.is_given(),
            _ => false,
        }
    }

    /// Whether the expression, or one that a migration makes it of, passes a test.
    pub fn contains(&self, test: &impl Fn(&SqlExpr) -> bool) -> bool {
        use SqlExpr::*;
        let inner = || match self {
            Case(_, first, second) | WithKey(first, _, second) => {
                first.contains(test) || second.contains(test)
            }
            Convert(value, ..)
            | WithoutKey(value, _)
            | RenamedKey(value, ..)
            | ConvertedKey(value, ..) => value.contains(test),
            Document(keys) => keys.iter().any(|(_, value)| value.contains(test)),
            Call(_, values) => values.iter().any(|value| value.contains(test)),
            _ => false,
        };
        test(self) || inner()
    }
}

impl std::ops::Not for SqlExpr {
    type Output = SqlExpr;
    fn not(self) -> SqlExpr {
        SqlExpr::Not(Box::new(self))
    }
}
