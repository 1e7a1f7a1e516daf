//! Dates and times.

column_type!(
    timestamp: [Timestamp],
    [Timestamp::from_millis(-1), Timestamp::from_millis(0), Timestamp::from_millis(1_700_000_000_000)],
    documents documents, lists lists, keys keys,
);
column_type!(
    instant: [jiff::Timestamp],
    [of("0001-01-01T00:00:00Z"), of("1969-12-31T23:59:59.999999Z"), of("9999-12-30T21:59:59.999999Z")],
    documents documents, lists lists, keys keys,
    equal of("2026-11-21T10:30:00.123456789Z"), of("2026-11-21T10:30:00.123456Z"),
);
column_type!(
    seconds: [jiff::Timestamp] as "timestamptz(0)" and "timestamptz(0)[]",
    [of("1969-12-31T23:59:59Z"), of("2026-11-21T10:30:00Z"), of("2026-11-21T10:30:01Z")],
    documents documents, lists lists, keys keys,
    rounded of("2026-11-21T10:30:02.5Z") => of("2026-11-21T10:30:03Z"),
);
column_type!(
    chrono_instant: [chrono::DateTime<chrono::Utc>],
    [of("0001-01-01T00:00:00Z"), of("1969-12-31T23:59:59.999999Z"), of("9999-12-31T23:59:59.999999Z")],
    documents documents, lists lists, keys keys,
    equal of("2026-11-21T10:30:00.123456789Z"), of("2026-11-21T10:30:00.123456Z"),
);
column_type!(
    millis: [chrono::DateTime<chrono::Utc>] as "timestamptz(3)" and "timestamptz(3)[]",
    [of("1999-12-31T23:59:59.999Z"), of("2026-11-21T10:30:00Z"), of("2026-11-21T10:30:00.001Z")],
    documents documents, lists lists, keys keys,
    rounded of("1999-12-31T23:59:59.9984999Z") => of("1999-12-31T23:59:59.998Z"),
);
column_type!(
    time_instant: [time::OffsetDateTime],
    [
        time::OffsetDateTime::from_unix_timestamp(-62_135_596_800).unwrap(),
        time::OffsetDateTime::UNIX_EPOCH - time::Duration::microseconds(1),
        time::OffsetDateTime::from_unix_timestamp(253_402_300_799).unwrap(),
    ],
    lists lists, keys keys,
);
column_type!(
    civil: [jiff::civil::DateTime],
    [of("0001-01-01T00:00:00"), of("1969-12-31T23:59:59.999999"), of("9999-12-31T23:59:59.999999")],
    documents documents, lists lists, keys keys,
    equal of("2026-11-21T10:30:00.123456789"), of("2026-11-21T10:30:00.123456"),
);
column_type!(
    civil_millis: [jiff::civil::DateTime] as "timestamp(3)" and "timestamp(3)[]",
    [of("1999-12-31T23:59:59.999"), of("2026-11-21T10:30:00"), of("2026-11-21T10:30:00.001")],
    documents documents, lists lists, keys keys,
    rounded of("2026-11-21T10:30:00.0025") => of("2026-11-21T10:30:00.003"),
);
column_type!(
    chrono_civil: [chrono::NaiveDateTime],
    [of("0001-01-01T00:00:00"), of("1969-12-31T23:59:59.999999"), of("9999-12-31T23:59:59.999999")],
    documents documents, lists lists, keys keys,
);
column_type!(
    time_civil: [time::PrimitiveDateTime],
    [civil_of(-62_135_596_800), civil_of(-1), civil_of(253_402_300_799)],
    lists lists, keys keys,
);
column_type!(
    day: [jiff::civil::Date],
    [of("0001-01-01"), of("2026-11-21"), of("9999-12-31")],
    documents documents, lists lists, keys keys,
);
column_type!(
    chrono_day: [chrono::NaiveDate],
    [of("0001-01-01"), of("2026-11-21"), of("9999-12-31")],
    documents documents, lists lists, keys keys,
);
column_type!(
    time_day: [time::Date],
    [civil_of(-62_135_596_800).date(), civil_of(-1).date(), civil_of(253_402_300_799).date()],
    lists lists, keys keys,
);
column_type!(
    civil_time: [jiff::civil::Time],
    [of("00:00:00"), of("10:30:00.000001"), of("23:59:59.999999")],
    documents documents, lists lists, keys keys,
    equal of("10:30:00.123456789"), of("10:30:00.123456"),
);
column_type!(
    time_seconds: [jiff::civil::Time] as "time(0)" and "time(0)[]",
    [of("00:00:00"), of("10:30:00"), of("23:59:59")],
    documents documents, lists lists, keys keys,
    refused [of("23:59:59.5")],
    rounded of("10:30:00.5") => of("10:30:01"),
);
column_type!(
    chrono_time: [chrono::NaiveTime],
    [of("00:00:00"), of("10:30:00.000001"), of("23:59:59.999999")],
    documents documents, lists lists, keys keys,
);
column_type!(
    time_time: [time::Time],
    [civil_of(0).time(), civil_of(1).time(), civil_of(-1).time()],
    lists lists, keys keys,
);
column_type!(
    zoned_time: [String] as "timetz" and "timetz[]",
    ["10:30:00+00".to_owned(), "11:00:00+00".to_owned(), "12:00:00+00".to_owned()],
    documents documents, lists lists,
);
column_type!(
    interval: [kontract::value::Interval],
    [of("-1 days"), of("01:00:00.000001"), of("1 year 2 mons")],
    documents documents, lists lists, keys keys,
);
column_type!(
    span: [jiff::Span],
    [
        jiff::Span::new().days(-3).microseconds(-1),
        jiff::Span::new().hours(1),
        jiff::Span::new().years(1).months(2),
    ],
    documents documents, lists lists, keys keys,
);
column_type!(
    duration: [jiff::SignedDuration],
    [
        jiff::SignedDuration::from_micros(-i64::MAX),
        jiff::SignedDuration::from_micros(-1),
        jiff::SignedDuration::from_micros(i64::MAX),
    ],
    documents documents, lists lists, keys keys,
);
column_type!(
    delta: [chrono::TimeDelta],
    [
        chrono::TimeDelta::microseconds(-1),
        chrono::TimeDelta::zero(),
        chrono::TimeDelta::microseconds(i64::MAX),
    ],
    lists lists, keys keys,
);

/// Microseconds before 1970 for negative seconds, so that all digits are used.
fn civil_of(seconds: i64) -> time::PrimitiveDateTime {
    let at = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap();
    let at = at + time::Duration::microseconds(i64::from(seconds == -1) * 999_999);
    time::PrimitiveDateTime::new(at.date(), at.time())
}
