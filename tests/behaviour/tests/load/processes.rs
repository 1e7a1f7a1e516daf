//! Several processes that use one SQLite file.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use kontract_behaviour::{NewJob, Storage};

use super::wal::{LONGEST, log_size};
use super::{read_halves, read_pair, write_pair};

const PROCESSES: u64 = 4;
const WRITERS: u64 = 8;

/// A process: eight tasks that write, and two that read.
#[test]
#[ignore = "the process that the other test starts"]
fn child() {
    let url = std::env::var("KONTRACT_TEST_URL").unwrap();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(&url).await.unwrap();
        let end = Instant::now()
            + Duration::from_secs(std::env::var("SECS").map_or(2, |s| s.parse().unwrap()));
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let storage = storage.clone();
                tokio::spawn(async move {
                    let mut written = 0u64;
                    while Instant::now() < end {
                        write_pair(&storage, &format!("{} {writer} {written}", std::process::id()))
                            .await
                            .unwrap();
                        storage.jobs.push(NewJob::new(1i64)).await.unwrap();
                        storage.jobs.push_many((0..3i64).map(NewJob::new)).await.unwrap();
                        storage.jobs.pop().await.unwrap().unwrap();
                        written += 1;
                    }
                    assert!(written > 0, "a writer had no turn");
                    written
                })
            })
            .collect();
        let readers: Vec<_> = (0..2)
            .map(|_| {
                let storage = storage.clone();
                tokio::spawn(async move {
                    while Instant::now() < end {
                        read_pair(&storage).await.unwrap();
                        read_halves(&storage).await.unwrap();
                        storage.jobs.list().rows().await.unwrap();
                        tokio::task::yield_now().await;
                    }
                })
            })
            .collect();
        let mut written = 0;
        for writer in writers {
            written += writer.await.unwrap();
        }
        for reader in readers {
            reader.await.unwrap();
        }
        storage.close().await;
        println!("written {written}");
    });
}

#[test]
fn four_processes_with_eight_writers_each() {
    let database = kontract_test_support::sqlite_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        write_pair(&storage, "first").await.unwrap();
        let mut children: Vec<_> = (0..PROCESSES)
            .map(|_| {
                Command::new(std::env::current_exe().unwrap())
                    .args(["--ignored", "--exact", "processes::child", "--nocapture"])
                    .env("KONTRACT_TEST_URL", database.url())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let mut longest = 0;
        while children.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
            longest = longest.max(log_size(database.url()));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let mut written = 0;
        for child in children {
            let output = child.wait_with_output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{errors}");
            let text = String::from_utf8(output.stdout).unwrap();
            let own = text.split("written ").nth(1).unwrap().split_whitespace().next().unwrap();
            written += own.parse::<u64>().unwrap();
        }
        println!("{written} rounds; the log had {longest} bytes at most");
        assert!(longest < LONGEST, "the log has grown to {longest} bytes");
        // Each round adds four rows and removes one.
        assert_eq!(storage.jobs.count().await.unwrap(), 3 * written);
        let check = "SELECT integrity_check FROM pragma_integrity_check";
        let check: Vec<(String,)> = storage.sql(check).fetch().await.unwrap();
        assert_eq!(check, [("ok".to_owned(),)]);
        storage.close().await;
    });
}
