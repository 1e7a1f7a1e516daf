//! Reads files that can come from other people's branches: of limited size, and no devices.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// The size of the largest lock file: about 20,000 tables.
pub const LOCK_LIMIT: u64 = 64 << 20;

/// The size of the largest migration, and of the largest `kontract.toml`.
pub const MIGRATION_LIMIT: u64 = 16 << 20;

/// Reads a text.
///
/// # Errors
/// The file is missing ([`NotFound`](io::ErrorKind::NotFound)) or cannot be read. It is a FIFO, a
/// device or a directory, or is larger than `limit` bytes. It is not UTF-8
/// ([`InvalidData`](io::ErrorKind::InvalidData)).
pub fn read_text_file(path: &Path, limit: u64) -> io::Result<String> {
    // Before it is opened: opening a FIFO waits for a writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is larger than {} MiB", limit >> 20)));
    }
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dir;

    #[test]
    fn refuses_what_is_not_a_text_of_limited_size() {
        let dir = Dir::with(&[("good", "text"), ("large", "more text")]);
        dir.write("binary", &[0xff]);
        let read = |name: &str| read_text_file(&dir.path().join(name), 4);
        assert_eq!(read("good").unwrap(), "text");
        assert_eq!(read("missing").unwrap_err().kind(), io::ErrorKind::NotFound);
        for (name, why) in
            [("large", "larger than 0 MiB"), ("binary", "not UTF-8"), ("", "not a regular file")]
        {
            assert!(read(name).unwrap_err().to_string().contains(why), "{name}");
        }
    }

    /// Opening it would wait for ever.
    #[cfg(unix)]
    #[test]
    fn refuses_a_fifo_and_a_link_to_a_device() {
        let dir = Dir::with(&[]);
        let fifo = dir.path().join("fifo");
        assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        std::os::unix::fs::symlink("/dev/zero", dir.path().join("link")).unwrap();
        for name in ["fifo", "link"] {
            let error = read_text_file(&dir.path().join(name), LOCK_LIMIT).unwrap_err();
            assert_eq!(error.to_string(), "it is not a regular file");
        }
    }
}
