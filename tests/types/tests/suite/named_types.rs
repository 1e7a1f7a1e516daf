//! Domains, composite types and other types of the database: read and written as their Rust type.

use kontract::Kind;
use kontract::prelude::*;

/// Columns whose types are not of the migrations.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Parcel {
    #[primkey]
    #[column(sql_type = "parcel_code")]
    code: String,
    #[column(sql_type = "grams")]
    weight: i32,
    #[column(sql_type = "place")]
    place: Option<String>,
    #[column(sql_type = "parcel_code[]")]
    former: Vec<String>,
    #[column(sql_type = "json")]
    label: String,
    #[column(sql_type = "tsvector")]
    words: Option<String>,
}

const TYPES: &str = "CREATE DOMAIN parcel_code AS text CHECK (VALUE ~ '^[A-Z]+$'); \
    CREATE DOMAIN grams AS integer CHECK (VALUE > 0); \
    CREATE TYPE place AS (street text, number integer);";

fn parcel(code: &str, weight: i32) -> Parcel {
    Parcel {
        code: code.into(),
        weight,
        place: Some("(\"Long Street\",7)".into()),
        former: vec!["A".into(), "B".into()],
        label: "{\"b\": 1,  \"a\": 2}".into(),
        words: Some("'a' 'cat'".into()),
    }
}

kontract_test_support::both! {
    async fn values_of_named_types(url: &str) {
        if !url.starts_with("sqlite") {
            kontract_test_support::execute(url, TYPES);
        }
        let base = kontract::storage::Base::open(url).await.unwrap();
        base.create::<Parcel>().await.unwrap();
        let parcels = base.table::<Parcel>();
        let all = [parcel("AB", 5), parcel("AC", 30)];
        parcels.insert_many(all.clone()).await.unwrap();
        assert_eq!(parcels.get("AB").await.unwrap().as_ref(), Some(&all[0]));
        assert_eq!(parcels.query(Parcel::weight.gt(5)).await.unwrap(), all[1..]);
        assert_eq!(parcels.query(Parcel::code.is_in(["AC"])).count().await.unwrap(), 1);
        assert_eq!(parcels.query(Parcel::former.has("B")).count().await.unwrap(), 2);
        parcels.update("AB", Parcel::patch().weight(6).place("(,1)")).await.unwrap();
        let changed = parcels.get("AB").await.unwrap().expect("it is there");
        assert_eq!((changed.weight, changed.place.as_deref()), (6, Some("(,1)")));
        let ends = parcels.list().aggregate((Parcel::weight.min(), Parcel::weight.max()));
        assert_eq!(ends.await.unwrap(), [(Some(6), Some(30))]);
        if !url.starts_with("sqlite") {
            let refused = parcels.insert(parcel("lower", 1)).await.unwrap_err();
            assert!(matches!(refused.kind(), Kind::Check { .. } | Kind::Value), "{refused:?}");
        }
    }
}
