//! Why a command failed, in the form of all messages.

use kontract_schema::code;
use kontract_schema::diagnostic::Diagnostic;

/// A message that ends the command.
#[derive(Debug)]
pub struct Failure {
    /// `K0302`. `None` for messages of the command line itself.
    pub code: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Facts, such as the reason.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// Whether the same command may succeed later, because another program blocks it now.
    pub is_busy: bool,
}

impl Failure {
    /// A message without a code.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure {
            code: None,
            message: message.into(),
            notes: Vec::new(),
            help: Vec::new(),
            is_busy: false,
        }
    }

    /// Adds a remedy.
    pub fn help(mut self, help: impl Into<String>) -> Failure {
        self.help.push(help.into());
        self
    }

    /// Adds a fact.
    pub fn note(mut self, note: impl Into<String>) -> Failure {
        self.notes.push(note.into());
        self
    }
}

impl From<Box<Diagnostic>> for Failure {
    fn from(problem: Box<Diagnostic>) -> Failure {
        Failure {
            code: Some(problem.code.to_string()),
            message: problem.message,
            notes: problem.notes,
            help: problem.help,
            is_busy: false,
        }
    }
}

impl From<kontract_runtime::Error> for Failure {
    fn from(error: kontract_runtime::Error) -> Failure {
        Failure {
            code: error.code().map(str::to_owned),
            message: error.summary(),
            notes: error.notes().map(str::to_owned).collect(),
            help: error.help().map(str::to_owned).into_iter().collect(),
            is_busy: error.is_retryable() || error.code() == Some(code::MIGRATION_LOCKED.as_str()),
        }
    }
}
