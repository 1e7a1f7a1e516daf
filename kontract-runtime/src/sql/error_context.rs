//! Errors with the table they happened on, and constraints by the name that the schema gives them.

use kontract_schema::dialect::Dialect;
use kontract_schema::model::SqlKind;
use kontract_schema::name;
use kontract_schema::stored_text::Form;

use crate::error::{Error, Kind};
use crate::sql::meta::Meta;
use crate::value::fit::form_help;

/// The error with ``insert into `users` ``, and with the name of the constraint.
pub(crate) fn explain(meta: &Meta, verb: &str, error: Error) -> Error {
    let doing = format!("{verb} `{}`", meta.name());
    let error = match error.kind() {
        Kind::Unique { constraint } => match named(meta, constraint) {
            Some(name) => error.taken_in(name),
            None => error,
        },
        _ => with_columns(meta, error),
    };
    error.doing(doing)
}

/// Adds to an error about a text that is not a value of a type the columns of the type, and a value of it.
fn with_columns(meta: &Meta, error: Error) -> Error {
    let Some(ty) = error.expected_type() else { return error };
    let of_type = meta.table.schema.iter().filter_map(|field| {
        let kind = field.sql_type.as_ref()?.kind().innermost();
        is_type(kind, ty).then(|| (format!("`{}`", field.name), Form::for_kind(kind)))
    });
    let (names, forms): (Vec<String>, Vec<Option<Form>>) = of_type.unzip();
    if names.is_empty() {
        return error;
    }
    let named = error.of_columns(&names.join(" or "));
    match forms.first() {
        Some(Some(form)) => named.with_help(form_help(*form)),
        _ => named,
    }
}

/// Whether a message of PostgreSQL calls a type by this name.
fn is_type(kind: &SqlKind, name: &str) -> bool {
    match kind {
        SqlKind::Bit(_) | SqlKind::VarBit(_) => name == "bit",
        // Of a bound, PostgreSQL names the type.
        SqlKind::Range(of) => {
            name == "range" || is_type(&SqlKind::for_type(&of.value_type()), name)
        }
        SqlKind::Multirange(of) => name == "multirange" || is_type(&SqlKind::Range(*of), name),
        SqlKind::Json | SqlKind::Jsonb => name == "json",
        SqlKind::Time(_) => name == "time",
        SqlKind::Timestamp(_) => name == "timestamp",
        kind => kind.without_limits().to_string() == name,
    }
}

/// The name of the primary key.
pub(crate) fn key_name(meta: &Meta) -> String {
    name::join(&[&meta.table.ptr, "pkey"])
}

/// SQLite names columns, `posts.author, posts.title`: the index that they belong to.
fn named(meta: &Meta, constraint: &str) -> Option<String> {
    let prefix = format!("{}.", Dialect::Sqlite.table_name(&meta.table.path()));
    let columns: Option<Vec<&str>> =
        constraint.split(", ").map(|column| column.strip_prefix(&prefix)).collect();
    let columns = columns?;
    let column_of = |name: &str| meta.table.field(name).map(|field| field.column().to_owned());
    let key: Vec<String> = meta.table.key().into_iter().filter_map(column_of).collect();
    if key == columns {
        return Some(key_name(meta));
    }
    let index = meta.table.indexes.iter().find(|(_, index)| {
        let indexed: Vec<String> = index.fields.iter().filter_map(|f| column_of(f)).collect();
        index.unique && indexed == columns
    });
    index.map(|(name, _)| name.clone())
}
