//! Spans, types of extensions, and texts whose column types have an order of their own.

use std::collections::BTreeMap;

use kontract::Kind;
use kontract::prelude::*;
use kontract::storage::Base;

/// Spans and pairs.
#[derive(Clone, Debug, Table)]
#[table(layout = "columns", standalone)]
struct Offer {
    #[primkey]
    id: i64,
    term: jiff::Span,
    notice: Option<jiff::Span>,
    #[column(sql_type = "hstore")]
    labels: BTreeMap<String, Option<String>>,
    #[column(sql_type = "hstore")]
    extra: Option<BTreeMap<String, Option<String>>>,
}

/// Durations in a document.
#[derive(Clone, Debug, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Visit {
    #[primkey]
    id: i64,
    stay: jiff::SignedDuration,
    term: jiff::Span,
}

/// Texts whose columns on PostgreSQL are not texts.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Entry {
    #[primkey]
    #[column(sql_type = "inet")]
    host: String,
    #[column(sql_type = "interval")]
    length: String,
    #[column(sql_type = "int4range")]
    rooms: String,
    #[column(sql_type = "numeric")]
    price: String,
    #[column(sql_type = "int8multirange")]
    parts: Option<String>,
}

/// Vectors of three numbers.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Point {
    #[primkey]
    id: i64,
    #[column(sql_type = "vector(3)")]
    place: Vec<f32>,
}

/// A vector of any length.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Meaning {
    #[primkey]
    id: i64,
    #[column(sql_type = "vector")]
    of: Vec<f32>,
}

fn pairs<const N: usize>(pairs: [(&str, Option<&str>); N]) -> BTreeMap<String, Option<String>> {
    pairs.map(|(key, value)| (key.to_owned(), value.map(str::to_owned))).into()
}

fn offer(id: i64, term: jiff::Span) -> Offer {
    Offer { id, term, notice: None, labels: BTreeMap::new(), extra: None }
}

fn entry(host: &str, length: &str, rooms: &str, price: &str) -> Entry {
    let [host, length, rooms, price] = [host, length, rooms, price].map(str::to_owned);
    Entry { host, length, rooms, price, parts: None }
}

