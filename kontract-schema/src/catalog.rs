//! What a database has, in a form that both databases can be read into, and how it differs from
//! what a schema wants.
//!
//! [`expected`] makes the catalogue of a schema; the runtime reads that of a live database;
//! [`compare`] lists what is missing or different. What nobody asked for is left alone: tables,
//! columns, indexes and constraints of others are no difference, except a column without which no
//! row can be inserted.
//!
//! | field | PostgreSQL | SQLite |
//! |---|---|---|
//! | table | `relname` of the current schema | `name` in `sqlite_schema` |
//! | [`Column::ty`] | `format_type(atttypid, atttypmod)` | `type` of `pragma_table_xinfo` |
//! | [`Column::not_null`] | `attnotnull` | `notnull` |
//! | [`Column::default`] | `pg_get_expr(adbin, adrelid)`; generated and identity columns too | `dflt_value` |
//! | [`Table::key`] | columns of the primary key, in its order | `pk` of `pragma_table_xinfo`, in its order |
//! | [`Index::columns`] | `attname`, none for an expression | `name` of `pragma_index_xinfo` (`key = 1`) |
//! | [`Index::partial`] | `indpred IS NOT NULL` | `partial` of `pragma_index_list` |
//! | [`Table::constraints`] | `conname` where `contype` is `c` or `f` | [`constraint_names`] of the `sql` in `sqlite_schema` |
//! | [`Table::references`] | `pg_constraint` | `pragma_foreign_key_list`, one for each `id` |
//!
//! Texts may be passed as the database gives them; [`compare`] brings both sides into one form.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::dialect::{self, Dialect};
use crate::model::{Action, Schema};
use crate::sql::ddl::{self, Kind, Place, Rule, Tracked};
use crate::sql::table;

mod normal;

pub use normal::constraint_names;

/// The tables of a database, by physical name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    /// Each table that is there.
    pub tables: BTreeMap<String, Table>,
}

/// What a database says about a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// Its columns, by name.
    pub columns: BTreeMap<String, Column>,
    /// The columns of its primary key, in the order of the key.
    pub key: Vec<String>,
    /// Its indexes, by name, without those that the database made for the primary key.
    pub indexes: BTreeMap<String, Index>,
    /// The names of its CHECK and FOREIGN KEY constraints.
    pub constraints: BTreeSet<String>,
    /// What its foreign keys say.
    pub references: BTreeSet<Reference>,
}

/// What a database says about a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its type, as the database spells it.
    pub ty: String,
    /// Whether it refuses NULL.
    pub not_null: bool,
    /// Its default, as the database spells it.
    pub default: Option<String>,
}

/// What a database says about an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// What is indexed, in order; none for an expression.
    pub columns: Vec<Option<String>>,
    /// Whether values are unique.
    pub unique: bool,
    /// Whether it has a condition.
    pub partial: bool,
}

/// What a database says about a foreign key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The columns, in order.
    pub columns: Vec<String>,
    /// The table referred to.
    pub table: String,
    /// Its columns, in order.
    pub to: Vec<String>,
    /// On delete: [`action`] of the database's word.
    pub on_delete: Action,
    /// On update.
    pub on_update: Action,
}

/// One difference, readable after "the table `users` …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The physical name of the table.
    pub table: String,
    /// What is different: `has no column `email``.
    pub text: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "table `{}` {}", self.table, self.text)
    }
}

/// The action of a foreign key, from SQLite's words (`SET NULL`) or PostgreSQL's letters (`n`).
pub fn action(word: &str) -> Action {
    match word {
        "CASCADE" | "c" => Action::Cascade,
        "RESTRICT" | "r" => Action::Restrict,
        "SET NULL" | "n" => Action::SetNull,
        "SET DEFAULT" | "d" => Action::SetDefault,
        _ => Action::NoAction,
    }
}

/// What a database has that was made for this schema.
pub fn expected(dialect: Dialect, schema: &Schema) -> Catalog {
    let tables = schema.tables.values();
    Catalog {
        tables: tables
            .map(|table| (table.ptr.clone(), expected_table(dialect, table, schema)))
            .collect(),
    }
}

