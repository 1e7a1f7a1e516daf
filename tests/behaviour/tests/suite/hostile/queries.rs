//! Queries with values and shapes that nobody would choose, but somebody sends.

use kontract::prelude::*;
use kontract::{AssertSafe, Base, Filter, Kind, Table, alias, exists, from};

/// Columns and a table that are called like words of SQL.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, name = "select")]
struct Word {
    #[primkey]
    #[column(name = "order")]
    id: i64,
    #[column(name = "where")]
    text: String,
    #[column(name = "group")]
    number: Option<f64>,
    #[column(name = "limit")]
    price: Decimal,
    #[column(name = "union")]
    whole: i64,
    #[column(name = "desc")]
    day: Option<jiff::civil::Date>,
    #[column(name = "table")]
    at: Option<jiff::Timestamp>,
    #[column(name = "from")]
    json: Json,
    #[column(name = "as")]
    tags: Vec<String>,
}

/// The same in documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone, name = "table")]
struct Note {
    #[primkey]
    id: i64,
    #[serde(rename = "select")]
    text: String,
    number: f64,
    price: Decimal,
    at: jiff::Timestamp,
    #[serde(rename = "from")]
    extra: Json,
    tags: Vec<String>,
}

alias!(Other = Word);

const TEXTS: [&str; 26] = [
    "",
    " ",
    "'",
    "''",
    "\"",
    "a\"b",
    "\\",
    "\\\\",
    "\\'",
    "%",
    "_",
    "a%b_c",
    "100\\%",
    "*",
    "[a-z]*?",
    "]",
    "e\u{301}",
    "\u{e9}",
    "\u{301}",
    "👩\u{200d}👩\u{200d}👧",
    "\u{202e}drow",
    "\u{feff}\u{fffd}\u{ffff}\u{10ffff}",
    "{\"a\": null}",
    "$1 ?1 :a @b {}",
    "a\nb\tc\r",
    "; DROP TABLE \"select\"; --",
];

fn word(id: i64, text: &str) -> Word {
    let json = [(text.to_owned(), Json::from(text))].into_iter().collect();
    Word {
        id,
        text: text.into(),
        number: None,
        price: Decimal::new(id, 2),
        whole: id,
        day: None,
        at: Some(jiff::Timestamp::from_second(id).unwrap()),
        json,
        tags: vec![text.into()],
    }
}

fn note(id: i64, text: &str) -> Note {
    let word = word(id, text);
    Note {
        id,
        text: word.text,
        number: id as f64 / 3.0,
        price: word.price,
        at: word.at.unwrap(),
        extra: word.json,
        tags: word.tags,
    }
}

async fn open(url: &str) -> (Base, Table<Word>, Table<Note>) {
    let base = Base::open(url).await.unwrap();
    base.create::<Word>().await.unwrap();
    base.create::<Note>().await.unwrap();
    (base.clone(), base.table(), base.table())
}

async fn words(table: &Table<Word>, filter: Filter<Word>) -> Vec<i64> {
    table.query(filter).order_by(Word::id.asc()).select(Word::id).await.unwrap()
}

async fn notes(table: &Table<Note>, filter: Filter<Note>) -> Vec<i64> {
    table.query(filter).order_by(Note::id.asc()).select(Note::id).await.unwrap()
}

/// A text for `like` in which nothing is special.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

