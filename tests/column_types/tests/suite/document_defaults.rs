//! Constant defaults in documents: in new rows, and in rows from before the field.

use kontract::storage::Base;
use kontract::table::Record;
use kontract::{Decimal, Timestamp};
use kontract_column_types::Storage;
use kontract_column_types::tables::settings::{NewSettings, Settings};
use kontract_column_types::types::{Address, Cents, Moment, Mood, Status};
use kontract_schema::change::diff::diff;
use kontract_schema::dialect::{Dialect, create_schema};
use kontract_schema::model::{Schema, Table};
use kontract_schema::plan::plan;
use kontract_test_support::execute;

use super::common::of;

fn settings(id: i64) -> Settings {
    Settings {
        id,
        text: "it's \"quoted\"".to_owned(),
        flag: true,
        number: 1.5,
        decimal: Decimal::new(150, 2),
        uuid: kontract::Uuid::from_u128(10),
        json: serde_json::json!({"a": [1]}),
        millis: Timestamp::from_millis(1_700_000_000_000),
        instant: of("2026-01-31T10:30:00Z"),
        utc: Some(of("2026-01-31T10:30:00.5Z")),
        civil: of("2026-01-31T10:30:00"),
        day: of("2026-01-31"),
        time: of("10:30:00"),
        moment: Moment(of("2026-01-31T10:30:00Z")),
        cents: Cents(150),
        status: Status::Published,
        mood: Some(Mood::Good),
        address: of("10.0.0.1"),
        net: of("10.0.0.0/8"),
        mac: of("08:00:2b:01:02:03"),
        bits: of("101"),
        home: Address { street: "Long Street".to_owned(), number: Some(7) },
        decimals: vec![Decimal::new(15, 1), Decimal::new(250, 2)],
        days: vec![of("2026-01-31")],
        states: vec![Status::Draft],
        prices: vec![Cents(1), Cents(2)],
    }
}

/// The schema of the table with some of its fields.
fn schema(is_kept: impl Fn(&str) -> bool) -> Schema {
    let mut table: Table = serde_json::from_str(Settings::SCHEMA).unwrap();
    table.name = Settings::NAME.to_owned();
    table.schema.retain(|field| is_kept(&field.name));
    Schema { tables: [(table.name.clone(), table)].into() }
}

/// Each value is found by a condition.
async fn assert_found(table: &kontract::Table<Settings>, id: i64) {
    let one = settings(id);
    let same = Settings::text.eq(&one.text)
        & Settings::decimal.eq(one.decimal)
        & Settings::uuid.eq(one.uuid)
        & Settings::instant.eq(one.instant)
        & Settings::utc.eq(one.utc)
        & Settings::civil.le(one.civil)
        & Settings::day.eq(one.day)
        & Settings::time.eq(one.time)
        & Settings::moment.eq(one.moment)
        & Settings::status.eq(one.status)
        & Settings::mood.eq(one.mood)
        & Settings::address.eq(one.address)
        & Settings::net.eq(one.net)
        & Settings::days.has(one.days[0])
        & Settings::states.has(Status::Draft)
        & Settings::prices.has(Cents(2));
    assert_eq!(table.query(same).await.unwrap(), [one]);
}

kontract_test_support::both! {
    async fn new_rows_have_the_defaults(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let inserted = storage.settings.insert(NewSettings::new(1)).await.unwrap();
        assert_eq!(inserted, settings(1));
        assert_found(&storage.settings, 1).await;
        let given = NewSettings::new(2).day(of::<jiff::civil::Date>("2020-02-02"));
        assert_eq!(storage.settings.insert(given).await.unwrap().day, of("2020-02-02"));
    }

    async fn old_rows_get_the_defaults(url: &str) {
        let dialect = if url.starts_with("sqlite") { Dialect::Sqlite } else { Dialect::Postgres };
        let (old, new) = (schema(|name| name == "id"), schema(|_| true));
        let pointer = &old.tables["settings"].ptr;
        let columns = match dialect {
            Dialect::Sqlite => "id, data, _txid, _owner, _order) VALUES (1, '{\"id\": 1}', 0, 'o', 1)",
            Dialect::Postgres => "id, data, _owner) VALUES (1, '{\"id\": 1}', 'o')",
        };
        execute(url, &create_schema(dialect, &old).join(";\n"));
        execute(url, &format!("INSERT INTO {pointer} ({columns}"));
        let scripts = plan(&old, &diff(&old, &new));
        let script = dialect.choose(&scripts.postgres, &scripts.sqlite);
        script.up.iter().for_each(|step| execute(url, &step.sql));
        let table = Base::open(url).await.unwrap().table::<Settings>();
        assert_eq!(table.get(1).await.unwrap(), Some(settings(1)));
        assert_found(&table, 1).await;
    }
}
