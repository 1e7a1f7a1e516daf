//! Index conditions with every form of expression of the databases: no keyword is mistaken for a
//! column, and the database accepts the index.

use kontract_schema::model::Schema;
use kontract_schema::source::check::{self, Item, Items};
use kontract_schema::source::parse;

use kontract_schema::dialect::create_schema;

use crate::database::Live;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;

const POSTGRES: &[&str] = &[
    "a IS NOT NULL AND n IS DISTINCT FROM 5",
    "ok IS NOT UNKNOWN OR ok IS TRUE OR ok IS NOT FALSE",
    "a SIMILAR TO '%(b|d)%' ESCAPE '!'",
    "a NOT ILIKE 'x%' AND a LIKE 'y' ESCAPE '!'",
    "n BETWEEN SYMMETRIC 5 AND 1",
    "n = ANY (ARRAY[1, 2]) AND n <> ALL ('{3}'::bigint[])",
    "n IN (1, 2) AND (n, a) < (5, 'b')",
    "extract(year FROM d) = 2024 AND extract(epoch FROM d) > 0",
    "date_part('year', d) > 2000",
    "(at AT TIME ZONE 'UTC') > timestamp '2020-01-01 00:00:00'",
    "at > '2020-01-01'::timestamp with time zone",
    "(at AT TIME ZONE 'UTC')::timestamp without time zone > '2020-01-01'",
    "d > date '2020-01-01' - interval '1' day",
    "d > DATE '2020-01-01' + INTERVAL '1 day 2 hours'",
    "cast(n AS double precision) > 1.5 AND n::double precision < 1e9",
    "cast(a AS character varying(5)) = 'x' AND a::character varying = 'x'",
    "n::numeric(10, 2) > 1 AND r::real > 1 AND n::bit(3) <> B'101'",
    "trim(both 'x' FROM a) = 'b' AND trim(leading FROM a) <> ''",
    "substring(a FROM 1 FOR 2) = 'xy' AND overlay(a placing 'y' FROM 1 FOR 1) <> ''",
    "position('x' IN a) > 0 AND char_length(a) > octet_length('y')",
    "(d::timestamp, d::timestamp) OVERLAPS (timestamp '2020-01-01', timestamp '2021-01-01')",
    "CASE n WHEN 1 THEN true ELSE a = 'b' END",
    "CASE WHEN n > 1 THEN a ELSE NULL END IS NULL",
    "coalesce(a, 'x') = nullif(a, 'y') AND greatest(n, 1) > least(n, 2)",
    "a COLLATE \"C\" > 'b'",
    "a IS NFC NORMALIZED AND normalize(a, NFD) = a",
    "a ~* 'x' AND a !~ 'y' AND a ^@ 'z' AND NOT a ~~ 'w'",
    "n & 3 = 1 AND n # 2 > 0 AND n << 1 > 0 AND @ n > 0 AND |/ r > 1",
    "a = E'x\\n' AND a <> U&'d\\0061t' AND a <> 'it''s'",
    "list @> ARRAY['a'] AND list[1] = 'x' AND list[1:2] = '{a}' AND cardinality(list) > 0",
    "doc ? 'x' AND doc->'a'->>'b' = 'c' AND doc @> '{}' AND doc #>> '{a,b}' IS NULL",
    "jsonb_typeof(doc) = 'object' AND (doc->>'n')::int > 0",
    "n NOTNULL AND a ISNULL",
    "row(n, a) IS NOT NULL",
    "pg_catalog.lower(a) = 'x' AND a OPERATOR(pg_catalog.=) 'y'",
    "at < 'infinity' AND d > '-infinity'::date",
    "make_date(year => 2020, month => 1, day => 2) < d",
    "interval '1' hour < interval '2-1' year to month AND n > 0",
    "n::int8 > 0 AND n::smallint = 1 AND a::name = 'x' AND a::\"char\" = 'y'",
    "uid > '018f3c4e-7a2b-7c3d-8e4f-5a6b7c8d9e0f'::uuid",
    "encode(sha256(a::bytea), 'hex') LIKE '0%'",
    "xmlexists('/x' PASSING BY VALUE xmlparse(document a)) OR a = ''",
];

