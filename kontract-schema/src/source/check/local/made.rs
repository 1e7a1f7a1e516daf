//! The rules about values that the runtime or the database makes: defaults, times, identities,
//! generated columns.

use std::collections::BTreeSet;

use serde_json::Value;

use super::columns::{KnownColumns, report_foreign};
use super::is_key;
use crate::code;
use crate::diagnostic::Diagnostics;
use crate::dialect::{Dialect, resolve_default};
use crate::model::types::Type;
use crate::model::{Layout, Sql, SqlKind};
use crate::source::check::{constant_value, default_help};
use crate::source::raw::{At, RawDefault, RawField, RawTable, RawType};
use crate::sqltext::{Expressions, find_columns, is_value_word};
use crate::stored_text::normalize_constant;

const SWITCH: &str = "add `layout = \"columns\"` to `#[table(…)]`";

/// Reports attributes of a field that contradict each other, its type, or the table's layout.
pub fn check_made(table: &RawTable, field: &RawField, problems: &mut Diagnostics) {
    check_default(table, field, problems);
    check_default_sql(table, field, problems);
    check_stamp(table, field, problems);
    check_identity(table, field, problems);
    check_generated(table, field, problems);
}

fn check_default(table: &RawTable, field: &RawField, problems: &mut Diagnostics) {
    let Some((default, written)) = &field.default else { return };
    let mut report = |message: String, help: &str| {
        problems.report(code::DEFAULT_VALUE, message).at(written.at).help(help);
    };
    if is_key(table, field) {
        report(
            "a key cannot have a constant default: two rows would have the same key".into(),
            "remove it; a key of type `Uuid` or `String` that is not given gets a new UUID, and with `#[primkey(identity)]` the database numbers the rows",
        );
        return;
    }
    if field.stamp.is_some() {
        report(TIME_WITH_DEFAULT.into(), HELP_TIME);
        return;
    }
    let Some(ty) = known_type(&field.ty) else { return };
    let RawDefault::Value(value) = default else {
        let message = format!("this default is not a value of the type `{ty}`");
        report(message, "only the default of an enum is a variant");
        return;
    };
    let constant = constant_value(value, &ty).filter(|value| is_text_of(value, &field.ty));
    if constant.is_none() {
        let message = format!("this default is not a value of the type `{ty}`");
        report(message, &default_help(&ty));
    } else if table.layout == Layout::Document && !fits_document(&field.ty) {
        let message = format!("a default of the type `{ty}` needs the layout `columns`");
        problems.report(code::LAYOUT, message).at(written.at).help(SWITCH);
    }
}

const TIME_WITH_DEFAULT: &str = "a field with `created_at` or `updated_at` cannot have a default";
const HELP_TIME: &str = "its value is the time of the change: remove one of the attributes";

/// Whether the JSON of a constant is known: it does not depend on the Rust type, as that of bytes does,
/// and of intervals.
fn fits_document(ty: &RawType) -> bool {
    match ty {
        RawType::List(element) => fits_document(element),
        RawType::Known(Type::Bytes) | RawType::Text(SqlKind::Interval(_)) => false,
        RawType::Known(_) | RawType::Text(_) | RawType::Named(..) => true,
    }
}

/// The type of a field without enums and documents, which are resolved later.
fn known_type(ty: &RawType) -> Option<Type> {
    match ty {
        RawType::Known(ty) => Some(ty.clone()),
        RawType::List(element) => known_type(element).map(|ty| Type::Array(Box::new(ty))),
        RawType::Text(_) => Some(Type::Sql),
        RawType::Named(..) => None,
    }
}

/// Whether a constant is a value of a type that travels as text, if the type is one.
fn is_text_of(value: &Value, ty: &RawType) -> bool {
    text_kind(ty).is_none_or(|kind| normalize_constant(&kind, value).is_some())
}

/// The column type of a type that travels as text, or of a list of it.
fn text_kind(ty: &RawType) -> Option<SqlKind> {
    match ty {
        RawType::Text(kind) => Some(kind.clone()),
        RawType::List(element) => text_kind(element).map(|kind| SqlKind::Array(Box::new(kind))),
        RawType::Known(_) | RawType::Named(..) => None,
    }
}

fn check_default_sql(table: &RawTable, field: &RawField, problems: &mut Diagnostics) {
    let Some((sql, at)) = &field.default_sql else { return };
    if table.layout == Layout::Document {
        problems
            .report(code::LAYOUT, "a default in SQL needs the layout `columns`")
            .at(at)
            .help(SWITCH);
    }
    if field.stamp.is_some() {
        problems.report(code::DEFAULT_VALUE, TIME_WITH_DEFAULT).at(at).help(HELP_TIME);
    }
    if let Some(ty) = known_type(&field.ty) {
        let found = report_foreign("default", &resolve_default(sql, &ty), Expressions::One);
        found.into_iter().for_each(|problem| problems.push(problem.at(at)));
    }
    if let Some(name) = list_columns(sql).first() {
        let message = format!("a default cannot use a column: `{name}`");
        problems.report(code::DEFAULT_VALUE, message).at(at).help(
            "write a text in single quotes, `#[default(sql = \"'…'\")]`; a value computed from columns is `#[generated(\"…\")]`",
        );
    }
}

