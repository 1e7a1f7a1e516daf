//! How many statements an operation runs, and how often they are prepared.

use kontract::Bytes;
use kontract_behaviour::{
    Job, Mood, NewJob, NewPost, NewSetting, NewUser, Post, Setting, Storage, User,
};
use kontract_test_support::statements::Statements;

use super::user;

async fn open(url: &str) -> (Storage, Statements) {
    let statements = Statements::of(url).await;
    (Storage::connect(statements.url()).await.unwrap(), statements)
}

/// Inserts users; every second one has three posts.
async fn fill(storage: &Storage, users: usize) -> Vec<User> {
    let new = |n: usize| {
        let name = format!("u{n}");
        NewUser::new(&name, format!("{name}@example.org"), n as f64, Mood::Good, Bytes::default())
    };
    let users = storage.users.insert_many((0..users).map(new)).await.unwrap();
    let posts = users
        .iter()
        .step_by(2)
        .flat_map(|author| (0..3).map(|n| NewPost::new(&author.id, format!("t{n}"))));
    storage.posts.insert_many(posts).await.unwrap();
    users
}

kontract_test_support::both! {
    async fn rows_with_their_references_are_two_statements(url: &str) {
        let (storage, statements) = open(url).await;
        // SQLite starts a long query again on another thread.
        let again = if url.starts_with("sqlite") { 2 } else { 0 };
        let is_two = |count: usize| assert!((2..=2 + again).contains(&count), "{count}");
        let none = statements.count();
        assert!(storage.users.list().with(Post::author).await.unwrap().is_empty());
        assert_eq!(statements.count() - none, 1, "without rows, the references are not read");
        fill(&storage, 2_000).await;
        for rows in [1, 10, 1_999] {
            let before = statements.count();
            let found = storage
                .users
                .query(User::age.lt(f64::from(rows)))
                .with(Post::author)
                .order_by(Post::title.desc())
                .await
                .unwrap();
            is_two(statements.count() - before);
            assert_eq!(found.len(), rows as usize);
            assert!(found.iter().all(|(user, posts)| posts.len() == 3 * usize::from(user.age % 2.0 == 0.0)));
            let before = statements.count();
            let found = storage.users.query(User::age.lt(f64::from(rows))).with_counts(Post::author);
            assert!(found.await.unwrap().iter().all(|(user, posts)| *posts == 3 * u64::from(user.age % 2.0 == 0.0)));
            is_two(statements.count() - before);
        }
    }

    async fn many_rows_at_once(url: &str) {
        let (storage, statements) = open(url).await;
        let rows = |from: i64, count: i64| (from..from + count).map(|n| NewSetting::new("a", n, "x"));
        let keys = || (0..3_000).map(|n| ("a".to_owned(), n));
        // The first run prepares the statements.
        storage.settings.insert_many(rows(-1, 1)).await.unwrap();
        storage.settings.set_many(rows(-1, 1)).await.unwrap();
        storage.settings.get_many([("a".to_owned(), -1)]).await.unwrap();
        let patch = || Setting::patch().value("y");
        storage.settings.update_many([("a".to_owned(), -1)], patch()).await.unwrap();
        storage.settings.delete_many([("a".to_owned(), -1)]).await.unwrap();
        storage.jobs.push_many([NewJob::new(1i64)]).await.unwrap();
        let prepared = statements.prepared();
        macro_rules! one {
            ($rows:literal, $trips:literal: $operation:expr) => {{
                let (before, trips) = (statements.count(), statements.round_trips());
                let done = $operation.await.unwrap();
                let count = statements.count() - before;
                match (statements.round_trips(), trips) {
                    (Some(after), Some(before)) => {
                        assert_eq!((count, after - before), (1, $trips), stringify!($operation));
                    }
                    // Each row runs the same statement, in one transaction.
                    _ => assert_eq!(count, $rows, stringify!($operation)),
                }
                done
            }};
        }
        one!(3000, 1: storage.settings.insert_many(rows(0, 3_000)));
        one!(3000, 1: storage.settings.set_many(rows(0, 3_000)));
        let found = one!(3000, 1: storage.settings.get_many(keys()));
        assert_eq!(found.iter().flatten().count(), 3_000);
        assert_eq!(one!(3000, 1: storage.settings.update_many(keys(), patch())), 3_000);
        assert_eq!(one!(3000, 1: storage.settings.delete_many(keys())), 3_000);
        // Statements that skip existing keys are checked before the commit.
        one!(3000, 3: storage.jobs.push_many((0..3_000i64).map(NewJob::new)));
        assert_eq!(statements.prepared(), prepared);
    }

    async fn large_batches_are_sent_in_chunks(url: &str) {
        let (storage, statements) = open(url).await;
        let text = "x".repeat(1 << 20);
        let before = statements.count();
        let rows = (0..40).map(|n| NewSetting::new("big", n, &text));
        storage.settings.insert_many(rows).await.unwrap();
        let count = statements.count() - before;
        match statements.round_trips() {
            Some(_) => assert!((4..=6).contains(&count), "{count} statements for 40 MB"),
            None => assert_eq!(count, 40),
        }
        assert_eq!(storage.settings.query(Setting::value.eq(text)).count().await.unwrap(), 40);
        // An error in the last chunk rolls back the first one.
        let text = "y".repeat(1 << 20);
        let twice = (0..40).chain([0]).map(|n| NewSetting::new("more", n, &text));
        storage.settings.insert_many(twice).await.unwrap_err();
        assert_eq!(storage.settings.count().await.unwrap(), 40);
    }

    async fn operations_on_one_row_are_prepared_once(url: &str) {
        let (storage, statements) = open(url).await;
        let (users, jobs) = (&storage.users, &storage.jobs);
        let mut after_first = 0;
        for round in 0..5 {
            let row = users.insert(user(&format!("u{round}"))).await.unwrap();
            let id = row.id.as_str();
            macro_rules! one {
                ($operation:expr) => {{
                    let before = statements.count();
                    $operation.await.unwrap();
                    assert_eq!(statements.count() - before, 1, "{}: {}", stringify!($operation), statements.last());
                }};
            }
            one!(users.set(row.clone()));
            one!(users.get(id));
            one!(users.get_row(id));
            one!(users.exists(id));
            one!(users.update(id, User::patch().age(f64::from(round))));
            let version = users.get_row(id).await.unwrap().unwrap().version.unwrap();
            one!(users.update_if(id, version, User::patch().age(3.0)));
            one!(users.delete(id));
            one!(users.restore(id));
            one!(users.purge(id));
            one!(jobs.push(NewJob::new(1i64)));
            one!(jobs.push(NewJob::new(2i64)));
            one!(jobs.pop());
            one!(jobs.shift());
            one!(users.count());
            one!(storage.settings.set(NewSetting::new("a", 1i64, "x")));
            one!(storage.settings.get(("a".to_owned(), 1)));
            // The number of different statements does not depend on the number of values.
            one!(users.query(User::id.is_in((0..round).map(|n| n.to_string()))).rows());
            one!(jobs.query(Job::task.gt(i64::from(round))).page(10));
            if round == 0 {
                after_first = statements.prepared();
                assert!(after_first > 15);
            }
        }
        assert_eq!(statements.prepared(), after_first);
    }
}
