//! `kontract reset`, `refresh` and `seed` on real databases that also have tables of other programs.

use kontract_test_support::{both, execute};

use super::{App, Ran, USER, run};

const ITEM: &str = "
#[derive(Table)]
#[table(layout = \"columns\")]
pub struct Author {
    #[primkey]
    pub id: i64,
}

#[derive(Table)]
#[table(layout = \"columns\")]
pub struct Item {
    #[primkey]
    pub id: i64,
    pub title: String,
    #[references(Author)]
    pub author: Option<i64>,
}
";

fn app() -> App {
    let app = App::new(&format!("{USER}{ITEM}"));
    app.run(&["seal", "init"]).is(0);
    app
}

/// Runs a command on a development database.
pub(super) fn run_in_development(app: &App, url: &str, arguments: &[&str]) -> Ran {
    run(app.dir(), arguments, &[("DATABASE_URL", url), ("KONTRACT_ENV", "development")])
}

fn fails(url: &str, statements: &str) -> bool {
    std::panic::catch_unwind(|| execute(url, statements)).is_err()
}

/// Fails unless the query returns this number.
fn assert_count(url: &str, number: i64, query: &str) {
    execute(
        url,
        &format!(
            "CREATE TABLE proof (n INTEGER CHECK (n = {number})); INSERT INTO proof {query}; DROP TABLE proof"
        ),
    );
}

