//! Migrations that a user wrote, in SQL or Rust, and how the statements of any migration run.

pub mod lint;
pub mod manual;
pub mod run_mode;
#[cfg(feature = "parse")]
pub mod rust;

use crate::diagnostic::Diagnostic;
use manual::Manual;

/// Reads a migration file, by the ending of its name: Rust for `.rs`, SQL for all others.
///
/// # Errors
/// Everything that is wrong with it, each with its line.
pub fn parse(file: &str, text: &str) -> Result<Manual, Vec<Diagnostic>> {
    #[cfg(feature = "parse")]
    if file.ends_with(".rs") {
        return rust::parse(file, text);
    }
    manual::parse(file, text)
}
