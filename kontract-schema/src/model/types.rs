//! The types of fields, and their names in the lock file.
//!
//! `kontract::reference::types` in the facade (`src/reference/types.rs`) lists the Rust types with
//! their names and columns; a test compares that page with this module.

use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::serde::is_default;
use crate::serde::ordered_map::Named;

/// The type of a field. Two types are equal if their structure is: an enum is its variants, a document
/// its members, whatever their Rust names are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Type {
    /// `String`.
    String,
    /// `f64`.
    Number,
    /// `bool`.
    Boolean,
    /// `i64`.
    Bigint,
    /// Kontract's `Timestamp`: Unix milliseconds.
    Date,
    /// `Vec<u8>`.
    Bytes,
    /// `i8`.
    Int8,
    /// `i16`.
    Int16,
    /// `i32`.
    Int32,
    /// `u8`.
    Uint8,
    /// `u16`.
    Uint16,
    /// `u32`.
    Uint32,
    /// `f32`.
    Float32,
    /// `uuid::Uuid`.
    Uuid,
    /// `rust_decimal::Decimal`.
    Decimal,
    /// `serde_json::Value`.
    Json,
    /// A point in time with microseconds.
    Instant,
    /// A date and a time of day without a zone.
    DateTime,
    /// A calendar day.
    Day,
    /// A time of day.
    Time,
    /// An enum with these stored names.
    Enum(Vec<String>),
    /// A nested document.
    Object(Vec<Member>),
    /// A list.
    Array(Box<Type>),
    /// A type that Kontract does not know; the field has its `sql_type`.
    Sql,
}

/// A key of a nested document: its effective JSON name, its type, and whether it may be missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Member {
    /// The JSON key.
    #[serde(skip)]
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub ty: Type,
    /// Whether it is an `Option<T>`, or serde fills it in if it is missing.
    #[serde(default, skip_serializing_if = "is_default")]
    pub optional: bool,
}

/// The names of the types without inner types.
const WORDS: [(&str, Type); 21] = [
    ("string", Type::String),
    ("number", Type::Number),
    ("boolean", Type::Boolean),
    ("bigint", Type::Bigint),
    ("date", Type::Date),
    ("bytes", Type::Bytes),
    ("int8", Type::Int8),
    ("int16", Type::Int16),
    ("int32", Type::Int32),
    ("uint8", Type::Uint8),
    ("uint16", Type::Uint16),
    ("uint32", Type::Uint32),
    ("float32", Type::Float32),
    ("uuid", Type::Uuid),
    ("decimal", Type::Decimal),
    ("json", Type::Json),
    ("instant", Type::Instant),
    ("datetime", Type::DateTime),
    ("day", Type::Day),
    ("time", Type::Time),
    ("sql", Type::Sql),
];

impl Type {
    /// Returns the members of a document type, or of the innermost element type of a list of
    /// documents.
    pub fn members(&self) -> Option<&[Member]> {
        match self {
            Type::Object(members) => Some(members),
            Type::Array(element) => element.members(),
            _ => None,
        }
    }

    /// Whether PostgreSQL keeps a list of this type as a native array. Lists of lists, documents
    /// and JSON values are JSONB.
    pub fn is_scalar(&self) -> bool {
        !matches!(self, Type::Json | Type::Object(_) | Type::Array(_))
    }

    /// Returns the least and the greatest value of an integer type.
    pub fn whole_range(&self) -> Option<(i64, i64)> {
        Some(match self {
            Type::Int8 => (i8::MIN.into(), i8::MAX.into()),
            Type::Int16 => (i16::MIN.into(), i16::MAX.into()),
            Type::Int32 => (i32::MIN.into(), i32::MAX.into()),
            Type::Bigint | Type::Date => (i64::MIN, i64::MAX),
            Type::Uint8 => (0, u8::MAX.into()),
            Type::Uint16 => (0, u16::MAX.into()),
            Type::Uint32 => (0, u32::MAX.into()),
            _ => return None,
        })
    }

    fn parse(word: &str, members: Option<Vec<Member>>) -> Result<Type, String> {
        if let Some(element) = word.strip_suffix("[]") {
            return Type::parse(element, members).map(|element| Type::Array(Box::new(element)));
        }
        if word == "object" {
            return members.map(Type::Object).ok_or_else(|| "`object` without its members".into());
        }
        if members.is_some() {
            return Err(format!("`{word}` has no members"));
        }
        if let Some(names) = word.strip_prefix("enum(").and_then(|rest| rest.strip_suffix(')')) {
            return Ok(Type::Enum(names.split(", ").map(str::to_owned).collect()));
        }
        WORDS
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, ty)| ty.clone())
            .ok_or_else(|| format!("unknown type `{word}`"))
    }
}

/// The name of the type, without the members of documents.
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Enum(names) => write!(f, "enum({})", names.join(", ")),
            Type::Object(_) => f.write_str("object"),
            Type::Array(element) => write!(f, "{element}[]"),
            _ => match WORDS.iter().find(|(_, ty)| ty == self) {
                Some((word, _)) => f.write_str(word),
                None => unreachable!("every other type is in WORDS"),
            },
        }
    }
}

/// `"string"`, or `{"object": {…}}` for a type with members.
impl Serialize for Type {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        struct Members<'a>(&'a [Member]);
        impl Serialize for Members<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                crate::serde::ordered_map::serialize(self.0, to)
            }
        }
        match self.members() {
            None => to.collect_str(self),
            Some(members) => {
                let mut map = to.serialize_map(Some(1))?;
                map.serialize_entry(&self.to_string(), &Members(members))?;
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Type {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Type, D::Error> {
        #[derive(Deserialize)]
        struct Members(#[serde(with = "crate::serde::ordered_map")] Vec<Member>);
        struct Words;
        impl<'de> Visitor<'de> for Words {
            type Value = Type;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a type, like \"string\" or {\"object\": {…}}")
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Type, E> {
                Type::parse(word, None).map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Type, A::Error> {
                let Some((word, Members(members))) = map.next_entry::<String, Members>()? else {
                    return Err(A::Error::custom("an empty object is not a type"));
                };
                if map.next_key::<String>()?.is_some() {
                    return Err(A::Error::custom("a type has one word"));
                }
                Type::parse(&word, Some(members)).map_err(A::Error::custom)
            }
        }
        from.deserialize_any(Words)
    }
}

impl Named for Member {
    fn name(&self) -> &str {
        &self.name
    }
    fn set_name(&mut self, name: String) {
        self.name = name;
    }
}
