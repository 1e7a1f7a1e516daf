//! When cargo runs the build script again.

use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};
use kontract_schema::lock::LockFile;

use crate::cargo::env::WATCHED;
use crate::cargo::package::Package;
use crate::cargo::report::Report;
use crate::config::CONFIG_FILE;
use crate::output::Output;
use crate::source::source_file::SourceFile;

/// Sets the variable that names the output, and makes cargo watch the inputs.
pub fn watch_inputs(
    package: &Package,
    sources: &[SourceFile],
    output: &Output,
    report: &mut Report,
) {
    report.set_rustc_env("KONTRACT_OUT", output.dir());
    let src = Path::new("src");
    let (inside, outside): (Vec<_>, Vec<_>) =
        sources.iter().partition(|source| source.path.starts_with(src));
    if !inside.is_empty() {
        // The whole directory: a new program in src/bin changes the crate roots.
        report.rerun_if_changed(&package.dir, src);
    }
    for source in outside {
        report.rerun_if_changed(&package.dir, &source.path);
    }
    report.rerun_if_changed(&package.dir, Path::new("Cargo.toml"));
    report.rerun_if_changed(&package.dir, Path::new(CONFIG_FILE));
    report.rerun_if_changed(&package.dir, &package.migrations);
    for name in WATCHED {
        report.rerun_if_env_changed(name);
    }
}

/// Makes cargo watch the lock file and the files that may fix an error.
pub fn watch_remedies(package: &Package, problems: &Diagnostics, report: &mut Report) {
    // This run may have created it.
    report.rerun_if_changed(&package.dir, package.relative_path(&package.lock));
    if problems.is_empty() {
        return;
    }
    // A first migration or levels of rules may fix the error. Until then the build fails, so running
    // the build script every time costs nothing.
    if !package.migrations_dir().exists() {
        report.rerun_until_exists(&package.migrations);
    }
    if !package.dir.join(CONFIG_FILE).exists() {
        report.rerun_until_exists(Path::new(CONFIG_FILE));
    }
}

/// Warns of unsealed changes in a release build.
pub fn warn_of_draft(package: &Package, lock: &LockFile, report: &mut Report) {
    if lock.draft.is_some() && package.env.get("PROFILE") == Some("release") {
        let warning = Diagnostic::new(
            code::DRAFT_IN_RELEASE,
            "a release build does not apply unsealed changes",
        )
        .help("seal them: `KONTRACT_SEAL=name cargo build`");
        report.warning(&warning);
    }
}
