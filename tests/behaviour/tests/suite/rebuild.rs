//! Rebuilds of SQLite tables: what they keep, and when they are refused.

use kontract::__private::Base;
use kontract::storage::Registry;

use kontract_schema::lock::{LockFile, Step};

use super::run_modes::expect;
use super::start::{Program, by_hand, code};

/// A rebuild drops a table that others reference, and keeps their rows.
#[test]
fn a_rebuild_keeps_referencing_rows() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    let tables = "CREATE TABLE parent (id INTEGER PRIMARY KEY); \
                  CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent ON DELETE CASCADE); \
                  INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1)";
    let rebuild = |select: &str| {
        let sql = format!(
            "CREATE TABLE new (id INTEGER PRIMARY KEY, name TEXT); \
             INSERT INTO new (id) {select}; DROP TABLE parent; ALTER TABLE new RENAME TO parent"
        );
        let mut program = Program::new(&[tables, &sql]);
        let last = program.lock.migrations.pop().unwrap();
        let mut last = last;
        last.sql.sqlite.rebuild = true;
        program.lock.migrations.push(last.hashed());
        program
    };
    kontract_test_support::block_on(async {
        Program::new(&[tables]).start(url).await.unwrap();
        let (code, error) = code(rebuild("SELECT id FROM parent WHERE id > 1").start(url).await);
        assert_eq!(code, "K0428", "{error}");
        let text = format!("{error:?}");
        assert!(
            text.contains(
                "migration 2 `step`: rows of table `child` would refer to missing rows of `parent`"
            ),
            "{text}"
        );
        rebuild("SELECT id FROM parent").start(url).await.unwrap().close().await;
        // The row is kept, and its foreign key is checked again.
        by_hand(url, "UPDATE child SET id = 2 WHERE id = 1").await;
        let left = Program::new(&["INSERT INTO child SELECT 3, 99 FROM child WHERE id = 2"]);
        let registry = left.registry();
        let registry: &'static Registry =
            Box::leak(Box::new(Registry { package: "orphan", ..*registry }));
        assert!(
            Base::connect(url, registry).await.is_err(),
            "foreign keys are on again, and the row exists"
        );
    });
}

/// A rebuild drops triggers and indexes that were created by hand and creates them again; a view on the
/// table is kept.
#[test]
fn a_rebuild_keeps_unmanaged_objects() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    let tables = "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE log (id INTEGER); \
                  CREATE INDEX ours ON parent (name)";
    let rebuild = |columns: &str| {
        let sql = format!(
            "CREATE TABLE new ({columns}); INSERT INTO new (id) SELECT id FROM parent; \
             DROP TABLE parent; ALTER TABLE new RENAME TO parent"
        );
        let mut program = Program::new(&[tables, &sql]);
        let mut last = program.lock.migrations.pop().unwrap();
        last.sql.sqlite.rebuild = true;
        program.lock.migrations.push(last.hashed());
        program
    };
    let objects = "SELECT count(*) FROM sqlite_schema WHERE name IN ('theirs', 'logs', 'names', 'ours', 'z_some')";
    kontract_test_support::block_on(async {
        Program::new(&[tables]).start(url).await.unwrap();
        by_hand(
            url,
            "CREATE INDEX theirs ON parent (name); CREATE UNIQUE INDEX z_some ON parent (lower(name)) WHERE id > 5; CREATE VIEW names AS SELECT name FROM parent; \
             CREATE TRIGGER logs AFTER INSERT ON parent BEGIN INSERT INTO log VALUES (new.id); END; \
             INSERT INTO parent VALUES (1, 'a')",
        )
        .await;
        let (code, error) = code(rebuild("id INTEGER PRIMARY KEY, label TEXT").start(url).await);
        assert_eq!(code, "K0425", "{error}");
        assert!(format!("{error:?}").contains("`theirs` on table `parent`"), "{error}");
        by_hand(url, "ALTER TABLE parent ADD COLUMN note TEXT").await;
        let with_note = rebuild("id INTEGER PRIMARY KEY, name TEXT, more TEXT");
        let error = with_note.start(url).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Some("K0433"), "{error}");
        assert!(format!("{error:?}").contains("column `note`"), "{error}");
        by_hand(url, "UPDATE parent SET note = 1 / count FROM (SELECT count(*) AS count FROM parent); ALTER TABLE parent DROP COLUMN note").await;
        rebuild("id INTEGER PRIMARY KEY, name TEXT, more TEXT").start(url).await.unwrap();
        // All but one: the history lists this one.
        by_hand(url, &format!("CREATE TABLE t AS SELECT 1 / (({objects}) = 4) AS x; CREATE TABLE u (x INTEGER NOT NULL); INSERT INTO u SELECT x FROM t")).await;
        by_hand(url, "INSERT INTO parent (id) VALUES (2); INSERT INTO u SELECT 1 / count(*) FROM log WHERE id = 2; INSERT INTO u SELECT 1 / count(*) FROM names").await;
    });
}

