//! Texts as elements of arrays of other types: what is stored and compared is the value, not its spelling.

use kontract::prelude::*;
use kontract::storage::Base;
use kontract_test_support::{block_on, both, execute};

macro_rules! elements {
    ($($module:ident: $ty:literal, $given:literal => $printed:literal, not $other:literal;)*) => {
        $(mod $module {
            use super::*;

            #[derive(Clone, Debug, PartialEq, Table)]
            #[table(layout = "columns", standalone)]
            struct Row {
                #[primkey]
                id: i64,
                #[column(sql_type = $ty)]
                list: Vec<String>,
                #[column(sql_type = $ty)]
                maybe: Option<Vec<String>>,
            }

            fn row(id: i64, list: &[&str]) -> Row {
                let list: Vec<String> = list.iter().map(|text| (*text).to_owned()).collect();
                Row { id, maybe: Some(list.clone()), list }
            }

            #[test]
            fn elements_are_values() {
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
                let printed = [row(1, &[$printed, $other]), row(2, &[$other]), row(3, &[])];
                let stored = rows.insert(row(1, &[$given, $other])).await.unwrap();
                assert_eq!(stored, printed[0], $ty);
                rows.insert_many([row(2, &[$other]), row(3, &[])]).await.unwrap();
                assert_eq!(rows.list().order_by(Row::id.asc()).await.unwrap(), printed, $ty);
                let lists = rows.list().order_by(Row::id.asc()).select(Row::maybe).await.unwrap();
                assert_eq!(lists, printed.each_ref().map(|row| row.maybe.clone()), $ty);
                let ids = |filter| async { rows.query(filter).select(Row::id).await.unwrap() };
                for text in [$given, $printed] {
                    assert_eq!(ids(Row::list.has(text)).await, [1], "{} has {text}", $ty);
                    let list = vec![text.to_owned(), $other.to_owned()];
                    assert_eq!(ids(Row::list.eq(list.clone())).await, [1], "{} eq {text}", $ty);
                    assert_eq!(ids(Row::maybe.eq(list.clone())).await, [1], "{} eq {text}", $ty);
                    assert_eq!(ids(Row::list.is_in([list])).await, [1], "{} is_in {text}", $ty);
                }
                let groups = rows.list().group_by(Row::list).select(|list| list).await.unwrap();
                assert!(printed.iter().all(|row| groups.contains(&row.list)), "{}: {groups:?}", $ty);
                let patch = Row::patch().list(vec![$given.to_owned()]);
                let changed = rows.update(2, patch.clone()).await.unwrap();
                assert_eq!(changed.list, [$printed], $ty);
                rows.query(Row::id.eq(3)).update(patch).await.unwrap();
                assert_eq!(rows.get(3).await.unwrap().unwrap().list, [$printed], $ty);
            }
        })*
    };
}

elements! {
    inet: "inet[]", "10.0.0.1/32" => "10.0.0.1", not "10.0.0.1/8";
    inet6: "inet[]", "2001:DB8:0::1" => "2001:db8::1", not "10.0.0.0/8";
    cidr: "cidr[]", "10.0.0.1" => "10.0.0.1/32", not "10.0.0.0/8";
    macaddr: "macaddr[]", "08-00-2B-01-02-03" => "08:00:2b:01:02:03", not "08:00:2b:01:02:04";
    mac8: "macaddr8[]", "08:00:2b:01:02:03" => "08:00:2b:ff:fe:01:02:03", not "08:00:2b:01:02:03:04:05";
    uuid: "uuid[]", "A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11" => "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        not "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a12";
    interval: "interval[]", "14 mons" => "1 year 2 mons", not "1 year";
    range: "int4range[]", "[1,5]" => "[1,6)", not "[1,5)";
    multirange: "int4multirange[]", "{[3,4],[1,2]}" => "{[1,5)}", not "{}";
    days: "daterange[]", "(2026-01-01,2026-01-05]" => "[2026-01-02,2026-01-06)", not "empty";
    varbit: "varbit[]", "x5" => "0101", not "1";
    hstore: "hstore[]", "b=>NULL, a=>1" => "\"a\"=>\"1\", \"b\"=>NULL", not "";
    numeric: "numeric(6,2)[]", "1.5" => "1.50", not "2.00";
    bpchar: "char(5)[]", "ab  " => "ab", not "abc";
}
