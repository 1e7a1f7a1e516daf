//! `kontract drift` on real databases, also as a role that may only read.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use kontract_runtime::Base;
use kontract_test_support::{both, execute};

use super::sql::registry;
use super::{App, Ran, USER, run};

fn drift(app: &App, url: &str) -> Ran {
    run(app.dir(), &["drift"], &[("DATABASE_URL", url)])
}

const ITEM: &str = "
#[derive(Table)]
#[table(layout = \"columns\")]
pub struct Item {
    #[primkey]
    pub id: i64,
    #[index]
    pub title: String,
    #[default(1)]
    pub rank: i32,
}
";

async fn set_up(app: &App, url: &str) {
    Base::connect(url, registry(app)).await.expect("created").close().await;
}

both! {
    async fn equal_and_different_databases(url: &str) {
        let app = App::new(&format!("{USER}{ITEM}"));
        app.run(&["seal", "init"]).is(0);
        set_up(&app, url).await;
        let ran = drift(&app, url);
        assert_eq!(ran.is(0).out, "app: the database matches the lock file, at version 1\n");
        assert_eq!(ran.err, "");
        execute(url, "DROP INDEX idx_items_title; ALTER TABLE items ADD COLUMN extra TEXT; \
                      CREATE TABLE other (id INTEGER)");
        let ran = drift(&app, url);
        assert_eq!(
            ran.is(1).out.lines().take(2).collect::<Vec<_>>(),
            ["app: the database differs from the lock file at version 1:",
             "  table `items` has no index `idx_items_title`"]
        );
        assert!(ran.out.contains("not managed by this package:\n"), "{}", ran.out);
        assert!(ran.out.contains("  table `other`\n"), "{}", ran.out);
        let ran = run(app.dir(), &["drift", "--json", "--database-url", url], &[]);
        let json = ran.is(1).json();
        assert_eq!(json["applied"]["version"], 1);
        assert_eq!(json["differences"][0]["table"], "items");
        assert_eq!(json["differences"][0]["message"], "has no index `idx_items_title`");
        let unmanaged = json["unmanaged"].as_array().expect("a list");
        assert!(unmanaged.iter().any(|what| what == "table `other`"), "{json}");
    }

    async fn pending_migrations_are_reported(url: &str) {
        let app = App::new(USER);
        app.run(&["seal", "init"]).is(0);
        let ran = drift_of_an_empty_database(&app, url);
        assert!(ran.is(1).err.contains("the database has no history"), "{}", ran.err);
        set_up(&app, url).await;
        app.edit("}\n", &format!("}}\n{ITEM}"));
        app.run(&["seal", "items"]).is(0);
        let ran = drift(&app, url);
        assert!(ran.is(1).err.contains("at version 1 of 2: 1 migration is pending"), "{}", ran.err);
        assert!(ran.out.contains("table `items` does not exist"), "{}", ran.out);
    }
}

/// The command does not create a SQLite file.
fn drift_of_an_empty_database(app: &App, url: &str) -> Ran {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let ran = drift(app, url);
        assert!(ran.is(3).err.contains("there is no file"), "{}", ran.err);
        assert!(!std::path::Path::new(path).exists(), "the command created it");
        execute(url, "VACUUM");
    }
    drift(app, url)
}

const SHOP: &str = "
use kontract::prelude::*;

#[derive(Table)]
#[table(layout = \"columns\", soft_delete)]
pub struct Maker {
    #[primkey]
    pub id: i64,
    #[unique]
    pub name: String,
}

#[derive(Table)]
#[table(layout = \"columns\", index(maker, title))]
pub struct Item {
    #[primkey]
    pub id: i64,
    #[references(Maker, on_delete = \"cascade\")]
    pub maker: i64,
    #[check(\"title <> ''\")]
    pub title: String,
    #[default(true)]
    pub open: bool,
    #[default(\"it's\")]
    pub note: String,
    #[check(\"rank BETWEEN 1 AND 5\")]
    pub rank: Option<i32>,
    pub state: State,
}

#[derive(Enum)]
pub enum State {
    New,
    Old,
}
";

