//! Rust type → [`RawType`], by the table in [`crate::model::types`].
//!
//! It reads only tokens; the derive emits assertions that the type is the one that the tokens name.

use syn::{GenericArgument, PathArguments};

use crate::code;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::types::Type;
use crate::model::{RangeOf, SqlKind};
use crate::source::raw::{At, RawType};

/// The type of a field, and whether it is an `Option`. A type that cannot be stored is reported,
/// unless the field has a `sql_type`; [`Type::Sql`] replaces it.
pub fn parse_field_type(
    ty: &syn::Type,
    has_sql_type: bool,
    problems: &mut Diagnostics,
) -> (RawType, bool) {
    let (inner, optional) = match type_argument(ty, "Option") {
        Some(inner) => (inner, true),
        None => (ty, false),
    };
    if optional && type_argument(inner, "Option").is_some() {
        problems
            .report(code::UNSUPPORTED_TYPE, "an `Option` of an `Option` cannot be stored")
            .at(At::tokens(inner))
            .help("a column is NULL or not NULL: write one `Option`");
        return (RawType::Known(Type::Sql), true);
    }
    let ty = match parse_type(inner) {
        Ok(RawType::Text(_)) if has_sql_type => RawType::Known(Type::Sql),
        Ok(ty) => ty,
        // A list of a type that only its `Value` knows.
        Err(_) if has_sql_type && list_of_other(inner) => {
            RawType::List(Box::new(RawType::Known(Type::Sql)))
        }
        Err(_) if has_sql_type && type_argument(inner, "Vec").is_none() => {
            RawType::Known(Type::Sql)
        }
        Err(problem) => {
            problems.push(*problem);
            RawType::Known(Type::Sql)
        }
    };
    (ty, optional)
}

/// Whether a type is a list whose elements are neither `Option`s nor lists.
fn list_of_other(ty: &syn::Type) -> bool {
    type_argument(ty, "Vec").is_some_and(|element| {
        ["Option", "Vec"].iter().all(|wrapper| type_argument(element, wrapper).is_none())
    })
}

fn parse_type(ty: &syn::Type) -> Result<RawType, Box<Diagnostic>> {
    let path = match ty {
        syn::Type::Path(path) if path.qself.is_none() => &path.path,
        syn::Type::Paren(inner) => return parse_type(&inner.elem),
        syn::Type::Group(inner) => return parse_type(&inner.elem),
        syn::Type::Reference(reference) => {
            let owned = match &*reference.elem {
                syn::Type::Path(path) if path.path.is_ident("str") => "`String`",
                syn::Type::Slice(_) => "`Vec<T>`",
                _ => "the value itself",
            };
            return Err(unsupported(ty, "a reference", &format!("store an owned value: {owned}")));
        }
        syn::Type::Array(_) => {
            return Err(unsupported(ty, "an array", "use `Vec<T>`, or `Vec<u8>` for bytes"));
        }
        syn::Type::Tuple(_) => {
            return Err(unsupported(ty, "a tuple", "write a struct with `#[derive(Document)]`"));
        }
        syn::Type::TraitObject(_) | syn::Type::ImplTrait(_) => {
            return Err(unsupported(ty, "a trait object", "store a concrete type"));
        }
        syn::Type::Ptr(_) | syn::Type::FnPtr(_) => {
            return Err(unsupported(ty, "a pointer", "store the value itself"));
        }
        _ => return Err(unsupported(ty, "this type", SUPPORTED)),
    };
    let Some(last) = path.segments.last() else {
        return Err(unsupported(ty, "this type", SUPPORTED));
    };
    if let Some(element) = type_argument(ty, "Vec") {
        if let syn::Type::Path(path) = element
            && path.path.is_ident("u8")
        {
            return Ok(RawType::Known(Type::Bytes));
        }
        if type_argument(element, "Option").is_some() {
            return Err(unsupported(
                element,
                "a list of `Option`s",
                "leave absent elements out, or use `Json`",
            ));
        }
        return parse_type(element).map(|element| RawType::List(Box::new(element)));
    }
    let name = super::ident(&last.ident);
    let parents: Vec<String> = path.segments.iter().map(|s| super::ident(&s.ident)).collect();
    let parents = &parents[..parents.len() - 1];
    if let Some(known) = find_type(&name, parents, matches!(last.arguments, PathArguments::None)) {
        return Ok(RawType::Known(known));
    }
    if name == "Range" && is_ours(parents) {
        return range_type(ty);
    }
    if let Some(kind) = find_text_type(&name, parents)
        && matches!(last.arguments, PathArguments::None)
    {
        return Ok(RawType::Text(kind));
    }
    if let Some(help) = explain_unsupported(&name) {
        return Err(unsupported(ty, &format!("`{name}`"), help));
    }
    if !matches!(last.arguments, PathArguments::None) {
        return Err(unsupported(ty, &format!("`{name}<…>`"), SUPPORTED));
    }
    let full: Vec<String> = path.segments.iter().map(|s| super::ident(&s.ident)).collect();
    Ok(RawType::Named(full.join("::"), At::tokens(ty)))
}

