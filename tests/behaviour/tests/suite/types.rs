//! Values of every type are read as they were written, also the extremes.

use kontract::{Bytes, Decimal, Json, Kind, Timestamp, Uuid};
use kontract_behaviour::{Address, Custom, Everything, Mood, Storage, User};

use super::user_with_id;

/// Row 0 has ordinary values, row 1 the least, row 2 the greatest.
pub fn everything(which: u8) -> Everything {
    let pick = |values: [i64; 3]| values[which as usize];
    let is_plain = which == 0;
    let address = |number| Address { street: "Ä \"quoted\" \\ 路 🦀".into(), number };
    let date = |year, month, day| jiff::civil::date(year, month, day);
    Everything {
        id: [Uuid::now_v7(), Uuid::nil(), Uuid::max()][which as usize],
        text: ["plain".to_owned(), String::new(), "🦀 {\"a\": [NULL]} \\ ' \" $1 ?1 %_".repeat(50)]
            [which as usize]
            .clone(),
        number: [1.5, f64::MIN, f64::MAX][which as usize],
        flag: which == 2,
        long: pick([5, i64::MIN, i64::MAX]),
        moment: Timestamp::from_millis(pick([1_700_000_000_000, i64::MIN, i64::MAX])),
        bytes: [vec![0, 1, 255], Vec::new(), (0..=255).collect()][which as usize].clone(),
        i8: pick([1, i8::MIN.into(), i8::MAX.into()]) as i8,
        i16: pick([1, i16::MIN.into(), i16::MAX.into()]) as i16,
        i32: pick([1, i32::MIN.into(), i32::MAX.into()]) as i32,
        u8: pick([1, 0, u8::MAX.into()]) as u8,
        u16: pick([1, 0, u16::MAX.into()]) as u16,
        u32: pick([1, 0, u32::MAX.into()]) as u32,
        f32: [0.1, f32::MIN, f32::MIN_POSITIVE][which as usize],
        decimal: [Decimal::new(12_345, 2), Decimal::MIN, Decimal::new(1, 28)][which as usize],
        json: serde_json::json!({"b": [1, 2.5, null, "x"], "a": {"deep": [which]}}),
        instant: [
            "2026-11-21T10:30:00.123456Z",
            "0001-01-01T00:00:00Z",
            "9999-12-30T21:59:59.999999Z",
        ][which as usize]
            .parse()
            .unwrap(),
        datetime: ["2026-11-21T10:30:00", "0001-01-01T00:00:00", "9999-12-31T23:59:59.999999"]
            [which as usize]
            .parse()
            .unwrap(),
        day: [
            time::Date::from_calendar_date(2024, time::Month::February, 29),
            time::Date::from_calendar_date(1, time::Month::January, 1),
            time::Date::from_calendar_date(9999, time::Month::December, 31),
        ][which as usize]
            .unwrap(),
        time: ["10:30:00.5", "00:00:00", "23:59:59.999999"][which as usize].parse().unwrap(),
        mood: if is_plain { Mood::Good } else { Mood::Bad },
        address: address(is_plain.then_some(7)),
        texts: if is_plain {
            vec![]
        } else {
            vec!["a,b".into(), "\"{}\\".into(), "NULL".into(), String::new()]
        },
        numbers: vec![0.1, -1e300, 5e-324],
        ids: vec![Uuid::nil(), Uuid::max()],
        days: vec![date(2026, 11, 21), date(1969, 12, 31)],
        addresses: if is_plain { vec![] } else { vec![address(None), address(Some(1))] },
        maybe_text: is_plain.then(|| "there".to_owned()),
        maybe_number: is_plain.then_some(-1),
        maybe_texts: is_plain.then(|| vec!["x".to_owned()]),
        maybe_address: is_plain.then(|| address(None)),
    }
}

