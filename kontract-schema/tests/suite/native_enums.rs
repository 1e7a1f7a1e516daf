//! Enum types of PostgreSQL: created before the tables that have them, extended, renamed and replaced
//! once for all columns, dropped with the last one.

use kontract_schema::catalog::{compare, expected};
use kontract_schema::change::diff::diff;
use kontract_schema::model::Schema;

use crate::breaking::try_schema;
use crate::database::{Live, creates_twice, plan_leads_to_the_schema};
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

const TABLE: &str = "#[derive(Table)] #[table(layout = \"columns\")]";

fn schema(source: &str) -> Schema {
    let source = source.replace("table ", &format!("{TABLE} struct "));
    try_schema(&source, &Schema::default()).unwrap_or_else(|problems| panic!("{problems:?}"))
}

const PLAIN: &str = "table Post { #[primkey] id: i64 }";
const TEXT: &str = "table Post { #[primkey] id: i64, mood: Option<String> }";
const CHECKED: &str = "#[derive(Enum)] enum Mood { Good, Bad }
    table Post { #[primkey] id: i64, mood: Option<Mood> }";
const ONE: &str = "#[derive(Enum)] #[native] enum Mood { Good, Bad }
    table Post { #[primkey] id: i64, #[index] #[default(Mood::Bad)] mood: Mood }";
const MORE: &str = "#[derive(Enum)] #[native] enum Mood { Best, Good, Fair, Bad, Worst }
    table Post { #[primkey] id: i64, #[index] #[default(Mood::Best)] mood: Mood, moods: Vec<Mood> }
    table Note { #[primkey] id: i64, mood: Option<Mood> }";
const REORDERED: &str = "#[derive(Enum)] #[native] enum Mood { Bad, Good }
    table Post { #[primkey] id: i64, #[index] #[default(Mood::Bad)] mood: Mood }";
const NAMED: &str =
    "#[derive(Enum)] #[native(name = \"\\\"Mood of it\\\"\")] enum Mood { Good, Bad }
    table Post { #[primkey] id: i64, #[index] #[default(Mood::Bad)] mood: Mood }";
const TWO: &str = "#[derive(Enum)] #[native] enum Mood { Good, Bad }
    #[derive(Enum)] #[native(name = \"state\")] enum Kind { Bad, Good, Other }
    table Post { #[primkey] id: i64, mood: Option<Kind>, moods: Vec<Kind> }
    table Note { #[primkey] id: i64, mood: Option<Mood>, kinds: Option<Vec<Kind>> }";

const ALL: [&str; 8] = [PLAIN, TEXT, CHECKED, ONE, MORE, REORDERED, NAMED, TWO];

fn types_follow_their_enums<L: Live>(live: &mut L) {
    for step in ALL {
        creates_twice(live, &schema(step)).unwrap_or_else(|error| panic!("{step}\n{error}"));
    }
    for from in ALL {
        for to in ALL {
            let done = plan_leads_to_the_schema(live, &schema(from), &schema(to));
            done.unwrap_or_else(|error| panic!("{from}\n→ {to}\n{error}"));
        }
    }
}

#[test]
fn types_follow_their_enums_on_postgres() {
    types_follow_their_enums(&mut Postgres::new());
}

#[test]
fn types_follow_their_enums_on_sqlite() {
    types_follow_their_enums(&mut Sqlite::new());
}

#[test]
fn a_type_goes_with_its_last_column() {
    let mut live = Postgres::new();
    plan_leads_to_the_schema(&mut live, &schema(MORE), &schema(PLAIN)).expect("a plan");
    assert!(live.catalog().enums.is_empty());
}

#[test]
fn the_rust_name_of_an_enum_with_a_check_does_not_matter() {
    let renamed = CHECKED.replace("Mood", "Feeling");
    assert_eq!(diff(&schema(CHECKED), &schema(&renamed)), []);
}

#[test]
fn values_and_their_order_are_compared() {
    let mut live = Postgres::new();
    creates_twice(&mut live, &schema(ONE)).expect("a schema");
    let differences = |live: &mut Postgres, source| -> Vec<String> {
        let expected = expected(Postgres::DIALECT, &schema(source));
        compare(&expected, &live.catalog()).iter().map(ToString::to_string).collect()
    };
    assert_eq!(differences(&mut live, ONE), Vec::<String>::new());
    let expected = "table `posts` has the column `mood` of the enum type `mood` with the values \
                    (Good, Bad) instead of (Bad, Good)";
    assert_eq!(differences(&mut live, REORDERED), [expected]);
    live.run(&["ALTER TYPE mood ADD VALUE 'Other'".to_owned()], false).expect("a value");
    assert_eq!(differences(&mut live, ONE).len(), 1);
}

#[test]
fn definitions_that_cannot_be_one_type() {
    let problems = |source: &str| {
        let source = source.replace("table ", &format!("{TABLE} struct "));
        try_schema(&source, &Schema::default()).expect_err("it is refused")
    };
    let two = "#[derive(Enum)] #[native(name = \"mood\")] enum A { X } #[derive(Enum)] #[native(name = \"mood\")] enum B { Y }
        table Post { #[primkey] id: i64, a: A, b: B }";
    let [problem] = &problems(two)[..] else { panic!("one problem") };
    assert!(problem.contains("[K0115]: the enum type `mood` has two definitions"), "{problem}");
    let table = "#[derive(Enum)] #[native(name = \"posts\")] enum A { X }
        table Post { #[primkey] id: i64, a: A }";
    let [problem] = &problems(table)[..] else { panic!("one problem") };
    assert!(problem.contains("the enum type `posts` has the name of a table"), "{problem}");
    let builtin = "#[derive(Enum)] #[native] enum Interval { X } table Post { #[primkey] id: i64 }";
    let [problem] = &problems(builtin)[..] else { panic!("one problem") };
    assert!(problem.contains("`interval` is a type of PostgreSQL"), "{problem}");
}
