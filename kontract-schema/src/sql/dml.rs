//! Statements on rows: SELECT, INSERT, UPDATE, DELETE. [`dialect::dml`](crate::dialect::dml) prints
//! them.
//!
//! Values never stand in a tree: they are parameters, numbered from 1 in the order in which the
//! caller binds them. Columns are always listed by name.

use crate::model::types::Type;

/// A statement on rows.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, which is printed at once")]
pub enum Statement {
    /// SELECT.
    Select(Select),
    /// INSERT.
    Insert(Insert),
    /// UPDATE.
    Update(Update),
    /// DELETE.
    Delete(Delete),
}

/// `SELECT columns FROM table JOIN … WHERE filter GROUP BY … ORDER BY order LIMIT limit OFFSET offset`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Select {
    /// Selects with names, which the FROM of this one can name.
    pub with: Vec<With>,
    /// Each row once.
    pub distinct: bool,
    /// The physical name.
    pub from: String,
    /// Another name for it in this statement.
    pub alias: Option<String>,
    /// Only rows that are not deleted come from it, before any join.
    pub only_live: bool,
    /// Tables that are joined, in order.
    pub joins: Vec<Join>,
    /// The output.
    pub columns: Vec<Expr>,
    /// Which rows; `None` is all.
    pub filter: Option<Expr>,
    /// One row for each value of these.
    pub group: Vec<Expr>,
    /// Which groups; `None` is all.
    pub having: Option<Expr>,
    /// Rows of other selects, which come with those of this one: whether equal ones stay apart.
    pub union: Vec<(bool, Select)>,
    /// The order, most significant first. Rows without a value come last.
    pub order: Vec<Order>,
    /// At most that many rows.
    pub limit: Option<Expr>,
    /// Without the first that many rows.
    pub offset: Option<Expr>,
    /// Joined with lists of keys, which are the first parameters (PostgreSQL): the columns of the
    /// key and the SQL types of the lists. The number of the key, from 1, is the first output.
    pub numbered: Option<(Vec<String>, Vec<String>)>,
    /// Locks the rows until the transaction ends. SQLite has one writer, whose transaction has locked
    /// the database.
    pub lock: Option<Lock>,
}

impl Select {
    /// Returns a select of all rows of this one, with these names for the columns. This one becomes a
    /// common table expression, which runs once; a subquery may run several times, and would lock other
    /// rows each time.
    pub fn materialize(self, columns: Vec<String>) -> Select {
        // No table has a name that begins with a space.
        let name = " rows".to_owned();
        let output = columns.iter().map(Expr::column).collect();
        let with = With { name: name.clone(), columns, select: self, recursive: false };
        Select { with: vec![with], from: name, columns: output, ..Select::default() }
    }
}

/// `name (columns) AS (select)`.
#[derive(Clone, Debug, PartialEq)]
pub struct With {
    /// The name.
    pub name: String,
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Where its rows come from.
    pub select: Select,
    /// Whether the select may name itself.
    pub recursive: bool,
}

/// A table that is joined.
#[derive(Clone, Debug, PartialEq)]
pub struct Join {
    /// Whose rows stay without a partner.
    pub kind: JoinKind,
    /// The physical name.
    pub table: String,
    /// Its name in this statement.
    pub alias: String,
    /// Only rows that are not deleted come from it.
    pub only_live: bool,
    /// Which rows belong together.
    pub on: Expr,
}

/// Which rows of a join stay without a partner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JoinKind {
    /// None.
    Inner,
    /// Those of the tables before.
    Left,
    /// Those of the table that is joined.
    Right,
}

/// `FOR UPDATE …`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Others may lock them in this way too.
    pub shared: bool,
    /// What happens to rows that others have locked.
    pub wait: Wait,
}

/// What happens to rows that others have locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wait {
    /// They are waited for.
    Wait,
    /// They are passed over.
    Skip,
    /// They are an error.
    Fail,
}

