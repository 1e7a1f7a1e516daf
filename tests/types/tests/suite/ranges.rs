//! Ranges: stored, equal, ordered and tested alike on both databases.

use std::ops::Bound;

use jiff::civil::Date;
use kontract::value::{Range, RangeValue};
use kontract::{Decimal, Kind};
use kontract_types::Storage;
use kontract_types::ranges::{Lot, Plan, Sample, Season};

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn days(text: &str) -> Range<Date> {
    text.parse().expect("a range of days")
}

fn season(id: i32) -> Season {
    Season {
        id,
        rooms: Range::from(id..=id + 2),
        numbers: None,
        prices: Range::from(Decimal::new(5, 1)..Decimal::new(15, 1)),
        days: days("[2026-01-01,2026-02-01)"),
        local: Range::from(..),
        open: None,
        holidays: Range::empty(),
        closed: Vec::new(),
        day: day("2026-01-31"),
    }
}

/// Four seasons whose rooms overlap with their neighbours.
async fn seasons(storage: &Storage) -> [Season; 4] {
    let moment = |text: &str| text.parse::<jiff::Timestamp>().expect("a moment");
    let first = Season {
        numbers: Some(Range::from(i64::MIN..i64::MAX)),
        prices: Range::new(Bound::Excluded(Decimal::new(-1, 28)), Bound::Included(Decimal::MAX)),
        days: Range::from(..),
        local: "(0001-01-01 00:00:00,9999-12-31 23:59:59.999999]".parse().expect("a range"),
        open: Some(Range::from(
            moment("2026-11-21T10:30:00.000001Z")..moment("2026-11-21T10:30:00.000002Z"),
        )),
        holidays: Range::from(chrono::NaiveDate::default()..),
        closed: vec![Range::empty(), days("[2026-12-24,2026-12-26]"), Range::from(..)],
        ..season(1)
    };
    let second = Season { numbers: Some(Range::empty()), ..season(2) };
    let third = Season { days: days("[2026-02-01,)"), ..season(3) };
    let all = [first, second, third, season(4)];
    storage.seasons.insert_many(all.clone()).await.unwrap();
    all
}

/// Random ranges whose bounds are often equal.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }

    fn number(&mut self, most: u64) -> i64 {
        self.below(2 * most) as i64 - most as i64
    }

    fn decimal(&mut self) -> Decimal {
        let number = Decimal::new(self.number(300), self.below(4) as u32);
        match self.below(12) {
            0 => Decimal::MAX,
            1 => Decimal::MIN,
            2 => number * Decimal::new(1, 20),
            _ => number,
        }
    }

    fn day(&mut self) -> Date {
        Date::constant(2026, 1, 1).saturating_add(jiff::Span::new().days(self.number(12)))
    }

    fn local(&mut self) -> chrono::NaiveDateTime {
        let micros = [0, 1, 500_000, -1, -62_135_596_800_000_000][self.below(5) as usize];
        chrono::DateTime::from_timestamp_micros(micros).expect("a moment").naive_utc()
    }

    fn instant(&mut self) -> jiff::Timestamp {
        let micros = [0, 1, 1_000_000, -1, 253_402_207_199_999_999][self.below(5) as usize];
        jiff::Timestamp::from_microsecond(micros).expect("a moment")
    }

    fn range<T: RangeValue>(&mut self, value: impl Fn(&mut Random) -> T) -> Range<T> {
        let (one, other) = (value(self), value(self));
        let (lower, upper) = if one < other { (one, other) } else { (other, one) };
        let mut bound = |value| match self.below(5) {
            0 => Bound::Unbounded,
            1 | 2 => Bound::Included(value),
            _ => Bound::Excluded(value),
        };
        Range::new(bound(lower), bound(upper))
    }

    fn sample(&mut self, id: i64) -> Sample {
        Sample {
            id,
            small: self.range(|random| random.number(20) as i32),
            long: self.range(|random| random.number(20) << random.below(58)),
            decimal: self.range(Random::decimal),
            day: self.range(Random::day),
            local: self.range(Random::local),
            instant: self.range(Random::instant),
        }
    }
}

/// Compares the order of the database with that of Rust, column by column.
macro_rules! ordered {
    ($storage:ident, $all:ident: $($column:ident),*) => { $(
        let mut sorted = $all.clone();
        sorted.sort_by(|a, b| a.$column.cmp(&b.$column).then(a.id.cmp(&b.id)));
        let sorted: Vec<i64> = sorted.iter().map(|sample| sample.id).collect();
        let found = $storage.samples.list().order_by(Sample::$column.asc()).order_by(Sample::id.asc());
        assert_eq!(found.select(Sample::id).await.unwrap(), sorted, stringify!($column));
    )* };
}

