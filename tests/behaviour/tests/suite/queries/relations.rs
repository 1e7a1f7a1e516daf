//! Rows with the rows that reference them.

use kontract::Kind;
use kontract::storage::Base;

use super::{Author, Book, Library, Review, library};

kontract_test_support::both! {
    async fn rows_with_their_references(url: &str) {
        let Library { authors, .. } = library(url).await;
        let all: Vec<(Author, Vec<Book>)> = authors.list().with(Book::author).await.unwrap();
        let titles = |books: &[Book]| books.iter().map(|book| book.title.clone()).collect::<Vec<_>>();
        assert_eq!(all.len(), 3);
        assert_eq!(titles(&all[0].1), ["Engines", "Notes"]);
        assert_eq!(titles(&all[1].1), ["Boats"]);
        assert_eq!(all[2], (all[2].0.clone(), vec![]));
        let some = authors
            .query(Author::id.ne(2))
            .order_by(Author::name.desc())
            .with(Book::author)
            .filter(Book::pages.ge(50))
            .order_by(Book::pages.asc())
            .await
            .unwrap();
        assert_eq!(some[0].0.name, "Cy");
        assert_eq!(titles(&some[1].1), ["Notes", "Engines"]);
        // A table that references itself, and an empty result.
        let pupils = authors.list().with(Author::mentor).await.unwrap();
        assert_eq!(pupils[0].1.len(), 2);
        assert!(authors.query(Author::id.gt(99)).with(Book::author).await.unwrap().is_empty());
    }

    async fn documents_with_their_references(url: &str) {
        let Library { books, .. } = library(url).await;
        let all = books.list().with(Review::book).order_by(Review::stars.asc()).await.unwrap();
        let stars = |reviews: &[Review]| reviews.iter().map(|review| review.stars).collect::<Vec<_>>();
        // Deleted documents are not returned.
        assert_eq!(all.iter().map(|(_, r)| stars(r)).collect::<Vec<_>>(), [vec![3, 5], vec![], vec![1], vec![]]);
    }

    async fn counts_of_references(url: &str) {
        let Library { authors, books, .. } = library(url).await;
        let counts: Vec<(Author, u64)> = authors.list().with_counts(Book::author).await.unwrap();
        assert_eq!(counts.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [2, 1, 0]);
        let counts = books.list().with_counts(Review::book).filter(Review::stars.gt(3)).await.unwrap();
        assert_eq!(counts.iter().map(|(_, count)| *count).collect::<Vec<_>>(), [1, 0, 0, 0]);
        let twice = authors.list().union_all(authors.list());
        assert_eq!(*twice.with_counts(Book::author).await.unwrap_err().kind(), Kind::Value);
    }

    /// A transaction skips rows that another one has locked, or fails without waiting.
    async fn locks_of_two_transactions(url: &str) {
        let Library { base, books, .. } = library(url).await;
        if url.starts_with("sqlite") {
            // SQLite has one writer at a time, so no rows are skipped.
            let locked = base.transaction(|tx| async move {
                tx.table::<Book>().query(Book::id.eq(1)).for_update().skip_locked().await
            });
            assert_eq!(locked.await.unwrap().len(), 1);
            return;
        }
        let other = Base::open(url).await.unwrap();
        let seen = base
            .transaction(|tx| {
                let books = other.table::<Book>();
                async move {
                    let mine = tx.table::<Book>().query(Book::id.eq(1)).for_update();
                    assert_eq!(mine.await?.len(), 1);
                    let free = books.query(Book::id.le(2)).for_update().skip_locked().await?;
                    let refused = books.list().for_share().no_wait().await.unwrap_err();
                    Ok((free, refused.kind().clone()))
                }
            })
            .await
            .unwrap();
        assert_eq!(seen.0.iter().map(|book| book.id).collect::<Vec<_>>(), [2]);
        assert_eq!(seen.1, Kind::Timeout);
        assert_eq!(books.list().for_share().no_wait().await.unwrap().len(), 4);
    }

    async fn locked_rows(url: &str) {
        let Library { books, .. } = library(url).await;
        let query = || books.query(Book::pages.gt(60));
        assert_eq!(query().for_update().skip_locked().await.unwrap().len(), 2);
        assert_eq!(query().for_share().no_wait().first().await.unwrap().unwrap().id, 1);
        let joined = query().left_join::<Author>(Book::author.eq(Author::id)).for_update();
        assert_eq!(joined.clone().await.unwrap().len(), 2);
        if url.starts_with("postgres") {
            assert!(joined.explain().await.unwrap().contains("LockRows"));
            assert!(query().for_share().explain().await.unwrap().contains("LockRows"));
        }
        let refused = books.list().right_join::<Author>(Book::author.eq(Author::id)).for_update();
        assert_eq!(*refused.await.unwrap_err().kind(), Kind::Value);
        assert_eq!(*query().distinct().for_update().await.unwrap_err().kind(), Kind::Value);
    }
}
