//! The FlatBuffers schema of the sealed tables: takes a lock file, returns the text of a `.fbs` file.
//! Kontract reads and writes no FlatBuffers bytes; `flatc` generates the code for that from the text.
//!
//! A table of the lock file becomes a table, a document a table and an enum an enum, each named for
//! its path: `UsersAddress`. Ids and values are those of
//! [`flatbuffers_ids`](crate::lock::flatbuffers_ids), so that every version of the program can read
//! the bytes of every other version. To keep that so,
//!
//! - removed fields stay, `(deprecated)`, and so do fields whose type changed;
//! - every number, flag and enum is optional (`= null`) and nothing is `(required)`: a field can become
//!   required or optional, but existing bytes do not change;
//! - an enum is a `uint16`, however few variants it has.
//!
//! Types that SQLite stores as text are strings of the same form (`uuid`, `decimal`, `json`, dates), a
//! list in a list is a table with `items`, and external tables are left out.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::lock::LockFile;
use crate::lock::flatbuffers_ids::{Named, Slot, type_of, whole, within};
use crate::model::types::Type;

/// Returns the text of the schema, with the package's name as its namespace.
///
/// ```
/// use kontract_schema::export::flatbuffers;
/// use kontract_schema::lock::LockFile;
///
/// let text = flatbuffers::schema("my-app", &LockFile::default());
/// assert_eq!(text, "// Version 0 of kontract.lock.json\nnamespace my_app;\n");
/// ```
pub fn schema(package: &str, lock: &LockFile) -> String {
    let schema = lock.schema();
    let all = whole(&lock.ids, &schema);
    let mut types = Types::default();
    let ours = schema.tables.values().filter(|table| !table.external);
    // The names of tables do not depend on their contents.
    let tables: Vec<_> = ours.map(|table| (types.name(&[&table.name]), table)).collect();
    for (name, table) in tables {
        let named = table.schema.iter().map(|field| (field.name.as_str(), Some(&field.ty)));
        let slots = &all[&table.name];
        let mut lines = types.lines(&name, slots, &named.collect());
        for line in &mut lines {
            let field = table.field(&line.is);
            line.gone |= field.is_some_and(|field| field.kept);
        }
        types.all.push(Definition { name, body: Body::Table(lines) });
    }
    // An enum must come before the fields that use it with `= null`.
    let place = |of: &Definition| (matches!(of.body, Body::Table(_)), of.name.clone());
    types.all.sort_by_key(place);
    let mut text = format!(
        "// Version {} of kontract.lock.json\nnamespace {};\n",
        lock.version,
        escape_name(package)
    );
    types.all.iter().for_each(|definition| types.print(definition, &mut text));
    text
}

/// The definitions so far.
#[derive(Default)]
struct Types {
    names: BTreeSet<String>,
    all: Vec<Definition>,
}

struct Definition {
    name: String,
    body: Body,
}

enum Body {
    Table(Vec<Line>),
    /// The variants, each with its value.
    Enum(Vec<(String, usize)>),
}

/// A field; its id is its position.
struct Line {
    /// Its name in Kontract.
    is: String,
    ty: String,
    gone: bool,
    note: Option<&'static str>,
}

impl Types {
    /// Returns a name for the type at a path.
    fn name(&mut self, path: &[&str]) -> String {
        let plain: String = path.iter().map(|part| pascal(part)).collect();
        free(plain, &mut self.names, "")
    }

    fn lines(&mut self, path: &str, slots: &[Slot], named: &Named<'_>) -> Vec<Line> {
        let line = |slot: &Slot| {
            let of = type_of(slot, named).unwrap_or(&Type::Json);
            let ty = self.ty(&[path, &slot.name], of, &slot.ids);
            let is_number = is_number(of);
            Line {
                is: slot.name.clone(),
                ty: if is_number { ty + " = null" } else { ty },
                gone: slot.removed,
                note: note(of),
            }
        };
        slots.iter().map(line).collect()
    }

    /// Returns the name of a type, and defines the type if necessary.
    fn ty(&mut self, path: &[&str], ty: &Type, ids: &[Slot]) -> String {
        let word = match ty {
            Type::Boolean => "bool",
            Type::Int8 => "int8",
            Type::Int16 => "int16",
            Type::Int32 => "int32",
            Type::Bigint | Type::Date => "int64",
            Type::Uint8 => "uint8",
            Type::Uint16 => "uint16",
            Type::Uint32 => "uint32",
            Type::Float32 => "float",
            Type::Number => "double",
            Type::Bytes => "[uint8]",
            Type::String
            | Type::Uuid
            | Type::Decimal
            | Type::Json
            | Type::Instant
            | Type::DateTime
            | Type::Day
            | Type::Time
            | Type::Sql => "string",
            Type::Enum(_) => {
                let name = self.name(path);
                let there = ids.iter().enumerate().filter(|(_, slot)| !slot.removed);
                let variants = there.map(|(value, slot)| (slot.name.clone(), value)).collect();
                self.all.push(Definition { name: name.clone(), body: Body::Enum(variants) });
                return name;
            }
            Type::Object(_) => {
                let name = self.name(path);
                let lines = self.lines(&name, ids, &within(Some(ty)));
                self.all.push(Definition { name: name.clone(), body: Body::Table(lines) });
                return name;
            }
            Type::Array(element) if matches!(**element, Type::Array(_) | Type::Bytes) => {
                let name = self.name(&[path, &["list"]].concat());
                let ty = self.ty(path, element, ids);
                let line = Line { is: "items".to_owned(), ty, gone: false, note: None };
                self.all.push(Definition { name: name.clone(), body: Body::Table(vec![line]) });
                return format!("[{name}]");
            }
            Type::Array(element) => return format!("[{}]", self.ty(path, element, ids)),
        };
        word.to_owned()
    }

