//! The package: its name, its files and cargo's environment.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;

use super::env::Env;
use super::targets::{self, CrateRoot};
use crate::builder::Builder;

/// The package.
pub struct Package {
    /// Its name in Cargo.toml.
    pub name: String,
    /// Its directory.
    pub dir: PathBuf,
    /// The lock file.
    pub lock: PathBuf,
    /// The directory of manual migrations, relative to the package if it is inside it.
    pub migrations: PathBuf,
    /// The crate roots.
    pub roots: Vec<CrateRoot>,
    /// Cargo's environment variables.
    pub env: Env,
    /// A time not after the start of the build. The lock file gets it as its time of change.
    pub started_at: SystemTime,
}

impl Package {
    /// Returns the package that cargo's environment describes, and `OUT_DIR`.
    ///
    /// # Errors
    /// The process is not a build script.
    pub fn from_env(builder: &Builder, env: Env) -> Result<(Package, PathBuf), Box<Diagnostic>> {
        let (Some(dir), Some(out_dir), Some(name)) =
            (env.path("CARGO_MANIFEST_DIR"), env.path("OUT_DIR"), env.get("CARGO_PKG_NAME"))
        else {
            return Err(Box::new(
                Diagnostic::new(
                    code::OUTPUT,
                    "`kontract_build::compile()` was not called by a build script",
                )
                .help("call it in the `main` of build.rs"),
            ));
        };
        let (name, started_at) = (name.to_owned(), build_start(&out_dir));
        Ok((Package::new(builder, env, dir, name, started_at), out_dir))
    }

    /// The package of this name in this directory.
    pub fn new(
        builder: &Builder,
        env: Env,
        dir: PathBuf,
        name: String,
        started_at: SystemTime,
    ) -> Package {
        Package {
            lock: dir.join(builder.lock_file()),
            migrations: builder.migrations_dir().to_owned(),
            roots: targets::find_crate_roots(&dir, &name, builder.extra_roots()),
            name,
            dir,
            env,
            started_at,
        }
    }

    /// A path as messages and directives show it: relative to the package if it is inside it.
    pub fn relative_path<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.dir).unwrap_or(path)
    }

    /// The directory of manual migrations.
    pub fn migrations_dir(&self) -> PathBuf {
        self.dir.join(&self.migrations)
    }

    /// The name under which this build seals the draft (`KONTRACT_SEAL`), if it does.
    pub fn seal_name(&self) -> Option<&str> {
        self.env.get("KONTRACT_SEAL").filter(|name| !name.is_empty())
    }

    /// Why the lock file must not be written; `None` if it may.
    pub fn locked_reason(&self) -> Option<&'static str> {
        self.env.locked_reason(&self.dir)
    }
}

/// A time not after the moment at which cargo started the build script.
fn build_start(out_dir: &Path) -> SystemTime {
    // Cargo compares what the script watches with the time of this file.
    let invoked = out_dir.parent().map(|dir| dir.join("invoked.timestamp"));
    let time = invoked.and_then(|file| fs::metadata(file).ok()?.modified().ok());
    // Cargo took its time a moment before.
    time.unwrap_or_else(|| SystemTime::now() - Duration::from_secs(1))
}
