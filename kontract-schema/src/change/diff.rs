//! Compares two schemas and returns their differences. It uses no rules and no SQL.
//!
//! Renames come from hints only (`#[renamed_from("old")]`), with one exception: a field that takes the
//! column of another field by `#[column(name = "…")]` is the same field. The order of fields has no
//! meaning. Applying the changes in their order turns the old schema into the new one.

use std::collections::{BTreeMap, BTreeSet};

use crate::change::{Change, Fact, HintError, ItemChange, Names, Shape};
use crate::intent::{FieldIntent, Intent, TableIntent, Target};
use crate::model::types::Type;
use crate::model::{Field, Schema, Sql, Table};
use crate::sql::table::{is_on, mentions, order_by_references, tracked};

/// Returns all differences, in an order in which they can be applied: invalid hints, renames, new
/// tables in the order of their references, constraints and indexes that are in the way, new fields,
/// other changes of fields, new constraints and indexes, removed fields, removed tables.
/// `diff(a, a)` is empty.
pub fn diff<'a>(old: &Schema, new: impl Into<Target<'a>>) -> Vec<Change> {
    let Target { schema: new, intent } = new.into();
    let mut changes = table_renames(old, new, intent);
    let mut now = old.clone();
    changes.iter().for_each(|change| change.apply(&mut now));
    let mut renames = Vec::new();
    for (name, table) in &new.tables {
        if let Some(before) = now.tables.get(name).filter(|before| is_managed(before, table)) {
            removals(before, table, intent.table(name), &mut renames);
            field_renames(before, table, intent.table(name), &mut renames);
        }
    }
    renames.iter().for_each(|change| change.apply(&mut now));
    changes.extend(renames);
    let mut renames = Vec::new();
    for (name, table) in &new.tables {
        if let Some(before) = now.tables.get(name).filter(|before| before.layout == table.layout) {
            variant_renames(before, table, intent.table(name), &mut renames);
        }
    }
    renames.iter().for_each(|change| change.apply(&mut now));
    changes.extend(renames);
    for (name, table) in &now.tables {
        match new.tables.get(name) {
            Some(after) if is_managed(table, after) => {
                table_changes(table, after, intent.table(name), &mut changes);
            }
            Some(after) => changes.extend(external(Some(table), Some(after))),
            None if table.external => changes.extend(external(Some(table), None)),
            None => changes.push(change(name, Fact::TableRemoved(Box::new(table.clone())))),
        }
    }
    let is_new = |table: &&&Table| !now.tables.contains_key(&table.name);
    let (in_levels, _) = order_by_references(new);
    for table in in_levels.iter().filter(is_new) {
        if table.external {
            changes.extend(external(None, Some(table)));
            continue;
        }
        changes.push(change(&table.name, Fact::TableAdded(Box::new((*table).clone()))));
    }
    changes.sort_by_key(|change| phase(&change.fact));
    changes
}

/// Whether Kontract manages the table on both sides.
fn is_managed(old: &Table, new: &Table) -> bool {
    !old.external && !new.external
}

/// Returns the difference of a table that is external on at least one side.
fn external(old: Option<&Table>, new: Option<&Table>) -> Option<Change> {
    let name = new.or(old).map(|table| table.name.clone())?;
    let boxed = |table: Option<&Table>| table.cloned().map(Box::new);
    let is_same = old.map(Table::content_hash) == new.map(Table::content_hash);
    (!is_same).then(|| change(&name, Fact::External { from: boxed(old), to: boxed(new) }))
}

fn change(table: &str, fact: Fact) -> Change {
    Change { table: table.to_owned(), fact }
}

