//! Messages → directives for cargo.
//!
//! Cargo reads one directive a line; a line break inside a message would cut it, so a message that
//! no derive can show is told in one line.

use std::path::Path;

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};

use crate::gather::Gathered;
use crate::scan::Scan;

/// The lines that the build script prints, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    lines: Vec<String>,
    failed: bool,
}

impl Report {
    /// A message that ends the build.
    pub fn error(&mut self, problem: &Diagnostic) {
        self.message("error", "", problem);
    }

    /// A message that does not.
    pub fn warning(&mut self, problem: &Diagnostic) {
        self.message("warning", "", problem);
    }

    /// One that does not, with its place in the source.
    pub fn warning_at(&mut self, problem: &Diagnostic, gathered: &Gathered) {
        let place = gathered.place(problem).map_or(String::new(), |place| format!("{place}: "));
        self.message("warning", &place, problem);
    }

    /// What a scan could not read or decide.
    pub fn unreadable(&mut self, scan: &Scan) {
        for broken in &scan.broken {
            let message = format!("{}: {}", broken.place, broken.what);
            let problem = Diagnostic::new(code::UNREADABLE_SOURCE, message);
            self.warning(&problem.note("until it can be read, the lock file stays as it is"));
        }
        for undecided in &scan.undecided {
            let message = format!("{}: {}", undecided.place, undecided.what);
            let help = "write the item without it, or decide it by a cargo feature or a target";
            self.error(&Diagnostic::new(code::CFG, message).help(help));
        }
    }

    /// Messages that the compiler does not show, at a struct or at `storage!()`. If the build ends
    /// here anyway, the compiler does not run, and the others are told too.
    pub fn problems(&mut self, problems: &Diagnostics, gathered: &Gathered) {
        let (shown, told): (Vec<_>, Vec<_>) =
            problems.iter().partition(|p| gathered.derive_shows(p) || gathered.storage_shows(p));
        let ends = self.failed || !told.is_empty();
        for problem in told.into_iter().chain(shown.into_iter().filter(|_| ends)) {
            let place = gathered.place(problem).map_or(String::new(), |place| format!("{place}: "));
            self.message("error", &place, problem);
        }
    }

    /// Cargo runs the build script again when this file or directory of the package changes. A path
    /// that does not exist would mean at every build, and is left out.
    pub fn rerun_if_changed(&mut self, package: &Path, path: &Path) {
        if package.join(path).exists() {
            self.line("rerun-if-changed", &path.to_string_lossy());
        }
    }

    /// Cargo runs the build script at every build as long as this path does not exist.
    pub fn rerun_until_exists(&mut self, path: &Path) {
        self.line("rerun-if-changed", &path.to_string_lossy());
    }

    /// Cargo runs the build script again when this variable changes.
    pub fn rerun_if_env_changed(&mut self, name: &str) {
        self.line("rerun-if-env-changed", name);
    }

    /// A variable for the compiler and the derives.
    pub fn rustc_env(&mut self, name: &str, value: &Path) {
        self.line("rustc-env", &format!("{name}={}", value.display()));
    }

    /// Whether an error was reported.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// Adds directives of an earlier run.
    pub fn repeat(&mut self, lines: impl IntoIterator<Item = String>) {
        self.lines.extend(lines);
    }

    /// The directives.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// `kontract[K0302]: message; help: remedy`, then a line for each note, and one for each further
    /// line of a remedy.
    fn message(&mut self, key: &str, place: &str, problem: &Diagnostic) {
        self.failed |= key == "error";
        let mut first = format!("{place}kontract[{}]: {}", problem.code, problem.message);
        let mut rest: Vec<String> =
            problem.notes.iter().map(|note| format!("    note: {note}")).collect();
        for help in &problem.help {
            let mut lines = help.lines();
            first += &format!("; help: {}", lines.next().unwrap_or_default());
            rest.extend(lines.map(|line| format!("    {line}")));
        }
        self.line(key, &first);
        rest.iter().for_each(|line| self.line(key, line));
    }

    fn line(&mut self, key: &str, value: &str) {
        let line = format!("cargo::{key}={}", value.replace(['\n', '\r'], " ").trim_end());
        // A piece of a longer text may be said twice.
        if value.starts_with(' ') || !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }
}
