//! Why a command failed: a diagnostic, and the exit status.

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;

/// The error of a command.
#[derive(Debug)]
pub struct Failure {
    /// The message.
    pub diagnostic: Box<Diagnostic>,
    /// Whether the same command may succeed later, because another program blocks it now.
    pub is_busy: bool,
}

impl Failure {
    /// A message without a code.
    pub fn new(message: impl Into<String>) -> Failure {
        Box::new(Diagnostic::without_code(message)).into()
    }

    /// Adds a remedy.
    pub fn help(mut self, help: impl Into<String>) -> Failure {
        self.diagnostic.help.push(help.into());
        self
    }

    /// Adds a fact.
    pub fn note(mut self, note: impl Into<String>) -> Failure {
        self.diagnostic.notes.push(note.into());
        self
    }
}

impl From<Box<Diagnostic>> for Failure {
    fn from(diagnostic: Box<Diagnostic>) -> Failure {
        Failure { diagnostic, is_busy: false }
    }
}

impl From<kontract_runtime::Error> for Failure {
    fn from(error: kontract_runtime::Error) -> Failure {
        let code = error.code().and_then(code::explain).map(|explanation| explanation.code);
        let diagnostic = Diagnostic {
            code,
            notes: error.notes().map(str::to_owned).collect(),
            help: error.help().map(str::to_owned).into_iter().collect(),
            ..Diagnostic::without_code(error.summary())
        };
        let is_busy = error.is_retryable() || code == Some(code::MIGRATION_LOCKED);
        Failure { diagnostic: Box::new(diagnostic), is_busy }
    }
}
