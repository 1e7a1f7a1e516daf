//! The change feed under load: writers that roll back, are dropped and are killed, transactions that stay open,
//! and a reader that ends and continues at its stored cursor.

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use kontract::changes::ChangeKind;
use kontract::{Error, Kind, Uuid};
use kontract_behaviour::{Job, NewJob, Storage};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use tokio::time::{sleep, timeout};

/// Writers: tasks of this process, and those of each process that is killed.
const OWN: usize = 8;
const PROCESSES: usize = 2;
const IN_PROCESS: usize = 4;

/// How many processes are killed at least.
const KILLED: usize = 6;

/// The tasks of rows that all writers change; they stay negative.
const SHARED: std::ops::Range<i64> = -8..0;

/// Ends the sessions of the transactions that have begun last.
const END_SESSIONS: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
    WHERE datname = current_database() AND backend_xid IS NOT NULL \
    ORDER BY xact_start DESC LIMIT 2";

/// How many changes are delivered at least; `KONTRACT_TEST_CHANGES` sets another number.
fn changes() -> usize {
    std::env::var("KONTRACT_TEST_CHANGES").map_or(5000, |text| text.parse().unwrap())
}

/// Inserts a row and changes a shared one. The transaction has its number before it waits for the shared row, so
/// it may change it after a transaction with a greater number.
async fn insert(tx: &Storage, number: i64, shared: &[Uuid]) -> Result<Job, Error> {
    let job = tx.jobs.insert(NewJob::new(number)).await?;
    if number % 5 == 0 {
        let shared = shared[number as usize / 5 % shared.len()];
        tx.jobs.update(shared, Job::patch().task(-1 - number)).await?;
    }
    Ok(job)
}

/// Runs the transactions of one number.
async fn write(storage: &Storage, number: i64, shared: &[Uuid]) -> Result<(), Error> {
    match number % 40 {
        10 => {
            let failed = storage.transaction(async |tx| {
                insert(&tx, number, shared).await?;
                Err::<(), _>(Error::custom("rolled back"))
            });
            let error = failed.await.unwrap_err();
            if *error.kind() != Kind::Custom {
                return Err(error);
            }
        }
        20 => {
            let dropped = storage.transaction(async |tx| {
                insert(&tx, number, shared).await?;
                std::future::pending::<Result<(), Error>>().await
            });
            if let Ok(ended) = timeout(Duration::from_millis(3), dropped).await {
                return ended;
            }
        }
        31 => {
            let held = storage.transaction(async |tx| {
                tx.jobs.insert(NewJob::new(number)).await?;
                sleep(Duration::from_millis(10)).await;
                Ok(())
            });
            held.await?;
        }
        _ => {}
    }
    let job = storage.transaction(async |tx| insert(&tx, number, shared).await).await?;
    if number % 3 == 0 {
        storage.jobs.update(job.id, Job::patch().task(number)).await?;
    }
    if number % 7 == 0 {
        storage.jobs.delete(job.id).await?;
    }
    Ok(())
}

/// Fails unless the error is that of a session that was ended.
fn expect_lost_connection(done: Result<(), Error>) {
    if let Err(error) = done {
        assert_eq!(*error.kind(), Kind::Connection, "{error}");
    }
}

/// Starts writers, and returns when all have ended.
async fn run_writers(storage: &Storage, writers: usize, ends: &Arc<AtomicBool>) {
    let rows = storage.jobs.query(Job::task.lt(0)).rows().await.unwrap();
    let shared: Arc<[Uuid]> = rows.iter().map(|row| row.record.id).collect();
    let writing = (0..writers).map(|writer| {
        let (storage, shared, ends) = (storage.clone(), shared.clone(), ends.clone());
        tokio::spawn(async move {
            // So that they do not all hold their transactions at the same time.
            let mut number = writer as i64 * 7;
            while !ends.load(SeqCst) {
                expect_lost_connection(write(&storage, number, &shared).await);
                number += 1;
            }
        })
    });
    for writer in writing.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

/// The process: writes until it is killed.
#[test]
#[ignore = "the process that the other tests start"]
fn child() {
    let url = std::env::var("KONTRACT_TEST_URL").unwrap();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(&url).await.unwrap();
        println!("\nbegun");
        run_writers(&storage, IN_PROCESS, &Arc::default()).await;
    });
}

/// Starts a process and kills it some time after it has begun, again and again.
async fn kill_processes(url: &str, killed: &AtomicUsize, ends: &AtomicBool) {
    while !ends.load(SeqCst) {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "changes::child", "--nocapture"])
            .env("KONTRACT_TEST_URL", url)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while lines.next_line().await.unwrap().expect("it begins") != "begun" {}
        let micros = killed.load(SeqCst) as u64 * 79_193 % 400_000;
        sleep(Duration::from_micros(micros)).await;
        child.start_kill().unwrap();
        let status = child.wait().await.unwrap();
        assert_eq!(status.signal(), Some(9), "it failed before: {status}");
        killed.fetch_add(1, SeqCst);
        if url.starts_with("postgres") {
            kontract_test_support::execute(url, END_SESSIONS);
        }
    }
}

