//! The build script of a Kontract application.
//!
//! ```no_run
//! // build.rs
//! fn main() {
//!     kontract_build::compile();
//! }
//! ```
//!
//! It reads the structs of the package, holds them against `kontract.lock.json`, and either writes
//! the difference into the lock file as its draft or leaves the lock file as it is and hands the
//! derives what is wrong. It never panics, and writes nothing but the lock file and `OUT_DIR`.
//!
//! | variable | meaning |
//! |---|---|
//! | `KONTRACT_SEAL=name` | the draft becomes the next migration, with this name |
//! | `KONTRACT_LOCKED=1` | the lock file is not written: one that would change is an error |
//! | `KONTRACT_LOCKED=0` | … is written although `CI` or `DOCS_RS` is set |
//!
//! Beside Cargo.toml may stand `kontract.toml`, with the levels of rules (see
//! [`Levels`](kontract_schema::rules::Levels)).
//!
//! A build script runs without optimisation; reading many sources is then slow. An application with
//! hundreds of tables says in its Cargo.toml `[profile.dev.build-override] opt-level = 1`.
#![forbid(unsafe_code)]
#![allow(clippy::needless_doctest_main, reason = "a build.rs is shown whole")]

use std::io::Write as _;
use std::path::{Path, PathBuf};

use kontract_schema::diagnostic::Diagnostic;

mod env;
mod package;
mod targets;

mod cfg;
mod scan;

mod config;
mod explain;
mod gather;
mod lock_file;
mod migrations;
mod off;
mod seal;
mod state;

mod output;
mod registry;
mod stamp;
mod verdicts;

mod report;

pub mod project;

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use cfg::Cfg;
use env::Env;
use lock_file::Guard;
use output::Output;
use package::Package;
use report::Report;
use state::State;

/// Does everything: the whole `main` of a build.rs.
pub fn compile() {
    Builder::new().compile();
}

/// [`compile`] with other places than the usual ones.
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
    /// The usual places.
    pub fn new() -> Builder {
        Builder::default()
    }

    /// One more crate root, a path below the package. Those that cargo finds by itself and those
    /// that Cargo.toml names are known.
    pub fn root(mut self, path: impl AsRef<Path>) -> Builder {
        self.roots.push(path.as_ref().to_owned());
        self
    }

    /// The directory of manual migrations below the package, instead of `migrations`.
    pub fn migrations(mut self, path: impl AsRef<Path>) -> Builder {
        self.migrations = Some(path.as_ref().to_owned());
        self
    }

    /// The lock file below the package, instead of `kontract.lock.json`.
    pub fn lock(mut self, path: impl AsRef<Path>) -> Builder {
        self.lock = Some(path.as_ref().to_owned());
        self
    }

    /// Does everything, and tells cargo.
    pub fn compile(self) {
        let text = self.run(Env::of_process()).lines().join("\n") + "\n";
        // Where nobody listens, cargo has ended.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    /// Does everything, and returns what cargo is told.
    fn run(&self, env: Env) -> Report {
        let mut report = Report::default();
        match Package::new(self, env) {
            Err(problem) => report.error(&problem),
            Ok((package, output)) => match stamp::fresh(&package, &output) {
                Some(lines) => report.repeat(lines),
                None => {
                    if let Err(problem) = reconcile(&package, &output, &mut report) {
                        report.error(&problem);
                    }
                }
            },
        }
        report
    }
}

/// The pipeline: scan, parse, check, read the lock file, judge, write it, write the output.
fn reconcile(
    package: &Package,
    output: &Output,
    report: &mut Report,
) -> Result<(), Box<Diagnostic>> {
    output.remove(stamp::NAME);
    let scan = scan::scan(&package.dir, &package.roots, &Cfg::new(&package.env));
    package.directives(&scan.sources, output, report);
    report.unreadable(&scan);
    let sources = scan.sources.clone();
    let gathered = gather::gather(scan);

    // To the end: the stamp speaks of the lock file that this run has read or written.
    let _guard = Guard::wait(&package.lock)?;
    package.seals_as().map_or(Ok(()), seal::check_form)?;
    let state = State::read(package, gathered)?;
    let mut lock = state.old.clone();
    if state.passes() {
        lock = state.lock();
        if let Some(name) = package.seals_as() {
            seal::nothing(&lock, name).iter().for_each(|problem| report.warning(problem));
            lock = seal::seal(lock, &state.schema, name)?;
        }
        lock_file::update(package, &state.on_disk, &state.old, &lock)?;
    }

    state.warnings().iter().for_each(|problem| report.warning_at(problem, &state.gathered));
    let State { gathered, schema, problems, files: migrations, .. } = state;
    package.remind(&lock, &problems, report);
    report.problems(&problems, &gathered);
    let mut files = verdicts::files(&gathered, &schema, &problems);
    files.extend(registry::files(package, &gathered, &migrations, &lock, &problems));
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    if problems.is_empty() && !gathered.incomplete && !report.failed() {
        let stamp = stamp::stamp(package, &sources, &names, report.lines());
        files.push((stamp::NAME.to_owned(), stamp));
    }
    output.write(&files).map_err(|error| output::failed(&error))
}
