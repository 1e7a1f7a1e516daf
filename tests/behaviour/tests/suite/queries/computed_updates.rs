//! Updates with computed values, and inserts from queries.

use kontract::Kind;
use kontract::expr::{scalar, value};
use kontract::prelude::*;
use kontract::query::{alias, from};
use kontract::storage::Base;

use super::{Author, Book, Library, Review, library};

/// A table of documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Score {
    #[primkey]
    id: i64,
    points: i32,
    small: u8,
    level: f64,
    name: String,
    other: Option<String>,
    open: bool,
    was_open: bool,
    maybe: Option<bool>,
    tags: Vec<String>,
    more: Vec<String>,
    at: jiff::Timestamp,
    before: Option<jiff::Timestamp>,
    #[updated_at]
    updated: Timestamp,
}

/// A table in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, versioned)]
struct Tally {
    #[primkey]
    id: i64,
    points: i32,
    most: Option<i32>,
    small: u8,
    big: i64,
    name: String,
    #[column(sql_type = "VARCHAR(20)")]
    code: Option<String>,
}

/// The target of the inserts.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, track, soft_delete)]
struct Old {
    #[primkey]
    id: i64,
    #[column(sql_type = "VARCHAR(40)")]
    title: String,
    by: Option<String>,
    pages: i32,
    reason: String,
    tags: Vec<String>,
    #[default(7)]
    shelf: i32,
    #[created_at]
    created: Timestamp,
}

alias!(Other = Tally);

fn score(id: i64) -> Score {
    Score {
        id,
        points: 5,
        small: 250,
        level: 0.5,
        name: "Ada".into(),
        other: None,
        open: true,
        was_open: false,
        maybe: None,
        tags: vec!["a".into(), "it's".into()],
        more: vec![],
        at: "2024-02-29T12:00:00.123456Z".parse().unwrap(),
        before: None,
        updated: Timestamp::from_millis(1),
    }
}

fn tally(id: i64) -> Tally {
    Tally { id, points: 5, most: None, small: 250, big: i64::MAX, name: "Ada".into(), code: None }
}

