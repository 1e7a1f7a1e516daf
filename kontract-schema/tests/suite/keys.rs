//! Keys of enums whose variants change, with rows that refer to them; and keys of several fields of which
//! one is numbered.

use kontract_schema::dialect::Dialect;
use kontract_schema::gate::gate;
use kontract_schema::model::Schema;

use crate::breaking::{parse_schema, parse_source, sealed};
use crate::database::{Live, creates_twice, matches, plan_leads_to_the_schema, texts};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

/// Tables whose keys have an enum, before and after a variant has another name.
fn sources(native: &str) -> [String; 2] {
    let tables = "
        #[derive(Table)] #[table(layout = \"columns\", primary_key(kind, id))]
        struct Item { kind: Kind, id: i64 }
        #[derive(Table)]
        #[table(layout = \"columns\", references(fields(kind, item), Item), index(kind, item))]
        struct Part { #[primkey] id: i64, kind: Kind, item: i64 }
        #[derive(Table)] #[table(ptr = \"papers\")]
        struct Paper { #[primkey] kind: Kind, text: String }";
    let of =
        |variants: &str| format!("#[derive(Enum)] {native} enum Kind {{ {variants} }} {tables}");
    [of("Draft, Done"), of("Draft, #[renamed_from(\"Done\")] Ready, More")]
}

fn insert<L: Live>(live: &mut L) {
    let row = |kind: &str| {
        format!(
            "INSERT INTO papers (kind, data, _version, _txid, _owner, _order) \
             VALUES ('{kind}', '{{\"kind\":\"{kind}\",\"text\":\"a\"}}', 1, 1, 'a', 1)"
        )
    };
    let rows = [
        "INSERT INTO items (kind, id) VALUES ('Done', 1), ('Draft', 1)".to_owned(),
        "INSERT INTO parts (id, kind, item) VALUES (1, 'Done', 1), (2, 'Draft', 1)".to_owned(),
        row("Done"),
        row("Draft"),
    ];
    live.run(&rows, false).expect("the rows");
}

/// The keys of all tables, and those that the documents contain.
fn content<L: Live>(live: &mut L) -> Vec<String> {
    let text =
        |of: &str, from: &str| format!("SELECT CAST({of} AS TEXT) AS k FROM {from} ORDER BY k");
    let inside = match L::DIALECT {
        Dialect::Postgres => "data ->> 'kind'",
        Dialect::Sqlite => "data ->> '$.kind'",
    };
    let all = [("kind", "items"), ("kind", "parts"), ("kind", "papers"), (inside, "papers")];
    all.iter().flat_map(|(of, from)| live.texts(&text(of, from))).flatten().collect()
}

fn variants_of_keys_are_renamed<L: Live>(live: &mut L) {
    for native in ["", "#[native]"] {
        let [old, new] = sources(native);
        let old = parse_schema(&old, &Schema::default());
        let new = parse_source(&new, &old);
        let found = gate(&sealed(&old), &new, None);
        let draft = found.draft.unwrap_or_else(|| panic!("{:?}", found.problems));
        creates_twice(live, &old).unwrap();
        insert(live);
        let before = content(live);
        assert_eq!(before.len(), 8);
        let script = draft.sql.for_dialect(L::DIALECT);
        let up = texts(&script.up);
        live.run(&up, script.rebuild).unwrap_or_else(|error| panic!("{error}\n{}", up.join(";\n")));
        matches(live, &new.schema).unwrap();
        let after: Vec<String> = before.iter().map(|kind| kind.replace("Done", "Ready")).collect();
        let mut found = content(live);
        // The renamed one sorts behind the other.
        found.chunks_mut(2).for_each(|kinds| kinds.sort());
        let mut sorted = after;
        sorted.chunks_mut(2).for_each(|kinds| kinds.sort());
        assert_eq!(found, sorted, "{}", up.join(";\n"));
        let down = texts(script.down.as_ref().expect("a way back"));
        live.run(&down, script.rebuild)
            .unwrap_or_else(|error| panic!("{error}\n{}", down.join(";\n")));
        matches(live, &old).unwrap();
        assert_eq!(content(live), before, "{}", down.join(";\n"));
    }
}

#[test]
fn variants_of_keys_are_renamed_on_postgres() {
    variants_of_keys_are_renamed(&mut Postgres::new());
}

#[test]
fn variants_of_keys_are_renamed_on_sqlite() {
    variants_of_keys_are_renamed(&mut Sqlite::new());
}

const TABLE: &str = "#[derive(Table)] #[table(layout = \"columns\", ";
const NUMBERED: &str = "primary_key(tenant, id))]
    struct Row { tenant: i64, #[primkey(identity)] id: i64 }";
const PLAIN: &str = "primary_key(tenant, id))] struct Row { tenant: i64, id: i64 }";
const IN_FRONT: &str = "primary_key(id, tenant))]
    struct Row { tenant: i64, #[primkey(identity)] id: i64 }";
const ALONE: &str = "name = \"rows\")] struct Row { tenant: i64, #[primkey(identity)] id: i64 }";
const ELSEWHERE: &str = "ptr = \"other\", primary_key(tenant, id))]
    struct Row { tenant: i64, #[primkey(identity)] id: i64 }";
const NAMED: &str = "primary_key(tenant, id), soft_delete)]
    struct Row { tenant: i64, #[primkey(identity)] #[column(name = \"n\")] id: i64, more: Option<i64> }";

fn numbers_follow_the_struct<L: Live>(live: &mut L) {
    let all = [NUMBERED, PLAIN, IN_FRONT, ALONE, ELSEWHERE, NAMED];
    let all = all.map(|source| parse_schema(&format!("{TABLE}{source}"), &Schema::default()));
    for from in &all {
        creates_twice(live, from).unwrap();
        for to in &all {
            plan_leads_to_the_schema(live, from, to).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

#[test]
fn numbers_follow_the_struct_on_postgres() {
    numbers_follow_the_struct(&mut Postgres::new());
}

#[test]
fn numbers_follow_the_struct_on_sqlite() {
    numbers_follow_the_struct(&mut Sqlite::new());
}
