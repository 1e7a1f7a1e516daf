//! Keys of every type that existing databases have: bytes, local times.

use kontract::prelude::*;
use kontract::storage::Base;

/// The key is bytes, as tools store a UUID on SQLite.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Chunk {
    #[primkey]
    id: Vec<u8>,
    size: i64,
}

/// The key is a local time with a number.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, primary_key(at, number))]
struct Measurement {
    at: jiff::civil::DateTime,
    number: i32,
    value: f64,
}

fn chunk(id: &[u8], size: i64) -> Chunk {
    Chunk { id: id.to_vec(), size }
}

kontract_test_support::both! {
    async fn keys_of_bytes(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Chunk>().await.unwrap();
        let chunks = base.table::<Chunk>();
        let all = [chunk(b"", 0), chunk(b"\0", 1), chunk(b"\0\0", 2), chunk(b"a'b", 3), chunk(b"\xff", 4)];
        chunks.insert_many(all.clone()).await.unwrap();
        for one in &all {
            assert_eq!(chunks.get(one.id.clone()).await.unwrap().as_ref(), Some(one));
        }
        assert_eq!(chunks.get(b"b".to_vec()).await.unwrap(), None);
        let some = chunks.get_many([b"\xff".to_vec(), b"\0".to_vec()]).await.unwrap();
        assert_eq!(some.iter().flatten().map(|one| one.size).sum::<i64>(), 5);
        chunks.set(chunk(b"\0", 10)).await.unwrap();
        chunks.update(b"\0\0".to_vec(), Chunk::patch().size(20)).await.unwrap();
        assert!(chunks.delete(b"a'b".to_vec()).await.unwrap());
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = chunks.list().order_by(Chunk::id.asc()).page(2).after(after).await.unwrap();
            found.extend(page.rows);
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        let expected = [chunk(b"", 0), chunk(b"\0", 10), chunk(b"\0\0", 20), chunk(b"\xff", 4)];
        assert_eq!(found, expected);
    }

    async fn keys_of_local_times(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Measurement>().await.unwrap();
        let measurements = base.table::<Measurement>();
        let at = jiff::civil::datetime(2026, 8, 1, 12, 30, 0, 250_000_000);
        let one = Measurement { at, number: 1, value: 0.5 };
        measurements.insert(one.clone()).await.unwrap();
        assert!(measurements.insert(one.clone()).await.is_err());
        assert_eq!(measurements.get((at, 1)).await.unwrap(), Some(one));
        measurements.update((at, 1), Measurement::patch().value(2.0)).await.unwrap();
        assert_eq!(measurements.get((at, 1)).await.unwrap().map(|one| one.value), Some(2.0));
        assert!(measurements.delete((at, 1)).await.unwrap());
    }
}
