//! The rules about the indexes of one struct.

use super::columns::KnownColumns;
use super::{check_length, report_unknown_field};
use crate::code;
use crate::diagnostic::Diagnostics;
use crate::model::Method;
use crate::model::types::Type;
use crate::source::raw::{RawField, RawIndex, RawTable, RawType};
use crate::sqltext::Expressions;

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
    let texts = [(&index.on, Expressions::List), (&index.condition, Expressions::One)];
    for (text, expressions) in texts {
        let Some((sql, at)) = text else { continue };
        let unknown = KnownColumns::of_struct(table).find_unknown(sql, expressions);
        unknown.into_iter().for_each(|problem| problems.push(problem.at(*at)));
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
