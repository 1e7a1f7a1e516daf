//! A stream of many rows needs the memory of a few rows. The test is a program of its own, because it
//! counts the bytes of its allocator.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kontract::prelude::*;
use kontract::storage::Base;

/// The allocator of the system, with the number of allocated bytes: now, and at most.
struct Counting;

static NOW: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// SAFETY: all calls are passed to the allocator of the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        MOST.fetch_max(now, Ordering::Relaxed);
        // SAFETY: the caller fulfils the contract of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// Held by the test that counts.
static ALONE: Mutex<()> = Mutex::new(());

/// The peak of allocated memory while the work runs, above the memory before it.
async fn most<T>(work: impl Future<Output = T>) -> (T, usize) {
    let before = NOW.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let done = work.await;
    (done, MOST.load(Ordering::Relaxed).saturating_sub(before))
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Grain {
    #[primkey]
    id: i64,
    text: String,
}

const ROWS: i64 = 300_000;
const MEGABYTE: usize = 1 << 20;

async fn check(url: &str) {
    let base = Base::open(url).await.unwrap();
    base.create::<Grain>().await.unwrap();
    let table = base.table::<Grain>();
    for start in (0..ROWS).step_by(20_000) {
        let row = |id| Grain { id, text: "x".repeat(100) };
        table.insert_many((start..start + 20_000).map(row)).await.unwrap();
    }
    // The counter works: all rows at once need at least the size of their texts.
    let (all, memory) = most(async { table.list().await.unwrap() }).await;
    assert_eq!(all.len() as i64, ROWS);
    assert!(memory > 100 * ROWS as usize, "{memory} bytes for all rows");
    drop(all);

    let sum = async {
        let (mut sum, mut rows) = (0, table.list().order_by(Grain::id.asc()).stream());
        while let Some(row) = rows.next().await {
            sum += row.unwrap().id;
        }
        sum
    };
    let (sum, memory) = most(sum).await;
    assert_eq!(sum, ROWS * (ROWS - 1) / 2);
    assert!(memory < 4 * MEGABYTE, "{memory} bytes for a stream");

    // No row is taken, so only the buffer is read ahead.
    let slowly = async {
        let mut rows = table.list().order_by(Grain::id.asc()).stream();
        for id in 0..5 {
            assert_eq!(rows.next().await.unwrap().unwrap().id, id);
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let ((), memory) = most(slowly).await;
    assert!(memory < 4 * MEGABYTE, "{memory} bytes for a stream whose rows are not taken");

    // A dropped stream frees its connection: more streams than connections one after the other, and
    // then as many at once as there are connections.
    let begin = async || {
        let mut rows = table.list().order_by(Grain::id.asc()).stream();
        let first = tokio::time::timeout(Duration::from_secs(10), rows.next()).await;
        assert_eq!(first.expect("a connection is free").unwrap().unwrap().id, 0);
        rows
    };
    for _ in 0..40 {
        drop(begin().await);
    }
    let mut held = Vec::new();
    for _ in 0..7 {
        held.push(begin().await);
    }
    let one = tokio::time::timeout(Duration::from_secs(10), table.get(1)).await;
    assert!(one.expect("a connection is left").unwrap().is_some());
    drop(held);
    base.close().await;
}

#[test]
fn sqlite() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let database = kontract_test_support::sqlite_database();
    kontract_test_support::block_on(check(database.url()));
}

#[test]
fn postgres() {
    let _alone = ALONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(check(database.url()));
}
