//! Tables without a key in a schema: handles, references from them and to them.

use kontract::{KeylessTable, Kind};
use kontract_types::Storage;
use kontract_types::keyless::{Badge, Click, Holder, NewClick, Site};

kontract_test_support::both! {
    async fn a_table_without_a_key_refers_to_others(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let clicks: &KeylessTable<Click> = &storage.clicks;
        let site = |id, name: &str| Site { id, name: name.to_owned() };
        storage.sites.insert_many([site(1, "a"), site(2, "b")]).await.unwrap();
        let made = clicks.insert_many([1, 1, 2].map(NewClick::new)).await.unwrap();
        assert_eq!(made[2], Click { site: 2, weight: 1 });
        let with = storage.sites.list().order_by(Site::id.asc()).with(Click::site).await.unwrap();
        assert_eq!(with[0], (site(1, "a"), vec![Click { site: 1, weight: 1 }; 2]));
        let counts = storage.sites.list().order_by(Site::id.asc()).with_counts(Click::site).await.unwrap();
        assert_eq!((counts[0].1, counts[1].1), (2, 1));
        let error = clicks.insert(NewClick::new(3)).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::ForeignKey { .. }), "{error}");
        storage.sites.delete(1).await.unwrap();
        assert_eq!(clicks.count().await.unwrap(), 1);
    }

    async fn others_refer_to_a_table_without_a_key(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let holder = Holder { id: 1, badge: "x".to_owned() };
        let error = storage.holders.insert(holder.clone()).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::ForeignKey { .. }), "{error}");
        let done = storage.transaction(async |tx| {
            tx.badges.insert(Badge { code: "x".to_owned() }).await?;
            tx.holders.insert(holder.clone()).await
        });
        assert_eq!(done.await.unwrap(), holder);
        let error = storage.badges.list().delete().await.unwrap_err();
        assert!(matches!(error.kind(), Kind::ForeignKey { .. }), "{error}");
    }

    async fn the_database_is_verified(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.verify().await.unwrap();
        let key = "ALTER TABLE clicks ADD COLUMN id BIGINT PRIMARY KEY";
        if url.starts_with("postgres") {
            storage.sql(key).execute().await.unwrap();
            let error = storage.verify().await.unwrap_err();
            assert!(format!("{error:?}").contains("has the primary key (id); the struct is `keyless`"), "{error:?}");
        }
    }
}
