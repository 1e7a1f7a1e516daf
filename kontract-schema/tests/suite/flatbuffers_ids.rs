//! FlatBuffers ids: properties of any history, and the schemas in `flatc`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use kontract_schema::export::flatbuffers;
use kontract_schema::intent::{Checked, TableIntent, VariantRename};
use kontract_schema::lock::LockFile;
use kontract_schema::lock::flatbuffers_ids::{Ids, Slot, whole};
use kontract_schema::model::types::{Member, Type};
use kontract_schema::model::{Field, Layout, Schema, Table};
use proptest::prelude::*;

use crate::golden::{cases, read};
use crate::random_schemas::{blank, is_former, plain, schema, steps, walk};

/// A change of one table, at a position among its fields.
#[derive(Clone, Debug)]
enum Edit {
    Add(usize, &'static str, Type),
    Remove(usize),
    Move(usize, usize),
    Rename(usize, &'static str),
    Retype(usize, Type),
    RenameVariant(usize, &'static str),
}

const NAMES: [&str; 6] = ["name", "email", "status", "Größe", "table", "Users"];
const VARIANTS: [&str; 5] = ["draft", "it's out", "null", "sold", "7"];

fn ty() -> impl Strategy<Value = Type> {
    let leaf = prop_oneof![
        prop::sample::select(vec![
            Type::String,
            Type::Number,
            Type::Boolean,
            Type::Bigint,
            Type::Date,
            Type::Bytes,
            Type::Uint32,
            Type::Json,
        ]),
        prop::sample::subsequence(&VARIANTS[..], 1..5)
            .prop_shuffle()
            .prop_map(|names| Type::Enum(names.into_iter().map(str::to_owned).collect())),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let member = (prop::sample::select(&NAMES[..]), inner.clone(), any::<bool>());
        let member =
            member.prop_map(|(name, ty, optional)| Member { name: name.to_owned(), ty, optional });
        prop_oneof![
            inner.prop_map(|ty| Type::Array(Box::new(ty))),
            prop::collection::vec(member, 0..4).prop_map(|mut members| {
                let mut seen = std::collections::BTreeSet::new();
                members.retain(|member| seen.insert(member.name.clone()));
                Type::Object(members)
            }),
        ]
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    let (at, name) = (0..8usize, prop::sample::select(&NAMES[..]));
    prop_oneof![
        (at.clone(), name.clone(), ty()).prop_map(|(at, name, ty)| Edit::Add(at, name, ty)),
        at.clone().prop_map(Edit::Remove),
        (at.clone(), at.clone()).prop_map(|(a, b)| Edit::Move(a, b)),
        (at.clone(), name).prop_map(|(at, name)| Edit::Rename(at, name)),
        (at.clone(), ty()).prop_map(|(at, ty)| Edit::Retype(at, ty)),
        (at, prop::sample::select(&VARIANTS[..])).prop_map(|(a, v)| Edit::RenameVariant(a, v)),
    ]
}

/// Applies the edit, unless it would make a hint of the same step wrong, given the sealed names.
fn apply_edit(fields: &mut Vec<Field>, hints: &mut TableIntent, sealed: &[String], edit: &Edit) {
    let is_hinted = |name: &str| is_former(hints, name);
    let free = |name: &str| !is_hinted(name) && fields.iter().all(|field| field.name != name);
    let count = fields.len();
    match edit {
        Edit::Add(at, name, ty) if free(name) => {
            fields.insert(at % (count + 1), plain(name, ty.clone()));
        }
        Edit::Remove(at) if count > 1 && !fields[at % count].primkey => {
            hints.fields.remove(&fields.remove(at % count).name);
        }
        Edit::Move(from, to) => {
            let field = fields.remove(from % count);
            fields.insert(to % count, field);
        }
        Edit::Rename(at, name) if free(name) && sealed.iter().all(|sealed| sealed != name) => {
            let field = &mut fields[at % count];
            if hints.field(&field.name).renamed_from.is_none() {
                let from = std::mem::replace(&mut field.name, (*name).to_owned());
                let mut of_field = hints.fields.remove(&from).unwrap_or_default();
                of_field.renamed_from = Some(from);
                hints.fields.insert((*name).to_owned(), of_field);
            }
        }
        Edit::Retype(at, ty) if !fields[at % count].primkey => fields[at % count].ty = ty.clone(),
        Edit::RenameVariant(at, to) => {
            let Field { name, ty, .. } = &mut fields[at % count];
            let renamed_variants =
                &mut hints.fields.entry(name.clone()).or_default().renamed_variants;
            if let Type::Enum(names) = ty
                && renamed_variants.is_empty()
                && !names.iter().any(|name| name == to)
            {
                let from = std::mem::replace(&mut names[0], (*to).to_owned());
                let to = (*to).to_owned();
                renamed_variants.push(VariantRename { path: Vec::new(), from, to });
            }
        }
        _ => {}
    }
}

/// Returns the schema after the edits, with their hints.
fn apply_edits(schema: &Schema, edits: &[Edit]) -> Checked {
    let mut checked = Checked::from(schema.clone());
    let fields = &mut checked.schema.tables.get_mut("users").unwrap().schema;
    let hints = checked.intent.tables.entry("users".to_owned()).or_default();
    let sealed: Vec<String> = fields.iter().map(|field| field.name.clone()).collect();
    edits.iter().for_each(|edit| apply_edit(fields, hints, &sealed, edit));
    checked
}

/// Fails unless each id still belongs to the same field, or to a removed one.
fn check_ids(old: &[Slot], new: &[Slot], place: &str) -> Result<(), TestCaseError> {
    prop_assert!(new.len() >= old.len(), "{place}: an id is missing");
    for (id, (before, after)) in old.iter().zip(new).enumerate() {
        let place = format!("{place}.{}", before.name);
        if before.removed {
            prop_assert_eq!(before, after, "{}: the id {} was reused", place, id);
        } else if !after.removed {
            check_ids(&before.ids, &after.ids, &place)?;
        }
    }
    for slot in new.iter().filter(|slot| !slot.removed) {
        let of = new.iter().filter(|other| !other.removed && other.name == slot.name);
        prop_assert_eq!(of.count(), 1, "{}: `{}` has two ids", place, &slot.name);
    }
    Ok(())
}

/// The id of a field that exists.
fn id_of(slots: &[Slot], name: &str) -> Option<usize> {
    slots.iter().position(|slot| !slot.removed && slot.name == name)
}

/// Whether an existing field has the name of a removed one: `flatc` compares fields by name.
fn has_reused(slots: &[Slot]) -> bool {
    slots
        .iter()
        .any(|slot| (slot.removed && id_of(slots, &slot.name).is_some()) || has_reused(&slot.ids))
}

/// All ids of a lock file.
fn all(lock: &LockFile) -> Ids {
    whole(&lock.ids, &lock.schema())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn ids_are_never_moved_or_reused(
        first in prop::collection::vec(edit(), 0..6),
        history in prop::collection::vec(prop::collection::vec(edit(), 1..4), 1..8),
    ) {
        let mut table = blank("users", Layout::Document);
        let mut hints = TableIntent::default();
        first.iter().for_each(|edit| apply_edit(&mut table.schema, &mut hints, &[], edit));
        let mut now = Schema { tables: [("users".to_owned(), table)].into() };
        let mut lock = LockFile::default().with_schema(now.clone());
        prop_assert!(lock.ids.is_empty(), "the first ids are the order of the source");
        for edits in history {
            let before = all(&lock);
            let next = apply_edits(&now, &edits);
            lock = lock.with_schema(next.clone());
            now = next.schema;
            let after = all(&lock);
            check_ids(&before["users"], &after["users"], "users")?;
            // A renamed field keeps its id, unless its type changed.
            for field in &now.tables["users"].schema {
                let from = &next.intent.field("users", &field.name).renamed_from;
                let Some(id) = from.as_ref().and_then(|name| id_of(&before["users"], name))
                else { continue };
                let slot = &after["users"][id];
                let kept = id_of(&after["users"], &field.name) == Some(id);
                prop_assert!(slot.removed || kept, "{} has another id after the rename", field.name);
                prop_assert!(kept || slot.ty.as_ref() != Some(&field.ty));
            }
            // Reading and writing keep the ids; only sealing changes them.
            prop_assert_eq!(LockFile::read(&lock.write()).unwrap().ids, lock.ids.clone());
            prop_assert_eq!(&lock.clone().with_schema(now.clone()).ids, &lock.ids);
        }
    }

    #[test]
    fn ids_of_tables_that_are_added_renamed_and_removed(states in prop::collection::vec((schema(), steps()), 1..5)) {
        let mut lock = LockFile::default();
        for (state, steps) in states {
            for next in [state.clone().into(), walk(&state, &steps)] {
                let (before, sealed) = (all(&lock), lock.schema());
                lock = lock.with_schema(next.clone());
                let after = all(&lock);
                let Checked { schema: next, intent } = next;
                let former = |table: &Table| intent.table(&table.name).renamed_from.clone();
                let is_renamed = |table: &&Table| {
                    former(table).is_some_and(|from| sealed.tables.contains_key(&from))
                        && !sealed.tables.contains_key(&table.name)
                };
                for (name, slots) in &before {
                    let mut renamed = next.tables.values().filter(is_renamed);
                    let to = renamed.find(|table| former(table).as_ref() == Some(name));
                    // A table that is renamed to the name of a removed table keeps its own ids.
                    if to.is_some() || !next.tables.get(name).as_ref().is_some_and(is_renamed) {
                        let name = to.map_or(name, |table| &table.name);
                        check_ids(slots, &after[name], name)?;
                    }
                }
                prop_assert_eq!(&LockFile::read(&lock.write()).unwrap().ids, &lock.ids);
            }
        }
    }
}

/// A directory that is removed when the test ends.
struct Dir(PathBuf);

impl Dir {
    fn new(name: &str) -> Dir {
        let dir = std::env::temp_dir().join(format!("kontract-fbs-{name}-{}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        Dir(dir)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs `flatc`. Returns its output if it fails.
    fn flatc(&self, arguments: &[&str]) -> Result<(), String> {
        let output = Command::new("flatc").current_dir(&self.0).args(arguments).output();
        let output = output.unwrap_or_else(|error| {
            panic!("flatc cannot be run: {error}\ninstall it: apt-get install flatbuffers-compiler")
        });
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            Ok(())
        } else {
            Err(text(&output.stdout) + &text(&output.stderr))
        }
    }

    fn compiles(&self, file: &Path) -> Result<(), String> {
        let text = fs::read_to_string(file).unwrap();
        let file = file.to_str().unwrap();
        self.flatc(&["--binary", "--schema", file]).map_err(|error| format!("{error}\n{text}"))
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn flatc_reads_every_golden_schema() {
    let dir = Dir::new("golden");
    for case in cases() {
        let file = fs::canonicalize(case.join("schema.fbs")).unwrap();
        dir.compiles(&file).unwrap();
        // It refuses duplicate ids.
        let text = fs::read_to_string(&file).unwrap().replacen("(id: 0", "(id: 1", 1);
        dir.compiles(&dir.write("wrong.fbs", &text)).unwrap_err();
        assert!(!read(&case).tables.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

    #[test]
    fn flatc_accepts_a_history(
        history in prop::collection::vec(prop::collection::vec(edit(), 1..4), 2..6),
    ) {
        let dir = Dir::new("history");
        let mut now = Schema { tables: [("users".to_owned(), blank("users", Layout::Document))].into() };
        let mut lock = LockFile::default().with_schema(now.clone());
        let mut old = dir.write("old.fbs", &flatbuffers::schema("app", &lock));
        for edits in history {
            let next = apply_edits(&now, &edits);
            // The name of a type contains the name of its field.
            let mut hints = next.intent.table("users").fields.values();
            let is_renamed = hints.any(|field| field.renamed_from.is_some());
            lock = lock.with_schema(next.clone());
            now = next.schema;
            let text = flatbuffers::schema("app", &lock);
            let new = dir.write("new.fbs", &text);
            dir.compiles(&new).map_err(TestCaseError::fail)?;
            if !is_renamed && !has_reused(&lock.ids.get("users").cloned().unwrap_or_default()) {
                let conforms = dir.flatc(&["--conform", old.to_str().unwrap(), new.to_str().unwrap()]);
                conforms.map_err(|error| TestCaseError::fail(format!("{error}\n{text}")))?;
            }
            old = dir.write("old.fbs", &text);
        }
    }
}

#[test]
fn old_and_new_programs_read_the_bytes_of_each_other() {
    let status = |names: &[&str]| Type::Enum(names.iter().map(|name| name.to_string()).collect());
    let key = || Field { primkey: true, ..plain("id", Type::String) };
    let schema = |fields: Vec<Field>| {
        let table = Table { schema: fields, ..blank("users", Layout::Columns) };
        Checked::from(Schema { tables: [("users".to_owned(), table)].into() })
    };
    let first = LockFile::default().with_schema(schema(vec![
        key(),
        plain("age", Type::Number),
        plain("nick", Type::String),
        plain("status", status(&["draft", "sold"])),
        plain("size", Type::Int32),
    ]));
    // Another order, and a renamed, a removed, a retyped, and a new field, and a new first variant.
    let mut second = schema(vec![
        plain("status", status(&["open", "sold", "draft"])),
        plain("size", Type::String),
        plain("years", Type::Number),
        plain("city", Type::String),
        key(),
    ]);
    let hints = second.intent.tables.entry("users".to_owned()).or_default();
    hints.fields.entry("years".to_owned()).or_default().renamed_from = Some("age".to_owned());
    let second = first.clone().with_schema(second);
    let dir = Dir::new("bytes");
    dir.write("first.fbs", &flatbuffers::schema("app", &first));
    let text = flatbuffers::schema("app", &second);
    dir.write("second.fbs", &text);
    let lines: Vec<&str> =
        text.lines().map(str::trim).filter(|line| line.contains("id:")).collect();
    assert_eq!(
        lines,
        [
            "id:string (id: 0);",
            "years:double = null (id: 1);",
            "nick:string (id: 2, deprecated);",
            "status:UsersStatus = null (id: 3);",
            "size_4:int32 = null (id: 4, deprecated);",
            "size:string (id: 5);",
            "city:string (id: 6);",
        ]
    );
    let through = |from: &str, to: &str, json: &str| -> serde_json::Value {
        dir.write("row.json", json);
        let root = ["--root-type", "app.Users"];
        dir.flatc(&[&["--binary"], &root[..], &[&format!("{from}.fbs"), "row.json"]].concat())
            .unwrap();
        let read = ["--json", "--strict-json", "--raw-binary"];
        dir.flatc(&[&read[..], &root, &[&format!("{to}.fbs"), "--", "row.bin"]].concat()).unwrap();
        let text = fs::read_to_string(dir.0.join("row.json")).unwrap();
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    };
    let old = r#"{"id": "a", "age": 0.0, "nick": "al", "status": "draft", "size": 7}"#;
    let read = through("first", "second", old);
    let gone = serde_json::json!({"nick": "al", "size_4": 7});
    let mut expected = serde_json::json!({"id": "a", "years": 0.0, "status": "draft"});
    expected.as_object_mut().unwrap().extend(gone.as_object().unwrap().clone());
    assert_eq!(read, expected);
    let new = r#"{"id": "a", "years": 9.5, "status": "sold", "size": "XL", "city": "Bern"}"#;
    let read = through("second", "first", new);
    assert_eq!(read, serde_json::json!({"id": "a", "age": 9.5, "status": "sold"}));
}
