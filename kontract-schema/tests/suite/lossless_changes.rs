//! A check of the gate that does not use the rules: if a change passes, the new schema can store every
//! value of the old one.
//!
//! A short list names the types that can store the same or more values. Schemas differ at random, by
//! steps that mostly pass, and by one step after which the schema stores fewer values.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use kontract_schema::gate::gate;
use kontract_schema::intent::{TableIntent, Target};
use kontract_schema::lock::LockFile;
use kontract_schema::model::types::Type;
use kontract_schema::model::{Field, ForeignKey, Index, Layout, ReferenceAction, Schema, Table};
use proptest::prelude::*;

use crate::random_schemas::{schema, steps, walk};
use crate::sqlite::check;

/// Why the new schema may not be able to store rows of the old one. Returns `None` if it can.
fn stores_less(old: &Schema, new: Target<'_>) -> Option<String> {
    old.tables.values().find_map(|was| {
        let renamed =
            |now: &&Table| new.intent.table(&now.name).renamed_from.as_ref() == Some(&was.name);
        let tables = &new.schema.tables;
        let Some(now) = tables.values().find(renamed).or(tables.get(&was.name)) else {
            return Some(format!("{} was removed", was.name));
        };
        table_stores_less(was, now, new.intent.table(&now.name))
            .map(|why| format!("{}: {why}", was.name))
    })
}

fn table_stores_less(was: &Table, now: &Table, hints: &TableIntent) -> Option<String> {
    let mut names = BTreeMap::new();
    for old in &was.schema {
        let renamed =
            |field: &&Field| hints.field(&field.name).renamed_from.as_ref() == Some(&old.name);
        let Some(field) = now.schema.iter().find(renamed).or(now.field(&old.name)) else {
            return Some(format!("{} was removed", old.name));
        };
        names.insert(field.name.as_str(), old.name.as_str());
        // In a document, an absent list is empty.
        let absent = was.layout == Layout::Document && matches!(old.ty, Type::Array(_));
        let without = old.optional && !field.optional && field.default.is_none() && !absent;
        if without || !holds(&old.ty, &field.ty) || old.sql_type != field.sql_type {
            return Some(format!("{}: {:?} → {:?}", old.name, old.ty, field.ty));
        }
    }
    let old_name = |name: &String| names.get(name.as_str()).map(|name| (*name).to_owned());
    let key = |table: &Table| table.key().into_iter().map(str::to_owned).collect::<Vec<_>>();
    if was.layout != now.layout
        || key(now).iter().map(old_name).collect::<Option<Vec<_>>>() != Some(key(was))
    {
        return Some("another key or layout".to_owned());
    }
    // Fields whose values are already unique: the key, and unique indexes.
    let unique = |table: &Table| -> Vec<BTreeSet<String>> {
        let indexes = table.indexes.values().filter(|index| index.unique);
        indexes.map(|index| index.fields.iter().cloned().collect()).collect()
    };
    let mut known = unique(was);
    known.push(key(was).into_iter().collect());
    for fields in unique(now) {
        // A new field is NULL in every row, and NULLs are distinct.
        let empty = |name: &String| {
            now.field(name).is_some_and(|field| {
                old_name(name).is_none() && field.optional && field.default.is_none()
            })
        };
        let old: BTreeSet<String> = fields.iter().filter_map(old_name).collect();
        if !fields.iter().any(empty) && !known.iter().any(|known| known.is_subset(&old)) {
            return Some(format!("{fields:?} became unique"));
        }
    }
    let conditions = |table: &Table| table.checks.values().cloned().collect::<BTreeSet<_>>();
    if !conditions(now).is_subset(&conditions(was)) {
        return Some("a new check".to_owned());
    }
    let olds: Vec<Vec<String>> = was.references.values().map(|key| key.fields.clone()).collect();
    now.references.values().find_map(|reference| {
        let fields: Option<Vec<String>> = reference.fields.iter().map(old_name).collect();
        let is_new = fields.is_some_and(|fields| !olds.contains(&fields));
        is_new.then(|| format!("{:?} became a reference", reference.fields))
    })
}

/// Whether each value of the old type is the same value of the new type.
fn holds(old: &Type, new: &Type) -> bool {
    match (old, new) {
        (Type::Enum(old), Type::Enum(new)) => old.iter().all(|name| new.contains(name)),
        (Type::Array(old), Type::Array(new)) => holds(old, new),
        (Type::Object(old), Type::Object(new)) => {
            let kept = old.iter().all(|was| {
                let now = new.iter().find(|now| now.name == was.name);
                now.is_some_and(|now| holds(&was.ty, &now.ty) && (now.optional || !was.optional))
            });
            let added = |now: &&kontract_schema::model::types::Member| {
                !old.iter().any(|was| was.name == now.name)
            };
            kept && new.iter().filter(added).all(|now| now.optional)
        }
        _ => old == new,
    }
}

