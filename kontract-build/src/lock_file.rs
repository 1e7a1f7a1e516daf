//! `kontract.lock.json` on the disk: read, compared, written.
//!
//! One cargo process at a time holds the [`Guard`] from reading to writing. A write is a temporary
//! file in the same directory, forced to the disk and renamed, so that a killed build leaves the
//! old file or the new one. It happens only when the bytes differ.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;
use kontract_schema::hash;
use kontract_schema::lock::{LockFile, ReadError};

use crate::package::Package;

/// The usual name.
pub const NAME: &str = "kontract.lock.json";

/// How long another build may hold the lock file; a build holds it for milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keeps other cargo processes away from the lock file while it lives. The system ends it when the
/// process ends, however that happens.
pub struct Guard(#[expect(dead_code, reason = "held, not used")] Option<File>);

impl Guard {
    /// Waits until no other process holds it.
    ///
    /// The file that is locked lies in the system's directory for temporary files: a target
    /// directory is not shared by all processes, and the source directory is not ours to litter.
    ///
    /// # Errors
    /// Somebody holds it for a minute.
    pub fn wait(lock_file: &Path) -> Result<Guard, Box<Diagnostic>> {
        let real = fs::canonicalize(lock_file).or_else(|_| {
            let dir = lock_file.parent().unwrap_or(Path::new("."));
            fs::canonicalize(dir).map(|dir| dir.join(lock_file.file_name().unwrap_or_default()))
        });
        let real = real.unwrap_or_else(|_| lock_file.to_owned());
        // Sixteen files for all packages of a machine: nothing piles up, and hardly two wait.
        let name = &hash::hex(real.to_string_lossy().as_bytes())[..1];
        let path = std::env::temp_dir().join(format!("kontract-{name}.lock"));
        // A file of another user may be opened, not created again.
        let open = || File::options().create(true).append(true).open(&path);
        // Without such a file the rename still keeps the lock file whole.
        let Ok(file) = File::open(&path).or_else(|_| open()) else { return Ok(Guard(None)) };
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Guard(Some(file))),
                Err(TryLockError::Error(_)) => return Ok(Guard(None)),
                Err(TryLockError::WouldBlock) if started.elapsed() > PATIENCE => {
                    return Err(Box::new(
                        Diagnostic::new(
                            code::LOCK_IO,
                            format!("another build holds {} for a minute", lock_file.display()),
                        )
                        .help("end the cargo process that hangs, and build again"),
                    ));
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(5)),
            }
        }
    }
}

/// The lock file as it is on the disk.
pub struct OnDisk {
    path: PathBuf,
    text: Option<String>,
}

