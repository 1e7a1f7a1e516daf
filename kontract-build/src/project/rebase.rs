//! Rebases the migrations of one branch onto those of another, if both sealed the next one.
//!
//! Takes three lock files, writes one, and renames the files of our manual migrations to their new
//! numbers. Everything is checked before anything is written. The files are renamed first: if a run
//! is killed in between, the next run finds them under their new names and finishes the work.

use std::path::{Path, PathBuf};

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::gate::generate_again;
use kontract_schema::lock::rebase::{Rebased, rebase};
use kontract_schema::lock::{LockFile, Manual, Migration};

use super::Project;
use crate::lock::guard::Guard;
use crate::lock::lock_file::{self, OnDisk};
use crate::lock::migrations;

/// The lock files of two branches and of their merge base.
pub struct Sides {
    /// That of the merge base; an empty one if it has none.
    pub base: LockFile,
    /// That of the branch whose migrations keep their numbers.
    pub first: LockFile,
    /// That of the branch whose migrations get new numbers.
    pub second: LockFile,
}

/// The result of a rebase.
pub enum Rebasing {
    /// The lock file was written.
    Done(Box<Rebased>),
    /// The branches conflict. Nothing was written.
    Refused(Diagnostics),
}

impl Project {
    /// Parses a lock file of another commit. `whose` describes the commit.
    ///
    /// # Errors
    /// It is not a valid lock file.
    pub fn read_lock(&self, text: &str, whose: &str) -> Result<LockFile, Box<Diagnostic>> {
        LockFile::read(text).map_err(|error| {
            let problem = lock_file::explain_read_error(&self.package.lock, error);
            Box::new(problem.note(format!("this is the lock file of {whose}")))
        })
    }

    /// Puts the migrations of the second branch on top of those of the first, and writes the lock
    /// file.
    ///
    /// # Errors
    /// A migration cannot be renamed; the lock file must not or cannot be written. Then nothing is
    /// changed.
    pub fn rebase(&self, sides: &Sides) -> Result<Rebasing, Box<Diagnostic>> {
        let Sides { base, first, second } = sides;
        let _guard = Guard::acquire(&self.package.lock)?;
        // If one history continues the other, the shorter one is the base.
        let base = if begins_with(second, first) {
            first
        } else if begins_with(first, second) {
            second
        } else {
            base
        };
        let mut rebased = match rebase(base, first, second) {
            Ok(rebased) => rebased,
            Err(problems) => return Ok(Rebasing::Refused(problems)),
        };
        // The files may still have their old names.
        let files = migrations::read_migrations(
            &self.package.migrations_dir(),
            &self.package.dir,
            first.version + 1,
            &mut Diagnostics::new(),
        );
        let text_of = |migration: &Migration| {
            let checksum = &migration.manual.as_ref()?.checksum;
            let file = files.iter().find(|file| file.manual.checksum == *checksum)?;
            Some(file.text.clone())
        };
        rebased.lock = generate_again(rebased.lock, first.version, text_of);
        let renames = match self.find_renames(&rebased) {
            Ok(renames) => renames,
            Err(problems) => return Ok(Rebasing::Refused(problems)),
        };
        let on_disk = OnDisk::read(&self.package.lock, &self.package.dir)?;
        let mut done: Vec<&(PathBuf, PathBuf)> = Vec::new();
        let written = renames
            .iter()
            .try_for_each(|pair| {
                let (from, to) = pair;
                std::fs::rename(from, to).map_err(|error| {
                    lock_file::io_error(self.package.relative_path(from), "renamed", &error)
                })?;
                done.push(pair);
                Ok(())
            })
            .and_then(|()| {
                lock_file::write_if_changed(&self.package, &on_disk, second, &rebased.lock)
            });
        if let Err(problem) = written {
            for (from, to) in done {
                // If that fails too, the next run finds the file under its new name.
                let _ = std::fs::rename(to, from);
            }
            return Err(problem);
        }
        Ok(Rebasing::Done(Box::new(rebased)))
    }

    /// Finds the files that need a new name: old and new path.
    fn find_renames(&self, rebased: &Rebased) -> Result<Vec<(PathBuf, PathBuf)>, Diagnostics> {
        let dir = self.package.migrations_dir();
        let mut problems = Diagnostics::new();
        let mut found = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        for migration in &rebased.lock.migrations {
            if names.contains(&migration.name.as_str()) {
                let message = format!("both branches have a migration `{}`", migration.name);
                problems.push(
                    Diagnostic::new(code::REBASE, message)
                        .help("unseal our migration, merge, and seal it again under another name"),
                );
            }
            names.push(&migration.name);
        }
        for (old, new) in &rebased.renamed {
            let manual = rebased.lock.migrations.iter().find_map(|migration| {
                migration.manual.as_ref().filter(|manual| manual.file == *new)
            });
            let is_sealed = |path: &Path| {
                manual.is_some_and(|manual| has_text(path, &self.package.dir, manual))
            };
            let (from, to) = (dir.join(old), dir.join(new));
            if is_sealed(&to) && !from.exists() {
                continue;
            }
            if !is_sealed(&from) {
                let message = format!("`{old}` is missing or was changed after it was sealed");
                problems.push(Diagnostic::new(code::REBASE, message).help(format!(
                    "restore it from our branch: `git checkout COMMIT -- {}`",
                    self.migration_path(old).display()
                )));
            } else if to.exists() {
                let message = format!("`{old}` cannot be renamed to `{new}`: the file exists");
                problems.push(
                    Diagnostic::new(code::REBASE, message).help(format!("move or delete `{new}`")),
                );
            } else {
                found.push((from, to));
            }
        }
        if problems.is_empty() { Ok(found) } else { Err(problems) }
    }
}

/// Returns the migrations of a lock file that the other one does not have.
pub fn own_migrations<'a>(lock: &'a LockFile, other: &LockFile) -> &'a [Migration] {
    let mut pairs = lock.migrations.iter().zip(&other.migrations);
    let common = pairs.position(|(one, two)| one.hash != two.hash);
    let common = common.unwrap_or(lock.migrations.len().min(other.migrations.len()));
    &lock.migrations[common..]
}

/// Whether the history of `lock` begins with that of `other`.
fn begins_with(lock: &LockFile, other: &LockFile) -> bool {
    own_migrations(other, lock).is_empty()
}

/// Whether a file is unchanged since it was sealed.
fn has_text(path: &Path, package: &Path, sealed: &Manual) -> bool {
    migrations::read_text(path, package)
        .is_ok_and(|text| migrations::checksum_file(&sealed.file, &text) == sealed.checksum)
}