/// The references of other tables follow a table that is rebuilt and renamed.
#[test]
fn a_rebuild_with_another_name_keeps_references() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    let tables = "CREATE TABLE parent (id INTEGER PRIMARY KEY); \
                  CREATE TABLE \"a child\" (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id)); \
                  INSERT INTO parent VALUES (1); INSERT INTO \"a child\" VALUES (1, 1)";
    let mut program = Program::new(&[tables, "DROP TABLE nothing"]);
    let mut last = program.lock.migrations.pop().unwrap();
    last.sql.sqlite.rebuild = true;
    last.sql.sqlite.up = [
        "CREATE TABLE _kontract_new_parent (id INTEGER PRIMARY KEY, name TEXT)",
        "INSERT INTO _kontract_new_parent (id) SELECT id FROM parent",
        "DROP TABLE parent",
        "ALTER TABLE _kontract_new_parent RENAME TO parent",
        "ALTER TABLE parent RENAME TO elder",
    ]
    .map(Step::new)
    .into();
    program.lock.migrations.push(last.hashed());
    kontract_test_support::block_on(async {
        Program::new(&[tables]).start(url).await.unwrap();
        program.start(url).await.unwrap();
        let elders =
            "SELECT count(*) FROM pragma_foreign_key_list('a child') WHERE \"table\" = 'elder'";
        by_hand(url, &format!("CREATE TABLE t AS SELECT 1 / ({elders}) AS x; CREATE TABLE u (x INTEGER NOT NULL); INSERT INTO u SELECT x FROM t")).await;
    });
}

/// A rebuild would lose a generated column or the counter of AUTOINCREMENT, so it is refused.
#[test]
fn a_rebuild_is_refused_if_it_would_lose_something() {
    let rebuild = |old: &str, new: &str, is_manual: bool| {
        let sql = format!(
            "CREATE TABLE new ({new}); INSERT INTO new (id, name) SELECT id, name FROM parent; \
             DROP TABLE parent; ALTER TABLE new RENAME TO parent"
        );
        let tables = format!("CREATE TABLE parent ({old}); INSERT INTO parent (name) VALUES ('a')");
        let mut program = Program::new(&[&tables, &sql]);
        let mut last = program.lock.migrations.pop().unwrap();
        last.sql.sqlite.rebuild = true;
        last.manual = is_manual.then_some(last.manual).flatten();
        program.lock.migrations.push(last.hashed());
        program
    };
    let plain = "id INTEGER PRIMARY KEY, name TEXT";
    let counting = "id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT";
    let (more, counting_more) = (format!("{plain}, more TEXT"), format!("{counting}, more TEXT"));
    let text = "id INTEGER PRIMARY KEY, name TEXT DEFAULT 'no autoincrementing'";
    for (old, new, is_manual, named) in [
        (plain, &*more, false, Some("column `shown`")),
        (counting, &more, false, Some("AUTOINCREMENT")),
        (counting, &more, true, None),
        (counting, &counting_more, false, None),
        (text, &more, false, None),
    ] {
        let database = kontract_test_support::sqlite_database();
        let url = database.url();
        let program = rebuild(old, new, is_manual);
        kontract_test_support::block_on(async {
            let first = Program { lock: first_of(&program) };
            first.start(url).await.unwrap().close().await;
            if named.is_some_and(|named| named.contains("shown")) {
                by_hand(url, "ALTER TABLE parent ADD COLUMN shown TEXT AS (upper(name))").await;
            }
            let Some(named) = named else {
                program.start(url).await.unwrap().close().await;
                return expect(
                    url,
                    "SELECT count(*) FROM pragma_table_info('parent')",
                    columns(new),
                )
                .await;
            };
            let (code, error) = code(program.start(url).await);
            assert_eq!(code, "K0433", "{error}");
            assert!(format!("{error:?}").contains(named), "{error}");
            expect(url, "SELECT count(*) FROM pragma_table_info('parent')", columns(old)).await;
            expect(url, "SELECT count(*) FROM parent WHERE name = 'a'", 1).await;
        });
    }
}

fn columns(table: &str) -> i64 {
    table.split(',').count() as i64
}

fn first_of(program: &Program) -> LockFile {
    let migrations = program.lock.migrations[..1].to_vec();
    LockFile { migrations, version: 1, ..program.lock.clone() }
}
