//! Reads files that can come from other people's branches: of limited size, no devices, and no links
//! out of the package.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Component, Path};

/// The size of the largest lock file: about 20,000 tables.
pub const LOCK_LIMIT: u64 = 64 << 20;

/// The size of the largest migration, and of the largest `kontract.toml`.
pub const MIGRATION_LIMIT: u64 = 16 << 20;

/// Reads a text that belongs to the package in a directory.
///
/// # Errors
/// The file is missing ([`NotFound`](io::ErrorKind::NotFound)) or cannot be read. It is a FIFO, a
/// device or a directory, or is larger than `limit` bytes, or a link leads out of the package. It is not
/// UTF-8 ([`InvalidData`](io::ErrorKind::InvalidData)).
pub fn read_text_file(path: &Path, package: &Path, limit: u64) -> io::Result<String> {
    // Before it is opened: opening a FIFO waits for a writer.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    refuse_link_out(path, package)?;
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is larger than {} MiB", limit >> 20)));
    }
    String::from_utf8(bytes)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not UTF-8"))
}

/// Fails if a link leads out of the package; for a path outside the package, which the build script
/// gave, out of the directory of the file.
fn refuse_link_out(path: &Path, package: &Path) -> io::Result<()> {
    let is_inside = path
        .strip_prefix(package)
        .is_ok_and(|rest| rest.components().all(|part| part != Component::ParentDir));
    let (bound, what) = match path.parent() {
        Some(dir) if !is_inside => (dir, "its directory"),
        _ => (package, "the package"),
    };
    let (real, bound) = (fs::canonicalize(path)?, fs::canonicalize(bound)?);
    if real.starts_with(bound) {
        return Ok(());
    }
    let target = real.display();
    Err(io::Error::other(format!("a link leads out of {what}, to {target}; copy the file instead")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Dir;

    #[test]
    fn refuses_what_is_not_a_text_of_limited_size() {
        let dir = Dir::with(&[("good", "text"), ("large", "more text")]);
        dir.write("binary", &[0xff]);
        let read = |name: &str| read_text_file(&dir.path().join(name), dir.path(), 4);
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
            let error = read_text_file(&dir.path().join(name), dir.path(), LOCK_LIMIT).unwrap_err();
            assert_eq!(error.to_string(), "it is not a regular file");
        }
    }

    #[cfg(unix)]
    #[test]
    fn follows_links_within_the_package_only() {
        use std::os::unix::fs::symlink;
        let dir =
            Dir::with(&[("package/sql/one.sql", "one"), ("package/a/x", ""), ("secret", "secret")]);
        let package = dir.path().join("package");
        symlink("sql/one.sql", package.join("inside")).unwrap();
        symlink("../secret", package.join("outside")).unwrap();
        symlink("..", package.join("dir")).unwrap();
        let read = |path: &str| read_text_file(&package.join(path), &package, LOCK_LIMIT);
        assert_eq!(read("inside").unwrap(), "one");
        for path in ["outside", "dir/secret"] {
            let error = read(path).unwrap_err().to_string();
            let target = dir.path().join("secret").display().to_string();
            let expected = format!("a link leads out of the package, to {target}");
            assert!(error.starts_with(&expected), "{error}");
        }
        // A build script can name a file outside, but that cannot lead further.
        assert_eq!(read("../secret").unwrap(), "secret");
        let error = read("a/../a/../../package/outside").unwrap_err().to_string();
        assert!(error.starts_with("a link leads out of its directory"), "{error}");
    }
}
