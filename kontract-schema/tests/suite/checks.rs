//! The SQL of a `#[check]`: all kinds are accepted; a column that the table does not have, what one of the
//! databases does not have, and a text that is not a condition are errors.

use kontract_schema::model::Schema;

/// Conditions of both databases.
const OF_BOTH: [&str; 25] = [
    "CAST(price AS double precision) > 1",
    "name IS DISTINCT FROM 'x'",
    "name LIKE 'a%' ESCAPE '!'",
    "price BETWEEN 1 AND 5",
    "name IN ('a', 'b')",
    "(price, name) > (1, 'a')",
    "CASE WHEN price > 1 THEN name <> '' ELSE true END",
    "born <= CURRENT_TIMESTAMP",
    "born <= CURRENT_DATE",
    "price > 0 AND NOT (name = '')",
    "octet_length(name) < 5",
    "born IS NOT NULL",
    "price % 2 = 0",
    "price > 1e3",
    "persons.price > 0",
    "public.persons.price > 0",
    "\"price\" > 0",
    "PRICE > 0",
    "Name = 'x'",
    "price > DATE('now')",
    "name NOTNULL",
    "name ISNULL",
    "coalesce(price, 0) >= 0",
    "NULLIF(name, '') IS NOT NULL",
    "price < cast('5' as unsigned)",
];

/// Conditions of PostgreSQL alone.
const OF_POSTGRES: [&str; 34] = [
    "extract(year FROM born) > 1900",
    "born > DATE '2000-01-01'",
    "born > now() - interval '1 day'",
    "born < TIMESTAMP '2000-01-01 00:00:00'",
    "(born AT TIME ZONE 'UTC') IS NOT NULL",
    "price::double precision > 1",
    "born::timestamp with time zone > now()",
    "name::character varying(5) = name",
    "position('x' in name) > 0",
    "substring(name from 1 for 2) = 'ab'",
    "trim(both ' ' from name) = name",
    "name SIMILAR TO 'x%'",
    "name ~ '^a'",
    "ROW(price, name) IS NOT NULL",
    "price = ANY (ARRAY[1, 2])",
    "name COLLATE \"C\" = 'a'",
    "name = current_user",
    "name IS JSON",
    "name IS NFC NORMALIZED",
    "xor(price, price)",
    "overlay(name placing 'x' from 2) = name",
    "name >= 'a' COLLATE \"de-x-icu\"",
    "interval '1 day' > age(born)",
    "born OVERLAPS born",
    "(born, born) OVERLAPS (born, born)",
    "date '2000-01-01' < born AND time '10:00' > '09:00'::time",
    "bit_length(name) = 8 AND B'101' <> X'1F'",
    "price >= ALL (ARRAY[1])",
    "name NOT ILIKE 'a'",
    "price > numeric '1.5'",
    "name > text 'a'",
    "price > int4 '5'",
    "born < 'infinity'::date",
    "isfinite(born)",
];

/// Conditions of SQLite alone.
const OF_SQLITE: [&str; 9] = [
    "name GLOB 'a*'",
    "name REGEXP 'a'",
    "typeof(name) = 'text'",
    "name COLLATE nocase = 'a'",
    "json_valid(name)",
    "[price] > 0",
    "`price` > 0",
    "strftime('%Y', born) > '1900'",
    "iif(price > 1, 1, 0)",
];

fn problems(check: &str) -> Vec<String> {
    problems_with(&format!("{check:?}"))
}

fn problems_with(arguments: &str) -> Vec<String> {
    let source = format!(
        "#[derive(Table)] #[table(layout = \"columns\", check({arguments}))] struct Person {{
            #[primkey] id: i64, name: String, price: i64, born: Timestamp
        }}"
    );
    crate::breaking::try_schema(&source, &Schema::default()).err().unwrap_or_default()
}

#[test]
fn checks_of_all_kinds_are_accepted() {
    for check in OF_BOTH {
        assert_eq!(problems(check), [""; 0], "{check}");
    }
    for check in OF_POSTGRES {
        let of_postgres = problems_with(&format!("postgres = {check:?}, sqlite = \"true\""));
        assert_eq!(of_postgres, [""; 0], "{check}");
    }
    for check in OF_SQLITE {
        let of_sqlite = problems_with(&format!("postgres = \"true\", sqlite = {check:?}"));
        assert_eq!(of_sqlite, [""; 0], "{check}");
    }
}

