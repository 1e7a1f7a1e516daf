//! Maps column types to Rust types: the reverse of the table in [`crate::model::types`].

use crate::catalog::{Catalog, normal};
use crate::dialect::Dialect;
use crate::model::types::Type;
use crate::model::{SqlKind, SqlType};

/// The Rust type for a column.
#[derive(Clone, Debug)]
pub struct Mapped {
    /// Its source text.
    pub rust: String,
    /// Its type in the model.
    pub ty: Type,
    /// The column's type, if the Rust type does not imply it.
    pub sql_type: Option<String>,
    /// The feature of Kontract that it requires.
    pub feature: Option<&'static str>,
    /// Whether it can be a primary key.
    pub is_key: bool,
}

/// Returns a column's type for a note: `of the type text`.
pub fn print_type_of(ty: &str) -> String {
    if ty.is_empty() { "without a type".to_owned() } else { format!("of the type {ty}") }
}

/// Returns the type for a column, if there is one.
pub fn map_type(catalog: &Catalog, ty: &str) -> Option<Mapped> {
    match catalog.dialect {
        Dialect::Sqlite => map_sqlite_type(ty),
        Dialect::Postgres => map_postgres_type(ty, &find_base(catalog, ty)),
    }
}

/// Returns the type under a domain, or under the elements of a list of it; for any other type the type itself.
fn find_base(catalog: &Catalog, ty: &str) -> String {
    let (element, list) = match ty.strip_suffix("[]") {
        Some(element) => (element, "[]"),
        None => (ty, ""),
    };
    let mut base = element;
    while let Some(under) = catalog.domains.get(base) {
        base = under;
    }
    format!("{base}{list}")
}

fn map_sqlite_type(text: &str) -> Option<Mapped> {
    let (text, collation) = normal::split_collation(text);
    let upper = text.to_ascii_uppercase();
    let ty = match normal::find_affinity(text).as_str() {
        "integer" if upper.contains("BOOL") => Type::Boolean,
        "integer" => Type::Bigint,
        "text" => Type::String,
        "real" => Type::Number,
        // A column without a type has values of any kind.
        "blob" if !text.trim().is_empty() => Type::Bytes,
        _ => return None,
    };
    // The type of a column with this collation.
    let sql_type = (ty == Type::String && collation == Some("NOCASE")).then(|| "citext".to_owned());
    Some(Mapped { sql_type, ..map_plain(ty) })
}

fn map_postgres_type(text: &str, base: &str) -> Option<Mapped> {
    let base = SqlType::from_text(base);
    let mapped = map_kind(base.kind())?;
    // By its text: `timestamp(6)` is `timestamp`, and another text in the catalogue.
    let is_implied = implied_kind(base.kind(), &mapped.ty).to_string() == text;
    Some(Mapped { sql_type: (!is_implied).then(|| text.to_owned()), ..mapped })
}

/// Returns the column type that the Rust type of a kind implies.
fn implied_kind(kind: &SqlKind, ty: &Type) -> SqlKind {
    match kind {
        SqlKind::Array(element) => match ty {
            Type::Array(ty) => SqlKind::Array(Box::new(implied_kind(element, ty))),
            ty => SqlKind::for_type(ty),
        },
        SqlKind::Inet | SqlKind::Cidr => SqlKind::Inet,
        SqlKind::Macaddr | SqlKind::Range(_) => kind.clone(),
        SqlKind::Interval(_) => SqlKind::Interval(None),
        SqlKind::Bit(_) | SqlKind::VarBit(_) => SqlKind::VarBit(None),
        _ => SqlKind::for_type(ty),
    }
}

fn map_kind(kind: &SqlKind) -> Option<Mapped> {
    let ty = match kind {
        SqlKind::SmallInt => Type::Int16,
        SqlKind::Integer => Type::Int32,
        SqlKind::BigInt => Type::Bigint,
        SqlKind::Real => Type::Float32,
        SqlKind::Double => Type::Number,
        SqlKind::Numeric(_) => Type::Decimal,
        SqlKind::Boolean => Type::Boolean,
        SqlKind::Bytea => Type::Bytes,
        SqlKind::Uuid => Type::Uuid,
        SqlKind::Json | SqlKind::Jsonb => Type::Json,
        SqlKind::Date => Type::Day,
        SqlKind::Time(_) => Type::Time,
        SqlKind::Timestamp(_) => Type::DateTime,
        SqlKind::TimestampTz(_) => Type::Instant,
        SqlKind::Array(element) => {
            let element = map_kind(element)?;
            // A list of JSON is JSON, not an array of it.
            if element.ty == Type::Json {
                return Some(map_plain(Type::String));
            }
            return Some(Mapped {
                rust: format!("Vec<{}>", element.rust),
                ty: Type::Array(Box::new(element.ty)),
                sql_type: None,
                feature: element.feature,
                is_key: false,
            });
        }
        // Text, and what reads and writes as text: composite types.
        kind => return Some(map_text_kind(kind).unwrap_or_else(|| map_plain(Type::String))),
    };
    Some(map_plain(ty))
}

/// Maps a column type with a Rust type whose values travel as text.
fn map_text_kind(kind: &SqlKind) -> Option<Mapped> {
    let (name, feature) = match kind {
        SqlKind::Inet | SqlKind::Cidr => ("IpNet".to_owned(), None),
        SqlKind::Macaddr => ("MacAddr".to_owned(), None),
        SqlKind::Interval(_) => ("Interval".to_owned(), None),
        SqlKind::Bit(_) | SqlKind::VarBit(_) => ("Bits".to_owned(), None),
        SqlKind::Hstore => {
            let rust = "std::collections::BTreeMap<String, Option<String>>".to_owned();
            return Some(Mapped { rust, ..map_plain(Type::Sql) });
        }
        SqlKind::Vector(_) => {
            let ty = Type::Array(Box::new(Type::Float32));
            return Some(Mapped { rust: "Vec<f32>".to_owned(), ..map_plain(ty) });
        }
        SqlKind::Range(of) => {
            let value = map_plain(of.value_type());
            (format!("Range<{}>", value.rust), value.feature)
        }
        _ => return None,
    };
    let rust = format!("kontract::value::{name}");
    Some(Mapped { rust, ty: Type::Sql, sql_type: None, feature, is_key: true })
}

fn map_plain(ty: Type) -> Mapped {
    let (rust, feature) = match &ty {
        Type::Number => ("f64", None),
        Type::Float32 => ("f32", None),
        Type::Boolean => ("bool", None),
        Type::Bigint => ("i64", None),
        Type::Int32 => ("i32", None),
        Type::Int16 => ("i16", None),
        Type::Bytes => ("Vec<u8>", None),
        Type::Uuid => ("Uuid", None),
        Type::Json => ("Json", None),
        Type::Decimal => ("Decimal", Some("decimal")),
        Type::Instant => ("jiff::Timestamp", Some("jiff")),
        Type::DateTime => ("jiff::civil::DateTime", Some("jiff")),
        Type::Day => ("jiff::civil::Date", Some("jiff")),
        Type::Time => ("jiff::civil::Time", Some("jiff")),
        _ => ("String", None),
    };
    let is_key = matches!(
        ty,
        Type::String
            | Type::Bigint
            | Type::Int32
            | Type::Int16
            | Type::Uuid
            | Type::Bytes
            | Type::Instant
            | Type::DateTime
            | Type::Day
            | Type::Time
            | Type::Boolean
    );
    Mapped { rust: rust.to_owned(), ty, sql_type: None, feature, is_key }
}
