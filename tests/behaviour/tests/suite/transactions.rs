//! Transactions over several statements, on both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kontract::prelude::*;
use kontract::{Error, Isolation, Kind, Transaction};
use kontract_behaviour::{Job, Post, Storage, User};

use super::{user, user_with_id};

/// Ends a transaction.
fn enough() -> Error {
    Error::custom("enough")
}

async fn names(storage: &Storage) -> Vec<String> {
    let mut names = storage.users.list().select(User::name).await.unwrap();
    names.sort();
    names
}

kontract_test_support::both! {
    async fn all_or_nothing(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let id = storage
            .transaction(async |tx| {
                let id = tx.users.insert(user("a")).await?.id;
                tx.users.insert_many([user("b"), user("c")]).await?;
                assert_eq!(tx.users.count().await?, 3);
                assert!(tx.users.get(&id).await?.is_some());
                Ok(id)
            })
            .await
            .unwrap();
        assert_eq!(names(&storage).await, ["a", "b", "c"]);
        let error = storage
            .transaction(async |tx| {
                tx.users.delete(&id).await?;
                tx.users.query(User::name.eq("b")).update(User::patch().age(99.0)).await?;
                tx.jobs.push(Job { id: Uuid::now_v7(), task: 1 }).await?;
                Err::<(), _>(enough())
            })
            .await
            .unwrap_err();
        assert_eq!((error.kind(), error.to_string()), (&Kind::Custom, "enough".to_owned()));
        assert_eq!(names(&storage).await, ["a", "b", "c"]);
        assert_eq!(storage.users.query(User::age.gt(98.0)).count().await.unwrap(), 0);
        assert_eq!(storage.jobs.count().await.unwrap(), 0);
    }

    async fn one_number_and_own_places(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let job = |task| Job { id: Uuid::now_v7(), task };
        storage
            .transaction(async |tx| {
                tx.jobs.push(job(1)).await?;
                tx.jobs.push_many([job(2), job(3)]).await?;
                tx.jobs.push(job(4)).await.map(drop)
            })
            .await
            .unwrap();
        storage.jobs.push(job(5)).await.unwrap();
        let rows = storage.jobs.list().rows().await.unwrap();
        let mut seen: Vec<_> = rows.iter().map(|row| (row.order, row.txid, row.record.task)).collect();
        seen.sort();
        let tasks: Vec<i64> = seen.iter().map(|(.., task)| *task).collect();
        assert_eq!(tasks, [1, 2, 3, 4, 5]);
        assert!(seen[..4].iter().all(|(_, txid, _)| *txid == seen[0].1));
        assert!(seen[4].1 > seen[0].1);
    }

    async fn what_went_back_has_no_number(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage
            .transaction(async |tx| {
                let inner = tx.transaction(async |tx| {
                    tx.users.insert(user_with_id("x")).await?;
                    Err::<(), _>(enough())
                });
                assert_eq!(inner.await.unwrap_err().kind(), &Kind::Custom);
                tx.users.insert(user_with_id("a")).await.map(drop)
            })
            .await
            .unwrap();
        storage.users.insert(user_with_id("b")).await.unwrap();
        let txid = async |id: &str| storage.users.get_row(id).await.unwrap().unwrap().txid;
        assert!(txid("b").await > txid("a").await);
    }

    async fn savepoints(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage
            .transaction(async |tx| {
                tx.users.insert(user_with_id("a")).await?;
                // What fails inside of a savepoint leaves the transaction whole.
                let taken = tx.transaction(async |tx| {
                    tx.users.insert(user_with_id("b")).await?;
                    tx.users.insert(user_with_id("a")).await
                });
                assert!(matches!(taken.await.unwrap_err().kind(), Kind::Unique { .. }));
                tx.transaction(async |tx| {
                    tx.transaction(async |tx| tx.users.insert(user_with_id("c")).await).await?;
                    tx.users.insert(user_with_id("d")).await
                })
                .await?;
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(names(&storage).await, ["a", "c", "d"]);
    }

    async fn a_statement_that_fails_is_the_end(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert(user_with_id("a")).await.unwrap();
        // A closure that goes on.
        let error = storage
            .transaction(async |tx| {
                tx.users.insert(user_with_id("b")).await?;
                // Another id, the same email.
                let taken = tx.users.insert(user("a")).await.unwrap_err();
                assert!(matches!(taken.kind(), Kind::Unique { .. }), "{taken}");
                let after = tx.users.count().await.unwrap_err();
                assert_eq!(*after.kind(), Kind::Transaction, "{after}");
                Ok(())
            })
            .await
            .unwrap_err();
        assert_eq!(*error.kind(), Kind::Transaction, "{error}");
        assert_eq!(names(&storage).await, ["a"]);
        // A batch.
        let error = storage
            .transaction(async |tx| {
                let _ = tx.users.insert_many([user_with_id("c"), user_with_id("a")]).await;
                tx.users.insert(user_with_id("d")).await
            })
            .await
            .unwrap_err();
        assert_eq!(*error.kind(), Kind::Transaction, "{error}");
        // What the program itself refuses is no failure of the database.
        storage
            .transaction(async |tx| {
                let refused = tx.users.update("nobody", User::patch().age(1.0)).await;
                assert_eq!(refused.unwrap_err().kind(), &Kind::NotFound);
                tx.users.insert(user_with_id("e")).await
            })
            .await
            .unwrap();
        assert_eq!(names(&storage).await, ["a", "e"]);
    }

    async fn panics_and_dropped_futures_roll_back(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let panicking = storage.clone();
        let task = tokio::spawn(async move {
            panicking
                .transaction(async |tx| {
                    tx.users.insert(user("a")).await?;
                    if tx.users.count().await? > 0 {
                        panic!("on purpose");
                    }
                    Ok(())
                })
                .await
        });
        assert!(task.await.unwrap_err().is_panic());
        // More than the pool has connections.
        for _ in 0..15 {
            let dropped = storage.transaction(async |tx| {
                tx.users.insert(user("b")).await?;
                std::future::pending::<()>().await;
                Ok(())
            });
            assert!(tokio::time::timeout(Duration::from_millis(20), dropped).await.is_err());
        }
        assert_eq!(storage.users.count().await.unwrap(), 0);
        storage.users.insert(user("c")).await.unwrap();
        // Dropped in the middle of a statement, many times, at any point.
        for micros in (0..3000).step_by(100) {
            let dropped = storage.transaction(async |tx| {
                tx.users.insert_many((0..20).map(|n| user(&format!("d{n}")))).await?;
                tx.users.list().update(User::patch().age(3.0)).await?;
                std::future::pending::<()>().await;
                Ok(())
            });
            let _ = tokio::time::timeout(Duration::from_micros(micros), dropped).await;
        }
        assert_eq!(names(&storage).await, ["c"]);
    }

    async fn handles_that_escape(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let escaped = storage.transaction(async |tx| Ok(tx)).await.unwrap();
        for error in [
            escaped.users.count().await.unwrap_err(),
            escaped.users.insert(user("a")).await.unwrap_err(),
            escaped.users.insert_many([user("a")]).await.unwrap_err(),
            escaped.users.get_many(["a"]).await.unwrap_err(),
            escaped.transaction(async |_| Ok(())).await.unwrap_err(),
        ] {
            assert_eq!(*error.kind(), Kind::Transaction, "{error}");
        }
        escaped.close().await;
        storage.users.insert(user("b")).await.unwrap();
        // One that is still at work when the transaction ends.
        let (give, take) = tokio::sync::oneshot::channel();
        storage
            .transaction(async |tx| {
                tx.users.insert(user("c")).await?;
                Ok(tx)
            })
            .await
            .map(|tx| give.send(tx).map_err(drop).unwrap())
            .unwrap();
        let tx = take.await.unwrap();
        assert!(tx.users.list().await.is_err());
        assert_eq!(names(&storage).await, ["b", "c"]);
    }

    async fn only_reading(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert(user("a")).await.unwrap();
        let reading = Transaction::new().read_only();
        storage
            .transaction_with(reading.clone(), async |tx| {
                assert_eq!(tx.users.count().await?, 1);
                // Others write meanwhile; this transaction sees one moment.
                storage.users.insert(user("b")).await?;
                assert_eq!(tx.users.count().await?, 1);
                assert_eq!(tx.users.get_many(["x"]).await?, [None]);
                Ok(())
            })
            .await
            .unwrap();
        let error = storage
            .transaction_with(reading, async |tx| tx.users.insert(user("c")).await)
            .await
            .unwrap_err();
        assert_eq!(*error.kind(), Kind::Denied, "{error}");
        assert_eq!(names(&storage).await, ["a", "b"]);
    }

    async fn two_that_would_lose_an_update(url: &str) {
        // Both read, both add one: as if one had come after the other.
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert(user_with_id("a")).await.unwrap();
        let runs = Arc::new(AtomicU32::new(0));
        let adding = || {
            let (storage, runs) = (storage.clone(), Arc::clone(&runs));
            tokio::spawn(async move {
                let careful = Transaction::new().isolation(Isolation::Serializable).attempts(20);
                storage
                    .transaction_with(careful, async |tx| {
                        runs.fetch_add(1, Ordering::Relaxed);
                        let age = tx.users.get("a").await?.unwrap().age;
                        tokio::time::sleep(Duration::from_millis(5)).await;
                        tx.users.update("a", User::patch().age(age + 1.0)).await
                    })
                    .await
            })
        };
        let tasks: Vec<_> = (0..8).map(|_| adding()).collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(storage.users.get("a").await.unwrap().unwrap().age, 26.0);
        let runs = runs.load(Ordering::Relaxed);
        match url.starts_with("sqlite") {
            true => assert_eq!(runs, 8),
            false => assert!(runs > 8, "{runs} runs: nobody met anybody"),
        }
    }

    async fn statements_side_by_side(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage
            .transaction(async |tx| {
                let inserts = (0..20).map(|n| {
                    let users = tx.users.clone();
                    tokio::spawn(async move { users.insert(user(&format!("u{n}"))).await })
                });
                for insert in inserts.collect::<Vec<_>>() {
                    insert.await.unwrap()?;
                }
                Ok(())
            })
            .await
            .unwrap();
        assert_eq!(storage.users.count().await.unwrap(), 20);
    }

    async fn many_at_once(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let tasks: Vec<_> = (0..40)
            .map(|n| {
                let storage = storage.clone();
                tokio::spawn(async move {
                    storage
                        .transaction(async |tx| {
                            tx.users.insert(user(&format!("u{n}"))).await?;
                            tx.jobs.push(Job { id: Uuid::now_v7(), task: n }).await?;
                            match n % 4 {
                                0 => Err(enough()),
                                _ => Ok(()),
                            }
                        })
                        .await
                })
            })
            .collect();
        let mut failed = 0;
        for task in tasks {
            failed += u32::from(task.await.unwrap().is_err());
        }
        assert_eq!(failed, 10);
        assert_eq!(storage.users.count().await.unwrap(), 30);
        assert_eq!(storage.jobs.count().await.unwrap(), 30);
        assert_eq!(storage.posts.query(Post::title.eq("")).count().await.unwrap(), 0);
    }

    async fn an_outer_handle_inside_does_not_hang(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        if url.starts_with("sqlite") {
            let error = storage
                .transaction(async |_| storage.users.insert(user("a")).await)
                .await
                .unwrap_err();
            assert_eq!(*error.kind(), Kind::Transaction, "{error}");
        }
        // Reading is fine: it sees what was before.
        let count = storage
            .transaction(async |tx| {
                tx.users.insert(user("a")).await?;
                storage.users.count().await
            })
            .await
            .unwrap();
        assert_eq!(count, 0);
    }
}
