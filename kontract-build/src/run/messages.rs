//! Which messages the build script prints itself.

use kontract_schema::code;
use kontract_schema::diagnostic::{Diagnostic, Diagnostics};

use crate::assessment::Assessment;
use crate::cargo::report::Report;
use crate::source::items::SourceItems;
use crate::source::scan::{Scan, ScanProblem};

/// Reports what the scan could not read or decide.
pub fn report_unreadable(scan: &Scan, report: &mut Report) {
    for ScanProblem { place, message } in &scan.broken {
        let message = format!("{place}: {message}");
        let problem = Diagnostic::new(code::UNREADABLE_SOURCE, message);
        let note = "the lock file stays unchanged until the source can be read";
        report.warning("", &problem.note(note));
    }
    for ScanProblem { place, message } in &scan.undecided {
        let message = format!("{place}: {message}");
        let problem = Diagnostic::new(code::CFG, message).help(ScanProblem::UNDECIDED_HELP);
        report.error("", &problem);
    }
}

/// Reports the warnings of a build without errors.
pub fn report_warnings(assessment: &Assessment, report: &mut Report) {
    for warning in assessment.warnings() {
        report.warning(&show_place(&warning, &assessment.items), &warning);
    }
}

/// Reports the errors that neither a derive nor `storage!()` shows. If there are any, the compiler
/// does not run, so all others are reported too.
pub fn report_problems(problems: &Diagnostics, items: &SourceItems, report: &mut Report) {
    let (shown_later, shown_here): (Vec<_>, Vec<_>) = problems.iter().partition(|problem| {
        items.is_shown_by_derive(problem) || items.is_shown_by_storage(problem)
    });
    let fails = report.has_failed() || !shown_here.is_empty();
    for problem in shown_here.into_iter().chain(shown_later.into_iter().filter(|_| fails)) {
        report.error(&show_place(problem, items), problem);
    }
}

fn show_place(problem: &Diagnostic, items: &SourceItems) -> String {
    items.find_place(problem).map(|place| place.to_string()).unwrap_or_default()
}
