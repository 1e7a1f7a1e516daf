//! Filters of one table.

use kontract::{Decimal, Filter, Table};
use kontract_behaviour::{Address, Everything, Mood, NewPost, Post, Reading, Storage, User};

use super::types::everything;
use super::user;

async fn names(users: &Table<User>, filter: Filter<User>) -> String {
    let mut names: Vec<String> =
        users.query(filter).await.unwrap().into_iter().map(|user| user.name).collect();
    names.sort();
    names.concat()
}

kontract_test_support::both! {
    async fn filters_of_documents(url: &str) {
        let users = Storage::connect(url).await.unwrap().users;
        for (name, age) in [("a", 9.0), ("b", 10.0), ("c", 25.0), ("d", 100.0)] {
            let mood = if age < 20.0 { Mood::Good } else { Mood::Bad };
            users.insert(user(name).tags([name])).await.unwrap();
            let id = users.query(User::name.eq(name)).first().await.unwrap().unwrap().id;
            users.update(id, User::patch().age(age).mood(mood)).await.unwrap();
        }
        for (filter, expected) in [
            (User::age.gt(9.0), "bcd"),
            (User::age.ge(10.0) & User::age.lt(100.0), "bc"),
            (User::age.between(10.0, 25.0), "bc"),
            (User::name.eq("a") | User::name.eq("d"), "ad"),
            (!User::name.eq("a"), "bcd"),
            (User::name.ne("a"), "bcd"),
            (User::name.is_in(["a", "x", "c"]), "ac"),
            (User::name.is_in([""; 0]), ""),
            (!User::name.is_in([""; 0]), "abcd"),
            (User::age.is_in([9.0, 25.0]), "ac"),
            (User::mood.eq(Mood::Bad), "cd"),
            (User::mood.is_in([Mood::Good]), "ab"),
            (User::home.is_null(), "abcd"),
            (User::home.is_not_null(), ""),
            (User::tags.eq(["b"]), "b"),
            (User::email.starts_with("c@"), "c"),
            (User::email.contains("@example"), "abcd"),
            (User::email.like("_@EXAMPLE%"), ""),
            (User::email.like("_@example%"), "abcd"),
            (User::id.eq("missing"), ""),
        ] {
            assert_eq!(names(&users, filter.clone()).await, expected, "{expected}");
            assert_eq!(users.query(filter.clone()).count().await.unwrap(), expected.len() as u64);
            assert_eq!(users.query(filter).exists().await.unwrap(), !expected.is_empty());
        }
    }

    async fn enums_are_ordered_by_name(url: &str) {
        let users = Storage::connect(url).await.unwrap().users;
        let good = users.insert(user("good")).await.unwrap().id;
        users.insert(user("bad")).await.unwrap();
        let bad = users.query(User::name.eq("bad")).first().await.unwrap().unwrap().id;
        users.update(&bad, User::patch().mood(Mood::Bad)).await.unwrap();
        let ids: Vec<_> = users.list().order_by(User::mood.asc()).await.unwrap();
        let ids: Vec<_> = ids.into_iter().map(|user| user.id).collect();
        assert_eq!(ids, [bad, good], "Good is declared first");
        assert_eq!(names(&users, User::mood.lt(Mood::Good)).await, "bad");
    }

    async fn texts_are_compared_literally(url: &str) {
        let users = Storage::connect(url).await.unwrap().users;
        for name in ["100%", "100x", "a_b", "axb", "a*b", "[x]", "A", "a", r"\"] {
            users.insert(user(name)).await.unwrap();
        }
        assert_eq!(names(&users, User::name.contains("%")).await, "100%");
        assert_eq!(names(&users, User::name.starts_with("a_")).await, "a_b");
        assert_eq!(names(&users, User::name.like("a*b")).await, "a*b");
        assert_eq!(names(&users, User::name.like(r"100\%")).await, "100%");
        assert_eq!(names(&users, User::name.like("[x]")).await, "[x]");
        assert_eq!(names(&users, User::name.like("a%b")).await, "a*ba_baxb");
        assert_eq!(names(&users, User::name.eq("A")).await, "A");
        assert_eq!(names(&users, User::name.contains(r"\")).await, r"\");
    }

    async fn a_pattern_with_an_unfinished_escape_is_refused(url: &str) {
        let users = Storage::connect(url).await.unwrap().users;
        users.insert(user(r"a\")).await.unwrap();
        for pattern in [r"%\", r"\", r"a\\\"] {
            let error = users.query(User::name.like(pattern)).await.unwrap_err();
            assert_eq!(*error.kind(), kontract::Kind::Value, "{error}");
            assert!(format!("{error:?}").contains("ends with a single `\\`"), "{error}");
        }
        assert_eq!(names(&users, User::name.like(r"%\\")).await, r"a\");
    }

    async fn filters_with_thousands_of_values(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let users = storage.users;
        for name in ["n0", "n1", "n1999", "n2000"] {
            users.insert(user(name)).await.unwrap();
        }
        let words = || (0..2000).map(|n| User::name.eq(format!("n{n}")));
        let left = words().reduce(|all, word| all | word).unwrap();
        let right = words().rev().reduce(|all, word| word | all).unwrap();
        for filter in [left.clone(), right, !words().map(|word| !word).reduce(|all, word| all & word).unwrap()] {
            assert_eq!(names(&users, filter).await, "n0n1n1999");
        }
        assert_eq!(names(&users, User::name.ne("n1") & left).await, "n0n1999");
        // One by one, because SQLite stores decimals as text.
        let prices = (0..2000).map(|n| Reading::price.eq(Decimal::from(n))).reduce(|all, word| all | word);
        assert_eq!(storage.readings.query(prices.unwrap()).count().await.unwrap(), 0);
        let prices = Reading::price.is_in((0..2000).map(Decimal::from));
        assert_eq!(storage.readings.query(prices).count().await.unwrap(), 0);
    }

    async fn of_columns(url: &str) {
        let table = Storage::connect(url).await.unwrap().everythings;
        let rows: Vec<Everything> = (0..3).map(everything).collect();
        table.insert_many(rows.clone()).await.unwrap();
        let one = &rows[0];
        for filter in [
            Everything::id.eq(one.id),
            Everything::id.is_in([one.id]),
            Everything::long.eq(5),
            Everything::long.is_in([5, 6]),
            Everything::moment.between(one.moment, one.moment),
            Everything::bytes.eq(one.bytes.clone()),
            Everything::bytes.is_in([one.bytes.clone()]),
            Everything::u8.eq(1u8),
            Everything::f32.eq(0.1f32),
            Everything::f32.is_in([0.1f32]),
            Everything::decimal.eq(Decimal::new(123_450, 3)),
            Everything::decimal.is_in([Decimal::new(12_345, 2)]),
            Everything::decimal.gt(Decimal::ONE),
            Everything::instant.eq(one.instant),
            Everything::instant.is_in([one.instant]),
            Everything::day.eq(one.day),
            Everything::time.eq(one.time),
            Everything::datetime.le(one.datetime) & Everything::datetime.ge(one.datetime),
            Everything::mood.eq(Mood::Good),
            Everything::texts.eq(Vec::new()),
            Everything::addresses.eq(Vec::new()),
            Everything::json.eq(one.json.clone()),
            Everything::address.eq(one.address.clone()),
            Everything::maybe_text.eq("there"),
            Everything::maybe_text.is_not_null(),
            Everything::maybe_number.ne(None),
            Everything::maybe_number.lt(0),
            Everything::maybe_text.starts_with("the"),
            Everything::number.is_in([1.5]),
        ] {
            let found = table.query(filter.clone()).await.unwrap();
            assert_eq!(found, std::slice::from_ref(one), "{}", found.len());
        }
        let rest = Everything::maybe_number.ne(-1);
        assert_eq!(table.query(rest).count().await.unwrap(), 2, "NULL differs from the value");
    }

    async fn filters_with_an_order(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let author = storage.users.insert(user("a")).await.unwrap().id;
        for (title, place) in [("a", Some(2)), ("b", None), ("c", Some(1)), ("d", Some(2))] {
            storage.posts.insert(NewPost::new(&author, title).place(place)).await.unwrap();
        }
        let titles = |posts: Vec<Post>| posts.into_iter().map(|post| post.title).collect::<String>();
        let all = || storage.posts.list();
        let ascending = all().order_by(Post::place.asc()).order_by(Post::title.asc());
        assert_eq!(titles(ascending.await.unwrap()), "cadb");
        let descending = all().order_by(Post::place.desc()).order_by(Post::title.desc());
        assert_eq!(titles(descending.await.unwrap()), "dacb");
        assert_eq!(titles(all().order_by(Post::title.asc()).limit(2).await.unwrap()), "ab");
        assert_eq!(titles(all().order_by(Post::title.asc()).offset(3).await.unwrap()), "d");
        assert_eq!(titles(all().order_by(Post::title.asc()).limit(1).offset(1).await.unwrap()), "b");
        let first = all().order_by(Post::title.desc()).first().await.unwrap();
        assert_eq!(first.map(|post| post.title), Some("d".into()));
    }

    async fn filters_of_values_without_a_json_type(url: &str) {
        let table = Storage::connect(url).await.unwrap().readings;
        let rows: Vec<Reading> = (1..=3).map(reading).collect();
        table.insert_many(rows.clone()).await.unwrap();
        assert_eq!(table.list().await.unwrap(), rows);
        let two = &rows[1];
        for (number, filter) in [
            Reading::at.eq(two.at),
            Reading::at.is_in([two.at]),
            Reading::at.gt(rows[0].at) & Reading::at.lt(rows[2].at),
            Reading::seen.eq(two.seen),
            Reading::local.between(two.local, two.local),
            Reading::day.eq(two.day),
            Reading::day.is_in([two.day]),
            Reading::time.eq(two.time),
            Reading::moment.eq(two.moment),
            Reading::price.eq(Decimal::new(1_250, 2)),
            Reading::price.is_in([two.price]),
            Reading::price.gt(Decimal::from(9)) & Reading::price.lt(Decimal::from(100)),
            Reading::sensor.eq(two.sensor),
            Reading::sensor.is_in([two.sensor]),
            Reading::ok.eq(true),
            Reading::level.eq(0.2f32),
            Reading::level.is_in([0.2f32]),
            Reading::count.eq(2u8),
            Reading::long.is_in([two.long]),
            Reading::raw.eq(two.raw.clone()),
            Reading::place.eq(two.place.clone()),
            Reading::extra.eq(two.extra.clone()),
            Reading::id.eq(2) & Reading::id.is_in([2, 4]),
        ]
        .into_iter()
        .enumerate()
        {
            let found = table.query(filter).await.unwrap();
            assert_eq!(found, std::slice::from_ref(two), "filter {number}");
        }
    }
}

fn reading(id: i64) -> Reading {
    Reading {
        id,
        at: format!("2026-11-21T10:30:0{id}.5Z").parse().unwrap(),
        seen: (id == 2).then(|| "2026-11-21T10:30:00Z".parse().unwrap()),
        local: format!("2026-11-2{id}T10:30:00").parse().unwrap(),
        day: time::Date::from_calendar_date(2026, time::Month::November, id as u8).unwrap(),
        time: format!("0{id}:30:00.25").parse().unwrap(),
        moment: kontract::Timestamp::from_millis(id),
        price: ["9", "12.5", "100"][id as usize - 1].parse().unwrap(),
        sensor: kontract::Uuid::from_u128(id as u128),
        ok: id == 2,
        level: id as f32 / 10.0,
        count: id as u8,
        long: i64::MAX - id,
        raw: vec![id as u8; 3].into(),
        place: Address { street: format!("street {id}"), number: None },
        extra: serde_json::json!({"n": id}),
    }
}
