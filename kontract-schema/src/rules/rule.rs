//! The form of a rule: a row `{ id, name, level, judge, explanation }`, and what it finds in a change.

use super::{Context, Verdict};
use crate::change::Change;
use crate::code::{self, Code};
use crate::dialect::Dialect;

/// A rule for one kind of change.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The id, which never changes: `C14`. Lock files and migrations refer to it.
    pub id: &'static str,
    /// The name, in the grammar of [`rules`](super): `field_no_drop`.
    pub name: &'static str,
    /// The level of the changes that it finds, unless the finding has its own.
    pub level: DefaultLevel,
    /// Returns what it finds in a change; `None` if it is not about this change.
    pub judge: fn(&Change, &Context<'_>) -> Option<Finding>,
    /// What the rule means.
    pub explanation: Explanation,
}

/// What happens to a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The change passes.
    Allow,
    /// The change passes with a warning.
    Warn,
    /// The change is refused unless a manual migration covers it.
    Deny,
}

impl Level {
    const ALL: [Level; 3] = [Level::Allow, Level::Warn, Level::Deny];

    /// The level with this word in the file.
    pub fn from_word(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|level| level.as_str() == word)
    }

    /// Its word in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Allow => "allow",
            Level::Warn => "warn",
            Level::Deny => "deny",
        }
    }
}

/// The level of a rule before `kontract.toml` changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefaultLevel {
    /// The change passes.
    Allow,
    /// The change passes with a warning.
    Warn,
    /// The change is refused; `kontract.toml` can lower the level.
    Deny,
    /// The change is refused, and `kontract.toml` cannot lower the level: data would be lost or
    /// changed, or only the user knows a value or which of two things is meant.
    Forbid,
}

impl DefaultLevel {
    /// The level of the changes.
    pub fn level(self) -> Level {
        match self {
            DefaultLevel::Allow => Level::Allow,
            DefaultLevel::Warn => Level::Warn,
            DefaultLevel::Deny | DefaultLevel::Forbid => Level::Deny,
        }
    }
}

/// The explanation of a rule: what `kontract explain` prints.
#[derive(Clone, Copy, Debug)]
pub struct Explanation {
    /// What changed, in one line.
    pub title: &'static str,
    /// The reason for the verdict.
    pub why: &'static str,
    /// What PostgreSQL does.
    pub postgres: &'static str,
    /// What SQLite does.
    pub sqlite: &'static str,
    /// What the user can do; empty if there is nothing to do.
    pub fix: &'static str,
}

impl Explanation {
    /// Returns what a database does.
    pub fn on(&self, dialect: Dialect) -> &'static str {
        dialect.choose(self.postgres, self.sqlite)
    }
}

/// What a rule finds in a change.
#[derive(Clone, Debug)]
pub struct Finding {
    /// How serious the change is.
    pub verdict: Verdict,
    /// Letters: `P` existing rows may violate it, `B` breaks the running program, `b` breaks going
    /// back to that program, `R` rewrites the table, `S` scans it, `H` needs a hint in the source, `U`
    /// one of the databases cannot do it in place, `M` changes nothing in the database.
    pub flags: &'static str,
    /// The level before `kontract.toml` changes it, if it is not that of the rule.
    pub level: Option<Level>,
    /// Whether a manual migration can cover the change. It cannot correct a wrong hint.
    pub coverable: bool,
    /// The number of the message.
    pub code: Code,
    /// What changed.
    pub message: String,
    /// Facts.
    pub notes: Vec<String>,
    /// What the user can do, other than a manual migration.
    pub help: Vec<String>,
    /// Other changes that are part of the same mistake: a migration covers all of them or none.
    pub with: Vec<Change>,
    /// The field of the new schema at which the message is reported. A rule sets it if it is not
    /// the field of the change.
    pub field: Option<String>,
}

impl Finding {
    /// A finding with the level of its rule and without flags, notes and help.
    pub(super) fn new(verdict: Verdict, message: impl Into<String>) -> Finding {
        Finding {
            verdict,
            flags: "",
            level: None,
            coverable: true,
            code: code::PASSED,
            message: message.into(),
            notes: Vec::new(),
            help: Vec::new(),
            with: Vec::new(),
            field: None,
        }
    }

    /// Sets the level that this change has under every default level of the rule.
    pub(super) fn level(mut self, level: Level) -> Finding {
        self.level = Some(level);
        self
    }

    /// Sets the number of the message.
    pub(super) fn code(mut self, code: Code) -> Finding {
        self.code = code;
        self
    }

    /// Sets the flags.
    pub(super) fn flags(mut self, flags: &'static str) -> Finding {
        self.flags = flags;
        self
    }

    /// Adds a fact.
    pub(super) fn note(mut self, note: impl Into<String>) -> Finding {
        self.notes.push(note.into());
        self
    }

    /// Adds something that the user can do.
    pub(super) fn help(mut self, help: impl Into<String>) -> Finding {
        self.help.push(help.into());
        self
    }
}
