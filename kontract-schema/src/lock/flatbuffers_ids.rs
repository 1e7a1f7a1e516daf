//! Stable numbers for FlatBuffers: the id of each field, and the value of each variant.
//!
//! [`after`] takes two schemas and the numbers of the old one, and returns the numbers of the new
//! one. A number is a position in a list: at first the position in the lock file; new items are
//! appended, wherever the source has them. A removed field keeps its position forever, and so does a
//! field whose type changed, so that old bytes are never read as something else. Renames are those
//! of [`diff`](crate::change::diff), by hints. [`flatbuffers`](crate::export::flatbuffers) writes the
//! text of the FlatBuffers schema.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::change::diff::diff;
use crate::change::{Change, Fact};
use crate::intent::{Target, VariantRename};
use crate::model::types::Type;
use crate::model::{Schema, Table};
use crate::serde::is_default;

/// The numbers by table, without tables in which all numbers are the positions in the lock file.
pub type Ids = BTreeMap<String, Vec<Slot>>;

/// The owner of a number, which is the position of the slot in its list. The lock file has only the
/// name unless another member is set.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Form", into = "Form")]
pub struct Slot {
    /// The name of the field, member or variant.
    pub name: String,
    /// Whether it is removed: its number is never given to another item.
    pub removed: bool,
    /// The type of a removed field or member.
    pub ty: Option<Type>,
    /// The numbers of the variants or members of its type (for lists, of the innermost element type);
    /// empty if they are the positions.
    pub ids: Vec<Slot>,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Form {
    Name(String),
    Whole {
        name: String,
        #[serde(default, skip_serializing_if = "is_default")]
        removed: bool,
        #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
        ty: Option<Type>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        ids: Vec<Slot>,
    },
}

impl From<Form> for Slot {
    fn from(form: Form) -> Slot {
        match form {
            Form::Name(name) => Slot { name, ..Slot::default() },
            Form::Whole { name, removed, ty, ids } => Slot { name, removed, ty, ids },
        }
    }
}

impl From<Slot> for Form {
    fn from(Slot { name, removed, ty, ids }: Slot) -> Form {
        if removed || ty.is_some() || !ids.is_empty() {
            Form::Whole { name, removed, ty, ids }
        } else {
            Form::Name(name)
        }
    }
}

/// The numbered items of a list: names, and the types of fields and members; variants have no type.
pub(crate) type Named<'a> = Vec<(&'a str, Option<&'a Type>)>;

/// Returns the numbers after `old` has become `new`.
///
/// ```
/// use kontract_schema::lock::LockFile;
/// use kontract_schema::Schema;
///
/// let schema = |fields: &str| -> Schema {
///     let table = format!(r#"{{"ptr": "users", "layout": "columns", "schema": {{{fields}}}}}"#);
///     let mut table: kontract_schema::Table = serde_json::from_str(&table).unwrap();
///     table.name = "users".to_owned();
///     Schema { tables: [("users".to_owned(), table)].into() }
/// };
/// let key = r#""id": {"type": "string", "primkey": true}"#;
/// let name = r#""name": {"type": "string"}"#;
/// let lock = LockFile::default().with_schema(schema(&format!("{key}, {name}")));
/// assert!(lock.ids.is_empty());
/// let lock = lock.with_schema(schema(&format!(r#""age": {{"type": "number"}}, {key}"#)));
/// let names: Vec<&str> = lock.ids["users"].iter().map(|slot| slot.name.as_str()).collect();
/// assert_eq!(names, ["id", "name", "age"]);
/// assert!(lock.ids["users"][1].removed);
/// ```
pub fn after(ids: &Ids, old: &Schema, new: Target<'_>) -> Ids {
    let mut all = whole(ids, old);
    let mut now = old.clone();
    for change in diff(old, new) {
        if rename(&change, &mut all) {
            change.apply(&mut now);
        }
    }
    let (new, mut after) = (new.schema, Ids::new());
    let tables: BTreeSet<&String> = all.keys().chain(new.tables.keys()).collect();
    for name in tables {
        let slots = all.get(name).cloned().unwrap_or_default();
        let then = now.tables.get(name).map(fields).unwrap_or_default();
        let to = new.tables.get(name).map(fields).unwrap_or_default();
        let slots = short(follow(slots, &then, &to), &to);
        if !slots.is_empty() {
            after.insert(name.clone(), slots);
        }
    }
    after
}

/// Returns the numbers of all tables at every depth, those that equal the position included.
pub fn whole(ids: &Ids, schema: &Schema) -> Ids {
    let slots = |name: &String| ids.get(name).cloned().unwrap_or_default();
    let of = |name: &String| schema.tables.get(name).map(fields).unwrap_or_default();
    let names: BTreeSet<&String> = schema.tables.keys().chain(ids.keys()).collect();
    names.into_iter().map(|name| (name.clone(), long(slots(name), &of(name)))).collect()
}

/// Whether each field, member and variant has exactly one number, and all other numbers are marked
/// as removed.
pub fn fits(slots: &[Slot], table: Option<&Table>) -> bool {
    fits_all(slots, &table.map(fields).unwrap_or_default())
}

fn fits_all(slots: &[Slot], all: &Named<'_>) -> bool {
    let live = || slots.iter().filter(|slot| !slot.removed);
    let is_one = |(name, ty): &(&str, Option<&Type>)| {
        let mut of_it = live().filter(|slot| slot.name == *name);
        let slot = of_it.next();
        of_it.next().is_none() && slot.is_some_and(|slot| slot.ty.is_none() && fits_in(slot, *ty))
    };
    live().count() == all.len()
        && all.iter().all(is_one)
        && slots.iter().filter(|slot| slot.removed).all(|slot| fits_in(slot, slot.ty.as_ref()))
}

fn fits_in(slot: &Slot, ty: Option<&Type>) -> bool {
    slot.ids.is_empty() || fits_all(&slot.ids, &within(ty))
}

fn fields(table: &Table) -> Named<'_> {
    table.schema.iter().map(|field| (field.name.as_str(), Some(&field.ty))).collect()
}

