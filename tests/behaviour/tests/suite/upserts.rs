//! `upsert` by unique indexes with rules of their own.

use kontract::Kind;
use kontract::prelude::*;
use kontract::storage::Base;

/// NULLs are equal.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, unique(row, guest, nulls_not_distinct))]
struct Seat {
    #[primkey]
    id: i64,
    row: i32,
    guest: Option<String>,
    note: String,
}

/// NULLs are equal, in documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Badge {
    #[primkey]
    id: i64,
    #[unique(nulls_not_distinct)]
    number: Option<i64>,
    note: String,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Place {
    #[primkey]
    id: i64,
    #[unique(deferrable)]
    number: i64,
}

kontract_test_support::both! {
    async fn equal_nulls_find_the_row(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Seat>().await.unwrap();
        base.create::<Badge>().await.unwrap();
        let seats = base.table::<Seat>();
        let seat = |id, row, guest: Option<&str>, note: &str| Seat {
            id,
            row,
            guest: guest.map(str::to_owned),
            note: note.to_owned(),
        };
        let by = (Seat::row, Seat::guest);
        seats.upsert(by, seat(1, 1, None, "a")).await.unwrap();
        let found = seats.upsert(by, seat(2, 1, None, "b")).await.unwrap();
        assert_eq!(found, seat(1, 1, None, "b"));
        // Another row, another guest, and a guest with an empty name.
        for (id, row, guest) in [(3, 2, None), (4, 1, Some("x")), (5, 1, Some("")), (6, 1, Some("0"))] {
            assert_eq!(seats.upsert(by, seat(id, row, guest, "c")).await.unwrap().id, id);
        }
        assert_eq!(seats.upsert(by, seat(7, 1, Some("x"), "d")).await.unwrap().id, 4);
        assert_eq!(seats.count().await.unwrap(), 5);

        let badges = base.table::<Badge>();
        let badge = |id, number, note: &str| Badge { id, number, note: note.to_owned() };
        badges.upsert(Badge::number, badge(1, None, "a")).await.unwrap();
        assert_eq!(badges.upsert(Badge::number, badge(2, None, "b")).await.unwrap().id, 1);
        assert_eq!(badges.upsert(Badge::number, badge(3, Some(0), "c")).await.unwrap().id, 3);
        assert_eq!(badges.upsert(Badge::number, badge(4, Some(0), "d")).await.unwrap().id, 3);
    }

    async fn a_deferrable_index_finds_no_row(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Place>().await.unwrap();
        let places = base.table::<Place>();
        let error = places.upsert(Place::number, Place { id: 1, number: 1 }).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Value);
        assert!(error.to_string().contains("the unique index on `number` is deferrable"), "{error}");
        assert!(format!("{error:?}").contains("help: remove `deferrable`"), "{error:?}");
        // Rows are inserted and set as usual.
        places.set(Place { id: 1, number: 1 }).await.unwrap();
        places.set(Place { id: 1, number: 2 }).await.unwrap();
        assert_eq!(places.count().await.unwrap(), 1);
    }
}
