//! What tables consist of besides columns, on real databases: created, changed, taken back, compared.

use kontract_test_support::{both, execute, postgres_database};

use super::{App, Ran, run};

/// The source of a package: the items, with the prelude.
pub(super) fn source(items: &str) -> String {
    format!("use kontract::prelude::*;\n{items}")
}

pub(super) fn kontract(app: &App, url: &str, arguments: &[&str]) -> Ran {
    run(app.dir(), arguments, &[("DATABASE_URL", url)])
}

/// Seals the source. Changes that are refused get the migration that `kontract migrate create` writes.
pub(super) fn seal(app: &App, name: &str) {
    if app.run(&["seal", name]).status != 0 {
        app.run(&["migrate", "create", name]).is(1);
        let ran = app.run(&["migrate", "create", name]);
        if ran.status != 0 {
            assert!(ran.err.contains("accept"), "{}", ran.err);
            app.seal_accepting();
        }
    }
}

/// The database has exactly what the lock file has.
#[track_caller]
pub(super) fn matches(app: &App, url: &str) {
    let ran = kontract(app, url, &["drift"]);
    ran.is(0);
    assert!(ran.out.starts_with("app: the database matches the lock file"), "{}", ran.out);
    assert!(!ran.out.contains("not managed"), "{}", ran.out);
}

/// Creates a database for the first items, changes it to the second, takes the change back and makes
/// it again. The database matches the lock file each time.
#[track_caller]
fn there_and_back(url: &str, before: &str, after: &str) -> App {
    let (old, app) = (App::new(&source(before)), App::new(&source(before)));
    for app in [&old, &app] {
        app.run(&["seal", "init"]).is(0);
    }
    execute(url, "SELECT 1");
    kontract(&old, url, &["migrate", "up"]).is(0);
    matches(&old, url);
    app.write("src/lib.rs", &source(after));
    seal(&app, "change");
    kontract(&app, url, &["migrate", "up"]).is(0);
    matches(&app, url);
    kontract(&app, url, &["migrate", "down", "--to", "1", "--accept-data-loss"]).is(0);
    matches(&old, url);
    kontract(&app, url, &["migrate", "up"]).is(0);
    matches(&app, url);
    app
}

pub(super) fn fails(url: &str, statements: &str) -> bool {
    std::panic::catch_unwind(|| execute(url, statements)).is_err()
}

