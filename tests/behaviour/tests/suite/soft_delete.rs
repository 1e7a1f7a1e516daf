//! Rows that are marked as deleted: when, for how long, and what takes the mark away.

use std::time::Duration;

use kontract::storage::Base;
use kontract::{Kind, Table, Timestamp};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, owned, versioned, track, deleted_at)]
struct Letter {
    #[primkey]
    id: i64,
    #[unique]
    text: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone, deleted_at)]
struct Draft {
    #[primkey]
    id: String,
    text: String,
}

const DAY: Duration = Duration::from_secs(86_400);

fn letter(id: i64) -> Letter {
    Letter { id, text: format!("letter {id}") }
}

async fn open(url: &str) -> Base {
    let base = Base::open(url).await.unwrap();
    base.create::<Letter>().await.unwrap();
    base.create::<Draft>().await.unwrap();
    base
}

/// Moves deletions into the past.
async fn age(base: &Base, by: Duration) {
    let sql = base.sql("UPDATE letters SET _deleted_at = _deleted_at - $1");
    sql.bind(by.as_millis() as i64).execute().await.unwrap();
}

/// Returns the transaction up to which a consumer has read.
async fn read_up_to(base: &Base, consumer: &'static str) -> i64 {
    let sql = base.sql("SELECT txid FROM _kontract_feed WHERE name = $1").bind(consumer);
    sql.fetch::<(i64,)>().await.unwrap()[0].0
}

