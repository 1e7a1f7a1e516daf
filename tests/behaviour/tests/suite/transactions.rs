//! Transactions over several statements, on both databases.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use kontract::prelude::*;
use kontract::{Error, Isolation, Kind, Transaction};
use kontract_behaviour::{Job, NewSetting, Post, Storage, User};

use super::{user, user_with_id};

/// The error with which a closure ends its transaction.
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
        assert_eq!((error.kind(), format!("{error:?}")), (&Kind::Custom, "enough".to_owned()));
        assert_eq!(names(&storage).await, ["a", "b", "c"]);
        assert_eq!(storage.users.query(User::age.gt(98.0)).count().await.unwrap(), 0);
        assert_eq!(storage.jobs.count().await.unwrap(), 0);
    }

    async fn a_transaction_has_one_number_and_rows_have_distinct_places(url: &str) {
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

    async fn a_rolled_back_transaction_uses_no_number(url: &str) {
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
                // An error inside of a savepoint does not end the transaction.
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

    async fn concurrent_savepoints_are_refused(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let moment = || tokio::time::sleep(Duration::from_millis(20));
        let add = async |tx: &Storage, name: &str| tx.users.insert(user_with_id(name)).await;
        storage
            .transaction(async |tx| {
                // A second savepoint while the first is open, and a handle of the outer transaction.
                let first = tx.transaction(async |part| {
                    add(&part, "a").await?;
                    moment().await;
                    add(&part, "b").await
                });
                let (first, second, other) = tokio::join!(
                    first,
                    tx.transaction(async |part| add(&part, "lost").await),
                    add(&tx, "lost"),
                );
                first?;
                for refused in [second.unwrap_err(), other.unwrap_err()] {
                    assert_eq!(*refused.kind(), Kind::Transaction, "{refused}");
                    assert!(format!("{refused:?}").contains("under way"), "{refused}");
                }
                // The transaction continues, also with later savepoints. A handle of a savepoint ends with it.
                let escaped = tx.transaction(async |part| Ok(part)).await?;
                let over = tx.transaction(async |_| Ok(add(&escaped, "lost").await)).await?;
                assert_eq!(*over.unwrap_err().kind(), Kind::Transaction);
                add(&tx, "c").await.map(drop)
            })
            .await
            .unwrap();
        assert_eq!(names(&storage).await, ["a", "b", "c"]);

        // A savepoint that ends while an inner one is open is rolled back.
        let error = storage
            .transaction(async |tx| {
                let (part, inner) = (tokio::sync::Notify::new(), tokio::sync::Notify::new());
                let handles = tokio::sync::OnceCell::new();
                let outer = tx.transaction(async |tx| {
                    add(&tx, "d").await?;
                    handles.set(tx).map_err(|_| enough())?;
                    part.notify_one();
                    inner.notified().await;
                    Ok(())
                });
                let inside = async {
                    part.notified().await;
                    let tx = handles.get().expect("the handle was stored");
                    tx.transaction(async |tx| {
                        add(&tx, "e").await?;
                        inner.notify_one();
                        moment().await;
                        Ok(())
                    })
                    .await
                };
                let (outer, inside) = tokio::join!(outer, inside);
                assert_eq!(*inside.unwrap_err().kind(), Kind::Transaction);
                outer
            })
            .await
            .unwrap_err();
        assert_eq!(*error.kind(), Kind::Transaction, "{error}");
        assert_eq!(names(&storage).await, ["a", "b", "c"]);
    }

    async fn a_savepoint_that_outlives_its_transaction(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let (begun, ended) = (Arc::new(tokio::sync::Notify::new()), Arc::new(tokio::sync::Notify::new()));
        let left = std::sync::Mutex::new(None);
        let error = storage
            .transaction(async |tx| {
                let (tx, begun_inside, ended_outside) = (tx, Arc::clone(&begun), Arc::clone(&ended));
                let part = tokio::spawn(async move {
                    tx.transaction(async |tx| {
                        tx.users.insert(user_with_id("a")).await?;
                        begun_inside.notify_one();
                        ended_outside.notified().await;
                        Ok(())
                    })
                    .await
                });
                *left.lock().unwrap() = Some(part);
                begun.notified().await;
                Ok(())
            })
            .await
            .unwrap_err();
        assert_eq!(*error.kind(), Kind::Transaction, "{error}");
        assert!(format!("{error:?}").contains("under way"), "{error}");
        ended.notify_one();
        let part = left.lock().unwrap().take().expect("the savepoint was begun");
        assert_eq!(*part.await.unwrap().unwrap_err().kind(), Kind::Transaction);
        assert!(names(&storage).await.is_empty());
    }

    async fn raw_statements_cannot_begin_or_end_a_transaction(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let settings: &[&'static str] = if url.starts_with("postgres") {
            &["SET search_path = other", "reset all", "DISCARD ALL", "LISTEN news"]
        } else {
            &["PRAGMA foreign_keys = OFF", "pragma journal_mode(delete)"]
        };
        let control = ["BEGIN", "/* now */ Commit", "rollback", "SAVEPOINT a", "START TRANSACTION", "END"];
        for text in control.iter().chain(settings) {
            let error = storage.sql(*text).execute().await.unwrap_err();
            assert_eq!(*error.kind(), Kind::Denied, "{text}: {error}");
        }
        let error = storage
            .transaction(async |tx| {
                tx.users.insert(user("a")).await?;
                tx.sql("COMMIT").execute().await
            })
            .await
            .unwrap_err();
        assert_eq!(*error.kind(), Kind::Denied);
        assert!(names(&storage).await.is_empty());
    }

    async fn a_failed_statement_ends_the_transaction(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert(user_with_id("a")).await.unwrap();
        // The closure ignores the error.
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
        // Errors of the program itself do not end the transaction.
        storage
            .transaction(async |tx| {
                let refused = tx.users.update("missing", User::patch().age(1.0)).await;
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
        // More often than the pool has connections.
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
        // Dropped during a statement, many times, at random points.
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

    async fn handles_that_outlive_the_transaction(url: &str) {
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
        // A statement that still runs when the transaction ends.
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

    async fn read_only_transactions(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert(user("a")).await.unwrap();
        let reading = Transaction::new().read_only();
        storage
            .transaction_with(reading.clone(), async |tx| {
                assert_eq!(tx.users.count().await?, 1);
                // Others write, and this transaction sees one snapshot.
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

    async fn concurrent_updates_are_not_lost(url: &str) {
        // Both read and add one: the result is as if they ran one after the other.
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
        if url.starts_with("sqlite") {
            assert_eq!(runs, 8)
        } else {
            assert!(runs > 8, "{runs} runs: the transactions did not overlap")
        }
    }

    async fn concurrent_statements_in_a_transaction(url: &str) {
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

    async fn outer_handles_are_refused_inside_a_transaction(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.users.insert(user_with_id("a")).await.unwrap();
        // Each of these statements could wait for the row that the transaction has changed.
        let outside = async |what: u32| -> kontract::Result<()> {
            let (users, renamed) = (&storage.users, User::patch().name("z"));
            match what {
                0 => users.insert(user("b")).await.map(drop),
                1 => users.update("a", renamed).await.map(drop),
                2 => users.query(User::id.eq("a")).update(renamed).await.map(drop),
                3 => users.delete("a").await.map(drop),
                4 => users.insert_many([user("b"), user("c")]).await.map(drop),
                5 => users.update_many(["a"], renamed).await.map(drop),
                6 => storage.transaction(async |tx| tx.users.count().await).await.map(drop),
                7 => storage.posts.list().delete().await.map(drop),
                8 => storage.sql("DELETE FROM settings").execute().await.map(drop),
                9 => users.list().for_update().await.map(drop),
                10 => match users.list().for_update().stream().next().await {
                    Some(row) => row.map(drop),
                    None => Ok(()),
                },
                11 => storage.settings.delete_many([("a".to_owned(), 1)]).await.map(drop),
                12 => storage.jobs.pop().await.map(drop),
                _ => storage.users.upsert(User::email, user("a")).await.map(drop),
            }
        };
        for what in 0..14 {
            let error = storage
                .transaction(async |tx| {
                    tx.users.update("a", User::patch().age(99.0)).await?;
                    // Also inside a savepoint.
                    match what % 2 {
                        0 => outside(what).await,
                        _ => tx.transaction(async |_| outside(what).await).await,
                    }
                })
                .await
                .unwrap_err();
            assert_eq!(*error.kind(), Kind::Transaction, "{what}: {error}");
            let what_to_do = "inside of a transaction use the handles that the closure got";
            assert!(format!("{error:?}").ends_with(what_to_do), "{what}: {error}");
        }
        assert_eq!(names(&storage).await, ["a"]);
        assert_eq!(storage.users.get("a").await.unwrap().unwrap().age, 18.0);
        // Reads are allowed, and see the state before the transaction. So are read-only transactions.
        let (count, again, text) = storage
            .transaction(async |tx| {
                tx.users.insert(user("b")).await?;
                let reading = Transaction::new().read_only();
                let again = storage.transaction_with(reading, async |tx| tx.users.count().await);
                let text = storage.sql("SELECT count(*) FROM settings").fetch::<(i64,)>().await?;
                Ok((storage.users.count().await?, again.await?, text))
            })
            .await
            .unwrap();
        assert_eq!((count, again, text), (1, 1, vec![(0,)]));
        // A read-only transaction blocks no other, and a spawned task is not part of a transaction.
        storage
            .transaction_with(Transaction::new().read_only(), async |tx| {
                storage.users.update("a", User::patch().name("c")).await?;
                tx.users.count().await
            })
            .await
            .unwrap();
        let begun = storage
            .transaction(async |tx| {
                let outside = storage.clone();
                let task = tokio::spawn(async move { outside.users.insert(user("d")).await });
                tx.users.count().await.map(|_| task)
            })
            .await
            .unwrap();
        begun.await.unwrap().unwrap();
        assert_eq!(names(&storage).await, ["b", "c", "d"]);
    }

    async fn an_outer_raw_query_takes_no_lock(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let read = async |text: &'static str| {
            let inside = async |tx: Storage| {
                tx.settings.insert(NewSetting::new("a", 1i64, "b")).await?;
                storage.sql(text).fetch::<(i64,)>().await.map(|rows| rows.len())
            };
            storage.transaction(inside).await
        };
        if !url.starts_with("sqlite") {
            for text in [
                "SELECT name FROM settings FOR UPDATE",
                "select name from settings for no key update nowait",
                "SELECT name FROM settings FOR /* them */ SHARE OF settings",
                "SELECT name FROM (SELECT * FROM settings FOR\nKEY SHARE) s",
            ] {
                let error = read(text).await.unwrap_err();
                assert_eq!(*error.kind(), Kind::Transaction, "{text}: {error}");
            }
            let text = "SELECT 1 WHERE substring('FOR UPDATE' FROM 1 FOR 3) = 'FOR' -- FOR SHARE";
            assert_eq!(storage.sql(text).fetch::<(i32,)>().await.unwrap(), [(1,)]);
        }
        let text = "SELECT name FROM settings WHERE value <> 'FOR UPDATE'";
        assert_eq!(read(text).await.unwrap(), 0);
        assert_eq!(storage.settings.count().await.unwrap(), 1);
    }

    /// A refused row ends the transaction in both layouts, whether the program or the database refused it.
    async fn a_duplicate_key_ends_the_transaction(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let setting = |value: &str| kontract_behaviour::NewSetting::new("a", 1i64, value);
        storage.users.insert(user_with_id("a")).await.unwrap();
        storage.settings.insert(setting("first")).await.unwrap();
        for document in [true, false] {
            let insert = async |tx: &Storage| if document {
                tx.users.insert(user_with_id("a")).await.map(drop)
            } else {
                tx.settings.insert(setting("second")).await.map(drop)
            };
            let error = storage
                .transaction(async |tx| {
                    tx.users.insert(user("b")).await?;
                    let taken = insert(&tx).await.unwrap_err();
                    assert!(matches!(taken.kind(), Kind::Unique { .. }), "{taken}");
                    let after = tx.users.count().await.unwrap_err();
                    assert_eq!(*after.kind(), Kind::Transaction, "{after}");
                    Ok(())
                })
                .await
                .unwrap_err();
            assert_eq!(*error.kind(), Kind::Transaction, "{error}");
            assert_eq!(names(&storage).await, ["a"]);
            // Inside a savepoint it ends the savepoint.
            storage
                .transaction(async |tx| {
                    let taken = tx.transaction(async |tx| insert(&tx).await).await.unwrap_err();
                    assert!(matches!(taken.kind(), Kind::Unique { .. }), "{taken}");
                    tx.users.update("a", User::patch().age(20.0 + f64::from(document))).await
                })
                .await
                .unwrap();
            let age = storage.users.get("a").await.unwrap().unwrap().age;
            assert_eq!(age, 20.0 + f64::from(document));
        }
    }
}

/// A database in memory has one connection, which the transaction uses: others cannot read either.
#[test]
fn a_transaction_in_memory_blocks_other_reads() {
    kontract_test_support::block_on(async {
        let storage = Storage::connect("sqlite::memory:").await.unwrap();
        for options in [Transaction::new(), Transaction::new().read_only()] {
            let outside = async |_| storage.users.count().await;
            let error = storage.transaction_with(options, outside).await.unwrap_err();
            assert_eq!(*error.kind(), Kind::Transaction, "{error}");
        }
        storage.users.insert(user("a")).await.unwrap();
        assert_eq!(names(&storage).await, ["a"]);
    });
}
