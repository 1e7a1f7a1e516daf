//! Maps column types to Rust types: the reverse of the table in [`crate::model::types`].

use crate::catalog::normal;
use crate::dialect::Dialect;
use crate::model::types::Type;

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

impl Mapped {
    /// Returns a placeholder for a type that the user has to choose.
    pub fn unknown(ty: &str) -> Mapped {
        Mapped { sql_type: Some(ty.to_owned()), is_key: false, ..map_plain(Type::String) }
    }
}

/// Returns the type for a column, if there is one.
pub fn map_type(dialect: Dialect, ty: &str) -> Option<Mapped> {
    match dialect {
        Dialect::Sqlite => map_sqlite_type(ty),
        Dialect::Postgres => map_postgres_type(&normal::normalize_type(ty)),
    }
}

fn map_sqlite_type(text: &str) -> Option<Mapped> {
    let upper = text.to_ascii_uppercase();
    let ty = match normal::find_affinity(text).as_str() {
        "integer" if upper.contains("BOOL") => Type::Boolean,
        "integer" => Type::Bigint,
        "text" => Type::String,
        "real" => Type::Number,
        "blob" => Type::Bytes,
        _ => return None,
    };
    Some(map_plain(ty))
}

fn map_postgres_type(text: &str) -> Option<Mapped> {
    if let Some(element) = text.strip_suffix("[]") {
        let element = map_postgres_type(element).filter(|ty| ty.ty.is_scalar())?;
        let sql_type = element.sql_type.is_some().then(|| text.to_owned());
        return Some(Mapped {
            rust: format!("Vec<{}>", element.rust),
            ty: Type::Array(Box::new(element.ty)),
            sql_type,
            feature: element.feature,
            is_key: false,
        });
    }
    // `timestamp(3) with time zone` and `numeric(10,2)` without their arguments.
    let (base, has_arguments) = match (text.find('('), text.find(')')) {
        (Some(open), Some(close)) => (format!("{}{}", &text[..open], &text[close + 1..]), true),
        _ => (text.to_owned(), false),
    };
    let ty = match base.as_str() {
        "text" | "character varying" | "character" => Type::String,
        "double precision" => Type::Number,
        "real" => Type::Float32,
        "boolean" => Type::Boolean,
        "bigint" => Type::Bigint,
        "integer" => Type::Int32,
        "smallint" => Type::Int16,
        "bytea" => Type::Bytes,
        "uuid" => Type::Uuid,
        "numeric" => Type::Decimal,
        "jsonb" => Type::Json,
        "timestamp with time zone" => Type::Instant,
        "timestamp without time zone" => Type::DateTime,
        "date" => Type::Day,
        "time without time zone" => Type::Time,
        _ => return None,
    };
    let given = has_arguments || base.starts_with("character");
    Some(Mapped { sql_type: given.then(|| text.to_owned()), ..map_plain(ty) })
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
            | Type::Instant
            | Type::Day
    );
    Mapped { rust: rust.to_owned(), ty, sql_type: None, feature, is_key }
}