/// The columns that an expression names on either database, in lower case. An expression that cannot
/// be parsed is left to the database.
fn list_columns(sql: &Sql) -> BTreeSet<String> {
    let names = if sql.postgres == sql.sqlite {
        find_columns(&Dialect::ALL, &sql.postgres).into_iter().collect::<Vec<_>>()
    } else {
        let each = |dialect: Dialect| find_columns(&[dialect], sql.for_dialect(dialect));
        Dialect::ALL.into_iter().flat_map(each).collect()
    };
    names.into_iter().filter(|name| !is_value_word(name)).collect()
}

fn check_stamp(table: &RawTable, field: &RawField, problems: &mut Diagnostics) {
    let Some((_, at)) = field.stamp else { return };
    let is_time = matches!(
        field.ty,
        RawType::Known(
            Type::Date | Type::Instant | Type::DateTime | Type::Day | Type::Time | Type::String
        )
    );
    if !is_time {
        problems
            .report(
                code::STAMP,
                format!("`{}` cannot have `created_at` or `updated_at`", field.name),
            )
            .at(field.ty_at)
            .help(
                "the type must be `Timestamp`, a date or time of jiff, chrono or time, or `String`",
            );
    }
    if is_key(table, field) {
        problems.report(code::STAMP, "the key cannot have `created_at` or `updated_at`").at(at);
    }
}

fn check_identity(table: &RawTable, field: &RawField, problems: &mut Diagnostics) {
    let Some(at) = field.identity else { return };
    if table.layout == Layout::Document {
        problems
            .report(code::LAYOUT, "`primkey(identity)` needs the layout `columns`")
            .at(at)
            .help(SWITCH);
    }
    let is_integer = matches!(field.ty, RawType::Known(Type::Int16 | Type::Int32 | Type::Bigint));
    if !is_integer || field.sql_type.is_some() {
        problems
            .report(code::KEY_TYPE, format!("`{}` cannot be numbered by the database", field.name))
            .at(if is_integer { at } else { field.ty_at })
            .help("the type of a key with `identity` is `i16`, `i32` or `i64`, without `sql_type`");
    }
    let contradicting = [
        ("a default", field.default_sql.as_ref().map(|(_, at)| *at)),
        ("a reference", field.references.as_ref().map(|reference| reference.at)),
        ("`generated`", field.generated.as_ref().map(|(_, at)| *at)),
    ];
    for (what, at) in contradicting {
        if let Some(at) = at {
            problems
                .report(code::ATTRIBUTE_FORM, format!("a key with `identity` cannot have {what}"))
                .at(at)
                .help("the database numbers the rows: remove one of them");
        }
    }
}

fn check_generated(table: &RawTable, field: &RawField, problems: &mut Diagnostics) {
    let Some((generated, at)) = &field.generated else { return };
    if table.layout == Layout::Document {
        problems.report(code::LAYOUT, "`generated` needs the layout `columns`").at(at).help(SWITCH);
        return;
    }
    if is_key(table, field) {
        problems
            .report(code::KEY_TYPE, "a key cannot be generated from other columns")
            .at(at)
            .help("remove `generated`, or put a `#[unique]` index on the field instead of the key");
    }
    let contradicting = [
        ("a default", field.default.as_ref().map(|(_, written)| written.at)),
        ("a default", field.default_sql.as_ref().map(|(_, at)| *at)),
        ("a time of change", field.stamp.map(|(_, at)| at)),
        ("`backfill`", field.backfill.as_ref().map(|(_, at)| *at)),
    ];
    for (what, at) in contradicting {
        if let Some(at) = at {
            problems
                .report(code::ATTRIBUTE_FORM, format!("a generated field cannot have {what}"))
                .at(at)
                .help("the database computes its value: remove one of them");
        }
    }
    check_expression(table, field, &generated.sql, *at, problems);
    let indexes = table.fields.iter().flat_map(|field| &field.indexes).chain(&table.indexes);
    let on_it = |(name, _): &(String, At)| *name == field.name;
    for index in indexes.filter(|index| !generated.stored && index.fields.iter().any(on_it)) {
        problems
            .report(code::INDEX_TYPE, format!("`{}` is virtual and cannot be indexed", field.name))
            .at(index.at)
            .help("remove `virtual`: PostgreSQL indexes stored columns only");
    }
}

/// Reports columns of the expression that the table does not have, and generated ones.
fn check_expression(
    table: &RawTable,
    field: &RawField,
    sql: &Sql,
    at: At,
    problems: &mut Diagnostics,
) {
    let columns = KnownColumns::of_struct(table);
    let found = columns.check_expression("generated", sql, Expressions::One);
    found.into_iter().for_each(|problem| problems.push(problem.at(at)));
    let column = |field: &RawField| super::column_name(field, table.layout).0.to_lowercase();
    for name in list_columns(sql) {
        let other = table.fields.iter().find(|other| column(other) == name);
        if other.is_some_and(|other| other.generated.is_some()) {
            let message = if name == column(field) {
                format!("`{name}` is computed from itself")
            } else {
                format!("`{name}` is itself generated, and PostgreSQL computes no column from it")
            };
            problems
                .report(code::UNKNOWN_COLUMN, message)
                .at(at)
                .help("repeat the expression of that field in place of its name");
        }
    }
}
