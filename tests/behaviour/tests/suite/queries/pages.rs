//! Pages return each row once, in every order, even if rows change between two pages.

use kontract::prelude::*;
use kontract::query::{Cursor, Order, Paged};
use kontract::{Kind, Query};

use super::{Author, Book, Library, Review, json, library};

/// A field of each ordered type, in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, primary_key(part, id))]
struct Reading {
    part: i32,
    id: Uuid,
    level: Option<f64>,
    price: Decimal,
    name: Option<String>,
    raw: Vec<u8>,
    ok: bool,
    at: jiff::Timestamp,
    day: Option<jiff::civil::Date>,
    #[column(sql_type = "NUMERIC(20)")]
    big: u64,
}

/// The same fields as documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Sample {
    #[primkey]
    id: i64,
    level: Option<f64>,
    single: f32,
    price: Decimal,
    name: Option<String>,
    raw: Bytes,
    at: jiff::Timestamp,
    moment: Timestamp,
}

/// Columns with types of their own, whose texts have another order.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Parcel {
    #[primkey]
    id: i64,
    #[column(sql_type = "numeric(6,1)")]
    weight: Decimal,
    #[column(sql_type = "char(4)")]
    place: String,
    #[column(sql_type = "numeric(5)")]
    pieces: Option<i64>,
}

/// The rows of all pages.
async fn walk<S: Paged, O: Send + 'static>(query: &Query<S, O>, rows: u32) -> Vec<O> {
    let mut all = Vec::new();
    let mut after = None;
    for _ in 0..100 {
        let page = query.clone().page(rows).after(after).await.unwrap();
        assert!(page.rows.len() == rows as usize || page.next.is_none());
        all.extend(page.rows);
        match page.next {
            Some(next) => after = Some(next),
            None => return all,
        }
    }
    panic!("the pages do not end");
}

/// Fails unless pages of every size return the rows of the query.
async fn is_whole<S: Paged, O: Send + std::fmt::Debug + PartialEq + 'static>(query: Query<S, O>) {
    // With a limit, equal rows are ordered by their keys, as in pages.
    let all = query.clone().limit(1_000).await.unwrap();
    assert!(all.len() > 5);
    for rows in [1, 2, 3, 50] {
        assert_eq!(walk(&query, rows).await, all, "pages of {rows}");
    }
}

