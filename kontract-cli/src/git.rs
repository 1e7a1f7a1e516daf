//! What git knows of a file: the versions of a conflict, and those of commits.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// A file in a repository.
pub struct File {
    dir: PathBuf,
    name: String,
}

impl File {
    /// That file.
    pub fn new(path: &Path) -> File {
        let dir = path.parent().map(Path::to_owned).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        File { dir, name }
    }

    /// The versions of a conflict: the common one, ours, theirs; none where there is no conflict.
    ///
    /// # Errors
    /// The file is in no repository.
    pub fn conflict(&self) -> Result<Option<[Option<String>; 3]>, Failure> {
        let listed = self.git(&["ls-files", "--unmerged", "--", &self.name])?;
        let stages: Vec<&str> = listed
            .lines()
            .filter_map(|line| line.split('\t').next()?.split(' ').next_back())
            .collect();
        if stages.is_empty() {
            return Ok(None);
        }
        let mut versions = [None, None, None];
        for (version, stage) in versions.iter_mut().zip(["1", "2", "3"]) {
            if stages.contains(&stage) {
                *version = Some(self.at(&format!(":{stage}"))?);
            }
        }
        Ok(Some(versions))
    }

    /// Whether `git merge` is under way, not `git rebase` or another command.
    pub fn merges(&self) -> bool {
        self.knows("MERGE_HEAD")
    }

    /// Whether there is such a commit.
    pub fn knows(&self, commit: &str) -> bool {
        let commit = format!("{commit}^{{commit}}");
        self.git(&["rev-parse", "--quiet", "--verify", "--end-of-options", &commit]).is_ok()
    }

    /// The commit in which two others part.
    ///
    /// # Errors
    /// They have nothing in common.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<String, Failure> {
        let base = self
            .git(&["merge-base", "--", one, other])
            .map_err(|_| Failure::new(format!("`{one}` and `{other}` have no commit in common")))?;
        Ok(base.trim().to_owned())
    }

    /// Its text in a commit; none where the commit does not have it.
    ///
    /// # Errors
    /// Git does not answer.
    pub fn in_commit(&self, commit: &str) -> Result<Option<String>, Failure> {
        let here = self.git(&["ls-tree", "--name-only", commit, "--", &self.name])?;
        if here.trim().is_empty() { Ok(None) } else { self.at(commit).map(Some) }
    }

    fn at(&self, revision: &str) -> Result<String, Failure> {
        self.git(&["show", &format!("{revision}:./{}", self.name)])
    }

    fn git(&self, arguments: &[&str]) -> Result<String, Failure> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.dir).args(arguments);
        let output = command
            .output()
            .map_err(|error| Failure::new(format!("`git` cannot be run: {error}")))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let said = said.trim().trim_start_matches("fatal: ");
            return Err(Failure::new(format!("`git {}` failed: {said}", arguments[0])));
        }
        String::from_utf8(output.stdout)
            .map_err(|_| Failure::new(format!("{} is not UTF-8 in git", self.name)))
    }
}
