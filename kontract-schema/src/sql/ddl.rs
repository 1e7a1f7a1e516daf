//! Statements that define tables, and the few that move data while a table changes.
//!
//! Names in here are physical: columns, not fields; paths of tables, not logical names.

use serde_json::Value;

pub use super::dml::SqlExpr;
pub use super::place::{ColumnKind, Place, Variants};
pub use crate::model::Tracked;
use crate::model::types::Type;
use crate::model::{Deferrable, Generated, Method, PartitionBy, ReferenceAction, Sql};

/// One statement of a migration.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// `CREATE TABLE`.
    CreateTable(CreateTable),
    /// `CREATE INDEX IF NOT EXISTS`.
    CreateIndex(CreateIndex),
    /// `DROP TABLE`.
    DropTable {
        /// The table.
        table: String,
        /// Its columns.
        columns: Vec<String>,
        /// Its indexes.
        indexes: Vec<String>,
    },
    /// `DROP TABLE` of the old form of a table in a rebuild.
    ReplaceTable {
        /// The table.
        table: String,
        /// The columns that its new form does not have.
        gone: Vec<String>,
        /// The indexes of the old form.
        indexes: Vec<String>,
    },
    /// `ALTER TABLE … RENAME TO`.
    RenameTable {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// `ALTER TABLE … SET SCHEMA`; on SQLite the table gets another name.
    MoveTable {
        /// The path it has.
        from: String,
        /// The path it gets, with the same name.
        to: String,
    },
    /// `COMMENT ON TABLE`, `COMMENT ON COLUMN`: PostgreSQL only.
    Comment {
        /// The table.
        table: String,
        /// The column; `None` for the table.
        column: Option<String>,
        /// The comment; `None` removes it.
        text: Option<String>,
    },
    /// `CREATE SCHEMA`, unless it exists: PostgreSQL only.
    CreateNamespace(String),
    /// `DROP INDEX`.
    DropIndex {
        /// The path of the index.
        name: String,
        /// Whether it may be missing.
        if_exists: bool,
    },
    /// `ALTER INDEX … RENAME TO`: PostgreSQL only.
    RenameIndex {
        /// The path it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// `ALTER TABLE` with one action.
    Alter {
        /// The table.
        table: String,
        /// What is done to it.
        action: Alter,
    },
    /// An `ADD CONSTRAINT` that can be run again: closes a cycle of references on PostgreSQL.
    EnsureConstraint {
        /// The table.
        table: String,
        /// The constraint, created unless one of its name is there.
        constraint: Constraint,
    },
    /// The next number of an identity is one more than the greatest in the table (PostgreSQL).
    SetSequence {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// The numbers that a table has given are given in another one, too (SQLite).
    CopySequence {
        /// The table.
        from: String,
        /// The other one, which is empty.
        to: String,
    },
    /// `UPDATE`: gives existing rows a value.
    Fill {
        /// The table.
        table: String,
        /// The column that is set.
        column: String,
        /// To what.
        value: SqlExpr,
        /// In which rows; all of them without.
        only: Option<SqlExpr>,
    },
    /// `INSERT … SELECT`: copies all rows into the new form of a table.
    Copy {
        /// Where they come from.
        from: RowSource,
        /// The table they go to.
        to: String,
        /// Column of the new form, and what it gets from a row of the old.
        columns: Vec<(String, SqlExpr)>,
        /// Which rows; all of them without.
        only: Option<SqlExpr>,
    },
    /// `CREATE TYPE … AS ENUM`, unless a type of that name is there.
    CreateType {
        /// The name, as SQL writes it.
        name: String,
        /// The variants, in order.
        variants: Vec<String>,
    },
    /// `DROP TYPE`.
    DropType {
        /// The name, as SQL writes it.
        name: String,
        /// Whether the type stays if something else uses it.
        unless_used: bool,
    },
    /// `ALTER TYPE … RENAME TO`.
    RenameType {
        /// The name it has, as SQL writes it.
        from: String,
        /// The name it gets, without a schema.
        to: String,
    },
    /// `ALTER TYPE … ADD VALUE`.
    AddVariant {
        /// The type.
        name: String,
        /// The new variant.
        variant: String,
        /// The variant before which it is; without one it is the last.
        before: Option<String>,
    },
    /// `ALTER TYPE … RENAME VALUE`.
    RenameVariant {
        /// The type.
        name: String,
        /// The name that the variant has.
        from: String,
        /// The name that it gets.
        to: String,
    },
    /// `DELETE`: takes out rows for which the new form has no place.
    Delete {
        /// The table.
        table: String,
        /// Which rows.
        only: SqlExpr,
    },
}

/// What `ALTER TABLE` does. SQLite knows only the first three; there
/// [`plan`](crate::plan) rebuilds the table instead.
#[derive(Clone, Debug, PartialEq)]
pub enum Alter {
    /// Several in one statement, so that PostgreSQL rewrites the table once.
    Several(Vec<Alter>),
    /// `ADD COLUMN`.
    AddColumn(ColumnDefinition),
    /// `DROP COLUMN`.
    DropColumn(String),
    /// `RENAME COLUMN`.
    RenameColumn {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// `ALTER COLUMN … SET NOT NULL`.
    SetNotNull(String),
    /// `ALTER COLUMN … DROP NOT NULL`.
    DropNotNull(String),
    /// `ALTER COLUMN … SET DEFAULT`: the default of this column.
    SetDefault(ColumnDefinition),
    /// `ALTER COLUMN … DROP DEFAULT`.
    DropDefault(String),
    /// `ALTER COLUMN … ADD GENERATED BY DEFAULT AS IDENTITY`.
    AddIdentity(String),
    /// `ALTER COLUMN … DROP IDENTITY`.
    DropIdentity(String),
    /// `ALTER COLUMN … DROP EXPRESSION`.
    DropExpression(String),
    /// `ALTER COLUMN … TYPE … USING`.
    SetType {
        /// The column in its new form.
        column: ColumnDefinition,
        /// What its values become.
        using: SqlExpr,
    },
    /// `ADD CONSTRAINT`.
    AddConstraint(Constraint),
    /// `ADD CONSTRAINT … NOT VALID`: for new rows at once, for those that are there not yet.
    AddNotValid(Constraint),
    /// `VALIDATE CONSTRAINT`.
    Validate(String),
    /// `DROP CONSTRAINT`.
    DropConstraint(String),
    /// `DROP CONSTRAINT IF EXISTS`.
    DropConstraintIfExists(String),
    /// `ALTER CONSTRAINT` of a foreign key: when it is checked.
    AlterConstraint {
        /// Its name.
        name: String,
        /// When it is checked.
        deferrable: Deferrable,
    },
    /// `RENAME CONSTRAINT`.
    RenameConstraint {
        /// The name it has.
        from: String,
        /// The name it gets.
        to: String,
    },
    /// `DROP CONSTRAINT` of the primary key and `ADD PRIMARY KEY` with these columns, where there is a
    /// key. PostgreSQL named the first one after the table.
    ReplaceKey {
        /// The name of the old constraint; `None` if the table has no key.
        old: Option<String>,
        /// The name of the new constraint, and its columns in key order; `None` for no key.
        new: Option<(String, Vec<String>)>,
    },
}

/// `CREATE TABLE`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateTable {
    /// Its name.
    pub name: String,
    /// Whether the statement may be run again.
    pub if_not_exists: bool,
    /// Its columns, in order.
    pub columns: Vec<ColumnDefinition>,
    /// Its named constraints, in order.
    pub constraints: Vec<Constraint>,
    /// How it is divided, with columns in place of fields.
    pub partition_by: Option<PartitionBy>,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub struct ColumnDefinition {
    /// Its name.
    pub name: String,
    /// What it is for, from which each dialect knows its type.
    pub kind: ColumnKind,
    /// `NOT NULL`.
    pub not_null: bool,
    /// `DEFAULT`.
    pub default: Option<ColumnDefault>,
    /// The only column of the primary key.
    pub primary_key: bool,
}

/// The value of rows that give none.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnDefault {
    /// A constant, written for the column's type.
    Value(Value),
    /// The time of the statement, in the column's type.
    Now,
    /// SQL, for the column's type.
    Sql(Sql),
    /// A number that the database counts.
    Identity,
    /// An expression over other columns. No statement gives a value.
    Generated(Generated),
}

impl ColumnDefinition {
    /// Whether statements cannot give a value.
    pub fn is_generated(&self) -> bool {
        matches!(self.default, Some(ColumnDefault::Generated(_)))
    }
}

/// A named constraint.
#[derive(Clone, Debug, PartialEq)]
pub struct Constraint {
    /// Its name.
    pub name: String,
    /// What it demands.
    pub rule: ConstraintRule,
}

/// What a constraint demands.
#[derive(Clone, Debug, PartialEq)]
pub enum ConstraintRule {
    /// A key of several columns.
    PrimaryKey(Vec<String>),
    /// `UNIQUE` that can be deferred.
    Unique(CreateIndex),
    /// `CHECK` of text that the user wrote.
    Check(Sql),
    /// A column or a key of the document holds one of these names, or nothing.
    OneOf(Place, Vec<String>),
    /// The document has this key.
    HasKey(String),
    /// The column holds something.
    NotNull(String),
    /// The document is JSON: SQLite's, where it is text.
    IsJson,
    /// `FOREIGN KEY`.
    References {
        /// The columns.
        columns: Vec<String>,
        /// The table referred to.
        table: String,
        /// Its columns.
        to: Vec<String>,
        /// When the row referred to is deleted.
        on_delete: ReferenceAction,
        /// When its key changes.
        on_update: ReferenceAction,
        /// When it is checked.
        deferrable: Deferrable,
    },
}

/// `CREATE INDEX`.
#[derive(Clone, Debug, PartialEq)]
pub struct CreateIndex {
    /// Its name.
    pub name: String,
    /// The table's.
    pub table: String,
    /// What is indexed.
    pub on: Indexed,
    /// `UNIQUE`.
    pub unique: bool,
    /// `USING`.
    pub method: Method,
    /// `INCLUDE`: columns.
    pub include: Vec<String>,
    /// `NULLS NOT DISTINCT`.
    pub nulls_not_distinct: bool,
    /// When it is checked; if it can be deferred, it is a constraint.
    pub deferrable: Deferrable,
    /// Only rows for which this holds.
    pub condition: Option<UserSql>,
    /// Only rows that are not deleted.
    pub live_only: bool,
}

/// What an index is on.
#[derive(Clone, Debug, PartialEq)]
pub enum Indexed {
    /// Places in this order.
    Places(Vec<IndexedPlace>),
    /// What the user wrote.
    Text(UserSql),
}

/// A place in an index.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexedPlace {
    /// The place.
    pub place: Place,
    /// Whether its order is descending.
    pub descending: bool,
    /// The operator class, if it is not the default one.
    pub opclass: Option<String>,
    /// Whether it can be NULL.
    pub optional: bool,
}

/// SQL of the user, and the keys of the document that stand in it as names.
#[derive(Clone, Debug, PartialEq)]
pub struct UserSql {
    /// The SQL.
    pub sql: Sql,
    /// Each key in it with its type.
    pub keys: Vec<(String, Type)>,
}

/// Where copied rows come from.
#[derive(Clone, Debug, PartialEq)]
pub enum RowSource {
    /// A table.
    Table(String),
    /// A `SELECT` of these columns.
    Select(Vec<(String, SqlExpr)>, Box<RowSource>),
}

impl Statement {
    /// Drops an index that exists.
    pub fn drop_index(name: String) -> Statement {
        Statement::DropIndex { name, if_exists: false }
    }

    /// Returns the values that it computes for rows.
    pub fn values(&self) -> Vec<&SqlExpr> {
        match self {
            Statement::Fill { value, .. } => vec![value],
            Statement::Alter { action: Alter::Several(actions), .. } => {
                actions.iter().filter_map(Alter::value).collect()
            }
            Statement::Alter { action, .. } => action.value().into_iter().collect(),
            Statement::Copy { from, columns, .. } => {
                let mut values: Vec<&SqlExpr> = columns.iter().map(|(_, value)| value).collect();
                let mut from = from;
                while let RowSource::Select(columns, inner) = from {
                    values.extend(columns.iter().map(|(_, value)| value));
                    from = inner;
                }
                values
            }
            _ => Vec::new(),
        }
    }
}

impl Alter {
    /// Returns the value that a change of the type computes for rows.
    fn value(&self) -> Option<&SqlExpr> {
        match self {
            Alter::SetType { using, .. } => Some(using),
            _ => None,
        }
    }
}
