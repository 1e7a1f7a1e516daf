//! Filters on values that JSON has no type for, in every form that serde writes.

use kontract::prelude::*;
use kontract::storage::Base;
use kontract::{Bytes, Filter};

/// Times of each crate, and bytes in both encodings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct Sample {
    #[primkey]
    id: i64,
    jiff_instant: jiff::Timestamp,
    jiff_datetime: jiff::civil::DateTime,
    jiff_day: jiff::civil::Date,
    jiff_time: jiff::civil::Time,
    chrono_instant: chrono::DateTime<chrono::Utc>,
    chrono_datetime: chrono::NaiveDateTime,
    chrono_day: chrono::NaiveDate,
    chrono_time: chrono::NaiveTime,
    time_instant: time::OffsetDateTime,
    time_datetime: time::PrimitiveDateTime,
    time_day: time::Date,
    time_time: time::Time,
    raw: Vec<u8>,
    maybe_raw: Option<Vec<u8>>,
    #[index]
    bytes: Bytes,
    raws: Vec<Vec<u8>>,
    many_bytes: Vec<Bytes>,
    instants: Vec<jiff::Timestamp>,
    datetimes: Vec<chrono::NaiveDateTime>,
    times: Vec<time::Time>,
    moments: Vec<time::OffsetDateTime>,
    days: Vec<jiff::civil::Date>,
}

/// Rows whose times differ by a microsecond and by a day. The second has no fraction.
fn sample(id: i64) -> Sample {
    let micros = 1_795_257_000_000_000 + (id - 2) + (id - 2) * 86_400_000_000;
    let jiff_instant = jiff::Timestamp::from_microsecond(micros).unwrap();
    let text = jiff_instant.to_string();
    let civil = text.trim_end_matches('Z');
    let jiff_datetime: jiff::civil::DateTime = civil.parse().unwrap();
    let chrono_datetime: chrono::NaiveDateTime = civil.parse().unwrap();
    let time_instant =
        time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(micros) * 1000).unwrap();
    let offset = time::UtcOffset::from_hms(id as i8, 30, 0).unwrap();
    let raw = vec![id as u8, 0, 255];
    Sample {
        id,
        jiff_instant,
        jiff_datetime,
        jiff_day: jiff_datetime.date(),
        jiff_time: jiff_datetime.time(),
        chrono_instant: text.parse().unwrap(),
        chrono_datetime,
        chrono_day: chrono_datetime.date(),
        chrono_time: chrono_datetime.time(),
        time_instant: time_instant.to_offset(offset),
        time_datetime: time::PrimitiveDateTime::new(time_instant.date(), time_instant.time()),
        time_day: time_instant.date(),
        time_time: time_instant.time(),
        maybe_raw: (id == 2).then(|| raw.clone()),
        bytes: raw.clone().into(),
        raws: vec![raw.clone(), Vec::new()],
        many_bytes: vec![raw.clone().into()],
        raw,
        instants: vec![jiff_instant],
        datetimes: vec![chrono_datetime; 2],
        times: vec![time_instant.time()],
        moments: vec![time_instant.to_offset(offset)],
        days: vec![jiff_datetime.date()],
    }
}

kontract_test_support::both! {
    async fn documents_are_found_by_their_values(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Sample>().await.unwrap();
        let table = base.table::<Sample>();
        let rows: Vec<Sample> = (1..=3).map(sample).collect();
        table.insert_many(rows.clone()).await.unwrap();
        assert_eq!(table.list().await.unwrap(), rows);
        let [one, two, three] = [&rows[0], &rows[1], &rows[2]];
        macro_rules! each {
            ($($field:ident),*) => { [$(
                (stringify!($field), Sample::$field.eq(two.$field.clone())),
                (stringify!($field), Sample::$field.is_in([two.$field.clone()])),
                (stringify!($field), !Sample::$field.is_in([one.$field.clone(), three.$field.clone()])
                    & Sample::$field.ne(one.$field.clone())),
            )*] };
        }
        macro_rules! ranges {
            ($($field:ident),*) => { [$(
                (stringify!($field), Sample::$field.gt(one.$field) & Sample::$field.lt(three.$field)),
                (stringify!($field), Sample::$field.between(two.$field, two.$field)),
            )*] };
        }
        let mut filters: Vec<(&str, Filter<Sample>)> = Vec::from(each![
            jiff_instant, jiff_datetime, jiff_day, jiff_time,
            chrono_instant, chrono_datetime, chrono_day, chrono_time,
            time_instant, time_datetime, time_day, time_time,
            raw, bytes, raws, many_bytes,
            instants, datetimes, times, moments, days
        ]);
        filters.extend(ranges![
            jiff_instant, jiff_datetime, jiff_day,
            chrono_instant, chrono_datetime, chrono_day,
            time_instant, time_datetime, time_day
        ]);
        filters.push(("maybe_raw", Sample::maybe_raw.eq(two.maybe_raw.clone())));
        filters.push(("maybe_raw", Sample::maybe_raw.is_in([two.maybe_raw.clone()])));
        filters.push(("maybe_raw", Sample::maybe_raw.is_not_null()));
        for (field, filter) in filters {
            let found = table.query(filter.clone()).await.unwrap();
            assert_eq!(found, std::slice::from_ref(two), "{field}: {} rows", found.len());
        }
        // A patch writes the same encoding.
        table.update(1, Sample::patch().raw(vec![7u8]).jiff_time(jiff::civil::time(1, 2, 3, 0))).await.unwrap();
        let changed = Sample::raw.eq(vec![7u8]) & Sample::jiff_time.eq(jiff::civil::time(1, 2, 3, 0));
        assert_eq!(table.query(changed).count().await.unwrap(), 1);
    }
}

