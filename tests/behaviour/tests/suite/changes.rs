//! The change feed.

use std::time::{Duration, Instant};

use kontract::changes::{Change, ChangeCursor, ChangeKind};
use kontract::prelude::*;
use kontract::query::Query;
use kontract::table::Tracked;
use kontract::{Error, Kind};
use kontract_behaviour::{Job, NewJob, Storage, User};
use kontract_test_support::{execute, rows};
use tokio::sync::oneshot;

use super::user;

/// A table of the columns layout with a key of two columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, versioned, track, soft_delete, primary_key(place, at))]
pub struct Reading {
    pub place: String,
    pub at: i64,
    pub value: f64,
}

fn reading(place: &str, at: i64) -> Reading {
    Reading { place: place.to_owned(), at, value: 0.5 }
}

/// Reads changes since the cursor in readings of that size until there are so many, and moves the cursor.
/// Transactions of other tests on the same server delay them.
async fn read<R: Tracked>(
    table: &kontract::Table<R>,
    cursor: &mut ChangeCursor,
    limit: usize,
    count: usize,
) -> Vec<Change<R>> {
    let (mut all, begun) = (Vec::new(), Instant::now());
    loop {
        let read = table.changes(cursor.clone()).limit(limit).await.unwrap();
        assert!(read.changes.len() <= limit);
        all.extend(read.changes);
        // As a reader that ends and begins again.
        *cursor = read.next.to_string().parse().unwrap();
        if !read.has_more && (all.len() >= count || begun.elapsed() > Duration::from_secs(60)) {
            assert_eq!(all.len(), count);
            return all;
        }
        if !read.has_more {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

/// Reads all rows that exist, once the changes of so many are delivered.
async fn rows_at_start(jobs: &kontract::Table<Job>, count: usize) -> Vec<i64> {
    let begun = Instant::now();
    loop {
        let rows = tasks(&jobs.changes(ChangeCursor::start()).await.unwrap().changes);
        if rows.len() == count || begun.elapsed() > Duration::from_secs(60) {
            return rows;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn tasks(changes: &[Change<Job>]) -> Vec<i64> {
    changes.iter().map(|change| change.record.task).collect()
}

kontract_test_support::both! {
    async fn a_transaction_that_commits_late_is_not_skipped(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let other = Storage::connect(url).await.unwrap();
        let start = storage.jobs.changes(ChangeCursor::start()).await.unwrap().next;
        let (begun, has_begun) = oneshot::channel();
        let (end, ends) = oneshot::channel();
        let slots = std::sync::Mutex::new(Some((begun, ends)));
        let late = tokio::spawn(async move {
            other
                .transaction(|tx| {
                    let slots = slots.lock().unwrap().take();
                    async move {
                        tx.jobs.insert(NewJob::new(1i64)).await?;
                        if let Some((begun, ends)) = slots {
                            begun.send(()).unwrap();
                            ends.await.unwrap();
                        }
                        Ok(())
                    }
                })
                .await
        });
        has_begun.await.unwrap();
        // SQLite has one writer: the second transaction waits for the first.
        let second = tokio::spawn({
            let jobs = storage.jobs.clone();
            async move { jobs.insert(NewJob::new(2i64)).await }
        });
        tokio::time::sleep(Duration::from_millis(100)).await;
        let first = storage.jobs.changes(start).await.unwrap();
        assert_eq!(first.changes, [], "the transaction with the smaller number is open");
        end.send(()).unwrap();
        late.await.unwrap().unwrap();
        second.await.unwrap().unwrap();
        let mut cursor = first.next;
        let read = read(&storage.jobs, &mut cursor, 10, 2).await;
        assert_eq!(tasks(&read), [1, 2]);
        assert!(read[0].txid < read[1].txid);
        assert_eq!(storage.jobs.changes(cursor).await.unwrap().changes, []);
    }

    async fn a_rolled_back_transaction_is_not_a_change(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let cursor = storage.jobs.changes(ChangeCursor::start()).await.unwrap().next;
        let inside = storage
            .transaction(async |tx| {
                tx.jobs.insert(NewJob::new(1i64)).await?;
                // Its own changes are not changes yet, for they may be rolled back.
                let read = tx.jobs.changes(cursor.clone()).await?;
                assert_eq!(read.changes, []);
                Err::<(), _>(Error::custom(read.next.to_string()))
            })
            .await
            .unwrap_err();
        let mut cursor: ChangeCursor = inside.to_string().parse().unwrap();
        // SQLite gives this transaction the number of the one before.
        storage.jobs.insert(NewJob::new(2i64)).await.unwrap();
        assert_eq!(tasks(&read(&storage.jobs, &mut cursor, 10, 1).await), [2]);
    }

    async fn each_kind_of_write_is_a_change(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.create::<Reading>().await.unwrap();
        let readings: kontract::Table<Reading> = storage.table();
        let at = |at: i64| ("a".to_owned(), at);
        let query = || -> Query<Reading> { readings.query(Reading::place.eq("a")) };
        let mut cursor = ChangeCursor::start();
        assert_eq!(read(&readings, &mut cursor, 2, 0).await, []);
        macro_rules! changes {
            ($($work:expr => $kind:ident * $count:expr;)*) => { $(
                $work.await.unwrap();
                let found = read(&readings, &mut cursor, 2, $count).await;
                let kinds: Vec<_> = found.iter().map(|change| change.kind).collect();
                assert_eq!(kinds, [ChangeKind::$kind; $count], stringify!($work));
            )* };
        }
        changes! {
            readings.insert(reading("a", 1)) => Inserted * 1;
            readings.insert_many((2..6).map(|at| reading("a", at))) => Inserted * 4;
            readings.set(reading("a", 1)) => Updated * 1;
            readings.set_many((5..7).map(|at| reading("a", at)).filter(|row| row.at < 6)) => Updated * 1;
            readings.upsert((Reading::place, Reading::at), reading("a", 1)) => Updated * 1;
            readings.update(at(1), Reading::patch().value(2.0)) => Updated * 1;
            readings.update_if(at(1), 4, Reading::patch().value(3.0)) => Updated * 1;
            readings.update_many([at(1), at(2)], Reading::patch().value(4.0)) => Updated * 2;
            query().update(Reading::patch().value(5.0)) => Updated * 5;
            readings.delete(at(1)) => Deleted * 1;
            readings.restore(at(1)) => Updated * 1;
            readings.delete_many([at(1), at(2)]) => Deleted * 2;
            readings.insert(reading("a", 1)) => Updated * 1;
            readings.set(reading("a", 2)) => Updated * 1;
            query().delete() => Deleted * 5;
            readings.insert_many([reading("a", 1), reading("a", 2)]) => Updated * 2;
            query().limit(1).delete() => Deleted * 1;
        }
        // A reader that begins now gets the rows that exist, and nothing of those that are gone.
        read(&readings, &mut ChangeCursor::start(), 10, 1).await;
    }

    async fn readings_continue_within_a_transaction(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.create::<Reading>().await.unwrap();
        let readings: kontract::Table<Reading> = storage.table();
        let places = ["a", "B", "é", "it's"];
        let rows = places.iter().flat_map(|place| (0..25).map(move |at| reading(place, at)));
        readings.insert_many(rows).await.unwrap();
        for limit in [1, 7, 50, 100, 1000] {
            let mut cursor = ChangeCursor::start();
            let all = read(&readings, &mut cursor, limit, 100).await;
            let mut keys: Vec<_> = all.iter().map(|c| (c.record.place.clone(), c.record.at)).collect();
            keys.sort();
            keys.dedup();
    assert_eq!(keys.len(), 100, "{limit}");
        }
        // Rows that change behind the position are read again, with their new version.
        let read = readings.changes(ChangeCursor::start()).limit(10).await.unwrap();
        let first = &read.changes[0].record;
        readings.update((first.place.clone(), first.at), Reading::patch().value(9.0)).await.unwrap();
        let mut cursor = read.changes[9].cursor.clone();
        let rest = self::read(&readings, &mut cursor, 30, 91).await;
        assert_eq!(rest[90].record.value, 9.0);
        assert_eq!(rest[90].version, Some(2));
    }

    async fn other_databases_and_damaged_cursors_are_noticed(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let jobs = &storage.jobs;
        jobs.insert(NewJob::new(1i64)).await.unwrap();
        let cursor = jobs.changes(ChangeCursor::start()).await.unwrap().next;
        let [sqlite, postgres] = kontract_test_support::both();
        for other in [sqlite.url(), postgres.url()] {
            let other = Storage::connect(other).await.unwrap();
            let error = other.jobs.changes(cursor.clone()).await.unwrap_err();
            assert_eq!(*error.kind(), Kind::Resync, "{error}");
            assert!(error.help().unwrap().contains("`ChangeCursor::start()`"), "{error}");
            other.close().await;
        }
        for text in ["", "x", "e30", "start "] {
            let error = text.parse::<ChangeCursor>().unwrap_err();
            assert_eq!(*error.kind(), Kind::Value, "{text}");
        }
    }
}

#[test]
fn the_cursor_is_text_in_serde() {
    let start = serde_json::to_string(&ChangeCursor::start()).unwrap();
    assert_eq!(start, "\"start\"");
    assert_eq!(serde_json::from_str::<ChangeCursor>(&start).unwrap(), ChangeCursor::start());
    assert!(serde_json::from_str::<ChangeCursor>("\"e30\"").is_err());
}

#[tokio::test]
async fn a_restored_sqlite_file_is_noticed() {
    let database = kontract_test_support::sqlite_database();
    let storage = Storage::connect(database.url()).await.unwrap();
    storage.jobs.insert(NewJob::new(1i64)).await.unwrap();
    let path = database.url().strip_prefix("sqlite:").unwrap().to_owned();
    execute(database.url(), &format!("VACUUM INTO '{path}.backup'"));
    storage.jobs.insert(NewJob::new(2i64)).await.unwrap();
    let cursor = storage.jobs.changes(ChangeCursor::start()).await.unwrap().next;
    let restored = Storage::connect(&format!("sqlite:{path}.backup")).await.unwrap();
    let error = restored.jobs.changes(cursor).await.unwrap_err();
    assert_eq!(*error.kind(), Kind::Resync);
}

#[tokio::test]
async fn rows_of_another_server_are_read_at_the_start() {
    let database = kontract_test_support::postgres_database();
    let storage = Storage::connect(database.url()).await.unwrap();
    storage.jobs.insert_many([1i64, 2, 3].map(NewJob::new)).await.unwrap();
    let table = rows(
        database.url(),
        "SELECT relname::text FROM pg_class WHERE relname LIKE 'tbl_jobs_%' AND relkind = 'r'",
    );
    // As the rows of a dump of a server that has had more transactions.
    execute(
        database.url(),
        &format!("UPDATE {} SET _txid = _txid + 1000000000 + (data->>'task')::int", table[0]),
    );
    storage.jobs.insert(NewJob::new(4i64)).await.unwrap();
    let mut cursor = ChangeCursor::start();
    assert_eq!(tasks(&read(&storage.jobs, &mut cursor, 2, 4).await), [1, 2, 3, 4]);
    let job: Job = storage.jobs.query(Job::task.eq(2)).one().await.unwrap();
    storage.jobs.update(job.id, Job::patch().task(5)).await.unwrap();
    assert_eq!(tasks(&read(&storage.jobs, &mut cursor, 10, 1).await), [5]);
}

#[tokio::test]
async fn a_role_with_few_rights_reads_changes() {
    let database = kontract_test_support::postgres_database();
    let storage = Storage::connect(database.url()).await.unwrap();
    storage.users.insert(user("Ann")).await.unwrap();
    execute(
        database.url(),
        "DROP ROLE IF EXISTS feed_reader; CREATE ROLE feed_reader; GRANT SELECT ON ALL TABLES IN SCHEMA public TO feed_reader",
    );
    let begun = Instant::now();
    let users = loop {
        let read = storage.transaction(async |tx| {
            tx.sql("SET LOCAL ROLE feed_reader").execute().await?;
            tx.users.changes(ChangeCursor::start()).await
        });
        let users = read.await.unwrap().changes;
        if !users.is_empty() || begun.elapsed() > Duration::from_secs(60) {
            break users;
        }
    };
    let users: Vec<User> = users.into_iter().map(|change| change.record).collect();
    assert_eq!(users.len(), 1);
    execute(database.url(), "DROP OWNED BY feed_reader; DROP ROLE feed_reader");
}

kontract_test_support::both! {
    async fn all_tables_have_one_order(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let mut expected = Vec::new();
        for task in 0..6i64 {
            if task % 2 == 0 {
                storage.jobs.insert(NewJob::new(task)).await.unwrap();
                expected.push(format!("jobs {task}"));
            } else {
                storage.users.insert(user(&format!("u{task}"))).await.unwrap();
                expected.push(format!("users u{task}"));
            }
        }
        let (mut found, mut cursor, begun) = (Vec::new(), ChangeCursor::start(), Instant::now());
        while found.len() < expected.len() && begun.elapsed() < Duration::from_secs(60) {
            let read = storage.changes(cursor).limit(1).await.unwrap();
            cursor = read.next;
            for change in read.changes {
                assert_eq!((change.kind, change.version), (ChangeKind::Inserted, Some(1)));
                let job = change.change_of::<Job>().unwrap();
                let user = change.change_of::<User>().unwrap();
                found.push(match (job, user) {
                    (Some(job), None) => format!("jobs {}", job.record.task),
                    (None, Some(user)) => format!("users {}", user.record.name),
                    other => panic!("{other:?}"),
                });
            }
        }
        assert_eq!(found, expected);
        // One transaction that changes rows of both: none of them is left out at a page of one row.
        storage
            .transaction(async |tx| {
                tx.users.insert_many([user("a"), user("b"), user("c")]).await?;
                tx.jobs.insert_many([7i64, 8].map(NewJob::new)).await.map(drop)
            })
            .await
            .unwrap();
        let mut keys = std::collections::BTreeSet::new();
        let mut count = 0;
        while count < 5 && begun.elapsed() < Duration::from_secs(60) {
            let read = storage.changes(cursor).limit(1).await.unwrap();
            cursor = read.next;
            for change in read.changes {
                count += 1;
                let job = change.change_of::<Job>().unwrap().map(|job| job.record.task.to_string());
                let user = change.change_of::<User>().unwrap().map(|user| user.record.name);
                keys.extend(job.or(user));
            }
        }
        assert_eq!(keys.into_iter().collect::<Vec<_>>(), ["7", "8", "a", "b", "c"]);
        assert_eq!(storage.changes(cursor).await.unwrap().changes, []);
    }

    async fn owners_read_changes_of_their_rows(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let (ann, bob) = (storage.as_owner("ann").unwrap(), storage.as_owner("bob").unwrap());
        ann.jobs.insert(NewJob::new(1i64)).await.unwrap();
        let job = bob.jobs.insert(NewJob::new(2i64)).await.unwrap();
        storage.jobs.insert(NewJob::new(3i64)).await.unwrap();
        bob.jobs.delete(job.id).await.unwrap();
        assert_eq!(rows_at_start(&storage.jobs, 2).await, [1, 3]);
        assert_eq!(tasks(&ann.jobs.changes(ChangeCursor::start()).await.unwrap().changes), [1]);
        assert_eq!(bob.changes(ChangeCursor::start()).await.unwrap().changes, []);
        bob.jobs.restore(job.id).await.unwrap();
        bob.jobs.transfer(job.id, "ann").await.unwrap();
        assert_eq!(rows_at_start(&storage.jobs, 3).await, [1, 3, 2]);
        assert_eq!(tasks(&ann.jobs.changes(ChangeCursor::start()).await.unwrap().changes), [1, 2]);
        assert_eq!(bob.changes(ChangeCursor::start()).await.unwrap().changes, []);
    }

    async fn a_consumer_handles_each_change_once(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        assert_eq!(storage.read_by_all_consumers().await.unwrap(), None);
        storage.consumer("mailer").await.unwrap();
        storage.jobs.insert_many((0..60i64).map(NewJob::new)).await.unwrap();
        // Several processes with the same consumer; some of their transactions fail.
        let working = (0..4).map(|worker| {
            let storage = storage.clone();
            tokio::spawn(async move {
                let (begun, mut fails) = (Instant::now(), worker);
                while storage.users.count().await.unwrap() < 60 {
                    assert!(begun.elapsed() < Duration::from_secs(60), "too slow");
                    fails += 1;
                    let done = storage.transaction(async |tx| {
                        let mailer = tx.consumer("mailer").await?;
                        let read = tx.jobs.changes(mailer.cursor().await?).limit(7).await?;
                        for change in &read.changes {
                            tx.users.insert(user(&format!("u{}", change.record.task))).await?;
                        }
                        mailer.advance(&read.next).await?;
                        if fails % 3 == 0 { Err(Error::custom("stop")) } else { Ok(()) }
                    });
                    if let Err(error) = done.await {
                        assert_eq!(*error.kind(), Kind::Custom, "{error}");
                    }
                }
            })
        });
        for worker in working.collect::<Vec<_>>() {
            worker.await.unwrap();
        }
        assert_eq!(storage.users.count().await.unwrap(), 60);
        let slow = storage.consumer("slow").await.unwrap();
        assert_eq!(storage.read_by_all_consumers().await.unwrap(), Some(-1));
        assert!(slow.remove().await.unwrap());
        assert!(storage.read_by_all_consumers().await.unwrap().unwrap() > 0);

        storage.restart_changes().await.unwrap();
        let mailer = storage.consumer("mailer").await.unwrap();
        let error = storage.jobs.changes(mailer.cursor().await.unwrap()).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Resync);
        mailer.advance(&ChangeCursor::start()).await.unwrap();
        read(&storage.jobs, &mut mailer.cursor().await.unwrap(), 100, 60).await;
        assert!(mailer.clone().remove().await.unwrap());
        assert_eq!(*mailer.cursor().await.unwrap_err().kind(), Kind::NotFound);
        storage.verify().await.unwrap();
    }

    async fn a_subscription_waits_and_goes_on(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let mut changes = storage.jobs.subscribe(ChangeCursor::start());
        let waiting = tokio::time::timeout(Duration::from_millis(50), changes.next()).await;
        assert!(waiting.is_err(), "there are no changes");
        storage.jobs.insert_many([1i64, 2].map(NewJob::new)).await.unwrap();
        let first = changes.next().await.unwrap().unwrap();
        // A reader that ends here goes on with the second change, whose transaction is the same.
        let mut rest = storage.jobs.subscribe(changes.cursor().clone());
        let second = rest.next().await.unwrap().unwrap();
        let mut both = tasks(&[first, second]);
        both.sort();
        assert_eq!(both, [1, 2]);
        let mut all = storage.subscribe(rest.cursor().clone());
        storage.users.insert(user("Ann")).await.unwrap();
        assert_eq!(all.next().await.unwrap().unwrap().table, "users");
        storage.restart_changes().await.unwrap();
        let error = all.next().await.unwrap().unwrap_err();
        assert_eq!(*error.kind(), Kind::Resync);
        assert!(all.next().await.is_none());
    }
}

#[tokio::test]
async fn an_open_transaction_is_reported() {
    let database = kontract_test_support::postgres_database();
    let storage = Storage::connect(database.url()).await.unwrap();
    storage
        .transaction(async |tx| {
            tx.jobs.insert(NewJob::new(1i64)).await?;
            let other = storage.clone();
            tokio::spawn(async move { other.jobs.insert(NewJob::new(2i64)).await })
                .await
                .unwrap()?;
            let lag = storage.change_lag().await?;
            assert!(lag.transactions >= 1, "{lag:?}");
            assert!(lag.oldest.is_some());
            Ok(())
        })
        .await
        .unwrap();
}
