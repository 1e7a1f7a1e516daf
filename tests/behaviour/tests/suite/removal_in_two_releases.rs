//! A field that is removed in two releases: `#[removed("place", keep)]`, then `#[removed("place")]`.
//! This package is the program of the release before.

use kontract::prelude::*;
use kontract::storage::{HasRegistry, Registry};
use kontract_behaviour::{NewPost, NewSetting, Setting, Storage, StorageRegistry};
use kontract_schema::gate::{ManualFile, gate};
use kontract_schema::intent::Checked;
use kontract_schema::lock::{LockFile, Manual, Migration};
use kontract_schema::model::{Layout, Schema};

use super::older_programs::start;
use super::run_modes::expect;
use super::start::by_hand;
use super::user;

/// Settings as the next release has them.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(name = "settings", layout = "columns", standalone, primary_key(space, name))]
struct Bare {
    space: String,
    name: i64,
}

/// Removes a field as `#[removed("field", keep)]` does.
fn keep(schema: &mut Schema, table: &str, name: &str) {
    let table = schema.tables.get_mut(table).unwrap();
    let in_columns = table.layout == Layout::Columns;
    let field = table.schema.iter_mut().find(|field| field.name == name).unwrap();
    field.kept = true;
    field.optional |= !(in_columns && field.default.is_some());
}

/// The lock file with one more migration.
fn then(lock: LockFile, manual: bool, change: impl FnOnce(&mut Schema)) -> LockFile {
    let mut schema = lock.schema();
    change(&mut schema);
    let mut source = Checked::from(schema);
    let refused = gate(&lock, &source, None);
    assert_eq!(refused.draft.is_none(), manual, "{:?}", refused.problems);
    let text = refused.manual_text(&lock.schema()).unwrap_or_default();
    let mut found = refused;
    if manual {
        // As the check of the source builds it.
        source.intent.tables.entry("posts".into()).or_default().removed = vec!["place".into()];
        let record = Manual { file: "0009_drop.sql".into(), checksum: String::new() };
        let file = ManualFile { name: "drop", text: &text, record: &record };
        found = gate(&lock, &source, Some(file));
    }
    let draft = found.draft.unwrap_or_else(|| panic!("{:?}\n{text}", found.problems));
    let mut lock = lock.with_schema(source);
    lock.version = draft.version;
    lock.migrations.push(Migration { name: format!("m{}", draft.version), ..draft }.hashed());
    LockFile::read(&lock.write()).unwrap()
}

fn registry(lock: &LockFile) -> &'static Registry {
    Box::leak(Box::new(Registry {
        version: lock.version,
        head: lock.head().to_owned().leak(),
        lock: lock.write().leak(),
        ..*StorageRegistry::REGISTRY
    }))
}

fn sealed() -> LockFile {
    LockFile::read(StorageRegistry::REGISTRY.lock).unwrap()
}

fn post(author: &str, title: &str) -> NewPost {
    NewPost::new(author, title).place(7)
}

