//! Queries as tables of other queries (subqueries in FROM).

use kontract::Kind;
use kontract::expr::{count, exists};
use kontract::prelude::*;
use kontract::query::from;

use super::{Author, Book, Library, Review, library};

/// Totals of each author.
#[derive(Debug, PartialEq, Projection)]
struct PerAuthor {
    author: Option<i64>,
    books: i64,
    pages: Option<i64>,
}

/// Keys of documents, each with its type.
#[derive(Debug, PartialEq, Projection)]
#[projection(Review)]
struct Rated {
    book: i64,
    stars: i32,
    text: Option<String>,
}

#[derive(Debug, PartialEq, Projection)]
struct Word {
    word: String,
    length: i32,
}

kontract_test_support::both! {
    async fn joins_with_groups(url: &str) {
        let Library { authors, books, .. } = library(url).await;
        let per_author = || {
            books
                .list()
                .group_by(Book::author)
                .select(|author| (author, count(), Book::pages.sum()))
                .named::<PerAuthor>()
        };
        let rows: Vec<(String, i64, Option<i64>)> = authors
            .list()
            .join_query(per_author(), PerAuthor::author.eq(Author::id))
            .order_by(PerAuthor::books.desc())
            .select((Author::name, PerAuthor::books, PerAuthor::pages))
            .await
            .unwrap();
        assert_eq!(rows, [("Ada".into(), 2, Some(150)), ("Bob".into(), 1, Some(200))]);
        let rows: Vec<(String, Option<i64>)> = authors
            .query(Author::id.ge(2))
            .left_join_query(per_author(), PerAuthor::author.eq(Author::id) & PerAuthor::pages.gt(60))
            .select((Author::name, PerAuthor::books))
            .await
            .unwrap();
        assert_eq!(rows, [("Bob".into(), Some(1)), ("Cy".into(), None)]);
        // A table before and a table behind the subquery, with parameters in all parts.
        let rows: Vec<(String, String)> = authors
            .query(Author::name.ne("Bob"))
            .join_query(per_author(), PerAuthor::author.eq(Author::id))
            .join::<Book>(Book::author.eq(PerAuthor::author))
            .filter(Book::pages.lt(100) & PerAuthor::books.gt(1))
            .select((Author::name, Book::title))
            .await
            .unwrap();
        assert_eq!(rows, [("Ada".to_owned(), "Notes".to_owned())]);
        assert_eq!(authors.list().join_query(per_author(), PerAuthor::author.eq(Author::id)).count().await.unwrap(), 2);
    }

    async fn queries_on_groups(url: &str) {
        let Library { books, .. } = library(url).await;
        let per_author = books
            .list()
            .group_by(Book::author)
            .select(|author| (author, count(), Book::pages.sum()))
            .named::<PerAuthor>();
        let most = per_author.clone().as_table().aggregate(PerAuthor::books.max());
        assert_eq!(most.first().await.unwrap(), Some(Some(2)));
        let rows: Vec<PerAuthor> = per_author
            .as_table()
            .filter(PerAuthor::pages.gt(10))
            .order_by(PerAuthor::pages.desc())
            .await
            .unwrap();
        assert_eq!(rows, [
            PerAuthor { author: Some(2), books: 1, pages: Some(200) },
            PerAuthor { author: Some(1), books: 2, pages: Some(150) },
        ]);
    }

    async fn documents_and_unions_as_tables(url: &str) {
        let Library { authors, books, reviews, .. } = library(url).await;
        let rated = || reviews.query(Review::stars.ge(3)).select_as::<Rated>();
        let rows: Vec<(String, i32, Option<String>)> = books
            .list()
            .join_query(rated(), Rated::book.eq(Book::id))
            .order_by(Rated::stars.asc())
            .select((Book::title, Rated::stars, Rated::text))
            .await
            .unwrap();
        assert_eq!(rows, [("Engines".into(), 3, None), ("Engines".into(), 5, Some("Good".into()))]);
        let best = rated().order_by(Review::stars.desc()).limit(1).as_table().await.unwrap();
        assert_eq!(best, [Rated { book: 1, stars: 5, text: Some("Good".into()) }]);
        let words = reviews
            .query(Review::text.is_not_null())
            .select((Review::text.or_else(""), Review::stars))
            .named::<Word>()
            .union_all(books.list().select((Book::title, Book::pages)).named::<Word>());
        let words = words.as_table().filter(Word::length.gt(4)).order_by(Word::word.asc());
        let words: Vec<String> = words.select(Word::word).await.unwrap();
        assert_eq!(words, ["Boats", "Engines", "Good", "Nobody's", "Notes"]);
        // Inside of another query.
        let loved = exists(from::<Book, _>().join_query(rated(), Rated::book.eq(Book::id)).filter(Book::author.eq(Author::id)));
        let names: Vec<String> = authors.query(loved).select(Author::name).await.unwrap();
        assert_eq!(names, ["Ada"]);
    }

    async fn calls_after_a_union_do_not_change_its_first_query(url: &str) {
        let Library { books, .. } = library(url).await;
        let both = || books.query(Book::id.eq(3)).union(books.query(Book::id.eq(1)));
        let with_author = || both().join::<Author>(Author::id.eq(Book::author));
        for refused in [
            both().filter(Book::pages.gt(150)).await.unwrap_err(),
            both().distinct().await.unwrap_err(),
            both().select(Book::title).await.unwrap_err(),
            both().rows().await.unwrap_err(),
            both().group_by(Book::author).select(|author| author).await.unwrap_err(),
            both().aggregate(count()).await.unwrap_err(),
            both().filter(Book::id.gt(0)).count().await.unwrap_err(),
            with_author().await.unwrap_err(),
        ] {
            assert_eq!(*refused.kind(), Kind::Value, "{refused}");
            assert!(format!("{refused:?}").contains("behind a union"), "{refused}");
        }
        let titles = || books.list().select(Book::title);
        for refused in [
            titles().order_by(Book::pages.asc()).limit(1).union(titles()).await.unwrap_err(),
            titles().union_all(titles()).order_by(Book::pages.desc()).await.unwrap_err(),
            titles().union(titles()).order_by(Book::title.upper().asc()).await.unwrap_err(),
        ] {
            assert_eq!(*refused.kind(), Kind::Value, "{refused}");
            assert!(refused.to_string().contains("the rows of a union are ordered by"), "{refused}");
            assert!(refused.help().is_some_and(|help| help.contains("as_table")), "{refused:?}");
        }
        let last = titles().limit(1).union(titles().order_by(Book::pages.asc()).limit(1));
        assert_eq!(last.await.unwrap().len(), 1);
        let last = both().order_by(Book::id.asc()).limit(1).await.unwrap();
        assert_eq!((last.len(), last[0].id), (1, 1));
        assert_eq!(both().count().await.unwrap(), 2);
    }
}
