//! The queries of a plan find the rows that violate a change, on both databases and in both layouts.

use kontract_schema::change::diff::diff;
use kontract_schema::dialect::Dialect;
use kontract_schema::model::types::Type;
use kontract_schema::model::{Field, ForeignKey, Index, Layout, Schema, Table};
use kontract_schema::plan::plan;

use crate::database::{Live, creates_twice, texts};
use crate::postgres::Postgres;
use crate::random_schemas::{blank, plain};
use crate::sqlite::Sqlite;

fn table(layout: Layout) -> Table {
    let mut table = Table { ptr: "users".to_owned(), ..blank("users", layout) };
    for name in ["email", "status", "boss"] {
        table.schema.push(Field { optional: true, ..plain(name, Type::String) });
    }
    table
}

fn schema(table: &Table) -> Schema {
    Schema { tables: [("users".to_owned(), table.clone())].into() }
}

/// `k1` and `k2` have the same e-mail, `k3` has none, `k4` has another one and another status. The boss
/// of `k2` does not exist.
fn insert<L: Live>(live: &mut L, layout: Layout) {
    let rows = [
        ("k1", Some("a"), "draft", Some("k4")),
        ("k2", Some("a"), "done", Some("k9")),
        ("k3", None, "done", None),
        ("k4", Some("b"), "it's", Some("k4")),
    ];
    let text =
        |value: Option<&str>| value.map_or("NULL".to_owned(), |text| L::DIALECT.literal(text));
    let mut statements = Vec::new();
    for ((id, email, status, boss), n) in rows.into_iter().zip(1..) {
        statements.push(match layout {
            Layout::Columns => format!(
                "INSERT INTO users (id, email, status, boss) VALUES ('{id}', {}, {}, {})",
                text(email),
                text(Some(status)),
                text(boss)
            ),
            Layout::Document => {
                let mut data = serde_json::json!({"status": status});
                email.into_iter().for_each(|email| data["email"] = email.into());
                format!(
                    "INSERT INTO users (id, data, _version, _txid, _owner, _order) VALUES ('{id}', {}, 1, 1, 'a', {n})",
                    L::DIALECT.literal(&data.to_string())
                )
            }
        });
    }
    live.run(&statements, false).expect("the rows");
}

/// The keys that the query of the only change with a query finds.
fn found<L: Live>(live: &mut L, old: &Table, change: impl Fn(&mut Table)) -> Vec<String> {
    let mut new = old.clone();
    change(&mut new);
    let (old, new) = (schema(old), schema(&new));
    let scripts = plan(&old, &diff(&old, &new));
    let obstacles = &scripts.for_dialect(L::DIALECT).obstacles;
    assert_eq!(obstacles.len(), 1, "{obstacles:?}");
    live.texts(&obstacles[0].rows).into_iter().map(|key| key.expect("a key")).collect()
}

fn assert_violations_found<L: Live>(live: &mut L) {
    let status = Type::Enum(vec!["draft".into(), "done".into()]);
    for layout in [Layout::Columns, Layout::Document] {
        let old = table(layout);
        creates_twice(live, &schema(&old)).unwrap();
        insert(live, layout);
        let unique = |table: &mut Table| {
            let index = Index { fields: vec!["email".into()], unique: true, ..Index::default() };
            table.indexes.insert("users_email_key".into(), index);
        };
        assert_eq!(found(live, &old, unique), ["k1", "k2"], "{layout:?}");
        let required = |table: &mut Table| table.schema[1].optional = false;
        assert_eq!(found(live, &old, required), ["k3"], "{layout:?}");
        let of_enum = |table: &mut Table| table.schema[2].ty = status.clone();
        assert_eq!(found(live, &old, of_enum), ["k4"], "{layout:?}");
    }
    let old = table(Layout::Columns);
    creates_twice(live, &schema(&old)).unwrap();
    insert(live, Layout::Columns);
    let check = |table: &mut Table| {
        table.checks.insert("users_check".into(), "email <> 'b'".into());
    };
    assert_eq!(found(live, &old, check), ["k4"]);
    let reference = |table: &mut Table| {
        let key = ForeignKey {
            fields: vec!["boss".into()],
            table: "users".into(),
            to: vec!["id".into()],
            on_delete: Default::default(),
            on_update: Default::default(),
            ..ForeignKey::default()
        };
        table.references.insert("users_boss_fkey".into(), key);
    };
    assert_eq!(found(live, &old, reference), ["k2"]);
    let null = ["UPDATE users SET email = NULL, status = 'done' WHERE id = 'k2'".to_owned()];
    live.run(&null, false).expect("a second row without an e-mail");
    for (nulls_not_distinct, keys) in [(true, vec!["k2", "k3"]), (false, vec![])] {
        let unique = |table: &mut Table| {
            let fields = vec!["email".into(), "status".into()];
            let index = Index { fields, unique: true, nulls_not_distinct, ..Index::default() };
            table.indexes.insert("users_email_status_key".into(), index);
        };
        assert_eq!(found(live, &old, unique), keys);
    }
}

#[test]
fn violations_are_found_on_sqlite() {
    assert_violations_found(&mut Sqlite::new());
}

#[test]
fn violations_are_found_on_postgres() {
    assert_violations_found(&mut Postgres::new());
}

