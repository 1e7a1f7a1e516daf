//! Keys of enums, bools and times, alone and together, with rows that refer to them.

use jiff::civil::time;
use kontract::Kind;
use kontract_types::Storage;
use kontract_types::keys::{
    Appointment, Channel, Medium, NewAppointment, Opening, Slot, Switch, Urgent, Weekday,
};

fn channel(medium: Medium, urgent: bool, label: &str) -> Channel {
    Channel { medium, urgent: Urgent(urgent), label: label.into() }
}

fn slot(weekday: Weekday, hour: i8, free: i32) -> Slot {
    Slot { weekday, at: time(hour, 30, 0, 0), free }
}

fn channels() -> [Channel; 4] {
    [
        channel(Medium::Email, false, "a"),
        channel(Medium::Email, true, "b"),
        channel(Medium::Phone, false, "c"),
        channel(Medium::Phone, true, "d"),
    ]
}

fn slots() -> [Slot; 3] {
    [slot(Weekday::Monday, 9, 1), slot(Weekday::Friday, 8, 2), slot(Weekday::Saturday, 7, 3)]
}

kontract_test_support::both! {
    async fn an_enum_and_a_bool(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let table = &storage.channels;
        let all = channels();
        assert_eq!(table.insert(all[0].clone()).await.unwrap(), all[0]);
        assert_eq!(table.insert_many(all[1..].to_vec()).await.unwrap(), all[1..]);
        let taken = table.insert(all[3].clone()).await.unwrap_err();
        assert!(matches!(taken.kind(), Kind::Unique { .. }), "{taken:?}");
        let key = |at: usize| (all[at].medium, all[at].urgent);
        assert_eq!(table.get(key(1)).await.unwrap().as_ref(), Some(&all[1]));
        let many = table.get_many([key(3), key(0)]).await.unwrap();
        assert_eq!(many, [Some(all[3].clone()), Some(all[0].clone())]);
        assert_eq!(table.set_many(all.clone()).await.unwrap(), all);
        let changed = Channel { label: "e".into(), ..all[2].clone() };
        assert_eq!(table.set(changed.clone()).await.unwrap(), changed);
        let upserted = table.upsert((Channel::medium, Channel::urgent), all[2].clone());
        assert_eq!(upserted.await.unwrap(), all[2]);
        let patch = Channel::patch().label("f");
        assert_eq!(table.update(key(2), patch.clone()).await.unwrap().label, "f");
        assert_eq!(table.update_many([key(0), key(2)], patch).await.unwrap(), 2);
        let mut found = Vec::new();
        let mut next = None;
        loop {
            let query = table.list().order_by(Channel::urgent.desc()).select(Channel::medium);
            let page = query.page(1);
            let page = match next.take() {
                Some(next) => page.after(next).await.unwrap(),
                None => page.await.unwrap(),
            };
            found.extend(page.rows);
            match page.next {
                Some(cursor) => next = Some(cursor),
                None => break,
            }
        }
        assert_eq!(found, [Medium::Email, Medium::Phone, Medium::Email, Medium::Phone]);
        assert!(table.delete(key(0)).await.unwrap());
        assert_eq!(table.delete_many([key(0), key(1), key(2)]).await.unwrap(), 2);
        assert_eq!(table.list().await.unwrap(), [all[3].clone()]);
    }

    async fn an_enum_type_and_a_time(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let table = &storage.slots;
        let all = slots();
        assert_eq!(table.insert_many(all.clone()).await.unwrap(), all);
        let key = |at: usize| (all[at].weekday, all[at].at);
        assert_eq!(table.get(key(2)).await.unwrap().as_ref(), Some(&all[2]));
        // As declared, and not by name.
        let page = table.list().order_by(Slot::weekday.asc()).page(2).await.unwrap();
        assert_eq!(page.rows, all[..2]);
        let rest = table.list().order_by(Slot::weekday.asc()).page(2);
        assert_eq!(rest.after(page.next.unwrap()).await.unwrap().rows, all[2..]);
        // The column would round the key.
        let fine = Slot { at: time(9, 30, 0, 500_000_000), ..all[0].clone() };
        let refused = table.insert(fine.clone()).await.unwrap_err();
        assert_eq!(*refused.kind(), Kind::Value, "{refused:?}");
        assert!(refused.to_string().contains("`at`"), "{refused}");
        assert_eq!(*table.set(fine.clone()).await.unwrap_err().kind(), Kind::Value);
        assert_eq!(table.get((fine.weekday, fine.at)).await.unwrap(), None);
        assert!(!table.delete((fine.weekday, fine.at)).await.unwrap());
        assert_eq!(table.count().await.unwrap(), 3);
    }

    async fn references_to_such_keys(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        storage.channels.insert_many(channels()).await.unwrap();
        storage.slots.insert_many(slots()).await.unwrap();
        let at = |slot: &Slot| NewAppointment::new(slot.weekday, slot.at);
        let [monday, friday, _] = slots();
        let appointments = [
            at(&monday).medium(Medium::Phone).urgent(Urgent(true)),
            at(&friday).medium(Medium::Phone).urgent(Urgent(true)),
            at(&monday),
        ];
        let stored = storage.appointments.insert_many(appointments).await.unwrap();
        assert_eq!(stored.iter().map(|appointment| appointment.id).collect::<Vec<_>>(), [1, 2, 3]);
        let first = (stored[0].weekday, stored[0].id);
        assert_eq!(storage.appointments.get(first).await.unwrap().as_ref(), Some(&stored[0]));
        let lost = NewAppointment::new(Weekday::Monday, time(1, 0, 0, 0));
        let lost = storage.appointments.insert(lost).await.unwrap_err();
        assert!(matches!(lost.kind(), Kind::ForeignKey { .. }), "{lost:?}");
        let joined = storage
            .slots
            .list()
            .join::<Appointment>(Appointment::weekday.eq(Slot::weekday) & Appointment::at.eq(Slot::at))
            .order_by(Appointment::id.asc())
            .select((Slot::free, Appointment::id));
        assert_eq!(joined.await.unwrap(), [(1, 1), (2, 2), (1, 3)]);
        assert!(storage.channels.delete((Medium::Phone, Urgent(true))).await.unwrap());
        let appointment = storage.appointments.get(first).await.unwrap().unwrap();
        assert_eq!((appointment.medium, appointment.urgent), (None, None));
    }

    async fn keys_beside_documents(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let switch = |on: bool, label: &str| Switch { on, label: label.into() };
        storage.switches.insert(switch(true, "a")).await.unwrap();
        storage.switches.set_many([switch(true, "b"), switch(false, "c")]).await.unwrap();
        assert_eq!(storage.switches.get(true).await.unwrap(), Some(switch(true, "b")));
        let many = storage.switches.get_many([false, true]).await.unwrap();
        assert_eq!(many, [Some(switch(false, "c")), Some(switch(true, "b"))]);
        let page = storage.switches.list().order_by(Switch::on.desc()).page(1).await.unwrap();
        assert_eq!(page.rows, [switch(true, "b")]);
        assert!(storage.switches.delete(false).await.unwrap());
        assert_eq!(storage.switches.query(Switch::on.eq(true)).count().await.unwrap(), 1);
        assert_eq!(storage.switches.count().await.unwrap(), 1);

        let opening = |weekday, hour| Opening { weekday, from: time(hour, 0, 0, 0) };
        let all = [opening(Weekday::Friday, 8), opening(Weekday::Monday, 9)];
        assert_eq!(storage.openings.insert_many(all.clone()).await.unwrap(), all);
        assert_eq!(storage.openings.get(Weekday::Monday).await.unwrap().as_ref(), Some(&all[1]));
        let changed = storage.openings.update(Weekday::Friday, Opening::patch().from(time(7, 0, 0, 0)));
        assert_eq!(changed.await.unwrap(), opening(Weekday::Friday, 7));
        let ordered = storage.openings.list().order_by(Opening::weekday.asc());
        let ordered = ordered.select(Opening::weekday).await.unwrap();
        assert_eq!(ordered, [Weekday::Monday, Weekday::Friday]);
        let among = Opening::weekday.is_in([Weekday::Friday, Weekday::Saturday]);
        assert_eq!(storage.openings.query(among).count().await.unwrap(), 1);
    }
}