/// One part of an ORDER BY.
#[derive(Clone, Debug, PartialEq)]
pub struct Order {
    /// What rows are ordered by.
    pub by: Expr,
    /// Greatest first.
    pub descending: bool,
    /// Whether it may be NULL. Where it may not, an index can give the order in either direction.
    pub nullable: bool,
}

/// `INSERT INTO table (columns) rows ON CONFLICT … RETURNING …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Insert {
    /// The physical name.
    pub into: String,
    /// The columns that get a value; the others get their defaults.
    pub columns: Vec<String>,
    /// Their values.
    pub rows: Rows,
    /// What happens where the key is already there.
    pub conflict: Option<Conflict>,
    /// The output.
    pub returning: Vec<Expr>,
}

/// The rows of an INSERT.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// One row.
    Values(Vec<Expr>),
    /// Those of a select.
    Select(Box<Select>),
    /// As many rows as the parameters, which are arrays, have elements (PostgreSQL). In the
    /// expressions, [`Expr::Element`] is an element. The order of the arrays is kept.
    Unnest {
        /// The SQL type of each array's elements.
        types: Vec<String>,
        /// One for each column.
        values: Vec<Expr>,
    },
}

/// `ON CONFLICT (target) DO UPDATE SET … WHERE …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// What the unique index is on: columns, or keys of the document.
    pub target: Vec<Expr>,
    /// The rows that the index of the target is on; `None` is all.
    pub partial: Option<Expr>,
    /// New values; none is DO NOTHING.
    pub set: Vec<(String, Expr)>,
    /// Which of the rows that are there are changed; `None` is all.
    pub filter: Option<Expr>,
}

/// `UPDATE table SET … WHERE … RETURNING …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The physical name.
    pub table: String,
    /// Another name for it in this statement.
    pub alias: Option<String>,
    /// New values.
    pub set: Vec<(String, Expr)>,
    /// Which rows; `None` is all.
    pub filter: Option<Expr>,
    /// The output.
    pub returning: Vec<Expr>,
}

