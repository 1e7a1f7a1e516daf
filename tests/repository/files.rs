//! The files of the repository.

use std::fs;
use std::path::{Path, PathBuf};

/// The files below a directory of the repository, without build output; `""` for all of them.
pub fn below(dir: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(dir), &mut found);
    found.sort();
    found
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).expect("a directory of the repository").flatten() {
        let path = entry.path();
        if !path.is_dir() {
            found.push(path);
        } else if !path.ends_with("target") && !path.ends_with(".git") {
            collect(&path, found);
        }
    }
}
