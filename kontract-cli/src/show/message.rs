//! One message: what is wrong, where, why, and what to do, in the form that rustc uses.
//!
//! A message has at most [`MAX_LINES`] lines. What is longer is cut, and the last line says how to
//! see all of it.

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use kontract_schema::diagnostic::{Diagnostic, Location, MAX_LINES, Remark, SourceRange};

/// How serious a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grade {
    Error,
    Warning,
}

/// Renders a message as text with colours, without a line break at the end. A ready-made migration
/// is shown with `verbose` only.
pub fn render(grade: Grade, diagnostic: &Diagnostic, verbose: bool) -> String {
    let mut remarks = diagnostic.remarks();
    if let Some(migration) = diagnostic.migration.as_ref().filter(|_| verbose) {
        remarks.push(Remark::Note(format!("the ready-made migration is\n{migration}")));
    }
    let text = render_with(grade, diagnostic, &remarks);
    if verbose || text.lines().count() <= MAX_LINES {
        return text;
    }
    let one_line = [Remark::Note("x".to_owned())];
    let frame = render_with(grade, diagnostic, &one_line).lines().count() - 1;
    let short = diagnostic.shorten(&remarks, MAX_LINES - frame.min(MAX_LINES - 2), "--verbose");
    render_with(grade, diagnostic, &short)
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
        let level = match remark {
            Remark::Note(_) => Level::NOTE,
            Remark::Help(_) => Level::HELP,
        };
        group = group.element(level.message(remark.as_str()));
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
