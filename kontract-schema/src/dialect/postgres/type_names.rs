//! The names of PostgreSQL for each type: one table for columns, parameters and values in documents.

use crate::model::types::Type;

/// PostgreSQL's names for a type that is not a list.
struct TypeNames {
    /// The type of a column, as DDL writes it.
    column: &'static str,
    /// The type of parameters and results.
    parameter: &'static str,
    /// The type to which the text of a value in a document is cast.
    in_document: &'static str,
}

/// Returns the names for a type. Lists have those of JSON: native arrays are the callers' business.
fn names(ty: &Type) -> TypeNames {
    let (column, parameter, in_document) = match ty {
        Type::Boolean => ("BOOLEAN", "bool", "boolean"),
        Type::Int8 | Type::Int16 | Type::Uint8 => ("SMALLINT", "int2", "bigint"),
        Type::Int32 | Type::Uint16 => ("INTEGER", "int4", "bigint"),
        Type::Bigint | Type::Date | Type::Uint32 => ("BIGINT", "int8", "bigint"),
        Type::Float32 => ("REAL", "float4", "double precision"),
        Type::Number => ("DOUBLE PRECISION", "float8", "double precision"),
        Type::String | Type::Enum(_) | Type::Sql => ("TEXT", "text", "text"),
        Type::Bytes => ("BYTEA", "bytea", "text"),
        Type::Uuid => ("UUID", "uuid", "uuid"),
        Type::Decimal => ("NUMERIC", "numeric", "numeric"),
        Type::Instant => ("TIMESTAMPTZ", "timestamptz", "timestamptz"),
        Type::DateTime => ("TIMESTAMP", "timestamp", "timestamp"),
        Type::Day => ("DATE", "date", "date"),
        Type::Time => ("TIME", "time", "time"),
        Type::Json | Type::Object(_) | Type::Array(_) => ("JSONB", "jsonb", "jsonb"),
    };
    TypeNames { column, parameter, in_document }
}

/// Returns the type of a column: `BIGINT`, `TEXT[]`.
pub fn column_type(ty: &Type) -> String {
    match ty {
        Type::Array(element) if element.is_scalar() => format!("{}[]", column_type(element)),
        ty => names(ty).column.to_owned(),
    }
}

/// Returns the type of a parameter or result: `int8`, `text[]`.
pub fn parameter_type(ty: &Type) -> String {
    match ty {
        Type::Array(element) if element.is_scalar() => format!("{}[]", parameter_type(element)),
        ty => names(ty).parameter.to_owned(),
    }
}

/// Returns the type to which the text of a value in a document is cast: `bigint`, `jsonb`.
pub fn document_type(ty: &Type) -> &'static str {
    names(ty).in_document
}
