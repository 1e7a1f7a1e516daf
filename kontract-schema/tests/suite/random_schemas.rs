//! Random schemas, and random steps from one schema to the next. Names come from small pools, so
//! that two schemas have much in common.

use std::collections::{BTreeMap, BTreeSet};

use kontract_schema::intent::{Checked, TableIntent};
use kontract_schema::model::types::{Member, Type};
use kontract_schema::model::{
    Field, ForeignKey, Index, Layout, Perm, ReferenceAction, Schema, Stamp, Table, Track,
};
use kontract_schema::name;
use proptest::prelude::*;
use serde_json::json;

/// Any schema that the front end accepts: references are valid, names are distinct.
pub fn schema() -> impl Strategy<Value = Schema> {
    prop::collection::vec(table(), 0..4).prop_map(|tables| {
        let mut schema = Schema::default();
        for table in tables {
            schema.tables.insert(table.name.clone(), table);
        }
        remove_broken_references(&mut schema);
        schema
    })
}

const TABLES: [&str; 4] = ["users", "posts", "order", "événements"];
const FIELDS: [&str; 6] = ["name", "email", "group", "Größe", "created", "status"];

fn table() -> impl Strategy<Value = Table> {
    (
        prop::sample::select(&TABLES[..]),
        prop::sample::select(&[Layout::Document, Layout::Columns][..]),
        prop::collection::vec(field(), 0..5),
        prop::collection::vec((0..6usize, any::<bool>()), 0..3),
        prop::collection::vec(prop::sample::select(&TABLES[..]), 0..2),
        any::<[bool; 6]>(),
        any::<bool>(),
    )
        .prop_map(|(name, layout, fields, indexes, references, track, check)| {
            let mut table = blank(name, layout);
            let mut seen = BTreeSet::new();
            let fields = fields.into_iter().filter(|field| seen.insert(field.name.clone()));
            table.schema.extend(fields);
            if layout == Layout::Columns {
                let [version, txid, owner, soft_delete, has_times, order] = track;
                let deleted_at = soft_delete && has_times;
                table.track = Track { version, txid, owner, soft_delete, deleted_at, order };
                for target in references {
                    add_reference(&mut table, target);
                }
                if check {
                    table.checks.insert(format!("{name}_check"), "id IS NOT NULL".into());
                }
            }
            for (at, unique) in indexes {
                add_index(&mut table, at, unique);
            }
            table
        })
}

/// A table with only its key. The type of the key depends on the name of the table, so that references
/// are valid.
pub fn blank(name: &str, layout: Layout) -> Table {
    let key = Field { primkey: true, ..plain("id", key_type(name)) };
    Table {
        namespace: None,
        partition_by: None,
        comment: None,
        external: false,
        keyless: false,
        shared: false,
        name: name.to_owned(),
        ptr: match layout {
            Layout::Document => name::pointer("tests", name),
            Layout::Columns => name.to_owned(),
        },
        layout,
        perm: Perm::table_default(),
        track: Track::default(),
        schema: vec![key],
        primary_key: Vec::new(),
        indexes: BTreeMap::new(),
        checks: BTreeMap::new(),
        references: BTreeMap::new(),
        hash: String::new(),
        dropped: BTreeMap::new(),
    }
}

fn key_type(table: &str) -> Type {
    if table == "users" { Type::String } else { Type::Bigint }
}

/// A field with a type and no attributes.
pub fn plain(name: &str, ty: Type) -> Field {
    Field::new(name, ty)
}

fn types() -> Vec<(Type, Option<serde_json::Value>)> {
    let members = vec![
        Member { name: "street".into(), ty: Type::String, optional: false },
        Member { name: "zip".into(), ty: Type::Int32, optional: true },
    ];
    vec![
        (Type::String, Some(json!("it's; \"so\""))),
        (Type::Number, Some(json!(1.5))),
        (Type::Boolean, Some(json!(true))),
        (Type::Bigint, Some(json!(i64::MIN))),
        (Type::Int32, Some(json!(-7))),
        (Type::Date, None),
        (Type::Uuid, Some(json!("0191b3c8-0000-7000-8000-000000000000"))),
        (Type::Decimal, Some(json!("0.10"))),
        (Type::Json, None),
        (Type::Instant, None),
        (Type::Day, Some(json!("2026-11-21"))),
        (Type::Enum(vec!["draft".into(), "it's out".into()]), Some(json!("draft"))),
        (Type::Object(members), None),
        (Type::Array(Box::new(Type::String)), None),
    ]
}

fn field() -> impl Strategy<Value = Field> {
    (
        prop::sample::select(&FIELDS[..]),
        prop::sample::select(types()),
        any::<[bool; 4]>(),
        prop::sample::select(&[0b110u8, 0b100, 0b010][..]),
    )
        .prop_map(|(name, (ty, default), [optional, defaulted, named, stamped], perm)| {
            let is_time = matches!(ty, Type::Date | Type::Instant);
            Field {
                optional,
                column: named.then(|| format!("{name}_col")),
                perm: Perm(perm),
                default: default.filter(|_| defaulted),
                stamp: (stamped && is_time && !optional).then_some(Stamp::CreatedAt),
                ..plain(name, ty)
            }
        })
}