#[test]
fn one_text_for_both_databases_has_only_what_both_have() {
    for (checks, without) in [(&OF_POSTGRES[..], "SQLite"), (&OF_SQLITE, "PostgreSQL")] {
        for check in checks {
            let problems = problems(check);
            let expected = format!("kontract[K0027]: {without} has no ");
            assert!(
                problems.len() == 1 && problems[0].starts_with(&expected),
                "{check}: {problems:?}"
            );
            assert!(
                problems[0].contains("`#[check(postgres = \"…\", sqlite = \"…\")]`"),
                "{check}"
            );
        }
    }
}

#[test]
fn a_condition_is_a_boolean_on_postgres() {
    for check in
        ["price", "name", "1", "name || 'a'", "price > 0 OR name", "price IS TRUE", "name < 1"]
    {
        let problems = problems(check);
        assert!(problems.len() == 1 && problems[0].contains("K0031"), "{check}: {problems:?}");
        let of_sqlite = problems_with(&format!("postgres = \"true\", sqlite = {check:?}"));
        assert_eq!(of_sqlite, [""; 0], "{check}");
    }
}

#[test]
fn a_column_that_the_table_does_not_have_is_an_error() {
    for check in [
        "prise > 0",
        "price > 0 AND other.price > 0",
        "persons.prise > 0",
        "lower(nam) = 'a'",
        // Keywords that are not values.
        "nothing > 0",
        "price > key",
    ] {
        let problems = problems(check);
        assert!(problems[0].contains("K0025"), "{check}: {problems:?}");
    }
}

#[test]
fn a_text_that_no_database_accepts_is_an_error() {
    for check in [
        "price > 0 -- why",
        "price > 0; SELECT 1",
        "(price > 0",
        "price >= ",
        "a, b",
        "price > (SELECT 1)",
        "sum(price) > 0",
        "price > $1",
    ] {
        let problems = problems(check);
        assert!(problems[0].contains("K0008"), "{check}: {problems:?}");
    }
}

#[test]
fn a_default_has_no_columns() {
    for default in ["other", "nothing", "other + 1"] {
        let source = format!(
            "#[derive(Table)] #[table(layout = \"columns\")] struct Node {{ #[primkey] id: i64,
                other: i64, #[default(sql = \"{default}\")] count: i64 }}"
        );
        let problems = crate::breaking::try_schema(&source, &Schema::default()).err();
        assert!(problems.unwrap_or_default().join("\n").contains("K0015"), "{default}");
    }
}

#[test]
fn actions_cannot_set_a_generated_field() {
    let problems = |action: &str| {
        let source = format!(
            "#[derive(Table)] #[table(layout = \"columns\")] struct Node {{ #[primkey] id: i64,
                #[generated(\"id / 2\")] #[references(Node, {action})] parent: Option<i64> }}"
        );
        let schema = crate::breaking::try_schema(&source, &Schema::default());
        schema.err().unwrap_or_default().join("\n")
    };
    for action in [
        "on_delete = \"set null\"",
        "on_delete = \"set default\"",
        "on_update = \"set null\"",
        "on_update = \"cascade\"",
    ] {
        assert!(problems(action).contains("K0028"), "{action}: {}", problems(action));
    }
    for action in ["on_delete = \"cascade\"", "on_update = \"restrict\""] {
        assert_eq!(problems(action), "", "{action}");
    }
}

#[test]
fn columns_are_found_where_the_expression_is_not_parsed() {
    for check in ["nam SIMILAR TO 'x%'", "price > 0 AND nam IS NFC NORMALIZED"] {
        let problems = problems(check);
        assert!(problems[0].contains("K0025"), "{check}: {problems:?}");
    }
}

