//! One message: what is wrong, where, why, and what to do, in the form that rustc uses.
//!
//! A message has at most [`MAX_LINES`] lines. What is longer is cut, and the last line says how to
//! see all of it.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use kontract_schema::code::Code;
use kontract_schema::diagnostic::{Diagnostic, Location, SourceRange};

/// The number of lines that a message has at most, unless `--verbose` is given.
const MAX_LINES: usize = 12;

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    Error,
    Warning,
}

/// A note or a help text, as it is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Remark {
    Note(String),
    Help(String),
}

/// Renders a message as text with colours, without a line break at the end. A ready-made migration
/// is shown with `verbose` only.
pub fn render(grade: Grade, diagnostic: &Diagnostic, verbose: bool) -> String {
    let mut remarks = list_remarks(diagnostic);
    if let Some(migration) = diagnostic.migration.as_ref().filter(|_| verbose) {
        remarks.push(Remark::Note(format!("the ready-made migration is\n{migration}")));
    }
    let text = render_with(grade, diagnostic, &remarks);
    if verbose || text.lines().count() <= MAX_LINES {
        return text;
    }
    let one_line = [Remark::Note("x".to_owned())];
    let frame = render_with(grade, diagnostic, &one_line).lines().count() - 1;
    let short = shorten(&remarks, MAX_LINES - frame.min(MAX_LINES - 2), diagnostic.code);
    render_with(grade, diagnostic, &short)
}

fn list_remarks(diagnostic: &Diagnostic) -> Vec<Remark> {
    let notes = diagnostic.notes.iter().map(|note| Remark::Note(note.clone()));
    let help = diagnostic.help.iter().map(|help| Remark::Help(help.clone()));
    notes.chain(help).collect()
}

fn render_with(grade: Grade, diagnostic: &Diagnostic, remarks: &[Remark]) -> String {
    let level = match grade {
        Grade::Error => Level::ERROR,
        Grade::Warning => Level::WARNING,
    };
    let mut title = level.primary_title(&diagnostic.message);
    if let Some(code) = diagnostic.code {
        title = title.id(code.as_str());
    }
    let mut group = Group::with_title(title);
    if let Location::Source { range, line } = &diagnostic.location {
        group = match line {
            Some(line) => group.element(
                Snippet::source(line)
                    .line_start(range.line)
                    .path(range.path_text())
                    .annotation(AnnotationKind::Primary.span(find_bytes(line, range))),
            ),
            None => group.element(Origin::path(range.path_text())),
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

/// Finds the bytes of the first line that a range covers.
fn find_bytes(line: &str, range: &SourceRange) -> std::ops::Range<usize> {
    let byte_of = |column: usize| {
        let before = column.saturating_sub(1);
        line.char_indices().nth(before).map_or(line.len(), |(byte, _)| byte)
    };
    let start = byte_of(range.column);
    let end = match range.end {
        Some((end_line, column)) if end_line == range.line => byte_of(column),
        _ => line.len(),
    };
    start..end.max(start)
}

/// The first lines of the most useful remarks, as many as there are lines, and a last one that says
/// how to see the rest.
fn shorten(remarks: &[Remark], lines: usize, code: Option<Code>) -> Vec<Remark> {
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

    fn plain(diagnostic: &Diagnostic, verbose: bool) -> String {
        let text = render(Grade::Error, diagnostic, verbose);
        anstream::adapter::strip_str(&text).to_string()
    }

    #[test]
    fn short_messages_are_whole() {
        let problem = Diagnostic::without_code("it failed").note("why\nin detail").help("do that");
        assert_eq!(
            plain(&problem, false),
            "error: it failed\n |\n = note: why\n         in detail\n = help: do that"
        );
    }

    #[test]
    fn long_messages_are_cut() {
        let long: String = (0..20).map(|number| format!("\nline {number}")).collect();
        let problem = Diagnostic::without_code("it failed")
            .note("one")
            .note("two")
            .help("do that")
            .help(format!("or this:{long}"));
        let text = plain(&problem, false);
        assert_eq!(
            text,
            "error: it failed\n |\n = note: one\n = note: two\n = help: do that\n \
             = help: or this\n = note: `--verbose` shows the whole message"
        );
        assert!(plain(&problem, true).contains("line 19"));
        let mut many = Diagnostic::without_code("it failed").help("do that");
        many.notes = (0..40).map(|number| format!("note {number}")).collect();
        let text = plain(&many, false);
        assert_eq!(text.lines().count(), MAX_LINES, "{text}");
        assert!(text.contains("note 0\n") && text.contains("= help: do that\n"), "{text}");
    }
}
