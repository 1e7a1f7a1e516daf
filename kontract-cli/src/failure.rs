//! Why a command cannot be done, in the form of all messages.

use kontract_schema::diagnostic::Diagnostic;

/// A message that ends the command.
#[derive(Debug)]
pub struct Failure {
    /// `K0302`, where it has a number.
    pub code: Option<String>,
    /// What is wrong.
    pub message: String,
    /// Facts.
    pub notes: Vec<String>,
    /// What to do.
    pub help: Vec<String>,
    /// Whether the same command may succeed later: somebody else is in the way.
    pub is_busy: bool,
}

impl Failure {
    /// A message without a number.
    pub fn new(message: impl Into<String>) -> Failure {
        Failure {
            code: None,
            message: message.into(),
            notes: Vec::new(),
            help: Vec::new(),
            is_busy: false,
        }
    }

    /// The same with a remedy.
    pub fn help(mut self, help: impl Into<String>) -> Failure {
        self.help.push(help.into());
        self
    }

    /// The same with a fact.
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
        let code = error.code();
        let text = error.to_string();
        let prefix = code.map(|code| format!("kontract[{code}]: ")).unwrap_or_default();
        let text = text.strip_prefix(&prefix).unwrap_or(&text);
        // The remedy stands at the end of the text, too.
        let message = text.split("\nhelp: ").next().unwrap_or_default().to_owned();
        Failure {
            code: code.map(str::to_owned),
            message,
            notes: Vec::new(),
            help: error.help().map(str::to_owned).into_iter().collect(),
            is_busy: error.is_retryable() || error.code() == Some("K0426"),
        }
    }
}
