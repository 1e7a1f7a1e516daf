//! One message: what is wrong, where, why, and what to do, in the form that rustc uses.
//!
//! A message has at most [`MAX_LINES`] lines. What is longer is cut, and the last line says how to
//! see all of it.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use kontract_build::project::{Place, Problem};

use crate::failure::Failure;

/// The number of lines that a message has at most, unless `--verbose` is given.
const MAX_LINES: usize = 12;

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    Error,
    Warning,
}

/// A message.
pub struct Message<'a> {
    grade: Grade,
    code: Option<String>,
    text: &'a str,
    place: Option<&'a Place>,
    /// The source line of the place.
    line: Option<&'a str>,
    notes: &'a [String],
    help: &'a [String],
    /// A ready-made migration, which `--verbose` shows.
    migration: Option<&'a str>,
}

impl<'a> From<&'a Failure> for Message<'a> {
    fn from(failure: &'a Failure) -> Message<'a> {
        Message {
            grade: Grade::Error,
            code: failure.code.clone(),
            text: &failure.message,
            place: None,
            line: None,
            notes: &failure.notes,
            help: &failure.help,
            migration: None,
        }
    }
}

/// A note or a help text, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Remark {
    Note(String),
    Help(String),
}

impl<'a> Message<'a> {
    /// The message of a problem.
    pub fn from_problem(grade: Grade, problem: &'a Problem) -> Message<'a> {
        Message {
            grade,
            code: Some(problem.diagnostic.code.to_string()),
            text: &problem.diagnostic.message,
            place: problem.place.as_ref(),
            line: problem.line.as_deref(),
            notes: &problem.diagnostic.notes,
            help: &problem.diagnostic.help,
            migration: problem.diagnostic.migration.as_deref(),
        }
    }

    /// The message as text with colours, without a line break at the end.
    pub fn render(&self, verbose: bool) -> String {
        let mut remarks = self.remarks();
        if let Some(migration) = self.migration.filter(|_| verbose) {
            remarks.push(Remark::Note(format!("the ready-made migration is\n{migration}")));
        }
        let text = self.render_with(&remarks);
        if verbose || text.lines().count() <= MAX_LINES {
            return text;
        }
        let frame = self.render_with(&[Remark::Note("x".to_owned())]).lines().count() - 1;
        let short = shorten(&remarks, MAX_LINES - frame.min(MAX_LINES - 2), self.code.as_deref());
        self.render_with(&short)
    }

    fn remarks(&self) -> Vec<Remark> {
        let notes = self.notes.iter().map(|note| Remark::Note(note.clone()));
        let help = self.help.iter().map(|help| Remark::Help(help.clone()));
        notes.chain(help).collect()
    }

    fn render_with(&self, remarks: &[Remark]) -> String {
        let level = match self.grade {
            Grade::Error => Level::ERROR,
            Grade::Warning => Level::WARNING,
        };
        let mut title = level.primary_title(self.text);
        if let Some(code) = &self.code {
            title = title.id(code.as_str());
        }
        let mut group = Group::with_title(title);
        if let Some(place) = self.place {
            // The path looks the same on every system.
            let path = place.file.to_string_lossy().replace('\\', "/");
            group = match self.line {
                Some(line) => group.element(
                    Snippet::source(line)
                        .line_start(place.line)
                        .path(path)
                        .annotation(AnnotationKind::Primary.span(span_in(line, place))),
                ),
                None => group.element(Origin::path(path)),
            };
        }
        for remark in remarks {
            group = match remark {
                Remark::Note(text) => group.element(Level::NOTE.message(text.as_str())),
                Remark::Help(text) => group.element(Level::HELP.message(text.as_str())),
            };
        }
        let text = Renderer::styled().render(&[group]);
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
    }
}

/// The bytes of a line that a place covers, up to the end of the line.
fn span_in(line: &str, place: &Place) -> std::ops::Range<usize> {
    let byte_of = |column: usize| {
        let before = column.saturating_sub(1);
        line.char_indices().nth(before).map_or(line.len(), |(byte, _)| byte)
    };
    let start = byte_of(place.column);
    let end = match place.end {
        Some((end_line, column)) if end_line == place.line => byte_of(column),
        _ => line.len(),
    };
    start..end.max(start)
}

/// The first lines of the most useful remarks, as many as there are lines, and a last one that says
/// how to see the rest.
fn shorten(remarks: &[Remark], lines: usize, code: Option<&str>) -> Vec<Remark> {
    // What is most useful: the first reason and the first remedy, then other remedies.
    let is_note = |remark: &&Remark| matches!(remark, Remark::Note(_));
    let first_note = remarks.iter().position(|remark| is_note(&remark));
    let first_help = remarks.iter().position(|remark| !is_note(&remark));
    let rank = |number: usize| {
        if Some(number) == first_help {
            0
        } else if Some(number) == first_note {
            1
        } else if is_note(&&remarks[number]) {
            3
        } else {
            2
        }
    };
    let mut order: Vec<usize> = (0..remarks.len()).collect();
    order.sort_by_key(|number| rank(*number));
    order.truncate(lines.saturating_sub(1).max(1));
    order.sort_unstable();
    let first_line = |text: &str| {
        let line = text.lines().next().unwrap_or_default();
        line.strip_suffix(':').unwrap_or(line).to_owned()
    };
    let mut short: Vec<Remark> = order
        .into_iter()
        .map(|number| match &remarks[number] {
            Remark::Note(text) => Remark::Note(first_line(text)),
            Remark::Help(text) => Remark::Help(first_line(text)),
        })
        .collect();
    let explain = code.map(|code| format!(", `kontract explain {code}` explains it"));
    short.push(Remark::Note(format!(
        "`--verbose` shows the whole message{}",
        explain.unwrap_or_default()
    )));
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(failure: &Failure, verbose: bool) -> String {
        let text = Message::from(failure).render(verbose);
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn short_messages_are_whole() {
        let failure = Failure::new("it failed").note("why\nin detail").help("do that");
        assert_eq!(
            plain(&failure, false),
            "error: it failed\n |\n = note: why\n         in detail\n = help: do that"
        );
    }

    #[test]
    fn long_messages_are_cut() {
        let long: String = (0..20).map(|number| format!("\nline {number}")).collect();
        let failure = Failure::new("it failed")
            .note("one")
            .note("two")
            .help("do that")
            .help(format!("or this:{long}"));
        let text = plain(&failure, false);
        assert_eq!(
            text,
            "error: it failed\n |\n = note: one\n = note: two\n = help: do that\n \
             = help: or this\n = note: `--verbose` shows the whole message"
        );
        assert!(plain(&failure, true).contains("line 19"));
        let mut many = Failure::new("it failed").help("do that");
        many.notes = (0..40).map(|number| format!("note {number}")).collect();
        let text = plain(&many, false);
        assert_eq!(text.lines().count(), MAX_LINES, "{text}");
        assert!(text.contains("note 0\n") && text.contains("= help: do that\n"), "{text}");
    }
}
