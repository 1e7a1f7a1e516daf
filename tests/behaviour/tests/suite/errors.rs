//! Errors of the database have a kind and the name of the constraint, but no values of rows.

use kontract::{Error, Kind, Uuid};
use kontract_behaviour::{NewPost, NewSetting, Post, Storage, User};

use super::{user, user_with_id};

fn shows(error: &Error, parts: &[&str]) {
    let text = format!("{error} {error:?}");
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in: {text}");
    }
    for secret in ["s3cr3t", "Failing row"] {
        assert!(!text.contains(secret), "`{secret}` is in: {text}");
    }
}

kontract_test_support::both! {
    async fn errors_have_kinds_and_names(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let secret = User { name: "s3cr3t".into(), ..user_with_id("s3cr3t") };
        storage.users.insert(secret.clone()).await.unwrap();

        let error = storage.users.insert(secret.clone()).await.unwrap_err();
        shows(&error, &["insert into `users`"]);
        assert!(matches!(error.kind(), Kind::Unique { constraint } if constraint.ends_with("_pkey")), "{error}");

        let same_email = User { id: "2".into(), ..secret.clone() };
        let error = storage.users.insert(same_email).await.unwrap_err();
        shows(&error, &["insert into `users`", "users_email_key"]);
        assert_eq!(*error.kind(), Kind::Unique { constraint: "users_email_key".into() });

        let post = storage.posts.insert(NewPost::new("s3cr3t", "s3cr3t")).await.unwrap();
        let error = storage.posts.insert(NewPost::new("s3cr3t", "s3cr3t")).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Unique { constraint: "posts_author_title_key".into() });
        shows(&error, &["posts_author_title_key"]);

        let error = storage.posts.update(post.id, Post::patch().title("")).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Check { constraint: "posts_title_check".into() });
        shows(&error, &["update of `posts`", "posts_title_check"]);

        let error = storage.posts.insert(NewPost::new("s3cr3t missing", "x")).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::ForeignKey { .. }), "{error}");
        shows(&error, &["insert into `posts`"]);

        let error = storage.posts.update(Uuid::nil(), Post::patch().likes(1)).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::NotFound);
        shows(&error, &["update of `posts`", "no row"]);

        storage.settings.insert(NewSetting::new("s3cr3t", 1i64, "v")).await.unwrap();
        let error = storage.settings.insert(NewSetting::new("s3cr3t", 1i64, "v")).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Unique { constraint: "settings_pkey".into() });
    }

    async fn errors_do_not_stop_the_next_operation(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        for _ in 0..30 {
            storage.users.set(user_with_id("1")).await.unwrap();
            storage.users.insert(user_with_id("1")).await.unwrap_err();
            storage.users.insert_many([user("a"), user("a")]).await.unwrap_err();
        }
        assert_eq!(storage.users.count().await.unwrap(), 1);
    }

    async fn dropped_futures_are_rolled_back(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.set(user_with_id("1")).await.unwrap();
        for micros in [0u64, 50, 200, 500, 1000, 3000].repeat(10) {
            let update = storage.users.update("1", User::patch().age(micros as f64));
            let _ = tokio::time::timeout(std::time::Duration::from_micros(micros), update).await;
        }
        let row = storage.users.update("1", User::patch().age(1.0)).await.unwrap();
        assert_eq!(row.age, 1.0);
    }

    async fn errors_name_the_column_with_an_invalid_value(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.set(user_with_id("1")).await.unwrap();
        let document = if url.starts_with("sqlite") {
            "PRAGMA ignore_check_constraints = on; UPDATE tbl SET data = json_remove(data, '$.age')"
        } else {
            "ALTER TABLE tbl DROP CONSTRAINT users_age_required; UPDATE tbl SET data = data - 'age'"
        };
        let ptr = serde_json::from_str::<kontract::Json>(<User as kontract::table::Record>::SCHEMA).unwrap();
        let statement = document.replace("tbl", ptr["ptr"].as_str().unwrap());
        kontract_test_support::execute(url, &statement);
        let error = storage.users.get("1").await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Decode);
        shows(&error, &["get from `users`", "column `data`", "it has no `age`"]);

        storage.users.set(user_with_id("1")).await.unwrap();
        let wrong = if url.starts_with("sqlite") {
            "UPDATE tbl SET data = json_set(data, '$.home', json('{\"street\": [\"s3cr3t\"]}'))"
        } else {
            "UPDATE tbl SET data = jsonb_set(data, '{home}', '{\"street\": [\"s3cr3t\"]}')"
        };
        kontract_test_support::execute(url, &wrong.replace("tbl", ptr["ptr"].as_str().unwrap()));
        let error = storage.users.list().await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Decode);
        shows(&error, &["`users`", "column `data`", "does not fit the type: `home.street`"]);
    }
}
