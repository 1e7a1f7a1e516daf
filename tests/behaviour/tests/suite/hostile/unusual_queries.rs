//! Unusual queries: long lists, long and deep conditions, many values, extreme limits, raw statements
//! with wrong values.

use kontract::Kind;
use kontract::expr::exists;
use kontract::prelude::*;
use kontract::query::{alias, from};
use kontract::raw::AssertSafe;

use super::values::{Note, Word, note, notes, open, word, words};

alias!(Other = Word);

kontract_test_support::both! {
    /// A list of every type is one bound value, however long it is.
    async fn a_list_of_a_hundred_thousand_values(url: &str) {
        let (base, all_words, all_notes) = open(url).await;
        all_words.insert_many((0..50).map(|id| word(id, &format!("t{id}")))).await.unwrap();
        all_notes.insert_many((0..50).map(|id| note(id, &format!("t{id}")))).await.unwrap();
        const MANY: i64 = 100_000;
        let all: Vec<i64> = (10..50).collect();
        let at = |n: i64| jiff::Timestamp::from_second(n).unwrap();
        let text = |n: i64| format!("t{n}");
        for filter in [
            Word::id.is_in(10..MANY),
            Word::text.is_in((10..MANY).map(text)),
            Word::price.is_in((10..MANY).map(|n| Decimal::new(n * 10, 3))),
            Word::at.is_in((10..MANY).map(at)),
            Word::whole.plus(1).is_in(11..MANY),
        ] {
            assert_eq!(words(&all_words, filter).await, all);
        }
        for filter in [
            Note::id.is_in(10..MANY),
            Note::text.is_in((10..MANY).map(text)),
            Note::number.is_in((10..MANY).map(|n| n as f64 / 3.0)),
            Note::price.is_in((10..MANY).map(|n| Decimal::new(n * 10, 3))),
            Note::at.is_in((10..MANY).map(at)),
        ] {
            assert_eq!(notes(&all_notes, filter).await, all);
        }
        // A list of lists is one value for each inner list.
        let lists = |count| Word::tags.is_in((0..count).map(|n: i64| vec![text(n)]));
        assert_eq!(words(&all_words, lists(20)).await, (0..20).collect::<Vec<i64>>());
        let error = all_words.query(lists(70_000)).await.unwrap_err();
        assert!(format!("{error:?}").contains("the statement has 70000 values"), "{error}");
        base.close().await;
    }

    async fn long_and_deep_conditions(url: &str) {
        let (base, all_words, _) = open(url).await;
        all_words.insert_many((0..20).map(|id| word(id, "x"))).await.unwrap();
        let one = || Word::id.ge(10);
        let all: Vec<i64> = (10..20).collect();
        // Long conditions, nested to the left and to the right.
        let ands = (0..10_000).fold(one(), |all, _| all & one());
        assert_eq!(words(&all_words, ands).await, all);
        let ors = (0..10_000).fold(one(), |all, n| Word::id.eq(n + 10) | all);
        assert_eq!(words(&all_words, ors).await, all);
        let calls = (0..1_000).fold(all_words.list(), |query, _| query.filter(one()));
        assert_eq!(calls.count().await.unwrap(), 10);
        // Conditions at the limit of the depth.
        let deep = |levels| (0..levels).fold(one(), |all, n| match n % 2 {
            0 => all | Word::id.eq(10),
            _ => all & Word::id.ge(0),
        });
        assert_eq!(words(&all_words, deep(90)).await, all);
        let not = |levels| (0..levels).fold(one(), |all, _| !all);
        assert_eq!(words(&all_words, not(90)).await, all);
        let sum = |terms| (0..terms).fold(Word::whole.plus(0), |sum, _| sum.plus(1)).ge(100);
        assert_eq!(words(&all_words, sum(90)).await, all);
        let inner = exists(from::<Other, Word>().filter(Word::id.of(Other).eq(5)));
        let inside = (0..40).fold(inner, |all, _| !!all);
        assert_eq!(words(&all_words, inside & one()).await, all);
        // Deeper conditions return an error at once, without a stack overflow.
        for levels in [110, 10_000, 200_000] {
            for filter in [deep(levels), not(levels), sum(levels), !(deep(levels) & not(levels))] {
                let error = all_words.query(filter.clone()).await.unwrap_err();
                assert_eq!(*error.kind(), Kind::Value);
                assert!(format!("{error:?}").contains("more than 100 levels deep"), "{error}");
            }
        }
        base.close().await;
    }

    async fn more_values_than_a_statement_accepts(url: &str) {
        let (base, all_words, _) = open(url).await;
        all_words.insert_many((0..20).map(|id| word(id, "x"))).await.unwrap();
        let ors = |count: i64| (1..count).fold(Word::id.eq(0), |all, n| all | Word::id.eq(n));
        assert_eq!(words(&all_words, ors(30_000)).await, (0..20).collect::<Vec<i64>>());
        let is_sqlite = url.starts_with("sqlite");
        for count in [33_000, 66_000] {
            match all_words.query(ors(count)).count().await {
                Ok(rows) => assert_eq!((rows, count, is_sqlite), (20, 33_000, false)),
                Err(error) => {
                    assert_eq!(*error.kind(), Kind::Value);
                    let what = format!("the statement has {count} values, and ");
                    assert!(format!("{error:?}").contains(&what), "{error}");
                    assert!(is_sqlite || count == 66_000);
                }
            }
        }
        let mut rows = all_words.query(ors(66_000)).stream();
        assert_eq!(*rows.next().await.unwrap().unwrap_err().kind(), Kind::Value);
        let changed = all_words.query(ors(66_000)).update(Word::patch().whole(1)).await;
        assert_eq!(*changed.unwrap_err().kind(), Kind::Value);
        let raw = (0..70_000i64).fold(base.sql("SELECT $70000"), |sql, n| sql.bind(n));
        assert_eq!(*raw.fetch::<(i64,)>().await.unwrap_err().kind(), Kind::Value);
        assert_eq!(all_words.count().await.unwrap(), 20);
        base.close().await;
    }

    async fn extreme_limits(url: &str) {
        let (base, all_words, _) = open(url).await;
        all_words.insert_many((0..20).map(|id| word(id, "x"))).await.unwrap();
        let list = || all_words.list();
        assert!(list().limit(0).await.unwrap().is_empty());
        assert!(list().limit(0).first().await.unwrap().is_none());
        assert_eq!(*list().limit(0).one().await.unwrap_err().kind(), Kind::NotFound);
        assert_eq!(list().limit(u64::MAX).await.unwrap().len(), 20);
        assert!(list().offset(u64::MAX).await.unwrap().is_empty());
        assert!(list().limit(u64::MAX).offset(u64::MAX).await.unwrap().is_empty());
        assert_eq!(list().limit(u64::MAX).offset(15).await.unwrap().len(), 5);
        assert_eq!(list().order_by(Word::text.asc()).limit(u64::MAX).offset(15).await.unwrap().len(), 5);
        let page = list().page(0).await.unwrap();
        assert!(page.rows.is_empty() && page.next.is_none());
        let page = list().order_by(Word::number.desc()).page(u32::MAX).await.unwrap();
        assert!(page.rows.len() == 20 && page.next.is_none());
        assert!(list().limit(0).stream().next().await.is_none());
        base.close().await;
    }

    async fn raw_statements_with_wrong_values(url: &str) {
        let (base, all_words, _) = open(url).await;
        all_words.insert(word(1, "$3")).await.unwrap();
        let text = r#"SELECT "order" FROM "select" WHERE "order" = $1 AND "where" = $2"#;
        let found: Vec<(i64,)> = base.sql(text).bind(1i64).bind("$3").fetch().await.unwrap();
        assert_eq!(found, [(1,)]);
        // A placeholder that occurs twice, and a text and a comment that look like placeholders.
        let twice = r#"SELECT $1 || '$2' || $1 /* $3 */ -- $4"#;
        let found: Vec<(String,)> = base.sql(twice).bind("x").fetch().await.unwrap();
        assert_eq!(found, [("x$2x".to_owned(),)]);
        let refused = async |sql: kontract::raw::Raw, what: &str| {
            let error = sql.fetch::<(i64,)>().await.unwrap_err();
            assert_eq!(*error.kind(), Kind::Value, "{error}");
            assert!(format!("{error:?}").contains(what), "{error}");
        };
        refused(base.sql(text), "the last value of the statement is `$2`, and 0 were bound").await;
        refused(base.sql(text).bind(1i64), "is `$2`, and 1 were bound").await;
        refused(base.sql(text).bind(1i64).bind("a").bind("b"), "is `$2`, and 3 were bound").await;
        refused(base.sql("SELECT 1").bind(1i64), "the statement takes no values, and 1 were bound").await;
        refused(base.sql("SELECT $99999999999999999999").bind(1i64), "and 1 were bound").await;
        refused(base.sql("SELECT $1").bind(f64::NAN), "NaN").await;
        refused(base.sql(AssertSafe("SELECT 1\0")), "NUL").await;
        // A value of another type: PostgreSQL refuses it, SQLite finds no equal row.
        let other = base.sql(text).bind("one").bind("$3").fetch::<(i64,)>().await;
        if url.starts_with("sqlite") {
            assert!(other.unwrap().is_empty())
        } else {
            assert_eq!(*other.unwrap_err().kind(), Kind::Database)
        }
        // The same text with values of other types.
        let same = r#"SELECT "order" FROM "select" WHERE "order" > $1 - 1"#;
        for _ in 0..2 {
            let found: Vec<(i64,)> = base.sql(same).bind(1i64).fetch().await.unwrap();
            assert_eq!(found, [(1,)]);
            assert_eq!(base.sql(same).bind(1i32).fetch::<(i64,)>().await.unwrap(), [(1,)]);
            assert_eq!(base.sql(same).bind(1.5f64).fetch::<(i64,)>().await.unwrap(), [(1,)]);
            assert_eq!(base.sql(same).bind(2.5f64).fetch::<(i64,)>().await.unwrap(), []);
            assert_eq!(base.sql(same).bind(2i16).fetch::<(i64,)>().await.unwrap(), []);
        }
        assert!(base.sql("SELECT $0").fetch::<(i64,)>().await.is_err());
        assert!(base.sql("SELEC 1").execute().await.is_err());
        assert_eq!(all_words.count().await.unwrap(), 1);
        base.close().await;
    }
}
