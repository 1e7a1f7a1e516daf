//! Tables that are divided into partitions, which migrations, drift and introspection leave alone.

use kontract_test_support::{both, execute, postgres_database};

use super::App;
use super::objects::{fails, kontract, matches, seal, source};
use super::reset::run_in_development;

const PLACE: &str = r#"
    #[derive(Table)]
    #[table(layout = "columns")]
    pub struct Place {
        #[primkey]
        pub id: i64,
    }
"#;

const EVENT: &str = r#"
    #[derive(Table)]
    #[table(
        layout = "columns",
        primary_key(id, at),
        unique(code, at),
        partition_by = "range(at)"
    )]
    pub struct Event {
        pub id: i64,
        pub at: i32,
        pub code: String,
        pub place: Option<i64>,
        pub note: Option<String>,
    }
"#;

const PARTITIONS: &str = "-- kontract: data

-- up postgres
CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO (200);

-- up sqlite

-- down postgres
DROP TABLE events_1, events_2;

-- down sqlite
";

/// A package with the table and its partitions, and a database that has both, with a row in each.
fn divided(url: &str) -> App {
    let app = App::new(&source(&format!("{PLACE}{EVENT}")));
    app.run(&["seal", "init"]).is(0);
    app.write("migrations/0002_partitions.sql", PARTITIONS);
    app.run(&["seal"]).is(0);
    execute(url, "SELECT 1");
    kontract(&app, url, &["migrate", "up"]).is(0);
    matches(&app, url);
    execute(
        url,
        "INSERT INTO places (id) VALUES (1);
         INSERT INTO events (id, at, code, place) VALUES (1, 5, 'a', 1), (2, 150, 'b', NULL)",
    );
    app
}

both! {
    async fn migrations_change_divided_tables(url: &str) {
        let app = divided(url);
        let after = EVENT
            .replace("pub code", "#[index(name = \"by_code\")]\n pub code")
            .replace("pub place", "#[check(\"place > 0\")]\n#[references(Place)]\n pub place")
            .replace("pub note: Option<String>,", "#[backfill = \"'-'\"]\n pub note: String,\n#[backfill = \"at\"]\n pub size: i32,\n pub more: Option<i64>,")
            + r#"
                #[derive(Table)]
                #[table(layout = "columns", references(fields(event, at), Event, on_delete = "cascade"))]
                pub struct Guest {
                    #[primkey]
                    pub id: i64,
                    pub event: i64,
                    pub at: i32,
                }
            "#;
        app.write("src/lib.rs", &source(&format!("{PLACE}{after}")));
        seal(&app, "more");
        kontract(&app, url, &["migrate", "up"]).is(0);
        matches(&app, url);
        execute(url, "INSERT INTO guests (id, event, at) VALUES (1, 1, 5)");
        assert!(fails(url, "INSERT INTO guests (id, event, at) VALUES (2, 9, 5)"));
        assert!(fails(url, "UPDATE events SET note = NULL"));
        execute(url, if url.starts_with("postgres") {
            "DO $$ BEGIN ASSERT (SELECT array_agg(size ORDER BY id) FROM events) = '{5,150}'; \
             ASSERT (SELECT count(*) FROM pg_index WHERE indrelid = 'events_1'::regclass) = 3; END $$"
        } else {
            "SELECT 1"
        });
        // The index is replaced, and its column renamed.
        let last = after
            .replace("#[index(name = \"by_code\")]", "#[index(name = \"by_code\", where = \"at > 3\")]")
            .replace("pub code", "#[column(name = \"key\")]\npub code");
        app.write("src/lib.rs", &source(&format!("{PLACE}{last}")));
        seal(&app, "less");
        kontract(&app, url, &["migrate", "up"]).is(0);
        matches(&app, url);
        for to in ["3", "2"] {
            kontract(&app, url, &["migrate", "down", "--to", to, "--accept-data-loss"]).is(0);
        }
        kontract(&app, url, &["migrate", "up"]).is(0);
        matches(&app, url);
        run_in_development(&app, url, &["reset"]).is(0);
        execute(url, "CREATE TABLE events (id INT); CREATE TABLE events_1 (id INT)");
    }
}

