//! Real databases for tests.
//!
//! PostgreSQL: a server for the test process, which starts at the first use and stops with the process;
//! or the server that `KONTRACT_TEST_PG_URL` names. Each [`Database`] is new, and dropped with its
//! value. Without a server the tests fail; they are never skipped.

use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

pub mod cluster;
pub mod crash;
pub mod keywords;
pub mod pooler;
pub mod proxy;
mod server;
pub mod statements;

/// A directory that is removed with its value.
pub fn temporary_directory() -> TempDir {
    tempfile::tempdir().expect("the system has a directory for temporary files")
}

/// A new database, which is dropped with its value.
pub struct Database {
    url: String,
    kind: Kind,
}

enum Kind {
    Sqlite { _dir: TempDir },
    Postgres { name: String },
}

impl Database {
    /// `sqlite:…` or `postgres://…`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Whether it is on PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self.kind, Kind::Postgres { .. })
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Kind::Postgres { name } = &self.kind {
            server::admin(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

/// A new SQLite file.
pub fn sqlite_database() -> Database {
    let dir = temporary_directory();
    let url = format!("sqlite:{}", dir.path().join("test.db").display());
    Database { url, kind: Kind::Sqlite { _dir: dir } }
}

/// A new PostgreSQL database.
pub fn postgres_database() -> Database {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("kontract_test_{}_{number}", std::process::id());
    server::admin(&format!("CREATE DATABASE {name}"));
    Database { url: server::url(&name), kind: Kind::Postgres { name } }
}

/// A new SQLite and a new PostgreSQL database.
pub fn both() -> [Database; 2] {
    [sqlite_database(), postgres_database()]
}

/// Runs statements on a database with another driver, as an administrator would.
pub fn execute(url: &str, statements: &str) {
    match url.strip_prefix("sqlite:") {
        None => server::run(url, statements),
        Some(path) => {
            let run = || {
                let connection = rusqlite::Connection::open(path)?;
                connection.busy_timeout(std::time::Duration::from_secs(10))?;
                connection.execute_batch(statements)
            };
            run().unwrap_or_else(|error| panic!("`{statements}` failed: {error}"));
        }
    }
}

/// The first column of the rows that statements return on a PostgreSQL database, as texts.
pub fn rows(url: &str, statements: &str) -> Vec<String> {
    server::rows(url, statements)
}

/// The names and values of all columns that the statements of a text return, row by row; or the error.
pub type Answer = Result<Vec<(String, Option<String>)>, String>;

/// What a database answers to texts, one after the other on one connection. The database decides where
/// the statements of a text end.
pub fn answers(url: &str, texts: &[String]) -> Vec<Answer> {
    use rusqlite::fallible_iterator::FallibleIterator as _;
    let Some(path) = url.strip_prefix("sqlite:") else { return server::answers(url, texts) };
    let connection = rusqlite::Connection::open(path).expect("the file can be opened");
    let run = |text: &String| {
        let mut cells = Vec::new();
        let mut statements = rusqlite::Batch::new(&connection, text);
        while let Some(mut statement) = statements.next()? {
            let names = statement.column_names().into_iter().map(str::to_owned);
            let names: Vec<String> = names.collect();
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                for (place, name) in names.iter().enumerate() {
                    let value = row.get_ref(place)?;
                    cells.push((name.clone(), value.as_str_or_null()?.map(str::to_owned)));
                }
            }
        }
        Ok(cells)
    };
    let answers = texts.iter().map(run);
    answers.map(|answer| answer.map_err(|error: rusqlite::Error| error.to_string())).collect()
}

/// A connection that stays open until it is dropped, to hold locks.
pub struct Held {
    end: std::sync::mpsc::Sender<()>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        let _ = self.end.send(());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Runs statements and keeps the connection.
pub fn hold(url: &str, statements: &str) -> Held {
    let (end, ended) = std::sync::mpsc::channel();
    let (begun, begins) = std::sync::mpsc::channel();
    let (url, statements) = (url.to_owned(), statements.to_owned());
    let work = move || {
        let wait = move || {
            begun.send(()).expect("the other thread waits for this");
            // The other end is dropped if the test fails.
            let _ = ended.recv();
        };
        match url.strip_prefix("sqlite:") {
            None => server::run_and_wait(&url, &statements, wait),
            Some(path) => {
                let connection = rusqlite::Connection::open(path).expect("the file can be opened");
                connection.execute_batch(&statements).expect("the statements succeed");
                wait();
            }
        }
    };
    let thread = Some(std::thread::spawn(work));
    begins.recv().expect("the statements succeed");
    Held { end, thread }
}

/// Ends all sessions of a PostgreSQL database.
pub fn end_sessions(url: &str) {
    let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    server::run(url, others);
}

/// Defines tests that run on both databases.
///
/// `both! { async fn name(url: &str) { … } … }` makes for each function a module of its name with
/// the tests `sqlite` and `postgres`, each with a fresh database and a runtime of four threads.
#[macro_export]
macro_rules! both {
    ($( $(#[$meta:meta])* async fn $name:ident($url:ident: &str) $body:block )*) => { $(
        $(#[$meta])*
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            async fn test($url: &str) $body

            #[test]
            fn sqlite() {
                let database = $crate::sqlite_database();
                $crate::block_on(test(database.url()));
            }

            #[test]
            fn postgres() {
                let database = $crate::postgres_database();
                $crate::block_on(test(database.url()));
            }
        }
    )* };
}

/// Runs `work` while only root can write to a directory.
pub fn only_readable(directory: &std::path::Path, work: impl FnOnce()) {
    use std::os::unix::fs::PermissionsExt;
    let set = |mode| {
        let set = std::fs::set_permissions(directory, std::fs::Permissions::from_mode(mode));
        set.expect("this process owns it");
    };
    set(0o555);
    work();
    set(0o755);
}

/// Runs a test in threads that have the file permissions of other users, also where the tests run as root.
pub fn block_on_as_other_user(future: impl Future<Output = ()> + Send) {
    // SAFETY: system calls that concern the calling thread alone; without the right they do nothing.
    let drop_rights = || unsafe {
        libc::setfsgid(65534);
        libc::setfsuid(65534);
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .on_thread_start(drop_rights)
        .enable_all()
        .build()
        .expect("a runtime can be created");
    let run = || {
        drop_rights();
        runtime.block_on(future);
    };
    std::thread::scope(|scope| scope.spawn(run).join())
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    runtime.shutdown_background();
}

/// Runs a test on a runtime of its own.
pub fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime can be created")
        .block_on(future)
}
