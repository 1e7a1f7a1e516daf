//! Queries over several tables, in both layouts, on both databases.

#![allow(clippy::type_complexity, reason = "rows of several columns are tuples")]

mod aggregates;
mod computed_updates;
mod limited_changes;
mod nested_documents;
mod pages;
mod projection;
mod queries_as_tables;
mod recursive;
mod relations;
mod streams;
mod upserts;

use kontract::Query;
use kontract::expr::{count, exists, scalar};
use kontract::prelude::*;
use kontract::query::{alias, from, record};
use kontract::storage::Base;

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Author {
    #[primkey]
    id: i64,
    name: String,
    born: Option<i32>,
    mentor: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Book {
    #[primkey]
    id: i64,
    author: Option<i64>,
    title: String,
    pages: i32,
    price: f64,
    tags: Vec<String>,
}

/// A document, whose fields are keys of the JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Review {
    #[primkey]
    id: i64,
    book: i64,
    stars: i32,
    text: Option<String>,
    place: Json,
    words: Vec<String>,
    at: Timestamp,
}

alias!(Mentor = Author);

fn json(city: &str, floor: Option<i64>) -> Json {
    [("city".to_owned(), Json::from(city)), ("floor".to_owned(), Json::from(floor))]
        .into_iter()
        .collect()
}

struct Library {
    base: Base,
    authors: kontract::Table<Author>,
    books: kontract::Table<Book>,
    reviews: kontract::Table<Review>,
}

async fn library(url: &str) -> Library {
    let base = Base::open(url).await.unwrap();
    base.create::<Author>().await.unwrap();
    base.create::<Book>().await.unwrap();
    base.create::<Review>().await.unwrap();
    let library =
        Library { authors: base.table(), books: base.table(), reviews: base.table(), base };
    let author = |id, name: &str, born, mentor| Author { id, name: name.into(), born, mentor };
    library
        .authors
        .insert_many([
            author(1, "Ada", Some(1815), None),
            author(2, "Bob", Some(1900), Some(1)),
            author(3, "Cy", None, Some(1)),
        ])
        .await
        .unwrap();
    let book = |id, author, title: &str, pages, price, tags: &[&str]| Book {
        id,
        author,
        title: title.into(),
        pages,
        price,
        tags: tags.iter().map(|tag| tag.to_string()).collect(),
    };
    library
        .books
        .insert_many([
            book(1, Some(1), "Engines", 100, 9.5, &["math", "old"]),
            book(2, Some(1), "Notes", 50, 4.0, &["math"]),
            book(3, Some(2), "Boats", 200, 20.0, &["it's"]),
            book(4, None, "Nobody's", 10, 1.0, &[]),
        ])
        .await
        .unwrap();
    let review = |id, book, stars, text: Option<&str>, city: &str, floor, words: &[&str]| Review {
        id,
        book,
        stars,
        text: text.map(Into::into),
        place: json(city, floor),
        words: words.iter().map(|word| word.to_string()).collect(),
        at: Timestamp::from_millis(1000 * id),
    };
    library
        .reviews
        .insert_many([
            review(1, 1, 5, Some("Good"), "Bern", Some(3), &["a", "b"]),
            review(2, 1, 3, None, "Rome", None, &["b"]),
            review(3, 3, 1, Some("Bad \"one\""), "Bern", Some(1), &[]),
            review(4, 3, 5, Some("gone"), "Oslo", None, &[]),
        ])
        .await
        .unwrap();
    // No query returns deleted rows.
    library.reviews.delete(4).await.unwrap();
    library
}

