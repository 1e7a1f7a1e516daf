//! Rows of raw statements: literals of each kind as each type that holds them.

use kontract::prelude::*;
use kontract::storage::Base;
use kontract::{Decimal, Kind};

/// Reads one column of one row as several types, which have to have these values.
macro_rules! read {
    ($base:ident, $sql:literal: $($ty:ty => $value:expr),* $(,)?) => { $(
        let found: Vec<($ty,)> = $base.sql($sql).fetch().await.unwrap();
        assert_eq!(found, [($value,)], "{} as {}", $sql, stringify!($ty));
    )* };
}

/// Reads one column of one row as several types, which refuse it.
macro_rules! refused {
    ($base:ident, $sql:literal: $($ty:ty),*) => { $(
        let refused = $base.sql($sql).fetch::<($ty,)>().await.unwrap_err();
        assert_eq!(*refused.kind(), Kind::Decode, "{} as {}", $sql, stringify!($ty));
    )* };
}

kontract_test_support::both! {
    async fn literals(url: &str) {
        let base = Base::open(url).await.unwrap();
        read!(base, "SELECT 1":
            i8 => 1, i16 => 1, i32 => 1, i64 => 1, u8 => 1, u16 => 1, u32 => 1, f32 => 1.0, f64 => 1.0,
            Decimal => Decimal::ONE, bool => true, String => "1".to_owned(), Option<f64> => Some(1.0));
        read!(base, "SELECT 9223372036854775807":
            i64 => i64::MAX, Decimal => Decimal::from(i64::MAX), f64 => 9_223_372_036_854_775_807_i64 as f64);
        read!(base, "SELECT -1.5":
            f32 => -1.5, f64 => -1.5, Decimal => Decimal::new(-15, 1), String => "-1.5".to_owned());
        read!(base, "SELECT 0.1": f64 => 0.1, f32 => 0.1, Decimal => Decimal::new(1, 1));
        read!(base, "SELECT 2.0": f64 => 2.0, i64 => 2, u8 => 2, Decimal => Decimal::TWO);
        read!(base, "SELECT NULL":
            Option<i64> => None, Option<f64> => None, Option<bool> => None, Option<String> => None,
            Option<Decimal> => None, Option<Uuid> => None, Option<jiff::Timestamp> => None,
            Option<Json> => None, Option<Vec<i32>> => None);
        read!(base, "SELECT true": bool => true, i64 => 1);
        read!(base, "SELECT '2026-11-21'": String => "2026-11-21".to_owned(),
            jiff::civil::Date => jiff::civil::Date::constant(2026, 11, 21));
        read!(base, "SELECT '00000000-0000-0000-0000-000000000007'": Uuid => Uuid::from_u128(7));
        read!(base, "SELECT '2026-11-21T10:30:00Z'":
            jiff::Timestamp => "2026-11-21T10:30:00Z".parse().unwrap());
        read!(base, "SELECT '[1]'": Json => serde_json::json!([1]));

        refused!(base, "SELECT 1.5": i64, u8, bool);
        refused!(base, "SELECT 300": i8, u8, bool, Uuid, jiff::Timestamp);
        refused!(base, "SELECT -1": u8, u32);
        refused!(base, "SELECT 'x'": i64, f64, bool, Decimal, Uuid);
        refused!(base, "SELECT NULL": i64, String);
    }
}
