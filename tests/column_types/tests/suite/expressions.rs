//! Columns with their own types in expressions, and types whose databases differ.

use kontract::expr::count;
use kontract::prelude::*;
use kontract::query::from;
use kontract::storage::Base;
use kontract::{Decimal, Kind};
use kontract_test_support::execute;

/// Columns with types of their own.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct Host {
    #[primkey]
    id: i64,
    #[column(sql_type = "varchar(5)")]
    code: String,
    name: String,
    #[column(sql_type = "inet")]
    address: Option<String>,
    #[column(sql_type = "smallint")]
    port: i64,
    #[column(sql_type = "numeric(6,2)")]
    price: Decimal,
    weight: f32,
}

/// Rows that refer to a code.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct Visit {
    #[primkey]
    id: i64,
    #[column(sql_type = "char(5)")]
    code: String,
    #[column(sql_type = "varchar(3)")]
    short: Option<String>,
    #[column(sql_type = "numeric(4,1)")]
    price: Decimal,
}

/// JSON of any form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct Note {
    #[primkey]
    id: i64,
    extra: Json,
}

/// Times of crates that count nanoseconds.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct Event {
    #[primkey]
    id: i64,
    at: chrono::DateTime<chrono::Utc>,
    civil: jiff::civil::DateTime,
    times: Vec<time::Time>,
}

/// The same in a document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct Diary {
    #[primkey]
    id: i64,
    at: chrono::DateTime<chrono::Utc>,
    days: Vec<jiff::Timestamp>,
    weight: f32,
}

fn host(id: i64, code: &str, address: Option<&str>, price: i64) -> Host {
    Host {
        id,
        code: code.to_owned(),
        name: format!("host {id}"),
        address: address.map(str::to_owned),
        port: id * 100,
        price: Decimal::new(price, 2),
        weight: 0.1,
    }
}

fn is_value<T: std::fmt::Debug>(done: kontract::Result<T>) {
    let error = done.unwrap_err();
    assert_eq!(*error.kind(), Kind::Value, "{error}");
}

