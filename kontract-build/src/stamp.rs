//! The early end: nothing that the build script reads has changed since it last ran to the end.
//!
//! The stamp names every input with a hash of it, the output, and the directives to repeat. Editing
//! a file that declares neither modules nor tables changes nothing in it.

use std::fs;
use std::hash::{DefaultHasher, Hasher};
use std::path::Path;

use crate::config;
use crate::env::WATCHED;
use crate::migrations;
use crate::output::Output;
use crate::package::Package;
use crate::scan::{self, Source};

/// Its name in the output.
pub const NAME: &str = "stamp";

/// A fast hash for comparisons on one machine: not for files that stay.
pub fn quick_hash(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(bytes);
    hasher.finish()
}

/// The text of the stamp after a run that read `sources`, wrote `output` and printed `lines`.
pub fn stamp(package: &Package, sources: &[Source], output: &[String], lines: &[String]) -> String {
    format!("{}\n{}\n\n{}\n", inputs(package, sources), output.join("\n"), lines.join("\n"))
}

/// The directives of the last run, if all its inputs are as they were and its output is there.
pub fn fresh(package: &Package, output: &Output) -> Option<Vec<String>> {
    let old = output.read(NAME)?;
    let mut sections = old.split("\n\n");
    let (old_inputs, files, lines) = (sections.next()?, sections.next()?, sections.next()?);
    let mut sources = Vec::new();
    for line in old_inputs.lines().filter_map(|line| line.strip_prefix("source ")) {
        let (_, path) = line.split_once(' ')?;
        sources.push(scan::source(&package.dir, Path::new(path))?);
    }
    let same = inputs(package, &sources) == format!("{old_inputs}\n");
    let there = files.lines().all(|name| output.dir().join(name).is_file());
    (same && there).then(|| lines.lines().map(str::to_owned).collect())
}

/// One line for each input.
fn inputs(package: &Package, sources: &[Source]) -> String {
    let mut text = format!("package {}\n", package.dir.display());
    text += &format!("program {}\n", package.env.program().map_or("-".to_owned(), of_program));
    for prefix in ["CARGO_CFG_", "CARGO_FEATURE_"] {
        for (name, value) in package.env.with_prefix(prefix) {
            text += &format!("env {prefix}{name}={value:?}\n");
        }
    }
    for name in WATCHED.iter().chain(&["PROFILE", "CARGO_PKG_NAME"]) {
        text += &format!("env {name}={:?}\n", package.env.get(name));
    }
    text += &format!("locked {:?}\n", package.env.locked(&package.dir));
    for root in &package.roots {
        text += &format!("root {} {} {}\n", root.krate, root.is_bin, root.file.display());
    }
    for source in sources {
        let hash = source.hash.map_or("-".to_owned(), |hash| format!("{hash:x}"));
        text += &format!("source {hash} {}\n", source.path.display());
    }
    text += &format!("lock {}\n", of_file(&package.lock));
    text += &format!("config {}\n", of_file(&package.dir.join(config::NAME)));
    let dir = package.dir.join(&package.migrations);
    for name in migrations::names(&dir) {
        text += &format!("migration {} {name}\n", of_file(&dir.join(&name)));
    }
    text
}

/// Another build script, or another version of this crate in it, is another file. Its bytes are
/// megabytes, and hashing them would take longer than all else.
fn of_program(path: &Path) -> String {
    let Ok(meta) = fs::metadata(path) else { return "-".to_owned() };
    format!("{} {:?} {}", meta.len(), meta.modified().ok(), path.display())
}

fn of_file(path: &Path) -> String {
    fs::read(path).map_or("-".to_owned(), |bytes| format!("{:x}", quick_hash(&bytes)))
}