    fn print(&self, definition: &Definition, text: &mut String) {
        let name = &definition.name;
        // Two items of one list, or a field and a type, must not have the same name.
        let mut taken = self.names.clone();
        match &definition.body {
            Body::Enum(variants) => {
                let _ = write!(text, "\nenum {name}:uint16 {{\n");
                for (variant, value) in variants {
                    let id = free(escape_name(variant), &mut taken, &value.to_string());
                    documented(variant, &id, None, text);
                    let _ = writeln!(text, "  {id} = {value},");
                }
            }
            Body::Table(lines) => {
                let _ = write!(text, "\ntable {name} {{\n");
                // Current fields keep their names; then come removed fields, the last removed first.
                let mut names = vec![String::new(); lines.len()];
                let there = lines.iter().enumerate().filter(|(_, line)| !line.gone);
                let gone = lines.iter().enumerate().rev().filter(|(_, line)| line.gone);
                for (id, line) in there.chain(gone) {
                    names[id] = free(escape_name(&line.is), &mut taken, &id.to_string());
                }
                for (id, (line, name)) in lines.iter().zip(names).enumerate() {
                    documented(&line.is, &name, line.note, text);
                    let gone = if line.gone { ", deprecated" } else { "" };
                    let _ = writeln!(text, "  {name}:{} (id: {id}{gone});", line.ty);
                }
            }
        }
        text.push_str("}\n");
    }
}

/// Writes a doc comment with facts that a name cannot contain: the name in Kontract, and the format of
/// a string or number.
fn documented(is: &str, name: &str, note: Option<&str>, text: &mut String) {
    let plain: String = is.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let is = (is != name).then_some(plain.as_str());
    let parts: Vec<&str> = is.into_iter().chain(note).collect();
    if !parts.is_empty() {
        let _ = writeln!(text, "  /// {}", parts.join(": "));
    }
}

/// Reserves a name. If it is taken, appends a mark or a number.
fn free(name: String, taken: &mut BTreeSet<String>, mark: &str) -> String {
    let numbered = (2..).map(|n| format!("{name}_{n}"));
    let marked = (!mark.is_empty()).then(|| format!("{name}_{mark}"));
    let all = std::iter::once(name.clone()).chain(marked).chain(numbered);
    let free = all.into_iter().find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(free.clone());
    free
}

/// Whether FlatBuffers stores the type as a number, which has a default.
fn is_number(ty: &Type) -> bool {
    ty.whole_range().is_some()
        || matches!(ty, Type::Boolean | Type::Number | Type::Float32 | Type::Enum(_))
}

fn note(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Date => "Unix milliseconds",
        Type::Uuid => "a UUID with hyphens",
        Type::Decimal => "a decimal number",
        Type::Json => "JSON",
        Type::Instant => "2026-11-21T10:30:00.000000Z",
        Type::DateTime => "2026-11-21T10:30:00.000000",
        Type::Day => "2026-11-21",
        Type::Time => "10:30:00.000000",
        Type::Array(element) => return note(element),
        _ => return None,
    })
}

/// The keywords of FlatBuffers.
const RESERVED: [&str; 36] = [
    "attribute",
    "bool",
    "byte",
    "declare",
    "double",
    "enum",
    "false",
    "file_extension",
    "file_identifier",
    "float",
    "float32",
    "float64",
    "include",
    "int",
    "int16",
    "int32",
    "int64",
    "int8",
    "long",
    "namespace",
    "native_include",
    "null",
    "root_type",
    "rpc_service",
    "short",
    "string",
    "struct",
    "table",
    "true",
    "ubyte",
    "uint",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "union",
];

/// Returns a name that is valid in FlatBuffers.
fn escape_name(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let word: String = name.chars().map(plain).collect();
    if RESERVED.contains(&word.as_str()) {
        return word + "_";
    }
    if word.starts_with(|c: char| c.is_ascii_digit()) || word.is_empty() {
        format!("_{word}")
    } else {
        word
    }
}

/// `blog_posts` → `BlogPosts`.
fn pascal(name: &str) -> String {
    let big = |part: &str| {
        let mut chars = part.chars();
        chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str())
    };
    let word: String = name.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(big).collect();
    if word.is_empty() || word.starts_with(|c: char| c.is_ascii_digit()) {
        format!("T{word}")
    } else {
        word
    }
}