/// Compares the answers of the database with those of Rust.
macro_rules! tested {
    ($storage:ident, $all:ident, $column:ident, $range:expr, $value:expr) => {
        let (range, value) = ($range, $value);
        tested!($storage, $all, Sample::$column.overlaps(range), |s| s.$column.overlaps(&range));
        tested!($storage, $all, Sample::$column.contains_value(value), |s| s
            .$column
            .contains(&value));
        tested!($storage, $all, Sample::$column.eq(range), |s| s.$column == range);
        tested!($storage, $all, Sample::$column.lt(range), |s| s.$column < range);
        tested!($storage, $all, Sample::$column.contains_range(range), |s| {
            contains(&s.$column, &range)
        });
    };
    ($storage:ident, $all:ident, $filter:expr, |$sample:ident| $expected:expr) => {
        let found = $storage.samples.query($filter).order_by(Sample::id.asc()).select(Sample::id);
        let expected: Vec<i64> =
            $all.iter().filter(|$sample| $expected).map(|sample| sample.id).collect();
        assert_eq!(found.await.unwrap(), expected, "{}", stringify!($filter));
    };
}

/// Whether a range begins and ends within another one.
fn contains<T: RangeValue>(range: &Range<T>, other: &Range<T>) -> bool {
    let cut = |bound: Bound<&T>| match bound {
        Bound::Unbounded => None,
        Bound::Included(value) => Some((value.clone(), false)),
        Bound::Excluded(value) => Some((value.clone(), true)),
    };
    let end = |bound| cut(bound).map(|(value, is_excluded)| (value, !is_excluded));
    let is_less = cut(range.lower()) <= cut(other.lower());
    let is_greater = match (end(range.upper()), end(other.upper())) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(range), Some(other)) => other <= range,
    };
    other.is_empty() || (!range.is_empty() && is_less && is_greater)
}