kontract_test_support::both! {
    async fn columns(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        for which in 0..3 {
            let row = everything(which);
            storage.everythings.insert(row.clone()).await.unwrap();
            assert_eq!(storage.everythings.get(row.id).await.unwrap(), Some(row));
        }
    }

    async fn every_column_can_be_patched(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let (plain, large) = (everything(0), everything(2));
        storage.everythings.insert(plain.clone()).await.unwrap();
        let patch = Everything::patch()
            .text(&large.text).number(large.number).flag(large.flag).long(large.long)
            .moment(large.moment).bytes(large.bytes.clone()).i8(large.i8).i16(large.i16)
            .i32(large.i32).u8(large.u8).u16(large.u16).u32(large.u32).f32(large.f32)
            .decimal(large.decimal).json(large.json.clone()).instant(large.instant)
            .datetime(large.datetime).day(large.day).time(large.time).mood(large.mood)
            .address(large.address.clone()).texts(large.texts.clone())
            .numbers(large.numbers.clone()).ids(large.ids.clone()).days(large.days.clone())
            .addresses(large.addresses.clone()).maybe_text(None::<String>).maybe_number(None)
            .maybe_texts(None).maybe_address(None);
        let changed = storage.everythings.update(plain.id, patch).await.unwrap();
        assert_eq!(changed, Everything { id: plain.id, ..large });
    }

    async fn documents(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let user = User {
            age: 9_007_199_254_740_993.0,
            tags: vec!["ä\"\\".into(), String::new()],
            grid: vec![vec![1, 2], vec![], vec![i32::MIN]],
            home: Some(Address { street: "路".into(), number: Some(u32::MAX) }),
            avatar: Bytes::from(vec![0, 255, 10]),
            ..user_with_id("1")
        };
        storage.users.insert(user.clone()).await.unwrap();
        assert_eq!(storage.users.get("1").await.unwrap(), Some(user));
        for age in [f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e308, 0.1, 1.0 / 3.0] {
            let patch = User::patch().age(age).home(None);
            assert_eq!(storage.users.update("1", patch).await.unwrap().age, age);
        }
    }

    async fn values_that_cannot_be_stored_are_refused(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let refused = |error: kontract::Error| assert_eq!(*error.kind(), Kind::Value, "{error}");
        let plain = everything(0);
        for number in [f64::NAN] {
            refused(storage.everythings.insert(Everything { number, ..plain.clone() }).await.unwrap_err());
        }
        refused(storage.everythings.insert(Everything { text: "a\0".into(), ..plain.clone() }).await.unwrap_err());
        refused(storage.everythings.insert(Everything { json: Json::from("\0"), ..plain.clone() }).await.unwrap_err());
        refused(storage.everythings.insert(Everything { texts: vec!["\0".into()], ..plain.clone() }).await.unwrap_err());
        refused(storage.users.insert(User { age: f64::INFINITY, ..user_with_id("1") }).await.unwrap_err());
        refused(storage.users.insert(User { name: "\0".into(), ..user_with_id("1") }).await.unwrap_err());
        refused(storage.users.update("1", User::patch().age(f64::NAN)).await.unwrap_err());
        refused(storage.users.get("\0").await.unwrap_err());
        assert_eq!(storage.everythings.count().await.unwrap() + storage.users.count().await.unwrap(), 0);

        let infinite = Everything { number: f64::INFINITY, f32: f32::NEG_INFINITY, ..plain };
        storage.everythings.insert(infinite.clone()).await.unwrap();
        assert_eq!(storage.everythings.get(infinite.id).await.unwrap(), Some(infinite));
    }

    async fn custom_types(url: &str) {
        let customs = Storage::connect(url).await.unwrap().customs;
        let row = |id, big, maybe: Option<&str>| Custom {
            id,
            code: format!("code {id}"),
            big,
            maybe: maybe.map(str::to_owned),
        };
        let rows = [row(1, u64::MAX, None), row(2, 0, Some("x"))];
        customs.insert_many(rows.clone()).await.unwrap();
        customs.set_many(rows.clone()).await.unwrap();
        assert_eq!(customs.list().await.unwrap(), rows);
        customs.set(rows[0].clone()).await.unwrap();
        assert_eq!(customs.query(Custom::big.eq(u64::MAX)).await.unwrap(), rows[..1]);
        assert_eq!(customs.query(Custom::code.is_in(["code 2", "x"])).await.unwrap(), rows[1..]);
        assert_eq!(customs.query(Custom::maybe.eq("x")).await.unwrap(), rows[1..]);
        let changed = customs.update(2, Custom::patch().big(7u64).maybe(None::<String>)).await.unwrap();
        assert_eq!(changed, Custom { big: 7, maybe: None, ..rows[1].clone() });
    }
}