#[test]
fn a_row_without_a_partition_is_refused() {
    let database = postgres_database();
    divided(database.url());
    assert!(fails(database.url(), "INSERT INTO events (id, at, code) VALUES (3, 500, 'c')"));
}

#[test]
fn the_loop_closes_for_divided_tables() {
    let database = postgres_database();
    let url = database.url();
    execute(
        url,
        "CREATE TABLE places (id BIGINT PRIMARY KEY);
         CREATE TABLE events (id BIGINT NOT NULL, \"At\" DATE NOT NULL, place BIGINT REFERENCES places,
             PRIMARY KEY (id, \"At\")) PARTITION BY RANGE (\"At\");
         CREATE INDEX by_place ON events (place);
         CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')
             PARTITION BY HASH (id);
         CREATE TABLE events_1_a PARTITION OF events_1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
         CREATE TABLE events_rest PARTITION OF events DEFAULT;
         CREATE TABLE guests (id BIGINT PRIMARY KEY, event BIGINT NOT NULL, at DATE NOT NULL,
             FOREIGN KEY (event, at) REFERENCES events);
         CREATE TABLE kinds (kind TEXT, n INT, PRIMARY KEY (kind, n)) PARTITION BY LIST (kind);
         CREATE TABLE shards (a INT, b INT, PRIMARY KEY (a, b)) PARTITION BY HASH (b, a);
         CREATE TABLE words (word TEXT PRIMARY KEY) PARTITION BY RANGE (word text_pattern_ops)",
    );
    let app = App::new("mod tables;\n");
    kontract(&app, url, &["introspect", "--out", "src/tables.rs"]).is(0);
    let text = app.read("src/tables.rs");
    for part in [
        r#"partition_by = "range(\"At\")""#,
        r#"partition_by = "list(kind)""#,
        r#"partition_by = "hash(b, a)""#,
        "// not taken over: partition key `RANGE (word text_pattern_ops)`: structs cannot express it",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("events_1") && !text.contains("EventsRest"), "{text}");
    app.run(&["seal", "init"]).is(0);
    let ran = kontract(&app, url, &["drift"]);
    assert!(ran.is(0).out.contains("app: the database matches"), "{}", ran.out);
    kontract(&app, url, &["migrate", "up"]).is(0);
    let ran = kontract(&app, url, &["introspect", "--out", "src/tables.rs"]);
    assert_eq!(ran.is(0).out, "the database matches the structs\n");

    let empty = postgres_database();
    kontract(&app, empty.url(), &["migrate", "up"]).is(0);
    let other = App::new("mod tables;\n");
    kontract(&other, empty.url(), &["introspect", "--out", "src/tables.rs"]).is(0);
    let note = "// not taken over: partition key `RANGE (word text_pattern_ops)`: structs cannot express it\n";
    assert_eq!(other.read("src/tables.rs"), text.replace(note, ""));

    // Another partition key, or none, is drift, and such a table is not adopted.
    app.write(
        "src/tables.rs",
        &text.replace("list(kind)", "list(n)").replace(", partition_by = \"hash(b, a)\"", ""),
    );
    let fresh = App::new("mod tables;\n");
    fresh.write("src/tables.rs", &app.read("src/tables.rs"));
    fresh.run(&["seal", "init"]).is(0);
    let ran = kontract(&fresh, url, &["drift"]);
    for line in [
        "table `kinds` is divided by LIST (kind) instead of divided by LIST (n)",
        "table `shards` is divided by HASH (b, a) instead of not divided into partitions",
    ] {
        assert!(ran.is(1).out.contains(line), "{}", ran.out);
    }
    execute(url, "DROP TABLE _kontract_migrations");
    let ran = kontract(&fresh, url, &["migrate", "up"]);
    assert!(ran.is(1).err.contains("LIST (kind)"), "{}", ran.err);
}
