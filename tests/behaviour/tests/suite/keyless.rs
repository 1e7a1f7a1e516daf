//! Tables without a key.

use kontract::expr::count;
use kontract::prelude::*;
use kontract::query::Cursor;
use kontract::storage::Base;
use kontract::{Error, KeylessTable, Kind};

/// Rows may be equal.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, keyless, track, owned)]
struct Visit {
    page: String,
    #[check("seconds >= 0")]
    seconds: i32,
    note: Option<String>,
}

/// The database makes values, and stores some in another form.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, keyless)]
struct Entry {
    n: i64,
    #[default(sql = "7")]
    level: i64,
    #[generated("n * 2")]
    twice: i64,
    #[column(sql_type = "varchar(3)")]
    code: String,
    #[updated_at]
    at: Timestamp,
}

/// Unique, but without a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, keyless)]
struct Badge {
    #[unique]
    code: i64,
    colour: Option<String>,
}

/// Each column may be NULL.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, keyless)]
struct Guess {
    code: Option<i64>,
    text: Option<String>,
}

/// A table with a key.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Page {
    #[primkey]
    path: String,
    title: String,
}

kontract::query::alias!(Other = Visit);

async fn open<R: Record>(url: &str) -> (Base, KeylessTable<R>) {
    let base = Base::open(url).await.unwrap();
    base.create::<R>().await.unwrap();
    let table = base.keyless_table();
    (base, table)
}

fn visit(page: &str, seconds: i32) -> Visit {
    Visit { page: page.to_owned(), seconds, note: None }
}

async fn seconds_of(visits: &KeylessTable<Visit>) -> Vec<i32> {
    visits.list().order_by(Visit::seconds.asc()).select(Visit::seconds).await.unwrap()
}