impl OnDisk {
    /// Reads the text.
    ///
    /// # Errors
    /// There is a file, but it cannot be read.
    pub fn read(path: &Path) -> Result<OnDisk, Box<Diagnostic>> {
        // A link stays a link: what it points to is written.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        match fs::read(&path).map(String::from_utf8) {
            Ok(Ok(text)) => Ok(OnDisk { path, text: Some(text) }),
            Ok(Err(_)) => Err(damaged(&path, "it is not UTF-8")),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Ok(OnDisk { path, text: None })
            }
            Err(error) => Err(failed(&path, "read", &error)),
        }
    }

    /// The content; an empty one if there is no file.
    ///
    /// # Errors
    /// What is wrong with it, and what to do.
    pub fn content(&self) -> Result<LockFile, Box<Diagnostic>> {
        match &self.text {
            None => Ok(LockFile::default()),
            Some(text) if text.trim().is_empty() => Err(damaged(&self.path, "it is empty")),
            Some(text) => LockFile::read(text).map_err(|error| explain(&self.path, error)),
        }
    }

    /// Whether writing would change the file. A lock file that says nothing is not begun.
    pub fn differs(&self, lock: &LockFile) -> bool {
        match &self.text {
            None => *lock != LockFile::default(),
            // The file may have been checked out with the line ends of Windows.
            Some(text) => text.replace("\r\n", "\n") != lock.write(),
        }
    }

    /// Why the file must not be written although the mode allows it, if so.
    pub fn read_only(&self) -> Option<&'static str> {
        let is_read_only =
            |path: &Path| fs::metadata(path).is_ok_and(|m| m.permissions().readonly());
        match self.path.parent() {
            Some(dir) if is_read_only(dir) => Some("the package directory is read-only"),
            _ if is_read_only(&self.path) => Some("the lock file is read-only"),
            _ => None,
        }
    }

    /// Writes the file, with a time of change not after `asked_at`: the build for which it is
    /// written is not out of date because of it.
    ///
    /// # Errors
    /// The system refuses. The old file is whole then.
    pub fn write(&self, lock: &LockFile, asked_at: SystemTime) -> io::Result<()> {
        let dir = self.path.parent().unwrap_or(Path::new("."));
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        let temporary = dir.join(format!(".{name}.tmp"));
        // Left over from a build that was killed.
        let _ = fs::remove_file(&temporary);
        let write = || {
            fs::create_dir_all(dir)?;
            let mut file = File::create_new(&temporary)?;
            file.write_all(lock.write().as_bytes())?;
            // Cargo compares times; a file system without them costs one more run.
            let _ = file.set_modified(asked_at);
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

/// Writes `lock` if it differs from what is on the disk.
///
/// # Errors
/// It differs and must not or cannot be written.
pub fn update(
    package: &Package,
    on_disk: &OnDisk,
    old: &LockFile,
    lock: &LockFile,
) -> Result<(), Box<Diagnostic>> {
    use io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    if !on_disk.differs(lock) {
        return Ok(());
    }
    if let Some(reason) = package.env.locked(&package.dir).or(on_disk.read_only()) {
        return Err(stale(package, reason, old, lock));
    }
    on_disk.write(lock, package.asked_at).map_err(|error| match error.kind() {
        PermissionDenied | ReadOnlyFilesystem => {
            stale(package, "the package directory cannot be written", old, lock)
        }
        _ => failed(package.shown(&package.lock), "written", &error),
    })
}

/// The message in locked mode, with what would change.
fn stale(package: &Package, reason: &str, old: &LockFile, lock: &LockFile) -> Box<Diagnostic> {
    let name = package.shown(&package.lock).display();
    let mut problem = Diagnostic::new(
        code::LOCK_STALE,
        format!("{name} is not up to date, and it is not written because {reason}"),
    )
    .help(format!("build once where it can be written, and commit {name}"));
    let changes = |lock: &LockFile| -> Vec<String> {
        let draft = lock.draft.iter().flat_map(|draft| &draft.changes);
        draft.map(|record| record.change.clone()).collect()
    };
    let (before, after) = (changes(old), changes(lock));
    for change in after.iter().filter(|change| !before.contains(change)) {
        problem = problem.note(format!("`{change}` is not in it"));
    }
    for change in before.iter().filter(|change| !after.contains(change)) {
        problem = problem.note(format!("`{change}` is in it, and in no struct any more"));
    }
    if lock.version != old.version {
        problem = problem.note(format!("version {} would be sealed", lock.version));
    } else if before == after {
        problem = problem.note("the same changes are written differently in it");
    }
    Box::new(problem)
}

/// The message for a system error.
pub fn failed(path: &Path, verb: &str, error: &io::Error) -> Box<Diagnostic> {
    let message = format!("{} cannot be {verb}: {error}", path.display());
    Box::new(Diagnostic::new(code::LOCK_IO, message))
}

fn damaged(path: &Path, why: &str) -> Box<Diagnostic> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    Box::new(
        Diagnostic::new(code::LOCK_CORRUPT, format!("{name} is damaged: {why}"))
            .help(format!("take back the last good version: `git checkout {name}`")),
    )
}

/// The message for a text that is no lock file.
pub fn explain(path: &Path, error: ReadError) -> Box<Diagnostic> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let back = format!("take back the last good version: `git checkout {name}`");
    Box::new(match error {
        ReadError::Corrupt { line, column, why } => {
            // The place stands in front already.
            let why = why.split(" at line ").next().unwrap_or_default();
            Diagnostic::new(code::LOCK_CORRUPT, format!("{name}:{line}:{column}: {why}")).help(back)
        }
        ReadError::Conflict { line, ours, theirs } => {
            let message = format!("{name}:{line}: merge conflict that is not resolved");
            let mut problem = Diagnostic::new(code::LOCK_CONFLICT, message);
            for (side, names) in [("ours", ours), ("theirs", theirs)] {
                if !names.is_empty() {
                    problem = problem.note(format!("{side} has `{}`", names.join("`, `")));
                }
            }
            problem.help("run `kontract rebase`: it puts what one side sealed on top of the other")
            .help(format!(
                "or take one side whole, `git checkout --ours {name}` or `--theirs`, and build: the draft is computed again; \
                 a migration that the other side sealed is sealed again on top"
            ))
        }
        ReadError::Newer { format } => {
            let ours = kontract_schema::lock::FORMAT;
            let message =
                format!("{name} has format {format}, this version of Kontract reads {ours}");
            Diagnostic::new(code::LOCK_NEWER, message)
                .help("update `kontract` and `kontract-build`: `cargo update -p kontract -p kontract-build`")
        }
        ReadError::TableHash { table } => {
            let message =
                format!("table `{table}` in {name} was edited by hand: its hash does not fit");
            Diagnostic::new(code::LOCK_TABLE_EDITED, message)
                .help(back)
                .help("change the struct instead; the build writes the lock file")
        }
        ReadError::Ids { table } => {
            let message = format!(
                "`ids` of table `{table}` in {name} are not those of its fields: a merge or a hand has changed them"
            );
            Diagnostic::new(code::LOCK_IDS, message)
                .help(back)
                .help("after a merge take one side whole, build, and seal the other changes again")
        }
        ReadError::MigrationHash { version } => {
            let message =
                format!("migration {version} in {name} was edited by hand: its hash does not fit");
            Diagnostic::new(code::LOCK_MIGRATION_EDITED, message)
                .help(back)
                .help("databases have run it as it was; add a new migration instead")
        }
        ReadError::Twins { version, names: [one, other] } => {
            let message = format!(
                "the history in {name} has two migrations {version}: `{one}` and `{other}`"
            );
            Diagnostic::new(code::LOCK_CHAIN, message)
                .note("each branch sealed its own, and a merge kept both")
                .help(format!(
                    "take the side whole whose migration databases have run, `git checkout --ours {name}` or `--theirs`, and build: \
                     what the other side changed becomes a draft on top of it"
                ))
        }
        ReadError::Chain { version, expected } => {
            let why = match version == expected {
                true => format!("version {version} was not made on top of the one before it"),
                false => format!("version {version} stands where {expected} should"),
            };
            let message = format!("the history in {name} is broken: {why}");
            Diagnostic::new(code::LOCK_CHAIN, message).help(back).help(
                "after a merge of two sealed migrations take one side whole, build, and seal the other changes again",
            )
        }
    })
}

#[cfg(test)]
mod tests;
