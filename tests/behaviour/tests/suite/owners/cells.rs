//! Each operation on each kind of row: an own one, those of another owner and of the program, deleted ones.

use kontract::expr::{count, exists, scalar};
use kontract::query::{Shape, from};
use kontract::storage::{Base, OwnerBase};

use super::*;

/// A row of a query that is a table of another one.
#[derive(Clone, Debug, PartialEq, Projection)]
struct Short {
    id: i64,
    text: String,
}

/// What the operations do to rows: own, of bob, of the program, own and deleted, of bob and deleted.
type Cells = &'static [(&'static str, [&'static str; 5])];

const SEEN: [&str; 5] = ["1", "0", "0", "0", "0"];
const CHANGED: [&str; 5] = ["1", "NotFound", "NotFound", "NotFound", "NotFound"];

/// Where deleted rows stay.
const TRACKED: Cells = &[
    ("get", SEEN),
    ("get_row", ["1", "0", "0", "1", "0"]),
    ("get_many", SEEN),
    ("exists", SEEN),
    ("insert", ["Unique", "Unique", "Unique", "1", "Unique"]),
    ("insert_many", ["Unique", "Unique", "Unique", "1", "Unique"]),
    ("push", ["Unique", "Unique", "Unique", "1", "Unique"]),
    ("push_many", ["Unique", "Unique", "Unique", "1", "Unique"]),
    ("set", ["1", "Unique", "Unique", "1", "Unique"]),
    ("set_many", ["1", "Unique", "Unique", "1", "Unique"]),
    ("upsert by key", ["1", "Unique", "Unique", "1", "Unique"]),
    // Unique values of deleted rows are free.
    ("upsert by code", ["1", "Unique", "Unique", "1", "1"]),
    ("insert with code", ["Unique", "Unique", "Unique", "1", "1"]),
    ("update to code", ["1", "Unique", "Unique", "1", "1"]),
    ("update", CHANGED),
    ("update nothing", CHANGED),
    ("update computed", CHANGED),
    ("update_if", CHANGED),
    ("update_if nothing", CHANGED),
    ("update_if stale", ["Conflict", "NotFound", "NotFound", "NotFound", "NotFound"]),
    ("update_many", SEEN),
    ("update_many nothing", SEEN),
    ("transfer", CHANGED),
    ("delete", SEEN),
    ("delete_many", SEEN),
    ("purge", ["1", "0", "0", "1", "0"]),
    ("restore", ["0", "0", "0", "1", "0"]),
    ("with_deleted", ["1", "0", "0", "1", "0"]),
    ("only_deleted", ["0", "0", "0", "1", "0"]),
    ("update deleted", ["1", "0", "0", "1", "0"]),
    ("delete deleted", ["1", "0", "0", "0", "0"]),
    ("rows", SEEN),
    ("query update", SEEN),
    ("query update computed", SEEN),
    ("query update limited", SEEN),
    ("query update returning", SEEN),
    ("query delete", SEEN),
    ("query delete limited", SEEN),
    ("query delete returning", SEEN),
    ("query", SEEN),
    ("first", SEEN),
    ("one", CHANGED),
    ("count", SEEN),
    ("count of groups", SEEN),
    ("query exists", SEEN),
    ("locked", SEEN),
    ("stream", SEEN),
    ("page", SEEN),
    ("aggregate", SEEN),
    ("distinct", SEEN),
    ("join to", SEEN),
    ("join from", SEEN),
    ("left join", SEEN),
    ("right join", SEEN),
    ("right join to", SEEN),
    ("exists in query", SEEN),
    ("in query", SEEN),
    ("scalar", SEEN),
    ("table of query", SEEN),
    ("join of query", SEEN),
    ("recursive", SEEN),
    ("union", SEEN),
    ("union with the program", SEEN),
    ("with", SEEN),
    ("with_counts", SEEN),
    ("with parents", SEEN),
    ("insert of query", SEEN),
];

/// Where they do not: rows that were deleted are not there.
fn untracked(operation: &str, cells: [&'static str; 5]) -> [&'static str; 5] {
    let own = match operation {
        "insert" | "insert_many" | "set" | "set_many" => "1",
        "upsert by key" | "upsert by code" | "insert with code" | "update to code" => "1",
        _ if cells[4] == "NotFound" => "NotFound",
        _ => "0",
    };
    [cells[0], cells[1], cells[2], own, own]
}

/// The operations on a table.
macro_rules! operations {
    ($module:ident, $record:ident) => {
        mod $module {
            use super::*;

            kontract::query::alias!(Other = $record);

            /// The rows, in this order: 1 own, 2 of bob, 3 of the program, 4 own and deleted, 5 of bob and deleted.
            pub(super) async fn rows(base: &Base) {
                base.table::<$record>().list().delete().await.unwrap();
                base.table::<Board>().list().delete().await.unwrap();
                for id in 1..=6 {
                    base.table::<$record>().purge(id).await.unwrap();
                    base.table::<$record>().purge(id + 100).await.unwrap();
                    base.table::<Board>().insert(Board::numbered(id, "board")).await.unwrap();
                }
                let (ann, bob) = ann_and_bob(base);
                let row = |id| $record::numbered(id, "by bob");
                ann.table().insert(row(1)).await.unwrap();
                bob.table().insert(row(2)).await.unwrap();
                base.table()
                    .insert($record { text: "by the program".into(), ..row(3) })
                    .await
                    .unwrap();
                ann.table().insert(row(4)).await.unwrap();
                bob.table().insert(row(5)).await.unwrap();
                ann.table().insert(row(6)).await.unwrap();
                assert!(ann.table::<$record>().delete(4).await.unwrap());
                assert!(bob.table::<$record>().delete(5).await.unwrap());
            }

            /// All rows, with their bookkeeping.
            pub(super) async fn state(
                base: &Base,
                id: i64,
            ) -> Option<kontract::table::Row<$record>> {
                base.table::<$record>().get_row(id).await.unwrap()
            }

            /// Does it to a row for ann. Returns what came of it, or `None` for an operation of tracked tables.
            pub(super) async fn run(
                base: &Base,
                ann: &OwnerBase,
                operation: &str,
                id: i64,
            ) -> Option<String> {
                let table = ann.table::<$record>();
                let boards = ann.table::<Board>();
                let number = |n: u64| n.to_string();
                let length = |n: usize| n.to_string();
                let flag = |is: bool| u8::from(is).to_string();
                let new = |id| $record { n: 7, ..$record::numbered(id, "new") };
                let with_code =
                    $record { code: format!("c{id}"), ..$record::numbered(id + 100, "new") };
                let patch = || $record::patch().text("new");
                let own = || table.query($record::id.eq(id));
                let board = || boards.query(Board::id.eq(id));
                let others = || {
                    scalar(
                        from::<Other, _>().filter($record::id.of(Other).eq(id)).aggregate(count()),
                    )
                };
                let done = match operation {
                    "get" => word(table.get(id).await, |row| flag(row.is_some())),
                    "get_row" => word(table.get_row(id).await, |row| flag(row.is_some())),
                    "get_many" => word(table.get_many([id]).await, |rows| flag(rows[0].is_some())),
                    "exists" => word(table.exists(id).await, flag),
                    "insert" => word(table.insert(new(id)).await, |row| flag(row == new(id))),
                    "insert_many" => {
                        word(table.insert_many([new(id), new(id + 100)]).await, |rows| {
                            flag(rows.len() == 2)
                        })
                    }
                    "set" => word(table.set(new(id)).await, |row| flag(row == new(id))),
                    "set_many" => word(table.set_many([new(id + 100), new(id)]).await, |rows| {
                        flag(rows.len() == 2)
                    }),
                    "upsert by key" => {
                        word(table.upsert($record::id, new(id)).await, |row| flag(row == new(id)))
                    }
                    "upsert by code" => word(table.upsert($record::code, with_code).await, |row| {
                        flag(row.text == "new")
                    }),
                    "insert with code" => {
                        word(table.insert(with_code).await, |row| flag(row.id == id + 100))
                    }
                    "update to code" => {
                        let to = if id == 1 { "free".to_owned() } else { format!("c{id}") };
                        word(table.update(1, $record::patch().code(to)).await, |_| flag(true))
                    }
                    "update" => {
                        word(table.update(id, patch()).await, |row| flag(row.text == "new"))
                    }
                    "update nothing" => {
                        word(table.update(id, $record::patch()).await, |_| flag(true))
                    }
                    "update computed" => {
                        let patch = $record::patch().set(
                            $record::n,
                            scalar(from::<Other, _>().aggregate(count())).or_else(0),
                        );
                        // Ann has two rows that are live.
                        word(table.update(id, patch).await, |row| flag(row.n == 2))
                    }
                    "update_many" => word(table.update_many([id], patch()).await, number),
                    "update_many nothing" => {
                        word(table.update_many([id], $record::patch()).await, number)
                    }
                    "transfer" => word(table.transfer(id, "cem").await, |row| flag(row.id == id)),
                    "delete" => word(table.delete(id).await, flag),
                    "delete_many" => word(table.delete_many([id]).await, number),
                    "purge" => word(table.purge(id).await, flag),
                    "rows" => word(own().rows().await, |rows| {
                        assert!(rows.iter().all(|row| row.owner.as_deref() == Some("ann")));
                        length(rows.len())
                    }),
                    "query update" => word(own().update(patch()).await, number),
                    "query update computed" => {
                        let patch = $record::patch().set($record::n, others().or_else(0));
                        word(
                            table.query($record::id.eq(id) & others().eq(1)).update(patch).await,
                            number,
                        )
                    }
                    "query update limited" => word(own().limit(1).update(patch()).await, number),
                    "query update returning" => {
                        word(own().update_returning(patch()).await, |rows| length(rows.len()))
                    }
                    "query delete" => word(own().delete().await, number),
                    "query delete limited" => {
                        word(own().order_by($record::n.asc()).limit(1).delete().await, number)
                    }
                    "query delete returning" => {
                        word(own().delete_returning().await, |rows| length(rows.len()))
                    }
                    "query" => word(own().await, |rows| length(rows.len())),
                    "first" => word(own().first().await, |row| flag(row.is_some())),
                    "one" => word(own().one().await, |row| flag(row.id == id)),
                    "count" => word(own().count().await, number),
                    "count of groups" => word(
                        own().group_by($record::n).select(|n| (n, count())).count().await,
                        number,
                    ),
                    "query exists" => word(own().exists().await, flag),
                    "locked" => {
                        let work = async |tx: OwnerBase| {
                            tx.table::<$record>().query($record::id.eq(id)).for_update().await
                        };
                        word(ann.transaction(work).await, |rows| length(rows.len()))
                    }
                    "stream" => {
                        let mut rows = own().stream();
                        let mut found = 0;
                        while let Some(row) = rows.next().await {
                            assert_eq!(row.unwrap().id, id);
                            found += 1;
                        }
                        number(found)
                    }
                    "page" => word(own().order_by($record::text.asc()).page(3).await, |page| {
                        length(page.rows.len())
                    }),
                    "aggregate" => word(
                        own().aggregate((count(), $record::n.max())).one().await,
                        |(n, max)| {
                            assert_eq!(max, (n == 1).then_some(id));
                            n.to_string()
                        },
                    ),
                    "distinct" => {
                        word(own().distinct().select($record::n).await, |rows| length(rows.len()))
                    }
                    "join to" => word(
                        board().join::<$record>($record::n.eq(Board::id)).select($record::id).await,
                        |rows| length(rows.len()),
                    ),
                    "join from" => {
                        word(own().join::<Board>(Board::id.eq($record::n)).await, |rows| {
                            length(rows.len())
                        })
                    }
                    "left join" => {
                        let rows = board()
                            .left_join::<$record>($record::n.eq(Board::id))
                            .select((Board::id, $record::id))
                            .await;
                        word(rows, |rows| {
                            assert_eq!(rows.len(), 1);
                            flag(rows[0].1.is_some())
                        })
                    }
                    "right join" => {
                        let rows = own()
                            .right_join::<Board>(Board::id.eq($record::n))
                            .filter(Board::id.eq(id));
                        // The filter on the left side is part of the query.
                        word(rows.await, |rows| length(rows.len()))
                    }
                    "right join to" => {
                        let rows = boards
                            .list()
                            .right_join::<$record>($record::n.eq(Board::id))
                            .filter($record::id.eq(id));
                        word(rows.await, |rows| length(rows.len()))
                    }
                    "exists in query" => {
                        let rows = from::<$record, _>().filter($record::n.eq(Board::id));
                        word(board().filter(exists(rows)).count().await, number)
                    }
                    "in query" => word(
                        board()
                            .filter(Board::id.is_in_query(from::<$record, _>().select($record::n)))
                            .count()
                            .await,
                        number,
                    ),
                    "scalar" => word(board().select(others_of_board(id)).one().await, |n| {
                        n.unwrap_or_default().to_string()
                    }),
                    "table of query" => {
                        let rows = table
                            .list()
                            .select(($record::id, $record::text))
                            .named::<Short>()
                            .as_table();
                        word(rows.filter(Short::id.eq(id)).count().await, number)
                    }
                    "join of query" => {
                        // The query of another handle is limited by the handle that runs the statement.
                        let all = base.table::<$record>().list();
                        let rows = all.select(($record::id, $record::text)).named::<Short>();
                        let joined = board().join_query(rows, Short::id.eq(Board::id));
                        word(joined.count().await, number)
                    }
                    "recursive" => {
                        let begin = board().select((Board::id, Board::text)).named::<Short>();
                        let rows = begin.recursive(|found| {
                            let next = found.join::<$record>($record::n.eq(Short::id));
                            next.select(($record::id.plus(1000), $record::text)).named()
                        });
                        word(rows.count().await, |rows| number(rows - 1))
                    }
                    "union" => {
                        let none = table.query($record::id.eq(-1)).select($record::id);
                        word(none.union(own().select($record::id)).await, |rows| length(rows.len()))
                    }
                    "union with the program" => {
                        // The handle that runs the query decides.
                        let of_program =
                            base.table::<$record>().query($record::id.eq(id)).select($record::id);
                        word(own().select($record::id).union(of_program).await, |rows| {
                            length(rows.len())
                        })
                    }
                    "with" => word(board().with($record::n).await, |rows| length(rows[0].1.len())),
                    "with_counts" => {
                        word(board().with_counts($record::n).await, |rows| number(rows[0].1))
                    }
                    "with parents" => word(own().with(Board::n).await, |rows| length(rows.len())),
                    "insert of query" => {
                        let rows = own().insert_into(&boards).set(Board::id, $record::id.plus(50));
                        let rows =
                            rows.set(Board::code, $record::text).set(Board::text, $record::text);
                        word(rows.set(Board::n, $record::n).await, number)
                    }
                    _ => return None,
                };
                Some(done)
            }

            fn others_of_board(id: i64) -> kontract::expr::Expr<Board, Option<i64>> {
                scalar(from::<$record, _>().filter($record::n.eq(id)).aggregate(count()))
            }
        }
    };
}

operations!(papers, Paper);
operations!(sheets, Sheet);
operations!(slips, Slip);

/// The operations that need more bookkeeping columns.
macro_rules! tracked_operations {
    ($name:ident, $record:ident) => {
        async fn $name(ann: &OwnerBase, operation: &str, id: i64) -> String {
            let table = ann.table::<$record>();
            let new = |id| $record { n: 7, ..$record::numbered(id, "new") };
            let patch = $record::patch().text("new");
            let flag = |is: bool| u8::from(is).to_string();
            let own = || table.query($record::id.eq(id));
            match operation {
                "push" => word(table.push(new(id)).await, |row| flag(row == new(id))),
                "push_many" => word(table.push_many([new(id + 100), new(id)]).await, |rows| {
                    flag(rows.len() == 2)
                }),
                "update_if" => {
                    word(table.update_if(id, 1, patch).await, |row| flag(row.text == "new"))
                }
                "update_if nothing" => {
                    word(table.update_if(id, 1, $record::patch()).await, |_| flag(true))
                }
                "update_if stale" => word(table.update_if(id, 9, patch).await, |_| flag(true)),
                "restore" => word(table.restore(id).await, flag),
                "with_deleted" => word(own().with_deleted().await, |rows| rows.len().to_string()),
                "only_deleted" => word(own().only_deleted().await, |rows| rows.len().to_string()),
                "update deleted" => {
                    word(own().with_deleted().update(patch).await, |n| n.to_string())
                }
                "delete deleted" => {
                    word(own().with_deleted().limit(1).delete().await, |n| n.to_string())
                }
                other => panic!("{other} is not an operation"),
            }
        }
    };
}

tracked_operations!(tracked_papers, Paper);
tracked_operations!(tracked_sheets, Sheet);

kontract_test_support::both! {
    async fn each_operation_on_each_row_of_documents(url: &str) {
        check(url, true, papers::rows, papers::run, papers::state, tracked_papers).await;
    }

    async fn each_operation_on_each_row_of_columns(url: &str) {
        check(url, true, sheets::rows, sheets::run, sheets::state, tracked_sheets).await;
    }

    async fn each_operation_on_each_row_without_other_bookkeeping(url: &str) {
        let none = async |_: &OwnerBase, operation: &str, _: i64| format!("{operation} needs bookkeeping");
        check(url, false, slips::rows, slips::run, slips::state, none).await;
    }
}

/// Runs each operation on each row, and compares what comes of it. Rows of others do not change.
async fn check<R: PartialEq + std::fmt::Debug>(
    url: &str,
    is_tracked: bool,
    rows: impl AsyncFn(&Base),
    run: impl AsyncFn(&Base, &OwnerBase, &str, i64) -> Option<String>,
    state: impl AsyncFn(&Base, i64) -> Option<R>,
    tracked: impl AsyncFn(&OwnerBase, &str, i64) -> String,
) {
    assert_eq!(<Short as Shape>::NAMES, ["id", "text"]);
    let base = database(url).await;
    let (ann, _) = ann_and_bob(&base);
    let mut wrong = Vec::new();
    let mut cells = 0;
    for (operation, expected) in TRACKED {
        let expected = if is_tracked { *expected } else { untracked(operation, *expected) };
        for (id, expected) in (1..).zip(expected) {
            rows(&base).await;
            let before = (state(&base, 2).await, state(&base, 3).await, state(&base, 5).await);
            let found = match run(&base, &ann, operation, id).await {
                Some(found) => found,
                None if is_tracked => tracked(&ann, operation, id).await,
                None => continue,
            };
            cells += 1;
            if found != expected {
                wrong.push(format!("{operation} of row {id}: {found}, not {expected}"));
            }
            let after = (state(&base, 2).await, state(&base, 3).await, state(&base, 5).await);
            let may_take_5 = !is_tracked && id == 5;
            if (&before.0, &before.1) != (&after.0, &after.1)
                || (before.2 != after.2 && !may_take_5)
            {
                wrong.push(format!("{operation} of row {id} changed {before:?} to {after:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {cells}:\n{}", wrong.len(), wrong.join("\n"));
}
