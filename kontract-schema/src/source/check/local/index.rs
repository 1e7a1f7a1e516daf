//! What one struct can get wrong about an index.

use std::collections::BTreeSet;

use super::{OURS, column, too_long, unknown_field};
use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::dialect::Dialect;
use crate::model::types::Type;
use crate::model::{Layout, Method, Sql};
use crate::source::raw::{At, RawField, RawIndex, RawTable, RawType};
use crate::sql::table::DATA;
use crate::sqltext::{columns_of, in_order, is_reserved, parse_expr, split_at_commas};

pub fn index(table: &RawTable, index: &RawIndex, problems: &mut Diagnostics) {
    if let Some(name) = &index.name {
        too_long(name, index.at, if index.unique { "unique" } else { "index" }, problems);
    }
    for (i, (name, at)) in index.fields.iter().enumerate() {
        if index.fields[..i].iter().any(|(other, _)| other == name) {
            problems.push(
                Diagnostic::new(
                    code::DUPLICATE_ATTRIBUTE,
                    format!("`{name}` stands in the index twice"),
                )
                .at(at),
            );
        }
        let Some(field) = table.fields.iter().find(|field| field.name == *name) else {
            unknown_field(table, name, *at, problems);
            continue;
        };
        let (why, help) = match (why_not(field, index), index.method.0) {
            (None, _) => continue,
            (Some(why), Method::Btree) => (why, "index a field that holds one plain value"),
            (Some(why), Method::Gin) => (why, "remove `method`: the default finds a value"),
        };
        problems.push(
            Diagnostic::new(
                code::INDEX_TYPE,
                format!("`{name}` cannot be indexed like this: {why}"),
            )
            .at(index.at)
            .help(help),
        );
    }
    method(index, problems);
    if let Some((sql, at)) = &index.on {
        for dialect in Dialect::ALL {
            let all = split_at_commas(dialect, sql.of(dialect));
            all.iter().for_each(|part| {
                columns(table, dialect, in_order(dialect, part).0, *at, problems);
            });
            if let Some(empty) = all.iter().find(|part| part.is_empty()) {
                let message = format!("a part of the index is empty: {:?}{empty}", sql.of(dialect));
                problems.push(Diagnostic::new(code::ATTRIBUTE_FORM, message).at(at));
            }
            if sql.postgres == sql.sqlite {
                break;
            }
        }
    }
    if let Some((sql, at)) = &index.condition {
        condition(table, sql, *at, problems);
    }
    let alone = index.fields.len() == 1 && index.condition.is_none();
    let on_key =
        alone && table.fields.iter().any(|f| f.name == index.fields[0].0 && f.primkey.is_some());
    if on_key {
        problems.push(
            Diagnostic::new(code::DUPLICATE_ATTRIBUTE, "the key has an index already")
                .at(index.at)
                .help("remove the attribute"),
        );
    }
}

/// Why a field cannot be in the index.
fn why_not(field: &RawField, index: &RawIndex) -> Option<&'static str> {
    match (&field.ty, index.method.0) {
        (RawType::List(_), Method::Btree) => {
            Some("a list has no order; `method = \"gin\"` finds its elements, on PostgreSQL")
        }
        (RawType::Known(Type::Json), Method::Btree) => {
            Some("JSON has no order; `method = \"gin\"` finds what it contains, on PostgreSQL")
        }
        (RawType::Known(Type::Number | Type::Float32), Method::Btree) if index.unique => {
            Some("a floating-point number may not equal itself")
        }
        // An enum or document is resolved later.
        (RawType::Named(..) | RawType::List(_) | RawType::Known(Type::Json), _)
        | (_, Method::Btree) => None,
        (_, Method::Gin) => Some("`gin` finds the elements of lists and documents"),
    }
}

fn method(index: &RawIndex, problems: &mut Diagnostics) {
    let (Method::Gin, at) = index.method else { return };
    let (message, help) = match (index.unique, &index.descending[..]) {
        (true, _) => {
            ("an index of the method gin is not unique", "write `index`, or remove `method`")
        }
        (_, [_, ..]) => ("an index of the method gin has no order", "remove `desc`"),
        _ => return,
    };
    problems.push(Diagnostic::new(code::INDEX_TYPE, message).at(at).help(help));
}

fn condition(table: &RawTable, sql: &Sql, at: At, problems: &mut Diagnostics) {
    columns(table, Dialect::Postgres, &sql.postgres, at, problems);
    if sql.postgres != sql.sqlite {
        columns(table, Dialect::Sqlite, &sql.sqlite, at, problems);
    }
}

/// The columns in an expression are those of the table. One that cannot be read is left to the
/// database.
fn columns(table: &RawTable, dialect: Dialect, sql: &str, at: At, problems: &mut Diagnostics) {
    let Some(tree) = parse_expr(dialect, sql) else { return };
    let mut names = BTreeSet::new();
    columns_of(&tree, &mut names);
    let lower = |field: &RawField| column(field, table.layout).0.to_lowercase();
    let own: Vec<String> = table.fields.iter().map(lower).collect();
    for name in names {
        let known = own.contains(&name)
            || OURS.contains(&name.as_str())
            // A word of SQL that stands where columns do. One of that name would be quoted.
            || is_reserved(&name)
            || (table.layout == Layout::Document && name == DATA);
        if known {
            continue;
        }
        let near = |other: &&String| strsim::damerau_levenshtein(other, &name) <= 2;
        let message = format!("`{name}` is no column of `{}`", table.table_name());
        let problem = Diagnostic::new(code::UNKNOWN_COLUMN, message).at(at);
        problems.push(match own.iter().find(near) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help(format!("its columns are {}", own.join(", "))),
        });
    }
}
