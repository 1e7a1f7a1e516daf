//! Properties that hold on both databases. [`sqlite`](crate::sqlite) and
//! [`postgres`](crate::postgres) run them.

use kontract_schema::catalog::{Catalog, compare, expected};
use kontract_schema::change::diff::diff;
use kontract_schema::dialect::{Dialect, create_schema};
use kontract_schema::gate::{Gate, ManualFile, gate};
use kontract_schema::intent::{Checked, Target};
use kontract_schema::lock::{self, LockFile, Script, Step};
use kontract_schema::migration::manual;
use kontract_schema::model::types::Type;
use kontract_schema::model::{Field, Layout, Schema, Sql, SqlKind, SqlType, Table};
use kontract_schema::plan::plan;
use kontract_schema::sql::ddl::Tracked;
use kontract_schema::sql::table::{column_names, order_by_references, tracked};
use serde_json::{Value, json};

use crate::random_schemas::{add_index, blank, plain};

/// A real database.
pub trait Live {
    const DIALECT: Dialect;

    /// Runs statements in one transaction, as the runtime's runner does.
    fn run(&mut self, statements: &[String], rebuild: bool) -> Result<(), String>;

    /// The catalogue of the database.
    fn catalog(&mut self) -> Catalog;

    /// The values of one column as text, by the order of the query.
    fn texts(&mut self, sql: &str) -> Vec<Option<String>>;

    /// Drops all tables.
    fn reset(&mut self);

    /// Whether tables can have virtual columns.
    fn has_virtual_columns(&mut self) -> bool {
        true
    }
}

/// Whether the database can have the tables of a schema.
pub fn can_have<L: Live>(live: &mut L, schema: &Schema) -> bool {
    let mut fields = schema.tables.values().flat_map(|table| &table.schema);
    let has_virtual =
        fields.any(|field| field.generated.as_ref().is_some_and(|generated| !generated.stored));
    !has_virtual || live.has_virtual_columns()
}

/// Every statement that creates a schema can run twice, and creates what the catalogue expects.
pub fn creates_twice<L: Live>(live: &mut L, schema: &Schema) -> Result<(), String> {
    live.reset();
    let create = create_schema(L::DIALECT, schema);
    live.run(&create, false)?;
    live.run(&create, false)?;
    matches(live, schema)
}

/// The plan of any change leads to the catalogue of the new schema.
pub fn plan_leads_to_the_schema<L: Live>(
    live: &mut L,
    a: &Schema,
    b: &Schema,
) -> Result<(), String> {
    creates_twice(live, a)?;
    let scripts = plan(a, &diff(a, b));
    let script = scripts.for_dialect(L::DIALECT);
    live.run(&texts(&script.up), script.rebuild)
        .map_err(|error| in_script(&error, &texts(&script.up)))?;
    matches(live, b).map_err(|error| in_script(&error, &texts(&script.up)))
}

/// A draft runs on existing rows, loses no value, and can be rolled back.
pub fn draft_keeps_rows<'a, L: Live>(
    live: &mut L,
    a: &Schema,
    b: impl Into<Target<'a>>,
) -> Result<bool, String> {
    let b = b.into();
    let lock = LockFile::default().with_schema(a.clone());
    let Some(draft) = gate(&lock, b, None).draft else { return Ok(false) };
    creates_twice(live, a)?;
    live.run(&rows(L::DIALECT, a), false)?;
    let before = content(live, a, a.into());
    let script = draft.sql.for_dialect(L::DIALECT);
    live.run(&texts(&script.up), script.rebuild)
        .map_err(|error| in_script(&error, &texts(&script.up)))?;
    matches(live, b.schema).map_err(|error| in_script(&error, &texts(&script.up)))?;
    let kept = content(live, a, b);
    let lost = |values: &&Vec<_>| !before.contains(values);
    if let Some(kept) = kept.iter().find(lost) {
        return Err(in_script(&format!("was\n{before:?}\nis\n{kept:?}"), &texts(&script.up)));
    }
    roll_back(live, a, script, &kept)?;
    Ok(true)
}