/// The SQL of equivalent tables, as another tool would write it.
fn equivalent_tables(postgres: bool) -> String {
    let tables = "
        CREATE TABLE makers (id INT8 PRIMARY KEY, name VARCHAR NOT NULL, _deleted_txid INT8);
        CREATE UNIQUE INDEX makers_name_key ON makers (name) WHERE (_deleted_txid) IS NULL;
        CREATE TABLE items (
            id BIGINT NOT NULL,
            maker INT8 NOT NULL,
            title TEXT NOT NULL CHECK (title != ''),
            open BOOL NOT NULL DEFAULT TRUE,
            note TEXT NOT NULL DEFAULT 'it''s',
            rank INT4 CONSTRAINT stars CHECK (rank >= 1 AND rank <= 5),
            state TEXT NOT NULL CHECK ((state) IN ('New','Old')),
            CONSTRAINT items_key PRIMARY KEY (id),
            CONSTRAINT made_by FOREIGN KEY (maker) REFERENCES makers ON DELETE CASCADE);
        CREATE INDEX idx_items_maker_title ON items (maker, title ASC)";
    if postgres {
        // PostgreSQL does not report VARCHAR as TEXT.
        tables.replace("VARCHAR", "TEXT")
    } else {
        tables.to_owned()
    }
}

both! {
    async fn equivalent_definitions_do_not_differ(url: &str) {
        let app = App::new(SHOP);
        app.run(&["seal", "init"]).is(0);
        execute(url, &equivalent_tables(url.starts_with("postgres")));
        assert_eq!(drift(&app, url).is(0).out.lines().count(), 1);
        // A program adopts the tables unchanged.
        set_up(&app, url).await;
        assert_eq!(drift(&app, url).is(0).err, "");
    }

    async fn histories_of_other_tools_are_recognised_and_not_changed(url: &str) {
        let app = App::new(SHOP);
        app.run(&["seal", "init"]).is(0);
        execute(url, &equivalent_tables(url.starts_with("postgres")).replace("rank <= 5", "rank <= 6"));
        for (table, columns, row, tool) in [
            ("_sqlx_migrations", "version BIGINT PRIMARY KEY, description TEXT", "20240102030405, 'x'", "sqlx up to `20240102030405`"),
            ("__diesel_schema_migrations", "version VARCHAR(50) PRIMARY KEY", "'2024-01-02'", "diesel up to `2024-01-02`"),
            ("refinery_schema_history", "version INT PRIMARY KEY, name VARCHAR(255)", "7, 'x'", "refinery up to `7`"),
            ("schema_migrations", "filename TEXT PRIMARY KEY", "'005_add.sql'", "another tool up to `005_add.sql`"),
            ("_migrations", "what TEXT PRIMARY KEY", "'x'", "another tool"),
        ] {
            execute(url, &format!("CREATE TABLE {table} ({columns}); INSERT INTO {table} VALUES ({row})"));
            let expected = format!("migrated by {tool}; its table `{table}` stays unchanged");
            let ran = drift(&app, url);
            assert!(ran.is(1).err.contains(&expected), "{}", ran.err);
            let error = Base::connect(url, registry(&app)).await.err().expect("refused");
            assert_eq!(error.code(), Some("K0431"), "{error}");
            assert!(format!("{error:?}").contains(&format!("its table `{table}` is not changed")), "{error}");
        }
        assert!(drift(&app, url).is(1).out.contains("has no constraint `items_rank_check`"));
        // The program created nothing. It adopts the tables once they are correct.
        execute(url, "DROP TABLE items; DROP TABLE makers");
        execute(url, &equivalent_tables(url.starts_with("postgres")));
        set_up(&app, url).await;
        assert_eq!(drift(&app, url).is(0).err, "");
        execute(url, "CREATE TABLE one (n INTEGER CHECK (n = 1)); \
                      INSERT INTO one SELECT count(*) FROM _sqlx_migrations WHERE version = 20240102030405");
    }

    async fn each_kind_of_difference_is_reported(url: &str) {
        let app = App::new(SHOP);
        app.run(&["seal", "init"]).is(0);
        let postgres = url.starts_with("postgres");
        for (right, wrong, expected) in [
            ("INT8 PRIMARY KEY, name", "INT8, name", "table `makers` has no primary key; it should be (id)"),
            ("UNIQUE INDEX", "INDEX", "table `makers` has the index `makers_name_key`, which is not unique"),
            (" WHERE (_deleted_txid) IS NULL", "", "table `makers` has the index `makers_name_key` of all rows instead of where _deleted_txid IS NULL"),
            ("maker INT8 NOT NULL", "maker INT8", "table `items` has the column `maker`, which allows NULL"),
            ("rank INT4", "rank TEXT", "table `items` has the column `rank` of type text instead of integer"),
            ("title != ''", "title != 'x'", "table `items` has "),
            ("DEFAULT TRUE", "DEFAULT FALSE", "table `items` has the column `open` with the default `0` instead of `1`"),
            ("'it''s'", "'its'", "table `items` has the column `note` with the default `its` instead of `it's`"),
            ("rank <= 5", "rank <= 6", "table `items` has no constraint `items_rank_check`"),
            ("'New','Old'", "'New'", "table `items` has "),
            ("ON DELETE CASCADE", "ON DELETE RESTRICT", "table `items` has the reference from (maker) to `makers` with ON DELETE RESTRICT ON UPDATE NO ACTION instead of ON DELETE CASCADE ON UPDATE NO ACTION"),
            ("(maker, title ASC)", "(maker, title DESC)", "table `items` has the index `idx_items_maker_title` on (maker, title DESC) instead of (maker, title)"),
            ("idx_items_maker_title", "other", "table `items` has no index `idx_items_maker_title`; `other` is the same under another name"),
        ] {
            let text = equivalent_tables(postgres);
            assert!(text.contains(right), "{right}");
            let text = text.replacen(right, wrong, 1);
            // On PostgreSQL a number compares only with a number, and a foreign key needs a key.
            let text = match (postgres, right) {
                (true, "rank INT4") => text.replace("CHECK (rank >= 1 AND rank <= 5)", "CHECK (rank <> '')"),
                (true, "INT8 PRIMARY KEY, name") => text.replace("INT8, name", "INT8 UNIQUE, name").replace("makers ON", "makers (id) ON"),
                _ => text,
            };
            execute(url, &text);
            let ran = drift(&app, url);
            assert!(ran.is(1).out.contains(&format!("\n  {expected}")), "{right}: {}", ran.out);
            execute(url, "DROP TABLE items; DROP TABLE makers");
        }
    }

    async fn unmanaged_objects_are_not_differences(url: &str) {
        let app = App::new(SHOP);
        app.run(&["seal", "init"]).is(0);
        set_up(&app, url).await;
        execute(url, "CREATE VIEW newest AS SELECT id FROM items; ALTER TABLE items ADD COLUMN extra TEXT; \
                      CREATE INDEX by_extra ON items (extra)");
        execute(url, if url.starts_with("postgres") {
            "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; \
             CREATE TRIGGER touch BEFORE INSERT ON items FOR EACH ROW EXECUTE FUNCTION nothing()"
        } else {
            "CREATE TRIGGER touch AFTER INSERT ON items BEGIN SELECT 1; END"
        });
        let ran = drift(&app, url);
        let listed: Vec<&str> = ran.is(0).out.lines().skip(2).collect();
        let not_compared = if url.starts_with("postgres") {
            "not compared: 1 function, 1 trigger, 1 view"
        } else {
            "not compared: 1 trigger, 1 view"
        };
        assert_eq!(
            listed,
            ["  column `extra` of table `items`", "  index `by_extra` of table `items`",
             "  trigger `touch` of table `items`", "  view `newest`", not_compared]
        );
    }
}

