//! Scopes of several owners, names of owners, transactions, queues, and tables that are shared.

use kontract::Owner;
use kontract_behaviour::{Job, OwnerStorage, Storage};

use super::*;

/// The ids of the rows that a storage sees.
async fn ids(storage: &OwnerBase) -> Vec<i64> {
    let rows = storage.table::<Sheet>().list().order_by(Sheet::id.asc());
    rows.select(Sheet::id).await.unwrap()
}

async fn owner(base: &Base, id: i64) -> Option<String> {
    base.table::<Sheet>().get_row(id).await.unwrap().unwrap().owner
}

kontract_test_support::both! {
    async fn a_scope_of_several_sees_the_rows_of_all(url: &str) {
        let base = database(url).await;
        let (ann, bob) = ann_and_bob(&base);
        let scope = || Owner::new("ann").and("team-7").and("ann");
        let both = base.as_owner(scope()).unwrap();
        let team = base.as_owner(scope().writing_as("team-7")).unwrap();
        ann.table().insert(Sheet::numbered(1, "a")).await.unwrap();
        bob.table().insert(Sheet::numbered(2, "b")).await.unwrap();
        both.table().insert(Sheet::numbered(3, "c")).await.unwrap();
        team.table().insert_many([Sheet::numbered(4, "d"), Sheet::numbered(5, "e")]).await.unwrap();
        assert_eq!(ids(&both).await, [1, 3, 4, 5]);
        assert_eq!(ids(&team).await, [1, 3, 4, 5]);
        assert_eq!(ids(&ann).await, [1, 3]);
        for (id, name) in [(1, "ann"), (2, "bob"), (3, "ann"), (4, "team-7"), (5, "team-7")] {
            assert_eq!(owner(&base, id).await.as_deref(), Some(name));
        }
        // Each operation of the table takes the scope, and a row keeps its owner.
        let table = both.table::<Sheet>();
        assert_eq!(table.get(4).await.unwrap().unwrap().text, "d");
        assert!(table.exists(5).await.unwrap());
        assert!(table.get_many([1, 2, 4]).await.unwrap()[1].is_none());
        table.set(Sheet::numbered(4, "set")).await.unwrap();
        table.set_many([Sheet::numbered(4, "set"), Sheet::numbered(1, "set")]).await.unwrap();
        table.upsert(Sheet::code, Sheet::numbered(5, "upsert")).await.unwrap();
        table.update(5, Sheet::patch().text("update")).await.unwrap();
        assert_eq!(table.update_many([1, 2, 5], Sheet::patch().n(0)).await.unwrap(), 2);
        assert_eq!(owner(&base, 4).await.as_deref(), Some("team-7"));
        assert_eq!(owner(&base, 5).await.as_deref(), Some("team-7"));
        for refused in [
            table.set(Sheet::numbered(2, "set")).await,
            table.upsert(Sheet::code, Sheet::numbered(2, "upsert")).await,
            table.insert(Sheet::numbered(2, "insert")).await,
        ] {
            assert!(matches!(refused.unwrap_err().kind(), Kind::Unique { .. }));
        }
        assert_eq!(table.delete_many([1, 2, 3]).await.unwrap(), 2);
        assert!(table.restore(3).await.unwrap() && !table.restore(2).await.unwrap());
        assert_eq!(table.transfer(4, "cem").await.unwrap().text, "set");
        let popped: Vec<i64> = table.pop_many(9).await.unwrap().iter().map(|row| row.id).collect();
        assert_eq!(popped, [5, 3]);
        assert_eq!(bob.table::<Sheet>().get(2).await.unwrap().unwrap().text, "b");
    }

    async fn queues_are_those_of_the_owner(url: &str) {
        let base = database(url).await;
        let (ann, bob) = ann_and_bob(&base);
        for id in 1..=8 {
            let storage = if id % 2 == 0 { &ann } else { &bob };
            storage.table().push(Sheet::numbered(id, "")).await.unwrap();
            storage.table().push(Paper::numbered(id, "")).await.unwrap();
        }
        let (sheets, papers) = (ann.table::<Sheet>(), ann.table::<Paper>());
        assert_eq!(sheets.pop().await.unwrap().unwrap().id, 8);
        assert_eq!(sheets.shift().await.unwrap().unwrap().id, 2);
        let rest: Vec<i64> = sheets.shift_many(9).await.unwrap().iter().map(|row| row.id).collect();
        assert_eq!(rest, [4, 6]);
        assert!(sheets.pop().await.unwrap().is_none() && sheets.shift().await.unwrap().is_none());
        assert_eq!(papers.pop_many(9).await.unwrap().len(), 4);
        assert_eq!(ids(&bob).await, [1, 3, 5, 7]);
        assert_eq!(bob.table::<Paper>().count().await.unwrap(), 4);
    }

    async fn transactions_stay_bound(url: &str) {
        let base = database(url).await;
        let (ann, bob) = ann_and_bob(&base);
        bob.table().insert(Sheet::numbered(2, "b")).await.unwrap();
        let work = async |tx: OwnerBase| {
            tx.table().insert(Sheet::numbered(1, "a")).await?;
            assert_eq!(tx.table::<Sheet>().count().await?, 1);
            // A savepoint, in which the key of another row is taken.
            let inner = async |tx: OwnerBase| tx.table().set(Sheet::numbered(2, "ann")).await;
            let refused = tx.transaction(inner).await.unwrap_err();
            assert!(matches!(refused.kind(), Kind::Unique { .. }), "{refused:?}");
            tx.table::<Sheet>().query(Sheet::id.gt(0)).update(Sheet::patch().n(5)).await
        };
        assert_eq!(ann.transaction(work).await.unwrap(), 1);
        assert_eq!(bob.table::<Sheet>().get(2).await.unwrap().unwrap(), Sheet::numbered(2, "b"));
        // A key that is taken fails the transaction, as where the database refuses it.
        let work = async |tx: OwnerBase| {
            let refused = tx.table().set(Slip::numbered(7, "ann")).await;
            drop(refused);
            tx.table().insert(Slip::numbered(8, "ann")).await.map(drop)
        };
        bob.table().insert(Slip::numbered(7, "b")).await.unwrap();
        assert_eq!(*ann.transaction(work).await.unwrap_err().kind(), Kind::Transaction);
        assert_eq!(ann.table::<Slip>().count().await.unwrap(), 0);
    }

    async fn a_batch_with_one_taken_key_stores_nothing(url: &str) {
        let base = database(url).await;
        let (ann, bob) = ann_and_bob(&base);
        bob.table().insert(Slip::numbered(3, "b")).await.unwrap();
        bob.table().insert(Paper::numbered(3, "b")).await.unwrap();
        let refused = ann.table().set_many((1..=4).map(|id| Slip::numbered(id, "ann"))).await.unwrap_err();
        assert!(matches!(refused.kind(), Kind::Unique { .. }), "{refused:?}");
        let refused = ann.table().set_many((1..=4).map(|id| Paper::numbered(id, "ann"))).await.unwrap_err();
        assert!(matches!(refused.kind(), Kind::Unique { .. }), "{refused:?}");
        assert_eq!(base.table::<Slip>().count().await.unwrap(), 1);
        assert_eq!(base.table::<Paper>().count().await.unwrap(), 1);
    }

    async fn all_owners_see_shared_tables(url: &str) {
        let base = database(url).await;
        let (ann, bob) = ann_and_bob(&base);
        ann.table().insert(Board::numbered(1, "a")).await.unwrap();
        ann.table().insert(Poster::numbered(1, "a")).await.unwrap();
        assert_eq!(bob.table().set(Board::numbered(1, "b")).await.unwrap().text, "b");
        assert_eq!(bob.table().set(Poster::numbered(1, "b")).await.unwrap().text, "b");
        assert_eq!(ann.table::<Poster>().get_row(1).await.unwrap().unwrap().owner.as_deref(), Some("ann"));
        assert!(bob.table::<Poster>().delete(1).await.unwrap());
        assert!(ann.table::<Poster>().restore(1).await.unwrap());
        assert_eq!(bob.table::<Poster>().shift().await.unwrap().unwrap().text, "b");
        assert_eq!(bob.table::<Board>().query(Board::id.eq(1)).delete().await.unwrap(), 1);
    }

    async fn the_generated_storage_has_one_for_each_owner(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let (ann, bob) = (storage.as_owner("ann").unwrap(), storage.as_owner("bob").unwrap());
        let id = Uuid::now_v7();
        ann.jobs.insert(Job { id, task: 1 }).await.unwrap();
        bob.users.insert(crate::user("Bob")).await.unwrap();
        assert_eq!((ann.jobs.count().await.unwrap(), bob.jobs.count().await.unwrap()), (1, 0));
        let work = async |tx: OwnerStorage| {
            let inner = async |tx: OwnerStorage| tx.jobs.transfer(id, "bob").await;
            assert_eq!(tx.users.count().await?, 0);
            tx.transaction_with(kontract::Transaction::new(), inner).await
        };
        assert_eq!(ann.transaction(work).await.unwrap().task, 1);
        assert_eq!(bob.jobs.get_row(id).await.unwrap().unwrap().owner.as_deref(), Some("bob"));
        assert_eq!(storage.users.list().rows().await.unwrap()[0].owner.as_deref(), Some("bob"));
        assert_eq!(format!("{ann:?}"), "OwnerStorage { .. }");
        assert!(storage.as_owner("").is_err());
    }

    async fn names_of_owners_are_values(url: &str) {
        let base = database(url).await;
        for refused in ["", "\0", "a\0b", "system"] {
            let error = base.as_owner(refused).err().expect("it is refused");
            assert_eq!(*error.kind(), Kind::Value, "{refused:?}");
            assert!(base.as_owner(Owner::new("ann").and(refused)).is_err(), "{refused:?}");
        }
        assert!(base.as_owner(Owner::new("ann").writing_as("bob")).is_err());
        let long = "x".repeat(2_000);
        let names = [
            "ann", "Ann", "ann ", " ann", "%", "_", "'", "''", "' OR '1'='1", "\" OR 1=1 --", "$1", "?1", "{ann}",
            "ann,bob", "{ann,bob}", "[\"ann\"]", "NULL", "null", "\\", "\n", "é", "e\u{301}", "System", "system ", "0",
            &long,
        ];
        for (id, name) in (1..).zip(names) {
            let storage = base.as_owner(name).unwrap();
            assert_eq!(ids(&storage).await, Vec::<i64>::new(), "{name:?}");
            storage.table().insert(Sheet::numbered(id, "")).await.unwrap();
        }
        for (id, name) in (1..).zip(names) {
            assert_eq!(ids(&base.as_owner(name).unwrap()).await, [id], "{name:?}");
            let both = base.as_owner(Owner::new(name).and("other")).unwrap();
            assert_eq!(ids(&both).await, [id], "{name:?}");
            assert_eq!(both.table::<Sheet>().get_row(id).await.unwrap().unwrap().owner.as_deref(), Some(name));
        }
    }
}
