//! The types of columns, each with values, and what its column does not store as it is.

use std::future::Future;
use std::pin::Pin;

use super::cells::Cells;

/// Reads a value.
fn of<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

/// The name of a type, and what is done with it.
pub type Check =
    (&'static str, for<'a> fn(&'a str, &'a mut Cells) -> Pin<Box<dyn Future<Output = ()> + 'a>>);

macro_rules! checks {
    ($($name:literal: $module:ident,)*) => {
        pub const CHECKS: &[Check] = &[$(($name, |url, to| Box::pin($module::check(url, to)))),*];
    };
}

checks! {
    "`String`": text,
    "`String` as `varchar(5)`": varchar,
    "`String` as `char(5)`": character,
    "`String` as `citext`": citext,
    "`String` as `bit(3)`": bit,
    "`i16`": small,
    "`i32`": integer,
    "`i64`": long,
    "`i64` as `smallint`": long_as_small,
    "`i32` as `numeric(4)`": integer_as_numeric,
    "`u8`": byte,
    "`u64` as `numeric(20)`": unsigned,
    "`f32`": single,
    "`f64`": double,
    "`f64` as `real`": double_as_single,
    "`f64` as `numeric(6,2)`": double_as_numeric,
    "`Decimal`": decimal,
    "`Decimal` as `numeric(6,2)`": money,
    "`Decimal` as `numeric(65,30)`": long_decimal,
    "`Bytes`": bytes,
    "`Json`": json,
    "`Uuid`": uuid,
    "`Timestamp`": timestamp,
    "`jiff::Timestamp`": instant,
    "`jiff::Timestamp` as `timestamptz(0)`": seconds,
    "`chrono::DateTime<Utc>` as `timestamptz(3)`": millis,
    "`jiff::civil::DateTime` as `timestamp(3)`": civil,
    "`jiff::civil::Date`": day,
    "`jiff::civil::Time` as `time(0)`": time,
}

column_type!(text: [String], ["".to_owned(), "A b".to_owned(), "z".repeat(5000)], list lists, keys keys);
column_type!(
    varchar: [String] as "varchar(5)" and "varchar(5)[]",
    ["".to_owned(), "abcde".to_owned(), "éüß路🦀".to_owned()],
    list lists, keys keys,
    refused ["abcdef".to_owned(), "abcdeZZZ".to_owned()],
    rounded "abcdf  ".to_owned() => "abcdf".to_owned(),
);
column_type!(
    character: [String] as "char(5)" and "char(5)[]",
    ["".to_owned(), "abcde".to_owned(), "b c".to_owned()],
    list lists, keys keys,
    refused ["abcdef".to_owned()],
    equal "x".to_owned(), "x  ".to_owned(),
);
column_type!(
    citext: [String] as "citext" and "citext[]",
    ["abc".to_owned(), "ABD".to_owned(), "abe".to_owned()],
    list lists, keys keys,
    equal "Ann@example.org".to_owned(), "ann@EXAMPLE.org".to_owned(),
);
column_type!(
    bit: [String] as "bit(3)" and "bit(3)[]",
    ["000".to_owned(), "011".to_owned(), "110".to_owned()],
    list lists, keys keys,
    refused ["01".to_owned(), "0110".to_owned()],
);
column_type!(small: [i16], [i16::MIN, 0, i16::MAX], list lists, keys keys);
column_type!(integer: [i32], [i32::MIN, 0, i32::MAX], list lists, keys keys);
column_type!(long: [i64], [i64::MIN, 0, i64::MAX], list lists, keys keys);
column_type!(
    long_as_small: [i64] as "smallint" and "smallint[]",
    [-32768, 0, 32767],
    list lists, keys keys,
    refused [32768, i64::MAX],
);
column_type!(
    integer_as_numeric: [i32] as "numeric(4)" and "numeric(4)[]",
    [-9999, 0, 9999],
    list lists, keys keys,
    refused [10_000, i32::MIN],
);
column_type!(byte: [u8], [0, 7, 255], keys keys);
column_type!(
    unsigned: [u64] as "numeric(20)",
    [1, 20, u64::MAX],
    keys keys, only columns,
);
column_type!(single: [f32], [f32::MIN, 0.1, f32::MAX], list lists);
column_type!(double: [f64], [f64::MIN, 0.1, f64::MAX], list lists);
column_type!(
    double_as_single: [f64] as "real" and "real[]",
    [-1.5, 0.25, 16_777_216.0],
    list lists,
    refused [1e300],
    rounded 0.1 => f64::from(0.1_f32),
);
column_type!(
    double_as_numeric: [f64] as "numeric(6,2)" and "numeric(6,2)[]",
    [-9999.99, 0.1, 9999.99],
    list lists,
    refused [10_000.0, 9999.995, f64::INFINITY],
    rounded 0.125 => 0.13,
);
column_type!(
    decimal: [kontract::Decimal],
    [kontract::Decimal::MIN, kontract::Decimal::new(1, 28), kontract::Decimal::MAX],
    list lists,
    equal kontract::Decimal::new(15, 1), kontract::Decimal::new(150, 2),
);
column_type!(
    money: [kontract::Decimal] as "numeric(6,2)" and "numeric(6,2)[]",
    [kontract::Decimal::new(-999_999, 2), kontract::Decimal::new(5, 1), kontract::Decimal::new(999_999, 2)],
    list lists,
    refused [kontract::Decimal::new(10_000, 0), kontract::Decimal::new(9_999_995, 3)],
    rounded kontract::Decimal::new(1005, 3) => kontract::Decimal::new(101, 2),
    equal kontract::Decimal::new(15, 1), kontract::Decimal::new(150, 2),
);
column_type!(
    long_decimal: [kontract::Decimal] as "numeric(65,30)" and "numeric(65,30)[]",
    [kontract::Decimal::MIN, kontract::Decimal::new(125, 2), kontract::Decimal::MAX],
    list lists,
);
column_type!(
    bytes: [kontract::Bytes],
    [vec![].into(), vec![0, 255].into(), vec![1].into()],
    list lists,
);
column_type!(json: [kontract::Json], [1.into(), 2.into(), serde_json::json!({"a": [null]})]);
column_type!(uuid: [Uuid], [Uuid::nil(), Uuid::from_u128(7), Uuid::max()], list lists, keys keys);
column_type!(
    timestamp: [Timestamp],
    [Timestamp::from_millis(-1), Timestamp::from_millis(0), Timestamp::from_millis(1_700_000_000_000)],
    list lists, keys keys,
);
column_type!(
    instant: [jiff::Timestamp],
    [of("0001-01-01T00:00:00Z"), of("1969-12-31T23:59:59.999999Z"), of("9999-12-30T21:59:59.999999Z")],
    list lists, keys keys,
    equal of("2026-11-21T10:30:00.123456789Z"), of("2026-11-21T10:30:00.123456Z"),
);
column_type!(
    seconds: [jiff::Timestamp] as "timestamptz(0)" and "timestamptz(0)[]",
    [of("1969-12-31T23:59:59Z"), of("2026-11-21T10:30:00Z"), of("2026-11-21T10:30:01Z")],
    list lists, keys keys,
    rounded of("2026-11-21T10:30:02.5Z") => of("2026-11-21T10:30:03Z"),
);
column_type!(
    millis: [chrono::DateTime<chrono::Utc>] as "timestamptz(3)" and "timestamptz(3)[]",
    [of("1999-12-31T23:59:59.999Z"), of("2026-11-21T10:30:00Z"), of("2026-11-21T10:30:00.001Z")],
    list lists, keys keys,
    rounded of("1999-12-31T23:59:59.9984999Z") => of("1999-12-31T23:59:59.998Z"),
);
column_type!(
    civil: [jiff::civil::DateTime] as "timestamp(3)" and "timestamp(3)[]",
    [of("1999-12-31T23:59:59.999"), of("2026-11-21T10:30:00"), of("2026-11-21T10:30:00.001")],
    list lists,
    rounded of("2026-11-21T10:30:00.0025") => of("2026-11-21T10:30:00.003"),
);
column_type!(
    day: [jiff::civil::Date],
    [of("0001-01-01"), of("2026-11-21"), of("9999-12-31")],
    list lists, keys keys,
);
column_type!(
    time: [jiff::civil::Time] as "time(0)" and "time(0)[]",
    [of("00:00:00"), of("10:30:00"), of("23:59:59")],
    list lists,
    refused [of("23:59:59.5")],
    rounded of("10:30:00.5") => of("10:30:01"),
);
