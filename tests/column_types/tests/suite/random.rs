//! Random values at the edges of their types: what is stored is what was given, or it is refused.

use std::fmt::Debug;

use kontract::prelude::*;
use kontract::storage::Base;
use kontract::{Decimal, Filter, Kind, Table};

/// How many values there are of each type, how many one batch has, and of how many one is found by all of
/// its values.
pub const VALUES: usize = 10_000;
const BATCH: usize = 2_500;
const FOUND: usize = 500;

/// A column of each kind.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct Sample {
    #[primkey]
    id: i64,
    text: String,
    #[column(sql_type = "varchar(8)")]
    short: String,
    #[column(sql_type = "char(8)")]
    padded: String,
    small: i16,
    long: i64,
    #[column(sql_type = "smallint")]
    narrow: i64,
    #[column(sql_type = "numeric(20)")]
    unsigned: u64,
    single: f32,
    double: f64,
    #[column(sql_type = "numeric")]
    exact: f64,
    decimal: Decimal,
    #[column(sql_type = "numeric(12,4)")]
    money: Decimal,
    instant: jiff::Timestamp,
    #[column(sql_type = "timestamptz(3)")]
    millis: jiff::Timestamp,
    civil: chrono::NaiveDateTime,
    day: jiff::civil::Date,
    #[column(sql_type = "time(3)")]
    time: jiff::civil::Time,
    bytes: Bytes,
    uuid: Uuid,
    list: Vec<f64>,
    maybe: Option<i32>,
}

/// Numbers in a fixed sequence.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number of any size, often at an end of a range.
    pub fn long(&mut self) -> i64 {
        let edges = [0, 1, 127, 128, 32_767, 32_768, i64::from(i32::MAX), 1 << 53, i64::MAX];
        let edge = edges[self.below(9) as usize];
        match self.below(4) {
            0 => edge,
            1 => !edge,
            2 => (self.next() as i64) >> self.below(63),
            _ => edge.wrapping_add(self.below(3) as i64 - 1),
        }
    }

    fn double(&mut self) -> f64 {
        let number = match self.below(4) {
            0 => [0.0, f64::MIN, f64::MAX, 5e-324, f64::MIN_POSITIVE][self.below(5) as usize],
            1 => self.long() as f64 / 100.0,
            _ => f64::from_bits(self.next()),
        };
        if number.is_finite() { number } else { 0.5 }
    }

    fn single(&mut self) -> f32 {
        let number = self.double() as f32;
        if number.is_finite() { number } else { f32::MAX }
    }

    pub fn text(&mut self, most: u64) -> String {
        let letters = ['a', 'Z', ' ', '\'', '"', '\\', '%', 'é', '路', '🦀', '\n', '{', ','];
        let length = self.below(most + 1);
        (0..length).map(|_| letters[self.below(13) as usize]).collect()
    }

    fn decimal(&mut self) -> Decimal {
        let digits = self.below(97);
        let mantissa =
            (u128::from(self.next()) << 64 | u128::from(self.next())) >> (128 - digits).min(127);
        let scale = self.below(29) as u32;
        let number = Decimal::from_i128_with_scale(mantissa as i128 & ((1 << 96) - 1), scale);
        if self.below(2) == 0 { number } else { -number }
    }

    /// Nanoseconds within the years that columns have.
    pub fn instant(&mut self) -> jiff::Timestamp {
        let seconds = -62_135_596_800 + self.below(315_537_800_000) as i64;
        let nanos = [0, 1, 499_999, 500_000, 999_999_999, 123_456_789][self.below(6) as usize];
        jiff::Timestamp::new(seconds, 0).unwrap() + jiff::SignedDuration::from_nanos(nanos)
    }

    fn sample(&mut self, id: i64) -> Sample {
        let instant = self.instant();
        Sample {
            id,
            text: self.text(40),
            short: self.text(9),
            padded: self.text(8),
            small: self.long() as i16,
            long: self.long(),
            narrow: if self.below(8) == 0 { self.long() } else { i64::from(self.long() as i16) },
            unsigned: self.long() as u64,
            single: self.single(),
            double: self.double(),
            exact: self.double(),
            decimal: self.decimal(),
            money: if self.below(8) == 0 {
                self.decimal()
            } else {
                Decimal::new(self.long() >> 12, 6)
            },
            instant,
            millis: self.instant(),
            civil: chrono::DateTime::from_timestamp_nanos(self.next() as i64).naive_utc(),
            day: instant.to_zoned(jiff::tz::TimeZone::UTC).date(),
            time: instant.to_zoned(jiff::tz::TimeZone::UTC).time(),
            bytes: self.text(20).into_bytes().into(),
            uuid: Uuid::from_u64_pair(self.next(), self.next()),
            list: (0..self.below(4)).map(|_| self.double()).collect(),
            maybe: (self.below(3) > 0).then(|| self.long() as i32),
        }
    }
}

