//! Changes of some of the rows that match a filter.

use kontract::expr::{count, scalar};
use kontract::prelude::*;
use kontract::query::from;
use kontract_test_support::postgres_database;

use super::{Author, Book, Library, Review, library};

#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, primary_key(row, seat))]
struct Place {
    row: i32,
    seat: i32,
    taken: bool,
}

fn ids(mut books: Vec<Book>) -> Vec<i64> {
    books.sort_by_key(|book| book.id);
    books.into_iter().map(|book| book.id).collect()
}

kontract_test_support::both! {
    async fn changes_respect_limit_and_offset(url: &str) {
        let Library { books, reviews, .. } = library(url).await;
        let longest = || books.list().order_by(Book::pages.desc());
        assert_eq!(longest().limit(0).delete().await.unwrap(), 0);
        let dearer = Book::patch().price(99.0);
        assert_eq!(ids(longest().limit(2).update_returning(dearer).await.unwrap()), [1, 3]);
        assert_eq!(ids(books.query(Book::price.eq(99.0)).await.unwrap()), [1, 3]);
        let middle = longest().offset(1).limit(2).delete_returning().await.unwrap();
        assert_eq!(ids(middle), [1, 2]);
        // Without an order, the rows are ordered by key.
        assert_eq!(ids(books.list().limit(1).delete_returning().await.unwrap()), [3]);
        assert_eq!(ids(books.list().await.unwrap()), [4]);

        // Documents.
        let stars = || reviews.list().order_by(Review::stars.asc());
        let least = stars().first().await.unwrap().expect("a review").id;
        let changed = stars().limit(1).update_returning(Review::patch().stars(0)).await.unwrap();
        assert_eq!(changed.iter().map(|review| (review.id, review.stars)).collect::<Vec<_>>(), [(least, 0)]);
    }

    async fn a_key_of_several_fields(url: &str) {
        let base = kontract::storage::Base::open(url).await.unwrap();
        base.create::<Place>().await.unwrap();
        let places = base.table::<Place>();
        let place = |number: i32| Place { row: number / 3, seat: number % 3, taken: false };
        places.insert_many((0..9).map(place)).await.unwrap();
        let free = places.query(Place::taken.eq(false)).order_by(Place::seat.desc());
        let taken = free.limit(2).update_returning(Place::patch().taken(true)).await.unwrap();
        let mut taken: Vec<(i32, i32)> = taken.iter().map(|place| (place.row, place.seat)).collect();
        taken.sort();
        assert_eq!(taken, [(0, 2), (1, 2)]);
        assert_eq!(places.query(Place::taken.eq(true)).count().await.unwrap(), 2);
    }

    async fn rows_of_a_union(url: &str) {
        let Library { books, authors, .. } = library(url).await;
        let both = books.query(Book::pages.lt(20)).union(books.query(Book::pages.gt(150)));
        assert_eq!(ids(both.clone().limit(1).update_returning(Book::patch().pages(1)).await.unwrap()).len(), 1);
        assert_eq!(both.delete().await.unwrap(), 2);
        assert_eq!(ids(books.list().await.unwrap()), [1, 2]);

        // A filter with a subquery, and a value that another subquery computes.
        let written = scalar(from::<Book, _>().filter(Book::author.eq(Author::id)).aggregate(count()));
        let busy = authors.query(written.clone().gt(1)).limit(1);
        let old = Author::patch().set(Author::born, Author::born.minus(5));
        let changed = busy.update_returning(old).await.unwrap();
        assert_eq!(changed.iter().map(|author| author.born).collect::<Vec<_>>(), [Some(1810)]);
    }
}

/// Two transactions that take rows from a queue get different rows. (SQLite has one writer at a time.)
#[test]
fn locked_rows_are_skipped() {
    let database = postgres_database();
    kontract_test_support::block_on(take_at_once(database.url()));
}

async fn take_at_once(url: &str) {
    let Library { base, books, .. } = library(url).await;
    let next = |books: &kontract::Table<Book>| {
        books.list().order_by(Book::id.asc()).limit(2).for_update().skip_locked()
    };
    let taken = base
        .transaction(async |tx| {
            let mine = next(&tx.table()).delete_returning().await?;
            let theirs = tokio::spawn(next(&books).delete_returning()).await.unwrap()?;
            Ok((ids(mine), ids(theirs)))
        })
        .await
        .unwrap();
    assert_eq!(taken, (vec![1, 2], vec![3, 4]));
}
