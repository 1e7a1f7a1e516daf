//! Operations on many rows.

use kontract::table::Insert;
use kontract::{Json, Kind, Timestamp};
use kontract_behaviour::{NewJob, NewPost, NewSetting, Post, Setting, Storage, User};

use super::types::everything;
use super::{user, user_with_id};

kontract_test_support::both! {
    async fn a_batch_of_a_hundred_thousand_rows(url: &str) {
        const ROWS: i64 = 100_000;
        let storage = Storage::connect(url).await.unwrap();
        let jobs = storage.jobs.push_many((0..ROWS).map(NewJob::new)).await.unwrap();
        assert_eq!(storage.jobs.count().await.unwrap(), ROWS as u64);
        let mut rows = storage.jobs.list().rows().await.unwrap();
        rows.sort_by_key(|row| row.order);
        assert!(rows.iter().map(|row| row.record.task).eq(0..ROWS), "the rows keep their order");

        let keys = jobs.iter().map(|job| job.id);
        let found = storage.jobs.get_many(keys.clone()).await.unwrap();
        assert!(found.into_iter().flatten().eq(jobs.iter().cloned()));
        let changed = jobs.iter().map(|job| kontract_behaviour::Job { task: -job.task, ..*job });
        storage.jobs.set_many(changed).await.unwrap();
        let sum: i64 = storage.jobs.list().await.unwrap().iter().map(|job| job.task).sum();
        assert_eq!(sum, -(ROWS * (ROWS - 1) / 2));
        assert_eq!(storage.jobs.delete_many(keys).await.unwrap(), ROWS as u64);
        assert_eq!(storage.jobs.count().await.unwrap(), 0);
    }

    async fn batches_keep_every_type(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let all: Vec<_> = (0..3).map(everything).collect();
        storage.everythings.insert_many(all.clone()).await.unwrap();
        let found = storage.everythings.get_many(all.iter().map(|row| row.id)).await.unwrap();
        assert_eq!(found.into_iter().flatten().collect::<Vec<_>>(), all);
        let changed: Vec<_> =
            all.into_iter().map(|row| kontract_behaviour::Everything { json: Json::Null, ..row }).collect();
        storage.everythings.set_many(changed.clone()).await.unwrap();
        let found = storage.everythings.get_many(changed.iter().map(|row| row.id)).await.unwrap();
        assert_eq!(found.into_iter().flatten().collect::<Vec<_>>(), changed);
    }

    async fn batches_are_atomic(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert(user_with_id("2")).await.unwrap();
        let rows = ["1", "2", "3"].map(user_with_id);
        let error = storage.users.insert_many(rows).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Unique { .. }), "{error}");
        assert_eq!(storage.users.count().await.unwrap(), 1);

        let twice = [user("a"), user("a")];
        let error = storage.users.insert_many(twice).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Unique { constraint } if constraint == "users_email_key"), "{error}");
        let same_key = [user_with_id("3"), User { email: "other".into(), ..user_with_id("3") }];
        let in_one = storage.users.insert_many(same_key).await.unwrap_err();
        let in_two = storage.users.insert(user_with_id("2")).await.unwrap_err();
        assert_eq!((in_one.kind(), in_one.to_string()), (in_two.kind(), in_two.to_string()));
        let twice = || NewSetting::new("a", 1i64, "v");
        let in_one = storage.settings.insert_many([twice(), twice()]).await.unwrap_err();
        assert_eq!(*in_one.kind(), Kind::Unique { constraint: "settings_pkey".into() });
        let bad = [user("b"), user("c\0")];
        assert_eq!(*storage.users.insert_many(bad).await.unwrap_err().kind(), Kind::Value);
        assert_eq!(storage.users.count().await.unwrap(), 1);
        assert!(storage.users.insert_many(Vec::<User>::new()).await.unwrap().is_empty());
    }

    async fn batches_restore_deleted_rows(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert_many(["1", "2", "3"].map(user_with_id)).await.unwrap();
        assert_eq!(storage.users.delete_many(["1", "3", "4"]).await.unwrap(), 2);
        let found = storage.users.get_many(["1", "2", "3", "2"]).await.unwrap();
        assert_eq!(found.iter().map(Option::is_some).collect::<Vec<_>>(), [false, true, false, true]);
        storage.users.insert_many(["1", "3"].map(user_with_id)).await.unwrap();
        assert_eq!(storage.users.count().await.unwrap(), 3);
        assert_eq!(storage.users.get_row("1").await.unwrap().unwrap().version, Some(3));
    }

    async fn the_last_row_with_a_duplicate_key_is_stored(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let [a, b] = [1.0, 2.0].map(|age| User { age, ..user_with_id("1") });
        storage.users.set_many([a, b]).await.unwrap();
        assert_eq!(storage.users.get("1").await.unwrap().unwrap().age, 2.0);
    }

    async fn composite_keys(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let setting = |space: &str, name: i64| {
            NewSetting::new(space, name, format!("{space}{name}")).into_row(Timestamp::now()).into_record().expect("a record")
        };
        let all: Vec<Setting> = (0..10).map(|name| setting("a", name)).collect();
        storage.settings.set_many(all.clone()).await.unwrap();
        storage.settings.set_many(all.clone()).await.unwrap();
        let keys = [("a".to_owned(), 3), ("b".to_owned(), 3), ("a".to_owned(), 9)];
        let found = storage.settings.get_many(keys.clone()).await.unwrap();
        assert_eq!(found, [Some(setting("a", 3)), None, Some(setting("a", 9))]);
        let patch = Setting::patch().value("changed");
        assert_eq!(storage.settings.update_many(keys.clone(), patch).await.unwrap(), 2);
        assert_eq!(storage.settings.delete_many(keys).await.unwrap(), 2);
        assert_eq!(storage.settings.count().await.unwrap(), 8);
    }

    async fn update_many_and_delete_many_by_keys(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let users = &storage.users;
        users.insert_many(["1", "2", "3", "4"].map(user_with_id)).await.unwrap();
        users.delete("4").await.unwrap();
        // Keys without a row are skipped, also those of deleted rows. A duplicate key counts once.
        let keys = ["1", "9", "2", "1", "4"];
        assert_eq!(users.update_many(keys, User::patch().age(7.0).name("new")).await.unwrap(), 2);
        let older = || User::patch().set(User::age, User::age.plus(1.0));
        assert_eq!(users.update_many(keys, older()).await.unwrap(), 2);
        assert_eq!(users.update_many(keys, User::patch()).await.unwrap(), 2, "nothing to set");
        for (id, age, version) in [("1", 8.0, 3), ("2", 8.0, 3), ("3", user_with_id("3").age, 1)] {
            let row = users.get_row(id).await.unwrap().unwrap();
            assert_eq!((row.record.age, row.version), (age, Some(version)), "{id}");
        }
        assert_eq!(users.update_many(Vec::<String>::new(), older()).await.unwrap(), 0);

        // If one row is refused, none is changed.
        let same = User::patch().email("one").age(9.0);
        let error = users.update_many(["1", "2", "3"], same).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Unique { constraint } if constraint == "users_email_key"), "{error}");
        let ages: Vec<f64> = users.list().order_by(User::id.asc()).select(User::age).await.unwrap();
        assert_eq!(ages, [8.0, 8.0, user_with_id("3").age]);

        let post = |title: &str| NewPost::new("1", title);
        let posts = storage.posts.insert_many(["a", "b"].map(post)).await.unwrap();
        let ids = || posts.iter().map(|post| post.id);
        let missing = Post::patch().author("missing");
        let error = storage.posts.update_many(ids(), missing).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::ForeignKey { .. }), "{error}");
        assert_eq!(storage.posts.query(Post::author.eq("1")).count().await.unwrap(), 2);
        assert_eq!(storage.posts.update_many(ids(), Post::patch().author("2")).await.unwrap(), 2);
        assert_eq!(storage.posts.query(Post::author.eq("2")).count().await.unwrap(), 2);
    }

    async fn update_and_delete_by_a_filter(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.jobs.push_many((0i64..10).map(NewJob::new)).await.unwrap();
        let even = kontract_behaviour::Job::task.is_in([0, 2, 4, 6, 8]);
        let patch = kontract_behaviour::Job::patch().task(100);
        assert_eq!(storage.jobs.query(even).update(patch).await.unwrap(), 5);
        let large = || kontract_behaviour::Job::task.ge(9);
        assert_eq!(storage.jobs.query(large()).count().await.unwrap(), 6);
        assert_eq!(storage.jobs.query(large()).delete().await.unwrap(), 6);
        assert_eq!(storage.jobs.count().await.unwrap(), 4);
    }
}
