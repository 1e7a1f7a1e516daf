//! Which messages the build script prints itself.

use kontract_schema::diagnostic::Diagnostics;

use crate::assessment::Assessment;
use crate::cargo::report::Report;
use crate::source::items::SourceItems;
use crate::source::scan::Scan;

/// Reports what the scan could not read or decide.
pub fn report_unreadable(scan: &Scan, report: &mut Report) {
    for problem in scan.broken.iter() {
        let note = "the lock file stays unchanged until the source can be read";
        report.warning(&problem.clone().note(note));
    }
    scan.undecided.iter().for_each(|problem| report.error(problem));
}

/// Reports the warnings of a build without errors.
pub fn report_warnings(assessment: &Assessment, report: &mut Report) {
    for warning in assessment.warnings() {
        report.warning(&assessment.items.add_source_range(warning));
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
        report.error(&items.add_source_range(problem.clone()));
    }
}
