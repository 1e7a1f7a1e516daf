//! Errors and warnings: what is wrong, where, and what to do.
//!
//! A phase collects all its diagnostics before it fails, so that one build shows them all.

use std::fmt;
#[cfg(feature = "parse")]
use std::path::Path;

#[cfg(feature = "parse")]
mod at;
mod remarks;
mod source_range;

#[cfg(feature = "parse")]
pub use self::at::At;
pub use self::remarks::{MAX_LINES, Remark};
pub use self::source_range::SourceRange;
use crate::change::ChangeId;
use crate::code::Code;

/// One message.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    /// Its code; `None` for messages of the command line itself.
    pub code: Option<Code>,
    /// What is wrong: lower case, no full stop, names in backticks.
    pub message: String,
    /// The reasons.
    pub notes: Vec<String>,
    /// How to fix it, the shortest way first.
    pub help: Vec<String>,
    /// Its place.
    pub location: Location,
    /// The judgement that it reports; `None` for a message that is not about a change.
    pub judgement: Option<JudgementId>,
    /// A ready-made migration that would make the change pass. The printed message leaves it out.
    pub migration: Option<String>,
}

/// The identity of a judgement: a rule judges a change once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgementId {
    /// The id of the change, `users.email:removed`.
    pub change: ChangeId,
    /// The id of the rule, `C14`.
    pub rule: &'static str,
}

/// The place of a diagnostic.
#[derive(Clone, Debug)]
pub enum Location {
    /// The package: no file or table.
    Package,
    /// A table, or one of its fields.
    Schema {
        /// The logical name of the table.
        table: String,
        /// The Rust name of the field.
        field: Option<String>,
    },
    /// Tokens of the source.
    #[cfg(feature = "parse")]
    Tokens(At),
    /// A range in a source file.
    Source {
        /// The range.
        range: SourceRange,
        /// The text of its first line, where it is known.
        line: Option<String>,
    },
}

impl Diagnostic {
    /// A message about the package.
    pub fn new(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { code: Some(code), ..Diagnostic::without_code(message) }
    }

    /// A message without a code, which `kontract explain` does not know.
    pub fn without_code(message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            code: None,
            message: message.into(),
            notes: Vec::new(),
            help: Vec::new(),
            location: Location::Package,
            judgement: None,
            migration: None,
        }
    }

    /// Sets the place: tokens of the source.
    #[cfg(feature = "parse")]
    pub fn at(mut self, at: impl Into<At>) -> Diagnostic {
        self.location = Location::Tokens(at.into());
        self
    }

    /// Sets the place: a range in a source file.
    pub fn in_source(mut self, range: SourceRange) -> Diagnostic {
        self.location = Location::Source { range, line: None };
        self
    }

    /// Turns tokens into a range of the file that has them. Any other place stays.
    #[cfg(feature = "parse")]
    pub fn in_file(self, file: &Path) -> Diagnostic {
        match self.location {
            Location::Tokens(at) => self.in_source(SourceRange::of_tokens(file, at)),
            _ => self,
        }
    }

    /// Returns the range in a source file, if that is the place.
    pub fn source_range(&self) -> Option<&SourceRange> {
        match &self.location {
            Location::Source { range, .. } => Some(range),
            _ => None,
        }
    }

    /// Sets the place: a table, or one of its fields.
    pub fn on(mut self, table: &str, field: Option<&str>) -> Diagnostic {
        self.location =
            Location::Schema { table: table.to_owned(), field: field.map(str::to_owned) };
        self
    }

    /// The message with its code: `kontract[K0203]: message`.
    pub fn title(&self) -> String {
        let code = self.code.map(|code| format!("[{code}]")).unwrap_or_default();
        format!("kontract{code}: {}", self.message)
    }

    /// Adds a reason.
    pub fn note(mut self, note: impl Into<String>) -> Diagnostic {
        self.notes.push(note.into());
        self
    }

    /// Adds a way to fix it.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help.push(help.into());
        self
    }
}

/// The command that shows messages in full.
pub const WHOLE_MESSAGE: &str = "kontract check --verbose";

/// `kontract[K0203]: message`, then a line for each note and help, at most [`MAX_LINES`] lines in all.
/// Further lines of them are indented. The place is not part of the text.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title())?;
        let remarks = self.remarks_within(MAX_LINES - 1, WHOLE_MESSAGE);
        remarks.iter().try_for_each(|remark| {
            let kind = if matches!(remark, Remark::Note(_)) { "note" } else { "help" };
            write!(f, "\n{kind}: {}", remark.as_str().replace('\n', "\n      "))
        })
    }
}

/// The diagnostics of a phase.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No diagnostics.
    pub fn new() -> Diagnostics {
        Diagnostics::default()
    }

    /// Adds one.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds a message about the package, which the caller completes.
    pub fn report(&mut self, code: Code, message: impl Into<String>) -> Reported<'_> {
        self.0.push(Diagnostic::new(code, message));
        Reported(self.0.last_mut().expect("one was added"))
    }

    /// Adds the diagnostics of another part.
    pub fn extend(&mut self, others: Diagnostics) {
        self.0.extend(others.0);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of diagnostics.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The diagnostics in the order in which they were reported.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Returns `value` without diagnostics, else the diagnostics as the error.
    pub fn or<T>(self, value: T) -> Result<T, Diagnostics> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

/// A diagnostic that was reported.
pub struct Reported<'a>(&'a mut Diagnostic);

impl Reported<'_> {
    /// Sets the place: tokens of the source.
    #[cfg(feature = "parse")]
    pub fn at(self, at: impl Into<At>) -> Self {
        self.0.location = Location::Tokens(at.into());
        self
    }

    /// Sets the place: a table, or one of its fields.
    pub fn on(self, table: &str, field: Option<&str>) -> Self {
        self.0.location =
            Location::Schema { table: table.to_owned(), field: field.map(str::to_owned) };
        self
    }

    /// Adds a reason.
    pub fn note(self, note: impl Into<String>) -> Self {
        self.0.notes.push(note.into());
        self
    }

    /// Adds a way to fix it.
    pub fn help(self, help: impl Into<String>) -> Self {
        self.0.help.push(help.into());
        self
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(all: I) -> Diagnostics {
        Diagnostics(all.into_iter().collect())
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;
    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
