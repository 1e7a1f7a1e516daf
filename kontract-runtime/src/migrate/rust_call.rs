//! Finds the code that a Rust migration calls, and runs the statements that it asks for.

use kontract_schema::code;
use kontract_schema::lock::Step as Statement;

use super::executor::Executor;
use super::failure::failure;
use super::rust::{Event, RustMigration, Way};
use super::step::Step;
use super::target::Target;
use crate::driver::statement::Done;
use crate::error::Result;

pub(super) use super::rust::Call;

/// The code that a step calls; `None` where the step is not Rust.
///
/// # Errors
/// This program does not have the code: K0460, or K0424 for a draft.
pub(super) fn find_call(target: &Target, step: &Step) -> Result<Option<Call>> {
    let (manual, way) = match step {
        Step::Reverse { is_draft: true, reversal, .. } => (reversal.rust.as_ref(), Way::Down),
        Step::Reverse { .. } | Step::Apply { .. } | Step::Continue { .. } => {
            let migration = step.index().and_then(|index| target.migration(index));
            let is_back = matches!(step, Step::Reverse { .. });
            let way = if is_back { Way::Down } else { Way::Up };
            (migration.and_then(|migration| migration.manual.as_ref()), way)
        }
        Step::Create(_)
        | Step::Seal { .. }
        | Step::Adopt { .. }
        | Step::ResolveStatement { .. }
        | Step::ResolveApplied { .. }
        | Step::AdoptHistory(_)
        | Step::Undo(_) => return Ok(None),
    };
    let Some(manual) = manual.filter(|manual| manual.file.ends_with(".rs")) else {
        return Ok(None);
    };
    let is_it =
        |known: &&RustMigration| known.file == manual.file && known.checksum == manual.checksum;
    if let Some(migration) = target.rust.iter().find(is_it) {
        return Ok(Some(Call { migration: *migration, way }));
    }
    let file = &manual.file;
    if matches!(step, Step::Reverse { is_draft: true, .. }) && !target.rust.is_empty() {
        let what = format!("the draft in this database was made by `{file}`, which has changed");
        return Err(failure(code::DRAFT_STUCK, what)
            .with_help("recreate the development database with `kontract refresh`, or delete it"));
    }
    let what = format!("{} is Rust, `{file}`, which only the program can run", step.title(target));
    Err(failure(code::RUST_MIGRATION, what).with_help("start the program; or have a command of the program call `Storage::migrator(url)`, which can do what `kontract migrate` can. `kontract migrate up --to VERSION` runs the migrations before it"))
}

/// Runs the code of a step. `generated` are the statements of its `update_schema`.
///
/// # Errors
/// The errors of the code, and of its statements.
pub(super) async fn run<E: Executor>(
    executor: &mut E,
    call: Call,
    generated: &[Statement],
    title: &str,
) -> Result<()> {
    let mut running = call.begin(executor.dialect(), generated.to_vec());
    loop {
        let request = match running.next().await {
            Event::Asks(request) => request,
            Event::Ends(result) => return running.end(title, result),
        };
        let answer = match &request.query {
            None => {
                let done = executor.execute_statement(&request.statement).await;
                done.map(|affected| Done { rows: Vec::new(), affected })
            }
            Some(query) => executor.run(query).await,
        };
        running.answer(request, answer);
    }
}
