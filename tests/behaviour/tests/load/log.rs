//! The write-ahead log goes back into the database, however many read meanwhile. (With several
//! processes: `processes.rs`.)

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use kontract::Transaction;
use kontract_behaviour::{NewSetting, Storage};

/// How long it may become, in bytes: it goes back at half of that.
pub(crate) const LONGEST: u64 = 32 << 20;

/// How long it is.
pub(crate) fn log_size(url: &str) -> u64 {
    let file = url.strip_prefix("sqlite:").unwrap();
    std::fs::metadata(format!("{file}-wal")).map_or(0, |log| log.len())
}

/// Writes 100 kB, other ones each time: SQLite leaves out pages that stay the same.
async fn write(storage: &Storage, n: i64) {
    let text = format!("{n:010}").repeat(10_000);
    storage.settings.set(NewSetting::new("log", n % 20, text)).await.unwrap();
}

/// A reader is always active, so that the log is always in use.
#[test]
fn is_written_back_however_many_read() {
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
        // On a busy machine a reader may keep its place for long: then it is tried again.
        let began = Instant::now();
        for n in 0.. {
            write(&storage, n).await;
            let size = log_size(database.url());
            // 100 MB were written.
            if n >= 1000 && size <= LONGEST {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(30), "it stays long: {size} bytes");
        }
        over.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.await.unwrap();
        }
        storage.close().await;
        assert_eq!(log_size(database.url()), 0, "the last connection writes it back");
    });
}

/// A long read delays the checkpoint of the log, but not writes.
#[test]
fn is_written_back_after_a_long_read() {
    let database = kontract_test_support::sqlite_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        let reading = storage.transaction_with(Transaction::new().read_only(), async |tx| {
            let before = tx.settings.count().await?;
            let began = Instant::now();
            for n in 0..500 {
                write(&storage, n).await;
            }
            assert!(log_size(database.url()) > LONGEST, "it is not needed");
            // It was looked at some thirty times, and waited for only now and then.
            assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
            assert_eq!(tx.settings.count().await?, before);
            Ok(())
        });
        reading.await.unwrap();
        let began = Instant::now();
        while log_size(database.url()) > LONGEST {
            write(&storage, began.elapsed().as_micros() as i64).await;
            assert!(began.elapsed() < Duration::from_secs(10), "it stays long");
        }
    });
}