/// A script runs on empty tables, and leads to the catalogue of the new schema.
#[cfg(feature = "parse")]
pub fn runs_on_empty_tables<L: Live>(
    live: &mut L,
    a: &Schema,
    b: &Schema,
    script: &Script,
) -> Result<(), String> {
    creates_twice(live, a)?;
    live.run(&texts(&script.up), script.rebuild)
        .map_err(|error| in_script(&error, &texts(&script.up)))?;
    matches(live, b).map_err(|error| in_script(&error, &texts(&script.up)))
}

fn roll_back<L: Live>(
    live: &mut L,
    a: &Schema,
    script: &Script,
    kept: &[Vec<Option<String>>],
) -> Result<(), String> {
    let Some(down) = &script.down else { return Ok(()) };
    let down = &texts(down);
    live.run(down, script.rebuild).map_err(|error| in_script(&error, down))?;
    matches(live, a).map_err(|error| in_script(&error, down))?;
    let after = content(live, a, a.into());
    if kept.iter().all(|values| after.contains(values)) {
        Ok(())
    } else {
        Err(in_script(&format!("was\n{kept:?}\nis\n{after:?}"), down))
    }
}

/// If changes are refused, the migration that the message shows lets them pass once its placeholders
/// are replaced, and leads to the catalogue of the new schema.
pub fn suggested_migration_leads_to_the_schema<'a, L: Live>(
    live: &mut L,
    a: &Schema,
    b: impl Into<Target<'a>>,
) -> Result<bool, String> {
    let b = b.into();
    let lock = LockFile::default().with_schema(a.clone());
    let Some(text) = shown_migration(&gate(&lock, b, None)) else { return Ok(false) };
    let record = lock::Manual { file: "0001_remedy.sql".into(), checksum: String::new() };
    let file = ManualFile { name: "remedy", text: &text, record: &record };
    let found = gate(&lock, b, Some(file));
    // The data loss is accepted.
    let lossy = found.plan.as_ref().filter(|plan| !plan.loses.is_empty());
    let text = lossy.map_or(text.clone(), |plan| manual::with_accept(&text, &plan.hash));
    let found = gate(&lock, b, Some(ManualFile { text: &text, ..file }));
    let messages: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    let Some(draft) = found.draft else {
        return Err(format!("{}\n--- file ---\n{text}", messages.join("\n")));
    };
    creates_twice(live, a)?;
    let script = draft.sql.for_dialect(L::DIALECT);
    live.run(&texts(&script.up), script.rebuild)
        .map_err(|error| in_script(&error, &texts(&script.up)))?;
    matches(live, b.schema).map_err(|error| in_script(&error, &texts(&script.up)))?;
    if let Some(down) = &script.down {
        let down = &texts(down);
        live.run(down, script.rebuild).map_err(|error| in_script(&error, down))?;
        matches(live, a).map_err(|error| in_script(&error, down))?;
    }
    Ok(true)
}

/// The migration that the first refusal shows, with NULL in place of placeholders.
pub fn shown_migration(gate: &Gate) -> Option<String> {
    let shown = gate.problems.iter().find_map(|problem| problem.migration.as_ref())?;
    let mut pieces = shown.split("<value for ");
    let mut text = pieces.next()?.to_owned();
    for piece in pieces {
        text += &format!("NULL{}", piece.split_once('>')?.1);
    }
    Some(text)
}

