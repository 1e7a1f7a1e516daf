//! Two programs on one database, of which one has a migration that the other does not have.

use kontract::__private::Base;
use kontract::expr::count;
use kontract::storage::{HasRegistry, Registry};
use kontract::{Error, Kind};
use kontract_behaviour::{Everything, NewSetting, Setting, Storage, StorageRegistry};
use kontract_schema::gate::gate_with;
use kontract_schema::lock::{LockFile, Migration};
use kontract_schema::model::types::Type;
use kontract_schema::model::{Field, Index, Schema};
use kontract_schema::rules::Levels;

use super::start::by_hand;
use super::types::everything;
use super::user;

/// The next version of this package's program.
pub fn next(change: impl FnOnce(&mut Schema)) -> &'static Registry {
    next_with(&Levels::default(), change)
}

/// The next version of it, with the levels of `kontract.toml`.
fn next_with(levels: &Levels, change: impl FnOnce(&mut Schema)) -> &'static Registry {
    let lock = LockFile::read(StorageRegistry::REGISTRY.lock).unwrap();
    let mut schema = lock.schema();
    change(&mut schema);
    let draft = gate_with(levels, &lock, &schema, None).draft.expect("the changes pass");
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

/// Makes columns wider: integers to 64 bits, a float to 64 bits.
fn with_wider_columns(schema: &mut Schema) {
    let mut set_type = |table: &str, field: &str, ty: Type| {
        let fields = &mut schema.tables.get_mut(table).unwrap().schema;
        fields.iter_mut().find(|other| other.name == field).unwrap().ty = ty;
    };
    for field in ["i8", "i16", "i32", "u8", "u16", "u32", "maybe_number"] {
        set_type("everythings", field, Type::Bigint);
    }
    set_type("everythings", "f32", Type::Number);
    set_type("posts", "place", Type::Bigint);
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

    /// Y1, Y3: a program that was started before goes on, until it meets a value of the new type.
    async fn a_running_program_goes_on_with_wider_columns(url: &str) {
        let mut levels = Levels::default();
        levels.set_allow_widening(Some(true), "true").unwrap();
        let before = Storage::connect(url).await.unwrap();
        let rows = &before.everythings;
        let [plain, large] = [0, 1].map(everything);
        rows.insert(plain.clone()).await.unwrap();
        assert_eq!(rows.get(plain.id).await.unwrap(), Some(plain.clone()));
        start(url, next_with(&levels, with_wider_columns)).await.unwrap().close().await;

        rows.insert_many([large.clone()]).await.unwrap();
        for row in [&plain, &large] {
            assert_eq!(rows.get(row.id).await.unwrap().as_ref(), Some(row));
            for same in [
                Everything::i16.eq(row.i16) & Everything::i16.is_in([row.i16]),
                Everything::i32.le(row.i32) & Everything::i32.is_in([row.i32, 7]),
                Everything::u8.eq(row.u8) & Everything::u32.eq(row.u32),
                Everything::f32.eq(row.f32) & Everything::f32.is_in([row.f32]),
            ] {
                let found = rows.list().filter(same & Everything::id.eq(row.id)).await.unwrap();
                assert_eq!(found, std::slice::from_ref(row));
            }
        }
        let page = rows.list().order_by(Everything::i32.asc()).page(1).await.unwrap();
        assert_eq!(page.rows, std::slice::from_ref(&large));
        let page = rows.list().order_by(Everything::i32.asc()).page(1).after(page.next).await.unwrap();
        assert_eq!(page.rows, std::slice::from_ref(&plain));
        let sums = (Everything::i16.sum(), Everything::i32.max(), Everything::f32.max());
        let sums = rows.list().aggregate(sums).one().await.unwrap();
        assert_eq!(sums, (Some(1 + i64::from(i16::MIN)), Some(1), Some(0.1)));
        let groups = rows.list().group_by(Everything::i32).select(|value| (value, count()));
        let mut groups = groups.await.unwrap();
        groups.sort();
        assert_eq!(groups, [(i32::MIN, 1), (1, 1)]);
        rows.set(Everything { i32: 5, f32: 0.25, ..plain.clone() }).await.unwrap();
        let patch = Everything::patch().i16(3).maybe_number(Some(4));
        rows.update(plain.id, patch).await.unwrap();
        let changed = rows.get(plain.id).await.unwrap().unwrap();
        assert_eq!((changed.i16, changed.i32, changed.f32), (3, 5, 0.25));
        assert_eq!(changed.maybe_number, Some(4));
        // A fraction of 64 bits is rounded, and a number that does not fit is an error.
        by_hand(url, "UPDATE everythings SET f32 = 0.1").await;
        assert_eq!(rows.get(plain.id).await.unwrap().unwrap().f32, 0.1);
        by_hand(url, "UPDATE everythings SET i32 = 3000000000").await;
        let error = rows.get(plain.id).await.unwrap_err();
        assert_eq!(error.kind(), &Kind::Decode, "{error}");
        assert!(error.to_string().contains("i32"), "{error}");
        before.close().await;
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