/// Adds an index over two fields, from this position on.
pub fn add_index(table: &mut Table, at: usize, unique: bool) {
    let orderable =
        |field: &&Field| !matches!(field.ty, Type::Json | Type::Object(_) | Type::Array(_));
    let fields: Vec<String> =
        table.schema.iter().filter(orderable).map(|field| field.name.clone()).collect();
    let from = at % fields.len();
    let fields: Vec<String> = fields.into_iter().skip(from).take(2).collect();
    let joined = fields.join("_");
    let name = if unique {
        name::join(&[&table.name, &joined, "key"])
    } else {
        name::join(&["idx", &table.name, &joined])
    };
    table.indexes.insert(name, Index { fields, unique, ..Index::default() });
}

/// Adds an optional field that references another table, with its foreign key.
pub fn add_reference(table: &mut Table, target: &str) {
    let field = format!("to_{target}");
    if table.field(&field).is_some() {
        return;
    }
    table.schema.push(Field { optional: true, ..plain(&field, key_type(target)) });
    let key = ForeignKey {
        fields: vec![field.clone()],
        table: target.to_owned(),
        to: vec!["id".to_owned()],
        on_delete: ReferenceAction::Cascade,
        on_update: ReferenceAction::NoAction,
        ..ForeignKey::default()
    };
    table.references.insert(name::join(&[&table.name, &field, "fkey"]), key);
}

/// Removes references to tables that do not exist.
fn remove_broken_references(schema: &mut Schema) {
    let names: BTreeSet<String> = schema.tables.keys().cloned().collect();
    for table in schema.tables.values_mut() {
        table.references.retain(|_, key| names.contains(&key.table));
    }
}

/// A step from one schema to the next.
#[derive(Clone, Debug)]
pub enum Step {
    AddTable(Table),
    AddField(usize, Field),
    AddReference(usize, &'static str),
    AddIndex(usize, usize),
    RemoveIndex(usize),
    RenameTable(usize),
    RenameField(usize, usize),
    MakeOptional(usize, usize),
    MakeRequired(usize, usize),
    SetDefault(usize, usize),
    ChangePerm(usize, usize),
    AddVariant(usize),
    TrackVersion(usize),
    RemoveCheck(usize),
    RemoveReference(usize),
}

/// A few steps that mostly need no manual migration.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let at = 0..8usize;
    let step = prop_oneof![
        table().prop_map(Step::AddTable),
        (at.clone(), field()).prop_map(|(at, field)| Step::AddField(at, field)),
        (at.clone(), prop::sample::select(&TABLES[..])).prop_map(|(a, t)| Step::AddReference(a, t)),
        (at.clone(), at.clone()).prop_map(|(a, b)| Step::AddIndex(a, b)),
        at.clone().prop_map(Step::RemoveIndex),
        at.clone().prop_map(Step::RenameTable),
        (at.clone(), at.clone()).prop_map(|(a, b)| Step::RenameField(a, b)),
        (at.clone(), at.clone()).prop_map(|(a, b)| Step::MakeOptional(a, b)),
        (at.clone(), at.clone()).prop_map(|(a, b)| Step::MakeRequired(a, b)),
        (at.clone(), at.clone()).prop_map(|(a, b)| Step::SetDefault(a, b)),
        (at.clone(), at.clone()).prop_map(|(a, b)| Step::ChangePerm(a, b)),
        at.clone().prop_map(Step::AddVariant),
        at.clone().prop_map(Step::TrackVersion),
        at.clone().prop_map(Step::RemoveCheck),
        at.prop_map(Step::RemoveReference),
    ];
    prop::collection::vec(step, 1..5)
}

/// The schema after the steps. Steps that are not possible are skipped.
pub fn walk(schema: &Schema, steps: &[Step]) -> Checked {
    let mut checked = Checked::from(schema.clone());
    for step in steps {
        apply_step(&mut checked, step);
    }
    remove_broken_references(&mut checked.schema);
    checked
}