/// The type that a path names. `parents` are the segments before the last: none, or those of the
/// crate that defines it.
fn find_type(name: &str, parents: &[String], plain: bool) -> Option<Type> {
    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
    let from =
        |allowed: &[&str]| parents.is_empty() || allowed.contains(&parents.join("::").as_str());
    if !plain {
        return (name == "DateTime" && from(&["chrono"])).then_some(Type::Instant);
    }
    let ours = ["kontract", "kontract::prelude"];
    let ty = match name {
        "String" if from(&["std::string", "alloc::string"]) => Type::String,
        "bool" if parents.is_empty() => Type::Boolean,
        "i8" if parents.is_empty() => Type::Int8,
        "i16" if parents.is_empty() => Type::Int16,
        "i32" if parents.is_empty() => Type::Int32,
        "i64" if parents.is_empty() => Type::Bigint,
        "u8" if parents.is_empty() => Type::Uint8,
        "u16" if parents.is_empty() => Type::Uint16,
        "u32" if parents.is_empty() => Type::Uint32,
        "f32" if parents.is_empty() => Type::Float32,
        "f64" if parents.is_empty() => Type::Number,
        "Timestamp" if parents == ["jiff"] => Type::Instant,
        "Timestamp" if from(&ours) => Type::Date,
        "Bytes" if from(&ours) => Type::Bytes,
        "Uuid" if from(&["uuid", ours[0], ours[1]]) => Type::Uuid,
        "Decimal" if from(&["rust_decimal", ours[0], ours[1]]) => Type::Decimal,
        "Json" if from(&ours) => Type::Json,
        "Value" if parents == ["serde_json"] => Type::Json,
        "OffsetDateTime" if from(&["time"]) => Type::Instant,
        "NaiveDateTime" if from(&["chrono"]) => Type::DateTime,
        "PrimitiveDateTime" if from(&["time"]) => Type::DateTime,
        "DateTime" if from(&["civil", "jiff::civil"]) => Type::DateTime,
        "NaiveDate" if from(&["chrono"]) => Type::Day,
        "Date" if from(&["civil", "jiff::civil", "time"]) => Type::Day,
        "NaiveTime" if from(&["chrono"]) => Type::Time,
        "Time" if from(&["civil", "jiff::civil", "time"]) => Type::Time,
        _ => return None,
    };
    Some(ty)
}

/// The column type of a type that travels as text.
fn find_text_type(name: &str, parents: &[String]) -> Option<SqlKind> {
    let parents: Vec<&str> = parents.iter().map(String::as_str).collect();
    let from =
        |allowed: &[&str]| parents.is_empty() || allowed.contains(&parents.join("::").as_str());
    let is_ours = is_ours(&parents);
    Some(match name {
        "IpAddr" if from(&["std::net", "core::net", "net"]) => SqlKind::Inet,
        "IpNet" if is_ours => SqlKind::Inet,
        "MacAddr" if is_ours => SqlKind::Macaddr,
        "Bits" if is_ours => SqlKind::VarBit(None),
        "Interval" if is_ours => SqlKind::Interval(None),
        "SignedDuration" | "Span" if from(&["jiff"]) => SqlKind::Interval(None),
        "TimeDelta" if from(&["chrono"]) => SqlKind::Interval(None),
        "Duration" if parents == ["chrono"] => SqlKind::Interval(None),
        _ => return None,
    })
}

