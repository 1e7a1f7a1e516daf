//! The pipeline: scan, parse, check, read the lock file, judge, write the lock file and the output.

use std::io::Write as _;

use kontract_schema::diagnostic::Diagnostic;

use crate::assessment::Assessment;
use crate::builder::Builder;
use crate::cargo::env::Env;
use crate::cargo::package::Package;
use crate::cargo::report::Report;
use crate::lock::guard::Guard;
use crate::lock::{lock_file, seal};
use crate::output::up_to_date::{self, STAMP_FILE};
use crate::output::{Output, registry, verdicts};
use crate::source::cfg::Cfg;
use crate::source::items::gather_items;
use crate::source::scan::scan_crates;

mod directives;
mod messages;

/// The file in the output with the hash of the history whose statements were compared.
const COMPARED_FILE: &str = "compared";

/// Runs the whole build script: the `main` of a build.rs.
pub fn compile() {
    Builder::new().compile();
}

impl Builder {
    /// Runs the build script and prints its directives for cargo.
    pub fn compile(self) {
        let text = self.run(Env::from_process()).lines().join("\n") + "\n";
        // If stdout is closed, cargo has ended.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }

    /// Runs the build script and returns its directives.
    pub(crate) fn run(&self, env: Env) -> Report {
        let mut report = Report::default();
        let finished = Package::from_env(self, env).and_then(|(package, out_dir)| {
            let output = Output::new(&out_dir);
            if let Some(lines) = up_to_date::repeat_last_run(&package, &output) {
                report.add_lines(lines);
                return Ok(());
            }
            run_pipeline(&package, &output, &mut report)
        });
        if let Err(problem) = finished {
            report.error(&problem);
        }
        report
    }
}

fn run_pipeline(
    package: &Package,
    output: &Output,
    report: &mut Report,
) -> Result<(), Box<Diagnostic>> {
    output.remove(STAMP_FILE);
    let scan = scan_crates(&package.dir, &package.roots, &Cfg::new(&package.env));
    directives::watch_inputs(package, &scan.sources, output, report);
    messages::report_unreadable(&scan, report);
    let sources = scan.sources.clone();
    let items = gather_items(scan);

    // Held to the end: the stamp has the hash of the lock file that this run read or wrote.
    let _guard = Guard::acquire(&package.lock)?;
    package.seal_name().map_or(Ok(()), seal::check_name_form)?;
    let assessment = Assessment::new(package, items, output.read(COMPARED_FILE).as_deref())?;
    let mut lock = assessment.old.clone();
    if assessment.passes() {
        lock = assessment.new_lock();
        if let Some(name) = package.seal_name() {
            if let Some(warning) = seal::nothing_to_seal(&lock, name) {
                report.warning(&warning);
            }
            lock = seal::seal_draft(lock, &assessment.source, name)?;
        }
        lock_file::write_if_changed(package, &assessment.on_disk, &assessment.old, &lock)?;
    }

    let compared = assessment.problems.is_empty().then(|| assessment.compared());
    messages::report_warnings(&assessment, report);
    directives::watch_remedies(package, &assessment.problems, report);
    directives::warn_of_draft(package, &lock, report);
    messages::report_problems(&assessment.problems, &assessment.items, report);
    let Assessment { items, source, problems, files: migrations, generators, history_key, .. } =
        assessment;
    let mut files = verdicts::verdict_files(&items, &source.schema, &problems);
    files.extend(registry::registry_files(
        package,
        &history_key,
        &items,
        &migrations,
        &lock,
        &generators,
        &problems,
    ));
    files.extend(compared.map(|key| (COMPARED_FILE.to_owned(), key)));
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    if problems.is_empty() && !items.incomplete && !report.has_failed() {
        let stamp = up_to_date::make_stamp(package, &sources, &names, report.lines());
        files.push((STAMP_FILE.to_owned(), stamp));
    }
    output.write(&files)
}
