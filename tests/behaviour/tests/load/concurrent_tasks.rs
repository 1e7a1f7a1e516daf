//! Concurrent tasks of one program.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use kontract::{Kind, Transaction};
use kontract_behaviour::{NewJob, NewPost, Post, Storage};

use super::{has_foreign_keys, read_halves, read_pair, write_pair};
use crate::user;

#[test]
fn thirty_two_writers_and_thirty_two_readers() {
    let database = kontract_test_support::sqlite_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        write_pair(&storage, "first").await.unwrap();
        let end = Instant::now() + Duration::from_secs(2);
        let writers: Vec<_> = (0..32)
            .map(|writer| {
                let storage = storage.clone();
                tokio::spawn(async move {
                    let mut written = 0;
                    while Instant::now() < end {
                        write_pair(&storage, &format!("{writer} {written}")).await.unwrap();
                        storage.jobs.push(NewJob::new(writer)).await.unwrap();
                        written += 1;
                    }
                    written
                })
            })
            .collect();
        let readers: Vec<_> = (0..32)
            .map(|_| {
                let storage = storage.clone();
                tokio::spawn(async move {
                    let mut seen = 0u64;
                    while Instant::now() < end {
                        read_pair(&storage).await.unwrap();
                        read_halves(&storage).await.unwrap();
                        storage.jobs.list().limit(20).rows().await.unwrap();
                        seen += 1;
                        tokio::task::yield_now().await;
                    }
                    seen
                })
            })
            .collect();
        let (mut written, mut seen) = (0, 0);
        for writer in writers {
            let own = writer.await.unwrap();
            assert!(own > 0, "a writer had no turn");
            written += own;
        }
        for reader in readers {
            let own = reader.await.unwrap();
            assert!(own > 0, "a reader had no turn");
            seen += own;
        }
        println!("{written} transactions that wrote, {seen} rounds of reading");
        assert_eq!(storage.jobs.count().await.unwrap(), written);
    });
}

/// While a transaction with writes is open, others read the state before it.
#[test]
fn readers_do_not_wait_for_a_long_writer() {
    let database = kontract_test_support::sqlite_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        write_pair(&storage, "before").await.unwrap();
        let read = Arc::new(AtomicU32::new(0));
        let readers = || {
            (0..32).map(|_| {
                let (storage, read) = (storage.clone(), Arc::clone(&read));
                tokio::spawn(async move {
                    for _ in 0..10 {
                        assert_eq!(read_pair(&storage).await.unwrap(), "before");
                        assert_eq!(read_halves(&storage).await.unwrap(), "before");
                        read.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
        };
        let waited = storage.transaction(async |tx| {
            write_pair(&tx, "after").await?;
            for reader in readers().collect::<Vec<_>>() {
                reader.await.unwrap();
            }
            Ok(())
        });
        // If the readers waited for the writer, the test would deadlock.
        tokio::time::timeout(Duration::from_secs(20), waited).await.unwrap().unwrap();
        assert_eq!(read.load(Ordering::Relaxed), 320);
        assert_eq!(read_pair(&storage).await.unwrap(), "after");
    });
}

/// Foreign keys are on in every connection, whatever it ran before.
#[test]
fn foreign_keys_are_on() {
    let database = kontract_test_support::sqlite_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        let orphan = || NewPost::new("missing", "title");
        let is_refused = |error: &kontract::Error| {
            assert!(matches!(error.kind(), Kind::ForeignKey { .. }), "{error}");
        };
        // The connection for writes, after each kind of failure.
        for round in 0..3 {
            is_refused(&storage.posts.insert(orphan()).await.unwrap_err());
            is_refused(&storage.posts.insert_many([orphan()]).await.unwrap_err());
            let failed = storage.transaction(async |tx| {
                let inner = tx.transaction(async |tx| tx.posts.insert(orphan()).await);
                is_refused(&inner.await.unwrap_err());
                assert!(has_foreign_keys(&tx).await?);
                tx.users.insert(user(&format!("u{round}"))).await?;
                tx.posts.insert(orphan()).await
            });
            is_refused(&failed.await.unwrap_err());
            assert!(storage.sql("INSERT INTO nowhere VALUES (1)").execute().await.is_err());
            let dropped = storage.transaction(async |tx| {
                tx.users.insert(user("x")).await?;
                std::future::pending::<()>().await;
                Ok(())
            });
            assert!(tokio::time::timeout(Duration::from_millis(20), dropped).await.is_err());
        }
        assert_eq!(storage.users.count().await.unwrap(), 0);
        // The connections for reads: more concurrent reads than connections, so that each is used.
        let all = tokio::sync::Barrier::new(8);
        let reading = || async {
            storage
                .transaction_with(Transaction::new().read_only(), async |tx| {
                    all.wait().await;
                    let bad = tx.sql("SELECT nothing FROM nowhere").fetch::<(i64,)>().await;
                    assert!(bad.is_err());
                    Ok(())
                })
                .await
                .unwrap_err();
            storage
                .transaction_with(Transaction::new().read_only(), async |tx| {
                    all.wait().await;
                    has_foreign_keys(&tx).await
                })
                .await
        };
        let (a, b, c, d, e, f, g, h) = tokio::join!(
            reading(),
            reading(),
            reading(),
            reading(),
            reading(),
            reading(),
            reading(),
            reading()
        );
        for on in [a, b, c, d, e, f, g, h] {
            assert!(on.unwrap());
        }
        // Deleting the row deletes the rows that reference it with ON DELETE CASCADE.
        let author = storage.users.insert(user("a")).await.unwrap();
        storage.posts.insert(NewPost::new(&author.id, "title")).await.unwrap();
        storage.users.purge(&author.id).await.unwrap();
        assert_eq!(storage.posts.query(Post::title.eq("title")).count().await.unwrap(), 0);
    });
}
