//! How a statement runs: in one transaction with others, alone, or in batches.

use serde::{Deserialize, Serialize};

/// How a statement runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// In one transaction with its neighbours.
    #[default]
    Together,
    /// By itself, outside of any transaction.
    Alone,
    /// By itself, again and again until it changes no row, each time in a transaction of its own.
    Repeat,
}

impl Mode {
    /// The word of its line; none for the usual mode.
    pub fn as_str(self) -> Option<&'static str> {
        match self {
            Mode::Together => None,
            Mode::Alone => Some("no-transaction"),
            Mode::Repeat => Some("repeat"),
        }
    }

    /// The mode of a word.
    pub fn of_word(word: &str) -> Option<Mode> {
        [Mode::Alone, Mode::Repeat].into_iter().find(|mode| mode.as_str() == Some(word))
    }

    /// The mode that the comments before a statement give, the last one where there are several.
    pub fn of_comments(comments: &[&str]) -> Mode {
        let mode = |text: &&str| Mode::of_word(text.strip_prefix("kontract:")?.trim());
        comments.iter().rev().find_map(mode).unwrap_or(Mode::Together)
    }

    /// The statement with its line.
    pub fn mark(self, sql: &str) -> String {
        match self.as_str() {
            Some(word) => format!("-- kontract: {word}\n{sql}"),
            None => sql.to_owned(),
        }
    }
}
