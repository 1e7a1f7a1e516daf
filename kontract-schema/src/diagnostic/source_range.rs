//! Ranges in source files.

use std::fmt;
use std::path::{Path, PathBuf};

#[cfg(feature = "parse")]
use super::At;

/// A range in a source file, which prints as its start: `src/models.rs:12:5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceRange {
    /// The file, relative to the package if it is inside it.
    pub file: PathBuf,
    /// From 1; 0 for the whole file.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// The line and the column after the last character; `None` for the whole file.
    pub end: Option<(usize, usize)>,
}

impl SourceRange {
    /// The whole file.
    pub fn whole_file(file: &Path) -> SourceRange {
        SourceRange { file: file.to_owned(), line: 0, column: 0, end: None }
    }

    /// Some tokens of a file.
    #[cfg(feature = "parse")]
    pub fn of_tokens(file: &Path, at: impl Into<At>) -> SourceRange {
        let at = at.into();
        let (start, end) = (at.start.start(), at.end.end());
        SourceRange {
            file: file.to_owned(),
            line: start.line,
            column: start.column + 1,
            end: Some((end.line, end.column + 1)),
        }
    }

    /// The path of the file with `/`, the same text on every system.
    pub fn path_text(&self) -> String {
        self.file.to_string_lossy().replace('\\', "/")
    }
}

impl fmt::Display for SourceRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line == 0 {
            f.write_str(&self.path_text())
        } else {
            write!(f, "{}:{}:{}", self.path_text(), self.line, self.column)
        }
    }
}
