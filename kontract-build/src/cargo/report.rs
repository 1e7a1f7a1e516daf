//! The directives that a build script prints.
//!
//! Cargo reads one directive a line. A line break inside a message would cut it, so a message is
//! printed on one line.

use std::path::Path;

use kontract_schema::diagnostic::{Diagnostic, MAX_LINES, Remark, WHOLE_MESSAGE};

/// The lines that the build script prints, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    lines: Vec<String>,
    failed: bool,
}

impl Report {
    /// Adds an error, which fails the build.
    pub fn error(&mut self, problem: &Diagnostic) {
        self.failed = true;
        self.add_message("error", problem);
    }

    /// Adds a warning.
    pub fn warning(&mut self, problem: &Diagnostic) {
        self.add_message("warning", problem);
    }

    /// Makes cargo run the build script again when a file or directory of the package changes. A
    /// path that does not exist is left out: it would make cargo run the script at every build.
    pub fn rerun_if_changed(&mut self, package: &Path, path: &Path) {
        if package.join(path).exists() {
            self.add_line("rerun-if-changed", &path.to_string_lossy());
        }
    }

    /// Makes cargo run the build script at every build until this path exists.
    pub fn rerun_until_exists(&mut self, path: &Path) {
        self.add_line("rerun-if-changed", &path.to_string_lossy());
    }

    /// Makes cargo run the build script again when this variable changes.
    pub fn rerun_if_env_changed(&mut self, name: &str) {
        self.add_line("rerun-if-env-changed", name);
    }

    /// Sets an environment variable for the compiler and the derives.
    pub fn set_rustc_env(&mut self, name: &str, value: &Path) {
        self.add_line("rustc-env", &format!("{name}={}", value.display()));
    }

    /// Whether an error was reported.
    pub fn has_failed(&self) -> bool {
        self.failed
    }

    /// Adds the directives of an earlier run.
    pub fn add_lines(&mut self, lines: impl IntoIterator<Item = String>) {
        self.lines.extend(lines);
    }

    /// The directives.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// Adds `place: kontract[K0302]: message; help: …`, then a line for each note, and one for each
    /// further line of a help text; at most 12 lines.
    fn add_message(&mut self, key: &str, problem: &Diagnostic) {
        let place = problem.source_range().map(|range| format!("{range}: ")).unwrap_or_default();
        let mut first = place + &problem.title();
        let mut rest = Vec::new();
        for remark in problem.remarks_within(MAX_LINES - 1, WHOLE_MESSAGE) {
            match remark {
                Remark::Note(note) => rest.push(format!("    note: {note}")),
                Remark::Help(help) => {
                    let mut lines = help.lines();
                    first += &format!("; help: {}", lines.next().unwrap_or_default());
                    rest.extend(lines.map(|line| format!("    {line}")));
                }
            }
        }
        self.add_line(key, &first);
        rest.iter().for_each(|line| self.add_line(key, line));
    }

    fn add_line(&mut self, key: &str, value: &str) {
        let line = format!("cargo::{key}={}", value.replace(['\n', '\r'], " ").trim_end());
        // Only the indented lines of a message may occur twice.
        if value.starts_with(' ') || !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kontract_schema::code;

    #[test]
    fn a_message_has_at_most_12_lines() {
        let mut problem = Diagnostic::new(code::LOCK_STALE, "it is out of date").help("build\nit");
        problem.notes = (0..40).map(|number| format!("note {number}")).collect();
        let mut report = Report::default();
        report.error(&problem);
        let lines = report.lines();
        assert_eq!(lines.len(), 11, "{lines:#?}");
        assert_eq!(lines[0], "cargo::error=kontract[K0307]: it is out of date; help: build");
        assert!(lines[10].contains("`kontract check --verbose` shows the whole message"));
    }
}
