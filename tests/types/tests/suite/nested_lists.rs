//! Every combination of lists and column types that the check accepts is stored, read and found.

use std::collections::BTreeMap;

use kontract::Bytes;
use kontract::prelude::*;
use kontract::storage::Base;
use kontract_test_support::{block_on, both, execute};

macro_rules! stored {
    ($($module:ident: [$($ty:tt)+] $(as $sql:literal)?, $value:expr, $other:expr;)*) => {
        $(mod $module {
            #[allow(unused_imports)]
            use super::*;

            #[derive(Clone, Debug, PartialEq, Table)]
            #[table(layout = "columns", standalone)]
            struct Row {
                #[primkey]
                id: i64,
                $(#[column(sql_type = $sql)])?
                value: $($ty)+,
                $(#[column(sql_type = $sql)])?
                maybe: Option<$($ty)+>,
            }

            #[test]
            fn is_stored() {
                for database in both() {
                    if database.is_postgres() {
                        execute(database.url(), "CREATE EXTENSION hstore");
                    }
                    block_on(check(database.url()));
                }
            }

            async fn check(url: &str) {
                let base = Base::open(url).await.unwrap();
                base.create::<Row>().await.unwrap();
                let rows = base.table::<Row>();
                let value = || -> $($ty)+ { $value };
                let other = || -> $($ty)+ { $other };
                let all = [
                    Row { id: 1, value: value(), maybe: None },
                    Row { id: 2, value: other(), maybe: Some(value()) },
                ];
                assert_eq!(rows.insert(all[0].clone()).await.unwrap(), all[0]);
                assert_eq!(rows.insert_many([all[1].clone()]).await.unwrap(), all[1..]);
                assert_eq!(rows.list().order_by(Row::id.asc()).await.unwrap(), all);
                let found = rows.query(Row::value.eq(value())).select(Row::id).await.unwrap();
                assert_eq!(found, [1]);
                let found = rows.query(Row::maybe.eq(value())).select(Row::value).await.unwrap();
                assert_eq!(found, [other()]);
                let changed = rows.update(1, Row::patch().value(other())).await.unwrap();
                assert_eq!(changed.value, other());
            }
        })*
    };
}

fn texts(items: &[&str]) -> Vec<String> {
    items.iter().map(|item| (*item).to_owned()).collect()
}

stored! {
    bools: [Vec<bool>], vec![true, false], vec![];
    byte_lists: [Vec<Vec<u8>>], vec![vec![0, 255], vec![]], vec![];
    bytes: [Vec<Bytes>], vec![Bytes(vec![0, 255])], vec![];
    byte_matrix: [Vec<Vec<Vec<u8>>>], vec![vec![vec![1], vec![]]], vec![vec![]];
    byte_lists_as: [Vec<Vec<u8>>] as "bytea[]", vec![vec![0, 255], vec![]], vec![];
    text_lists: [Vec<Vec<String>>], vec![texts(&["a"]), vec![]], vec![];
    number_lists: [Vec<Vec<i32>>], vec![vec![1], vec![]], vec![];
    unsigned: [Vec<u64>] as "numeric(20)[]", vec![u64::MAX, 0], vec![];
    big: [Vec<i128>] as "numeric(39)[]", vec![i128::MIN, 0], vec![];
    json: [Vec<Json>], vec![1.into(), Json::Null], vec![];
    json_as: [Vec<Json>] as "jsonb", vec![1.into(), Json::Null], vec![];
    pairs: [Vec<BTreeMap<String, Option<String>>>] as "hstore[]",
        vec![BTreeMap::from([("a".to_owned(), None)])], vec![];
    networks: [Vec<Vec<std::net::IpAddr>>], vec![vec!["::1".parse().unwrap()]], vec![];
    ranges: [Vec<Vec<kontract::value::Range<i32>>>], vec![vec!["[1,5)".parse().unwrap()]], vec![];
    decimals: [Vec<Vec<Decimal>>], vec![vec![Decimal::new(15, 1)]], vec![];
    times: [Vec<Vec<jiff::Timestamp>>], vec![vec![jiff::Timestamp::UNIX_EPOCH]], vec![];
}
