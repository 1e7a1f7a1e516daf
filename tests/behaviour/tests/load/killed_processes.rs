//! Processes that are killed during their transactions: each transaction is stored completely or not at
//! all.
//!
//! The next process continues in the same database, so it also recovers what the last one left.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kontract::{Error, Kind};
use kontract_behaviour::{Job, NewJob, NewPost, NewSetting, Setting, Storage, User};
use kontract_test_support::crash::kill_at_sqlite_statement;
use kontract_test_support::proxy::Cut;

use super::{PAIR, user};

/// A transaction that writes the number `n` to several tables, with a savepoint that is kept and one that
/// is rolled back; and a batch, which is a transaction of its own.
async fn step(storage: &Storage, n: i64) -> Result<(), Error> {
    let text = n.to_string();
    storage
        .transaction(async |tx| {
            for half in PAIR {
                tx.settings.set(NewSetting::new("pair", half, &text)).await?;
            }
            let author = tx.users.insert(user(&format!("a{n}"))).await?;
            tx.posts.insert(NewPost::new(&author.id, "title")).await?;
            tx.jobs.push_many([n, n, n].map(NewJob::new)).await?;
            tx.transaction(async |tx| {
                tx.users.insert(user(&format!("b{n}"))).await?;
                tx.jobs.push(NewJob::new(n)).await
            })
            .await?;
            let taken = tx.transaction(async |tx| {
                tx.users.insert(user(&format!("c{n}"))).await?;
                tx.users.insert(user(&format!("a{n}"))).await
            });
            assert!(matches!(taken.await.unwrap_err().kind(), Kind::Unique { .. }));
            tx.users.query(User::age.ge(0.0)).update(User::patch().age(n as f64)).await?;
            Ok(())
        })
        .await?;
    let batch = [0, 1, 2].map(|part| NewSetting::new(format!("batch{n}"), part, &text));
    storage.settings.insert_many(batch).await.map(drop)
}

/// The number of the last transaction. Fails unless it is stored completely.
async fn last(storage: &Storage) -> i64 {
    let reading = kontract::Transaction::new().read_only();
    storage
        .transaction_with(reading, async |tx| {
            let pair = tx.settings.query(Setting::space.eq("pair")).await?;
            let Some(first) = pair.first() else {
                assert_eq!(tx.users.count().await? + tx.jobs.count().await?, 0);
                return Ok(0);
            };
            let n: i64 = first.value.parse().unwrap();
            assert!(
                pair.len() == 2 && pair[1].value == first.value,
                "{n}: a transaction is incomplete"
            );
            assert_eq!(tx.users.count().await?, 2 * n as u64);
            assert_eq!(tx.users.query(User::name.starts_with("c")).count().await?, 0);
            assert_eq!(tx.users.query(User::age.eq(n as f64)).count().await?, 2 * n as u64);
            assert_eq!(tx.posts.count().await?, n as u64);
            assert_eq!(tx.jobs.count().await?, 4 * n as u64);
            assert_eq!(tx.jobs.query(Job::task.eq(n)).count().await?, 4);
            let batches = tx.settings.query(Setting::space.ne("pair")).count().await?;
            assert_eq!(batches % 3, 0, "a batch is incomplete");
            Ok(n)
        })
        .await
        .unwrap()
}

/// The process: runs transactions, and prints the number of each one.
#[test]
#[ignore = "the process that the other tests start"]
fn child() {
    let variable = |name: &str| std::env::var(name).unwrap();
    kontract_test_support::block_on(async {
        kill_at_sqlite_statement(i64::MAX);
        let storage = Storage::connect(&variable("KONTRACT_TEST_URL")).await.unwrap();
        let from = last(&storage).await;
        kill_at_sqlite_statement(variable("KONTRACT_TEST_KILL_AT").parse().unwrap());
        let steps: i64 = variable("KONTRACT_TEST_STEPS").parse().unwrap();
        for n in from + 1..=from + steps {
            step(&storage, n).await.unwrap();
            println!("done {n}");
        }
        storage.close().await;
    });
}

