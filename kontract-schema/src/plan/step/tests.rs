//! Facts of statements that were written by hand.

use super::*;
use crate::dialect::Dialect;

fn alone(sql: &str) -> Step {
    Step::read(Dialect::Postgres, Mode::Alone, sql)
}

#[test]
fn indexes_that_are_built_meanwhile() {
    let sql = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS \"my \"\"key\" ON app.\"Users\" USING btree (lower(email), \"a,b\" DESC) INCLUDE (id) WHERE deleted IS NULL";
    let index = alone(sql).index.expect("an index");
    assert_eq!((index.name.as_str(), index.table.as_str()), ("my \"key", "app.\"Users\""));
    assert!(index.unique);
    assert_eq!(
        index.duplicates(),
        "SELECT lower(email), \"a,b\", count(*) FROM app.\"Users\" WHERE deleted IS NULL \
         GROUP BY lower(email), \"a,b\" HAVING count(*) > 1 AND num_nulls(lower(email), \"a,b\") = 0"
    );
    let sql = "create index concurrently Posts_Title on only posts(title) nulls not distinct";
    let index = alone(sql).index.expect("an index");
    assert_eq!((index.name.as_str(), index.table.as_str()), ("posts_title", "posts"));
    assert_eq!(
        index.duplicates(),
        "SELECT title, count(*) FROM posts GROUP BY title HAVING count(*) > 1"
    );
    let nameless = alone("CREATE INDEX CONCURRENTLY ON posts (title)");
    assert!(nameless.index.is_none() && nameless.is_unclear_if_interrupted());
}

#[test]
fn statements_that_can_be_run_again() {
    let again = |sql: &str| alone(sql).sql_again();
    assert_eq!(again("DROP INDEX CONCURRENTLY a"), "DROP INDEX CONCURRENTLY IF EXISTS a");
    let sql = "DROP INDEX /* x */ CONCURRENTLY IF EXISTS a";
    assert_eq!(again(sql), sql);
    let commented = "drop index /* x */ Concurrently a";
    assert_eq!(again(commented), "drop index /* x */ Concurrently IF EXISTS a");
    for (sql, transactional) in [
        ("VACUUM", false),
        ("analyze posts", true),
        ("ALTER TABLE a.b VALIDATE CONSTRAINT \"c\"", true),
    ] {
        let step = alone(sql);
        assert!(step.repeatable && !step.is_unclear_if_interrupted(), "{sql}");
        assert_eq!(step.transactional, transactional, "{sql}");
    }
    for sql in ["ALTER TABLE a VALIDATE CONSTRAINT b, ADD COLUMN c INT", "CALL p()"] {
        assert!(alone(sql).is_unclear_if_interrupted(), "{sql}");
    }
}

#[test]
fn statements_for_a_transaction() {
    for (sql, inside) in [
        (
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS a ON b (c)",
            "CREATE INDEX IF NOT EXISTS a ON b (c)",
        ),
        ("DROP INDEX CONCURRENTLY IF EXISTS a", "DROP INDEX IF EXISTS a"),
        ("CREATE UNIQUE INDEX CONCURRENTLY a ON b (c)", "CREATE UNIQUE INDEX a ON b (c)"),
        ("create  index -- x\nconcurrently a ON b (c)", "create  index -- x\na ON b (c)"),
        ("ALTER TABLE a VALIDATE CONSTRAINT b", "ALTER TABLE a VALIDATE CONSTRAINT b"),
    ] {
        assert_eq!(alone(sql).sql_in_transaction(), inside);
    }
}

