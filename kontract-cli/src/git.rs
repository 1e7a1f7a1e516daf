//! Reads versions of a file from git: those of a conflict, and those of commits.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// A file in a git repository.
pub struct File {
    dir: PathBuf,
    name: String,
}

impl File {
    /// The file with that path.
    pub fn new(path: &Path) -> File {
        let dir = path.parent().map(Path::to_owned).unwrap_or_default();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        File { dir, name }
    }

    /// The versions of a conflict: common, ours, theirs. Returns `None` without a conflict.
    ///
    /// # Errors
    /// The file is not in a repository.
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
                *version = Some(self.read_at(&format!(":{stage}"))?);
            }
        }
        Ok(Some(versions))
    }

    /// Whether a `git merge` is in progress, not a `git rebase` or another command.
    pub fn is_merging(&self) -> bool {
        self.has_commit("MERGE_HEAD")
    }

    /// Whether the commit exists.
    pub fn has_commit(&self, commit: &str) -> bool {
        let commit = format!("{commit}^{{commit}}");
        self.git(&["rev-parse", "--quiet", "--verify", "--end-of-options", &commit]).is_ok()
    }

    /// The newest common commit of two others.
    ///
    /// # Errors
    /// They have no commit in common.
    pub fn merge_base(&self, one: &str, other: &str) -> Result<String, Failure> {
        let base = self
            .git(&["merge-base", "--", one, other])
            .map_err(|_| Failure::new(format!("`{one}` and `{other}` have no commit in common")))?;
        Ok(base.trim().to_owned())
    }

    /// The text of the file in a commit. Returns `None` if the commit does not have the file.
    ///
    /// # Errors
    /// Git fails.
    pub fn read_in_commit(&self, commit: &str) -> Result<Option<String>, Failure> {
        let here = self.git(&["ls-tree", "--name-only", commit, "--", &self.name])?;
        if here.trim().is_empty() { Ok(None) } else { self.read_at(commit).map(Some) }
    }

    /// The branch that releases are made from, by its short names: the default branch of each remote;
    /// without one, the local branch that has the usual name.
    pub fn default_branches(&self) -> Vec<String> {
        const USUAL: [&str; 3] = ["main", "master", "trunk"];
        let heads = self.list_refs(&["--format=%(symref:short)", "refs/remotes/*/HEAD"]);
        if !heads.is_empty() {
            return heads;
        }
        let remote = self.list_refs(&["--format=%(refname:short)", "refs/remotes"]);
        let is_usual =
            |name: &String| name.split_once('/').is_some_and(|(_, branch)| USUAL.contains(&branch));
        if remote.iter().any(is_usual) {
            return remote.into_iter().filter(is_usual).collect();
        }
        let local = self.list_refs(&["--format=%(refname:short)", "refs/heads"]);
        let usual = USUAL.iter().find(|name| local.iter().any(|branch| branch == *name));
        usual.into_iter().map(|name| (*name).to_owned()).collect()
    }

    /// The newest tags, at most `limit`.
    pub fn newest_tags(&self, limit: usize) -> Vec<String> {
        let count = format!("--count={limit}");
        self.list_refs(&["--sort=-creatordate", &count, "--format=%(refname:short)", "refs/tags"])
    }

    /// The lines of `git for-each-ref`, without empty ones.
    fn list_refs(&self, arguments: &[&str]) -> Vec<String> {
        let listed = self.git(&[&["for-each-ref"], arguments].concat()).unwrap_or_default();
        listed.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    fn read_at(&self, revision: &str) -> Result<String, Failure> {
        self.git(&["show", &format!("{revision}:./{}", self.name)])
    }

    fn git(&self, arguments: &[&str]) -> Result<String, Failure> {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.dir).args(arguments);
        let output = command
            .output()
            .map_err(|error| Failure::new(format!("`git` cannot be run: {error}")))?;
        if !output.status.success() {
            let message = String::from_utf8_lossy(&output.stderr);
            let message = message.trim().trim_start_matches("fatal: ");
            return Err(Failure::new(format!("`git {}` failed: {message}", arguments[0])));
        }
        String::from_utf8(output.stdout)
            .map_err(|_| Failure::new(format!("{} is not UTF-8 in git", self.name)))
    }
}
