//! Two branches that both sealed the next migration: three lock files in, one on the disk, and the
//! files of our manual migrations under their new numbers.
//!
//! Everything is looked at before anything is written. The files are renamed first: a run that was
//! killed in between is finished by another one, which finds them under their new names.

use std::path::{Path, PathBuf};

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::lock::rebase::{Rebased, rebase};
use kontract_schema::lock::{LockFile, Manual};

use super::Project;
use crate::lock_file::{self, Guard, OnDisk};
use crate::migrations;

/// The lock files of two branches and of the commit in which they part.
pub struct Sides {
    /// The common one; an empty one where there was none.
    pub base: LockFile,
    /// The one whose migrations keep their numbers.
    pub first: LockFile,
    /// The one whose migrations go on top.
    pub second: LockFile,
}

/// What came of it.
pub enum Rebasing {
    /// Written.
    Done(Box<Rebased>),
    /// What both branches touch. Nothing was written.
    Refused(Diagnostics),
}

impl Project {
    /// Reads the text of a lock file that is not the one on the disk.
    ///
    /// # Errors
    /// What is wrong with it, and whose it is.
    pub fn read_lock(&self, text: &str, whose: &str) -> Result<LockFile, Box<Diagnostic>> {
        LockFile::read(text).map_err(|error| {
            let problem = lock_file::explain(&self.package.lock, error);
            Box::new(problem.note(format!("it is the lock file of {whose}")))
        })
    }

    /// Puts the migrations of one branch on top of those of the other, and writes what comes of it.
    ///
    /// # Errors
    /// A file of a migration cannot be found or renamed; the lock file must not or cannot be written.
    /// Then everything is as it was.
    pub fn rebase(&self, sides: &Sides) -> Result<Rebasing, Box<Diagnostic>> {
        let Sides { base, first, second } = sides;
        let _guard = Guard::wait(&self.package.lock)?;
        // Where one has the other within it, the branches part at the end of that one.
        let base = match () {
            () if begins_with(second, first) => first,
            () if begins_with(first, second) => second,
            () => base,
        };
        let rebased = match rebase(base, first, second) {
            Ok(rebased) => rebased,
            Err(problems) => return Ok(Rebasing::Refused(problems)),
        };
        let renames = match self.renames(&rebased) {
            Ok(renames) => renames,
            Err(problems) => return Ok(Rebasing::Refused(problems)),
        };
        let on_disk = OnDisk::read(&self.package.lock)?;
        let mut done: Vec<&(PathBuf, PathBuf)> = Vec::new();
        let written = renames
            .iter()
            .try_for_each(|pair| {
                let (from, to) = pair;
                std::fs::rename(from, to).map_err(|error| {
                    lock_file::failed(self.package.shown(from), "renamed", &error)
                })?;
                done.push(pair);
                Ok(())
            })
            .and_then(|()| lock_file::update(&self.package, &on_disk, second, &rebased.lock));
        if let Err(problem) = written {
            for (from, to) in done {
                // Where even that fails, the next run finds it under its new name.
                let _ = std::fs::rename(to, from);
            }
            return Err(problem);
        }
        Ok(Rebasing::Done(Box::new(rebased)))
    }

    /// The files that have to get another name, and do not have it yet.
    fn renames(&self, rebased: &Rebased) -> Result<Vec<(PathBuf, PathBuf)>, Diagnostics> {
        let dir = self.package.dir.join(&self.package.migrations);
        let mut problems = Diagnostics::new();
        let mut found = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for migration in &rebased.lock.migrations {
            if names.contains(&migration.name.as_str()) {
                let message = format!("both branches have a migration `{}`", migration.name);
                problems.push(Diagnostic::new(code::REBASE, message).help(
                    "take our migration back, merge, and seal it again on top under another name",
                ));
            }
            names.push(&migration.name);
        }
        for (old, new) in &rebased.renamed {
            let manual = rebased.lock.migrations.iter().find_map(|migration| {
                migration.manual.as_ref().filter(|manual| manual.file == *new)
            });
            let is_it = |path: &Path| manual.is_some_and(|manual| has_text(path, manual));
            let (from, to) = (dir.join(old), dir.join(new));
            if is_it(&to) && !from.exists() {
                continue;
            }
            if !is_it(&from) {
                let message = format!("`{old}` is not there as it was sealed");
                problems.push(Diagnostic::new(code::REBASE, message).help(format!(
                    "restore it from our branch: `git checkout COMMIT -- {}`",
                    self.migration_path(old).display()
                )));
            } else if to.exists() {
                let message = format!("`{old}` becomes `{new}`, and there is such a file");
                problems.push(
                    Diagnostic::new(code::REBASE, message).help("move it elsewhere, or remove it"),
                );
            } else {
                found.push((from, to));
            }
        }
        if problems.is_empty() { Ok(found) } else { Err(problems) }
    }
}

/// Whether a history is the beginning of another one.
fn begins_with(lock: &LockFile, other: &LockFile) -> bool {
    let hashes = |lock: &LockFile| -> Vec<String> {
        lock.migrations.iter().map(|migration| migration.hash.clone()).collect()
    };
    hashes(lock).starts_with(&hashes(other))
}

/// Whether a file is the one that was sealed.
fn has_text(path: &Path, sealed: &Manual) -> bool {
    let text = std::fs::read(path).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.map(|text| text.trim_start_matches('\u{feff}').replace("\r\n", "\n"));
    text.is_some_and(|text| migrations::checksum(&sealed.file, &text) == sealed.checksum)
}