kontract_test_support::both! {
    async fn computed_values_are_fitted(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Host>().await.unwrap();
        base.create::<Visit>().await.unwrap();
        let (hosts, visits) = (base.table::<Host>(), base.table::<Visit>());
        let rows = [host(1, "ab", Some("10.0.0.1"), 1234), host(2, "abcd", None, 995)];
        hosts.insert_many(rows.clone()).await.unwrap();

        let names = |done: kontract::Result<Host>, fields: &str| {
            let error = done.unwrap_err();
            assert_eq!(*error.kind(), Kind::Value, "{error}");
            assert!(error.to_string().contains(fields), "{error}");
        };
        names(hosts.update(1, Host::patch().set(Host::code, Host::name)).await, "`code`: ");
        let other = Host::patch().set(Host::port, Host::port.times(1000)).name("given");
        names(hosts.update(1, other).await, "`port`: ");
        is_value(hosts.list().update(Host::patch().set(Host::code, Host::name.upper())).await);
        is_value(hosts.update(1, Host::patch().set(Host::port, Host::port.times(1000))).await);
        assert_eq!(hosts.list().order_by(Host::id.asc()).await.unwrap(), rows);
        let changed = hosts.update(1, Host::patch().set(Host::code, Host::code.upper())).await.unwrap();
        assert_eq!(changed.code, "AB");

        let copy = || hosts.list().insert_into(&visits).set(Visit::id, Host::id).set(Visit::code, Host::code);
        let done = copy().set(Visit::price, Host::price).value(Visit::short, Some("abc  ".to_owned())).await;
        assert_eq!(done.unwrap(), 2);
        let all = visits.list().order_by(Visit::id.asc()).await.unwrap();
        assert_eq!(all.iter().map(|visit| visit.price.to_string()).collect::<Vec<_>>(), ["12.3", "10.0"]);
        assert!(all.iter().all(|visit| visit.short.as_deref() == Some("abc")), "{all:?}");
        visits.list().delete().await.unwrap();
        is_value(copy().set(Visit::price, Host::price).value(Visit::short, Some("abcd".to_owned())).await);
        is_value(copy().set(Visit::price, Host::price).set(Visit::short, Host::name).await);
        assert_eq!(visits.count().await.unwrap(), 0);
    }

    async fn groups_and_extremes(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Host>().await.unwrap();
        let hosts = base.table::<Host>();
        let rows = [
            host(1, "ab", Some("10.0.0.1"), 100),
            host(2, "cd", None, 250),
            host(3, "ab", Some("10.0.0.1"), 150),
        ];
        hosts.insert_many(rows.clone()).await.unwrap();
        // SQLite has a text in an `inet` as text, which has another order.
        let by_address = hosts.list().group_by(Host::address).order_by(|address| address.asc());
        let by_address = by_address.select(|address| (address, count())).await;
        let greatest = hosts.list().aggregate(Host::address.max()).one().await;
        if url.starts_with("sqlite") {
            assert_eq!(*by_address.unwrap_err().kind(), Kind::Unsupported);
            assert_eq!(*greatest.unwrap_err().kind(), Kind::Unsupported);
        } else {
            assert_eq!(by_address.unwrap(), [(Some("10.0.0.1".to_owned()), 2), (None, 1)]);
            assert_eq!(greatest.unwrap(), Some("10.0.0.1".to_owned()));
        }
        let all = || hosts.list();
        let groups = all().group_by(Host::address).select(|address| (address, count())).await.unwrap();
        assert!(groups.len() == 2 && groups.contains(&(Some("10.0.0.1".to_owned()), 2)), "{groups:?}");
        let ports = (Host::port.min(), Host::port.max(), Host::port.sum());
        assert_eq!(all().aggregate(ports).one().await.unwrap(), (Some(100), Some(300), Some(600)));
        let busiest = all().group_by(Host::port).having(|_| Host::port.max().ge(200));
        assert_eq!(busiest.order_by(|port| port.asc()).select(|port| port).await.unwrap(), [200, 300]);
        let given = all().order_by(Host::id.asc()).select(Host::address.or_else("0.0.0.0")).await;
        assert_eq!(given.unwrap(), ["10.0.0.1", "0.0.0.0", "10.0.0.1"]);
        let sums = all().aggregate((Host::weight.sum(), Host::weight.max(), Host::price.sum())).one().await.unwrap();
        assert!((sums.0.unwrap() - f64::from(0.1_f32) * 3.0).abs() < 1e-12, "{sums:?}");
        assert_eq!((sums.1, sums.2), (Some(0.1), Some(Decimal::new(500, 2))));
        let codes = all().order_by(Host::code.desc()).select(Host::code).distinct().await.unwrap();
        assert_eq!(codes, ["cd", "ab"]);
        let texts = hosts.query(Host::code.contains("b"));
        assert_eq!(texts.count().await.unwrap(), 2);
    }

    async fn columns_of_different_types_are_compared(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Host>().await.unwrap();
        base.create::<Visit>().await.unwrap();
        let (hosts, visits) = (base.table::<Host>(), base.table::<Visit>());
        hosts.insert_many([host(1, "ab", None, 100), host(2, "cd", None, 250)]).await.unwrap();
        let visit = |id, code: &str| Visit { id, code: code.to_owned(), short: None, price: Decimal::new(1, 0) };
        visits.insert_many([visit(1, "ab  "), visit(2, "ab"), visit(3, "zz")]).await.unwrap();
        let joined = visits.list().join::<Host>(Visit::code.eq(Host::code)).order_by(Visit::id.asc());
        assert_eq!(joined.select((Visit::id, Host::name)).await.unwrap(), [(1, "host 1".into()), (2, "host 1".into())]);
        let of_hosts = from::<Host, _>().select(Host::code);
        assert_eq!(visits.query(Visit::code.is_in_query(of_hosts)).count().await.unwrap(), 2);
        let cheap = visits.list().join::<Host>(Visit::price.eq(Host::price)).select(Visit::id);
        assert_eq!(cheap.await.unwrap().len(), 3);
    }

    async fn paths_have_values_of_their_type_only(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Note>().await.unwrap();
        let notes = base.table::<Note>();
        let values: Vec<Json> = vec![
            7.into(), (-1).into(), 1.5.into(), 3.0.into(), "abc".into(), "7".into(), true.into(),
            false.into(), Json::Null, serde_json::json!([1]), serde_json::json!({"a": 1}), i64::MAX.into(),
            u64::MAX.into(), 1e300.into(),
        ];
        let rows = (1..).zip(&values).map(|(id, value)| Note { id, extra: serde_json::json!({"v": value}) });
        notes.insert_many(rows).await.unwrap();
        notes.insert(Note { id: 99, extra: serde_json::json!([1]) }).await.unwrap();
        let all = || notes.list().order_by(Note::id.asc());
        let integers: Vec<Option<i64>> = all().select(Note::extra.at("v").get::<i64>()).await.unwrap();
        let numbers: Vec<Option<f64>> = all().select(Note::extra.at("v").get::<f64>()).await.unwrap();
        let texts: Vec<Option<String>> = all().select(Note::extra.at("v").get::<String>()).await.unwrap();
        let flags: Vec<Option<bool>> = all().select(Note::extra.at("v").get::<bool>()).await.unwrap();
        let whole = |value: &Json| value.as_i64().or(value.as_f64().filter(|n| *n == 3.0).map(|n| n as i64));
        assert_eq!(integers[..14], values.iter().map(whole).collect::<Vec<_>>());
        assert_eq!(numbers[..14], values.iter().map(Json::as_f64).collect::<Vec<_>>());
        assert_eq!(texts[..14], values.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Vec<_>>());
        assert_eq!(flags[..14], values.iter().map(Json::as_bool).collect::<Vec<_>>());
        assert_eq!((integers[14], numbers[14], &texts[14], flags[14]), (None, None, &None, None));
        let not_negative = notes.query(Note::extra.at("v").get::<i64>().ge(0)).order_by(Note::id.asc());
        assert_eq!(not_negative.select(Note::id).await.unwrap(), [1, 4, 12]);
        let no_text = notes.query(Note::extra.at("v").get::<String>().is_null()).count();
        assert_eq!(no_text.await.unwrap(), 13);
    }

    async fn times_are_cut_to_microseconds(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Event>().await.unwrap();
        base.create::<Diary>().await.unwrap();
        let (events, diaries) = (base.table::<Event>(), base.table::<Diary>());
        let at: chrono::DateTime<chrono::Utc> = "1969-12-31T23:59:59.123456789Z".parse().unwrap();
        let cut: chrono::DateTime<chrono::Utc> = "1969-12-31T23:59:59.123456Z".parse().unwrap();
        let civil: jiff::civil::DateTime = "2026-11-21T10:30:00.000000999".parse().unwrap();
        let time = time::Time::from_hms_nano(1, 2, 3, 4_005).unwrap();
        let given = Event { id: 1, at, civil, times: vec![time] };
        let stored = Event {
            id: 1,
            at: cut,
            civil: "2026-11-21T10:30:00".parse().unwrap(),
            times: vec![time::Time::from_hms_micro(1, 2, 3, 4).unwrap()],
        };
        assert_eq!(events.insert(given.clone()).await.unwrap(), stored);
        assert_eq!(events.set_many([given]).await.unwrap(), std::slice::from_ref(&stored));
        assert_eq!(events.query(Event::at.eq(at) & Event::at.le(at)).await.unwrap(), std::slice::from_ref(&stored));
        assert_eq!(events.query(Event::times.has(time)).await.unwrap(), [stored]);
        let now = chrono::DateTime::from(std::time::SystemTime::now());
        events.insert(Event { id: 2, at: now, civil, times: vec![] }).await.unwrap();

        let moment: jiff::Timestamp = "2026-11-21T10:30:00.1234567Z".parse().unwrap();
        let given = Diary { id: 1, at, days: vec![moment], weight: 0.1 };
        let short = "2026-11-21T10:30:00.123456Z".parse().unwrap();
        let stored = Diary { id: 1, at: cut, days: vec![short], weight: 0.1 };
        assert_eq!(diaries.insert(given).await.unwrap(), stored);
        assert_eq!(diaries.get(1).await.unwrap().as_ref(), Some(&stored));
        assert_eq!(diaries.query(Diary::at.eq(at) & Diary::days.has(moment)).await.unwrap(), [stored]);
        let changed = diaries.update(1, Diary::patch().at(at)).await.unwrap();
        assert_eq!(changed.at, cut);
    }

    async fn integers_of_other_widths_are_read(url: &str) {
        let base = Base::open(url).await.unwrap();
        assert_eq!(base.sql("SELECT 1").fetch::<(i64,)>().await.unwrap(), [(1,)]);
        assert_eq!(base.sql("SELECT 7").fetch::<(i16,)>().await.unwrap(), [(7,)]);
        let error = base.sql("SELECT 70000").fetch::<(i16,)>().await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Decode, "{error}");
    }
}

#[test]
fn numbers_that_a_decimal_cannot_hold_name_their_column() {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        let base = Base::open(database.url()).await.unwrap();
        base.create::<Visit>().await.unwrap();
        execute(
            database.url(),
            "ALTER TABLE visits ALTER COLUMN price TYPE numeric; INSERT INTO visits VALUES \
             (1, 'a', NULL, 1.25000000000000000000000000000000000000), (2, 'b', NULL, 1e-30)",
        );
        let visits = base.table::<Visit>();
        assert_eq!(visits.get(1).await.unwrap().unwrap().price, Decimal::new(125, 2));
        let error = visits.get(2).await.unwrap_err();
        assert_eq!(*error.kind(), Kind::Decode);
        assert!(error.to_string().contains("`price`"), "{error}");
    });
}
