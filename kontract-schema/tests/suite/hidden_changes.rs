//! Dangerous changes that are hidden behind another one do not pass, and safe ones that look like them do.

use kontract_schema::gate::gate;
use kontract_schema::intent::Checked;
use kontract_schema::model::Schema;

use crate::breaking::{sealed, try_source};
use crate::database::{Live, draft_keeps_rows, runs_on_empty_tables};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

/// A table `posts` with arguments and fields.
fn source(arguments: &str, fields: &str) -> String {
    format!(
        "#[derive(Table)] #[table(layout = \"columns\"{arguments})] struct Post {{ #[primkey] id: i64, {fields} }}
         #[derive(Table)] #[table(layout = \"columns\")] struct Person {{ #[primkey] id: i64 }}"
    )
}

fn read(source: &str, before: &Schema) -> Checked {
    try_source(source, before).unwrap_or_else(|problems| panic!("{source}\n{problems:?}"))
}

/// The schemas before and after, from the arguments and fields of each.
fn schemas([old, new]: [(&str, &str); 2]) -> (Checked, Checked) {
    let old = read(&source(old.0, old.1), &Schema::default());
    let new = read(&source(new.0, new.1), &old.schema);
    (old, new)
}

/// The ids of the rules that refuse the change.
fn refusals(states: [(&str, &str); 2]) -> Vec<&'static str> {
    let (old, new) = schemas(states);
    let found = gate(&sealed(&old.schema), &new, None);
    let refused = found.judgements.iter().filter(|judgement| !judgement.passes);
    let rules: Vec<&str> = refused.map(|judgement| judgement.rule.id).collect();
    assert_eq!(rules.is_empty(), found.problems.is_empty(), "{states:?}");
    rules
}

#[test]
fn what_is_hidden_behind_another_change_is_refused() {
    for (old, new, expected) in [
        // A default is for new rows only, whatever else changes.
        ("n: Option<i32>", "#[default(0)] n: i32", &["N2"][..]),
        ("n: Option<String>", "#[default(\"pending\")] n: String", &["N2"]),
        ("n: Option<i32>", "#[default(sql = \"1\")] n: i32", &["N2"]),
        ("n: Option<Timestamp>", "#[created_at] n: Timestamp", &["N2"]),
        ("n: Option<Vec<String>>", "#[default(\"[]\")] n: Vec<String>", &["N2"]),
        ("n: Option<i32>", "#[renamed_from(\"n\")] #[default(0)] m: i32", &["N2"]),
        ("n: Option<i32>", "#[default(0)] n: i64", &["N2", "Y1"]),
        // A new required list has no value in old rows.
        ("", "n: Vec<String>", &["C3"]),
        ("", "#[default(sql = \"nullif(1, 1)\")] n: i64", &["C3"]),
        // A backfill decides about the rows that a new constraint is for.
        ("n: Option<i64>", "#[backfill = \"0\"] #[unique] n: i64", &["I2"]),
        ("n: Option<i64>", "#[backfill = \"0\"] #[check(\"n > 0\")] n: i64", &["K1"]),
        ("n: Option<i64>", "#[backfill = \"0\"] #[references(Person)] #[index] n: i64", &["F1"]),
        ("", "#[backfill = \"id\"] #[check(\"n > 0\")] n: i64", &["K1"]),
        ("", "#[backfill = \"1\"] #[unique] n: Option<i64>", &["C9"]),
        ("", "#[backfill = \"id\"] #[references(Person)] #[index] n: Option<i64>", &["C12"]),
        // A rename hides no other change.
        ("n: String", "#[renamed_from(\"n\")] m: i64", &["Y12"]),
        ("n: i64", "#[renamed_from(\"n\")] m: i32", &["Y2"]),
        ("n: i64", "#[renamed_from(\"n\")] #[unique] m: i64", &["I2"]),
        ("#[unique] n: i64, m: i64", "n: i64, #[unique] m: i64", &["I2"]),
        // Two fields exchange their columns.
        (
            "n: i64, m: i64",
            "#[column(name = \"m\")] n: i64, #[column(name = \"n\")] m: i64",
            &["C17"],
        ),
        // NULL is not what every function returns for it.
        ("", "#[check(\"n IS NOT NULL\")] n: Option<i64>", &["K1"]),
        ("", "#[check(\"coalesce(n, 0) > 0\")] n: Option<i64>", &["K1"]),
        ("n: Option<i64>", "#[check(\"n IS NOT NULL\")] n: Option<i64>", &["K1"]),
    ] {
        let mut found = refusals([("", old), ("", new)]);
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, expected, "{old} → {new}");
    }
    for (old, new, fields, expected) in [
        (
            ", unique(n, where = \"m > 5\")",
            ", unique(n, where = \"m > 0\")",
            "n: i64, m: i64",
            "I2",
        ),
        (", unique(n, m)", ", unique(n)", "n: i64, m: i64", "I2"),
        (", unique(n)", ", unique(n, nulls_not_distinct)", "n: Option<i64>", "I2"),
        (", check(\"n IN (1, 2)\")", ", check(\"n IN (1, 3)\")", "n: i64", "K3"),
        (", check(\"n > 0 OR m > 0\")", ", check(\"n > 0\")", "n: i64, m: i64", "K3"),
    ] {
        assert_eq!(refusals([(old, fields), (new, fields)]), [expected], "{old} → {new}");
    }
}

