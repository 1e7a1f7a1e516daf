//! Hostile values: texts, and extreme numbers, dates and JSON.

use kontract::prelude::*;
use kontract::storage::Base;
use kontract::{Filter, Kind, Table};

/// A table and columns whose names are keywords of SQL.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, name = "select")]
pub struct Word {
    #[primkey]
    #[column(name = "order")]
    pub id: i64,
    #[column(name = "where")]
    pub text: String,
    #[column(name = "group")]
    pub number: Option<f64>,
    #[column(name = "limit")]
    pub price: Decimal,
    #[column(name = "union")]
    pub whole: i64,
    #[column(name = "desc")]
    pub day: Option<jiff::civil::Date>,
    #[column(name = "table")]
    pub at: Option<jiff::Timestamp>,
    #[column(name = "from")]
    pub json: Json,
    #[column(name = "as")]
    pub tags: Vec<String>,
}

/// The same fields as documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone, name = "table")]
pub struct Note {
    #[primkey]
    pub id: i64,
    #[serde(rename = "select")]
    pub text: String,
    pub number: f64,
    pub price: Decimal,
    pub at: jiff::Timestamp,
    #[serde(rename = "from")]
    pub extra: Json,
    pub tags: Vec<String>,
}

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

pub fn word(id: i64, text: &str) -> Word {
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

pub fn note(id: i64, text: &str) -> Note {
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

pub async fn open(url: &str) -> (Base, Table<Word>, Table<Note>) {
    let base = Base::open(url).await.unwrap();
    base.create::<Word>().await.unwrap();
    base.create::<Note>().await.unwrap();
    (base.clone(), base.table(), base.table())
}

pub async fn words(table: &Table<Word>, filter: Filter<Word>) -> Vec<i64> {
    table.query(filter).order_by(Word::id.asc()).select(Word::id).await.unwrap()
}

pub async fn notes(table: &Table<Note>, filter: Filter<Note>) -> Vec<i64> {
    table.query(filter).order_by(Note::id.asc()).select(Note::id).await.unwrap()
}

/// A pattern for `like` that matches exactly this text.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")
}

kontract_test_support::both! {
    /// Comparisons of all pairs of texts have the results that Rust's comparisons have.
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

    async fn texts_that_databases_refuse(url: &str) {
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

    async fn texts_of_a_million_letters(url: &str) {
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

    async fn extreme_numbers_and_dates(url: &str) {
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
        // Values outside of the range of the databases.
        for error in [
            all_words.query(Word::day.ge(jiff::civil::Date::MIN)).await.map(drop).unwrap_err(),
            all_words.query(Word::at.is_in([jiff::Timestamp::MIN])).await.map(drop).unwrap_err(),
            all_notes.query(Note::at.ge(jiff::Timestamp::MIN)).await.map(drop).unwrap_err(),
        ] {
            assert_eq!(*error.kind(), Kind::Value, "{error}");
        }
        assert_eq!(words(&all_words, Word::day.ge(jiff::civil::Date::MAX)).await, [5]);
        // A value that does not fit is an error, never another number.
        let last = || all_words.query(Word::id.eq(5));
        let more = Word::patch().set(Word::whole, Word::whole.plus(1));
        assert!(last().select(Word::whole.plus(1)).await.is_err());
        assert!(all_words.query(Word::id.eq(0)).select(Word::whole.minus(1)).await.is_err());
        assert!(all_words.query(Word::id.ge(4)).aggregate(Word::whole.sum()).one().await.is_err());
        assert!(last().update(more).await.is_err());
        let prices = all_words.query(Word::id.ge(4)).aggregate(Word::price.sum());
        assert!(prices.one().await.is_err());
        assert_eq!(words(&all_words, Word::whole.eq(i64::MAX)).await, [5]);
        base.close().await;
    }

    async fn deeply_nested_json(url: &str) {
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
                assert!(format!("{error:?}").contains("nested too deeply"), "{error}");
            }
        }
        base.close().await;
    }
}
