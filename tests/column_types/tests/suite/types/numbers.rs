//! Numbers and booleans.

column_type!(tiny: [i8], [i8::MIN, 0, i8::MAX], documents documents, lists lists, keys keys);
column_type!(small: [i16], [i16::MIN, 0, i16::MAX], documents documents, lists lists, keys keys);
column_type!(integer: [i32], [i32::MIN, 0, i32::MAX], documents documents, lists lists, keys keys);
column_type!(long: [i64], [i64::MIN, 0, i64::MAX], documents documents, lists lists, keys keys);
column_type!(
    long_as_small: [i64] as "smallint" and "smallint[]",
    [-32768, 0, 32767],
    documents documents, lists lists, keys keys,
    refused [32768, i64::MAX],
);
column_type!(
    integer_as_numeric: [i32] as "numeric(4)" and "numeric(4)[]",
    [-9999, 0, 9999],
    documents documents, lists lists, keys keys,
    refused [10_000, i32::MIN],
);
column_type!(byte: [u8], [0, 7, 255], documents documents, keys keys);
column_type!(
    unsigned_small: [u16],
    [0, 7, u16::MAX],
    documents documents, lists lists, keys keys,
);
column_type!(
    unsigned_integer: [u32],
    [0, 7, u32::MAX],
    documents documents, lists lists, keys keys,
);
column_type!(
    unsigned: [u64] as "numeric(20)",
    [1, 20, u64::MAX],
    keys keys,
);
column_type!(single: [f32], [f32::MIN, 0.1, f32::MAX], documents documents, lists lists);
column_type!(double: [f64], [f64::MIN, 0.1, f64::MAX], documents documents, lists lists);
column_type!(
    double_as_single: [f64] as "real" and "real[]",
    [-1.5, 0.25, 16_777_216.0],
    documents documents, lists lists,
    refused [1e300],
    rounded 0.1 => f64::from(0.1_f32),
);
column_type!(
    double_as_numeric: [f64] as "numeric(6,2)" and "numeric(6,2)[]",
    [-9999.99, 0.1, 9999.99],
    documents documents, lists lists,
    refused [10_000.0, 9999.995, f64::INFINITY],
    rounded 0.125 => 0.13,
);
column_type!(
    decimal: [kontract::Decimal],
    [kontract::Decimal::MIN, kontract::Decimal::new(1, 28), kontract::Decimal::MAX],
    documents documents, lists lists,
    equal kontract::Decimal::new(15, 1), kontract::Decimal::new(150, 2),
);
column_type!(
    money: [kontract::Decimal] as "numeric(6,2)" and "numeric(6,2)[]",
    [kontract::Decimal::new(-999_999, 2), kontract::Decimal::new(51, 2), kontract::Decimal::new(999_999, 2)],
    documents documents, lists lists,
    refused [kontract::Decimal::new(10_000, 0), kontract::Decimal::new(9_999_995, 3)],
    rounded kontract::Decimal::new(1005, 3) => kontract::Decimal::new(101, 2),
    equal kontract::Decimal::new(15, 1), kontract::Decimal::new(150, 2),
);
column_type!(
    long_decimal: [kontract::Decimal] as "numeric(65,30)" and "numeric(65,30)[]",
    [kontract::Decimal::MIN, of("1.2500000000000000000000000001"), kontract::Decimal::MAX],
    documents documents, lists lists,
);