const SQLITE: &[&str] = &[
    "a IS NOT NULL AND n IS NOT 5 AND n ISNULL OR a NOTNULL OR a NOT NULL",
    "a GLOB 'x*' AND a LIKE 'y' ESCAPE '!' AND a NOT LIKE 'z'",
    "n BETWEEN 1 AND 5 AND n NOT IN (1, 2) AND (n, a) < (5, 'b')",
    "CASE n WHEN 1 THEN true ELSE a = 'b' END",
    "cast(a AS INTEGER) > 1 AND cast(n AS TEXT) = 'x' AND CAST(n AS DOUBLE PRECISION) > 1",
    "a COLLATE NOCASE = 'x' AND typeof(a) = 'text' AND iif(n > 1, ok, NOT ok)",
    "a == x'00' OR n <> 0x10 OR n & 3 | 4 << 1 > ~n OR n % 2 = 1",
    "n IS DISTINCT FROM 5 AND ok IS TRUE AND ok IS NOT FALSE",
    "doc->>'$.a' = 'b' AND json_extract(doc, '$.c') > 0 AND json_valid(doc)",
    "length(a) > 1 AND substr(a, 1, 2) = 'xy' AND instr(a, 'x') > 0 AND a || 'x' <> 'y'",
    "[a] = 'x' AND `n` > 1 AND \"ok\"",
    "json_array_length(list) > 0 AND date(d) > '2020-01-01'",
    "unixepoch(at, 'utc') IS NULL OR strftime('%Y', d) = '2024'",
];

fn source(postgres: &str, sqlite: &str) -> String {
    format!(
        "#[table(layout = \"columns\", index(n, where(postgres = {postgres:?}, sqlite = {sqlite:?})))]\n\
         pub struct Thing {{\n#[primkey]\npub id: String,\npub a: Option<String>,\npub n: Option<i64>,\n\
         pub at: Option<chrono::DateTime<chrono::Utc>>,\npub d: Option<chrono::NaiveDate>,\npub ok: Option<bool>,\n\
         pub r: Option<f64>,\npub list: Vec<String>,\npub doc: serde_json::Value,\npub uid: Option<uuid::Uuid>,\n}}"
    )
}

/// The schema with this condition, or its problems.
fn read(postgres: &str, sqlite: &str) -> Result<Schema, String> {
    let item: syn::DeriveInput =
        syn::parse_str(&source(postgres, sqlite)).map_err(|error| error.to_string())?;
    let raw = parse::parse_table(&item).map_err(|problems| format!("{problems:?}"))?;
    let problems = check::check_struct(&raw);
    if !problems.is_empty() {
        return Err(format!("{problems:?}"));
    }
    let mut items = Items::default();
    items.tables.push(Item { raw, module: Vec::new(), place: String::new() });
    let (checked, problems) = check::check_schema("app", &items, &Schema::default());
    if problems.is_empty() {
        Ok(checked.schema)
    } else {
        Err(format!("{:?}", problems.iter().collect::<Vec<_>>()))
    }
}

fn assert_all_accepted<L: Live>(
    live: &mut L,
    all: &[&str],
    read: impl Fn(&str) -> Result<Schema, String>,
) {
    let mut wrong = Vec::new();
    for condition in all {
        live.reset();
        let done =
            read(condition).and_then(|schema| live.run(&create_schema(L::DIALECT, &schema), false));
        if let Err(error) = done {
            wrong.push(format!("{condition}\n  {error}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn postgres_accepts_every_condition() {
    assert_all_accepted(&mut Postgres::new(), POSTGRES, |condition| read(condition, "n > 0"));
}

#[test]
fn sqlite_accepts_every_condition() {
    assert_all_accepted(&mut Sqlite::new(), SQLITE, |condition| read("n > 0", condition));
}
