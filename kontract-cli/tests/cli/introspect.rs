//! `kontract introspect` on databases that other tools created: the structs compile, and match the
//! database.

use kontract_runtime::Base;
use kontract_test_support::{Database, block_on, execute, postgres_database, sqlite_database};

use super::sql::registry;
use super::{App, Ran, run};

/// Tables with everything that structs can express.
const POSTGRES: &str = "
CREATE TABLE companies (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    name VARCHAR(80) NOT NULL UNIQUE,
    type TEXT NOT NULL DEFAULT 'small' CHECK (type IN ('small', 'very-large')),
    founded DATE,
    created_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    local TIMESTAMP(3),
    opens TIME NOT NULL,
    tags TEXT[] NOT NULL DEFAULT '{}',
    scores INT[],
    settings JSONB NOT NULL DEFAULT '{}'::jsonb,
    logo BYTEA,
    \"userId\" BIGINT
);
CREATE TABLE \"user accounts\" (
    id SERIAL PRIMARY KEY,
    company UUID NOT NULL REFERENCES companies ON DELETE CASCADE ON UPDATE RESTRICT,
    company_name VARCHAR(80) REFERENCES companies (name) ON DELETE SET NULL,
    email TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'active' CHECK (status = ANY (ARRAY['active', 'locked', 'gone'])),
    level VARCHAR(9) NOT NULL DEFAULT 'low' CHECK (level IN ('low', 'high')),
    age SMALLINT CONSTRAINT adult CHECK (age >= 18),
    balance NUMERIC(12, 2) NOT NULL DEFAULT 0,
    rate DOUBLE PRECISION NOT NULL DEFAULT 1.5,
    single REAL,
    ratio NUMERIC,
    active BOOLEAN NOT NULL DEFAULT true,
    big BIGINT NOT NULL DEFAULT -9223372036854775808,
    self TEXT,
    \"2fa\" TEXT,
    manager INT REFERENCES \"user accounts\",
    address INET,
    CONSTRAINT \"email has a name\" CHECK (email LIKE '%@%' AND length(email) < 100),
    CHECK (age IS NULL OR balance >= 0)
);
CREATE UNIQUE INDEX by_email ON \"user accounts\" (email);
CREATE INDEX by_status ON \"user accounts\" (status);
CREATE INDEX by_status_and_age ON \"user accounts\" (status, age);
CREATE INDEX newest ON \"user accounts\" (id DESC);
CREATE INDEX lower_email ON \"user accounts\" (lower(email));
CREATE INDEX tags_of ON companies USING gin (tags);
CREATE UNIQUE INDEX one_active ON \"user accounts\" (company) WHERE active;
CREATE TABLE memberships (
    account INT REFERENCES \"user accounts\" ON DELETE CASCADE,
    grp BIGINT NOT NULL,
    since DATE NOT NULL DEFAULT CURRENT_DATE,
    PRIMARY KEY (grp, account)
);
CREATE TABLE notes (
    account INT, grp BIGINT, n SMALLINT PRIMARY KEY, text CHARACTER(3) NOT NULL,
    FOREIGN KEY (grp, account) REFERENCES memberships
);
CREATE TABLE planets (id BIGINT NOT NULL PRIMARY KEY);
CREATE TABLE log (line TEXT);
CREATE TABLE _sqlx_migrations (version BIGINT PRIMARY KEY, description TEXT NOT NULL);
CREATE VIEW everybody AS SELECT id FROM \"user accounts\";
";

