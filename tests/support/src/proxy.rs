//! How often a PostgreSQL server is spoken to: counted between program and server.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Passes everything on, and counts the points at which the client waits for an answer.
pub struct Proxy {
    /// The address of the database behind it.
    pub url: String,
    round_trips: Arc<AtomicUsize>,
    statements: Arc<AtomicUsize>,
    connections: Arc<AtomicUsize>,
}

impl Proxy {
    /// Before the database at that address, until the runtime ends.
    pub async fn before(url: &str) -> Proxy {
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

    /// How many statements there were, and how often the client waited for an answer.
    pub fn counts(&self) -> (usize, usize) {
        let read = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        (read(&self.statements), read(&self.round_trips))
    }

    /// How many connections there were.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}
