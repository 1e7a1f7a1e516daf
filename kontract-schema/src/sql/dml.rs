//! Statements on rows: SELECT, INSERT, UPDATE, DELETE. [`dialect::dml`](crate::dialect::dml) prints
//! them.
//!
//! The values of the caller are parameters, numbered from 1 in the order in which it binds them, never
//! constants in the tree. Columns are always listed by name.

mod expr;

pub use expr::{Collation, Compare, Each, Function, PathKey, RangeTest, SqlExpr, TextComparison};

/// A statement on rows.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there is one at a time, which is printed at once")]
pub enum RowStatement {
    /// SELECT.
    Select(Select),
    /// INSERT.
    Insert(Insert),
    /// UPDATE.
    Update(Update),
    /// DELETE.
    Delete(Delete),
}

impl RowStatement {
    /// Returns the columns, and the keys of documents, that get a value which the database computes, except
    /// those of the bookkeeping.
    pub fn computed_columns(&self) -> Vec<&str> {
        match self {
            RowStatement::Update(update) => update.set.iter().flat_map(computed).collect(),
            RowStatement::Insert(Insert { columns, rows: Rows::Select(select), .. }) => {
                let values = columns.iter().zip(&select.columns);
                let found = values.filter(|(column, value)| is_computed(column, value));
                found.map(|(column, _)| column.as_str()).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// The column, or the keys of a document, if their value is computed.
fn computed((column, value): &(String, SqlExpr)) -> Vec<&str> {
    match value {
        SqlExpr::WithKeys { keys, .. } => keys
            .iter()
            .filter(|(_, value)| !value.is_given())
            .map(|(key, _)| key.as_str())
            .collect(),
        value if is_computed(column, value) => vec![column],
        _ => Vec::new(),
    }
}

fn is_computed(column: &str, value: &SqlExpr) -> bool {
    !column.starts_with('_') && !value.is_given()
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
    /// Which of its rows there are, before any join; `None` is all.
    pub only: Option<SqlExpr>,
    /// Tables that are joined, in order.
    pub joins: Vec<Join>,
    /// The output.
    pub columns: Vec<SqlExpr>,
    /// Which rows; `None` is all.
    pub filter: Option<SqlExpr>,
    /// One row for each value of these.
    pub group: Vec<SqlExpr>,
    /// Which groups; `None` is all.
    pub having: Option<SqlExpr>,
    /// Rows of other selects, which come with those of this one: whether equal ones stay apart.
    pub union: Vec<(bool, Select)>,
    /// The order, most significant first. Rows without a value come last.
    pub order: Vec<Order>,
    /// At most that many rows.
    pub limit: Option<SqlExpr>,
    /// Without the first that many rows.
    pub offset: Option<SqlExpr>,
    /// Joined with lists of keys, which are the first parameters (PostgreSQL): the columns of the
    /// key and the SQL types through which the elements of each list are cast. The number of the key,
    /// from 1, is the first output.
    pub numbered: Option<(Vec<String>, Vec<Vec<String>>)>,
    /// Joined with a list of values.
    pub values: Option<ValueList>,
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
        let output = columns.iter().map(SqlExpr::column).collect();
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
    /// Which of its rows there are, before the join; `None` is all.
    pub only: Option<SqlExpr>,
    /// Which rows belong together.
    pub on: SqlExpr,
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

/// A list of values with numbers, from 1, that is joined: a row for each value that is equal.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueList {
    /// What is equal to a value.
    pub of: SqlExpr,
    /// The number of the parameter that is the list.
    pub list: usize,
    /// As what its elements compare.
    pub each: Each,
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
    pub by: SqlExpr,
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
    /// Whether an identity that gives every number itself takes a given one (PostgreSQL).
    pub overriding: bool,
    /// Their values.
    pub rows: Rows,
    /// What happens where the key is already there.
    pub conflict: Option<Conflict>,
    /// The output.
    pub returning: Vec<SqlExpr>,
    /// The order of the output, for the rows of arrays.
    pub returned: Returned,
}

/// In which order an INSERT of arrays returns its rows: that of RETURNING is not documented.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Returned {
    /// In any order.
    #[default]
    Unordered,
    /// In the order of the arrays. The values of these columns, by their places, are the key of the
    /// table, which finds the row of each element.
    ByKey(Vec<usize>),
    /// By a column that counts up, as the rows were inserted in the order of the arrays.
    ByNumber(String),
    /// As they are inserted, which is in the order of the arrays: PostgreSQL computes RETURNING for each
    /// row when it has inserted it. For tables without a key, whose rows cannot be found again.
    AsInserted,
}

/// The rows of an INSERT.
#[derive(Clone, Debug, PartialEq)]
pub enum Rows {
    /// One row.
    Values(Vec<SqlExpr>),
    /// Those of a select.
    Select(Box<Select>),
    /// As many rows as the parameters, which are arrays, have elements (PostgreSQL). In the
    /// expressions, [`SqlExpr::Element`] is an element. The order of the arrays is kept.
    Unnest {
        /// The SQL type of each array's elements.
        types: Vec<String>,
        /// One for each column.
        values: Vec<SqlExpr>,
    },
}

/// `ON CONFLICT (target) DO UPDATE SET … WHERE …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Conflict {
    /// What the unique index is on: columns, or keys of the document.
    pub target: Vec<SqlExpr>,
    /// Those of them that can be NULL, if the index takes NULLs for equal.
    pub equal_nulls: Vec<SqlExpr>,
    /// The rows that the index of the target is on; `None` is all.
    pub partial: Option<SqlExpr>,
    /// New values; none is DO NOTHING.
    pub set: Vec<(String, SqlExpr)>,
    /// Which of the rows that are there are changed; `None` is all.
    pub filter: Option<SqlExpr>,
}

/// `UPDATE table SET … WHERE … RETURNING …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// The physical name.
    pub table: String,
    /// Another name for it in this statement.
    pub alias: Option<String>,
    /// New values.
    pub set: Vec<(String, SqlExpr)>,
    /// Which rows; `None` is all.
    pub filter: Option<SqlExpr>,
    /// The output.
    pub returning: Vec<SqlExpr>,
}

/// `DELETE FROM table WHERE … RETURNING …`.
#[derive(Clone, Debug, PartialEq)]
pub struct Delete {
    /// The physical name.
    pub from: String,
    /// Another name for it in this statement.
    pub alias: Option<String>,
    /// Which rows; `None` is all.
    pub filter: Option<SqlExpr>,
    /// The output.
    pub returning: Vec<SqlExpr>,
}