const SQLITE: &str = "
CREATE TABLE companies (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(80) NOT NULL UNIQUE,
    type TEXT NOT NULL DEFAULT 'small' CHECK (type IN ('small', 'very-large')),
    founded DATE,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP,
    rate REAL NOT NULL DEFAULT 1.5,
    active BOOLEAN NOT NULL DEFAULT 1,
    open BOOLEAN NOT NULL DEFAULT FALSE,
    logo BLOB,
    price DECIMAL(10, 2),
    \"userId\" INT
);
CREATE TABLE \"user accounts\" (
    id TEXT PRIMARY KEY,
    company INTEGER NOT NULL REFERENCES companies ON DELETE CASCADE,
    email TEXT NOT NULL COLLATE NOCASE,
    status TEXT NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'locked', 'gone')),
    age SMALLINT CONSTRAINT adult CHECK (age >= 18),
    self TEXT,
    \"2fa\" TEXT,
    manager TEXT REFERENCES \"user accounts\" (id) ON DELETE SET NULL,
    twice INTEGER GENERATED ALWAYS AS (age * 2) VIRTUAL,
    UNIQUE (company, email),
    CHECK (age IS NULL OR length(email) > 3)
);
CREATE UNIQUE INDEX by_email ON \"user accounts\" (email);
CREATE INDEX by_status ON \"user accounts\" (status);
CREATE INDEX by_status_and_age ON \"user accounts\" (status, age);
CREATE INDEX newest ON \"user accounts\" (age DESC);
CREATE INDEX lower_email ON \"user accounts\" (lower(email));
CREATE TABLE memberships (
    account TEXT NOT NULL REFERENCES \"user accounts\",
    grp BIGINT NOT NULL,
    PRIMARY KEY (grp, account)
) WITHOUT ROWID;
CREATE TABLE Letters (
    letterId INTEGER PRIMARY KEY,
    groupId BIGINT NOT NULL REFERENCES MEMBERSHIPS2 (MEMBERID) CHECK (groupid > 0),
    kindOf TEXT NOT NULL CHECK (kindOf IN ('big', 'small'))
);
CREATE TABLE memberships2 (memberId INTEGER PRIMARY KEY);
CREATE INDEX byGroup ON letters (groupid);
CREATE TABLE planets (id BIGINT NOT NULL PRIMARY KEY);
CREATE TABLE log (line TEXT);
CREATE TABLE schema_migrations (version TEXT PRIMARY KEY);
CREATE VIEW everybody AS SELECT id FROM \"user accounts\";
";

fn existing_database(postgres: bool) -> Database {
    let database = if postgres { postgres_database() } else { sqlite_database() };
    execute(database.url(), if postgres { POSTGRES } else { SQLITE });
    database
}

fn introspect(app: &App, url: &str, more: &[&str]) -> Ran {
    let arguments = [&["introspect", "--database-url", url], more].concat();
    run(app.dir(), &arguments, &[])
}

/// Checks that the structs match the database, and that a program adopts its tables.
fn check_round_trip(postgres: bool) {
    let database = existing_database(postgres);
    let app = App::new("mod tables;\n");
    let ran = introspect(&app, database.url(), &["--out", "src/tables.rs"]);
    assert!(!ran.is(0).err.contains("the structs differ"), "{}", ran.err);
    let text = app.read("src/tables.rs");
    assert_eq!(text, introspect(&app, database.url(), &[]).is(0).out, "the same bytes every time");
    let formatted = std::process::Command::new("rustfmt")
        .args(["--check", "--edition", "2024", "src/tables.rs"])
        .current_dir(app.dir())
        .output()
        .expect("rustfmt runs");
    assert!(formatted.status.success(), "{}", String::from_utf8_lossy(&formatted.stdout));
    let drift = |app: &App| run(app.dir(), &["drift"], &[("DATABASE_URL", database.url())]);
    let ran = drift(&app);
    assert_eq!(ran.status, 0, "{}\n{}\n{text}", ran.out, ran.err);
    app.run(&["seal", "init"]).is(0);
    let connected = block_on(async { Base::connect(database.url(), registry(&app)).await });
    block_on(connected.unwrap_or_else(|error| panic!("{error}\n{text}")).close());
    let ran = drift(&app);
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{}\n{text}", ran.out);
    execute(database.url(), "INSERT INTO log VALUES ('still there')");
}

#[test]
fn the_structs_match_the_database_on_sqlite() {
    check_round_trip(false);
}

#[test]
fn the_structs_match_the_database_on_postgres() {
    check_round_trip(true);
}

/// A real build, with the derives, accepts the structs.
#[test]
fn the_structs_compile() {
    let app = kontract_e2e::App::new("introspected", env!("CARGO_TARGET_TMPDIR"), "mod tables;\n");
    app.edit("Cargo.toml", "kontract = { ", "kontract = { features = [\"decimal\", \"jiff\"], ");
    let serde = "serde = \"1\"\n";
    let jiff = "jiff = { version = \"0.2\", default-features = false, features = [\"std\"] }\n";
    app.edit("Cargo.toml", serde, &format!("{serde}{jiff}"));
    for postgres in [true, false] {
        let database = existing_database(postgres);
        let arguments = ["introspect", "--database-url", database.url()];
        app.write("src/tables.rs", &run(app.dir(), &arguments, &[]).is(0).out);
        let built = app.check().passes();
        assert_eq!(built.errors(), 0, "{}", built.text);
        let url = [("DATABASE_URL", database.url())];
        assert_eq!(
            run(app.dir(), &["drift"], &url).is(0).out.lines().next(),
            Some("app: the database matches the lock file, at version 0")
        );
        std::fs::remove_file(app.dir().join("kontract.lock.json")).expect("the build wrote it");
    }
}

