//! A source file's text before it is parsed: whether it must be parsed at all, and its hash.

use std::hash::{DefaultHasher, Hasher};
use std::path::{Path, PathBuf};

use super::derives::DERIVES;

/// A file of the module tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The path, relative to the package if the file is inside it.
    pub path: PathBuf,
    /// A hash of its text; `None` for a file without `mod` declarations and derives.
    pub hash: Option<u64>,
}

/// Reads a file and hashes it as the scan does, to compare it with an earlier scan. Returns `None`
/// if it cannot be read.
pub fn read_source_file(package: &Path, path: &Path) -> Option<SourceFile> {
    let text = std::fs::read_to_string(package.join(path)).ok()?;
    Some(SourceFile { path: path.to_owned(), hash: hash_if_relevant(&text) })
}

/// Hashes bytes quickly, for comparisons on one machine. The hash must not be stored in files that
/// other versions of Rust read.
pub fn hash_quickly(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// Returns the hash of a text that declares modules or has one of Kontract's derives; `None` for any
/// other text, which need not be parsed.
pub fn hash_if_relevant(text: &str) -> Option<u64> {
    let has_derive = text.contains("derive") && DERIVES.iter().any(|name| text.contains(name));
    (has_derive || declares_modules(text)).then(|| hash_quickly(text.as_bytes()))
}

/// Removes the byte order mark and the `#!` line. Positions stay the same.
pub fn strip_shebang(text: &str) -> &str {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match text.strip_prefix("#!") {
        Some(rest) if !rest.trim_start().starts_with('[') => {
            text.find('\n').map_or("", |end| &text[end..])
        }
        _ => text,
    }
}

/// Whether the text contains `mod name;`. A match in a comment only costs a needless parse.
fn declares_modules(text: &str) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices("mod").any(|(at, word)| {
        let rest = &text[at + word.len()..];
        let name = rest.trim_start();
        let end = name.strip_prefix("r#").unwrap_or(name).trim_start_matches(part_of_word);
        // There may be a comment between the words.
        !text[..at].ends_with(part_of_word)
            && !rest.starts_with(part_of_word)
            && end.trim_start().starts_with([';', '/'])
    })
}
