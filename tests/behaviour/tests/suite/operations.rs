//! Operations on one row, by its key.

use kontract::{Kind, Timestamp};
use kontract_behaviour::{
    Everything, Job, Mood, NewPost, NewSetting, Post, Setting, Storage, User,
};

use super::{user, user_with_id};

kontract_test_support::both! {
    async fn insert_get_update_delete(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let before = Timestamp::now();
        let user = storage.users.insert(user("Ada").tags(["a", "b"])).await.unwrap();
        assert_eq!(user.id.len(), 36, "a UUID");
        assert!(user.created_at >= before && user.updated_at >= before);
        assert_eq!(storage.users.get(&user.id).await.unwrap().as_ref(), Some(&user));
        assert!(storage.users.exists(&user.id).await.unwrap());
        assert_eq!(storage.users.get("missing").await.unwrap(), None);
        assert!(!storage.users.exists("missing").await.unwrap());

        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        let patch = User::patch().age(19.5).mood(Mood::Bad);
        let changed = storage.users.update(&user.id, patch).await.unwrap();
        assert!(changed.updated_at > user.updated_at, "`updated_at` changes");
        let expected =
            User { age: 19.5, mood: Mood::Bad, updated_at: changed.updated_at, ..user.clone() };
        assert_eq!(changed, expected);
        assert_eq!(storage.users.get(&user.id).await.unwrap(), Some(expected));

        assert!(storage.users.delete(&user.id).await.unwrap());
        assert!(!storage.users.delete(&user.id).await.unwrap(), "the row is already deleted");
        assert_eq!(storage.users.get(&user.id).await.unwrap(), None);
        assert_eq!(storage.users.count().await.unwrap(), 0);
    }

    async fn columns_with_a_composite_key(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let setting = NewSetting::new("a", 1i64, "one");
        let setting: Setting = storage.settings.insert(setting).await.unwrap();
        let key = ("a".to_owned(), 1);
        assert_eq!(storage.settings.get(key.clone()).await.unwrap(), Some(setting));
        let two = storage.settings.update(key.clone(), Setting::patch().value("two")).await.unwrap();
        assert_eq!(two.value, "two");
        storage.settings.set(Setting { value: "three".into(), ..two }).await.unwrap();
        assert_eq!(storage.settings.get(key.clone()).await.unwrap().unwrap().value, "three");
        assert!(storage.settings.delete(key.clone()).await.unwrap());
        assert_eq!(storage.settings.get_row(key).await.unwrap(), None, "the row is deleted");
    }

    async fn set_inserts_or_replaces(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let first = storage.users.set(user_with_id("1")).await.unwrap();
        let row = storage.users.get_row("1").await.unwrap().unwrap();
        assert_eq!((row.version, row.owner.as_deref(), row.deleted), (Some(1), Some("system"), None));
        let second = storage.users.set(User { age: 77.0, ..first.clone() }).await.unwrap();
        let again = storage.users.get_row("1").await.unwrap().unwrap();
        assert_eq!(again.record, second);
        assert_eq!(again.version, Some(2));
        assert!(again.txid > row.txid, "a change has its own transaction");
        assert_eq!(again.order, row.order, "the row keeps its place");
    }

    async fn deleted_rows_are_kept_and_restored(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.set(user_with_id("1")).await.unwrap();
        storage.users.delete("1").await.unwrap();
        let row = storage.users.get_row("1").await.unwrap().unwrap();
        assert!(row.is_deleted() && row.version == Some(2));
        assert_eq!(storage.users.list().await.unwrap(), []);
        assert_eq!(storage.users.list().only_deleted().await.unwrap().len(), 1);
        assert_eq!(storage.users.list().with_deleted().count().await.unwrap(), 1);
        assert_eq!(
            *storage.users.update("1", User::patch().age(1.0)).await.unwrap_err().kind(),
            Kind::NotFound
        );

        assert!(storage.users.restore("1").await.unwrap());
        assert!(!storage.users.restore("1").await.unwrap());
        assert!(storage.users.exists("1").await.unwrap());

        storage.users.delete("1").await.unwrap();
        storage.users.insert(User { age: 5.0, ..user_with_id("1") }).await.unwrap();
        let row = storage.users.get_row("1").await.unwrap().unwrap();
        assert_eq!((row.record.age, row.version, row.deleted), (5.0, Some(5), None));

        storage.users.delete("1").await.unwrap();
        storage.users.set(user_with_id("1")).await.unwrap();
        assert_eq!(storage.users.get_row("1").await.unwrap().unwrap().version, Some(7));

        assert!(storage.users.purge("1").await.unwrap());
        assert_eq!(storage.users.get_row("1").await.unwrap(), None);
    }

    async fn deleted_rows_free_their_unique_values(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let first = storage.users.insert(user("Ada")).await.unwrap();
        storage.users.delete(&first.id).await.unwrap();
        storage.users.insert(user("Ada")).await.unwrap();
        let error = storage.users.restore(&first.id).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Unique { constraint } if constraint == "users_email_key"), "{error}");
    }

    async fn versions(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.set(user_with_id("1")).await.unwrap();
        storage.users.update_if("1", 1, User::patch().age(1.0)).await.unwrap();
        let error = storage.users.update_if("1", 1, User::patch().age(2.0)).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Conflict { expected: 1, actual: 2 });
        assert_eq!(error.current_row::<User>().unwrap().age, 1.0);
        assert!(error.current_row::<Post>().is_none(), "a row of another table");
        assert_eq!(storage.users.get("1").await.unwrap().unwrap().age, 1.0, "nothing was written");
        let error = storage.users.update_if("2", 1, User::patch().age(2.0)).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::NotFound);
        assert!(error.current_row::<User>().is_none());

        // A patch without changes checks the version too.
        let error = storage.users.update_if("1", 1, User::patch()).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Conflict { expected: 1, actual: 2 });
        assert_eq!(storage.users.update_if("1", 2, User::patch()).await.unwrap().age, 1.0);

        // Tables in columns have versions too, if they are tracked.
        let author = storage.users.get("1").await.unwrap().unwrap().id;
        let post = storage.posts.insert(NewPost::new(author, "one")).await.unwrap();
        storage.posts.update_if(post.id, 1, Post::patch().likes(3)).await.unwrap();
        let error = storage.posts.update_if(post.id, 9, Post::patch().likes(4)).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Conflict { expected: 9, actual: 2 });
        assert_eq!(error.current_row::<Post>().unwrap().likes, 3);
    }

    async fn updates_of_different_fields_are_both_kept(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.set(user_with_id("1")).await.unwrap();
        let mut tasks = Vec::new();
        for number in 0..20u32 {
            let users = storage.users.clone();
            tasks.push(tokio::spawn(async move {
                match number % 2 {
                    0 => users.update("1", User::patch().age(f64::from(number))).await,
                    _ => users.update("1", User::patch().name(format!("name {number}"))).await,
                }
            }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let row = storage.users.get_row("1").await.unwrap().unwrap();
        assert_eq!(row.version, Some(21));
        assert_eq!(row.record.age.rem_euclid(2.0), 0.0, "one of the ages");
        assert!(row.record.name.starts_with("name "), "one of the names");
    }

    async fn an_empty_patch_changes_nothing(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let before = storage.users.set(user_with_id("1")).await.unwrap();
        assert_eq!(storage.users.update("1", User::patch()).await.unwrap(), before);
        assert_eq!(storage.users.get_row("1").await.unwrap().unwrap().version, Some(1));
        let error = storage.users.update("2", User::patch()).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::NotFound);
    }

    async fn a_closed_storage_returns_an_error(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.close().await;
        let error = storage.users.get("1").await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Connection, "{error}");
    }

    async fn handles_are_typed(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let _: &kontract::Table<Everything> = &storage.everythings;
        let _: &kontract::Table<Job> = &storage.jobs;
    }
}

/// SQLite runs short statements without waiting; a task that has only those still shares its thread.
#[test]
fn statements_that_are_always_ready_let_other_tasks_run() {
    let database = kontract_test_support::sqlite_database();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        let setting = storage.settings.set(NewSetting::new("a", 1i64, "one")).await.unwrap();
        for writes in [false, true] {
            let other = tokio::spawn(async {});
            for _ in 0..1000 {
                if writes {
                    storage.settings.set(setting.clone()).await.unwrap();
                } else {
                    storage.settings.get(("a".to_owned(), 1)).await.unwrap();
                }
            }
            assert!(other.is_finished(), "writes: {writes}");
        }
    });
}
