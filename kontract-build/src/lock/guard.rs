//! Lets one build at a time read and write a lock file.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::hash;

/// How long a build waits for another one, which normally holds the guard for milliseconds.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How often a waiting build tries again.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// Keeps other cargo processes from the lock file until it is dropped. The system releases it when
/// the process ends for any reason.
pub struct Guard(#[expect(dead_code, reason = "held, not used")] Option<File>);

impl Guard {
    /// Waits until no other process holds the guard of this lock file.
    ///
    /// # Errors
    /// Another process has held it for ten seconds.
    pub fn acquire(lock_file: &Path) -> Result<Guard, Box<Diagnostic>> {
        // Without a guard the rename still keeps the lock file whole.
        let Some(path) = guard_path(lock_file) else { return Ok(Guard(None)) };
        let Ok(file) = open(&path) else { return Ok(Guard(None)) };
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Guard(Some(file))),
                Err(TryLockError::Error(_)) => return Ok(Guard(None)),
                Err(TryLockError::WouldBlock) if started.elapsed() > TIMEOUT => {
                    let message = format!(
                        "another build has kept {} locked for {} seconds",
                        lock_file.display(),
                        TIMEOUT.as_secs()
                    );
                    return Err(Box::new(
                        Diagnostic::new(code::LOCK_IO, message)
                            .note(format!("it holds a lock on {}", path.display()))
                            .help("stop the process that hangs, and build again"),
                    ));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(RETRY_INTERVAL),
            }
        }
    }
}

/// The file that is locked. It is in cargo's home directory, as cargo's own locks are: other users
/// cannot place or lock a file there, not all builds of a package share a target directory, and the
/// source directory should stay clean. Returns `None` without a home directory.
fn guard_path(lock_file: &Path) -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let home = variable("HOME").or_else(|| variable("USERPROFILE"));
    let cargo_home = variable("CARGO_HOME").map(PathBuf::from);
    let cargo_home = cargo_home.or_else(|| Some(PathBuf::from(home?).join(".cargo")))?;
    let real = fs::canonicalize(lock_file).or_else(|_| {
        let dir = lock_file.parent().unwrap_or(Path::new("."));
        fs::canonicalize(dir).map(|dir| dir.join(lock_file.file_name().unwrap_or_default()))
    });
    let real = real.unwrap_or_else(|_| lock_file.to_owned());
    // Sixteen files for all packages of a user: they do not accumulate, and two builds of different
    // packages seldom wait for each other.
    let name = &hash::hex(real.to_string_lossy().as_bytes())[..1];
    Some(cargo_home.join(format!(".kontract-lock-{name}")))
}

/// Opens or creates the file, which only its owner can open.
///
/// # Errors
/// It cannot be opened; it is a link, a FIFO or something else that is not a file.
fn open(path: &Path) -> io::Result<File> {
    match fs::symlink_metadata(path) {
        Ok(metadata) if !metadata.is_file() => return Err(io::ErrorKind::InvalidData.into()),
        _ => {}
    }
    let mut options = File::options();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::testing::Dir;

    #[test]
    fn the_file_is_private_and_is_not_a_fifo() {
        let dir = Dir::with(&[]);
        let path = dir.path().join("lock");
        open(&path).unwrap();
        let mode =
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o077, 0);
        std::os::unix::fs::symlink(&path, dir.path().join("link")).unwrap();
        let fifo = dir.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        for name in ["link", "fifo"] {
            assert!(open(&dir.path().join(name)).is_err(), "{name}");
        }
    }
}
