//! `kontract migrate …` on real databases.

use std::path::Path;

use kontract_test_support::{both, execute, hold};

use super::{App, ITEM, Ran, USER, run};

fn migrate(app: &App, url: &str, arguments: &[&str]) -> Ran {
    let arguments: Vec<&str> = ["migrate"].iter().chain(arguments).copied().collect();
    run(app.dir(), &arguments, &[("DATABASE_URL", url)])
}

/// Three migrations: the table `users`, the table `items`, a column of `items`.
fn app() -> App {
    let app = App::new(USER);
    app.run(&["seal", "init"]).is(0);
    app.edit("}\n", &format!("}}\n{ITEM}"));
    app.run(&["seal", "items"]).is(0);
    app.edit("    pub title: String,\n", "    pub title: String,\n    pub rank: Option<i32>,\n");
    app.run(&["seal", "rank"]).is(0);
    app
}

/// Creates the database, with a table of another program.
fn create_database(url: &str) {
    execute(url, "CREATE TABLE other (id INTEGER)");
}

fn fails(url: &str, statements: &str) -> bool {
    std::panic::catch_unwind(|| execute(url, statements)).is_err()
}

both! {
    async fn up_down_and_redo(url: &str) {
        let app = app();
        if let Some(path) = url.strip_prefix("sqlite:") {
            let ran = migrate(&app, url, &["status"]);
            assert!(ran.is(3).err.contains("there is no file"), "{}", ran.err);
            assert!(!Path::new(path).exists(), "the command created it");
        }
        create_database(url);
        let ran = migrate(&app, url, &["status"]);
        assert_eq!(
            ran.is(1).out,
            "app: 0 of 3 migrations applied\n     1  init   pending\n     2  items  pending\n     3  rank   pending\n"
        );
        let ran = migrate(&app, url, &["up", "--dry-run", "--to", "2"]);
        assert!(ran.is(0).out.starts_with("-- app, migration 1 `init`\nCREATE TABLE "), "{}", ran.out);
        assert!(ran.out.contains("\n-- app, migration 2 `items`\nCREATE TABLE "), "{}", ran.out);
        assert!(fails(url, "SELECT * FROM _kontract_migrations"), "the statements were run");

        let ran = migrate(&app, url, &["up", "--to", "2"]);
        assert_eq!(ran.is(0).out, "app: done:\n  migration 1 `init`\n  migration 2 `items`\n");
        let json = migrate(&app, url, &["status", "--json"]).is(1).json();
        let states: Vec<_> = json["migrations"].as_array().unwrap().iter().map(|m| m["state"].clone()).collect();
        assert_eq!(states, ["applied", "applied", "pending"]);
        assert_eq!(json["drift"], serde_json::Value::Null);
        assert!(json["migrations"][0]["applied_at"].as_i64().unwrap() > 1_700_000_000_000);
        let json = migrate(&app, url, &["up", "--json"]).is(0).json();
        assert_eq!(json["done"], serde_json::json!(["migration 3 `rank`"]));
        assert_eq!(migrate(&app, url, &["up"]).is(0).out, "app: nothing to do\n");
        let ran = migrate(&app, url, &["status"]);
        assert!(ran.is(0).out.starts_with("app: 3 of 3 migrations applied\n     1  init   applied  20"), "{}", ran.out);

        execute(url, "INSERT INTO items (id, title, rank) VALUES (1, 'a', 2)");
        let ran = migrate(&app, url, &["down", "--to", "2"]);
        assert!(ran.is(1).err.starts_with("error[K0444]: taking migration"), "{}", ran.err);
        assert!(ran.err.contains("--accept-data-loss"), "{}", ran.err);
        migrate(&app, url, &["redo"]).is(1);
        execute(url, "DELETE FROM items WHERE rank = 3");
        let ran = migrate(&app, url, &["redo", "--accept-data-loss"]);
        assert_eq!(ran.is(0).out, "app: done:\n  taking migration 3 `rank` back\n  migration 3 `rank`\n");
        execute(url, "CREATE TABLE proof (n INTEGER CHECK (n = 1)); \
                      INSERT INTO proof SELECT count(*) FROM items WHERE rank IS NULL");
        let ran = migrate(&app, url, &["down", "--to", "1", "--dry-run"]);
        assert!(ran.is(0).out.contains("-- app, taking migration 2 `items` back\nDROP TABLE "), "{}", ran.out);
        migrate(&app, url, &["down", "--to", "1", "--accept-data-loss"]).is(0);
        assert!(fails(url, "DELETE FROM items"), "the table was dropped");
        execute(url, "DELETE FROM other");
        let ran = migrate(&app, url, &["up", "--to", "4"]);
        assert!(ran.is(1).err.starts_with("error[K0446]"), "{}", ran.err);
    }

    async fn another_process_migrates(url: &str) {
        let app = app();
        create_database(url);
        let lock = if url.starts_with("sqlite:") {
            "BEGIN IMMEDIATE"
        } else {
            "SELECT pg_advisory_lock(1802464884, hashtext(current_schema()))"
        };
        let held = hold(url, lock);
        let impatient = [("DATABASE_URL", url), ("KONTRACT_LOCK_TIMEOUT", "0.1")];
        let ran = run(app.dir(), &["migrate", "up"], &impatient);
        assert!(ran.is(4).err.starts_with("error[K0426]"), "{}", ran.err);
        drop(held);
        migrate(&app, url, &["up"]).is(0);
    }

    async fn baseline_compares_existing_tables(url: &str) {
        let app = app();
        create_database(url);
        migrate(&app, url, &["up", "--to", "2"]).is(0);
        execute(url, "DELETE FROM _kontract_migrations");
        let ran = migrate(&app, url, &["baseline"]);
        assert!(ran.is(1).err.starts_with("error[K0427]"), "{}", ran.err);
        assert!(ran.err.contains("table `items` has no column `rank`"), "{}", ran.err);
        migrate(&app, url, &["baseline", "2"]).is(0);
        assert_eq!(migrate(&app, url, &["up"]).is(0).out, "app: done:\n  migration 3 `rank`\n");
        execute(url, "ALTER TABLE items ADD COLUMN extra TEXT NOT NULL DEFAULT 'x'; ALTER TABLE items DROP COLUMN title");
        let ran = migrate(&app, url, &["status"]);
        assert!(ran.is(1).out.contains("  table `items` has no column `title`"), "{}", ran.out);
    }

    async fn an_interrupted_statement(url: &str) {
        let app = app();
        app.write("src/lib.rs", &format!("{USER}{}", ITEM.replace("    pub title: String,\n", "")));
        app.run(&["migrate", "create", "less"]).is(1);
        let file = "migrations/0004_less.sql";
        let text = app.read(file);
        let alone = "-- up\n-- kontract: no-transaction\nINSERT INTO other VALUES (1);\n";
        app.write(file, &text.replacen("-- up\n", alone, 1));
        app.seal_accepting();
        create_database(url);
        migrate(&app, url, &["up", "--to", "3"]).is(0);
        assert!(migrate(&app, url, &["resolve", "--done"]).is(1).err.starts_with("error[K0445]"));
        assert!(migrate(&app, url, &["resolve"]).is(0).out.starts_with("app: no migration is unfinished\n"));
        migrate(&app, url, &["resolve", "--done", "--again"]).is(2);
        // The process was killed during the first statement.
        execute(url, "INSERT INTO _kontract_migrations (package, version, name, hash, state, reverse, applied_at, tables, shape, step) SELECT package, 4, 'less', '', 'started', NULL, \
                      applied_at, tables, shape, 0 FROM _kontract_migrations WHERE version = 3");
        let lock: serde_json::Value = serde_json::from_str(&app.read("kontract.lock.json")).unwrap();
        let hash = lock["migrations"][3]["hash"].as_str().unwrap();
        execute(url, &format!("UPDATE _kontract_migrations SET hash = '{hash}' WHERE version = 4"));
        let ran = migrate(&app, url, &["status"]);
        assert!(ran.is(1).out.contains("INSERT INTO other VALUES (1)\n        check whether"), "{}", ran.out);
        let json = migrate(&app, url, &["status", "--json"]).is(1).json();
        assert_eq!(json["migrations"][3]["state"], "running");
        let ran = migrate(&app, url, &["up"]);
        assert!(ran.is(1).err.starts_with("error[K0441]"), "{}", ran.err);
        let expected = "app: done:\n  the interrupted statement of migration 4 `less`\n`kontract migrate up` goes on with the migration\n";
        assert_eq!(migrate(&app, url, &["resolve", "--done"]).is(0).out, expected);
        let ran = migrate(&app, url, &["status"]);
        assert!(ran.is(1).out.contains("or still running; `kontract migrate up` goes on\n"), "{}", ran.out);
        migrate(&app, url, &["up"]).is(0);
        execute(url, "CREATE TABLE proof (n INTEGER CHECK (n = 0)); INSERT INTO proof SELECT count(*) FROM other");
        migrate(&app, url, &["status"]).is(0);
        // An applied migration must not be edited.
        app.write(file, &app.read(file).replace("VALUES (1)", "VALUES (2)"));
        for command in ["up", "status"] {
            let ran = migrate(&app, url, &[command]);
            assert!(ran.is(1).err.contains("error[K0403]"), "{}", ran.err);
        }
    }

    async fn an_interrupted_migration_is_resolved(url: &str) {
        let app = app();
        create_database(url);
        migrate(&app, url, &["up"]).is(0);
        let file = "migrations/0004_labels.sql";
        let text = "-- kontract: data\n\n-- up\n-- kontract: no-transaction\nCREATE INDEX titles ON items (title);\n\
                    INSERT INTO labels VALUES (1);\n\n-- down\nDROP INDEX titles;\n";
        let before = app.read("kontract.lock.json");
        app.write(file, text);
        app.run(&["seal"]).is(0);
        let ran = migrate(&app, url, &["up"]);
        assert!(ran.is(1).err.starts_with("error[K0425]: migration 4 `labels` failed at statement 2"), "{}", ran.err);
        let ran = migrate(&app, url, &["down", "--to", "2"]);
        assert!(ran.is(1).err.starts_with("error[K0442]"), "{}", ran.err);
        let shown = migrate(&app, url, &["resolve"]);
        for line in [
            "app: migration 4 `labels` was interrupted, or is running\n   1  done      -- kontract: no-transaction\n                CREATE INDEX titles ON items (title)\n",
            "\n   2  pending   INSERT INTO labels VALUES (1)\nchanged since it began:\n  new: index `titles` (btree title",
            ") of table `items`\nthe tables are as after it\n`kontract migrate up` goes on with it\n`kontract migrate resolve --rolled-back` undoes it\n",
        ] {
            assert!(shown.is(1).out.contains(line), "{}", shown.out);
        }
        let json = migrate(&app, url, &["resolve", "--json"]).is(1).json();
        assert_eq!(json["unfinished"]["statements"][0]["state"], "done");
        migrate(&app, url, &["resolve", "--by-hand"]).is(2);
        // The last statement is corrected: the lock file from before, the file, and sealed again.
        app.write("kontract.lock.json", &before);
        app.write(file, &text.replace("INSERT INTO labels VALUES (1)", "CREATE TABLE labels (n INTEGER)"));
        app.run(&["seal"]).is(0);
        migrate(&app, url, &["up"]).is(0);
        execute(url, "INSERT INTO labels VALUES (1)");
        migrate(&app, url, &["status"]).is(0);
        // The first statement is corrected: what is done is undone first.
        execute(url, "DROP TABLE labels; DROP INDEX titles; DELETE FROM _kontract_migrations WHERE version = 4");
        app.write("kontract.lock.json", &before);
        app.write(file, text);
        app.run(&["seal"]).is(0);
        migrate(&app, url, &["up"]).is(1);
        app.write("kontract.lock.json", &before);
        let corrected = text.replace("(title)", "(title, rank)").replace("INSERT INTO labels VALUES (1)", "SELECT 1");
        app.write(file, &corrected);
        app.run(&["seal"]).is(0);
        let ran = migrate(&app, url, &["up"]);
        assert!(ran.is(1).err.starts_with("error[K0440]"), "{}", ran.err);
        let ran = migrate(&app, url, &["resolve", "--rolled-back"]);
        assert_eq!(ran.is(0).out, "app: done:\n  undoing migration 4 `labels`\n`kontract migrate up` runs the migration again\n");
        migrate(&app, url, &["up"]).is(0);
        migrate(&app, url, &["status"]).is(0);
    }

    async fn adopted_constraints_with_other_names(url: &str) {
        let item = ITEM.replace("    pub title: String,\n", "    #[check(\"title <> ''\")]\n    pub title: String,\n    #[references(Item)]\n    #[index]\n    pub other: Option<i64>,\n");
        let app = App::new(&format!("use kontract::prelude::*;\n{item}"));
        app.run(&["seal", "init"]).is(0);
        let (number, strict) = if url.starts_with("postgres") { ("BIGINT", "") } else { ("INTEGER", " STRICT") };
        execute(url, &format!(
            "CREATE TABLE items (id {number} NOT NULL PRIMARY KEY, title TEXT NOT NULL, other {number}, \
             CONSTRAINT theirs CHECK (title <> ''), CONSTRAINT also_theirs FOREIGN KEY (other) REFERENCES items (id)){strict}; \
             CREATE INDEX idx_items_other ON items (other)"
        ));
        migrate(&app, url, &["up"]).is(0);
        // Migrations drop them like Kontract's own constraints.
        app.edit("    #[check(\"title <> ''\")]\n", "");
        app.edit("    #[references(Item)]\n", "");
        app.run(&["seal", "free"]).is(0);
        migrate(&app, url, &["up"]).is(0);
        migrate(&app, url, &["status"]).is(0);
        execute(url, "INSERT INTO items (id, title, other) VALUES (1, '', 7)");
        migrate(&app, url, &["down", "--to", "1"]).is(1);
        execute(url, "DELETE FROM items");
        migrate(&app, url, &["down", "--to", "1"]).is(0);
        assert!(fails(url, "INSERT INTO items (id, title, other) VALUES (1, '', NULL)"));
    }

    async fn rows_that_violate_a_migration(url: &str) {
        let app = app();
        app.write("kontract.toml", "[rules]\nI2 = \"allow\"\nN2 = \"deny\"\n");
        create_database(url);
        migrate(&app, url, &["up"]).is(0);
        execute(url, "INSERT INTO items (id, title, rank) VALUES (1, 'a', 1), (2, 'b', 1), (3, 'b', 2)");
        app.edit("    pub title: String,\n", "    #[unique]\n    pub title: String,\n    pub more: Option<i64>,\n");
        let ran = app.run(&["plan"]);
        assert!(ran.is(0).out.contains("rows that violate items.items_title_key:index_added:\n-- SELECT CAST(id AS TEXT) FROM items WHERE "), "{}", ran.out);
        app.run(&["seal", "titles_differ"]).is(0);
        let ran = migrate(&app, url, &["up"]);
        let expected = "error[K0462]: migration 4 `titles_differ` was not started: 2 rows violate `items.items_title_key:index_added` (keys: 2, 3)\n";
        assert!(ran.is(1).err.starts_with(expected), "{}", ran.err);
        assert!(ran.err.contains("fix them, and start again; all of them: SELECT "), "{}", ran.err);
        assert!(fails(url, "SELECT more FROM items"), "a statement was run");
        execute(url, "UPDATE items SET title = 'c' WHERE id = 3");
        migrate(&app, url, &["up"]).is(0);
        migrate(&app, url, &["status"]).is(0);
        assert!(fails(url, "INSERT INTO items (id, title) VALUES (4, 'a')"));
    }

    async fn rows_that_violate_a_manual_migration(url: &str) {
        let app = app();
        create_database(url);
        migrate(&app, url, &["up"]).is(0);
        execute(url, "INSERT INTO items (id, title, rank) VALUES (1, 'a', 1), (2, 'b', 1), (3, 'b', 9)");
        app.edit("    pub title: String,\n", "    #[unique]\n    #[check(\"title <> 'a'\")]\n    pub title: String,\n    #[references(Item)]\n    #[index]\n    pub other: Option<i64>,\n");
        app.edit("    pub rank: Option<i32>,\n", "    #[check(\"rank < 5\")]\n    pub rank: Option<i32>,\n");
        // The first call writes the file, the second seals it.
        app.run(&["migrate", "create", "strict"]).is(1);
        app.run(&["migrate", "create", "strict"]).is(0);
        let all = [
            "2 rows violate `items.items_title_key:index_added` (keys: 2, 3)",
            "1 row violates `items.items_title_check:check_added` (key: 1)",
            "1 row violates `items.items_rank_check:check_added` (key: 3)",
        ];
        let ran = app.run(&["plan", "--database-url", url]);
        let text = ran.is(1).err.clone();
        assert!(all.iter().all(|one| text.contains(one)) && text.contains("all of them: SELECT "), "{text}");
        let ran = migrate(&app, url, &["up"]);
        assert!(ran.is(1).err.starts_with("error[K0462]: migration 4 `strict` was not started: "), "{}", ran.err);
        assert!(fails(url, "SELECT other FROM items"), "a statement was run");
        execute(url, "UPDATE items SET title = 'c' WHERE id = 3");
        execute(url, "UPDATE items SET title = 'd' WHERE id = 1");
        execute(url, "UPDATE items SET rank = 4 WHERE id = 3");
        app.run(&["plan", "--database-url", url]).is(0);
        migrate(&app, url, &["up"]).is(0);
        migrate(&app, url, &["status"]).is(0);

        // A file that changes rows may correct them.
        app.edit("rank < 5", "rank < 4");
        app.run(&["migrate", "create", "lower"]).is(1);
        let (file, mut text) = ("migrations/0005_lower.sql", app.read("migrations/0005_lower.sql"));
        for up in ["-- up postgres\n", "-- up sqlite\n"] {
            text = text.replace(up, &format!("{up}UPDATE items SET rank = 3 WHERE rank >= 4;\n"));
        }
        app.write(file, &text);
        app.run(&["migrate", "create", "lower"]).is(0);
        app.run(&["plan", "--database-url", url]).is(0);
        migrate(&app, url, &["up"]).is(0);
        migrate(&app, url, &["status"]).is(0);
    }

    /// A sealed migration is pending, and a change is not sealed.
    async fn a_plan_for_a_database(url: &str) {
        let app = app();
        app.write("kontract.toml", "[rules]\nI2 = \"allow\"\nY12 = \"allow\"\nN2 = \"deny\"\n");
        create_database(url);
        let plan = |arguments: &[&str]| {
            let named = [&["plan", "--database-url", url], arguments].concat();
            app.run(&named)
        };
        let ran = plan(&[]);
        assert!(ran.is(0).out.starts_with("-- app, the creation of the tables\nCREATE TABLE "), "{}", ran.out);
        assert!(fails(url, "SELECT * FROM _kontract_migrations"), "the statements were run");
        migrate(&app, url, &["up", "--to", "3"]).is(0);
        assert_eq!(plan(&[]).is(0).out, "-- app: nothing to do\n");
        // The variable alone does not create_database `plan` connect.
        run(app.dir(), &["plan"], &[("DATABASE_URL", "sqlite:/nowhere/at/all.db")]).is(0);
        let none = format!("sqlite:{}/none.db", app.dir().display());
        assert!(app.run(&["plan", "--database-url", &none]).is(3).err.contains("there is no file"));

        execute(url, "INSERT INTO items (id, title, rank) VALUES (1, '1', 1), (2, 'b', 1), (3, '2147483648', 1), (4, '4', 4)");
        app.edit("    pub title: String,\n", "    pub title: i32,\n");
        app.run(&["seal", "small"]).is(0);
        app.edit("    pub title: i32,\n", "    #[unique]\n    pub title: i32,\n");
        let ran = plan(&[]);
        let expected = "error[K0462]: migration 4 `small` was not started: 2 rows violate `items.title:type` (keys: 2, 3)\n";
        assert!(ran.is(1).err.starts_with(expected), "{}", ran.err);
        assert!(ran.err.contains("all of them: SELECT "), "{}", ran.err);
        let (first, second) = ran.out.split_once("-- app, the draft\n").expect("two steps");
        let size = if url.starts_with("sqlite:") {
            "-- changes `items`: 4 rows\n"
        } else {
            "-- changes `items`: unknown number of rows, "
        };
        assert!(first.starts_with(&format!("-- app, migration 4 `small`\n{size}")), "{}", ran.out);
        assert!(second.contains("violate items.items_title_key:index_added can be searched only after the steps before it"), "{}", ran.out);
        let json = plan(&["--json"]).is(1).json();
        let step = &json["steps"][0];
        assert_eq!(step["violations"][0]["change"], "items.title:type");
        assert_eq!(step["violations"][0]["found"], 2);
        assert_eq!(step["violations"][0]["keys"], serde_json::json!(["2", "3"]));
        assert!(step["violations"][0]["rows"].as_str().unwrap().starts_with("SELECT "));
        assert_eq!(step["tables"][0]["table"], "items");
        assert_eq!(json["steps"][1]["not_searched"], serde_json::json!(["items.items_title_key:index_added"]));
        assert_eq!(json["version"], 5);

        execute(url, "DELETE FROM items WHERE id = 3");
        execute(url, "UPDATE items SET title = '7' WHERE id = 2");
        migrate(&app, url, &["up"]).is(0);
        execute(url, if url.starts_with("sqlite:") { "SELECT 1" } else { "ANALYZE items" });
        let ran = plan(&[]);
        let size = if url.starts_with("sqlite:") { "3 rows\n" } else { "about 3 rows, " };
        assert!(ran.is(0).out.starts_with(&format!("-- app, the draft\n-- changes `items`: {size}")), "{}", ran.out);
        execute(url, "UPDATE items SET title = 1 WHERE id = 2");
        let ran = plan(&[]);
        assert!(ran.is(1).err.contains("the draft was not started: 2 rows violate `items.items_title_key:index_added` (keys: 1, 2)"), "{}", ran.err);
    }

    async fn a_failed_migration_is_rolled_back(url: &str) {
        let app = app();
        app.write("src/lib.rs", &format!("{USER}{}", ITEM.replace("    pub title: String,\n", "")));
        app.run(&["migrate", "create", "less"]).is(1);
        let file = "migrations/0004_less.sql";
        let wrong = app.read(file).replacen("-- up\n", "-- up\nINSERT INTO other VALUES (1);\nINSERT INTO nowhere VALUES (1);\n", 1);
        app.write(file, &wrong);
        app.seal_accepting();
        create_database(url);
        let ran = migrate(&app, url, &["up"]);
        assert!(ran.is(1).err.starts_with("error[K0425]: migration 4 `less` failed at statement 2"), "{}", ran.err);
        let json = migrate(&app, url, &["status", "--json"]).is(1).json();
        assert_eq!((json["migrations"][2]["state"].as_str(), json["migrations"][3]["state"].as_str()), (Some("applied"), Some("pending")));
        execute(url, "CREATE TABLE proof (n INTEGER CHECK (n = 0)); INSERT INTO proof SELECT count(*) FROM other");
        execute(url, "CREATE TABLE nowhere (id INTEGER)");
        migrate(&app, url, &["up"]).is(0);
    }

    async fn unsealed_changes_are_not_run(url: &str) {
        let app = app();
        create_database(url);
        app.edit("    pub rank: Option<i32>,\n", "    pub rank: Option<i32>,\n    pub text: Option<String>,\n");
        let ran = migrate(&app, url, &["up"]);
        assert!(ran.is(0).err.contains("the source has unsealed changes; they are not run"), "{}", ran.err);
        migrate(&app, url, &["status"]).is(0);
        assert!(fails(url, "UPDATE items SET text = 'a'"), "the statements were run");
    }
}