/// Cuts to microseconds.
pub fn micros(at: jiff::Timestamp) -> jiff::Timestamp {
    jiff::Timestamp::from_nanosecond(at.as_nanosecond().div_euclid(1000) * 1000).unwrap()
}

/// Rounds microseconds to a unit, halves away from the origin.
pub fn round(micros: i64, origin: i64, unit: i64) -> i64 {
    let since = micros - origin;
    origin + (since.abs() + unit / 2) / unit * unit * since.signum()
}

/// What the columns store of a row, if they take it.
fn expected(given: &Sample) -> Option<Sample> {
    let mut row = given.clone();
    if row.short.chars().count() > 8 {
        if row.short.chars().skip(8).any(|letter| letter != ' ') {
            return None;
        }
        row.short = row.short.chars().take(8).collect();
    }
    row.padded = row.padded.trim_end_matches(' ').to_owned();
    i16::try_from(row.narrow).ok()?;
    if row.money.abs() >= Decimal::new(1_000_000_000, 0) {
        return None;
    }
    let scaled = (row.money.abs() * Decimal::new(10_000, 0) + Decimal::new(5, 1)).floor();
    let rounded = scaled / Decimal::new(10_000, 0);
    row.money = if row.money.is_sign_negative() { -rounded } else { rounded };
    if row.money.abs() >= Decimal::new(100_000_000, 0) {
        return None;
    }
    row.instant = micros(row.instant);
    let at = round(micros(row.millis).as_microsecond(), 946_684_800_000_000, 1000);
    row.millis = jiff::Timestamp::from_microsecond(at).unwrap();
    let civil = row.civil.and_utc().timestamp_micros();
    row.civil = chrono::DateTime::from_timestamp_micros(civil).unwrap().naive_utc();
    let minutes = i64::from(row.time.hour()) * 60 + i64::from(row.time.minute());
    let whole = minutes * 60 + i64::from(row.time.second());
    let at = round(whole * 1_000_000 + i64::from(row.time.subsec_nanosecond()) / 1000, 0, 1000);
    let [seconds, rest] = [at / 1_000_000, at % 1_000_000];
    let part = |number: i64| i8::try_from(number).ok();
    row.time = jiff::civil::Time::new(
        part(seconds / 3600)?,
        part(seconds / 60 % 60)?,
        part(seconds % 60)?,
        i32::try_from(rest * 1000).ok()?,
    )
    .ok()?;
    Some(row)
}

/// Writes rows in batches and reads them again: they are stored as expected, or refused. Returns how many
/// are refused.
pub async fn check_values<R>(
    table: &Table<R>,
    rows: impl Iterator<Item = R>,
    expected: impl Fn(&R) -> Option<R>,
    same: impl Fn(&R) -> Filter<R>,
) -> usize
where
    R: Keyed<Key = i64> + Clone + Debug + PartialEq,
{
    let (mut given, mut stored, mut refused) = (Vec::new(), Vec::new(), 0);
    for row in rows {
        match expected(&row) {
            Some(expected) => {
                given.push(row);
                stored.push(expected);
            }
            None => {
                refused += 1;
                let error = table.insert(row).await.unwrap_err();
                assert_eq!(*error.kind(), Kind::Value, "{error}");
            }
        }
    }
    for (given, stored) in given.chunks(BATCH).zip(stored.chunks(BATCH)) {
        let returned = table.insert_many(given.to_vec()).await.unwrap();
        let read = table.get_many(given.iter().map(Keyed::key)).await.unwrap();
        let read: Vec<R> = read.into_iter().flatten().collect();
        for ((returned, read), stored) in returned.iter().zip(&read).zip(stored) {
            assert_eq!(returned, stored, "returned");
            assert_eq!(read, stored, "read");
        }
        assert_eq!((returned.len(), read.len()), (stored.len(), stored.len()));
        for some in stored.iter().step_by(FOUND) {
            assert_eq!(table.query(same(some)).await.unwrap(), std::slice::from_ref(some));
        }
    }
    refused
}

kontract_test_support::both! {
    async fn random_values_are_stored_or_refused(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Sample>().await.unwrap();
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let all = (0..VALUES as i64).map(|id| random.sample(id));
        let same = |some: &Sample| {
            Sample::id.eq(some.id)
                & Sample::short.eq(&some.short)
                & Sample::padded.eq(&some.padded)
                & Sample::narrow.eq(some.narrow)
                & Sample::exact.eq(some.exact)
                & Sample::decimal.eq(some.decimal)
                & Sample::money.eq(some.money)
                & Sample::millis.eq(some.millis)
                & Sample::time.eq(some.time)
        };
        let refused = check_values(&base.table(), all, expected, same).await;
        assert!(refused > VALUES / 20, "{refused} were refused");
    }
}