both! {
    async fn checks_have_a_text_for_each_database(url: &str) {
        const BEFORE: &str = r#"
            #[derive(Table)]
            #[table(layout = "columns")]
            struct Item {
                #[primkey]
                id: i64,
                #[check("length(title) > 1", name = "title_long")]
                title: String,
            }
        "#;
        let after = BEFORE.replace(
            r#""length(title) > 1""#,
            r#"postgres = "title ~ '^[a-z;]{2,}$'", sqlite = "title NOT GLOB '*[^a-z;]*' AND length(title) > 1""#,
        );
        there_and_back(url, BEFORE, &after);
        execute(url, "INSERT INTO items (id, title) VALUES (1, 'a;b')");
        for title in ["a", "A;b"] {
            assert!(fails(url, &format!("INSERT INTO items (id, title) VALUES (2, '{title}')")), "{title}");
        }
        // A change of the text for one database changes nothing in the other.
        let app = App::new(&source(&after));
        app.run(&["seal", "init"]).is(0);
        app.write("src/lib.rs", &source(&after.replace("{2,}", "{3,}")));
        seal(&app, "longer");
        let lock: serde_json::Value = serde_json::from_str(&app.read("kontract.lock.json")).unwrap();
        let sql = &lock["migrations"][1]["sql"];
        assert!(sql["postgres"]["up"].to_string().contains("{3,}"), "{sql}");
        assert!(sql["sqlite"]["up"].as_array().is_none_or(Vec::is_empty), "{sql}");
    }

    async fn references_are_deferred_and_widen_integers(url: &str) {
        const BEFORE: &str = r#"
            #[derive(Table)]
            #[table(layout = "columns")]
            struct Author {
                #[primkey]
                id: i64,
                name: String,
            }

            #[derive(Table)]
            #[table(layout = "columns")]
            struct Post {
                #[primkey]
                id: i64,
                #[index]
                #[references(Author, name = "written_by")]
                author: i32,
            }
        "#;
        let after = BEFORE.replace("name = \"written_by\"", "deferrable = \"deferred\", name = \"written_by\"");
        let app = there_and_back(url, BEFORE, &after);
        const LATE: &str = "INSERT INTO posts (id, author) VALUES (1, 7); INSERT INTO authors (id, name) VALUES (7, 'a')";
        execute(url, &format!("BEGIN; {LATE}; COMMIT"));
        assert!(fails(url, "BEGIN; INSERT INTO posts (id, author) VALUES (2, 8); COMMIT"));
        // Another time of the check is drift.
        if url.starts_with("postgres") {
            execute(url, "ALTER TABLE posts ALTER CONSTRAINT written_by NOT DEFERRABLE");
            let ran = kontract(&app, url, &["drift"]);
            let wanted = "has the reference from (author) to `authors` with ON DELETE NO ACTION \
                ON UPDATE NO ACTION instead of ON DELETE NO ACTION ON UPDATE NO ACTION \
                DEFERRABLE INITIALLY DEFERRED";
            assert!(ran.is(1).out.contains(wanted), "{}", ran.out);
        }
    }

    async fn unique_indexes_have_rules(url: &str) {
        const BEFORE: &str = r#"
            #[derive(Table)]
            #[table(layout = "columns")]
            struct Seat {
                #[primkey]
                id: i64,
                #[unique]
                place: i32,
                #[unique]
                guest: Option<String>,
            }
        "#;
        let after = BEFORE
            .replacen("#[unique]", "#[unique(deferrable = \"deferred\")]", 1)
            .replace("#[unique]", "#[unique(nulls_not_distinct)]");
        there_and_back(url, BEFORE, &after);
        execute(url, "INSERT INTO seats (id, place, guest) VALUES (1, 1, 'a'), (2, 2, NULL)");
        for guest in ["'a'", "NULL"] {
            assert!(fails(url, &format!("INSERT INTO seats (id, place, guest) VALUES (3, 3, {guest})")));
        }
        execute(url, "INSERT INTO seats (id, place, guest) VALUES (3, 3, '0')");
        let swap = "BEGIN; UPDATE seats SET place = 2 WHERE id = 1; UPDATE seats SET place = 1 WHERE id = 2; COMMIT";
        if url.starts_with("postgres") {
            execute(url, swap);
        } else {
            assert!(fails(url, swap), "SQLite checks it in each statement");
        }
        assert!(fails(url, "INSERT INTO seats (id, place, guest) VALUES (4, 3, 'z')"));
    }

    async fn rows_with_equal_nulls_are_found_before_the_index(url: &str) {
        const BEFORE: &str = r#"
            #[derive(Table)]
            #[table(layout = "columns")]
            struct Seat {
                #[primkey]
                id: i64,
                row: i32,
                guest: Option<String>,
            }
        "#;
        let app = App::new(&source(BEFORE));
        app.run(&["seal", "init"]).is(0);
        execute(url, "SELECT 1");
        kontract(&app, url, &["migrate", "up"]).is(0);
        execute(url, "INSERT INTO seats (id, row, guest) VALUES (1, 1, NULL), (2, 1, NULL), (3, 2, NULL), (4, 2, '')");
        app.write("src/lib.rs", &source(&BEFORE.replace("\"columns\"", "\"columns\", unique(row, guest, nulls_not_distinct)")));
        seal(&app, "unique");
        let ran = kontract(&app, url, &["migrate", "up"]);
        let says = "error[K0462]: migration 2 `unique` was not started: 2 rows violate";
        assert!(ran.is(1).err.starts_with(says), "{}", ran.err);
        execute(url, "DELETE FROM seats WHERE id = 2");
        kontract(&app, url, &["migrate", "up"]).is(0);
        matches(&app, url);
    }

    async fn indexes_have_methods_and_classes(url: &str) {
        const BEFORE: &str = r#"
            #[derive(Table)]
            #[table(layout = "columns")]
            struct Event {
                #[primkey]
                id: i64,
                place: String,
                kind: i32,
                at: i64,
                note: Option<String>,
                tags: Json,
            }
        "#;
        let after = BEFORE.replace(
            "layout = \"columns\"",
            r#"layout = "columns",
            index(place, method = "spgist"),
            index(kind, method = "hash", where = "kind > 0"),
            index(at, method = "brin"),
            index(place, note desc, include(kind, at)),
            unique(kind, at, include(note), name = "kind_at"),
            index(note, opclass = "text_pattern_ops"),
            index(tags, method = "gin", opclass = "jsonb_path_ops"),
            index(tags, method = "gin", opclass(tags = "jsonb_ops"), name = "the_default_class")"#,
        );
        let app = there_and_back(url, BEFORE, &after);
        let ran = kontract(&app, url, &["introspect"]);
        if url.starts_with("postgres") {
            for text in [
                "#[index(method = \"spgist\", opclass(place = \"text_ops\"))]",
                "#[index(method = \"hash\", where = \"kind > 0\")]",
                "#[index(method = \"brin\")]",
                "index(place, note desc, include(kind, at))",
                "unique(kind, at, include(note), name = \"kind_at\")",
                "index(note, opclass(note = \"text_pattern_ops\"))",
                "method = \"gin\", opclass(tags = \"jsonb_path_ops\")",
            ] {
                assert!(ran.is(0).out.contains(text), "{text}\n{}", ran.out);
            }
            execute(url, "DROP INDEX idx_events_at; CREATE INDEX idx_events_at ON events (at) INCLUDE (kind)");
            let ran = kontract(&app, url, &["drift"]);
            assert!(ran.is(1).out.contains("index `idx_events_at` of the kind btree instead of brin"), "{}", ran.out);
        }
    }

    async fn tables_are_in_schemas(url: &str) {
        const BEFORE: &str = r#"
            #[derive(Table)]
            #[table(layout = "columns", schema = "audit")]
            struct Event {
                #[primkey]
                id: i64,
                #[unique]
                name: String,
                #[index]
                #[references(Actor)]
                actor: Option<i64>,
            }

            #[derive(Table)]
            #[table(layout = "columns", schema = "staff")]
            struct Actor {
                #[primkey]
                id: i64,
                name: String,
            }

            #[derive(Serialize, Deserialize, Table)]
            #[table(schema = "audit")]
            struct Note {
                #[primkey]
                id: i64,
                text: String,
            }
        "#;
        let after = BEFORE
            .replace("name: String,\n                #[index]", "name: String,\n                #[index(name = \"by_kind\")]\n                kind: Option<i32>,\n                #[check(\"actor > 0\")]")
            .replace("text: String", "text: String,\n                author: Option<String>");
        let app = there_and_back(url, BEFORE, &after);
        let name = |schema: &str, table: &str| {
            if url.starts_with("postgres") { format!("{schema}.{table}") } else { format!("{schema}_{table}") }
        };
        execute(url, &format!("INSERT INTO {} (id, name) VALUES (1, 'a')", name("staff", "actors")));
        execute(url, &format!("INSERT INTO {} (id, name, actor) VALUES (1, 'a', 1)", name("audit", "events")));
        assert!(fails(url, &format!("INSERT INTO {} (id, name, actor) VALUES (2, 'b', 2)", name("audit", "events"))));
        execute(url, &format!("DROP INDEX {}", if url.starts_with("postgres") { "audit.by_kind" } else { "by_kind" }));
        let ran = kontract(&app, url, &["drift"]);
        let table = if url.starts_with("postgres") { "audit.events" } else { "audit_events" };
        assert!(ran.is(1).out.contains(&format!("table `{table}` has no index `by_kind`")), "{}", ran.out);
        let ran = kontract(&app, url, &["introspect"]);
        if url.starts_with("postgres") {
            assert!(ran.is(0).out.contains("#[table(layout = \"columns\", schema = \"staff\")]"), "{}", ran.out);
            assert!(ran.out.contains("#[references(Actor)]"), "{}", ran.out);
        }
        run(app.dir(), &["reset"], &[("DATABASE_URL", url), ("KONTRACT_ENV", "development")]).is(0);
        execute(url, &format!("CREATE TABLE {} (id INTEGER)", name("audit", "events")));
    }

    async fn a_table_moves_to_another_schema(url: &str) {
        const BEFORE: &str = r#"
            #[derive(Table)]
            #[table(layout = "columns", ordered)]
            struct Event {
                #[primkey]
                id: i64,
                #[index]
                name: String,
            }
        "#;
        there_and_back(url, BEFORE, &BEFORE.replace("ordered", "ordered, schema = \"audit\""));
        execute(url, if url.starts_with("postgres") { "INSERT INTO audit.events (id, name) VALUES (1, 'a')" } else { "INSERT INTO audit_events (id, name, _order) VALUES (1, 'a', 1)" });
    }

    async fn what_tables_need_runs_before_them(url: &str) {
        const EVENT: &str = r#"
            #[derive(Table)]
            #[table(layout = "columns")]
            struct Event {
                #[primkey]
                id: i64,
                #[index(method = "gin", opclass = "gin_trgm_ops")]
                #[check(postgres = "is_short(name)", sqlite = "length(name) < 5")]
                name: String,
            }
        "#;
        let app = App::new(&source(EVENT));
        app.write(
            "migrations/0001_needs.sql",
            "-- kontract: before\n\n-- up postgres\nCREATE EXTENSION pg_trgm;\n\
             CREATE FUNCTION is_short(text) RETURNS boolean IMMUTABLE RETURN length($1) < 5;\n\n\
             -- up sqlite\n\n-- down postgres\nDROP FUNCTION is_short;\nDROP EXTENSION pg_trgm;\n\n\
             -- down sqlite\n",
        );
        app.run(&["seal"]).is(0);
        execute(url, "SELECT 1");
        kontract(&app, url, &["migrate", "up"]).is(0);
        matches(&app, url);
        execute(url, "INSERT INTO events (id, name) VALUES (1, 'abcd')");
        assert!(fails(url, "INSERT INTO events (id, name) VALUES (2, 'abcde')"));
        kontract(&app, url, &["migrate", "down", "--to", "0", "--accept-data-loss"]).is(0);
        kontract(&app, url, &["migrate", "up"]).is(0);
        matches(&app, url);
        app.write("migrations/0002_both.sql", "-- kontract: before\n-- kontract: covers events.name:type\n-- up\nSELECT 1;\n");
        let ran = app.run(&["seal"]);
        assert!(ran.is(1).err.contains("runs before the generated statements, and covers changes"), "{}", ran.err);
    }

    async fn documentation_becomes_comments(url: &str) {
        const BEFORE: &str = r#"
            /// What happened.
            ///
            /// It's never changed.
            #[derive(Table)]
            #[table(layout = "columns", comments)]
            struct Event {
                #[primkey]
                id: i64,
                /// The name.
                name: String,
                kind: i32,
            }
        "#;
        let after = BEFORE
            .replace("/// What happened.\n", "/// What was seen.\n")
            .replace("/// The name.\n", "")
            .replace("kind: i32", "/// The kind.\n kind: i32,\n /// Where.\n place: Option<String>");
        let app = there_and_back(url, BEFORE, &after);
        if url.starts_with("postgres") {
            execute(url, "DO $$ BEGIN ASSERT obj_description('events'::regclass) = E'What was seen.\n\nIt''s never changed.'; \
                          ASSERT col_description('events'::regclass, 2) IS NULL; END $$");
            execute(url, "COMMENT ON COLUMN events.kind IS 'x'");
            let ran = kontract(&app, url, &["drift"]);
            assert!(ran.is(1).out.contains("on the column `kind`"), "{}", ran.out);
        }
    }
}

