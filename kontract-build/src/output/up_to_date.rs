//! Ends a run early if nothing has changed since the last one.
//!
//! The stamp lists every input with its hash, the output files, and the directives to repeat.
//! Changing a file that declares neither modules nor tables does not change it.

use std::fs;
use std::path::Path;

use super::Output;
use crate::cargo::env::WATCHED;
use crate::cargo::package::Package;
use crate::config::CONFIG_FILE;
use crate::lock::migrations;
use crate::source::source_file::{SourceFile, hash_quickly, read_source_file};

/// The name of the stamp in the output.
pub const STAMP_FILE: &str = "stamp";

/// Makes the stamp of a run that read `sources`, wrote the files `output` and printed `lines`.
pub fn make_stamp(
    package: &Package,
    sources: &[SourceFile],
    output: &[String],
    lines: &[String],
) -> String {
    let inputs = describe_inputs(package, sources);
    format!("{inputs}\n{}\n\n{}\n", output.join("\n"), lines.join("\n"))
}

/// Returns the directives of the last run if its inputs are unchanged and its output exists.
pub fn repeat_last_run(package: &Package, output: &Output) -> Option<Vec<String>> {
    let stamp = output.read(STAMP_FILE)?;
    let mut sections = stamp.split("\n\n");
    let (inputs, files, lines) = (sections.next()?, sections.next()?, sections.next()?);
    let mut sources = Vec::new();
    for line in inputs.lines().filter_map(|line| line.strip_prefix("source ")) {
        let (_, path) = line.split_once(' ')?;
        sources.push(read_source_file(&package.dir, Path::new(path))?);
    }
    let is_unchanged = describe_inputs(package, &sources) == format!("{inputs}\n");
    let has_output = files.lines().all(|name| output.dir().join(name).is_file());
    (is_unchanged && has_output).then(|| lines.lines().map(str::to_owned).collect())
}

/// Writes one line for each input.
fn describe_inputs(package: &Package, sources: &[SourceFile]) -> String {
    let mut text = format!("package {}\n", package.dir.display());
    let program = package.env.program().map_or("-".to_owned(), describe_program);
    text += &format!("program {program}\n");
    for prefix in ["CARGO_CFG_", "CARGO_FEATURE_"] {
        for (name, value) in package.env.with_prefix(prefix) {
            text += &format!("env {prefix}{name}={value:?}\n");
        }
    }
    for name in WATCHED.iter().chain(&["PROFILE", "CARGO_PKG_NAME"]) {
        text += &format!("env {name}={:?}\n", package.env.get(name));
    }
    text += &format!("locked {:?}\n", package.locked_reason());
    for root in &package.roots {
        text += &format!("root {} {} {}\n", root.krate, root.is_bin, root.file.display());
    }
    for source in sources {
        let hash = source.hash.map_or("-".to_owned(), |hash| format!("{hash:x}"));
        text += &format!("source {hash} {}\n", source.path.display());
    }
    text += &format!("lock {}\n", hash_file(&package.lock));
    text += &format!("config {}\n", hash_file(&package.dir.join(CONFIG_FILE)));
    let dir = package.migrations_dir();
    for name in migrations::list_files(&dir) {
        text += &format!("migration {} {name}\n", hash_file(&dir.join(&name)));
    }
    text
}

/// Describes the build script by size and time. It has megabytes: hashing it would take longer than
/// everything else.
fn describe_program(path: &Path) -> String {
    let Ok(meta) = fs::metadata(path) else { return "-".to_owned() };
    format!("{} {:?} {}", meta.len(), meta.modified().ok(), path.display())
}

fn hash_file(path: &Path) -> String {
    fs::read(path).map_or("-".to_owned(), |bytes| format!("{:x}", hash_quickly(&bytes)))
}