/// A `backfill` that returns NULL for a row fails and changes nothing.
pub fn a_backfill_without_a_value_fails<L: Live>(live: &mut L) {
    for layout in [Layout::Columns, Layout::Document] {
        let schema = |field: Option<Field>| {
            let mut users = blank("users", layout);
            users.schema.push(Field { optional: true, ..plain("name", Type::String) });
            users.schema.extend(field);
            Schema { tables: [("users".to_owned(), users)].into() }
        };
        let name = match (layout, L::DIALECT) {
            (Layout::Columns, _) => "name",
            (_, Dialect::Postgres) => "data->>'name'",
            (_, Dialect::Sqlite) => "data->>'$.name'",
        };
        let of = |sql: &str| Sql { postgres: sql.to_owned(), sqlite: sql.to_owned() };
        let (a, slug) = (schema(None), plain("slug", Type::String));
        for (sql, fills) in [(name.to_owned(), false), (format!("coalesce({name}, '-')"), true)] {
            let mut b = Checked::from(schema(Some(slug.clone())));
            let hints = b.intent.tables.entry("users".to_owned()).or_default();
            hints.fields.entry("slug".to_owned()).or_default().backfill = Some(of(&sql));
            creates_twice(live, &a).unwrap();
            live.run(&rows(L::DIALECT, &a), false).unwrap();
            let draft = gate(&LockFile::default().with_schema(a.clone()), &b, None).draft.unwrap();
            let script = draft.sql.for_dialect(L::DIALECT);
            let done = live.run(&texts(&script.up), script.rebuild);
            assert_eq!(done.is_ok(), fills, "{layout:?} {sql}: {done:?}\n{:?}", script.up);
            assert_eq!(matches(live, if fills { &b.schema } else { &a }), Ok(()));
        }
    }
}

/// One release removes a field, and a later one adds it again: a database that runs both has no
/// values in it.
pub fn a_removed_field_comes_back_empty<L: Live>(live: &mut L) {
    for layout in [Layout::Columns, Layout::Document] {
        let mut users = blank("users", layout);
        users.schema.push(plain("age", Type::Bigint));
        let without = Schema { tables: [("users".to_owned(), users.clone())].into() };
        users.schema.push(Field { optional: true, ..plain("name", Type::String) });
        let with = Schema { tables: [("users".to_owned(), users)].into() };
        creates_twice(live, &with).unwrap();
        live.run(&rows(L::DIALECT, &with), false).unwrap();
        assert!(
            content(live, &with, (&with).into()).iter().any(|values| {
                values[0].as_deref() == Some("users.name") && values[1].is_some()
            })
        );

        let mut lock = LockFile::default().with_schema(with.clone());
        let mut with_hint = Checked::from(without.clone());
        let hints = with_hint.intent.tables.entry("users".to_owned()).or_default();
        hints.removed.push("name".to_owned());
        let text = shown_migration(&gate(&lock, &with_hint, None)).expect("a refusal");
        for (new, text) in [(&with_hint, Some(&text)), (&with.clone().into(), None)] {
            let record = lock::Manual { file: "0001_gone.sql".into(), checksum: String::new() };
            let file = text.map(|text| ManualFile { name: "gone", text, record: &record });
            let found = gate(&lock, new, file);
            let draft = found.draft.unwrap_or_else(|| panic!("{:?}", found.problems));
            let script = draft.sql.for_dialect(L::DIALECT).clone();
            live.run(&texts(&script.up), script.rebuild).unwrap();
            matches(live, &new.schema).unwrap();
            lock = lock.with_schema(new.clone());
            lock.version = draft.version;
            lock.migrations.push(draft);
        }
        let after = content(live, &with, (&with).into());
        let values =
            |of: &str| after.iter().find(|values| values[0].as_deref() == Some(of)).unwrap();
        assert!(
            values("users.name")[1..].iter().all(|value| value.is_none()),
            "{layout:?}: {after:?}"
        );
        assert!(values("users.age")[1..].iter().all(Option::is_some), "{layout:?}: {after:?}");
        assert_eq!(values("users.name").len(), 5);
    }
}

