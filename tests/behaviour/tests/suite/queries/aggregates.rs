//! Aggregates, also of decimals and timestamps; queries of exactly one row.

use kontract::Kind;
use kontract::expr::count;
use kontract::prelude::*;
use kontract::query::from;
use kontract::storage::Base;

use super::{Author, Book, Library, library};

/// SQLite stores decimals as text.
#[derive(Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Sale {
    #[primkey]
    id: i64,
    shop: i64,
    price: Decimal,
    discount: Option<Decimal>,
}

/// Both databases store the timestamps of documents as text.
#[derive(Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Trade {
    #[primkey]
    id: i64,
    price: Decimal,
    discount: Option<Decimal>,
    at: chrono::DateTime<chrono::Utc>,
    ended: Option<time::OffsetDateTime>,
}

fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

async fn sales(url: &str) -> (Base, kontract::Table<Sale>, kontract::Table<Trade>) {
    let base = Base::open(url).await.unwrap();
    base.create::<Sale>().await.unwrap();
    base.create::<Trade>().await.unwrap();
    let (sales, trades) = (base.table::<Sale>(), base.table::<Trade>());
    // As floating point numbers they would be 0.30000000000000004, and 10.5 < 9 as texts.
    let prices = [("0.1", None), ("0.2", Some("0.05")), ("10.50", None), ("9", Some("0.1"))];
    for (id, (price, discount)) in (1..).zip(prices) {
        let (price, discount) = (decimal(price), discount.map(decimal));
        sales.insert(Sale { id, shop: (id + 1) / 2, price, discount }).await.unwrap();
        // As texts `00:00:00.5Z` is before `00:00:00Z`.
        let at =
            chrono::DateTime::from_timestamp_millis(1_000_000_000_000 + 500 * (id - 1)).unwrap();
        let ended = time::OffsetDateTime::from_unix_timestamp(1_000_000_000 - id).unwrap();
        // A timestamp with an offset of one hour.
        let offset = time::UtcOffset::from_hms(i8::try_from(id).unwrap() - 2, 0, 0).unwrap();
        let ended = (id > 1).then(|| ended.to_offset(offset));
        trades.insert(Trade { id, price, discount, at, ended }).await.unwrap();
    }
    (base, sales, trades)
}

