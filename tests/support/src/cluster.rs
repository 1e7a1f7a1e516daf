//! PostgreSQL servers for one test: they are restarted, have a full disk, or are standbys. Dropping the
//! value stops the server.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use tempfile::TempDir;

use crate::server::{self, MISSING, Owner};

/// A running server.
pub struct Cluster {
    directory: TempDir,
    bin: PathBuf,
    owner: Owner,
    port: u16,
    process: Child,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.end(libc::SIGQUIT);
    }
}

impl Cluster {
    /// Starts a server. The files of its write-ahead log have a megabyte each.
    pub fn start() -> Cluster {
        Cluster::start_on(|bin, owner, home| {
            server::initialize(bin, owner, home, &home.join("data"), &["--wal-segsize=1"]);
        })
    }

    /// Starts a standby of this server, which is read-only.
    pub fn standby(&self) -> Cluster {
        Cluster::start_on(|bin, owner, home| {
            let mut backup = server::command(bin, "pg_basebackup", owner, home);
            backup.args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-U", "postgres"]);
            backup.args(["-R", "-X", "stream", "--checkpoint=fast", "--no-sync", "-D"]);
            let done = backup.arg(home.join("data")).output().expect("pg_basebackup runs");
            assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        })
    }

    fn start_on(fill: impl FnOnce(&PathBuf, Owner, &Path)) -> Cluster {
        let bin = server::binaries().unwrap_or_else(|| panic!("{MISSING}"));
        let owner = server::owner();
        let directory = crate::temporary_directory();
        server::give(directory.path(), owner);
        fill(&bin, owner, directory.path());
        let port = server::free_port();
        let (home, data) = (directory.path(), directory.path().join("data"));
        let mut process = server::launch(&bin, owner, home, &data, port);
        server::wait_until_ready(&data, &home.join(server::LOG), &mut process);
        Cluster { directory, bin, owner, port, process }
    }

    /// The address of its database `postgres`.
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops it as `pg_ctl stop -m fast` does, which ends all sessions.
    pub fn stop(&mut self) {
        self.end(libc::SIGINT);
    }

    /// Starts it again, on the same port.
    pub fn start_again(&mut self) {
        let (home, data) = (self.directory.path(), self.directory.path().join("data"));
        self.process = server::launch(&self.bin, self.owner, home, &data, self.port);
        server::wait_until_ready(&data, &home.join(server::LOG), &mut self.process);
    }

    /// Promotes a standby to a primary.
    pub fn promote(&self) {
        server::run(&self.url(), "SELECT pg_promote()");
    }

    /// Limits the size of files that new sessions write: a larger file fails as on a full disk. `None`
    /// removes the limit.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = libc::rlimit {
            rlim_cur: bytes.unwrap_or(libc::RLIM_INFINITY),
            rlim_max: libc::RLIM_INFINITY,
        };
        let process = self.process.id() as libc::pid_t;
        // A process of the server's user has the right to do this.
        let home = self.directory.path();
        let mut limiter = server::command(Path::new("/bin"), "true", self.owner, home);
        // SAFETY: only this system call runs between fork and exec; it allocates nothing.
        unsafe {
            limiter.pre_exec(move || {
                match libc::prlimit(process, libc::RLIMIT_FSIZE, &limit, std::ptr::null_mut()) {
                    0 => Ok(()),
                    _ => Err(std::io::Error::last_os_error()),
                }
            });
        }
        let done = limiter.status().expect("a process may limit processes of its user");
        assert!(done.success());
    }

    /// One of PostgreSQL's programs, `pg_dump`.
    pub fn program(name: &str) -> Command {
        Command::new(server::binaries().unwrap_or_else(|| panic!("{MISSING}")).join(name))
    }

    fn end(&mut self, signal: libc::c_int) {
        // SAFETY: the process is a child of this one, and only this one waits for it.
        unsafe { libc::kill(self.process.id() as libc::pid_t, signal) };
        let _ = self.process.wait();
    }
}