/// PostgreSQL has virtual columns from version 18 on.
#[test]
fn a_virtual_column_needs_a_server_that_has_them() {
    let database = postgres_database();
    let app = App::new(&source(
        r#"
            #[derive(Table)]
            #[table(layout = "columns")]
            struct Item {
                #[primkey]
                id: i64,
                #[generated("id + 1", virtual)]
                next: i64,
            }
        "#,
    ));
    app.run(&["seal", "init"]).is(0);
    let ran = kontract(&app, database.url(), &["migrate", "up"]);
    if ran.status == 0 {
        execute(
            database.url(),
            "DO $$ BEGIN ASSERT current_setting('server_version_num')::int >= 180000; END $$",
        );
        return matches(&app, database.url());
    }
    let expected =
        "error[K0437]: `next` of table `items` is a virtual column, and the server is PostgreSQL ";
    assert!(ran.err.starts_with(expected), "{}", ran.err);
    assert!(ran.err.contains("remove `virtual` from `#[generated(…)]`"), "{}", ran.err);
    assert!(!ran.err.contains("panicked") && !fails(database.url(), "CREATE TABLE items (id INT)"));
}

/// A database that was taken over has constraints where Kontract creates indexes.
#[test]
fn unique_constraints_are_dropped_and_replaced() {
    let database = postgres_database();
    let url = database.url();
    execute(
        url,
        "CREATE TABLE seats (id BIGINT PRIMARY KEY, place BIGINT NOT NULL, guest TEXT,
             CONSTRAINT seats_place_key UNIQUE (place), CONSTRAINT seats_guest_key UNIQUE (guest));
         CREATE TABLE shards (id BIGINT PRIMARY KEY, n BIGINT NOT NULL,
             CONSTRAINT shards_n_id_key UNIQUE (n, id)) PARTITION BY HASH (id)",
    );
    let before = r#"
        #[derive(Table)]
        #[table(layout = "columns")]
        struct Seat {
            #[primkey]
            id: i64,
            #[unique]
            place: i64,
            #[unique]
            guest: Option<String>,
        }

        #[derive(Table)]
        #[table(layout = "columns", unique(n, id), partition_by = "hash(id)")]
        struct Shard {
            #[primkey]
            id: i64,
            n: i64,
        }
    "#;
    let app = App::new(&source(before));
    app.run(&["seal", "init"]).is(0);
    kontract(&app, url, &["migrate", "up"]).is(0);
    matches(&app, url);
    let after = before
        .replacen("#[unique]", "", 1)
        .replace("#[unique]", "#[unique(nulls_not_distinct)]")
        .replace("unique(n, id), ", "");
    app.write("src/lib.rs", &source(&after));
    seal(&app, "change");
    kontract(&app, url, &["migrate", "up"]).is(0);
    matches(&app, url);
    execute(
        url,
        "DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM pg_constraint WHERE contype = 'u' \
         AND connamespace = 'public'::regnamespace); \
         ASSERT (SELECT count(*) FROM pg_index WHERE indrelid = 'seats'::regclass) = 2; END $$",
    );
    kontract(&app, url, &["migrate", "down", "--to", "1", "--accept-data-loss"]).is(0);
    kontract(&app, url, &["migrate", "up"]).is(0);
    matches(&app, url);
}

