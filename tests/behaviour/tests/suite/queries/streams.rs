//! Streams of rows, and raw statements.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use kontract::Kind;
use kontract::prelude::*;
use kontract::raw::AssertSafe;
use kontract::storage::Base;

/// Many rows.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Grain {
    #[primkey]
    id: i64,
    text: String,
}

static READ: AtomicUsize = AtomicUsize::new(0);

async fn grains(url: &str, rows: i64) -> Base {
    let base = Base::open(url).await.unwrap();
    base.create::<Grain>().await.unwrap();
    let text = "x".repeat(100);
    let rows = (0..rows).map(|id| Grain { id, text: text.clone() });
    base.table::<Grain>().insert_many(rows).await.unwrap();
    base
}

/// A text that counts how often it was decoded.
#[derive(Debug)]
struct Counted;

impl kontract::value::Value for Counted {
    type Maybe = Option<Counted>;
    fn to_datum(&self) -> kontract::Result<kontract::value::Datum<'_>> {
        Ok(kontract::value::Datum::Null)
    }
    fn from_datum(_: kontract::value::Datum<'_>) -> kontract::Result<Counted> {
        READ.fetch_add(1, Ordering::Relaxed);
        Ok(Counted)
    }
}

impl Grain {
    /// The column with this type, to see when it is decoded.
    const COUNTED: kontract::Column<Grain, Counted> = kontract::Column::new(1);
}

kontract_test_support::both! {
    async fn a_hundred_thousand_rows(url: &str) {
        let base = grains(url, 100_000).await;
        let mut rows = base.table::<Grain>().list().stream();
        let mut seen = 0;
        while let Some(row) = rows.next().await {
            assert_eq!(row.unwrap().id, seen);
            seen += 1;
        }
        assert_eq!(seen, 100_000);
        assert!(rows.next().await.is_none());
        base.close().await;
    }

    /// More streams than connections are dropped early.
    async fn dropped_streams(url: &str) {
        let base = grains(url, 20_000).await;
        let table = base.table::<Grain>();
        for round in 0..25 {
            let mut rows = table.list().stream();
            if round % 5 > 0 {
                assert_eq!(rows.next().await.unwrap().unwrap().id, 0);
            }
        }
        // Other statements run while a stream is open.
        let mut held = table.list().stream();
        assert_eq!(held.next().await.unwrap().unwrap().id, 0);
        table.update(1, Grain::patch().text("changed")).await.unwrap();
        assert_eq!(table.get(1).await.unwrap().unwrap().text, "changed");
        assert_eq!(held.next().await.unwrap().unwrap().id, 1);
        let inside = base.transaction(|tx| async move {
            let mut rows = tx.table::<Grain>().query(Grain::id.lt(3)).stream();
            let mut found = Vec::new();
            while let Some(row) = rows.next().await {
                found.push(row?.id);
                tx.table::<Grain>().update(0, Grain::patch().text("y")).await?;
            }
            Ok(found)
        });
        assert_eq!(inside.await.unwrap(), [0, 1, 2]);
    }

    async fn errors_of_a_stream(url: &str) {
        let base = Base::open(url).await.unwrap();
        let mut rows = base.table::<Grain>().list().stream();
        assert!(rows.next().await.unwrap().is_err());
        assert!(rows.next().await.is_none());
        let base = grains(url, 1).await;
        let mut rows = base.table::<Grain>().query(Grain::text.like("\\")).stream();
        assert_eq!(*rows.next().await.unwrap().unwrap_err().kind(), Kind::Value);
        assert!(rows.next().await.is_none());
    }

    async fn statements_as_text(url: &str) {
        let base = grains(url, 3).await;
        let sql = AssertSafe(format!("SELECT id, text FROM grains WHERE id > $2 AND text <> {} ORDER BY id", "$1"));
        let rows: Vec<(i64, Option<String>)> =
            base.sql(sql).bind("it's $1").bind(0i64).fetch().await.unwrap();
        assert_eq!(rows.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [1, 2]);
        let changed = base
            .sql("UPDATE grains SET text = $1 WHERE id < $2")
            .bind("'; DROP TABLE grains; --")
            .bind(2i64)
            .execute();
        assert_eq!(changed.await.unwrap(), 2);
        let text = "SELECT text FROM grains WHERE id = 0";
        let rows: Vec<(String,)> = base.sql(text).fetch().await.unwrap();
        assert_eq!(rows, [("'; DROP TABLE grains; --".to_owned(),)]);
        let wrong = base.sql(text).fetch::<(i64,)>().await.unwrap_err();
        assert_eq!(*wrong.kind(), Kind::Decode);
        assert!(wrong.to_string().starts_with("statement as text: "), "{wrong}");
        let none = base.sql("SELECT CAST(NULL AS BIGINT)");
        assert_eq!(none.fetch::<(Option<i64>,)>().await.unwrap(), [(None,)]);
        assert!(base.sql("SELECT 1; SELECT 2").fetch::<(i32,)>().await.is_err());
        let two = base.sql("DELETE FROM grains WHERE id = 0; DELETE FROM grains WHERE id = 1");
        assert!(two.execute().await.is_err());
        let bad = base.sql("SELECT $1").bind("a\0b").fetch::<(String,)>().await.unwrap_err();
        assert_eq!(*bad.kind(), Kind::Value);
        let rolled: kontract::Result<()> = base
            .transaction(|tx| async move {
                assert_eq!(tx.sql("DELETE FROM grains").execute().await?, 3);
                let left = tx.sql("SELECT count(*) FROM grains").fetch::<(i64,)>().await?;
                assert_eq!(left, [(0,)]);
                Err(tx.sql("SELECT").fetch::<(i64,)>().await.unwrap_err())
            })
            .await;
        assert!(rolled.is_err());
        assert_eq!(base.table::<Grain>().count().await.unwrap(), 3);
    }

    /// A stream reads ahead only as many rows as the buffer holds.
    async fn streams_read_ahead_only_a_buffer(url: &str) {
        let base = grains(url, 20_000).await;
        let mut rows = base.table::<Grain>().list().select((Grain::COUNTED, Grain::id)).stream();
        assert_eq!(rows.next().await.unwrap().unwrap().1, 0);
        tokio::time::sleep(Duration::from_millis(300)).await;
        // The tests of both databases may run at the same time.
        let read = READ.load(Ordering::Relaxed);
        assert!((60..200).contains(&read), "{read} rows were read");
    }
}