/// Returns the position of a kind of change in the order of all changes. Removals come before
/// additions under the same name; data moves before constraints are added.
pub(crate) fn phase(fact: &Fact) -> u8 {
    match fact {
        Fact::BadHint { .. } => 0,
        Fact::TableRenamed { .. } => 1,
        Fact::FieldRenamed { .. } => 2,
        Fact::PointerChanged { .. } | Fact::ColumnChanged { .. } => 3,
        Fact::External { to: Some(to), .. } if to.external => 3,
        Fact::External { to: Some(_), .. } => 7,
        Fact::External { to: None, .. } => 19,
        Fact::TableAdded(_) => 4,
        Fact::Reference(ItemChange::Removed(..))
        | Fact::Check(ItemChange::Removed(..))
        | Fact::Check(ItemChange::Renamed(..))
        | Fact::Reference(ItemChange::Renamed(..)) => 5,
        // A reference may need the index.
        Fact::Index(ItemChange::Removed(..) | ItemChange::Renamed(..)) => 6,
        Fact::LayoutChanged { .. } => 7,
        // The key and the unique indexes have the fields of the partition key as long as there is one.
        Fact::PartitionChanged { to: None, .. } => 7,
        Fact::PartitionChanged { to: Some(_), .. } => 15,
        // A generated column is computed from others, in their new types.
        Fact::FieldRemoved(field) if field.generated.is_some() => 7,
        Fact::FieldAdded { field, .. } if field.generated.is_some() => 10,
        Fact::FieldAdded { .. } | Fact::TrackAdded(_) | Fact::VariantsRenamed { .. } => 8,
        Fact::TypeChanged { .. } => 9,
        Fact::DefaultChanged { .. }
        | Fact::IdentityChanged { .. }
        | Fact::GeneratedChanged { .. }
        | Fact::StampChanged { .. }
        | Fact::PermChanged { .. }
        | Fact::CommentChanged { .. }
        | Fact::TablePermChanged { .. }
        | Fact::SharedChanged { .. } => 10,
        Fact::BecameOptional { .. } | Fact::BecameRequired { .. } | Fact::KeptChanged { .. } => 11,
        Fact::KeyChanged { .. } => 12,
        Fact::Check(ItemChange::Added(..) | ItemChange::Changed(..)) => 13,
        Fact::Index(ItemChange::Added(..) | ItemChange::Changed(..)) => 14,
        Fact::Reference(ItemChange::Added(..) | ItemChange::Changed(..)) => 16,
        Fact::FieldRemoved(_) | Fact::TrackRemoved(_) => 17,
        Fact::TableRemoved(_) => 18,
    }
}

/// Resolves a hint for a name of `new`, given the names on both sides.
fn follow(
    name: &str,
    from: &str,
    old: &BTreeSet<&str>,
    new: &BTreeSet<&str>,
    used: &mut BTreeSet<String>,
) -> Result<bool, HintError> {
    match (old.contains(from), old.contains(name)) {
        (_, true) if from == name => Err(HintError::StillThere),
        (false, true) => Ok(false), // done long ago; the hint may be removed
        (true, true) => Err(HintError::Both),
        (false, _) => Err(HintError::Stale),
        (true, false) if new.contains(from) => Err(HintError::StillThere),
        (true, false) if !used.insert(from.to_owned()) => Err(HintError::Twice),
        (true, false) => Ok(true),
    }
}

fn table_renames(old: &Schema, new: &Schema, intent: &Intent) -> Vec<Change> {
    let old_names = old.tables.keys().map(String::as_str).collect();
    let new_names = new.tables.keys().map(String::as_str).collect();
    let mut used = BTreeSet::new();
    let mut changes = Vec::new();
    for name in new.tables.keys() {
        let Some(from) = &intent.table(name).renamed_from else { continue };
        match follow(name, from, &old_names, &new_names, &mut used) {
            Ok(true) => changes.push(change(name, Fact::TableRenamed { from: from.clone() })),
            Ok(false) => {}
            Err(why) => {
                changes.push(change(name, Fact::BadHint { field: None, from: from.clone(), why }));
            }
        }
    }
    changes
}

/// Adds `removed` hints whose field still exists or never existed.
fn removals(old: &Table, new: &Table, hints: &TableIntent, changes: &mut Vec<Change>) {
    for name in &hints.removed {
        let is_there = old.field(name).is_some();
        let is_renamed =
            || is_there && hints.fields.values().any(|of| of.renamed_from.as_ref() == Some(name));
        let has = |field: &Field| !field.kept;
        let why = if new.field(name).is_some_and(has) || is_renamed() {
            HintError::NotRemoved
        } else if is_there || old.dropped.contains_key(name) {
            // The hint is valid: the field is removed now, or was removed by an earlier migration.
            continue;
        } else {
            HintError::NeverThere
        };
        changes.push(change(&new.name, Fact::BadHint { field: None, from: name.clone(), why }));
    }
}

