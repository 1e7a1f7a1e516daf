//! Reads, compares and writes `kontract.lock.json`.
//!
//! One cargo process at a time holds the [`Guard`](super::guard::Guard) from reading to writing. The
//! file is written only if the bytes differ: to a temporary file in the same directory, which is
//! synced and renamed, so that a killed build leaves the old file or the new one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use kontract_schema::change::ChangeId;
use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::lock::LockFile;

use super::read_error::damaged;
pub use super::read_error::explain_read_error;
use crate::cargo::package::Package;
use crate::text_file::{LOCK_LIMIT, read_text_file};

/// The lock file on disk.
pub struct OnDisk {
    path: PathBuf,
    text: Option<String>,
}

impl OnDisk {
    /// Reads the text of the lock file of the package in a directory.
    ///
    /// # Errors
    /// The file exists, but cannot be read.
    pub fn read(path: &Path, package: &Path) -> Result<OnDisk, Box<Diagnostic>> {
        let text = read_text_file(path, package, LOCK_LIMIT);
        // A symbolic link is kept: the file behind it is written.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match text {
            Ok(text) => Ok(OnDisk { path, text: Some(text) }),
            Err(error) => match error.kind() {
                io::ErrorKind::NotFound => Ok(OnDisk { path, text: None }),
                io::ErrorKind::InvalidData => Err(damaged(&path, &error.to_string())),
                _ => Err(io_error(&path, "read", &error)),
            },
        }
    }

    /// Parses the text. Returns an empty lock file if the file does not exist.
    ///
    /// # Errors
    /// The text is not a valid lock file.
    pub fn parse(&self) -> Result<LockFile, Box<Diagnostic>> {
        match &self.text {
            None => Ok(LockFile::default()),
            Some(text) if text.trim().is_empty() => Err(damaged(&self.path, "it is empty")),
            Some(text) => {
                LockFile::read(text).map_err(|error| explain_read_error(&self.path, error))
            }
        }
    }

    /// Whether writing would change the content of the file; another format alone is not a change. No
    /// file is created for an empty schema.
    pub fn differs(&self, lock: &LockFile) -> bool {
        match &self.text {
            None => *lock != LockFile::default(),
            Some(text) => {
                // Git may have converted the line endings.
                let text = text.replace("\r\n", "\n");
                text != lock.write() && !lock.is_in_older_format(&text)
            }
        }
    }

    /// Why the system does not let the file be written; `None` if it does.
    pub fn read_only_reason(&self) -> Option<&'static str> {
        let is_read_only =
            |path: &Path| fs::metadata(path).is_ok_and(|m| m.permissions().readonly());
        match self.path.parent() {
            Some(dir) if is_read_only(dir) => Some("the package directory is read-only"),
            _ if is_read_only(&self.path) => Some("the lock file is read-only"),
            _ => None,
        }
    }

    /// Writes the file. `changed_at` becomes its time of change: a time before the build, so that
    /// cargo does not run the build script again because of it.
    ///
    /// # Errors
    /// The system refuses. Then the old file is unchanged.
    pub fn write(&self, lock: &LockFile, changed_at: SystemTime) -> io::Result<()> {
        let dir = self.path.parent().unwrap_or(Path::new("."));
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = dir.join(format!(".{name}.tmp"));
        // A build that was killed may have left one.
        let _ = fs::remove_file(&temporary);
        let write = || {
            fs::create_dir_all(dir)?;
            let mut file = File::create_new(&temporary)?;
            file.write_all(lock.write().as_bytes())?;
            // A file system without these times costs one more run of the build script.
            let _ = file.set_modified(changed_at);
            file.sync_all()?;
            fs::rename(&temporary, &self.path)
        };
        let written = write();
        if written.is_err() {
            let _ = fs::remove_file(&temporary);
        }
        #[cfg(unix)]
        if written.is_ok() {
            let _ = File::open(dir).and_then(|dir| dir.sync_all());
        }
        written
    }
}

/// Writes `lock` if it differs from the file on disk.
///
/// # Errors
/// It differs, and the file must not or cannot be written.
pub fn write_if_changed(
    package: &Package,
    on_disk: &OnDisk,
    old: &LockFile,
    lock: &LockFile,
) -> Result<(), Box<Diagnostic>> {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    if !on_disk.differs(lock) {
        return Ok(());
    }
    if let Some(reason) = package.locked_reason().or(on_disk.read_only_reason()) {
        return Err(outdated(package, reason, old, lock));
    }
    on_disk.write(lock, package.started_at).map_err(|error| match error.kind() {
        PermissionDenied | ReadOnlyFilesystem => {
            outdated(package, "the package directory cannot be written", old, lock)
        }
        _ => io_error(package.relative_path(&package.lock), "written", &error),
    })
}

/// The message of locked mode, with what would change.
fn outdated(package: &Package, reason: &str, old: &LockFile, lock: &LockFile) -> Box<Diagnostic> {
    let name = package.relative_path(&package.lock).display();
    let mut problem = Diagnostic::new(
        code::LOCK_STALE,
        format!("{name} is out of date, and is not written because {reason}"),
    )
    .help(format!("build on your machine, and commit {name}"));
    let changes = |lock: &LockFile| -> Vec<ChangeId> {
        let draft = lock.draft.iter().flat_map(|draft| &draft.changes);
        draft.map(|record| record.change.clone()).collect()
    };
    let (before, after) = (changes(old), changes(lock));
    for change in after.iter().filter(|change| !before.contains(change)) {
        problem = problem.note(format!("`{change}` is missing from it"));
    }
    for change in before.iter().filter(|change| !after.contains(change)) {
        problem = problem.note(format!("`{change}` is in it but no longer in the source"));
    }
    if lock.version != old.version {
        problem = problem.note(format!("migration {} would be sealed", lock.version));
    } else if before == after {
        problem = problem.note("the same changes are recorded differently in it");
    }
    Box::new(problem)
}

/// The message for a system error.
pub fn io_error(path: &Path, verb: &str, error: &io::Error) -> Box<Diagnostic> {
    let message = format!("{} cannot be {verb}: {error}", path.display());
    Box::new(Diagnostic::new(code::LOCK_IO, message))
}

#[cfg(test)]
mod tests;