kontract_test_support::both! {
    async fn decimals_in_columns(url: &str) {
        let (_, sales, _) = sales(url).await;
        let all = sales.list().aggregate((Sale::price.sum(), Sale::price.min(), Sale::price.max()));
        let expected = ["19.80", "0.1", "10.50"].map(|text| Some(decimal(text)));
        assert_eq!(all.one().await.unwrap(), expected.into());
        let per_shop: Vec<(i64, Option<Decimal>, Option<Decimal>)> = sales
            .list()
            .group_by(Sale::shop)
            .having(|_| Sale::price.sum().gt(Decimal::ZERO))
            .order_by(|_| Sale::price.sum().desc())
            .select(|shop| (shop, Sale::price.sum(), Sale::discount.sum()))
            .await
            .unwrap();
        let shop = |shop, price, discount| (shop, Some(decimal(price)), Some(decimal(discount)));
        assert_eq!(per_shop, [shop(2, "19.50", "0.1"), shop(1, "0.3", "0.05")]);
        let mean: Option<f64> = sales.list().aggregate(Sale::price.avg()).one().await.unwrap();
        assert!((mean.unwrap() - 4.95).abs() < 1e-9);
        let none = sales.query(Sale::id.gt(9)).aggregate((Sale::price.sum(), Sale::discount.max()));
        assert_eq!(none.one().await.unwrap(), (None, None));
    }

    async fn decimals_in_documents(url: &str) {
        let (_, _, trades) = sales(url).await;
        let all = trades.list().aggregate((Trade::price.sum(), Trade::price.min(), Trade::price.max(), Trade::discount.sum()));
        let expected = ["19.80", "0.1", "10.50", "0.15"].map(|text| Some(decimal(text)));
        assert_eq!(all.one().await.unwrap(), expected.into());
        let mean = trades.query(Trade::id.le(2)).aggregate(Trade::price.avg()).one().await.unwrap();
        assert!((mean.unwrap() - 0.15_f64).abs() < 1e-9);
    }

    async fn a_sum_that_does_not_fit_a_decimal(url: &str) {
        let (_, sales, trades) = sales(url).await;
        for id in [7, 8] {
            sales.insert(Sale { id, shop: 9, price: Decimal::MAX, discount: None }).await.unwrap();
        }
        assert!(sales.list().aggregate(Sale::price.sum()).one().await.is_err());
        assert_eq!(sales.list().aggregate(Sale::price.max()).one().await.unwrap(), Some(Decimal::MAX));
        assert_eq!(trades.count().await.unwrap(), 4);
    }

    async fn moments_in_documents(url: &str) {
        let (_, _, trades) = sales(url).await;
        let (first, last, least, most) = trades
            .list()
            .aggregate((Trade::at.min(), Trade::at.max(), Trade::ended.min(), Trade::ended.max()))
            .one()
            .await
            .unwrap();
        assert_eq!(first.unwrap().timestamp_millis(), 1_000_000_000_000);
        assert_eq!(last.unwrap().timestamp_millis(), 1_000_000_001_500);
        assert_eq!(least.unwrap().unix_timestamp(), 999_999_996);
        assert_eq!(most.unwrap().unix_timestamp(), 999_999_998);
    }

    async fn one_value_of_all_rows(url: &str) {
        let Library { authors, books, .. } = library(url).await;
        let born: Option<i32> = authors.list().aggregate(Author::born.min()).one().await.unwrap();
        assert_eq!(born, Some(1815));
        let sum: Option<i64> = authors.query(Author::id.eq(3)).aggregate(Author::born.sum()).one().await.unwrap();
        assert_eq!(sum, None);
        let (all, mean): (i64, Option<f64>) =
            books.list().aggregate((count(), Book::pages.avg())).one().await.unwrap();
        assert_eq!((all, mean), (4, Some(90.0)));
    }

    async fn one_row(url: &str) {
        let Library { authors, .. } = library(url).await;
        let ada = authors.query(Author::name.eq("Ada")).one().await.unwrap();
        assert_eq!(ada.id, 1);
        let name: String = authors.query(Author::id.eq(2)).select(Author::name).one().await.unwrap();
        assert_eq!(name, "Bob");
        let none = authors.query(Author::name.eq("Dan")).one().await.unwrap_err();
        assert_eq!(*none.kind(), Kind::NotFound);
        assert_eq!(format!("{none:?}"), "query of `authors`: there is no such row");
        let several = authors.list().one().await.unwrap_err();
        assert_eq!(*several.kind(), Kind::Several);
        let text = "query of `authors`: there are several such rows, not one\nhelp: `first` takes the first of them";
        assert_eq!(format!("{several:?}"), text);
        // A limit that the caller set is kept.
        assert_eq!(authors.list().limit(1).one().await.unwrap().id, 1);
        assert_eq!(*authors.list().limit(0).one().await.unwrap_err().kind(), Kind::NotFound);
    }

    async fn an_order_with_aggregates(url: &str) {
        let Library { books, .. } = library(url).await;
        let by_author = books.list().order_by(Book::author.desc()).group_by(Book::author);
        let rows: Vec<(Option<i64>, i64)> =
            by_author.order_by(|_| count().asc()).select(|author| (author, count())).await.unwrap();
        assert_eq!(rows, [(Some(2), 1), (Some(1), 2), (None, 1)]);
        let by_title = books.list().order_by(Book::title.asc()).group_by(Book::author);
        let error = by_title.select(|author| (author, count())).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Value);
        assert!(format!("{error:?}").contains("ordered by what their groups do not have"), "{error}");
        // A single row has no order.
        assert_eq!(books.list().order_by(Book::title.asc()).aggregate(count()).one().await.unwrap(), 4);
    }

    async fn a_limit_with_aggregates(url: &str) {
        let Library { books, .. } = library(url).await;
        let sum = books.query(Book::id.gt(0)).limit(1).aggregate(Book::pages.sum()).one().await.unwrap_err();
        assert_eq!(*sum.kind(), Kind::Value);
        assert!(sum.to_string().contains("limited before"), "{sum}");
        let groups = books.list().offset(1).group_by(Book::author).select(|author| (author, count()));
        assert_eq!(*groups.await.unwrap_err().kind(), Kind::Value);
        let groups = books.list().group_by(Book::author).select(|author| author).limit(2).await.unwrap();
        assert_eq!(groups.len(), 2);
    }
}