#[test]
fn an_exclusion_constraint_is_not_an_index() {
    let database = postgres_database();
    let bookings = "CREATE TABLE bookings (id BIGINT PRIMARY KEY, during TSRANGE NOT NULL, \
                    CONSTRAINT apart EXCLUDE USING gist (during WITH &&))";
    execute(database.url(), bookings);
    let app = App::new("mod tables;\n");
    introspect(&app, database.url(), &["--out", "src/tables.rs"]).is(0);
    let text = app.read("src/tables.rs");
    assert!(
        text.contains("pub during: kontract::value::Range<") && !text.contains("index("),
        "{text}"
    );
    let ran = run(app.dir(), &["drift"], &[("DATABASE_URL", database.url())]);
    let expected = "exclusion constraint `apart` of table `bookings`";
    assert!(ran.is(0).out.contains(expected), "{}", ran.out);
}

#[test]
fn selected_tables_and_an_existing_file() {
    let database = existing_database(false);
    let app = App::new("");
    let ran = introspect(&app, database.url(), &["--table", "memberships", "--json"]);
    let json = ran.is(0).json();
    assert_eq!(json["tables"], 1);
    assert_eq!(json["differences"], serde_json::json!([]));
    let expected = "reference from (account) to `user accounts`: the table is not taken over";
    assert_eq!(json["left_out"][0]["message"], expected);
    let ran = introspect(&app, database.url(), &["--table", "nothing"]);
    assert!(ran.is(3).err.starts_with("error: the database has no table `nothing`"), "{}", ran.err);
    app.write("src/tables.rs", "// mine\n");
    let ran = introspect(&app, database.url(), &["--out", "src/tables.rs"]);
    assert!(ran.is(3).err.contains("src/tables.rs already exists"), "{}", ran.err);
    assert_eq!(app.read("src/tables.rs"), "// mine\n");
}

/// Checks that a second run leaves the file alone, and shows what the database has changed since.
fn check_second_run(postgres: bool) {
    let database = existing_database(postgres);
    let app = App::new("mod tables;\n");
    introspect(&app, database.url(), &["--out", "src/tables.rs"]).is(0);
    let before = app.read("src/tables.rs");
    let ran = introspect(&app, database.url(), &["--out", "src/tables.rs"]);
    assert_eq!(ran.is(0).out, "the database matches the structs\n");
    execute(
        database.url(),
        "CREATE TABLE colors (id BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, company_name VARCHAR(80)
             REFERENCES companies (name));
         ALTER TABLE companies ADD COLUMN motto TEXT;
         DROP TABLE planets; DROP INDEX by_status",
    );
    let ran = introspect(&app, database.url(), &["--out", "src/tables.rs"]);
    let expected = "\
// new: table `colors`
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = \"columns\")]
pub struct Color {
    #[primkey]
    pub id: i64,
    pub name: String,
    #[references(Company, field = \"name\"";
    assert!(ran.is(1).out.starts_with(expected), "{}", ran.out);
    let expected = "\
// new: column `motto` of table `companies`
    pub motto: Option<String>,
// different: table `planets` does not exist
// different: table `user accounts` has no index `by_status`\n";
    assert!(ran.out.ends_with(expected), "{}", ran.out);
    assert_eq!(app.read("src/tables.rs"), before);
    let ran = introspect(
        &app,
        database.url(),
        &["--out", "src/tables.rs", "--json", "--table", "colors"],
    );
    let json = ran.is(1).json();
    assert_eq!(json["new"][0]["what"], "table `colors`");
    assert_eq!(json["differences"], serde_json::json!([]));
}

#[test]
fn a_second_run_shows_changes_on_postgres() {
    check_second_run(true);
}

#[test]
fn a_second_run_shows_changes_on_sqlite() {
    check_second_run(false);
}

