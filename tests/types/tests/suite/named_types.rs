//! Domains, composite types and other types of the database: read and written as their Rust type.

use kontract::Kind;
use kontract::prelude::*;
use kontract::value::{Datum, IpNet};

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

/// A type of the application, whose values travel as text.
#[derive(Clone, Debug, PartialEq)]
struct Letter(char);

impl kontract::value::Value for Letter {
    type Maybe = Option<Letter>;

    fn to_datum(&self) -> kontract::Result<Datum<'_>> {
        Ok(Datum::Text(self.0.to_string().into()))
    }

    fn from_datum(datum: Datum<'_>) -> kontract::Result<Letter> {
        let text = <String as kontract::value::Value>::from_datum(datum)?;
        let wrong = || kontract::Error::custom("the stored text is not a letter");
        text.chars().next().map(Letter).ok_or_else(wrong)
    }
}

/// Lists of types that only their column types store.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Batch {
    #[primkey]
    id: i64,
    #[column(sql_type = "numeric(20)[]")]
    seals: Vec<u64>,
    #[column(sql_type = "numeric[]")]
    sums: Option<Vec<i128>>,
    #[column(sql_type = "varchar(1)[]")]
    letters: Vec<Letter>,
    #[column(sql_type = "cidr[]")]
    nets: Vec<IpNet>,
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

    async fn lists_of_such_types(url: &str) {
        let base = kontract::storage::Base::open(url).await.unwrap();
        base.create::<Batch>().await.unwrap();
        let batches = base.table::<Batch>();
        let first = Batch {
            id: 1,
            seals: vec![u64::MAX, 0, 7],
            sums: Some(vec![i128::MIN, i128::MAX]),
            letters: vec![Letter('a'), Letter('é')],
            nets: vec!["10.0.0.0/8".parse().unwrap(), "::/0".parse().unwrap()],
        };
        let second =
            Batch { id: 2, seals: vec![], sums: None, letters: vec![], nets: vec![] };
        batches.insert_many([first.clone(), second.clone()]).await.unwrap();
        assert_eq!(batches.get(1).await.unwrap().as_ref(), Some(&first));
        assert_eq!(batches.get(2).await.unwrap().as_ref(), Some(&second));
        assert_eq!(batches.query(Batch::seals.has(7_u64)).count().await.unwrap(), 1);
        assert_eq!(batches.query(Batch::seals.eq(vec![u64::MAX, 0, 7])).count().await.unwrap(), 1);
        assert_eq!(batches.query(Batch::letters.has(Letter('é'))).count().await.unwrap(), 1);
        let net: IpNet = "::/0".parse().unwrap();
        assert_eq!(batches.query(Batch::nets.has(net)).count().await.unwrap(), 1);
        let patch = Batch::patch().seals(vec![9]).letters(vec![Letter('z')]);
        batches.update(2, patch).await.unwrap();
        let changed = batches.get(2).await.unwrap().expect("it is there");
        assert_eq!((changed.seals, changed.letters), (vec![9], vec![Letter('z')]));
    }
}