kontract_test_support::both! {
    async fn rows_are_inserted_and_found_by_queries(url: &str) {
        let (_base, visits) = open::<Visit>(url).await;
        assert_eq!(visits.insert(visit("/", 3)).await.unwrap(), visit("/", 3));
        assert_eq!(visits.insert(NewVisit::new("/", 3)).await.unwrap(), visit("/", 3));
        let many = [visit("/a", 1), visit("/b", 2), visit("/a", 1)];
        assert_eq!(visits.insert_many(many.clone()).await.unwrap(), many);
        assert!(visits.insert_many(Vec::<Visit>::new()).await.unwrap().is_empty());
        assert_eq!(visits.count().await.unwrap(), 5, "equal rows are rows");
        assert_eq!(visits.query(Visit::page.eq("/")).await.unwrap(), [visit("/", 3), visit("/", 3)]);
        assert_eq!(visits.list().distinct().await.unwrap().len(), 3);
        let mut rows = visits.list().stream();
        let mut streamed = 0;
        while let Some(row) = rows.next().await {
            streamed += row.unwrap().seconds;
        }
        assert_eq!(streamed, 10);
        let rows = visits.query(Visit::page.eq("/b")).rows().await.unwrap();
        assert_eq!((rows[0].owner.as_deref(), rows[0].version), (Some("system"), None));
        let of = visits.list().group_by(Visit::page).order_by(|page| page.asc());
        let of: Vec<(String, i64)> = of.select(|page| (page, count())).await.unwrap();
        assert_eq!(of, [("/".into(), 2), ("/a".into(), 2), ("/b".into(), 1)]);
        let total: Option<i64> = visits.list().aggregate(Visit::seconds.sum()).one().await.unwrap();
        assert_eq!(total, Some(10));
        assert!(visits.list().first().await.unwrap().is_some());
        assert!(visits.query(Visit::seconds.gt(2)).exists().await.unwrap());
    }

    async fn a_batch_is_inserted_whole_or_not(url: &str) {
        let (_base, visits) = open::<Visit>(url).await;
        let error = visits.insert_many([visit("/", 1), visit("/", -1)]).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Check { .. }), "{error}");
        assert_eq!(visits.count().await.unwrap(), 0);
    }

    async fn rows_of_a_query_are_changed_and_deleted(url: &str) {
        let (_base, visits) = open::<Visit>(url).await;
        visits.insert_many((0..10).map(|seconds| visit("/", seconds))).await.unwrap();
        let note = Visit::patch().note("long".to_owned());
        assert_eq!(visits.query(Visit::seconds.ge(8)).update(note).await.unwrap(), 2);
        let more = Visit::patch().set(Visit::seconds, Visit::seconds.plus(100));
        let changed = visits.query(Visit::note.eq("long".to_owned())).update_returning(more).await.unwrap();
        assert_eq!(changed.iter().map(|row| row.seconds).sum::<i32>(), 217);
        let gone = visits.query(Visit::seconds.ge(100)).delete_returning().await.unwrap();
        assert_eq!(gone.len(), 2);
        assert_eq!(visits.query(Visit::seconds.lt(2)).delete().await.unwrap(), 2);
        assert_eq!(seconds_of(&visits).await, [2, 3, 4, 5, 6, 7]);
    }

    async fn a_limit_applies_to_equal_rows(url: &str) {
        let (_base, visits) = open::<Visit>(url).await;
        visits.insert_many((0..5).map(|_| visit("/", 1))).await.unwrap();
        let one = || visits.query(Visit::seconds.eq(1)).limit(1);
        assert_eq!(one().update(Visit::patch().seconds(2)).await.unwrap(), 1);
        assert_eq!(one().update_returning(Visit::patch().seconds(3)).await.unwrap(), [visit("/", 3)]);
        assert_eq!(one().delete().await.unwrap(), 1);
        assert_eq!(seconds_of(&visits).await, [1, 1, 2, 3]);
        let longest = visits.list().order_by(Visit::seconds.desc());
        assert_eq!(longest.limit(2).delete_returning().await.unwrap().len(), 2);
        let second = visits.list().order_by(Visit::page.asc()).offset(1).limit(9);
        assert_eq!(second.delete().await.unwrap(), 1);
        assert_eq!(seconds_of(&visits).await, [1]);
        visits.insert_many([visit("/a", 4), visit("/a", 5)]).await.unwrap();
        let either = visits.query(Visit::seconds.eq(4)).union(visits.query(Visit::seconds.eq(5)));
        assert_eq!(either.delete().await.unwrap(), 2);
        // The filter names the table of the statement from inside of a subquery.
        let same = kontract::query::from::<Other, _>().filter(Visit::page.of(Other).eq(Visit::page));
        let some = visits.query(kontract::expr::exists(same)).limit(1);
        assert_eq!(some.delete().await.unwrap(), 1);
        assert_eq!(visits.count().await.unwrap(), 0);
    }

    async fn the_database_makes_values(url: &str) {
        let (_base, entries) = open::<Entry>(url).await;
        let entry = entries.insert(NewEntry::new(4, "a")).await.unwrap();
        assert_eq!((entry.level, entry.twice), (7, 8));
        let error = entries.insert(NewEntry::new(4, "long")).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Value, "{error}");
        // Every third row gives the level, so that there are two statements.
        let new = |n: i64| {
            let new = NewEntry::new(n, "a");
            if n % 3 == 0 { new.level(n) } else { new }
        };
        let rows = entries.insert_many((0..5000).rev().map(new)).await.unwrap();
        assert!(rows.iter().map(|row| row.n).eq((0..5000).rev()), "in the order of the rows");
        let fits = |row: &Entry| {
            row.twice == row.n * 2 && row.level == if row.n % 3 == 0 { row.n } else { 7 }
        };
        assert!(rows.iter().all(fits));
        // All of these give the same values.
        assert_eq!(entries.insert_many((0..3).map(|_| new(1))).await.unwrap().len(), 3);
        assert_eq!(entries.count().await.unwrap(), 5004);
    }

    async fn pages_need_a_unique_index(url: &str) {
        let (_base, badges) = open::<Badge>(url).await;
        let badge = |code: i64| Badge { code, colour: (code % 2 == 0).then(|| "red".to_owned()) };
        badges.insert_many((0..7).map(badge)).await.unwrap();
        let (mut codes, mut after) = (Vec::new(), None::<Cursor>);
        loop {
            let page = badges.list().order_by(Badge::colour.asc()).page(2).after(after).await.unwrap();
            codes.extend(page.rows.into_iter().map(|badge| badge.code));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        assert_eq!(codes, [0, 2, 4, 6, 1, 3, 5]);
        assert_eq!(badges.list().first().await.unwrap(), Some(badge(0)), "in the order of the index");
        let error = badges.insert(badge(1)).await.unwrap_err();
        assert!(matches!(error.kind(), Kind::Unique { constraint } if constraint == "badges_code_key"), "{error}");
    }

    async fn they_are_joined(url: &str) {
        let (base, visits) = open::<Visit>(url).await;
        base.create::<Page>().await.unwrap();
        base.create::<Guess>().await.unwrap();
        base.create::<Badge>().await.unwrap();
        let pages = base.table::<Page>();
        let page = |path: &str| Page { path: path.to_owned(), title: path.to_uppercase() };
        pages.insert_many([page("/a"), page("/b")]).await.unwrap();
        visits.insert_many([visit("/a", 1), visit("/c", 2)]).await.unwrap();
        let titles: Vec<(i32, Option<String>)> = visits
            .list()
            .left_join::<Page>(Visit::page.eq(Page::path))
            .order_by(Visit::seconds.asc())
            .select((Visit::seconds, Page::title))
            .await
            .unwrap();
        assert_eq!(titles, [(1, Some("/A".into())), (2, None)]);
        let found: Vec<(Page, Option<Visit>)> = pages
            .list()
            .left_join::<Visit>(Visit::page.eq(Page::path))
            .order_by(Page::path.asc())
            .select((kontract::query::record::<Page>(), kontract::query::record::<Visit>()))
            .await
            .unwrap();
        assert_eq!(found, [(page("/a"), Some(visit("/a", 1))), (page("/b"), None)]);
        let read = pages.query(Page::path.is_in_query(
            kontract::query::from::<Visit, _>().select(Visit::page),
        ));
        assert_eq!(read.await.unwrap(), [page("/a")]);

        // A row of NULLs is not a missing row.
        let (badges, guesses) = (base.keyless_table::<Badge>(), base.keyless_table::<Guess>());
        badges.insert_many([1, 2].map(|code| Badge { code, colour: None })).await.unwrap();
        guesses.insert(Guess { code: Some(1), text: None }).await.unwrap();
        let found: Vec<(i64, Option<Guess>)> = badges
            .list()
            .left_join::<Guess>(Guess::code.eq(Badge::code).or(Guess::code.is_null()))
            .order_by(Badge::code.asc())
            .select((Badge::code, kontract::query::record::<Guess>()))
            .await
            .unwrap();
        assert_eq!(found, [(1, Some(Guess { code: Some(1), text: None })), (2, None)]);
        guesses.list().update(Guess::patch().code(None)).await.unwrap();
        let found: Vec<Option<Guess>> = badges
            .query(Badge::code.eq(2))
            .left_join::<Guess>(Guess::text.is_null())
            .select(kontract::query::record::<Guess>())
            .await
            .unwrap();
        assert_eq!(found, [Some(Guess { code: None, text: None })]);
    }

    async fn rows_of_a_query_are_inserted(url: &str) {
        let (base, visits) = open::<Visit>(url).await;
        base.create::<Page>().await.unwrap();
        let pages = base.table::<Page>();
        pages.insert(Page { path: "/a".into(), title: "A".into() }).await.unwrap();
        let new = pages.list().insert_into(&visits).set(Visit::page, Page::path).value(Visit::seconds, 5);
        assert_eq!(new.await.unwrap(), 1);
        assert_eq!(visits.list().await.unwrap(), [visit("/a", 5)]);
        let again = visits.list().insert_into(&visits).set(Visit::page, Visit::page);
        assert_eq!(again.value(Visit::seconds, 6).await.unwrap(), 1);
        assert_eq!(seconds_of(&visits).await, [5, 6]);
    }

    async fn transactions_roll_back(url: &str) {
        let (base, visits) = open::<Visit>(url).await;
        let refused = base
            .transaction(async |tx| {
                let visits = tx.keyless_table::<Visit>();
                visits.insert(visit("/", 1)).await?;
                assert_eq!(visits.list().for_update().await?.len(), 1);
                Err::<(), _>(Error::custom("not this one"))
            })
            .await;
        assert_eq!(*refused.unwrap_err().kind(), Kind::Custom);
        assert_eq!(visits.count().await.unwrap(), 0);
    }
}
