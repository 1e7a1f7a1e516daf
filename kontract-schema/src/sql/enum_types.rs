//! The enum types of PostgreSQL that a schema has: those of its fields with `#[native]` enums.

use std::collections::BTreeMap;

use crate::database::Dialect;
use crate::model::types::Type;
use crate::model::{Field, Schema, SqlKind, Table};
use crate::sqltext::words;

/// The enum types by name, as SQL writes it, with their variants in the order of the source.
pub type EnumTypes = BTreeMap<String, Vec<String>>;

/// Returns the enum types of the tables that migrations create. If fields have different variants for
/// one type, those of the first field: [`check`](crate::source::check) refuses such a schema.
pub fn enum_types(schema: &Schema) -> EnumTypes {
    let mut types = EnumTypes::new();
    for (_, field) in enum_columns(schema) {
        if let Some((name, variants)) = enum_type(field) {
            types.entry(name.to_owned()).or_insert_with(|| variants.to_vec());
        }
    }
    types
}

/// Returns the schema of the database in the name of an enum type: `app` of `app.mood`.
pub fn find_namespace(name: &str) -> Option<String> {
    match &words(Dialect::Postgres, name)[..] {
        [namespace, dot, _] if dot.is(".") => Some(namespace.written_name()?.into_owned()),
        _ => None,
    }
}

/// Returns the fields whose column has an enum type that migrations create, with their tables. Of a
/// document only the key is a column.
pub fn enum_columns(schema: &Schema) -> impl Iterator<Item = (&Table, &Field)> {
    let tables = schema.tables.values().filter(|table| !table.external);
    tables.flat_map(|table| {
        let native = table.schema.iter().filter(|field| field.native);
        native.map(move |field| (table, field))
    })
}

/// Returns the name and the variants of the enum type of a field, or of the elements of its list.
pub fn enum_type(field: &Field) -> Option<(&str, &[String])> {
    let sql_type = field.sql_type.as_ref().filter(|_| field.native)?;
    match (sql_type.kind().innermost(), variants(&field.ty)?) {
        (SqlKind::Named { name, .. }, variants) => Some((name, variants)),
        _ => None,
    }
}

fn variants(ty: &Type) -> Option<&[String]> {
    match ty {
        Type::Enum(variants) => Some(variants),
        Type::Array(element) => variants(element),
        _ => None,
    }
}

/// Whether a list of variants is another one without some of its names, in the same order.
pub fn is_part(part: &[String], whole: &[String]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|name| rest.any(|other| other == name))
}
