//! Every operation on tables in schemas of PostgreSQL; on SQLite the schema is in their names.

use kontract::Kind;
use kontract::prelude::*;
use kontract::storage::Base;

/// A table of documents, with all bookkeeping columns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone, schema = "Front_Office")]
struct Guest {
    #[primkey]
    id: i64,
    #[unique]
    email: String,
    visits: i64,
}

/// A table in columns, with all bookkeeping columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(
    layout = "columns",
    standalone,
    schema = "back",
    versioned,
    soft_delete,
    owned,
    track,
    ordered
)]
struct Order {
    #[primkey]
    id: i64,
    #[unique]
    code: String,
    guest: i64,
}

kontract_test_support::both! {
    async fn every_operation_finds_the_table(url: &str) {
        let base = Base::open(url).await.unwrap();
        for _ in 0..2 {
            base.create::<Guest>().await.unwrap();
            base.create::<Order>().await.unwrap();
        }
        let (guests, orders) = (base.table::<Guest>(), base.table::<Order>());
        let guest = |id, email: &str| Guest { id, email: email.to_owned(), visits: 1 };
        guests.insert(guest(1, "a")).await.unwrap();
        guests.insert_many([guest(2, "b"), guest(3, "c")]).await.unwrap();
        guests.set(guest(3, "d")).await.unwrap();
        guests.set_many([guest(4, "e"), guest(4, "f")]).await.unwrap();
        assert_eq!(guests.upsert(Guest::email, guest(9, "a")).await.unwrap().id, 1);
        let order = |id, code: &str, guest| Order { id, code: code.to_owned(), guest };
        orders.insert_many([order(1, "x", 1), order(2, "y", 1), order(3, "z", 3)]).await.unwrap();
        orders.set(order(2, "y", 2)).await.unwrap();
        assert_eq!(orders.upsert(Order::code, order(7, "z", 4)).await.unwrap().id, 3);
        orders.push(order(8, "w", 1)).await.unwrap();
        assert_eq!(orders.pop().await.unwrap().unwrap().id, 8);

        let updated = guests.update(2, Guest::patch().visits(7)).await.unwrap();
        assert_eq!(updated.visits, 7);
        guests.query(Guest::visits.gt(5)).update(Guest::patch().visits(8)).await.unwrap();
        assert_eq!(guests.get(2).await.unwrap().unwrap().visits, 8);
        assert_eq!(guests.get_many([1, 2, 5]).await.unwrap().iter().flatten().count(), 2);
        assert_eq!(guests.query(Guest::email.is_in(["a", "d"])).count().await.unwrap(), 2);
        let error = guests.insert(guest(10, "a")).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Unique { constraint } if constraint == "guests_email_key"), "{error}");

        let joined = orders
            .list()
            .join::<Guest>(Order::guest.eq(Guest::id))
            .order_by(Order::id.asc())
            .select((Order::code, Guest::email))
            .await
            .unwrap();
        assert_eq!(joined, [("x".to_owned(), "a".to_owned()), ("y".into(), "b".into()), ("z".into(), "f".into())]);
        let page = guests.list().order_by(Guest::email.asc()).page(2).await.unwrap();
        assert_eq!(page.rows.len(), 2);

        assert!(orders.delete(1).await.unwrap());
        assert_eq!(orders.count().await.unwrap(), 2);
        assert_eq!(orders.list().with_deleted().count().await.unwrap(), 4);
        assert!(orders.restore(1).await.unwrap());
        orders.query(Order::guest.eq(2)).delete().await.unwrap();
        orders.purge(3).await.unwrap();
        guests.delete_many([1, 2]).await.unwrap();
        assert_eq!((guests.count().await.unwrap(), orders.count().await.unwrap()), (2, 1));
        let sum = base
            .transaction(async |tx| {
                tx.table::<Guest>().insert(guest(20, "t")).await?;
                tx.table::<Guest>().count().await
            })
            .await;
        assert_eq!(sum.unwrap(), 3);
        base.close().await;
    }
}
