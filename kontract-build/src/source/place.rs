//! Positions in the source code.

use std::fmt;
use std::path::{Path, PathBuf};

use kontract_schema::source::raw::At;
use proc_macro2::Span;

/// A position in the source code, `src/models.rs:12:5`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the package if it is inside it.
    pub file: PathBuf,
    /// From 1; 0 for the whole file.
    pub line: usize,
    /// From 1.
    pub column: usize,
    /// The line and the column after the last character; `None` for the whole file.
    pub end: Option<(usize, usize)>,
}

impl Place {
    /// The start of a token in a file; without a token, the whole file.
    pub fn new(file: &Path, span: Option<Span>) -> Place {
        Place::of_tokens(file, span.map(At::from))
    }

    /// Some tokens in a file; without tokens, the whole file.
    pub fn of_tokens(file: &Path, at: Option<At>) -> Place {
        let start = at.map(|at| at.start.start());
        let end = at.map(|at| at.end.end());
        Place {
            file: file.to_owned(),
            line: start.map_or(0, |start| start.line),
            column: start.map_or(0, |start| start.column + 1),
            end: end.map(|end| (end.line, end.column + 1)),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The same text on every system.
        let file = self.file.to_string_lossy().replace('\\', "/");
        if self.line == 0 {
            f.write_str(&file)
        } else {
            write!(f, "{file}:{}:{}", self.line, self.column)
        }
    }
}
