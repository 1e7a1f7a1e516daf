//! Two programs on one database, of which one has a migration that the other does not have.

use kontract::__private::Base;
use kontract::storage::{HasRegistry, Registry};
use kontract::{Error, Kind};
use kontract_behaviour::{NewSetting, Setting, Storage, StorageRegistry};
use kontract_schema::gate::gate;
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::model::{Field, Index, Schema};

use super::start::by_hand;
use super::user;

/// The next version of this package's program.
pub fn next(change: impl FnOnce(&mut Schema)) -> &'static Registry {
    let lock = LockFile::read(StorageRegistry::REGISTRY.lock).unwrap();
    let mut schema = lock.schema();
    change(&mut schema);
    let draft = gate(&lock, &schema, None).draft.expect("the changes pass");
    let mut lock = lock.with_schema(schema);
    lock.version = draft.version;
    lock.migrations.push(Migration { name: "next".into(), ..draft }.hashed());
    Box::leak(Box::new(Registry {
        version: lock.version,
        head: lock.head().to_owned().leak(),
        lock: lock.write().leak(),
        ..*StorageRegistry::REGISTRY
    }))
}

/// Adds an optional field at the end.
fn with_note(table: &'static str) -> impl FnOnce(&mut Schema) {
    move |schema| {
        let fields = &mut schema.tables.get_mut(table).unwrap().schema;
        let like = fields.last().unwrap().clone();
        fields.push(Field { name: "note".into(), optional: true, column: None, ..like });
    }
}

/// Adds columns and indexes, and a new table.
pub fn with_more(schema: &mut Schema) {
    with_note("settings")(schema);
    let settings = schema.tables.get_mut("settings").unwrap();
    let index = Index { fields: vec!["value".into()], ..Index::default() };
    settings.indexes.insert("settings_value_idx".into(), index);
    let mut tags = settings.clone();
    (tags.name, tags.ptr) = ("tags".into(), "tags".into());
    tags.indexes.clear();
    schema.tables.insert("tags".into(), tags);
}

/// The registry of a release build.
fn released(registry: &Registry) -> &'static Registry {
    Box::leak(Box::new(Registry { debug: false, ..*registry }))
}

pub async fn start(url: &str, registry: &'static Registry) -> Result<Base, Error> {
    Base::connect(url, registry).await
}

/// Fails unless the history has this number of rows.
async fn expect_migrations(url: &str, number: u32) {
    let rows = format!(
        "(SELECT count(*) FROM _kontract_migrations WHERE package = 'kontract-behaviour') - {number}"
    );
    by_hand(
        url,
        &format!(
            "CREATE TABLE one_row AS SELECT 1 AS x; CREATE TABLE none (x INTEGER CHECK (x = 0)); \
        INSERT INTO none SELECT {rows} FROM one_row; DROP TABLE none; DROP TABLE one_row"
        ),
    )
    .await;
}

kontract_test_support::both! {
    async fn an_older_program_runs_with_additive_changes(url: &str) {
        let newer = next(with_more);
        let before = Storage::connect(url).await.unwrap();
        assert_eq!(before.behind(), None);
        start(url, newer).await.unwrap().close().await;
        // A program that already runs, and one that starts now.
        let starts = Storage::connect(url).await.unwrap();
        assert_eq!(starts.behind(), Some(2));
        for (storage, space) in [(&before, "before"), (&starts, "now")] {
            storage.settings.insert(NewSetting::new(space, 1i64, "x")).await.unwrap();
            let ada = storage.users.insert(user(space)).await.unwrap();
            assert_eq!(storage.users.get(&ada.id).await.unwrap(), Some(ada));
        }
        by_hand(url, "UPDATE settings SET note = 'kept'").await;
        starts.settings.set(Setting { space: "now".into(), name: 1, value: "y".into() }).await.unwrap();
        by_hand(url, "CREATE TABLE kept (x INTEGER NOT NULL CHECK (x = 2)); INSERT INTO kept SELECT count(*) FROM settings WHERE note = 'kept'").await;
        before.close().await;
        starts.close().await;
        expect_migrations(url, 2).await;
        start(url, newer).await.unwrap().verify().await.unwrap();
    }

    async fn an_older_program_is_refused_if_it_would_lose_values(url: &str) {
        Storage::connect(url).await.unwrap().close().await;
        start(url, next(with_note("users"))).await.unwrap().close().await;
        let error = Storage::connect(url).await.map(|_| ()).unwrap_err();
        assert_eq!((error.code(), error.kind()), (Some("K0420"), &Kind::Migration), "{error}");
        assert!(format!("{error:?}").contains("version 2"), "{error}");
    }

    async fn a_program_of_another_branch_is_refused(url: &str) {
        // Both have a version 2 after the same version 1.
        start(url, next(with_more)).await.unwrap().close().await;
        let other = next(with_note("posts"));
        let error = start(url, other).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Some("K0421"), "{error}");
        // No program continues beside a change that is not marked as additive.
        by_hand(url, "UPDATE _kontract_migrations SET additive = (1 = 0) WHERE version = 2").await;
        let error = Storage::connect(url).await.map(|_| ()).unwrap_err();
        assert_eq!(error.code(), Some("K0420"), "{error}");
    }

    async fn a_missing_column_is_reported(url: &str) {
        let registry = released(StorageRegistry::REGISTRY);
        let storage = start(url, registry).await.unwrap();
        by_hand(url, "DROP TABLE uses; DROP TABLE settings; ALTER TABLE posts DROP COLUMN likes").await;
        let missing = |error: Error| {
            assert_eq!((error.code(), error.kind()), (Some("K0434"), &Kind::Database), "{error}");
            assert!(format!("{error:?}").contains("`kontract drift`"), "{error}");
            format!("{error:?}")
        };
        let text = missing(storage.table::<Setting>().count().await.unwrap_err());
        assert!(text.contains("settings"), "{text}");
        let text = missing(storage.table::<kontract_behaviour::Post>().list().await.unwrap_err());
        assert!(text.contains("posts") && text.contains("likes"), "{text}");
        storage.close().await;
        // A start compares the tables on SQLite, and in development also on PostgreSQL.
        for (registry, looks) in [(registry, url.starts_with("sqlite:")), (StorageRegistry::REGISTRY, true)] {
            match start(url, registry).await {
                Ok(storage) => {
                    assert!(!looks);
                    let error = storage.verify().await.unwrap_err();
                    assert_eq!(error.code(), Some("K0427"), "{error}");
                }
                Err(error) => assert!(looks && error.code() == Some("K0427"), "{error}"),
            }
        }
    }
}
