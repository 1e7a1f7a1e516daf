//! What each database can do, as data: a constant for each.
//!
//! Code that asks whether a database is able to do something asks here; a `match` on the [`Dialect`] is
//! only for text that the two write differently. What the runtime's queries depend on, values and
//! query plans, is in its `driver/capabilities.rs`; what a connection of the migration runner
//! guarantees, in its `migrate/guarantees.rs`.

use super::Dialect;
use crate::model::Method;

/// What a database can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// `ALTER TABLE` adds, drops and renames constraints, and changes the type, default and NOT NULL of
    /// columns. Without it the table is rebuilt.
    pub alter_constraints: bool,
    /// Tables and columns have comments.
    pub comments: bool,
    /// Tables are in namespaces (`CREATE SCHEMA`).
    pub namespaces: bool,
    /// Tables are divided into partitions.
    pub partitions: bool,
    /// The methods of which it creates an index; of some, a B-tree.
    pub index_methods: &'static [Method],
    /// Indexes have a method, operator classes, included columns, and `NULLS NOT DISTINCT`; a unique
    /// constraint can be deferred.
    pub index_options: bool,
    /// `CREATE TABLE` accepts a foreign key to a table that does not exist yet.
    pub forward_references: bool,
    /// The hidden columns that identify a row of a table without a key, within one statement. A
    /// partitioned table has the same places in each of its partitions.
    pub row_id: &'static [&'static str],
    /// The database numbers a column of a key of several columns. Otherwise it numbers only a key that is
    /// the row's own number, and the INSERT computes the next one, for which the column has an index.
    pub numbers_key_parts: bool,
    /// The columns of a primary key are NOT NULL without a clause.
    pub primary_key_is_not_null: bool,
    /// The catalogue prints expressions in another form than they were written.
    pub reprints_expressions: bool,
    /// A column type that contains only valid JSON.
    pub json_type: bool,
    /// Types whose values are a list of names, in the order of the list.
    pub enum_types: bool,
    /// `FOR UPDATE`. Without it a writing transaction locks the database.
    pub row_locks: bool,
    /// `OFFSET` without `LIMIT`.
    pub offset_without_limit: bool,
    /// A subquery in `FROM` needs a name.
    pub named_subqueries: bool,
    /// NULL sorts after all values in ascending order.
    pub nulls_sort_last: bool,
    /// Names that differ in upper and lower case name different tables.
    pub case_sensitive_names: bool,
    /// Statements in a procedural language: loops in `DO`.
    pub procedural_blocks: bool,
    /// The database is a server, which other programs and machines share. Otherwise it is a file.
    pub server: bool,
}

impl Capabilities {
    /// What PostgreSQL can do.
    pub const POSTGRES: Capabilities = Capabilities {
        alter_constraints: true,
        comments: true,
        namespaces: true,
        partitions: true,
        index_methods: &Method::ALL,
        index_options: true,
        forward_references: false,
        row_id: &["tableoid", "ctid"],
        numbers_key_parts: true,
        primary_key_is_not_null: true,
        reprints_expressions: true,
        json_type: true,
        enum_types: true,
        row_locks: true,
        offset_without_limit: true,
        named_subqueries: true,
        nulls_sort_last: true,
        case_sensitive_names: true,
        procedural_blocks: true,
        server: true,
    };

    /// What SQLite can do.
    pub const SQLITE: Capabilities = Capabilities {
        alter_constraints: false,
        comments: false,
        namespaces: false,
        partitions: false,
        index_methods: &[Method::Btree, Method::Brin, Method::Hash],
        index_options: false,
        forward_references: true,
        row_id: &["rowid"],
        numbers_key_parts: false,
        primary_key_is_not_null: false,
        reprints_expressions: false,
        json_type: false,
        enum_types: false,
        row_locks: false,
        offset_without_limit: false,
        named_subqueries: false,
        nulls_sort_last: false,
        case_sensitive_names: false,
        procedural_blocks: false,
        server: false,
    };
}

impl Dialect {
    /// Returns what the database can do.
    ///
    /// ```
    /// # use kontract_schema::dialect::Dialect;
    /// assert!(!Dialect::Sqlite.capabilities().alter_constraints);
    /// ```
    pub const fn capabilities(self) -> &'static Capabilities {
        match self {
            Dialect::Postgres => &Capabilities::POSTGRES,
            Dialect::Sqlite => &Capabilities::SQLITE,
        }
    }
}
