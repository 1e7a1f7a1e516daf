//! Ranges.

column_type!(
    range_i32: [kontract::value::Range<i32>],
    [of("empty"), of("[1,6)"), of("[10,12)")],
    documents documents, lists lists, keys keys,
    equal of("[20,25]"), of("[20,26)"),
);
column_type!(
    range_i64: [kontract::value::Range<i64>],
    [of("(,5)"), of("[-9223372036854775808,0)"), of("[10,)")],
    documents documents, lists lists, keys keys,
);
column_type!(
    range_decimal: [kontract::value::Range<Decimal>],
    [of("(,)"), of("[-0.5,1.5]"), of("(10,20)")],
    documents documents, lists lists,
);
column_type!(
    range_day: [kontract::value::Range<jiff::civil::Date>],
    [of("[0001-01-01,2026-01-01)"), of("[2026-01-01,2026-02-01)"), of("[2026-01-02,)")],
    documents documents, lists lists,
);
column_type!(
    range_chrono_day: [kontract::value::Range<chrono::NaiveDate>],
    [of("empty"), of("(,2026-01-01)"), of("[2026-01-02,2026-02-01)")],
    documents documents, lists lists,
);
column_type!(
    range_civil: [kontract::value::Range<jiff::civil::DateTime>],
    [of("(,)"), of("[2026-01-01 00:00:00,2026-01-01 00:00:00.000001)"), of("[2026-01-02 00:00:00,)")],
    documents documents, lists lists,
);
column_type!(
    range_chrono_civil: [kontract::value::Range<chrono::NaiveDateTime>],
    [of("(,)"), of("[2026-01-01 00:00:00,2026-01-01 00:00:00.000001)"), of("[2026-01-02 00:00:00,)")],
    documents documents, lists lists,
);
column_type!(
    range_instant: [kontract::value::Range<jiff::Timestamp>],
    [of("empty"), of("[2026-01-01 00:00:00+00,2026-01-02 00:00:00+00)"), of("[2026-01-02 00:00:00+00,)")],
    documents documents, lists lists,
);
column_type!(
    range_chrono_instant: [kontract::value::Range<chrono::DateTime<chrono::Utc>>],
    [of("empty"), of("[2026-01-01 00:00:00+00,2026-01-02 00:00:00+00)"), of("[2026-01-02 00:00:00+00,)")],
    documents documents, lists lists,
);