/// Keeps a transaction open: the first one for two seconds.
async fn hold_transactions(storage: &Storage, ends: &AtomicBool) {
    for round in 0.. {
        let time = Duration::from_millis(if round == 0 { 2000 } else { 100 });
        let held = storage.transaction(async |tx| {
            tx.jobs.insert(NewJob::new(round)).await?;
            sleep(time).await;
            Ok(())
        });
        expect_lost_connection(held.await);
        if ends.load(SeqCst) {
            break;
        }
        sleep(time).await;
    }
}

/// A reader, which keeps a cursor and for each row the last version that was delivered, and whether it is deleted.
struct Reader {
    cursor: String,
    rows: BTreeMap<Uuid, (i64, bool)>,
    changes: usize,
    readings: usize,
    txid: i64,
}

impl Reader {
    /// Reads once from the stored cursor. Returns how many changes it has handled: every fourth reader ends after
    /// half of them.
    async fn read(&mut self, storage: &Storage) -> usize {
        let limit = [1000, 17, 100, 2][self.readings % 4];
        let reading = storage.jobs.changes(self.cursor.parse().unwrap());
        let read = reading.limit(limit).await.unwrap();
        self.readings += 1;
        let all = read.changes.len();
        let handled = if self.readings.is_multiple_of(4) { all.div_ceil(2) } else { all };
        for change in &read.changes[..handled] {
            assert!(self.txid <= change.txid, "{} after {}", change.txid, self.txid);
            self.txid = change.txid;
            let state = (change.version.unwrap(), change.kind == ChangeKind::Deleted);
            let before = self.rows.insert(change.record.id, state);
            let before = before.map_or(0, |(version, _)| version);
            assert!(before < state.0, "version {} was delivered after {before}", state.0);
            self.cursor = change.cursor.to_string();
        }
        if handled == all {
            self.cursor = read.next.to_string();
        }
        self.changes += handled;
        handled
    }

    /// Returns a row whose last state was not delivered, or that was delivered and is not stored.
    async fn find_difference(&self, storage: &Storage) -> Option<String> {
        let rows = storage.jobs.list().with_deleted().rows().await.unwrap();
        let state = |row: &kontract::table::Row<Job>| (row.version.unwrap(), row.is_deleted());
        let stored: BTreeMap<_, _> = rows.iter().map(|row| (row.record.id, state(row))).collect();
        let differs = |id: &&Uuid| stored.get(id) != self.rows.get(id);
        let id = stored.keys().chain(self.rows.keys()).find(differs)?;
        let (stored, delivered) = (stored.get(id), self.rows.get(id));
        Some(format!("{id}: stored is {stored:?}, delivered was {delivered:?}"))
    }
}

kontract_test_support::both! {
    async fn none_is_lost_doubled_or_out_of_order(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.jobs.insert_many(SHARED.map(NewJob::new)).await.unwrap();
        let (ends, killed) = (Arc::<AtomicBool>::default(), Arc::<AtomicUsize>::default());
        let cursor = "start".to_owned();
        let mut reader =
            Reader { cursor, rows: BTreeMap::new(), changes: 0, readings: 0, txid: 0 };
        // Rows that are deleted later are changes for the reader.
        reader.read(&storage).await;
        let begun = Instant::now();
        let mut working = tokio::task::JoinSet::new();
        for _ in 0..PROCESSES {
            let (url, killed, ends) = (url.to_owned(), killed.clone(), ends.clone());
            working.spawn(async move { kill_processes(&url, &killed, &ends).await });
        }
        // A pool of its own, so that the reader does not wait for a connection.
        let writing = Storage::connect(url).await.unwrap();
        let (holding, ending) = (writing.clone(), ends.clone());
        working.spawn(async move { hold_transactions(&holding, &ending).await });
        let ending = ends.clone();
        working.spawn(async move { run_writers(&writing, OWN, &ending).await });
        let mut last = Instant::now();
        loop {
            if reader.changes >= changes() && killed.load(SeqCst) >= KILLED {
                ends.store(true, SeqCst);
            }
            while let Some(done) = working.try_join_next() {
                done.unwrap();
            }
            if reader.read(&storage).await > 0 {
                last = Instant::now();
                continue;
            }
            sleep(Duration::from_millis(2)).await;
            if working.is_empty() {
                let Some(difference) = reader.find_difference(&storage).await else { break };
                // Transactions of other tests on the same server delay the last changes.
                assert!(last.elapsed() < Duration::from_secs(20), "a change is lost: {difference}");
            }
        }
        let Reader { changes, readings, rows, .. } = reader;
        let deleted = rows.values().filter(|(_, is_deleted)| *is_deleted).count();
        assert!(deleted > 0 && rows.values().any(|(version, _)| *version > 10));
        println!(
            "{changes} changes of {} rows, {deleted} of them deleted, in {readings} readings and {:?}; {} processes \
             were killed",
            rows.len(),
            begun.elapsed(),
            killed.load(SeqCst),
        );
    }
}
