//! Round trips to the server, and sessions that end or change.

use kontract_behaviour::{NewJob, Storage, User};
use kontract_test_support::proxy::Proxy;

use super::user_with_id;

#[test]
fn an_up_to_date_database_costs_one_statement() {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        Storage::connect(database.url()).await.unwrap().close().await;
        let proxy = Proxy::before(database.url()).await;
        let storage = Storage::connect(&proxy.url).await.unwrap();
        let (statements, _) = proxy.counts();
        assert_eq!(proxy.connections(), 1);
        storage.close().await;
        assert_eq!(statements, 1);
    });
}

#[test]
fn each_operation_on_one_row_is_one_round_trip() {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        let proxy = Proxy::before(database.url()).await;
        let storage = Storage::connect(&proxy.url).await.unwrap();
        let (users, jobs) = (&storage.users, &storage.jobs);
        for prepared in [false, true] {
            macro_rules! one {
                ($operation:expr) => {{
                    let (_, before) = proxy.counts();
                    $operation.await.unwrap();
                    let (_, after) = proxy.counts();
                    if prepared {
                        assert_eq!(after - before, 1, stringify!($operation));
                    }
                }};
            }
            one!(users.set(user_with_id("1")));
            one!(users.get("1"));
            one!(users.get_row("1"));
            one!(users.exists("1"));
            one!(users.update("1", User::patch().age(2.0)));
            let version = users.get_row("1").await.unwrap().unwrap().version.unwrap();
            one!(users.update_if("1", version, User::patch().age(3.0)));
            one!(users.delete("1"));
            one!(users.restore("1"));
            one!(users.purge("1"));
            one!(users.insert(user_with_id("1")));
            one!(jobs.push(NewJob::new(1i64)));
            one!(jobs.push(NewJob::new(2i64)));
            one!(jobs.pop());
            one!(jobs.shift());
            one!(users.count());
            one!(jobs.insert(NewJob::new(3i64)));
        }
        assert_eq!(proxy.connections(), 2, "the pool's and the migrator's");
    });
}

/// A session that the server ended is replaced, and the statement runs on the new session.
#[test]
fn dead_connections_are_replaced() {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        storage.users.set(user_with_id("1")).await.unwrap();
        for _ in 0..5 {
            kontract_test_support::end_sessions(database.url());
            assert!(storage.users.get("1").await.unwrap().is_some(), "reading");
            kontract_test_support::end_sessions(database.url());
            storage.users.update("1", User::patch().age(2.0)).await.unwrap();
        }
        let row = storage.users.get_row("1").await.unwrap().unwrap();
        assert_eq!(row.version, Some(6), "each update counted once");
    });
}

/// A table changes while a statement on it is prepared.
#[test]
fn prepared_statements_survive_a_changed_table() {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        storage.users.set(user_with_id("1")).await.unwrap();
        storage.users.get("1").await.unwrap();
        kontract_test_support::execute(
            database.url(),
            "ALTER TABLE settings ALTER COLUMN value TYPE VARCHAR(100)",
        );
        let key = ("a".to_owned(), 1i64);
        storage.settings.set(kontract_behaviour::NewSetting::new("a", 1i64, "x")).await.unwrap();
        storage.settings.get(key.clone()).await.unwrap();
        kontract_test_support::execute(
            database.url(),
            "ALTER TABLE settings ALTER COLUMN value TYPE TEXT",
        );
        assert_eq!(storage.settings.get(key).await.unwrap().unwrap().value, "x");
    });
}

/// A column whose type was changed by hand is not decoded as the old type.
#[test]
fn a_column_of_another_type_is_not_read() {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        let storage = Storage::connect(database.url()).await.unwrap();
        let key = ("a".to_owned(), 1i64);
        storage.settings.set(kontract_behaviour::NewSetting::new("a", 1i64, "65")).await.unwrap();
        storage.settings.get(key.clone()).await.unwrap();
        for (ty, fits) in [("INT8", false), ("VARCHAR(9)", true), ("BYTEA", false)] {
            let to = if ty == "BYTEA" { "value::text::bytea" } else { &format!("value::{ty}") };
            let change = format!("ALTER TABLE settings ALTER COLUMN value TYPE {ty} USING {to}");
            kontract_test_support::execute(database.url(), &change);
            match storage.settings.get(key.clone()).await {
                Ok(row) => assert!(fits && row.unwrap().value == "65", "{ty}"),
                Err(error) => {
                    assert!(!fits && *error.kind() == kontract::Kind::Decode, "{ty}: {error}");
                    let text = format!("{error:?}");
                    assert!(
                        text.contains("`value`") && text.contains(&ty.to_lowercase()),
                        "{text}"
                    );
                }
            }
        }
    });
}