kontract_test_support::both! {
    async fn computed_values_of_documents(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Score>().await.unwrap();
        let scores = base.table::<Score>();
        scores.insert_many([score(1), score(2)]).await.unwrap();
        let patch = || {
            Score::patch()
                .set(Score::points, Score::points.plus(1).times(2))
                .set(Score::level, Score::level.plus(0.25))
                .set(Score::name, Score::name.upper())
                .set(Score::other, Score::name)
                .set(Score::was_open, Score::open)
                .set(Score::more, Score::tags)
                .set(Score::before, Score::at)
                .open(false)
        };
        let changed = scores.update(1, patch()).await.unwrap();
        assert!(changed.updated > score(1).updated);
        let expected = Score {
            points: 12,
            level: 0.75,
            name: "ADA".into(),
            other: Some("Ada".into()),
            open: false,
            was_open: true,
            more: score(1).tags,
            before: Some(score(1).at),
            updated: changed.updated,
            ..score(1)
        };
        assert_eq!(changed, expected);
        assert_eq!(scores.get(1).await.unwrap(), Some(expected));
        // With a subquery, and with NULL.
        let changed = scores
            .query(Score::points.lt(10))
            .update_returning(Score::patch().set(Score::before, Score::before).set(Score::other, Score::other))
            .await
            .unwrap();
        assert_eq!(changed, [Score { updated: changed[0].updated, ..score(2) }]);
        assert_eq!(scores.update_many([1, 2, 3], patch()).await.unwrap(), 2);
        // A number out of the range of the field is refused.
        let refused = scores.update(2, Score::patch().set(Score::small, Score::small.plus(6))).await;
        let error = refused.unwrap_err();
        assert_eq!(*error.kind(), Kind::Value, "{error}");
        assert!(format!("{error:?}").contains("a number does not fit its type"), "{error}");
        let most = Score::patch().set(Score::points, Score::points.times(2_000_000_000));
        assert!(scores.update(2, most).await.is_err());
        assert_eq!(scores.get(2).await.unwrap().unwrap().small, 250);
        let at = Score::patch().set(Score::at, Score::before.or_else(score(1).at));
        assert_eq!(*scores.update(2, at).await.unwrap_err().kind(), Kind::Unsupported);
        let open = |maybe: Option<bool>| Score::patch().set(Score::open, Score::maybe.or_else(true)).maybe(maybe);
        for (maybe, open_now) in [(Some(false), true), (Some(true), false), (None, true)] {
            // Expressions use the values before the update.
            assert_eq!(scores.update(2, open(maybe)).await.unwrap().open, open_now);
        }
    }

    async fn computed_values_of_columns(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Tally>().await.unwrap();
        let tallies = base.table::<Tally>();
        tallies.insert_many([tally(1), tally(2)]).await.unwrap();
        // No concurrent update is lost.
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                let tallies = tallies.clone();
                tokio::spawn(async move {
                    tallies.update(1, Tally::patch().set(Tally::points, Tally::points.plus(1))).await
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let row = tallies.get_row(1).await.unwrap().unwrap();
        assert_eq!((row.record.points, row.version), (25, Some(21)));
        let patch = Tally::patch()
            .set(Tally::most, Tally::points)
            .set(Tally::code, Tally::name.lower())
            .name("Bob");
        let changed = tallies.update(1, patch).await.unwrap();
        let code = Some("ada".to_owned());
        assert_eq!(changed, Tally { points: 25, most: Some(25), name: "Bob".into(), code, ..tally(1) });
        // The maximum of all rows, by a subquery.
        let greatest = scalar(from::<Other, _>().aggregate(Tally::points.of(Other).max()));
        let patch = Tally::patch().set(Tally::points, greatest.or_else(0));
        assert_eq!(tallies.query(Tally::id.eq(2)).update(patch.clone()).await.unwrap(), 1);
        assert_eq!(tallies.get(2).await.unwrap().unwrap().points, 25);
        let own = scalar(from::<Other, _>().filter(Tally::id.of(Other).eq(Tally::id)).aggregate(Tally::points.of(Other).max()));
        let changed = tallies.update(2, Tally::patch().set(Tally::most, own)).await.unwrap();
        assert_eq!(changed.most, Some(25));
        for (column, patch) in [
            ("points", Tally::patch().set(Tally::points, Tally::points.times(1_000_000_000))),
            ("small", Tally::patch().set(Tally::small, Tally::small.plus(6))),
            ("big", Tally::patch().set(Tally::big, Tally::big.plus(1))),
        ] {
            let error = tallies.update(1, patch).await.unwrap_err();
            assert_eq!(*error.kind(), Kind::Value, "{column}: {error}");
            assert!(format!("{error:?}").contains("a number does not fit its type"), "{column}: {error}");
        }
        // NULL and constants are accepted as values.
        let none = scalar(from::<Other, _>().filter(Tally::id.of(Other).eq(99)).aggregate(Tally::points.of(Other).max()));
        let patch = Tally::patch().set(Tally::most, none).set(Tally::points, value(3).plus(1));
        let changed = tallies.update(1, patch).await.unwrap();
        assert_eq!((changed.most, changed.points), (None, 4));
        let key = Tally::patch().set(Tally::id, Tally::id.plus(1));
        assert_eq!(*tallies.update(1, key).await.unwrap_err().kind(), Kind::Value);
    }

    async fn insert_from_a_query(url: &str) {
        let Library { base, books, reviews, .. } = library(url).await;
        base.create::<Old>().await.unwrap();
        let old = base.table::<Old>();
        let copied = books
            .query(Book::pages.gt(10))
            .left_join::<Author>(Book::author.eq(Author::id))
            .insert_into(&old)
            .set(Old::id, Book::id.plus(100))
            .set(Old::title, Book::title)
            .set(Old::by, Author::name)
            .set(Old::pages, Book::pages)
            .set(Old::tags, Book::tags)
            .value(Old::reason, "it's old")
            .await
            .unwrap();
        assert_eq!(copied, 3);
        let rows = old.list().rows().await.unwrap();
        assert!(rows[0].txid.is_some());
        let first = &rows[0].record;
        assert_eq!((first.id, first.title.as_str(), first.by.as_deref()), (101, "Engines", Some("Ada")));
        assert_eq!((first.shelf, first.reason.as_str()), (7, "it's old"));
        assert_eq!(first.tags, ["math", "old"]);
        assert!(first.created.as_millis() > 0);
        // From documents.
        let copied = reviews
            .query(Review::text.is_not_null())
            .insert_into(&old)
            .set(Old::id, Review::id)
            .set(Old::title, Review::text.or_else(""))
            .set(Old::pages, Review::stars)
            .set(Old::reason, Review::place.at("city").get::<String>().or_else("?"))
            .value(Old::tags, ["x"])
            .value(Old::shelf, 1);
        assert_eq!(copied.await.unwrap(), 2);
        let bern = old.query(Old::reason.eq("Bern")).await.unwrap();
        assert_eq!((bern[0].title.as_str(), bern[0].pages, bern[0].shelf), ("Good", 5, 1));
        // Missing fields and other encodings are reported before a statement is sent.
        let missing = books.list().insert_into(&old).set(Old::id, Book::id).await.unwrap_err();
        let text = "insert into `olds`: `title` has neither a value nor a default\nhelp: say what it is: `.set(title, …)` or `.value(title, …)`";
        assert_eq!(format!("{missing:?}"), text);
        let tags = reviews
            .list()
            .insert_into(&old)
            .set(Old::id, Review::id)
            .set(Old::tags, Review::words)
            .value(Old::title, "")
            .value(Old::pages, 1)
            .value(Old::reason, "");
        assert_eq!(*tags.await.unwrap_err().kind(), Kind::Unsupported);
        let documents = books.list().insert_into(&reviews).set(Review::id, Book::id).await;
        assert_eq!(*documents.unwrap_err().kind(), Kind::Unsupported);
        let twice = books.query(Book::id.eq(1)).insert_into(&old).set(Old::id, Book::id.plus(100));
        let twice = twice.set(Old::title, Book::title).set(Old::pages, Book::pages).set(Old::tags, Book::tags);
        let twice = twice.value(Old::reason, "").await.unwrap_err();
        assert!(matches!(twice.kind(), Kind::Unique { .. }), "{twice}");
    }
}