/// `IF NOT EXISTS` accepts an existing table with other columns. Comparing the catalogue reports it.
pub fn a_table_with_other_columns_is_reported<L: Live>(live: &mut L) {
    let mut users = blank("users", Layout::Columns);
    users.schema.push(plain("email", Type::String));
    users.schema.push(Field { default: Some(json!(7)), ..plain("age", Type::Bigint) });
    add_index(&mut users, 1, true);
    let schema = Schema { tables: [("users".to_owned(), users)].into() };
    let table = match L::DIALECT {
        Dialect::Postgres => {
            "CREATE TABLE users (id TEXT PRIMARY KEY, email BIGINT, age BIGINT NOT NULL DEFAULT 8, must TEXT NOT NULL, may TEXT)"
        }
        Dialect::Sqlite => {
            "CREATE TABLE users (id TEXT NOT NULL PRIMARY KEY, email INTEGER, age INTEGER NOT NULL DEFAULT 8, must TEXT NOT NULL, may TEXT) STRICT"
        }
    };
    live.reset();
    live.run(
        &[table.to_owned(), "CREATE INDEX users_email_age_key ON users (email, age)".to_owned()],
        false,
    )
    .unwrap();
    live.run(&create_schema(L::DIALECT, &schema), false).unwrap();
    let found = matches(live, &schema).unwrap_err();
    let (was, is) = match L::DIALECT {
        Dialect::Postgres => ("bigint", "text"),
        Dialect::Sqlite => ("integer", "text"),
    };
    let expected = format!(
        "table `users` has the column `age` with the default `8` instead of `7`\n\
         table `users` has the column `email` of type {was} instead of {is}\n\
         table `users` has the column `email`, which allows NULL\n\
         table `users` has another column `must` that is NOT NULL and has no default\n\
         table `users` has the index `users_email_age_key`, which is not unique"
    );
    assert_eq!(found, expected);
    live.reset();
    assert_eq!(matches(live, &schema).unwrap_err(), "table `users` does not exist");
}

/// Compares the database with the catalogue of the schema.
pub fn matches<L: Live>(live: &mut L, schema: &Schema) -> Result<(), String> {
    let differences = compare(&expected(L::DIALECT, schema), &live.catalog());
    let list: Vec<String> = differences.iter().map(|difference| difference.to_string()).collect();
    if list.is_empty() { Ok(()) } else { Err(list.join("\n")) }
}

/// Statements with the lines that say how they run.
pub fn texts(steps: &[Step]) -> Vec<String> {
    steps.iter().map(Step::to_text).collect()
}

fn in_script(error: &str, script: &[String]) -> String {
    format!("{error}\n--- script ---\n{}", script.join(";\n"))
}

/// The values in the tables of `a` under the schema `now`: of each field that both schemas have, even
/// renamed or with another type.
pub fn content<L: Live>(live: &mut L, a: &Schema, now: Target<'_>) -> Vec<Vec<Option<String>>> {
    let mut found = Vec::new();
    for old in a.tables.values() {
        let renamed =
            |new: &&Table| now.intent.table(&new.name).renamed_from.as_ref() == Some(&old.name);
        let tables = &now.schema.tables;
        let Some(new) = tables.get(&old.name).or(tables.values().find(renamed)) else {
            continue;
        };
        let hints = now.intent.table(&new.name);
        let (table, key) = (L::DIALECT.ident(&new.ptr), column_names(new, &new.key()));
        let key = L::DIALECT.ident(&key[0]);
        for field in &old.schema {
            let renamed = |other: &&Field| {
                hints.field(&other.name).renamed_from.as_ref() == Some(&field.name)
            };
            let Some(to) = new.field(&field.name).or(new.schema.iter().find(renamed)) else {
                continue;
            };
            // The database computes it. Rows without a value may get the default. Variants have their
            // new names.
            let is_computed = to.generated.is_some() && !std::ptr::eq(a, now.schema);
            let has_new_names = !hints.field(&to.name).renamed_variants.is_empty();
            if is_computed || (field.optional && !to.optional) || has_new_names {
                continue;
            }
            let value = match new.layout {
                Layout::Document if !new.is_key(&to.name) => match L::DIALECT {
                    Dialect::Postgres => format!("data->>{}", L::DIALECT.literal(to.column())),
                    Dialect::Sqlite => {
                        format!("data->>{}", L::DIALECT.literal(&format!("$.\"{}\"", to.column())))
                    }
                },
                _ => L::DIALECT.ident(to.column()),
            };
            let sql = format!("SELECT CAST({value} AS TEXT) FROM {table} ORDER BY {key}");
            let mut values = vec![Some(format!("{}.{}", old.name, field.name))];
            values.extend(live.texts(&sql));
            found.push(values);
        }
    }
    found
}

