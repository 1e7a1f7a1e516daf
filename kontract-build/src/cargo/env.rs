//! The environment that cargo gives a build script, as a value. It is read once, so that everything
//! after it is a function of its arguments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The environment variables of the process, and its program.
#[derive(Clone, Debug, Default)]
pub struct Env {
    variables: BTreeMap<String, String>,
    program: Option<PathBuf>,
}

/// The variables besides cargo's own that change what the build script does. Cargo runs it again
/// when one of them changes.
pub const WATCHED: [&str; 4] = ["CI", "DOCS_RS", "KONTRACT_LOCKED", "KONTRACT_SEAL"];

impl Env {
    /// Reads the variables of this process. Those that are not Unicode are ignored.
    pub fn from_process() -> Env {
        let unicode = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Env {
            variables: std::env::vars_os().filter_map(unicode).collect(),
            program: std::env::current_exe().ok(),
        }
    }

    /// The executable of this process: the build script.
    pub fn program(&self) -> Option<&Path> {
        self.program.as_deref()
    }

    /// Replaces the executable.
    #[cfg(test)]
    pub fn with_program(self, path: PathBuf) -> Env {
        Env { program: Some(path), ..self }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Whether a variable is set to something other than the empty string, `0` or `false`.
    pub fn is_on(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| !matches!(value, "" | "0" | "false"))
    }

    /// The value of a variable as a path.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// The variables whose names start with a prefix, in order. The prefix is removed.
    pub fn with_prefix<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.variables
            .iter()
            .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// Why the lock file must not be written; `None` if it may.
    pub fn locked_reason(&self, package: &Path) -> Option<&'static str> {
        match self.get("KONTRACT_LOCKED") {
            Some("0" | "false") => None,
            Some(value) if !value.is_empty() => Some("KONTRACT_LOCKED is set"),
            _ if self.is_on("CI") => Some("CI is set"),
            _ if self.is_on("DOCS_RS") => Some("DOCS_RS is set"),
            // Cargo puts the original manifest beside the one that it generates for a package.
            _ if package.join("Cargo.toml.orig").exists() => Some("this is a packaged source"),
            // Cargo's marker at the root of a repository that it fetched from git.
            _ if package.ancestors().any(|dir| dir.join(".cargo-ok").exists()) => {
                Some("this is a dependency from git")
            }
            _ => None,
        }
    }
}

impl<'a, const N: usize> From<[(&'a str, &'a str); N]> for Env {
    fn from(pairs: [(&'a str, &'a str); N]) -> Env {
        Env::from(pairs.as_slice())
    }
}

impl<'a> From<&[(&'a str, &'a str)]> for Env {
    fn from(pairs: &[(&'a str, &'a str)]) -> Env {
        let owned = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        Env { variables: pairs.iter().map(owned).collect(), program: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locked_mode() {
        let nowhere = Path::new("/nonexistent");
        let reason = |env: Env| env.locked_reason(nowhere);
        assert_eq!(reason(Env::from([])), None);
        assert_eq!(reason([("CI", "true")].into()), Some("CI is set"));
        assert_eq!(reason([("CI", "false")].into()), None);
        assert_eq!(reason([("DOCS_RS", "1")].into()), Some("DOCS_RS is set"));
        assert_eq!(reason([("KONTRACT_LOCKED", "1")].into()), Some("KONTRACT_LOCKED is set"));
        assert_eq!(reason([("KONTRACT_LOCKED", "0"), ("CI", "true")].into()), None);
    }

    #[test]
    fn the_reference_lists_every_variable() {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../src/reference/configuration.rs");
        let page = std::fs::read_to_string(page).unwrap();
        let (_, section) = page.split_once("# Environment variables of the build").unwrap();
        let (section, _) = section.split_once("//! # ").unwrap();
        let cells =
            section.lines().filter_map(|line| line.strip_prefix("//! | `")?.split('|').next());
        let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
        let words = cells.flat_map(|cell| cell.split(|c: char| !is_name(c)));
        let mut names: Vec<&str> = words.filter(|word| word.len() > 1).collect();
        names.sort_unstable();
        assert_eq!(names, WATCHED);
    }
}