/// Returns the members or variants of a type; for lists, of the innermost element type.
pub(crate) fn within(ty: Option<&Type>) -> Named<'_> {
    match ty {
        Some(Type::Enum(names)) => names.iter().map(|name| (name.as_str(), None)).collect(),
        Some(Type::Object(members)) => {
            members.iter().map(|member| (member.name.as_str(), Some(&member.ty))).collect()
        }
        Some(Type::Array(element)) => within(Some(element)),
        _ => Vec::new(),
    }
}

/// Returns the type of a slot: if it is not removed, the type of the item with its name.
pub(crate) fn type_of<'a>(slot: &'a Slot, all: &Named<'a>) -> Option<&'a Type> {
    if slot.removed {
        slot.ty.as_ref()
    } else {
        all.iter().find(|(name, _)| *name == slot.name).and_then(|(_, ty)| *ty)
    }
}

/// Adds the slots that the short form leaves out.
fn long(mut slots: Vec<Slot>, all: &Named<'_>) -> Vec<Slot> {
    if slots.is_empty() {
        slots = all.iter().map(|(name, _)| name_of(name)).collect();
    }
    for slot in &mut slots {
        let ids = std::mem::take(&mut slot.ids);
        let ids = long(ids, &within(type_of(slot, all)));
        slot.ids = ids;
    }
    slots
}

/// Removes the slots whose numbers are their positions.
fn short(mut slots: Vec<Slot>, all: &Named<'_>) -> Vec<Slot> {
    for slot in &mut slots {
        let ids = std::mem::take(&mut slot.ids);
        let ids = short(ids, &within(type_of(slot, all)));
        slot.ids = ids;
    }
    let plain = all.iter().map(|(name, _)| name_of(name));
    if plain.eq(slots.iter().cloned()) { Vec::new() } else { slots }
}

fn name_of(name: &str) -> Slot {
    Slot { name: name.to_owned(), ..Slot::default() }
}

/// Keeps each number, marks the numbers of removed items, and gives numbers to new items.
fn follow(mut slots: Vec<Slot>, old: &Named<'_>, new: &Named<'_>) -> Vec<Slot> {
    for slot in slots.iter_mut().filter(|slot| !slot.removed) {
        let before = old.iter().find(|(name, _)| *name == slot.name).and_then(|(_, ty)| *ty);
        match new.iter().find(|(name, _)| *name == slot.name) {
            Some((_, after)) if is_same(before, *after) => {
                let ids = std::mem::take(&mut slot.ids);
                slot.ids = follow(ids, &within(before), &within(*after));
            }
            _ => (slot.removed, slot.ty) = (true, before.cloned()),
        }
    }
    for (name, ty) in new {
        if !slots.iter().any(|slot| !slot.removed && slot.name == *name) {
            slots.push(Slot { ids: long(Vec::new(), &within(*ty)), ..name_of(name) });
        }
    }
    slots
}

/// Whether bytes of the old type can be read as the new one. The contents of documents and enums
/// have numbers of their own.
fn is_same(old: Option<&Type>, new: Option<&Type>) -> bool {
    match (old, new) {
        (Some(Type::Array(old)), Some(Type::Array(new))) => is_same(Some(old), Some(new)),
        (Some(Type::Enum(_)), Some(Type::Enum(_))) => true,
        (Some(Type::Object(_)), Some(Type::Object(_))) => true,
        _ => old == new,
    }
}

/// Renames slots. Returns whether the change is a rename.
fn rename(change: &Change, all: &mut Ids) -> bool {
    if let Fact::TableRenamed { from } = &change.fact {
        if let Some(slots) = all.remove(from) {
            all.insert(change.table.clone(), slots);
        }
        return true;
    }
    let slots = all.entry(change.table.clone()).or_default();
    match &change.fact {
        Fact::FieldRenamed { from, to } => rename_one(slots, &from.name, &to.name),
        Fact::VariantsRenamed { field, renames } => {
            for VariantRename { path, from, to } in renames {
                let path = std::iter::once(field).chain(path);
                let variants = path.into_iter().try_fold(&mut *slots, |at, name| {
                    let slot = at.iter_mut().find(|slot| !slot.removed && slot.name == *name);
                    slot.map(|slot| &mut slot.ids)
                });
                variants.into_iter().for_each(|variants| rename_one(variants, from, to));
            }
        }
        _ => return false,
    }
    true
}

fn rename_one(slots: &mut [Slot], from: &str, to: &str) {
    for slot in slots.iter_mut().filter(|slot| !slot.removed && slot.name == from) {
        to.clone_into(&mut slot.name);
    }
}