#[test]
fn a_backfill_uses_the_columns_and_functions_that_exist() {
    let source = |fields: &str| {
        format!(
            "#[derive(Table)] #[table(layout = \"columns\", name = \"people\")] struct Person {{
                #[primkey] id: i64, {fields} }}"
        )
    };
    let none = Schema::default();
    let sealed = crate::breaking::try_schema(&source("name: String, nick: String"), &none).unwrap();
    let problems = |field: &str| {
        let fields = format!("name: String, {field}");
        crate::breaking::try_schema(&source(&fields), &sealed).err().unwrap_or_default().join("\n")
    };
    for backfill in [
        "= \"lower(nick)\"",
        "= \"(SELECT max(nick) FROM people)\"",
        "(postgres = \"now()::text\", sqlite = \"datetime()\")",
    ] {
        assert_eq!(problems(&format!("#[backfill {backfill}] short: String")), "", "{backfill}");
    }
    for (backfill, expected) in [
        ("= \"lower(nik)\"", "K0025"),
        ("(postgres = \"nick\", sqlite = \"nik\")", "K0025"),
        ("= \"now()\"", "K0027]: SQLite has no function `now`"),
        ("= \"ifnull(name, '')\"", "K0027]: PostgreSQL has no function `ifnull`"),
    ] {
        let problems = problems(&format!("#[backfill {backfill}] short: String"));
        assert!(problems.contains(expected), "{backfill}: {problems}");
    }
    // It has nothing to fill.
    assert_eq!(problems("#[backfill = \"lower(gone)\"] nick: String"), "");
}

/// The errors of a table with these fields.
fn problems_of(fields: &str) -> String {
    let source = format!(
        "#[derive(Table)] #[table(layout = \"columns\", track)] struct Person {{
            #[primkey] id: i64, {fields} }}"
    );
    crate::breaking::try_schema(&source, &Schema::default()).err().unwrap_or_default().join("\n")
}

#[test]
fn numbers_of_columns() {
    let fields = |from: usize, to: usize| {
        (from..to).map(|n| format!("f{n}: Option<i64>")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(problems_of(&fields(0, 1598)), "");
    let expected = "K0029]: `Person` has 1601 columns, 1 of them bookkeeping; PostgreSQL has at \
                    most 1600 in a table";
    let found = problems_of(&fields(0, 1599));
    assert!(found.contains(expected), "{found}");
    let names = |to| (0..to).map(|n| format!("f{n}")).collect::<Vec<_>>().join(", ");
    let indexed = |to| {
        let source = format!(
            "#[derive(Table)] #[table(layout = \"columns\", index({}))] struct Person {{
                #[primkey] id: i64, {} }}",
            names(to),
            fields(0, to)
        );
        crate::breaking::try_schema(&source, &Schema::default())
            .err()
            .unwrap_or_default()
            .join("\n")
    };
    assert_eq!(indexed(32), "");
    assert!(indexed(33).contains("K0029"), "{}", indexed(33));
}

#[test]
fn one_name_in_the_lock_file_for_two_fields() {
    let twice = "#[column(name = \"a\")] x: i64, #[column(name = \"b\")] x: i64";
    let found = problems_of(twice);
    assert!(found.contains("K0012]: two fields have the name `x`"), "{found}");
    // The compiler has both in the form NFC.
    let found = problems_of("caf\u{e9}: i64, #[column(name = \"b\")] cafe\u{301}: i64");
    assert!(found.contains("K0012]: two fields have the name `caf\u{e9}`"), "{found}");
    let document = "#[derive(Document)] struct Place { #[serde(rename = \"k\")] a: i64, k: i64 }";
    let found = crate::breaking::try_schema(document, &Schema::default()).unwrap_err().join("\n");
    assert!(found.contains("K0012]: `a` and `k` have the same key: `k`"), "{found}");
}

#[test]
fn names_are_in_the_normal_form_of_the_compiler() {
    let source = |name: &str| {
        format!(
            "#[derive(Table)] #[table(layout = \"columns\", check({:?}))] struct Person {{
                #[primkey] id: i64, {name}: i64, #[renamed_from({name:?})] other: i64 }}",
            "caf\u{e9} > 0"
        )
    };
    let read = |name: &str| crate::breaking::try_schema(&source(name), &Schema::default()).unwrap();
    assert_eq!(read("cafe\u{301}"), read("caf\u{e9}"));
}
