//! Migrations that a user wrote, in SQL or Rust, and how the statements of any migration run.

pub mod lint;
pub mod manual;
pub mod run_mode;
#[cfg(feature = "parse")]
pub mod rust;

use crate::diagnostic::Diagnostic;
use manual::Manual;

/// Parses a migration file: Rust if the name ends in `.rs`, otherwise SQL.
///
/// # Errors
/// All mistakes in the file, each with its line.
pub fn parse(file: &str, text: &str) -> Result<Manual, Vec<Diagnostic>> {
    #[cfg(feature = "parse")]
    if file.ends_with(".rs") {
        return rust::parse(file, text);
    }
    manual::parse(file, text)
}
