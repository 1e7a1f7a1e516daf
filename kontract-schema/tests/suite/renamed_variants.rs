//! Renamed variants: the migration renames the values, on both databases.

use kontract_schema::dialect::Dialect;
use kontract_schema::gate::gate;
use kontract_schema::intent::{Checked, FieldIntent, Intent, TableIntent, VariantRename};
use kontract_schema::lock::LockFile;
use kontract_schema::model::types::{Member, Type};
use kontract_schema::model::{Field, Layout, Schema, Table};
use serde_json::{Value, json};

use crate::database::{Live, creates_twice, matches, texts};
use crate::postgres::Postgres;
use crate::random_schemas::{blank, plain};
use crate::sqlite::Sqlite;

/// The fields `status`, `seen` (a list) and `whole` (documents with lists of documents).
fn schema(layout: Layout, names: &[&str], hints: &[(&str, &str)]) -> Checked {
    let status = || Type::Enum(names.iter().map(|name| (*name).to_owned()).collect());
    let member = |name: &str, ty| Member { name: name.to_owned(), ty, optional: true };
    let part = || Type::Object(vec![member("state", status()), member("say it's", status())]);
    let parts = member("parts", Type::Array(Box::new(part())));
    let whole = Type::Object(vec![member("part", part()), parts, member("rest", Type::Json)]);
    let hints = |paths: &[&[&str]]| -> Vec<VariantRename> {
        let owned = |path: &[&str]| path.iter().map(|key| (*key).to_owned()).collect();
        let all = |path: &&[&str]| {
            let path: Vec<String> = owned(path);
            let of = move |(from, to): &(&str, &str)| VariantRename {
                path: path.clone(),
                from: (*from).to_owned(),
                to: (*to).to_owned(),
            };
            hints.iter().map(of).collect::<Vec<_>>()
        };
        paths.iter().flat_map(all).collect()
    };
    let deep: &[&[&str]] =
        &[&["part", "state"], &["part", "say it's"], &["parts", "state"], &["parts", "say it's"]];
    let mut table = Table { ptr: "users".to_owned(), ..blank("users", layout) };
    let optional = |field: Field| Field { optional: true, ..field };
    table.schema.extend([
        optional(plain("status", status())),
        plain("seen", Type::Array(Box::new(status()))),
        optional(plain("whole", whole)),
    ]);
    let schema = Schema { tables: [("users".to_owned(), table)].into() };
    let fields = [("status", hints(&[&[]])), ("seen", hints(&[&[]])), ("whole", hints(deep))];
    let fields = fields.map(|(field, renamed_variants)| {
        (field.to_owned(), FieldIntent { renamed_variants, ..FieldIntent::default() })
    });
    let users = TableIntent { fields: fields.into(), ..TableIntent::default() };
    Checked { schema, intent: Intent { tables: [("users".to_owned(), users)].into() } }
}

/// The values of the rows, with this name of the variant.
fn rows(name: &str) -> [Value; 3] {
    let part = json!({"state": name, "say it's": "Draft", "other": "Done's"});
    [
        json!({"status": name, "seen": ["Draft", name, "Gone"], "whole": {
            "part": part, "parts": [part, {"say it's": name}, {}, null, true, "x", [1]], "rest": {"state": "Done's"},
        }}),
        json!({"status": "Draft", "seen": [], "whole": {"part": null, "parts": [], "rest": null}}),
        json!({"seen": [name]}),
    ]
}

fn insert<L: Live>(live: &mut L, layout: Layout) {
    let text = |value: &Value| L::DIALECT.literal(&value.to_string());
    let mut statements = Vec::new();
    for (row, n) in rows("Done's").iter().zip(1..) {
        statements.push(match layout {
            Layout::Document => format!(
                "INSERT INTO users (id, data, _version, _txid, _owner, _order) VALUES ('k{n}', {}, 1, 1, 'a', {n})",
                text(row)
            ),
            Layout::Columns => {
                let status = row.get("status").and_then(Value::as_str);
                let status = status.map_or("NULL".to_owned(), |name| L::DIALECT.literal(name));
                let seen = match L::DIALECT {
                    Dialect::Postgres => {
                        let names = row["seen"].as_array().expect("a list").iter();
                        let names: Vec<String> =
                            names.map(|name| L::DIALECT.literal(name.as_str().unwrap())).collect();
                        format!("ARRAY[{}]::TEXT[]", names.join(", "))
                    }
                    Dialect::Sqlite => text(&row["seen"]),
                };
                let whole = row.get("whole").map_or("NULL".to_owned(), text);
                format!("INSERT INTO users (id, status, seen, whole) VALUES ('k{n}', {status}, {seen}, {whole})")
            }
        });
    }
    live.run(&statements, false).expect("the rows");
}

fn content<L: Live>(live: &mut L, layout: Layout) -> Vec<Value> {
    let parsed = |text: Option<String>| match text {
        Some(text) => serde_json::from_str(&text).expect("JSON"),
        None => Value::Null,
    };
    match layout {
        Layout::Document => {
            let found = live.texts("SELECT CAST(data AS TEXT) FROM users ORDER BY id");
            found.into_iter().map(parsed).collect()
        }
        Layout::Columns => {
            let seen = match L::DIALECT {
                Dialect::Postgres => "CAST(to_jsonb(seen) AS TEXT)",
                Dialect::Sqlite => "seen",
            };
            let status = live.texts("SELECT status FROM users ORDER BY id");
            let seen = live.texts(&format!("SELECT {seen} FROM users ORDER BY id"));
            let whole = live.texts("SELECT CAST(whole AS TEXT) FROM users ORDER BY id");
            let all = status.into_iter().zip(seen).zip(whole);
            all.map(|((status, seen), whole)| {
                let mut row = json!({"seen": parsed(seen)});
                status.into_iter().for_each(|name| row["status"] = name.into());
                if whole.is_some() {
                    row["whole"] = parsed(whole);
                }
                row
            })
            .collect()
        }
    }
}

fn assert_values_renamed<L: Live>(live: &mut L) {
    for layout in [Layout::Columns, Layout::Document] {
        for more in [&[][..], &["More"]] {
            let names = |one: &'static str| [&["Draft", one, "Gone"], more].concat();
            let a = schema(layout, &["Draft", "Done's", "Gone"], &[]).schema;
            let b = schema(layout, &names("Over \"it\""), &[("Done's", "Over \"it\"")]);
            let found = gate(&LockFile::default().with_schema(a.clone()), &b, None);
            let draft = found.draft.unwrap_or_else(|| panic!("{:?}", found.problems));
            creates_twice(live, &a).unwrap();
            insert(live, layout);
            let script = draft.sql.for_dialect(L::DIALECT);
            let run = live.run(&texts(&script.up), script.rebuild);
            run.unwrap_or_else(|error| panic!("{error}\n{}", texts(&script.up).join(";\n")));
            matches(live, &b.schema).unwrap();
            assert_eq!(
                content(live, layout),
                rows("Over \"it\""),
                "{}",
                texts(&script.up).join(";\n")
            );
            let down = &texts(script.down.as_ref().expect("a way back"));
            live.run(down, script.rebuild).unwrap();
            matches(live, &a).unwrap();
            assert_eq!(content(live, layout), rows("Done's"), "{}", down.join(";\n"));
        }
    }
}

#[test]
fn values_are_renamed_on_sqlite() {
    assert_values_renamed(&mut Sqlite::new());
}

#[test]
fn values_are_renamed_on_postgres() {
    assert_values_renamed(&mut Postgres::new());
}