/// A condition that PostgreSQL prints with an internal function.
const SIMILAR: &str = "
use kontract::prelude::*;

#[derive(Table)]
#[table(layout = \"columns\")]
pub struct Item {
    #[primkey]
    pub id: i64,
    #[check(postgres = \"title SIMILAR TO 'a%'\", sqlite = \"true\")]
    pub title: String,
}
";

#[test]
fn the_server_prints_conditions_that_only_it_can_print() {
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    let app = App::new(SIMILAR);
    app.run(&["seal", "init"]).is(0);
    kontract_test_support::block_on(set_up(&app, url));
    assert_eq!(drift(&app, url).is(0).out.lines().count(), 1);
    let (role, readers) = create_reader(url);
    let ran = drift(&app, &readers);
    drop_role(url, &role);
    let expected = "constraint `items_title_check`) of table `items`";
    assert!(ran.is(0).out.contains("does not let this role ask"), "{}", ran.out);
    assert!(ran.out.contains(expected), "{}", ran.out);
    execute(
        url,
        "ALTER TABLE items DROP CONSTRAINT items_title_check; \
         ALTER TABLE items ADD CONSTRAINT items_title_check CHECK (title SIMILAR TO 'b%') NOT VALID",
    );
    let ran = drift(&app, url);
    let expected =
        "table `items` has the constraint `items_title_check` with the condition (title ~ similar";
    assert!(ran.is(1).out.contains(expected), "{}", ran.out);
    assert!(ran.out.contains("instead of title SIMILAR TO 'a%'"), "{}", ran.out);
}