/// Changes that pass, from the arguments and fields before to those after.
const SAFE: [[(&str, &str); 2]; 11] = [
    // A longer list.
    [
        (", check(\"n IN ('a', 'b')\")", "n: String"),
        (", check(\"n IN ('c', 'b', 'a')\")", "n: String"),
    ],
    [(", check(\"n > 5 AND m > 0\")", "n: i64, m: i64"), (", check(\"m > 0\")", "n: i64, m: i64")],
    // A check over new fields only.
    [("", ""), (", check(\"n > m OR m IS NULL\")", "n: Option<i64>, m: Option<i64>")],
    [
        ("", ""),
        (
            ", check(\"n <= m AND kind IN ('a', 'b')\")",
            "#[default(0)] n: i64, #[default(5)] m: i64, #[default(\"a\")] kind: String",
        ),
    ],
    // An index that an existing one proves.
    [(", unique(n)", "n: i64, m: i64"), (", unique(n), unique(n, m)", "n: i64, m: i64")],
    [(", unique(n)", "n: i64, m: i64"), (", unique(n, m)", "n: i64, m: i64")],
    [(", unique(n)", "n: i64, m: i64"), (", unique(n, where = \"m > 0\")", "n: i64, m: i64")],
    [("", "n: i64"), (", unique(id, n)", "n: i64")],
    // A spelling of a type, and wider limits.
    [
        ("", "#[column(sql_type = \"varchar(20)\")] n: String"),
        ("", "#[column(sql_type = \"CHARACTER VARYING( 20 )\")] n: String"),
    ],
    [
        ("", "#[column(sql_type = \"varchar(20)\")] n: String"),
        ("", "#[column(sql_type = \"varchar(30)\")] n: String"),
    ],
    // Another order.
    [("", "n: i64, m: String"), ("", "m: String, n: i64")],
];

fn run_safe<L: Live>(live: &mut L) {
    for states in SAFE {
        assert_eq!(refusals(states), [""; 0], "{states:?}");
        let (old, new) = schemas(states);
        let done = if states[0].0.contains("check") {
            // The rows of the test would violate it.
            let draft = gate(&sealed(&old.schema), &new, None).draft.expect("the change passes");
            let script = draft.sql.for_dialect(L::DIALECT);
            runs_on_empty_tables(live, &old.schema, &new.schema, script)
        } else {
            draft_keeps_rows(live, &old.schema, &new).map(drop)
        };
        done.unwrap_or_else(|why| panic!("{states:?}: {why}"));
    }
}

#[test]
fn safe_changes_pass_and_run_on_sqlite() {
    run_safe(&mut Sqlite::new());
}

#[test]
fn safe_changes_pass_and_run_on_postgres() {
    run_safe(&mut Postgres::new());
}
