//! Queries for the keys of rows that stand against something, and how many rows there are.

use super::{Dialect, conversion, ddl, json, values};
use crate::model::types::Type;
use crate::model::{Field, Sql, Table};
use crate::sql::ddl::{CreateIndex, Indexed, Place};
use crate::sql::table::{self, DATA};
use crate::sqltext::split_order;

/// What rows stand against.
#[derive(Clone, Debug)]
pub(crate) enum Violation<'a> {
    /// A unique index: others have the same values.
    Duplicate(CreateIndex),
    /// A required field: they have no value.
    Missing(&'a Field),
    /// A check, by its SQL.
    Check(&'a Sql),
    /// A reference: its fields, the table referred to, and the fields there.
    NoTarget(Vec<&'a Field>, &'a Table, Vec<&'a Field>),
    /// An enum: they hold something else.
    NoVariant(&'a Field, &'a [String]),
    /// Another type: it has no place for their value.
    Misfit(&'a Field, &'a Type),
}

/// Returns a query that returns a row if the table has a row without a value in its key, and statements
/// that remove such rows or give them a key; `None` for a table without a key.
pub fn query_null_keys(dialect: Dialect, table: &Table) -> Option<(String, [String; 2])> {
    let name = dialect.ident(&table.ptr);
    let key = table::column_names(table, &table.key());
    if key.is_empty() {
        return None;
    }
    let key: Vec<String> = key.iter().map(|column| dialect.ident(column)).collect();
    let is_null: Vec<String> = key.iter().map(|column| format!("{column} IS NULL")).collect();
    let is_null = is_null.join(" OR ");
    let set: Vec<String> = key.iter().map(|column| format!("{column} = …")).collect();
    let find = format!("SELECT 1 FROM {name} WHERE {is_null} LIMIT 1");
    let delete = format!("DELETE FROM {name} WHERE {is_null}");
    let update = format!("UPDATE {name} SET {} WHERE {is_null}", set.join(", "));
    Some((find, [delete, update]))
}

/// Returns a query for the keys of these rows, in their order, as text; `None` if there can be no such
/// rows, or a query cannot find them. A row without a key has its place in the table.
pub(crate) fn query_violations(
    dialect: Dialect,
    table: &Table,
    violation: &Violation<'_>,
) -> Option<String> {
    let id = |name: &str| dialect.ident(name);
    let (name, mut key) = (dialect.table(&table.path()), table::column_names(table, &table.key()));
    if key.is_empty() {
        key.extend(dialect.capabilities().row_id.last().map(|&column| column.to_owned()));
    }
    let key: Vec<String> = key.iter().map(|column| id(column)).collect();
    let value = |of: &Table, field: &Field| match table::place(of, field) {
        Place::Column(column) => id(&column),
        Place::Key(key, ty) => json::print_json_key(dialect, DATA, &key, &ty),
    };
    let values = |of: &Table, fields: &[&Field]| -> Vec<String> {
        fields.iter().map(|field| value(of, field)).collect()
    };
    let there = |values: &[String]| -> Vec<String> {
        values.iter().map(|value| format!("{value} IS NOT NULL")).collect()
    };
    let condition = match violation {
        Violation::Duplicate(index) => {
            let place = |place: &Place| match place {
                Place::Column(column) => id(column),
                Place::Key(key, ty) => json::print_json_key(dialect, DATA, key, ty),
            };
            let mut values: Vec<String> = match &index.on {
                Indexed::Places(places) => places.iter().map(|one| place(&one.place)).collect(),
                Indexed::Text(_) => ddl::print_index_parts(dialect, index)
                    .iter()
                    .map(|part| split_order(dialect, part).0.to_owned())
                    .collect(),
            };
            let mut rows = if index.nulls_not_distinct {
                // NULL equals NULL only as something else.
                let known = |value: &String| {
                    [format!("coalesce(CAST({value} AS TEXT), '')"), format!("{value} IS NULL")]
                };
                values = values.iter().flat_map(known).collect();
                vec!["1 = 1".to_owned()]
            } else {
                there(&values)
            };
            rows.extend(ddl::print_index_condition(dialect, index).map(
                |rows| match &index.condition {
                    Some(_) => format!("({rows})"),
                    None => rows,
                },
            ));
            let (rows, list) = (rows.join(" AND "), values.join(", "));
            format!(
                "{rows} AND ({list}) IN \
                 (SELECT {list} FROM {name} WHERE {rows} GROUP BY {list} HAVING count(*) > 1)"
            )
        }
        Violation::Missing(field) => match table::place(table, field) {
            Place::Column(column) => format!("{} IS NULL", id(&column)),
            Place::Key(key, _) => format!("NOT ({})", values::print_has_key(dialect, &key)),
        },
        Violation::Check(sql) => format!("NOT ({})", sql.for_dialect(dialect)),
        Violation::NoTarget(fields, target, to) => {
            let values = values(table, fields);
            // The tables may have columns of the same names, and may be one.
            let list: Vec<String> = to.iter().map(|field| value(target, field)).collect();
            format!(
                "{} AND ({}) NOT IN (SELECT {} FROM {} WHERE {})",
                there(&values).join(" AND "),
                values.join(", "),
                list.join(", "),
                dialect.table(&target.path()),
                there(&list).join(" AND "),
            )
        }
        Violation::NoVariant(field, names) => {
            let names: Vec<String> = names.iter().map(|name| dialect.literal(name)).collect();
            // An enum type may not have the new names yet.
            let value = value(table, field);
            let text = if field.native { format!("CAST({value} AS TEXT)") } else { value };
            format!("{text} NOT IN ({})", names.join(", "))
        }
        Violation::Misfit(field, to) => {
            conversion::print_misfit(dialect, &value(table, field), &field.ty, to)?
        }
    };
    let text: Vec<String> = key.iter().map(|column| format!("CAST({column} AS TEXT)")).collect();
    let (text, order) = (text.join(" || ', ' || "), key.join(", "));
    Some(format!("SELECT {text} FROM {name} WHERE {condition} ORDER BY {order}"))
}

/// How many rows a query has: one row, one number.
pub fn query_count(rows: &str) -> String {
    format!("SELECT count(*) FROM ({rows}) AS found")
}

/// The first rows of a query.
pub fn query_first(rows: &str, most: usize) -> String {
    format!("{rows} LIMIT {most}")
}

/// How many rows a table has.
pub fn query_row_count(dialect: Dialect, table: &str) -> String {
    format!("SELECT count(*) FROM {}", dialect.table(table))
}

/// The greatest number in a column of a SQLite table, which may hold anything; 0 without one.
pub fn query_greatest_number(table: &str, column: &str) -> String {
    let (table, column) = (Dialect::Sqlite.table(table), Dialect::Sqlite.ident(column));
    format!("SELECT coalesce(max({column}), 0) FROM {table} WHERE typeof({column}) = 'integer'")
}

/// The greatest value of a column, as text; null without rows.
pub fn query_greatest_text(dialect: Dialect, table: &str, column: &str) -> String {
    let (table, column) = (dialect.table(table), dialect.ident(column));
    format!("SELECT CAST(max({column}) AS TEXT) FROM {table}")
}

/// The values, and how often, that several rows of a PostgreSQL table have, by the parts of a unique
/// index as they stand in its statement.
pub fn query_duplicates(
    table: &str,
    columns: &str,
    only: Option<&str>,
    nulls_equal: bool,
) -> String {
    let only = only.map(|only| format!(" WHERE {only}")).unwrap_or_default();
    let values = if nulls_equal { String::new() } else { format!(" AND num_nulls({columns}) = 0") };
    format!(
        "SELECT {columns}, count(*) FROM {table}{only} GROUP BY {columns} HAVING count(*) > 1{values}"
    )
}