kontract_test_support::both! {
    /// 1, 1.0 and 1.00 are equal, however the database stores them.
    async fn decimals_with_different_scales(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Sale>().await.unwrap();
        base.create::<Trade>().await.unwrap();
        let (sales, trades) = (base.table::<Sale>(), base.table::<Trade>());
        let large = ["7922816251426433759354395033.5", "7922816251426433759354395033.50", "7922816251426433759354395033.6"];
        let texts = ["1", "1.0", "1.00", "0.0", "-0", large[0], large[1], large[2]];
        let at = chrono::DateTime::UNIX_EPOCH;
        for (id, text) in (1..).zip(texts) {
            let discount = (id > 3).then(|| decimal(text));
            sales.insert(Sale { id, shop: 1, price: decimal(text), discount }).await.unwrap();
            trades.insert(Trade { id, price: decimal(text), discount, at, ended: None }).await.unwrap();
        }
        let mut all = vec![(decimal("1"), 3), (decimal("0"), 2), (decimal(large[0]), 2), (decimal(large[2]), 1)];
        all.sort();
        let values: Vec<Decimal> = all.iter().map(|(value, _)| *value).collect();
        let sorted = |mut found: Vec<Decimal>| {
            found.sort();
            found
        };
        macro_rules! check {
            ($table:expr, $row:ident) => {
                let mut groups: Vec<(Decimal, i64)> =
                    $table.list().group_by($row::price).select(|price| (price, count())).await.unwrap();
                groups.sort();
                assert_eq!(groups, all);
                let distinct = $table.list().select($row::price).distinct().await.unwrap();
                assert_eq!(sorted(distinct), values);
                let of_two = $table.list().select(($row::price, $row::discount)).distinct().await.unwrap();
                // None of the three rows with 1 has a discount.
                assert_eq!(of_two.len(), 4);
                let union = $table.list().select($row::price).union($table.list().select($row::price));
                assert_eq!(sorted(union.await.unwrap()), values);
                let apart = $table.list().select($row::price).union_all($table.list().select($row::price));
                assert_eq!(apart.await.unwrap().len(), 16);
                let discounts = $table.list().aggregate($row::discount.count_distinct()).one().await.unwrap();
                assert_eq!(discounts, 3);
                let counted = $table.list().select($row::price).distinct().count().await.unwrap();
                assert_eq!(counted, 4);
                let often = $table
                    .list()
                    .group_by($row::price)
                    .having(|price| price.eq(decimal("1.000")) & count().gt(2))
                    .order_by(|price| price.asc())
                    .select(|price| price);
                assert_eq!(often.await.unwrap(), [decimal("1")]);
            };
        }
        check!(sales, Sale);
        check!(trades, Trade);
        // Two layouts, each with its own encoding.
        let both = sales.list().select(Sale::price).union(trades.list().select(Trade::price));
        assert_eq!(sorted(both.await.unwrap()), values);
        let all = trades.query(Trade::id.le(2)).select(Trade::price);
        let all = all.union_all(sales.query(Sale::id.eq(3)).select(Sale::price)).await.unwrap();
        let mut all: Vec<String> = all.iter().map(Decimal::to_string).collect();
        all.sort();
        assert_eq!(all, ["1", "1.0", "1.00"]);
        // The stored text is not changed.
        let rows = sales.list().order_by(Sale::id.asc()).limit(3).select(Sale::price).await.unwrap();
        let rows: Vec<String> = rows.iter().map(Decimal::to_string).collect();
        assert_eq!(rows, ["1", "1.0", "1.00"]);
        base.close().await;
    }
}

