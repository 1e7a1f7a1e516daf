//! Concurrent transactions: real deadlocks and serialization failures, isolation levels, and the order
//! of generated keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kontract::{Isolation, Kind, Result, Transaction};
use kontract_behaviour::{NewPost, Post, Storage, User};
use tokio::sync::Barrier;

use super::{user, user_with_id};

/// Runs two transactions that change two rows in opposite order. Returns their results, and how often
/// the closures ran.
async fn crosswise(storage: &Storage, attempts: u32) -> (Vec<Result<User>>, u32) {
    let (met, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let cross = |first: &'static str, second: &'static str| {
        let (storage, met, runs) = (storage.clone(), Arc::clone(&met), Arc::clone(&runs));
        tokio::spawn(async move {
            storage
                .transaction_with(Transaction::new().attempts(attempts), async |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let older = || User::patch().set(User::age, User::age.plus(1.0));
                    tx.users.update(first, older()).await?;
                    // On SQLite the other transaction cannot start while one writes.
                    let _ = tokio::time::timeout(Duration::from_millis(300), met.wait()).await;
                    tx.users.update(second, older()).await
                })
                .await
        })
    };
    let tasks = [cross("a", "b"), cross("b", "a")];
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    (results, runs.load(Ordering::Relaxed))
}

/// Runs two transactions that read a row and write a value computed from it.
async fn both_read_then_write(storage: &Storage, options: Transaction) -> (Vec<Result<User>>, u32) {
    let (met, runs) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
    let add = || {
        let (storage, met, runs) = (storage.clone(), Arc::clone(&met), Arc::clone(&runs));
        let options = options.clone();
        tokio::spawn(async move {
            storage
                .transaction_with(options, async |tx| {
                    runs.fetch_add(1, Ordering::Relaxed);
                    let age = tx.users.get("a").await?.unwrap().age;
                    let _ = tokio::time::timeout(Duration::from_millis(300), met.wait()).await;
                    tx.users.update("a", User::patch().age(age + 1.0)).await
                })
                .await
        })
    };
    let tasks = [add(), add()];
    let mut results = Vec::new();
    for task in tasks {
        results.push(task.await.unwrap());
    }
    (results, runs.load(Ordering::Relaxed))
}

async fn age(storage: &Storage, id: &str) -> f64 {
    storage.users.get(id).await.unwrap().unwrap().age
}

kontract_test_support::both! {
    async fn deadlocks(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert_many([user_with_id("a"), user_with_id("b")]).await.unwrap();
        let is_sqlite = url.starts_with("sqlite");
        // One transaction is rolled back and runs again.
        let (results, runs) = crosswise(&storage, 5).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(runs, if is_sqlite { 2 } else { 3 });
        assert_eq!((age(&storage, "a").await, age(&storage, "b").await), (20.0, 20.0));
        // Without a retry, the error has advice, and nothing is stored.
        let (results, runs) = crosswise(&storage, 1).await;
        assert_eq!(runs, 2);
        let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
        let added = 2.0 - errors.len() as f64;
        assert_eq!(errors.len(), usize::from(!is_sqlite));
        assert!(errors.iter().all(|error| *error.kind() == Kind::Retry), "{errors:?}");
        assert_eq!((age(&storage, "a").await, age(&storage, "b").await), (20.0 + added, 20.0 + added));
    }

    async fn serialization_failures(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert(user_with_id("a")).await.unwrap();
        let is_sqlite = url.starts_with("sqlite");
        let mut expected = 18.0;
        for isolation in [Isolation::RepeatableRead, Isolation::Serializable] {
            let options = Transaction::new().isolation(isolation);
            let (results, runs) = both_read_then_write(&storage, options.clone()).await;
            assert!(results.iter().all(Result::is_ok), "{results:?}");
            assert_eq!(runs, if is_sqlite { 2 } else { 3 });
            expected += 2.0;
            assert_eq!(age(&storage, "a").await, expected);
            let (results, runs) = both_read_then_write(&storage, options.attempts(1)).await;
            let errors: Vec<_> = results.into_iter().filter_map(Result::err).collect();
            assert_eq!((runs, errors.len()), (2, usize::from(!is_sqlite)));
            assert!(errors.iter().all(|error| *error.kind() == Kind::Retry), "{errors:?}");
            expected += 2.0 - errors.len() as f64;
            assert_eq!(age(&storage, "a").await, expected);
        }
    }

    /// Whether a transaction sees a row that another one inserts.
    async fn isolation(url: &str) {
        let is_sqlite = url.starts_with("sqlite");
        for (isolation, is_seen) in [
            (None, true),
            (Some(Isolation::ReadCommitted), true),
            (Some(Isolation::RepeatableRead), false),
            (Some(Isolation::Serializable), false),
        ] {
            let storage = Storage::connect(url).await.unwrap();
            storage.users.list().delete().await.unwrap();
            let options = isolation.map_or_else(Transaction::new, |of| Transaction::new().isolation(of));
            let (before, after, task) = storage
                .transaction_with(options, async |tx| {
                    let before = tx.users.count().await?;
                    let outside = storage.clone();
                    let mut task = tokio::spawn(async move { outside.users.insert(user("x")).await });
                    // SQLite has one writer at a time, so the other one waits.
                    let done = tokio::time::timeout(Duration::from_millis(300), &mut task).await;
                    assert_eq!(done.is_err(), is_sqlite);
                    Ok((before, tx.users.count().await?, task))
                })
                .await
                .unwrap();
            let expected = u64::from(is_seen && !is_sqlite);
            assert_eq!((before, after), (0, expected), "{isolation:?}");
            if is_sqlite {
                task.await.unwrap().unwrap();
            }
            assert_eq!(storage.users.count().await.unwrap(), 1);
            storage.close().await;
        }
    }

    /// New keys are UUIDs of version 7: ordered by key, rows are in the order of their creation, as text and
    /// as the UUID type.
    async fn keys_are_ordered_by_creation(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let author = storage.users.insert(user("0000")).await.unwrap().id;
        let name = |n: u32| format!("{n:04}");
        for n in 1..50 {
            storage.users.insert(user(&name(n))).await.unwrap();
        }
        storage.users.insert_many((50..1000).map(|n| user(&name(n)))).await.unwrap();
        let names = storage.users.list().order_by(User::id.asc()).select(User::name).await.unwrap();
        assert_eq!(names, (0..1000).map(name).collect::<Vec<_>>());
        storage.posts.insert_many((0..500).map(|n| NewPost::new(&author, name(n)))).await.unwrap();
        for n in 500..550 {
            storage.posts.insert(NewPost::new(&author, name(n))).await.unwrap();
        }
        let posts = storage.posts.list().order_by(Post::id.asc()).await.unwrap();
        assert!(posts.iter().all(|post| post.id.get_version_num() == 7));
        let titles: Vec<String> = posts.into_iter().map(|post| post.title).collect();
        assert_eq!(titles, (0..550).map(name).collect::<Vec<_>>());
    }
}
