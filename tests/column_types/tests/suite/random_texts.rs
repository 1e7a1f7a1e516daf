//! Random values at the edges of types that travel as text, of lists, JSON and the smaller numbers.

use std::net::IpAddr;

use kontract::prelude::*;
use kontract::storage::Base;
use kontract::value::{Bits, Interval, IpNet, MacAddr};

use super::random::{Random, VALUES, check_values};

/// A column of each kind.
#[derive(Clone, Debug, PartialEq, Table)]
#[table(layout = "columns", standalone)]
pub struct Mixed {
    #[primkey]
    id: i64,
    flag: bool,
    tiny: i8,
    byte: u8,
    unsigned: u16,
    wide: u32,
    millis: Timestamp,
    json: Json,
    address: IpAddr,
    net: IpNet,
    #[column(sql_type = "cidr")]
    block: IpNet,
    mac: MacAddr,
    bits: Bits,
    #[column(sql_type = "bit(12)")]
    twelve: Bits,
    interval: Interval,
    duration: jiff::SignedDuration,
    delta: Option<chrono::TimeDelta>,
    utc: chrono::DateTime<chrono::Utc>,
    local: jiff::civil::DateTime,
    texts: Vec<String>,
    numbers: Vec<i64>,
    moments: Vec<jiff::Timestamp>,
    addresses: Vec<IpAddr>,
}

fn address(random: &mut Random) -> IpAddr {
    let bits = [0, 1, u128::MAX, 1 << 127, 0xffff << 32, u128::from(random.next())];
    let bits = bits[random.below(6) as usize] ^ (u128::from(random.next()) << random.below(64));
    if random.below(2) == 0 {
        IpAddr::from((bits as u32).to_be_bytes())
    } else {
        IpAddr::from(bits.to_be_bytes())
    }
}

fn net(random: &mut Random) -> IpNet {
    let address = address(random);
    let most = if address.is_ipv4() { 33 } else { 129 };
    IpNet { address, prefix: random.below(most) as u8 }
}

/// The network without the bits of an address in it.
fn block(net: IpNet) -> IpNet {
    let address = match net.address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(net.prefix)).unwrap_or(0);
            IpAddr::from((address.to_bits() & mask).to_be_bytes())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(net.prefix)).unwrap_or(0);
            IpAddr::from((address.to_bits() & mask).to_be_bytes())
        }
    };
    IpNet { address, ..net }
}

fn json(random: &mut Random, depth: u64) -> Json {
    match random.below(if depth > 2 { 5 } else { 7 }) {
        0 => Json::Null,
        1 => (random.below(2) == 0).into(),
        2 => random.long().into(),
        3 => (random.long() as i32 as f64 / 8.0).into(),
        4 => random.text(8).into(),
        5 => (0..random.below(3)).map(|_| json(random, depth + 1)).collect::<Vec<_>>().into(),
        _ => {
            let keys = (0..random.below(3)).map(|_| (random.text(4), json(random, depth + 1)));
            Json::Object(keys.collect())
        }
    }
}

fn bits(random: &mut Random, length: u64) -> Bits {
    Bits((0..length).map(|_| random.below(2) == 0).collect())
}

fn mixed(random: &mut Random, id: i64) -> Mixed {
    let micros = random.long();
    let length = random.below(70);
    Mixed {
        id,
        flag: random.below(2) == 0,
        tiny: random.long() as i8,
        byte: random.long() as u8,
        unsigned: random.long() as u16,
        wide: random.long() as u32,
        millis: Timestamp::from_millis(random.long()),
        json: json(random, 0),
        address: address(random),
        net: net(random),
        block: block(net(random)),
        mac: MacAddr(std::array::from_fn(|_| random.next() as u8)),
        bits: bits(random, length),
        twelve: bits(random, 12),
        interval: Interval {
            months: random.long() as i32,
            days: random.long() as i32,
            micros: random.long(),
        },
        duration: jiff::SignedDuration::from_micros(micros),
        delta: (random.below(3) > 0).then(|| chrono::TimeDelta::microseconds(random.long())),
        utc: chrono::DateTime::from_timestamp_micros(random.instant().as_microsecond()).unwrap(),
        local: random.instant().to_zoned(jiff::tz::TimeZone::UTC).datetime(),
        texts: (0..random.below(4)).map(|_| random.text(6)).collect(),
        numbers: (0..random.below(4)).map(|_| random.long()).collect(),
        moments: (0..random.below(3)).map(|_| random.instant()).collect(),
        addresses: (0..random.below(3)).map(|_| address(random)).collect(),
    }
}

/// What the columns store: times are cut to microseconds.
fn stored(mut row: Mixed) -> Mixed {
    let cut = |at: jiff::Timestamp| {
        jiff::Timestamp::from_microsecond(at.as_nanosecond().div_euclid(1000) as i64).unwrap()
    };
    let nanos = row.local.subsec_nanosecond() / 1000 * 1000;
    row.local = row.local.with().subsec_nanosecond(nanos).build().unwrap();
    row.moments = row.moments.into_iter().map(cut).collect();
    row
}

kontract_test_support::both! {
    async fn random_texts_and_lists_are_stored(url: &str) {
        let base = Base::open(url).await.unwrap();
        base.create::<Mixed>().await.unwrap();
        let mut random = Random(0x2545_f491_4f6c_dd1d);
        let all = (0..VALUES as i64).map(|id| mixed(&mut random, id));
        let same = |some: &Mixed| {
            Mixed::id.eq(some.id)
                & Mixed::json.eq(&some.json)
                & Mixed::address.eq(some.address)
                & Mixed::net.eq(some.net)
                & Mixed::block.eq(some.block)
                & Mixed::mac.eq(some.mac)
                & Mixed::bits.eq(some.bits.clone())
                & Mixed::twelve.eq(some.twelve.clone())
                & Mixed::interval.eq(some.interval)
                & Mixed::duration.le(some.duration)
                & Mixed::delta.eq(some.delta)
                & Mixed::utc.eq(some.utc)
                & Mixed::texts.eq(some.texts.clone())
                & Mixed::addresses.eq(some.addresses.clone())
        };
        let expected = |row: &Mixed| Some(stored(row.clone()));
        assert_eq!(check_values(&base.table(), all, expected, same).await, 0);
    }
}