/// Timestamps in columns.
#[derive(Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Visit {
    #[primkey]
    id: i64,
    at: time::OffsetDateTime,
    note: Option<String>,
}

/// Timestamps in documents: texts with the offset of the value.
#[derive(Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Call {
    #[primkey]
    id: i64,
    at: time::OffsetDateTime,
    note: Option<String>,
}

kontract_test_support::both! {
    /// Timestamps with different offsets are equal, in both layouts.
    async fn moments_with_different_offsets(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Visit>().await.unwrap();
        base.create::<Call>().await.unwrap();
        let (visits, calls) = (base.table::<Visit>(), base.table::<Call>());
        let noon = time::OffsetDateTime::from_unix_timestamp(1_000_000_000).unwrap();
        let later = noon + time::Duration::milliseconds(500);
        for (id, at) in (1..).zip([noon, later, noon]) {
            let elsewhere = time::UtcOffset::from_hms(i8::try_from(id).unwrap(), 0, 0).unwrap();
            let note = (id == 2).then(|| "two".to_owned());
            visits.insert(Visit { id, at, note: note.clone() }).await.unwrap();
            calls.insert(Call { id, at: at.to_offset(elsewhere), note }).await.unwrap();
        }
        let sorted = |mut found: Vec<time::OffsetDateTime>| {
            found.sort();
            found
        };
        macro_rules! check {
            ($table:expr, $row:ident) => {
                let distinct = $table.list().select($row::at).distinct().await.unwrap();
                assert_eq!(sorted(distinct), [noon, later]);
                let of_two = $table.list().select(($row::at, $row::note)).distinct().count().await;
                assert_eq!(of_two.unwrap(), 2);
                let number = $table.list().aggregate($row::at.count_distinct()).one().await.unwrap();
                assert_eq!(number, 2);
                let groups: Vec<(time::OffsetDateTime, i64)> = $table
                    .list()
                    .group_by($row::at)
                    .having(|at| at.le(later))
                    .order_by(|at| at.desc())
                    .select(|at| (at, count()))
                    .await
                    .unwrap();
                assert_eq!(groups, [(later, 1), (noon, 2)]);
                // Whole records contain their key, so no two are equal.
                assert_eq!($table.list().distinct().await.unwrap().len(), 3);
                let records = $table.list().union($table.list());
                assert_eq!(records.await.unwrap().len(), 3);
            };
        }
        check!(visits, Visit);
        check!(calls, Call);
        let both = visits.list().select(Visit::at).union(calls.list().select(Call::at));
        assert_eq!(sorted(both.await.unwrap()), [noon, later]);
        let rows = calls.list().select((Call::id, Call::at, Call::note));
        let rows = rows.union(visits.list().select((Visit::id, Visit::at, Visit::note)));
        assert_eq!(rows.await.unwrap().len(), 3);
        let ids = visits.list().select(Visit::id).union_all(calls.query(Call::id.lt(3)).select(Call::id));
        assert_eq!(ids.await.unwrap().len(), 5);
        let all = calls.list().select(Call::at).union_all(visits.list().select(Visit::at));
        assert_eq!(sorted(all.await.unwrap()), [noon, noon, noon, noon, later, later]);
        let noted = || from::<Call, _>().filter(Call::note.is_not_null());
        let found = visits.query(Visit::at.is_in_query(noted().select(Call::at)));
        assert_eq!(found.select(Visit::id).await.unwrap(), [2]);
        let found = visits.query(Visit::note.is_in_query(noted().select(Call::note)));
        assert_eq!(found.select(Visit::id).await.unwrap(), [2]);
        let first = from::<Visit, _>().filter(Visit::id.eq(1)).select(Visit::at);
        let found = calls.query(Call::at.is_in_query(first)).order_by(Call::id.asc());
        assert_eq!(found.select(Call::id).await.unwrap(), [1, 3]);
        let pairs = visits.list().join::<Call>(Visit::at.eq(Call::at)).count().await.unwrap();
        let before = visits.list().join::<Call>(Call::at.lt(Visit::at)).count().await.unwrap();
        assert_eq!((pairs, before), (5, 2));
        base.close().await;
    }
}