#[test]
fn invalid_indexes_and_constraints_are_reported() {
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    let app = App::new(SHOP);
    app.run(&["seal", "init"]).is(0);
    execute(url, &equivalent_tables(true));
    execute(
        url,
        "ALTER TABLE items DROP CONSTRAINT stars, DROP CONSTRAINT made_by; \
         ALTER TABLE items ADD CONSTRAINT stars CHECK (rank BETWEEN 1 AND 5) NOT VALID, \
         ADD CONSTRAINT made_by FOREIGN KEY (maker) REFERENCES makers ON DELETE CASCADE NOT VALID; \
         UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'idx_items_maker_title'::regclass",
    );
    let ran = drift(&app, url);
    let lines: Vec<&str> = ran.is(1).out.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "  table `items` has the index `idx_items_maker_title`, which is INVALID: building it failed",
            "  table `items` has the constraint `stars`, which is NOT VALID: old rows may break it",
            "  table `items` has the reference `made_by`, which is NOT VALID: old rows may break it",
        ]
    );
}

/// Creates a role that may only read. Returns its name and the address for it.
fn create_reader(url: &str) -> (String, String) {
    let name = url.rsplit('/').next().expect("a name");
    let role = format!("reader_of_{name}");
    execute(
        url,
        &format!(
            "REVOKE ALL ON DATABASE {name} FROM PUBLIC; CREATE ROLE {role} LOGIN; \
             GRANT CONNECT ON DATABASE {name} TO {role}; \
             ALTER ROLE {role} SET default_transaction_read_only = on; \
             GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
        ),
    );
    let readers = url.replace("postgres@", &format!("{role}@"));
    assert_ne!(readers, url);
    (role, readers)
}