/// How many rows a table gets: two, and two more with the least and the greatest values if no
/// constraint forbids them.
fn count(table: &Table) -> usize {
    let unique = table.indexes.values().any(|index| index.unique);
    let checks = table.checks.values().any(|check| *check != "id IS NOT NULL".into());
    if unique || checks { 2 } else { 4 }
}

/// The rows of each table. The second has no optional values. All references are valid.
fn rows(dialect: Dialect, schema: &Schema) -> Vec<String> {
    let (tables, _) = order_by_references(schema);
    let mut statements = Vec::new();
    for (at, table) in tables.iter().enumerate() {
        for n in 1..=count(table) {
            let mut columns = Vec::new();
            let filled = |target: &str| tables[..at].iter().any(|table| table.name == target);
            match table.layout {
                Layout::Document => {
                    let id = column_names(table, &table.key());
                    columns.push((id[0].clone(), literal(dialect, &table.schema[0], n)));
                    let data = document(table, n).to_string();
                    columns.push(("data".to_owned(), dialect.literal(&data)));
                }
                Layout::Columns => {
                    let given = table.schema.iter().filter(|field| field.generated.is_none());
                    for field in given {
                        let to = table
                            .references
                            .values()
                            .find(|key| key.fields == [field.name.as_str()]);
                        let value = match to {
                            // Each table has these two rows.
                            Some(key) if filled(&key.table) => {
                                literal(dialect, field, 1 + (n - 1) % 2)
                            }
                            Some(_) => "NULL".to_owned(),
                            None if field.optional && n == 2 => "NULL".to_owned(),
                            None => literal(dialect, field, n),
                        };
                        columns.push((field.column().to_owned(), value));
                    }
                }
            }
            for tracked in tracked(table) {
                let value = match tracked {
                    Tracked::Owner => "'alice'".to_owned(),
                    Tracked::DeletedTxid => continue,
                    _ => n.to_string(),
                };
                columns.push((tracked.name().to_owned(), value));
            }
            let names: Vec<_> = columns.iter().map(|(name, _)| dialect.ident(name)).collect();
            let values: Vec<_> = columns.into_iter().map(|(_, value)| value).collect();
            statements.push(format!(
                "INSERT INTO {} ({}) VALUES ({})",
                dialect.ident(&table.ptr),
                names.join(", "),
                values.join(", ")
            ));
        }
    }
    statements
}

fn document(table: &Table, n: usize) -> Value {
    let mut document = serde_json::Map::new();
    for field in &table.schema {
        if !(field.optional && n == 2) {
            let value = match field.sql_type {
                None if !field.primkey => extreme(&field.ty, n),
                _ => None,
            };
            let value = value.unwrap_or_else(|| sample(field, n));
            document.insert(field.column().to_owned(), value);
        }
    }
    Value::Object(document)
}

/// A value that the column of the field takes, in the form in which PostgreSQL prints it.
fn sample(field: &Field, n: usize) -> Value {
    match field.sql_type.as_ref().map(SqlType::kind) {
        Some(SqlKind::Varchar(_)) => json!(format!("text {n}")),
        Some(SqlKind::Numeric(_)) => json!(format!("{n}.10")),
        Some(SqlKind::Time(_)) => json!(format!("10:30:0{n}")),
        Some(SqlKind::Cidr | SqlKind::Inet) => json!(format!("10.{n}.0.0/16")),
        _ => value(&field.ty, n),
    }
}