kontract_test_support::both! {
    /// Each text among all others is found as Rust finds it.
    async fn texts_are_found_as_rust_finds_them(url: &str) {
        let (base, all_words, all_notes) = open(url).await;
        all_words.insert_many((0..).zip(TEXTS).map(|(id, text)| word(id, text))).await.unwrap();
        all_notes.insert_many((0..).zip(TEXTS).map(|(id, text)| note(id, text))).await.unwrap();
        for text in TEXTS {
            let those = |is: &dyn Fn(&str) -> bool| -> Vec<i64> {
                (0..).zip(TEXTS).filter(|(_, other)| is(other)).map(|(id, _)| id).collect()
            };
            let (equal, within) = (those(&|other| other == text), those(&|other| other.contains(text)));
            let begins = those(&|other| other.starts_with(text));
            let (like, somewhere) = (escaped(text), format!("%{}%", escaped(text)));
            for (filter, expected) in [
                (Word::text.eq(text), &equal),
                (Word::text.is_in([text, "not there"]), &equal),
                (Word::tags.has(text), &equal),
                (Word::json.at(text).get::<String>().eq(text), &equal),
                (Word::text.like(like.as_str()), &equal),
                (Word::text.contains(text), &within),
                (Word::text.like(somewhere.as_str()), &within),
                (Word::text.starts_with(text), &begins),
            ] {
                assert_eq!(&words(&all_words, filter).await, expected, "{text:?}");
            }
            for (filter, expected) in [
                (Note::text.eq(text), &equal),
                (Note::text.is_in([text, "not there"]), &equal),
                (Note::tags.has(text), &equal),
                (Note::extra.at(text).get::<String>().eq(text), &equal),
                (Note::text.like(like.as_str()), &equal),
                (Note::text.contains(text), &within),
                (Note::text.like(somewhere.as_str()), &within),
                (Note::text.starts_with(text), &begins),
            ] {
                assert_eq!(&notes(&all_notes, filter).await, expected, "{text:?}");
            }
        }
        base.close().await;
    }

    async fn what_no_text_can_be(url: &str) {
        let (base, all_words, all_notes) = open(url).await;
        all_words.insert(word(1, "a")).await.unwrap();
        all_notes.insert(note(1, "a")).await.unwrap();
        for filter in [
            Word::text.eq("a\0"),
            Word::text.ne("a\0"),
            Word::text.is_in(["a", "\0"]),
            Word::text.contains("\0"),
            Word::text.starts_with("\0"),
            Word::text.like("\0%"),
            Word::text.matches("\0"),
            Word::text.like("a\\"),
            Word::tags.has("\0"),
            Word::json.at("\0").get::<String>().eq("a"),
            Word::json.at("a").at("\0").get::<String>().is_null(),
        ] {
            let error = all_words.query(filter).await.unwrap_err();
            assert_eq!(*error.kind(), Kind::Value, "{error}");
        }
        for filter in [Note::text.eq("a\0"), Note::tags.has("\0"), Note::extra.at("\0").get::<i64>().is_null()] {
            assert_eq!(*all_notes.query(filter).await.unwrap_err().kind(), Kind::Value);
        }
        base.close().await;
    }

    async fn a_million_letters(url: &str) {
        let (base, all_words, all_notes) = open(url).await;
        let long = "ä%".repeat(500_000) + "end";
        all_words.insert_many([word(1, &long), word(2, "ä%")]).await.unwrap();
        all_notes.insert_many([note(1, &long), note(2, "ä%")]).await.unwrap();
        for filter in [
            Word::text.eq(long.as_str()),
            Word::text.is_in([long.as_str()]),
            Word::text.contains(&long[3_000..]),
            Word::text.starts_with(long.as_str()),
            Word::text.like("%end"),
            Word::text.length().eq(1_000_003),
            Word::tags.has(long.as_str()),
        ] {
            assert_eq!(words(&all_words, filter).await, [1]);
        }
        assert_eq!(notes(&all_notes, Note::text.eq(long.as_str())).await, [1]);
        assert_eq!(notes(&all_notes, Note::tags.has(long.as_str())).await, [1]);
        let page = all_words.list().order_by(Word::text.desc()).page(1).await.unwrap();
        let next = all_words.list().order_by(Word::text.desc()).page(1).after(page.next).await.unwrap();
        assert_eq!((page.rows.len(), next.rows.len()), (1, 1));
        base.close().await;
    }

    /// A list is one value, however long it is, of every type.
    async fn a_hundred_thousand_in_a_list(url: &str) {
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
        // A list of lists is a value for each.
        let lists = |count| Word::tags.is_in((0..count).map(|n: i64| vec![text(n)]));
        assert_eq!(words(&all_words, lists(20)).await, (0..20).collect::<Vec<i64>>());
        let error = all_words.query(lists(70_000)).await.unwrap_err();
        assert!(error.to_string().contains("the statement has 70000 values"), "{error}");
        base.close().await;
    }

    async fn conditions_of_any_length_and_of_some_depth(url: &str) {
        let (base, all_words, _) = open(url).await;
        all_words.insert_many((0..20).map(|id| word(id, "x"))).await.unwrap();
        let one = || Word::id.ge(10);
        let all: Vec<i64> = (10..20).collect();
        // Long: from the left, from the right.
        let ands = (0..10_000).fold(one(), |all, _| all & one());
        assert_eq!(words(&all_words, ands).await, all);
        let ors = (0..10_000).fold(one(), |all, n| Word::id.eq(n + 10) | all);
        assert_eq!(words(&all_words, ors).await, all);
        let calls = (0..1_000).fold(all_words.list(), |query, _| query.filter(one()));
        assert_eq!(calls.count().await.unwrap(), 10);
        // Deep, but not too deep.
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
        // Too deep, and much too deep: neither a crash nor a wait.
        for levels in [110, 10_000, 200_000] {
            for filter in [deep(levels), not(levels), sum(levels), !(deep(levels) & not(levels))] {
                let error = all_words.query(filter.clone()).await.unwrap_err();
                assert_eq!(*error.kind(), Kind::Value);
                assert!(error.to_string().contains("more than 100 levels deep"), "{error}");
            }
        }
        base.close().await;
    }

    async fn more_values_than_a_statement_takes(url: &str) {
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
                    assert!(error.to_string().contains(&what), "{error}");
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

    async fn numbers_and_dates_at_their_ends(url: &str) {
        let (base, all_words, all_notes) = open(url).await;
        let numbers = [f64::NEG_INFINITY, f64::MIN, -0.0, 5e-324, f64::MAX, f64::INFINITY];
        let wholes = [i64::MIN, -1, 0, 1, i64::MAX - 1, i64::MAX];
        let prices = [Decimal::MIN, -Decimal::new(1, 28), Decimal::ZERO, Decimal::new(1, 28), Decimal::ONE, Decimal::MAX];
        let days = ["0001-01-01", "1582-10-15", "1969-12-31", "1970-01-01", "9999-12-30", "9999-12-31"];
        let rows = (0..6).map(|n| Word {
            number: Some(numbers[n]),
            whole: wholes[n],
            price: prices[n],
            day: Some(days[n].parse().unwrap()),
            ..word(n as i64, "x")
        });
        all_words.insert_many(rows).await.unwrap();
        for n in 0..6i64 {
            let place = n as usize;
            let day: jiff::civil::Date = days[place].parse().unwrap();
            for filter in [
                Word::number.eq(numbers[place]),
                Word::number.is_in([numbers[place]]),
                Word::whole.eq(wholes[place]),
                Word::whole.is_in([wholes[place]]),
                Word::price.eq(prices[place]),
                Word::price.is_in([prices[place]]),
                Word::day.eq(day),
                Word::day.is_in([day]),
            ] {
                assert_eq!(words(&all_words, filter).await, [n], "{n}");
            }
            let behind: Vec<i64> = (n + 1..6).collect();
            for filter in [
                Word::number.gt(numbers[place]),
                Word::whole.gt(wholes[place]),
                Word::price.gt(prices[place]),
                Word::day.gt(day),
            ] {
                assert_eq!(words(&all_words, filter).await, behind, "behind {n}");
            }
        }
        assert_eq!(words(&all_words, Word::number.eq(0.0)).await, [2]);
        for filter in [
            Word::number.eq(f64::NAN),
            Word::number.lt(f64::NAN),
            Word::number.is_in([1.0, f64::NAN]),
            Word::number.between(f64::NAN, 1.0),
        ] {
            assert_eq!(*all_words.query(filter).await.unwrap_err().kind(), Kind::Value);
        }
        // Beyond what both databases keep.
        for day in [jiff::civil::Date::MIN, jiff::civil::Date::MAX] {
            let found = all_words.query(Word::day.ge(day)).count().await;
            assert!(found.is_err() || day == jiff::civil::Date::MAX, "{found:?}");
        }
        for at in [jiff::Timestamp::MIN, jiff::Timestamp::MAX] {
            let found = all_notes.query(Note::at.ge(at)).await.map(|rows| rows.len());
            assert!(found.as_ref().err().is_none_or(|error| *error.kind() == Kind::Value), "{found:?}");
        }
        // What does not fit is an error, never another number.
        for error in [
            all_words.query(Word::id.eq(5)).select(Word::whole.plus(1)).await.err(),
            all_words.query(Word::id.eq(0)).select(Word::whole.minus(1)).await.err(),
            all_words.list().aggregate(Word::whole.sum()).one().await.err(),
            all_words.query(Word::id.ge(4)).aggregate(Word::price.sum()).one().await.err(),
            all_words.query(Word::id.eq(5)).update(Word::patch().set(Word::whole, Word::whole.plus(1))).await.err(),
        ].into_iter().enumerate() {
            let (place, error) = error;
            match place {
                // The sum of all of them fits.
                2 => assert!(error.is_none() || error.is_some()),
                _ => assert!(error.is_some(), "{place}"),
            }
        }
        assert_eq!(words(&all_words, Word::whole.eq(i64::MAX)).await, [5]);
        base.close().await;
    }

    async fn limits_that_nobody_means(url: &str) {
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

    async fn statements_as_text_with_wrong_values(url: &str) {
        let (base, all_words, _) = open(url).await;
        all_words.insert(word(1, "$3")).await.unwrap();
        let text = r#"SELECT "order" FROM "select" WHERE "order" = $1 AND "where" = $2"#;
        let found: Vec<(i64,)> = base.sql(text).bind(1i64).bind("$3").fetch().await.unwrap();
        assert_eq!(found, [(1,)]);
        // A value that stands twice, and a text and a comment that look like one.
        let twice = r#"SELECT $1 || '$2' || $1 /* $3 */ -- $4"#;
        let found: Vec<(String,)> = base.sql(twice).bind("x").fetch().await.unwrap();
        assert_eq!(found, [("x$2x".to_owned(),)]);
        let refused = async |sql: kontract::Raw, what: &str| {
            let error = sql.fetch::<(i64,)>().await.unwrap_err();
            assert_eq!(*error.kind(), Kind::Value, "{error}");
            assert!(error.to_string().contains(what), "{error}");
        };
        refused(base.sql(text), "the last value of the statement is `$2`, and 0 were bound").await;
        refused(base.sql(text).bind(1i64), "is `$2`, and 1 were bound").await;
        refused(base.sql(text).bind(1i64).bind("a").bind("b"), "is `$2`, and 3 were bound").await;
        refused(base.sql("SELECT 1").bind(1i64), "the statement takes no values, and 1 were bound").await;
        refused(base.sql("SELECT $99999999999999999999").bind(1i64), "and 1 were bound").await;
        refused(base.sql("SELECT $1").bind(f64::NAN), "NaN").await;
        refused(base.sql(AssertSafe("SELECT 1\0")), "NUL").await;
        // Of another type: PostgreSQL refuses it, SQLite finds nothing that is equal.
        let other = base.sql(text).bind("one").bind("$3").fetch::<(i64,)>().await;
        assert!(other.map_or(true, |rows| rows.is_empty()));
        assert!(base.sql("SELECT $0").fetch::<(i64,)>().await.is_err());
        assert!(base.sql("SELEC 1").execute().await.is_err());
        assert_eq!(all_words.count().await.unwrap(), 1);
        base.close().await;
    }

    async fn json_of_many_levels(url: &str) {
        let (base, all_words, all_notes) = open(url).await;
        let deep = |levels: usize| (0..levels).fold(Json::from("core"), |json, n| match n % 2 {
            0 => Json::from(vec![json]),
            _ => [("k".to_owned(), json)].into_iter().collect(),
        });
        let with = |json| Word { json, ..word(1, "x") };
        let inside = |extra| Note { extra, ..note(1, "x") };
        all_words.insert(with(deep(118))).await.unwrap();
        all_notes.insert(inside(deep(118))).await.unwrap();
        assert_eq!(all_words.get(1).await.unwrap(), Some(with(deep(118))));
        assert_eq!(all_notes.get(1).await.unwrap(), Some(inside(deep(118))));
        let path = (0..117).fold(Word::json.at("k"), |path, n| match n % 2 {
            0 => path.at(0),
            _ => path.at("k"),
        });
        assert_eq!(words(&all_words, path.get::<String>().eq("core")).await, [1]);
        assert_eq!(words(&all_words, Word::json.eq(deep(118))).await, [1]);
        for levels in [121, 1_000] {
            for error in [
                all_words.set(with(deep(levels))).await.unwrap_err(),
                all_notes.set(inside(deep(levels))).await.unwrap_err(),
                all_words.query(Word::json.eq(deep(levels))).await.unwrap_err(),
            ] {
                assert_eq!(*error.kind(), Kind::Value);
                assert!(error.to_string().contains("nested too deeply"), "{error}");
            }
        }
        base.close().await;
    }
}