fn drop_role(url: &str, role: &str) {
    execute(url, &format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_read_only_role_is_enough() {
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    let app = App::new(&format!("{USER}{ITEM}"));
    app.run(&["seal", "init"]).is(0);
    kontract_test_support::block_on(set_up(&app, url));
    let (role, readers) = create_reader(url);
    let ran = drift(&app, &readers);
    drop_role(url, &role);
    assert!(ran.is(0).out.contains("matches the lock file"), "{}", ran.out);
}

#[test]
fn a_read_only_file_is_enough() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    let app = App::new(&format!("{USER}{ITEM}"));
    app.run(&["seal", "init"]).is(0);
    kontract_test_support::block_on(set_up(&app, url));
    let path = std::path::Path::new(url.strip_prefix("sqlite:").expect("a file"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o444)).expect("may be changed");
    let before = fs::read(path).expect("readable");
    assert!(drift(&app, url).is(0).out.contains("matches the lock file"));
    assert_eq!(fs::read(path).expect("readable"), before);
    let beside = path.parent().expect("a directory").read_dir().expect("readable");
    let names: Vec<_> = beside.map(|entry| entry.expect("an entry").file_name()).collect();
    assert_eq!(names, [path.file_name().expect("a name")], "the command created another file");
}

#[test]
fn drift_fails_if_the_database_cannot_be_reached() {
    let app = App::new(USER);
    app.run(&["seal", "init"]).is(0);
    let ran = app.run(&["drift"]);
    assert!(ran.is(3).err.contains("error: no database is given"), "{}", ran.err);
    let ran = drift(&app, "mysql://localhost/x");
    assert!(ran.is(3).err.starts_with("error[K0411]"), "{}", ran.err);
    let ran = drift(&app, "postgres://app@127.0.0.1:1/none");
    assert!(ran.is(3).err.starts_with("error[K04"), "{}", ran.err);
}

both! {
    async fn drift_fails_if_the_source_has_errors(url: &str) {
        let app = App::new(&format!("{USER}{ITEM}"));
        app.run(&["seal", "init"]).is(0);
        set_up(&app, url).await;
        app.edit("pub title: String", "pub title: u64");
        let ran = drift(&app, url);
        assert!(ran.is(1).err.contains("`u64`"), "{}", ran.err);
        assert!(!ran.out.contains("matches"), "{}", ran.out);
        let ran = run(app.dir(), &["drift", "--json", "--database-url", url], &[]);
        assert_eq!(ran.is(1).json()["problems"].as_array().map(Vec::len), Some(1));
    }
}

/// What the server prints depends on these settings.
#[test]
fn settings_of_the_server_change_nothing() {
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    execute(
        url,
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET quote_all_identifiers = on', \
         current_database()); EXECUTE format('ALTER DATABASE %I SET \
         standard_conforming_strings = off', current_database()); END $$",
    );
    let table = "
#[derive(Table)]
#[table(layout = \"columns\", check(\"path <> 'C:\\\\' AND rank > 0\"))]
pub struct File {
    #[primkey]
    pub id: i64,
    #[index]
    #[default(\"C:\\\\temp\")]
    pub path: String,
    pub rank: i32,
}
";
    let app = App::new(&format!("{USER}{ITEM}{table}"));
    app.run(&["seal", "init"]).is(0);
    kontract_test_support::block_on(set_up(&app, url));
    let ran = drift(&app, url);
    assert_eq!(ran.is(0).out, "app: the database matches the lock file, at version 1\n");
    kontract_test_support::block_on(set_up(&app, url));
}

#[test]
fn other_objects_of_postgres_are_named_and_counted() {
    let database = kontract_test_support::postgres_database();
    let url = database.url();
    for (object, what) in [
        ("VIEW items AS SELECT 1 AS id", "view"),
        ("MATERIALIZED VIEW items AS SELECT 1 AS id", "materialized view"),
        ("SEQUENCE items", "sequence"),
        ("TYPE items AS (id INT)", "composite type"),
    ] {
        execute(url, &format!("CREATE {object}"));
        let app = App::new(super::ITEM);
        let ran = drift(&app, url);
        let expected = format!("table `items` is not a table: the database has the {what} `items`");
        assert!(ran.is(1).out.contains(&expected), "{}", ran.out);
        app.run(&["seal", "init"]).is(0);
        let connected = kontract_test_support::block_on(Base::connect(url, registry(&app)));
        let refused = format!("{:?}", connected.err().expect("it is in the way"));
        assert!(refused.contains(&expected), "{refused}");
        let kind = object.split(" items").next().expect("the kind");
        execute(url, &format!("DROP {kind} items"));
    }
    execute(
        url,
        "CREATE TABLE items (id BIGINT PRIMARY KEY, title TEXT NOT NULL);
         CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
         CREATE TRIGGER touch BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION touch();
         CREATE POLICY all_rows ON items; CREATE POLICY own_rows ON items;
         CREATE VIEW titles AS SELECT title FROM items; CREATE DOMAIN name AS text;
         CREATE TABLE \"Items\" (id SERIAL PRIMARY KEY)",
    );
    let app = App::new(super::ITEM);
    let ran = drift(&app, url);
    let last = ran.is(0).out.lines().last();
    assert_eq!(last, Some("not compared: 1 domain, 2 functions, 2 policies, 1 trigger, 1 view"));
    execute(url, "DROP TABLE items CASCADE");
    let expected = "table `items` does not exist; the database has the table `Items`, whose name \
                    differs in case";
    let ran = drift(&app, url);
    assert!(ran.is(1).out.contains(expected), "{}", ran.out);
}

/// Names of tables that other objects have: what they are, and whose.
#[test]
fn objects_with_the_name_of_a_table_are_named() {
    for (statements, what) in [
        (
            "CREATE TABLE other (n INT); CREATE INDEX items ON other (n)",
            "index `items` of table `other`",
        ),
        (
            "CREATE TABLE other (n INT, CONSTRAINT items PRIMARY KEY (n))",
            "index `items` of table `other`",
        ),
        (
            "CREATE TABLE other (n INT, CONSTRAINT items EXCLUDE (n WITH =))",
            "index `items` of table `other`",
        ),
        (
            "CREATE TABLE other (n SERIAL); ALTER SEQUENCE other_n_seq RENAME TO items",
            "sequence `items` of table `other`",
        ),
        (
            "CREATE TABLE other (n INT GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME items))",
            "sequence `items` of table `other`",
        ),
        (
            "CREATE TABLE other (n INT) PARTITION BY LIST (n); CREATE TABLE items PARTITION OF other DEFAULT",
            "partition `items` of table `other`",
        ),
        (
            "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;
             CREATE FOREIGN TABLE items (n INT) SERVER s",
            "foreign table `items`",
        ),
        ("CREATE TYPE items AS ENUM ('a')", "enum type `items`"),
        ("CREATE TYPE items AS RANGE (SUBTYPE = int4)", "range type `items`"),
        ("CREATE DOMAIN items AS INT", "domain `items`"),
    ] {
        let database = kontract_test_support::postgres_database();
        let url = database.url();
        execute(url, statements);
        let app = App::new(super::ITEM);
        let expected = format!("table `items` is not a table: the database has the {what}");
        let ran = drift(&app, url);
        assert!(ran.is(1).out.contains(&expected), "{statements}\n{}", ran.out);
        app.run(&["seal", "init"]).is(0);
        let ran = run(app.dir(), &["migrate", "up"], &[("DATABASE_URL", url)]);
        assert!(ran.is(1).err.contains(&expected), "{statements}\n{}", ran.err);
    }
}

/// The same for an index, also after the first migration and within its transaction.
#[test]
fn objects_with_the_name_of_an_index_are_named() {
    for (statements, what) in [
        (
            "CREATE TABLE other (n INT); CREATE INDEX by_title ON other (n)",
            "index `by_title` of table `other`",
        ),
        ("CREATE TABLE by_title (n INT)", "table `by_title`"),
        ("CREATE VIEW by_title AS SELECT 1 AS n", "view `by_title`"),
        ("CREATE SEQUENCE by_title", "sequence `by_title`"),
        (
            "CREATE TABLE other (n INT, CONSTRAINT by_title PRIMARY KEY (n))",
            "index `by_title` of table `other`",
        ),
    ] {
        let database = kontract_test_support::postgres_database();
        let url = database.url();
        let up = |app: &App| run(app.dir(), &["migrate", "up"], &[("DATABASE_URL", url)]);
        let indexed = super::ITEM.replace("pub title", "#[index(name = \"by_title\")]\n pub title");
        let app = App::new(super::ITEM);
        app.run(&["seal", "init"]).is(0);
        up(&app).is(0);
        execute(url, statements);
        app.write("src/lib.rs", &indexed);
        app.run(&["seal", "index"]).is(0);
        let ran = up(&app);
        let expected =
            format!("`items` cannot have the index `by_title`: the database has the {what}");
        assert!(ran.is(1).err.contains(&expected), "{statements}\n{}", ran.err);

        let database = kontract_test_support::postgres_database();
        let url = database.url();
        execute(url, statements);
        let app = App::new(&indexed);
        app.run(&["seal", "init"]).is(0);
        let ran = run(app.dir(), &["migrate", "up"], &[("DATABASE_URL", url)]);
        let expected =
            format!("table `items` has no index `by_title`: the database has the {what}");
        assert!(ran.is(1).err.contains(&expected), "{statements}\n{}", ran.err);
    }
}

#[test]
fn other_objects_of_sqlite_are_named_and_counted() {
    for (object, expected) in [
        ("VIEW items AS SELECT 1 AS id", "is not a table: the database has the view `items`"),
        ("VIEW Items AS SELECT 1 AS id", "is not a table: the database has the view `Items`"),
        (
            "TABLE Items (id BIGINT PRIMARY KEY)",
            "is the table `Items` in the database, which takes both names for one: write `ptr = \"Items\"` in `#[table(…)]`",
        ),
        (
            "VIRTUAL TABLE items USING fts5(title)",
            "is not a table: the database has the virtual table `items`",
        ),
    ] {
        let database = kontract_test_support::sqlite_database();
        let url = database.url();
        execute(url, &format!("CREATE {object}"));
        let app = App::new(super::ITEM);
        let ran = drift(&app, url);
        assert!(ran.is(1).out.contains(&format!("table `items` {expected}")), "{}", ran.out);
        app.run(&["seal", "init"]).is(0);
        let connected = kontract_test_support::block_on(Base::connect(url, registry(&app)));
        let refused = format!("{:?}", connected.err().expect("it is in the way"));
        assert!(refused.contains(expected), "{refused}");
    }
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    execute(
        url,
        "CREATE TABLE items (id BIGINT PRIMARY KEY NOT NULL, title TEXT NOT NULL);
         CREATE VIRTUAL TABLE words USING fts5(title); CREATE VIEW titles AS SELECT title FROM items;
         CREATE TRIGGER touch AFTER INSERT ON items BEGIN SELECT 1; END",
    );
    let ran = drift(&App::new(super::ITEM), url);
    let lines: Vec<&str> = ran.is(0).out.lines().collect();
    assert_eq!(
        lines[1..],
        [
            "not managed by this package:",
            "  trigger `touch` of table `items`",
            "  view `titles`",
            "  virtual table `words`",
            "not compared: 1 trigger, 1 view, 1 virtual table"
        ]
    );
}
