//! Rows as structs with `#[derive(Projection)]`.

use kontract::expr::count;
use kontract::prelude::*;

use super::{Author, Book, Library, Mentor, Review, json, library};

/// Columns of one table by their names, in another order.
#[derive(Debug, PartialEq, Projection)]
#[projection(Book)]
struct Title {
    title: String,
    id: i64,
    author: Option<i64>,
}

/// Several tables, an expression of each kind, and an `Option` for a value that is never NULL.
#[derive(Debug, PartialEq, Projection)]
#[projection(Book)]
struct Written {
    #[column(Book::title.upper())]
    shouted: String,
    #[column(Author::name)]
    by: String,
    pages: Option<i32>,
    #[column(Book::pages.times(2))]
    both_sides: i32,
    #[column(Author::born.or_else(0))]
    born: i32,
}

/// Rows that may be missing, whole records, a table under a second name.
#[derive(Debug, PartialEq, Projection)]
struct Family {
    #[column(record::<Author>())]
    author: Author,
    #[column(record::<Mentor>())]
    mentor: Option<Author>,
    #[column(Author::name.of(Mentor))]
    name: Option<String>,
}

/// Keys of documents.
#[derive(Debug, PartialEq, Projection)]
#[projection(Review)]
struct Opinion {
    stars: i32,
    text: Option<String>,
    words: Vec<String>,
    place: Json,
    at: Timestamp,
    #[column(Review::place.at("city").get::<String>())]
    city: Option<String>,
}

/// Columns that the query names.
#[derive(Debug, PartialEq, Projection)]
struct PerAuthor {
    author: Option<i64>,
    books: i64,
    pages: Option<i64>,
}

kontract_test_support::both! {
    async fn structs_of_one_table(url: &str) {
        let Library { books, reviews, .. } = library(url).await;
        let titles: Vec<Title> =
            books.query(Book::pages.lt(60)).select_as::<Title>().await.unwrap();
        let title = |id, title: &str, author| Title { title: title.into(), id, author };
        assert_eq!(titles, [title(2, "Notes", Some(1)), title(4, "Nobody's", None)]);
        let first = reviews.list().select_as::<Opinion>().first().await.unwrap().unwrap();
        assert_eq!(first, Opinion {
            stars: 5,
            text: Some("Good".into()),
            words: vec!["a".into(), "b".into()],
            place: json("Bern", Some(3)),
            at: Timestamp::from_millis(1000),
            city: Some("Bern".into()),
        });
    }

    async fn structs_of_several_tables(url: &str) {
        let Library { books, authors, .. } = library(url).await;
        let written: Vec<Written> = books
            .list()
            .join::<Author>(Book::author.eq(Author::id))
            .order_by(Book::pages.desc())
            .limit(1)
            .select_as::<Written>()
            .await
            .unwrap();
        assert_eq!(written, [Written {
            shouted: "BOATS".into(),
            by: "Bob".into(),
            pages: Some(200),
            both_sides: 400,
            born: 1900,
        }]);
        let families: Vec<Family> = authors
            .query(Author::id.le(2))
            .left_join::<Mentor>(Author::mentor.eq(Author::id.of(Mentor)))
            .select_as::<Family>()
            .await
            .unwrap();
        assert_eq!((families[0].author.id, &families[0].mentor, &families[0].name), (1, &None, &None));
        assert_eq!(families[1].mentor.as_ref().unwrap().id, 1);
        assert_eq!(families[1].name.as_deref(), Some("Ada"));
    }

    async fn groups_as_structs(url: &str) {
        let Library { books, .. } = library(url).await;
        let per: Vec<PerAuthor> = books
            .list()
            .group_by(Book::author)
            .order_by(|author| author.asc())
            .select(|author| (author, count(), Book::pages.sum()))
            .named::<PerAuthor>()
            .await
            .unwrap();
        assert_eq!(per[0], PerAuthor { author: Some(1), books: 2, pages: Some(150) });
        assert_eq!(per.len(), 3);
    }
}
