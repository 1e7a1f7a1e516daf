//! Before its first step a run compares the tables with what the version of the database has left, and
//! after a migration that a user wrote with what that one leads to.

use kontract::storage::{HasRegistry, Registry};
use kontract_behaviour::{Storage, StorageRegistry};
use kontract_schema::gate::{ManualFile, gate};
use kontract_schema::lock::{LockFile, Manual};
use kontract_schema::model::Schema;

use super::older_programs::{start, with_more};
use super::run_modes::expect;
use super::start::{by_hand, code};

/// The history of this package's program.
fn sealed() -> LockFile {
    LockFile::read(StorageRegistry::REGISTRY.lock).unwrap()
}

/// The lock file with one more migration, with this manual file if there is one.
fn then(lock: LockFile, text: Option<&str>, change: impl FnOnce(&mut Schema)) -> LockFile {
    let mut schema = lock.schema();
    change(&mut schema);
    let record = Manual { file: "0009_next.sql".into(), checksum: String::new() };
    let file = text.map(|text| ManualFile { name: "next", text, record: &record });
    let found = gate(&lock, &schema, file);
    let draft = found.draft.unwrap_or_else(|| panic!("{:?}", found.problems));
    LockFile { draft: Some(draft), ..lock }.seal("next", schema)
}

fn registry(lock: &LockFile) -> &'static Registry {
    Box::leak(Box::new(Registry {
        version: lock.version,
        head: lock.head().to_owned().leak(),
        lock: lock.write().leak(),
        ..*StorageRegistry::REGISTRY
    }))
}

/// Adds a table.
fn with_labels(schema: &mut Schema) {
    let mut labels = schema.tables["settings"].clone();
    (labels.name, labels.ptr) = ("labels".into(), "labels".into());
    labels.indexes.clear();
    schema.tables.insert("labels".into(), labels);
}

/// The lock file without the records of former tables, as older versions of Kontract wrote it.
fn without_records(mut lock: LockFile) -> LockFile {
    let mut parent = String::new();
    for migration in &mut lock.migrations {
        (migration.origin, migration.parent) = (None, parent);
        *migration = migration.clone().hashed();
        parent = migration.hash.clone();
    }
    lock
}

const HISTORY: &str = "SELECT count(*) FROM _kontract_migrations WHERE package = 'kontract-behaviour' AND state = 'done'";

/// A manual migration whose statement fails, and hides it.
const SWALLOWS: &str = "-- kontract: covers posts.place:required\n\n-- up postgres\n\
    DO $$ BEGIN ALTER TABLE nowhere ADD COLUMN x INT; EXCEPTION WHEN OTHERS THEN NULL; END $$;\n\n\
    -- up sqlite\nUPDATE settings SET value = value WHERE 1 = 0;\n";

fn with_required_place(schema: &mut Schema) {
    let posts = schema.tables.get_mut("posts").unwrap();
    posts.schema.iter_mut().find(|field| field.name == "place").unwrap().optional = false;
}

kontract_test_support::both! {
    async fn tables_changed_by_hand_stop_a_run_before_its_first_step(url: &str) {
        let next = then(then(sealed(), None, with_labels), None, with_more);
        for next in [next.clone(), without_records(next)] {
            let first = LockFile { migrations: next.migrations[..1].to_vec(), version: 1, ..sealed() };
            start(url, registry(&first)).await.unwrap().close().await;
            by_hand(url, "ALTER TABLE uses RENAME COLUMN last_name TO other_name").await;
            by_hand(url, "ALTER TABLE uses ADD COLUMN extra INTEGER").await;
            by_hand(url, "CREATE TABLE theirs (id INTEGER)").await;
            let (code, error) = code(start(url, registry(&next)).await);
            assert_eq!(code, "K0427", "{error}");
            let text = format!("{error:?}");
            assert!(text.contains("what migration 1 has left; nothing was changed"), "{text}");
            assert!(text.contains("table `uses` has no column `last_name`"), "{text}");
            assert!(!text.contains("extra") && !text.contains("theirs"), "{text}");
            expect(url, HISTORY, 1).await;
            by_hand(url, "CREATE TABLE labels (id INTEGER)").await;
            by_hand(url, "DROP TABLE labels; DROP TABLE theirs").await;
            by_hand(url, "ALTER TABLE uses RENAME COLUMN other_name TO last_name").await;
            start(url, registry(&next)).await.unwrap().close().await;
            expect(url, HISTORY, 3).await;
            for table in ["labels", "tags", "uses", "_kontract_migrations"] {
                by_hand(url, &format!("DROP TABLE {table}")).await;
            }
            by_hand(url, "ALTER TABLE settings DROP COLUMN note").await;
            by_hand(url, "DROP INDEX settings_value_idx").await;
        }
    }

    async fn names_that_are_taken_stop_a_run_before_its_first_step(url: &str) {
        let next = then(then(sealed(), None, with_labels), None, with_more);
        Storage::connect(url).await.unwrap().close().await;
        let start_next = async || code(start(url, registry(&next)).await);
        for (make, take_back, found) in [
            (
                "ALTER TABLE settings ADD COLUMN note TEXT",
                "ALTER TABLE settings DROP COLUMN note",
                "table `settings` has the column `note` already, and migration 3 adds it",
            ),
            (
                "CREATE INDEX settings_value_idx ON settings (space)",
                "DROP INDEX settings_value_idx",
                "table `settings` has the index `settings_value_idx`",
            ),
            ("CREATE TABLE tags (x INTEGER)", "DROP TABLE tags", "table `tags` has no column `space`"),
            ("CREATE VIEW tags AS SELECT 1 AS x", "DROP VIEW tags", "the view `tags`"),
        ] {
            by_hand(url, make).await;
            let (code, error) = start_next().await;
            assert_eq!(code, "K0427", "{make}: {error}");
            assert!(format!("{error:?}").contains(found), "{make}: {error:?}");
            expect(url, HISTORY, 1).await;
            by_hand(url, take_back).await;
        }
        // What is as the migration makes it is accepted.
        by_hand(url, "CREATE INDEX settings_value_idx ON settings (value)").await;
        start(url, registry(&next)).await.unwrap().close().await;
        expect(url, HISTORY, 3).await;
    }

    async fn a_migration_that_hides_its_error_is_not_recorded(url: &str) {
        let lock = then(sealed(), Some(SWALLOWS), with_required_place);
        let next = then(lock, None, with_labels);
        Storage::connect(url).await.unwrap().close().await;
        let (code, error) = code(start(url, registry(&next)).await);
        assert_eq!(code, "K0427", "{error}");
        let text = format!("{error:?}");
        assert!(text.contains("migration 2 `next`") && text.contains("table `posts`"), "{text}");
        expect(url, HISTORY, 1).await;
    }
}
