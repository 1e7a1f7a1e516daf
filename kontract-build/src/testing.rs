//! Temporary directories for unit tests.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// A directory that is removed when it is dropped.
pub struct Dir {
    path: PathBuf,
    stays: bool,
}

impl Dir {
    /// Creates a directory with these files.
    pub fn with(files: &[(&str, &str)]) -> Dir {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("kontract-build-test-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).expect("a temporary directory");
        let dir = Dir { path: path.canonicalize().expect("it exists"), stays: false };
        for (file, text) in files {
            dir.write(file, text.as_bytes());
        }
        dir
    }

    /// An existing directory, which is not removed.
    pub fn at(path: &Path) -> Dir {
        Dir { path: path.to_owned(), stays: true }
    }

    /// The directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file and the directories above it.
    pub fn write(&self, file: &str, text: &[u8]) {
        let path = self.path.join(file);
        std::fs::create_dir_all(path.parent().expect("below the directory")).expect("a directory");
        std::fs::write(path, text).expect("a file");
    }

    /// The text of a file.
    pub fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.path.join(file)).expect(file)
    }
}

impl Drop for Dir {
    fn drop(&mut self) {
        if !self.stays {
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}