/// Extensions, functions and types come in as the first migration, comments as documentation.
#[test]
fn what_tables_need_and_comments_come_in() {
    let tables = "
        CREATE EXTENSION citext;
        CREATE FUNCTION is_short(text) RETURNS boolean IMMUTABLE RETURN length($1) < 9;
        CREATE DOMAIN short AS text CHECK (is_short(VALUE));
        CREATE FUNCTION unused() RETURNS int LANGUAGE sql AS 'SELECT 1';
        CREATE TABLE notes (id BIGINT PRIMARY KEY, title short NOT NULL, email citext);
        COMMENT ON TABLE notes IS E'What is noted.\\n\\nIt''s \"short\".';
        COMMENT ON COLUMN notes.title IS 'The title. ';";
    let database = postgres_database();
    execute(database.url(), tables);
    let app = App::new("mod tables;\n");
    let ran = introspect(&app, database.url(), &[]);
    let expected = "note: an empty database needs this before the tables: extension `citext`, \
                    function `is_short(text)`, type `short`\n";
    assert!(ran.is(0).err.contains(expected), "{}", ran.err);
    assert!(!app.dir().join("migrations").exists());
    let ran = introspect(&app, database.url(), &["--out", "src/tables.rs"]);
    let expected = "wrote migrations/0001_init.sql, which creates what the tables need: \
                    extension `citext`, function `is_short(text)`, type `short`\n";
    assert!(ran.is(0).out.contains(expected), "{}", ran.out);
    let text = app.read("migrations/0001_init.sql");
    assert!(text.contains("\n-- kontract: before\n") && !text.contains("unused"), "{text}");
    let expected = "\
/// What is noted.
///
/// It's \"short\".
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = \"columns\", comments)]
pub struct Note {
    #[primkey]
    pub id: i64,
    /// The title.
    #[column(sql_type = \"short\")]
    pub title: String,
    #[column(sql_type = \"citext\")]
    pub email: Option<String>,
}
";
    assert!(app.read("src/tables.rs").ends_with(expected), "{}", app.read("src/tables.rs"));
    app.run(&["seal", "init"]).is(0);
    let empty = postgres_database();
    for url in [database.url(), empty.url()] {
        run(app.dir(), &["migrate", "up", "--database-url", url], &[]).is(0);
        let ran = run(app.dir(), &["drift", "--database-url", url], &[]);
        assert!(ran.is(0).out.starts_with("app: the database matches"), "{}", ran.out);
    }
    let comment = "DO $$ BEGIN ASSERT obj_description('notes'::regclass) = E'What is noted.\\n\\nIt''s \"short\".'; END $$";
    execute(empty.url(), comment);
    execute(empty.url(), "COMMENT ON COLUMN notes.email IS 'Of the user.'");
    let ran = run(app.dir(), &["drift", "--database-url", empty.url()], &[]);
    let expected = "  comment of the column `email` of table `notes`\n";
    assert!(ran.is(0).out.contains(expected), "{}", ran.out);
    // A package that has migrations gets no other one.
    app.write("src/tables.rs", "// none\n");
    std::fs::remove_file(app.dir().join("src/tables.rs")).expect("it was written");
    let ran = introspect(&app, database.url(), &["--out", "src/tables.rs"]);
    assert!(ran.is(0).err.contains("note: an empty database needs this"), "{}", ran.err);
}

#[test]
fn rules_of_references_that_structs_cannot_express() {
    let database = postgres_database();
    execute(
        database.url(),
        "CREATE TABLE a (x INT, y INT, PRIMARY KEY (x, y));
         CREATE TABLE b (id INT PRIMARY KEY, x INT, y INT, z INT, one INT REFERENCES b MATCH FULL,
             FOREIGN KEY (x, y) REFERENCES a MATCH FULL,
             FOREIGN KEY (x, z) REFERENCES a ON DELETE SET NULL (z))",
    );
    let app = App::new("mod tables;\n");
    let ran = introspect(&app, database.url(), &["--out", "src/tables.rs"]);
    for expected in [
        "reference from (x, y) to `a`: structs cannot express MATCH FULL",
        "reference from (x, z) to `a`: structs cannot express ON DELETE SET NULL (z)",
    ] {
        assert!(ran.is(0).err.contains(expected), "{}", ran.err);
    }
    assert!(app.read("src/tables.rs").contains("references(B)"), "one column has no such rule");
}