/// Numbers of every size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Table)]
#[table(standalone)]
pub struct Measure {
    #[primkey]
    id: i64,
    #[index]
    value: f64,
    single: f32,
    maybe: Option<f64>,
    extra: Option<Json>,
}

/// Numbers of random bits, and the extremes.
fn numbers() -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    let random = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        f64::from_bits(state)
    });
    let ends = [-1e-300, 5e-324, f64::MAX, f64::MIN, 0.1, 1.0 / 3.0, 18.0, 0.0];
    let mut all: Vec<f64> =
        ends.into_iter().chain(random.filter(|n| n.is_finite()).take(500)).collect();
    all.sort_by(f64::total_cmp);
    all
}

kontract_test_support::both! {
    async fn numbers_in_documents_are_exact(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Measure>().await.unwrap();
        let table = base.table::<Measure>();
        let values = numbers();
        let single = |value: f64| f32::from_bits((value.to_bits() >> 32) as u32 & 0xbfff_ffff);
        let rows = values.iter().zip(0..).map(|(&value, id)| {
            Measure { id, value, single: single(value), maybe: (id % 2 == 0).then_some(value), extra: None }
        });
        let rows: Vec<Measure> = rows.collect();
        table.insert_many(rows.clone()).await.unwrap();
        for row in &rows {
            let id = row.id as u64;
            let count = async |filter: Filter<Measure>| table.query(filter).count().await.unwrap();
            assert_eq!(count(Measure::value.eq(row.value)).await, 1, "= {:e}", row.value);
            assert_eq!(count(Measure::value.lt(row.value)).await, id, "< {:e}", row.value);
            assert_eq!(count(Measure::value.le(row.value)).await, id + 1, "<= {:e}", row.value);
            let same = Measure::id.eq(row.id) & Measure::single.eq(row.single);
            assert_eq!(count(same).await, 1, "single {:e}", row.single);
        }
        let some = Measure::value.is_in([rows[3].value, rows[7].value, f64::INFINITY]);
        assert_eq!(table.query(some).count().await.unwrap(), 2);
        let singles = Measure::single.is_in(rows.iter().map(|row| row.single));
        assert_eq!(table.query(singles).count().await.unwrap(), rows.len() as u64);
        // The list contains `None`, which matches all rows without a value.
        let some = [rows[2].maybe, rows[3].maybe];
        let expected = rows.iter().filter(|row| some.contains(&row.maybe)).count() as u64;
        assert_eq!(table.query(Measure::maybe.is_in(some)).count().await.unwrap(), expected);
        assert_eq!(table.query(Measure::maybe.lt(f64::INFINITY)).count().await.unwrap(), rows.len().div_ceil(2) as u64);
        assert_eq!(table.query(Measure::maybe.ne(rows[2].maybe)).count().await.unwrap(), rows.len() as u64 - 1);
    }
}

kontract_test_support::both! {
    async fn documents_refuse_the_times_that_columns_refuse(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Sample>().await.unwrap();
        let table = base.table::<Sample>();
        table.insert(sample(1)).await.unwrap();
        let early = jiff::civil::Date::MIN;
        let year_zero: chrono::NaiveDateTime = "0000-11-21T10:30:00".parse().unwrap();
        let leap: chrono::DateTime<chrono::Utc> = "2016-12-31T23:59:60Z".parse().unwrap();
        let refused = |error: kontract::Error, why: &str| {
            assert_eq!(*error.kind(), kontract::Kind::Value, "{error}");
            assert!(format!("{error:?}").contains(why), "{error}");
        };
        const YEARS: &str = "between the years 1 and 9999";
        for (row, why) in [
            (Sample { jiff_day: early, ..sample(2) }, YEARS),
            (Sample { chrono_datetime: year_zero, ..sample(2) }, YEARS),
            (Sample { chrono_instant: leap, ..sample(2) }, "leap second"),
            (Sample { days: vec![early], ..sample(2) }, YEARS),
        ] {
            refused(table.insert(row.clone()).await.unwrap_err(), why);
            refused(table.set_many([row]).await.unwrap_err(), why);
        }
        for (patch, why) in [
            (Sample::patch().jiff_day(early), YEARS),
        ] {
            refused(table.update(1, patch).await.unwrap_err(), why);
        }
        refused(table.query(Sample::chrono_datetime.gt(year_zero)).await.unwrap_err(), YEARS);
        assert_eq!(table.list().await.unwrap(), [sample(1)]);

        let columns = kontract_behaviour::Storage::connect(url).await.unwrap().everythings;
        let row = crate::types::everything(0);
        let early = kontract_behaviour::Everything { datetime: year_zero, ..row.clone() };
        refused(columns.insert(early).await.unwrap_err(), YEARS);
        let early = kontract_behaviour::Everything { days: vec![jiff::civil::Date::MIN], ..row };
        refused(columns.insert(early).await.unwrap_err(), YEARS);
    }
}

kontract_test_support::both! {
    async fn a_null_within_some_is_refused(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Measure>().await.unwrap();
        let table = base.table::<Measure>();
        let row = |extra| Measure { id: 1, value: 1.0, single: 1.0, maybe: None, extra };
        let error = table.insert(row(Some(Json::Null))).await.unwrap_err();
        assert_eq!(*error.kind(), kontract::Kind::Value, "{error}");
        for extra in [Some(serde_json::json!({"a": null})), Some(serde_json::json!([null])), None] {
            table.set(row(extra.clone())).await.unwrap();
            assert_eq!(table.get(1).await.unwrap().unwrap().extra, extra);
        }
        let error = table.update(1, Measure::patch().extra(Some(Json::Null))).await.unwrap_err();
        assert_eq!(*error.kind(), kontract::Kind::Value, "{error}");
        table.update(1, Measure::patch().extra(None)).await.unwrap();
    }
}