/// Types, values of the first type, and those that cannot be converted to the second: the query finds
/// exactly these, and without them the change succeeds.
fn conversions() -> Vec<(Type, Type, Vec<&'static str>, Vec<&'static str>)> {
    use Type::*;
    let whole = vec!["'7'", "'-1'", "'2147483647'"];
    let huge = "'1'".replace('1', &"9".repeat(120));
    vec![
        (String, Int32, whole, vec!["'seven'", "'1.5'", "''", "'2147483648'", huge.leak()]),
        (String, Uint8, vec!["'0'", "'255'"], vec!["'256'", "'-1'", "'x'"]),
        (String, Number, vec!["'1.5'", "'-2e3'", "'7'"], vec!["'a'", "''", "'1,5'"]),
        (String, Decimal, vec!["'1.50'"], vec!["'a'", "'12 EUR'"]),
        (String, Boolean, vec!["'true'", "'NO'", "'1'"], vec!["'perhaps'", "'2'"]),
        (
            String,
            Uuid,
            vec!["'018f3c4e-7a2b-7c3d-8e4f-5a6b7c8d9e0f'"],
            vec!["'018f3c4e-7a2b-7c3d-8e4f-5a6b7c8d9e0'", "'none'", "''"],
        ),
        (Bigint, Int32, vec!["5", "-2147483648"], vec!["2147483648", "-2147483649"]),
        (Int32, Int16, vec!["32767"], vec!["32768"]),
        (Int32, Uint16, vec!["0"], vec!["-1", "65536"]),
        (Number, Int32, vec!["2.0", "-7.0"], vec!["1.5", "3000000000.0"]),
        (Number, Bigint, vec!["2.0"], vec!["0.25", "1e300"]),
    ]
}

fn assert_values_found<L: Live>(live: &mut L) {
    for (from, to, fit, misfit) in conversions() {
        let (fit, misfit) = (fit.into_iter(), misfit.into_iter());
        let rows: Vec<_> = fit.map(|v| (v, true)).chain(misfit.map(|v| (v, false))).collect();
        let case = format!("{from} → {to}");
        let mut old = Table { ptr: "users".to_owned(), ..blank("users", Layout::Columns) };
        old.schema.push(Field { optional: true, ..plain("value", from) });
        creates_twice(live, &schema(&old)).unwrap();
        let insert = |(n, (value, _)): (usize, &(&str, bool))| {
            format!("INSERT INTO users (id, value) VALUES ('{n:02}', {value})")
        };
        let mut inserts: Vec<_> = rows.iter().enumerate().map(insert).collect();
        inserts.push("INSERT INTO users (id, value) VALUES ('99', NULL)".to_owned());
        live.run(&inserts, false).expect(&case);
        let mut new = old.clone();
        new.schema.last_mut().unwrap().ty = to;
        let (old, new) = (schema(&old), schema(&new));
        let scripts = plan(&old, &diff(&old, &new));
        let script = scripts.for_dialect(L::DIALECT);
        let [obstacle] = &script.obstacles[..] else { panic!("{case}: {:?}", script.obstacles) };
        let found: Vec<_> = live.texts(&obstacle.rows).into_iter().flatten().collect();
        let wrong = rows.iter().enumerate().filter(|(_, (_, fits))| !fits);
        let wrong: Vec<_> = wrong.map(|(n, _)| format!("{n:02}")).collect();
        assert_eq!(found, wrong, "{case}");
        // The conversion fails for each of these values.
        let mut doomed = wrong.clone();
        while let Some(last) = doomed.pop() {
            live.run(&texts(&script.up), script.rebuild).expect_err(&format!("{case}: {last}"));
            live.run(&[format!("DELETE FROM users WHERE id = '{last}'")], false).unwrap();
        }
        live.run(&texts(&script.up), script.rebuild)
            .unwrap_or_else(|error| panic!("{case}: {error}"));
    }
}

#[test]
fn values_without_a_conversion_are_found_on_sqlite() {
    assert_values_found(&mut Sqlite::new());
}

#[test]
fn values_without_a_conversion_are_found_on_postgres() {
    assert_values_found(&mut Postgres::new());
}

#[test]
fn new_tables_and_fields_have_no_violations() {
    let old = table(Layout::Columns);
    let mut new = old.clone();
    new.schema.push(Field { optional: true, ..plain("nick", Type::String) });
    new.indexes.insert(
        "users_nick_key".into(),
        Index { fields: vec!["nick".into()], unique: true, ..Index::default() },
    );
    let of = |old: &Schema, new: &Schema| {
        let scripts = plan(old, &diff(old, new));
        Dialect::ALL.map(|dialect| scripts.for_dialect(dialect).obstacles.len())
    };
    assert_eq!(of(&schema(&old), &schema(&new)), [0, 0]);
    assert_eq!(of(&Schema::default(), &schema(&new)), [0, 0]);
    // Additional variants violate nothing.
    let with = |names: &[&str]| {
        let mut table = old.clone();
        table.schema[2].ty = Type::Enum(names.iter().map(|name| (*name).to_owned()).collect());
        schema(&table)
    };
    assert_eq!(of(&with(&["a"]), &with(&["b", "a"])), [0, 0]);
    assert_eq!(of(&with(&["a", "b"]), &with(&["b"])), [1, 1]);
}
