//! Query plans: the databases use the indexes.

use kontract::prelude::*;
use kontract::storage::Base;
use kontract_test_support::execute;
use kontract_test_support::statements::Statements;

/// A table in columns.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone, index(at, id), index(at desc, id desc))]
#[table(index(stars, where = "stars > 95"), index(place, where = "closed is null"))]
struct Sheet {
    #[primkey]
    id: i64,
    #[index]
    author: i64,
    at: i64,
    stars: i64,
    place: i64,
    #[index]
    word: String,
    closed: Option<i64>,
    #[index]
    rank: Option<i64>,
}

/// The same fields as documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone, index(stars, where = "stars > 95"), index(place, where = "closed is null"))]
struct Note {
    #[primkey]
    id: i64,
    #[index]
    author: i64,
    #[index]
    at: i64,
    stars: i64,
    place: i64,
    closed: Option<i64>,
    #[index]
    rank: Option<i64>,
}

/// The table that the others reference.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Author {
    #[primkey]
    id: i64,
}

const ROWS: i64 = 20_000;

async fn open(url: &str) -> (Base, Statements) {
    let statements = Statements::of(url).await;
    let base = Base::open(statements.url()).await.unwrap();
    base.create::<Author>().await.unwrap();
    base.create::<Sheet>().await.unwrap();
    base.create::<Note>().await.unwrap();
    let facts = |n: i64| (n % 500, n / 4, n % 100, n % 1000, (n % 50 > 0).then_some(n));
    let sheet = |id| {
        let (author, at, stars, place, closed) = facts(id);
        Sheet { id, author, at, stars, place, closed, word: format!("w{id}"), rank: rank(id) }
    };
    let note = |id| {
        let (author, at, stars, place, closed) = facts(id);
        Note { id, author, at, stars, place, closed, rank: rank(id) }
    };
    base.table::<Author>().insert_many((0..500).map(|id| Author { id })).await.unwrap();
    base.table::<Sheet>().insert_many((0..ROWS).map(sheet)).await.unwrap();
    base.table::<Note>().insert_many((0..ROWS).map(note)).await.unwrap();
    execute(url, "ANALYZE");
    (base, statements)
}

/// The rank of a row; every third row has none.
fn rank(id: i64) -> Option<i64> {
    (id % 3 > 0).then_some(id * 7919 % ROWS / 2)
}

/// Fails unless the plan uses the index, without a full scan or a sort.
fn is_served(plan: &str, index: &str) {
    assert!(plan.contains(index), "{index} is not in the plan:\n{plan}");
    // Rows with equal index values are sorted by key.
    let plan = plan.replace("Incremental Sort", "").replace("TEMP B-TREE FOR LAST TERM", "");
    for bad in ["Seq Scan", "Sort  ", "->  Sort\n", "TEMP B-TREE"] {
        assert!(!plan.contains(bad), "{bad} is in the plan:\n{plan}");
    }
}

