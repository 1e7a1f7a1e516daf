//! The expressions of migrations as text: values and documents made from the row that is there. They
//! have no parameters.

use super::super::values::print_now;
use super::super::{
    Conversion, convert_column, convert_key, from_json, json, postgres, sqlite, to_json,
};
use super::{Dialect, expr_text};
use crate::model::Tracked;
use crate::model::types::Type;
use crate::sql::dml::SqlExpr;
use crate::sql::place::ColumnKind;

/// The start of a placeholder for a value that the user has to write: `<value for rating as number>`.
pub(crate) const PLACEHOLDER: &str = "<value for ";

/// The placeholder for a value of a field.
pub(super) fn placeholder(field: &str, ty: &Type) -> String {
    format!("{PLACEHOLDER}{field} as {ty}>")
}

/// The placeholder for a conversion that is not known.
fn unknown(value: &str, ty: &Type) -> SqlExpr {
    SqlExpr::Todo(value.trim_matches('"').to_owned(), ty.clone())
}

/// Prints a value as JSON for a document.
pub(super) fn as_json(dialect: Dialect, value: &SqlExpr) -> String {
    let text = || expr_text(dialect, value);
    match (value, dialect) {
        (SqlExpr::Literal(value, _), Dialect::Postgres) => {
            format!("{}::jsonb", dialect.literal(&value.to_string()))
        }
        (SqlExpr::Literal(value, _), Dialect::Sqlite) => {
            format!("json({})", dialect.literal(&value.to_string()))
        }
        (SqlExpr::Now(_), Dialect::Postgres) => format!("to_jsonb({})", text()),
        (SqlExpr::Todo(_, ty) | SqlExpr::Given(_, ty, _), Dialect::Postgres) => {
            postgres::convert::print_given(&text(), ty)
        }
        (SqlExpr::Todo(_, ty) | SqlExpr::Given(_, ty, _), Dialect::Sqlite) => {
            sqlite::convert::print_given(&text(), ty)
        }
        _ => text(),
    }
}

/// The value of a column as JSON.
pub(super) fn column_as_json(dialect: Dialect, column: &str, ty: &Type) -> String {
    let column = dialect.ident(column);
    to_json(dialect, &column, ty).unwrap_or_else(|| as_json(dialect, &unknown(&column, ty)))
}

/// A key of the document as a column.
pub(super) fn key_as_column(
    dialect: Dialect,
    key: &str,
    to: &ColumnKind,
    not_null: bool,
) -> String {
    from_json(dialect, key, to, not_null).unwrap_or_else(|| match to {
        ColumnKind::Field { ty, .. } => expr_text(dialect, &unknown(key, ty)),
        _ => "NULL".to_owned(),
    })
}

/// The time of the statement.
pub(super) fn time(dialect: Dialect, ty: &Type) -> String {
    print_now(dialect, ty).unwrap_or_else(|| "NULL".to_owned())
}

/// A value of one kind of column, converted to another.
pub(super) fn convert(
    dialect: Dialect,
    value: &SqlExpr,
    from: &ColumnKind,
    to: &ColumnKind,
) -> String {
    let value = expr_text(dialect, value);
    let converted = convert_column(dialect, &value, from, to).into_text(&value);
    converted.unwrap_or_else(|| match to {
        ColumnKind::Field { ty, .. } => expr_text(dialect, &unknown(&value, ty)),
        _ => value,
    })
}

/// The value of a bookkeeping column for rows that were there before it.
pub(super) fn before(dialect: Dialect, tracked: Tracked) -> &'static str {
    match dialect {
        Dialect::Postgres => postgres::print_before(tracked),
        Dialect::Sqlite => sqlite::print_before(tracked),
    }
}

/// The document with JSON below a key.
fn set_key(dialect: Dialect, document: &str, key: &str, json: &str) -> String {
    match dialect {
        Dialect::Postgres => postgres::print_with_key(document, key, json),
        Dialect::Sqlite => sqlite::print_with_key(document, key, json),
    }
}

/// The document with a value below a key.
pub(super) fn with_key(dialect: Dialect, document: &SqlExpr, key: &str, value: &SqlExpr) -> String {
    let json = as_json(dialect, value);
    let document = set_key(dialect, &expr_text(dialect, document), key, &json);
    match value {
        // Without a value the result is NULL, which the column refuses: a null in the document would
        // count as a value.
        SqlExpr::Given(.., true) => {
            format!("CASE WHEN {} IS NOT NULL THEN {document} END", expr_text(dialect, value))
        }
        _ => document,
    }
}

/// The document without a key.
pub(super) fn without_key(dialect: Dialect, document: &SqlExpr, key: &str) -> String {
    let document = expr_text(dialect, document);
    match dialect {
        Dialect::Postgres => postgres::print_without_key(&document, key),
        Dialect::Sqlite => sqlite::print_without_key(&document, key),
    }
}

/// The document with a key renamed.
pub(super) fn rename_key(dialect: Dialect, document: &SqlExpr, from: &str, to: &str) -> String {
    let without = without_key(dialect, document, from);
    match dialect {
        Dialect::Postgres => {
            let value = format!("data->{}", dialect.literal(from));
            postgres::print_with_key(&format!("({without})"), to, &value)
        }
        Dialect::Sqlite => {
            let value = format!("json(data->{})", json::json_path(dialect, from));
            sqlite::print_with_key(&without, to, &value)
        }
    }
}

/// The document with the value below a key converted.
pub(super) fn convert_key_of(
    dialect: Dialect,
    document: &SqlExpr,
    key: &str,
    (from, to): &(Type, Type),
) -> String {
    let document = expr_text(dialect, document);
    match convert_key(dialect, key, from, to) {
        Conversion::By(json) | Conversion::Checked(json) => set_key(dialect, &document, key, &json),
        Conversion::Same => document,
        Conversion::Unknown => {
            set_key(dialect, &document, key, &as_json(dialect, &unknown(key, to)))
        }
    }
}

/// A document of these keys.
pub(super) fn document(dialect: Dialect, keys: &[(String, SqlExpr)]) -> String {
    let pair = |(key, value): &(String, SqlExpr)| {
        format!("{}, {}", dialect.literal(key), as_json(dialect, value))
    };
    let pairs: Vec<String> = keys.iter().map(pair).collect();
    let function = match dialect {
        Dialect::Postgres => "jsonb_build_object",
        Dialect::Sqlite => "json_object",
    };
    format!("{function}({})", pairs.join(", "))
}
