//! Random values of enums, newtypes and documents: types of the application.

use std::net::IpAddr;

use kontract::prelude::*;
use kontract_column_types::Storage;
use kontract_column_types::tables::samples::Sample;
use kontract_column_types::types::{
    Address, Cents, Email, Host, Moment, Mood, Status, Tags, UserId, Weather,
};

use super::random::{Random, VALUES, check_values, micros, round};

fn status(random: &mut Random) -> Status {
    [Status::Draft, Status::Published, Status::Withdrawn][random.below(3) as usize]
}

fn mood(random: &mut Random) -> Mood {
    [Mood::Sad, Mood::Good, Mood::Best][random.below(3) as usize]
}

fn user(random: &mut Random) -> UserId {
    let edges = [Uuid::nil(), Uuid::max(), Uuid::from_u64_pair(random.next(), random.next())];
    UserId(edges[random.below(3) as usize])
}

fn maybe<T>(random: &mut Random, of: fn(&mut Random) -> T) -> Option<T> {
    (random.below(3) > 0).then(|| of(random))
}

fn list<T>(random: &mut Random, of: fn(&mut Random) -> T) -> Vec<T> {
    (0..random.below(4)).map(|_| of(random)).collect()
}

fn sample(random: &mut Random, id: i64) -> Sample {
    let few = if random.below(8) == 0 { random.long() } else { i64::from(random.long() as i16) };
    let number = random.long() as i32;
    Sample {
        id,
        status: status(random),
        former: maybe(random, status),
        states: list(random, status),
        mood: mood(random),
        maybe: maybe(random, mood),
        moods: list(random, mood),
        weather: Weather(mood(random)),
        user: user(random),
        users: list(random, user),
        email: Email(random.text(20)),
        short: Email(random.text(9)),
        cents: Cents(random.long()),
        few: Cents(few),
        host: Host(IpAddr::from((random.long() as i128).to_be_bytes())),
        moment: Moment(random.instant()),
        second: maybe(random, |random| Moment(random.instant())),
        tags: Tags(list(random, |random| random.text(6))),
        address: Address { street: random.text(9), number: (number % 3 != 0).then_some(number) },
    }
}

/// What the columns store of a row, if they take it.
fn expected(given: &Sample) -> Option<Sample> {
    let mut row = given.clone();
    if row.short.0.chars().skip(8).any(|letter| letter != ' ') {
        return None;
    }
    row.short = Email(row.short.0.chars().take(8).collect());
    i16::try_from(row.few.0).ok()?;
    row.moment = Moment(micros(row.moment.0));
    let second = row.second.map(|second| {
        let micros = micros(second.0).as_microsecond();
        jiff::Timestamp::from_microsecond(round(micros, 946_684_800_000_000, 1_000_000))
    });
    row.second = second.transpose().expect("a time").map(Moment);
    Some(row)
}

kontract_test_support::both! {
    async fn random_enums_and_newtypes_are_stored_or_refused(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let mut random = Random(0x6a09_e667_f3bc_c909);
        let all = (0..VALUES as i64).map(|id| sample(&mut random, id));
        let same = |some: &Sample| {
            Sample::id.eq(some.id)
                & Sample::status.eq(some.status)
                & Sample::former.eq(some.former)
                & Sample::states.eq(some.states.clone())
                & Sample::mood.eq(some.mood)
                & Sample::maybe.eq(some.maybe)
                & Sample::moods.eq(some.moods.clone())
                & Sample::weather.eq(some.weather)
                & Sample::user.eq(some.user)
                & Sample::users.eq(some.users.clone())
                & Sample::email.eq(some.email.clone())
                & Sample::short.eq(some.short.clone())
                & Sample::cents.eq(some.cents)
                & Sample::few.eq(some.few)
                & Sample::host.eq(some.host)
                & Sample::moment.eq(some.moment)
                & Sample::second.eq(some.second)
                & Sample::tags.eq(some.tags.clone())
                & Sample::address.eq(some.address.clone())
        };
        let refused = check_values(&storage.samples, all, expected, same).await;
        assert!(refused > VALUES / 20, "{refused} were refused");
    }
}
