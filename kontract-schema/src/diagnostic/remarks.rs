//! The notes and help texts of a message, and which of them a short form keeps.

use super::Diagnostic;

/// The number of lines that a message has at most, unless the user asks for the whole message.
pub const MAX_LINES: usize = 12;

/// A note or a help text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// A reason.
    Note(String),
    /// A way to fix it.
    Help(String),
}

impl Remark {
    /// The text.
    pub fn as_str(&self) -> &str {
        match self {
            Remark::Note(text) | Remark::Help(text) => text,
        }
    }

    fn is_note(&self) -> bool {
        matches!(self, Remark::Note(_))
    }

    /// The remark with its first line only.
    fn first_line(&self) -> Remark {
        let line = self.as_str().lines().next().unwrap_or_default();
        let line = line.strip_suffix(':').unwrap_or(line).to_owned();
        if self.is_note() { Remark::Note(line) } else { Remark::Help(line) }
    }
}

impl Diagnostic {
    /// The notes, then the help texts.
    pub fn remarks(&self) -> Vec<Remark> {
        let notes = self.notes.iter().cloned().map(Remark::Note);
        notes.chain(self.help.iter().cloned().map(Remark::Help)).collect()
    }

    /// The remarks if they have at most `lines` lines; otherwise the first lines of the most useful
    /// ones, and a note that names the command which shows the whole message.
    pub fn remarks_within(&self, lines: usize, command: &str) -> Vec<Remark> {
        let remarks = self.remarks();
        let length: usize = remarks.iter().map(|remark| remark.as_str().lines().count()).sum();
        if length <= lines { remarks } else { self.shorten(&remarks, lines, command) }
    }

    /// The first lines of the most useful remarks, as many as there are lines, and a last one that says
    /// how to see the rest.
    pub fn shorten(&self, remarks: &[Remark], lines: usize, command: &str) -> Vec<Remark> {
        // What is most useful: the first reason and the first remedy, then other remedies.
        let first_note = remarks.iter().position(Remark::is_note);
        let first_help = remarks.iter().position(|remark| !remark.is_note());
        let rank = |number: usize| {
            if Some(number) == first_help {
                0
            } else if Some(number) == first_note {
                1
            } else if remarks[number].is_note() {
                3
            } else {
                2
            }
        };
        let mut order: Vec<usize> = (0..remarks.len()).collect();
        order.sort_by_key(|number| rank(*number));
        order.truncate(lines.saturating_sub(1).max(1));
        order.sort_unstable();
        let mut short: Vec<Remark> =
            order.into_iter().map(|number| remarks[number].first_line()).collect();
        let explain = self.code.map(|code| format!(", `kontract explain {code}` explains it"));
        short.push(Remark::Note(format!(
            "`{command}` shows the whole message{}",
            explain.unwrap_or_default()
        )));
        short
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code;

    #[test]
    fn the_text_of_a_message_has_at_most_12_lines() {
        let mut problem = Diagnostic::new(code::DENIED, "it failed");
        problem.help = (0..3).map(|number| format!("help {number}\nin detail")).collect();
        assert_eq!(problem.to_string().lines().count(), 7);
        problem.notes = (0..40).map(|number| format!("note {number}")).collect();
        let text = problem.to_string();
        assert_eq!(text.lines().count(), MAX_LINES, "{text}");
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1] == "note: note 0" && lines.contains(&"help: help 2"), "{text}");
        assert!(lines[11].contains("`kontract check --verbose` shows the whole"), "{text}");
    }
}
