//! The paths that an application may change.

use std::path::{Path, PathBuf};

/// The default name of the lock file.
pub const LOCK_FILE: &str = "kontract.lock.json";

/// The default directory of manual migrations.
const MIGRATIONS: &str = "migrations";

/// [`compile`](crate::compile) with other paths than the defaults.
///
/// ```no_run
/// // build.rs
/// fn main() {
///     kontract_build::Builder::new().root("tools/import.rs").compile();
/// }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Builder {
    roots: Vec<PathBuf>,
    migrations: Option<PathBuf>,
    lock: Option<PathBuf>,
}

impl Builder {
    /// The default paths.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// Adds a crate root, a path relative to the package. The roots that cargo finds by itself and
    /// those that Cargo.toml names are read without it.
    pub fn root(mut self, path: impl AsRef<Path>) -> Builder {
        self.roots.push(path.as_ref().to_owned());
        self
    }

    /// Sets the directory of manual migrations, relative to the package. Default: `migrations`.
    pub fn migrations(mut self, path: impl AsRef<Path>) -> Builder {
        self.migrations = Some(path.as_ref().to_owned());
        self
    }

    /// Sets the lock file, relative to the package. Default: `kontract.lock.json`.
    pub fn lock(mut self, path: impl AsRef<Path>) -> Builder {
        self.lock = Some(path.as_ref().to_owned());
        self
    }

    /// The additional crate roots.
    pub(crate) fn extra_roots(&self) -> &[PathBuf] {
        &self.roots
    }

    /// The directory of manual migrations.
    pub(crate) fn migrations_dir(&self) -> &Path {
        self.migrations.as_deref().unwrap_or(Path::new(MIGRATIONS))
    }

    /// The lock file.
    pub(crate) fn lock_file(&self) -> &Path {
        self.lock.as_deref().unwrap_or(Path::new(LOCK_FILE))
    }
}
