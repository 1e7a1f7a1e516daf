//! The rules about the indexes of one struct.

use super::columns::KnownColumns;
use super::{check_length, report_unknown_field};
use crate::code;
use crate::diagnostic::Diagnostics;
use crate::dialect::Dialect;
use crate::model::types::Type;
use crate::model::{Layout, Method, Sql, SqlKind};
use crate::source::raw::{At, RawField, RawIndex, RawTable, RawType};
use crate::sqltext::Expressions;

/// The columns that an index of PostgreSQL can have.
/// <https://www.postgresql.org/docs/current/limits.html>
const MOST_INDEX_FIELDS: usize = 32;

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
        if let Some((why, help)) = reason_against(field, index) {
            problems
                .report(code::INDEX_TYPE, format!("`{name}` cannot have this index: {why}"))
                .at(index.at)
                .help(help);
        }
    }
    check_options(table, index, problems);
    check_method(index, problems);
    check_texts(table, index, problems);
    if index.fields.len() + index.include.len() > MOST_INDEX_FIELDS {
        let message = format!("an index of PostgreSQL has at most {MOST_INDEX_FIELDS} columns");
        problems
            .report(code::TOO_MANY_COLUMNS, message)
            .at(index.at)
            .help("index fewer fields: the first ones find the rows");
    }
    // Another operator class or method finds other rows, and included fields are read from the index.
    let alone = index.fields.len() == 1
        && index.condition.is_none()
        && index.opclass.is_empty()
        && index.include.is_empty()
        && index.method.0 == Method::Btree;
    let is_whole_key = |field: &RawField| {
        field.name == index.fields[0].0 && field.primkey.is_some() && table.primary_key.len() < 2
    };
    let on_key = alone && table.fields.iter().any(is_whole_key);
    if on_key {
        problems
            .report(code::DUPLICATE_ATTRIBUTE, "the primary key already has an index")
            .at(index.at)
            .help("remove the attribute");
    }
}

/// Checks the expressions and the condition. An index that SQLite does not have has no text for it.
fn check_texts(table: &RawTable, index: &RawIndex, problems: &mut Diagnostics) {
    let columns = KnownColumns::of_struct(table);
    let of_postgres = |sql: &Sql| Sql::from(sql.postgres.as_str());
    let is_of_both = Dialect::Sqlite.has(index.method.0);
    let name = if index.unique { "unique" } else { "index" };
    if let Some((sql, at)) = &index.on {
        let found = if is_of_both {
            columns.check_expression(&format!("{name}(on)"), sql, Expressions::List)
        } else {
            columns.find_unknown(&of_postgres(sql), Expressions::List)
        };
        found.into_iter().for_each(|problem| problems.push(problem.at(*at)));
    }
    if let Some((sql, at)) = &index.condition {
        let found = if is_of_both {
            columns.check_condition(&format!("{name}(where)"), sql)
        } else {
            columns.find_unknown(&of_postgres(sql), Expressions::One)
        };
        found.into_iter().for_each(|problem| problems.push(problem.at(*at)));
    }
}

/// Returns why a field cannot be in an index, and what to do; `None` if it can.
fn reason_against(field: &RawField, index: &RawIndex) -> Option<(&'static str, &'static str)> {
    const SCALAR: &str = "index a field with a scalar value";
    const ORDERED: &str = "remove `method`: the default indexes scalar values";
    const CLASS: &str = "name an operator class: `opclass = \"…\"`";
    let has_class = index.opclass.iter().any(|(name, ..)| *name == field.name);
    let is_float = matches!(field.ty, RawType::Known(Type::Number | Type::Float32));
    if index.unique && is_float {
        return Some(("a floating-point NaN does not equal itself", SCALAR));
    }
    // The column's own type, or an operator class, decides.
    if has_class || (field.sql_type.is_some() && index.method.0 != Method::Btree) {
        return None;
    }
    match (&field.ty, index.method.0) {
        (RawType::List(_), Method::Btree) => Some((
            "lists have no order; on PostgreSQL, `method = \"gin\"` indexes their elements",
            SCALAR,
        )),
        (RawType::Known(Type::Json), Method::Btree) => Some((
            "JSON has no order; on PostgreSQL, `method = \"gin\"` indexes its fields",
            SCALAR,
        )),
        (RawType::List(_) | RawType::Known(Type::Json | Type::Boolean), Method::Brin) => {
            Some(("the method `brin` is for values with an order", ORDERED))
        }
        (RawType::Known(Type::String), Method::Spgist)
        | (RawType::Text(SqlKind::Range(_)), Method::Gist | Method::Spgist)
        | (RawType::Text(SqlKind::Inet), Method::Spgist) => None,
        (RawType::Text(SqlKind::VarBit(_)), Method::Hash) => {
            Some(("PostgreSQL has no default operator class of this method for its type", CLASS))
        }
        (_, Method::Gist | Method::Spgist) => {
            Some(("PostgreSQL has no default operator class of this method for its type", CLASS))
        }
        // An enum or document is resolved later.
        (RawType::Named(..) | RawType::List(_) | RawType::Known(Type::Json), Method::Gin)
        | (_, Method::Btree | Method::Brin | Method::Hash) => None,
        (_, Method::Gin) => Some(("the method `gin` is for lists, documents and JSON", ORDERED)),
    }
}