/// `DELETE FROM table WHERE … RETURNING …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// The physical name.
    pub from: String,
    /// Another name for it in this statement.
    pub alias: Option<String>,
    /// Which rows; `None` is all.
    pub filter: Option<Expr>,
    /// The output.
    pub returning: Vec<Expr>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A column.
    Column(String),
    /// The columns and keys in it are those of the table with that name.
    Of(String, Box<Expr>),
    /// A column of the row that is there, in [`Conflict`].
    Present {
        /// The physical name of the table.
        table: String,
        /// The column.
        column: String,
    },
    /// A column of the row that was to be inserted, in [`Conflict`].
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
    /// The element of the array of that number, from 1, in [`Rows::Unnest`].
    Element(usize),
    /// The expression as that type (PostgreSQL; nothing on SQLite).
    As(Box<Expr>, String),
    /// The expression as a number, where a dialect keeps numbers as text (SQLite's decimals).
    Numeric(Box<Expr>),
    /// A decimal, or a date with time in a document, in the form that all that are equal have (SQLite,
    /// where they are texts).
    Plain(Box<Expr>),
    /// A date with time in a document, as a number, where a dialect compares such texts as texts
    /// (SQLite, by the function [`MICROS`](crate::dialect::dml::MICROS)).
    Moment(Box<Expr>),
    /// A number that is given as JSON, read as numbers in a document are (SQLite: not always as
    /// the nearest one, so that only equal texts are sure to be equal numbers).
    Parsed(Box<Expr>),
    /// NULL.
    Null,
    /// A whole number.
    Number(i64),
    /// The id of this transaction.
    Txid,
    /// A new place in the order of rows, greater than every one before.
    Place,
    /// One more than the expression.
    Next(Box<Expr>),
    /// A document with some of its keys replaced.
    Merge {
        /// The document's column.
        column: String,
        /// Keys, and the numbers of the parameters that hold their JSON. On PostgreSQL there is one
        /// parameter, the object of all keys, whose number each key has.
        keys: Vec<(String, usize)>,
    },
    /// The document that was to be inserted, with these keys as they are in the row that is there, in
    /// [`Conflict`].
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
        document: Box<Expr>,
        /// Keys and their values.
        keys: Vec<(String, Expr)>,
    },
    /// JSON that becomes a part of a document (SQLite: otherwise it would be a text in it).
    Embedded(Box<Expr>),
    /// A whole number that the type can hold; otherwise the statement fails.
    Fit(Box<Expr>, Type),
    /// A constant text.
    Literal(String),
    /// A comparison; NULL where a side is.
    Compare(Compare, Box<Expr>, Box<Expr>),
    /// A comparison of texts in which upper and lower case differ.
    Text(Text, Box<Expr>, Box<Expr>),
    /// Whether it is NULL.
    IsNull(Box<Expr>),
    /// Equal to an element of a list.
    AnyOf {
        /// The expression.
        of: Box<Expr>,
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
        /// The SQL type of each list's elements.
        types: Vec<String>,
    },
    /// The columns are the one row of the select.
    IsRow(Vec<String>, Box<Select>),
    /// The columns are one of the rows of the select.
    InRows(Vec<String>, Box<Select>),
    /// All of them; there is at least one.
    And(Vec<Expr>),
    /// One of them; there is at least one.
    Or(Vec<Expr>),
    /// Not.
    Not(Box<Expr>),
    /// The number of rows, in the output.
    Count,
    /// A function.
    Call(Function, Vec<Expr>),
    /// Whether there is a row.
    Exists(Box<Select>),
    /// The only value of the only row; NULL without rows.
    Scalar(Box<Select>),
    /// Whether it is a value of the rows, which have one column.
    InSelect(Box<Expr>, Box<Select>),
    /// Whether the list that the column or key is has the element.
    HasElement {
        /// The list.
        list: Box<Expr>,
        /// Whether it is JSON; otherwise, on PostgreSQL, an array.
        json: bool,
        /// The element; as JSON where the list is.
        element: Box<Expr>,
    },
    /// What is at the end of a path into JSON.
    Path {
        /// The JSON.
        of: Box<Expr>,
        /// The keys, from the outside in.
        keys: Vec<PathKey>,
        /// As JSON, or as text or number.
        ty: Type,
    },
    /// Whether a text has all the words, as full text search sees words (PostgreSQL).
    Matches(Box<Expr>, Box<Expr>),
    /// What a condition decides: the first where it is true, otherwise the second.
    Case(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// As what the elements of a list compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Each {
    /// As what they are.
    Itself,
    /// As numbers that are given as JSON; see [`Expr::Parsed`].
    Parsed,
    /// See [`Expr::Numeric`].
    Numeric,
    /// See [`Expr::Moment`].
    Moment,
    /// Travelling as one PostgreSQL type, as another; see [`Expr::As`].
    As(String, String),
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
pub enum Text {
    /// Matches a pattern: of LIKE with `\` on PostgreSQL, of GLOB on SQLite.
    Pattern,
    /// Contains a text.
    Contains,
    /// Begins with a text.
    StartsWith,
}

impl Expr {
    /// A column.
    pub fn column(name: impl Into<String>) -> Expr {
        Expr::Column(name.into())
    }

    /// Equal.
    pub fn eq(self, other: Expr) -> Expr {
        Expr::Compare(Compare::Eq, Box::new(self), Box::new(other))
    }

    /// Whether it is NULL.
    pub fn is_null(self) -> Expr {
        Expr::IsNull(Box::new(self))
    }

    /// All of them; `None` where there are none.
    pub fn all(exprs: impl IntoIterator<Item = Expr>) -> Option<Expr> {
        let mut exprs: Vec<Expr> = exprs.into_iter().collect();
        match exprs.len() {
            0 | 1 => exprs.pop(),
            _ => Some(Expr::And(exprs)),
        }
    }
}

impl std::ops::Not for Expr {
    type Output = Expr;
    fn not(self) -> Expr {
        Expr::Not(Box::new(self))
    }
}