both! {
    async fn reset_drops_only_tables_of_the_package(url: &str) {
        let app = app();
        execute(url, "CREATE TABLE other (id INTEGER); INSERT INTO other VALUES (1)");
        assert_eq!(run_in_development(&app, url, &["reset"]).is(0).out, "app: 0 tables dropped\n");
        run_in_development(&app, url, &["migrate", "up"]).is(0);
        execute(url, "INSERT INTO authors VALUES (1); INSERT INTO items VALUES (1, 'a', 1)");
        // Another package has a history here, too, which also lists a table of this package.
        execute(url, "CREATE TABLE theirs (id INTEGER); INSERT INTO _kontract_migrations \
                      (package, version, name, hash, state, reverse, applied_at, tables, shape, step) \
                      SELECT 'shop', version, name, hash, state, reverse, applied_at, '[\"theirs\",\"users\"]', shape, step \
                      FROM _kontract_migrations");
        execute(url, "CREATE TABLE users (id INTEGER)");
        let json = run_in_development(&app, url, &["reset", "--json"]).is(0).json();
        let dropped: Vec<&str> = json["dropped"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
        assert!(dropped.len() == 3 && dropped.starts_with(&["authors", "items"]), "{dropped:?}");
        assert!(fails(url, "DELETE FROM items") && fails(url, "DELETE FROM authors"));
        assert_count(url, 1, "SELECT count(*) FROM other");
        assert_count(url, 0, "SELECT count(*) FROM theirs");
        assert_count(url, 0, "SELECT count(*) FROM users");
        assert_count(url, 0, "SELECT count(*) FROM _kontract_migrations WHERE package = 'app'");
        assert_count(url, 1, "SELECT count(*) FROM _kontract_migrations WHERE package = 'shop'");
        run_in_development(&app, url, &["migrate", "up"]).is(0);
        run_in_development(&app, url, &["migrate", "status"]).is(0);
    }

    async fn reset_refuses_if_an_object_depends_on_a_table(url: &str) {
        let app = app();
        run_in_development(&app, url, &["migrate", "up"]).is(0);
        execute(url, "INSERT INTO authors VALUES (1); \
                      CREATE TABLE fans (id INTEGER, of BIGINT REFERENCES authors (id)); INSERT INTO fans VALUES (1, 1)"
            .replace(" of ", " author ").as_str());
        let ran = run_in_development(&app, url, &["reset"]);
        ran.is(1);
        assert_count(url, 1, "SELECT count(*) FROM authors");
        run_in_development(&app, url, &["migrate", "status"]).is(0);
        execute(url, "DROP TABLE fans");
        run_in_development(&app, url, &["reset"]).is(0);
    }

    async fn refresh_drops_migrates_and_seeds(url: &str) {
        let app = app();
        run_in_development(&app, url, &["refresh"]).is(0);
        execute(url, "INSERT INTO authors VALUES (7)");
        let ran = run_in_development(&app, url, &["seed"]);
        assert!(ran.is(3).err.contains("seeds does not exist") && ran.err.contains("seeds/01_users.sql"), "{}", ran.err);
        app.write("seeds/02_items.sql", "INSERT INTO items VALUES (1, 'a;b', 2);\nINSERT INTO items VALUES (2, 'c', 2);\n");
        app.write("seeds/01_authors.sql", "-- first\nINSERT INTO authors VALUES (1);\nINSERT INTO authors VALUES (2);\n");
        app.write("seeds/03_only.sqlite.sql", "INSERT INTO authors SELECT 1000 WHERE sqlite_version() > '3'");
        app.write("seeds/03_only.postgres.sql", "INSERT INTO authors SELECT 1000 WHERE pg_backend_pid() > 0");
        app.write("seeds/README.md", "not a script");
        let ran = run_in_development(&app, url, &["refresh"]);
        assert!(ran.is(0).out.starts_with("app: 3 tables dropped: authors, items, tbl_users_"), "{}", ran.out);
        let only = if url.starts_with("sqlite") { "sqlite" } else { "postgres" };
        let expected = format!("  the creation of the tables\n  seeds/01_authors.sql\n  seeds/02_items.sql\n  seeds/03_only.{only}.sql\n");
        assert!(ran.out.ends_with(&expected), "{}", ran.out);
        assert_count(url, 3, "SELECT count(*) FROM authors WHERE id <> 7");
        assert_count(url, 0, "SELECT count(*) FROM authors WHERE id = 7");
        assert_count(url, 1, "SELECT count(*) FROM items WHERE title = 'a;b'");
        // Runs are not recorded: the first script violates the primary key of its own rows.
        let ran = run_in_development(&app, url, &["seed"]);
        assert!(ran.is(1).err.starts_with("error: seeds/01_authors.sql failed and was rolled back"), "{}", ran.err);
        app.write("seeds/01_authors.sql", "INSERT INTO authors VALUES (3);\nINSERT INTO nowhere VALUES (1);\n");
        run_in_development(&app, url, &["seed"]).is(1);
        assert_count(url, 0, "SELECT count(*) FROM authors WHERE id = 3");
        app.write("seeds/01_authors.sql", "INSERT INTO authors VALUES (3);\nCOMMIT;\n");
        let ran = run_in_development(&app, url, &["seed"]);
        assert!(ran.is(1).err.contains("seeds/01_authors.sql ended its transaction"), "{}", ran.err);
        let other = run_in_development(&app, url, &["reset"]);
        other.is(0);
        let ran = run_in_development(&app, url, &["seed"]);
        assert!(ran.is(1).err.contains("no tables of this package yet"), "{}", ran.err);
    }

    async fn refresh_refuses_migrations_in_rust(url: &str) {
        let app = app();
        run_in_development(&app, url, &["refresh"]).is(0);
        execute(url, "INSERT INTO authors VALUES (7)");
        app.run(&["migrate", "create", "--rs", "fix_titles"]).is(1);
        app.run(&["seal"]).is(0);
        let ran = run_in_development(&app, url, &["refresh"]);
        let expected = "error: only the program can run migration 2, which is written in Rust (`0002_fix_titles.rs`); nothing was dropped";
        assert!(ran.is(1).err.starts_with(expected), "{}", ran.err);
        assert_count(url, 1, "SELECT count(*) FROM authors");
        run_in_development(&app, url, &["reset"]).is(0);
    }

    async fn refresh_applies_unsealed_changes(url: &str) {
        let app = app();
        run_in_development(&app, url, &["refresh"]).is(0);
        app.edit("    pub title: String,\n", "    pub title: String,\n    pub rank: Option<i32>,\n");
        app.write("seeds/1.sql", "INSERT INTO items (id, title, rank) VALUES (1, 'a', 2)");
        run_in_development(&app, url, &["refresh"]).is(0);
        assert_count(url, 1, "SELECT count(*) FROM items WHERE rank = 2");
        let json = run_in_development(&app, url, &["migrate", "status", "--json"]).is(0).json();
        assert_eq!(json["migrations"][1]["state"], "draft");
        // The draft has changed. `refresh` drops the rows of the old one.
        app.edit("pub rank: Option<i32>", "pub place: Option<i32>");
        app.write("seeds/1.sql", "INSERT INTO items (id, title, place) VALUES (1, 'a', 2)");
        run_in_development(&app, url, &["refresh"]).is(0);
        assert_count(url, 1, "SELECT count(*) FROM items WHERE place = 2");
        run_in_development(&app, url, &["reset"]).is(0);
        assert!(fails(url, "DELETE FROM items"));
    }

    async fn only_named_databases_besides_development_databases(url: &str) {
        let app = app();
        run_in_development(&app, url, &["migrate", "up"]).is(0);
        let database = url.split('?').next().unwrap().rsplit('/').next().unwrap();
        let other = |arguments: &[&str]| {
            run(app.dir(), arguments, &[("DATABASE_URL", url), ("KONTRACT_ENV", "production")])
        };
        for command in ["reset", "refresh"] {
            let ran = other(&[command]);
            let expected = format!("error: the database `{database}` is not a development database");
            assert!(ran.is(1).err.starts_with(&expected), "{}", ran.err);
            assert!(ran.err.contains(&format!("--force --yes-drop {database}")), "{}", ran.err);
            other(&[command, "--force"]).is(2);
            other(&[command, "--yes-drop", database]).is(2);
            let ran = other(&[command, "--force", "--yes-drop", "another"]);
            assert!(ran.is(1).err.contains("not `another`; nothing was changed"), "{}", ran.err);
        }
        assert_count(url, 0, "SELECT count(*) FROM items");
        // Without the variable the name decides: `kontract_test_…` is not a development database.
        let ran = run(app.dir(), &["reset"], &[("DATABASE_URL", url)]);
        assert_eq!(ran.status, i32::from(url.starts_with("postgres")), "{}", ran.err);
        other(&["refresh", "--force", "--yes-drop", database]).is(0);
        other(&["reset", "--force", "--yes-drop", database]).is(0);
        assert!(fails(url, "DELETE FROM items"));
    }
}

#[test]
fn the_counters_include_rows_of_a_seed() {
    let database = kontract_test_support::sqlite_database();
    let app = app();
    run_in_development(&app, database.url(), &["refresh"]).is(0);
    let lock: serde_json::Value = serde_json::from_str(&app.read("kontract.lock.json")).unwrap();
    let table = lock["tables"]["users"]["ptr"].as_str().unwrap();
    let data = r#"{"id": "1", "name": "Ada", "email": "a"}"#;
    app.write("seeds/1.sql", &format!("INSERT INTO {table} (id, data, _txid, _owner, _order) VALUES ('1', '{data}', 40, 'system', 50)"));
    run_in_development(&app, database.url(), &["seed"]).is(0);
    assert_count(
        database.url(),
        1,
        "SELECT count(*) FROM _kontract_clock WHERE txid = 40 AND place = 50",
    );
    execute(database.url(), &format!("DELETE FROM {table}"));
    app.write("seeds/1.sql", "SELECT 1");
    run_in_development(&app, database.url(), &["seed"]).is(0);
    assert_count(
        database.url(),
        1,
        "SELECT count(*) FROM _kontract_clock WHERE txid = 40 AND place = 50",
    );
}