/// A table of a schema belongs to its package; one of the same name elsewhere does not.
#[test]
fn the_owner_of_a_table_is_by_schema() {
    const NOTE: &str = r#"
        #[derive(Table)]
        #[table(layout = "columns")]
        struct Note {
            #[primkey]
            id: i64,
        }
    "#;
    let database = postgres_database();
    let url = database.url();
    let app = App::new(&source(NOTE));
    app.run(&["seal", "init"]).is(0);
    let sql = "CREATE SCHEMA audit;\nCREATE TABLE audit.items (id BIGINT);\n\
               CREATE TABLE audit.others (id BIGINT);\nALTER TABLE audit.others RENAME TO rest;\n";
    app.write(
        "migrations/0002_audit.sql",
        &format!("-- kontract: data\n\n-- up postgres\n{sql}\n-- up sqlite\n"),
    );
    app.run(&["seal"]).is(0);
    kontract(&app, url, &["migrate", "up"]).is(0);

    let other = App::new(&source(&NOTE.replace("Note", "Item")));
    let manifest = other.read("Cargo.toml").replace("name = \"app\"", "name = \"other\"");
    other.write("Cargo.toml", &manifest);
    other.run(&["seal", "init"]).is(0);
    kontract(&other, url, &["migrate", "up"]).is(0);
    execute(url, "INSERT INTO items (id) VALUES (1); INSERT INTO audit.items (id) VALUES (1)");
}
