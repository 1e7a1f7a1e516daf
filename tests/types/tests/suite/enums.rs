//! Enums that are types of PostgreSQL: read, written and ordered alike on both databases.

use kontract::Kind;
use kontract_types::Storage;
use kontract_types::enums::{Draft, NewTicket, Priority, State, Ticket, Weight};

fn ticket(id: i64, priority: Priority) -> NewTicket {
    NewTicket::new(id, priority)
}

async fn three_tickets(storage: &Storage) {
    let tickets = [
        ticket(1, Priority::High).state(State::Done).weight(Weight(Priority::Low)),
        ticket(2, Priority::Low).states(vec![State::Open, State::InWork]),
        ticket(3, Priority::Medium).state(State::InWork).weights(vec![Weight(Priority::High)]),
    ];
    storage.tickets.insert_many(tickets).await.unwrap();
}

kontract_test_support::both! {
    async fn values_and_conditions(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        three_tickets(&storage).await;
        let second = storage.tickets.get(2).await.unwrap().expect("it is there");
        assert_eq!((second.priority, second.state), (Priority::Low, State::Open));
        assert_eq!(second.states, [State::Open, State::InWork]);
        assert_eq!((second.weight, second.weights), (None, None));
        let third = storage.tickets.get(3).await.unwrap().expect("it is there");
        assert_eq!(third.weights, Some(vec![Weight(Priority::High)]));
        let count = |filter| async { storage.tickets.query(filter).count().await.unwrap() };
        assert_eq!(count(Ticket::state.eq(State::InWork)).await, 1);
        assert_eq!(count(Ticket::state.ne(State::InWork)).await, 2);
        assert_eq!(count(Ticket::state.is_in([State::Open, State::Done])).await, 2);
        assert_eq!(count(Ticket::weight.eq(Weight(Priority::Low))).await, 1);
        assert_eq!(count(Ticket::weight.eq(None::<Weight>)).await, 2);
        assert_eq!(count(Ticket::states.has(State::InWork)).await, 1);
        assert_eq!(count(Ticket::states.eq(vec![State::Open, State::InWork])).await, 1);

        let patch = Ticket::patch().state(State::Open).weight(Weight(Priority::High));
        storage.tickets.update(1, patch).await.unwrap();
        let first = storage.tickets.get(1).await.unwrap().expect("it is there");
        assert_eq!((first.state, first.weight), (State::Open, Some(Weight(Priority::High))));
        let all = storage.tickets.query(Ticket::state.eq(State::Open));
        all.update(Ticket::patch().states(vec![State::Done])).await.unwrap();
        assert_eq!(count(Ticket::states.has(State::Done)).await, 2);
        storage.drafts.insert(Draft { id: 1, priority: Priority::Medium }).await.unwrap();
        let drafts = storage.drafts.query(Draft::priority.eq(Priority::Medium));
        assert_eq!(drafts.count().await.unwrap(), 1);
    }

    async fn order_is_that_of_the_declaration(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        three_tickets(&storage).await;
        let by = |order| async {
            storage.tickets.list().order_by(order).select(Ticket::id).await.unwrap()
        };
        assert_eq!(by(Ticket::priority.asc()).await, [2, 3, 1]);
        assert_eq!(by(Ticket::priority.desc()).await, [1, 3, 2]);
        let whole = storage.tickets.list().order_by(Ticket::priority.asc()).await.unwrap();
        assert_eq!(whole.iter().map(|ticket| ticket.id).collect::<Vec<_>>(), [2, 3, 1]);
        let ids = |filter| async {
            let found = storage.tickets.query(filter).order_by(Ticket::id.asc());
            found.select(Ticket::id).await.unwrap()
        };
        assert_eq!(ids(Ticket::priority.gt(Priority::Low)).await, [1, 3]);
        assert_eq!(ids(Ticket::priority.le(Priority::Medium)).await, [2, 3]);
        assert_eq!(ids(Ticket::priority.between(Priority::Medium, Priority::High)).await, [1, 3]);
        let ends = (Ticket::priority.min(), Ticket::priority.max());
        let ends = storage.tickets.list().aggregate(ends).await.unwrap();
        assert_eq!(ends, [(Some(Priority::Low), Some(Priority::High))]);
        let query = || storage.tickets.list().order_by(Ticket::priority.asc());
        let mut pages = Vec::new();
        let mut page = query().page(2).await.unwrap();
        loop {
            pages.push(page.rows.iter().map(|ticket| ticket.id).collect::<Vec<_>>());
            let Some(next) = page.next else { break };
            page = query().page(2).after(next).await.unwrap();
        }
        assert_eq!(pages, [vec![2, 3], vec![1]]);
        let groups = storage.tickets.list().group_by(Ticket::state);
        let groups = groups.order_by(|state| state.asc());
        let groups = groups.select(|state| (state, Ticket::id.max())).await.unwrap();
        let expected =
            [(State::Open, Some(2)), (State::InWork, Some(3)), (State::Done, Some(1))];
        assert_eq!(groups, expected);
    }

    async fn other_values_are_refused(url: &str) {
        let storage = Storage::connect(url).await.unwrap();
        let sql = "INSERT INTO tickets (id, priority, states) VALUES (1, 'Highest', '[]')";
        let refused = storage.sql(sql).execute().await.unwrap_err();
        let expected = matches!(refused.kind(), Kind::Check { .. } | Kind::Value);
        assert!(expected, "{refused:?}");
        storage.verify().await.unwrap();
    }
}
