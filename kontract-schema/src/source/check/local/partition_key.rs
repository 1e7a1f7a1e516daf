//! The rules about `#[table(partition_by = "…")]`.

use super::{column_name, is_key};
use crate::code;
use crate::diagnostic::Diagnostics;
use crate::dialect::Dialect;
use crate::model::{Layout, PartitionBy, PartitionMethod};
use crate::source::raw::{At, RawField, RawIndex, RawTable};
use crate::sqltext::{list_names, split_at_commas, split_order};

/// The columns that a partition key of PostgreSQL can have.
/// <https://www.postgresql.org/docs/current/limits.html>
const MOST_COLUMNS: usize = 32;

/// Returns the partition key with the fields of its columns. Columns without a field, which
/// [`check_partition_key`] reports, stay.
pub(in crate::source::check) fn resolve_partition_key(
    table: &RawTable,
    key: &PartitionBy,
) -> PartitionBy {
    let field = |column: &String| {
        find_field(table, column).map_or_else(|| column.clone(), |field| field.name.clone())
    };
    PartitionBy { method: key.method, fields: key.fields.iter().map(field).collect() }
}

fn find_field<'a>(table: &'a RawTable, column: &str) -> Option<&'a RawField> {
    table.fields.iter().find(|field| column_name(field, table.layout).0 == column)
}

/// Reports columns that cannot divide the table, and keys and unique indexes without them.
pub(super) fn check_partition_key(table: &RawTable, problems: &mut Diagnostics) {
    let Some((key, at)) = &table.partition_by else { return };
    if table.layout == Layout::Document {
        problems
            .report(code::LAYOUT, "`partition_by` needs the layout `columns`")
            .at(at)
            .help("add `layout = \"columns\"` to `#[table(…)]`");
        return;
    }
    let mut refuse = |message: String, help: &str| {
        problems.report(code::PARTITION_KEY, message).at(at).help(help);
    };
    if key.method == PartitionMethod::List && key.fields.len() > 1 {
        refuse("a list of values divides a table by one column".to_owned(), "name one column");
    }
    if key.fields.len() > MOST_COLUMNS {
        let message = format!("a partition key of PostgreSQL has at most {MOST_COLUMNS} columns");
        refuse(message, "name fewer columns");
    }
    for (i, column) in key.fields.iter().enumerate() {
        if key.fields[..i].contains(column) {
            refuse(format!("`partition_by` has `{column}` twice"), "remove one of them");
        }
    }
    for column in &key.fields {
        let Some(field) = find_field(table, column) else {
            let names = table.fields.iter().map(|field| column_name(field, table.layout).0);
            let names: Vec<&str> = names.collect();
            problems
                .report(
                    code::UNKNOWN_COLUMN,
                    format!("`{}` has no column `{column}`", table.table_name()),
                )
                .at(at)
                .help(format!("its columns are {}", names.join(", ")));
            continue;
        };
        check_column(table, field, column, *at, problems);
    }
}

/// Checks a column of the partition key.
fn check_column(
    table: &RawTable,
    field: &RawField,
    column: &str,
    at: At,
    problems: &mut Diagnostics,
) {
    let mut refuse = |message: String, at: At, help: String| {
        problems.report(code::PARTITION_KEY, message).at(at).help(help);
    };
    if field.generated.is_some() {
        let message =
            format!("`{column}` is generated, which PostgreSQL refuses in a partition key");
        refuse(message, at, "divide the table by another column".to_owned());
    }
    if table.keyless.is_none() && !is_key(table, field) {
        let message = format!(
            "the primary key of `{}` does not have the partition column `{column}`",
            table.ident
        );
        let mut key: Vec<&str> = table.primary_key.iter().map(|(name, _)| name.as_str()).collect();
        if key.is_empty() {
            let marked = table.fields.iter().filter(|other| other.primkey.is_some());
            key.extend(marked.map(|other| other.name.as_str()));
        }
        key.push(&field.name);
        refuse(message, at, format!("write `primary_key({})` in `#[table(…)]`", key.join(", ")));
    }
    let indexes = table.fields.iter().flat_map(|field| &field.indexes).chain(&table.indexes);
    for index in indexes.filter(|index| index.unique && !has_column(index, field, column)) {
        let message = format!("a unique index does not have the partition column `{column}`");
        let help = format!("add `{}` to it: `#[table(unique(…, {}))]`", field.name, field.name);
        refuse(message, index.at, help);
    }
}

/// Whether the column itself is a part of the index.
fn has_column(index: &RawIndex, field: &RawField, column: &str) -> bool {
    let Some((sql, _)) = &index.on else {
        return index.fields.iter().any(|(name, _)| *name == field.name);
    };
    let dialect = Dialect::Postgres;
    split_at_commas(dialect, &sql.postgres).into_iter().any(|part| {
        let (value, _) = split_order(dialect, part);
        matches!(&list_names(dialect, value)[..], [(name, range)] if name == column && range.len() == value.trim().len())
    })
}
