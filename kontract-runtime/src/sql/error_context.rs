//! Errors with the table they happened on, and constraints by the name that the schema gives them.

use kontract_schema::dialect::Dialect;
use kontract_schema::name;

use crate::error::{Error, Kind};
use crate::sql::meta::Meta;

/// The error with ``insert into `users` ``, and with the name of the constraint.
pub(crate) fn explain(meta: &Meta, verb: &str, error: Error) -> Error {
    let doing = format!("{verb} `{}`", meta.name());
    let error = match error.kind() {
        Kind::Unique { constraint } => match named(meta, constraint) {
            Some(name) => error.taken_in(name),
            None => error,
        },
        _ => error,
    };
    error.doing(doing)
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
