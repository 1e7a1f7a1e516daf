//! Lists and maps as values.

use std::collections::BTreeMap;

column_type!(
    texts: [Vec<String>],
    [vec![], vec!["a".to_owned(), "b".to_owned()], vec!["b".to_owned()]],
    documents documents, lists lists,
);
column_type!(
    numbers: [Vec<i32>],
    [vec![-1], vec![2, 1], vec![10]],
    documents documents, lists lists,
);
column_type!(
    uuids: [Vec<Uuid>],
    [vec![], vec![Uuid::nil()], vec![Uuid::max()]],
    documents documents,
);
column_type!(
    decimals: [Vec<Decimal>],
    [vec![Decimal::new(5, 1)], vec![Decimal::new(25, 2), Decimal::ONE], vec![Decimal::TEN]],
    documents documents,
);
column_type!(
    instants: [Vec<jiff::Timestamp>],
    [vec![], vec![of("1969-12-31T23:59:59.999999Z")], vec![of("2026-11-21T10:30:00Z")]],
    documents documents,
);
column_type!(
    addresses: [Vec<std::net::IpAddr>],
    [vec![], vec![of("9.0.0.1")], vec![of("10.0.0.1"), of("::1")]],
    documents documents,
);
column_type!(
    json_list: [Vec<Json>],
    [vec![], vec![1.into()], vec![1.into(), Json::Null]],
    documents documents,
);
column_type!(
    nested: [Vec<Vec<i32>>],
    [vec![], vec![vec![1]], vec![vec![1], vec![]]],
    documents documents,
);
column_type!(
    varchars: [Vec<String>] as "varchar(3)[]",
    [vec![], vec!["abc".to_owned()], vec!["b".to_owned(), "a".to_owned()]],
    refused [vec!["a".to_owned(), "abcd".to_owned()]],
    rounded vec!["abd  ".to_owned()] => vec!["abd".to_owned()],
);
column_type!(
    vector: [Vec<f32>] as "vector",
    [vec![-1.5], vec![9.0, f32::MAX], vec![10.0, -0.1]],
);
column_type!(
    pairs: [BTreeMap<String, Option<String>>] as "hstore",
    [pairs_of("a", None), pairs_of("a", Some("1")), pairs_of("b", Some("\"=> "))],
);

fn pairs_of(key: &str, value: Option<&str>) -> BTreeMap<String, Option<String>> {
    BTreeMap::from([(key.to_owned(), value.map(str::to_owned))])
}
