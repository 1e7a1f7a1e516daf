//! The PostgreSQL server of a test process.
//!
//! PostgreSQL refuses to run as root, so for root it runs as another user. It stops with the process:
//! an exit handler stops it, or the signal that the kernel sends to the children of a killed process.

use std::ffi::CString;
use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// The variable that names a server to use instead, `postgres://user:password@host:port`.
const VARIABLE: &str = "KONTRACT_TEST_PG_URL";

/// The file that a server writes its messages to.
pub const LOG: &str = "log";

/// User and group of the server, if they are not those of the process.
pub type Owner = Option<(u32, u32)>;

pub const MISSING: &str = "these tests need PostgreSQL: install it (Debian: `apt-get install postgresql`), \
or name a server whose role may create databases in KONTRACT_TEST_PG_URL";

/// The URL of a database on the server.
pub fn url(database: &str) -> String {
    let server = server();
    let (server, parameters) = server.split_once('?').unwrap_or((server, ""));
    let base = format!("{}/{database}", server.trim_end_matches('/'));
    if parameters.is_empty() { base } else { format!("{base}?{parameters}") }
}

/// Runs a statement on the database `postgres`. On a thread of its own, because tests call it
/// within their own runtimes.
pub fn admin(statement: &str) {
    run(&url("postgres"), statement);
}

/// Runs statements on the database of that URL.
pub fn run(url: &str, statement: &str) {
    run_and_wait(url, statement, || {});
}

/// The first column of the rows that statements return, as texts.
pub fn rows(url: &str, statements: &str) -> Vec<String> {
    use sqlx::Row;
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be created").block_on(async {
            let mut connection = PgConnection::connect(url).await?;
            let rows = connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(statements))).await?;
            connection.close().await?;
            rows.iter().map(|row| row.try_get_unchecked(0)).collect()
        })
    };
    let result = std::thread::scope(|scope| scope.spawn(run).join());
    let result: sqlx::Result<_> = result.expect("the thread of the statement does not panic");
    result.unwrap_or_else(|error| panic!("`{statements}` failed: {error}"))
}

/// What a server answers to texts, see [`crate::answers`].
pub fn answers(url: &str, texts: &[String]) -> Vec<crate::Answer> {
    use sqlx::{Column, Row};
    let run = async |connection: &mut PgConnection, text: &String| {
        let rows = connection.fetch_all(sqlx::raw_sql(AssertSqlSafe(text.as_str()))).await?;
        let mut cells = Vec::new();
        for row in &rows {
            for column in row.columns() {
                let value: Option<String> = row.try_get_unchecked(column.ordinal())?;
                cells.push((column.name().to_owned(), value));
            }
        }
        Ok(cells)
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime can be created").block_on(async {
        let mut connection = PgConnection::connect(url).await.expect("the server answers");
        let mut answers = Vec::new();
        for text in texts {
            let answer: sqlx::Result<_> = run(&mut connection, text).await;
            answers.push(answer.map_err(|error| error.to_string()));
        }
        answers
    })
}

/// Runs statements, then `wait`, and closes the connection.
pub fn run_and_wait(url: &str, statement: &str, wait: impl FnOnce() + Send) {
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime can be created").block_on(async {
            let mut connection = PgConnection::connect(url).await?;
            connection.execute(sqlx::raw_sql(AssertSqlSafe(statement))).await?;
            wait();
            connection.close().await
        })
    };
    let result = std::thread::scope(|scope| scope.spawn(run).join());
    let result = result.expect("the thread of the statement does not panic");
    result.unwrap_or_else(|error| panic!("`{statement}` failed: {error}"));
}

/// The URL of the server without a database.
fn server() -> &'static str {
    static URL: OnceLock<String> = OnceLock::new();
    URL.get_or_init(|| std::env::var(VARIABLE).unwrap_or_else(|_| start()))
}

/// The directory of the running server and its process, for [`stop`].
static RUNNING: OnceLock<(PathBuf, u32)> = OnceLock::new();

fn start() -> String {
    remove_leftovers();
    let bin = binaries().unwrap_or_else(|| panic!("{MISSING}"));
    let owner = owner();
    let dir = std::env::temp_dir().join(format!("kontract-pg-{}", std::process::id()));
    fs::create_dir_all(&dir).expect("the directory for temporary files can be written");
    give(&dir, owner);
    let data = dir.join("data");

    initialize(&bin, owner, &dir, &data, &[]);
    require_password(&data);
    let port = free_port();
    let mut child = launch(&bin, owner, &dir, &data, port);
    RUNNING.set((dir.clone(), child.id())).expect("a process has one server");
    // SAFETY: `stop` is an `extern "C"` function that does not unwind: it ignores errors.
    unsafe { libc::atexit(stop) };
    wait_until_ready(&data, &dir.join(LOG), &mut child);
    format!("postgres://postgres@127.0.0.1:{port}")
}

/// Creates the data directory of a server.
pub fn initialize(bin: &Path, owner: Owner, home: &Path, data: &Path, more: &[&str]) {
    let mut initdb = command(bin, "initdb", owner, home);
    initdb.args(["-A", "trust", "-U", "postgres", "--no-sync", "-E", "UTF8", "--locale=C"]);
    let made = initdb.args(more).arg("-D").arg(data).output().expect("initdb runs");
    assert!(made.status.success(), "initdb failed: {}", String::from_utf8_lossy(&made.stderr));
}