fn expected_table(dialect: Dialect, table: &crate::model::Table, schema: &Schema) -> Table {
    let mut found = Table { key: table::column_names(table, &table.key()), ..Table::default() };
    for column in table::columns(table) {
        let not_null = column.not_null || found.key.contains(&column.name);
        let (ty, default) = (dialect::kind(dialect, &column.kind), default(dialect, &column));
        found.columns.insert(column.name, Column { ty, not_null, default });
    }
    for index in table::indexes(table) {
        let name_of = |part: &Place| match part {
            Place::Column(name) => Some(name.clone()),
            Place::Key(..) => None,
        };
        let columns = index.parts.iter().map(name_of).collect();
        let partial = index.live_only;
        found.indexes.insert(index.name, Index { columns, unique: index.unique, partial });
    }
    for constraint in table::constraints(table, schema) {
        match constraint.rule {
            Rule::PrimaryKey(_) => continue,
            Rule::IsJson if dialect == Dialect::Postgres => continue,
            Rule::References { columns, table, to, on_delete, on_update } => {
                let key = Reference { columns, table, to, on_delete, on_update };
                found.references.insert(key);
            }
            _ => {}
        }
        found.constraints.insert(constraint.name);
    }
    found
}

/// The default of a column, bookkeeping ones included.
fn default(dialect: Dialect, column: &ddl::Column) -> Option<String> {
    match (&column.kind, dialect) {
        (Kind::Tracked(Tracked::Version), _) => Some("1".to_owned()),
        (Kind::Tracked(Tracked::Txid), Dialect::Postgres) => Some("txid_current()".to_owned()),
        (Kind::Tracked(Tracked::Order), Dialect::Postgres) => Some("nextval()".to_owned()),
        (Kind::Tracked(_), _) => None,
        _ => dialect::default(dialect, column),
    }
}

/// What the live database lacks or has differently, table by table. Empty if it serves the schema.
pub fn compare(expected: &Catalog, live: &Catalog) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (name, wanted) in &expected.tables {
        let mut push = |text| differences.push(Difference { table: name.clone(), text });
        match live.tables.get(name) {
            Some(found) => compare_table(wanted, found, &mut push),
            None => push("does not exist".to_owned()),
        }
    }
    differences
}

fn compare_table(wanted: &Table, found: &Table, push: &mut impl FnMut(String)) {
    for (name, column) in &wanted.columns {
        match found.columns.get(name) {
            Some(other) => compare_column(name, column, other, push),
            None => push(format!("has no column `{name}`")),
        }
    }
    let alien = found.columns.iter().filter(|(name, _)| !wanted.columns.contains_key(*name));
    for (name, _) in alien.filter(|(_, column)| column.not_null && column.default.is_none()) {
        push(format!("has another column `{name}` that is NOT NULL and has no default"));
    }
    if wanted.key != found.key {
        let (is, wants) = (found.key.join(", "), wanted.key.join(", "));
        push(format!("has the primary key ({is}) instead of ({wants})"));
    }
    for (name, index) in &wanted.indexes {
        match found.indexes.get(name) {
            None => push(format!("has no index `{name}`")),
            Some(other) if other.unique != index.unique => push(match index.unique {
                true => format!("has the index `{name}`, which is not unique"),
                false => format!("has the index `{name}`, which is unique"),
            }),
            Some(other) if other != index => {
                push(format!("has the index `{name}` with other columns or another condition"));
            }
            Some(_) => {}
        }
    }
    for name in wanted.constraints.difference(&found.constraints) {
        push(format!("has no constraint `{name}`"));
    }
    for key in wanted.references.difference(&found.references) {
        push(format!(
            "has no reference from ({}) to `{}` ({}) with those actions",
            key.columns.join(", "),
            key.table,
            key.to.join(", ")
        ));
    }
}

fn compare_column(name: &str, wanted: &Column, found: &Column, push: &mut impl FnMut(String)) {
    let (is, wants) = (normal::ty(&found.ty), normal::ty(&wanted.ty));
    if is != wants {
        push(format!("has the column `{name}` of type {is} instead of {wants}"));
    }
    match (found.not_null, wanted.not_null) {
        (true, false) => push(format!("has the column `{name}`, which refuses NULL")),
        (false, true) => push(format!("has the column `{name}`, which allows NULL")),
        _ => {}
    }
    let form = |column: &Column| column.default.as_deref().map(normal::default);
    match (form(found), form(wanted)) {
        (is, wants) if is == wants => {}
        (None, None) => {}
        (None, Some(_)) => push(format!("has the column `{name}` without its default")),
        (Some(_), None) => push(format!("has the column `{name}` with a default")),
        (Some(is), Some(wants)) => {
            push(format!("has the column `{name}` with the default {is} instead of {wants}"));
        }
    }
}
