//! PgBouncer in transaction mode before the server: each transaction runs in any free session of the
//! server.
//!
//! Without PgBouncer the tests fail with a message about what to install.

use std::fs;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::{Database, server};

const MISSING: &str = "this test needs PgBouncer: install it (Debian: `apt-get install pgbouncer`)";

/// A running pooler, which stops when it is dropped.
pub struct Pooler {
    port: u16,
    process: Child,
    _directory: TempDir,
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Pooler {
    /// Starts a pooler. `settings` are more lines of its section `[pgbouncer]`.
    pub fn start(settings: &str) -> Pooler {
        let program = program().unwrap_or_else(|| panic!("{MISSING}"));
        let directory = crate::temporary_directory();
        let (host, server_port) = server::address();
        let port = server::free_port();
        let file = directory.path().join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={host} port={server_port} user=postgres\n\n[pgbouncer]\n\
             listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = 8\nmax_client_conn = 100\n{settings}\n"
        );
        fs::write(&file, text).expect("the directory was just made");
        let owner = server::owner();
        server::give(directory.path(), owner);
        let (folder, name) = (program.parent().unwrap_or(Path::new("/")), "pgbouncer");
        let mut command = server::command(folder, name, owner, directory.path());
        command.arg("--quiet").arg(&file).stdout(Stdio::null()).stderr(Stdio::null());
        let mut process = server::spawn(command);
        let start = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            let ended = process.try_wait().expect("the child can be waited for");
            assert!(ended.is_none(), "PgBouncer ended: {ended:?}");
            assert!(start.elapsed() < Duration::from_secs(30), "PgBouncer did not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        Pooler { port, process, _directory: directory }
    }

    /// The address of a database through it.
    pub fn url(&self, database: &Database) -> String {
        let (_, name) = database.url().rsplit_once('/').expect("an address ends with a database");
        format!("postgres://postgres@127.0.0.1:{}/{name}", self.port)
    }
}

fn program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders.map(|folder| folder.join("pgbouncer")).find(|program| program.exists())
}
