//! Lets one build at a time read and write a lock file.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::hash;

/// How long a build waits for another one, which normally holds the guard for milliseconds.
const TIMEOUT: Duration = Duration::from_secs(60);

/// How often a waiting build tries again.
const RETRY_INTERVAL: Duration = Duration::from_millis(5);

/// Keeps other cargo processes from the lock file until it is dropped. The system releases it when
/// the process ends for any reason.
pub struct Guard(#[expect(dead_code, reason = "held, not used")] Option<File>);

impl Guard {
    /// Waits until no other process holds the guard of this lock file.
    ///
    /// # Errors
    /// Another process has held it for a minute.
    pub fn acquire(lock_file: &Path) -> Result<Guard, Box<Diagnostic>> {
        let path = guard_path(lock_file);
        // A file of another user can be opened but not created.
        let create = || File::options().create(true).append(true).open(&path);
        // Without a guard the rename still keeps the lock file whole.
        let Ok(file) = File::open(&path).or_else(|_| create()) else { return Ok(Guard(None)) };
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Guard(Some(file))),
                Err(TryLockError::Error(_)) => return Ok(Guard(None)),
                Err(TryLockError::WouldBlock) if started.elapsed() > TIMEOUT => {
                    let message = format!(
                        "another build has held the guard of {} for a minute",
                        lock_file.display()
                    );
                    return Err(Box::new(
                        Diagnostic::new(code::LOCK_IO, message)
                            .help("stop the cargo process that hangs, and build again"),
                    ));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(RETRY_INTERVAL),
            }
        }
    }
}

/// The file that is locked. It is in the system's temporary directory: not all builds of a package
/// share a target directory, and the source directory should stay clean.
fn guard_path(lock_file: &Path) -> PathBuf {
    let real = fs::canonicalize(lock_file).or_else(|_| {
        let dir = lock_file.parent().unwrap_or(Path::new("."));
        fs::canonicalize(dir).map(|dir| dir.join(lock_file.file_name().unwrap_or_default()))
    });
    let real = real.unwrap_or_else(|_| lock_file.to_owned());
    // Sixteen files for all packages of a machine: they do not accumulate, and two builds of
    // different packages seldom wait for each other.
    let name = &hash::hex(real.to_string_lossy().as_bytes())[..1];
    std::env::temp_dir().join(format!("kontract-{name}.lock"))
}