#[test]
fn tables_that_are_created_and_renamed() {
    for (sql, name) in [
        ("CREATE TABLE IF NOT EXISTS \"My \"\"posts\" (\n  id BIGINT\n)", Some("My \"posts")),
        ("create unlogged table app.Posts (id BIGINT)", Some("app/posts")),
        ("CREATE TABLE public.posts (id BIGINT)", Some("posts")),
        ("CREATE TABLE pg_temp.posts (id BIGINT)", None),
        ("CREATE TEMP TABLE posts (id BIGINT)", None),
        ("CREATE INDEX posts_title ON posts (title)", None),
        ("INSERT INTO a VALUES ('CREATE TABLE b')", None),
    ] {
        let step = Step::read_text(Dialect::Postgres, sql);
        assert_eq!(step.creates.first().map(String::as_str), name, "{sql}");
    }
    for (sql, from, to) in [
        ("ALTER TABLE audit.a RENAME TO b", "audit/a", "audit/b"),
        ("ALTER TABLE a SET SCHEMA audit", "a", "audit/a"),
        ("ALTER TABLE audit.a SET SCHEMA public", "audit/a", "a"),
    ] {
        let step = Step::read_text(Dialect::Postgres, sql);
        assert_eq!(step.renames, [Rename { from: from.into(), to: to.into() }]);
    }
    let step = Step::read_text(Dialect::Postgres, "DROP TABLE IF EXISTS audit.a, b");
    assert_eq!(step.drops, ["audit/a", "b"]);
    let step = Step::read_text(Dialect::Sqlite, "CREATE TABLE main.a (id INTEGER)");
    assert_eq!(step.creates, ["a"]);
    let step = Step::read_text(Dialect::Sqlite, "ALTER TABLE [My posts] RENAME TO articles");
    assert_eq!(step.renames, [Rename { from: "My posts".into(), to: "articles".into() }]);
    let step = Step::read_text(Dialect::Sqlite, "ALTER TABLE posts RENAME COLUMN title TO name");
    assert_eq!((step.renames.len(), step.drops_columns), (0, vec!["title".to_owned()]));
}

#[test]
fn objects_that_need_the_right_to_create() {
    for (sql, creates) in [
        ("CREATE TABLE a (b INT)", true),
        ("CREATE TEMPORARY TABLE a (b INT)", false),
        ("CREATE INDEX ON a (b)", true),
        ("CREATE INDEX a ON b (c)", true),
        ("CREATE OR REPLACE FUNCTION f() RETURNS INT LANGUAGE sql AS 'SELECT 1'", true),
        ("CREATE TRIGGER a BEFORE INSERT ON b EXECUTE FUNCTION f()", true),
        ("ALTER TABLE a RENAME TO b", true),
        ("DROP VIEW a", false),
        ("ALTER TABLE a ADD COLUMN b INT", false),
        ("INSERT INTO a VALUES ('CREATE TABLE b')", false),
    ] {
        assert_eq!(Step::read_text(Dialect::Postgres, sql).creates_objects(), creates, "{sql}");
    }
    let step = Step::read_text(Dialect::Postgres, "DROP TRIGGER IF EXISTS a ON b");
    assert!(step.named_objects().eq(["a"]) && step.objects.is_empty());
}

#[test]
fn columns_that_a_rebuild_drops() {
    let texts = [
        "CREATE TABLE t (\n  id TEXT PRIMARY KEY,\n  a TEXT,\n  b TEXT,\n  CONSTRAINT c CHECK (a <> ',')\n) STRICT",
        "ALTER TABLE t ADD COLUMN d TEXT",
        "CREATE TABLE _kontract_new_t (\n  id TEXT PRIMARY KEY,\n  b TEXT\n) STRICT",
        "INSERT INTO _kontract_new_t (id, b) SELECT id, coalesce(b, theirs) FROM t",
        "DROP TABLE t",
        "ALTER TABLE _kontract_new_t RENAME TO t",
    ];
    for (by_hand, gone) in [(false, vec!["a", "d"]), (true, vec!["a", "d", "theirs"])] {
        let mut steps = Step::read_texts(Dialect::Sqlite, texts);
        KnownTables::default().follow(Dialect::Sqlite, &mut steps, by_hand);
        assert_eq!(steps[4].rebuilds.as_deref(), Some("t"));
        assert_eq!(steps[4].drops_columns, gone);
    }
}

#[test]
fn texts_come_back() {
    let call = "-- kontract: rust\nSELECT 1;\n-- kontract: repeat\nUPDATE a SET b = ';'";
    for text in [
        "A",
        "-- kontract: no-transaction\nVACUUM",
        "-- kontract: what\nC",
        "-- kontract: rusty\nSELECT 1",
        "-- kontract: rust",
        call,
        "-- kontract: rust\nSELECT 1;;\nSELECT 2",
    ] {
        for dialect in Dialect::ALL {
            assert_eq!(Step::read_text(dialect, text).to_text(), text);
        }
    }
    let steps = Step::read_text(Dialect::Sqlite, call).rust.expect("a call of Rust");
    assert_eq!(
        steps.iter().map(|step| step.run).collect::<Vec<_>>(),
        [Mode::Together, Mode::Repeat]
    );
}