kontract_test_support::both! {
    async fn values_and_conditions(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let all = seasons(&storage).await;
        for one in &all {
            assert_eq!(storage.seasons.get(one.id).await.unwrap().as_ref(), Some(one));
        }
        let found = |filter| async {
            let found = storage.seasons.query(filter).order_by(Season::id.asc());
            found.select(Season::id).await.unwrap()
        };
        assert_eq!(found(Season::rooms.eq(2..5)).await, [2]);
        assert_eq!(found(Season::rooms.eq(2..=4)).await, [2]);
        assert_eq!(found(Season::rooms.ne(2..=4)).await, [1, 3, 4]);
        assert_eq!(found(Season::rooms.is_in([1..4, 4..7])).await, [1, 4]);
        assert_eq!(found(Season::numbers.is_null()).await, [3, 4]);
        let half = Range::from(Decimal::new(50, 2)..Decimal::new(1500, 3));
        assert_eq!(found(Season::prices.eq(half)).await, [2, 3, 4]);
        assert_eq!(found(Season::rooms.gt(2..5)).await, [3, 4]);
        assert_eq!(found(Season::rooms.le(2..5)).await, [1, 2]);
        assert_eq!(found(Season::closed.has(days("[2026-12-24,2026-12-27)"))).await, [1]);
        assert_eq!(found(Season::closed.eq(all[0].closed.clone())).await, [1]);

        assert_eq!(found(Season::rooms.contains_value(3)).await, [1, 2, 3]);
        assert_eq!(found(Season::rooms.contains_value(7)).await, [0; 0]);
        assert_eq!(found(Season::days.contains_value(Season::day)).await, [1, 2, 4]);
        assert_eq!(found(Season::prices.contains_value(Decimal::ZERO)).await, [1]);
        assert_eq!(found(Season::open.contains_value(jiff::Timestamp::UNIX_EPOCH)).await, [0; 0]);
        assert_eq!(found(Season::rooms.contains_range(3..=3)).await, [1, 2, 3]);
        assert_eq!(found(Season::rooms.contains_range(Range::empty())).await, [1, 2, 3, 4]);
        assert_eq!(found(Season::rooms.overlaps(5..)).await, [3, 4]);
        assert_eq!(found(Season::rooms.overlaps(..1)).await, [0; 0]);
        assert_eq!(found(!Season::numbers.overlaps(1..)).await, [2]);
        let year = days("[2026-01-01,2027-01-01)");
        assert_eq!(found(Season::days.overlaps(year)).await, [1, 2, 3, 4]);

        let patch = Season::patch().rooms(..=9).numbers(7..8);
        storage.seasons.update(4, patch).await.unwrap();
        let changed = storage.seasons.get(4).await.unwrap().expect("it is there");
        assert_eq!((changed.rooms, changed.numbers), (Range::from(..10), Some(Range::from(7..=7))));
        let taken = Season { numbers: Some(Range::from(7..8)), ..season(5) };
        let taken = storage.seasons.insert(taken).await.unwrap_err();
        assert!(matches!(taken.kind(), Kind::Unique { .. }), "{taken:?}");
        storage.verify().await.unwrap();
    }

    async fn keys(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let lot = Lot { numbers: Range::from(1..=9), name: "first".to_owned() };
        storage.lots.insert(lot.clone()).await.unwrap();
        assert_eq!(storage.lots.get(Range::from(1..10)).await.unwrap(), Some(lot.clone()));
        storage.lots.upsert(Lot::numbers, Lot { name: "again".to_owned(), ..lot }).await.unwrap();
        assert_eq!(storage.lots.list().count().await.unwrap(), 1);
        assert_eq!(storage.lots.get(Range::from(1..9)).await.unwrap(), None);
    }

    async fn order(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        seasons(&storage).await;
        let by = |order| async {
            let all = storage.seasons.list().order_by(order).order_by(Season::id.asc()).await.unwrap();
            all.iter().map(|season| season.id).collect::<Vec<_>>()
        };
        assert_eq!(by(Season::rooms.desc()).await, [4, 3, 2, 1]);
        assert_eq!(by(Season::days.asc()).await, [1, 2, 4, 3]);
        assert_eq!(by(Season::numbers.asc()).await, [2, 1, 3, 4]);
        let mut seen = Vec::new();
        let query = || storage.seasons.list().order_by(Season::days.desc()).order_by(Season::id.asc());
        let mut page = query().page(1).await.unwrap();
        loop {
            seen.extend(page.rows.iter().map(|season| season.id));
            let Some(next) = page.next else { break };
            page = query().page(1).after(next).await.unwrap();
        }
        assert_eq!(seen, [3, 2, 4, 1]);
        let groups = storage.seasons.list().group_by(Season::holidays);
        let groups = groups.select(|days| (days, Season::id.count())).order_by(Season::id.count().asc());
        assert_eq!(groups.await.unwrap()[1], (Range::empty(), 3));
        let least = storage.seasons.list().group_by(Season::day).select(|_| Season::rooms.min());
        let least = least.await.unwrap_err();
        assert_eq!(*least.kind(), Kind::Unsupported, "{least:?}");
    }

    async fn what_no_column_holds_is_refused(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let reversed = Range::new(Bound::Included(5), Bound::Excluded(1));
        for rooms in [reversed, Range::from(1..=i32::MAX), Range::from(..=i32::MAX)] {
            let refused = Season { rooms, ..season(1) };
            let refused = storage.seasons.insert(refused).await.unwrap_err();
            assert_eq!(*refused.kind(), Kind::Value, "{refused:?}");
            let refused = storage.seasons.query(Season::rooms.overlaps(rooms)).await.unwrap_err();
            assert_eq!(*refused.kind(), Kind::Value, "{refused:?}");
        }
    }

    async fn random_ranges(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let mut random = Random(0x9e37_79b9_7f4a_7c15);
        let all: Vec<Sample> = (0..400).map(|id| random.sample(id)).collect();
        storage.samples.insert_many(all.clone()).await.unwrap();
        assert_eq!(storage.samples.list().order_by(Sample::id.asc()).await.unwrap(), all);
        ordered!(storage, all: small, long, decimal, day, local, instant);
        for _ in 0..40 {
            let given = random.sample(0);
            let small = random.number(20) as i32;
            tested!(storage, all, small, given.small, small);
            let long = random.number(20);
            tested!(storage, all, long, given.long, long);
            let decimal = random.decimal();
            tested!(storage, all, decimal, given.decimal, decimal);
            let day = random.day();
            tested!(storage, all, day, given.day, day);
            let local = random.local();
            tested!(storage, all, local, given.local, local);
            let instant = random.instant();
            tested!(storage, all, instant, given.instant, instant);
        }
    }

    async fn documents(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let plan = Plan { id: 1, days: days("[2026-01-01,2026-01-31]"), start: day("2026-01-31") };
        storage.plans.insert(plan.clone()).await.unwrap();
        let found = |filter| async { storage.plans.query(filter).await.unwrap() };
        let all = [plan.clone()];
        assert_eq!(found(Plan::days.eq(plan.days)).await, all);
        assert_eq!(found(Plan::days.contains_value(Plan::start)).await, all);
        assert_eq!(found(Plan::days.contains_value(day("2026-02-01"))).await, [] as [Plan; 0]);
        assert_eq!(found(Plan::days.overlaps(day("2026-01-30")..)).await, all);
    }
}