kontract_test_support::both! {
    async fn a_partial_index_is_used_for_its_condition(url: &str) {
        let (base, _) = open(url).await;
        let (sheets, notes) = (base.table::<Sheet>(), base.table::<Note>());
        let sheet = || sheets.query(Sheet::stars.gt(95));
        assert_eq!(sheet().count().await.unwrap(), 800);
        is_served(&sheet().explain().await.unwrap(), "idx_sheets_stars");
        let note = || notes.query(Note::stars.gt(95));
        assert_eq!(note().count().await.unwrap(), 800);
        is_served(&note().explain().await.unwrap(), "idx_notes_stars");
        let sheet = || sheets.query(Sheet::closed.is_null() & Sheet::place.eq(50));
        assert_eq!(sheet().count().await.unwrap(), 20);
        is_served(&sheet().explain().await.unwrap(), "idx_sheets_place");
        let note = || notes.query(Note::closed.is_null() & Note::place.eq(50));
        assert_eq!(note().count().await.unwrap(), 20);
        is_served(&note().explain().await.unwrap(), "idx_notes_place");
        // The index has no other rows.
        let plan = sheets.query(Sheet::stars.gt(90)).explain().await.unwrap();
        assert!(!plan.contains("idx_sheets_stars"), "{plan}");
        base.close().await;
    }

    /// The second page starts in the index where the first one ended.
    async fn pages_use_the_index(url: &str) {
        let (base, statements) = open(url).await;
        let (sheets, notes) = (base.table::<Sheet>(), base.table::<Note>());
        let is_postgres = statements.round_trips().is_some();
        macro_rules! pages {
            ($query:expr, $index:expr, $begins:expr) => {{
                let first = $query.page(20).await.unwrap();
                // Without a condition the first page starts at the first row of the index, or of the ordered table.
                is_served(&statements.plan(), if is_postgres { $index } else { "SCAN" });
                let second = $query.page(20).after(first.next).await.unwrap();
                assert_eq!(second.rows.len(), 20);
                let plan = statements.plan();
                is_served(&plan, $index);
                let condition: [&str; 2] = $begins;
                let begins = condition.iter().any(|begin| plan.contains(begin));
                assert!(begins, "it does not begin at the cursor:\n{plan}");
            }};
        }
        pages!(sheets.list(), if is_postgres { "sheets_pkey" } else { "PRIMARY KEY" },
            ["Index Cond: (id > $", "(rowid>?)"]);
        pages!(sheets.list().order_by(Sheet::at.asc()), "idx_sheets_at_id", ["Index Cond: (at >= $", "(at>?)"]);
        pages!(sheets.list().order_by(Sheet::at.desc()).order_by(Sheet::id.desc()), "idx_sheets_at_id",
            ["Index Cond: (at <= $", "(at<?)"]);
        pages!(sheets.list().order_by(Sheet::word.asc()), "idx_sheets_word", ["Index Cond: (word >= $", "(word>?)"]);
        pages!(notes.list(), if is_postgres { "_pkey" } else { "PRIMARY KEY" },
            ["Index Cond: (id > $", "(rowid>?)"]);
        base.close().await;
    }

    /// Pages ordered by an optional field use the index, too: in both directions, before, at and behind
    /// the last row with a value.
    async fn pages_by_an_optional_field_use_the_index(url: &str) {
        let (base, statements) = open(url).await;
        let (sheets, notes) = (base.table::<Sheet>(), base.table::<Note>());
        let with = (0..ROWS).filter(|id| id % 3 > 0).count();
        macro_rules! pages {
            ($query:expr, $table:ident, $index:expr, $begins:expr, $nulls:expr) => {{
                // All rows, in pages that end before, at and behind the last row with a value.
                let all = $query.limit(ROWS as u64).select($table::id).await.unwrap();
                for rows in [with as u32 - 1, with as u32, with as u32 + 1, 3_000] {
                    let (mut found, mut after) = (Vec::new(), None);
                    loop {
                        let page = $query.select($table::id).page(rows).after(after).await.unwrap();
                        found.extend(page.rows);
                        match page.next {
                            Some(next) => after = Some(next),
                            None => break,
                        }
                    }
                    assert_eq!(found, all, "pages of {rows}");
                }
                let uses = |begins: [&str; 2]| {
                    let plan = statements.plan();
                    is_served(&plan, $index);
                    let is_there = begins.iter().any(|begin| plan.contains(begin));
                    assert!(is_there, "it does not begin there:
{plan}");
                };
                let first = $query.page(20).await.unwrap();
                is_served(&statements.plan(), $index);
                let second = $query.page(20).after(first.next).await.unwrap();
                assert_eq!(second.rows.len(), 20);
                uses($begins);
                let border = $query.page(with as u32 + 1).await.unwrap();
                let behind = $query.page(20).after(border.next).await.unwrap();
                assert!(behind.rows.iter().all(|row| row.rank.is_none()) && behind.rows.len() == 20);
                let plan = statements.plan();
                assert!(!plan.contains("Seq Scan") && !plan.contains("SCAN"), "{plan}");
                assert!($nulls.is_empty() || $nulls.iter().any(|nulls| plan.contains(nulls)), "{plan}");
            }};
        }
        // On PostgreSQL the test reads the last prepared statement. Behind the last value, both directions have
        // the same statement.
        let nulls = ["(rank IS NULL)", "(rank=?)", "(rank=? AND rowid>?)"];
        let again = if statements.round_trips().is_some() { &[][..] } else { &nulls };
        pages!(sheets.list().order_by(Sheet::rank.asc()), Sheet, "idx_sheets_rank",
            ["Index Cond: (rank >= $", "(rank>?)"], nulls);
        pages!(sheets.list().order_by(Sheet::rank.desc()), Sheet, "idx_sheets_rank",
            ["Index Cond: (rank <= $", "(rank<?)"], again);
        let nulls = ["IS NULL)", "(<expr>=?"];
        let again = if statements.round_trips().is_some() { &[][..] } else { &nulls };
        pages!(notes.list().order_by(Note::rank.asc()), Note, "idx_notes_rank", [">= $", "(<expr>>?)"], nulls);
        pages!(notes.list().order_by(Note::rank.desc()), Note, "idx_notes_rank", ["<= $", "(<expr><?)"], again);
        base.close().await;
    }

    async fn referencing_rows_are_found_by_the_index(url: &str) {
        let (base, statements) = open(url).await;
        let authors = base.table::<Author>();
        let some = || authors.query(Author::id.lt(20));
        let found = some().with(Sheet::author).await.unwrap();
        assert!(found.len() == 20 && found.iter().all(|(_, sheets)| sheets.len() == 40));
        let uses = |index: &str| {
            let plan = statements.plan();
            assert!(plan.contains(index), "{index} is not in the plan:\n{plan}");
            for bad in ["Seq Scan", "SCAN sheets", "SCAN notes", "SCAN t"] {
                assert!(!plan.contains(bad), "{bad} is in the plan:\n{plan}");
            }
        };
        uses("idx_sheets_author");
        some().with_counts(Sheet::author).await.unwrap();
        uses("idx_sheets_author");
        let found = some().with(Note::author).await.unwrap();
        assert!(found.len() == 20 && found.iter().all(|(_, notes)| notes.len() == 40));
        uses("idx_notes_author");
        some().with_counts(Note::author).await.unwrap();
        uses("idx_notes_author");
        base.close().await;
    }
}