fn value(ty: &Type, n: usize) -> Value {
    match ty {
        Type::String => json!(format!("text; {n} 'x'")),
        Type::Number => json!(n as f64 + 0.5),
        Type::Boolean => json!(n == 1),
        Type::Uuid => json!(format!("0191b3c8-0000-7000-8000-00000000000{n}")),
        Type::Decimal => json!(format!("{n}.10")),
        Type::Json => json!({"any": [n, null]}),
        Type::Instant => json!(format!("2026-11-21T10:30:00.00000{n}Z")),
        Type::Day => json!(format!("2026-11-0{n}")),
        Type::Enum(names) => json!(names[n % names.len()]),
        Type::Object(_) => json!({"street": format!("Main {n}")}),
        Type::Array(_) => json!(["a", n.to_string()]),
        _ => json!(n),
    }
}

/// The least value of a type for the third row, the greatest for the fourth, `None` for others.
fn extreme(ty: &Type, n: usize) -> Option<Value> {
    let (least, greatest) = match ty {
        Type::String => (json!(""), json!("'\"\\ %_\n\r\té\u{301}😀\u{10ffff}".repeat(200))),
        Type::Number => (json!(f64::MIN), json!(5e-324)),
        Type::Float32 => (json!(f64::from(f32::MIN)), json!(f64::from(f32::MIN_POSITIVE))),
        Type::Bigint => (json!(i64::MIN), json!(i64::MAX)),
        Type::Int32 => (json!(i32::MIN), json!(i32::MAX)),
        Type::Int16 => (json!(i16::MIN), json!(i16::MAX)),
        Type::Uint32 => (json!(0), json!(u32::MAX)),
        Type::Uuid => (
            json!("00000000-0000-0000-0000-000000000000"),
            json!("f".repeat(8) + "-ffff-ffff-ffff-" + &"f".repeat(12)),
        ),
        Type::Decimal => {
            (json!("-79228162514264337593543950335"), json!("0.0000000000000000000000000001"))
        }
        Type::Json => (json!(null), json!({"": [{}, [], "", 1e300, {"a": {"a": null}}]})),
        Type::Instant => (json!("0001-01-01T00:00:00Z"), json!("9999-12-31T23:59:59.999999Z")),
        Type::Day => (json!("0001-01-01"), json!("9999-12-31")),
        Type::Array(of) if **of == Type::String => (json!([]), json!(["", "it's", "{,}\\\""])),
        _ => return None,
    };
    [least, greatest].into_iter().nth(n.checked_sub(3)?)
}

fn literal(dialect: Dialect, field: &Field, n: usize) -> String {
    let found = match field.sql_type {
        None if !field.primkey => extreme(&field.ty, n),
        _ => None,
    };
    let value = found.unwrap_or_else(|| sample(field, n));
    match (&field.ty, dialect, &value) {
        (Type::Array(_), Dialect::Postgres, Value::Array(items)) if n > 2 => {
            let items = items.iter().filter_map(Value::as_str).map(|text| dialect.literal(text));
            format!("ARRAY[{}]::TEXT[]", items.collect::<Vec<_>>().join(", "))
        }
        (Type::Bigint, Dialect::Postgres, _) => format!("'{value}'::BIGINT"),
        (Type::Boolean, Dialect::Sqlite, _) => u8::from(n == 1).to_string(),
        (Type::Array(_), Dialect::Postgres, _) => format!("ARRAY['a', '{n}']"),
        (Type::Json | Type::Object(_) | Type::Array(_), ..) => dialect.literal(&value.to_string()),
        // The key of `users`.
        (Type::String, _, _) if field.primkey || field.name == "to_users" => format!("'k{n}'"),
        (_, _, Value::String(text)) => dialect.literal(text),
        _ => value.to_string(),
    }
}
