//! Keys of several columns of which the database numbers one.

use kontract::Kind;
use kontract::prelude::*;
use kontract::storage::Base;

/// The number is behind another column.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(
    layout = "columns",
    standalone,
    soft_delete,
    ordered,
    primary_key(tenant, id),
    unique(tenant, title)
)]
struct Invoice {
    tenant: String,
    #[primkey(identity)]
    id: i64,
    title: String,
    #[default(sql = "7")]
    stars: i32,
}

/// The number is in front.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, primary_key(id, day))]
struct Reading {
    #[primkey(identity)]
    id: i32,
    day: jiff::civil::Date,
}

fn new(tenant: &str, title: impl Into<String>) -> NewInvoice {
    NewInvoice::new(tenant, title.into())
}

async fn open(url: &str) -> (Base, kontract::Table<Invoice>) {
    let base = Base::open(url).await.unwrap();
    base.create::<Invoice>().await.unwrap();
    let table = base.table();
    (base, table)
}

fn ids(rows: &[Invoice]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}

kontract_test_support::both! {
    async fn a_part_of_the_key_is_numbered(url: &str) {
        let (_base, invoices) = open(url).await;
        let first = invoices.insert(new("a", "one")).await.unwrap();
        let made = Invoice { tenant: "a".into(), id: 1, title: "one".into(), stars: 7 };
        assert_eq!(first, made);
        assert_eq!(invoices.get(("a".to_owned(), 1)).await.unwrap(), Some(made));
        // The numbers count through all tenants, in the order of a batch.
        let batch = (0..300).map(|n| new(if n % 3 == 0 { "b" } else { "a" }, format!("t{n}")));
        let stored = invoices.insert_many(batch).await.unwrap();
        assert_eq!(ids(&stored), (2..=301).collect::<Vec<_>>());
        assert!(stored.iter().enumerate().all(|(n, row)| row.title == format!("t{n}")));
        let keys = [("b".to_owned(), 2), ("a".to_owned(), 2), ("a".to_owned(), 3)];
        let found = invoices.get_many(keys).await.unwrap();
        assert_eq!(found, [Some(stored[0].clone()), None, Some(stored[1].clone())]);
        let pushed = invoices.push(new("c", "pushed")).await.unwrap();
        assert_eq!((pushed.id, invoices.pop().await.unwrap().map(|row| row.id)), (302, Some(302)));
    }

    async fn a_part_of_the_key_can_be_given(url: &str) {
        let (_base, invoices) = open(url).await;
        let mixed = [new("a", "w").id(70), new("a", "x"), new("b", "y").id(60), new("b", "z")];
        let stored = invoices.insert_many(mixed).await.unwrap();
        let titles: Vec<_> = stored.iter().map(|row| row.title.as_str()).collect();
        assert_eq!(titles, ["w", "x", "y", "z"]);
        assert_eq!((stored[0].id, stored[2].id), (70, 60));
        for row in stored {
            let key = (row.tenant.clone(), row.id);
            assert_eq!(invoices.get(key).await.unwrap(), Some(row));
        }
        let taken = invoices.insert(new("a", "again").id(70)).await.unwrap_err();
        assert!(matches!(taken.kind(), Kind::Unique { .. }), "{taken:?}");
        // Of another tenant it is another key.
        assert_eq!(invoices.insert(new("c", "again").id(70)).await.unwrap().id, 70);
    }

    async fn set_update_and_upsert(url: &str) {
        let (_base, invoices) = open(url).await;
        let one = invoices.set(new("a", "one")).await.unwrap();
        let again = invoices.set(new("a", "two").id(one.id).stars(1)).await.unwrap();
        assert_eq!((again.id, again.title.as_str(), again.stars), (one.id, "two", 1));
        let rows = [
            new("a", "x"), new("a", "lost").id(one.id), new("b", "y"), new("a", "c").id(one.id),
        ];
        let stored = invoices.set_many(rows).await.unwrap();
        let titles: Vec<_> = stored.iter().map(|row| row.title.as_str()).collect();
        assert_eq!(titles, ["x", "y", "c"]);
        assert_eq!(stored[2].id, one.id);
        let by = (Invoice::tenant, Invoice::title);
        let new_row = invoices.upsert(by, new("a", "z").stars(1)).await.unwrap();
        let by = (Invoice::tenant, Invoice::title);
        let old_row = invoices.upsert(by, new("a", "z").stars(2)).await.unwrap();
        assert_eq!((old_row.id, old_row.stars), (new_row.id, 2));
        let by_key = (Invoice::tenant, Invoice::id);
        let made = invoices.upsert(by_key, new("a", "made")).await.unwrap();
        assert!(made.id > new_row.id, "{made:?}");
        let key = || ("a".to_owned(), made.id);
        let patch = Invoice::patch().title("changed");
        assert_eq!(invoices.update(key(), patch).await.unwrap().title, "changed");
        assert!(invoices.delete(key()).await.unwrap());
        // A deleted row keeps its number.
        assert!(invoices.insert(new("a", "next")).await.unwrap().id > made.id);
    }

    async fn rows_of_a_query_are_numbered(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Reading>().await.unwrap();
        let readings = base.table::<Reading>();
        let day = |day: i8| jiff::civil::date(2026, 1, day);
        let stored = readings.insert_many((1..=3).map(|n| NewReading::new(day(n)))).await.unwrap();
        assert_eq!(stored.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 2, 3]);
        let copied = readings
            .query(Reading::id.ge(2))
            .insert_into(&readings)
            .set(Reading::day, Reading::day)
            .await;
        assert_eq!(copied.unwrap(), 2);
        let all = readings.list().order_by(Reading::id.asc()).await.unwrap();
        assert_eq!(all.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        let mut days: Vec<i8> = all[3..].iter().map(|row| row.day.day()).collect();
        days.sort_unstable();
        assert_eq!(days, [2, 3]);
    }

    async fn no_number_is_given_twice_at_once(url: &str) {
        let (_base, invoices) = open(url).await;
        let tasks: Vec<_> = (0..8)
            .map(|task| {
                let invoices = invoices.clone();
                tokio::spawn(async move {
                    for n in 0..20 {
                        invoices.insert(new("a", format!("{task} {n}"))).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let mut all = invoices.list().select(Invoice::id).await.unwrap();
        all.sort_unstable();
        assert_eq!(all, (1..=160).collect::<Vec<_>>());
    }
}
