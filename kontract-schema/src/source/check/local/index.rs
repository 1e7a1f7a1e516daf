//! The rules about the indexes of one struct.

use std::collections::BTreeSet;

use super::{OURS, check_length, column_name, report_unknown_field};
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::Dialect;
use crate::model::types::Type;
use crate::model::{Layout, Method, Sql};
use crate::source::raw::{At, RawField, RawIndex, RawTable, RawType};
use crate::sql::table::DATA;
use crate::sqltext::{
    collect_columns, is_reserved, parse_expression, split_at_commas, split_order,
};

pub fn check_index(table: &RawTable, index: &RawIndex, problems: &mut Diagnostics) {
    if let Some(name) = &index.name {
        check_length(name, index.at, if index.unique { "unique" } else { "index" }, problems);
    }
    for (i, (name, at)) in index.fields.iter().enumerate() {
        if index.fields[..i].iter().any(|(other, _)| other == name) {
            problems
                .report(code::DUPLICATE_ATTRIBUTE, format!("the index has `{name}` twice"))
                .at(at);
        }
        let Some(field) = table.fields.iter().find(|field| field.name == *name) else {
            report_unknown_field(table, name, *at, problems);
            continue;
        };
        let (why, help) = match (reason_against(field, index), index.method.0) {
            (None, _) => continue,
            (Some(why), Method::Btree) => (why, "index a field with a scalar value"),
            (Some(why), Method::Gin) => (why, "remove `method`: the default indexes scalar values"),
        };
        problems
            .report(code::INDEX_TYPE, format!("`{name}` cannot have this index: {why}"))
            .at(index.at)
            .help(help);
    }
    check_method(index, problems);
    if let Some((sql, at)) = &index.on {
        for dialect in Dialect::ALL {
            let all = split_at_commas(dialect, sql.for_dialect(dialect));
            all.iter().for_each(|part| {
                check_columns(table, dialect, split_order(dialect, part).0, *at, problems);
            });
            if let Some(empty) = all.iter().find(|part| part.is_empty()) {
                let message = format!(
                    "an expression of the index is empty: {:?}{empty}",
                    sql.for_dialect(dialect)
                );
                problems.report(code::ATTRIBUTE_FORM, message).at(at);
            }
            if sql.postgres == sql.sqlite {
                break;
            }
        }
    }
    if let Some((sql, at)) = &index.condition {
        check_condition(table, sql, *at, problems);
    }
    let alone = index.fields.len() == 1 && index.condition.is_none();
    let on_key =
        alone && table.fields.iter().any(|f| f.name == index.fields[0].0 && f.primkey.is_some());
    if on_key {
        problems
            .report(code::DUPLICATE_ATTRIBUTE, "the primary key already has an index")
            .at(index.at)
            .help("remove the attribute");
    }
}

/// Why a field cannot be in an index; `None` if it can.
fn reason_against(field: &RawField, index: &RawIndex) -> Option<&'static str> {
    match (&field.ty, index.method.0) {
        (RawType::List(_), Method::Btree) => {
            Some("lists have no order; on PostgreSQL, `method = \"gin\"` indexes their elements")
        }
        (RawType::Known(Type::Json), Method::Btree) => {
            Some("JSON has no order; on PostgreSQL, `method = \"gin\"` indexes its fields")
        }
        (RawType::Known(Type::Number | Type::Float32), Method::Btree) if index.unique => {
            Some("a floating-point NaN does not equal itself")
        }
        // An enum or document is resolved later.
        (RawType::Named(..) | RawType::List(_) | RawType::Known(Type::Json), _)
        | (_, Method::Btree) => None,
        (_, Method::Gin) => Some("the method `gin` is for lists, documents and JSON"),
    }
}

fn check_method(index: &RawIndex, problems: &mut Diagnostics) {
    let (Method::Gin, at) = index.method else { return };
    let (message, help) = match (index.unique, &index.descending[..]) {
        (true, _) => {
            ("an index with the method `gin` cannot be unique", "write `index`, or remove `method`")
        }
        (_, [_, ..]) => ("an index with the method `gin` has no order", "remove `desc`"),
        _ => return,
    };
    problems.report(code::INDEX_TYPE, message).at(at).help(help);
}

pub(super) fn check_condition(table: &RawTable, sql: &Sql, at: At, problems: &mut Diagnostics) {
    check_columns(table, Dialect::Postgres, &sql.postgres, at, problems);
    if sql.postgres != sql.sqlite {
        check_columns(table, Dialect::Sqlite, &sql.sqlite, at, problems);
    }
}

/// Reports columns of an expression that the table does not have. An expression that cannot be parsed
/// is left to the database.
fn check_columns(
    table: &RawTable,
    dialect: Dialect,
    sql: &str,
    at: At,
    problems: &mut Diagnostics,
) {
    let Some(tree) = parse_expression(dialect, sql) else { return };
    let mut names = BTreeSet::new();
    collect_columns(&tree, &mut names);
    let lower = |field: &RawField| column_name(field, table.layout).0.to_lowercase();
    let own: Vec<String> = table.fields.iter().map(lower).collect();
    let table_name = table.table_name().to_lowercase();
    for mut name in names {
        // `users.age`: the column of this table.
        if let Some((qualifier, column)) = name.rsplit_once('.')
            && qualifier.rsplit('.').next() == Some(&table_name)
        {
            name = column.to_owned();
        }
        let known = own.contains(&name)
            || OURS.contains(&name.as_str())
            // A keyword, `current_date`. A column of that name would be quoted.
            || is_reserved(&name)
            || (table.layout == Layout::Document && name == DATA);
        if known {
            continue;
        }
        let near = |other: &&String| strsim::damerau_levenshtein(other, &name) <= 2;
        let message = format!("`{}` has no column `{name}`", table.table_name());
        let problem = Diagnostic::new(code::UNKNOWN_COLUMN, message).at(at);
        problems.push(match own.iter().find(near) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("its columns are {}", own.join(", "))),
        });
    }
}