/// Starts the process, which is killed at this statement of SQLite.
fn start(url: &str, kill_at: i64, steps: i64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "killed_processes::child", "--nocapture"])
        .env("KONTRACT_TEST_URL", url)
        .env("KONTRACT_TEST_KILL_AT", kill_at.to_string())
        .env("KONTRACT_TEST_STEPS", steps.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap()
}

/// The last number that the process printed.
fn reported(lines: impl Iterator<Item = std::io::Result<String>>) -> Option<i64> {
    let numbers = lines.filter_map(|line| {
        line.unwrap().rsplit_once("done ").map(|(_, number)| number.parse().unwrap())
    });
    numbers.last()
}

/// Fails unless the database has the transactions that the process reported, and at most one more.
async fn expect(url: &str, before: i64, reported: Option<i64>) -> i64 {
    let storage = Storage::connect(url).await.unwrap();
    if url.starts_with("sqlite") {
        let check = "SELECT integrity_check FROM pragma_integrity_check";
        let check: Vec<(String,)> = storage.sql(check).fetch().await.unwrap();
        assert_eq!(check, [("ok".to_owned(),)]);
        let check = storage.sql("SELECT count(*) FROM pragma_foreign_key_check");
        assert_eq!(check.fetch::<(i64,)>().await.unwrap(), [(0,)]);
    } else {
        // The server finishes the transactions of the process first.
        let others = "SELECT count(*) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        while storage.sql(others).fetch::<(i64,)>().await.unwrap() != [(0,)] {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    }
    let now = last(&storage).await;
    let reported = reported.unwrap_or(before);
    assert!((reported..=reported + 1).contains(&now), "{reported} was reported, {now} is stored");
    storage.close().await;
    now
}

#[test]
fn at_each_statement_of_sqlite() {
    let database = kontract_test_support::sqlite_database();
    let url = database.url();
    kontract_test_support::block_on(async {
        let mut now = expect(url, 0, None).await;
        for point in 1.. {
            let mut child = start(url, point, 1);
            let reported = reported(BufReader::new(child.stdout.take().unwrap()).lines());
            let status = child.wait().unwrap();
            let killed = status.signal() == Some(9);
            assert!(killed || status.success(), "{point}: {status}");
            now = expect(url, now, reported).await;
            if !killed {
                println!("{point} statements, {now} transactions were committed");
                assert!(point > 30, "it has more statements than that: {point}");
                break;
            }
        }
    });
}

fn at_each_statement_of_postgres(sent: bool) {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        let mut now = expect(database.url(), 0, None).await;
        for point in 1.. {
            let process: Arc<Mutex<Option<Child>>> = Arc::default();
            let proxy = Cut::at(database.url(), "", point, sent, Arc::clone(&process)).await;
            let mut child = start(&proxy.url, i64::MAX, 1);
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            *process.lock().unwrap() = Some(child);
            let reported = tokio::task::spawn_blocking(|| reported(lines)).await.unwrap();
            let status = process.lock().unwrap().as_mut().unwrap().wait().unwrap();
            assert!(status.signal() == Some(9) || status.success(), "{point}: {status}");
            now = expect(database.url(), now, reported).await;
            if !proxy.was_cut() {
                println!("{point} statements, {now} transactions were committed");
                assert!(point > 20, "it has more statements than that: {point}");
                break;
            }
        }
    });
}

#[test]
fn before_each_statement_of_postgres() {
    at_each_statement_of_postgres(false);
}

#[test]
fn during_each_statement_of_postgres() {
    at_each_statement_of_postgres(true);
}

kontract_test_support::both! {
    /// Kills the process at a random time, for example during a write or a commit.
    async fn at_any_moment(url: &str) {
        let mut now = expect(url, 0, None).await;
        for round in 0..12u64 {
            let mut child = start(url, i64::MAX, 10_000);
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let first = reported(lines.by_ref().take_while(|line| {
                !line.as_ref().is_ok_and(|line| line.contains("done "))
            }));
            assert_eq!(first, None);
            tokio::time::sleep(Duration::from_micros(round * 7919 % 20_000)).await;
            child.kill().unwrap();
            child.wait().unwrap();
            now = expect(url, now, reported(lines).or(Some(now + 1))).await;
        }
        assert!(now >= 12);
    }
}
