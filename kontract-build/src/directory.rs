//! The names of the files in a directory.

use std::path::Path;

/// Lists the names in a directory, sorted. Returns an empty list if the directory cannot be read. A
/// name that is not Unicode is returned with replacement characters, so it matches no file.
pub fn list_names(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
