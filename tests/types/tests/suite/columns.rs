//! Types with column types of their own: equal, ordered and read alike on both databases.

use std::net::IpAddr;

use jiff::SignedDuration;
use kontract::Kind;
use kontract::value::{Bits, Interval, IpNet, MacAddr};
use kontract_types::Storage;
use kontract_types::columns::{Host, Machine, Visit};

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

fn net(text: &str) -> IpNet {
    text.parse().expect("a network")
}

fn interval(months: i32, days: i32, micros: i64) -> Interval {
    Interval { months, days, micros }
}

fn machine(host: &str, number: u8) -> Machine {
    Machine {
        host: Host(address(host)),
        net: None,
        block: net("10.0.0.0/8"),
        mac: MacAddr([8, 0, 0x2b, 1, 2, number]),
        flags: Bits(vec![true, false, number > 1]),
        three: None,
        uptime: interval(0, number.into(), 1),
        timeout: SignedDuration::from_secs(i64::from(number) * 5),
        delay: None,
        others: Vec::new(),
        pauses: Vec::new(),
    }
}

async fn machines(storage: &Storage) -> [Machine; 4] {
    let first = Machine {
        net: Some(net("10.0.0.1/8")),
        uptime: interval(1, 0, -1),
        delay: Some(chrono::TimeDelta::milliseconds(-1)),
        others: vec![address("::1"), address("127.0.0.1")],
        pauses: vec![SignedDuration::from_micros(1), SignedDuration::from_hours(100)],
        three: Some(Bits(vec![false, true, true])),
        ..machine("10.0.0.9", 1)
    };
    let second = Machine { net: Some(net("9.0.0.0/16")), ..machine("10.0.0.10", 2) };
    let third = Machine { net: Some(net("2001:db8::/32")), ..machine("2001:db8::2", 3) };
    let all = [first, second, third, machine("192.168.1.1", 4)];
    storage.machines.insert_many(all.clone()).await.unwrap();
    all
}

