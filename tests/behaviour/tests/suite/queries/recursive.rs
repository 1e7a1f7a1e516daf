//! Recursive queries.

use kontract::expr::{count, value};
use kontract::prelude::*;
use kontract::query::{RowsOf, alias, from};
use kontract::storage::Base;
use kontract::{Kind, Query};

use super::{Author, Book, Library, library};

#[derive(Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Task {
    #[primkey]
    id: i64,
    parent: Option<i64>,
    title: String,
}

/// The same fields as documents, with deletion marks.
#[derive(Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Page {
    #[primkey]
    id: i64,
    parent: Option<i64>,
    title: String,
}

#[derive(Debug, PartialEq, Projection)]
struct Branch {
    id: i64,
    title: String,
    depth: i64,
}

#[derive(Debug, PartialEq, Projection)]
struct Link {
    id: i64,
    parent: Option<i64>,
}

alias!(Member = Task);

/// 1 ─ 2 ─ 4, 1 ─ 3, 5 ─ 6 ─ 5.
async fn trees(url: &str) -> (Base, kontract::Table<Task>, kontract::Table<Page>) {
    let base = Base::open(url).await.unwrap();
    base.create::<Task>().await.unwrap();
    base.create::<Page>().await.unwrap();
    let (tasks, pages) = (base.table::<Task>(), base.table::<Page>());
    let parents = [(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(6)), (6, Some(5))];
    for (id, parent) in parents {
        let title = format!("T{id}");
        tasks.insert(Task { id, parent, title: title.clone() }).await.unwrap();
        pages.insert(Page { id, parent, title }).await.unwrap();
    }
    (base, tasks, pages)
}

fn below(tasks: &kontract::Table<Task>, root: i64) -> Query<RowsOf<Branch>, Branch> {
    let root = tasks.query(Task::id.eq(root)).select((Task::id, Task::title, value(0)));
    root.named::<Branch>().recursive(|found| {
        let next = found.join::<Task>(Task::parent.eq(Branch::id) & Branch::depth.lt(5));
        next.select((Task::id, Task::title, Branch::depth.plus(1))).named()
    })
}

fn above(tasks: &kontract::Table<Task>, id: i64) -> Query<RowsOf<Link>, Link> {
    tasks.query(Task::id.eq(id)).select((Task::id, Task::parent)).named::<Link>().recursive(
        |found| {
            let next = found.join::<Task>(Task::id.eq(Link::parent));
            next.select((Task::id, Task::parent)).named()
        },
    )
}

