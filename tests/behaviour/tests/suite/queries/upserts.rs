//! Upserts by unique fields.

use kontract::Kind;
use kontract::prelude::*;
use kontract::storage::Base;

/// A table of documents, with all bookkeeping columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone, unique(house, room))]
struct Guest {
    #[primkey]
    id: Uuid,
    #[unique]
    email: String,
    house: String,
    room: i32,
    #[unique]
    seen: Option<jiff::Timestamp>,
    visits: i64,
    #[created_at]
    created: Timestamp,
    #[updated_at]
    updated: Timestamp,
}

/// A table in columns, with some bookkeeping columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, versioned, soft_delete, unique(part, number))]
struct Item {
    #[primkey]
    id: Uuid,
    #[unique]
    code: String,
    part: i32,
    number: Option<i32>,
    name: String,
    #[created_at]
    created: Timestamp,
    #[updated_at]
    updated: Timestamp,
}

/// A table with unique fields only, and no bookkeeping columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, primary_key(a, b))]
struct Pair {
    a: i64,
    b: i64,
    #[unique]
    c: Option<String>,
}

async fn open(url: &str) -> Base {
    let base = Base::open(url).await.unwrap();
    base.create::<Guest>().await.unwrap();
    base.create::<Item>().await.unwrap();
    base.create::<Pair>().await.unwrap();
    base
}

fn guest(email: &str, room: i32, visits: i64) -> NewGuest {
    NewGuest::new(email, "A", room, visits)
}

fn item(code: &str, part: i32, name: &str) -> NewItem {
    NewItem::new(code, part, name)
}

kontract_test_support::both! {
    async fn documents_by_unique_fields(url: &str) {
        let guests = open(url).await.table::<Guest>();
        let first = guests.upsert(Guest::email, guest("a@b", 1, 1)).await.unwrap();
        assert_eq!(guests.get(first.id).await.unwrap().as_ref(), Some(&first));
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let second = guests.upsert(Guest::email, guest("a@b", 2, 2)).await.unwrap();
        assert_eq!((second.id, second.created), (first.id, first.created));
        assert_eq!((second.room, second.visits), (2, 2));
        assert!(second.updated > first.updated);
        let row = guests.get_row(first.id).await.unwrap().unwrap();
        assert_eq!((row.record, row.version), (second, Some(2)));
        // Two fields, in any order.
        let third = guests.upsert((Guest::room, Guest::house), guest("c@d", 2, 3)).await.unwrap();
        assert_eq!((third.id, third.email.as_str()), (first.id, "c@d"));
        // Other unique indexes still refuse duplicates.
        guests.insert(guest("x@y", 9, 0)).await.unwrap();
        let taken = guests.upsert((Guest::house, Guest::room), guest("x@y", 2, 0)).await.unwrap_err();
        assert!(matches!(taken.kind(), Kind::Unique { .. }), "{taken}");
        // A timestamp, which is stored as text. NULLs are distinct.
        let at: jiff::Timestamp = "2024-02-29T12:00:00.123456Z".parse().unwrap();
        let one = guests.upsert(Guest::seen, guest("s1", 20, 0).seen(at)).await.unwrap();
        let same = guests.upsert(Guest::seen, guest("s2", 21, 7).seen(at)).await.unwrap();
        assert_eq!((same.id, same.visits), (one.id, 7));
        guests.upsert(Guest::seen, guest("s3", 22, 0)).await.unwrap();
        guests.upsert(Guest::seen, guest("s4", 23, 0)).await.unwrap();
        assert_eq!(guests.count().await.unwrap(), 5);
        // A deleted row is not a duplicate.
        guests.delete(one.id).await.unwrap();
        let new = guests.upsert(Guest::seen, guest("s2", 21, 0).seen(at)).await.unwrap();
        assert_ne!(new.id, one.id);
    }

    async fn columns_by_unique_fields(url: &str) {
        let base = open(url).await;
        let items = base.table::<Item>();
        let first = items.upsert(Item::code, item("x", 1, "old")).await.unwrap();
        let second = items.upsert(Item::code, item("x", 2, "new").number(3)).await.unwrap();
        assert_eq!((second.id, second.created), (first.id, first.created));
        assert_eq!((second.part, second.number, second.name.as_str()), (2, Some(3), "new"));
        assert_eq!(items.get_row(first.id).await.unwrap().unwrap().version, Some(2));
        let third = items.upsert((Item::part, Item::number), item("y", 2, "newer").number(3)).await.unwrap();
        assert_eq!((third.id, third.code.as_str()), (first.id, "y"));
        items.delete(first.id).await.unwrap();
        let other = items.upsert(Item::code, item("y", 2, "again")).await.unwrap();
        assert_ne!(other.id, first.id);
        // The key is unique too, and a deleted row with this key is restored.
        let back = items.upsert(Item::id, Item { code: "z".into(), ..third }).await.unwrap();
        assert_eq!(items.get(first.id).await.unwrap(), Some(back));
        let pairs = base.table::<Pair>();
        let pair = |a, c: Option<&str>| Pair { a, b: 2, c: c.map(Into::into) };
        assert_eq!(pairs.upsert((Pair::a, Pair::b), pair(1, Some("c"))).await.unwrap(), pair(1, Some("c")));
        assert_eq!(pairs.upsert((Pair::b, Pair::a), pair(1, None)).await.unwrap(), pair(1, None));
        assert_eq!(pairs.count().await.unwrap(), 1);
    }

    async fn fields_that_are_not_unique_are_refused(url: &str) {
        let base = open(url).await;
        let error = base.table::<Item>().upsert(Item::part, item("x", 1, "")).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Value);
        let text = "upsert into `items`: no unique index is on exactly `part`\nhelp: put `#[unique]` on the field `part`";
        assert_eq!(format!("{error:?}"), text);
        let error = base.table::<Guest>().upsert((Guest::email, Guest::room), guest("", 0, 0)).await;
        let text = "no unique index is on exactly `email`, `room`\nhelp: put `#[table(unique(email, room))]` on the struct";
        assert!(format!("{:?}", error.unwrap_err()).ends_with(text));
    }

    /// Of two concurrent upserts, one inserts and the other updates.
    async fn upserts_at_once(url: &str) {
        let guests = open(url).await.table::<Guest>();
        let tasks = (0..16).map(|n| {
            let guests = guests.clone();
            tokio::spawn(async move { guests.upsert(Guest::email, guest("a@b", n, 1)).await })
        });
        let tasks: Vec<_> = tasks.collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        assert_eq!(guests.count().await.unwrap(), 1);
        let row = guests.list().rows().await.unwrap().remove(0);
        assert_eq!(row.version, Some(16));
    }
}