fn field_renames(old: &Table, new: &Table, hints: &TableIntent, changes: &mut Vec<Change>) {
    let old_names: BTreeSet<&str> = old.schema.iter().map(|field| field.name.as_str()).collect();
    let new_names: BTreeSet<&str> = new.schema.iter().map(|field| field.name.as_str()).collect();
    let mut used = BTreeSet::new();
    for field in &new.schema {
        let same_column = |from: &&Field| {
            from.column() == field.column()
                && !new_names.contains(from.name.as_str())
                && !used.contains(&from.name)
        };
        let from = match &hints.field(&field.name).renamed_from {
            Some(from) => match follow(&field.name, from, &old_names, &new_names, &mut used) {
                Ok(true) => old.field(from),
                Ok(false) => continue,
                Err(why) => {
                    let (field, from) = (Some(field.name.clone()), from.clone());
                    changes.push(change(&new.name, Fact::BadHint { field, from, why }));
                    continue;
                }
            },
            None if old_names.contains(field.name.as_str()) => None,
            None => old.schema.iter().find(same_column),
        };
        if let Some(from) = from {
            used.insert(from.name.clone());
            let fact =
                Fact::FieldRenamed { from: Names::from_field(from), to: Names::from_field(field) };
            changes.push(change(&new.name, fact));
        }
    }
}

/// Adds renames of variants, in fields that already exist.
fn variant_renames(old: &Table, new: &Table, hints: &TableIntent, changes: &mut Vec<Change>) {
    for field in &new.schema {
        let Some(before) = old.field(&field.name) else { continue };
        let mut renames = Vec::new();
        for rename in &hints.field(&field.name).renamed_variants {
            // A value whose type changes is converted as a whole.
            let Some(names) = variants_at(&before.ty, &rename.path) else { continue };
            let why = match (names.contains(&rename.from), names.contains(&rename.to)) {
                (true, false) => {
                    renames.push(rename.clone());
                    continue;
                }
                (false, true) => continue, // done long ago
                (true, true) => HintError::BothVariants,
                (false, false) => HintError::StaleVariant,
            };
            let (field, from) = (Some(field.name.clone()), rename.from.clone());
            changes.push(change(&new.name, Fact::BadHint { field, from, why }));
        }
        if !renames.is_empty() {
            let field = field.name.clone();
            changes.push(change(&new.name, Fact::VariantsRenamed { field, renames }));
        }
    }
}

/// Returns the variants of the enum at a path, through lists.
fn variants_at<'a>(ty: &'a Type, path: &[String]) -> Option<&'a [String]> {
    match (ty, path.split_first()) {
        (Type::Array(element), _) => variants_at(element, path),
        (Type::Enum(names), None) => Some(names),
        (Type::Object(members), Some((first, rest))) => {
            let member = members.iter().find(|member| member.name == *first)?;
            variants_at(&member.ty, rest)
        }
        _ => None,
    }
}

/// Adds the differences between two states of one table, whose names already agree.
fn table_changes(old: &Table, new: &Table, hints: &TableIntent, changes: &mut Vec<Change>) {
    let mut push = |fact| changes.push(change(&new.name, fact));
    if old.layout != new.layout {
        let given =
            |(name, hints): (&String, &FieldIntent)| Some((name.clone(), hints.backfill.clone()?));
        let backfills = hints.fields.iter().filter_map(given).collect();
        let (from, to) = (Box::new(old.clone()), Box::new(new.clone()));
        push(Fact::LayoutChanged { from, to, backfills });
        return;
    }
    if old.path() != new.path() {
        push(Fact::PointerChanged { from: old.path(), to: new.path() });
    }
    if old.comment != new.comment {
        let (from, to) = (old.comment.clone(), new.comment.clone());
        push(Fact::CommentChanged { field: None, from, to });
    }
    if old.partition_by != new.partition_by {
        let (from, to) = (old.partition_by.clone(), new.partition_by.clone());
        push(Fact::PartitionChanged { from, to });
    }
    if old.perm != new.perm {
        push(Fact::TablePermChanged { from: old.perm, to: new.perm });
    }
    if old.shared != new.shared {
        push(Fact::SharedChanged { to: new.shared });
    }
    if old.key() != new.key() {
        let names = |key: Vec<&str>| key.into_iter().map(str::to_owned).collect();
        push(Fact::KeyChanged { from: names(old.key()), to: names(new.key()) });
    }
    for field in &new.schema {
        let backfill = || hints.field(&field.name).backfill.clone();
        match old.field(&field.name) {
            None => push(Fact::FieldAdded { field: field.clone(), backfill: backfill() }),
            Some(before) => field_changes(before, field, backfill(), &mut push),
        }
    }
    for field in old.schema.iter().filter(|field| new.field(&field.name).is_none()) {
        push(Fact::FieldRemoved(field.clone()));
    }
    // The document layout has all bookkeeping columns, whatever the flags are.
    for column in tracked(new).filter(|column| tracked(old).all(|other| other != *column)) {
        push(Fact::TrackAdded(column));
    }
    for column in tracked(old).filter(|column| tracked(new).all(|other| other != *column)) {
        push(Fact::TrackRemoved(column));
    }
    // What is on a removed field goes before the field, and what replaces it may need a new one.
    let is_gone = |is_on: &dyn Fn(&Field) -> bool| {
        old.schema.iter().any(|field| new.field(&field.name).is_none() && is_on(field))
    };
    compare_items(&old.indexes, &new.indexes, &mut |change| {
        let change = split_if(change, |index| is_gone(&|field| is_on(index, field)));
        change.into_iter().for_each(|change| push(Fact::Index(change)));
    });
    compare_items(&old.checks, &new.checks, &mut |change| {
        let change = split_if(change, |sql| is_gone(&|field| mentions(sql, field.column())));
        change.into_iter().for_each(|change| push(Fact::Check(change)));
    });
    compare_items(&old.references, &new.references, &mut |change| {
        let change = split_if(change, |key| is_gone(&|field| key.fields.contains(&field.name)));
        change.into_iter().for_each(|change| push(Fact::Reference(change)));
    });
}

