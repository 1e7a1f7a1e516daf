//! The lock of a migration of more than one transaction: that of a file beside the database. The
//! system frees it when the process ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use kontract_schema::code;

use crate::error::{Error, Result};
use crate::migrate::failure::failure;

/// A locked file.
pub(super) struct FileLock {
    path: PathBuf,
    file: File,
}

impl FileLock {
    /// Locks the file `…-migrate` beside the database, and waits for another process that has it.
    ///
    /// # Errors
    /// K0417: the file cannot be created. K0426: another process did not finish in time.
    pub(super) fn take(database: &Path, patience: Duration) -> Result<FileLock> {
        let mut path = database.as_os_str().to_owned();
        path.push("-migrate");
        let path = PathBuf::from(path);
        let start = Instant::now();
        loop {
            let file = OpenOptions::new().create(true).append(true).open(&path);
            let file = file.map_err(|error| cannot_lock(&path, error))?;
            match file.try_lock() {
                Ok(()) => {
                    let lock = FileLock { path, file };
                    if lock.is_held() {
                        return Ok(lock);
                    }
                    // The file was replaced between opening and locking it.
                    return FileLock::take(database, patience.saturating_sub(start.elapsed()));
                }
                Err(TryLockError::Error(error)) => return Err(cannot_lock(&path, error)),
                Err(TryLockError::WouldBlock) if start.elapsed() > patience => {
                    let what =
                        "another process is migrating this database and did not finish in time";
                    return Err(failure(code::MIGRATION_LOCKED, what).with_help(format!(
                        "wait for it, or find it with `fuser {}`",
                        path.display()
                    )));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }

    /// Whether the locked file is still the one at its path. Where it was deleted or replaced,
    /// another process can lock the new file.
    pub(super) fn is_held(&self) -> bool {
        match (self.file.metadata(), std::fs::metadata(&self.path)) {
            (Ok(locked), Ok(present)) => is_same_file(&locked, &present),
            _ => false,
        }
    }
}

#[cfg(unix)]
fn is_same_file(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Other systems keep an open file from being replaced.
#[cfg(not(unix))]
fn is_same_file(_: &std::fs::Metadata, _: &std::fs::Metadata) -> bool {
    true
}

fn cannot_lock(path: &Path, error: std::io::Error) -> Error {
    let what = format!("the file `{}` cannot be locked", path.display());
    failure(code::READ_ONLY, what).with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_replaced_is_no_longer_locked() {
        let database = std::env::temp_dir().join(format!("kontract-lock-{}", std::process::id()));
        let path = PathBuf::from(format!("{}-migrate", database.display()));
        let lock = FileLock::take(&database, Duration::ZERO).expect("it is free");
        assert!(lock.is_held());
        let other = FileLock::take(&database, Duration::ZERO).err().expect("it is locked");
        assert_eq!(other.code(), Some("K0426"));
        std::fs::remove_file(&path).expect("it exists");
        assert!(!lock.is_held());
        let other = FileLock::take(&database, Duration::ZERO).expect("the new file is free");
        assert!(other.is_held() && !lock.is_held());
        std::fs::remove_file(&path).expect("it exists");
    }
}