fn passes(old: &Schema, new: Target<'_>) -> bool {
    gate(&LockFile::default().with_schema(old.clone()), new, None).draft.is_some()
}

#[test]
fn changes_that_pass_keep_all_values() {
    let passed = Cell::new(0);
    let law = |old: &Schema, new: Target<'_>| {
        if !passes(old, new) {
            return Ok(());
        }
        passed.set(passed.get() + 1);
        stores_less(old, new).map_or(Ok(()), |why| Err(TestCaseError::fail(why)))
    };
    check(1000, (schema(), schema()), |(a, b)| law(&a, (&b).into()));
    check(1000, (schema(), steps()), |(a, steps)| law(&a, (&walk(&a, &steps)).into()));
    assert!(passed.get() > 500, "only {} passed", passed.get());
}

/// The number of ways in which `make_it_store_less` changes a table.
const WAYS: usize = 11;

fn make_it_store_less(schema: &mut Schema, at: usize, way: usize) -> Option<()> {
    let name = schema.tables.keys().nth(at % schema.tables.len().max(1))?.clone();
    let others: Vec<String> =
        schema.tables.keys().filter(|other| **other != name).cloned().collect();
    if way == 0 {
        schema.tables.remove(&name);
        for table in schema.tables.values_mut() {
            table.references.retain(|_, key| key.table != name);
        }
        return Some(());
    }
    let table = schema.tables.get_mut(&name)?;
    let is_free = |field: &&mut Field| !field.primkey;
    let fields = table.schema.iter_mut().filter(is_free).collect::<Vec<_>>();
    let count = fields.len();
    let field = fields.into_iter().nth(at % count.max(1))?;
    match way {
        1 => {
            let gone = field.name.clone();
            table.schema.retain(|field| field.name != gone);
            table.indexes.retain(|_, index| !index.fields.contains(&gone));
            table.references.retain(|_, key| !key.fields.contains(&gone));
        }
        2 => {
            let absent = table.layout == Layout::Document && matches!(field.ty, Type::Array(_));
            (field.optional && !absent && field.default.is_none() && field.stamp.is_none())
                .then_some(())?;
            field.optional = false;
        }
        3 => {
            let Type::Enum(names) = &mut field.ty else { return None };
            field.default = None;
            names.pop();
        }
        4 => {
            let Type::Enum(names) = &mut field.ty else { return None };
            field.default = None;
            names[0] = "another".to_owned();
        }
        5 => {
            let Type::Object(members) = &mut field.ty else { return None };
            members[1].optional = false;
        }
        6 => {
            let Type::Object(members) = &mut field.ty else { return None };
            members.pop();
        }
        7 => {
            let (from, to) =
                (field.ty.clone(), if field.ty == Type::Int32 { Type::Int16 } else { Type::Int32 });
            (table.references.values().all(|key| !key.fields.contains(&field.name)))
                .then_some(())?;
            assert_ne!(from, to);
            (field.ty, field.default, field.stamp) = (to, None, None);
        }
        8 => {
            let orderable = !matches!(field.ty, Type::Json | Type::Object(_) | Type::Array(_));
            let fields = vec![field.name.clone()];
            let known = |index: &Index| index.unique && index.fields == fields;
            (orderable && !table.indexes.values().any(known)).then_some(())?;
            table.indexes.insert(
                "unheard_of_key".to_owned(),
                Index { fields, unique: true, ..Index::default() },
            );
        }
        9 => {
            (table.layout == Layout::Columns).then_some(())?;
            table.checks.insert("unheard_of_check".to_owned(), "id <> id".into());
        }
        _ => {
            (table.layout == Layout::Columns).then_some(())?;
            let target = others.first()?;
            let key = if target == "users" { Type::String } else { Type::Bigint };
            let fields = vec![field.name.clone()];
            let known = table.references.values().any(|other| other.fields == fields);
            (field.ty == key && !known).then_some(())?;
            let reference = ForeignKey {
                fields,
                table: target.clone(),
                to: vec!["id".to_owned()],
                on_delete: ReferenceAction::Cascade,
                on_update: ReferenceAction::NoAction,
                ..ForeignKey::default()
            };
            table.references.insert("unheard_of_fkey".to_owned(), reference);
        }
    }
    Some(())
}

#[test]
fn changes_that_lose_values_do_not_pass() {
    let done = Cell::new([0; WAYS]);
    // The rarest way occurs a few times in a thousand cases.
    check(8000, (schema(), 0..64usize, 0..WAYS), |(a, at, way)| {
        let mut b = a.clone();
        if make_it_store_less(&mut b, at, way).is_none() {
            return Ok(());
        }
        let mut counts = done.get();
        counts[way] += 1;
        done.set(counts);
        // Both the check above and the gate notice it.
        prop_assert!(stores_less(&a, (&b).into()).is_some(), "way {}", way);
        prop_assert!(!passes(&a, (&b).into()), "way {}", way);
        Ok(())
    });
    assert!(done.get().iter().all(|count| *count > 3), "{:?}", done.get());
}