/// Returns a change of an item as its removal and its addition if the old item meets a condition.
fn split_if<T>(change: ItemChange<T>, is_split: impl Fn(&T) -> bool) -> Vec<ItemChange<T>> {
    match change {
        ItemChange::Changed(name, from, to) if is_split(&from) => {
            vec![ItemChange::Removed(name.clone(), from), ItemChange::Added(name, to)]
        }
        change => vec![change],
    }
}

fn field_changes(old: &Field, new: &Field, backfill: Option<Sql>, push: &mut impl FnMut(Fact)) {
    let field = || new.name.clone();
    if old.column != new.column {
        push(Fact::ColumnChanged { from: Names::from_field(old), to: Names::from_field(new) });
    }
    let (from, to) = (Shape::from_field(old), Shape::from_field(new));
    if from != to {
        push(Fact::TypeChanged { field: field(), from, to });
    }
    // A kept field becomes required, here or on the way back, while it is one.
    let kept = (old.kept != new.kept).then(|| Fact::KeptChanged { field: field(), to: new.kept });
    let (first, last) = if new.kept { (kept, None) } else { (None, kept) };
    first.into_iter().for_each(&mut *push);
    match (old.optional, new.optional) {
        (false, true) => push(Fact::BecameOptional { field: field() }),
        (true, false) => push(Fact::BecameRequired { field: field(), backfill }),
        _ => {}
    }
    last.into_iter().for_each(&mut *push);
    let (from, to) = (old.default_value(), new.default_value());
    if from != to {
        push(Fact::DefaultChanged { field: field(), from, to });
    }
    if old.identity != new.identity {
        push(Fact::IdentityChanged { field: field(), to: new.identity });
    }
    if old.generated != new.generated {
        let (from, to) = (old.generated.clone(), new.generated.clone());
        push(Fact::GeneratedChanged { field: field(), from, to });
    }
    if old.comment != new.comment {
        let (from, to) = (old.comment.clone(), new.comment.clone());
        push(Fact::CommentChanged { field: Some(field()), from, to });
    }
    if old.perm != new.perm {
        push(Fact::PermChanged { field: field(), from: old.perm, to: new.perm });
    }
    if old.stamp != new.stamp {
        push(Fact::StampChanged { field: field(), from: old.stamp, to: new.stamp });
    }
}

/// Compares two maps of named items. A new name with the content of an item whose name is gone is a
/// rename.
fn compare_items<T: Clone + PartialEq>(
    old: &BTreeMap<String, T>,
    new: &BTreeMap<String, T>,
    push: &mut impl FnMut(ItemChange<T>),
) {
    let mut gone: Vec<_> = old.iter().filter(|(name, _)| !new.contains_key(*name)).collect();
    for (name, to) in new {
        match old.get(name) {
            Some(from) if from == to => {}
            Some(from) => push(ItemChange::Changed(name.clone(), from.clone(), to.clone())),
            None => match gone.iter().position(|(_, from)| *from == to) {
                Some(found) => {
                    let (from, _) = gone.remove(found);
                    push(ItemChange::Renamed(from.clone(), name.clone()));
                }
                None => push(ItemChange::Added(name.clone(), to.clone())),
            },
        }
    }
    for (name, from) in gone {
        push(ItemChange::Removed(name.clone(), from.clone()));
    }
}