kontract_test_support::both! {
    async fn every_type_and_direction_in_columns(url: &str) {
        let base = kontract::storage::Base::open(url).await.unwrap();
        base.create::<Reading>().await.unwrap();
        let readings = base.table::<Reading>();
        let rows = (0..12u32).map(|n| Reading {
            part: (n / 6) as i32,
            id: Uuid::from_u128(u128::from(n * 7919 % 13)),
            level: (n % 3 > 0).then(|| f64::from(n % 3) / 3.0),
            price: Decimal::new(i64::from(n % 4) * 10_000_000_000_000_001, 3),
            name: (n % 4 > 0).then(|| format!("n{}'\"", n % 4)),
            raw: vec![n as u8 % 3, 0, 255],
            ok: n % 2 == 0,
            at: jiff::Timestamp::from_microsecond(1_000_001 * i64::from(n % 5)).unwrap(),
            day: (n % 3 > 0).then(|| jiff::civil::date(2024, 2, 27 + (n % 3) as i8)),
            big: u64::MAX - u64::from(n % 3),
        });
        readings.insert_many(rows).await.unwrap();
        let orders: Vec<fn() -> Order<Reading>> = vec![
            || Reading::level.asc(),
            || Reading::level.desc(),
            || Reading::price.desc(),
            || Reading::name.asc(),
            || Reading::name.desc(),
            || Reading::raw.asc(),
            || Reading::ok.desc(),
            || Reading::at.desc(),
            || Reading::day.desc(),
            || Reading::day.asc(),
            || Reading::big.asc(),
            || Reading::part.plus(1).desc(),
            || Reading::name.lower().desc(),
        ];
        for order in &orders {
            is_whole(readings.list().order_by(order())).await;
        }
        for pair in orders.windows(2) {
            is_whole(readings.list().order_by(pair[0]()).order_by(pair[1]())).await;
        }
        is_whole(readings.list()).await;
        is_whole(readings.list().order_by(Reading::at.asc()).select((Reading::ok, Reading::big))).await;
    }

    async fn every_type_and_direction_in_documents(url: &str) {
        let base = kontract::storage::Base::open(url).await.unwrap();
        base.create::<Sample>().await.unwrap();
        let samples = base.table::<Sample>();
        let rows = (0..12i64).map(|n| Sample {
            id: n * 7 % 13,
            level: (n % 3 > 0).then(|| [0.1, 1e300, 0.1 + 0.2][n as usize % 3]),
            single: [0.1, -0.3, 16_777_217.0][n as usize % 3],
            price: Decimal::new(n % 4 * 11, 1),
            name: (n % 4 > 0).then(|| format!("n{}", n % 4)),
            raw: Bytes(vec![n as u8 % 3]),
            at: jiff::Timestamp::from_microsecond(1_000_001 * (n % 5)).unwrap(),
            moment: Timestamp::from_millis(n % 2),
        });
        samples.insert_many(rows).await.unwrap();
        let orders: Vec<fn() -> Order<Sample>> = vec![
            || Sample::level.asc(),
            || Sample::level.desc(),
            || Sample::single.desc(),
            || Sample::price.asc(),
            || Sample::name.desc(),
            || Sample::raw.asc(),
            || Sample::at.desc(),
            || Sample::moment.asc(),
        ];
        for order in &orders {
            is_whole(samples.list().order_by(order())).await;
        }
        for pair in orders.windows(2) {
            is_whole(samples.list().order_by(pair[0]()).order_by(pair[1]())).await;
        }
    }

    /// The cursor of a join has the keys of all its tables, some of which may be NULL.
    async fn the_order_is_that_of_the_columns_not_of_what_is_read(url: &str) {
        let base = kontract::storage::Base::open(url).await.unwrap();
        base.create::<Parcel>().await.unwrap();
        let parcels = base.table::<Parcel>();
        let parcel = |id: i64, place: &str, pieces| Parcel {
            id,
            weight: Decimal::new(id * 7, 1),
            place: place.into(),
            pieces,
        };
        let rows = [
            parcel(1, "b", Some(9)),
            parcel(2, "a", Some(10)),
            parcel(15, "a", None),
            parcel(150, "b", Some(100)),
            parcel(20, "c", Some(11)),
            parcel(200, "c", Some(101)),
        ];
        parcels.insert_many(rows).await.unwrap();
        let list = || parcels.list();
        for query in [
            list().order_by(Parcel::weight.asc()),
            list().order_by(Parcel::pieces.desc()),
            list().order_by(Parcel::place.desc()).order_by(Parcel::weight.desc()),
        ] {
            is_whole(query.clone()).await;
            is_whole(query.clone().select(Parcel::id)).await;
            is_whole(query.select((Parcel::weight, Parcel::place, Parcel::pieces))).await;
        }
        let ids = list().order_by(Parcel::weight.asc()).select(Parcel::id);
        assert_eq!(walk(&ids, 2).await, [1, 2, 15, 20, 150, 200]);
        let ids = list().order_by(Parcel::pieces.desc()).select(Parcel::id);
        assert_eq!(walk(&ids, 1).await, [200, 150, 20, 2, 1, 15]);
    }

    async fn pages_of_joins(url: &str) {
        let Library { books, reviews, .. } = library(url).await;
        for id in 10..16 {
            let place = json("Bern", None);
            let at = Timestamp::from_millis(0);
            let review = Review { id, book: 1, stars: 5, text: None, place, words: vec![], at };
            reviews.insert(review).await.unwrap();
        }
        let joined = books
            .list()
            .left_join::<Review>(Review::book.eq(Book::id))
            .order_by(Review::stars.desc())
            .select((Book::id, Review::id));
        let all = walk(&joined, 50).await;
        assert_eq!(all.len(), 11);
        assert_eq!(all.iter().filter(|(_, review)| review.is_none()).count(), 2);
        for rows in [1, 2, 3] {
            assert_eq!(walk(&joined, rows).await, all);
        }
        let authors = books.list().right_join::<Author>(Book::author.eq(Author::id));
        assert_eq!(walk(&authors, 1).await.len(), 4);
    }

    async fn rows_that_are_added_and_deleted_between_pages(url: &str) {
        let Library { authors, .. } = library(url).await;
        let author = |id| Author { id, name: "Zed".into(), born: Some(1900), mentor: None };
        let query = authors.list().order_by(Author::born.desc());
        let page = query.clone().page(1).await.unwrap();
        assert_eq!(page.rows[0].name, "Bob");
        let next = page.next.unwrap();
        // The row of the cursor is deleted, and others are added before and behind it.
        authors.delete(2).await.unwrap();
        authors.insert_many([author(0), author(9)]).await.unwrap();
        let page = query.clone().page(2).after(next).await.unwrap();
        assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [9, 1]);
        let page = query.page(2).after(page.next).await.unwrap();
        assert_eq!(page.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [3]);
        assert_eq!(page.next, None);
    }

    async fn cursors_of_other_queries_are_refused(url: &str) {
        let Library { authors, books, .. } = library(url).await;
        let query = authors.query(Author::id.lt(100)).order_by(Author::name.asc());
        let next = query.clone().page(1).await.unwrap().next.unwrap();
        // A cursor from a URL, and a query with another value in the condition.
        let again = Cursor::from(next.to_string());
        let same = authors.query(Author::id.lt(50)).order_by(Author::name.asc());
        assert_eq!(same.page(1).after(again).await.unwrap().rows[0].name, "Bob");
        let refused = async |page: kontract::query::Pages<Author>, cursor: &str| {
            let error = page.after(Cursor::from(cursor)).await.unwrap_err();
            assert_eq!(*error.kind(), Kind::Value);
            let what = "page of `authors`: the cursor is damaged, or is one of another query";
            assert!(format!("{error:?}").starts_with(what), "{error}");
        };
        refused(authors.query(Author::id.lt(100)).order_by(Author::name.desc()).page(1), next.as_str()).await;
        refused(authors.list().order_by(Author::name.asc()).page(1), next.as_str()).await;
        refused(query.clone().page(1), "").await;
        refused(query.clone().page(1), "nonsense").await;
        refused(query.clone().page(1), &next.as_str()[1..]).await;
        for place in 0..next.as_str().len() {
            let mut text = next.to_string().into_bytes();
            text[place] = if text[place] == b'A' { b'B' } else { b'A' };
            let text = String::from_utf8(text).unwrap();
            refused(query.clone().page(1), &text).await;
        }
        let other = books.list().page(1).await.unwrap().next.unwrap();
        refused(query.clone().page(1), other.as_str()).await;
        let error = authors.list().limit(3).page(1).await.unwrap_err();
        assert!(format!("{error:?}").contains("a page has neither `limit` nor `offset`"), "{error}");
        let distinct = books.list().select(Book::author).distinct();
        assert_eq!(*distinct.page(1).await.unwrap_err().kind(), Kind::Value);
        let error = books.list().order_by(Book::tags.asc()).page(1).await.unwrap_err();
        assert!(format!("{error:?}").contains("`tags` is a list"), "{error}");
    }
}
