//! Fields of nested documents by their constants.

use kontract::prelude::*;
use kontract::storage::Base;
use kontract::{Column, Filter, Kind, Table};
use kontract_behaviour::{Address, Everything, Storage, User};

use crate::types::everything;
use crate::user;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Document)]
struct Home {
    street: String,
    #[serde(rename = "Number \"'{}")]
    number: Option<u32>,
    area: f32,
    height: f64,
    floor: i8,
    people: i64,
    owned: bool,
    mood: Mood,
    owner: Uuid,
    price: Decimal,
    since: Timestamp,
    tags: Vec<String>,
    city: City,
    old: Option<City>,
    built: jiff::Timestamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Document)]
struct City {
    name: String,
    r#type: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, Enum)]
enum Mood {
    #[serde(rename = "so so")]
    SoSo,
    Good,
}

/// A table outside of the storage does not know its documents, so they are JSON here.
#[derive(Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
struct Person {
    #[primkey]
    id: i64,
    home: Json,
}

#[derive(Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
struct Member {
    #[primkey]
    id: i64,
    home: Json,
}

impl Person {
    const HOME: Column<Person, Home> = Column::new(1);
}

impl Member {
    const HOME: Column<Member, Option<Home>> = Column::new(1);
}

fn home(id: i64) -> Home {
    let city = |name: &str| City { name: name.into(), r#type: (id == 1).then(|| "old".into()) };
    Home {
        street: format!("street {id}"),
        number: (id == 1).then_some(u32::MAX),
        area: 0.1 * id as f32,
        height: 0.1 + 0.2 * id as f64,
        floor: -id as i8,
        people: i64::MAX - id,
        owned: id == 1,
        mood: if id == 1 { Mood::SoSo } else { Mood::Good },
        owner: Uuid::from_u128(id as u128),
        price: Decimal::new(100 * id, 2),
        since: Timestamp::from_millis(id),
        tags: vec![format!("t{id}")],
        city: city("Bern"),
        old: (id == 1).then(|| city("Rome")),
        built: jiff::Timestamp::UNIX_EPOCH,
    }
}

async fn open(url: &str) -> (Base, Table<Person>, Table<Member>) {
    let base = Base::open(url).await.unwrap();
    base.create::<Person>().await.unwrap();
    base.create::<Member>().await.unwrap();
    let (people, members) = (base.table::<Person>(), base.table::<Member>());
    for id in 1..4 {
        // As the library writes a document: `to_value` would change 0.1 of single precision.
        let home: Json = serde_json::from_str(&serde_json::to_string(&home(id)).unwrap()).unwrap();
        people.insert(Person { id, home: home.clone() }).await.unwrap();
        members.insert(Member { id, home }).await.unwrap();
    }
    (base, people, members)
}

kontract_test_support::both! {
    async fn nested_fields_of_every_type(url: &str) {
        let (base, people, members) = open(url).await;
        let one = home(1);
        macro_rules! check {
            ($row:ident, $table:expr) => {
                let at = $row::HOME;
                let filters: Vec<Filter<$row>> = vec![
                    at.at(Home::street).eq("street 1"),
                    at.at(Home::street).starts_with("street 1"),
                    at.at(Home::number).eq(u32::MAX),
                    at.at(Home::number).is_not_null(),
                    at.at(Home::area).eq(0.1f32),
                    at.at(Home::height).lt(0.4),
                    at.at(Home::height).eq(one.height),
                    at.at(Home::floor).ge(-1i8),
                    at.at(Home::people).eq(i64::MAX - 1),
                    at.at(Home::owned).eq(true),
                    at.at(Home::mood).eq(Mood::SoSo),
                    at.at(Home::mood).is_in([Mood::SoSo]),
                    at.at(Home::owner).eq(one.owner),
                    at.at(Home::owner).is_in([one.owner]),
                    at.at(Home::price).eq(Decimal::ONE),
                    at.at(Home::price).lt("1.01".parse::<Decimal>().unwrap()),
                    at.at(Home::since).eq(one.since),
                    at.at(Home::tags).eq(vec!["t1".to_owned()]),
                    at.at(Home::city).at(City::r#type).eq("old"),
                    at.at(Home::old).at(City::name).eq("Rome"),
                    at.at(Home::tags).at(0).get::<String>().eq("t1"),
                    at.at(Home::old).is_not_null(),
                ];
                for (place, filter) in filters.into_iter().enumerate() {
                    let found = $table.query(filter).select($row::id).await.unwrap();
                    assert_eq!(found, [1], "{place}");
                }
                let query = $table.list().order_by(at.at(Home::height).desc());
                let rows = query
                    .select((at.at(Home::street), at.at(Home::number), at.at(Home::area), at.at(Home::mood)))
                    .await
                    .unwrap();
                assert_eq!(rows[2], (Some("street 1".into()), Some(u32::MAX), Some(0.1), Some(Mood::SoSo)));
                assert_eq!(rows[1].1, None);
                let rows = $table
                    .query($row::id.ge(1))
                    .order_by($row::id.asc())
                    .select((at.at(Home::owner), at.at(Home::price), at.at(Home::since), at.at(Home::tags), at.at(Home::city)))
                    .await
                    .unwrap();
                let first = (Some(one.owner), Some(one.price), Some(one.since), Some(one.tags.clone()), Some(one.city.clone()));
                assert_eq!(rows[0], first);
                let old = $table.list().order_by($row::id.asc()).select(at.at(Home::old)).await.unwrap();
                assert_eq!(old, [one.old.clone(), None, None]);
                let greatest = $table.list().aggregate(at.at(Home::people).max()).one().await.unwrap();
                assert_eq!(greatest, Some(i64::MAX - 1));
                let error = $table.query(at.at(Home::built).is_null()).await.unwrap_err();
                assert_eq!(*error.kind(), Kind::Value);
                assert!(format!("{error:?}").contains(r#".at("built").get::<String>()"#), "{error}");
                let text = at.at("built").get::<String>().eq("1970-01-01T00:00:00Z");
                assert_eq!($table.query(text).count().await.unwrap(), 3);
            };
        }
        check!(Person, people);
        check!(Member, members);
        base.close().await;
    }

    /// With the constants of the derive, and an index on the path.
    async fn nested_fields_with_an_index(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let street = |n: u32| Address { street: format!("s{n}"), number: Some(n) };
        let users = (0..2_000).map(|n| user(&format!("u{n}")).home(street(n)));
        storage.users.insert_many(users).await.unwrap();
        let mut row = everything(0);
        for n in 0..2_000u32 {
            (row.id, row.address) = (Uuid::from_u128(n.into()), street(n));
            storage.everythings.insert(row.clone()).await.unwrap();
        }
        let users = || storage.users.query(User::home.at(Address::street).eq("s7"));
        let rows = || storage.everythings.query(Everything::address.at(Address::number).eq(7));
        assert_eq!(users().one().await.unwrap().name, "u7");
        assert_eq!(rows().one().await.unwrap().address.street, "s7");
        let names: Vec<(String, String)> = if url.starts_with("sqlite") {
            storage.sql("SELECT name, type FROM sqlite_schema WHERE type = 'table'").fetch().await.unwrap()
        } else {
            storage.sql("SELECT tablename::text, 'table' FROM pg_tables").fetch().await.unwrap()
        };
        let table = |begins: &str| names.iter().find(|(name, _)| name.starts_with(begins)).unwrap().0.clone();
        let (users_table, rows_table) = (table("tbl_users"), table("everythings"));
        let statements = if url.starts_with("sqlite") {
            format!(
                "CREATE INDEX by_street ON {users_table} ((data->'$.\"home\"')->>'$.\"street\"');
             CREATE INDEX by_number ON {rows_table} (address->>'$.\"number\"'); ANALYZE"
            )
        } else {
            format!(
                "CREATE INDEX by_street ON {users_table} (((data->'home') #>> '{{street}}'));
             CREATE INDEX by_number ON {rows_table} (((address #>> '{{number}}')::bigint)); ANALYZE"
            )
        };
        kontract_test_support::execute(url, &statements);
        for (plan, index) in [(users().explain().await, "by_street"), (rows().explain().await, "by_number")] {
            let plan = plan.unwrap();
            assert!(plan.contains(index), "{plan}");
        }
        assert_eq!(users().one().await.unwrap().name, "u7");
        assert_eq!(rows().one().await.unwrap().address.street, "s7");
        storage.close().await;
    }
}