fn check_method(index: &RawIndex, problems: &mut Diagnostics) {
    let (method, at) = index.method;
    if method == Method::Btree {
        return;
    }
    let name = method.as_str();
    let has_one = matches!(method, Method::Hash | Method::Spgist);
    let (what, help) = if index.unique {
        ("cannot be unique", "write `index`, or remove `method`")
    } else if !index.descending.is_empty() {
        ("has no order", "remove `desc`")
    } else if has_one && index.fields.len() > 1 {
        ("has one field", "write an index for each field, or remove `method`")
    } else if !index.include.is_empty() && !matches!(method, Method::Gist | Method::Spgist) {
        ("cannot include other fields", "remove `include`, or remove `method`")
    } else {
        return;
    };
    let message = format!("an index with the method `{name}` {what}");
    problems.report(code::INDEX_TYPE, message).at(at).help(help);
}

/// Checks operator classes, included fields, and what only unique indexes have.
fn check_options(table: &RawTable, index: &RawIndex, problems: &mut Diagnostics) {
    let has_field = |name: &String| table.fields.iter().any(|field| field.name == *name);
    let is_indexed = |name: &String| index.fields.iter().any(|(field, _)| field == name);
    for (name, _, at) in &index.opclass {
        if !is_indexed(name) {
            let message = format!("`{name}` has an operator class and is not in the index");
            problems.report(code::UNKNOWN_FIELD, message).at(at).help("add it to the fields");
        }
    }
    for (name, at) in &index.include {
        if !has_field(name) {
            report_unknown_field(table, name, *at, problems);
        } else if is_indexed(name) {
            let message = format!("the index has `{name}` twice");
            problems.report(code::DUPLICATE_ATTRIBUTE, message).at(at).help("remove one of them");
        }
    }
    let mut refuse = |message: &str, at: At, help: &str| {
        problems.report(code::INDEX_TYPE, message).at(at).help(help);
    };
    if let (Some((_, at)), Layout::Document) = (index.include.first(), table.layout) {
        refuse(
            "the fields of a document cannot be included in an index: they are not columns",
            *at,
            "add `layout = \"columns\"` to `#[table(…)]`, or remove `include`",
        );
    }
    if let (Some(at), false) = (index.nulls_not_distinct, index.unique) {
        refuse("only a unique index can have `nulls_not_distinct`", at, "write `unique`");
    }
    if let (Some(at), Some(_)) = (index.nulls_not_distinct, &index.on) {
        refuse(
            "an index on expressions cannot have `nulls_not_distinct`",
            at,
            "write `coalesce(…)` in the expression",
        );
    }
    let Some((_, at)) = index.deferrable else { return };
    if !index.unique {
        refuse("only a unique index can be deferrable", at, "write `unique`");
    }
    let is_constraint = index.on.is_none()
        && index.condition.is_none()
        && index.descending.is_empty()
        && index.opclass.is_empty()
        && table.layout == Layout::Columns
        && !table.track.soft_delete;
    if !is_constraint {
        refuse(
            "an index that is deferrable is a constraint on the columns of all rows",
            at,
            "remove `deferrable`; or `on`, `where`, `desc`, `opclass` and `soft_delete`, and use the layout `columns`",
        );
    }
}