kontract_test_support::both! {
    async fn spans_and_pairs(url: &str) {
        if !url.starts_with("sqlite") {
            kontract_test_support::execute(url, "CREATE EXTENSION hstore");
        }
        let base = Base::open(url).await.unwrap();
        base.create::<Offer>().await.unwrap();
        let offers = base.table::<Offer>();
        let span = jiff::Span::new;
        let labels = pairs([("a", Some("1")), ("b", None), ("c \"d\\", Some(", =>"))]);
        let terms = [
            span().years(1).months(2).weeks(1).hours(30).nanoseconds(1_500),
            span().days(-3).microseconds(-1),
            span(),
            span().months(1),
        ];
        let expected = [
            span().years(1).months(2).days(7).hours(30).microseconds(1),
            span().days(-3).microseconds(-1),
            span(),
            span().months(1),
        ];
        let rows = terms.iter().enumerate().map(|(id, term)| Offer {
            notice: (id > 0).then_some(*term),
            labels: if id == 0 { labels.clone() } else { BTreeMap::new() },
            ..offer(id as i64, *term)
        });
        offers.insert_many(rows.collect::<Vec<_>>()).await.unwrap();
        let read = offers.list().order_by(Offer::id.asc()).await.unwrap();
        for (offer, expected) in read.iter().zip(&expected) {
            assert_eq!(offer.term.fieldwise(), expected.fieldwise());
        }
        assert_eq!((&read[0].labels, &read[1].labels), (&labels, &BTreeMap::new()));
        let found = |filter| async {
            offers.query(filter).order_by(Offer::id.asc()).select(Offer::id).await.unwrap()
        };
        assert_eq!(found(Offer::term.eq(span().days(-3).microseconds(-1))).await, [1]);
        assert_eq!(found(Offer::notice.lt(span().hours(1))).await, [1, 2]);
        assert_eq!(found(Offer::term.ge(span().days(29))).await, [0, 3]);
        assert_eq!(found(Offer::labels.eq(labels.clone())).await, [0]);
        assert_eq!(found(Offer::labels.is_in([labels.clone()])).await, [0]);
        assert_eq!(found(Offer::extra.is_null()).await, [0, 1, 2, 3]);
        let by_term = offers.list().order_by(Offer::term.desc()).select(Offer::id);
        assert_eq!(by_term.await.unwrap(), [0, 3, 2, 1]);
        offers.update(2, Offer::patch().extra(labels.clone())).await.unwrap();
        assert_eq!(offers.get(2).await.unwrap().and_then(|offer| offer.extra), Some(labels));

        let longest = span().hours(175_307_616);
        offers.insert(offer(9, longest)).await.unwrap();
        let read = offers.get(9).await.unwrap().expect("it is there");
        assert_eq!(read.term.fieldwise(), longest.fieldwise());
        let one = offers.query(Offer::id.eq(9));
        one.select(Offer::term).await.unwrap();
        let nul = offers.insert(Offer { labels: pairs([("a\0", None)]), ..offer(10, span()) });
        assert_eq!(*nul.await.unwrap_err().kind(), Kind::Value);
    }

    async fn durations_in_documents(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Visit>().await.unwrap();
        let visits = base.table::<Visit>();
        let stay = jiff::SignedDuration::from_millis(5_400_500);
        let term = jiff::Span::new().months(3);
        visits.insert(Visit { id: 1, stay, term }).await.unwrap();
        assert_eq!(visits.query(Visit::stay.eq(stay)).count().await.unwrap(), 1);
        assert_eq!(visits.query(Visit::term.eq(term)).count().await.unwrap(), 1);
        assert_eq!(visits.list().select(Visit::stay).await.unwrap(), [stay]);
        let terms = visits.list().select(Visit::term).await.unwrap();
        assert_eq!(terms[0].fieldwise(), term.fieldwise());
    }

    async fn texts_with_other_types(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Entry>().await.unwrap();
        let entries = base.table::<Entry>();
        let first = Entry {
            parts: Some("{[3,4],[1,2]}".to_owned()),
            ..entry("10.0.0.9/32", "14 mons", "[1,5]", "9.50")
        };
        entries.insert(first).await.unwrap();
        entries.insert(entry("10.0.0.10", "1 day -01:00:00", "empty", "10.0")).await.unwrap();
        let read = entries.get("10.0.0.9").await.unwrap().expect("it is there");
        assert_eq!(read.length, "1 year 2 mons");
        assert_eq!((&*read.rooms, read.parts.as_deref()), ("[1,6)", Some("{[1,5)}")));
        assert_eq!(entries.get("10.0.0.9/32").await.unwrap(), Some(read));
        let count = |filter| async { entries.query(filter).count().await.unwrap() };
        assert_eq!(count(Entry::host.eq("10.0.0.10/32")).await, 1);
        assert_eq!(count(Entry::length.eq("1 day -1:0:0")).await, 1);
        assert_eq!(count(Entry::rooms.is_in(["(0,5]", "[7,8)"])).await, 1);
        assert_eq!(count(Entry::price.eq("9.5")).await, 1);
        assert_eq!(count(Entry::price.lt("10")).await, 1);
        let prices = entries.list().order_by(Entry::price.asc()).select(Entry::host);
        assert_eq!(prices.await.unwrap(), ["10.0.0.9", "10.0.0.10"]);

        let sorted = entries.list().order_by(Entry::host.asc()).select(Entry::price).await;
        let less = entries.query(Entry::rooms.lt("[0,1)")).count().await;
        let paged = entries.list().order_by(Entry::length.asc()).page(1).await.map(|_| ());
        if url.starts_with("sqlite") {
            for refused in [sorted.map(|_| ()), less.map(|_| ()), paged] {
                assert_eq!(*refused.unwrap_err().kind(), Kind::Unsupported);
            }
        } else {
            assert_eq!(sorted.unwrap(), ["9.50", "10.0"]);
            assert_eq!(less.unwrap(), 1);
            paged.unwrap();
        }
    }

    /// On PostgreSQL a domain takes the place of the extension: it has the same casts.
    async fn vectors(url: &str) {
        let is_sqlite = url.starts_with("sqlite");
        if !is_sqlite {
            kontract_test_support::execute(url, "CREATE DOMAIN vector AS real[]");
        }
        let base = Base::open(url).await.unwrap();
        base.create::<Meaning>().await.unwrap();
        let meanings = base.table::<Meaning>();
        let all = [
            Meaning { id: 1, of: vec![1.5, -0.1, 1e-38] },
            Meaning { id: 2, of: vec![f32::MAX] },
        ];
        meanings.insert_many(all.clone()).await.unwrap();
        assert_eq!(meanings.list().order_by(Meaning::id.asc()).await.unwrap(), all);
        assert_eq!(meanings.query(Meaning::of.eq(vec![f32::MAX])).count().await.unwrap(), 1);
        for of in [vec![], vec![f32::INFINITY]] {
            let refused = meanings.insert(Meaning { id: 3, of }).await.unwrap_err();
            assert_eq!(*refused.kind(), Kind::Value, "{refused:?}");
        }
        if is_sqlite {
            base.create::<Point>().await.unwrap();
            let points = base.table::<Point>();
            let point = Point { id: 1, place: vec![1.0, 2.0, 3.0] };
            assert_eq!(points.insert(point.clone()).await.unwrap(), point);
            let flat = points.insert(Point { id: 2, place: vec![1.0, 2.0] }).await.unwrap_err();
            assert_eq!(*flat.kind(), Kind::Value, "{flat:?}");
            let patch = points.update(1, Point::patch().place(vec![])).await.unwrap_err();
            assert!(patch.to_string().contains("`place`"), "{patch:?}");
        }
    }
}
