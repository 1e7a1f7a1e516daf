//! How often the server is spoken to: counted between program and server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kontract_behaviour::{NewJob, Storage, User};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::user_with_id;

/// Passes everything on, and counts the points at which the client waits for an answer.
struct Proxy {
    url: String,
    round_trips: Arc<AtomicUsize>,
    statements: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    async fn before(url: &str) -> Proxy {
        let (rest, database) = url.rsplit_once('/').unwrap();
        let server = rest.rsplit_once('@').unwrap().1.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("postgres://postgres@{}/{database}", listener.local_addr().unwrap());
        let proxy = Proxy {
            url,
            round_trips: Arc::default(),
            statements: Arc::default(),
            connections: Arc::default(),
        };
        let (trips, statements) = (Arc::clone(&proxy.round_trips), Arc::clone(&proxy.statements));
        let connections = Arc::clone(&proxy.connections);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                connections.fetch_add(1, Ordering::Relaxed);
                let server = TcpStream::connect(&server).await.unwrap();
                let (trips, statements) = (Arc::clone(&trips), Arc::clone(&statements));
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                tokio::spawn(async move {
                    let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
                });
                tokio::spawn(async move {
                    let mut tagged = false;
                    loop {
                        let tag = if tagged { from_client.read_u8().await.ok()? } else { 0 };
                        let length = from_client.read_u32().await.ok()?;
                        let mut body = vec![0; length as usize - 4];
                        from_client.read_exact(&mut body).await.ok()?;
                        match tag {
                            // Sync ends what is waited for, a simple query is waited for itself.
                            b'S' => drop(trips.fetch_add(1, Ordering::Relaxed)),
                            b'Q' => {
                                trips.fetch_add(1, Ordering::Relaxed);
                                statements.fetch_add(1, Ordering::Relaxed);
                            }
                            b'E' => drop(statements.fetch_add(1, Ordering::Relaxed)),
                            _ => {}
                        }
                        let mut message = Vec::new();
                        if tagged {
                            message.push(tag);
                        }
                        message.extend(length.to_be_bytes());
                        message.extend(body);
                        to_server.write_all(&message).await.ok()?;
                        tagged = true;
                    }
                    #[allow(unreachable_code)]
                    Some(())
                });
            }
        });
        proxy
    }

    fn counts(&self) -> (usize, usize) {
        let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        (read(&self.statements), read(&self.round_trips))
    }
}

#[test]
fn an_up_to_date_database_costs_one_statement() {
    let database = kontract_test_support::postgres_database();
    kontract_test_support::block_on(async {
        Storage::connect(database.url()).await.unwrap().close().await;
        let proxy = Proxy::before(database.url()).await;
        let storage = Storage::connect(&proxy.url).await.unwrap();
        let (statements, _) = proxy.counts();
        assert_eq!(proxy.connections.load(Ordering::Relaxed), 1);
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
        assert_eq!(proxy.connections.load(Ordering::Relaxed), 2, "the pool's and the migrator's");
    });
}

/// A session that the server ended is replaced, and the statement runs on the new one.
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

/// A table that changes under a prepared statement.
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

/// A column whose type somebody changed is not read as what it was: eight bytes are a text, too.
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
                    let text = error.to_string();
                    assert!(
                        text.contains("`value`") && text.contains(&ty.to_lowercase()),
                        "{text}"
                    );
                }
            }
        }
    });
}
