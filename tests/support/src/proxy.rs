//! Proxies between a program and its PostgreSQL server, which count messages or close the connection.

use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};

/// Forwards everything, and counts how often the client waits for an answer.
pub struct Proxy {
    /// The address of the database behind it.
    pub url: String,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    round_trips: AtomicUsize,
    statements: AtomicUsize,
    executed: AtomicUsize,
    prepared: AtomicUsize,
    connections: AtomicUsize,
    last_prepared: Mutex<String>,
    /// Bytes that the server has sent.
    received: AtomicUsize,
}

impl Proxy {
    /// Starts a proxy before the database at this address. It stops with the runtime.
    pub async fn before(url: &str) -> Proxy {
        let (listener, server, url) = listen(url).await;
        let proxy = Proxy { url, counts: Arc::default() };
        let counts = Arc::clone(&proxy.counts);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                counts.connections.fetch_add(1, Ordering::Relaxed);
                let server = TcpStream::connect(&server).await.unwrap();
                let (from_client, mut to_client) = client.into_split();
                let (mut from_server, to_server) = server.into_split();
                let received = Arc::clone(&counts);
                tokio::spawn(async move {
                    let mut buffer = vec![0; 16 << 10];
                    while let Ok(read @ 1..) = from_server.read(&mut buffer).await {
                        received.received.fetch_add(read, Ordering::Relaxed);
                        if to_client.write_all(&buffer[..read]).await.is_err() {
                            break;
                        }
                    }
                });
                tokio::spawn(pass_on(from_client, to_server, Arc::clone(&counts)));
            }
        });
        proxy
    }

    /// The number of statements, and how often the client waited for an answer.
    pub fn counts(&self) -> (usize, usize) {
        (read(&self.counts.statements), read(&self.counts.round_trips))
    }

    /// The number of statements with values. Those without values begin and end transactions.
    pub fn executed(&self) -> usize {
        read(&self.counts.executed)
    }

    /// How many statements were prepared.
    pub fn prepared(&self) -> usize {
        read(&self.counts.prepared)
    }

    /// The text of the statement that was prepared last.
    pub fn last_prepared(&self) -> String {
        self.counts.last_prepared.lock().unwrap().clone()
    }

    /// The number of connections.
    pub fn connections(&self) -> usize {
        read(&self.counts.connections)
    }

    /// How many bytes the server has sent.
    pub fn received(&self) -> usize {
        read(&self.counts.received)
    }
}

fn read(count: &AtomicUsize) -> usize {
    count.load(Ordering::Relaxed)
}

async fn pass_on(
    mut client: OwnedReadHalf,
    mut server: tokio::net::tcp::OwnedWriteHalf,
    counts: Arc<Counts>,
) {
    let count = |count: &AtomicUsize| {
        count.fetch_add(1, Ordering::Relaxed);
    };
    let mut tagged = false;
    while let Some((tag, message)) = next(&mut client, tagged).await {
        tagged = true;
        match tag {
            // The client waits after Sync, and after a simple query.
            b'S' => count(&counts.round_trips),
            b'Q' => {
                count(&counts.round_trips);
                count(&counts.statements);
            }
            b'E' => {
                count(&counts.statements);
                count(&counts.executed);
            }
            b'P' => {
                count(&counts.prepared);
                // After the tag and the length: a name and the text, each ends with NUL.
                let text = message[5..].split(|byte| *byte == 0).nth(1).unwrap_or_default();
                *counts.last_prepared.lock().unwrap() = String::from_utf8_lossy(text).into_owned();
            }
            _ => {}
        }
        if server.write_all(&message).await.is_err() {
            break;
        }
    }
}

/// Closes the connection, and kills the process if there is one, at a point at which the program waits
/// for an answer.
pub struct Cut {
    /// The address of the database behind it.
    pub url: String,
    cut: Arc<AtomicBool>,
}

impl Cut {
    /// Cuts at the point with this number, among the points whose message contains the text `only`. With
    /// `sent`, the server still receives the last message of the program.
    pub async fn at(
        url: &str,
        only: &'static str,
        point: usize,
        sent: bool,
        process: Arc<Mutex<Option<Child>>>,
    ) -> Cut {
        let (listener, server, url) = listen(url).await;
        let made = Cut { url, cut: Arc::default() };
        let cut = Arc::clone(&made.cut);
        // The number of points so far.
        let points = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&server).await.unwrap();
                // Each message is forwarded separately, at once.
                client.set_nodelay(true).unwrap();
                server.set_nodelay(true).unwrap();
                let (points, cut) = (Arc::clone(&points), Arc::clone(&cut));
                let process = Arc::clone(&process);
                let (mut from_client, mut to_client) = client.into_split();
                let (mut from_server, mut to_server) = server.into_split();
                let back = tokio::spawn(async move {
                    let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
                });
                tokio::spawn(async move {
                    let mut tagged = false;
                    while let Some((tag, message)) = next(&mut from_client, tagged).await {
                        tagged = true;
                        let here = matches!(tag, b'S' | b'Q')
                            && String::from_utf8_lossy(&message).contains(only)
                            && points.fetch_add(1, Ordering::SeqCst) + 1 == point;
                        let passed = !here || sent;
                        if passed && to_server.write_all(&message).await.is_err() {
                            break;
                        }
                        if here {
                            end(&cut, &process);
                            break;
                        }
                    }
                    // Both directions, concurrently.
                    back.abort();
                });
            }
        });
        made
    }

    /// Whether the point was reached.
    pub fn was_cut(&self) -> bool {
        self.cut.load(Ordering::SeqCst)
    }
}

fn end(cut: &AtomicBool, process: &Mutex<Option<Child>>) {
    cut.store(true, Ordering::SeqCst);
    if let Some(child) = process.lock().unwrap().as_mut() {
        child.kill().unwrap();
    }
}

/// A listener, the address of the server, and the address of the database through the listener.
async fn listen(url: &str) -> (TcpListener, String, String) {
    let (rest, database) = url.rsplit_once('/').unwrap();
    let server = rest.rsplit_once('@').unwrap().1.to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("postgres://postgres@{}/{database}", listener.local_addr().unwrap());
    (listener, server, url)
}

/// The next message of a client: its tag and all its bytes.
async fn next(from: &mut OwnedReadHalf, tagged: bool) -> Option<(u8, Vec<u8>)> {
    let tag = if tagged { from.read_u8().await.ok()? } else { 0 };
    let length = from.read_u32().await.ok()?;
    let mut body = vec![0; length as usize - 4];
    from.read_exact(&mut body).await.ok()?;
    let mut message = if tagged { vec![tag] } else { Vec::new() };
    message.extend(length.to_be_bytes());
    message.extend(body);
    Some((tag, message))
}