kontract_test_support::both! {
    async fn trees_downwards_with_their_depth(url: &str) {
        let (_, tasks, _) = trees(url).await;
        let rows = below(&tasks, 1).order_by(Branch::depth.asc()).order_by(Branch::id.desc()).await.unwrap();
        let branch = |id, depth| Branch { id, title: format!("T{id}"), depth };
        assert_eq!(rows, [branch(1, 0), branch(3, 1), branch(2, 1), branch(4, 2)]);
        let leaves = below(&tasks, 1).filter(Branch::depth.eq(2)).select(Branch::title);
        assert_eq!(leaves.await.unwrap(), ["T4"]);
        // A cycle with different rows continues to the depth that the step allows.
        assert_eq!(below(&tasks, 5).count().await.unwrap(), 6);
        let deepest = below(&tasks, 1).aggregate((count(), Branch::depth.max())).first().await.unwrap();
        assert_eq!(deepest, Some((4, Some(2))));
    }

    async fn chains_upwards_and_circles(url: &str) {
        let (_, tasks, _) = trees(url).await;
        let rows: Vec<i64> = above(&tasks, 4).select(Link::id).order_by(Link::id.asc()).await.unwrap();
        assert_eq!(rows, [1, 2, 4]);
        // A row that was found before is not followed again.
        let rows: Vec<i64> = above(&tasks, 5).select(Link::id).order_by(Link::id.asc()).await.unwrap();
        assert_eq!(rows, [5, 6]);
        assert!(above(&tasks, 99).await.unwrap().is_empty());
    }

    async fn recursive_queries_with_joins_and_as_subqueries(url: &str) {
        let (_, tasks, _) = trees(url).await;
        // Tables before and behind, and conditions with values in each part.
        let rows: Vec<(String, i64)> = below(&tasks, 1)
            .join::<Task>(Task::id.eq(Branch::id) & Task::parent.is_not_null())
            .filter(Task::title.ne("T3"))
            .order_by(Task::id.asc())
            .select((Task::title, Branch::depth))
            .await
            .unwrap();
        assert_eq!(rows, [("T2".to_owned(), 1), ("T4".to_owned(), 2)]);
        let rows: Vec<String> = tasks
            .list()
            .join_query(below(&tasks, 2), Branch::id.eq(Task::id))
            .select(Task::title)
            .order_by(Task::id.asc())
            .await
            .unwrap();
        assert_eq!(rows, ["T2", "T4"]);
        let family = from::<Member, _>().join_query(below(&tasks, 2), Branch::id.eq(Task::id.of(Member)));
        let others = tasks.query(!Task::id.is_in_query(family.select(Branch::id)) & Task::id.lt(5));
        let others: Vec<String> = others.select(Task::title).await.unwrap();
        assert_eq!(others, ["T1", "T3"]);
    }

    async fn recursive_queries_skip_deleted_documents(url: &str) {
        let (_, _, pages) = trees(url).await;
        let below = || {
            let root = pages.query(Page::id.eq(1)).select((Page::id, Page::title, value(0)));
            root.named::<Branch>().recursive(|found| {
                let next = found.join::<Page>(Page::parent.eq(Branch::id));
                next.select((Page::id, Page::title, Branch::depth.plus(1))).named()
            })
        };
        let ids = || below().select(Branch::id).order_by(Branch::id.asc());
        assert_eq!(ids().await.unwrap(), [1, 2, 3, 4]);
        pages.delete(2).await.unwrap();
        assert_eq!(ids().await.unwrap(), [1, 3]);
    }

    async fn many_generations(url: &str) {
        let (_, tasks, _) = trees(url).await;
        let chain = (100..2100).map(|id| Task { id, parent: Some(id - 1), title: String::new() });
        tasks.insert_many(chain).await.unwrap();
        assert_eq!(above(&tasks, 2099).count().await.unwrap(), 2000);
    }

    async fn recursive_queries_that_start_with_a_union(url: &str) {
        let (_, tasks, _) = trees(url).await;
        let one = |id| tasks.query(Task::id.eq(id)).select((Task::id, Task::parent)).named::<Link>();
        let rows = one(4).union_all(one(3)).recursive(|found| {
            found.join::<Task>(Task::id.eq(Link::parent)).select((Task::id, Task::parent)).named()
        });
        let rows: Vec<i64> = rows.select(Link::id).order_by(Link::id.asc()).await.unwrap();
        assert_eq!(rows, [1, 2, 3, 4]);
    }

    async fn invalid_recursive_steps(url: &str) {
        let (_, tasks, _) = trees(url).await;
        let begin = || tasks.query(Task::id.eq(4)).select((Task::id, Task::parent)).named::<Link>();
        let limited = begin().recursive(|found| {
            found.join::<Task>(Task::id.eq(Link::parent)).limit(1).select((Task::id, Task::parent)).named()
        });
        let error = limited.await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Value);
        assert_eq!(
            format!("{error:?}"),
            "query of `Link`: the step of a recursive query is ordered, limited or locked\n\
             help: say it of the query behind `recursive`"
        );
        let first = begin().limit(1).recursive(|found| {
            found.join::<Task>(Task::id.eq(Link::parent)).select((Task::id, Task::parent)).named()
        });
        assert!(first.await.unwrap_err().to_string().contains("begins with are ordered"));
        let distinct = begin().recursive(|found| {
            found.join::<Task>(Task::id.eq(Link::parent)).select((Task::id, Task::parent)).distinct().named()
        });
        assert_eq!(*distinct.await.unwrap_err().kind(), Kind::Value);
    }

    async fn a_value_for_each_row(url: &str) {
        let Library { authors, books, .. } = library(url).await;
        let rows: Vec<(String, i64, Option<String>)> = authors
            .query(Author::id.eq(1))
            .select((Author::name, value(7), value(Some("x".to_owned()))))
            .await
            .unwrap();
        assert_eq!(rows, [("Ada".to_owned(), 7, Some("x".to_owned()))]);
        let rows: Vec<(String, i64)> = authors
            .list()
            .select((Author::name, value(1)))
            .union_all(books.query(Book::id.eq(4)).select((Book::title, value(2))))
            .await
            .unwrap();
        assert_eq!(rows.iter().filter(|(_, of)| *of == 2).count(), 1);
        assert_eq!(authors.query(value(2_i64).eq(Author::id)).count().await.unwrap(), 1);
        let error = authors.list().select(value("a\0".to_owned())).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Value);
    }
}