fn apply_step(Checked { schema, intent }: &mut Checked, step: &Step) {
    let names: Vec<String> = schema.tables.keys().cloned().collect();
    let pick = |at: &usize| names.get(at % names.len().max(1)).cloned();
    match step {
        Step::AddTable(table) => {
            // A hint with this name would be wrong if the table existed again.
            let is_former = |hints: &TableIntent| hints.renamed_from.as_ref() == Some(&table.name);
            if intent.tables.values().any(is_former) {
                return;
            }
            schema.tables.entry(table.name.clone()).or_insert_with(|| table.clone());
        }
        Step::RenameTable(at) => {
            let Some(from) = pick(at) else { return };
            let to = format!("{from}_two");
            if schema.tables.contains_key(&to) || intent.table(&from).renamed_from.is_some() {
                return;
            }
            let mut table = schema.tables.remove(&from).expect("it was picked");
            if table.ptr == from {
                table.ptr.clone_from(&to);
            }
            table.name.clone_from(&to);
            let hints = intent.tables.remove(&from).unwrap_or_default();
            let hints = TableIntent { renamed_from: Some(from.clone()), ..hints };
            intent.tables.insert(to.clone(), hints);
            schema.tables.insert(to.clone(), table);
            for key in schema.tables.values_mut().flat_map(|table| table.references.values_mut()) {
                if key.table == from {
                    key.table.clone_from(&to);
                }
            }
        }
        Step::AddField(at, _)
        | Step::AddReference(at, _)
        | Step::AddIndex(at, _)
        | Step::RemoveIndex(at)
        | Step::RenameField(at, _)
        | Step::MakeOptional(at, _)
        | Step::MakeRequired(at, _)
        | Step::SetDefault(at, _)
        | Step::ChangePerm(at, _)
        | Step::AddVariant(at)
        | Step::TrackVersion(at)
        | Step::RemoveCheck(at)
        | Step::RemoveReference(at) => {
            if let Some(table) = pick(at).and_then(|name| schema.tables.get_mut(&name)) {
                apply_to_table(table, intent.tables.entry(table.name.clone()).or_default(), step);
            }
        }
    }
}

fn apply_to_table(table: &mut Table, hints: &mut TableIntent, step: &Step) {
    let referring: BTreeSet<String> =
        table.references.values().flat_map(|key| key.fields.clone()).collect();
    let free: Vec<String> = table
        .schema
        .iter()
        .filter(|field| !field.primkey && !referring.contains(&field.name))
        .map(|field| field.name.clone())
        .collect();
    let pick = |table: &mut Table, at: &usize| -> Option<usize> {
        let name = free.get(at % free.len().max(1))?;
        table.schema.iter().position(|field| field.name == *name)
    };
    match step {
        Step::AddField(_, field) => {
            let taken =
                |other: &Field| other.column() == field.column() || other.name == field.name;
            if !is_former(hints, &field.name) && !table.schema.iter().any(taken) {
                table.schema.push(Field { optional: true, stamp: None, ..field.clone() });
            }
        }
        Step::AddReference(_, target)
            if table.layout == Layout::Columns && !is_former(hints, &format!("to_{target}")) =>
        {
            add_reference(table, target);
        }
        Step::AddIndex(_, at) => add_index(table, *at, false),
        Step::RemoveIndex(_) => {
            table.indexes.pop_first();
        }
        Step::RenameField(_, at) => {
            let Some(found) = pick(table, at) else { return };
            let from = table.schema[found].name.clone();
            let to = format!("{from}_two");
            if table.field(&to).is_some() || hints.field(&from).renamed_from.is_some() {
                return;
            }
            table.schema[found].name.clone_from(&to);
            hints.fields.entry(to.clone()).or_default().renamed_from = Some(from.clone());
            for name in table.indexes.values_mut().flat_map(|index| &mut index.fields) {
                if *name == from {
                    name.clone_from(&to);
                }
            }
        }
        Step::MakeOptional(_, at) => {
            if let Some(found) = pick(table, at) {
                table.schema[found].optional = true;
                table.schema[found].stamp = None;
            }
        }
        Step::MakeRequired(_, at) => {
            if let Some(found) = pick(table, at)
                && table.schema[found].default.is_some()
            {
                table.schema[found].optional = false;
            }
        }
        Step::SetDefault(_, at) => {
            if let Some(found) = pick(table, at) {
                let field = &mut table.schema[found];
                let mut known = types().into_iter();
                field.default = known.find(|(ty, _)| *ty == field.ty).and_then(|(_, value)| value);
            }
        }
        Step::ChangePerm(_, at) => {
            if let Some(found) = pick(table, at) {
                table.schema[found].perm = Perm(0b111 ^ table.schema[found].perm.0);
            }
        }
        Step::AddVariant(_) => {
            for field in &mut table.schema {
                if let Type::Enum(names) = &mut field.ty
                    && !names.iter().any(|name| name == "more")
                {
                    names.push("more".to_owned());
                }
            }
        }
        Step::TrackVersion(_) if table.layout == Layout::Columns => table.track.version = true,
        Step::RemoveCheck(_) => table.checks.clear(),
        Step::RemoveReference(_) => {
            table.references.pop_first();
        }
        _ => {}
    }
}

/// Whether a hint has this name of a field.
pub fn is_former(hints: &TableIntent, name: &str) -> bool {
    hints.fields.values().any(|field| field.renamed_from.as_deref() == Some(name))
}

/// The hash of each table, independent of the order of fields.
pub fn hashes(schema: &Schema) -> BTreeMap<String, String> {
    schema.tables.iter().map(|(name, table)| (name.clone(), table.content_hash())).collect()
}