/// Whether the path of a type may be one of Kontract's values.
fn is_ours<S: AsRef<str>>(parents: &[S]) -> bool {
    let parents: Vec<&str> = parents.iter().map(AsRef::as_ref).collect();
    matches!(&parents[..], [] | ["value"] | ["kontract", "value"])
}

/// The column type of `Range<T>`, by its `T`.
fn range_type(ty: &syn::Type) -> Result<RawType, Box<Diagnostic>> {
    let element = last_argument(ty).map(parse_type).transpose()?;
    let of = match element {
        Some(RawType::Known(Type::Int32)) => RangeOf::Integer,
        Some(RawType::Known(Type::Bigint)) => RangeOf::BigInt,
        Some(RawType::Known(Type::Decimal)) => RangeOf::Numeric,
        Some(RawType::Known(Type::Day)) => RangeOf::Date,
        Some(RawType::Known(Type::DateTime)) => RangeOf::Timestamp,
        Some(RawType::Known(Type::Instant)) => RangeOf::TimestampTz,
        _ => {
            let help = "use a range of `i32`, `i64`, `Decimal`, or of days, dates with time or \
                moments of jiff, chrono or time";
            return Err(unsupported(ty, "a range of this type", help));
        }
    };
    Ok(RawType::Text(SqlKind::Range(of)))
}

/// What to use in place of types that cannot be stored.
fn explain_unsupported(name: &str) -> Option<&'static str> {
    Some(match name {
        "u64" | "usize" => "a column holds at most an i64: use `i64` or `u32`",
        "u128" | "i128" => "use `Decimal` or `Uuid`",
        "isize" => "its size depends on the machine: use `i64`",
        "char" | "str" | "PathBuf" | "OsString" => "use `String`",
        "HashMap" | "BTreeMap" | "IndexMap" => "use `Json`, or a struct with `#[derive(Document)]`",
        "HashSet" | "BTreeSet" | "VecDeque" => "use `Vec<T>`",
        "Box" | "Rc" | "Arc" | "Cow" | "Cell" | "RefCell" | "Mutex" => "store the value itself",
        "Instant" | "SystemTime" => "use `Timestamp`",
        "Duration" => "use `i64` with the unit in the name: `timeout_ms`",
        "Vec" | "Option" => "it takes one type parameter",
        _ => return None,
    })
}

const SUPPORTED: &str = "supported are String, bool, i8 to i64, u8 to u32, f32, f64, Vec<u8>, Timestamp, Uuid, Decimal, Json, \
the dates of jiff, chrono and time, enums with #[derive(Enum)], structs with #[derive(Document)], Option<T> and Vec<T>; \
any other needs #[column(sql_type = \"…\")]";

fn unsupported(tokens: &impl quote::ToTokens, what: &str, help: &str) -> Box<Diagnostic> {
    let message = format!("{what} cannot be stored");
    Box::new(Diagnostic::new(code::UNSUPPORTED_TYPE, message).at(At::tokens(tokens)).help(help))
}

/// `T` of `Option<T>` or `Vec<T>`, written with any of its paths.
pub fn type_argument<'a>(ty: &'a syn::Type, wrapper: &str) -> Option<&'a syn::Type> {
    let path = type_path(ty)?;
    let segments = &path.path.segments;
    let last = segments.last()?;
    let of_std = segments.len() == 1
        || matches!(segments[0].ident.to_string().as_str(), "std" | "core" | "alloc");
    if path.qself.is_some() || !of_std || last.ident != wrapper {
        return None;
    }
    last_argument(ty)
}

fn type_path(ty: &syn::Type) -> Option<&syn::TypePath> {
    match ty {
        syn::Type::Group(group) => type_path(&group.elem),
        syn::Type::Paren(paren) => type_path(&paren.elem),
        syn::Type::Path(path) => Some(path),
        _ => None,
    }
}

/// The only argument of the last segment of a path.
fn last_argument(ty: &syn::Type) -> Option<&syn::Type> {
    let last = type_path(ty)?.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first() {
        Some(GenericArgument::Type(inner)) if arguments.args.len() == 1 => Some(inner),
        _ => None,
    }
}