/// Launches a server on its data directory. Its log and sockets are in `home`.
pub fn launch(bin: &Path, owner: Owner, home: &Path, data: &Path, port: u16) -> Child {
    let mut postgres = command(bin, "postgres", owner, home);
    postgres.arg("-D").arg(data).args(["-p", &port.to_string()]);
    let sockets = format!("unix_socket_directories={}", home.display());
    let settings = ["listen_addresses=127.0.0.1", &sockets, "fsync=off", "synchronous_commit=off"];
    for setting in settings.into_iter().chain(["full_page_writes=off", "max_connections=300"]) {
        postgres.args(["-c", setting]);
    }
    let file = File::options().create(true).append(true).open(home.join(LOG));
    let file = file.expect("the directory was just created");
    postgres.stderr(file.try_clone().expect("a file can be shared")).stdout(file);
    spawn(postgres)
}

/// Makes the user of the server the owner of a directory.
pub fn give(dir: &Path, owner: Owner) {
    if let Some((user, group)) = owner {
        chown(dir, Some(user), Some(group)).expect("root may change owners");
    }
}

/// Host and port of the server.
pub fn address() -> (String, u16) {
    let (_, rest) = server().split_once("://").expect("it is an address");
    let rest = rest.split(['/', '?']).next().unwrap_or(rest);
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    let (host, port) = place.rsplit_once(':').unwrap_or((place, "5432"));
    (host.to_owned(), port.parse().expect("a port is a number"))
}

/// Requires a password of one role. All other roles can connect from this machine without one.
fn require_password(data: &Path) {
    let path = data.join("pg_hba.conf");
    let rules = fs::read_to_string(&path).expect("initdb wrote it");
    let rules = format!("host all kontract_password 127.0.0.1/32 scram-sha-256\n{rules}");
    fs::write(&path, rules).expect("it can be changed");
}

/// Starts the server from a thread that lives as long as the process: the kernel sends its signal when
/// the thread ends that started the server.
pub fn spawn(mut postgres: Command) -> Child {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        // SAFETY: only the system call prctl runs between fork and exec.
        unsafe {
            postgres.pre_exec(|| {
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGQUIT);
                Ok(())
            });
        }
        // The receiver waits for this.
        let _ = send.send(postgres.spawn());
        loop {
            std::thread::park();
        }
    });
    receive.recv().expect("the thread sends what it started").expect("it starts")
}

/// The eighth line of the file says `ready` once connections are accepted.
pub fn wait_until_ready(data: &Path, log: &Path, child: &mut Child) {
    let start = Instant::now();
    loop {
        let state = fs::read_to_string(data.join("postmaster.pid")).unwrap_or_default();
        if state.lines().nth(7).map(str::trim) == Some("ready") {
            return;
        }
        let ended = child.try_wait().expect("the child can be waited for");
        if ended.is_some() || start.elapsed() > Duration::from_secs(60) {
            panic!("PostgreSQL did not start: {}", fs::read_to_string(log).unwrap_or_default());
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

extern "C" fn stop() {
    let Some((dir, process)) = RUNNING.get() else { return };
    // SAFETY: the process is a child of this one, and only this one waits for it.
    unsafe {
        let process = *process as libc::pid_t;
        libc::kill(process, libc::SIGQUIT);
        libc::waitpid(process, std::ptr::null_mut(), 0);
    }
    let _ = fs::remove_dir_all(dir);
}

/// Removes directories of killed test processes.
fn remove_leftovers() {
    let Ok(entries) = fs::read_dir(std::env::temp_dir()) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let process = name.to_str().and_then(|name| name.strip_prefix("kontract-pg-"));
        if let Some(process) = process
            && !Path::new("/proc").join(process).exists()
        {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A program of a folder, run as the user of the server. `HOME` is set because the server would
/// otherwise read root's.
pub fn command(bin: &Path, name: &str, owner: Owner, home: &Path) -> Command {
    let mut command = Command::new(bin.join(name));
    if let Some((user, group)) = owner {
        command.gid(group).uid(user);
    }
    command.stdin(Stdio::null()).env("HOME", home).current_dir(home);
    command
}

/// The user of the server: `postgres` if it exists, never root.
pub fn owner() -> Owner {
    let name = CString::new("postgres").expect("no NUL");
    // SAFETY: the result points to static memory that is read before any other call.
    unsafe {
        if libc::geteuid() != 0 {
            return None;
        }
        let entry = libc::getpwnam(name.as_ptr());
        Some(if entry.is_null() { (65534, 65534) } else { ((*entry).pw_uid, (*entry).pw_gid) })
    }
}

/// The directory of the binaries: Debian's newest version, or the directory of `initdb` in PATH.
pub fn binaries() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter(|entry| entry.path().join("bin/postgres").exists())
        .max_by_key(|entry| entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
    let in_path = || {
        let path = std::env::var_os("PATH")?;
        std::env::split_paths(&path)
            .find(|dir| dir.join("initdb").exists() && dir.join("postgres").exists())
    };
    newest.map(|entry| entry.path().join("bin")).or_else(in_path)
}

pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}