#[test]
fn status_needs_only_a_read_only_role() {
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    let app = app();
    migrate(&app, url, &["up"]).is(0);
    // Every transaction of this role is read-only.
    let role = format!("reader_{}", std::process::id());
    execute(
        url,
        &format!(
            "CREATE ROLE {role} LOGIN PASSWORD 'secret'; ALTER ROLE {role} SET default_transaction_read_only = on; \
                           GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
        ),
    );
    let (_, host) = url.split_once('@').expect("a user");
    let ran = migrate(&app, &format!("postgres://{role}:secret@{host}"), &["status"]);
    execute(url, &format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    ran.is(0);
}

#[test]
fn a_database_must_be_named_and_reachable() {
    let app = App::new(USER);
    let ran = app.run(&["migrate", "up"]);
    assert!(ran.is(3).err.contains("no database is given"), "{}", ran.err);
    let ran = migrate(&app, "postgres://app@127.0.0.1:1/x", &["status"]);
    ran.is(3);
    let ran = app.run(&["migrate", "down", "--database-url", "sqlite:x.db"]);
    assert!(ran.is(2).err.contains("--to"), "{}", ran.err);
    assert!(!app.dir().join("x.db").exists());
}

#[test]
fn a_failed_statement_names_what_is_in_the_way() {
    let database = kontract_test_support::postgres_database();
    let (app, url) = (App::new(ITEM), database.url());
    app.edit("    pub title", "    pub gone: String,\n    pub title");
    app.run(&["seal", "init"]).is(0);
    migrate(&app, url, &["up"]).is(0);
    execute(url, "CREATE VIEW vg AS SELECT gone FROM items");
    app.edit("    pub gone: String,\n", "");
    app.edit("pub struct Item", "#[removed(\"gone\")]\npub struct Item");
    app.run(&["migrate", "create", "gone"]);
    app.run(&["seal"]).is(0);
    let ran = migrate(&app, url, &["up"]);
    assert!(ran.is(1).err.contains("K0425"), "{}", ran.err);
    let what = "view vg depends on column gone of table items";
    assert!(ran.err.contains(what), "{}", ran.err);
}

#[test]
fn an_adoption_renames_what_the_dry_run_shows() {
    let tables = "
use kontract::prelude::*;

#[derive(Table)]
#[table(layout = \"columns\")]
pub struct Boss {
    #[primkey]
    pub id: i64,
    #[references(Team)]
    pub team: Option<i64>,
}

#[derive(Table)]
#[table(layout = \"columns\", check(\"size > 0\"))]
pub struct Team {
    #[primkey]
    pub id: i64,
    #[references(Boss)]
    pub boss: Option<i64>,
    pub size: i32,
}
";
    let renames = "ALTER TABLE bosses RENAME CONSTRAINT has_a_team TO bosses_team_fkey;\n\
                   ALTER TABLE teams RENAME CONSTRAINT is_large TO teams_check;\n\
                   ALTER TABLE teams RENAME CONSTRAINT has_a_boss TO teams_boss_fkey;\n";
    for command in ["up", "baseline"] {
        let database = kontract_test_support::postgres_database();
        let (app, url) = (App::new(tables), database.url());
        execute(
            url,
            "CREATE TABLE bosses (id BIGINT PRIMARY KEY, team BIGINT);
             CREATE TABLE teams (id BIGINT PRIMARY KEY, boss BIGINT, size INT NOT NULL,
                 CONSTRAINT has_a_boss FOREIGN KEY (boss) REFERENCES bosses,
                 CONSTRAINT is_large CHECK (size > 0));
             ALTER TABLE bosses ADD CONSTRAINT has_a_team FOREIGN KEY (team) REFERENCES teams;
             CREATE TABLE names AS SELECT oid, conname FROM pg_constraint",
        );
        app.run(&["seal", "init"]).is(0);
        let ran = migrate(&app, url, &[command, "--dry-run"]);
        assert!(ran.is(0).out.contains(renames), "{}", ran.out);
        let unchanged = "DO $$ BEGIN ASSERT NOT EXISTS (
            SELECT FROM names n JOIN pg_constraint c ON c.oid = n.oid AND c.conname <> n.conname); END $$";
        execute(url, unchanged);
        let ran = migrate(&app, url, &[command]);
        assert!(
            ran.is(0).out.contains("of the tables, which renamed 3 constraints\n"),
            "{}",
            ran.out
        );
        assert_eq!(run(app.dir(), &["drift"], &[("DATABASE_URL", url)]).is(0).err, "");
        execute(
            url,
            "DO $$ BEGIN ASSERT (SELECT count(*) = 3 FROM names n JOIN pg_constraint c
                 ON c.oid = n.oid AND c.conname <> n.conname);
             ASSERT (SELECT count(*) = 2 FROM pg_constraint WHERE contype = 'f'); END $$",
        );
    }
}
