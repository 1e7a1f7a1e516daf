//! Operations on a table that PostgreSQL divides into partitions; on SQLite it is one table.

use kontract::Kind;
use kontract::prelude::*;
use kontract::storage::Base;
use kontract_test_support::execute;

#[derive(Clone, Debug, PartialEq, Table)]
#[table(
    layout = "columns",
    standalone,
    primary_key(id, day),
    unique(code, day),
    versioned,
    soft_delete,
    ordered,
    partition_by = "range(day)"
)]
struct Event {
    id: i64,
    day: i32,
    code: String,
    size: i64,
}

fn event(id: i64, day: i32, size: i64) -> Event {
    Event { id, day, code: format!("c{id}"), size }
}

/// Two partitions, for the days before 100 and those before 200.
async fn divided(url: &str) -> Base {
    let base = Base::open(url).await.unwrap();
    for _ in 0..2 {
        base.create::<Event>().await.unwrap();
    }
    if url.starts_with("postgres") {
        execute(
            url,
            "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (100);
             CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (100) TO (200)",
        );
    }
    base
}

kontract_test_support::both! {
    async fn every_operation_works_on_all_partitions(url: &str) {
        let base = divided(url).await;
        let events = base.table::<Event>();
        events.insert(event(1, 5, 1)).await.unwrap();
        events.insert_many([event(2, 150, 2), event(3, 50, 3)]).await.unwrap();
        assert_eq!(events.get((2, 150)).await.unwrap().unwrap().size, 2);
        assert_eq!(events.get_many([(1, 5), (2, 150)]).await.unwrap().iter().flatten().count(), 2);
        events.set(event(3, 50, 4)).await.unwrap();
        events.set_many([event(3, 50, 5), event(4, 160, 6)]).await.unwrap();
        let twin = Event { id: 9, code: "c2".to_owned(), ..event(9, 150, 7) };
        assert_eq!(events.upsert((Event::code, Event::day), twin.clone()).await.unwrap().id, 2);
        let error = events.insert(twin).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Unique { .. }), "{error}");

        let updated = events.update((1, 5), Event::patch().size(8)).await.unwrap();
        assert_eq!(updated.size, 8);
        assert_eq!(events.query(Event::size.gt(5)).count().await.unwrap(), 3);
        let page = events.list().order_by(Event::day.asc()).page(3).await.unwrap();
        assert_eq!(page.rows.iter().map(|event| event.id).collect::<Vec<_>>(), [1, 3, 2]);
        events.push(event(7, 99, 0)).await.unwrap();
        assert_eq!(events.pop().await.unwrap().unwrap().id, 7);
        assert!(events.delete((4, 160)).await.unwrap());
        assert_eq!(events.query(Event::day.lt(100)).delete().await.unwrap(), 2);
        assert_eq!(events.count().await.unwrap(), 1);
    }

    async fn an_update_moves_a_row(url: &str) {
        let base = divided(url).await;
        let events = base.table::<Event>();
        events.insert(event(1, 5, 1)).await.unwrap();
        execute(url, "UPDATE events SET day = 150");
        assert_eq!(events.get((1, 150)).await.unwrap().unwrap().size, 1);
        assert_eq!(events.get((1, 5)).await.unwrap(), None);
        if url.starts_with("postgres") {
            execute(url, "DO $$ BEGIN ASSERT (SELECT count(*) FROM events_2) = 1; END $$");
        }
    }

    async fn a_row_needs_a_partition(url: &str) {
        let base = divided(url).await;
        let inserted = base.table::<Event>().insert(event(1, 500, 1)).await;
        if !url.starts_with("postgres") {
            inserted.unwrap();
            return;
        }
        let text = format!("{:?}", inserted.unwrap_err());
        let expected = "no partition of the table takes the row (`events`)\n\
            help: create the partition for its values first";
        assert!(text.contains(expected), "{text}");
    }
}