kontract_test_support::both! {
    async fn columns_of_one_table(url: &str) {
        let Library { authors, books, reviews, .. } = library(url).await;
        let names: Vec<String> = authors.list().select(Author::name).await.unwrap();
        assert_eq!(names, ["Ada", "Bob", "Cy"]);
        let rows: Vec<(i64, String, Option<i32>)> =
            authors.list().select((Author::id, Author::name, Author::born)).await.unwrap();
        assert_eq!(rows[2], (3, "Cy".to_owned(), None));
        let tags: Vec<Vec<String>> = books.list().select(Book::tags).limit(2).await.unwrap();
        assert_eq!(tags, [vec!["math", "old"], vec!["math"]]);
        let rows: Vec<(i64, i32, Option<String>, Json, Vec<String>, Timestamp)> = reviews
            .list()
            .select((Review::id, Review::stars, Review::text, Review::place, Review::words, Review::at))
            .await
            .unwrap();
        assert_eq!(rows.len(), 3);
        let bern = json("Bern", Some(3));
        let words = vec!["a".to_owned(), "b".to_owned()];
        let at = Timestamp::from_millis(1000);
        assert_eq!(rows[0], (1, 5, Some("Good".into()), bern, words, at));
        assert_eq!(rows[1].2, None);
        let one: Option<(i64, Author)> =
            authors.query(Author::id.eq(2)).select((Author::id, record::<Author>())).first().await.unwrap();
        assert_eq!(one.unwrap().1.name, "Bob");
        let cities: Vec<Option<String>> = reviews
            .list()
            .select(Review::place.at("city").get::<String>())
            .distinct()
            .await
            .unwrap();
        assert_eq!(cities.len(), 2);
    }

    async fn inner_joins(url: &str) {
        let Library { books, reviews, .. } = library(url).await;
        let rows: Vec<(String, String)> = books
            .list()
            .join::<Author>(Book::author.eq(Author::id))
            .select((Book::title, Author::name))
            .await
            .unwrap();
        let expected = [("Engines", "Ada"), ("Notes", "Ada"), ("Boats", "Bob")];
        assert_eq!(rows, expected.map(|(title, name)| (title.to_owned(), name.to_owned())));
        // Three tables, one of them with documents, and conditions on all of them.
        let rows: Vec<(i32, String, String)> = reviews
            .query(Review::stars.ge(3))
            .join::<Book>(Review::book.eq(Book::id))
            .join::<Author>(Book::author.eq(Author::id))
            .filter(Author::name.eq("Ada") | Book::pages.gt(150))
            .order_by(Review::stars.desc())
            .select((Review::stars, Book::title, Author::name))
            .await
            .unwrap();
        let ada = |stars| (stars, "Engines".to_owned(), "Ada".to_owned());
        assert_eq!(rows, [ada(5), ada(3)]);
        // Without `select` the query returns rows of the first table.
        let books: Vec<Book> = books
            .list()
            .join::<Author>(Book::author.eq(Author::id) & Author::born.gt(1850))
            .await
            .unwrap();
        assert_eq!(books.len(), 1);
        assert_eq!(books[0].title, "Boats");
    }

    async fn outer_joins(url: &str) {
        let Library { books, authors, .. } = library(url).await;
        let rows: Vec<(String, Option<String>)> = books
            .list()
            .left_join::<Author>(Book::author.eq(Author::id))
            .select((Book::title, Author::name))
            .await
            .unwrap();
        assert_eq!(rows.len(), 4);
        assert_eq!(rows[3], ("Nobody's".to_owned(), None));
        // An expression of a missing row is NULL.
        let rows: Vec<(Option<i64>, Option<String>)> = books
            .query(Book::id.ge(3))
            .left_join::<Author>(Book::author.eq(Author::id))
            .select((Author::id.plus(1), Author::name.upper()))
            .await
            .unwrap();
        assert_eq!(rows, [(Some(3), Some("BOB".into())), (None, None)]);
        let rows: Vec<(Book, Option<Author>)> = books
            .list()
            .left_join::<Author>(Book::author.eq(Author::id))
            .filter(Author::id.is_null())
            .select((record::<Book>(), record::<Author>()))
            .await
            .unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].1, None);
        // Documents, some of which are deleted.
        let rows: Vec<(i64, Option<Review>)> = books
            .list()
            .left_join::<Review>(Review::book.eq(Book::id))
            .order_by(Review::stars.asc())
            .select((Book::id, record::<Review>()))
            .await
            .unwrap();
        let seen: Vec<(i64, Option<i64>)> =
            rows.into_iter().map(|(book, review)| (book, review.map(|review| review.id))).collect();
        assert_eq!(seen, [(3, Some(3)), (1, Some(2)), (1, Some(1)), (2, None), (4, None)]);
        let rows: Vec<(Option<String>, String)> = books
            .list()
            .right_join::<Author>(Book::author.eq(Author::id))
            .select((Book::title, Author::name))
            .await
            .unwrap();
        assert_eq!(rows.len(), 4);
        assert!(rows.contains(&(None, "Cy".to_owned())));
        let rows: Vec<Author> =
            books.list().right_join::<Author>(Book::author.eq(Author::id)).await.unwrap();
        assert_eq!(rows.len(), 4);
        // The same table twice.
        let rows: Vec<(String, Option<String>)> = authors
            .list()
            .left_join::<Mentor>(Author::mentor.eq(Author::id.of(Mentor)))
            .select((Author::name, Author::name.of(Mentor)))
            .await
            .unwrap();
        let ada = || Some("Ada".to_owned());
        assert_eq!(rows, [("Ada".into(), None), ("Bob".into(), ada()), ("Cy".into(), ada())]);
    }

    async fn groups(url: &str) {
        let Library { books, reviews, .. } = library(url).await;
        let rows: Vec<(Option<i64>, i64, Option<i64>, Option<f64>, Option<String>)> = books
            .list()
            .group_by(Book::author)
            .order_by(|author| author.asc())
            .select(|author| {
                (author, count(), Book::pages.sum(), Book::price.avg(), Book::title.max())
            })
            .await
            .unwrap();
        assert_eq!(rows[0], (Some(1), 2, Some(150), Some(6.75), Some("Notes".into())));
        assert_eq!(rows[2], (None, 1, Some(10), Some(1.0), Some("Nobody's".into())));
        let busy: Vec<(String, i64)> = books
            .list()
            .join::<Author>(Book::author.eq(Author::id))
            .group_by((Author::id, Author::name))
            .having(|_| count().gt(1))
            .select(|(_, name)| (name, count()))
            .await
            .unwrap();
        assert_eq!(busy, [("Ada".to_owned(), 2)]);
        let all: Option<(i64, Option<i64>, Option<i32>, i64)> = reviews
            .list()
            .aggregate((count(), Review::stars.sum(), Review::stars.max(), Review::text.count()))
            .first()
            .await
            .unwrap();
        assert_eq!(all, Some((3, Some(9), Some(5), 2)));
        let none: Vec<(i64, Option<i64>)> = books
            .query(Book::id.eq(99))
            .aggregate((count(), Book::pages.sum()))
            .await
            .unwrap();
        assert_eq!(none, [(0, None)]);
        let stars: Vec<(i32, i64)> = reviews
            .list()
            .group_by(Review::stars)
            .order_by(|stars| stars.desc())
            .select(|stars| (stars, count()))
            .limit(2)
            .await
            .unwrap();
        assert_eq!(stars, [(5, 1), (3, 1)]);
        assert_eq!(books.list().group_by(Book::author).select(|author| author).count().await.unwrap(), 3);
    }

    async fn subqueries(url: &str) {
        let Library { books, authors, .. } = library(url).await;
        let names = async |query: kontract::Query<Author>| -> Vec<String> {
            query.select(Author::name).await.unwrap()
        };
        let wrote = exists(from::<Book, _>().filter(Book::author.eq(Author::id)));
        assert_eq!(names(authors.query(wrote.clone())).await, ["Ada", "Bob"]);
        assert_eq!(names(authors.query(!wrote)).await, ["Cy"]);
        let of_books = from::<Book, _>().filter(Book::pages.gt(60)).select(Book::author);
        assert_eq!(names(authors.query(Author::id.is_in_query(of_books))).await, ["Ada", "Bob"]);
        let rows: Vec<(String, Option<i64>)> = authors
            .list()
            .select((
                Author::name,
                scalar(from::<Book, _>().filter(Book::author.eq(Author::id)).aggregate(count())),
            ))
            .await
            .unwrap();
        assert_eq!(rows, [("Ada".into(), Some(2)), ("Bob".into(), Some(1)), ("Cy".into(), Some(0))]);
        // Two levels of subqueries, and a document in the inner one.
        let loved = exists(
            from::<Book, _>()
                .join::<Review>(Review::book.eq(Book::id))
                .filter(Book::author.eq(Author::id) & Review::stars.eq(5)),
        );
        assert_eq!(names(authors.query(loved)).await, ["Ada"]);
        // Changes with such conditions.
        let orphan = !exists(from::<Author, _>().filter(Author::id.eq(Book::author)));
        let gone = books.query(orphan).delete_returning().await.unwrap();
        assert_eq!(gone.len(), 1);
        assert_eq!(gone[0].id, 4);
        let of_ada = Book::author.is_in_query(
            from::<Author, _>().filter(Author::name.eq("Ada")).select(Author::id),
        );
        let changed = books.query(of_ada).update_returning(Book::patch().price(1.5)).await.unwrap();
        assert_eq!(changed.len(), 2);
        assert!(changed.iter().all(|book| book.price == 1.5));
    }

    async fn expressions(url: &str) {
        let Library { books, authors, reviews, .. } = library(url).await;
        let longer = books.query(Book::pages.plus(10).gt(100)).count().await.unwrap();
        assert_eq!(longer, 2);
        let rows: Vec<(i32, String, Option<i64>)> = books
            .query(Book::id.eq(1))
            .select((Book::pages.times(2), Book::title.lower(), Book::title.length()))
            .await
            .unwrap();
        assert_eq!(rows, [(200, "engines".to_owned(), Some(7))]);
        let born: Vec<i32> = authors.list().select(Author::born.or_else(0)).await.unwrap();
        assert_eq!(born, [1815, 1900, 0]);
        assert_eq!(books.query(Book::tags.has("math")).count().await.unwrap(), 2);
        assert_eq!(books.query(Book::tags.has("it's")).count().await.unwrap(), 1);
        assert_eq!(reviews.query(Review::words.has("b")).count().await.unwrap(), 2);
        assert_eq!(reviews.query(!Review::words.has("b")).count().await.unwrap(), 1);
        let bern = Review::place.at("city").get::<String>().eq("Bern".to_owned());
        assert_eq!(reviews.query(bern).count().await.unwrap(), 2);
        let high = Review::place.at("floor").get::<i64>().gt(2);
        assert_eq!(reviews.query(high).count().await.unwrap(), 1);
        let hostile = Review::place.at("it's \"x\"\\").get::<String>().is_null();
        assert_eq!(reviews.query(hostile).count().await.unwrap(), 3);
        let first = reviews.query(Review::words.at(0).get::<String>().eq("a".to_owned()));
        assert_eq!(first.count().await.unwrap(), 1);
        // A key selects a member of an object, a position an element of a list, whatever they look like.
        let numbers = r#"{"list": ["zero", "one"], "object": {"1": "key", "-1": "minus"}}"#;
        let place: Json = numbers.parse().unwrap();
        reviews.update(3, Review::patch().place(place)).await.unwrap();
        let list = || Review::place.at("list");
        let object = || Review::place.at("object");
        for (path, found) in [
            (list().at(1), Some("one")),
            (list().at("1"), None),
            (list().at("-1"), None),
            (object().at("1"), Some("key")),
            (object().at("-1"), Some("minus")),
            (object().at(1), None),
        ] {
            let texts = reviews.query(Review::id.eq(3)).select(path.get::<String>()).await.unwrap();
            assert_eq!(texts, [found.map(str::to_owned)]);
        }
        // A column of a document beside a computed one.
        let rows: Vec<i32> =
            reviews.list().select(Review::stars.plus(1)).order_by(Review::id.asc()).await.unwrap();
        assert_eq!(rows, [6, 4, 2]);
    }

    async fn unions_and_distinct_rows(url: &str) {
        let Library { books, authors, .. } = library(url).await;
        let mut names: Vec<String> = authors
            .list()
            .select(Author::name)
            .union(books.query(Book::pages.gt(60)).limit(1).select(Book::title))
            .await
            .unwrap();
        names.sort();
        assert_eq!(names, ["Ada", "Bob", "Cy", "Engines"]);
        let twice: Vec<i64> =
            authors.list().select(Author::id).union_all(authors.list().select(Author::id)).await.unwrap();
        assert_eq!(twice.len(), 6);
        let once: Vec<i64> =
            authors.list().select(Author::id).union(authors.list().select(Author::id)).await.unwrap();
        assert_eq!(once.len(), 3);
        let mentors: Vec<Option<i64>> = authors
            .query(Author::mentor.is_not_null())
            .select(Author::mentor)
            .distinct()
            .await
            .unwrap();
        assert_eq!(mentors, [Some(1)]);
        let titles = || books.list().select(Book::title).distinct();
        let error = titles().order_by(Book::pages.asc()).await.unwrap_err();
        assert_eq!(*error.kind(), kontract::Kind::Value);
        assert!(format!("{error:?}").contains("ordered by `pages`, which they do not have"), "{error}");
        let titles = titles().order_by(Book::title.desc()).await.unwrap();
        assert_eq!(titles, ["Notes", "Nobody's", "Engines", "Boats"]);
        assert_eq!(books.list().distinct().order_by(Book::pages.asc()).await.unwrap()[0].id, 4);
    }

    async fn first_and_one(url: &str) {
        let Library { authors, reviews, .. } = library(url).await;
        let names = async |authors: Query<Author>| -> Vec<String> {
            authors.order_by(Author::id.asc()).select(Author::name).await.unwrap()
        };
        let some = || Author::born.is_in([Some(1815), None]);
        assert_eq!(names(authors.query(some())).await, ["Ada", "Cy"]);
        assert_eq!(names(authors.query(!some())).await, ["Bob"]);
        assert_eq!(names(authors.query(Author::born.is_in([None::<i32>]))).await, ["Cy"]);
        let texts = Review::text.is_in([Some("Good".to_owned()), None]);
        assert_eq!(reviews.query(texts).count().await.unwrap(), 2);
    }

    async fn min_and_max_need_an_order(url: &str) {
        let Library { books, reviews, .. } = library(url).await;
        let of_lists = books.list().aggregate(Book::tags.max()).await.unwrap_err();
        let of_json = reviews.list().aggregate(Review::place.min()).await.unwrap_err();
        for error in [of_lists, of_json] {
            assert_eq!(*error.kind(), kontract::Kind::Unsupported, "{error}");
        }
    }

    async fn query_plans(url: &str) {
        let Library { base, books, .. } = library(url).await;
        let plan = books.query(Book::id.eq(1)).explain().await.unwrap();
        assert!(plan.contains("book"), "{plan}");
        let words = books.query(Book::title.matches("engines -notes")).count().await;
        if url.starts_with("sqlite") {
            assert_eq!(*words.unwrap_err().kind(), kontract::Kind::Unsupported)
        } else {
            assert_eq!(words.unwrap(), 1)
        }
        base.close().await;
    }
}