kontract_test_support::both! {
    async fn the_time_of_a_deletion_comes_and_goes_with_the_mark(url: &str) {
        let base = open(url).await;
        let letters = base.table::<Letter>();
        letters.insert_many([letter(1), letter(2)]).await.unwrap();
        assert_eq!(letters.get_row(1).await.unwrap().unwrap().deleted_at, None);
        let before = Timestamp::now().as_millis() - 1000;
        letters.delete(1).await.unwrap();
        let deleted = letters.get_row(1).await.unwrap().unwrap();
        let at = deleted.deleted_at.unwrap().as_millis();
        assert!((before..=before + 60_000).contains(&at), "{at} is not about {before}");

        // What is deleted is not deleted again.
        tokio::time::sleep(Duration::from_millis(5)).await;
        assert_eq!(letters.list().only_deleted().delete().await.unwrap(), 0);
        assert_eq!(letters.list().only_deleted().delete_returning().await.unwrap(), []);
        assert!(letters.exists(2).await.unwrap(), "the live row stays");
        assert_eq!(letters.list().with_deleted().delete().await.unwrap(), 1, "the live row");
        assert_eq!(letters.get_row(1).await.unwrap().unwrap(), deleted);

        letters.restore(1).await.unwrap();
        assert_eq!(letters.get_row(1).await.unwrap().unwrap().deleted_at, None);
        for revive in 0..3 {
            letters.list().delete().await.unwrap();
            assert!(letters.get_row(1).await.unwrap().unwrap().deleted_at.is_some());
            match revive {
                0 => drop(letters.insert(letter(1)).await.unwrap()),
                1 => drop(letters.set(letter(1)).await.unwrap()),
                _ => drop(letters.upsert(Letter::id, letter(1)).await.unwrap()),
            }
            let row = letters.get_row(1).await.unwrap().unwrap();
            assert_eq!((row.deleted, row.deleted_at), (None, None), "way {revive}");
        }

        let drafts = base.table::<Draft>();
        drafts.push(Draft { id: "a".into(), text: "x".into() }).await.unwrap();
        drafts.pop().await.unwrap();
        assert!(drafts.get_row("a").await.unwrap().unwrap().deleted_at.is_some());
    }

    async fn purge_removes_what_was_deleted_long_ago(url: &str) {
        let base = open(url).await;
        let letters = base.table::<Letter>();
        letters.insert_many((1..=2_500).map(letter)).await.unwrap();
        letters.query(Letter::id.le(2_300)).delete().await.unwrap();
        age(&base, 10 * DAY).await;
        letters.query(Letter::id.le(2_400)).delete().await.unwrap();
        assert_eq!(letters.purge_deleted(30 * DAY).await.unwrap(), 0);
        assert_eq!(letters.purge_deleted(9 * DAY).await.unwrap(), 2_300, "more than one batch");
        assert_eq!(letters.list().with_deleted().count().await.unwrap(), 200);
        assert_eq!(letters.purge_deleted(Duration::ZERO).await.unwrap(), 100);
        assert_eq!(letters.purge_deleted(Duration::MAX).await.unwrap(), 0);
        assert_eq!(letters.count().await.unwrap(), 100);

        let drafts = base.table::<Draft>();
        drafts.insert(Draft { id: "a".into(), text: "x".into() }).await.unwrap();
        drafts.delete("a").await.unwrap();
        assert_eq!(drafts.purge_deleted(DAY).await.unwrap(), 0);
        assert_eq!(drafts.purge_deleted(Duration::ZERO).await.unwrap(), 1);
    }

    async fn rows_without_a_time_count_as_deleted_at_the_first_purge(url: &str) {
        let base = open(url).await;
        let letters = base.table::<Letter>();
        letters.insert_many([letter(1), letter(2)]).await.unwrap();
        letters.delete(1).await.unwrap();
        base.sql("UPDATE letters SET _deleted_at = NULL").execute().await.unwrap();
        assert_eq!(letters.purge_deleted(DAY).await.unwrap(), 0);
        assert!(letters.get_row(1).await.unwrap().unwrap().deleted_at.is_some());
        assert_eq!(letters.get_row(2).await.unwrap().unwrap().deleted_at, None, "it is live");
        age(&base, 2 * DAY).await;
        assert_eq!(letters.purge_deleted(DAY).await.unwrap(), 1);
    }

    async fn a_row_that_others_refer_to_is_not_purged(url: &str) {
        let base = open(url).await;
        base.sql("CREATE TABLE stamps (letter BIGINT REFERENCES letters (id))").execute().await.unwrap();
        let letters = base.table::<Letter>();
        letters.insert_many([letter(1), letter(2)]).await.unwrap();
        base.sql("INSERT INTO stamps VALUES (2)").execute().await.unwrap();
        letters.list().delete().await.unwrap();
        let error = letters.purge_deleted(Duration::ZERO).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::ForeignKey { .. }), "{error}");
        assert!(error.to_string().starts_with("purge of `letters`"), "{error}");
        assert_eq!(letters.list().only_deleted().count().await.unwrap(), 2);
    }

    async fn rows_of_a_query_are_restored_and_purged(url: &str) {
        let base = open(url).await;
        let letters = base.table::<Letter>();
        letters.insert_many((1..=6).map(letter)).await.unwrap();
        letters.query(Letter::id.le(4)).delete().await.unwrap();
        assert_eq!(letters.query(Letter::id.ge(4)).restore().await.unwrap(), 1, "5 and 6 are live");
        let first = letters.list().order_by(Letter::id.asc()).limit(1);
        assert_eq!(first.restore().await.unwrap(), 1);
        assert_eq!(letters.get_row(1).await.unwrap().unwrap().version, Some(3));
        assert_eq!(letters.list().only_deleted().count().await.unwrap(), 2);

        // All or nothing.
        letters.insert(Letter { id: 7, text: "letter 3".into() }).await.unwrap();
        let error = letters.list().restore().await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Unique { .. }), "{error}");
        assert_eq!(letters.list().only_deleted().count().await.unwrap(), 2);

        assert_eq!(letters.query(Letter::id.eq(2)).purge().await.unwrap(), 0, "it is deleted");
        assert_eq!(letters.query(Letter::id.eq(2)).only_deleted().purge().await.unwrap(), 1);
        assert_eq!(letters.query(Letter::id.ge(5)).with_deleted().purge().await.unwrap(), 3);
        let left = letters.list().with_deleted().order_by(Letter::id.asc()).select(Letter::id);
        assert_eq!(left.await.unwrap(), [1, 3, 4]);
    }

    async fn an_owner_restores_and_purges_only_own_rows(url: &str) {
        let base = open(url).await;
        let (ann, bob) = (base.as_owner("ann").unwrap(), base.as_owner("bob").unwrap());
        let (anns, bobs) = (ann.table::<Letter>(), bob.table::<Letter>());
        anns.insert_many((1..=3).map(letter)).await.unwrap();
        bobs.insert_many((11..=13).map(letter)).await.unwrap();
        base.table::<Letter>().list().delete().await.unwrap();
        base.sql("UPDATE letters SET _deleted_at = NULL WHERE id IN (3, 13)").execute().await.unwrap();

        assert_eq!(bobs.query(Letter::id.le(1)).restore().await.unwrap(), 0);
        assert_eq!(bobs.query(Letter::id.le(1)).only_deleted().purge().await.unwrap(), 0);
        assert_eq!(bobs.query(Letter::id.eq(11)).restore().await.unwrap(), 1);
        assert_eq!(bobs.query(Letter::id.eq(11)).purge().await.unwrap(), 1);
        assert_eq!(bobs.purge_deleted(DAY).await.unwrap(), 0);
        let undated = base.sql("SELECT id FROM letters WHERE _deleted_at IS NULL").fetch::<(i64,)>();
        assert_eq!(undated.await.unwrap(), [(3,)], "the row of the other owner");
        assert_eq!(bobs.purge_deleted(Duration::ZERO).await.unwrap(), 2);
        assert_eq!(anns.list().only_deleted().count().await.unwrap(), 3);
    }

    async fn rows_stay_until_all_consumers_have_read_their_deletion(url: &str) {
        let base = open(url).await;
        let letters = base.table::<Letter>();
        letters.insert_many([letter(1), letter(2)]).await.unwrap();
        let (mailer, index) = (base.consumer("mailer"), base.consumer("index"));
        let (mailer, index) = (mailer.await.unwrap(), index.await.unwrap());
        letters.delete(1).await.unwrap();
        let deleted_by = letters.get_row(1).await.unwrap().unwrap().deleted.unwrap();
        assert_eq!(letters.purge_deleted(Duration::ZERO).await.unwrap(), 0, "none has read");

        // Open transactions of other tests delay the changes.
        let read = loop {
            let read = letters.changes(mailer.cursor().await.unwrap()).await.unwrap();
            let position = read.next.clone();
            mailer.advance(&position).await.unwrap();
            if read_up_to(&base, "mailer").await >= deleted_by {
                break position;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert_eq!(letters.purge_deleted(Duration::ZERO).await.unwrap(), 0, "one has read");
        letters.delete(2).await.unwrap();
        index.advance(&read).await.unwrap();
        assert_eq!(letters.purge_deleted(Duration::ZERO).await.unwrap(), 1, "both have read of 1");
        index.remove().await.unwrap();
        mailer.remove().await.unwrap();
        assert_eq!(letters.purge_deleted(Duration::ZERO).await.unwrap(), 1);
    }
}
