//! Rows that go from one owner to another.

use super::*;

kontract_test_support::both! {
    async fn a_row_has_one_owner_after_the_other(url: &str) {
        let base = database(url).await;
        let (ann, bob) = ann_and_bob(&base);
        ann.table().insert(Sheet::numbered(1, "a")).await.unwrap();
        ann.table().insert(Paper::numbered(1, "a")).await.unwrap();
        let before = base.table::<Paper>().get_row(1).await.unwrap().unwrap();
        ann.table::<Paper>().transfer(1, "bob").await.unwrap();
        let after = base.table::<Paper>().get_row(1).await.unwrap().unwrap();
        assert_eq!((after.owner.as_deref(), after.version), (Some("bob"), Some(2)));
        assert!(after.txid > before.txid, "{after:?}");
        assert_eq!((&after.record, after.order), (&before.record, before.order));
        // Only the owner of the row, or the program, gives it away.
        let sheets = ann.table::<Sheet>();
        assert_eq!(sheets.transfer(1, "bob").await.unwrap(), Sheet::numbered(1, "a"));
        assert_eq!(*sheets.transfer(1, "ann").await.unwrap_err().kind(), Kind::NotFound);
        assert_eq!(*sheets.update_if(1, 2, Sheet::patch().n(3)).await.unwrap_err().kind(), Kind::NotFound);
        base.table::<Sheet>().transfer(1, "ann").await.unwrap();
        assert!(sheets.exists(1).await.unwrap() && !bob.table::<Sheet>().exists(1).await.unwrap());
        base.table::<Sheet>().transfer(1, "system").await.unwrap();
        assert!(!sheets.exists(1).await.unwrap());
        for name in ["", "\0", "system"] {
            assert_eq!(*sheets.transfer(1, name).await.unwrap_err().kind(), Kind::Value, "{name:?}");
        }
        assert_eq!(*base.table::<Sheet>().transfer(9, "ann").await.unwrap_err().kind(), Kind::NotFound);
    }

    async fn one_of_many_transfers_succeeds(url: &str) {
        let base = database(url).await;
        let (ann, _) = ann_and_bob(&base);
        ann.table().insert(Slip::numbered(1, "a")).await.unwrap();
        let tasks: Vec<_> = (0..8)
            .map(|n| {
                let slips = ann.table::<Slip>();
                tokio::spawn(async move { slips.transfer(1, format!("heir-{n}")).await })
            })
            .collect();
        let mut done = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => done += 1,
                Err(error) => assert_eq!(*error.kind(), Kind::NotFound, "{error:?}"),
            }
        }
        assert_eq!(done, 1);
    }

    async fn no_write_of_the_former_owner_follows(url: &str) {
        let base = database(url).await;
        let (ann, bob) = ann_and_bob(&base);
        for id in 1..=9 {
            ann.table().insert(Slip::numbered(id, "a")).await.unwrap();
        }
        // The writes begin while the transfer is not committed: on PostgreSQL they wait for it.
        let transfer = async |tx: Base| {
            for id in 1..=9 {
                tx.table::<Slip>().transfer(id, "bob").await?;
            }
            let slips = ann.table::<Slip>();
            // Tasks of their own: a handle outside of the transaction may not wait for it within its task.
            let writes = tokio::spawn(async move {
                let patch = || Slip::patch().text("late");
                let changed = |result: Result<u64, Error>| result.unwrap();
                let (a, b, c, d, e, f, g, h, i) = tokio::join!(
                    slips.update(1, patch()),
                    slips.delete(2),
                    slips.update_many([3], patch()),
                    slips.query(Slip::id.eq(4)).update(patch()),
                    slips.query(Slip::id.eq(5)).limit(1).update(patch()),
                    slips.query(Slip::id.eq(6)).order_by(Slip::n.asc()).limit(1).delete(),
                    slips.set(Slip::numbered(7, "late")),
                    slips.upsert(Slip::code, Slip::numbered(8, "late")),
                    slips.transfer(9, "cem"),
                );
                assert_eq!(*a.unwrap_err().kind(), Kind::NotFound);
                assert!(!b.unwrap());
                assert_eq!([c, d, e, f].map(changed), [0; 4]);
                for taken in [g, h] {
                    assert!(matches!(taken.unwrap_err().kind(), Kind::Unique { .. }));
                }
                assert_eq!(*i.unwrap_err().kind(), Kind::NotFound);
            });
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            Ok(writes)
        };
        let writes = base.transaction(transfer).await.unwrap();
        writes.await.unwrap();
        for id in 1..=9 {
            let row = bob.table::<Slip>().get_row(id).await.unwrap().unwrap();
            assert_eq!((row.owner.as_deref(), row.record.text.as_str()), (Some("bob"), "a"), "{id}");
        }
    }
}