kontract_test_support::both! {
    async fn c15_programs_with_the_field_continue(url: &str) {
        let before = Storage::connect(url).await.unwrap();
        let ada = before.users.insert(user("Ada")).await.unwrap();
        let first = before.posts.insert(post(&ada.id, "first")).await.unwrap();
        // A field with a default and an optional field: the columns stay unchanged.
        let kept = then(sealed(), false, |schema| {
            keep(schema, "posts", "likes");
            keep(schema, "posts", "place");
        });
        let newest = kept.migrations.last().unwrap();
        assert!(newest.additive && newest.sql.postgres.up.is_empty() && newest.sql.sqlite.up.is_empty());
        start(url, registry(&kept)).await.unwrap().verify().await.unwrap();
        // A row of the new program, which sets neither column.
        by_hand(url, &newer(url, &ada.id)).await;
        // The program that already runs, and one that starts now.
        let again = Storage::connect(url).await.unwrap();
        assert_eq!(again.behind(), Some(2));
        for (storage, title) in [(&before, "second"), (&again, "third")] {
            let written = storage.posts.insert(post(&ada.id, title)).await.unwrap();
            assert_eq!(storage.posts.get(written.id).await.unwrap(), Some(written));
            assert_eq!(storage.posts.get(first.id).await.unwrap().unwrap().place, Some(7));
            let all = storage.posts.list().await.unwrap();
            let newer = all.iter().find(|post| post.title == "newer").unwrap();
            assert_eq!((newer.likes, newer.place), (0, None));
        }
        again.close().await;
        before.close().await;

        // A rebuild of the table on SQLite keeps the retained columns.
        let rebuilt = then(kept, false, |schema| {
            let posts = schema.tables.get_mut("posts").unwrap();
            posts.schema.iter_mut().find(|field| field.name == "likes").unwrap().default = Some(1.into());
        });
        start(url, registry(&rebuilt)).await.unwrap().verify().await.unwrap();
        expect(url, "SELECT count(*) FROM posts WHERE \"order\" = 7", 3).await;
        // A field without a struct field and without a hint is not dropped silently.
        let mut without = rebuilt.schema();
        without.tables.get_mut("posts").unwrap().schema.retain(|field| field.name != "place");
        let refused = gate(&rebuilt, &without, None);
        let problems = refused.problems.iter().map(ToString::to_string).collect::<String>();
        assert!(refused.draft.is_none() && problems.contains("`#[removed(\"place\", keep)]`"), "{problems}");
        // The next release drops the field.
        let dropped = then(rebuilt, true, |schema| {
            schema.tables.get_mut("posts").unwrap().schema.retain(|field| field.name != "place");
        });
        start(url, registry(&dropped)).await.unwrap().verify().await.unwrap();
        let columns = if url.starts_with("sqlite:") {
            "SELECT count(*) FROM pragma_table_info('posts') WHERE name IN ('order', 'likes')"
        } else {
            "SELECT count(*) FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = 'posts' AND column_name IN ('order', 'likes')"
        };
        expect(url, columns, 1).await;
        expect(url, "SELECT count(*) FROM posts", 4).await;
    }

    async fn c15_a_required_field_has_no_value_in_new_rows(url: &str) {
        let before = Storage::connect(url).await.unwrap();
        before.settings.insert(NewSetting::new("old", 1i64, "x")).await.unwrap();
        let lock = then(sealed(), false, |schema| keep(schema, "settings", "value"));
        assert!(!lock.migrations.last().unwrap().additive, "the older program cannot read rows without a value");
        let newer = start(url, registry(&lock)).await.unwrap();
        newer.verify().await.unwrap();
        newer.table::<Bare>().insert(NewBare::new("new", 1i64)).await.unwrap();
        assert_eq!(newer.table::<Bare>().count().await.unwrap(), 2);
        // The running program writes and reads its own rows. A new process of it is refused.
        before.settings.insert(NewSetting::new("old", 2i64, "y")).await.unwrap();
        let mine = before.settings.get(("old".to_owned(), 2i64)).await.unwrap();
        assert_eq!(mine, Some(Setting { space: "old".into(), name: 2, value: "y".into() }));
        assert!(before.settings.get(("new".to_owned(), 1i64)).await.is_err());
        let refused = Storage::connect(url).await.map(|_| ()).unwrap_err();
        assert_eq!(refused.code(), Some("K0420"), "{refused}");
        before.close().await;
        // A rollback is possible once each row has a value again.
        let back = |lock: &LockFile| kontract::migrate::Migrator::new(url, "kontract-behaviour", lock.clone(), Default::default()).unwrap();
        assert!(back(&lock).down(1, false).await.is_err());
        newer.table::<Bare>().delete(("new".to_owned(), 1i64)).await.unwrap();
        newer.close().await;
        back(&lock).down(1, false).await.unwrap();
        let again = Storage::connect(url).await.unwrap();
        assert_eq!(again.settings.count().await.unwrap(), 2);
        again.verify().await.unwrap();
    }

    async fn c15_documents_keep_the_key(url: &str) {
        let before = Storage::connect(url).await.unwrap();
        let ada = before.users.insert(user("Ada")).await.unwrap();
        let lock = then(sealed(), false, |schema| {
            keep(schema, "users", "age");
            keep(schema, "users", "home");
        });
        let newer = start(url, registry(&lock)).await.unwrap();
        newer.verify().await.unwrap();
        // The check that required the key was dropped.
        let users = &lock.tables["users"].ptr;
        let without = if url.starts_with("sqlite:") {
            format!("UPDATE {users} SET data = json_remove(data, '$.age') WHERE id <> '{}'", ada.id)
        } else {
            format!("UPDATE {users} SET data = data - 'age' WHERE id <> '{}'", ada.id)
        };
        let bob = before.users.insert(user("Bob")).await.unwrap();
        by_hand(url, &without).await;
        assert_eq!(before.users.get(&ada.id).await.unwrap(), Some(ada));
        assert!(before.users.get(&bob.id).await.is_err());
        let mut eve = before.users.insert(user("Eve")).await.unwrap();
        eve.age = 20.0;
        before.users.set(eve.clone()).await.unwrap();
        assert_eq!(before.users.get(&eve.id).await.unwrap().unwrap().age, 20.0);
    }
}

/// Inserts a post as a program without the fields `likes` and `place` does.
fn newer(url: &str, author: &str) -> String {
    let id = if url.starts_with("sqlite:") {
        "'018f0000-0000-7000-8000-000000000001'"
    } else {
        "'018f0000-0000-7000-8000-000000000001'::uuid"
    };
    format!(
        "INSERT INTO posts (id, author, title, _version, _txid) SELECT {id}, '{author}', 'newer', _version, _txid FROM posts LIMIT 1"
    )
}