kontract_test_support::both! {
    async fn values_and_conditions(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let all = machines(&storage).await;
        for one in &all {
            assert_eq!(storage.machines.get(one.host).await.unwrap().as_ref(), Some(one));
        }
        let found = |filter| async {
            let found = storage.machines.query(filter).order_by(Machine::mac.asc());
            found.select(Machine::mac).await.unwrap().iter().map(|mac| mac.0[5]).collect::<Vec<_>>()
        };
        assert_eq!(found(Machine::net.eq(net("10.0.0.1/8"))).await, [1]);
        assert_eq!(found(Machine::net.eq(net("10.0.0.0/8"))).await, [0_u8; 0]);
        assert_eq!(found(Machine::block.eq(net("10.0.0.0/8"))).await, [1, 2, 3, 4]);
        let hosts = [all[0].host, all[2].host];
        assert_eq!(found(Machine::host.is_in(hosts)).await, [1, 3]);
        assert_eq!(found(Machine::mac.gt(MacAddr([8, 0, 0x2b, 1, 2, 2]))).await, [3, 4]);
        assert_eq!(found(Machine::flags.eq(Bits(vec![true, false, false]))).await, [1]);
        assert_eq!(found(Machine::three.eq(Bits(vec![false, true, true]))).await, [1]);
        assert_eq!(found(Machine::uptime.ge(interval(0, 4, 1))).await, [1, 4]);
        assert_eq!(found(Machine::timeout.lt(SignedDuration::from_secs(11))).await, [1, 2]);
        assert_eq!(found(Machine::delay.lt(chrono::TimeDelta::zero())).await, [1]);
        assert_eq!(found(Machine::others.has(address("::1"))).await, [1]);
        assert_eq!(found(Machine::pauses.has(SignedDuration::from_hours(100))).await, [1]);
        assert_eq!(found(Machine::others.eq(all[0].others.clone())).await, [1]);

        let patch = Machine::patch().net(net("::/0")).timeout(SignedDuration::from_secs(-1));
        storage.machines.update(all[3].host, patch).await.unwrap();
        let changed = storage.machines.get(all[3].host).await.unwrap().expect("it is there");
        assert_eq!((changed.net, changed.timeout), (Some(net("::/0")), SignedDuration::from_secs(-1)));
        storage.machines.delete(all[3].host).await.unwrap();
        assert_eq!(storage.machines.list().count().await.unwrap(), 3);
        storage.verify().await.unwrap();
    }

    async fn order(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        machines(&storage).await;
        let by = |order| async {
            let all = storage.machines.list().order_by(order).await.unwrap();
            all.iter().map(|machine| machine.mac.0[5]).collect::<Vec<_>>()
        };
        assert_eq!(by(Machine::host.asc()).await, [1, 2, 4, 3]);
        assert_eq!(by(Machine::net.asc()).await, [2, 1, 3, 4]);
        assert_eq!(by(Machine::uptime.desc()).await, [1, 4, 3, 2]);
        assert_eq!(by(Machine::timeout.asc()).await, [1, 2, 3, 4]);
        let mut seen = Vec::new();
        let query = || storage.machines.list().order_by(Machine::uptime.asc());
        let mut page = query().page(3).await.unwrap();
        loop {
            seen.extend(page.rows.iter().map(|machine| machine.mac.0[5]));
            let Some(next) = page.next else { break };
            page = query().page(3).after(next).await.unwrap();
        }
        assert_eq!(seen, [2, 3, 4, 1]);
        let groups = storage.machines.list().group_by(Machine::block);
        let groups = groups.select(|block| (block, Machine::mac.count())).await.unwrap();
        assert_eq!(groups, [(net("10.0.0.0/8"), 4)]);
    }

    async fn what_does_not_fit_is_refused(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let long = Machine { three: Some(Bits(vec![true; 4])), ..machine("::1", 1) };
        let refused = storage.machines.insert(long).await.unwrap_err();
        assert!(matches!(refused.kind(), Kind::Value), "{refused:?}");
        let months = Machine { uptime: interval(1, 0, 0), ..machine("::1", 1) };
        storage.machines.insert(months).await.unwrap();
    }

    async fn documents(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let visit = Visit { id: 1, from: address("10.0.0.1"), stay: interval(0, 1, 0) };
        storage.visits.insert(visit.clone()).await.unwrap();
        assert_eq!(storage.visits.get(1).await.unwrap(), Some(visit.clone()));
        let from = storage.visits.query(Visit::from.eq(visit.from));
        assert_eq!(from.await.unwrap(), [visit]);
    }

    /// Their texts have another order: `9.0.0.1` is behind `10.0.0.1`.
    async fn documents_do_not_order_texts(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let visits = &storage.visits;
        for (id, from) in [(1, "9.0.0.1"), (2, "10.0.0.1")] {
            visits.insert(Visit { id, from: address(from), stay: interval(0, id as i32, 0) }).await.unwrap();
        }
        let stay = interval(0, 2, 0);
        assert_eq!(visits.query(Visit::stay.eq(stay)).select(Visit::id).await.unwrap(), [2]);
        let refused = [
            visits.query(Visit::from.lt(address("10.0.0.1"))).count().await.map(|_| ()),
            visits.query(Visit::stay.ge(stay)).count().await.map(|_| ()),
            visits.list().order_by(Visit::from.asc()).await.map(|_| ()),
            visits.list().order_by(Visit::stay.desc()).page(1).await.map(|_| ()),
            visits.list().aggregate(Visit::stay.max()).one().await.map(|_| ()),
        ];
        for refused in refused {
            let error = refused.unwrap_err();
            assert_eq!(*error.kind(), Kind::Unsupported, "{error:?}");
            assert!(error.help().is_some(), "{error:?}");
        }
    }
}
