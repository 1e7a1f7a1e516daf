//! The package: where its files are, and what cargo says about it.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::lock::LockFile;

use crate::env::{Env, WATCHED};
use crate::output::Output;
use crate::report::Report;
use crate::scan::{Root, Source};
use crate::{Builder, config, lock_file, targets};

/// The package.
pub struct Package {
    /// Its name in Cargo.toml.
    pub name: String,
    /// Its directory.
    pub dir: PathBuf,
    /// The lock file.
    pub lock: PathBuf,
    /// The directory of manual migrations, below the package where it stands there.
    pub migrations: PathBuf,
    /// The crate roots.
    pub roots: Vec<Root>,
    /// What cargo says.
    pub env: Env,
    /// Not after the moment at which somebody asked for this run.
    pub asked_at: SystemTime,
}

impl Package {
    /// The package that cargo's environment describes, and where its output goes.
    ///
    /// # Errors
    /// This is no build script.
    pub fn new(builder: &Builder, env: Env) -> Result<(Package, Output), Box<Diagnostic>> {
        let (Some(dir), Some(out), Some(name)) =
            (env.dir("CARGO_MANIFEST_DIR"), env.dir("OUT_DIR"), env.get("CARGO_PKG_NAME"))
        else {
            return Err(Box::new(
                Diagnostic::new(
                    code::OUTPUT,
                    "`kontract_build::compile()` belongs in a build script",
                )
                .help("call it in the `main` of build.rs"),
            ));
        };
        let (name, output) = (name.to_owned(), Output::new(&out));
        let asked_at = asked_at(&output);
        Ok((Package::at(builder, env, dir, name, asked_at), output))
    }

    /// The package of that name in that directory.
    pub fn at(
        builder: &Builder,
        env: Env,
        dir: PathBuf,
        name: String,
        asked_at: SystemTime,
    ) -> Package {
        Package {
            lock: dir.join(builder.lock.as_deref().unwrap_or(Path::new(lock_file::NAME))),
            migrations: builder.migrations.clone().unwrap_or_else(|| PathBuf::from("migrations")),
            roots: targets::roots(&dir, &name, &builder.roots),
            name,
            dir,
            env,
            asked_at,
        }
    }

    /// A path as messages and directives show it: below the package where it stands there.
    pub fn shown<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.dir).unwrap_or(path)
    }

    /// The name of the migration that the draft is to become, if it is to be sealed.
    pub fn seals_as(&self) -> Option<&str> {
        self.env.get("KONTRACT_SEAL").filter(|name| !name.is_empty())
    }

    /// Tells the compiler where the output is, and cargo when to run the build script again.
    pub fn directives(&self, sources: &[Source], output: &Output, report: &mut Report) {
        report.rustc_env("KONTRACT_OUT", output.dir());
        let src = Path::new("src");
        let (inside, outside): (Vec<_>, Vec<_>) =
            sources.iter().partition(|source| source.path.starts_with(src));
        if !inside.is_empty() {
            // New programs in src/bin and modules under a new name are seen, too.
            report.rerun_if_changed(&self.dir, src);
        }
        for source in outside {
            report.rerun_if_changed(&self.dir, &source.path);
        }
        report.rerun_if_changed(&self.dir, Path::new("Cargo.toml"));
        report.rerun_if_changed(&self.dir, Path::new(config::NAME));
        report.rerun_if_changed(&self.dir, &self.migrations);
        for name in WATCHED {
            report.rerun_if_env_changed(name);
        }
    }

    /// What depends on how the run ended.
    pub fn remind(&self, lock: &LockFile, problems: &Diagnostics, report: &mut Report) {
        // It may have been written just now.
        report.rerun_if_changed(&self.dir, self.shown(&self.lock));
        if !problems.is_empty() && !self.dir.join(&self.migrations).exists() {
            // The remedy may be a first migration file. Until there is one the build fails, so that
            // running every time costs nothing.
            report.rerun_until_exists(&self.migrations);
        }
        if !problems.is_empty() && !self.dir.join(config::NAME).exists() {
            report.rerun_until_exists(Path::new(config::NAME));
        }
        if lock.draft.is_some() && self.env.get("PROFILE") == Some("release") {
            report.warning(
                &Diagnostic::new(
                    code::DRAFT_IN_RELEASE,
                    "a release refuses to run changes that are not sealed",
                )
                .help("seal them: `KONTRACT_SEAL=name cargo build`"),
            );
        }
    }
}

/// Not after the moment at which cargo started the build script.
fn asked_at(output: &Output) -> SystemTime {
    // Cargo compares what the script watches with the time of this file.
    let invoked =
        output.dir().parent().and_then(Path::parent).map(|dir| dir.join("invoked.timestamp"));
    let time = invoked.and_then(|file| fs::metadata(file).ok()?.modified().ok());
    // Cargo took its time a moment before.
    time.unwrap_or_else(|| SystemTime::now() - Duration::from_secs(1))
}
