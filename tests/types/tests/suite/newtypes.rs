//! A newtype is stored as its field, and can be used wherever its field can.

use kontract::{Kind, Uuid};
use kontract_types::Storage;
use kontract_types::newtypes::{
    Arrival, Booking, Cents, Clearance, Contact, Email, Extra, Level, Member, MemberId, NewBooking,
    NewMember, NewNote, Note, Place, RoomNumber, Tags,
};

fn email(name: &str) -> Email {
    Email(format!("{name}@example.org"))
}

fn day(day: i8) -> jiff::civil::Date {
    jiff::civil::date(2026, 11, day)
}

fn arrival() -> Arrival {
    Arrival("2026-11-30T10:30:00.5Z".parse().expect("a time"))
}

fn booking(room: i32, on: i8, member: MemberId) -> NewBooking {
    let tags = Tags(vec!["sea".into()]);
    NewBooking::new(RoomNumber(room), day(on), member, tags, Extra(serde_json::json!({"a": [1]})))
}

kontract_test_support::both! {
    async fn keys_and_conditions(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let ann = storage.members.insert(NewMember::new(email("ann"))).await.unwrap();
        assert_ne!(ann.id, MemberId(Uuid::nil()));
        assert_eq!(ann.clearance, Clearance(Level::Low));
        let bob = NewMember::new(email("bob")).id(MemberId(Uuid::max())).contact(Contact(email("b")));
        let bob = storage.members.insert(bob.clearance(Clearance(Level::High))).await.unwrap();
        assert_eq!(storage.members.get(ann.id).await.unwrap().as_ref(), Some(&ann));
        let both = storage.members.get_many([bob.id, ann.id]).await.unwrap();
        assert_eq!(both.len(), 2);

        let by_email = storage.members.query(Member::email.eq(email("bob")));
        let only_bob = std::slice::from_ref(&bob);
        assert_eq!(by_email.await.unwrap(), only_bob);
        let high = storage.members.query(Member::clearance.is_in([Clearance(Level::High)]));
        assert_eq!(high.await.unwrap(), only_bob);
        let contact = storage.members.query(Member::contact.eq(Some(Contact(email("b")))));
        assert_eq!(contact.await.unwrap(), only_bob);
        let text = storage.members.query(Member::email.starts_with("ann"));
        assert_eq!(text.select(Member::id).await.unwrap(), [ann.id]);

        storage.members.update(bob.id, Member::patch().email(email("robert"))).await.unwrap();
        let emails = storage.members.list().order_by(Member::email.asc()).select(Member::email);
        assert_eq!(emails.await.unwrap(), [email("ann"), email("robert")]);
        let taken = storage.members.insert(NewMember::new(email("ann"))).await;
        assert!(matches!(taken.unwrap_err().kind(), Kind::Unique { .. }));
        storage.members.delete(bob.id).await.unwrap();
        assert_eq!(storage.members.get(bob.id).await.unwrap(), None);
    }

    async fn references_lists_and_numbers(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let ann = storage.members.insert(NewMember::new(email("ann"))).await.unwrap();
        let first = booking(7, 1, ann.id).guests(vec![email("g"), email("h")]);
        let first = first.arrivals(vec![arrival()]).payer(ann.id);
        let first = storage.bookings.insert(first).await.unwrap();
        assert_eq!((first.price, first.tip), (Cents(1500), Some(Cents(5))));
        let key = (RoomNumber(7), day(1));
        assert_eq!(storage.bookings.get(key).await.unwrap(), Some(first.clone()));
        let second = booking(8, 1, ann.id).price(Cents(500)).tip(None);
        let second = storage.bookings.insert(second).await.unwrap();
        assert_eq!(second.tip, None);
        let lost = storage.bookings.insert(booking(9, 1, MemberId(Uuid::nil()))).await;
        assert!(matches!(lost.unwrap_err().kind(), Kind::ForeignKey { .. }));

        let list = || storage.bookings.list();
        let sum = list().aggregate((Booking::price.sum(), Booking::price.max())).await.unwrap();
        assert_eq!(sum, [(Some(2000), Some(Cents(1500)))]);
        let groups = list().group_by(Booking::room).order_by(|room| room.desc());
        let groups = groups.select(|room| (room, Booking::price.sum())).await.unwrap();
        assert_eq!(groups, [(RoomNumber(8), Some(500)), (RoomNumber(7), Some(1500))]);
        let dearer = Booking::patch().set(Booking::price, Booking::price.plus(Cents(1)));
        storage.bookings.update(key, dearer).await.unwrap();
        let dear = storage.bookings.query(Booking::price.gt(Cents(1500)));
        assert_eq!(dear.select(Booking::room).await.unwrap(), [RoomNumber(7)]);

        let with = storage.members.list().join::<Booking>(Booking::member.eq(Member::id));
        let rooms = with.order_by(Booking::room.asc()).select((Member::email, Booking::room));
        let expected = [(email("ann"), RoomNumber(7)), (email("ann"), RoomNumber(8))];
        assert_eq!(rooms.await.unwrap(), expected);
        let guest = storage.bookings.query(Booking::guests.has(email("h")));
        assert_eq!(guest.count().await.unwrap(), 1);
        let arrived = storage.bookings.query(Booking::arrivals.has(arrival()));
        assert_eq!(arrived.count().await.unwrap(), 1);
        let lists = storage.bookings.query(Booking::arrivals.eq(vec![arrival()]));
        assert_eq!(lists.count().await.unwrap(), 1);
        let sea = storage.bookings.query(Booking::tags.eq(Tags(vec!["sea".into()])));
        assert_eq!(sea.count().await.unwrap(), 2);
        let inside = storage.bookings.query(Booking::extra.at("a").at(0).get::<i64>().eq(1));
        assert_eq!(inside.count().await.unwrap(), 2);
        let raw = storage.sql("SELECT member FROM bookings WHERE room = $1").bind(RoomNumber(7));
        assert_eq!(raw.fetch::<(MemberId,)>().await.unwrap(), [(ann.id,)]);
    }

    async fn documents(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let author = MemberId(Uuid::now_v7());
        let place = Place { room: RoomNumber(3), clearance: Clearance(Level::High) };
        let note = NewNote::new(RoomNumber(1), author, place).contact(Contact(email("c")));
        let note = note.prices(vec![Cents(1), Cents(2)]).arrivals(vec![arrival()]).times(vec![arrival().0]);
        let note = storage.notes.insert(note).await.unwrap();
        assert_eq!(storage.notes.get(RoomNumber(1)).await.unwrap(), Some(note.clone()));
        let found = [
            Note::author.eq(author),
            Note::contact.eq(Contact(email("c"))),
            Note::prices.has(Cents(2)),
            Note::arrivals.has(arrival()),
            Note::times.has(arrival().0),
            Note::prices.eq(vec![Cents(1), Cents(2)]),
            Note::place.at(Place::room).eq(RoomNumber(3)),
            Note::place.at(Place::clearance).eq(Clearance(Level::High)),
        ];
        for (place, condition) in found.into_iter().enumerate() {
            let found = storage.notes.query(condition).await.unwrap();
            assert_eq!(found, std::slice::from_ref(&note), "condition {place}");
        }
    }
}
