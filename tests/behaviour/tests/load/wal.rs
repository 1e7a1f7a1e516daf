//! Checkpoints of the write-ahead log succeed while others read. (With several processes:
//! `processes.rs`.)

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kontract::Transaction;
use kontract_behaviour::{NewSetting, Storage};

/// The maximal size of the log, in bytes. The checkpoint starts at half of it.
pub(crate) const LONGEST: u64 = 32 << 20;

/// The size of the log, in bytes.
pub(crate) fn log_size(url: &str) -> u64 {
    let file = url.strip_prefix("sqlite:").unwrap();
    std::fs::metadata(format!("{file}-wal")).map_or(0, |log| log.len())
}

/// Writes 100 kB, different ones each time: SQLite does not write unchanged pages.
async fn write(storage: &Storage, n: i64) {
    let text = format!("{n:010}").repeat(10_000);
    storage.settings.set(NewSetting::new("log", n % 20, text)).await.unwrap();
}

/// A reader is always active, so that the log is always in use.
#[test]
fn the_log_is_checkpointed_while_others_read() {
    let database = kontract_test_support::sqlite_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        let over = Arc::new(AtomicBool::new(false));
        let readers: Vec<_> = (0..32)
            .map(|reader| {
                let (storage, over) = (storage.clone(), Arc::clone(&over));
                tokio::spawn(async move {
                    let reading = Transaction::new().read_only();
                    while !over.load(Ordering::Relaxed) {
                        let done = storage.transaction_with(reading.clone(), async |tx| {
                            let before = tx.settings.count().await?;
                            tokio::time::sleep(Duration::from_millis(3 + reader % 5)).await;
                            assert_eq!(tx.settings.count().await?, before);
                            Ok(())
                        });
                        done.await.unwrap();
                    }
                })
            })
            .collect();
        // On a busy machine a reader may block a checkpoint for long. Later ones try again.
        let began = Instant::now();
        for n in 0.. {
            write(&storage, n).await;
            let size = log_size(database.url());
            // After 100 MB were written.
            if n >= 1000 && size <= LONGEST {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "the log stays long: {size} bytes");
        }
        over.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.await.unwrap();
        }
        storage.close().await;
        assert_eq!(log_size(database.url()), 0, "the last connection runs a checkpoint");
    });
}

/// A long read delays the checkpoint of the log, but not writes.
#[test]
fn the_log_is_checkpointed_after_a_long_read() {
    let database = kontract_test_support::sqlite_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        let reading = storage.transaction_with(Transaction::new().read_only(), async |tx| {
            let before = tx.settings.count().await?;
            let began = Instant::now();
            for n in 0..500 {
                write(&storage, n).await;
            }
            assert!(log_size(database.url()) > LONGEST, "the log is short without the checkpoint");
            // Writes try a checkpoint about thirty times, and wait for few of them.
            assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
            assert_eq!(tx.settings.count().await?, before);
            Ok(())
        });
        reading.await.unwrap();
        let began = Instant::now();
        while log_size(database.url()) > LONGEST {
            write(&storage, began.elapsed().as_micros() as i64).await;
            assert!(began.elapsed() < Duration::from_secs(10), "the log stays long");
        }
    });
}
